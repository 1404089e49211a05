"""For notebooks: any kind of figure of a table, as a matplotlib figure."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plot(
    kind: str,
    data: Path | str,
    *,
    columns: tuple[str, ...] = (),
    preset: str = "plain",
    title: str = "",
    **options: Any,
) -> Figure:
    """The figure ``kind`` of the CSV file ``data``; ``columns`` as in synth plot, ``options`` as in synth.meta.

    ``options``: measure, subgroup, slab, method, test, mods, order. Raises UsageError with the nearest name.
    """
    from synth.steps.plot import PlotRequest, find_kind

    asked = PlotRequest(data=str(data), preset=preset, title=title, options={**options, "show": tuple(columns)})
    return find_kind(kind).draw(asked).figure
