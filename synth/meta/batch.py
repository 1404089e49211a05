"""Many fits at once: the estimators of tau2 over the rows of a matrix, for permutations and multiverses.

One row per fit, one column per study: ``y`` and ``v`` (B x k), a ``mask`` of the studies that count, and one set of
orthonormal columns ``Q`` (k x p) for all. A permuted moderator is the same as permuted studies, so Q can stay, and the
sums of regression.py become products of a (B x k) with a (k x p^2) matrix.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import chdtri

from synth.meta.measures import Array
from synth.meta.tau2 import COMMON_EFFECT, ESTIMATORS

_MAX_STEPS = 200
_PRODUCTS = 200_000
"""Rows are worked through in pieces whose matrix products have about this many terms: they stay in the cache, and on
one thread, because threads that wait for each other cost more."""


@dataclass(frozen=True, slots=True, eq=False)
class ManyFits:
    """Coefficients on Q (B x p), their covariance (B x p x p), tau2, residual sum w r^2, QE and k, by row."""

    params: Array
    cov: Array
    tau2: Array
    rss: Array
    QE: Array
    k: Array

    def scale(self, test: str) -> Array:
        """The factor on the covariance that ``test`` asks for."""
        p = self.params.shape[1]
        q = self.rss / np.maximum(self.k - p, 1)
        usable = (q > 1e-20) & (self.k > p)
        if test == "knha":
            return np.where(usable, q, 1.0)
        return np.where(usable, np.maximum(1.0, q), 1.0) if test == "adhoc" else np.ones_like(q)


class _Many:
    """The sums of one set of weights per row."""

    __slots__ = ("Q", "_G", "inverse", "w")

    def __init__(self, w: Array, Q: Array) -> None:
        self.w, self.Q = w, Q
        self._G = (Q[:, :, None] * Q[:, None, :]).reshape(len(Q), -1)
        self.inverse = _invert(self._cross(w))

    def _cross(self, w: Array) -> Array:
        p = self.Q.shape[1]
        found: Array = (w @ self._G).reshape(-1, p, p)
        return found

    def coefficients(self, y: Array) -> Array:
        right = (self.w * y) @ self.Q
        found: Array = (self.inverse @ right[:, :, None])[:, :, 0]
        return found

    def residuals(self, y: Array) -> Array:
        found: Array = y - self.coefficients(y) @ self.Q.T
        return found

    def quadratic(self, y: Array) -> Array:
        found: Array = np.einsum("bk,bk->b", self.w * y, self.residuals(y))
        return found

    def trace(self, v: Array | float = 1.0) -> Array:
        wv = self.w * v
        found: Array = wv.sum(axis=1) - np.einsum("bij,bji->b", self.inverse, self._cross(self.w * wv))
        return found

    def trace2(self) -> Array:
        inner = self.inverse @ self._cross(self.w**2)
        cubes = np.einsum("bij,bji->b", self.inverse, self._cross(self.w**3))
        found: Array = np.einsum("bk,bk->b", self.w, self.w) - 2 * cubes + np.einsum("bij,bji->b", inner, inner)
        return found


def _invert(M: Array) -> Array:
    return np.asarray(1 / M if M.shape[1] == 1 else np.linalg.inv(M), dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class _Piece:
    """Some rows: y, v, mask (all B x k) and Q."""

    y: Array
    v: Array
    mask: Array
    Q: Array

    @property
    def k(self) -> Array:
        found: Array = self.mask.sum(axis=1)
        return found

    @property
    def p(self) -> int:
        return int(self.Q.shape[1])

    def weigh(self, tau2: Array | float) -> _Many:
        return _Many(self.mask / (self.v + np.reshape(tau2, (-1, 1))), self.Q)

    def take(self, rows: Any) -> _Piece:
        return _Piece(self.y[rows], self.v[rows], self.mask[rows], self.Q)


def fit_many(y: Array, v: Array, method: str, *, Q: Array | None = None, mask: Array | None = None) -> ManyFits:
    """Fit every row of ``y`` with the variances ``v`` (B x k; one of them may have a single row).

    ``method``: a name in tau2.ESTIMATORS or COMMON_EFFECT. ``mask``: 1 for studies that count, else 0. Rows with no
    more studies than columns have tau2 = 0.
    """
    y, v = np.atleast_2d(y), np.atleast_2d(v)
    mask = np.ones((1, y.shape[1])) if mask is None else np.atleast_2d(np.asarray(mask, dtype=np.float64))
    Q = np.full((y.shape[1], 1), y.shape[1] ** -0.5) if Q is None else Q
    y, v, mask = (np.ascontiguousarray(each) for each in np.broadcast_arrays(y, v, mask))
    parts = [_fit_piece(piece, method) for piece in _split(y, v, mask, Q)]
    return ManyFits(*(np.concatenate([getattr(part, name) for part in parts]) for name in ManyFits.__slots__))


def _split(y: Array, v: Array, mask: Array, Q: Array) -> Iterator[_Piece]:
    size = max(1, _PRODUCTS // (y.shape[1] * Q.shape[1] ** 2))
    for start in range(0, len(y), size):
        rows = slice(start, start + size)
        yield _Piece(np.where(mask[rows] > 0, y[rows], 0.0), np.where(mask[rows] > 0, v[rows], 1.0), mask[rows], Q)


def _fit_piece(piece: _Piece, method: str) -> ManyFits:
    tau2 = np.zeros(len(piece.y))
    free = np.flatnonzero(piece.k > piece.p)
    if method not in COMMON_EFFECT and len(free):
        tau2[free] = _estimate(piece if len(free) == len(tau2) else piece.take(free), method)
    many = piece.weigh(tau2)
    residuals = many.residuals(piece.y)
    rss = np.einsum("bk,bk->b", many.w, residuals**2)
    q = rss if method in COMMON_EFFECT else piece.weigh(0.0).quadratic(piece.y)
    return ManyFits(many.coefficients(piece.y), many.inverse, tau2, rss, q, piece.k)


def _estimate(piece: _Piece, method: str) -> Array:
    return _MANY[method](piece) if method in _MANY else _one_by_one(piece, method)


def _one_by_one(piece: _Piece, method: str) -> Array:
    """For the rare estimators without a form of their own here."""
    found = []
    for y, v, mask in zip(piece.y, piece.v, piece.mask, strict=True):
        used = mask > 0
        found.append(ESTIMATORS[method](y[used], v[used], np.linalg.qr(piece.Q[used])[0]).value)
    return np.array(found)


def _moments(piece: _Piece, w: Array) -> Array:
    many = _Many(w, piece.Q)
    return np.maximum(0.0, (many.quadratic(piece.y) - many.trace(piece.v)) / many.trace())


def _dersimonian_laird(piece: _Piece) -> Array:
    return _moments(piece, piece.mask / piece.v)


def _hedges(piece: _Piece) -> Array:
    return _moments(piece, piece.mask)


def _hunter_schmidt(piece: _Piece, factor: Array | float = 1.0) -> Array:
    many = piece.weigh(0.0)
    found: Array = np.maximum(0.0, (factor * many.quadratic(piece.y) - piece.k) / many.w.sum(axis=1))
    return found


def _hunter_schmidt_k(piece: _Piece) -> Array:
    return _hunter_schmidt(piece, piece.k / (piece.k - piece.p))


def _sidik_jonkman(piece: _Piece) -> Array:
    mean = piece.y.sum(axis=1) / piece.k
    start = (piece.mask * (piece.y - mean[:, None]) ** 2).sum(axis=1) / piece.k
    spread = np.where(start > 0, start, 1.0)
    return np.where(start > 0, start * piece.weigh(spread).quadratic(piece.y) / (piece.k - piece.p), 0.0)


def _solve_q(piece: _Piece, target: Array) -> Array:
    """Newton on 1/Q from below, as tau2.solve_q."""

    def step(part: _Piece, goal: Array, tau2: Array) -> Array:
        many = part.weigh(tau2)
        Py = many.w * many.residuals(part.y)
        q = np.einsum("bk,bk->b", Py, part.y)
        bound = np.einsum("bk,bk->b", Py, Py)
        return np.where(q > goal, tau2 + q * (q / goal - 1) / np.where(bound > 0, bound, 1.0), tau2)

    return _iterate(piece, target, np.zeros(len(piece.y)), step)


def _paule_mandel(piece: _Piece) -> Array:
    return _solve_q(piece, piece.k - piece.p)


def _paule_mandel_median(piece: _Piece) -> Array:
    return _solve_q(piece, np.asarray(chdtri(piece.k - piece.p, 0.5)))


def _likelihood(piece: _Piece, *, restricted: bool) -> Array:
    """Newton steps where the likelihood is well curved, Fisher scoring elsewhere, as tau2."""

    def step(part: _Piece, _: Array, tau2: Array) -> Array:
        many = part.weigh(tau2)
        Py = many.w * many.residuals(part.y)
        if restricted:
            trace, trace2 = many.trace(), many.trace2()
        else:
            trace, trace2 = many.w.sum(axis=1), np.einsum("bk,bk->b", many.w, many.w)
        score = np.einsum("bk,bk->b", Py, Py) - trace
        observed = 2 * many.quadratic(Py) - trace2
        found: Array = np.maximum(0.0, tau2 + score / np.where(observed > trace2 / 4, observed, trace2))
        return found

    return _iterate(piece, np.zeros(len(piece.y)), _hedges(piece), step)


def _iterate(piece: _Piece, extra: Array, start: Array, step: Callable[[_Piece, Array, Array], Array]) -> Array:
    """Apply ``step`` to the rows that still move; what does not settle goes to the careful search, one by one."""
    value, active = start.copy(), np.arange(len(start))
    part, goal = piece, extra
    for _ in range(_MAX_STEPS):
        old = value[active]
        new = step(part, goal, old)
        value[active] = new
        moving = np.abs(new - old) > 1e-11 * new + 1e-15
        if not moving.any():
            return value
        if moving.sum() < 0.7 * len(active):
            active = active[moving]
            part, goal = part.take(moving), goal[moving]
    return value


def _maximum_likelihood(piece: _Piece) -> Array:
    return _likelihood(piece, restricted=False)


def _restricted_likelihood(piece: _Piece) -> Array:
    return _likelihood(piece, restricted=True)


_MANY: dict[str, Callable[[_Piece], Array]] = {
    "DL": _dersimonian_laird,
    "HE": _hedges,
    "HS": _hunter_schmidt,
    "HSK": _hunter_schmidt_k,
    "SJ": _sidik_jonkman,
    "PM": _paule_mandel,
    "EB": _paule_mandel,
    "SJIT": _paule_mandel,
    "PMM": _paule_mandel_median,
    "ML": _maximum_likelihood,
    "REML": _restricted_likelihood,
}
