"""Pooling: the common-effect and the random-effects model, with and without moderators, their tests and intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import chdtrc, fdtrc, ndtr, stdtr

from synth.errors import UsageError
from synth.meta.cautions import (
    Caution,
    FewForPrediction,
    FewStudies,
    ManyModerators,
    NarrowKnappHartung,
    NotConverged,
    SaturatedModel,
    SingleStudy,
    issue,
)
from synth.meta.design import Design
from synth.meta.fit import Fit, Prediction, quantile
from synth.meta.measures import Array
from synth.meta.regression import inner, inverse_variances, sum_of_squares, weigh, weigh_columns
from synth.meta.rows import Rows, read_rows
from synth.meta.tau2 import COMMON_EFFECT, ESTIMATORS, WEIGHTED, Tau2, at_fixed_value, generalised_moment

__all__ = ["METHODS", "TESTS", "Fit", "Prediction", "Spread", "measure_spread", "quantile", "rma", "two_sided"]

METHODS = (*ESTIMATORS, *sorted(COMMON_EFFECT))
"""Methods that need nothing but the data; GENQ needs weights too."""
_NO_SPREAD = 1e-20  # of the Knapp-Hartung factor: below it there is only rounding
_STUDIES_PER_COEFFICIENT = 10
_STUDIES_FOR_PREDICTION = 5
TESTS = ("z", "t", "knha", "adhoc")
"""Wald with the normal or the t distribution; Knapp-Hartung; Knapp-Hartung that is never narrower than t."""


@dataclass(frozen=True, slots=True)
class _Model:
    """What was asked for."""

    method: str
    test: str
    level: float
    tau2: float | None
    weighted: bool

    @property
    def is_random(self) -> bool:
        return self.method not in COMMON_EFFECT


def two_sided(statistic: float | Array, df: float) -> Any:
    """The two-sided p-value: normal for infinite ``df``, else t."""
    tail = ndtr(-np.abs(statistic)) if np.isinf(df) else stdtr(df, -np.abs(statistic))
    return np.minimum(1.0, 2 * tail)


def rma(
    data: pd.DataFrame | Sequence[float] | Array,
    vi: Sequence[float] | Array | None = None,
    *,
    method: str = "REML",
    test: str = "knha",
    level: float = 95,
    slab: str | Sequence[str] | None = None,
    tau2: float | None = None,
    measure: str | None = None,
    mods: Any = None,
    intercept: bool = True,
    weights: Any = None,
    weighted: bool = True,
) -> Fit:
    """Pool ``data``: a frame with ``yi`` and ``vi`` (as escalc makes it), or estimates with their variances ``vi``.

    ``method``: one of METHODS (EE, FE and CE have no variance between studies). ``test``: one of TESTS. Knapp-Hartung
    after Knapp & Hartung (2003), Stat Med 22:2693, and Sidik & Jonkman (2002), Stat Med 21:3153. ``level`` in
    percent. ``slab``: names of the studies or a column. ``tau2`` fixes the variance between studies. ``mods``: a
    formula ("~ year + setting"), names of columns, or numbers; see formula. ``weights``: a column or numbers instead
    of inverse variances (GENQ needs them); ``weighted=False`` weighs all rows alike. Rows without yi, vi or a
    moderator are left out, with a caution. Raises UsageError for unknown names, variances that are not positive, and
    nothing to pool.
    """
    method, test = _check_names(method, test, level)
    rows = read_rows(data, vi, slab, measure, mods=mods, intercept=intercept, weights=weights)
    model = _Model(method, test, level, tau2, weighted)
    between, cautions = _estimate_tau2(rows, model)
    fit = _fit_rows(rows, between, [*rows.cautions, *cautions], model)
    issue(fit.cautions)
    return fit


def _check_names(method: str, test: str, level: float) -> tuple[str, str]:
    for name, known, what in ((method, (*METHODS, WEIGHTED), "method"), (test, TESTS, "test")):
        if name.casefold() not in {each.casefold() for each in known}:
            near = get_close_matches(name.casefold(), [each.casefold() for each in known], n=1)
            raise UsageError(
                f'There is no {what} "{name}"',
                why=f"Known are {', '.join(known)}",
                hint=f"Did you mean {near[0].upper() if what == 'method' else near[0]}?"
                if near
                else f"Choose another {what}",
            )
    if not 0 < level < 100:
        raise UsageError(f"A level of {level:g} is no percentage between 0 and 100", hint="Give 95 for 95 %")
    return method.upper(), test.casefold()


def _estimate_tau2(rows: Rows, model: _Model) -> tuple[Tau2, list[Caution]]:
    Q = None if rows.design is None else rows.design.Q
    k, rank = len(rows.yi), 1 if Q is None else Q.shape[1]
    if not model.is_random:
        return Tau2(0.0, np.nan), []
    if model.tau2 is not None:
        return _fixed(rows, model.tau2, Q) if k > rank else Tau2(_check_tau2(model.tau2), np.nan), []
    if k == 1:
        return Tau2(0.0, np.nan), [SingleStudy("Only one study: its own result is given, nothing is pooled")]
    if k == rank:
        return Tau2(0.0, np.nan), [
            SaturatedModel(f"{rank} coefficients of {k} studies leave nothing to estimate tau2 from: it is set to 0")
        ]
    return _run_estimator(rows, model, Q)


def _fixed(rows: Rows, tau2: float, Q: Array | None) -> Tau2:
    return at_fixed_value(rows.yi, rows.vi, _check_tau2(tau2), Q)


def _check_tau2(tau2: float) -> float:
    if not (np.isfinite(tau2) and tau2 >= 0):
        raise UsageError(f"tau2 = {tau2:g} is no variance", hint="Give a number of 0 or more, or leave tau2 out")
    return tau2


def _run_estimator(rows: Rows, model: _Model, Q: Array | None) -> tuple[Tau2, list[Caution]]:
    if model.method == WEIGHTED:
        if rows.weights is None:
            raise UsageError(
                "GENQ needs weights", hint="Give weights, a column or numbers, such as the sizes of the studies"
            )
        return generalised_moment(rows.yi, rows.vi, rows.weights, Q), []
    found = ESTIMATORS[model.method](rows.yi, rows.vi, Q)
    if found.converged:
        return found, []
    return found, [NotConverged(f"{model.method} did not settle; tau2 is the best of a search over the likelihood")]


@dataclass(frozen=True, slots=True)
class _Solution:
    """Coefficients, their covariance before any test's factor, residuals and log |X'WX| - log |X'X|."""

    params: Array
    cov: Array
    residuals: Array
    log_determinant: float


def _solve(rows: Rows, w: Array, given: Array | None) -> _Solution:
    """Weighted least squares: by inverse variances ``w``, or by the weights ``given``."""
    if rows.design is None and given is None:
        total = w.sum()
        mean = inner(w, rows.yi) / total
        return _Solution(np.array([mean]), np.array([[1 / total]]), rows.yi - mean, float(np.log(total / len(w))))
    Q = np.full((len(w), 1), len(w) ** -0.5) if rows.design is None else rows.design.Q
    back = np.array([[len(w) ** -0.5]]) if rows.design is None else np.linalg.inv(rows.design.R)
    fit = weigh_columns(w if given is None else given, Q)
    g, cov = fit.coefficients(rows.yi), fit.covariance()
    if given is not None:
        cov = cov @ (Q.T @ ((given**2 / w)[:, None] * Q)) @ cov
    determinant = (fit if given is None else weigh_columns(w, Q)).log_determinant()
    return _Solution(back @ g, back @ cov @ back.T, rows.yi - Q @ g, determinant)


def _fit_rows(rows: Rows, between: Tau2, cautions: list[Caution], model: _Model) -> Fit:
    w = inverse_variances(rows.vi, between.value)
    given = rows.weights if model.weighted else np.ones_like(w)
    found = _solve(rows, w, given)
    k, p = len(w), len(found.params)
    rss = sum_of_squares(w, found.residuals)
    least = rss if given is None else weigh(w, _columns(rows.design)).quadratic(rows.yi)  # whatever the weights
    scale, ddf = _test_scale(least, k - p, model.test)
    cov = scale * found.cov
    bse = np.sqrt(np.diag(cov))
    statistics = found.params / bse
    spread = measure_spread(rows.yi, rows.vi, between.value, is_random=model.is_random, Q=_columns(rows.design))
    used = w if given is None else given
    return Fit(
        params=found.params,
        bse=bse,
        tvalues=statistics,
        pvalues=two_sided(statistics, ddf),
        tau2=between.value,
        se_tau2=between.se,
        k=k,
        QE=spread.QE,
        QEp=spread.QEp,
        vt=spread.vt,
        I2=spread.I2,
        H2=spread.H2,
        method=model.method,
        test=model.test,
        level=model.level,
        ddf=ddf,
        loglik=_log_likelihood(w, rss, found.log_determinant, k - p, restricted=model.method == "REML"),
        weights=used * (100 / used.sum()),
        yi=rows.yi,
        vi=rows.vi,
        slab=rows.slab,
        measure=rows.measure,
        dropped=rows.dropped,
        tau2_is_fixed=model.tau2 is not None and model.is_random,
        cautions=(*cautions, *_about_test(k, p, model, least), *_about_size(k, p, model)),
        cov=cov,
        design=rows.design,
        given_weights=given,
        usable=rows.usable,
        R2=_explained(rows, spread, between.value, model),
        **_test_moderators(rows.design, found.params, cov, ddf),
    )


def _columns(design: Design | None) -> Array | None:
    return None if design is None else design.Q


def _log_likelihood(w: Array, rss: float, log_determinant: float, df: int, *, restricted: bool) -> float:
    free = df if restricted else len(w)
    value = -0.5 * (free * float(np.log(2 * np.pi)) - float(np.log(w).sum()) + rss)
    return value - 0.5 * log_determinant if restricted else value


def _test_moderators(design: Design | None, params: Array, cov: Array, ddf: float) -> dict[str, Any]:
    """The joint test of the moderators, or of a mean."""
    which = [0] if design is None else list(design.moderators)
    b, m = params[which], len(which)
    inner_cov = cov[np.ix_(which, which)]
    QM = float(b[0] ** 2 / inner_cov[0, 0]) if m == 1 else float(b @ np.linalg.solve(inner_cov, b))
    QM, QMp = (QM, float(chdtrc(m, QM))) if np.isinf(ddf) else (QM / m, float(fdtrc(m, ddf, QM / m)))
    return {"QM": QM, "QMp": QMp, "QMdf": (m, ddf)}


def _explained(rows: Rows, spread: Spread, tau2: float, model: _Model) -> float:
    """R2 in percent, the share of tau2, or of the spread, that moderators explain; NaN without an intercept.

    Lopez-Lopez et al. (2014), Br J Math Stat Psychol 67:30.
    """
    if rows.design is None:
        return float("nan")
    k, p = rows.design.X.shape
    if not rows.design.has_intercept or p == 1 or model.tau2 is not None or k == p:
        return float("nan")
    if not model.is_random:
        alone = measure_spread(rows.yi, rows.vi, 0.0, is_random=False)
        return max(0.0, 100 * (1 - (spread.QE / (k - p)) / (alone.QE / (k - 1)))) if alone.QE > 0 else 0.0
    without, _ = _run_estimator(rows, model, None)
    return max(0.0, 100 * (without.value - tau2) / without.value) if without.value > 0 else 0.0


def _test_scale(rss: float, df: int, test: str) -> tuple[float, float]:
    """The factor on the variance of the coefficients, and the degrees of freedom of the test."""
    if test == "z" or df == 0:
        return 1.0, np.inf
    q = rss / df
    if test == "knha" and q > _NO_SPREAD:
        return q, float(df)
    return (max(1.0, q) if test == "adhoc" else 1.0), float(df)


def _about_test(k: int, p: int, model: _Model, rss: float) -> list[Caution]:
    if k == p:
        return []
    q = rss / (k - p)
    if model.test == "knha" and q <= _NO_SPREAD:
        return [NarrowKnappHartung("All results are equal, where Knapp-Hartung has no width: the t interval is given")]
    if model.test == "knha" and q < 1:
        return [
            NarrowKnappHartung(
                f"Knapp-Hartung multiplies the variance by {q:.3g} here, below 1: compare with test adhoc"
            )
        ]
    if model.test == "z" and 1 < k < 5 and model.is_random:
        return [FewStudies(f"A Wald test of {k} studies takes tau2 as known: its interval is too narrow")]
    return []


def _about_size(k: int, p: int, model: _Model) -> list[Caution]:
    return [*_about_moderators(k, p), *_about_prediction(k, p, model)]


def _about_moderators(k: int, p: int) -> list[Caution]:
    if p == 1 or k >= _STUDIES_PER_COEFFICIENT * (p - 1):
        return []
    return [
        ManyModerators(
            f"{p - 1} coefficients of moderators from {k} studies: chance findings are likely, tests are weak"
        )
    ]


def _about_prediction(k: int, p: int, model: _Model) -> list[Caution]:
    if p > 1 or not model.is_random or not 3 <= k < _STUDIES_FOR_PREDICTION:
        return []
    return [FewForPrediction(f"The prediction interval rests on {k} studies: it may be far too narrow or too wide")]


@dataclass(frozen=True, slots=True)
class Spread:
    """How much the studies differ: Q with its p, the typical sampling variance, I2 (percent) and H2."""

    QE: float
    QEp: float
    vt: float
    I2: float
    H2: float


def measure_spread(yi: Array, vi: Array, tau2: float, *, is_random: bool, Q: Array | None = None) -> Spread:
    """QE with its p, the typical variance vt, I2 (percent) and H2 (Higgins & Thompson 2002, Stat Med 21:1539)."""
    w = inverse_variances(vi)
    fit = weigh(w, Q)
    df = len(yi) - fit.rank
    if df == 0:
        return Spread(QE=0.0, QEp=1.0, vt=float(np.mean(vi)), I2=0.0, H2=1.0)
    q = sum_of_squares(w, fit.residuals(yi))
    vt = df / fit.trace()
    i2 = 100 * tau2 / (vt + tau2) if is_random else max(0.0, 100 * (q - df) / q) if q > 0 else 0.0
    h2 = tau2 / vt + 1 if is_random else q / df
    return Spread(QE=q, QEp=float(chdtrc(df, q)), vt=vt, I2=float(i2), H2=float(h2))
