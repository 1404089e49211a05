"""Transformations between scales: back to what people read, and from one measure to another.

Sources: Miller (1978), Am Stat 32:138 (double arcsine); Schwarzer et al. (2019), Res Synth Methods 10:476 (why not to
use it for pooled proportions); Hafdahl (2009), Br J Math Stat Psychol 62:233 (integrals over true effects);
McGraw & Wong (1992), Psychol Bull 111:361 (common language); Cliff (1993), ibid. 114:494; Rosenthal & Rubin (1982), J
Educ Psychol 74:166 (binomial display); Pearson (1900); Digby (1983), Biometrics 39:753; Cox (1970) and Hasselblad &
Hedges (1995), Psychol Bull 117:167 (odds ratios and d).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.special import expit, logit, ndtr, roots_legendre

from synth.errors import UsageError
from synth.meta.cautions import Caution, issue
from synth.meta.formulas import COX, LOGISTIC
from synth.meta.measures import Array

Values = float | Sequence[float] | Array
_REACH = 10.0  # standard deviations of the true effects that are integrated over
_NODES, _WEIGHTS = roots_legendre(120)


class BackTransformedDoubleArcsine(Caution):
    """A pooled double arcsine value depends on the sample size it is transformed back with."""


def exp(x: Values) -> Array:
    """Logarithms to ratios."""
    return np.exp(np.asarray(x, dtype=np.float64))


def ilogit(x: Values) -> Array:
    """Log odds to proportions."""
    return np.asarray(expit(np.asarray(x, dtype=np.float64)))


def to_logit(p: Values) -> Array:
    """Proportions to log odds."""
    return np.asarray(logit(np.asarray(p, dtype=np.float64)))


def rtoz(r: Values) -> Array:
    """Correlations to Fisher's z."""
    return np.arctanh(np.asarray(r, dtype=np.float64))


def ztor(z: Values) -> Array:
    """Fisher's z to correlations."""
    return np.tanh(np.asarray(z, dtype=np.float64))


def isqrt(x: Values) -> Array:
    """Square roots of rates to rates."""
    return np.clip(np.asarray(x, dtype=np.float64), 0, None) ** 2


def iarcsin(x: Values) -> Array:
    """Arcsine square roots to proportions."""
    return np.sin(np.clip(np.asarray(x, dtype=np.float64), 0, np.pi / 2)) ** 2


def ipft(x: Values, n: Values) -> Array:
    """Double arcsine values (Freeman-Tukey) of single studies to proportions, with the sizes ``n`` (Miller 1978)."""
    value, size = np.asarray(x, dtype=np.float64), np.asarray(n, dtype=np.float64)
    zero = np.arcsin(np.sqrt(1 / (size + 1))) / 2
    one = (np.pi / 2 + np.arcsin(np.sqrt(size / (size + 1)))) / 2
    inside = np.clip(value, zero, one)
    sine = np.sin(2 * inside)
    root = np.sqrt(np.clip(1 - (sine + (sine - 1 / sine) / size) ** 2, 0, None))
    found = (1 - np.sign(np.cos(2 * inside)) * root) / 2
    return np.where(value <= zero, 0.0, np.where(value >= one, 1.0, found))


def ipft_hm(x: Values, n: Values) -> Array:
    """Pooled double arcsine values to proportions, with the harmonic mean of the studies' sizes ``n``."""
    sizes = np.asarray(n, dtype=np.float64)
    words = (
        "A pooled double arcsine value has no one proportion: the harmonic mean of the sizes decides (Schwarzer 2019)"
    )
    issue([BackTransformedDoubleArcsine(words)])
    return ipft(x, len(sizes) / np.sum(1 / sizes))


def _average(change: Callable[[Array], Array], x: Values, tau2: float) -> Array:
    """The mean of ``change`` over true effects that are normal around each ``x`` with variance ``tau2``."""
    if tau2 < 0:
        raise UsageError(f"tau2 = {tau2:g} is no variance", hint="Give the tau2 of the model")
    centers = np.asarray(x, dtype=np.float64)
    if tau2 == 0:
        return change(centers)
    u = _REACH * _NODES
    weights = _REACH * _WEIGHTS * np.exp(-(u**2) / 2) / np.sqrt(2 * np.pi)
    return np.asarray(change(centers[..., None] + np.sqrt(tau2) * u) @ weights)


def ztor_int(z: Values, tau2: float) -> Array:
    """The mean correlation, if the true values of Fisher's z are normal with variance ``tau2``."""
    return _average(np.tanh, z, tau2)


def exp_int(x: Values, tau2: float) -> Array:
    """The mean ratio, if the true logarithms are normal with variance ``tau2``."""
    return np.exp(np.asarray(x, dtype=np.float64) + tau2 / 2)


def ilogit_int(x: Values, tau2: float) -> Array:
    """The mean proportion, if the true log odds are normal with variance ``tau2``."""
    return _average(ilogit, x, tau2)


def dtorpb(d: Values, n1: Values | None = None, n2: Values | None = None) -> Array:
    """Standardised differences to point-biserial correlations; arms of equal, large size unless given."""
    value = np.asarray(d, dtype=np.float64)
    if n1 is None or n2 is None:
        return value / np.sqrt(value**2 + 4)
    one, two = np.asarray(n1, dtype=np.float64), np.asarray(n2, dtype=np.float64)
    df = one + two - 2
    return np.asarray(value / np.sqrt(value**2 + df / one + df / two))


def dtorbis(d: Values) -> Array:
    """Standardised differences to biserial correlations (arms of equal, large size)."""
    return np.asarray(dtorpb(d) * np.sqrt(np.pi / 2))


def rpbtod(r: Values) -> Array:
    """Point-biserial correlations to standardised differences (arms of equal, large size)."""
    value = np.asarray(r, dtype=np.float64)
    return np.asarray(2 * value / np.sqrt(1 - value**2))


def dtolnor_norm(d: Values) -> Array:
    """Standardised differences to log odds ratios, if the outcome is normal (times 1.65)."""
    return np.asarray(d, dtype=np.float64) * COX


def dtolnor_logis(d: Values) -> Array:
    """Standardised differences to log odds ratios, if the outcome is logistic (times pi/sqrt 3)."""
    return np.asarray(d, dtype=np.float64) / LOGISTIC


def lnortod_norm(x: Values) -> Array:
    """Log odds ratios to standardised differences, if the outcome is normal."""
    return np.asarray(x, dtype=np.float64) / COX


def lnortod_logis(x: Values) -> Array:
    """Log odds ratios to standardised differences, if the outcome is logistic."""
    return np.asarray(x, dtype=np.float64) * LOGISTIC


def lnortortet_pearson(x: Values) -> Array:
    """Log odds ratios to tetrachoric correlations: cos(pi/(1 + sqrt OR)) (Pearson 1900)."""
    return np.cos(np.pi / (1 + np.exp(np.asarray(x, dtype=np.float64) / 2)))


def lnortortet_digby(x: Values) -> Array:
    """Log odds ratios to tetrachoric correlations: (OR^.75 - 1)/(OR^.75 + 1) (Digby 1983)."""
    return np.tanh(0.375 * np.asarray(x, dtype=np.float64))


def dtocles(d: Values) -> Array:
    """Standardised differences to the chance that one of the first arm beats one of the second."""
    return np.asarray(ndtr(np.asarray(d, dtype=np.float64) / np.sqrt(2)))


def dtocliffd(d: Values) -> Array:
    """Standardised differences to Cliff's delta."""
    return 2 * dtocles(d) - 1


def dtoovl(d: Values) -> Array:
    """Standardised differences to the overlap of the two distributions."""
    return np.asarray(2 * ndtr(-np.abs(np.asarray(d, dtype=np.float64)) / 2))


def dtobesd(d: Values) -> Array:
    """Standardised differences to the success rate of the first arm in the binomial effect size display."""
    return 0.5 + dtorpb(d) / 2


def dtocohenu1(d: Values) -> Array:
    """Standardised differences to the share of both distributions that does not overlap (Cohen's U1)."""
    above = ndtr(np.abs(np.asarray(d, dtype=np.float64)) / 2)
    return np.asarray((2 * above - 1) / above)


def dtocohenu2(d: Values) -> Array:
    """Standardised differences to the share of one arm that exceeds the same share of the other (Cohen's U2)."""
    return np.asarray(ndtr(np.abs(np.asarray(d, dtype=np.float64)) / 2))


def dtocohenu3(d: Values) -> Array:
    """Standardised differences to the share of the second arm below the mean of the first (Cohen's U3)."""
    return np.asarray(ndtr(np.asarray(d, dtype=np.float64)))


TRANSFORMS: dict[str, Callable[..., Array]] = {
    function.__name__: function
    for function in (
        *(exp, ilogit, to_logit, rtoz, ztor, isqrt, iarcsin, ipft, ipft_hm, ztor_int, exp_int, ilogit_int),
        *(dtorpb, dtorbis, rpbtod, dtolnor_norm, dtolnor_logis, lnortod_norm, lnortod_logis),
        *(lnortortet_pearson, lnortortet_digby, dtocles, dtocliffd, dtoovl, dtobesd),
        *(dtocohenu1, dtocohenu2, dtocohenu3),
    )
}
"""Every transformation by name; metafor's names with _ in place of the point."""
