"""More significant results than the studies had power for: the test of excess significance.

Source: Ioannidis & Trikalinos (2007), Clin Trials 4:245; Francis (2013), J Math Psychol 57:153.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb

import numpy as np
from scipy.special import chdtrc, ndtr, ndtri, roots_legendre

from synth.errors import UsageError
from synth.meta.bias import need_studies
from synth.meta.fit import Fit
from synth.meta.measures import Array

_MANY = 1_000_000
_TAIL = 6.0  # a normal distribution has nothing that counts farther out


@dataclass(frozen=True, slots=True, eq=False)
class ExcessSignificance:
    """``O`` significant results observed, ``E`` expected from the ``power`` of each study at ``theta``."""

    O: int  # noqa: E741  the letter that the paper and metafor use
    E: float
    X2: float
    pval: float
    theta: float
    power: Array


def excess_significance(
    fit: Fit, *, alpha: float = 0.05, test: str | None = None, theta: float | None = None, truncate: float | None = None
) -> ExcessSignificance:
    """Test for an excess (one-sided). ``test``: exact (the sum of unequal chances), chi2, or binom (their mean).

    The default is exact up to a million ways to be significant, else chi2. ``alpha`` is two-sided, and the fit's tau2
    is part of the power. ``theta``: by default the pooled estimate. ``truncate``: leave out true effects farther than
    so many tau from theta (metafor integrates over 5). ``X2`` is NaN unless the test is chi2.
    """
    need_studies(fit, 2, "The test of excess significance")
    if test not in {None, "exact", "chi2", "binom"}:
        raise UsageError(f'There is no test "{test}" of excess significance', hint="Choose exact, chi2 or binom")
    theta = fit.estimate if theta is None else theta
    edge = float(ndtri(1 - alpha / 2)) * np.sqrt(fit.vi)
    power = _power(fit, theta, edge) if truncate is None else _truncated_power(fit, theta, edge, truncate)
    observed = int(np.sum(np.abs(fit.yi) >= edge))
    return _compare(observed, power, theta, test or _usual_test(fit.k, observed))


def _power(fit: Fit, theta: float, edge: Array) -> Array:
    sd = np.sqrt(fit.vi + fit.tau2)
    return np.asarray(ndtr((theta - edge) / sd) + ndtr((-edge - theta) / sd))


def _truncated_power(fit: Fit, theta: float, edge: Array, reach: float) -> Array:
    """The power without the true effects beyond ``reach`` tau: the whole minus an integral over both tails."""
    power = _power(fit, theta, edge)
    if fit.tau2 == 0:
        return power
    nodes, weights = roots_legendre(64)
    x, w = reach + _TAIL * (nodes + 1) / 2, _TAIL / 2 * weights
    for side in (-1.0, 1.0):
        mean, sd = theta + side * float(np.sqrt(fit.tau2)) * x[:, None], np.sqrt(fit.vi)
        beyond = ndtr((mean - edge) / sd) + ndtr((-edge - mean) / sd)
        power = power - (w * np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)) @ beyond
    return power


def _usual_test(k: int, observed: int) -> str:
    ways = sum(comb(k, number) for number in range(min(observed, k - observed) + 1))
    return "exact" if ways < _MANY else "chi2"


def _compare(observed: int, power: Array, theta: float, test: str) -> ExcessSignificance:
    k, expected = len(power), float(power.sum())
    if test == "chi2":
        x2 = _chi_square(observed, expected, k)
        half = float(chdtrc(1, x2)) / 2
        return ExcessSignificance(observed, expected, x2, half if observed > expected else 1 - half, theta, power)
    chances = power if test == "exact" else np.full(k, expected / k)
    return ExcessSignificance(observed, expected, np.nan, _at_least(observed, chances), theta, power)


def _chi_square(observed: int, expected: float, k: int) -> float:
    if not 0 < expected < k:
        return 0.0
    return (observed - expected) ** 2 / expected + (observed - expected) ** 2 / (k - expected)


def _at_least(number: int, chances: Array) -> float:
    """P(at least ``number`` successes) with unequal chances: the Poisson binomial distribution, added up."""
    mass = np.zeros(len(chances) + 1)
    mass[0] = 1.0
    for chance in chances:
        mass[1:] = mass[1:] * (1 - chance) + mass[:-1] * chance
        mass[0] *= 1 - chance
    return float(min(1.0, mass[number:].sum()))
