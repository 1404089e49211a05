"""Random effects of multilevel and multivariate models: what a formula says, and structures of their covariance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from synth.errors import UsageError
from synth.meta.effect_sizes import missing_column
from synth.meta.measures import Array

Index = NDArray[np.intp]
STRUCTURES = ("UN", "CS", "HCS", "DIAG", "ID")


@dataclass(frozen=True, slots=True, eq=False)
class Grouping:
    """A random intercept: the group of each row (``codes``), numbered as they appear, and how many there are.

    ``keys``: the value of each part of the name (study, effect within study) in the first row of each group.
    """

    name: str
    codes: Index
    size: int
    keys: tuple[Any, ...]

    @property
    def levels(self) -> tuple[str, ...]:
        """The groups' names, made when they are asked for."""
        parts = [[_show(value) for value in values] for values in self.keys]
        return tuple("/".join(each) for each in zip(*parts, strict=True))


def _show(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


@dataclass(frozen=True, slots=True, eq=False)
class Inner:
    """Random effects of the levels of ``inner`` within ``outer``, with a covariance structure."""

    name: str
    inner: Index
    levels: tuple[str, ...]
    outer: Index
    structure: Structure


class Structure(Protocol):
    """A covariance matrix G (J x J) made of free numbers."""

    J: int

    def start(self, variance: float) -> Array:
        """Free numbers to start from, for variances near ``variance``."""

    def matrix(self, free: Array) -> Array:
        """G."""

    def pull(self, free: Array, D: Array) -> Array:
        """The gradient in the free numbers, from the gradient D in the cells of G (all J x J cells)."""

    def names(self, levels: tuple[str, ...]) -> list[str]:
        """Names of the free numbers, where each is a variance or a correlation (else none)."""


class Diagonal:
    """Independent effects: one variance for all (ID) or one each (DIAG)."""

    def __init__(self, J: int, *, is_shared: bool) -> None:
        self.J, self.is_shared = J, is_shared

    def start(self, variance: float) -> Array:
        """Standard deviations."""
        return np.full(1 if self.is_shared else self.J, np.sqrt(variance))

    def matrix(self, free: Array) -> Array:
        """The squares on the diagonal."""
        return np.diag(np.broadcast_to(free**2, self.J)).astype(np.float64)

    def pull(self, free: Array, D: Array) -> Array:
        """Gradient in the standard deviations."""
        own = 2 * free * np.diag(D)
        return np.array([own.sum()]) if self.is_shared else own

    def names(self, levels: tuple[str, ...]) -> list[str]:
        """One variance, or one per level."""
        return ["tau2"] if self.is_shared else [f"tau2 {level}" for level in levels]


class Compound:
    """One correlation for all pairs; one variance (CS) or one per level (HCS)."""

    def __init__(self, J: int, *, is_shared: bool) -> None:
        self.J, self.is_shared = J, is_shared
        self._lowest = -1.0 / (J - 1) if J > 1 else 0.0

    def start(self, variance: float) -> Array:
        """Standard deviations, then the logit of where the correlation lies between its bounds."""
        sds = np.full(1 if self.is_shared else self.J, np.sqrt(variance))
        place = (0.5 - self._lowest) / (1 - self._lowest)
        return np.append(sds, np.log(place / (1 - place)))

    def correlation(self, free: Array) -> float:
        """Rho."""
        return float(self._lowest + (1 - self._lowest) / (1 + np.exp(-free[-1])))

    def matrix(self, free: Array) -> Array:
        """s_i s_j rho, and s_i^2 on the diagonal."""
        s = np.broadcast_to(free[:-1], self.J)
        R = np.full((self.J, self.J), self.correlation(free))
        np.fill_diagonal(R, 1.0)
        return np.asarray(np.outer(s, s) * R, dtype=np.float64)

    def pull(self, free: Array, D: Array) -> Array:
        """Gradient in the standard deviations and in the logit."""
        s = np.broadcast_to(free[:-1], self.J)
        rho = self.correlation(free)
        R = np.full((self.J, self.J), rho)
        np.fill_diagonal(R, 1.0)
        of_s = 2 * (D * R) @ s
        off = float(s @ D @ s - np.diag(D) @ s**2)
        slope = (rho - self._lowest) * (1 - rho) / (1 - self._lowest)
        return np.append(of_s.sum() if self.is_shared else of_s, off * slope)

    def names(self, levels: tuple[str, ...]) -> list[str]:
        """Variances and the correlation."""
        return [*(["tau2"] if self.is_shared else [f"tau2 {level}" for level in levels]), "rho"]


class Unstructured:
    """Any covariance: G = LL' with a lower triangle of free numbers."""

    def __init__(self, J: int) -> None:
        self.J = J
        self._cells = np.tril_indices(J)

    def _triangle(self, free: Array) -> Array:
        L = np.zeros((self.J, self.J))
        L[self._cells] = free
        return L

    def start(self, variance: float) -> Array:
        """A diagonal matrix with a little correlation, so that no gradient is 0 by symmetry."""
        G = np.full((self.J, self.J), 0.3 * variance)
        np.fill_diagonal(G, variance)
        return np.asarray(np.linalg.cholesky(G)[self._cells])

    def matrix(self, free: Array) -> Array:
        """LL'."""
        L = self._triangle(free)
        return L @ L.T

    def pull(self, free: Array, D: Array) -> Array:
        """Gradient in the triangle."""
        return np.asarray(((D + D.T) @ self._triangle(free))[self._cells])

    def names(self, levels: tuple[str, ...]) -> list[str]:
        """None: no free number is a variance by itself."""
        del levels
        return []


def find_structure(name: str, J: int) -> Structure:
    """The structure called ``name`` for ``J`` levels. Raises UsageError for another name."""
    found: dict[str, Structure] = {
        "ID": Diagonal(J, is_shared=True),
        "DIAG": Diagonal(J, is_shared=False),
        "CS": Compound(J, is_shared=True),
        "HCS": Compound(J, is_shared=False),
        "UN": Unstructured(J),
    }
    if name.upper() not in found:
        raise UsageError(f'There is no structure "{name}"', hint=f"Choose one of {', '.join(STRUCTURES)}")
    return found[name.upper()]


def read_random(random: Any, frame: pd.DataFrame, structs: str | list[str]) -> tuple[list[Grouping], list[Inner]]:
    """Random effects from ``"~1|study/es"``, ``"~outcome|trial"``, or a list of such.

    Raises UsageError for what cannot be read, columns that are not there, and rows without a group.
    """
    formulas = [] if random is None else [random] if isinstance(random, str) else list(random)
    given = [structs] if isinstance(structs, str) else list(structs)
    groupings: list[Grouping] = []
    inners: list[Inner] = []
    for formula in formulas:
        left, right = _split(formula)
        if left == "1":
            groupings += _nested(right, frame)
        else:
            inners.append(_read_inner(left, right, frame, given[min(len(inners), len(given) - 1)]))
    return groupings, inners


def _split(formula: str) -> tuple[str, str]:
    left, bar, right = formula.strip().removeprefix("~").partition("|")
    if not bar or not left.strip() or not right.strip():
        raise UsageError(
            f'"{formula}" is no random effect', hint='Write "~1|study/effect", or "~outcome|study" with struct'
        )
    return left.strip(), right.strip()


def _nested(right: str, frame: pd.DataFrame) -> list[Grouping]:
    """study/effect means study, and effect within study."""
    found: list[Grouping] = []
    codes: Index = np.zeros(len(frame), dtype=np.intp)
    names: list[str] = []
    columns: list[Any] = []
    for part in right.split("/"):
        names.append(part.strip())
        columns.append(_column_values(names[-1], frame).to_numpy())
        own, values = pd.factorize(columns[-1])
        codes, keys = pd.factorize(codes.astype(np.int64) * len(values) + own)
        first = np.empty(len(keys), dtype=np.intp)
        first[codes[::-1]] = np.arange(len(codes))[::-1]
        found.append(Grouping("/".join(names), codes, len(keys), tuple(column[first] for column in columns)))
    return found


def _column_values(name: str, frame: pd.DataFrame) -> pd.Series:
    parts = [part.strip() for part in name.split(":")]
    for part in parts:
        if part not in frame.columns:
            raise missing_column(part, [str(column) for column in frame.columns], why="a random effect needs it")
        if frame[part].isna().any():
            place = int(np.flatnonzero(frame[part].isna().to_numpy())[0])
            raise UsageError(f'Row {place + 1} has no "{part}"', hint="Give each row a group, its own if it has none")
    return frame[parts[0]] if len(parts) == 1 else frame[parts].astype(str).agg(":".join, axis=1)


def _read_inner(left: str, right: str, frame: pd.DataFrame, struct: str) -> Inner:
    values = _column_values(left, frame)
    levels = sorted(values.unique(), key=lambda value: (isinstance(value, str), value))
    shown = tuple(str(level) for level in levels)
    inner = np.array(values.map({level: place for place, level in enumerate(levels)}), dtype=np.intp)
    outer = pd.factorize(_column_values(right, frame))[0]
    return Inner(f"{left}|{right}", inner, shown, outer, find_structure(struct, len(levels)))
