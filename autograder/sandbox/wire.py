"""Messages between a zygote and its parent: four bytes of length, then JSON; a spawn carries one descriptor.

Both ends are trusted; student code never holds either.
"""

from __future__ import annotations

import json
import socket
import struct
from typing import Any

_HEADER = struct.Struct("=I")


def send(sock: socket.socket, message: dict[str, Any], fd: int | None = None) -> None:
    """Send one message, with ``fd`` when given."""
    body = json.dumps(message).encode()
    data = _HEADER.pack(len(body)) + body
    if fd is None:
        sock.sendall(data)
        return
    sent = socket.send_fds(sock, [data], [fd])
    sock.sendall(data[sent:])


def receive(sock: socket.socket) -> tuple[dict[str, Any], int | None]:
    """Return the next message and its descriptor; raises ``EOFError`` when the other end is gone."""
    head, fds, _, _ = socket.recv_fds(sock, _HEADER.size, 1)
    if not head:
        raise EOFError
    head += _exactly(sock, _HEADER.size - len(head))
    message: dict[str, Any] = json.loads(_exactly(sock, _HEADER.unpack(head)[0]))
    return message, (fds[0] if fds else None)


def _exactly(sock: socket.socket, size: int) -> bytes:
    parts = []
    while size:
        part = sock.recv(min(size, 1 << 20))
        if not part:
            raise EOFError
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
