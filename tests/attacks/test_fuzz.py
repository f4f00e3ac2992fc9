"""Short campaigns; ``make attacks`` runs the long ones."""

from __future__ import annotations

import random

import pytest

from tests.attacks import fuzz


def test_decoder_withstands_mutated_messages() -> None:
    """Any message gives a value or ProtocolError, in bounded time and memory."""
    figures = fuzz.decoder(15_000, seed=7)
    assert figures.failures == []
    assert figures.inputs == 15_000
    assert figures.accepted > 500


def test_script_reply_of_an_odd_kind_is_refused() -> None:
    """The inputs that a long campaign found stay refused: an array where the kind of a reply is expected."""
    for number in (72304, 105019, 311746):
        assert fuzz.decoder(1, seed=0, first=number).failures == []


def test_reader_withstands_mutated_notebooks() -> None:
    """Any notebook gives cells or Ungradable, in bounded time and memory, and what it gives can be written."""
    figures = fuzz.notebooks(1_000, seed=7)
    assert figures.failures == []
    assert figures.accepted > 100


def _hang(_: bytes) -> bool:
    while True:
        pass


def _raise(_: bytes) -> bool:
    raise IndexError("out of range")


def _grow(data: bytes) -> bool:
    return bool(bytearray(50_000_000 + len(data)))


@pytest.mark.parametrize(("read", "words"), [(_hang, "CPU s"), (_raise, "IndexError"), (_grow, "bytes of memory")])
def test_a_reader_that_fails_is_seen(read: object, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hang, an exception of another kind and memory out of proportion are failures of their inputs."""
    monkeypatch.setattr(fuzz, "CPU_SECONDS", 0.01)
    figures = fuzz.campaign(lambda _: b"x" * 10, read, 1, 0, fixed=1_000_000, ratio=10)  # type: ignore[arg-type]
    assert len(figures.failures) == 1
    assert words in figures.failures[0]


def test_an_input_depends_on_its_number_alone() -> None:
    """The same seed and number give the same input, so that a failure can be looked at again."""
    values, *_ = fuzz.messages()
    first, second = (fuzz.mutated(random.Random("0 41"), values, [b"x"]) for _ in range(2))
    assert first == second
    assert len({fuzz.mutated(random.Random(f"0 {n}"), values, [b"x"]) for n in range(50)}) > 30
