"""Tests of examples: reproducible, distinct, private, and shrunk within bounds."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import strategies as st

from autograder.channel.codec import encode
from autograder.testing import dims, seeds
from autograder.testing.examples import Example, derive, fingerprint, generate, shrink, spread

from .students import case_of


def nothing(student: Any, **_: Any) -> None:
    """Do nothing."""


CASE = case_of(nothing, seed=seeds(), shape=dims("N D"), n=st.integers(0, 10**6), x=st.floats(-1e9, 1e9))


def packed(examples: tuple[Example, ...]) -> list[bytes]:
    """Return examples as bytes, to be compared."""
    return [encode(e) for e in examples]


def test_a_seed_gives_the_same_examples() -> None:
    """Generating again gives equal examples in equal order; another seed gives others."""
    assert packed(generate(CASE, 5)) == packed(generate(CASE, 5))
    assert packed(generate(CASE, 5)) != packed(generate(CASE, 6))


def test_examples_are_distinct_and_as_many_as_wanted() -> None:
    """The wanted number of examples comes, none twice; a small space gives what there is."""
    found = packed(generate(CASE, 1))
    assert len(found) == len(set(found)) == CASE.examples
    assert sorted(e["b"] for e in generate(case_of(nothing, b=st.booleans()), 1)) == [False, True]


@pytest.mark.parametrize("seed", range(20))
def test_every_choice_is_shown_whatever_the_seed(seed: int) -> None:
    """With as many examples as choices, each entry of a choice, alone or inside a tuple, is among them; so is each pair of two switches."""
    modes = st.sampled_from(["a", "b", "c", "d"])
    case = msgspec.structs.replace(case_of(nothing, seed=seeds(), mode=modes, pair=st.tuples(modes, st.integers(0, 500))), examples=4)
    found = generate(case, seed)
    assert {e["mode"] for e in found} == {e["pair"][0] for e in found} == set("abcd")
    switches = msgspec.structs.replace(case_of(nothing, seed=seeds(), train=st.booleans(), bias=st.booleans()), examples=4)
    assert len({(e["train"], e["bias"]) for e in generate(switches, seed)}) == 4


def test_spread_keeps_order_and_prefers_what_is_rare() -> None:
    """Of candidates that mostly look alike, the odd one is kept, in its place; more than there are cannot be kept."""
    alike: list[Example] = [{"seed": i, "start": "train", "size": i % 3} for i in range(30)]
    candidates = [*alike[:20], {"seed": 99, "start": "eval", "size": 1}, *alike[20:]]
    kept = spread(candidates, 3)
    assert {"seed": 99, "start": "eval", "size": 1} in kept
    assert {e["size"] for e in kept} == {0, 1, 2}
    assert [candidates.index(e) for e in kept] == sorted(candidates.index(e) for e in kept)
    assert spread(candidates[:2], 5) == tuple(candidates[:2])


def test_a_test_without_draws_has_one_empty_example() -> None:
    """A plain test is replayed once."""
    assert generate(case_of(nothing), 3) == ({},)


def test_examples_do_not_depend_on_what_else_is_imported(tmp_path: Path) -> None:
    """Another process, with other modules imported and in another folder, generates the same examples and writes nothing there."""
    (tmp_path / "full_of_numbers.py").write_text(f"A = {[12345 + 7 * i for i in range(300)]}\nB = {[1234.5 + 7 * i for i in range(300)]}\n")
    code = """
import sys, hashlib
sys.path.insert(0, sys.argv[1])
if sys.argv[2] == "1":
    import full_of_numbers
from hypothesis import strategies as st
from autograder.channel.codec import encode
from autograder.testing import seeds
from autograder.testing.cases import Case
from autograder.testing.examples import generate
case = Case("t", "T.", "f", 1.0, None, {"seed": seeds(), "n": st.integers(0, 10**6), "x": st.floats(-1e9, 1e9)}, False, 25)
print(hashlib.sha256(b"".join(encode(e) for s in range(8) for e in generate(case, s))).hexdigest())
"""
    work = tmp_path / "work"
    work.mkdir()
    runs = [
        subprocess.run([sys.executable, "-c", code, str(tmp_path), extra], cwd=work, capture_output=True, text=True, check=True, timeout=120).stdout for extra in "01"
    ]
    assert runs[0] == runs[1]
    assert list(work.iterdir()) == []


def test_seeds_are_derived_from_the_secret_and_all_names() -> None:
    """The same secret and names give the same seed; any other secret, name or split of names gives another one."""
    seen = {derive(secret, *names) for secret in (b"a", b"b") for names in (("u", "hidden", "t"), ("u", "visible", "t"), ("u", "hidden", "s"), ("v", "hidden", "t"), ("uhidden", "t"))}
    assert len(seen) == 10
    assert derive(b"a", "u", "t") == derive(b"a", "u", "t") < 2**64
    assert derive(b"a", "ab", "c") != derive(b"a", "a", "bc")


def test_the_fingerprint_tells_secrets_apart_and_nothing_more() -> None:
    """Two secrets have two fingerprints, in which neither the secret nor a seed shows."""
    assert fingerprint(b"secret") != fingerprint(b"secret2")
    assert "secret" not in fingerprint(b"secret")
    assert len(fingerprint(b"secret")) == 16


# ---------------------------------------------------------------------- shrinking
NUMBERS = case_of(nothing, n=st.integers(0, 10_000), other=st.integers(0, 10_000))


def failing(case: Any, seed: int, fails: Any) -> Example:
    """Return the first generated example that fails."""
    return next(e for e in generate(case, seed) if fails(e))


def test_shrinking_finds_a_smaller_failing_example() -> None:
    """The shrunk example still fails and is the smallest for a simple fault."""
    fails = lambda e: e["n"] >= 100  # noqa: E731
    best = shrink(NUMBERS, 3, failing(NUMBERS, 3, fails), fails, attempts=500, seconds=60)
    assert best == {"n": 100, "other": 0}


def test_shrinking_runs_no_more_than_its_attempts() -> None:
    """The test is run at most as often as allowed, and the best so far still fails."""
    calls = []

    def fails(e: Example) -> bool:
        calls.append(e)
        return e["n"] >= 100

    start = failing(NUMBERS, 3, lambda e: e["n"] >= 100)
    calls.clear()
    best = shrink(NUMBERS, 3, start, fails, attempts=7, seconds=60)
    assert len(calls) <= 7
    assert best["n"] >= 100


def test_shrinking_stops_at_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the time is up, no further example is run."""
    calls = []
    clock = iter(range(10**9))
    monkeypatch.setattr(time, "monotonic", lambda: float(next(clock)))
    start = failing(NUMBERS, 3, lambda e: e["n"] >= 100)
    best = shrink(NUMBERS, 3, start, lambda e: calls.append(e) or e["n"] >= 100, attempts=10_000, seconds=5.0)
    assert len(calls) <= 5
    assert best["n"] >= 100


@pytest.mark.parametrize(("stall", "same"), [(3.0, True), (30.0, False)])
def test_a_stall_of_the_machine_does_not_decide_what_is_shown(monkeypatch: pytest.MonkeyPatch, stall: float, same: bool) -> None:
    """An attempt that takes seconds where others take none changes nothing, but a clock far beyond the bound ends it."""
    now = 0.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    start = failing(NUMBERS, 3, lambda e: e["n"] >= 100)

    def tried(stalls: float) -> list[Example]:
        calls: list[Example] = []

        def fails(e: Example) -> bool:
            nonlocal now
            now += stalls if len(calls) == 2 else 0.001
            calls.append(e)
            return bool(e["n"] >= 100)

        shrink(NUMBERS, 3, start, fails, attempts=40, seconds=1.0)
        return calls

    assert (tried(stall) == tried(0.001)) is same


def test_no_example_is_run_twice() -> None:
    """Examples that were run are remembered, the failing one included."""
    calls: list[bytes] = []
    start = failing(NUMBERS, 3, lambda e: e["n"] >= 100)
    shrink(NUMBERS, 3, start, lambda e: calls.append(encode(e)) or e["n"] >= 100, attempts=500, seconds=60)
    assert len(calls) == len(set(calls))
    assert encode(start) not in calls


def test_a_failure_that_does_not_come_again_is_kept() -> None:
    """When nothing else fails, the failing example itself is the answer; so it is for a test without draws."""
    start = generate(NUMBERS, 3)[2]
    assert shrink(NUMBERS, 3, start, lambda e: False, attempts=20, seconds=60) == start
    assert shrink(case_of(nothing), 3, {}, lambda e: True) == {}


def test_an_error_while_shrinking_keeps_the_best_so_far() -> None:
    """When the student's process dies while shrinking, an example that failed is still returned."""
    count = 0

    def fails(e: Example) -> bool:
        nonlocal count
        count += 1
        if count > 3:
            raise RuntimeError
        return e["n"] >= 100

    start = failing(NUMBERS, 3, lambda e: e["n"] >= 100)
    assert shrink(NUMBERS, 3, start, fails, attempts=50, seconds=2)["n"] >= 100
