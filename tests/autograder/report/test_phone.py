"""The class report at the width of a phone, in a real browser.

``AUTOGRADER_SHOTS=FOLDER`` keeps a picture of it.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib.image
import pytest

from autograder.report.pages import write_reports
from tests.autograder.report import samples
from tests.nbgrader.test_browser import browser, missing

pytestmark = [
    pytest.mark.filterwarnings("default"),  # of the browser's driver
    pytest.mark.skipif(bool(missing()), reason=missing()),
]
WIDTH = 420
REASON = "submitted/a_long_name/u03_backprop/u03_backprop.ipynb: the file ends in the middle of a text; save the notebook again"
BOXES = """
[...document.querySelectorAll(".scroll")].map(e => ({of: e.closest("section").querySelector("h2").id, hidden: e.scrollWidth - e.clientWidth, right: e.getBoundingClientRect().right,
  top: e.getBoundingClientRect().top + window.scrollY, height: e.clientHeight}))
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The report of a class, two of whom could not be graded, on a phone."""
    out = tmp_path_factory.mktemp("report")
    report = write_reports([*samples.small_class(), samples.ungradable("a_name_of_thirty_characters_or_so", REASON)], out, unit_title="Backpropagation")
    with browser() as chromium:
        shown = chromium.new_page(viewport={"width": WIDTH, "height": 900})
        shown.goto(report.as_uri())
        if folder := os.environ.get("AUTOGRADER_SHOTS"):
            shown.screenshot(path=Path(folder) / "report-phone.png", full_page=True)
        yield shown


def test_the_page_is_as_wide_as_the_phone(page: Any) -> None:
    """Nothing makes the page itself wider than the screen."""
    assert page.evaluate("document.documentElement.scrollWidth") == WIDTH


def test_why_somebody_could_not_be_graded_is_read_without_scrolling(page: Any) -> None:
    """Name, reason and file stand below each other, all of them on the screen; on a wide screen it is a table."""
    (box,) = [box for box in page.evaluate(BOXES) if box["of"] == "ungradable"]
    assert box["hidden"] == 0
    cells = page.locator("#ungradable ~ .scroll tbody tr").first.locator("th, td")
    places = [cells.nth(number).bounding_box() for number in range(3)]
    assert all(place["x"] >= 0 and place["x"] + place["width"] <= WIDTH for place in places)
    assert places[0]["y"] < places[1]["y"] < places[2]["y"]
    page.set_viewport_size({"width": 1200, "height": 900})
    assert len({cells.nth(number).bounding_box()["y"] for number in range(3)}) == 1
    page.set_viewport_size({"width": WIDTH, "height": 900})


def test_a_table_that_goes_on_has_a_shadow_at_its_side(page: Any) -> None:
    """The edge of a wide table is darker until it is scrolled to its end; the edge of one that fits is not."""
    boxes = page.evaluate(BOXES)
    assert {box["hidden"] > 0 for box in boxes} == {True, False}
    for number, box in enumerate(boxes):
        page.evaluate(f"document.querySelectorAll('.scroll')[{number}].scrollLeft = 0")
        shaded = _edge(page, box)
        assert shaded is (box["hidden"] > 0), box
        page.evaluate(f"document.querySelectorAll('.scroll')[{number}].scrollLeft = 10000")
        assert not _edge(page, box)


def _edge(page: Any, box: dict[str, float]) -> bool:
    """Tell whether the last column of pixels of a box, where nothing is written, is not the paper's colour."""
    clip = {"x": box["right"] - 2, "y": box["top"], "width": 2, "height": box["height"]}
    pixels = matplotlib.image.imread(io.BytesIO(page.screenshot(clip=clip, full_page=True)))[:, :, :3]  # (H, 2, 3)
    return bool((pixels < 0.9).all(axis=2).mean() > 0.5)
