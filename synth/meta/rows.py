"""Reading what is to be pooled: estimates, variances, moderators and names, with every check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from synth.errors import UsageError
from synth.meta.cautions import Caution, RedundantModerators, RowsDropped
from synth.meta.design import Design, are_names, complete, read_design
from synth.meta.effect_sizes import as_numbers, missing_column
from synth.meta.formula import INTERCEPT
from synth.meta.measures import MEASURES, Array

Mask = NDArray[np.bool_]


class CountedNames(Sequence[str]):
    """Study 1, Study 2, ...: names that nobody gave, made when they are asked for."""

    __slots__ = ("_k",)

    def __init__(self, k: int) -> None:
        self._k = k

    def __len__(self) -> int:
        """How many there are."""
        return self._k

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...
    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        """The name at ``place``."""
        if isinstance(place, slice):
            return tuple(self)[place]
        return f"Study {range(1, self._k + 1)[place]}"

    def __eq__(self, other: object) -> bool:
        """Equal to any sequence of the same names."""
        return isinstance(other, Sequence) and len(other) == len(self) and all(map(str.__eq__, self, other))

    def __hash__(self) -> int:
        return hash(("CountedNames", self._k))


@dataclass(frozen=True, slots=True)
class Rows:
    """What is pooled: the usable rows, their names, and what was left out.

    ``design`` is None for a mean; ``weights`` are those given, or None. ``usable`` marks the rows of the input.
    """

    yi: Array
    vi: Array
    slab: Sequence[str]
    dropped: tuple[str, ...]
    measure: str
    cautions: tuple[Caution, ...]
    design: Design | None = None
    weights: Array | None = None
    usable: Mask | None = None


def read_rows(
    data: Any,
    vi: Any,
    slab: str | Sequence[str] | None,
    measure: str | None,
    *,
    mods: Any = None,
    intercept: bool = True,
    weights: Any = None,
) -> Rows:
    """The usable rows of a frame with yi and vi, or of two arrays. Raises UsageError; see pool.rma."""
    frame = data if isinstance(data, pd.DataFrame) else None
    yi, vi, measure = _read_numbers(data, vi, measure)
    names, k = study_names(frame, slab, len(yi)), len(yi)
    given = _read_weights(weights, frame, k)
    usable = np.isfinite(yi) & np.isfinite(vi)
    _check_variances(vi, usable, names)
    design, usable = _read_moderators(mods, frame, usable, intercept=intercept)
    if not usable.any():
        raise UsageError("No row has an estimate, a variance and all moderators", hint="Look for empty columns")
    kept, dropped = split_names(names, usable)
    return Rows(
        yi[usable] if dropped else yi,
        vi[usable] if dropped else vi,
        kept,
        dropped,
        measure if measure in MEASURES else "GEN",
        (*about_dropped(dropped, has_moderators=design is not None), *about_redundant(design)),
        design=None if design is None or design.names == (INTERCEPT,) else design,
        weights=None if given is None else _check_weights(given[usable]),
        usable=usable,
    )


def _read_numbers(data: Any, vi: Any, measure: str | None) -> tuple[Array, Array, str]:
    if isinstance(data, pd.DataFrame):
        yi, vi = read_column(data, "yi"), read_column(data, "vi")
        measure = measure or str(data.attrs.get("measure", "GEN"))
    else:
        yi, vi = np.atleast_1d(np.asarray(data, dtype=np.float64)), _variances(vi)
    if len(yi) != len(vi):
        raise UsageError(
            f"There are {len(yi)} estimates and {len(vi)} variances", hint="Give one variance per estimate"
        )
    return yi, vi, measure or "GEN"


def _read_moderators(
    mods: Any, frame: pd.DataFrame | None, usable: Mask, *, intercept: bool
) -> tuple[Design | None, Mask]:
    """The design of the usable rows; rows without a moderator are usable no more."""
    if mods is None and intercept:
        return None, usable
    if mods is None:
        raise UsageError("A model without intercept needs moderators", hint='Give mods, for example mods="~ setting"')
    inside = None if frame is None else frame if usable.all() else frame.loc[usable]
    if isinstance(mods, str) or are_names(mods):
        rows = mods
    else:
        _check_length(mods, len(usable))
        rows = mods[usable] if isinstance(mods, pd.DataFrame | pd.Series) else np.asarray(mods)[usable]
    design = read_design(rows, inside, int(usable.sum()), intercept=intercept)
    if design is None:
        return None, usable
    whole = np.isfinite(design.X).all(axis=1)
    now = usable.copy()
    now[usable] = whole
    return (complete(design, whole) if whole.any() else design), now


def _check_length(mods: Any, k: int) -> None:
    if len(mods) != k:
        raise UsageError(
            f"There are {k} estimates and {len(mods)} rows of moderators",
            hint="Give one row of moderators per estimate",
        )


def read_column(frame: pd.DataFrame, name: str) -> Array:
    """A column of numbers that a model needs. Raises UsageError that names the columns there are."""
    if name not in frame.columns:
        raise missing_column(
            name, [str(column) for column in frame.columns], why="rma needs yi and vi, as escalc makes them"
        )
    values = frame[name]
    return values.to_numpy() if values.dtype == np.float64 else as_numbers(frame, name)


def _variances(vi: Any) -> Array:
    if vi is None:
        raise UsageError(
            "Estimates were given without their variances", hint="Call rma(yi, vi), or give a frame with both"
        )
    return np.atleast_1d(np.asarray(vi, dtype=np.float64))


def _check_variances(vi: Array, usable: Mask, names: Sequence[str]) -> None:
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


def _read_weights(weights: Any, frame: pd.DataFrame | None, k: int) -> Array | None:
    if weights is None:
        return None
    if isinstance(weights, str):
        if frame is None or weights not in frame.columns:
            raise missing_column(weights, [] if frame is None else [str(column) for column in frame.columns])
        return as_numbers(frame, weights)
    values = np.atleast_1d(np.asarray(weights, dtype=np.float64))
    if len(values) != k:
        raise UsageError(f"There are {k} estimates and {len(values)} weights", hint="Give one weight per estimate")
    return values


def _check_weights(weights: Array) -> Array:
    if not np.isfinite(weights).all() or (weights < 0).any() or not weights.any():
        raise UsageError("Weights must be numbers of 0 or more, and not all 0", hint="Look at the column of weights")
    return weights


NAME_COLUMNS = ("slab", "name", "study", "author", "trial")
"""Columns that are taken for the names of the rows, the first of them that a table has."""


def study_names(frame: pd.DataFrame | None, slab: str | Sequence[str] | None, k: int) -> Sequence[str]:
    """Names for the rows: as given, from a column, from one of ``NAME_COLUMNS`` (authors with the year), or counted."""
    if slab is None and frame is not None:
        slab = _find_names(frame)
    if slab is None:
        return CountedNames(k)
    if isinstance(slab, str):
        if frame is None or slab not in frame.columns:
            raise missing_column(slab, [] if frame is None else [str(column) for column in frame.columns])
        slab = [str(value) for value in frame[slab]]
    if len(slab) != k:
        raise UsageError(f"There are {k} rows and {len(slab)} names", hint="Give one name per row")
    return tuple(str(name) for name in slab)


def _find_names(frame: pd.DataFrame) -> str | list[str] | None:
    """The column of names that a table has; ``author`` with ``year`` behind it where there is one."""
    column = next((column for column in NAME_COLUMNS if column in frame.columns), None)
    if column == "author" and "year" in frame.columns:
        return [_name_author(author, year) for author, year in zip(frame["author"], frame["year"], strict=True)]
    return column


def _name_author(author: object, year: object) -> str:
    """``Ruiz 2001``; a year that is missing is left off."""
    if isinstance(year, float):
        return f"{author} {year:.0f}" if np.isfinite(year) else str(author)
    return f"{author} {year}" if year is not None and str(year).strip() else str(author)


def split_names(names: Sequence[str], usable: Mask) -> tuple[Sequence[str], tuple[str, ...]]:
    """Names of the rows that are used, and of those that are not."""
    if usable.all():
        return names, ()
    places = np.flatnonzero(usable).tolist(), np.flatnonzero(~usable).tolist()
    kept, dropped = (tuple(names[place] for place in each) for each in places)
    return kept, dropped


def about_dropped(dropped: tuple[str, ...], *, has_moderators: bool) -> tuple[Caution, ...]:
    """The caution about rows that were not used."""
    if not dropped:
        return ()
    shown = ", ".join(dropped[:5]) + (", ..." if len(dropped) > 5 else "")
    rows = "1 row has" if len(dropped) == 1 else f"{len(dropped)} rows have"
    what = "no estimate, no variance or not all moderators" if has_moderators else "no estimate or no variance"
    return (RowsDropped(f"{rows} {what} and cannot be pooled: {shown}"),)


def about_redundant(design: Design | None) -> tuple[Caution, ...]:
    """The caution about moderators that add nothing."""
    if design is None or not design.redundant:
        return ()
    words = "is" if len(design.redundant) == 1 else "are"
    return (
        RedundantModerators(
            f"{', '.join(design.redundant)} {words} left out: it adds nothing to the columns before it"
        ),
    )
