"""A picture of two shapes that should be one: outlines on a common scale, with their sizes."""

from __future__ import annotations

import math

from autograder.feedback.observe import shape
from autograder.feedback.svg import EDGE, n, svg, text


def outlines(got: tuple[int, ...], expected: tuple[int, ...], name: str) -> str:
    """Draw the outlines of two shapes on one scale; leading axes beyond two are sheets behind each other."""
    largest = max([1, *(min(s, 10**9) for s in (*got[-2:], *expected[-2:]))])
    unit = 130 / largest
    parts: list[str] = []
    x = 50.0
    bottom = 0.0
    for title, sizes in (("got", got), ("expected", expected)):
        rows, columns = sizes[-2:] if len(sizes) >= 2 else (1, *sizes) if sizes else (1, 1)
        w, h = max(3.0, min(columns, largest) * unit), max(3.0, min(rows, largest) * unit)
        sheets = min(3, math.prod(max(0, s) for s in sizes[:-2])) if len(sizes) > 2 else 1
        top = 44.0 + 6 * (max(sheets, 1) - 1)
        parts.append(text(x, 14, f"{title} {shape(sizes)}", bold=True))
        dashed = ' stroke-dasharray="4 3"' if 0 in sizes else ""
        for k in reversed(range(max(sheets, 1))):
            frame = f'x="{n(x + 6 * k)}" y="{n(top - 6 * k)}" width="{n(w)}" height="{n(h)}"'
            parts.append(f'<rect {frame} fill="#92c5de" fill-opacity=".45" stroke="{EDGE}" stroke-width="1.5"{dashed}/>')
        if sizes:
            parts.append(text(x + w / 2, 34, str(columns), anchor="middle", size=11))
        if len(sizes) >= 2:
            parts.append(text(x - 7, top + h / 2 + 4, str(rows), anchor="end", size=11))
        bottom = max(bottom, top + h)
        x += max(w + 12, 8.0 * len(f"{title} {shape(sizes)}")) + 70
    label = f"{name}: got shape {shape(got)}, expected shape {shape(expected)}"
    return svg(x - 60, bottom + 10, label, parts)
