"""Reading what is to be pooled: estimates, variances and names from a frame or from arrays, with every check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from synth.errors import UsageError
from synth.meta.cautions import Caution, RowsDropped
from synth.meta.effect_sizes import as_numbers, missing_column
from synth.meta.measures import MEASURES, Array


@dataclass(frozen=True, slots=True)
class Rows:
    """What is pooled: the usable rows, their names, and what was left out."""

    yi: Array
    vi: Array
    slab: tuple[str, ...]
    dropped: tuple[str, ...]
    measure: str
    cautions: tuple[Caution, ...]


def read_rows(data: Any, vi: Any, slab: str | Sequence[str] | None, measure: str | None) -> Rows:
    """The usable rows of a frame with yi and vi, or of two arrays. Raises UsageError; see pool.rma."""
    if isinstance(data, pd.DataFrame):
        yi, vi = _column(data, "yi"), _column(data, "vi")
        measure = measure or str(data.attrs.get("measure", "GEN"))
    else:
        yi, vi = np.atleast_1d(np.asarray(data, dtype=np.float64)), _variances(vi)
    if len(yi) != len(vi):
        raise UsageError(
            f"There are {len(yi)} estimates and {len(vi)} variances", hint="Give one variance per estimate"
        )
    names = _study_names(data, slab, len(yi))
    usable = np.isfinite(yi) & np.isfinite(vi)
    _check_variances(vi, usable, names)
    dropped = tuple(name for name, keep in zip(names, usable, strict=True) if not keep)
    kept = tuple(name for name, keep in zip(names, usable, strict=True) if keep)
    return Rows(
        yi[usable], vi[usable], kept, dropped, measure if measure in MEASURES else "GEN", _about_dropped(dropped)
    )


def _column(frame: pd.DataFrame, name: str) -> Array:
    if name not in frame.columns:
        raise missing_column(
            name, [str(column) for column in frame.columns], why="rma needs yi and vi, as escalc makes them"
        )
    return as_numbers(frame, name)


def _variances(vi: Any) -> Array:
    if vi is None:
        raise UsageError(
            "Estimates were given without their variances", hint="Call rma(yi, vi), or give a frame with both"
        )
    return np.atleast_1d(np.asarray(vi, dtype=np.float64))


def _check_variances(vi: Array, usable: NDArray[np.bool_], names: Sequence[str]) -> None:
    if not usable.any():
        raise UsageError(
            "There is nothing to pool: no row has both an estimate and a variance", hint="Look at yi and vi"
        )
    wrong = np.flatnonzero(np.logical_and(usable, vi <= 0))
    if len(wrong):
        raise UsageError(
            f"{names[wrong[0]]}: a sampling variance of {vi[wrong[0]]:g} is not possible",
            why="A variance must be positive: its reciprocal is the weight",
            hint="Check the row; with empty cells, let escalc add 1/2 (to='only0')",
        )


def _study_names(data: Any, slab: str | Sequence[str] | None, k: int) -> list[str]:
    """Names for the rows: as given, from a column, from ``name`` or ``slab``, or counted."""
    frame = data if isinstance(data, pd.DataFrame) else None
    if slab is None and frame is not None:
        slab = next((column for column in ("slab", "name") if column in frame.columns), None)
    if slab is None:
        return [f"Study {number}" for number in range(1, k + 1)]
    if isinstance(slab, str):
        if frame is None or slab not in frame.columns:
            raise missing_column(slab, [] if frame is None else [str(column) for column in frame.columns])
        slab = [str(value) for value in frame[slab]]
    if len(slab) != k:
        raise UsageError(f"There are {k} rows and {len(slab)} names", hint="Give one name per row")
    return [str(name) for name in slab]


def _about_dropped(dropped: tuple[str, ...]) -> tuple[Caution, ...]:
    if not dropped:
        return ()
    shown = ", ".join(dropped[:5]) + (", ..." if len(dropped) > 5 else "")
    rows = "1 row has" if len(dropped) == 1 else f"{len(dropped)} rows have"
    return (RowsDropped(f"{rows} no estimate or no variance and cannot be pooled: {shown}"),)
