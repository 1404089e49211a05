"""Estimators of tau2, the variance between studies, around a mean or a regression.

With a diagonal V every trace and quadratic form is a sum over studies (see regression): O(k p^2), no k x k matrix.
Sources:
DL   DerSimonian & Laird (1986), Control Clin Trials 7:177; DLIT: the same, with weights that hold the tau2 found
HE   Hedges & Olkin (1985); HS Hunter & Schmidt (1990); HSk Brannick et al. (2019), Organ Res Methods 22:490
SJ   Sidik & Jonkman (2005), J R Stat Soc C 54:367; iterated (SJIT) it is the Paule-Mandel estimate
PM   Paule & Mandel (1982), J Res Natl Bur Stand 87:377; equal to empirical Bayes (EB, Morris 1983, JASA 78:47)
PMM  the generalised Q set equal to the median of its chi-square: Viechtbauer (2021), Eur Congress of Methodology
GENQ DerSimonian & Kacker (2007), Contemp Clin Trials 28:105; Jackson et al. (2014), BMC Med Res Methodol 14:103
ML, REML  Hardy & Thompson (1996), Stat Med 15:619; Viechtbauer (2005), J Educ Behav Stat 30:261
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import chdtri

from synth.meta.measures import Array
from synth.meta.regression import inner, inverse_variances, weigh

_MAX_STEPS = 200
_GRID = 200
_BLOCK = 8_192
"""Studies per block where there are more than that."""
_MAX_Q_STEPS = 200
_SMALL = 1e-8  # relative; the error left is about its square
_ROUNDING = 1e-10  # relative; steps below it that no longer shrink are the rounding of sums over many studies


@dataclass(frozen=True, slots=True)
class Tau2:
    """An estimate of tau2 with its standard error; ``converged`` is False if a search replaced the iteration."""

    value: float
    se: float
    converged: bool = True


def generalised_q(yi: Array, vi: Array, tau2: float, Q: Array | None = None) -> float:
    """Sum of w (y - fit)^2 with w = 1/(v + tau2): the Q statistic as a function of tau2."""
    w = inverse_variances(vi, tau2)
    return inner(w, weigh(w, Q).residuals(yi) ** 2)


def log_likelihood(yi: Array, vi: Array, tau2: float, *, restricted: bool, Q: Array | None = None) -> float:
    """The (restricted) log-likelihood at tau2, with the log|X'X| term in the restricted one."""
    w = inverse_variances(vi, tau2)
    fit = weigh(w, Q)
    rss = inner(w, fit.residuals(yi) ** 2)
    free = len(yi) - fit.rank if restricted else len(yi)
    value = -0.5 * (free * float(np.log(2 * np.pi)) - float(np.log(w).sum()) + rss)
    return value - 0.5 * fit.log_determinant() if restricted else value


def _moment(yi: Array, vi: Array, w: Array, Q: Array | None) -> Tau2:
    """Set y'Py for any weights equal to its expectation; Var(y'Py) = 2 tr(P Sigma P Sigma)."""
    fit = weigh(w, Q)
    slope = fit.trace()
    value = max(0.0, (fit.quadratic(yi) - fit.trace(vi)) / slope)
    return Tau2(value, float(np.sqrt(2 * fit.trace2(vi + value))) / slope)


def _dersimonian_laird(yi: Array, vi: Array, Q: Array | None = None) -> Tau2:
    return _moment(yi, vi, inverse_variances(vi), Q)


def _hedges_value(yi: Array, vi: Array, Q: Array | None) -> float:
    if Q is None:
        return max(0.0, float(np.var(yi, ddof=1) - vi.mean()))
    fit = weigh(np.ones_like(vi), Q)
    return max(0.0, (float(np.sum(fit.residuals(yi) ** 2)) - fit.trace(vi)) / (len(yi) - fit.rank))


def _hedges(yi: Array, vi: Array, Q: Array | None = None) -> Tau2:
    return _moment(yi, vi, np.ones_like(vi), Q)


def generalised_moment(yi: Array, vi: Array, weights: Array, Q: Array | None = None) -> Tau2:
    """The moment estimator with weights that do not depend on the variances (GENQ)."""
    return _moment(yi, vi, weights, Q)


def _hunter_schmidt(yi: Array, vi: Array, Q: Array | None = None) -> Tau2:
    return _share_of_q(yi, vi, Q, 1.0)


def _hunter_schmidt_k(yi: Array, vi: Array, Q: Array | None = None) -> Tau2:
    k, rank = len(yi), _rank(Q)
    return _share_of_q(yi, vi, Q, k / (k - rank))


def _rank(Q: Array | None) -> int:
    return 1 if Q is None else Q.shape[1]


def _share_of_q(yi: Array, vi: Array, Q: Array | None, factor: float) -> Tau2:
    """The spread of the estimates minus the mean sampling variance, both weighted."""
    w = inverse_variances(vi)
    fit, total = weigh(w, Q), float(w.sum())
    value = max(0.0, (factor * fit.quadratic(yi) - len(yi)) / total)
    return Tau2(value, factor * float(np.sqrt(2 * fit.trace2(vi + value))) / total)


def _sidik_jonkman(yi: Array, vi: Array, Q: Array | None = None) -> Tau2:
    start = float(np.var(yi))
    if start == 0:
        return Tau2(0.0, 0.0)
    fit = weigh(1 / (vi + start), Q)
    df = len(yi) - fit.rank
    value = start * fit.quadratic(yi) / df
    return Tau2(value, start * float(np.sqrt(2 * fit.trace2(vi + value))) / df)


def solve_q(yi: Array, vi: Array, target: float, Q: Array | None = None) -> float:
    """The tau2 at which the generalised Q equals ``target``; 0 if Q is below it everywhere.

    Newton on 1/Q, which rises and is concave in tau2 (by Cauchy-Schwarz), so that the steps come from below and need
    no bracket.
    """
    value = 0.0
    for _ in range(_MAX_Q_STEPS):
        w = inverse_variances(vi, value)
        Py = w * weigh(w, Q).residuals(yi)
        q = inner(Py, Py / w)
        if q <= target:
            return value
        step = q * (q / target - 1) / inner(Py, Py)
        value += step
        if step <= 1e-16 * value:
            return value
    return value


def _paule_mandel(yi: Array, vi: Array, Q: Array | None = None) -> Tau2:
    return _with_q_error(yi, vi, solve_q(yi, vi, len(yi) - _rank(Q), Q), Q)


def _paule_mandel_median(yi: Array, vi: Array, Q: Array | None = None) -> Tau2:
    return _with_q_error(yi, vi, solve_q(yi, vi, float(chdtri(len(yi) - _rank(Q), 0.5)), Q), Q)


def _with_q_error(yi: Array, vi: Array, value: float, Q: Array | None) -> Tau2:
    k = len(yi)
    return Tau2(value, float(np.sqrt(2 * k**2 / (k - _rank(Q))) / np.sum(1 / (vi + value))))


def _iterated_dersimonian_laird(yi: Array, vi: Array, Q: Array | None = None) -> Tau2:
    """The tau2 that DL's equation with weights 1/(v + tau2) returns unchanged.

    It is found as a root, because the iteration can swing between two values for ever.
    """
    df = len(yi) - _rank(Q)

    def excess(tau2: float) -> float:
        w = inverse_variances(vi, tau2)
        fit = weigh(w, Q)
        return fit.quadratic(yi) - df - tau2 * fit.trace()

    value = 0.0
    if excess(0.0) > 0:
        upper = solve_q(yi, vi, df, Q)
        value = float(brentq(excess, 0.0, upper, xtol=1e-300, rtol=1e-14, maxiter=500))
    return Tau2(value, _iterated_error(vi, value, df, Q))


def _iterated_error(vi: Array, tau2: float, df: int, Q: Array | None) -> float:
    """The formula of the estimator that is not iterated, with the final weights, as metafor has it (too wide)."""
    fit = weigh(inverse_variances(vi, tau2), Q)
    slope = fit.trace()
    return float(np.sqrt(2 * df + 4 * tau2 * slope + 2 * tau2**2 * fit.trace2())) / slope


@dataclass(frozen=True, slots=True)
class _Slope:
    """The score of the likelihood in tau2, and the expected and observed information."""

    score: float
    expected: float
    observed: float


def _likelihood_slope(yi: Array, vi: Array, tau2: float, *, restricted: bool, Q: Array | None) -> _Slope:
    if Q is None and len(yi) >= _BLOCK:
        return _slope_in_blocks(yi, vi, tau2, restricted=restricted)
    w = inverse_variances(vi, tau2)
    fit = weigh(w, Q)
    Py = fit.residuals(yi)
    np.multiply(Py, w, out=Py)
    trace, trace2 = fit.traces() if restricted else (float(w.sum()), inner(w, w))
    return _Slope((inner(Py, Py) - trace) / 2, trace2 / 2, fit.quadratic(Py) - trace2 / 2)


def _slope_in_blocks(yi: Array, vi: Array, tau2: float, *, restricted: bool) -> _Slope:
    """The same for a mean of very many studies, from sums of w^a y^b over blocks that stay in the cache."""
    sums = _sums_of_powers(yi, vi, tau2)
    total, trace, trace2 = sums[0, 0], sums[0, 0], sums[1, 0]
    if restricted:
        trace, trace2 = total - sums[1, 0] / total, trace2 - 2 * sums[2, 0] / total + (sums[1, 0] / total) ** 2
    mean = sums[0, 1] / total
    of_powers = sums[:, 2] - 2 * mean * sums[:, 1] + mean**2 * sums[:, 0]  # sums of w^a (y - mean)^2
    ppp = of_powers[2] - (sums[1, 1] - mean * sums[1, 0]) ** 2 / total
    return _Slope(float(of_powers[1] - trace) / 2, float(trace2) / 2, float(ppp - trace2 / 2))


def _sums_of_powers(yi: Array, vi: Array, tau2: float) -> Array:
    """Sums of w^a y^b for a = 1, 2, 3 (rows) and b = 0, 1, 2, with two small tables that are filled again and again."""
    sums, powers, values = np.zeros((3, 3)), np.empty((3, _BLOCK)), np.ones((3, _BLOCK))
    for start in range(0, len(yi), _BLOCK):
        y, v = yi[start : start + _BLOCK], vi[start : start + _BLOCK]
        W, Y = powers[:, : len(y)], values[:, : len(y)]
        np.add(v, tau2, out=W[0])
        np.reciprocal(W[0], out=W[0])
        np.multiply(W[0], W[0], out=W[1])
        np.multiply(W[1], W[0], out=W[2])
        Y[1] = y
        np.multiply(y, y, out=Y[2])
        sums += np.column_stack([W @ Y[0], W @ Y[1], W @ Y[2]])
    return sums


def _likelihood(yi: Array, vi: Array, Q: Array | None, *, restricted: bool) -> Tau2:
    value, slope = _climb(yi, vi, Q, restricted=restricted)
    settled = slope is not None
    if slope is None:
        value = _search(yi, vi, Q, restricted=restricted)
        slope = _likelihood_slope(yi, vi, value, restricted=restricted, Q=Q)
    return Tau2(value, float(np.sqrt(1 / slope.expected)), settled)


def _climb(yi: Array, vi: Array, Q: Array | None, *, restricted: bool) -> tuple[float, _Slope | None]:
    """Newton steps where the likelihood is well curved, Fisher scoring elsewhere; never below 0.

    After a Newton step as small as _SMALL the next would be lost in rounding. The slope is that at the value returned;
    None if the steps did not settle.
    """
    value, floor, last, newton = _hedges_value(yi, vi, Q), 1e-15 * float(vi.min()), np.inf, False
    if Q is None and len(yi) >= _BLOCK:
        yi = yi - yi.mean()  # so that sums of squares lose no digits to the mean
    for _ in range(_MAX_STEPS):
        slope = _likelihood_slope(yi, vi, value, restricted=restricted, Q=Q)
        if newton and last <= _SMALL * value:
            return value, slope
        newton = slope.observed > slope.expected / 4
        new = max(0.0, value + slope.score / (slope.observed if newton else slope.expected))
        step = abs(new - value)
        if step <= 1e-14 * new + floor or (step >= last and step <= _ROUNDING * new):
            return value, slope
        value, last = new, step
    return value, None


def _search(yi: Array, vi: Array, Q: Array | None, *, restricted: bool) -> float:
    """The best tau2 of a grid from 0 to far beyond the spread of the estimates, made exact by a root of the score."""
    top = 10 * float(np.var(yi, ddof=1)) + float(vi.max())
    grid = np.concatenate([[0.0], np.geomspace(1e-9 * top, top, _GRID)])
    heights = [log_likelihood(yi, vi, tau2, restricted=restricted, Q=Q) for tau2 in grid]
    best = int(np.argmax(heights))
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, _GRID)]

    def score(tau2: float) -> float:
        return _likelihood_slope(yi, vi, tau2, restricted=restricted, Q=Q).score

    if score(low) <= 0 or score(high) >= 0:
        return float(grid[best])
    return float(brentq(score, low, high, xtol=1e-300, rtol=1e-14, maxiter=500))


def at_fixed_value(yi: Array, vi: Array, tau2: float, Q: Array | None = None) -> Tau2:
    """A tau2 that was given, with the standard error that the restricted likelihood has there."""
    return Tau2(tau2, float(np.sqrt(1 / _likelihood_slope(yi, vi, tau2, restricted=True, Q=Q).expected)))


def _maximum_likelihood(yi: Array, vi: Array, Q: Array | None = None) -> Tau2:
    return _likelihood(yi, vi, Q, restricted=False)


def _restricted_likelihood(yi: Array, vi: Array, Q: Array | None = None) -> Tau2:
    return _likelihood(yi, vi, Q, restricted=True)


ESTIMATORS: dict[str, Callable[..., Tau2]] = {
    "REML": _restricted_likelihood,
    "ML": _maximum_likelihood,
    "DL": _dersimonian_laird,
    "PM": _paule_mandel,
    "EB": _paule_mandel,
    "HE": _hedges,
    "HS": _hunter_schmidt,
    "SJ": _sidik_jonkman,
    "HSK": _hunter_schmidt_k,
    "PMM": _paule_mandel_median,
    "DLIT": _iterated_dersimonian_laird,
    "SJIT": _paule_mandel,
}
"""Estimators of tau2 by name: arrays ``yi`` and ``vi`` of length k, columns ``Q`` (None: a mean) in, a Tau2 out."""
WEIGHTED = "GENQ"
"""The estimator that needs weights of its own."""
COMMON_EFFECT = frozenset({"EE", "FE", "CE"})
"""Names of the model without a variance between studies (equal, fixed or common effect)."""
