"""The formulas of the effect sizes: arrays in, ``(yi, vi)`` out. No zero-cell rule and no column name stands here.

Sources, by short name in the docstrings:
BHHR   Borenstein, Hedges, Higgins & Rothstein (2009), Introduction to Meta-Analysis
YUSUF  Yusuf, Peto, Lewis, Collins & Sleight (1985), Prog Cardiovasc Dis 27:335
RUECK  Rücker, Schwarzer, Carpenter & Olkin (2009), Stat Med 28:721
HEDGES Hedges (1981), J Educ Stat 6:107; Hedges & Olkin (1985), Statistical Methods for Meta-Analysis
HGC    Hedges, Gurevitch & Curtis (1999), Ecology 80:1150
LAJ    Lajeunesse (2015), Ecology 96:2056 (bias of the log response ratio)
FT     Freeman & Tukey (1950), Ann Math Stat 21:607; Miller (1978), Am Stat 32:138
SEN    Sen & Lehmann, after Rothman, Greenland & Lash (2008), Modern Epidemiology (rates)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import gammaln

from synth.meta.measures import Array

Pair = tuple[Array, Array]


def log_risk_ratio(ai: Array, bi: Array, ci: Array, di: Array) -> Pair:
    """log(p1/p2); variance 1/a - 1/n1 + 1/c - 1/n2 (BHHR, ch. 5)."""
    n1, n2 = ai + bi, ci + di
    return np.log(ai / n1) - np.log(ci / n2), 1 / ai - 1 / n1 + 1 / ci - 1 / n2


def log_odds_ratio(ai: Array, bi: Array, ci: Array, di: Array) -> Pair:
    """log(ad/bc); variance by Woolf: the sum of the reciprocals (BHHR, ch. 5)."""
    return np.log(ai) + np.log(di) - np.log(bi) - np.log(ci), 1 / ai + 1 / bi + 1 / ci + 1 / di


def risk_difference(ai: Array, bi: Array, ci: Array, di: Array) -> Pair:
    """p1 - p2, with unpooled binomial variances (BHHR, ch. 5)."""
    n1, n2 = ai + bi, ci + di
    p1, p2 = ai / n1, ci / n2
    return p1 - p2, p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2


def peto_log_odds_ratio(ai: Array, bi: Array, ci: Array, di: Array) -> Pair:
    """(O - E)/V with the hypergeometric variance V; its variance is 1/V (YUSUF)."""
    n1, n2 = ai + bi, ci + di
    events, rest, total = ai + ci, bi + di, n1 + n2
    expected = events * n1 / total
    variance = events * n1 * n2 * rest / (total**2 * (total - 1))
    return (ai - expected) / variance, 1 / variance


def arcsine_difference(ai: Array, bi: Array, ci: Array, di: Array) -> Pair:
    """asin(sqrt(p1)) - asin(sqrt(p2)); variance 1/(4 n1) + 1/(4 n2) (RUECK)."""
    n1, n2 = ai + bi, ci + di
    return np.arcsin(np.sqrt(ai / n1)) - np.arcsin(np.sqrt(ci / n2)), 1 / (4 * n1) + 1 / (4 * n2)


class Arm(NamedTuple):
    """Mean, standard deviation and size of one arm, one entry per study."""

    mean: Array
    sd: Array
    n: Array

    @property
    def squared_cv(self) -> Array:
        """The squared coefficient of variation of the arm's mean."""
        return self.sd**2 / (self.n * self.mean**2)


def mean_difference(one: Arm, two: Arm) -> Pair:
    """m1 - m2, variances not pooled (BHHR, ch. 4)."""
    return one.mean - two.mean, one.sd**2 / one.n + two.sd**2 / two.n


def small_sample_factor(df: Array) -> Array:
    """The exact J of HEDGES: gamma(m/2) / (sqrt(m/2) gamma((m-1)/2)); NaN where m is 1 or less."""
    safe = np.where(df > 1, df, np.nan)
    return np.asarray(np.exp(gammaln(safe / 2) - np.log(np.sqrt(safe / 2)) - gammaln((safe - 1) / 2)))


def standardised_difference(one: Arm, two: Arm) -> Pair:
    """Hedges' g with exact J; large-sample variance 1/n1 + 1/n2 + g^2/(2(n1 + n2)) (HEDGES)."""
    df = one.n + two.n - 2
    pooled = np.sqrt(((one.n - 1) * one.sd**2 + (two.n - 1) * two.sd**2) / df)
    g = small_sample_factor(df) * (one.mean - two.mean) / pooled
    return g, 1 / one.n + 1 / two.n + g**2 / (2 * (one.n + two.n))


def log_ratio_of_means(one: Arm, two: Arm) -> Pair:
    """log(m1/m2); delta-method variance (HGC). NaN where a mean is 0 or the signs differ."""
    ratio = np.where(one.mean * two.mean > 0, one.mean / two.mean, np.nan)
    return np.log(ratio), one.squared_cv + two.squared_cv


def corrected_log_ratio_of_means(one: Arm, two: Arm) -> Pair:
    """As log_ratio_of_means, plus half the difference of the squared coefficients of variation of the means (LAJ)."""
    yi, vi = log_ratio_of_means(one, two)
    return yi + (one.squared_cv - two.squared_cv) / 2, vi


def correlation(ri: Array, ni: Array) -> Pair:
    """r; variance (1 - r^2)^2/(n - 1) (BHHR, ch. 6)."""
    return ri, (1 - ri**2) ** 2 / (ni - 1)


def fisher_z(ri: Array, ni: Array) -> Pair:
    """atanh(r); variance 1/(n - 3) (BHHR, ch. 6)."""
    return np.arctanh(ri), 1 / (ni - 3)


def proportion(xi: Array, mi: Array) -> Pair:
    """x/n; binomial variance."""
    n = xi + mi
    p = xi / n
    return p, p * (1 - p) / n


def log_proportion(xi: Array, mi: Array) -> Pair:
    """log(x/n); variance 1/x - 1/n."""
    n = xi + mi
    return np.log(xi / n), 1 / xi - 1 / n


def logit_proportion(xi: Array, mi: Array) -> Pair:
    """log(x/(n - x)); variance 1/x + 1/(n - x)."""
    return np.log(xi / mi), 1 / xi + 1 / mi


def arcsine_proportion(xi: Array, mi: Array) -> Pair:
    """asin(sqrt(x/n)); variance 1/(4n)."""
    n = xi + mi
    return np.arcsin(np.sqrt(xi / n)), 1 / (4 * n)


def double_arcsine_proportion(xi: Array, mi: Array) -> Pair:
    """Half the sum of two arcsines; variance 1/(4n + 2) (FT)."""
    n = xi + mi
    yi = (np.arcsin(np.sqrt(xi / (n + 1))) + np.arcsin(np.sqrt((xi + 1) / (n + 1)))) / 2
    return yi, 1 / (4 * n + 2)


def rate(xi: Array, ti: Array) -> Pair:
    """x/t; variance x/t^2 (SEN)."""
    return xi / ti, xi / ti**2


def log_rate(xi: Array, ti: Array) -> Pair:
    """log(x/t); variance 1/x (SEN)."""
    return np.log(xi / ti), 1 / xi


def root_rate(xi: Array, ti: Array) -> Pair:
    """sqrt(x/t); variance 1/(4t)."""
    return np.sqrt(xi / ti), 1 / (4 * ti)


def freeman_tukey_rate(xi: Array, ti: Array) -> Pair:
    """Half of sqrt(x/t) + sqrt((x+1)/t); variance 1/(4t) (FT)."""
    return (np.sqrt(xi / ti) + np.sqrt((xi + 1) / ti)) / 2, 1 / (4 * ti)


def log_rate_ratio(x1i: Array, t1i: Array, x2i: Array, t2i: Array) -> Pair:
    """Log of the ratio of two rates; variance 1/x1 + 1/x2 (SEN)."""
    return np.log(x1i / t1i) - np.log(x2i / t2i), 1 / x1i + 1 / x2i


def rate_difference(x1i: Array, t1i: Array, x2i: Array, t2i: Array) -> Pair:
    """Difference of two rates; variance x1/t1^2 + x2/t2^2 (SEN)."""
    return x1i / t1i - x2i / t2i, x1i / t1i**2 + x2i / t2i**2


def root_rate_difference(x1i: Array, t1i: Array, x2i: Array, t2i: Array) -> Pair:
    """Difference of the square roots of two rates; variance 1/(4 t1) + 1/(4 t2)."""
    return np.sqrt(x1i / t1i) - np.sqrt(x2i / t2i), 1 / (4 * t1i) + 1 / (4 * t2i)
