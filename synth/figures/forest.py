"""Forest plots from plain rows. Nothing is computed here but places on the page.

A plot is a table whose middle column is a picture: rows in points, columns by their measured widths, groups under bold
heads. What was not pooled stays in it, as a quiet row with the reason; what has only a direction is a row with a sign.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from synth.figures.forest_layout import draw_page
from synth.figures.forest_rows import (
    DIRECTION_WORDS,
    DIRECTIONS,
    Column,
    ForestGroup,
    ForestPlot,
    ForestRow,
    PooledLine,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.figure import Figure

__all__ = [
    "DIRECTIONS",
    "DIRECTION_WORDS",
    "Column",
    "ForestGroup",
    "ForestPlot",
    "ForestRow",
    "PooledLine",
    "draw_forest",
    "draw_forest_panels",
    "forest_table",
]


def draw_forest(plot: ForestPlot, *, width_mm: float = 180) -> Figure:
    """The plot as a figure at least ``width_mm`` wide and as tall as its rows need."""
    return draw_page([plot], title="", caption="", width_mm=width_mm)


def draw_forest_panels(panels: Sequence[ForestPlot], title: str, *, caption: str = "", width_mm: float = 180) -> Figure:
    """Panels under each other in common columns, with one axis for each measure; nothing is pooled across them."""
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
