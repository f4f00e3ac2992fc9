"""Pictures of wrong arrays: well-formed, quick, made of numbers, with the worst entry marked."""

from __future__ import annotations

import math
import time
from xml.etree import ElementTree

import pytest

from autograder.feedback.picture import difference_picture
from autograder.feedback.svg import level_of, shade
from autograder.records import Difference
from tests.autograder.report import samples

SVG = "{http://www.w3.org/2000/svg}"
DRAWN = [
    samples.averaged_bias(),
    samples.one_wrong_row(),
    samples.large_matrix(),
    samples.with_nan(),
    samples.long_row(),
    samples.upright_row(),
    samples.difference("x", [1.0] * 400, [2.0] * 400, (400,)),
    samples.difference("x", [1.0] * 400, [2.0] * 400, (400, 1)),
    samples.difference("x", [1.0] * 400, [2.0] * 400, (1, 400)),
    samples.difference("x", [math.nan] * 6, [0.0] * 6, (2, 3)),
    samples.difference("x", [1e308, -1e308], [-1e308, 1e308], (2,)),
    samples.difference("x", [0.0, 5e-324], [0.0, 0.0], (2,)),
    samples.wrong_shape(),
    samples.wrong_shape((), (3,)),
    samples.wrong_shape((0, 3), (2, 3)),
    samples.wrong_shape((2, 3, 4, 5), (2, 4, 5, 3)),
    samples.wrong_shape((10**12, 2), (3,)),
]


def root(difference: Difference) -> ElementTree.Element:
    """Return the picture, parsed."""
    return ElementTree.fromstring(difference_picture(difference))


def words(difference: Difference) -> list[str]:
    """Return all texts of the picture."""
    return [t.text or "" for t in root(difference).iter(f"{SVG}text")]


@pytest.mark.parametrize("difference", DRAWN, ids=lambda d: f"{d.name}{d.got_shape}")
def test_pictures_are_finite_and_inside(difference: Difference) -> None:
    """Every frame and every text lies inside the picture, and no coordinate is NaN."""
    picture = root(difference)
    _, _, width, height = (float(v) for v in picture.attrib["viewBox"].split())
    source = difference_picture(difference)
    assert "nan" not in source.replace("aria", "")
    assert "inf" not in source.replace("infinite", "")
    for part in picture:
        if "x" in part.attrib:
            assert -1 <= float(part.attrib["x"]) <= width
            assert -1 <= float(part.attrib["y"]) <= height
        if part.tag == f"{SVG}rect":
            assert float(part.attrib["x"]) + float(part.attrib["width"]) <= width + 1
            assert float(part.attrib["y"]) + float(part.attrib["height"]) <= height + 1


@pytest.mark.parametrize("difference", DRAWN, ids=lambda d: f"{d.name}{d.got_shape}")
def test_pictures_are_quick_and_refer_to_nothing(difference: Difference) -> None:
    """A picture takes milliseconds, is small, and has no id, style sheet, script or link."""
    best = math.inf
    for _ in range(3):
        start = time.perf_counter()
        source = difference_picture(difference)
        best = min(best, time.perf_counter() - start)
    assert best < 0.05  # 2 ms on an idle machine
    assert len(source) < 80_000
    assert not any(word in source for word in ("<style", "<script", " id=", "href", "url("))


def test_small_arrays_carry_their_values() -> None:
    """Up to 36 entries are labelled in all three panels; larger arrays are not."""
    shown = words(samples.averaged_bias())
    assert {"got", "expected", "got − expected", "0.362", "1.45", "−1.09"} <= set(shown)
    assert len(words(samples.large_matrix())) < 40


def test_worst_entry_is_framed() -> None:
    """The same entry is framed in each panel, and the key says what the frame is."""
    frames = [r for r in root(samples.one_wrong_row()).iter(f"{SVG}rect") if r.attrib.get("stroke") == "#000000"]
    assert len(frames) == 3
    assert len({r.attrib["width"] for r in frames}) == 1
    assert "framed: the worst entry" in words(samples.one_wrong_row())


def test_nan_is_hatched() -> None:
    """Entries that are not finite are hatched and explained; finite arrays have no such key."""
    assert "hatched: NaN or infinite" in words(samples.with_nan())
    assert words(samples.with_nan()).count("n/a") == 2 * 5
    hatching = [p.attrib["d"] for p in root(samples.with_nan()).iter(f"{SVG}path") if p.attrib.get("fill") == "none"]
    assert len(hatching) == 2  # in got and in the difference
    assert all(d.count("M") >= 5 for d in hatching)
    assert "hatched: NaN or infinite" not in words(samples.one_wrong_row())


def test_unequal_shapes_are_outlined() -> None:
    """Two outlines with their sizes replace the values."""
    assert {"got (3, 4)", "expected (4, 3)"} <= set(words(samples.wrong_shape()))


@pytest.mark.parametrize(
    "difference",
    [
        samples.scalar(),
        Difference(name="x", got_shape=(2, 2, 2), expected_shape=(2, 2, 2)),
        Difference(name="x", got_shape=(3,), expected_shape=(3,), got_values=(1.0,), expected_values=(1.0, 2.0, 3.0)),
        Difference(name="x", got_shape=(500,), expected_shape=(500,), got_values=(1.0,) * 500, expected_values=(1.0,) * 500),
    ],
)
def test_nothing_to_draw_draws_nothing(difference: Difference) -> None:
    """Scalars, arrays of three dimensions and inconsistent records have no picture."""
    assert difference_picture(difference) == ""


@pytest.mark.parametrize("text", samples.HOSTILE)
def test_a_hostile_name_is_escaped(text: str) -> None:
    """The one text in a picture is its label, and it is escaped."""
    for difference in (samples.hostile(text).exercises[0].tests[0].difference, samples.wrong_shape(name=text)):
        assert difference is not None
        ElementTree.fromstring(difference_picture(difference)).attrib["aria-label"].encode("utf-8")


def test_colours_diverge_from_white() -> None:
    """Zero is white, the ends are dark red and dark blue, and a small value is not white."""
    shades = {(value, scale): shade(level_of(value, scale)) for value, scale in ((0, 1), (-1, 1), (1, 1), (1e-4, 1), (5, 0))}
    assert shades[0, 1] == shades[5, 0] == "#ffffff"
    assert (shades[-1, 1], shades[1, 1]) == ("#b2182b", "#2166ac")
    assert shades[1e-4, 1] != "#ffffff"
