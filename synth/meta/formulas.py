"""Effect sizes of counts: two-by-two tables, proportions and rates; arrays in, ``(yi, vi)`` out.

No zero-cell rule and no column name stands here. Sources, by short name in the docstrings:
BHHR   Borenstein, Hedges, Higgins & Rothstein (2009), Introduction to Meta-Analysis
YUSUF  Yusuf, Peto, Lewis, Collins & Sleight (1985), Prog Cardiovasc Dis 27:335
RUECK  Rücker, Schwarzer, Carpenter & Olkin (2009), Stat Med 28:721
YULE   Yule (1912), J R Stat Soc 75:579; Bonett & Price (2007), J Educ Behav Stat 32:429
SANCH  Sánchez-Meca, Marín-Martínez & Chacón-Moscoso (2003), Psychol Methods 8:448
FT     Freeman & Tukey (1950), Ann Math Stat 21:607; Miller (1978), Am Stat 32:138
SEN    Sen & Lehmann, after Rothman, Greenland & Lash (2008), Modern Epidemiology (rates)
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

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


def probit_difference(ai: Array, bi: Array, ci: Array, di: Array) -> Pair:
    """z(p1) - z(p2) by the inverse normal; the delta-method variance of each is p q / (n density^2) (SANCH)."""
    one, two = probit_proportion(ai, bi), probit_proportion(ci, di)
    return one[0] - two[0], one[1] + two[1]


LOGISTIC = float(np.sqrt(3) / np.pi)
"""One over the standard deviation of the logistic distribution: turns log odds ratios into d."""
COX = 1.65
"""The divisor of Cox (1970) for the same purpose where the outcome is normal."""


def logistic_difference(ai: Array, bi: Array, ci: Array, di: Array) -> Pair:
    """D from the log odds ratio, if the outcome behind it is logistic (SANCH; Hasselblad & Hedges 1995)."""
    yi, vi = log_odds_ratio(ai, bi, ci, di)
    return yi * LOGISTIC, vi * LOGISTIC**2


def cox_difference(ai: Array, bi: Array, ci: Array, di: Array) -> Pair:
    """D from the log odds ratio, if the outcome behind it is normal (SANCH; Cox 1970)."""
    yi, vi = log_odds_ratio(ai, bi, ci, di)
    return yi / COX, vi / COX**2


def phi_coefficient(ai: Array, bi: Array, ci: Array, di: Array) -> Pair:
    """phi, with the delta-method variance for fixed group sizes, in which p1 and p2 are binomial.

    With D = p1 - p2, s^2 = p(1 - p) of all people: phi = sqrt(n1 n2)/N D/s.
    """
    n1, n2 = ai + bi, ci + di
    total = n1 + n2
    p1, p2, p = ai / n1, ci / n2, (ai + ci) / total
    s, difference, factor = np.sqrt(p * (1 - p)), p1 - p2, np.sqrt(n1 * n2) / total
    bend = difference * (1 - 2 * p) / (2 * s**3)
    slope1, slope2 = 1 / s - bend * n1 / total, -1 / s - bend * n2 / total
    variance = slope1**2 * p1 * (1 - p1) / n1 + slope2**2 * p2 * (1 - p2) / n2
    return factor * difference / s, factor**2 * variance


def cross_sectional_phi(ai: Array, bi: Array, ci: Array, di: Array) -> Pair:
    """phi, with the delta-method variance of one multinomial sample (vtype CS)."""
    total = ai + bi + ci + di
    shares = [cell / total for cell in (ai, bi, ci, di)]
    row, column = shares[0] + shares[1], shares[0] + shares[2]
    s_row, s_column = row * (1 - row), column * (1 - column)
    root = np.sqrt(s_row * s_column)
    phi = (shares[0] * shares[3] - shares[1] * shares[2]) / root
    by_row, by_column = phi * (1 - 2 * row) / (2 * s_row), phi * (1 - 2 * column) / (2 * s_column)
    slopes = [
        shares[3] / root - by_row - by_column,
        -shares[2] / root - by_row,
        -shares[1] / root - by_column,
        shares[0] / root,
    ]
    return phi, multinomial_variance(slopes, shares, total)


def multinomial_variance(slopes: list[Array], shares: list[Array], total: Array) -> Array:
    """The delta method for cell shares of ``total`` people: (sum of g^2 p - (sum of g p)^2) / N."""
    square = np.sum([g**2 * p for g, p in zip(slopes, shares, strict=True)], axis=0)
    mean = np.sum([g * p for g, p in zip(slopes, shares, strict=True)], axis=0)
    return np.asarray((square - mean**2) / total)


def yules_q(ai: Array, bi: Array, ci: Array, di: Array) -> Pair:
    """(OR - 1)/(OR + 1); variance (1 - Q^2)^2/4 times the sum of the reciprocals (YULE)."""
    yi = np.tanh(log_odds_ratio(ai, bi, ci, di)[0] / 2)
    return yi, (1 - yi**2) ** 2 / 4 * (1 / ai + 1 / bi + 1 / ci + 1 / di)


def yules_y(ai: Array, bi: Array, ci: Array, di: Array) -> Pair:
    """(sqrt(OR) - 1)/(sqrt(OR) + 1); variance (1 - Y^2)^2/16 times the sum of the reciprocals (YULE)."""
    yi = np.tanh(log_odds_ratio(ai, bi, ci, di)[0] / 4)
    return yi, (1 - yi**2) ** 2 / 16 * (1 / ai + 1 / bi + 1 / ci + 1 / di)


def probit_proportion(xi: Array, mi: Array) -> Pair:
    """The inverse normal of x/n; delta-method variance p q / (n density^2)."""
    n = xi + mi
    p = xi / n
    z = ndtri(p)
    return z, 2 * np.pi * p * (1 - p) * np.exp(z**2) / n


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
