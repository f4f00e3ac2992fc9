"""Tests of turning untrusted bytes into raw cells."""

from __future__ import annotations

import json
import time

import pytest

from autograder.errors import Ungradable
from autograder.submissions import notebook
from autograder.submissions.notebook import MAX_BYTES, MAX_CELLS, MAX_SOURCE, parse_notebook

from .samples import added, encoded, solved


def small(*cells: object, **more: object) -> bytes:
    """Return a notebook file of the given cells."""
    return encoded({"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5} | more)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \n\t", "empty"),
        (b"\0" * 100, "zero bytes"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "Git LFS pointer"),
        (b"<!DOCTYPE html><html><body>Log in</body></html>", "web page"),
        (b"\n  <HTML>", "web page"),
        (b"PK\x03\x04abc", "zip archive"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"%PDF-1.7", "PDF"),
        (json.dumps(solved()).encode("utf-16"), "UTF-16"),
        (b'{"cells": "\xff"}', "not UTF-8 text"),
        (b'{\n<<<<<<< HEAD\n"cells": []\n=======\n"cells": [1]\n>>>>>>> other\n}', "merge conflict"),
        (b"hello", "not valid JSON: line 1"),
        (b"'single'", "not valid JSON"),
        (encoded(solved())[:-3], "middle"),
        (b'{"cells": [], "nbformat": 4, "metadata": {"a', "middle"),
        (b"[]", "not a notebook"),
        (b"3", "not a notebook"),
        (b"{}", "not a notebook"),
        (b'{"nbformat": 3, "worksheets": []}', "old format"),
        (b'{"nbformat": 3, "cells": []}', "old format"),
        (b'{"nbformat": true, "cells": []}', "nbformat is not 4"),
        (b'{"nbformat": 5, "cells": []}', "nbformat is not 4"),
        (b'{"cells": []}', "nbformat is not 4"),
        (b'{"nbformat": 4}', "no list of cells"),
        (b'{"nbformat": 4, "cells": {}}', "no list of cells"),
        (b'{"nbformat": 4, "cells": [], "cells": []}', "twice"),
        (b'{"nbformat": 4, "cells": [{"cell_type": "code", "cell_type": "markdown"}]}', "twice"),
        (b'{"nbformat": 4, "cells": [}', "not valid JSON"),
        (b'{"nbformat": 4, "cells": [], "x": ' + b"1" * 5000 + b"}", "too long"),
        (b"[" * 100_000, "more than 100 levels"),
        (b'{"a":' * 100_000, "more than 100 levels"),
        (b"]" * 100_000, "not valid JSON"),
        (b"[" + b"[]," * 1_000_001, "more than 1000000"),
        (small(*[added("x")] * (MAX_CELLS + 1)), f"{MAX_CELLS + 1} cells"),
        (small(added("x" * (MAX_SOURCE + 1))), "characters"),
    ],
)
def test_unreadable_files_have_a_reason(data: bytes, reason: str) -> None:
    """Every file that is no notebook is ungradable, and the reason says what it is instead."""
    with pytest.raises(Ungradable, match=reason):
        parse_notebook(data)


def test_oversized_file_is_refused_before_it_is_parsed() -> None:
    """A file above the size limit is refused by its size."""
    with pytest.raises(Ungradable, match=f"at most {MAX_BYTES}"):
        parse_notebook(b" " * MAX_BYTES + b"{}")


@pytest.mark.parametrize("data", [b'"' + b'\\"' * 5_000_000, b'"" ' * 3_000_000, b'"\\' * 5_000_000, b"{}" * 499_999, b"[" + b'"[",' * 2_000_000])
def test_hostile_text_is_scanned_in_linear_time(data: bytes) -> None:
    """Texts made to upset the scanner are refused within seconds."""
    start = time.process_time()
    with pytest.raises(Ungradable):
        parse_notebook(data)
    assert time.process_time() - start < 8


def test_brackets_in_text_are_not_nesting() -> None:
    """Brackets and escaped quotes within a source do not count."""
    source = '[{"\\' * 1000
    assert parse_notebook(small(added(source))).cells[0].source == source


@pytest.mark.parametrize("levels", [90, 110])
def test_nesting_is_bounded_within_what_the_parser_can_take(levels: int) -> None:
    """Outputs nested as deep as real ones are accepted; deeper ones are refused by the scan."""
    data = small().replace(b'"metadata": {}', b'"metadata": {"x": ' + b"[" * levels + b"]" * levels + b"}")
    if levels == 90:
        assert parse_notebook(data).cells == ()
    else:
        with pytest.raises(Ungradable, match="levels deep"):
            parse_notebook(data)


def test_unforeseen_errors_are_ungradable(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error nobody thought of, and a lack of memory or stack, belong to the submission."""
    for error in (KeyError("x"), MemoryError(), RecursionError()):

        def fail(_: object, error: BaseException = error) -> None:
            raise error

        monkeypatch.setattr(notebook, "_structure", fail)
        with pytest.raises(Ungradable):
            parse_notebook(small())


def test_byte_order_mark_is_accepted() -> None:
    """A file that an editor saved with a byte order mark reads like any other."""
    assert parse_notebook(b"\xef\xbb\xbf" + encoded(solved())) == parse_notebook(encoded(solved()))


def test_source_is_text_or_a_list_of_texts() -> None:
    """Both forms of a source give the same text; a missing one is empty."""
    cells = parse_notebook(small(added("a\nb"), added(["a\n", "b"]), {"cell_type": "code"})).cells
    assert [cell.source for cell in cells] == ["a\nb", "a\nb", ""]


@pytest.mark.parametrize("source", [["a", 1], 3, None, {"a": "b"}, [["a"]]])
def test_cell_with_another_source_is_left_out_with_a_message(source: object) -> None:
    """A source of the wrong type costs that cell alone."""
    raw = parse_notebook(small(added(source), added("kept")))
    assert [cell.source for cell in raw.cells] == ["kept"]
    assert raw.messages == ("cell 1 has a source that is not text and was left out",)


@pytest.mark.parametrize("value", [None, 3, "x", [], {}, {"cell_type": 3}])
def test_malformed_cell_is_left_out_with_a_message(value: object) -> None:
    """What is no cell costs nothing else; positions still count as a person counts."""
    raw = parse_notebook(small(value, added("kept")))
    assert [(cell.number, cell.source) for cell in raw.cells] == [(2, "kept")]
    assert raw.messages == ("cell 1 is malformed and was left out",)


def test_lone_surrogates_are_replaced() -> None:
    """Half a character becomes the replacement character; a whole pair stays."""
    raw = parse_notebook(small(added("x = '\ud800'"), added("y = '\U0001f600'")))
    assert [cell.source for cell in raw.cells] == ["x = '\ufffd'", "y = '\U0001f600'"]
    assert len(raw.messages) == 1


def test_misleading_characters_are_flagged() -> None:
    """Code that reads differently from how it runs is kept as it is, and flagged for the person who reads it."""
    raw = parse_notebook(small(added("x = 1  # \u202e y"), added("é = '→ \U0001f468\u200d\U0001f469'"), {"cell_type": "markdown", "source": "\u202e"}))
    assert raw.cells[0].source == "x = 1  # \u202e y"
    assert [message.split(" holds")[0] for message in raw.messages] == ["cell 1"]


@pytest.mark.parametrize("metadata", [None, 3, [], {"nbgrader": 3, "autograder": "x"}, {"nbgrader": {"grade_id": ["x"]}, "autograder": {"role": 1}}])
def test_metadata_of_any_type_is_survived(metadata: object) -> None:
    """Metadata of the wrong shape claims nothing."""
    cell = parse_notebook(small(added("x", metadata=metadata, id=5), metadata=metadata)).cells[0]
    assert (cell.ids, cell.role) == ((), "")


def test_reason_repeats_nothing_from_the_file() -> None:
    """A reason is made of our own words, so a file cannot write into a report."""
    with pytest.raises(Ungradable) as caught:
        parse_notebook(b'{"cells": [], "<script>": 1, "<script>": 2, "nbformat": 4}')
    assert "script" not in str(caught.value)
