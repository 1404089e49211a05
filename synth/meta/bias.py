"""Do small studies show other results? Tests and corrections for funnel plot asymmetry.

Sources: Egger et al. (1997), BMJ 315:629; Sterne & Egger (2005), ch. 6 of Publication Bias in Meta-Analysis; Begg &
Mazumdar (1994), Biometrics 50:1088; Stanley & Doucouliagos (2014), Res Synth Methods 5:60. Fewer than ten studies are
too few for any of these tests (Sterne et al. 2011, BMJ 343:d4002).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri
from scipy.stats import kendalltau

from synth.errors import UsageError
from synth.meta.cautions import Caution, issue
from synth.meta.fit import Fit, quantile
from synth.meta.measures import Array
from synth.meta.pool import rma, two_sided

ENOUGH = 10
"""Studies that an asymmetry test needs."""


class FewForAsymmetry(Caution):
    """A test of funnel plot asymmetry on fewer than ten studies."""


def warn_of_few(fit: Fit, *, stacklevel: int = 4) -> tuple[Caution, ...]:
    """A caution if there are too few studies for a test of asymmetry."""
    if fit.k >= ENOUGH:
        return ()
    words = f"{fit.k} studies are too few to tell asymmetry from chance (ten at least: Sterne et al. 2011)"
    found = (FewForAsymmetry(words),)
    issue(found, stacklevel=stacklevel)
    return found


def need_studies(fit: Fit, number: int, what: str) -> None:
    """Raise UsageError unless the fit is of a mean and has ``number`` studies or more."""
    if fit.design is not None:
        raise UsageError(f"{what} works on a model without moderators", hint="Fit the model without mods")
    if fit.k < number:
        raise UsageError(
            f"{what} needs {number} studies or more, and there are {fit.k}", hint="Report the rows as they are"
        )


PREDICTORS: dict[str, Callable[[Array, Array], Array]] = {
    "sei": lambda vi, _: np.sqrt(vi),
    "vi": lambda vi, _: vi,
    "ni": lambda _, ni: ni,
    "ninv": lambda _, ni: 1 / ni,
    "sqrtni": lambda _, ni: np.sqrt(ni),
    "sqrtninv": lambda _, ni: 1 / np.sqrt(ni),
}
"""What the results are regressed on: standard error, variance, size, or a function of the size."""
_WITHOUT_LIMIT = frozenset({"ni", "sqrtni"})


@dataclass(frozen=True, slots=True)
class AsymmetryTest:
    """The slope on ``predictor``: ``statistic`` (z or t with ``ddf``) and ``pval``.

    ``est``, ``ci_lb``, ``ci_ub``: the result expected of an infinitely large study; NaN for predictors that grow with
    size.
    """

    predictor: str
    model: str
    statistic: float
    pval: float
    ddf: float
    est: float
    ci_lb: float
    ci_ub: float
    cautions: tuple[Caution, ...] = ()


def regtest(fit: Fit, *, model: str = "rma", predictor: str = "sei", ni: Array | None = None) -> AsymmetryTest:
    """Egger's regression test. ``model``: rma (additive heterogeneity, by the fit's method and test) or lm.

    ``lm`` is weighted least squares with a dispersion factor, as Egger et al. had it. ``predictor``: one of
    PREDICTORS; those of size need ``ni``, one number per study of the fit.
    """
    need_studies(fit, 3, "A test of asymmetry")
    if model not in {"rma", "lm"}:
        raise UsageError(f'There is no model "{model}" for the regression test', hint="Choose rma or lm")
    x = _read_predictor(fit, predictor, ni)
    found = warn_of_few(fit)
    if np.ptp(x) <= 1e-12 * np.abs(x).max():
        raise UsageError(
            f"{predictor} is the same in all studies, and nothing can be regressed on it",
            hint="Choose another predictor",
        )
    b, se, ddf = _fit_line(fit, x) if model == "rma" else _fit_weighted_line(fit, x)
    statistic = b[1] / se[1]
    reach = np.nan if predictor in _WITHOUT_LIMIT else quantile(fit.level, ddf) * se[0]
    est = np.nan if predictor in _WITHOUT_LIMIT else b[0]
    return AsymmetryTest(
        predictor, model, float(statistic), float(two_sided(statistic, ddf)), ddf,
        float(est), float(est - reach), float(est + reach), found,
    )  # fmt: skip


def _read_predictor(fit: Fit, predictor: str, ni: Array | None) -> Array:
    if predictor not in PREDICTORS:
        raise UsageError(f'"{predictor}" is no predictor of asymmetry', hint=f"Choose one of {', '.join(PREDICTORS)}")
    if predictor in {"sei", "vi"}:
        return PREDICTORS[predictor](fit.vi, fit.vi)
    if ni is None:
        raise UsageError(f"The predictor {predictor} needs the sizes of the studies", hint="Give ni, one per study")
    sizes = np.asarray(ni, dtype=np.float64)
    if sizes.shape != fit.yi.shape or not (np.isfinite(sizes) & (sizes > 0)).all():
        raise UsageError(f"ni must hold {fit.k} positive numbers, one per study that was pooled", hint="Check ni")
    return PREDICTORS[predictor](fit.vi, sizes)


def _fit_line(fit: Fit, x: Array) -> tuple[Array, Array, float]:
    line = fit_on(fit, x)
    return line.params, line.bse, line.ddf


def fit_on(fit: Fit, x: Array, *, method: str | None = None) -> Fit:
    """The model of ``fit`` with one moderator ``x``. Its own cautions stay in the result."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Caution)
        return rma(
            fit.yi, fit.vi, mods=x, method=method or fit.method, test=fit.test, level=fit.level, slab=list(fit.slab)
        )


def _fit_weighted_line(fit: Fit, x: Array) -> tuple[Array, Array, float]:
    X = np.column_stack([np.ones_like(x), x])
    Q, R = np.linalg.qr(X / np.sqrt(fit.vi)[:, None])
    z = fit.yi / np.sqrt(fit.vi)
    df = float(fit.k - 2)
    residuals = z - Q @ (Q.T @ z)
    inverse = np.linalg.inv(R)
    b = inverse @ (Q.T @ z)
    se = np.sqrt(residuals @ residuals / df * np.sum(inverse**2, axis=1))
    return b, se, df


@dataclass(frozen=True, slots=True)
class RankTest:
    """Kendall's tau of standardised results and variances, and its p (exact without ties)."""

    tau: float
    pval: float
    cautions: tuple[Caution, ...] = ()


def ranktest(fit: Fit) -> RankTest:
    """The rank correlation test of Begg & Mazumdar (1994)."""
    need_studies(fit, 3, "The rank test")
    w = 1 / fit.vi
    star = (fit.yi - w @ fit.yi / w.sum()) / np.sqrt(fit.vi - 1 / w.sum())
    found = warn_of_few(fit)
    has_ties = len(np.unique(star)) < fit.k or len(np.unique(fit.vi)) < fit.k
    if len(np.unique(fit.vi)) == 1 or len(np.unique(star)) == 1:
        return RankTest(0.0, 1.0, found)
    result = kendalltau(star, fit.vi, method="asymptotic" if has_ties else "exact")
    return RankTest(float(result.statistic), float(result.pvalue), found)


def pet(fit: Fit) -> Fit:
    """The precision-effect test: a regression on the standard error; the intercept is the corrected result."""
    need_studies(fit, 3, "PET")
    warn_of_few(fit)
    return fit_on(fit, np.sqrt(fit.vi))


def peese(fit: Fit) -> Fit:
    """The precision-effect estimate with standard error: a regression on the variance."""
    need_studies(fit, 3, "PEESE")
    warn_of_few(fit)
    return fit_on(fit, fit.vi)


@dataclass(frozen=True, slots=True, eq=False)
class PetPeese:
    """Both regressions, and the one to read: PEESE if the intercept of PET is above 0 with p (one-sided) < .05."""

    pet: Fit
    peese: Fit
    chosen: str
    estimate: float
    ci_lb: float
    ci_ub: float


def pet_peese(fit: Fit) -> PetPeese:
    """The conditional estimator of Stanley & Doucouliagos (2014), in the direction of the pooled result."""
    first, second = pet(fit), peese(fit)
    direction = np.sign(fit.estimate) or 1.0
    is_real = direction * first.tvalues[0] > (ndtri(0.95) if np.isinf(first.ddf) else quantile(90, first.ddf))
    chosen = second if is_real else first
    low, high = chosen.conf_int()[0]
    return PetPeese(first, second, "PEESE" if is_real else "PET", chosen.estimate, float(low), float(high))
