"""Pooling: the common-effect and the random-effects model, their tests and intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import chdtrc, ndtr, ndtri, stdtr, stdtrit

from synth.errors import UsageError
from synth.meta.cautions import Caution, FewStudies, NarrowKnappHartung, NotConverged, SingleStudy, issue
from synth.meta.measures import Array, back_transform
from synth.meta.rows import Rows, read_rows
from synth.meta.tau2 import COMMON_EFFECT, ESTIMATORS, Tau2, at_fixed_value, generalised_q, log_likelihood

METHODS = (*ESTIMATORS, *sorted(COMMON_EFFECT))
_NO_SPREAD = 1e-20  # of the Knapp-Hartung factor: below it there is only rounding
TESTS = ("z", "t", "knha", "adhoc")
"""Wald with the normal or the t distribution; Knapp-Hartung; Knapp-Hartung that is never narrower than t."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """The pooled estimate with its confidence interval and the interval for the true effect of a new study."""

    pred: float
    se: float
    ci_lb: float
    ci_ub: float
    pi_lb: float
    pi_ub: float


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A fitted model. Everything is on the scale of analysis (logarithms for ratios); ``natural()`` transforms back.

    ``params``, ``bse``, ``tvalues``, ``pvalues`` have one entry per coefficient (one so far). ``I2`` and ``weights``
    are percent. The likelihood is restricted for REML alone. ``yi``, ``vi``, ``slab``, ``weights``: the rows used, in
    their order. ``vt`` is the typical sampling variance, ``ddf`` the degrees of freedom of the test (infinite for z).
    """

    params: Array
    bse: Array
    tvalues: Array
    pvalues: Array
    tau2: float
    se_tau2: float
    I2: float
    H2: float
    QE: float
    QEp: float
    k: int
    method: str
    test: str
    level: float
    ddf: float
    vt: float
    loglik: float
    weights: Array
    yi: Array
    vi: Array
    slab: tuple[str, ...]
    measure: str = "GEN"
    dropped: tuple[str, ...] = ()
    tau2_is_fixed: bool = False
    cautions: tuple[Caution, ...] = field(default=())

    @property
    def estimate(self) -> float:
        """The pooled estimate."""
        return float(self.params[0])

    @property
    def se(self) -> float:
        """Its standard error."""
        return float(self.bse[0])

    @property
    def is_random(self) -> bool:
        """Whether the model has a variance between studies."""
        return self.method not in COMMON_EFFECT

    def conf_int(self, level: float | None = None) -> Array:
        """Confidence limits, shape (coefficients, 2); ``level`` in percent."""
        reach = quantile(level or self.level, self.ddf) * self.bse
        return np.column_stack([self.params - reach, self.params + reach])

    def predict(self, interval: str = "default") -> Prediction:
        """Estimate, confidence and prediction interval. ``interval``: default (the test's distribution) or riley.

        Riley, Higgins & Deeks (2011, BMJ 342:d549) take t with k - 2 degrees of freedom.
        """
        low, high = self.conf_int()[0]
        df = self.ddf if interval == "default" else float(self.k - 2)
        if df <= 0:
            return Prediction(self.estimate, self.se, float(low), float(high), np.nan, np.nan)
        reach = quantile(self.level, df) * np.sqrt(self.se**2 + self.tau2)
        return Prediction(self.estimate, self.se, float(low), float(high), self.estimate - reach, self.estimate + reach)

    @property
    def has_prediction(self) -> bool:
        """A prediction interval means something only in a random-effects model of three studies or more."""
        return self.is_random and self.k >= 3

    def natural(self) -> dict[str, float | None]:
        """Estimate, confidence and prediction limits on the scale that people read (ratios as ratios)."""
        shown = self.predict()
        values = back_transform(
            self.measure, np.array([shown.pred, shown.ci_lb, shown.ci_ub, shown.pi_lb, shown.pi_ub])
        )
        names = ("estimate", "ci_low", "ci_high", "pi_low", "pi_high")
        found: dict[str, float | None] = dict(zip(names, map(float, values), strict=True))
        return found if self.has_prediction else {**found, "pi_low": None, "pi_high": None}

    @property
    def deviance(self) -> float:
        """-2 log-likelihood; against the saturated model where the likelihood is not restricted."""
        saturated = 0.0 if self._is_restricted else -0.5 * float(np.log(2 * np.pi * self.vi).sum())
        return -2 * (self.loglik - saturated)

    @property
    def _is_restricted(self) -> bool:
        return self.method == "REML"

    def _information(self) -> tuple[int, int]:
        """Number of parameters, and of observations that the likelihood rests on."""
        has_tau2 = self.is_random and not self.tau2_is_fixed
        return 2 if has_tau2 else 1, self.k - 1 if self._is_restricted else self.k

    @property
    def aic(self) -> float:
        """Akaike's criterion."""
        return -2 * self.loglik + 2 * self._information()[0]

    @property
    def bic(self) -> float:
        """The Bayesian information criterion."""
        parameters, n = self._information()
        return -2 * self.loglik + parameters * float(np.log(n)) if n > 0 else float("nan")

    @property
    def aicc(self) -> float:
        """Akaike's criterion, corrected for few studies (Hurvich & Tsai 1989, Biometrika 76:297)."""
        parameters, n = self._information()
        n = max(n, parameters + 2)
        return -2 * self.loglik + 2 * parameters * n / (n - parameters - 1)

    def confint(self, kind: str = "QP", level: float | None = None) -> Any:
        """Interval of tau2, tau, I2 and H2; see heterogeneity.confint_tau2."""
        from synth.meta.heterogeneity import confint_tau2  # noqa: PLC0415  it is built on Fit

        return confint_tau2(self, kind=kind, level=level)

    def summary(self) -> str:
        """The model as text, in the order in which metafor's users look for it."""
        from synth.meta.summary import describe_fit  # noqa: PLC0415  it is built on Fit

        return describe_fit(self)

    def summary_frame(self) -> pd.DataFrame:
        """One row per study and one for the pooled result: eff, sd_eff, ci_low, ci_upp, weight (percent)."""
        z = quantile(self.level, np.inf)
        low, high = self.conf_int()[0]
        return pd.DataFrame(
            {
                "eff": [*self.yi, self.estimate],
                "sd_eff": [*np.sqrt(self.vi), self.se],
                "ci_low": [*(self.yi - z * np.sqrt(self.vi)), low],
                "ci_upp": [*(self.yi + z * np.sqrt(self.vi)), high],
                "weight": [*self.weights, 100.0],
            },
            index=pd.Index([*self.slab, "pooled"], name="study"),
        )

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain Python values (NaN and infinities as None), under the names metafor uses."""
        low, high = self.conf_int()[0]
        shown = self.predict()
        numbers = {
            "b": [self.estimate],
            "se": [self.se],
            "zval": [float(self.tvalues[0])],
            "pval": [float(self.pvalues[0])],
            "ci_lb": [float(low)],
            "ci_ub": [float(high)],
            "pi_lb": shown.pi_lb,
            "pi_ub": shown.pi_ub,
            "tau2": self.tau2,
            "se_tau2": self.se_tau2,
            "I2": self.I2,
            "H2": self.H2,
            "QE": self.QE,
            "QEp": self.QEp,
            "vt": self.vt,
            "ddf": [self.ddf],
            "k": self.k,
            "logLik": self.loglik,
            "deviance": self.deviance,
            "AIC": self.aic,
            "BIC": self.bic,
            "AICc": self.aicc,
            "level": self.level,
            "natural": self.natural(),
            "yi": self.yi.tolist(),
            "vi": self.vi.tolist(),
            "weights": self.weights.tolist(),
        }
        words = {
            "measure": self.measure,
            "method": self.method,
            "test": self.test,
            "slab": list(self.slab),
            "dropped": list(self.dropped),
            "cautions": [caution.to_dict() for caution in self.cautions],
        }
        return {**{name: _plain(value) for name, value in numbers.items()}, **words}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value


def quantile(level: float, df: float) -> float:
    """The two-sided critical value: normal for infinite ``df``, else t."""
    upper = 0.5 + level / 200
    return float(ndtri(upper)) if np.isinf(df) else float(stdtrit(df, upper))


def _two_sided(statistic: float, df: float) -> float:
    tail = ndtr(-abs(statistic)) if np.isinf(df) else stdtr(df, -abs(statistic))
    return min(1.0, 2 * float(tail))


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
) -> Fit:
    """Pool ``data``: a frame with ``yi`` and ``vi`` (as escalc makes it), or estimates with their variances ``vi``.

    ``method``: one of METHODS (EE, FE and CE have no variance between studies). ``test``: one of TESTS. Knapp-Hartung
    after Knapp & Hartung (2003), Stat Med 22:2693, and Sidik & Jonkman (2002), Stat Med 21:3153. ``level`` in
    percent. ``slab``: names of the studies or a column. ``tau2`` fixes the variance between studies. Rows without yi
    or vi are left out, with a caution. Raises UsageError for unknown names, variances that are not positive, and
    nothing to pool.
    """
    method, test = _check_names(method, test, level)
    rows = read_rows(data, vi, slab, measure)
    between, cautions = _estimate_tau2(rows, method, tau2)
    fit = _fit_mean(rows, between, [*rows.cautions, *cautions], method=method, test=test, level=level)
    fit = replace(fit, tau2_is_fixed=tau2 is not None and fit.is_random)
    issue(fit.cautions)
    return fit


def _check_names(method: str, test: str, level: float) -> tuple[str, str]:
    for name, known, what in ((method, METHODS, "method"), (test, TESTS, "test")):
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


def _estimate_tau2(rows: Rows, method: str, fixed: float | None) -> tuple[Tau2, list[Caution]]:
    if fixed is not None and method not in COMMON_EFFECT:
        return at_fixed_value(rows.yi, rows.vi, fixed), []
    if method in COMMON_EFFECT:
        return Tau2(0.0, np.nan), []
    if len(rows.yi) == 1:
        return Tau2(0.0, np.nan), [SingleStudy("Only one study: its own result is given, nothing is pooled")]
    found = ESTIMATORS[method](rows.yi, rows.vi)
    if found.converged:
        return found, []
    return found, [NotConverged(f"{method} did not settle; tau2 is the best of a search over the likelihood")]


def _fit_mean(rows: Rows, between: Tau2, cautions: list[Caution], *, method: str, test: str, level: float) -> Fit:
    yi, vi, k = rows.yi, rows.vi, len(rows.yi)
    w = 1 / (vi + between.value)
    mean = float(w @ yi / w.sum())
    scale, ddf = _test_scale(yi, w, mean, test)
    se = float(np.sqrt(scale / w.sum()))
    statistic = mean / se
    spread = measure_spread(yi, vi, between.value, is_random=method not in COMMON_EFFECT)
    return Fit(
        params=np.array([mean]),
        bse=np.array([se]),
        tvalues=np.array([statistic]),
        pvalues=np.array([_two_sided(statistic, ddf)]),
        tau2=between.value,
        se_tau2=between.se,
        k=k,
        QE=spread.QE,
        QEp=spread.QEp,
        vt=spread.vt,
        I2=spread.I2,
        H2=spread.H2,
        method=method,
        test=test,
        level=level,
        ddf=ddf,
        loglik=log_likelihood(yi, vi, between.value, restricted=method == "REML"),
        weights=100 * w / w.sum(),
        yi=yi,
        vi=vi,
        slab=rows.slab,
        measure=rows.measure,
        dropped=rows.dropped,
        cautions=(*cautions, *_about_test(k, test, scale, method), *_about_equal_results(yi, w, mean, test)),
    )


def _residual_ratio(yi: Array, w: Array, mean: float) -> float:
    """The weighted spread around the mean over its degrees of freedom: the factor of Knapp and Hartung."""
    return float(w @ (yi - mean) ** 2) / (len(yi) - 1)


def _test_scale(yi: Array, w: Array, mean: float, test: str) -> tuple[float, float]:
    """The factor on the variance of the mean, and the degrees of freedom of the test."""
    df = len(yi) - 1
    if test == "z" or df == 0:
        return 1.0, np.inf
    q = _residual_ratio(yi, w, mean)
    if test == "knha" and q > _NO_SPREAD:
        return q, float(df)
    return (max(1.0, q) if test == "adhoc" else 1.0), float(df)


def _about_test(k: int, test: str, scale: float, method: str) -> list[Caution]:
    found: list[Caution] = []
    if test == "knha" and scale < 1 and k > 1:
        found.append(
            NarrowKnappHartung(
                f"Knapp-Hartung multiplies the variance by {scale:.3g} here, below 1: compare with test adhoc"
            )
        )
    if test == "z" and 1 < k < 5 and method not in COMMON_EFFECT:
        found.append(FewStudies(f"A Wald test of {k} studies takes tau2 as known: its interval is too narrow"))
    return found


def _about_equal_results(yi: Array, w: Array, mean: float, test: str) -> list[Caution]:
    """Knapp-Hartung of results without any spread would be an interval without width."""
    if test != "knha" or len(yi) < 2 or _residual_ratio(yi, w, mean) > _NO_SPREAD:
        return []
    return [NarrowKnappHartung("All results are equal, where Knapp-Hartung has no width: the t interval is given")]


@dataclass(frozen=True, slots=True)
class Spread:
    """How much the studies differ: Q with its p, the typical sampling variance, I2 (percent) and H2."""

    QE: float
    QEp: float
    vt: float
    I2: float
    H2: float


def measure_spread(yi: Array, vi: Array, tau2: float, *, is_random: bool) -> Spread:
    """QE with its p, the typical variance vt, I2 (percent) and H2 (Higgins & Thompson 2002, Stat Med 21:1539)."""
    df = len(yi) - 1
    if df == 0:
        return Spread(QE=0.0, QEp=1.0, vt=float(vi[0]), I2=0.0, H2=1.0)
    w = 1 / vi
    q = generalised_q(yi, vi, 0.0)
    vt = df * w.sum() / (w.sum() ** 2 - w @ w)
    i2 = 100 * tau2 / (vt + tau2) if is_random else max(0.0, 100 * (q - df) / q) if q > 0 else 0.0
    h2 = tau2 / vt + 1 if is_random else q / df
    return Spread(QE=q, QEp=float(chdtrc(df, q)), vt=float(vt), I2=float(i2), H2=float(h2))
