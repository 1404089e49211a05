"""A page that is laid out by hand, measured in points from its upper left corner.

Forest plots and flow charts are tables with pictures in them; row heights in points keep them alike at 3 rows and 300.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from synth.figures.style import HAIRLINE_PT, INK, MM, TEXT_PT, bare_axes, fonts_for, new_figure, our_style
from synth.figures.text import LINE_HEIGHT, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

PT_PER_MM = 72 * MM


class Sheet:
    """A figure of ``width`` x ``height`` points; y grows downwards. Each artist may carry a ``gid`` for the checks."""

    def __init__(self, width: float, height: float) -> None:
        self.width = width
        self.height = height
        self.figure: Figure = new_figure(width / PT_PER_MM, height / PT_PER_MM)
        self.axes = bare_axes(self.figure, (0, 0, 1, 1))
        self.axes.set_xlim(0, width)
        self.axes.set_ylim(height, 0)

    def write(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = TEXT_PT,
        color: str = INK,
        bold: bool = False,
        align: Literal["left", "center", "right"] = "left",
        gid: str | None = None,
        rotation: float = 0,
        order: float = 3,
    ) -> None:
        """One line of text whose baseline middle is at ``y``; empty text draws nothing."""
        shown = plain(text)
        if not shown:
            return
        with our_style():
            self.axes.text(
                x,
                y,
                shown,
                fontsize=size,
                color=color,
                fontweight="bold" if bold else "normal",
                ha=align,
                va="center" if rotation else "center_baseline",
                gid=gid,
                rotation=rotation,
                fontfamily=fonts_for(shown),
                zorder=order,
            )

    def write_lines(self, x: float, y: float, lines: Sequence[str], *, size: float = TEXT_PT, **looks: Any) -> float:
        """Lines under each other, the first one's middle at ``y``; returns the height that they take."""
        step = size * LINE_HEIGHT
        for number, line in enumerate(lines):
            self.write(x, y + number * step, line, size=size, **looks)
        return step * len(lines)

    def line(
        self,
        xs: Sequence[float],
        ys: Sequence[float],
        *,
        color: str = INK,
        width: float = HAIRLINE_PT,
        dashed: bool = False,
        gid: str | None = None,
        label: str = "",
        order: float = 2,
    ) -> None:
        """A line through the points; ``order`` decides what lies on top."""
        from matplotlib.lines import Line2D

        self.axes.add_line(
            Line2D(
                list(xs),
                list(ys),
                color=color,
                linewidth=width,
                linestyle=(0, (4, 3)) if dashed else "-",
                gid=gid,
                label=label,
                zorder=order,
                solid_capstyle="butt",
                clip_on=False,
            )
        )

    def shape(
        self,
        points: Sequence[tuple[float, float]],
        *,
        fill: str | None = INK,
        edge: str | None = None,
        thick: float = HAIRLINE_PT,
        gid: str | None = None,
        label: str = "",
        order: float = 3,
    ) -> None:
        """A closed shape; ``fill`` None leaves it open."""
        from matplotlib.patches import Polygon

        self.axes.add_patch(
            Polygon(
                list(points),
                closed=True,
                facecolor=fill or "none",
                edgecolor=edge or "none",
                linewidth=thick if edge else 0,
                gid=gid,
                label=label,
                zorder=order,
                clip_on=False,
            )
        )

    def box(self, left: float, top: float, width: float, height: float, **looks: Any) -> None:
        """A rectangle."""
        right, bottom = left + width, top + height
        self.shape([(left, top), (right, top), (right, bottom), (left, bottom)], **looks)
