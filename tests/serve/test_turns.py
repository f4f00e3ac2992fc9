"""Students take turns."""

from __future__ import annotations

import random

from autograder.serve.turns import Job, Turns


def queue(*names: str) -> Turns:
    """Return a queue in which these students pushed in this order; a job's id is its student and a number."""
    turns, count = Turns(), dict[str, int]()
    for name in names:
        count[name] = count.get(name, 0) + 1
        turns.add(Job(name, f"{name}{count[name]}", 0.0))
    return turns


def all_of(turns: Turns) -> list[str]:
    """Return the ids in the order they are taken, each done before the next is taken."""
    order = []
    while (job := turns.take()) is not None:
        order.append(job.id)
        turns.done(job)
    return order


def test_students_alternate() -> None:
    """A student with many pushes does not delay one with a single push."""
    assert all_of(queue("a", "a", "a", "b", "c")) == ["a1", "b1", "c1", "a2", "a3"]


def test_one_at_a_time_per_student() -> None:
    """While a notebook of a student is graded, the next of the same student waits and others go on."""
    turns = queue("a", "a", "b")
    first = turns.take()
    assert first is not None
    assert [job.id for job in (turns.take(), turns.take()) if job] == ["b1"]
    turns.done(first)
    assert all_of(turns) == ["a2"]


def test_what_is_put_back_comes_before_later_ones_of_the_student() -> None:
    """A notebook that is graded again keeps its place before the student's later ones."""
    turns = queue("a", "a", "b")
    first = turns.take()
    assert first is not None
    turns.back(first)
    order = all_of(turns)
    assert order.index("a1") < order.index("a2")
    assert sorted(order) == ["a1", "a2", "b1"]


def test_place_in_the_queue_is_what_is_taken_before() -> None:
    """``ahead`` is the number of notebooks taken before one, for any queue."""
    draw = random.Random(5)
    for _ in range(200):
        names = [draw.choice("abcd") for _ in range(draw.randint(1, 12))]
        expected = all_of(queue(*names))
        turns = queue(*names)
        assert [turns.ahead(id_[0], id_) for id_ in expected] == list(range(len(expected)))
        assert len(turns) == len(names)
        assert turns.ahead("x", "x1") is None
