"""Moderators as a design matrix: from a formula, names of columns, or numbers; without columns that add nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from synth.errors import UsageError
from synth.meta.formula import INTERCEPT, Coding, Formula, build_matrix, learn_coding, parse_formula
from synth.meta.measures import Array

_REDUNDANT = 1e-9
"""A column (of length one) whose part outside the columns before it is shorter than this adds nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """``X`` (k x p, full rank) = ``Q`` ``R`` with orthonormal Q; ``terms``: number of the term of each column.

    ``redundant``: names of columns that were left out. ``formula`` and ``coding`` build the same columns for new rows;
    they are None for a design given as numbers.
    """

    X: Array
    names: tuple[str, ...]
    terms: tuple[int, ...]
    Q: Array
    R: Array
    redundant: tuple[str, ...] = ()
    formula: Formula | None = None
    coding: Coding | None = None

    @property
    def has_intercept(self) -> bool:
        """Whether the first column is the intercept."""
        return self.names[0] == INTERCEPT

    @property
    def moderators(self) -> tuple[int, ...]:
        """Numbers of the columns that are tested together: all but an intercept, unless it stands alone."""
        first = 1 if self.has_intercept and len(self.names) > 1 else 0
        return tuple(range(first, len(self.names)))

    def new_rows(self, newmods: Any) -> Array:
        """The columns of X for new rows: a frame or mapping of moderators, or numbers without the intercept."""
        if self.formula is not None and isinstance(newmods, pd.DataFrame | Mapping):
            assert self.coding is not None
            return _select(self, _read_new(self.formula, self.coding, newmods))
        return _read_numbers(self, newmods)


def _read_new(formula: Formula, coding: Coding, newmods: Any) -> tuple[Array, tuple[str, ...]]:
    is_scalar = not isinstance(newmods, pd.DataFrame) and not any(np.ndim(value) for value in newmods.values())
    frame = pd.DataFrame(newmods, index=[0]) if is_scalar else pd.DataFrame(newmods)
    learn_coding(formula, frame)  # its errors name the columns that are missing
    built = build_matrix(formula, frame, coding)
    return built.X, built.names


def _select(design: Design, built: tuple[Array, tuple[str, ...]]) -> Array:
    X, names = built
    found: Array = X[:, [names.index(name) for name in design.names]]
    if not np.isfinite(found).all():
        raise UsageError("The new rows have missing moderators", hint="Give a number for each moderator in each row")
    return found


def _read_numbers(design: Design, newmods: Any) -> Array:
    try:
        values = np.asarray(newmods, dtype=np.float64)
    except (TypeError, ValueError):
        raise UsageError("New rows hold text", hint="Give a frame with the moderators, or numbers") from None
    wanted = len(design.names) - design.has_intercept
    if values.ndim < 2:
        values = values.reshape(-1, 1) if wanted == 1 else values.reshape(1, -1)
    if values.shape[1] != wanted or not np.isfinite(values).all():
        raise UsageError(
            f"New rows need {wanted} finite numbers each ({', '.join(design.names[-wanted:])}), not {values.shape[1]}",
            hint="Give one number per coefficient, without the intercept, or a frame with the moderators",
        )
    return np.column_stack([np.ones(len(values)), values]) if design.has_intercept else values


def read_design(mods: Any, frame: pd.DataFrame | None, k: int, *, intercept: bool = True) -> Design | None:
    """Build the design for ``k`` rows; None for no moderators. Rows with missing values hold NaN in X; see complete.

    ``mods``: a formula, names of columns, a frame, or an array with one column per moderator.
    """
    if mods is None:
        return None
    if isinstance(mods, str) or are_names(mods):
        return _from_formula(_as_formula(mods, frame, intercept=intercept), frame)
    values, names = _as_numbers(mods)
    if len(values) != k:
        raise UsageError(f"There are {k} estimates and {len(values)} rows of moderators", hint="Give one row each")
    if intercept:
        values, names = np.column_stack([np.ones(k), values]), (INTERCEPT, *names)
    terms = tuple(range(0 if intercept else 1, len(names) + (0 if intercept else 1)))
    return _unfinished(values, names, terms)


def are_names(mods: Any) -> bool:
    """Whether moderators are given as a list of names."""
    return isinstance(mods, Sequence) and len(mods) > 0 and all(isinstance(name, str) for name in mods)


def _as_formula(mods: str | Sequence[str], frame: pd.DataFrame | None, *, intercept: bool) -> Formula:
    if isinstance(mods, str):
        is_name = frame is not None and mods in frame.columns
        formula = parse_formula(f"`{mods}`" if is_name else mods)
    else:
        formula = parse_formula(" + ".join(f"`{name}`" for name in mods))
    return formula if intercept else replace(formula, has_intercept=False)


def _from_formula(formula: Formula, frame: pd.DataFrame | None) -> Design | None:
    if not formula.terms and formula.has_intercept:
        return None
    if frame is None:
        raise UsageError(
            f'The formula "{formula.text}" needs a table',
            why="Estimates were given as numbers",
            hint="Give a frame with yi, vi and the moderators, or the moderators as numbers",
        )
    coding = learn_coding(formula, frame)
    built = build_matrix(formula, frame, coding)
    return replace(_unfinished(built.X, built.names, built.terms), formula=formula, coding=coding)


def _as_numbers(mods: Any) -> tuple[Array, tuple[str, ...]]:
    if isinstance(mods, pd.DataFrame):
        text = [str(column) for column in mods.columns if not pd.api.types.is_numeric_dtype(mods[column])]
        if text:
            raise UsageError(
                f'Moderator "{text[0]}" holds text', hint='Name it in a formula ("~ setting") to compare its groups'
            )
        return mods.to_numpy(dtype=np.float64, na_value=np.nan), tuple(map(str, mods.columns))
    try:
        values = np.asarray(mods, dtype=np.float64)
    except (TypeError, ValueError):
        raise UsageError(
            "The moderators hold text", hint='Name their column in a formula ("~ setting") to compare its groups'
        ) from None
    if values.ndim == 1:
        name = str(mods.name) if isinstance(mods, pd.Series) and mods.name is not None else "mods"
        return values[:, None], (name,)
    return values, tuple(f"x{number}" for number in range(1, values.shape[1] + 1))


def _unfinished(X: Array, names: tuple[str, ...], terms: tuple[int, ...]) -> Design:
    empty = np.empty((0, 0))
    return Design(X, names, terms, empty, empty)


def complete(design: Design, usable: Any) -> Design:
    """The design for the ``usable`` rows, without redundant columns, and with Q and R."""
    X, kept = np.ascontiguousarray(design.X[usable]), list(range(len(design.names)))
    while kept:
        Q, R = _decompose(X[:, kept])
        diagonal = np.abs(np.diag(R))
        small = np.flatnonzero(diagonal <= _REDUNDANT * np.linalg.norm(X[:, kept[: len(diagonal)]], axis=0))
        missing = range(len(X), len(kept))  # more columns than rows
        if not len(small) and not missing:
            break
        del kept[int(small[0]) if len(small) else len(X)]
    if not kept:
        raise UsageError(
            "No moderator differs between the studies",
            why=f"Given were {', '.join(design.names)}",
            hint="Leave mods out, or choose moderators that vary",
        )
    redundant = tuple(name for number, name in enumerate(design.names) if number not in kept)
    names, terms = tuple(design.names[i] for i in kept), tuple(design.terms[i] for i in kept)
    return replace(design, X=X[:, kept], names=names, terms=terms, Q=Q, R=R, redundant=redundant)


def _decompose(X: Array) -> tuple[Array, Array]:
    lengths = np.linalg.norm(X, axis=0)
    safe = np.where(lengths > 0, lengths, 1.0)
    Q, R = np.linalg.qr(X / safe)
    return np.asfortranarray(Q), R * safe  # by columns: sums run along them


def intercept_only(k: int) -> Design:
    """The design of a mean: one column of ones."""
    ones, root = np.ones((k, 1)), float(np.sqrt(k))
    return Design(ones, (INTERCEPT,), (0,), ones / root, np.array([[root]]))


def describe_columns(design: Design) -> str:
    """The moderators as text: the formula, or the names."""
    return design.formula.text.strip() if design.formula else ", ".join(design.names)
