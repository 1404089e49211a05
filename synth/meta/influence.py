"""What the result owes to single studies: leaving one out, adding one at a time, influence, all subsets.

Sources: Viechtbauer & Cheung (2010), Res Synth Methods 1:112 (deleted residuals, DFFITS, Cook's distances, covariance
ratios, DFBETAS); Olkin, Dahabreh & Trikalinos (2012), Res Synth Methods 3:214 (all subsets). All fits of a function
run at once (see batch).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import chdtr, chdtrc, ndtri, stdtrit

from synth.errors import UsageError
from synth.meta.batch import ManyFits, fit_many
from synth.meta.bias import need_studies
from synth.meta.fit import Fit
from synth.meta.measures import Array
from synth.meta.pool import two_sided

_FULL_LEVERAGE = 1 - 1e-9
"""A study with this leverage alone determines a coefficient: without it there is no fit."""


def _need_own_weights(fit: Fit, what: str) -> None:
    if fit.given_weights is not None:
        raise UsageError(f"{what} is defined for inverse-variance weights", hint="Fit without weights of your own")


def refit(fit: Fit, mask: Array) -> ManyFits:
    """The model of ``fit`` for the studies of each row of ``mask`` (B x k; 1 for in, 0 for out)."""
    Q = fit.columns.Q
    if not fit.tau2_is_fixed:
        return fit_many(fit.yi, fit.vi, fit.method, Q=Q, mask=mask)
    common = fit_many(fit.yi, fit.vi, "EE", Q=Q, mask=mask)
    found = fit_many(fit.yi, fit.vi + fit.tau2, "EE", Q=Q, mask=mask)
    return ManyFits(found.params, found.cov, np.full(len(mask), fit.tau2), found.rss, common.QE, found.k)


def _summarise(fit: Fit, mask: Array) -> dict[str, Array]:
    """Estimate ... H2 of a mean, one entry per row of ``mask``, under the names that metafor uses."""
    many, root = refit(fit, mask), float(np.sqrt(fit.k))
    estimate, df = many.params[:, 0] / root, many.k - 1
    se = np.sqrt(many.cov[:, 0, 0] * many.scale(fit.test)) / root
    statistic, upper = estimate / se, 0.5 + fit.level / 200
    is_normal = (df == 0) | (fit.test == "z")
    safe = np.where(is_normal, 1.0, df)
    reach = np.where(is_normal, ndtri(upper), stdtrit(safe, upper)) * se
    pval = np.where(
        is_normal, two_sided(statistic, np.inf), [two_sided(*each) for each in zip(statistic, safe, strict=True)]
    )
    found = {
        "estimate": estimate,
        "se": se,
        "zval": statistic,
        "pval": pval,
        "ci_lb": estimate - reach,
        "ci_ub": estimate + reach,
    }
    return {**found, **_spread(fit, mask, many)}


def _spread(fit: Fit, mask: Array, many: ManyFits) -> dict[str, Array]:
    df, w = many.k - 1, mask / fit.vi
    several = df > 0
    q, safe = np.where(several, many.QE, 0.0), np.where(several, df, 1.0)
    vt = safe * w.sum(axis=1) / np.where(several, w.sum(axis=1) ** 2 - (w**2).sum(axis=1), 1.0)
    if fit.is_random:
        i2, h2 = 100 * many.tau2 / (vt + many.tau2), many.tau2 / vt + 1
    else:
        i2, h2 = 100 * np.maximum(0.0, q - df) / np.where(q > 0, q, 1.0), q / safe
    p = np.where(several, chdtrc(safe, q), 1.0)
    return {
        "Q": q, "Qp": p, "tau2": many.tau2, "I2": np.where(several, i2, 0.0), "H2": np.where(several, h2, 1.0),
    }  # fmt: skip


def leave_one_out(fit: Fit) -> pd.DataFrame:
    """The pooled result without each study: estimate, se, zval, pval, ci_lb, ci_ub, Q, Qp, tau2, I2, H2."""
    need_studies(fit, 2, "Leaving one study out")
    _need_own_weights(fit, "Leaving one study out")
    found = _summarise(fit, 1.0 - np.eye(fit.k))
    return pd.DataFrame(found, index=pd.Index(fit.slab, name="left out"))


def cumulative(fit: Fit, order: Sequence[float] | Array | None = None) -> pd.DataFrame:
    """The pooled result as studies come in, in increasing ``order`` (by default that of the rows); columns as above."""
    need_studies(fit, 1, "A cumulative meta-analysis")
    _need_own_weights(fit, "A cumulative meta-analysis")
    places = np.arange(fit.k) if order is None else np.argsort(_read_order(fit, order), kind="stable")
    mask = np.zeros((fit.k, fit.k))
    for number, place in enumerate(places):
        mask[number:, place] = 1.0
    names = [fit.slab[place] for place in places]
    return pd.DataFrame(_summarise(fit, mask), index=pd.Index(names, name="added"))


def _read_order(fit: Fit, order: Sequence[float] | Array) -> Array:
    values = np.asarray(order, dtype=np.float64)
    if values.shape != (fit.k,) or np.isnan(values).any():
        raise UsageError(f"order must hold {fit.k} numbers, one per study that was pooled", hint="Give the years, say")
    return values


@dataclass(frozen=True, slots=True, eq=False)
class Influence:
    """``table``: rstudent, dffits, cook_d, cov_r, tau2_del, QE_del, hat, weight, is_infl by study.

    ``dfbetas``: one column per coefficient. NaN stands where there is no fit without the study.
    """

    table: pd.DataFrame
    dfbetas: pd.DataFrame


def hat_values(fit: Fit) -> Array:
    """The leverage of each study."""
    Q, w = fit.columns.Q, 1 / (fit.vi + fit.tau2)
    inner = np.linalg.inv(Q.T @ (w[:, None] * Q))
    return np.asarray(w * np.einsum("ij,jk,ik->i", Q, inner, Q))


@dataclass(frozen=True, slots=True, eq=False)
class Deleted:
    """Coefficients, covariances, tau2 and QE without each study in turn; ``scale`` is that of the test."""

    params: Array
    cov: Array
    tau2: Array
    QE: Array
    scale: Array


def delete_each(fit: Fit) -> Deleted:
    """Fit without each study; NaN where a study alone determines a coefficient, so that there is no such fit."""
    _need_own_weights(fit, "Influence")
    if fit.k < fit.p + 1:
        raise UsageError(
            f"{fit.k} studies and {fit.p} coefficients: none can be left out", hint="Influence needs more studies"
        )
    hat = hat_values(fit)
    usable = np.flatnonzero(hat < _FULL_LEVERAGE)
    mask = (1.0 - np.eye(fit.k))[usable]
    many = refit(fit, mask)
    back = np.linalg.inv(fit.columns.R)
    scale = many.scale(fit.test)
    cov = np.einsum("ij,bjk,lk->bil", back, many.cov, back) * scale[:, None, None]
    p = many.params.shape[1]
    full = Deleted(
        np.full((fit.k, p), np.nan), np.full((fit.k, p, p), np.nan), *(np.full(fit.k, np.nan) for _ in range(3))
    )
    full.params[usable], full.cov[usable] = many.params @ back.T, cov
    full.tau2[usable], full.QE[usable], full.scale[usable] = many.tau2, many.QE, scale
    return full


def rstandard(fit: Fit) -> pd.DataFrame:
    """Residuals with their standard errors: resid, se, z by study."""
    _need_own_weights(fit, "The standardised residual")
    se = np.sqrt((fit.vi + fit.tau2) * np.clip(1 - hat_values(fit), 0, None))
    return _as_residuals(fit, fit.residuals, se)


def rstudent(fit: Fit) -> pd.DataFrame:
    """Residuals from the fit without the study: resid, se, z by study; NaN where there is no such fit."""
    return _deleted_residuals(fit, delete_each(fit))


def _deleted_residuals(fit: Fit, without: Deleted) -> pd.DataFrame:
    fitted = np.einsum("ij,ij->i", fit.X, without.params)
    variance = fit.vi + without.tau2 + np.einsum("ij,ijk,ik->i", fit.X, without.cov, fit.X)
    return _as_residuals(fit, fit.yi - fitted, np.sqrt(variance))


def _as_residuals(fit: Fit, resid: Array, se: Array) -> pd.DataFrame:
    z = np.divide(resid, se, out=np.full(fit.k, np.nan), where=se > 0)
    return pd.DataFrame({"resid": resid, "se": se, "z": z}, index=pd.Index(fit.slab, name="study"))


def influence(fit: Fit) -> Influence:
    """Deletion diagnostics of each study.

    ``is_infl`` marks a study with |DFFITS| > 3 sqrt(p/(k - p)), a Cook's distance beyond the median of its
    chi-square, a leverage above 3p/k, or a |DFBETAS| above 1.
    """
    without, hat = delete_each(fit), hat_values(fit)
    shift = fit.params - without.params
    dffits = (np.einsum("ij,ij->i", fit.X, shift)) / np.sqrt(hat * (without.tau2 + fit.vi))
    cook = np.einsum("ij,jk,ik->i", shift, np.linalg.inv(fit.cov), shift)
    ratio = np.linalg.det(without.cov) / np.linalg.det(fit.cov)
    dfbetas = shift / _spread_with_tau2_of_others(fit, without)
    columns = {
        "rstudent": _deleted_residuals(fit, without)["z"].to_numpy(), "dffits": dffits, "cook_d": cook, "cov_r": ratio,
        "tau2_del": without.tau2, "QE_del": without.QE, "hat": hat, "weight": fit.weights,
        "is_infl": _judge(fit, dffits, cook, hat, dfbetas),
    }  # fmt: skip
    index = pd.Index(fit.slab, name="study")
    return Influence(pd.DataFrame(columns, index=index), pd.DataFrame(dfbetas, index=index, columns=list(fit.names)))


def _spread_with_tau2_of_others(fit: Fit, without: Deleted) -> Array:
    """Standard errors of the coefficients of all studies, at the tau2 found without each one (k x p)."""
    Q, back = fit.columns.Q, np.linalg.inv(fit.columns.R)
    w = 1 / (fit.vi + np.nan_to_num(without.tau2)[:, None])
    inner = np.linalg.inv(np.einsum("bk,ki,kj->bij", w, Q, Q))
    variance = np.einsum("ij,bjk,ik->bi", back, inner, back)
    return np.asarray(np.sqrt(variance * without.scale[:, None]))


def _judge(fit: Fit, dffits: Array, cook: Array, hat: Array, dfbetas: Array) -> NDArray[np.bool_]:
    k, p = fit.k, fit.p
    found = np.abs(dffits) > 3 * np.sqrt(p / (k - p))
    found |= chdtr(p, np.nan_to_num(cook)) > 0.5
    return np.asarray(found | (hat > 3 * p / k) | (np.abs(dfbetas) > 1).any(axis=1))


@dataclass(frozen=True, slots=True, eq=False)
class Gosh:
    """``table``: k, estimate, QE, I2, H2, tau2 by subset; ``included``: which studies (subsets x k)."""

    table: pd.DataFrame
    included: NDArray[np.bool_]
    complete: bool


def gosh(fit: Fit, *, subsets: int = 100_000, seed: int = 1) -> Gosh:
    """Pool every subset of the studies, or ``subsets`` random ones if there are more (each equally likely)."""
    need_studies(fit, 2, "A plot of all subsets")
    _need_own_weights(fit, "A plot of all subsets")
    complete = fit.k < 60 and 2**fit.k - 1 <= subsets
    included = _every_subset(fit.k) if complete else _some_subsets(fit.k, subsets, seed)
    parts = [_summarise_subsets(fit, part) for part in _in_pieces(included, fit.k)]
    return Gosh(pd.concat(parts, ignore_index=True), included, complete)


def _every_subset(k: int) -> NDArray[np.bool_]:
    codes = np.arange(1, 2**k, dtype=np.int64)
    return np.asarray((codes[:, None] >> np.arange(k)) & 1 == 1)


def _some_subsets(k: int, number: int, seed: int) -> NDArray[np.bool_]:
    rng = np.random.default_rng(seed)
    found = rng.random((number, k)) < 0.5
    empty = ~found.any(axis=1)
    found[empty, rng.integers(0, k, int(empty.sum()))] = True
    return found


def _in_pieces(included: NDArray[np.bool_], k: int) -> Iterator[NDArray[np.bool_]]:
    size = max(1, 2_000_000 // k)
    for start in range(0, len(included), size):
        yield included[start : start + size]


def _summarise_subsets(fit: Fit, included: NDArray[np.bool_]) -> pd.DataFrame:
    mask = included.astype(np.float64)
    many = refit(fit, mask)
    spread = _spread(fit, mask, many)
    estimate = many.params[:, 0] / np.sqrt(fit.k)
    found = {"k": included.sum(axis=1), "estimate": estimate, "QE": spread["Q"]}
    return pd.DataFrame({**found, **{name: spread[name] for name in ("I2", "H2", "tau2")}})
