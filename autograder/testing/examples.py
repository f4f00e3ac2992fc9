"""Generate a test's examples once from a seed, replay them for every submission, call Hypothesis again only to shrink."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import itertools
import math
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis.errors import HypothesisWarning
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

from autograder.channel.codec import encode
from autograder.testing.cases import Case

Example = dict[str, Any]
_SPARE = 48


def derive(secret: bytes, *names: str) -> int:
    """Return a 64-bit seed from the course's secret and names, by HMAC-SHA-256."""
    return int.from_bytes(hmac.new(secret, "\0".join(names).encode(), hashlib.sha256).digest()[:8], "big")


def fingerprint(secret: bytes) -> str:
    """Return what a record says about the secret: enough to compare, nothing to guess from."""
    return hmac.new(secret, b"fingerprint", hashlib.sha256).hexdigest()[:16]


def generate(case: Case, value: int) -> tuple[Example, ...]:
    """Return the examples of a test, distinct, in Hypothesis' order.

    More are drawn than wanted, and those kept that between them show the most values, and pairs of values, of the arguments:
    whether a test sees both entries of a ``sampled_from`` must not hang on the seed.

    Args:
        case: a test; one without strategies has the single example ``{}``.
        value: seed; the same value gives the same examples with the same Hypothesis.
    """
    if not case.strategies:
        return ({},)
    wanted = _SPARE + 4 * case.examples
    found: dict[bytes, Example] = {}

    def collect(**example: Any) -> None:
        found.setdefault(encode(example), example)

    _run(case, collect, value, 2 * wanted, (Phase.generate,), done=lambda: len(found) >= wanted)
    return spread(tuple(found.values()), case.examples)


def spread(candidates: Sequence[Example], count: int) -> tuple[Example, ...]:
    """Return ``count`` of the candidates, in their order, that cover the arguments' values as evenly as can be had.

    Candidates are taken one by one, always the one that shows most that no earlier one did.  A value counts for one over the number
    of values that its argument (or its place in a tuple) has among all candidates, a pair of values for the product of the two: one of
    two modes is worth more than one of forty sizes, and a seed, which never comes twice, is worth next to nothing.

    Args:
        candidates: distinct examples with the same arguments.
        count: how many to keep; all, when there are no more.
    """
    if len(candidates) <= count:
        return tuple(candidates)
    shown = [dict(_values(example)) for example in candidates]
    seen: dict[str, set[Any]] = {}
    for values in shown:
        for place, one in values.items():
            seen.setdefault(place, set()).add(one)
    places = [p for p in seen if 1 < len(seen[p]) <= len(candidates) // 2]
    gains: list[dict[Any, float]] = []
    for values in shown:
        single = [(place, values[place]) for place in places if place in values]
        gain: dict[Any, float] = {one: 1 / len(seen[one[0]]) for one in single}
        gain.update({(a, b): gain[a] * gain[b] for a, b in itertools.combinations(single, 2)})
        gains.append(gain)
    chosen: list[int] = []
    shows: Counter[Any] = Counter()
    while len(chosen) < count:
        chosen.append(_best(gains, shows, chosen))
        shows.update(gains[chosen[-1]].keys())
    for _ in range(count):  # what was taken first may be the wrong half of a perfect set: take each out once, and look again
        out = chosen.pop(0)
        shows.subtract(gains[out].keys())
        chosen.append(_best(gains, shows, chosen))
        shows.update(gains[chosen[-1]].keys())
    return tuple(candidates[i] for i in sorted(chosen))


def _best(gains: Sequence[Mapping[Any, float]], shows: Mapping[Any, int], without: Sequence[int]) -> int:
    """Return the first candidate that adds most to what is shown."""
    others = (i for i in range(len(gains)) if i not in without)
    return max(others, key=lambda i: sum(gain for feature, gain in gains[i].items() if not shows[feature]))


def _values(example: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield (place, value) for every argument, and for every entry of one that is a tuple, list or dict."""
    for name, value in example.items():
        yield name, encode(value)
        entries = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list | tuple) else ()
        yield from _values({f"{name}.{key}": entry for key, entry in entries})


def shrink(case: Case, value: int, failing: Example, fails: Callable[[Example], bool], *, attempts: int = 60, seconds: float = 1.0) -> Example:
    """Return the smallest failing example that Hypothesis finds within bounds, or ``failing`` itself.

    Args:
        case: the test.
        value: the seed its examples were generated with.
        failing: an example that fails.
        fails: runs the test on an example and tells whether it fails.
        attempts: how many examples may be run.
        seconds: how long the attempts may take, each counted as the quickest of them: what else the machine does must not decide
            which example is shown.  Ten times as long on the clock ends it too.
    """
    if not case.strategies:
        return failing
    known: dict[bytes, bool] = {encode(failing): True}
    best = failing
    quickest, end = math.inf, time.monotonic() + 10 * seconds

    def attempt(**example: Any) -> None:
        nonlocal best, quickest
        key = encode(example)
        if key not in known:
            started, made = time.monotonic(), len(known) - 1
            if made >= attempts or started > end or (made and made * quickest >= seconds):
                return
            known[key] = fails(example)
            quickest = min(quickest, time.monotonic() - started)
        if known[key]:
            best = example
            raise _Failed

    try:
        _run(case, attempt, value, 3 * case.examples, (Phase.generate, Phase.shrink))
    except _Failed:
        return best
    except Exception:  # Hypothesis judges the test flaky when the bound cut it short; the best so far still fails
        return best
    return failing


class _Failed(Exception):
    pass


class _Enough(BaseException):
    pass


def _run(case: Case, body: Callable[..., None], value: int, count: int, phases: tuple[Phase, ...], done: Callable[[], bool] | None = None) -> None:
    def inner(**example: Any) -> None:
        body(**example)
        if done is not None and done():
            raise _Enough

    inner.__name__ = case.name
    profile = settings(
        max_examples=count, phases=phases, database=None, deadline=None, derandomize=False, report_multiple_bugs=False, print_blob=False,
        suppress_health_check=list(HealthCheck), verbosity=Verbosity.quiet,
    )  # fmt: skip
    test = seed(value)(profile(given(**case.strategies)(inner)))
    with warnings.catch_warnings(), _no_local_constants():
        warnings.simplefilter("ignore", HypothesisWarning)
        try:
            test()
        except _Enough:
            return


@contextlib.contextmanager
def _no_local_constants() -> Iterator[None]:
    """Keep Hypothesis from mixing numbers it finds in the source of imported modules into examples.

    With them, the same seed gives other examples in another process, and another machine could not regrade to the same record.
    """
    found = providers._get_local_constants
    providers._get_local_constants = Constants
    providers.CONSTANTS_CACHE.cache.clear()  # permitted constants are remembered by strategy
    try:
        yield
    finally:
        providers._get_local_constants = found
        providers.CONSTANTS_CACHE.cache.clear()
