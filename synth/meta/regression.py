"""Weighted regression by sums: the projections behind every estimator, without a k x k matrix.

Notation: W = diag(w), P = W - WQ (Q'WQ)^-1 Q'W, where the columns of Q span the moderators (Q'Q = I, from a QR
decomposition, so that years near 2000 cost no digits). Every trace and quadratic form of P is a sum over studies,
O(k p^2). ``Q = None`` stands for a model with an intercept only, where the sums are plainer still.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from synth.meta.measures import Array

_FEW = 64
"""Up to so many studies the careful way costs nothing."""
_LONG = 5_000


class Weighing(Protocol):
    """One set of weights: what the estimators of tau2 ask of it. ``v`` in traces is a diagonal matrix; None is I."""

    rank: int

    def residuals(self, y: Array) -> Array:
        """``y`` minus its weighted fit."""

    def trace(self, v: Array | None = None) -> float:
        """Trace of P V."""

    def trace2(self, v: Array | None = None) -> float:
        """Trace of P V P V."""

    def traces(self) -> tuple[float, float]:
        """Traces of P and of P P."""

    def quadratic(self, x: Array) -> float:
        """X'Px."""

    def log_determinant(self) -> float:
        """Log |Q'WQ|."""


def inner(a: Array, b: Array) -> float:
    """The sum of products; for long vectors on one thread, because threads that wait for each other cost more."""
    return float(a @ b) if len(a) < _LONG else float(np.einsum("i,i->", a, b))


def sum_of_squares(w: Array, r: Array) -> float:
    """The sum of w r^2, without another long array."""
    return inner(w, r * r) if len(w) < _LONG else float(np.einsum("i,i,i->", w, r, r))


def inverse_variances(vi: Array, tau2: float = 0.0) -> Array:
    """1/(v + tau2), in place: a second long array costs ten times the division."""
    w = vi + tau2
    np.reciprocal(w, out=w)
    return w


class WeighedMean:
    """Weights around a mean."""

    __slots__ = ("_total", "_w")
    rank = 1

    def __init__(self, w: Array) -> None:
        self._w, self._total = w, float(w.sum())

    def residuals(self, y: Array) -> Array:
        """``y`` minus its weighted mean."""
        return y - inner(self._w, y) / self._total

    def trace(self, v: Array | None = None) -> float:
        """Trace of P V."""
        if v is None:
            return self._total - inner(self._w, self._w) / self._total
        wv = self._w * v
        return float(wv.sum()) - inner(self._w, wv) / self._total

    def trace2(self, v: Array | None = None) -> float:
        """Trace of P V P V."""
        w = self._w
        wv = w if v is None else w * v
        square = inner(wv, wv)
        first = square if v is None else inner(w, wv)
        return square - 2 * inner(w * wv, wv) / self._total + (first / self._total) ** 2

    def traces(self) -> tuple[float, float]:
        """Traces of P and of P P."""
        w, total = self._w, self._total
        square = inner(w, w)
        return total - square / total, square - 2 * inner(w * w, w) / total + (square / total) ** 2

    def quadratic(self, x: Array) -> float:
        """X'Px."""
        wx = self._w * x
        return inner(wx, x) - float(wx.sum()) ** 2 / self._total

    def log_determinant(self) -> float:
        """Log |Q'WQ| with Q = 1/sqrt(k)."""
        return float(np.log(self._total / len(self._w)))


class WeighedColumns:
    """Weights around a regression on the orthonormal columns ``Q``."""

    __slots__ = ("_Q", "_WQ", "_inverse", "_w", "rank")

    def __init__(self, w: Array, Q: Array) -> None:
        self._w, self._Q, self.rank = w, np.ascontiguousarray(Q.T), Q.shape[1]
        self._WQ = self._Q * w
        self._inverse = np.linalg.inv(np.einsum("pk,qk->pq", self._WQ, self._Q))

    def coefficients(self, y: Array) -> Array:
        """Coefficients of ``y`` on Q."""
        found: Array = self._inverse @ np.einsum("pk,k->p", self._WQ, y)
        return found

    def covariance(self) -> Array:
        """(Q'WQ)^-1."""
        return self._inverse

    def residuals(self, y: Array) -> Array:
        """``y`` minus its weighted fit."""
        found: Array = y - np.einsum("p,pk->k", self.coefficients(y), self._Q)
        return found

    def _inner(self, v: Array | None) -> Array:
        """(Q'WQ)^-1 Q'W V WQ."""
        right = self._WQ if v is None else self._WQ * v
        found: Array = self._inverse @ np.einsum("pk,qk->pq", self._WQ, right)
        return found

    def trace(self, v: Array | None = None) -> float:
        """Trace of P V."""
        total = float(self._w.sum()) if v is None else inner(self._w, v)
        return total - float(np.trace(self._inner(v)))

    def trace2(self, v: Array | None = None) -> float:
        """Trace of P V P V."""
        wv, half = self._w if v is None else self._w * v, self._inner(v)
        square = self._inner(wv if v is None else wv * v)
        return inner(wv, wv) - 2 * float(np.trace(square)) + float(np.sum(half * half.T))

    def traces(self) -> tuple[float, float]:
        """Traces of P and of P P."""
        half, square = self._inner(None), self._inner(self._w)
        of_squares = inner(self._w, self._w) - 2 * float(np.trace(square)) + float(np.sum(half * half.T))
        return float(self._w.sum()) - float(np.trace(half)), of_squares

    def quadratic(self, x: Array) -> float:
        """X'Px."""
        return inner(self._w * x, self.residuals(x))

    def log_determinant(self) -> float:
        """Log |Q'WQ|."""
        return -float(np.linalg.slogdet(self._inverse)[1])


class CarefulColumns:
    """The same for few studies, by a QR decomposition of the weighted columns.

    One study can weigh a million times as much as another; then the sums above lose their digits in differences of
    large numbers, and here they are sums of what is small.
    """

    __slots__ = ("_R", "_U", "_left", "_root", "_w", "rank")

    def __init__(self, w: Array, Q: Array) -> None:
        self._w, self._root, self.rank = w, np.sqrt(w), Q.shape[1]
        self._U, self._R = np.linalg.qr(self._root[:, None] * Q)
        self._left = 1 - np.einsum("ij,ij->i", self._U, self._U)  # one minus the leverage

    def coefficients(self, y: Array) -> Array:
        """Coefficients of ``y`` on Q."""
        found: Array = np.linalg.solve(self._R, self._U.T @ (self._root * y))
        return found

    def covariance(self) -> Array:
        """(Q'WQ)^-1."""
        inverse = np.linalg.inv(self._R)
        found: Array = inverse @ inverse.T
        return found

    def _scaled(self, y: Array) -> Array:
        scaled = self._root * y
        found: Array = scaled - self._U @ (self._U.T @ scaled)
        return found

    def residuals(self, y: Array) -> Array:
        """``y`` minus its weighted fit."""
        return self._scaled(y) / self._root

    def trace(self, v: Array | None = None) -> float:
        """Trace of P V."""
        return float((self._w if v is None else self._w * v) @ self._left)

    def trace2(self, v: Array | None = None) -> float:
        """Trace of P V P V: its diagonal and the rest apart (k is small here)."""
        wv = self._w if v is None else self._w * v
        shared = (self._U @ self._U.T) ** 2
        np.fill_diagonal(shared, 0.0)
        own = wv * self._left
        return float(own @ own + wv @ shared @ wv)

    def traces(self) -> tuple[float, float]:
        """Traces of P and of P P."""
        return self.trace(), self.trace2()

    def quadratic(self, x: Array) -> float:
        """X'Px."""
        scaled = self._scaled(x)
        return float(scaled @ scaled)

    def log_determinant(self) -> float:
        """Log |Q'WQ|."""
        return 2 * float(np.log(np.abs(np.diag(self._R))).sum())


def weigh_columns(w: Array, Q: Array) -> WeighedColumns | CarefulColumns:
    """The sums of one set of weights around the columns ``Q``."""
    is_careful = len(w) <= _FEW and w.all()
    return CarefulColumns(w, Q) if is_careful else WeighedColumns(w, Q)


def weigh(w: Array, Q: Array | None = None) -> Weighing:
    """The sums of one set of weights around a mean, or around the columns ``Q``."""
    return WeighedMean(w) if Q is None else weigh_columns(w, Q)
