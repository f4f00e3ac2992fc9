"""Make text that a student may have written harmless for terminals, pages and files, and visible to the reader."""

from __future__ import annotations

import re
import unicodedata

CUT = "… (cut)"
_ANSI = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]{0,64}[ -/]{0,8}[@-~]"  # CSI: colours, cursor movement, screen erasure
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]{0,512}(?:\x07|\x1b\\|\x9c)"  # OSC, DCS, SOS, PM, APC with their text
    r"|\x1b[ -/]{0,4}[0-OQ-WYZ\\`-~]"  # two-character sequences
)
# Letters and symbols that draw nothing although Unicode calls them printable.
_BLANK = (
    frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
    | {chr(c) for c in range(0xFE00, 0xFE0F)}
    | {chr(c) for c in range(0xE0100, 0xE01F0)}
)
_MAX_MARKS = 4  # combining marks on one letter; more only paint over the neighbouring lines


def clean(text: str, limit: int = 2000) -> str:
    r"""Return ``text`` as printable characters, newlines and tabs, at most ``limit`` of them.

    ANSI sequences are removed.  Control, bidirectional, zero-width and unpaired surrogate characters become visible
    escapes such as ``\u202e``, so that the result encodes in UTF-8, is legal XML 1.0 text and reads in the order it is
    stored.  It is not escaped for HTML: that is the template's job.

    Args:
        text: any string, also one that cannot be encoded.
        limit: number of characters kept; a longer text ends in ``… (cut)``.
    """
    if text.isprintable() and text.isascii():
        return text if len(text) <= limit else text[:limit] + CUT
    window = text[: 4 * limit + 4096]  # an endless message costs no more than a long one
    plain = _ANSI.sub("", window).replace("\r\n", "\n")
    out: list[str] = []
    length = marks = 0
    for character in plain:
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        shown = _escape(character) if marks > _MAX_MARKS else _visible(character)
        if length + len(shown) > limit:
            return "".join(out) + CUT
        out.append(shown)
        length += len(shown)
    return "".join(out) + (CUT if len(window) < len(text) else "")


def one_line(text: str, limit: int = 200) -> str:
    """Return ``clean(text)`` with every run of white space as one blank, for names, titles and table cells."""
    return " ".join(clean(text, limit).split())


def _visible(character: str) -> str:
    if character in "\n\t":
        return character
    if character in _BLANK:
        return _escape(character)
    if character.isprintable():
        return character
    return " " if unicodedata.category(character) == "Zs" else _escape(character)


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
