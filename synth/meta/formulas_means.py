"""Effect sizes of means and standard deviations: one arm, two arms, and the same people twice.

Each function takes arms (and the correlation of a pair) and gives ``(yi, vi)``. ``correct`` says whether the small
bias of the estimate is taken out. Sources, by short name in the docstrings:
BHHR   Borenstein, Hedges, Higgins & Rothstein (2009), Introduction to Meta-Analysis
HEDGES Hedges (1981), J Educ Stat 6:107; Hedges & Olkin (1985), Statistical Methods for Meta-Analysis
BON08  Bonett (2008), Psychol Methods 13:99 (standardised differences when the variances differ)
BON09  Bonett (2009), Psychol Methods 14:225
BECK   Becker (1988), Br J Math Stat Psychol 41:257; Morris (2000), ibid. 53:17; Gibbons et al. (1993), J Educ
       Stat 18:271
HGC    Hedges, Gurevitch & Curtis (1999), Ecology 80:1150
LAJ    Lajeunesse (2011), Ecology 92:2049; (2015), ibid. 96:2056 (log response ratios)
NAKA   Nakagawa et al. (2015), Methods Ecol Evol 6:143; Senior, Viechtbauer & Nakagawa (2020), Res Synth Methods 11:553
JV     Jacobs & Viechtbauer (2017), Res Synth Methods 8:161 (biserial correlations); Soper (1914), Biometrika 10:384
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import gammaln, ndtri

from synth.meta.formulas import COX, LOGISTIC, Pair
from synth.meta.measures import Array


class Arm(NamedTuple):
    """Mean, standard deviation and size of one arm, one entry per study."""

    mean: Array
    sd: Array
    n: Array

    @property
    def squared_cv(self) -> Array:
        """The squared coefficient of variation of the arm's mean."""
        return self.sd**2 / (self.n * self.mean**2)

    @property
    def df(self) -> Array:
        """Degrees of freedom of the standard deviation."""
        return self.n - 1


def small_sample_factor(df: Array) -> Array:
    """The exact J of HEDGES: gamma(m/2) / (sqrt(m/2) gamma((m-1)/2)); NaN where m is 1 or less."""
    safe = np.where(df > 1, df, np.nan)
    return np.asarray(np.exp(gammaln(safe / 2) - np.log(np.sqrt(safe / 2)) - gammaln((safe - 1) / 2)))


def _factor(df: Array, *, correct: bool) -> Array:
    """J, or 1 where no correction is wanted."""
    return small_sample_factor(df) if correct else np.ones_like(df)


def mean_difference(one: Arm, two: Arm) -> Pair:
    """m1 - m2, variances not pooled (BHHR, ch. 4)."""
    return one.mean - two.mean, one.sd**2 / one.n + two.sd**2 / two.n


def homoscedastic_difference(one: Arm, two: Arm) -> Pair:
    """m1 - m2, variances pooled (vtype HO; BHHR, ch. 4)."""
    return one.mean - two.mean, _pooled_sd(one, two) ** 2 * (1 / one.n + 1 / two.n)


def _pooled_sd(one: Arm, two: Arm) -> Array:
    return np.asarray(np.sqrt((one.df * one.sd**2 + two.df * two.sd**2) / (one.df + two.df)))


def _average_sd(one: Arm, two: Arm) -> Array:
    return np.asarray(np.sqrt((one.sd**2 + two.sd**2) / 2))


def _hedges_g(one: Arm, two: Arm, *, correct: bool) -> Array:
    return _factor(one.df + two.df, correct=correct) * (one.mean - two.mean) / _pooled_sd(one, two)


def standardised_difference(one: Arm, two: Arm, *, correct: bool = True) -> Pair:
    """Hedges' g with exact J; large-sample variance 1/n1 + 1/n2 + g^2/(2(n1 + n2)) (HEDGES)."""
    g = _hedges_g(one, two, correct=correct)
    return g, 1 / one.n + 1 / two.n + g**2 / (2 * (one.n + two.n))


def scaled_standardised_difference(one: Arm, two: Arm, *, correct: bool = True) -> Pair:
    """Hedges' g; the variance of d times J^2 (vtype LS2; BHHR, eq. 4.20 and 4.24)."""
    d, factor = _hedges_g(one, two, correct=False), _factor(one.df + two.df, correct=correct)
    return factor * d, factor**2 * (1 / one.n + 1 / two.n + d**2 / (2 * (one.n + two.n)))


def unbiased_standardised_difference(one: Arm, two: Arm, *, correct: bool = True) -> Pair:
    """Hedges' g; unbiased variance 1/n1 + 1/n2 + (1 - (m - 2)/(m J^2)) g^2 (vtype UB; HEDGES 1983)."""
    g, m = _hedges_g(one, two, correct=correct), one.df + two.df
    return g, 1 / one.n + 1 / two.n + (1 - (m - 2) / (m * small_sample_factor(m) ** 2)) * g**2


def averaged_standardised_difference(one: Arm, two: Arm, *, correct: bool = True) -> Pair:
    """Hedges' g; the mean of all studies (by their size) stands in the variance (vtype AV)."""
    g, total = _hedges_g(one, two, correct=correct), one.n + two.n
    usable = np.isfinite(g) & np.isfinite(total)
    mean = np.sum(np.where(usable, total * g, 0.0)) / np.sum(np.where(usable, total, 0.0))
    return g, 1 / one.n + 1 / two.n + mean**2 / (2 * total)


def heteroscedastic_standardised_difference(one: Arm, two: Arm, *, correct: bool = True, scaled: bool = False) -> Pair:
    """The difference over the root of the mean variance, with the variance for unequal variances (BON08, eq. 8).

    ``scaled``: the variance times J^2, as older versions of metafor had it.
    """
    factor, sd = _factor(one.df + two.df, correct=correct), _average_sd(one, two)
    g = factor * (one.mean - two.mean) / sd
    shape = g**2 * (one.sd**4 / one.df + two.sd**4 / two.df) / (8 * sd**4)
    vi = shape + (one.sd**2 / one.df + two.sd**2 / two.df) / sd**2
    return g, vi * factor**2 if scaled else vi


def glass_delta(one: Arm, two: Arm, *, correct: bool = True) -> Pair:
    """The difference over the second arm's standard deviation; variance 1/n1 + 1/n2 + g^2/(2 n2) (HEDGES)."""
    g = _factor(two.df, correct=correct) * (one.mean - two.mean) / two.sd
    return g, 1 / one.n + 1 / two.n + g**2 / (2 * two.n)


def heteroscedastic_glass_delta(one: Arm, two: Arm, *, correct: bool = True, by_size: bool = False) -> Pair:
    """As glass_delta, with the variance for unequal variances (BON08, eq. 9).

    ``by_size``: sizes in place of degrees of freedom, as older versions of metafor had it.
    """
    g = _factor(two.df, correct=correct) * (one.mean - two.mean) / two.sd
    df1, df2 = (one.n, two.n) if by_size else (one.df, two.df)
    return g, (one.sd / two.sd) ** 2 / df1 + 1 / df2 + g**2 / (2 * df2)


def log_ratio_of_means(one: Arm, two: Arm, *, correct: bool = True) -> Pair:
    """log(m1/m2); delta-method variance (HGC). NaN where a mean is 0 or the signs differ.

    The correction adds half the difference of the squared coefficients of variation of the means (LAJ).
    """
    ratio = np.where(one.mean * two.mean > 0, one.mean / two.mean, np.nan)
    bias = (one.squared_cv - two.squared_cv) / 2 if correct else 0.0
    return np.log(ratio) + bias, one.squared_cv + two.squared_cv


def _log_sd(arm: Arm, *, correct: bool) -> Array:
    return np.asarray(np.log(arm.sd) + (1 / (2 * arm.df) if correct else 0.0))


def log_ratio_of_sds(one: Arm, two: Arm, *, correct: bool = True) -> Pair:
    """log(sd1/sd2), corrected by 1/(2(n - 1)) per arm; variance the sum of 1/(2(n - 1)) (NAKA)."""
    return _log_sd(one, correct=correct) - _log_sd(two, correct=correct), 1 / (2 * one.df) + 1 / (2 * two.df)


def log_ratio_of_cvs(one: Arm, two: Arm, *, correct: bool = True, means_too: bool = True) -> Pair:
    """The log ratio of the coefficients of variation (NAKA); ``means_too`` corrects its means as well as its sds."""
    sds, spread = log_ratio_of_sds(one, two, correct=correct)
    means, vi = log_ratio_of_means(one, two, correct=correct and means_too)
    return sds - means, spread + vi


def point_biserial(one: Arm, two: Arm) -> Pair:
    """R = d/sqrt(d^2 + h), h = m/n1 + m/n2, m = n1 + n2 - 2; delta-method variance for fixed group sizes (JV)."""
    d, h, total = _hedges_g(one, two, correct=False), _size_factor(one, two), one.n + two.n
    return d / np.sqrt(d**2 + h), h**2 / (h + d**2) ** 3 * (1 / one.n + 1 / two.n + d**2 / (2 * total))


def _size_factor(one: Arm, two: Arm) -> Array:
    df = one.df + two.df
    return df / one.n + df / two.n


def cross_sectional_point_biserial(one: Arm, two: Arm) -> Pair:
    """As point_biserial, with the variance of one sample with random group sizes (vtype CS; Tate 1954; JV)."""
    r, total = point_biserial(one, two)[0], one.n + two.n
    return r, (1 - r**2) ** 2 * (total * r**2 / (4 * one.n * two.n) + (2 - 3 * r**2) / (2 * total))


def biserial(one: Arm, two: Arm) -> Pair:
    """The biserial correlation sqrt(pq)/density times the point-biserial one, with the variance of Soper (JV)."""
    total = one.n + two.n
    p, q = one.n / total, two.n / total
    z = ndtri(q)
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    r = np.sqrt(p * q) / density * point_biserial(one, two)[0]
    bend = 3 / 2 + (1 - p * z / density) * (1 + q * z / density)
    return r, (p * q / density**2 - bend * r**2 + r**4) / (total - 1)


def cox_log_odds_ratio(one: Arm, two: Arm) -> Pair:
    """1.65 times d, not corrected for bias: the log odds ratio if the outcome is normal (Cox 1970)."""
    yi, vi = standardised_difference(one, two, correct=False)
    return yi * COX, vi * COX**2


def logistic_log_odds_ratio(one: Arm, two: Arm) -> Pair:
    """pi/sqrt(3) times d, not corrected for bias: the log odds ratio if the outcome is logistic."""
    yi, vi = standardised_difference(one, two, correct=False)
    return yi / LOGISTIC, vi / LOGISTIC**2


def mean(arm: Arm) -> Pair:
    """The mean; variance sd^2/n."""
    return arm.mean, arm.sd**2 / arm.n


def log_mean(arm: Arm) -> Pair:
    """log(m); delta-method variance sd^2/(n m^2). NaN where the mean is not positive."""
    return np.log(np.where(arm.mean > 0, arm.mean, np.nan)), arm.squared_cv


def standardised_mean(arm: Arm, *, correct: bool = True) -> Pair:
    """m/sd with J; variance 1/n + g^2/(2n)."""
    g = _factor(arm.df, correct=correct) * arm.mean / arm.sd
    return g, 1 / arm.n + g**2 / (2 * arm.n)


def log_sd(arm: Arm, *, correct: bool = True) -> Pair:
    """log(sd) + 1/(2(n - 1)); variance 1/(2(n - 1)) (NAKA)."""
    return _log_sd(arm, correct=correct), 1 / (2 * arm.df)


def log_cv(arm: Arm, *, correct: bool = True) -> Pair:
    """log(sd/m) + 1/(2(n - 1)); variance 1/(2(n - 1)) + sd^2/(n m^2) (NAKA)."""
    yi, vi = log_sd(arm, correct=correct)
    means, spread = log_mean(arm)
    return yi - means, vi + spread


def mean_change(one: Arm, two: Arm, r: Array) -> Pair:
    """m1 - m2 of the same people; variance (sd1^2 + sd2^2 - 2 r sd1 sd2)/n."""
    return one.mean - two.mean, _change_sd(one, two, r) ** 2 / one.n


def _change_sd(one: Arm, two: Arm, r: Array) -> Array:
    return np.asarray(np.sqrt(one.sd**2 + two.sd**2 - 2 * r * one.sd * two.sd))


def change_over_change_sd(one: Arm, two: Arm, r: Array, *, correct: bool = True) -> Pair:
    """The change over the sd of the changes, with J; variance 1/n + g^2/(2n) (BECK)."""
    g = _factor(one.df, correct=correct) * (one.mean - two.mean) / _change_sd(one, two, r)
    return g, 1 / one.n + g**2 / (2 * one.n)


def change_over_raw_sd(one: Arm, two: Arm, r: Array, *, correct: bool = True) -> Pair:
    """The change over the first sd, with J; variance 2(1 - r)/n + g^2/(2n) (BECK)."""
    g = _factor(one.df, correct=correct) * (one.mean - two.mean) / one.sd
    return g, 2 * (1 - r) / one.n + g**2 / (2 * one.n)


def heteroscedastic_change(one: Arm, two: Arm, r: Array, *, correct: bool = True, scaled: bool = False) -> Pair:
    """As change_over_raw_sd, with the variance for unequal variances (BON08, eq. 13); ``scaled`` as above."""
    factor = _factor(one.df, correct=correct)
    g = factor * (one.mean - two.mean) / one.sd
    vi = _change_sd(one, two, r) ** 2 / (one.sd**2 * one.df) + g**2 / (2 * one.df)
    return g, vi * factor**2 if scaled else vi


def _paired_df(one: Arm, r: Array) -> Array:
    """Degrees of freedom of the mean of two correlated variances (Cousineau 2020)."""
    return 2 * one.df / (1 + r**2)


def change_over_average_sd(one: Arm, two: Arm, r: Array, *, correct: bool = True) -> Pair:
    """The change over the root of the mean variance, with J at 2(n - 1)/(1 + r^2) (Cousineau 2020; BECK)."""
    g = _factor(_paired_df(one, r), correct=correct) * (one.mean - two.mean) / _average_sd(one, two)
    return g, 2 * (1 - r) / one.n + (1 + r**2) * g**2 / (4 * one.n)


def heteroscedastic_average_change(one: Arm, two: Arm, r: Array, *, correct: bool = True) -> Pair:
    """As change_over_average_sd, with the variance for unequal variances (BON08, eq. 12)."""
    sd = _average_sd(one, two)
    g = _factor(_paired_df(one, r), correct=correct) * (one.mean - two.mean) / sd
    shape = g**2 * (one.sd**4 + two.sd**4 + 2 * r**2 * one.sd**2 * two.sd**2) / (8 * sd**4 * one.df)
    return g, _change_sd(one, two, r) ** 2 / (sd**2 * one.df) + shape


def log_ratio_of_paired_means(one: Arm, two: Arm, r: Array, *, correct: bool = True) -> Pair:
    """log(m1/m2) of the same people, corrected as log_ratio_of_means; variance less twice the covariance (LAJ)."""
    yi, vi = log_ratio_of_means(one, two, correct=correct)
    return yi, vi - 2 * r * one.sd * two.sd / (one.mean * two.mean * one.n)


def log_ratio_of_paired_sds(one: Arm, two: Arm, r: Array) -> Pair:
    """log(sd1/sd2) of the same people, in which the corrections cancel; variance (1 - r^2)/(n - 1) (NAKA)."""
    return np.log(one.sd / two.sd), (1 - r**2) / one.df


def log_ratio_of_paired_cvs(one: Arm, two: Arm, r: Array, *, correct: bool = True) -> Pair:
    """The log ratio of the coefficients of variation of the same people (NAKA)."""
    sds, spread = log_ratio_of_paired_sds(one, two, r)
    means, vi = log_ratio_of_paired_means(one, two, r, correct=correct)
    return sds - means, spread + vi
