"""For notebooks, without a project: a forest plot of a fit, a gap map of codes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from synth.meta import Fit
    from synth.steps.map import MapReport


def forest(fit: Fit, *, title: str = "", width_mm: float = 180) -> Figure:
    """A forest plot of ``fit`` (from ``synth.rma``) as a matplotlib figure; its rows keep their order."""
    from synth.figures import draw_forest
    from synth.steps.forest import forest_from_fit

    return draw_forest(forest_from_fit(fit, title), width_mm=width_mm)


def gap_map(
    labels: pd.DataFrame,
    studies: pd.DataFrame | None = None,
    *,
    rows: str = "population",
    cols: str = "setting",
    out: Path | str | None = None,
    **options: Any,
) -> MapReport:
    """Count studies by two axes and, with ``out``, write the map (.html, .svg, .png, .pdf, .csv).

    ``labels`` has columns study_id, axis, term; ``studies`` has id, name, kind (primary or review), year, and is made
    from ``labels`` if it is not given. ``options`` go to ``synth.maps.build_map`` (title, question, south, trees).
    """
    from synth.maps import build_map
    from synth.steps.map import report_map, write_map

    report = report_map(build_map(_studies(labels, studies), labels, rows=rows, cols=cols, **options))
    if out is not None:
        write_map(report, out)
    return report


def _studies(labels: pd.DataFrame, studies: pd.DataFrame | None) -> pd.DataFrame:
    if studies is not None:
        return studies
    named = labels[["study_id"]].drop_duplicates().rename(columns={"study_id": "id"})
    return named.assign(name=named["id"], kind="primary", year=None).reset_index(drop=True)
