"""Forest plots from plain rows. Nothing is computed here but places on the page.

A plot is a table whose middle column is a picture: rows in points, columns by their measured widths, groups under bold
heads. What was not pooled stays in it, as a quiet row with the reason; what has only a direction is a row with a sign.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.figure import Figure

Align = Literal["left", "right", "decimal"]
DIRECTIONS = ("favours", "against", "none", "unclear")
DIRECTION_WORDS = {"favours": "favours", "against": "against", "none": "no difference", "unclear": "unclear"}


@dataclass(frozen=True, slots=True)
class Column:
    """A column left of the plot: ``key`` of the rows' cells, its head, and the head that it shares with neighbours."""

    key: str
    head: str
    span: str = ""
    align: Align = "left"


@dataclass(frozen=True, slots=True)
class ForestRow:
    """One line: an estimate with limits on the measure's own scale, or only a direction, or only a reason.

    ``weight`` in per cent, None where the row is not weighed. ``direction``: favours | against | none | unclear.
    """

    label: str
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    weight: float | None = None
    cells: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    direction: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class PooledLine:
    """A pooled estimate with its limits and, where there is one, its prediction interval."""

    label: str
    estimate: float
    low: float
    high: float
    prediction: tuple[float, float] | None = None
    weight: float | None = None


@dataclass(frozen=True, slots=True)
class ForestGroup:
    """Rows under one head. ``left_out`` are drawn in quiet, their ``note`` says why they are not pooled."""

    title: str = ""
    rows: tuple[ForestRow, ...] = ()
    pooled: PooledLine | None = None
    heterogeneity: str = ""
    left_out: tuple[ForestRow, ...] = ()


@dataclass(frozen=True, slots=True)
class ForestPlot:
    """All that stands in a forest plot.

    ``favours`` names the two sides, left first; ``better`` is the side on which the programme does better; ``post_hoc``
    is empty for a declared synthesis. ``beside`` are rows of the same question that no pool may hold, drawn as
    directions; ``left_out`` is a list of words under the axis. ``limits`` fixes the axis.
    """

    title: str
    measure_label: str
    log: bool
    groups: tuple[ForestGroup, ...]
    overall: PooledLine | None = None
    heterogeneity: str = ""
    columns: tuple[Column, ...] = ()
    favours: tuple[str, str] = ("", "")
    better: Literal["left", "right"] = "left"
    caption: str = ""
    post_hoc: str = ""
    beside: ForestGroup | None = None
    left_out: tuple[ForestRow, ...] = ()
    left_out_title: str = "Left out"
    study_head: str = "Study"
    numbers_head: str = ""
    limits: tuple[float, float] | None = None
    decimals: int = 2

    @property
    def null(self) -> float:
        """The value of no difference."""
        return 1.0 if self.log else 0.0


def draw_forest(plot: ForestPlot, *, width_mm: float = 180) -> Figure:
    """The plot as a figure at least ``width_mm`` wide and as tall as its rows need."""
    from synth.figures.forest_layout import draw_page

    return draw_page([plot], title="", caption="", width_mm=width_mm)


def draw_forest_panels(panels: Sequence[ForestPlot], title: str, *, caption: str = "", width_mm: float = 180) -> Figure:
    """Panels under each other in common columns, with one axis for each measure; nothing is pooled across them."""
    from synth.figures.forest_layout import draw_page

    return draw_page(list(panels), title=title, caption=caption, width_mm=width_mm)


TABLE_COLUMNS = (
    "panel",
    "group",
    "kind",
    "label",
    "estimate",
    "low",
    "high",
    "weight",
    "direction",
    "note",
)


def forest_table(plot: ForestPlot | Sequence[ForestPlot]) -> pd.DataFrame:
    """The plot as a table, row by row: panel, group, kind (row, direction, left out, pooled, prediction), numbers.

    The rows' cells follow as columns named by their heads. It says all that the picture says.
    """
    import pandas as pd

    panels = [plot] if isinstance(plot, ForestPlot) else list(plot)
    heads = list(dict.fromkeys(column.head for panel in panels for column in panel.columns))
    return pd.DataFrame([line for panel in panels for line in _table_lines(panel)], columns=[*TABLE_COLUMNS, *heads])


def _table_lines(plot: ForestPlot) -> list[dict[str, object]]:
    lines: list[dict[str, object]] = []
    for group in plot.groups:
        lines += [_table_row(plot, group.title, row, _kind(row)) for row in group.rows]
        lines += [_table_row(plot, group.title, row, "left out") for row in group.left_out]
        lines += _table_pooled(plot, group.title, group.pooled, group.heterogeneity)
    lines += _table_pooled(plot, "", plot.overall, plot.heterogeneity)
    if plot.beside:
        rows = (*plot.beside.rows, *plot.beside.left_out)
        lines += [_table_row(plot, plot.beside.title, row, _kind(row)) for row in rows]
    return lines + [_table_row(plot, plot.left_out_title, row, "left out") for row in plot.left_out]


def _kind(row: ForestRow) -> str:
    return "row" if row.estimate is not None else "direction"


def _table_row(plot: ForestPlot, group: str, row: ForestRow, kind: str) -> dict[str, object]:
    cells = {column.head: row.cells.get(column.key, "") for column in plot.columns}
    return cells | {
        "panel": plot.title,
        "group": group,
        "kind": kind,
        "label": row.label,
        "estimate": row.estimate,
        "low": row.low,
        "high": row.high,
        "weight": row.weight,
        "direction": row.direction,
        "note": row.note,
    }


def _table_pooled(plot: ForestPlot, group: str, pooled: PooledLine | None, note: str) -> list[dict[str, object]]:
    if pooled is None:
        return []
    common = {"panel": plot.title, "group": group, "direction": ""}
    lines: list[dict[str, object]] = [
        common
        | {
            "kind": "pooled",
            "label": pooled.label,
            "estimate": pooled.estimate,
            "low": pooled.low,
            "high": pooled.high,
            "weight": pooled.weight,
            "note": note,
        }
    ]
    if pooled.prediction:
        low, high = pooled.prediction
        lines.append(
            common | {"kind": "prediction", "label": "Prediction interval", "low": low, "high": high, "note": ""}
        )
    return lines
