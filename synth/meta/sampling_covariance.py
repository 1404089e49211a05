"""Sampling errors that depend on each other: their covariances, guessed or given, and results joined by study."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from synth.errors import UsageError
from synth.meta.effect_sizes import as_numbers, missing_column
from synth.meta.measures import Array

Index = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class SamplingCovariance:
    """A symmetric k x k matrix that holds its cells that are not 0: ``rows``, ``cols``, ``cells`` (diagonal too)."""

    k: int
    rows: Index
    cols: Index
    cells: Array

    @property
    def diagonal(self) -> Array:
        """The variances."""
        found = np.zeros(self.k)
        own = self.rows == self.cols
        found[self.rows[own]] = self.cells[own]
        return found

    @property
    def is_diagonal(self) -> bool:
        """Whether no errors depend on each other."""
        return bool(np.all((self.rows == self.cols) | (self.cells == 0)))

    def take(self, usable: Any) -> SamplingCovariance:
        """The matrix of the ``usable`` rows (a mask)."""
        places = np.cumsum(usable) - 1
        kept = usable[self.rows] & usable[self.cols]
        return SamplingCovariance(int(usable.sum()), places[self.rows[kept]], places[self.cols[kept]], self.cells[kept])

    def to_array(self) -> Array:
        """The whole matrix, k x k: for small k."""
        found = np.zeros((self.k, self.k))
        found[self.rows, self.cols] = self.cells
        return found


def read_covariance(V: Any, k: int) -> SamplingCovariance:
    """From variances (k), a matrix (k x k) or a SamplingCovariance. Raises UsageError for another shape."""
    if isinstance(V, SamplingCovariance):
        found = V
    else:
        values = np.asarray(V, dtype=np.float64)
        found = _from_matrix(values) if values.ndim == 2 else _from_variances(values)
    if found.k != k:
        raise UsageError(f"There are {k} estimates and {found.k} variances", hint="Give one variance per estimate")
    return found


def _from_variances(values: Array) -> SamplingCovariance:
    places = np.arange(len(values))
    return SamplingCovariance(len(values), places, places, values)


def _from_matrix(values: Array) -> SamplingCovariance:
    if values.shape[0] != values.shape[1] or not np.allclose(values, values.T, rtol=1e-8, equal_nan=True):
        raise UsageError("V is no symmetric square matrix", hint="Give variances, or covariances of all pairs of rows")
    rows, cols = np.nonzero((values != 0) | np.eye(len(values), dtype=bool))
    return SamplingCovariance(len(values), rows, cols, values[rows, cols])


def vcalc(
    data: pd.DataFrame,
    cluster: str,
    *,
    rho: float | Mapping[tuple[str, str], float] = 0.6,
    obs: str | None = None,
    kind: str | None = None,
    time: str | None = None,
    phi: float = 1.0,
    vi: str = "vi",
) -> SamplingCovariance:
    """Guess the covariances of the sampling errors of rows of one ``cluster`` (a column): rho sqrt(v_i v_j).

    ``obs``: a column that tells results of one cluster apart (rows that share it correlate fully, times phi); ``rho``:
    one correlation, or one per pair of values of the column ``kind``. ``time`` with ``phi``: the correlation of two
    times is phi to the power of their distance. After Pustejovsky & Tipton (2022), Prev Sci 23:425. Raises UsageError
    for correlations beyond -1 and 1, and where a study's matrix could not be one.
    """
    v = as_numbers(data, _known(data, vi))
    labels = pd.factorize(data[_known(data, cluster)], use_na_sentinel=False)[0]
    rows, cols = _pairs(labels)
    correlation = _correlate(data, rows, cols, rho=rho, obs=obs, kind=kind)
    if time is not None:
        moments = as_numbers(data, _known(data, time))
        correlation = correlation * phi ** np.abs(moments[rows] - moments[cols])
    correlation = np.where(rows == cols, 1.0, correlation)
    if not (np.abs(correlation) <= 1).all():
        raise UsageError("A correlation lies beyond -1 and 1", hint="Give rho and phi between -1 and 1")
    found = SamplingCovariance(len(v), rows, cols, correlation * np.sqrt(v[rows] * v[cols]))
    _check_possible(correlation, rows, labels)
    return found


def _known(data: pd.DataFrame, name: str) -> str:
    if name not in data.columns:
        raise missing_column(name, [str(column) for column in data.columns])
    return name


def _pairs(labels: Any) -> tuple[Index, Index]:
    """All pairs of rows with one label, each row with itself included."""
    order = np.argsort(labels, kind="stable")
    sizes = np.bincount(labels)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    size_of = sizes[labels[order]]
    rows = np.repeat(order, size_of)
    first = np.repeat(starts[labels[order]], size_of)
    offset = np.arange(len(rows)) - np.repeat(np.cumsum(size_of) - size_of, size_of)
    return rows, order[first + offset]


def _correlate(data: pd.DataFrame, rows: Index, cols: Index, *, rho: Any, obs: str | None, kind: str | None) -> Array:
    if isinstance(rho, Mapping):
        if kind is None:
            raise UsageError("rho by pair needs to know the kind of each row", hint="Name the column: kind=...")
        values = data[_known(data, kind)].astype(str).to_numpy()
        return np.array([_look_up(rho, values[i], values[j]) for i, j in zip(rows, cols, strict=True)])
    found = np.full(len(rows), float(rho))
    if obs is not None:
        codes = pd.factorize(data[_known(data, obs)], use_na_sentinel=False)[0]
        found = np.where(codes[rows] == codes[cols], 1.0, found)
    return found


def _look_up(rho: Mapping[tuple[str, str], float], one: str, other: str) -> float:
    for pair in ((one, other), (other, one)):
        if pair in rho:
            return float(rho[pair])
    if one == other:
        return 1.0
    raise UsageError(f'rho says nothing about "{one}" with "{other}"', hint="Give a correlation for each pair")


def _check_possible(correlation: Array, rows: Index, labels: Any) -> None:
    """Each cluster's correlations must be positive semidefinite. Clusters of one size are looked at together."""
    sizes = np.bincount(labels)[labels[rows]]
    for size in sorted(set(sizes.tolist()) - {1}):
        stacks = correlation[sizes == size].reshape(-1, size, size)
        if np.linalg.eigvalsh(stacks).min() < -1e-8:
            raise UsageError(
                f"The correlations of a cluster of {size} rows contradict each other",
                why="Their matrix is not positive semidefinite",
                hint="Check rho; a negative rho is only possible in small clusters",
            )


def aggregate(
    data: pd.DataFrame, cluster: str, *, rho: float = 0.6, struct: str = "CS", weighted: bool = True
) -> pd.DataFrame:
    """One row per ``cluster`` (a column): cluster, yi, vi and k, in the order of first appearance.

    ``struct``: CS (errors of one cluster correlate by ``rho``) or ID (they are independent). ``weighted``: by
    generalised least squares, else plain means. Borenstein et al. (2009), Introduction to Meta-Analysis, ch. 24.
    """
    if struct not in {"CS", "ID"}:
        raise UsageError(f'There is no structure "{struct}" here', hint="Choose CS or ID")
    rho = 0.0 if struct == "ID" else rho
    if not -1 < rho < 1:
        raise UsageError("rho must lie between -1 and 1", hint="0.6 is a usual guess")
    frame = data[np.isfinite(data["yi"].astype(float)) & np.isfinite(data["vi"].astype(float))]
    codes, names = pd.factorize(frame[_known(frame, cluster)])
    y, v = as_numbers(frame, "yi"), as_numbers(frame, "vi")
    n = np.bincount(codes).astype(float)
    yi, vi = _combine(y, v, codes, n, rho) if weighted else _average(y, v, codes, n, rho)
    result = pd.DataFrame({"cluster": names, "yi": yi, "vi": vi, "k": n.astype(int)})
    result.attrs.update(data.attrs)
    return result


def _combine(y: Array, v: Array, codes: Any, n: Array, rho: float) -> tuple[Array, Array]:
    """1'V^-1 y / 1'V^-1 1, with the closed inverse of a matrix of equal correlations."""
    if (1 + (n - 1) * rho <= 0).any():
        raise UsageError("rho is too far below 0 for the largest cluster", hint="Choose rho of 0 or more")
    d = 1 / np.sqrt(v)
    share = rho / (1 + (n - 1) * rho)
    a = d / (1 - rho) * (d - (share * np.bincount(codes, d))[codes])
    total = np.bincount(codes, a)
    return np.bincount(codes, a * y) / total, 1 / total


def _average(y: Array, v: Array, codes: Any, n: Array, rho: float) -> tuple[Array, Array]:
    s = np.bincount(codes, np.sqrt(v))
    total = rho * s**2 + (1 - rho) * np.bincount(codes, v)
    return np.bincount(codes, y) / n, total / n**2
