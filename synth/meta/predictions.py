"""Predicted effects: of the mean, of new rows, and of the studies themselves (empirical Bayes)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from synth.errors import UsageError
from synth.meta.fit import Fit, Prediction, quantile
from synth.meta.measures import Array


def predict_mean(fit: Fit, *, interval: str = "default", compat: str = "5.1") -> Prediction:
    """Estimate, confidence and prediction interval of a model without moderators."""
    low, high = (float(limit) for limit in fit.conf_int()[0])
    df = _prediction_df(fit, interval, compat)
    if df <= 0:
        return Prediction(fit.estimate, fit.se, low, high, np.nan, np.nan)
    reach = quantile(fit.level, df) * float(np.sqrt(fit.se**2 + fit.tau2))
    return Prediction(fit.estimate, fit.se, low, high, fit.estimate - reach, fit.estimate + reach)


def _prediction_df(fit: Fit, interval: str, compat: str) -> float:
    if interval not in {"default", "riley"}:
        raise UsageError(f'There is no prediction interval "{interval}"', hint="Choose default or riley")
    if interval == "default" or (compat == "3.8" and np.isinf(fit.ddf)):
        return fit.ddf
    return float(fit.k - fit.p - 1)


def predict_rows(fit: Fit, newmods: Any = None, *, interval: str = "default", compat: str = "5.1") -> pd.DataFrame:
    """One row per row of ``newmods`` (None: of the studies): pred, se, ci_lb, ci_ub, pi_lb, pi_ub."""
    X = fit.X if newmods is None else fit.columns.new_rows(newmods)
    pred = X @ fit.params
    variance = np.einsum("ij,jk,ik->i", X, fit.cov, X)
    reach = quantile(fit.level, fit.ddf) * np.sqrt(variance)
    df = _prediction_df(fit, interval, compat)
    wide = quantile(fit.level, df) * np.sqrt(variance + fit.tau2) if df > 0 else np.full(len(X), np.nan)
    index = pd.Index(fit.slab, name="study") if newmods is None else pd.RangeIndex(len(X))
    numbers = {"pred": pred, "se": np.sqrt(variance), "ci_lb": pred - reach, "ci_ub": pred + reach}
    return pd.DataFrame({**numbers, "pi_lb": pred - wide, "pi_ub": pred + wide}, index=index)


def predict_deviations(fit: Fit) -> pd.DataFrame:
    """How far each study's true effect lies from the fitted one: pred, se, pi_lb, pi_ub (columns), by study.

    Best linear unbiased predictions (Raudenbush & Bryk 1985, J Educ Stat 10:75). With S = tau2/(tau2 + v) the
    prediction is S(y - xb) and its variance S v' ... = S v + S^2 Var(xb).
    """
    share = fit.tau2 / (fit.tau2 + fit.vi)
    of_fitted = _variance_of_fitted(fit)
    return _as_frame(fit, share * fit.residuals, share * fit.vi + share**2 * of_fitted)


def predict_studies(fit: Fit) -> pd.DataFrame:
    """Each study's true effect, drawn towards the fitted one: pred, se, pi_lb, pi_ub (columns), by study."""
    share = fit.tau2 / (fit.tau2 + fit.vi)
    pred = share * fit.yi + (1 - share) * fit.fitted
    return _as_frame(fit, pred, share * fit.vi + (1 - share) ** 2 * _variance_of_fitted(fit))


def _variance_of_fitted(fit: Fit) -> Array:
    return np.asarray(np.einsum("ij,jk,ik->i", fit.X, fit.cov, fit.X), dtype=np.float64)


def _as_frame(fit: Fit, pred: Array, variance: Array) -> pd.DataFrame:
    se = np.sqrt(variance)
    reach = quantile(fit.level, fit.ddf) * se
    columns = {"pred": pred, "se": se, "pi_lb": pred - reach, "pi_ub": pred + reach}
    return pd.DataFrame(columns, index=pd.Index(fit.slab, name="study"))
