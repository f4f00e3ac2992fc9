"""Charts of the class page."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from autograder.report.charts import bar_svg, histogram_svg

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("counts", [[0] * 10, [1] * 10, [0, 500] * 5, [3]])
def test_histogram_is_well_formed(counts: list[int]) -> None:
    """There is one bar per filled interval, inside the picture, and the label is escaped."""
    root = ElementTree.fromstring(histogram_svg(counts, label='a "<b>"', mean=0.5))
    bars = root.findall(f"{SVG}rect")
    assert len(bars) == sum(c > 0 for c in counts)
    assert all(float(b.attrib["y"]) >= 0 and float(b.attrib["height"]) > 0 for b in bars)
    assert root.attrib["aria-label"] == 'a "<b>"'


@pytest.mark.parametrize(
    ("highest", "lines"), [(1, [0, 1]), (7, [0, 2, 4, 6, 8]), (27, [0, 10, 20, 30]), (499, [0, 100, 200, 300, 400, 500])]
)
def test_histogram_lines_are_round(highest: int, lines: list[int]) -> None:
    """The lines stand at 1, 2 or 5 times a power of ten, at most five above zero."""
    texts = [
        t.text
        for t in ElementTree.fromstring(histogram_svg([highest], label="x")).findall(f"{SVG}text")
        if t.attrib["text-anchor"] == "end"
    ]
    assert texts == [str(n) for n in lines]


@pytest.mark.parametrize(("share", "filled"), [(-1.0, 0), (0.0, 0), (0.5, 60), (1.0, 120), (7.0, 120)])
def test_bar_is_as_long_as_the_share(share: float, filled: float) -> None:
    """The filled part is the share of the width and never leaves it."""
    parts = ElementTree.fromstring(bar_svg(share, label="x")).findall(f"{SVG}rect")
    assert (float(parts[1].attrib["width"]) if len(parts) > 1 else 0) == filled
