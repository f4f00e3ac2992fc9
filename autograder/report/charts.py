"""Small charts as inline SVG in the page's own colours: a histogram of scores and a bar."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

_BAR = "var(--bar,#2f6fb3)"


def histogram_svg(counts: Sequence[int], *, label: str, mean: float | None = None) -> str:
    """Return a histogram of shares from 0 to 100 %.

    Args:
        counts: submissions in each of equally wide intervals.
        label: what a screen reader says.
        mean: mean share, drawn as a line.
    """
    width, height, left, top = 640, 190, 36, 14
    plot_w, plot_h = width - left - 12, height - top - 40
    highest = max([1, *counts])
    step = _step(highest)
    ceiling = step * math.ceil(highest / step)
    slot = plot_w / max(1, len(counts))
    parts = []
    for tick in range(0, ceiling + 1, step):
        y = top + plot_h * (1 - tick / ceiling)
        parts.append(f'<path d="M{left} {y:.1f}h{plot_w}" stroke="var(--line,#d5d9e0)" stroke-width="1"/>')
        parts.append(_text(left - 7, y + 4, str(tick), "end"))
    for i, count in enumerate(counts):
        h = plot_h * count / ceiling
        x = left + i * slot
        if count:
            parts.append(f'<rect x="{x + 2:.1f}" y="{top + plot_h - h:.1f}" width="{slot - 4:.1f}" height="{h:.1f}" rx="2" fill="{_BAR}"/>')
            parts.append(_text(x + slot / 2, top + plot_h - h - 3, str(count), "middle"))
    parts += [_text(left + i * slot, height - 24, f"{round(100 * i / len(counts))}", "middle") for i in range(len(counts) + 1)]
    parts.append(_text(left + plot_w / 2, height - 6, "score in %", "middle"))
    if mean is not None:
        x = left + plot_w * min(1.0, max(0.0, mean))
        parts.append(f'<path d="M{x:.1f} {top}v{plot_h}" stroke="var(--accent,#b3361b)" stroke-width="2" stroke-dasharray="5 3"/>')
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-label="{escape(label)}"'
    return f'{head} class="chart" fill="currentColor" font-size="12">{"".join(parts)}</svg>'


def bar_svg(share: float, *, label: str, width: int = 120) -> str:
    """Return a horizontal bar filled from the left.

    Args:
        share: filled part, 0..1.
        label: what a screen reader says.
        width: in px.
    """
    filled = width * min(1.0, max(0.0, share))
    bar = f'<rect width="{filled:.1f}" height="10" rx="2" fill="{_BAR}"/>' if filled > 0 else ""
    track = f'<rect width="{width}" height="10" rx="2" fill="var(--track,#e3e7ec)"/>'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} 10" width="{width}" height="10" role="img"'
    return f'{head} aria-label="{escape(label)}" class="bar">{track}{bar}</svg>'


def _step(highest: int) -> int:
    """Return the distance of at most five lines that reach ``highest``: 1, 2 or 5 times a power of ten."""
    power = 1
    while 50 * power < highest:
        power *= 10
    return next(step for step in (power, 2 * power, 5 * power, 10 * power) if 5 * step >= highest)


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'
