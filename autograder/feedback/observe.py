"""What a wrong answer as a whole looks like: sign, factor, offset, transposition, how many entries differ."""

from __future__ import annotations

import math
from collections.abc import Sequence

from autograder.records import Difference

_SAME = 1e-5  # relative to the largest expected magnitude: gradient checks accept errors of this size
_CLOSE = 1e-3  # a ratio nearer to 1 than this would be printed as 1, or read so


def entry(difference: Difference) -> str:
    """Return the worst entry as Python writes it, ``dw[2, 0]``; the bare name of a scalar; words before a name of several words."""
    if not difference.index:
        return difference.name
    place = f"[{', '.join(str(i) for i in difference.index)}]"
    return f"{difference.name}, entry {place}" if " " in difference.name else f"{difference.name}{place}"


def shape(sizes: Sequence[int]) -> str:
    """Return a shape as Python writes it: ``(3,)``, ``(3, 4)``, ``()``."""
    return f"({sizes[0]},)" if len(sizes) == 1 else f"({', '.join(str(s) for s in sizes)})"


def shapes_differ(difference: Difference) -> bool:
    """Return whether both shapes are known and unequal."""
    return None not in (difference.got_shape, difference.expected_shape) and difference.got_shape != difference.expected_shape


def observations(difference: Difference) -> tuple[str, ...]:
    """Return at most two plain sentences about the answer as a whole, the most telling first."""
    if shapes_differ(difference):
        return _about_shapes(difference.got_shape or (), difference.expected_shape or ())
    got, expected = difference.got_values, difference.expected_values
    if got is None or expected is None or len(got) != len(expected) or len(got) < 2:
        return ()
    broken = sum(g is None and e is not None for g, e in zip(got, expected, strict=True))
    pairs = [(g, e) for g, e in zip(got, expected, strict=True) if g is not None and e is not None]
    if broken:
        return (f"{_count(broken, len(got))} NaN or infinite." if broken < len(got) else "Every entry is NaN or infinite.",)
    if not pairs:
        return ()
    pattern = _pattern(pairs)
    floor = _SAME * max(*(abs(e) for _, e in pairs), 1e-300)
    wrong = sum(abs(g - e) > floor for g, e in pairs)
    share = "Every entry differs." if wrong == len(got) else f"{wrong} of {len(got)} entries {'differs' if wrong == 1 else 'differ'}."
    return (pattern,) if pattern else (share,) if wrong else ()


def _count(part: int, whole: int) -> str:
    return f"{part} of {whole} entries {'is' if part == 1 else 'are'}"


def _about_shapes(got: tuple[int, ...], expected: tuple[int, ...]) -> tuple[str, ...]:
    if len(got) == len(expected) >= 2 and got == expected[::-1]:
        return ("The axes are the other way round.",)
    if sorted(got) == sorted(expected):
        return ("The axes are in another order.",)
    if [s for s in got if s != 1] == [s for s in expected if s != 1]:
        return ("Only axes of length 1 differ.",)
    if len(got) != len(expected):
        return (f"It has {_axes(len(got))}, expected {len(expected)}.",)
    return ()


def _axes(count: int) -> str:
    return "no axes" if count == 0 else "1 axis" if count == 1 else f"{count} axes"


def _pattern(pairs: list[tuple[float, float]]) -> str:
    """Name the rule that turns every expected entry into the one got, if there is a simple one."""
    largest_got = max(abs(g) for g, _ in pairs)
    largest = max(abs(e) for _, e in pairs)
    if largest_got == 0 and largest > 0:
        return "Every entry is zero."
    if largest == 0:
        return ""
    anchor_got, anchor = max(pairs, key=lambda pair: abs(pair[1]))
    factor, offset = anchor_got / anchor, anchor_got - anchor
    tolerance = _SAME * max(largest_got, 1e-300)
    nonzero = sum(abs(e) > 1e-12 * largest for _, e in pairs)
    if nonzero >= 2 and abs(factor - 1) > _SAME and all(abs(g - factor * e) <= tolerance for g, e in pairs):
        return _ratio(factor)
    if math.isfinite(offset) and abs(offset) > _SAME * largest and all(abs(g - e - offset) <= tolerance for g, e in pairs):
        return f"Every entry is {abs(offset):.4g} too {'large' if offset > 0 else 'small'}."
    return "The right values in another order." if _permuted(pairs, tolerance) else ""


def _ratio(factor: float) -> str:
    if abs(factor + 1) <= _CLOSE:
        return f"Every entry has {'' if abs(factor + 1) <= _SAME else 'nearly '}the right size and the opposite sign."
    if abs(factor - 1) <= _CLOSE:
        return f"Every entry is off by the same {100 * abs(factor - 1):.2g} %."
    return f"Every entry is {factor:.4g} times the expected one." if abs(factor) > 1e-13 else ""


def _permuted(pairs: list[tuple[float, float]], tolerance: float) -> bool:
    """Return whether got holds the expected values in another order, and there is more than one value to confuse."""
    got, expected = sorted(g for g, _ in pairs), sorted(e for _, e in pairs)
    moved = any(abs(g - e) > tolerance for g, e in pairs)
    return moved and len(got) > 2 and all(abs(g - e) <= tolerance for g, e in zip(got, expected, strict=True))
