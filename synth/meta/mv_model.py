"""Multilevel and multivariate models before and while they are fitted: their parts, and the search for the best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from synth.meta.cautions import BoundaryEstimate, Caution, NotConverged
from synth.meta.design import Design
from synth.meta.measures import Array
from synth.meta.mv_likelihood import Blocks, Evaluation, Nested, are_nested
from synth.meta.optimum import find_minimum
from synth.meta.random_effects import Grouping, Inner
from synth.meta.sampling_covariance import SamplingCovariance

_SEVERAL_STARTS = 5_000  # rows: below it the search starts from several places, above it from one
_NEGLIGIBLE = 1e-7  # of the total variance: a variance below it is compared with 0


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """What is fitted: the data, the design, the random effects, and the likelihood made of them."""

    y: Array
    V: SamplingCovariance
    design: Design
    groupings: tuple[Grouping, ...]
    inners: tuple[Inner, ...]
    likelihood: Nested | Blocks
    restricted: bool

    @property
    def sizes(self) -> list[int]:
        """How many free numbers each part has: one per grouping, then those of each structure."""
        return [1] * len(self.groupings) + [len(inner.structure.start(1.0)) for inner in self.inners]

    def split(self, free: Array) -> tuple[Array, list[Array]]:
        """Variances of the groupings and the covariance matrices, from free numbers."""
        n = len(self.groupings)
        parts = np.split(free[n:], np.cumsum(self.sizes[n:])[:-1]) if self.inners else []
        return free[:n] ** 2, [inner.structure.matrix(part) for inner, part in zip(self.inners, parts, strict=True)]

    def evaluate(self, free: Array) -> tuple[Evaluation, Array]:
        """The likelihood at the free numbers, and its gradient in them."""
        sigma2, Gs = self.split(free)
        found = self.likelihood.evaluate(sigma2, Gs, restricted=self.restricted)
        n = len(self.groupings)
        gradient = [2 * free[:n] * found.of_sigma2]
        place = n
        for inner, size, D in zip(self.inners, self.sizes[n:], found.of_matrices, strict=True):
            gradient.append(inner.structure.pull(free[place : place + size], D))
            place += size
        return found, np.concatenate(gradient)

    @property
    def names(self) -> list[str]:
        """Names of the free numbers that stand for a variance or a correlation by themselves."""
        found = [f"sigma2 {grouping.name}" for grouping in self.groupings]
        for inner in self.inners:
            found += inner.structure.names(inner.levels)
        return found


def choose_likelihood(
    y: Array, V: SamplingCovariance, design: Design, groupings: Sequence[Grouping], inners: Sequence[Inner]
) -> Nested | Blocks:
    """The nested form where the model allows it, else blocks."""
    if V.is_diagonal and not inners and are_nested(groupings):
        return Nested(y, V.diagonal, design.Q, groupings)
    return Blocks(y, V, design.Q, groupings, inners)


def blocks_of(model: Model) -> Blocks:
    """The model by blocks, for what needs whole covariance matrices."""
    if isinstance(model.likelihood, Blocks):
        return model.likelihood
    return Blocks(model.y, model.V, model.design.Q, model.groupings, model.inners)


def trace_of_P(model: Model, zero: Evaluation) -> float:
    """tr(P) with the sampling covariances alone; zero.SQ is V^-1 Q there."""
    if model.V.is_diagonal:
        of_inverse = float(np.sum(1 / model.V.diagonal))
    else:
        blocks = blocks_of(model)
        of_inverse = float(sum(np.trace(np.linalg.inv(stack.V), axis1=1, axis2=2).sum() for stack in blocks.stacks))
    return of_inverse - float(np.trace(zero.cov @ (zero.SQ.T @ zero.SQ)))


def _start(model: Model, shares: Sequence[float]) -> Array:
    """Free numbers for a total variance near what the estimates show, split by ``shares``."""
    spread = float(np.var(model.y - model.design.Q @ (model.design.Q.T @ model.y)))
    total = max(spread - float(np.mean(model.V.diagonal)), 0.1 * spread, 1e-3 * float(np.mean(model.V.diagonal)))
    parts = [np.array([np.sqrt(total * share)]) for share in shares[: len(model.groupings)]]
    for inner, share in zip(model.inners, shares[len(model.groupings) :], strict=True):
        parts.append(inner.structure.start(total * share))
    return np.concatenate(parts) if parts else np.empty(0)


def maximise(model: Model) -> tuple[Array, Evaluation, list[Caution]]:
    """The best free numbers, from one or two places to start; variances next to 0 are set to 0 where that is better."""
    n = len(model.groupings) + len(model.inners)
    if n == 0:
        return np.empty(0), model.evaluate(np.empty(0))[0], []
    even = [1 / n] * n
    starts = [even]
    if n > 1 and len(model.y) <= _SEVERAL_STARTS:
        starts += [[0.9 if place == own else 0.1 / (n - 1) for place in range(n)] for own in range(n)]
    climbed = [climb(model, _start(model, shares)) for shares in starts]
    free, settled = max(climbed, key=lambda each: model.evaluate(each[0])[0].loglik)
    free = _drop_negligible(model, free)
    notes: list[Caution] = []
    if not settled:
        notes.append(NotConverged("The likelihood did not settle; the best variances found are given"))
    return free, model.evaluate(free)[0], notes


def climb(model: Model, start: Array, fixed: tuple[int, ...] = ()) -> tuple[Array, bool]:
    """Quasi-Newton, then Newton with a Hessian from differences of the gradient. ``fixed`` numbers do not move."""
    moving = np.array([place for place in range(len(start)) if place not in fixed], dtype=np.intp)
    if not len(moving):
        return start, True
    unit = max(float(np.max(np.abs(start[moving]))), 1e-8)

    def lifted(x: Array) -> Array:
        whole = start.copy()
        whole[moving] = x * unit
        return whole

    def objective(x: Array) -> tuple[float, Array]:
        found, gradient = model.evaluate(lifted(x))
        if not np.isfinite(found.loglik):
            return 1e300, np.zeros_like(x)
        return -found.loglik, -gradient[moving] * unit

    x, settled = find_minimum(objective, start[moving] / unit)
    return lifted(x), settled


def _drop_negligible(model: Model, free: Array) -> Array:
    sigma2, _ = model.split(free)
    total = float(sigma2.sum()) + float(np.mean(model.V.diagonal))
    found, best = free.copy(), model.evaluate(free)[0].loglik
    for place in range(len(model.groupings)):
        if 0 < sigma2[place] < _NEGLIGIBLE * total:
            tried = found.copy()
            tried[place] = 0.0
            height = model.evaluate(tried)[0].loglik
            if height >= best - 1e-10:
                found, best = tried, height
    return np.where(np.arange(len(found)) < len(model.groupings), np.abs(found), found)


def about_edges(model: Model, free: Array) -> list[Caution]:
    """The caution about variances of 0 and correlations of 1 or -1."""
    sigma2, Gs = model.split(free)
    found = [
        f"the variance of {grouping.name} is 0" for grouping, s in zip(model.groupings, sigma2, strict=True) if s == 0
    ]
    for inner, G in zip(model.inners, Gs, strict=True):
        s = np.sqrt(np.diag(G))
        off = np.abs(G[np.triu_indices(len(s), 1)]) / np.maximum(np.outer(s, s)[np.triu_indices(len(s), 1)], 1e-300)
        if (off > 0.9999).any():
            found.append(f"a correlation of {inner.name} is 1 or -1")
    if not found:
        return []
    return [BoundaryEstimate(f"{'; '.join(found)}: the data do not tell these parts of the model apart")]
