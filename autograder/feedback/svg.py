"""The pieces of a hand-made SVG: colours, numbers, labels, frames.  Everything is made of numbers or escaped here.

Colours are those of ColorBrewer's RdBu (safe for the common colour blindnesses) with zero as white.  Text outside the
cells takes the colour of the page, so that one picture serves light and dark themes.  No ids, no styles, no references.
"""

from __future__ import annotations

import math
from html import escape

LEVELS = 24  # shades per sign; cells of one shade are one path
EDGE = "#8a8f98"
_BLUE = ((255, 255, 255), (209, 229, 240), (146, 197, 222), (67, 147, 195), (33, 102, 172))
_RED = ((255, 255, 255), (253, 219, 199), (244, 165, 130), (214, 96, 77), (178, 24, 43))


def level_of(value: float, scale: float) -> int:
    """Return the shade of ``value``: ``-LEVELS`` (dark red) at ``-scale``, ``LEVELS`` (dark blue) at ``scale``; only zero itself (and rounding noise) is white."""
    if scale <= 0 or value == 0:
        return 0
    share = max(-1.0, min(1.0, value / scale))
    level = round(share * LEVELS)
    return level or (1 if value > 0 else -1) if abs(share) > 1e-9 else 0


def shade(level: int) -> str:
    """Return the colour of a shade as ``#rrggbb``."""
    stops = _BLUE if level > 0 else _RED
    position = abs(level) / LEVELS * (len(stops) - 1)
    i = min(int(position), len(stops) - 2)
    part = position - i
    return "#" + "".join(f"{round(a + (b - a) * part):02x}" for a, b in zip(stops[i], stops[i + 1], strict=True))


def short(value: float) -> str:
    """Return a value in at most six characters or so, with a true minus sign."""
    if value == 0:
        return "0"
    size = abs(value)
    if size >= 10000 or size < 0.001:
        digits = f"{value:.1e}".replace("e+0", "e").replace("e-0", "e-").replace("e+", "e")
    else:
        digits = f"{value:.2g}" if size < 0.1 else f"{value:.4g}" if size >= 1000 else f"{value:.3g}"
    return digits.replace("-", "−")


def hatch(x: float, y: float, w: float, h: float) -> str:
    """Return diagonal strokes inside a cell: the sign for NaN and infinities."""
    pitch = 6.0 if min(w, h) >= 6 else max(min(w, h), 1.0)
    strokes = []
    offset = pitch / 2
    while offset < w + h:
        x0, y0 = (offset, 0.0) if offset <= w else (w, offset - w)
        x1, y1 = (0.0, offset) if offset <= h else (offset - h, h)
        strokes.append(f"M{n(x + x0)} {n(y + y0)}L{n(x + x1)} {n(y + y1)}")
        offset += pitch
    return "".join(strokes)


def outline(x: float, y: float, w: float, h: float) -> str:
    """Return an empty frame."""
    return f'<rect x="{n(x)}" y="{n(y)}" width="{n(w)}" height="{n(h)}" fill="none" stroke="{EDGE}"/>'


def svg(width: float, height: float, label: str, parts: list[str]) -> str:
    """Wrap parts; the label is the only text that is not made here, and it is escaped."""
    w, h = math.ceil(width), math.ceil(height)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img"'
    style = 'style="max-width:100%;height:auto" font-family="ui-monospace,Menlo,Consolas,DejaVu Sans Mono,monospace" font-size="11"'
    return f'{head} aria-label="{escape(label)}" {style} fill="currentColor">{"".join(parts)}</svg>'


def text(x: float, y: float, words: str, *, anchor: str = "start", size: int = 11, bold: bool = False) -> str:
    """Return escaped text at a point."""
    weight = ' font-weight="600"' if bold else ""
    return f'<text x="{n(x)}" y="{n(y)}" text-anchor="{anchor}" font-size="{size}"{weight}>{escape(words)}</text>'


def n(value: float) -> str:
    """Return a coordinate with one decimal at most."""
    return f"{value:.1f}".removesuffix(".0")
