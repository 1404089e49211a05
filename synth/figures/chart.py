"""Charts with two axes, from plain marks, lines and areas: the common ground of funnel, radial and other plots."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from synth.figures.scale import Scale, find_ticks, write_tick
from synth.figures.sheet import PT_PER_MM, Sheet
from synth.figures.style import INK, PAPER, QUIET, SMALL_PT, TEXT_PT, our_style
from synth.figures.text import LINE_HEIGHT, plain, text_width, wrap_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

Point = tuple[float, float]
_EDGE = 8.0
_UNDER = 36.0
"""Room for ticks and the name of the axis below a chart."""
_MOST_NAMES = 12


@dataclass(frozen=True, slots=True)
class Mark:
    """A disc of ``radius`` points; ``is_open`` without filling; ``name`` is written beside it where there is room."""

    x: float
    y: float
    radius: float = 2.6
    is_open: bool = False
    name: str = ""
    color: str = INK


@dataclass(frozen=True, slots=True)
class Path:
    """A line through points."""

    points: tuple[Point, ...]
    color: str = QUIET
    dashed: bool = False
    width: float = 0.7


@dataclass(frozen=True, slots=True)
class Area:
    """A filled shape behind all else; ``word`` stands in the legend."""

    points: tuple[Point, ...]
    fill: str
    word: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """What a chart shows. Ranges run from low to high; ``down``: the y axis grows downwards; ``log``: x as a ratio."""

    title: str
    x_label: str
    y_label: str
    x_range: tuple[float, float]
    y_range: tuple[float, float]
    marks: tuple[Mark, ...] = ()
    paths: tuple[Path, ...] = ()
    areas: tuple[Area, ...] = ()
    caption: str = ""
    log: bool = False
    down: bool = False


@dataclass(frozen=True, slots=True)
class _Ground:
    """Where a chart stands on its sheet, in points."""

    x: Scale
    y: Scale
    top: float
    foot: float
    down: bool

    def place(self, point: Point) -> Point:
        reach = self.y.place(point[1])
        return self.x.place(point[0]), self.top + reach if self.down else self.foot - reach

    def clip(self, point: Point) -> Point:
        x, y = self.place(point)
        return min(max(x, self.x.left), self.x.right), min(max(y, self.top), self.foot)


def draw_chart(chart: Chart, *, width_mm: float = 120) -> Figure:
    """The chart as a figure of that width; its height follows."""
    with our_style(""):
        return _draw(chart, width_mm * PT_PER_MM)


def _draw(chart: Chart, width: float) -> Figure:
    head = wrap_text(chart.title, (width - 2 * _EDGE) * 0.97, bold=True)
    notes = wrap_text(chart.caption, (width - 2 * _EDGE) * 0.97, SMALL_PT) if plain(chart.caption) else []
    top = _EDGE + len(head) * TEXT_PT * LINE_HEIGHT + 18
    foot = top + min(width * 0.62, 260.0)
    words = [area for area in chart.areas if area.word]
    under = foot + _UNDER + (12 if words else 0)
    sheet = Sheet(width, under + len(notes) * SMALL_PT * LINE_HEIGHT + _EDGE)
    sheet.write_lines(_EDGE, _EDGE + TEXT_PT / 2, head, bold=True)
    ground = _find_ground(chart, width, top, foot)
    for area in chart.areas:
        corners = _cut([ground.place(point) for point in area.points], ground)
        if len(corners) > 2:
            sheet.shape(corners, fill=area.fill, order=0)
    _draw_axes(sheet, chart, ground)
    for path in chart.paths:
        _draw_path(sheet, path, ground)
    _draw_marks(sheet, chart, ground)
    _draw_words(sheet, words, foot + _UNDER - 4)
    sheet.write_lines(_EDGE, under, notes, size=SMALL_PT, color=QUIET)
    return sheet.figure


def _find_ground(chart: Chart, width: float, top: float, foot: float) -> _Ground:
    y = Scale(*_widen(chart.y_range), log=False, left=0, right=foot - top)
    widest = max((text_width(write_tick(tick), SMALL_PT) for tick in find_ticks(y)), default=0.0)
    low, high = chart.x_range if chart.log else _widen(chart.x_range)
    x = Scale(low, high, log=chart.log, left=_EDGE + widest + 8, right=width - _EDGE - 12)
    return _Ground(x, y, top, foot, chart.down)


def _widen(ends: tuple[float, float]) -> tuple[float, float]:
    low, high = ends
    return ends if high - low > 1e-12 * max(abs(low), abs(high)) else (low - abs(low) * 0.1 - 1e-6, high + 1e-6)


def _draw_axes(sheet: Sheet, chart: Chart, ground: _Ground) -> None:
    x, y = ground.x, ground.y
    sheet.line([x.left, x.right], [ground.foot] * 2, color=QUIET)
    sheet.line([x.left, x.left], [ground.top, ground.foot], color=QUIET)
    for tick in find_ticks(x):
        at = x.place(tick)
        sheet.line([at, at], [ground.foot, ground.foot + 3], color=QUIET)
        sheet.write(at, ground.foot + 9, write_tick(tick), size=SMALL_PT, align="center", gid=f"tick-x-{tick:g}")
    for tick in find_ticks(y):
        at = ground.place((chart.x_range[0], tick))[1]
        sheet.line([x.left - 3, x.left], [at, at], color=QUIET)
        sheet.write(x.left - 5, at, write_tick(tick), size=SMALL_PT, align="right", gid=f"tick-y-{tick:g}")
    sheet.write((x.left + x.right) / 2, ground.foot + 21, chart.x_label, size=SMALL_PT, color=QUIET, align="center")
    sheet.write(_EDGE, ground.top - 10, chart.y_label, size=SMALL_PT, color=QUIET)


def _draw_path(sheet: Sheet, path: Path, ground: _Ground) -> None:
    there = [ground.place(point) for point in path.points]
    inside = _cut([*there, *there[-2::-1]], ground)  # there and back again: a shape without area is cut like any other
    once = list(dict.fromkeys((round(x, 6), round(y, 6)) for x, y in inside))
    half = sorted(once) if len(there) == 2 else inside[: len(inside) // 2 + 1]
    if len(half) > 1:
        xs, ys = zip(*half, strict=True)
        sheet.line(list(xs), list(ys), color=path.color, width=path.width, dashed=path.dashed, order=1)


def _cut(points: list[Point], ground: _Ground) -> list[Point]:
    """A shape cut to the ground, edge by edge (Sutherland & Hodgman 1974, Commun ACM 17:32)."""
    for axis, edge, side in (
        (0, ground.x.left, 1),
        (0, ground.x.right, -1),
        (1, ground.top, 1),
        (1, ground.foot, -1),
    ):
        points = _cut_edge(points, axis, edge, side)
    return points


def _cut_edge(points: list[Point], axis: int, edge: float, side: int) -> list[Point]:
    kept: list[Point] = []
    for before, point in zip([*points[-1:], *points[:-1]], points, strict=True):
        was_in, is_in = (side * (one[axis] - edge) >= -1e-9 for one in (before, point))
        if was_in != is_in:
            share = (edge - before[axis]) / (point[axis] - before[axis])
            kept.append((before[0] + share * (point[0] - before[0]), before[1] + share * (point[1] - before[1])))
        if is_in:
            kept.append(point)
    return kept


def _draw_marks(sheet: Sheet, chart: Chart, ground: _Ground) -> None:
    places = [(*ground.clip((mark.x, mark.y)), mark.radius) for mark in chart.marks]
    taken = [(x - r, y - r, x + r, y + r) for x, y, r in places]
    for number, mark in enumerate(sorted(chart.marks, key=lambda mark: -mark.radius)):
        x, y = ground.clip((mark.x, mark.y))
        corners = [(x + mark.radius * math.cos(a), y + mark.radius * math.sin(a)) for a in _ANGLES]
        fill, edge = (PAPER, mark.color) if mark.is_open else (mark.color, PAPER)
        sheet.shape(corners, fill=fill, edge=edge, thick=0.6, gid=f"mark-{number}", order=3)
        if mark.name and len(taken) < len(places) + _MOST_NAMES:
            _write_name(sheet, mark, (x, y), ground, taken)


_ANGLES = tuple(math.pi * step / 12 for step in range(24))


def _write_name(
    sheet: Sheet, mark: Mark, at: Point, ground: _Ground, taken: list[tuple[float, float, float, float]]
) -> None:
    """The name right or left of its mark, where it meets no other name; else it stays in the table."""
    text = wrap_text(mark.name, 90, SMALL_PT, most_lines=1)[0]
    wide, reach = text_width(text, SMALL_PT), mark.radius + 3
    for left in (at[0] + reach, at[0] - reach - wide):
        box = (left, at[1] - 5, left + wide, at[1] + 5)
        is_inside = box[0] > ground.x.left and box[2] < ground.x.right and ground.top < box[1] and box[3] < ground.foot
        if is_inside and not any(_meet(box, other) for other in taken):
            taken.append(box)
            sheet.write(left, at[1], text, size=SMALL_PT)
            return


def _meet(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] + 1 and other[0] < one[2] + 1 and one[1] < other[3] and other[1] < one[3]


def _draw_words(sheet: Sheet, areas: Sequence[Area], y: float) -> None:
    at = _EDGE
    for area in areas:
        sheet.box(at, y - 4, 8, 8, fill=area.fill, edge=QUIET)
        sheet.write(at + 11, y, area.word, size=SMALL_PT, color=QUIET)
        at += 11 + text_width(area.word, SMALL_PT) + 12
