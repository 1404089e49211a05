"""Tests of several coefficients, comparisons of nested models, and how moderators inflate each other's variance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd
from scipy.special import chdtrc, fdtrc

from synth.errors import UsageError
from synth.meta.fit import Fit
from synth.meta.measures import Array
from synth.meta.pool import two_sided


class _Tested(Protocol):
    """What a Wald test needs of a model."""

    @property
    def params(self) -> Array: ...
    @property
    def cov(self) -> Array: ...
    @property
    def ddf(self) -> Any: ...
    @property
    def names(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True, eq=False)
class WaldTest:
    """Contrasts of coefficients: value, se, statistic and p of each, and the joint test (chi-square, or F) of all."""

    hyp: Array
    se: Array
    zval: Array
    pval: Array
    QM: float
    QMdf: tuple[int, float]
    QMp: float


@dataclass(frozen=True, slots=True)
class ModelComparison:
    """A likelihood ratio test of two nested models; ``R2``: percent of the smaller model's tau2 that goes away."""

    LRT: float
    df: int
    pval: float
    R2: float
    aic: tuple[float, float]
    bic: tuple[float, float]


def wald_test(fit: _Tested, *, btt: Sequence[int] | str | None = None, L: Any = None) -> WaldTest:
    """Test coefficients ``btt`` (numbers from 0, or a text that their names hold) or the rows of contrasts ``L``.

    Without either all moderators are tested. The joint test is an F test where the model's tests are t tests.
    """
    contrasts = _contrasts(fit, btt, L)
    hyp = contrasts @ fit.params
    cov = contrasts @ fit.cov @ contrasts.T
    se = np.sqrt(np.diag(cov))
    ddf = float(np.min(fit.ddf))
    m = int(np.linalg.matrix_rank(contrasts))
    QM = float(hyp @ np.linalg.pinv(cov, hermitian=True) @ hyp)
    p = float(chdtrc(m, QM)) if np.isinf(ddf) else float(fdtrc(m, ddf, QM / m))
    return WaldTest(hyp, se, hyp / se, two_sided(hyp / se, ddf), QM if np.isinf(ddf) else QM / m, (m, ddf), p)


def _contrasts(fit: _Tested, btt: Sequence[int] | str | None, L: Any) -> Array:
    p = len(fit.params)
    if L is not None:
        contrasts = np.atleast_2d(np.asarray(L, dtype=np.float64))
        if contrasts.shape[1] != p:
            raise UsageError(
                f"A contrast needs {p} numbers ({', '.join(fit.names)}), not {contrasts.shape[1]}",
                hint="Give one number per coefficient",
            )
        return contrasts
    if isinstance(btt, str):
        btt = [number for number, name in enumerate(fit.names) if btt in name]
    elif btt is None:
        btt = [number for number, name in enumerate(fit.names) if name != "intrcpt"] or [0]
    if not btt or min(btt) < 0 or max(btt) >= p:
        raise UsageError("No coefficient is chosen", why=f"They are {', '.join(fit.names)}", hint="Count from 0")
    return np.asarray(np.eye(p)[list(btt)], dtype=np.float64)


def compare_fits(one: Fit, other: Fit) -> ModelComparison:
    """A likelihood ratio test of two nested models of the same rows, in either order.

    Restricted likelihoods of models with different moderators cannot be compared. Raises UsageError where a comparison
    has no meaning.
    """
    full, reduced = (one, other) if one.p >= other.p else (other, one)
    _check_nested(full, reduced)
    df = full._information[0] - reduced._information[0]  # noqa: SLF001  both are fits
    if df == 0:
        raise UsageError("Both models have the same number of parameters", hint="Compare their AIC instead")
    lrt = max(0.0, 2 * (full.loglik - reduced.loglik))
    explained = 100 * (reduced.tau2 - full.tau2) / reduced.tau2 if reduced.tau2 > 0 else 0.0
    return ModelComparison(
        lrt, df, float(chdtrc(df, lrt)), max(0.0, explained), (full.aic, reduced.aic), (full.bic, reduced.bic)
    )


def _check_nested(full: Fit, reduced: Fit) -> None:
    if full.k != reduced.k or not (np.array_equal(full.yi, reduced.yi) and np.array_equal(full.vi, reduced.vi)):
        raise UsageError(
            f"The models rest on different rows ({full.k} and {reduced.k})",
            hint="Fit both on the rows that have all moderators",
        )
    if full.method == "REML" and reduced.method == "REML" and full.p != reduced.p:
        raise UsageError(
            "Restricted likelihoods of models with different moderators cannot be compared",
            why="Each is the likelihood of other contrasts of the data",
            hint='Fit both with method="ML"',
        )
    outside = reduced.X - full.columns.Q @ (full.columns.Q.T @ reduced.X)
    if np.linalg.norm(outside) > 1e-8 * np.linalg.norm(reduced.X):
        raise UsageError("The smaller model is no part of the larger one", hint="Compare nested models")


def variance_inflation(fit: _Tested, *, terms: Sequence[int] | None = None) -> pd.Series:
    """How much wider the variance of each coefficient is than with uncorrelated moderators.

    With ``terms`` (a number per coefficient, 0 for the intercept) the coefficients of one term are taken together:
    generalised factors, Fox & Monette (1992), JASA 87:178. Raises UsageError without moderators.
    """
    which = [number for number, name in enumerate(fit.names) if name != "intrcpt"]
    if not which:
        raise UsageError("A model without moderators has no variance inflation", hint="Fit with mods first")
    cov = fit.cov[np.ix_(which, which)]
    scale = np.sqrt(np.diag(cov))
    correlation = cov / np.outer(scale, scale)
    if terms is None:
        values = np.diag(np.linalg.inv(correlation))
        return pd.Series(np.maximum(values, 1.0), index=[fit.names[number] for number in which], name="vif")
    groups = {number: [place for place, own in enumerate(which) if terms[own] == number] for number in terms if number}
    return pd.Series({number: _generalised(correlation, inside) for number, inside in groups.items()}, name="gvif")


def _generalised(correlation: Array, inside: list[int]) -> float:
    outside = [place for place in range(len(correlation)) if place not in inside]
    parts = [np.linalg.det(correlation[np.ix_(each, each)]) for each in (inside, outside)]
    return float(parts[0] * parts[1] / np.linalg.det(correlation))
