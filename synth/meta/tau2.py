"""Estimators of tau2, the variance between studies, for models with an intercept only.

With a diagonal V every trace and quadratic form is a sum over studies: O(k), no matrices. Notation, with weights w and
their sum S: P = W - ww'/S. Sources:
DL   DerSimonian & Laird (1986), Control Clin Trials 7:177
HE   Hedges & Olkin (1985); HS Hunter & Schmidt (1990)
SJ   Sidik & Jonkman (2005), J R Stat Soc C 54:367
PM   Paule & Mandel (1982), J Res Natl Bur Stand 87:377; equal to empirical Bayes (EB, Morris 1983, JASA 78:47)
ML, REML  Hardy & Thompson (1996), Stat Med 15:619; Viechtbauer (2005), J Educ Behav Stat 30:261
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from synth.meta.measures import Array

_MAX_STEPS = 200
_GRID = 200


@dataclass(frozen=True, slots=True)
class Tau2:
    """An estimate of tau2 with its standard error; ``converged`` is False if a search replaced the iteration."""

    value: float
    se: float
    converged: bool = True


def generalised_q(yi: Array, vi: Array, tau2: float) -> float:
    """Sum of w (y - mean)^2 with w = 1/(v + tau2): the Q statistic as a function of tau2."""
    w = 1.0 / (vi + tau2)
    mean = (w @ yi) / w.sum()
    return float(w @ (yi - mean) ** 2)


def log_likelihood(yi: Array, vi: Array, tau2: float, *, restricted: bool) -> float:
    """The (restricted) log-likelihood at tau2, with the log|X'X| term in the restricted one."""
    k = len(yi)
    w = 1.0 / (vi + tau2)
    total = w.sum()
    rss = w @ (yi - (w @ yi) / total) ** 2
    free = k - 1 if restricted else k
    value = -0.5 * (free * np.log(2 * np.pi) - np.log(w).sum() + rss)
    return float(value + 0.5 * (np.log(k) - np.log(total))) if restricted else float(value)


def _moment_se(w: Array, sigma: Array, slope: float) -> float:
    """Standard error of a moment estimator y'Py / slope: Var(y'Py) = 2 tr(P Sigma P Sigma), written as sums."""
    total = w.sum()
    trace = w**2 @ sigma**2 - 2 * (w**3 @ sigma**2) / total + (w**2 @ sigma / total) ** 2
    return float(np.sqrt(2 * trace)) / slope


def _dersimonian_laird(yi: Array, vi: Array) -> Tau2:
    w = 1 / vi
    slope = w.sum() - w @ w / w.sum()
    value = max(0.0, (generalised_q(yi, vi, 0.0) - (len(yi) - 1)) / slope)
    return Tau2(value, _moment_se(w, vi + value, slope))


def _hedges_value(yi: Array, vi: Array) -> float:
    return max(0.0, float(np.var(yi, ddof=1) - vi.mean()))


def _hedges(yi: Array, vi: Array) -> Tau2:
    value = _hedges_value(yi, vi)
    return Tau2(value, _moment_se(np.ones_like(vi), vi + value, len(yi) - 1))


def _hunter_schmidt(yi: Array, vi: Array) -> Tau2:
    w = 1 / vi
    value = max(0.0, (generalised_q(yi, vi, 0.0) - len(yi)) / w.sum())
    return Tau2(value, _moment_se(w, vi + value, w.sum()))


def _sidik_jonkman(yi: Array, vi: Array) -> Tau2:
    start = float(np.var(yi))
    if start == 0:
        return Tau2(0.0, 0.0)
    value = start * generalised_q(yi, vi, start) / (len(yi) - 1)
    return Tau2(value, start * _moment_se(1 / (vi + start), vi + value, len(yi) - 1))


def solve_q(yi: Array, vi: Array, target: float) -> float:
    """The tau2 at which the generalised Q equals ``target``; 0 if Q is below it everywhere. Q falls as tau2 grows."""
    if generalised_q(yi, vi, 0.0) <= target:
        return 0.0
    upper = float(np.sum((yi - yi.mean()) ** 2)) / target
    while generalised_q(yi, vi, upper) > target:
        upper *= 2
    tiny = 1e-15 * float(vi.mean())
    return float(brentq(lambda t: generalised_q(yi, vi, t) - target, 0.0, upper, xtol=tiny, rtol=1e-14, maxiter=500))


def _paule_mandel(yi: Array, vi: Array) -> Tau2:
    value = solve_q(yi, vi, len(yi) - 1)
    k = len(yi)
    return Tau2(value, float(np.sqrt(2 * k**2 / (k - 1)) / np.sum(1 / (vi + value))))


@dataclass(frozen=True, slots=True)
class _Slope:
    """The score of the likelihood in tau2, and the expected and observed information."""

    score: float
    expected: float
    observed: float


def _likelihood_slope(yi: Array, vi: Array, tau2: float, *, restricted: bool) -> _Slope:
    w = 1.0 / (vi + tau2)
    s1, s2 = w.sum(), w @ w
    py = w * (yi - (w @ yi) / s1)
    ppp = w @ py**2 - (w @ py) ** 2 / s1
    trace, trace2 = s1, s2
    if restricted:
        trace = s1 - s2 / s1
        trace2 = s2 - 2 * (w**2 @ w) / s1 + (s2 / s1) ** 2
    return _Slope(float(py @ py - trace) / 2, float(trace2) / 2, float(ppp - trace2 / 2))


def _likelihood(yi: Array, vi: Array, *, restricted: bool) -> Tau2:
    value, settled = _climb(yi, vi, restricted=restricted)
    if not settled:
        value = _search(yi, vi, restricted=restricted)
    information = _likelihood_slope(yi, vi, value, restricted=restricted).expected
    return Tau2(value, float(np.sqrt(1 / information)), settled)


def _climb(yi: Array, vi: Array, *, restricted: bool) -> tuple[float, bool]:
    """Newton steps where the likelihood is well curved, Fisher scoring elsewhere; never below 0."""
    value, floor = _hedges_value(yi, vi), 1e-15 * float(vi.min())
    for _ in range(_MAX_STEPS):
        slope = _likelihood_slope(yi, vi, value, restricted=restricted)
        curvature = slope.observed if slope.observed > slope.expected / 4 else slope.expected
        new = max(0.0, value + slope.score / curvature)
        if abs(new - value) <= 1e-13 * new + floor:
            return new, True
        value = new
    return value, False


def _search(yi: Array, vi: Array, *, restricted: bool) -> float:
    """The best tau2 of a grid from 0 to far beyond the spread of the estimates, made exact by a root of the score."""
    top = 10 * float(np.var(yi, ddof=1)) + float(vi.max())
    grid = np.concatenate([[0.0], np.geomspace(1e-9 * top, top, _GRID)])
    heights = [log_likelihood(yi, vi, tau2, restricted=restricted) for tau2 in grid]
    best = int(np.argmax(heights))
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, _GRID)]

    def score(tau2: float) -> float:
        return _likelihood_slope(yi, vi, tau2, restricted=restricted).score

    if score(low) <= 0 or score(high) >= 0:
        return float(grid[best])
    return float(brentq(score, low, high, xtol=1e-300, rtol=1e-14, maxiter=500))


def at_fixed_value(yi: Array, vi: Array, tau2: float) -> Tau2:
    """A tau2 that was given, with the standard error that the restricted likelihood has there."""
    return Tau2(tau2, float(np.sqrt(1 / _likelihood_slope(yi, vi, tau2, restricted=True).expected)))


def _maximum_likelihood(yi: Array, vi: Array) -> Tau2:
    return _likelihood(yi, vi, restricted=False)


def _restricted_likelihood(yi: Array, vi: Array) -> Tau2:
    return _likelihood(yi, vi, restricted=True)


ESTIMATORS: dict[str, Callable[[Array, Array], Tau2]] = {
    "REML": _restricted_likelihood,
    "ML": _maximum_likelihood,
    "DL": _dersimonian_laird,
    "PM": _paule_mandel,
    "EB": _paule_mandel,
    "HE": _hedges,
    "HS": _hunter_schmidt,
    "SJ": _sidik_jonkman,
}
"""Estimators of tau2 by name: arrays ``yi`` and ``vi`` of length k > 1 in, a Tau2 out."""
COMMON_EFFECT = frozenset({"EE", "FE", "CE"})
"""Names of the model without a variance between studies (equal, fixed or common effect)."""
