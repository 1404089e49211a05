"""Likelihoods of models with several variances, with their gradients.

Two ways to the same numbers. Nested: random intercepts that lie within each other and independent sampling errors; the
inverse of each cluster's covariance is built up level by level by Sherman & Morrison (1950, Ann Math Stat 21:124), so
that a hundred thousand rows cost a few vector sums. Blocks: any structure, with the matrices of clusters of one size
worked on together. Harville (1977), JASA 72:320, for the restricted likelihood and its gradient.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from synth.meta.measures import Array
from synth.meta.random_effects import Grouping, Index, Inner
from synth.meta.regression import inner as sum_of_products
from synth.meta.robust import group_by_size
from synth.meta.sampling_covariance import SamplingCovariance


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """The likelihood at one set of variances, with S = Sigma^-1 and P as ever.

    Log-likelihood, coefficients on Q and their covariance, S Q (k x p) and P y (k), the gradient in the variances of
    the groupings and in the cells of each G, and r'Sr.
    """

    loglik: float
    params: Array
    cov: Array
    SQ: Array
    Py: Array
    of_sigma2: Array
    of_matrices: tuple[Array, ...]
    rss: float
    traces: tuple[Array, ...]
    """1'S1 of each group, by grouping."""


class Likelihood(Protocol):
    """Something that can be evaluated at variances ``sigma2`` and covariance matrices ``Gs``."""

    def evaluate(self, sigma2: Array, Gs: Sequence[Array], *, restricted: bool) -> Evaluation:
        """The log-likelihood and what comes with it."""


def _profile(Q: Array, y: Array, SQ: Array, Sy: Array) -> tuple[Array, Array, Array, float]:
    """Coefficients, their covariance, P y, and r'Sr, from S applied to Q and y. Q and SQ are p x k."""
    cov = np.linalg.inv(np.einsum("pk,qk->pq", Q, SQ))
    params = cov @ np.einsum("pk,k->p", Q, Sy)
    Py = Sy - np.einsum("p,pk->k", params, SQ)
    return params, cov, Py, sum_of_products(y, Py)


def _height(k: int, p: int, log_sigma: float, cov: Array, rss: float, *, restricted: bool) -> float:
    free = k - p if restricted else k
    value = -0.5 * (free * float(np.log(2 * np.pi)) + log_sigma + rss)
    return value + 0.5 * float(np.linalg.slogdet(cov)[1]) if restricted else value


class Nested:
    """Random intercepts within each other (``groupings`` from the widest to the narrowest) and variances ``v``."""

    def __init__(self, y: Array, v: Array, Q: Array, groupings: Sequence[Grouping]) -> None:
        self.y, self.v, self.Q = y, v, np.ascontiguousarray(Q.T)
        self.codes = [grouping.codes for grouping in groupings]
        self.sizes = [grouping.size for grouping in groupings]

    def evaluate(self, sigma2: Array, Gs: Sequence[Array] = (), *, restricted: bool) -> Evaluation:
        """From the narrowest level to the widest."""
        del Gs
        u = 1 / self.v
        Z = np.vstack([self.Q, self.y]) * u
        log_sigma = float(np.log(self.v).sum())
        traces: list[Array] = []
        for level in reversed(range(len(self.codes))):
            codes, s = self.codes[level], float(sigma2[level])
            total = self._sum(u, level)
            shrink = 1 / (1 + s * total)
            traces = [total * shrink, *self._lower(traces, level, u, s * shrink)]
            for place in range(len(Z)):
                Z[place] -= u * (s * shrink * self._sum(Z[place], level))[codes]
            u = u * shrink[codes]
            log_sigma -= float(np.log(shrink).sum())
        return self._finish(Z, log_sigma, traces, restricted=restricted)

    def _sum(self, values: Array, level: int) -> Array:
        """Sums by group; a level whose groups are single rows in their order needs none."""
        size = self.sizes[level]
        return (
            values
            if size == len(values)
            else np.asarray(np.bincount(self.codes[level], values, size), dtype=np.float64)
        )

    def _lower(self, traces: list[Array], level: int, u: Array, c: Array) -> list[Array]:
        """What a wider level takes away from 1'S1 of the narrower groups inside it."""
        found = []
        for number, trace in enumerate(traces, start=level + 1):
            inside = self._sum(u, number)
            wide = np.zeros(self.sizes[number])
            wide[self.codes[number]] = c[self.codes[level]]
            found.append(trace - wide * inside**2)
        return found

    def _finish(self, Z: Array, log_sigma: float, traces: list[Array], *, restricted: bool) -> Evaluation:
        SQ, Sy = Z[:-1], Z[-1]
        params, cov, Py, rss = _profile(self.Q, self.y, SQ, Sy)
        gradient = np.empty(len(self.codes))
        for level in range(len(self.codes)):
            change = float(np.sum(self._sum(Py, level) ** 2) - traces[level].sum())
            if restricted:
                B = np.array([self._sum(row, level) for row in SQ])
                change += float(np.sum(cov * np.einsum("pk,qk->pq", B, B)))
            gradient[level] = change / 2
        loglik = _height(len(self.y), len(self.Q), log_sigma, cov, rss, restricted=restricted)
        return Evaluation(loglik, params, cov, SQ.T, Py, gradient, (), rss, tuple(traces))


@dataclass(frozen=True, slots=True, eq=False)
class _Stack:
    """Blocks of one size n: rows (B, n), V (B, n, n), and which pairs share a group, by grouping and inner effect."""

    rows: Index
    V: Array
    same: tuple[Array, ...]
    cells: tuple[Index, ...]
    """Number of the cell of G for each pair (J * J where the outer groups differ), by inner effect."""


class Blocks:
    """Any structure: the rows fall into blocks that nothing connects."""

    def __init__(
        self, y: Array, V: SamplingCovariance, Q: Array, groupings: Sequence[Grouping], inners: Sequence[Inner]
    ) -> None:
        self.y, self.V, self.Q = y, V, Q
        self.groupings, self.inners = list(groupings), list(inners)
        self.labels = find_blocks(V, groupings, inners)
        self.stacks = [self.bind(rows) for rows in group_by_size(self.labels)]

    def bind(self, rows: Index) -> _Stack:
        """Blocks of the given rows (B, n)."""
        shape = (*rows.shape, rows.shape[1])
        same = tuple(_same(grouping.codes[rows]) for grouping in self.groupings)
        cells = tuple(_cells(inner, rows) for inner in self.inners)
        return _Stack(rows, _fill(self.V, rows, shape), same, cells)

    def covariance(self, stack: _Stack, sigma2: Array, Gs: Sequence[Array]) -> Array:
        """Sigma of the blocks (B, n, n)."""
        found = stack.V.copy()
        for variance, same in zip(sigma2, stack.same, strict=True):
            found += variance * same
        for G, cells in zip(Gs, stack.cells, strict=True):
            found += np.append(G.ravel(), 0.0)[cells]
        return found

    def evaluate(self, sigma2: Array, Gs: Sequence[Array] = (), *, restricted: bool) -> Evaluation:
        """Invert every block; the gradient is the sum of K over the cells that a variance stands in."""
        Z = np.column_stack([self.Q, self.y])
        SZ, log_sigma = np.empty_like(Z), 0.0
        inverses: list[Array] = []
        for stack in self.stacks:
            Sigma = self.covariance(stack, sigma2, Gs)
            S = np.asarray(np.linalg.inv(Sigma), dtype=np.float64)
            log_sigma += float(np.linalg.slogdet(Sigma)[1].sum())
            SZ[stack.rows] = S @ Z[stack.rows]
            inverses.append(S)
        SQ, Sy = SZ[:, :-1], SZ[:, -1]
        params, cov, Py, rss = _profile(self.Q.T, self.y, SQ.T, Sy)
        loglik = _height(len(self.y), self.Q.shape[1], log_sigma, cov, rss, restricted=restricted)
        of_sigma2, of_G = self._gradient(inverses, SQ, cov, Py, restricted=restricted)
        return Evaluation(loglik, params, cov, SQ, Py, of_sigma2, of_G, rss, self._traces(inverses))

    def _gradient(
        self, inverses: list[Array], SQ: Array, cov: Array, Py: Array, *, restricted: bool
    ) -> tuple[Array, tuple[Array, ...]]:
        of_sigma2 = np.zeros(len(self.groupings))
        of_G = [np.zeros(inner.structure.J**2 + 1) for inner in self.inners]
        for stack, S in zip(self.stacks, inverses, strict=True):
            r, B = Py[stack.rows], SQ[stack.rows]
            K = r[:, :, None] * r[:, None, :] - S
            if restricted:
                K += B @ cov @ np.swapaxes(B, 1, 2)
            of_sigma2 += [float(np.sum(K * same)) / 2 for same in stack.same]
            for number, cells in enumerate(stack.cells):
                of_G[number] += np.bincount(cells.ravel(), K.ravel(), len(of_G[number])) / 2
        shaped = [D[:-1].reshape(inner.structure.J, -1) for D, inner in zip(of_G, self.inners, strict=True)]
        return of_sigma2, tuple(shaped)

    def _traces(self, inverses: list[Array]) -> tuple[Array, ...]:
        found: list[Array] = []
        for number, grouping in enumerate(self.groupings):
            sums = np.zeros(len(self.y))
            for stack, S in zip(self.stacks, inverses, strict=True):
                sums[stack.rows] = (S * stack.same[number]).sum(axis=2)
            found.append(np.asarray(np.bincount(grouping.codes, sums, grouping.size), dtype=np.float64))
        return tuple(found)


def _same(codes: Index) -> Array:
    return np.asarray(codes[:, :, None] == codes[:, None, :], dtype=np.float64)


def _cells(inner: Inner, rows: Index) -> Index:
    J, own, outer = inner.structure.J, inner.inner[rows], inner.outer[rows]
    pairs = own[:, :, None] * J + own[:, None, :]
    return np.where(outer[:, :, None] == outer[:, None, :], pairs, J * J)


def _fill(V: SamplingCovariance, rows: Index, shape: tuple[int, ...]) -> Array:
    """The cells of V that fall into the blocks of ``rows``."""
    block, place = np.full(V.k, -1), np.zeros(V.k, dtype=np.intp)
    block[rows] = np.arange(len(rows))[:, None]
    place[rows] = np.arange(rows.shape[1])[None, :]
    inside = (block[V.rows] >= 0) & (block[V.rows] == block[V.cols])
    found = np.zeros(shape)
    found[block[V.rows[inside]], place[V.rows[inside]], place[V.cols[inside]]] = V.cells[inside]
    return found


def find_blocks(V: SamplingCovariance, groupings: Sequence[Grouping], inners: Sequence[Inner]) -> Index:
    """A number per row: rows that a shared group or a covariance connects have the same."""
    k = V.k
    heads = [V.rows[V.cells != 0]]
    tails = [V.cols[V.cells != 0]]
    start = k
    for codes in [*(grouping.codes for grouping in groupings), *(inner.outer for inner in inners)]:
        heads.append(np.arange(k))
        tails.append(start + codes)
        start += int(codes.max()) + 1
    head, tail = np.concatenate(heads), np.concatenate(tails)
    graph = coo_matrix((np.ones(len(head), dtype=np.int8), (head, tail)), shape=(start, start))
    return np.asarray(pd.factorize(connected_components(graph, directed=False)[1][:k])[0], dtype=np.intp)


def are_nested(groupings: Sequence[Grouping]) -> bool:
    """Whether each grouping, from the widest on, splits the one before it."""
    return all(
        len(np.unique(wide.codes.astype(np.int64) * narrow.size + narrow.codes)) == narrow.size
        for wide, narrow in pairwise(groupings)
    )
