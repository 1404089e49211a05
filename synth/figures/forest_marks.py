"""The marks of a forest plot: squares, intervals with arrows, diamonds, prediction bars, directions, axes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synth.figures.forest_rows import DIRECTION_WORDS, ForestPlot
from synth.figures.scale import Scale, write_tick
from synth.figures.style import ACCENT, HAIRLINE_PT, INK, PAPER, QUIET, SMALL_PT, TEXT_PT
from synth.figures.text import LINE_HEIGHT, text_width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from synth.figures.sheet import Sheet

LARGEST_SIDE = 9.0
PLAIN_SIDE = 4.0
"""Side of the square of a row that is not weighed, in points."""
DIAMOND = 4.5
ARROW = 4.5
INTERVAL_PT = 0.9


def draw_square(
    sheet: Sheet,
    scale: Scale,
    estimate: float,
    y: float,
    gid: str,
    *,
    weight: float | None,
    heaviest: float,
    open_: bool,
    color: str = INK,
) -> None:
    """A square whose area is proportional to ``weight``; nothing where the estimate lies beyond the axis."""
    if not scale.left <= scale.place(estimate) <= scale.right:
        return
    is_weighed = weight is not None and heaviest > 0
    side = LARGEST_SIDE * ((weight or 0.0) / heaviest) ** 0.5 if is_weighed else PLAIN_SIDE
    x = scale.place(estimate)
    looks = {"fill": PAPER, "edge": QUIET, "thick": 0.8} if open_ else {"fill": color}
    name, label = (f"square-{gid}", repr(weight)) if is_weighed else (f"mark-{gid}", "")
    sheet.box(x - side / 2, y - side / 2, side, side, gid=name, label=label, order=4, **looks)


def draw_interval(
    sheet: Sheet, scale: Scale, limits: tuple[float, float], y: float, gid: str, *, color: str = INK
) -> None:
    """A line between the limits, with an arrow at each end that lies beyond the axis."""
    low, high = (scale.place(limit) for limit in limits)
    left, right = (min(max(end, scale.left), scale.right) for end in (low, high))
    if left == right and not scale.left < low < scale.right:
        left, right = (left, left + 2 * ARROW) if low < scale.left else (right - 2 * ARROW, right)
    sheet.line([left, right], [y, y], color=color, width=INTERVAL_PT, gid=f"interval-{gid}", label=f"{low!r} {high!r}")
    _draw_arrows(sheet, scale, (low, high), y, gid=gid, color=color)


def _draw_arrows(sheet: Sheet, scale: Scale, ends: tuple[float, float], y: float, *, gid: str, color: str) -> None:
    sides = (("left", ends[0] < scale.left, scale.left, 1), ("right", ends[1] > scale.right, scale.right, -1))
    for side, is_beyond, tip, way in sides:
        if is_beyond:
            back = tip + way * ARROW
            sheet.shape([(tip, y), (back, y - 2.4), (back, y + 2.4)], fill=color, gid=f"arrow-{side}-{gid}")


def draw_diamond(
    sheet: Sheet, scale: Scale, values: tuple[float, float, float], y: float, gid: str, *, color: str = ACCENT
) -> None:
    """A pooled estimate: as wide as its interval, in the accent."""
    low, middle, high = (scale.clip(value) for value in values)
    points = [(low, y), (middle, y - DIAMOND), (high, y), (middle, y + DIAMOND)]
    sheet.shape(points, fill=color, gid=f"diamond-{gid}", order=4)
    _draw_arrows(sheet, scale, (scale.place(values[0]), scale.place(values[2])), y, gid=gid, color=color)


def draw_prediction(
    sheet: Sheet, scale: Scale, limits: tuple[float, float], y: float, gid: str, *, color: str = ACCENT
) -> None:
    """A thin bar in the accent with end caps; an arrow where it leaves the axis."""
    draw_interval(sheet, scale, limits, y, gid, color=color)
    for value in limits:
        if scale.left <= scale.place(value) <= scale.right:
            sheet.line([scale.place(value)] * 2, [y - 2.5, y + 2.5], color=color, width=INTERVAL_PT)


def draw_direction(sheet: Sheet, scale: Scale, plot: ForestPlot, direction: str, y: float, *, gid: str) -> None:
    """A symbol and a word on the side of the axis that it speaks for; "no difference" and "unclear" at the null."""
    word = DIRECTION_WORDS[direction]
    null = scale.clip(plot.null)
    if direction in ("none", "unclear"):
        symbol = "○" if direction == "none" else "?"
        sheet.write(null + 6, y, f"{symbol} {word}", color=QUIET, gid=f"direction-{gid}")
        return
    is_left = (direction == "favours") == (plot.better == "left")
    text = f"◀ {word}" if is_left else f"{word} ▶"
    middle = (scale.left + null) / 2 if is_left else (null + scale.right) / 2
    half = text_width(text, TEXT_PT) / 2
    x = min(max(middle, scale.left + half), scale.right - half)
    height = TEXT_PT * LINE_HEIGHT
    sheet.box(x - half, y - height / 2, 2 * half, height, fill=PAPER, order=2)  # lines pass behind the word
    sheet.write(x, y, text, align="center", gid=f"direction-{gid}")


def draw_reference(sheet: Sheet, scale: Scale, plot: ForestPlot, span: tuple[float, float]) -> None:
    """The null as a solid hairline, the pooled estimate as a dashed one."""
    null = scale.clip(plot.null)
    sheet.line([null, null], span, color=QUIET, gid=None, order=1)
    if plot.overall and scale.low <= plot.overall.estimate <= scale.high:
        x = scale.place(plot.overall.estimate)
        sheet.line([x, x], span, color=plot.look.line, width=0.7, dashed=True, order=1)


def draw_axis(
    sheet: Sheet,
    scale: Scale,
    plot: ForestPlot,
    top: float,
    *,
    ticks: Sequence[float],
    label: str,
    favours: tuple[list[str], list[str]],
) -> None:
    """Baseline, ticks with labels, the measure's name, and who is favoured on either side."""
    sheet.line([scale.left, scale.right], [top, top], color=QUIET, gid=None)
    for tick in ticks:
        x = scale.place(tick)
        sheet.line([x, x], [top, top + 3], color=QUIET, width=HAIRLINE_PT)
        sheet.write(
            x, top + 9, plot.look.dot(write_tick(tick)), size=SMALL_PT, align="center", gid=f"tick-{top:.0f}-{tick:g}"
        )
    below = top + (19.0 if ticks else 8.0)
    if label:
        sheet.write((scale.left + scale.right) / 2, below, label, size=SMALL_PT, color=QUIET, align="center")
        below += SMALL_PT * LINE_HEIGHT + 1
    null = scale.clip(plot.null)
    left, right = favours
    sheet.write_lines(null - 8, below, left, size=SMALL_PT, align="right")
    sheet.write_lines(null + 8, below, right, size=SMALL_PT)
