"""Relevant works found against works read: the course of a screening, or of replays of one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from synth.figures.scale import Scale, find_ticks, write_tick
from synth.figures.sheet import PT_PER_MM, Sheet
from synth.figures.style import ACCENT, INK, PAPER, QUIET, SERIES, SMALL_PT, TEXT_PT, save_figure
from synth.figures.text import LINE_HEIGHT, text_width, wrap_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

MOST_NAMED = 7
"""More curves than colours are drawn alike and counted in the caption."""
_PLOT_MM = 62
_EDGE = 8
_UNREAD = "#f1f3f5"
_STOP = 4
"""Half the height of the diamond that marks a stop, in points."""


@dataclass(frozen=True, slots=True)
class RecallCurve:
    """One reading: ``found`` holds the number of relevant works found after each work read.

    ``stop``: works read when a rule ended it, if one did.
    """

    name: str
    found: tuple[int, ...]
    stop: int | None = None


@dataclass(frozen=True, slots=True)
class RecallPlot:
    """What to draw. ``works`` counts all works, read or not; ``relevant`` all relevant ones, where that is known.

    ``missed_bound``: how many unread works may be relevant at most, where somebody has computed it.
    """

    curves: tuple[RecallCurve, ...]
    works: int
    title: str
    relevant: int | None = None
    missed_bound: int | None = None
    thing: str = "works"
    percent: bool = False
    """Curves, ``works`` and ``relevant`` are in thousandths; the axes show per cent."""

    @property
    def read(self) -> int:
        """Works read on the longest curve."""
        return max(len(curve.found) for curve in self.curves)

    @property
    def found(self) -> int:
        """Relevant works found on the best curve."""
        return max((curve.found[-1] for curve in self.curves if curve.found), default=0)


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where the plot stands on the sheet, in points; ``y`` measures heights above its foot."""

    x: Scale
    y: Scale
    top: float
    foot: float

    def place(self, read: float, found: float) -> tuple[float, float]:
        return self.x.place(read), self.foot - self.y.place(found)


def draw_recall(plot: RecallPlot, *, width_mm: float = 120) -> Figure:
    """Draw the curves, the line of an even pace, and what is unread."""
    width = width_mm * PT_PER_MM
    head = wrap_text(plot.title, width - 2 * _EDGE, bold=True)
    notes = wrap_text(write_caption(plot), width - 2 * _EDGE, SMALL_PT)
    top = _EDGE + len(head) * TEXT_PT * LINE_HEIGHT + 22
    foot = top + _PLOT_MM * PT_PER_MM
    sheet = Sheet(width, foot + 34 + len(notes) * SMALL_PT * LINE_HEIGHT + _EDGE)
    sheet.write_lines(_EDGE, _EDGE + TEXT_PT / 2, head, bold=True)
    frame = _find_frame(plot, width, top, foot)
    _draw_unread(sheet, plot, frame)
    _draw_axes(sheet, plot, frame)
    _draw_even_pace(sheet, plot, frame)
    _draw_curves(sheet, plot, frame)
    sheet.write_lines(_EDGE, foot + 34, notes, size=SMALL_PT, color=QUIET)
    return sheet.figure


def _find_frame(plot: RecallPlot, width: float, top: float, foot: float) -> _Frame:
    high = max(plot.relevant or 0, plot.found, 1)
    left = _EDGE + text_width(_tick(high, plot), SMALL_PT) + 8
    x = Scale(0, max(plot.works, 1), log=False, left=left, right=width - _EDGE - 8)
    return _Frame(x, Scale(0, high * 1.04, log=False, left=0, right=foot - top), top, foot)


def _draw_axes(sheet: Sheet, plot: RecallPlot, frame: _Frame) -> None:
    for tick in _whole_ticks(frame.x):
        x = frame.x.place(tick)
        sheet.line([x, x], [frame.foot, frame.foot + 3], color=QUIET)
        sheet.write(x, frame.foot + 9, _tick(tick, plot), size=SMALL_PT, align="center", color=QUIET)
    for tick in _whole_ticks(frame.y):
        y = frame.foot - frame.y.place(tick)
        sheet.line([frame.x.left - 3, frame.x.left], [y, y], color=QUIET)
        sheet.write(frame.x.left - 5, y, _tick(tick, plot), size=SMALL_PT, align="right", color=QUIET)
    sheet.line([frame.x.left, frame.x.right], [frame.foot, frame.foot], color=QUIET)
    sheet.line([frame.x.left, frame.x.left], [frame.top, frame.foot], color=QUIET)
    sheet.write(
        frame.x.right,
        frame.foot + 20,
        f"{plot.thing} read{', %' if plot.percent else ''}",
        size=SMALL_PT,
        align="right",
    )
    sheet.write(_EDGE, frame.top - 10, _write_y_name(plot), size=SMALL_PT)


def _write_y_name(plot: RecallPlot) -> str:
    return f"relevant {plot.thing} found{', %' if plot.percent else ''}"


def _tick(value: float, plot: RecallPlot) -> str:
    return write_tick(value / 10 if plot.percent else value)


def _whole_ticks(scale: Scale) -> list[float]:
    return [tick for tick in find_ticks(scale) if tick == int(tick)]


def _draw_unread(sheet: Sheet, plot: RecallPlot, frame: _Frame) -> None:
    unread = plot.works - plot.read
    if unread <= 0:
        return
    left, right = frame.x.place(plot.read), frame.x.right
    sheet.box(left, frame.top, right - left, frame.foot - frame.top, fill=_UNREAD, order=0, gid="unread")
    label = f"{unread:,} unread".replace(",", "\u202f")
    if text_width(label, SMALL_PT) + 8 < right - left:
        sheet.write((left + right) / 2, frame.foot - 10, label, size=SMALL_PT, align="center", color=QUIET)


def _draw_even_pace(sheet: Sheet, plot: RecallPlot, frame: _Frame) -> None:
    """In a replay all relevant are known: the line of a random order. While reading: an even pace until now."""
    whole = plot.relevant is not None
    end = frame.place(plot.works if whole else plot.read, plot.relevant if plot.relevant is not None else plot.found)
    start = frame.place(0, 0)
    sheet.line([start[0], end[0]], [start[1], end[1]], color=QUIET, dashed=True, gid="even pace")


def _draw_curves(sheet: Sheet, plot: RecallPlot, frame: _Frame) -> None:
    named = len(plot.curves) <= MOST_NAMED
    at = _legend_start(plot, frame)
    for number, curve in enumerate(plot.curves):
        color = (SERIES[number] if len(plot.curves) > 1 else ACCENT) if named else ACCENT
        points = [frame.place(read, found) for read, found in _corners(curve.found)]
        sheet.line(
            [x for x, _ in points],
            [y for _, y in points],
            color=color,
            width=1.2 if named else 0.6,
            gid=f"curve {number}",
            order=4,
        )
        _draw_stop(sheet, curve, frame, color, number)
        if named and curve.name and _names_fit(plot, frame):
            at = _draw_name(sheet, at, frame.top - 10, curve.name, color)


def _draw_stop(sheet: Sheet, curve: RecallCurve, frame: _Frame, color: str, number: int) -> None:
    if curve.stop is None or not curve.found:
        return
    at = min(max(curve.stop, 1), len(curve.found))
    x, y = frame.place(at, curve.found[at - 1])
    corners = [(x, y - _STOP), (x + _STOP, y), (x, y + _STOP), (x - _STOP, y)]
    sheet.shape(corners, fill=color, edge=PAPER, thick=0.8, gid=f"stop {number}", order=5)


def _names_fit(plot: RecallPlot, frame: _Frame) -> bool:
    """Names of sets are long; where they would run over the page they are left out."""
    names = sum(text_width(curve.name, SMALL_PT) + 26 for curve in plot.curves if curve.name)
    return not plot.percent or _legend_start(plot, frame) + names <= frame.x.right + _EDGE + 8


def _legend_start(plot: RecallPlot, frame: _Frame) -> float:
    names = sum(text_width(curve.name, SMALL_PT) + 26 for curve in plot.curves if curve.name)
    return max(frame.x.right - names, _EDGE + text_width(_write_y_name(plot), SMALL_PT) + 12)


def _draw_name(sheet: Sheet, x: float, y: float, name: str, color: str) -> float:
    sheet.line([x, x + 12], [y, y], color=color, width=1.2)
    sheet.write(x + 15, y, name, size=SMALL_PT, color=INK)
    return x + 26 + text_width(name, SMALL_PT)


def _corners(found: Sequence[int]) -> list[tuple[int, int]]:
    """The points at which the curve turns: enough to draw it, however long it is."""
    points, last = [(0, 0)], 0
    for read, number in enumerate(found, 1):
        if number != last:
            points += [(read - 1, last), (read, number)]
            last = number
    return [*points, (len(found), last)]


def write_caption(plot: RecallPlot) -> str:
    """What the figure shows, how, and what nobody has read, in words."""
    parts = [_describe_reading(plot)]
    unread = plot.works - plot.read
    if unread > 0:
        parts.append(f"{unread} are unread (grey).")
    if unread > 0 and plot.missed_bound is not None:
        parts.append(
            f"At most {plot.missed_bound} of them are relevant (hypergeometric test, 95 %, if no decision is wrong)."
        )
    return " ".join(parts)


def _describe_reading(plot: RecallPlot) -> str:
    if plot.relevant is not None:
        replays = f"{len(plot.curves)} replays. " if len(plot.curves) > 1 else ""
        if plot.percent:
            return f"{replays}In per cent of the {plot.thing} of each set. Dashed: a random order."
        return f"{replays}{plot.relevant} of {plot.works} {plot.thing} are relevant. Dashed: a random order."
    return f"{plot.found} relevant among {plot.read} of {plot.works} {plot.thing} read. Dashed: an even pace until now."


def save_recall(plot: RecallPlot, path: Path | str) -> None:
    """Draw the plot and write it to SVG, PDF or PNG, with its caption as alternative text."""
    save_figure(draw_recall(plot), path, title=plot.title, description=write_caption(plot))


__all__ = ["MOST_NAMED", "RecallCurve", "RecallPlot", "draw_recall", "save_recall", "write_caption"]
