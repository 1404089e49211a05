"""An interval that small-study effects disturb less: fixed-effect weights with random-effects uncertainty.

Source: Henmi & Copas (2010), Stat Med 29:2969. R = sqrt(S)(mean - theta), S the sum of the weights 1/v, is normal with
variance 1 + tau2 W2, and Q given R is nearly gamma; its first two moments follow from z'Az with z normal given R.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import gammainc
from scipy.stats import norm

from synth.meta.bias import need_studies
from synth.meta.fit import Fit
from synth.meta.measures import Array
from synth.meta.tau2 import ESTIMATORS


@dataclass(frozen=True, slots=True)
class HenmiCopas:
    """Estimate, standard error, limits and the DerSimonian-Laird tau2 they rest on."""

    estimate: float
    se: float
    ci_lb: float
    ci_ub: float
    tau2: float


@dataclass(frozen=True, slots=True)
class _Moments:
    """Mean m0 + m1 r^2 and variance v0 + v1 r^2 of Q, given R = r; ``spread`` is the variance of R."""

    m0: float
    m1: float
    v0: float
    v1: float
    spread: float


def henmi_copas(fit: Fit) -> HenmiCopas:
    """The interval of Henmi & Copas at the level of ``fit`` (two studies or more)."""
    need_studies(fit, 2, "The interval of Henmi and Copas")
    w = 1 / fit.vi
    mean = float(w @ fit.yi / w.sum())
    tau2 = ESTIMATORS["DL"](fit.yi, fit.vi, None).value
    w2 = float(w @ w / w.sum())
    se = float(np.sqrt((1 + tau2 * w2) / w.sum()))
    reach = _critical_value(w, tau2, (1 - fit.level / 100) / 2) * se
    return HenmiCopas(mean, se, mean - reach, mean + reach, tau2)


def _conditional_moments(w: Array, tau2: float) -> _Moments:
    """With A = diag(w) - ww'/S, D = diag(v + tau2), c = Cov(z, R): given R, z has covariance D - cc'/Var(R).

    wD = g = 1 + tau2 w, and Ac = tau2 w(w - W2)/sqrt(S), because A annuls constants.
    """
    total = w.sum()
    w2 = w @ w / total
    g, Ac = 1 + tau2 * w, tau2 * w * (w - w2) / np.sqrt(total)
    spread = 1 + tau2 * w2
    cAc = float(g @ Ac / np.sqrt(total))
    cADAc = float((g / w) @ Ac**2)
    trace = len(w) - 1 + tau2 * (total - w2)
    trace2 = g @ g - 2 * (w @ g**2) / total + (w @ g / total) ** 2
    m0, m1 = trace - cAc / spread, cAc / spread**2
    v0 = 2 * (trace2 - 2 * cADAc / spread + (cAc / spread) ** 2)
    v1 = 4 * (cADAc - cAc**2 / spread) / spread**2
    return _Moments(float(m0), float(m1), float(v0), float(v1), float(spread))


def _critical_value(w: Array, tau2: float, tail: float) -> float:
    """The t with P(|R| > t sqrt(1 + tau2_DL W2)) = 2 tail; the estimate of tau2 is a function of Q."""
    k, total = len(w), w.sum()
    w2 = w @ w / total
    if total - w2 <= 0:
        return float(norm.isf(tail))
    found, slope = _conditional_moments(w, tau2), (total - w2) / w2
    sd = np.sqrt(found.spread)

    def missed(r: float, t: float) -> float:
        """The probability that Q is too small to cover R = r, times the density of r."""
        mean, variance = found.m0 + found.m1 * r**2, found.v0 + found.v1 * r**2
        bound = (k - 1) + slope * ((r / t) ** 2 - 1)
        return float(gammainc(mean**2 / variance, bound * mean / variance) * norm.pdf(r, scale=sd))

    def excess(t: float) -> float:
        value, _ = quad(
            missed, t, t + 40 * sd, args=(t,), epsabs=1e-12, epsrel=1e-10, limit=400, points=[t + sd, t + 5 * sd]
        )
        return float(value - tail)

    upper = 2.0
    while excess(upper) > 0:
        upper *= 2
    return float(brentq(excess, 1e-3, upper, xtol=1e-12, rtol=1e-12))
