"""Tests of the codec: what crosses, what does not, and that no input harms the decoder."""

from __future__ import annotations

import collections
import pickle
import struct
import sys
import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.channel import codec
from autograder.channel.codec import DTYPES, MAX_DEPTH, MAX_NODES, CallbackRef, HandleRef, decode, encode
from autograder.errors import ProtocolError


def same(a: Any, b: Any) -> bool:
    """Tell whether two values have equal types and equal bits."""
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        flags = ("c_contiguous", "f_contiguous", "writeable")
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes() and all(getattr(a.flags, f) == getattr(b.flags, f) for f in flags)
    if isinstance(a, np.generic):
        return a.dtype == b.dtype and a.tobytes() == b.tobytes()
    if isinstance(a, float):
        return struct.pack("d", a) == struct.pack("d", b)
    if isinstance(a, complex):
        return same(a.real, b.real) and same(a.imag, b.imag)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True)) and all(same(x, y) for x, y in zip(a.values(), b.values(), strict=True))
    return bool(a == b)


LAYOUTS = {
    "c": np.ascontiguousarray,
    "fortran": np.asfortranarray,
    "transposed": lambda a: a.T,
    "strided": lambda a: np.repeat(a, 2, axis=-1)[..., ::2] if a.ndim else a,
    "rows": lambda a: np.repeat(a, 3, axis=0)[::3] if a.ndim else a,
    "reversed": lambda a: a[::-1] if a.ndim else a,
}


@st.composite
def arrays(draw: st.DrawFn) -> np.ndarray:
    """Draw an array of any dtype that crosses, in any layout."""
    shape = draw(hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))
    a = draw(hnp.arrays(draw(st.sampled_from(DTYPES)), shape))
    a = LAYOUTS[draw(st.sampled_from(sorted(LAYOUTS)))](a)
    a.flags.writeable = draw(st.booleans()) and a.flags.writeable
    return a


def leaves() -> st.SearchStrategy[Any]:
    """Draw plain values without parts."""
    scalars = st.builds(lambda a: a.reshape(-1)[0], hnp.arrays(st.sampled_from(DTYPES), (1,)))
    big = st.integers(-(2**4000), 2**4000)
    return st.one_of(st.none(), st.booleans(), st.integers(), big, st.floats(), st.complex_numbers(), st.text(), st.binary(), arrays(), scalars)


def keys() -> st.SearchStrategy[Any]:
    """Draw dictionary keys that cross."""
    plain = st.one_of(st.text(max_size=5), st.integers())
    return st.one_of(plain, st.booleans(), st.none(), st.floats(allow_nan=False), st.lists(plain, max_size=3).map(tuple))


def values() -> st.SearchStrategy[Any]:
    """Draw plain values of every type that crosses."""
    return st.recursive(
        leaves(), lambda inner: st.one_of(st.lists(inner, max_size=4), st.lists(inner, max_size=4).map(tuple), st.dictionaries(keys(), inner, max_size=3)), max_leaves=8
    )


# ---------------------------------------------------------------------- what crosses
@settings(max_examples=300)
@given(value=values())
@example(value=[np.nan, -0.0, np.inf, -np.inf])
@example(value=np.array([np.nan, -0.0, np.inf], dtype=np.float16))
@example(value=np.zeros((0, 3)))
@example(value=np.array(2.5))
@example(value=np.arange(12.0).reshape(3, 4)[:, ::2])
@example(value=np.arange(12.0).reshape(3, 4)[::-1])
@example(value=[2**63, -(2**63) - 1, 2**63 - 1, -(2**63)])
@example(value={(): 1, ("a", 2): 2, None: 3, 1.5: 4})
def test_round_trip(value: Any) -> None:
    """Every plain value comes back with equal type, dtype, shape, layout, writeability and bits."""
    assert same(value, decode(encode(value), 1)[0])


@given(several=st.lists(values(), max_size=3))
def test_several_values_keep_their_order(several: list[Any]) -> None:
    """Values are decoded in the order they were given."""
    assert same(list(decode(encode(*several), len(several))), several)


def test_every_dtype_crosses() -> None:
    """The table holds booleans, all integers, half to double precision and complex numbers; each comes back as itself."""
    assert sorted(d.str[1:] for d in DTYPES) == sorted(["b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16"])
    for dtype in (*DTYPES, np.dtype(np.longlong)):
        assert decode(encode(np.ones((2, 3), dtype)), 1)[0].dtype == dtype


def test_subclasses_cross_as_their_base() -> None:
    """Named tuples, ordered and default dictionaries and list subclasses arrive as tuple, dict and list."""
    point = collections.namedtuple("point", "x y")  # noqa: PYI024 - a plain named tuple is meant

    class Stack(list[int]):
        pass

    got = decode(encode([point(1, 2), collections.OrderedDict(a=1), collections.defaultdict(int, b=2), Stack([3])]), 1)[0]
    assert got == [(1, 2), {"a": 1}, {"b": 2}, [3]]
    assert [type(x) for x in got] == [tuple, dict, dict, list]


def test_a_decoded_array_is_private() -> None:
    """Writing into one decoded array changes neither the bytes nor another decoded array."""
    data = encode(np.zeros(3))
    first, second = decode(data, 1)[0], decode(data, 1)[0]
    first[:] = 7.0
    assert second.tolist() == [0, 0, 0]
    assert decode(data, 1)[0].tolist() == [0, 0, 0]


def test_surrogates_are_replaced() -> None:
    """Text that is no Unicode, and text cut in the middle of a character, arrives readable instead of failing."""
    (text,) = decode(encode("a\ud800b"), 1)
    assert text.startswith("a")
    assert text.endswith("b")
    assert text.isprintable() or "�" in text


def test_long_text_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """Text over the limit is cut, and what is cut can be decoded."""
    monkeypatch.setattr(codec, "MAX_TEXT", 5)
    assert decode(encode("äääää"), 1)[0].startswith("ää")
    assert len(decode(encode("x" * 100), 1)[0]) == 5


def test_references_go_through_opaque_and_resolve() -> None:
    """What is not plain becomes a reference on one side and what it stands for on the other, at any depth."""
    thing, kept = object(), {}

    def opaque(value: Any) -> HandleRef | CallbackRef:
        kept[len(kept)] = value
        return CallbackRef(len(kept) - 1) if callable(value) else HandleRef(len(kept) - 1, type(value).__name__)

    data = encode([thing, {"f": len}], opaque=opaque)
    seen = []
    assert decode(data, 1, lambda ref: seen.append(ref) or kept[ref.id])[0] == [thing, {"f": len}]
    assert [type(ref) for ref in seen] == [HandleRef, CallbackRef]
    assert seen[0].kind == "object"
    with pytest.raises(ProtocolError, match="reference"):
        decode(data, 1)


# ---------------------------------------------------------------------- what does not cross
@pytest.mark.parametrize(
    "value",
    [
        object(), len, {1, 2}, range(3), np.array([object()], dtype=object), np.array(["a"]), np.array([1], dtype=[("a", "i4")]), np.array(["2020"], dtype="M8[Y]"),
        np.ma.masked_array([1.0]), np.recarray((1,), dtype=float), np.ones((1,) * 9), np.array([1.0], dtype=">f8"), 2 ** (8 * 512), {"x": [object()]},
    ],
    ids=lambda v: type(v).__name__,
)  # fmt: skip
def test_other_values_are_refused(value: Any) -> None:
    """Objects, sets, subclasses of arrays, object, text and structured dtypes and giant integers do not cross."""
    with pytest.raises(ProtocolError):
        encode(value)


def test_a_value_that_contains_itself_is_refused() -> None:
    """Nesting has a limit when encoding, so that a cycle ends."""
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(ProtocolError, match="deep"):
        encode(loop)


def test_a_large_array_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """An array over the limit is refused before it is copied."""
    monkeypatch.setattr(codec, "MAX_BYTES", 100)
    encode(np.zeros(12))
    with pytest.raises(ProtocolError, match="limit 100"):
        encode(np.zeros(13))


def test_nothing_is_unpickled() -> None:
    """A pickle is refused at its first byte, and an object's ``__reduce__`` is never asked."""

    class Evil:
        def __reduce__(self) -> Any:
            raise AssertionError

    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(ProtocolError):
            decode(pickle.dumps([1, {"a": (2, 3)}], protocol), 1)
    with pytest.raises(ProtocolError):
        encode(Evil())
    (back,) = decode(encode(pickle.dumps(1)), 1)
    assert back == pickle.dumps(1)  # bytes stay bytes


# ---------------------------------------------------------------------- any input
def only_protocol_errors(data: bytes) -> None:
    """Decode bytes; anything but a value or ProtocolError fails the test."""
    try:
        decode(data, 1, lambda ref: ref)
    except ProtocolError:
        return


@settings(max_examples=300)
@given(data=st.binary(max_size=200))
@example(data=b"")
@example(data=b"h\x01\0\0\0\xff")
@example(data=b"I\xff\x01\0\0" + b"\xff" * 511)
def test_any_bytes_give_a_value_or_a_protocol_error(data: bytes) -> None:
    """Random bytes never raise anything but ProtocolError."""
    only_protocol_errors(data)


@settings(max_examples=300)
@given(tag=st.sampled_from(sorted(codec._READERS)), rest=st.binary(max_size=60))
def test_any_bytes_behind_a_tag_give_a_value_or_a_protocol_error(tag: bytes, rest: bytes) -> None:
    """Every reader is total."""
    only_protocol_errors(tag + rest)


@settings(max_examples=300)
@given(value=values(), data=st.data())
def test_damaged_messages_give_a_value_or_a_protocol_error(value: Any, data: st.DataObject) -> None:
    """A message with bytes changed, removed or doubled never raises anything but ProtocolError."""
    message = bytearray(encode(value))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(message)))
        kind = data.draw(st.sampled_from(["change", "remove", "double"]))
        if kind == "change" and at < len(message):
            message[at] = data.draw(st.integers(0, 255))
        elif kind == "remove":
            del message[at : at + data.draw(st.integers(1, 9))]
        else:
            message[at:at] = message[at : at + 9]
    only_protocol_errors(bytes(message))


@given(value=values())
def test_a_message_cut_short_or_too_long_is_refused(value: Any) -> None:
    """Every proper prefix of a message, and a message with bytes behind it, is refused."""
    message = encode(value)
    for cut in {0, len(message) // 2, len(message) - 1}:
        with pytest.raises(ProtocolError):
            decode(message[:cut], 1)
    with pytest.raises(ProtocolError, match="trailing"):
        decode(message + b"N", 1)


def u32(n: int) -> bytes:
    """Return four bytes, little endian."""
    return struct.pack("<I", n)


def array(*shape: int, code: int = 11, flags: int = 0, payload: bytes = b"", tag: bytes = b"a", ndim: int | None = None) -> bytes:
    """Return an array's message with a header of one's choice; code 11 is float64, 0 is bool."""
    return tag + bytes((code, len(shape) if ndim is None else ndim, flags)) + struct.pack(f"<{len(shape)}Q", *shape) + payload


BOMBS = {
    "list": b"l" + u32(2**32 - 1) + b"N" * 10,
    "nested lists": (b"l" + u32(200)) * 20 + b"N" * 200,
    "dict": b"d" + u32(2**31) + b"N" * 10,
    "text": b"s" + u32(2**32 - 1) + b"abc",
    "bytes": b"b" + u32(2**32 - 1) + b"abc",
    "integer": b"I" + u32(2**30) + b"abc",
    "integer over its limit": b"I" + u32(600) + b"a" * 600,
    "deep": (b"l" + u32(1)) * (MAX_DEPTH + 1) + b"N",
    "deep tuple": (b"t" + u32(1)) * 5000 + b"N",
    "deep dict": (b"d" + u32(1) + b"N") * (MAX_DEPTH + 1) + b"N",
    "many": b"l" + u32(MAX_NODES) + b"N" * MAX_NODES,
    "dimension 2**63": array(2**63),
    "dimension 2**31": array(2**31),
    "hidden by a zero": array(0, 2**63),
    "hidden by a zero in front": array(2**62, 0),
    "zero and 2**40": array(0, 2**20, 2**20),
    "product wraps to zero": array(2**32, 2**32),
    "product wraps to one": array(2**33 + 1, 2**33 - 1),
    "strided and huge": array(2**30, 0, 8, flags=2),
    "more entries than bytes": array(1000, payload=b"\0" * 8),
    "dtype": array(1, code=len(DTYPES), payload=b"\0" * 16),
    "axes": array(*[1] * 9, payload=b"\0" * 8),
    "flags": array(1, flags=8, payload=b"\0" * 8),
    "bool of 2": array(2, code=0, payload=b"\1\2"),
    "bool of 255": array(1, code=0, payload=b"\xff"),
    "scalar with an axis": array(1, tag=b"x", payload=b"\0" * 8),
    "bool scalar of 2": array(code=0, tag=b"x", payload=b"\2"),
    "list as a key": b"d" + u32(1) + b"l" + u32(0) + b"N",
    "array as a key": b"d" + u32(1) + array(1, payload=b"\0" * 8) + b"N",
    "nested tuple as a key": b"d" + u32(1) + b"t" + u32(1) + b"t" + u32(0) + b"N",
    "bytes as a key": b"d" + u32(1) + b"b" + u32(0) + b"N",
    "tag": b"?",
}  # fmt: skip


@pytest.mark.parametrize("data", BOMBS.values(), ids=BOMBS.keys())
def test_bombs_are_refused_without_memory(data: bytes) -> None:
    """Lengths, depths, counts and dimensions that promise more than is there are refused before anything is allocated."""
    tracemalloc.start()
    try:
        with pytest.raises(ProtocolError):
            decode(data, 1)
        assert tracemalloc.get_traced_memory()[1] < 20 * len(data) + 200_000
    finally:
        tracemalloc.stop()


def test_limits_are_limits_and_no_less() -> None:
    """The deepest nesting and the most values that are allowed do cross."""
    assert decode((b"l" + u32(1)) * MAX_DEPTH + b"N", 1)
    assert len(decode(b"l" + u32(MAX_NODES - 1) + b"N" * (MAX_NODES - 1), 1)[0]) == MAX_NODES - 1
    assert decode(array(0, 2**31 - 1), 1)[0].shape == (0, 2**31 - 1)


# ---------------------------------------------------------------------- tensors
def test_a_tensor_is_refused_where_there_is_no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """A numpy unit does not import torch because a message says so."""
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    for tag in (b"A\0", b"B\1"):
        with pytest.raises(ProtocolError, match="tensor"):
            decode(tag + array(1, payload=b"\0" * 8), 1)
    assert "torch" not in sys.modules


def test_tensors_cross() -> None:
    """Tensors keep dtype, shape and whether they want a gradient; a parameter arrives as a tensor."""
    torch = pytest.importorskip("torch", reason="torch is not installed (it is an extra)")
    for dtype in (torch.float32, torch.float64, torch.bfloat16, torch.int64, torch.bool):
        x = torch.ones((2, 3), dtype=dtype)
        (back,) = decode(encode(x), 1)
        assert type(back) is torch.Tensor
        assert back.dtype == dtype
        assert torch.equal(back, x)
    (back,) = decode(encode(torch.nn.Parameter(torch.arange(6.0).reshape(2, 3).T)), 1)
    assert back.requires_grad
    assert back.tolist() == [[0, 3], [1, 4], [2, 5]]
    with pytest.raises(ProtocolError):
        decode(b"B\0" + array(1, payload=b"\0" * 8), 1)
