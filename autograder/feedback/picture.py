"""A picture of a wrong array as inline SVG: got, expected and their difference, drawn from numbers only."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from autograder.feedback.observe import entry, shape, shapes_differ
from autograder.feedback.outlines import outlines
from autograder.feedback.safe import one_line
from autograder.feedback.svg import EDGE, LEVELS, hatch, level_of, n, outline, shade, short, svg, text
from autograder.records import Difference

WIDTH = 720  # of a row of cells with its label, in px
LABELLED = 36  # entries up to which each cell carries its value
_LEFT = 108.0  # room for the names of rows

Values = Sequence[float | None]


class Grid(NamedTuple):
    """How a panel is laid out: entries per row and column, and the size of a cell in px."""

    rows: int
    columns: int
    width: float
    height: float
    labelled: bool
    upright: bool  # labels are turned by 90 degrees because the cells are narrow


def difference_picture(difference: Difference) -> str:
    """Return inline SVG for arrays of one or two dimensions, outlines for unequal shapes, ``""`` for anything else."""
    if shapes_differ(difference):
        return outlines(difference.got_shape or (), difference.expected_shape or (), one_line(difference.name, 40))
    sizes, got, expected = difference.expected_shape, difference.got_values, difference.expected_values
    if not sizes or len(sizes) > 2 or got is None or expected is None:
        return ""
    if not len(got) == len(expected) == math.prod(sizes) or not 2 <= len(got) <= 400:
        return ""
    rows, columns = (1, sizes[0]) if len(sizes) == 1 else (sizes[0], sizes[1])
    return _panels(difference, rows, columns, got, expected)


def _subtract(got: Values, expected: Values) -> list[float | None]:
    out: list[float | None] = []
    for g, e in zip(got, expected, strict=True):
        d = math.nan if g is None or e is None else g - e
        rounding = g is not None and e is not None and abs(d) <= 1e-12 * max(abs(g), abs(e))
        out.append(0.0 if rounding else d if math.isfinite(d) else None)
    return out


def _grid(rows: int, columns: int) -> Grid:
    labelled = rows * columns <= LABELLED
    if labelled and columns <= 14:
        return Grid(rows, columns, 46, 24, labelled=True, upright=False)
    if labelled:
        return Grid(rows, columns, min(46, (WIDTH - _LEFT) / columns), 46, labelled=True, upright=True)
    if rows == 1:
        return Grid(rows, columns, (WIDTH - _LEFT) / columns, 26, labelled=False, upright=False)
    side = max(5.0, min(18.0, 200 / columns, 200 / rows)) if columns <= 40 else (WIDTH - _LEFT) / columns
    return Grid(rows, columns, side, min(18.0, max(5.0, side, 60 / rows)), labelled=False, upright=False)


def _panels(difference: Difference, rows: int, columns: int, got: Values, expected: Values) -> str:
    """Draw three panels: side by side when they fit, otherwise (and for one-dimensional arrays) below each other."""
    grid = _grid(rows, columns)
    delta = _subtract(got, expected)
    scale = max((abs(v) for v in (*got, *expected) if v is not None), default=0.0)
    spread = max((abs(v) for v in delta if v is not None), default=0.0)
    worst = _worst(difference.index, rows, columns, delta)
    one_d = len(difference.expected_shape or ()) == 1
    margin = _LEFT if one_d else 26.0
    width, height = grid.width * columns, grid.height * rows
    across = not one_d and 3 * (width + margin + 6) <= 930
    step_x, step_y = (width + margin + 6, 0.0) if across else (0.0, height + (12 if one_d else 44))
    top = 18.0 if one_d else 34.0
    parts: list[str] = []
    for k, (title, values, limit) in enumerate((("got", got, scale), ("expected", expected, scale), ("got − expected", delta, spread))):
        x, y = margin + k * step_x, top + k * step_y
        parts += _cells(grid, values, limit, x, y)
        parts.append(outline(x, y, width, height))
        if worst is not None:
            parts.append(_marker(grid, worst, x, y))
        if one_d:
            parts.append(text(margin - 8, y + height / 2 + 4, title, anchor="end"))
        else:
            parts.append(text(x, y - 20, title, bold=True))
        if not one_d or k == 0:
            parts += _ticks(grid, worst, x, y, rows_too=not one_d)
    total_w = margin + width + 2 * step_x + 8
    bottom = top + height + 2 * step_y
    legend, legend_h, legend_w = _legend(scale, spread, bottom + 14, any(v is None for v in (*got, *expected)), worst is not None)
    name = one_line(difference.name, 40)
    label = f"{name}, shape {shape(difference.expected_shape or ())}: got, expected and got minus expected"
    if worst is not None:
        label += f"; the marked entry is {one_line(entry(difference), 80) if difference.index else 'the worst'}"
    return svg(max(total_w, legend_w), bottom + 14 + legend_h, label, parts + legend)


def _worst(index: tuple[int, ...] | None, rows: int, columns: int, delta: Values) -> int | None:
    """Return the flat position to mark: the record's own index, else the first broken or the largest difference."""
    if index is not None and len(index) in (1, 2):
        row, column = (0, index[0]) if len(index) == 1 else (index[0], index[1])
        if 0 <= row < rows and 0 <= column < columns:
            return row * columns + column
    sizes = [math.inf if d is None else abs(d) for d in delta]
    largest = max(sizes)
    return sizes.index(largest) if largest > 0 else None


def _cells(grid: Grid, values: Values, scale: float, x: float, y: float) -> list[str]:
    shapes: dict[int, list[str]] = defaultdict(list)
    strokes: list[str] = []
    labels: list[str] = []
    w, h = grid.width, grid.height
    box = f"h{n(w)}v{n(h)}h-{n(w)}z"
    for i, value in enumerate(values):
        left, top = x + i % grid.columns * w, y + i // grid.columns * h
        level = 0 if value is None else level_of(value, scale)
        shapes[level].append(f"M{n(left)} {n(top)}{box}")
        if value is None:
            strokes.append(hatch(left, top, w, h))
        if grid.labelled:
            labels.append(_label(grid, value, level, left, top))
    stroke = f' stroke="{EDGE}" stroke-width=".5"' if min(w, h) >= 5 else ' shape-rendering="crispEdges"'
    out = [f'<path d="{"".join(d)}" fill="{shade(level)}"{stroke}/>' for level, d in sorted(shapes.items())]
    if strokes:
        out.append(f'<path d="{"".join(strokes)}" stroke="#555b66" stroke-width="1" fill="none"/>')
    return out + labels


def _label(grid: Grid, value: float | None, level: int, left: float, top: float) -> str:
    cx, cy = left + grid.width / 2, top + grid.height / 2
    ink = "#ffffff" if abs(level) > 0.7 * LEVELS else "#16181d"
    turn = f' transform="rotate(-90 {n(cx)} {n(cy)})"' if grid.upright else ""
    words = "n/a" if value is None else short(value)
    halo = ' stroke="#ffffff" stroke-width="3" paint-order="stroke"' if value is None else ""
    return f'<text x="{n(cx)}" y="{n(cy + 3.5)}" text-anchor="middle" font-size="10" fill="{ink}"{halo}{turn}>{words}</text>'


def _marker(grid: Grid, flat: int, x: float, y: float) -> str:
    """Frame the worst entry in black on white, which shows on every shade and in every theme."""
    left, top = x + flat % grid.columns * grid.width, y + flat // grid.columns * grid.height
    frame = f'x="{n(left)}" y="{n(top)}" width="{n(grid.width)}" height="{n(grid.height)}" fill="none"'
    return f'<rect {frame} stroke="#ffffff" stroke-width="4"/><rect {frame} stroke="#000000" stroke-width="2"/>'


def _ticks(grid: Grid, worst: int | None, x: float, y: float, *, rows_too: bool) -> list[str]:
    """Write indices above the columns and left of the rows: all of them if there is room, else the ends and the worst."""
    columns = _shown(grid.columns, grid.width, 16, None if worst is None else worst % grid.columns)
    rows = _shown(grid.rows, grid.height, 11, None if worst is None else worst // grid.columns) if rows_too else []
    return [
        *(text(x + (i + 0.5) * grid.width, y - 5, str(i), anchor="middle", size=9) for i in columns),
        *(text(x - 5, y + (i + 0.5) * grid.height + 3, str(i), anchor="end", size=9) for i in rows),
    ]


def _shown(count: int, pitch: float, need: float, worst: int | None) -> list[int]:
    if pitch >= need:
        return list(range(count))
    chosen = [] if worst is None else [worst]
    return sorted(chosen + [i for i in (0, count - 1) if all(abs(i - c) * pitch >= need + 4 for c in chosen)])


def _legend(scale: float, spread: float, y: float, broken: bool, marked: bool) -> tuple[list[str], float, float]:
    """Return the two colour scales and the key to frame and hatching, with their height and width."""
    parts: list[str] = []
    scales = [("got, expected", scale)] + ([("got − expected", spread)] if spread else [])
    for k, (words, limit) in enumerate(scales):
        top = y + 17 * k
        parts.append(text(_LEFT - 8, top + 9, words, anchor="end", size=10))
        parts.append(text(_LEFT + 44, top + 9, short(-limit) if limit else "0", anchor="end", size=10))
        steps = 24
        for i in range(steps + 1):
            fill = shade(round((i / steps * 2 - 1) * LEVELS)) if limit else "#ffffff"
            parts.append(f'<rect x="{n(_LEFT + 50 + 5 * i)}" y="{n(top)}" width="5.2" height="11" fill="{fill}"/>')
        parts.append(outline(_LEFT + 50, top, 125, 11))
        parts.append(text(_LEFT + 181, top + 9, short(limit), size=10))
    notes = (["framed: the worst entry"] if marked else []) + (["hatched: NaN or infinite"] if broken else [])
    for k, note in enumerate(notes):
        parts.append(text(_LEFT + 230, y + 17 * k + 9, note, size=10))
    return parts, 17.0 * max(len(scales), len(notes)), 500 if notes else 350
