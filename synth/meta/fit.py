"""A fitted model: its numbers, what can be asked of it, and how it is written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, overload

import numpy as np
import pandas as pd
from scipy.special import ndtri, stdtrit

from synth.meta.cautions import Caution
from synth.meta.design import Design, describe_columns, intercept_only
from synth.meta.measures import Array, back_transform
from synth.meta.tau2 import COMMON_EFFECT

if TYPE_CHECKING:
    from synth.meta.compare_models import ModelComparison, WaldTest
    from synth.meta.permutation import Permutation
    from synth.meta.robust import RobustFit


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

    ``params``, ``bse``, ``tvalues``, ``pvalues`` have one entry per coefficient, named in ``names``; ``cov`` is their
    covariance matrix. ``I2``, ``R2`` and ``weights`` are percent. The likelihood is restricted for REML alone.
    ``yi``, ``vi``, ``slab``, ``weights``: the rows used, in their order. ``vt`` is the typical sampling variance,
    ``ddf`` the degrees of freedom of the test (infinite for z). ``QM`` tests all moderators together (a chi-square, or
    F where ``ddf`` is finite) with ``QMdf`` degrees of freedom. ``design`` holds the moderators (None: a mean),
    ``given_weights`` the weights of the caller (None: by inverse variance). ``usable`` marks the rows of the input
    that are in the model.
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
    slab: Sequence[str]
    measure: str = "GEN"
    dropped: tuple[str, ...] = ()
    tau2_is_fixed: bool = False
    cautions: tuple[Caution, ...] = field(default=())
    cov: Array = field(default_factory=lambda: np.empty((0, 0)))
    design: Design | None = None
    given_weights: Array | None = None
    QM: float = float("nan")
    QMp: float = float("nan")
    QMdf: tuple[int, float] = (1, float("inf"))
    R2: float = float("nan")
    usable: Any = None

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the coefficients."""
        return ("intrcpt",) if self.design is None else self.design.names

    @property
    def p(self) -> int:
        """Number of coefficients."""
        return len(self.params)

    @property
    def is_regression(self) -> bool:
        """Whether the model has moderators."""
        return self.design is not None

    @property
    def columns(self) -> Design:
        """The design matrix, that of a mean included."""
        return intercept_only(self.k) if self.design is None else self.design

    @property
    def X(self) -> Array:
        """The design matrix, k x p."""
        return self.columns.X

    @property
    def Q(self) -> Array | None:
        """Orthonormal columns that span the moderators; None for a mean (see regression)."""
        return None if self.design is None else self.design.Q

    @property
    def fitted(self) -> Array:
        """The estimate for each study."""
        found: Array = self.X @ self.params
        return found

    @property
    def residuals(self) -> Array:
        """Observed minus fitted."""
        return self.yi - self.fitted

    @property
    def estimate(self) -> float:
        """The pooled estimate (of a regression: the first coefficient)."""
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

    @overload
    def predict(self, newmods: None = None, *, interval: str = "default", compat: str = "5.1") -> Prediction: ...
    @overload
    def predict(self, newmods: Any, *, interval: str = "default", compat: str = "5.1") -> pd.DataFrame: ...
    def predict(
        self, newmods: Any = None, *, interval: str = "default", compat: str = "5.1"
    ) -> Prediction | pd.DataFrame:
        """Estimate, confidence and prediction interval: of the mean, or of each row of ``newmods``.

        ``newmods``: a frame or mapping of moderators, or numbers without the intercept; a regression without newmods
        predicts its own studies. ``interval``: default (the test's distribution) or riley: t with k - p - 1 degrees of
        freedom (Riley, Higgins & Deeks 2011, BMJ 342:d549). ``compat="3.8"``: riley stays normal after a z test, as
        metafor 3.8 has it. A frame has the columns pred, se, ci_lb, ci_ub, pi_lb, pi_ub.
        """
        from synth.meta.predictions import predict_mean, predict_rows  # noqa: PLC0415  it is built on Fit

        if newmods is None and self.design is None:
            return predict_mean(self, interval=interval, compat=compat)
        return predict_rows(self, newmods, interval=interval, compat=compat)

    @property
    def has_prediction(self) -> bool:
        """A prediction interval means something only in a random-effects model of three studies or more."""
        return self.is_random and self.k >= 3 and self.design is None

    def natural(self) -> dict[str, float | None]:
        """Estimate, confidence and prediction limits on the scale that people read (ratios as ratios).

        Of a regression all are None: its coefficients are no pooled results.
        """
        names = ("estimate", "ci_low", "ci_high", "pi_low", "pi_high")
        if self.design is not None:
            return dict.fromkeys(names)
        shown = self.predict()
        values = back_transform(
            self.measure, np.array([shown.pred, shown.ci_lb, shown.ci_ub, shown.pi_lb, shown.pi_ub])
        )
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

    @property
    def _information(self) -> tuple[int, int]:
        """Number of parameters, and of observations that the likelihood rests on."""
        has_tau2 = self.is_random and not self.tau2_is_fixed
        return self.p + has_tau2, self.k - self.p if self._is_restricted else self.k

    @property
    def aic(self) -> float:
        """Akaike's criterion."""
        return -2 * self.loglik + 2 * self._information[0]

    @property
    def bic(self) -> float:
        """The Bayesian information criterion."""
        parameters, n = self._information
        return -2 * self.loglik + parameters * float(np.log(n)) if n > 0 else float("nan")

    @property
    def aicc(self) -> float:
        """Akaike's criterion, corrected for few studies (Hurvich & Tsai 1989, Biometrika 76:297)."""
        parameters, n = self._information
        n = max(n, parameters + 2)
        return -2 * self.loglik + 2 * parameters * n / (n - parameters - 1)

    def confint(self, kind: str = "QP", level: float | None = None) -> Any:
        """Interval of tau2, tau, I2 and H2; see heterogeneity.confint_tau2."""
        from synth.meta.heterogeneity import confint_tau2  # noqa: PLC0415  it is built on Fit

        return confint_tau2(self, kind=kind, level=level)

    def anova(self, other: Fit | None = None, **which: Any) -> WaldTest | ModelComparison:
        """Compare with a smaller model (likelihood ratio), or test coefficients; see compare_models."""
        from synth.meta.compare_models import compare_fits, wald_test  # noqa: PLC0415  it is built on Fit

        return wald_test(self, **which) if other is None else compare_fits(self, other)

    def vif(self) -> pd.Series:
        """Variance inflation factors; see compare_models.variance_inflation."""
        from synth.meta.compare_models import variance_inflation  # noqa: PLC0415  it is built on Fit

        return variance_inflation(self)

    def permutation(self, n: int = 1000, **options: Any) -> Permutation:
        """A permutation test of the coefficients; see permutation.permute."""
        from synth.meta.permutation import permute  # noqa: PLC0415  it is built on Fit

        return permute(self, n, **options)

    def robust(self, cluster: Any, kind: str = "CR2") -> RobustFit:
        """Standard errors that hold if results of one ``cluster`` depend on each other; see robust.robust_fit."""
        from synth.meta.robust import robust_fit  # noqa: PLC0415  it is built on Fit

        return robust_fit(self, cluster, kind=kind)

    def leave_one_out(self) -> pd.DataFrame:
        """The model without each study; see influence.leave_one_out."""
        from synth.meta.influence import leave_one_out  # noqa: PLC0415  it is built on Fit

        return leave_one_out(self)

    def cumulative(self, order: Sequence[float] | Array | None = None) -> pd.DataFrame:
        """The model as studies are added in increasing ``order``; see influence.cumulative."""
        from synth.meta.influence import cumulative  # noqa: PLC0415  it is built on Fit

        return cumulative(self, order)

    def influence(self) -> Any:
        """What each study does to the model; see influence.influence."""
        from synth.meta.influence import influence  # noqa: PLC0415  it is built on Fit

        return influence(self)

    def trim_fill(self, **options: Any) -> Any:
        """The model with the studies that a funnel plot seems to miss; see trim_fill.trim_fill."""
        from synth.meta.trim_fill import trim_fill  # noqa: PLC0415  it is built on Fit

        return trim_fill(self, **options)

    def regtest(self, **options: Any) -> Any:
        """Egger's test and its kin; see bias.regtest."""
        from synth.meta.bias import regtest  # noqa: PLC0415  it is built on Fit

        return regtest(self, **options)

    def selection(self, shape: str = "step", **options: Any) -> Any:
        """A selection model; see selection.select."""
        from synth.meta.selection import select  # noqa: PLC0415  it is built on Fit

        return select(self, shape, **options)

    def gosh(self, **options: Any) -> Any:
        """All subsets of the studies, pooled; see influence.gosh."""
        from synth.meta.influence import gosh  # noqa: PLC0415  it is built on Fit

        return gosh(self, **options)

    def blup(self) -> pd.DataFrame:
        """The best prediction of each study's true effect; see predictions.predict_studies."""
        from synth.meta.predictions import predict_studies  # noqa: PLC0415  it is built on Fit

        return predict_studies(self)

    def ranef(self) -> pd.DataFrame:
        """The deviation of each study's true effect from the fitted one; see predictions.predict_deviations."""
        from synth.meta.predictions import predict_deviations  # noqa: PLC0415  it is built on Fit

        return predict_deviations(self)

    def summary(self) -> str:
        """The model as text, in the order in which metafor's users look for it."""
        from synth.meta.summary import describe_fit  # noqa: PLC0415  it is built on Fit

        return describe_fit(self)

    def coefficients_frame(self) -> pd.DataFrame:
        """One row per coefficient: estimate, se, statistic, pval, ci_lb, ci_ub."""
        limits = self.conf_int()
        columns = {"estimate": self.params, "se": self.bse, "statistic": self.tvalues, "pval": self.pvalues}
        return pd.DataFrame({**columns, "ci_lb": limits[:, 0], "ci_ub": limits[:, 1]}, index=pd.Index(self.names))

    def summary_frame(self) -> pd.DataFrame:
        """One row per study and one for the pooled result: eff, sd_eff, ci_low, ci_upp, weight (percent)."""
        z = quantile(self.level, np.inf)
        low, high = self.conf_int()[0]
        frame = pd.DataFrame(
            {
                "eff": [*self.yi, self.estimate],
                "sd_eff": [*np.sqrt(self.vi), self.se],
                "ci_low": [*(self.yi - z * np.sqrt(self.vi)), low],
                "ci_upp": [*(self.yi + z * np.sqrt(self.vi)), high],
                "weight": [*self.weights, 100.0],
            },
            index=pd.Index([*self.slab, "pooled"], name="study"),
        )
        return frame if self.design is None else frame.iloc[:-1].assign(fitted=self.fitted)

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain Python values (NaN and infinities as None), under the names metafor uses."""
        return {**{name: _plain(value) for name, value in _numbers_of(self).items()}, **_words_of(self)}


def _numbers_of(fit: Fit) -> dict[str, Any]:
    limits = fit.conf_int()
    found = {
        "b": fit.params.tolist(),
        "se": fit.bse.tolist(),
        "zval": fit.tvalues.tolist(),
        "pval": fit.pvalues.tolist(),
        "ci_lb": limits[:, 0].tolist(),
        "ci_ub": limits[:, 1].tolist(),
        "tau2": fit.tau2,
        "se_tau2": fit.se_tau2,
        "I2": fit.I2,
        "H2": fit.H2,
        "QE": fit.QE,
        "QEp": fit.QEp,
        "vt": fit.vt,
        "ddf": [fit.ddf],
        "k": fit.k,
        "logLik": fit.loglik,
        "deviance": fit.deviance,
        "AIC": fit.aic,
        "BIC": fit.bic,
        "AICc": fit.aicc,
        "level": fit.level,
        "natural": fit.natural(),
        "yi": fit.yi.tolist(),
        "vi": fit.vi.tolist(),
        "weights": fit.weights.tolist(),
    }
    if fit.design is not None:
        return {**found, "QM": fit.QM, "QMp": fit.QMp, "QMdf": list(fit.QMdf), "R2": fit.R2, "cov": fit.cov.tolist()}
    shown = fit.predict()
    return {**found, "pi_lb": shown.pi_lb, "pi_ub": shown.pi_ub}


def _words_of(fit: Fit) -> dict[str, Any]:
    found = {
        "measure": fit.measure,
        "method": fit.method,
        "test": fit.test,
        "slab": list(fit.slab),
        "dropped": list(fit.dropped),
        "cautions": [caution.to_dict() for caution in fit.cautions],
    }
    if fit.design is None:
        return found
    return {**found, "names": list(fit.names), "mods": describe_columns(fit.design)}


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
