"""Integrals over normal random effects, one per study, by adaptive Gauss-Hermite quadrature.

The nodes sit around the top of each study's integrand and spread with its curvature (Liu & Pierce 1994, Biometrika
81:624; Pinheiro & Bates 1995, J Comput Graph Stat 4:12). One node is Laplace's approximation.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from synth.meta.measures import Array

Kernel = Callable[[Array], tuple[Array, Array, Array]]
"""A log-likelihood of each study at points (k x m): its value, slope and curvature."""
Pair = Callable[[Array, Array], tuple[tuple[Array, Array, Array], tuple[Array, Array, Array]]]
"""The log-likelihoods of both arms at their linear predictors: value, slope and curvature of each."""
_ROUNDS = 60
_LONGEST_STEP = 4.0
_HALVINGS = 12
_PRECISE = 1e-7


def _log_sum(terms: Array) -> Array:
    top = terms.max(axis=-1, keepdims=True)
    return np.asarray(np.log(np.exp(terms - top).sum(axis=-1)) + top[..., 0])


def _spread_out(kernel: Kernel, center: Array | float) -> Array:
    """``center`` as a column with one entry per study."""
    column = np.reshape(center, (-1, 1))
    return np.asarray(np.broadcast_to(column, (kernel(column)[0].shape[0], 1)))


def _find_top(kernel: Kernel, middle: Array, sd: float) -> Array:
    """The t at which kernel(middle + sd t) - t^2/2 is highest, by study (k x 1)."""
    t = np.zeros_like(middle)
    for _ in range(_ROUNDS):
        _, slope, curvature = kernel(middle + sd * t)
        step = np.clip((sd * slope - t) / (1 - sd**2 * curvature), -_LONGEST_STEP, _LONGEST_STEP)
        t = t + step
        if np.abs(step).max() < _PRECISE:
            break
    return t


def at_top(kernel: Kernel, center: Array | float, sd: float) -> Array:
    """The log-likelihood of each study at its most likely random effect."""
    middle = _spread_out(kernel, center)
    return kernel(middle + sd * _find_top(kernel, middle, sd))[0][:, 0]


def integrate(kernel: Kernel, center: Array | float, sd: float, nodes: int) -> Array:
    """Log of the integral of exp(kernel(center + sd t)) over a standard normal t, by study."""
    middle = _spread_out(kernel, center)
    if sd == 0:
        return kernel(middle)[0][:, 0]
    t = _find_top(kernel, middle, sd)
    scale = 1 / np.sqrt(1 - sd**2 * kernel(middle + sd * t)[2])
    x, w = np.polynomial.hermite.hermgauss(nodes)
    points = t + np.sqrt(2) * scale * x
    terms = kernel(middle + sd * points)[0] - points**2 / 2 + np.log(w) + x**2
    return np.asarray(_log_sum(terms) + np.log(scale[:, 0]) - 0.5 * np.log(np.pi))


class _Normals(NamedTuple):
    """Means and standard deviations of levels and of slopes."""

    mu: float
    sigma: float
    theta: float
    tau: float


def integrate_both(arms: Pair, level: tuple[float, float], slope: tuple[float, float], nodes: int) -> Array:
    """Log of the double integral over normal levels and slopes (mean and sd of each), by study.

    The arms' predictors are level + slope/2 and level - slope/2; both are independent.
    """
    at = _Normals(*level, *slope)
    s = t = np.zeros_like(arms(np.zeros((1, 1)), np.zeros((1, 1)))[0][0])
    for _ in range(_ROUNDS):
        ds, dt = _newton_step(arms, at, s, t)
        share = _safe_share(arms, at, (s, t), (ds, dt))
        s, t = s + share * ds, t + share * dt
        if max(np.abs(ds).max(), np.abs(dt).max()) < _PRECISE:
            break
    a, b, c = _negative_curvature(arms, at, s, t)
    x, w = np.polynomial.hermite.hermgauss(nodes)
    X, Y = (each.reshape(1, -1) for each in np.meshgrid(x, x, indexing="ij"))
    weight = (np.log(w)[:, None] + np.log(w)[None, :]).reshape(1, -1)
    # the Cholesky factor of the inverse of [[a, c], [c, b]]
    determinant = a * b - c**2
    l11 = np.sqrt(b / determinant)
    l21, l22 = -c / determinant / l11, np.sqrt(1 / b)
    S, T = s + np.sqrt(2) * l11 * X, t + np.sqrt(2) * (l21 * X + l22 * Y)
    one, two = arms(*_predictors(at, S, T))
    terms = one[0] + two[0] - (S**2 + T**2) / 2 + weight + X**2 + Y**2
    return np.asarray(_log_sum(terms) - 0.5 * np.log(determinant[:, 0]) - np.log(np.pi))


def _safe_share(arms: Pair, at: _Normals, place: tuple[Array, Array], step: tuple[Array, Array]) -> Array:
    """The largest of 1, 1/2, 1/4, ... of a step that does not lead down, by study."""

    def height(s: Array, t: Array) -> Array:
        one, two = arms(*_predictors(at, s, t))
        return one[0] + two[0] - (s**2 + t**2) / 2

    before, share = height(*place), np.ones_like(place[0])
    for _ in range(_HALVINGS):
        down = height(place[0] + share * step[0], place[1] + share * step[1]) < before - 1e-9
        if not down.any():
            break
        share = np.where(down, share / 2, share)
    return share


def _predictors(at: _Normals, s: Array, t: Array) -> tuple[Array, Array]:
    level, half = at.mu + at.sigma * s, (at.theta + at.tau * t) / 2
    return level + half, level - half


def _negative_curvature(arms: Pair, at: _Normals, s: Array, t: Array) -> tuple[Array, Array, Array]:
    one, two = arms(*_predictors(at, s, t))
    both, difference = one[2] + two[2], one[2] - two[2]
    return 1 - at.sigma**2 * both, 1 - at.tau**2 / 4 * both, -at.sigma * at.tau / 2 * difference


def _newton_step(arms: Pair, at: _Normals, s: Array, t: Array) -> tuple[Array, Array]:
    one, two = arms(*_predictors(at, s, t))
    gs, gt = at.sigma * (one[1] + two[1]) - s, at.tau / 2 * (one[1] - two[1]) - t
    a, b, c = _negative_curvature(arms, at, s, t)
    determinant = a * b - c**2
    ds, dt = (b * gs - c * gt) / determinant, (a * gt - c * gs) / determinant
    shrink = np.minimum(1.0, _LONGEST_STEP / np.maximum(np.maximum(np.abs(ds), np.abs(dt)), 1e-300))
    return ds * shrink, dt * shrink
