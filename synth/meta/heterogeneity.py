"""How much the studies differ: Q, I2, H2 and intervals for tau2."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import chdtri

from synth.errors import UsageError
from synth.meta.measures import Array
from synth.meta.pool import Fit, Spread, measure_spread
from synth.meta.tau2 import log_likelihood, solve_q

Triple = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class HeterogeneityInterval:
    """Estimate, lower and upper limit of tau2, tau, I2 (percent) and H2; ``level`` in percent."""

    tau2: Triple
    tau: Triple
    I2: Triple
    H2: Triple
    kind: str
    level: float


def heterogeneity(yi: Array, vi: Array, tau2: float = 0.0, *, is_random: bool = False) -> Spread:
    """QE, QEp, vt, I2 (percent) and H2 of estimates with variances."""
    return measure_spread(np.asarray(yi, dtype=np.float64), np.asarray(vi, dtype=np.float64), tau2, is_random=is_random)


def confint_tau2(fit: Fit, *, kind: str = "QP", level: float | None = None) -> HeterogeneityInterval:
    """An interval for tau2 by Q-profile (QP) or profile likelihood (PL; ML and REML fits only).

    QP: Viechtbauer (2007), Stat Med 26:37. PL: Hardy & Thompson (1996), Stat Med 15:619. An interval that lies wholly
    below 0 is (0, 0). Raises UsageError for one study, another kind, or PL after a method without a likelihood.
    """
    level = level or fit.level
    if fit.k <= fit.p:
        what = "One study says" if fit.k == 1 else f"{fit.k} studies with {fit.p} coefficients say"
        raise UsageError(
            f"{what} nothing about heterogeneity", hint="An interval for tau2 needs more studies than coefficients"
        )
    limits = {"QP": _q_profile, "PL": _profile_likelihood}.get(kind.upper())
    if limits is None:
        raise UsageError(
            f'There is no interval "{kind}" for tau2', hint="Choose QP (Q-profile) or PL (profile likelihood)"
        )
    low, high = limits(fit, level)
    return _as_interval(fit, (fit.tau2, low, high), kind.upper(), level)


def _q_profile(fit: Fit, level: float) -> tuple[float, float]:
    tail = (1 - level / 100) / 2
    low, high = (solve_q(fit.yi, fit.vi, float(chdtri(fit.k - fit.p, each)), fit.Q) for each in (tail, 1 - tail))
    return low, high


def _profile_likelihood(fit: Fit, level: float) -> tuple[float, float]:
    if fit.method not in {"ML", "REML"}:
        raise UsageError(
            f"{fit.method} has no likelihood to profile", hint="Fit with REML or ML, or take the QP interval"
        )
    restricted = fit.method == "REML"
    floor = (
        log_likelihood(fit.yi, fit.vi, fit.tau2, restricted=restricted, Q=fit.Q) - float(chdtri(1, 1 - level / 100)) / 2
    )

    def above(tau2: float) -> float:
        return log_likelihood(fit.yi, fit.vi, tau2, restricted=restricted, Q=fit.Q) - floor

    low = 0.0 if above(0.0) >= 0 else brentq(above, 0.0, fit.tau2, xtol=1e-300, rtol=1e-13, maxiter=500)
    high = fit.tau2 + fit.vt
    while above(high) > 0:
        high *= 2
    return float(low), float(brentq(above, fit.tau2, high, xtol=1e-300, rtol=1e-13, maxiter=500))


def _as_interval(fit: Fit, tau2: Triple, kind: str, level: float) -> HeterogeneityInterval:
    """tau, I2 and H2 rise with tau2, so their limits are the limits of tau2, transformed."""
    values = np.array(tau2)
    return HeterogeneityInterval(
        tau2=tau2,
        tau=_triple(np.sqrt(values)),
        I2=_triple(100 * values / (fit.vt + values)),
        H2=_triple(values / fit.vt + 1),
        kind=kind,
        level=level,
    )


def _triple(values: Array) -> Triple:
    estimate, low, high = (float(value) for value in values)
    return estimate, low, high
