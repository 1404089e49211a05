"""Effect sizes of correlations, of tables that stand for correlations, and of reliability coefficients.

Sources, by short name in the docstrings:
BHHR  Borenstein, Hedges, Higgins & Rothstein (2009), Introduction to Meta-Analysis
OP    Olkin & Pratt (1958), Ann Math Stat 29:201
AE    Aloe & Thompson (2013), J Soc Social Work Res 4:390; Aloe & Becker (2012), J Educ Behav Stat 37:278
PEAR  Pearson (1900), Philos Trans R Soc A 195:1; Hamdan (1970), Biometrika 57:212 (tetrachoric correlations)
BON   Bonett (2002), J Educ Behav Stat 27:335; (2010), Psychol Methods 15:368
HW    Hakstian & Whalen (1976), Psychometrika 41:219
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.special import hyp2f1, ndtr, ndtri, roots_legendre

from synth.meta.formulas import Pair, multinomial_variance
from synth.meta.measures import Array

_NODES, _WEIGHTS = roots_legendre(64)


def correlation(ri: Array, ni: Array) -> Pair:
    """r; variance (1 - r^2)^2/(n - 1) (BHHR, ch. 6)."""
    return ri, (1 - ri**2) ** 2 / (ni - 1)


def _averaged(ri: Array, ni: Array) -> Array:
    """The mean of all correlations, by size."""
    usable = np.isfinite(ri) & np.isfinite(ni)
    return np.asarray(np.sum(np.where(usable, ni * ri, 0.0)) / np.sum(np.where(usable, ni, 0.0)))


def averaged_correlation(ri: Array, ni: Array) -> Pair:
    """r; the mean of all studies (by their size) stands in the variance (vtype AV; Hunter & Schmidt 2004)."""
    return ri, (1 - _averaged(ri, ni) ** 2) ** 2 / (ni - 1)


def fisher_z(ri: Array, ni: Array) -> Pair:
    """atanh(r); variance 1/(n - 3) (BHHR, ch. 6)."""
    return np.arctanh(ri), 1 / (ni - 3)


def _unbiased(ri: Array, ni: Array) -> Array:
    c = np.where(ni > 4, (ni - 2) / 2, np.nan)
    factor = hyp2f1(0.5, 0.5, c, 1 - ri**2)
    return np.asarray(ri * np.where(np.isfinite(factor), factor, _series(c, 1 - ri**2)))


def _series(c: Array, z: Array) -> Array:
    """The first terms of F(1/2, 1/2; c; z), which do for large samples, where hyp2f1 can fail."""
    term = total = np.ones_like(z)
    for k in range(60):
        term = term * (k + 0.5) ** 2 * z / ((c + k) * (k + 1))
        total = total + term
    return total


def unbiased_correlation(ri: Array, ni: Array) -> Pair:
    """The unbiased estimate r F(1/2, 1/2; (n - 2)/2; 1 - r^2) (OP), with the variance of correlation."""
    yi = _unbiased(ri, ni)
    return yi, (1 - yi**2) ** 2 / (ni - 1)


def unbiased_correlation_and_variance(ri: Array, ni: Array) -> Pair:
    """As unbiased_correlation, with an unbiased variance (vtype UB; Hedges 1989, J Appl Psychol 74:469)."""
    yi, rest = _unbiased(ri, ni), 1 - ri**2
    tail = rest + 2 * rest**2 / ni + 8 * rest**3 / (ni * (ni + 2)) + 48 * rest**4 / (ni * (ni + 2) * (ni + 4))
    return yi, yi**2 - 1 + (ni - 3) / (ni - 2) * tail


def averaged_unbiased_correlation(ri: Array, ni: Array) -> Pair:
    """As unbiased_correlation; the mean of all studies stands in the variance (vtype AV)."""
    yi = _unbiased(ri, ni)
    return yi, (1 - _averaged(yi, ni) ** 2) ** 2 / (ni - 1)


def partial_correlation(ti: Array, ni: Array, mi: Array) -> Pair:
    """t/sqrt(t^2 + df) from a coefficient's t in a regression with ``mi`` predictors; df = n - m - 1 (AE)."""
    df = ni - mi - 1
    yi = ti / np.sqrt(ti**2 + df)
    return yi, (1 - yi**2) ** 2 / df


def partial_fisher_z(ti: Array, ni: Array, mi: Array) -> Pair:
    """Atanh of the partial correlation; variance 1/(n - m - 2): 1/(n - 3) less the m - 1 other predictors (AE)."""
    return np.arctanh(partial_correlation(ti, ni, mi)[0]), 1 / (ni - mi - 2)


def bivariate_normal(h: float, k: float, r: float) -> float:
    """P(X < h, Y < k) of standard normals with correlation r, |r| < 1.

    Its derivative in r is the density (Plackett 1954, Biometrika 41:351); integrated over the angle asin(r).
    """
    angle = np.arcsin(r)
    theta = angle * (_NODES + 1) / 2
    exponent = -(h**2 + k**2 - 2 * h * k * np.sin(theta)) / (2 * np.cos(theta) ** 2)
    return float(ndtr(h) * ndtr(k) + angle / 2 * (_WEIGHTS @ np.exp(exponent)) / (2 * np.pi))


COARSE = float(np.finfo(float).eps ** 0.25)
"""The tolerance at which many programs stop a search in one dimension, metafor's for RTET among them."""


def tetrachoric(ai: Array, bi: Array, ci: Array, di: Array, *, tolerance: float | None = None) -> Pair:
    """The correlation of two normals that were cut in two; the multinomial delta-method variance (PEAR).

    NaN where a cell is empty: the estimate would be -1, 1 or anything. The equation for it is solved; with
    a ``tolerance`` the likelihood is searched for its top instead (Brent 1973), and its curvature differenced.
    """
    found = np.array([_tetrachoric(np.array(row), tolerance) for row in zip(ai, bi, ci, di, strict=True)])
    return found[:, 0], found[:, 1]


def _tetrachoric(cells: Array, tolerance: float | None) -> tuple[float, float]:
    total = cells.sum()
    if not cells.min() > 0:
        return np.nan, np.nan
    a, b, c, _ = cells
    h, k = float(ndtri((a + b) / total)), float(ndtri((a + c) / total))
    if tolerance is None:
        r = _solve_tetrachoric(cells / total, h, k)
        return r, _tetrachoric_variance(cells / total, float(total), h, k, r)
    r = float(
        minimize_scalar(
            lambda x: _table_loss(np.array([x, h, k]), cells),
            bounds=(-1, 1),
            method="bounded",
            options={"xatol": tolerance},
        ).x
    )
    return r, _differenced_variance(lambda x: _table_loss(x, cells), np.array([r, h, k]))


def _table_loss(point: Array, cells: Array) -> float:
    """Minus the log-likelihood of a table at (r, h, k)."""
    r, h, k = (float(value) for value in point)
    p, row, column = bivariate_normal(h, k, r), float(ndtr(h)), float(ndtr(k))
    shares = np.array([p, row - p, column - p, 1 - row - column + p])
    return -float(cells @ np.log(np.maximum(shares, 1e-300)))


def _differenced_variance(loss: Callable[[Array], float], point: Array, step: float = 1e-3) -> float:
    """The variance of the first parameter by the inverse of a Hessian of central differences of gradients."""
    steps = step * np.eye(len(point))

    def gradient(x: Array) -> Array:
        return np.array([(loss(x + each) - loss(x - each)) / (2 * step) for each in steps])

    hessian = np.array([(gradient(point + each) - gradient(point - each)) / (2 * step) for each in steps])
    return float(np.linalg.inv((hessian + hessian.T) / 2)[0, 0])


def _solve_tetrachoric(shares: Array, h: float, k: float) -> float:
    edge = 1 - 1e-12
    return float(brentq(lambda r: bivariate_normal(h, k, r) - shares[0], -edge, edge, xtol=1e-15, rtol=1e-14))


def _tetrachoric_variance(shares: Array, total: float, h: float, k: float, r: float) -> float:
    root = np.sqrt(1 - r**2)
    density = np.exp(-(h**2 + k**2 - 2 * h * k * r) / (2 * root**2)) / (2 * np.pi * root)
    row, column = float(ndtr((k - r * h) / root)), float(ndtr((h - r * k) / root))
    slopes = [np.array(slope / density) for slope in (1 - row - column, -row, -column, 0.0)]
    return float(multinomial_variance(slopes, list(shares), np.array(total)))


def bonett_reliability(ai: Array, mi: Array, ni: Array) -> Pair:
    """-log(1 - alpha) of ``mi`` items; variance 2m/((m - 1)(n - 2)) (BON)."""
    return -np.log(1 - ai), 2 * mi / ((mi - 1) * (ni - 2))


def hakstian_whalen_reliability(ai: Array, mi: Array, ni: Array) -> Pair:
    """1 - (1 - alpha)^(1/3); variance 18 m (n - 1)(1 - alpha)^(2/3)/((m - 1)(9n - 11)^2) (HW)."""
    rest = 1 - ai
    return 1 - np.cbrt(rest), 18 * mi * (ni - 1) * np.cbrt(rest) ** 2 / ((mi - 1) * (9 * ni - 11) ** 2)


def raw_reliability(ai: Array, mi: Array, ni: Array) -> Pair:
    """alpha; variance 2m(1 - alpha)^2/((m - 1)(n - 2)) (BON)."""
    return ai, 2 * mi * (1 - ai) ** 2 / ((mi - 1) * (ni - 2))
