"""Combining p-values where effects cannot be pooled, to ask whether any study has an effect at all.

One-sided p-values, all in the same direction. Sources: Becker (1994), ch. 15 of The Handbook of Research Synthesis;
Fisher (1932); Stouffer et al. (1949); Mudholkar & George (1979); Tippett (1931); Edgington (1972), J Psychol 80:351 and
82:85. Cochrane Handbook (v6.3), section 12.2.1.2.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import comb, factorial, floor
from typing import NamedTuple

import numpy as np
from scipy.special import chdtrc, log_ndtr, logit, ndtr, ndtri_exp, stdtr

from synth.errors import UsageError
from synth.meta.fit import Fit
from synth.meta.measures import Array

_ENOUGH_FOR_MEAN = 4
_NOT_ONE = frozenset({"stouffer", "logit"})
_NOT_ZERO = _NOT_ONE | {"fisher"}


@dataclass(frozen=True, slots=True)
class CombinedP:
    """What a method gives: its statistic (with degrees of freedom where it has any) and the combined p."""

    method: str
    statistic: float
    df: float
    pval: float
    k: int


class _Evidence(NamedTuple):
    """p-values and their logarithms."""

    p: Array
    log_p: Array


def _fisher(e: _Evidence) -> tuple[float, float, float]:
    statistic = -2 * float(e.log_p.sum())
    return statistic, 2.0 * len(e.p), float(chdtrc(2 * len(e.p), statistic))


def _stouffer(e: _Evidence) -> tuple[float, float, float]:
    z = -float(ndtri_exp(e.log_p).sum()) / float(np.sqrt(len(e.p)))
    return z, np.nan, float(ndtr(-z))


def _logit(e: _Evidence) -> tuple[float, float, float]:
    k = len(e.p)
    total = -float(np.sum(logit(e.p)))
    t = total / float(np.sqrt(k * np.pi**2 * (5 * k + 2) / (3 * (5 * k + 4))))
    return t, 5.0 * k + 4, float(stdtr(5 * k + 4, -t))


def _tippett(e: _Evidence) -> tuple[float, float, float]:
    least = float(e.p.min())
    return least, np.nan, float(-np.expm1(len(e.p) * np.log1p(-least)))


def _edgington(e: _Evidence) -> tuple[float, float, float]:
    """The distribution of a sum of uniforms, an alternating sum of huge terms: computed in fractions."""
    k, total = len(e.p), sum((Fraction(float(value)) for value in e.p), Fraction(0))
    if total * 2 > k:  # by symmetry, with fewer terms
        return float(total), np.nan, 1.0 - _irwin_hall(k - total, k)
    return float(total), np.nan, _irwin_hall(total, k)


def _irwin_hall(total: Fraction, k: int) -> float:
    """P(sum of k uniforms <= total)."""
    terms = ((-1) ** j * comb(k, j) * (total - j) ** k for j in range(floor(total) + 1))
    return float(sum(terms, Fraction(0)) / factorial(k))


def _mean(e: _Evidence) -> tuple[float, float, float]:
    if len(e.p) < _ENOUGH_FOR_MEAN:
        raise UsageError(
            f"The mean of p is nearly normal from {_ENOUGH_FOR_MEAN} studies on, and there are {len(e.p)}",
            hint="Take another method, such as fisher or stouffer",
        )
    z = (0.5 - float(e.p.mean())) * float(np.sqrt(12 * len(e.p)))
    return z, np.nan, float(ndtr(-z))


P_METHODS: dict[str, Callable[[_Evidence], tuple[float, float, float]]] = {
    "fisher": _fisher,
    "stouffer": _stouffer,
    "logit": _logit,
    "tippett": _tippett,
    "edgington": _edgington,
    "mean": _mean,
}
"""Methods of combining: arrays p and log p in; statistic, degrees of freedom and combined p out."""


def one_sided(fit: Fit, alternative: str = "greater") -> Array:
    """The one-sided p-value of each study of a fit, by the normal distribution."""
    if alternative not in {"greater", "less"}:
        raise UsageError(f'"{alternative}" is no direction', hint="Choose greater or less")
    sign = -1.0 if alternative == "greater" else 1.0
    return np.asarray(ndtr(sign * fit.yi / np.sqrt(fit.vi)))


def combine_p(
    p: Sequence[float] | Array | Fit, method: str = "fisher", *, alternative: str = "greater", omit: bool = False
) -> CombinedP:
    """Combine one-sided p-values of independent studies (or those of a fit). ``method``: one of P_METHODS.

    A fit hands over log p, so that no p is lost in rounding to 0. Missing values are left out; with ``omit`` also those
    of exactly 0 or 1 where the method has no place for them (as the R package metap does). Otherwise these raise
    UsageError, and values outside 0 to 1.
    """
    if method not in P_METHODS:
        raise UsageError(f'There is no method "{method}" of combining p', hint=f"Choose one of {', '.join(P_METHODS)}")
    if isinstance(p, Fit):
        values = one_sided(p, alternative)
        logs = np.asarray(log_ndtr((-1.0 if alternative == "greater" else 1.0) * p.yi / np.sqrt(p.vi)))
    else:
        values = _read_p(p, method if omit else "")
        logs = np.log(np.where(values > 0, values, 1.0))
        _need_inside(values, method)
    with np.errstate(divide="ignore"):
        statistic, df, pval = P_METHODS[method](_Evidence(values, logs))
    return CombinedP(method, float(statistic), float(df), min(1.0, max(0.0, pval)), len(values))


def _read_p(p: Sequence[float] | Array, omit_for: str) -> Array:
    values = np.asarray(p, dtype=np.float64)
    values = values[~np.isnan(values)]
    if omit_for in _NOT_ZERO:
        values = values[values != 0]
    if omit_for in _NOT_ONE:
        values = values[values != 1]
    if len(values) == 0:
        raise UsageError("There are no p-values to combine", hint="Give one p-value per study")
    wrong = values[(values < 0) | (values > 1)]
    if len(wrong):
        raise UsageError(f"{wrong[0]:g} is no p-value", hint="p-values lie between 0 and 1")
    return values


def _need_inside(values: Array, method: str) -> None:
    if (method in _NOT_ZERO and values.min() == 0) or (method in _NOT_ONE and values.max() == 1):
        raise UsageError(
            f"The method {method} has no place for a p of exactly 0 or 1",
            hint="Give p with more digits, or compute it from the statistic",
        )
