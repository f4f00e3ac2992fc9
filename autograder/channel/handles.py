"""Numbers of handles: those of a script say example, request and place in the reply; those of live requests count up from above them."""

from __future__ import annotations

MAX_EXAMPLES, MAX_REQUESTS, MAX_HANDLES = 4000, 4096, 256
LIVE_HANDLES = (MAX_EXAMPLES + 1) << 20


def first_handle(example: int, position: int) -> int:
    """Return the number of the first handle that a request's reply may hold."""
    return ((example + 1) << 20) | (position << 8)
