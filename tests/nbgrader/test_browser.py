"""nbgrader's own pages in a real browser: the formgrader and the assignment list inside JupyterLab, from generate to the student's feedback.

``AUTOGRADER_SHOTS=FOLDER`` keeps a picture of each page.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from autograder.grading.material import Material
from tests.nbgrader.books import contents
from tests.nbgrader.classroom import UNIT, Member, fill_in
from tests.nbgrader.courses import PROJECT, write_real_course
from tests.nbgrader.server import Server, jupyter

WAIT = 60_000  # milliseconds until a page is given up
COMMENT = "Well derived. Look at the sum over the batch again."
CHROMIUM = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)
pytestmark = pytest.mark.filterwarnings("default")  # of the browser's driver


def missing() -> str:
    """Return what keeps a browser from being driven here; empty when nothing does."""
    if importlib.util.find_spec("playwright") is None:
        return "playwright is not installed: pip install playwright"
    return "" if CHROMIUM else "there is no chromium on PATH: apt-get install chromium"


@contextmanager
def browser() -> Iterator[Any]:
    """Open a headless browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield chromium
        finally:
            chromium.close()


class Window:
    """A browser window on a JupyterLab.

    Args:
        chromium: the browser.
        server: what the window shows.
        name: in the names of its pictures.
        errors: what scripts on the page complain about is added to it.
    """

    def __init__(self, chromium: Any, server: Server, name: str, errors: list[str]) -> None:
        self.page = chromium.new_page(viewport={"width": 1400, "height": 1000})
        self.page.set_default_timeout(WAIT)
        self.page.on("pageerror", lambda error: errors.append(f"{name}: {error}") if "MathJax" not in str(error) else None)  # nbgrader has it from the network
        self.name, self._server, self._shots = name, server, 0
        self.page.goto(server.page("lab"))

    def menu(self, entry: str) -> None:
        """Choose an entry of the menu *Nbgrader*."""
        self.page.locator(".lm-MenuBar-itemLabel", has_text="Nbgrader").click()
        self.page.locator(".lm-Menu-itemLabel", has_text=re.compile(f"^{entry}$")).click()

    def shoot(self, what: str) -> None:
        """Keep a picture of the window when they are asked for."""
        self._shots += 1
        if folder := os.environ.get("AUTOGRADER_SHOTS"):
            self.page.wait_for_timeout(400)  # pictures fade in
            self.page.screenshot(path=Path(folder) / f"{self.name}-{self._shots}-{what}.png")


def confirm(frame: Any, word: str = "Success") -> str:
    """Wait for nbgrader's dialog, close it, and return what it said."""
    dialog = frame.locator(".modal.in, .modal.show").last
    dialog.locator(".modal-title").wait_for()
    said = str(dialog.inner_text())
    assert word in said, said
    dialog.locator("button", has_text="OK").or_(dialog.locator("button.close")).first.click()
    dialog.wait_for(state="hidden")
    return said


def answers_of(material: Material) -> Member:
    """Return a student who averages db over the batch in one exercise and has the others right."""
    wrong = next(m for m in material.misconceptions if m.id == "affine_db_averaged")
    right = {cell.id: material.notebook.solution(cell.id) for cell in material.notebook.cells if cell.is_solution}
    return Member("", "", {**right, wrong.exercise: material.source(wrong)}, "less", wrong.exercise, wrong.hint)


@pytest.fixture(scope="module")
def story(needs_sandbox: None, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Both sides' windows, once from the first button to the last; what was seen, by name."""
    if reason := missing():
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("browser")
    course, home, exchange = folder / "course", folder / "home", folder / "exchange"
    material = write_real_course(course, UNIT)
    for made in (home, exchange):
        made.mkdir()
    exchange.chmod(0o777)
    here = f"c.Exchange.root = {str(exchange)!r}\n"
    with (course / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write("\n" + here)
    (home / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.course_id = 'default_course'\n" + here)
    seen: dict[str, Any] = {"course": course, "home": home, "material": material, "errors": []}
    with jupyter(course, PROJECT, folder / "teaching") as teaching, jupyter(home, PROJECT, folder / "learning") as learning, browser() as chromium:
        teacher, student = Window(chromium, teaching, "teacher", seen["errors"]), Window(chromium, learning, "student", seen["errors"])
        seen["member"] = member = answers_of(material)
        release(teacher)
        hand_in(student, home, member)
        seen |= grade(teacher)
        seen |= comment(teacher)
        seen |= publish(teacher)
        seen |= read_feedback(student, home)
        seen["page"] = page(chromium, seen["feedback"])
    return seen


def forms(window: Window) -> Any:
    """Return the formgrader's frame."""
    return window.page.frame_locator("iframe").first


def release(teacher: Window) -> None:
    """Generate and release the unit with the formgrader's buttons."""
    teacher.menu("Formgrader")
    frame = forms(teacher)
    frame.locator("td.assign a").first.click()
    confirm(frame)
    frame.locator("td.release a").first.click()
    confirm(frame)
    frame.locator("td.status", has_text="released").wait_for()
    teacher.shoot("released")


def hand_in(student: Window, home: Path, member: Member) -> None:
    """Fetch with the assignment list, fill in, and submit with it."""
    student.menu("Assignment List")
    panel = student.page.locator(".jp-MainAreaWidget").last
    panel.get_by_role("button", name="Fetch", exact=True).first.click()
    panel.get_by_role("button", name="Submit").wait_for()
    student.shoot("fetched")
    fill_in(home / UNIT / f"{UNIT}.ipynb", member)
    panel.get_by_role("button", name="Submit").click()
    panel.get_by_role("button", name="Fetch Feedback").wait_for()
    student.shoot("submitted")


def grade(teacher: Window) -> dict[str, Any]:
    """Collect, go to the submissions, and press *Autograde* on the one."""
    frame = forms(teacher)
    frame.locator("td.collect a").first.click()
    confirm(frame)
    frame.locator("td.num-submissions a").click()
    frame.locator("td.autograde a").first.click()
    said = confirm(frame)
    frame.locator("td.score", has_text="/").wait_for()
    teacher.shoot("graded")
    return {"dialog": said, "score": frame.locator("td.score").first.inner_text(), "status": frame.locator("td.status").first.inner_text()}


def comment(teacher: Window) -> dict[str, Any]:
    """Open the submission, read what stands under the wrong exercise's check, and write a comment on it."""
    frame = forms(teacher)
    frame.locator("a", has_text="Manual Grading").click()
    frame.locator("a", has_text=UNIT).first.click()
    frame.locator("a", has_text=UNIT).last.click()
    frame.locator("a", has_text="Submission #1").click()
    box = frame.locator("#affine_backward-comment")
    box.scroll_into_view_if_needed()
    box.wait_for()
    cell = frame.locator(".cell", has=frame.locator("#check-affine_backward"))
    shown = cell.inner_text()
    with teacher.page.expect_response(lambda answer: "/api/comment/" in answer.url and answer.request.method == "PUT"):
        box.fill(COMMENT)
        box.blur()
    teacher.shoot("comment")
    cell.scroll_into_view_if_needed()
    teacher.shoot("in-place")
    return {"in place": shown, "points shown": frame.locator("#check-affine_backward").get_attribute("placeholder")}


def publish(teacher: Window) -> dict[str, Any]:
    """Generate and release the feedback with the buttons."""
    frame = forms(teacher)
    frame.locator("a", has_text="Manual Grading").first.click()
    frame.locator("a", has_text="Manage Assignments").click()
    frame.locator("td.num-submissions a").click()
    frame.locator("td.generate-feedback a").first.click()
    said = confirm(frame)
    frame.locator("td.release-feedback a").first.click()
    confirm(frame)
    return {"feedback dialog": said}


def read_feedback(student: Window, home: Path) -> dict[str, Any]:
    """Fetch the feedback with the assignment list."""
    panel = student.page.locator(".jp-MainAreaWidget").last
    panel.get_by_role("button", name="Fetch Feedback").click()
    panel.get_by_text("(view feedback)").wait_for()
    student.shoot("feedback")
    return {"feedback": next((home / UNIT / "feedback").rglob("*.html"))}


def page(chromium: Any, path: Path) -> str:
    """Return the text of a feedback page as a browser shows it."""
    window = chromium.new_page(viewport={"width": 1400, "height": 1000})
    window.goto(path.as_uri())
    text = str(window.locator("body").inner_text())
    if folder := os.environ.get("AUTOGRADER_SHOTS"):
        window.screenshot(path=Path(folder) / "feedback-top.png")
        window.locator("text=check-affine_backward").last.scroll_into_view_if_needed()
        window.screenshot(path=Path(folder) / "feedback-affine.png")
    window.close()
    return text


def test_the_button_gives_the_score_that_the_gradebook_has(story: dict[str, Any]) -> None:
    """After *Autograde* the formgrader shows the points, which are those in the database: one exercise is not complete."""
    grades = {name: auto for _, name, auto, *_ in contents(story["course"] / "gradebook.db")["grades"]}
    points = {f"check-{item.id}": item.points for item in (*story["material"].unit.exercises, *story["material"].unit.questions)}
    assert re.fullmatch(r"\s*([\d.]+) / 100\s*", story["score"])
    assert float(story["score"].split("/")[0]) == pytest.approx(sum(grades.values()), abs=0.01)
    assert grades["check-affine_backward"] < points["check-affine_backward"]
    assert "graded" in story["status"]
    assert "Successfully autograded" in story["dialog"]


def test_feedback_stands_in_place(story: dict[str, Any]) -> None:
    """The opened submission shows, under the exercise's own check, its points, the mistake's hint and where the numbers differ."""
    assert story["member"].hint.split("`")[0][:40] in story["in place"]
    assert "db" in story["in place"]
    assert "Traceback" not in story["in place"]
    grades = {name: auto for _, name, auto, *_ in contents(story["course"] / "gradebook.db")["grades"]}
    assert float(story["points shown"]) == pytest.approx(grades["check-affine_backward"], abs=0.01)


def test_a_comment_that_was_typed_reaches_the_student(story: dict[str, Any]) -> None:
    """What the instructor wrote into the page is in the gradebook, and on the page that the student fetched."""
    comments = {name: manual for _, name, _, manual in contents(story["course"] / "gradebook.db")["comments"]}
    assert comments["affine_backward"] == COMMENT
    assert COMMENT in story["page"]
    assert story["member"].hint.split("`")[0][:40] in story["page"]


def test_no_script_of_a_page_fails(story: dict[str, Any]) -> None:
    """Nothing that the graded notebook holds breaks nbgrader's pages."""
    assert story["errors"] == []
