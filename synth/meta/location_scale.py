"""Location-scale models: moderators of the effect, and moderators of how much the effects differ.

log tau2_i = Z_i a: Viechtbauer & Lopez-Lopez (2022), Res Synth Methods 13:697.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from synth.errors import UsageError
from synth.meta.cautions import BoundaryEstimate, Caution, NotConverged, issue
from synth.meta.design import Design, complete, read_design
from synth.meta.fit import quantile
from synth.meta.measures import Array
from synth.meta.optimum import Objective, find_minimum, hessian
from synth.meta.pool import two_sided
from synth.meta.regression import weigh_columns
from synth.meta.rows import Rows, read_rows
from synth.meta.tau2 import ESTIMATORS


@dataclass(frozen=True, slots=True, eq=False)
class LocationScaleFit:
    """Coefficients of the effect (``params``, ``bse`` ...) and of log tau2 (``alpha``, ``se_alpha`` ...).

    ``tau2`` has one value per study.
    """

    params: Array
    bse: Array
    tvalues: Array
    pvalues: Array
    names: tuple[str, ...]
    alpha: Array
    se_alpha: Array
    z_alpha: Array
    p_alpha: Array
    scale_names: tuple[str, ...]
    tau2: Array
    loglik: float
    cov: Array
    k: int
    method: str
    test: str
    level: float
    ddf: float
    slab: Sequence[str]
    dropped: tuple[str, ...]
    cautions: tuple[Caution, ...]

    def conf_int(self, level: float | None = None) -> Array:
        """Confidence limits of the coefficients of the effect, shape (coefficients, 2)."""
        reach = quantile(level or self.level, self.ddf) * self.bse
        return np.column_stack([self.params - reach, self.params + reach])

    @property
    def aic(self) -> float:
        """Akaike's criterion."""
        return -2 * self.loglik + 2 * (len(self.params) + len(self.alpha))

    def coefficients_frame(self) -> pd.DataFrame:
        """One row per coefficient (part: location or scale): estimate, se, statistic, pval."""
        location = pd.DataFrame(
            {"estimate": self.params, "se": self.bse, "statistic": self.tvalues, "pval": self.pvalues}, index=self.names
        )
        scale = pd.DataFrame(
            {"estimate": self.alpha, "se": self.se_alpha, "statistic": self.z_alpha, "pval": self.p_alpha},
            index=self.scale_names,
        )
        return pd.concat({"location": location, "scale": scale}, names=["part", "name"])

    def summary(self) -> str:
        """The model as text."""
        table = self.coefficients_frame().to_string(float_format=lambda value: f"{value:.4f}")
        head = f"Location-scale model (log tau2 by {self.method}), {self.k} studies\n\n"
        notes = "".join(f"\nCaution: {caution}" for caution in self.cautions)
        return f"{head}{table}\n\ntau2 from {self.tau2.min():.4f} to {self.tau2.max():.4f}\n{notes}"

    def to_dict(self) -> dict[str, Any]:
        """Plain Python values."""
        arrays = {
            "b": self.params, "se": self.bse, "zval": self.tvalues, "pval": self.pvalues, "alpha": self.alpha,
            "se_alpha": self.se_alpha, "zval_alpha": self.z_alpha, "pval_alpha": self.p_alpha, "tau2": self.tau2,
        }  # fmt: skip
        words = {"names": list(self.names), "scale_names": list(self.scale_names), "method": self.method}
        cautions = [caution.to_dict() for caution in self.cautions]
        numbers = {name: values.tolist() for name, values in arrays.items()}
        return {**numbers, **words, "logLik": self.loglik, "AIC": self.aic, "k": self.k, "cautions": cautions}


def location_scale(
    data: Any,
    vi: Any = None,
    *,
    mods: Any = None,
    scale: Any,
    method: str = "REML",
    test: str = "z",
    level: float = 95,
    slab: str | Sequence[str] | None = None,
) -> LocationScaleFit:
    """Fit y = X b + u + e with log Var(u_i) = Z_i a; ``mods`` make X and ``scale`` makes Z, both as in rma.

    ``method``: REML or ML; ``test``: z or t (k - p). Raises UsageError as rma does.
    """
    if method.upper() not in {"REML", "ML"} or test not in {"z", "t"}:
        raise UsageError(f"A location-scale model has no {method} with {test}", hint="REML or ML, with z or t")
    rows, Z = _read(data, vi, mods, scale, slab)
    if len(rows.yi) <= _design(rows).X.shape[1] + Z.X.shape[1]:
        raise UsageError(
            f"{len(rows.yi)} studies cannot carry {_design(rows).X.shape[1] + Z.X.shape[1]} coefficients",
            hint="Use fewer moderators",
        )
    fit = _fit(rows, Z, restricted=method.upper() == "REML", test=test, level=level)
    issue(fit.cautions)
    return fit


def _read(data: Any, vi: Any, mods: Any, scale: Any, slab: Any) -> tuple[Rows, Design]:
    """Rows with all moderators of both parts."""
    frame = data if isinstance(data, pd.DataFrame) else None
    k = len(data)
    Z = read_design(scale, frame, k)
    if Z is None:
        raise UsageError("The scale has no moderators", hint='Give scale="~ x", or pool with rma')
    if frame is not None:
        whole = np.isfinite(Z.X).all(axis=1)
        data = frame.assign(yi=frame["yi"].where(whole)) if "yi" in frame.columns else frame
    rows = read_rows(data, vi, slab, None, mods=mods)
    assert rows.usable is not None
    return rows, complete(Z, rows.usable)


def _design(rows: Rows) -> Design:
    from synth.meta.design import intercept_only  # noqa: PLC0415  used in one place

    return intercept_only(len(rows.yi)) if rows.design is None else rows.design


def _likelihood(rows: Rows, X: Design, Z: Design, *, restricted: bool) -> Objective:
    """Minus the log-likelihood of a, and its gradient."""
    k, p = X.X.shape

    def objective(alpha: Array) -> tuple[float, Array]:
        tau2 = np.exp(np.clip(Z.X @ alpha, -700, 50))
        w = 1 / (rows.vi + tau2)
        fit = weigh_columns(w, X.Q)
        r = fit.residuals(rows.yi)
        value = (k - p if restricted else k) * np.log(2 * np.pi) - np.log(w).sum() + w @ r**2
        own = w
        if restricted:
            value += fit.log_determinant()
            own = w - w**2 * np.einsum("ij,jk,ik->i", X.Q, fit.covariance(), X.Q)
        return float(value) / 2, -Z.X.T @ (((w * r) ** 2 - own) * tau2) / 2

    return objective


def _fit(rows: Rows, Z: Design, *, restricted: bool, test: str, level: float) -> LocationScaleFit:
    X = _design(rows)
    objective = _likelihood(rows, X, Z, restricted=restricted)
    alpha, settled = _search(objective, rows, X, Z)
    k, p = X.X.shape
    tau2 = np.exp(Z.X @ alpha)
    fit = weigh_columns(1 / (rows.vi + tau2), X.Q)
    back = np.linalg.inv(X.R)
    params, cov = back @ fit.coefficients(rows.yi), back @ fit.covariance() @ back.T
    bse, se_alpha, cautions = np.sqrt(np.diag(cov)), *_errors(objective, alpha, settled=settled)
    ddf = np.inf if test == "z" else float(k - p)
    zs = alpha / se_alpha
    return LocationScaleFit(
        params, bse, params / bse, two_sided(params / bse, ddf), X.names, alpha, se_alpha, zs, two_sided(zs, np.inf),
        Z.names, tau2, -objective(alpha)[0], cov, k, "REML" if restricted else "ML", test, level, ddf, rows.slab,
        rows.dropped, (*rows.cautions, *cautions),
    )  # fmt: skip


def _search(objective: Objective, rows: Rows, X: Design, Z: Design) -> tuple[Array, bool]:
    """The best of a few starts around a common tau2. The moderators are scaled for the search."""
    common = ESTIMATORS["REML"](rows.yi, rows.vi, X.Q).value
    root = float(np.sqrt(len(rows.yi)))
    back = np.linalg.inv(Z.R) * root  # a = back @ g, with the columns of Z back of mean square 1

    def scaled(g: Array) -> tuple[float, Array]:
        value, gradient = objective(back @ g)
        return value, back.T @ gradient

    starts = [max(common, 1e-3 * float(rows.vi.mean())) * factor for factor in (1.0, 0.1, 10.0)]
    found = [
        find_minimum(scaled, np.linalg.lstsq(Z.X @ back, np.full(len(rows.yi), np.log(t)), rcond=None)[0])
        for t in starts
    ]
    best, settled = min(found, key=lambda each: scaled(each[0])[0])
    return back @ best, settled


def _errors(objective: Objective, alpha: Array, *, settled: bool) -> tuple[Array, list[Caution]]:
    H = hessian(objective, alpha)
    notes: list[Caution] = []
    if not settled:
        notes.append(NotConverged("The likelihood did not settle; the best coefficients of the scale are given"))
    values = np.linalg.eigvalsh(H)
    if values[0] <= 1e-10 * max(values[-1], 1e-300):
        notes.append(
            BoundaryEstimate("log tau2 runs towards minus infinity: the effects do not differ, or not in every group")
        )
        return np.full(len(alpha), np.nan), notes
    return np.sqrt(np.diag(np.linalg.inv(H))), notes
