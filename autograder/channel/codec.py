"""Encode plain values to bytes, and decode bytes from an untrusted end within bounds.

The decoder builds exact base types only (None, bool, int, float, complex, str, bytes, list, tuple, dict, ndarray, NumPy scalar,
tensor) and asks ``resolve`` for references.  It is total: any input gives a value or :class:`ProtocolError`, in time and memory
proportional to the input's length.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.errors import ProtocolError

DTYPES = tuple(np.dtype(x) for x in ("?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16"))
_DTYPE_CODE = {dtype: code for code, dtype in enumerate(DTYPES)}
MAX_BYTES, MAX_DEPTH, MAX_NODES, MAX_NDIM, MAX_TEXT, MAX_INT_BYTES = 64 << 20, 24, 200_000, 8, 1 << 20, 512
MAX_DIM = 1 << 31
_FORTRAN, _STRIDED, _READONLY = 1, 2, 4

_Q, _D, _I, _DD = struct.Struct("<q"), struct.Struct("<d"), struct.Struct("<I"), struct.Struct("<dd")
_SHAPES = [struct.Struct(f"<{ndim}Q") for ndim in range(MAX_NDIM + 1)]


class HandleRef:
    """A reference to an object that stays on the student's side; ``kind`` is its claimed type name."""

    __slots__ = ("id", "kind")

    def __init__(self, id_: int, kind: str = "") -> None:
        self.id, self.kind = id_, kind


class CallbackRef:
    """A reference to a function that stays on the test's side."""

    __slots__ = ("id",)

    def __init__(self, id_: int) -> None:
        self.id = id_


class SourceRef:
    """A function of the test that may be known to the student: it crosses as the text of one expression."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


Reference = HandleRef | CallbackRef | SourceRef
Opaque = Callable[[Any], Reference]
Resolve = Callable[[Reference], Any]


def _torch() -> Any:
    return sys.modules.get("torch")


def encode(*values: Any, opaque: Opaque | None = None) -> bytes:
    """Return the values as bytes.

    Args:
        values: plain data; tuple, list and dict subclasses are sent as their base type.
        opaque: turns anything else into a reference; without it, anything else is an error.

    Raises:
        ProtocolError: a value cannot cross (type, dtype, depth, size).
    """
    out: list[bytes] = []
    for value in values:
        _encode(value, out, opaque, 0)
    return b"".join(out)


def _encode(v: Any, out: list[bytes], opaque: Opaque | None, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise ProtocolError(f"nesting deeper than {MAX_DEPTH}")
    writer = _WRITERS.get(type(v))
    if writer is not None:
        writer(v, out)
    elif isinstance(v, (list, tuple)):
        out.append((b"l" if isinstance(v, list) else b"t") + _I.pack(len(v)))
        for item in v:
            _encode(item, out, opaque, depth + 1)
    elif isinstance(v, dict):
        out.append(b"d" + _I.pack(len(v)))
        for key, item in v.items():
            _encode(key, out, opaque, depth + 1)
            _encode(item, out, opaque, depth + 1)
    elif isinstance(v, np.generic):
        _encode_array(np.asarray(v), out, b"x")
    elif (torch := _torch()) is not None and type(v) in (torch.Tensor, torch.nn.Parameter):
        _encode_tensor(v, out, torch)
    elif opaque is not None:
        _encode(opaque(v), out, None, depth)
    else:
        raise ProtocolError(f"a value of type {type(v).__name__} cannot cross")


def _encode_text(v: str, out: list[bytes], tag: bytes = b"s") -> None:
    data = v.encode("utf-8", "surrogatepass")[:MAX_TEXT]
    out.append(tag + _I.pack(len(data)) + data)


def _encode_handle(v: HandleRef, out: list[bytes]) -> None:
    kind = v.kind.encode("ascii", "replace")[:60]
    out.append(b"h" + _I.pack(v.id) + bytes((len(kind),)) + kind)


def _encode_int(v: int, out: list[bytes]) -> None:
    if -(2**63) <= v < 2**63:
        out.append(b"i" + _Q.pack(v))
        return
    data = v.to_bytes(v.bit_length() // 8 + 1, "little", signed=True)
    if len(data) > MAX_INT_BYTES:
        raise ProtocolError(f"an integer of {len(data)} bytes cannot cross, limit {MAX_INT_BYTES}")
    out.append(b"I" + _I.pack(len(data)) + data)


def _encode_array(a: np.ndarray, out: list[bytes], tag: bytes = b"a") -> None:
    code = _DTYPE_CODE.get(a.dtype)
    if code is None or a.ndim > MAX_NDIM:
        raise ProtocolError(f"an array with dtype={a.dtype} ndim={a.ndim} cannot cross")
    if a.nbytes > MAX_BYTES:
        raise ProtocolError(f"an array of {a.nbytes} bytes cannot cross, limit {MAX_BYTES}")
    flags = 0 if a.flags.writeable else _READONLY
    if not a.flags.c_contiguous:
        flags |= _FORTRAN if a.flags.f_contiguous else _STRIDED
    out.append(tag + bytes((code, a.ndim, flags)) + _SHAPES[a.ndim].pack(*a.shape))
    out.append(a.tobytes("F" if flags & _FORTRAN else "C"))


def _encode_tensor(v: Any, out: list[bytes], torch: Any) -> None:
    if v.layout is not torch.strided or v.is_quantized:
        raise ProtocolError(f"a tensor with layout={v.layout} cannot cross")
    x = v.detach().cpu().resolve_conj().resolve_neg().contiguous()
    bfloat = x.dtype is torch.bfloat16
    out.append((b"B" if bfloat else b"A") + (b"\1" if v.requires_grad else b"\0"))
    _encode_array((x.view(torch.uint16) if bfloat else x).numpy(), out, b"a")


def as_array(tensor: Any) -> np.ndarray:
    """Return a tensor's values as an array; bfloat16 becomes float32."""
    x = tensor.detach().cpu()
    return np.asarray(x.float().numpy() if x.dtype is _torch().bfloat16 else x.numpy())


_WRITERS: dict[type, Callable[[Any, list[bytes]], None]] = {
    np.ndarray: _encode_array,
    float: lambda v, out: out.append(b"f" + _D.pack(v)),
    int: _encode_int,
    type(None): lambda _, out: out.append(b"N"),
    bool: lambda v, out: out.append(b"T" if v else b"F"),
    str: _encode_text,
    bytes: lambda v, out: out.append(b"b" + _I.pack(len(v)) + v),
    complex: lambda v, out: out.append(b"c" + _DD.pack(v.real, v.imag)),
    HandleRef: _encode_handle,
    CallbackRef: lambda v, out: out.append(b"k" + _I.pack(v.id)),
    SourceRef: lambda v, out: _encode_text(v.text, out, b"ps"),
}


def decode(data: bytes | bytearray | memoryview, count: int, resolve: Resolve | None = None) -> tuple[Any, ...]:
    """Return the ``count`` values in ``data``, which must hold nothing else.

    Args:
        data: bytes from :func:`encode`, or from an attacker.
        count: how many values are expected.
        resolve: turns a reference into what it stands for; without it, a reference is an error.

    Raises:
        ProtocolError: the bytes are anything but ``count`` well-formed values within the limits.
    """
    decoder = _Decoder(bytes(data), resolve)
    values = tuple(decoder.value(0) for _ in range(count))
    if decoder.position != decoder.length:
        raise ProtocolError("trailing bytes")
    return values


class _Decoder:
    __slots__ = ("data", "length", "nodes", "position", "resolve")

    def __init__(self, data: bytes, resolve: Resolve | None) -> None:
        self.data, self.length, self.position, self.nodes, self.resolve = data, len(data), 0, 0, resolve

    def take(self, count: int) -> bytes:
        start, end = self.position, self.position + count
        if end > self.length:
            raise ProtocolError("truncated")
        self.position = end
        return self.data[start:end]

    def size(self, limit: int) -> int:
        count: int = self.fixed(_I)
        if count > limit:
            raise ProtocolError(f"length {count} over the limit {limit}")
        return count

    def value(self, depth: int) -> Any:
        self.nodes += 1
        if self.nodes > MAX_NODES or depth > MAX_DEPTH:
            raise ProtocolError("too many or too deeply nested values")
        if self.position >= self.length:
            raise ProtocolError("truncated")
        reader = _BY_BYTE[self.data[self.position]]
        self.position += 1
        return reader(self, depth)

    def unknown(self, _: int) -> Any:
        raise ProtocolError(f"unknown tag {self.data[self.position - 1 : self.position]!r}")

    def fixed(self, form: struct.Struct) -> Any:
        start, end = self.position, self.position + form.size
        if end > self.length:
            raise ProtocolError("truncated")
        self.position = end
        return form.unpack_from(self.data, start)[0]

    def reference(self, ref: Reference) -> Any:
        if self.resolve is None:
            raise ProtocolError("a reference is not expected here")
        return self.resolve(ref)

    def text(self, _: int) -> str:
        return self.take(self.size(MAX_TEXT)).decode("utf-8", "replace")

    def items(self, depth: int) -> list[Any]:
        count = self.size(self.length - self.position)  # every item costs at least a byte: no allocation bombs
        return [self.value(depth + 1) for _ in range(count)]

    def mapping(self, depth: int) -> dict[Any, Any]:
        result: dict[Any, Any] = {}
        for _ in range(self.size((self.length - self.position) // 2)):
            key = self.value(depth + 1)
            if not _is_key(key):
                raise ProtocolError("a dictionary key is not plain")
            result[key] = self.value(depth + 1)
        return result

    def array(self, _: int) -> np.ndarray:
        code, ndim, flags = self.take(3)
        if code >= len(DTYPES) or ndim > MAX_NDIM or flags > 7:
            raise ProtocolError("array header")
        dtype, shape = DTYPES[code], _SHAPES[ndim].unpack(self.take(8 * ndim))
        count, volume = dtype.itemsize, 1
        for dim in shape:  # Python integers: no overflow; a zero dimension must not hide a huge one
            count, volume = count * dim, volume * max(dim, 1)
            if dim >= MAX_DIM or volume >= MAX_DIM:
                raise ProtocolError("array dimensions")
        if count > self.length - self.position:
            raise ProtocolError("truncated")
        flat = np.frombuffer(self.data, dtype, count // dtype.itemsize, self.position)
        self.position += count
        if code == 0 and count and flat.view(np.uint8).max() > 1:
            raise ProtocolError("array of bool with other bytes")
        return _layout(flat.reshape(shape, order="F" if flags & _FORTRAN else "C"), flags)

    def scalar(self, depth: int) -> Any:
        a = self.array(depth)
        if a.ndim:
            raise ProtocolError("scalar with dimensions")
        return a[()]

    def tensor(self, depth: int, bfloat: bool = False) -> Any:
        torch = _torch()
        if torch is None:
            raise ProtocolError("a tensor is not expected here")
        requires_grad = self.take(1) == b"\1"
        if self.take(1) != b"a":
            raise ProtocolError("tensor payload")
        array = np.ascontiguousarray(self.array(depth))
        if bfloat and array.dtype != np.uint16:
            raise ProtocolError("tensor payload")
        try:
            x = torch.from_numpy(array if array.flags.writeable else array.copy())
        except (TypeError, ValueError) as error:
            raise ProtocolError("tensor payload") from error
        if bfloat:
            x = x.view(torch.bfloat16)
        return x.requires_grad_() if requires_grad and x.is_floating_point() else x

    def source(self, depth: int) -> Any:
        if self.take(1) != b"s":
            raise ProtocolError("source without text")
        return self.reference(SourceRef(self.text(depth)))

    def handle(self, _: int) -> Any:
        id_ = self.fixed(_I)
        return self.reference(HandleRef(id_, self.take(self.take(1)[0]).decode("ascii", "replace")))


def _layout(a: np.ndarray, flags: int) -> np.ndarray:
    """Return a private copy of ``a`` in the memory layout that the flags ask for."""
    if flags & _STRIDED and a.ndim:
        padded = np.zeros((*a.shape[:-1], 2 * a.shape[-1]), a.dtype)
        copy = padded[..., ::2]
        copy[...] = a
    else:
        copy = a.copy(order="F" if flags & _FORTRAN else "C")
    if flags & _READONLY:
        copy.flags.writeable = False
    return copy


def _is_key(key: Any) -> bool:
    if type(key) in (str, int, bool, float, type(None)):
        return True
    return type(key) is tuple and all(type(x) in (str, int) for x in key)


_READERS: dict[bytes, Callable[[_Decoder, int], Any]] = {
    b"a": _Decoder.array,
    b"x": _Decoder.scalar,
    b"f": lambda d, _: d.fixed(_D),
    b"i": lambda d, _: d.fixed(_Q),
    b"I": lambda d, _: int.from_bytes(d.take(d.size(MAX_INT_BYTES)), "little", signed=True),
    b"N": lambda *_: None,
    b"T": lambda *_: True,
    b"F": lambda *_: False,
    b"s": _Decoder.text,
    b"b": lambda d, _: d.take(d.size(MAX_BYTES)),
    b"c": lambda d, _: complex(*_DD.unpack(d.take(16))),
    b"l": _Decoder.items,
    b"t": lambda d, depth: tuple(d.items(depth)),
    b"d": _Decoder.mapping,
    b"A": _Decoder.tensor,
    b"B": lambda d, depth: d.tensor(depth, bfloat=True),
    b"h": _Decoder.handle,
    b"p": _Decoder.source,
    b"k": lambda d, _: d.reference(CallbackRef(d.fixed(_I))),
}
_BY_BYTE = [_READERS.get(bytes((tag,)), _Decoder.unknown) for tag in range(256)]
