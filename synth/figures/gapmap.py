"""The gap map as a still picture: a table with a number in every cell, signs by kind of evidence, hatched gaps."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from synth.figures.style import (
    HAIRLINE_PT,
    INK,
    LEAST_PT,
    LINE,
    MM,
    PAPER,
    QUIET,
    SERIES,
    SMALL_PT,
    TEXT_PT,
    bare_axes,
    new_figure,
)
from synth.figures.text import plain, text_width, wrap_text
from synth.maps import EVIDENCE_KINDS, NOT_CODED, TOTAL, GapTable, Term

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Point = tuple[float, float]

STATE_WORDS = {
    "synthesis": "no review",
    "stale": "review old",
    "low_confidence": "low confidence",
    "ongoing": "ongoing only",
    "not_reported": "not reported",
    "not_searched": "not searched",
}
"""What stands in a cell; "no evidence" is told by the hatch and by 0."""
_NOT_SEARCHED = "#e6e9ec"
_HATCH = "#c3c9d1"
_HATCHED = frozenset({"absolute", "not_reported"})
_BACKED = {"boxstyle": "square,pad=0.15", "facecolor": PAPER, "linewidth": 0}
_LEGEND_PT = LEAST_PT + 0.5
_LEGEND_MM = 5.0
_PT_A_MM = 72 * MM
_EDGE = 5.0
_ROW_HEAD = 38.0
_CELL_HEIGHT = 12.0
_BARE_HEIGHT = 6.5
_SLACK = 0.96  # letters set to whole dots take up to 4 % more than their measure
_WIDTH = 180.0
_CELL_LEAST, _CELL_MOST = 16.0, 24.0
_LINE_MM = 3.2
_INDENT = 3.0
_SIGN_MOST = 2.2  # radius of the largest sign
_SIGN_LEAST = 0.5
_SIGN_GAP = 0.35


def sign_corners(kind: str) -> list[Point] | None:
    """Corners of the sign of a kind of evidence, y upwards, of the area of a circle of radius 1; None: a circle."""
    half = math.sqrt(math.pi) / 2
    side = math.sqrt(math.pi * 4 / math.sqrt(3))
    rise = side * math.sqrt(3) / 4
    tip = math.sqrt(math.pi / 2)
    arm = math.sqrt(math.pi / 5) / 2
    return {
        "randomised": None,
        "comparative": [(-half, -half), (half, -half), (half, half), (-half, half)],
        "qualitative": [(0, rise), (side / 2, -rise), (-side / 2, -rise)],
        "other": [(0, tip), (tip, 0), (0, -tip), (-tip, 0)],
        "ongoing": [(0, -rise), (side / 2, rise), (-side / 2, rise)],
        "review": [(x * arm, y * arm) for x, y in _CROSS],
    }[kind]


_CROSS = ((-1, 3), (1, 3), (1, 1), (3, 1), (3, -1), (1, -1), (1, -3), (-1, -3), (-1, -1), (-3, -1), (-3, 1), (-1, 1))


def sign_half_width(kind: str) -> float:
    """How far a sign reaches to the side when its area is that of a circle of radius 1."""
    corners = sign_corners(kind)
    return 1.0 if corners is None else max(abs(x) for x, _ in corners)


@dataclass(frozen=True, slots=True)
class _Plan:
    """Where things stand, in mm from the lower left; ``rows`` and ``cols`` end with the margin."""

    rows: tuple[Term, ...]
    cols: tuple[Term, ...]
    row_texts: tuple[list[str], ...]
    col_texts: tuple[list[str], ...]
    title: list[str]
    notes: list[str]
    legend: list[tuple[str, str, float, int]]
    cell_width: float
    heights: tuple[float, ...]
    head: float
    foot: float
    top: float

    @property
    def width(self) -> float:
        return max(_WIDTH, 2 * _EDGE + _ROW_HEAD + self.cell_width * len(self.cols))

    @property
    def height(self) -> float:
        return self.top + self.head + sum(self.heights) + self.foot

    def left(self, col: int) -> float:
        return _EDGE + _ROW_HEAD + self.cell_width * col

    def bottom(self, row: int) -> float:
        return self.foot + sum(self.heights[row + 1 :])


def draw_gapmap(
    table: GapTable,
    gaps: pd.DataFrame,
    *,
    title: str,
    row_label: str,
    col_label: str,
    definition: str = "",
) -> Figure:
    """Draw counts and gap states as they are given. ``gaps``: of ``find_gaps``; ``definition`` is printed as it is."""
    plan = _plan(table, set(gaps["state"]), title, definition)
    figure = new_figure(plan.width, plan.height)
    axes = bare_axes(figure, (0, 0, 1, 1))
    axes.set_xlim(0, plan.width)
    axes.set_ylim(0, plan.height)
    states = {(row, col): state for row, col, state in gaps[["row", "col", "state"]].itertuples(index=False)}
    _write_heads(axes, plan, f"{row_label} / {col_label}")
    _draw_cells(axes, plan, table, states)
    _write_foot(axes, plan)
    return figure


def _plan(table: GapTable, states: Collection[str], title: str, definition: str) -> _Plan:
    rows, cols = (*table.row_terms, Term(TOTAL, "All studies")), (*table.col_terms, Term(TOTAL, "All studies"))
    cell = _cell_width(cols)
    row_texts = tuple(_lines(row.label, _ROW_HEAD - 2 - _INDENT * row.depth, SMALL_PT, 4) for row in rows)
    col_texts = tuple(_lines(col.label, cell - 1.5, SMALL_PT, 6) for col in cols)
    width = max(_WIDTH, 2 * _EDGE + _ROW_HEAD + cell * len(cols)) - 2 * _EDGE
    heads, notes = _lines(title, width, TEXT_PT + 1, 3), _lines(_note(table, definition), width, _LEGEND_PT, 6)
    legend = _legend(states, width)
    heights = tuple(
        max(_row_height(table, row), _LINE_MM * len(lines) + 2) for row, lines in zip(rows, row_texts, strict=True)
    )
    head = _LINE_MM * max(len(lines) for lines in col_texts) + 3
    foot = 10 + _LINE_MM * len(notes) + _LEGEND_MM * legend[-1][3]
    return _Plan(rows, cols, row_texts, col_texts, heads, notes, legend, cell, heights, head, foot, 5 + 4 * len(heads))


def _cell_width(cols: Sequence[Term]) -> float:
    """As wide as the page allows, wide enough for the longest word of the heads where that is not too much."""
    room = (_WIDTH - 2 * _EDGE - _ROW_HEAD) / len(cols)
    pieces = [piece for col in cols for word in plain(col.label).split() for piece in word.split("-")]
    longest = max((text_width(piece, SMALL_PT) / _PT_A_MM / _SLACK + 2 for piece in pieces), default=0.0)
    return min(_CELL_MOST, max(_CELL_LEAST, room, longest))


def _row_height(table: GapTable, row: Term) -> float:
    """A group that nobody studied, and the margin, hold numbers alone."""
    return _CELL_HEIGHT if row.id != TOTAL and table.cell(row.id)["n"] else _BARE_HEIGHT


def _note(table: GapTable, definition: str) -> str:
    total = table.cell()
    counts = (
        f"Studies: {total['n']}, of which {total['primary']} primary and {total['reviews']} reviews. A study counts "
        "once in each cell and once in each total; the area of a sign is the number of studies."
    )
    return f"{counts} {definition}." if definition else counts


def _lines(text: str, width: float, size: float, most: int) -> list[str]:
    """``text`` in at most ``most`` lines of ``width`` mm; words too wide for a line break after a hyphen first."""
    room = width * _PT_A_MM * _SLACK
    words = [word.replace("-", "- ") if text_width(word, size) > room else word for word in plain(text).split()]
    return wrap_text(" ".join(words), room, size, most_lines=most)


def _write_heads(axes: Axes, plan: _Plan, corner: str) -> None:
    """Title, heads of columns and rows, and the hairlines under them."""
    for place, line in enumerate(plan.title):
        axes.text(_EDGE, plan.height - 5.5 - 4 * place, line, size=TEXT_PT + 1, weight="bold", va="baseline")
    top = plan.foot + sum(plan.heights)
    corner_lines = _lines(corner, _ROW_HEAD - 2, LEAST_PT + 0.5, 3)
    _stack(axes, _EDGE, top + 1.5, corner_lines, size=LEAST_PT + 0.5, color=QUIET)
    for place, lines in enumerate(plan.col_texts):
        colour = QUIET if plan.cols[place].id in {TOTAL, NOT_CODED} else INK
        _stack(axes, plan.left(place) + plan.cell_width / 2, top + 1.5, lines, size=SMALL_PT, color=colour, ha="center")
    for place, lines in enumerate(plan.row_texts):
        _write_row_head(axes, plan, place, lines)
    for place in range(len(plan.rows)):
        y = plan.bottom(place) + plan.heights[place]
        axes.plot([_EDGE, plan.left(len(plan.cols))], [y, y], color=LINE, linewidth=HAIRLINE_PT)


def _write_row_head(axes: Axes, plan: _Plan, place: int, lines: list[str]) -> None:
    row = plan.rows[place]
    is_whole = any(other.parent == row.id for other in plan.rows)
    middle = plan.bottom(place) + plan.heights[place] / 2
    _stack(
        axes,
        _EDGE + _INDENT * row.depth,
        middle - _LINE_MM * len(lines) / 2 + 0.8,
        lines,
        size=SMALL_PT,
        color=QUIET if row.id in {TOTAL, NOT_CODED} else INK,
        weight="bold" if is_whole else "normal",
    )


def _stack(axes: Axes, x: float, bottom: float, lines: Sequence[str], **look: Any) -> None:
    """Lines of text, the last one on ``bottom``."""
    for place, line in enumerate(reversed(lines)):
        axes.text(x, bottom + _LINE_MM * place, line, va="baseline", **look)


def _draw_cells(axes: Axes, plan: _Plan, table: GapTable, states: Mapping[tuple[str, str], str]) -> None:
    inner = [table.cell(row.id, col.id)["kinds"] for row in plan.rows[:-1] for col in plan.cols[:-1]]
    scale = _sign_scale(inner, plan.cell_width)
    for i, row in enumerate(plan.rows):
        for j, col in enumerate(plan.cols):
            box = (plan.left(j), plan.bottom(i), plan.cell_width, plan.heights[i])
            _draw_cell(axes, box, table.cell(row.id, col.id), states.get((row.id, col.id), ""), scale)


def _sign_scale(cells: Sequence[Mapping[str, int]], cell_width: float) -> float:
    """Radius in mm of the sign of one study, so that the fullest cell fits its signs."""
    most = max((n for kinds in cells for n in kinds.values()), default=1)
    by_size = _SIGN_MOST / math.sqrt(most)
    widest = max((_row_width(kinds, 1.0, 0.0) for kinds in cells), default=1.0)
    gaps = _SIGN_GAP * len(EVIDENCE_KINDS)
    return min(by_size, (cell_width - 1 - gaps) / max(widest, 1e-9))


def _row_width(kinds: Mapping[str, int], scale: float, gap: float) -> float:
    return sum(2 * sign_half_width(kind) * _radius(n, scale) + gap for kind, n in kinds.items())


def _radius(n: int, scale: float) -> float:
    return max(_SIGN_LEAST, scale * math.sqrt(n)) if scale < 1 else math.sqrt(n)


def _draw_cell(
    axes: Axes,
    box: tuple[float, float, float, float],
    cell: Mapping[str, Any],
    state: str,
    scale: float,
) -> None:
    """Number above, signs in the middle, the state in words below; margins have a number alone."""
    x, centre, middle = box[0], box[0] + box[2] / 2, box[1] + box[3] / 2
    _fill_box(axes, (x, *box[1:]), state)
    words, is_filled = STATE_WORDS.get(state, ""), bool(state and cell["n"])
    look: dict[str, Any] = {"ha": "center", "va": "center", "bbox": _BACKED if state in _HATCHED else None}
    weight, colour = ("bold", INK) if is_filled else ("normal", QUIET)
    number_y = middle + (3.4 if is_filled else 1.7 if words else 0)
    axes.text(centre, number_y, str(cell["n"]), size=TEXT_PT, color=colour, weight=weight, **look)
    if is_filled:
        _draw_signs(axes, centre, middle - 0.3, cell["kinds"], scale)
    if words:
        axes.text(centre, middle - (4.2 if is_filled else 1.9), words, size=LEAST_PT, color=QUIET, **look)


def _draw_signs(axes: Axes, centre: float, y: float, kinds: Mapping[str, int], scale: float) -> None:
    present = [kind.id for kind in EVIDENCE_KINDS if kinds.get(kind.id)]
    x = centre - _row_width(kinds, scale, _SIGN_GAP) / 2
    for kind in present:
        radius = _radius(kinds[kind], scale)
        half = sign_half_width(kind) * radius + _SIGN_GAP / 2
        draw_sign(axes, kind, x + half, y, radius)
        x += 2 * half


def draw_sign(axes: Axes, kind: str, x: float, y: float, radius: float) -> None:
    """One sign; its area is that of a circle of ``radius``, in units of the axes."""
    from matplotlib.patches import Circle, Polygon

    colour = SERIES[[item.id for item in EVIDENCE_KINDS].index(kind)]
    look = {"facecolor": colour, "edgecolor": INK, "linewidth": HAIRLINE_PT * 0.7}
    corners = sign_corners(kind)
    if corners is None:
        axes.add_patch(Circle((x, y), radius, **look))
    else:
        axes.add_patch(Polygon([(x + radius * a, y + radius * b) for a, b in corners], closed=True, **look))


def _legend(states: Collection[str], width: float) -> list[tuple[str, str, float, int]]:
    """What the legend explains: kind or state, its words, and where: mm from the left edge, and the line, from 0."""
    entries = [(kind.id, kind.label) for kind in EVIDENCE_KINDS] + [("absolute", "no evidence")]
    entries += [("not_searched", "not searched")] if "not_searched" in states else []
    placed, x, line = [], 0.0, 0
    for key, words in entries:
        room = 5 + text_width(words, _LEGEND_PT) / _PT_A_MM
        if x and x + room > width:
            x, line = 0.0, line + 1
        placed.append((key, words, x, line))
        x += room + 4
    return placed


def _write_foot(axes: Axes, plan: _Plan) -> None:
    """The legend in words, and what a reader must know to read the numbers."""
    top = 4 + _LINE_MM * len(plan.notes) + _LEGEND_MM * plan.legend[-1][3]
    for key, words, left, line in plan.legend:
        x, y = _EDGE + left, top - _LEGEND_MM * line
        if key in {kind.id for kind in EVIDENCE_KINDS}:
            draw_sign(axes, key, x + 1.7, y + 0.9, 1.1)
        else:
            _fill_box(axes, (x, y - 0.6, 4, 3), key)
        axes.text(x + 5, y, words, size=_LEGEND_PT, va="baseline")
    _stack(axes, _EDGE, 2.5, plan.notes, size=_LEGEND_PT, color=QUIET)


def _fill_box(axes: Axes, box: tuple[float, float, float, float], state: str) -> None:
    """The ground of a cell: hatched where there is no evidence, grey where nobody searched."""
    from matplotlib.patches import Rectangle

    x, y, width, height = box
    if state in _HATCHED:
        axes.add_patch(Rectangle((x, y), width, height, facecolor=PAPER, edgecolor=_HATCH, hatch="////", linewidth=0))
    elif state == "not_searched":
        axes.add_patch(Rectangle((x, y), width, height, facecolor=_NOT_SEARCHED, linewidth=0))
