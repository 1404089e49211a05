"""A fitted multilevel or multivariate model, and what can be asked of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from synth.errors import UsageError
from synth.meta.cautions import Caution
from synth.meta.compare_models import WaldTest, variance_inflation, wald_test
from synth.meta.fit import quantile
from synth.meta.measures import Array
from synth.meta.mv_likelihood import Evaluation
from synth.meta.mv_model import Model, blocks_of, trace_of_P
from synth.meta.mv_profile import profile_interval
from synth.meta.random_effects import Unstructured
from synth.meta.robust import RobustFit, Stack, group_by_size, read_clusters, sandwich


@dataclass(frozen=True, slots=True, eq=False)
class MvFit:
    """A fitted model.

    ``sigma2``: variances of the random intercepts, named in ``sigma2_names``. ``G``: covariance matrices of inner
    effects, with ``levels``. ``ddf``: degrees of freedom by coefficient (infinite for z).
    """

    params: Array
    bse: Array
    tvalues: Array
    pvalues: Array
    cov: Array
    names: tuple[str, ...]
    sigma2: Array
    sigma2_names: tuple[str, ...]
    G: tuple[Array, ...]
    levels: tuple[tuple[str, ...], ...]
    loglik: float
    QE: float
    QEp: float
    QM: float
    QMdf: tuple[int, float]
    QMp: float
    ddf: Array
    k: int
    method: str
    test: str
    level: float
    slab: Sequence[str]
    dropped: tuple[str, ...]
    measure: str
    cautions: tuple[Caution, ...]
    model: Model = field(repr=False)
    free: Array = field(repr=False)
    at_best: Evaluation = field(repr=False)

    @property
    def p(self) -> int:
        """Number of coefficients."""
        return len(self.params)

    @property
    def X(self) -> Array:
        """The design matrix."""
        return self.model.design.X

    @property
    def tau2(self) -> Array:
        """Variances of the inner effects (of the first structure); empty without one."""
        return np.diag(self.G[0]) if self.G else np.empty(0)

    @property
    def rho(self) -> Array:
        """Correlations of the inner effects, pairs in the order (1,2), (1,3), ...; NaN next to a variance of 0."""
        if not self.G:
            return np.empty(0)
        s = np.sqrt(np.diag(self.G[0]))
        with np.errstate(invalid="ignore", divide="ignore"):
            R = self.G[0] / np.outer(s, s)
        return np.asarray(R[np.triu_indices(len(s), 1)])

    def conf_int(self, level: float | None = None) -> Array:
        """Confidence limits, shape (coefficients, 2); ``level`` in percent."""
        reach = np.array([quantile(level or self.level, df) for df in self.ddf]) * self.bse
        return np.column_stack([self.params - reach, self.params + reach])

    @property
    def _information(self) -> tuple[int, int]:
        return self.p + len(self.free), self.k - self.p if self.method == "REML" else self.k

    @property
    def aic(self) -> float:
        """Akaike's criterion."""
        return -2 * self.loglik + 2 * self._information[0]

    @property
    def bic(self) -> float:
        """The Bayesian information criterion."""
        parameters, n = self._information
        return -2 * self.loglik + parameters * float(np.log(n))

    @property
    def aicc(self) -> float:
        """Akaike's criterion, corrected for few results."""
        parameters, n = self._information
        n = max(n, parameters + 2)
        return -2 * self.loglik + 2 * parameters * n / (n - parameters - 1)

    def predict(self, newmods: Any = None, *, inner: str | None = None) -> pd.DataFrame:
        """pred, se, ci_lb, ci_ub, pi_lb, pi_ub for each row of ``newmods``, or for the mean.

        The prediction interval is for the true effect of a new result in a new study: all variances add up. ``inner``
        names the level whose tau2 counts; without it the interval is missing where levels differ.
        """
        X = self._new_rows(newmods)
        pred, variance = X @ self.params, np.einsum("ij,jk,ik->i", X, self.cov, X)
        t = quantile(self.level, float(np.min(self.ddf)))
        wide = t * np.sqrt(variance + float(self.sigma2.sum()) + self._tau2_of(inner))
        se = np.sqrt(variance)
        columns = {"pred": pred, "se": se, "ci_lb": pred - t * se, "ci_ub": pred + t * se}
        return pd.DataFrame({**columns, "pi_lb": pred - wide, "pi_ub": pred + wide})

    def _new_rows(self, newmods: Any) -> Array:
        if newmods is not None:
            return self.model.design.new_rows(newmods)
        return np.ones((1, 1)) if self.names == ("intrcpt",) else self.X

    def _tau2_of(self, inner: str | None) -> float:
        if not self.G:
            return 0.0
        tau2, levels = self.tau2, self.levels[0]
        if inner is None:
            return float(tau2[0]) if np.allclose(tau2, tau2[0]) else float("nan")
        if inner not in levels:
            raise UsageError(f'There is no level "{inner}"', hint=f"The levels are {', '.join(levels)}")
        return float(tau2[levels.index(inner)])

    def i2(self) -> dict[str, float]:
        """I2 in percent: in all, and by level (Cheung 2014, Psychol Methods 19:211)."""
        zero = self.model.likelihood.evaluate(np.zeros(len(self.sigma2)), [0 * G for G in self.G], restricted=False)
        typical = (self.k - self.p) / trace_of_P(self.model, zero)
        total = float(self.sigma2.sum()) + float(np.mean(self.tau2) if self.G else 0.0)
        shares = {
            name: 100 * float(s) / (total + typical) for name, s in zip(self.sigma2_names, self.sigma2, strict=True)
        }
        return {"total": 100 * total / (total + typical), **shares}

    def ranef(self, grouping: str | None = None) -> pd.DataFrame:
        """Predicted random intercepts of ``grouping`` (default: the widest): intrcpt, se, pi_lb, pi_ub, by group."""
        names = [each.name for each in self.model.groupings]
        if not names or (grouping is not None and grouping not in names):
            raise UsageError(
                f'There is no random intercept "{grouping}"', hint=f"There are: {', '.join(names) or 'none'}"
            )
        place = 0 if grouping is None else names.index(grouping)
        found, s = self.model.groupings[place], float(self.sigma2[place])
        size = found.size
        pred = s * np.bincount(found.codes, self.at_best.Py, size)
        B = np.column_stack([np.bincount(found.codes, column, size) for column in self.at_best.SQ.T])
        of_P = self.at_best.traces[place] - np.einsum("gi,ij,gj->g", B, self.at_best.cov, B)
        se = np.sqrt(np.maximum(0.0, s - s**2 * of_P))
        reach = quantile(self.level, float(np.min(self.ddf))) * se
        columns = {"intrcpt": pred, "se": se, "pi_lb": pred - reach, "pi_ub": pred + reach}
        return pd.DataFrame(columns, index=pd.Index(found.levels, name=found.name))

    def cooks_distance(self, cluster: Any) -> pd.Series:
        """How far the coefficients move, in their own covariance, without each cluster (variances kept)."""
        names = pd.factorize(pd.Series(list(cluster)))[1]
        labels = self._read_cluster(cluster)
        Q, SQ, n = self.model.design.Q, self.at_best.SQ, len(names)
        p = Q.shape[1]
        A = np.zeros((n, p, p))
        np.add.at(A, labels, Q[:, :, None] * SQ[:, None, :])
        right = np.column_stack([np.bincount(labels, column * self._residuals, n) for column in SQ.T])
        information = np.linalg.inv(self.at_best.cov)
        moved = np.linalg.solve(information - A, right[:, :, None])[:, :, 0]
        return pd.Series(np.einsum("gi,ij,gj->g", moved, information, moved), index=pd.Index(names), name="cooks")

    @property
    def _residuals(self) -> Array:
        return self.model.y - self.X @ self.params

    def _read_cluster(self, cluster: Any) -> Any:
        labels = read_clusters(cluster, self.k)
        blocks = blocks_of(self.model).labels
        pairs = np.unique(blocks.astype(np.int64) * (labels.max() + 1) + labels)
        if len(pairs) > blocks.max() + 1:
            raise UsageError(
                "Clusters cut through results that the model ties together",
                hint="Choose the widest grouping of the model as cluster, or one that holds it",
            )
        return labels

    def robust(self, cluster: Any, kind: str = "CR2") -> RobustFit:
        """Cluster-robust tests; ``cluster``: a value per row, as wide as the model's widest grouping, or wider."""
        blocks, e = blocks_of(self.model), self._residuals
        stacks = []
        for rows in group_by_size(self._read_cluster(cluster)):
            Phi = blocks.covariance(blocks.bind(rows), self.sigma2, self.G)
            stacks.append(Stack(self.X[rows], e[rows], Phi, np.asarray(np.linalg.inv(Phi))))
        which = list(self.model.design.moderators)
        return sandwich(stacks, self.params, self.names, which, kind=kind, level=self.level)

    def anova(self, other: MvFit | None = None, **which: Any) -> WaldTest | dict[str, float]:
        """Wald tests of coefficients or contrasts (``btt``, ``L``), or a likelihood ratio test against ``other``."""
        return wald_test(self, **which) if other is None else _compare(self, other)

    def vif(self) -> pd.Series:
        """Variance inflation factors."""
        return variance_inflation(self)

    def confint(self, level: float | None = None) -> dict[str, tuple[float, float, float]]:
        """Profile-likelihood intervals: estimate, lower and upper limit of each variance and correlation."""
        level = level or self.level
        return {
            name: profile_interval(self.model, self.free, self.loglik, place, level)
            for place, name in enumerate(self.model.names)
        }

    def coefficients_frame(self) -> pd.DataFrame:
        """One row per coefficient: estimate, se, statistic, pval, ci_lb, ci_ub."""
        limits = self.conf_int()
        columns = {"estimate": self.params, "se": self.bse, "statistic": self.tvalues, "pval": self.pvalues}
        return pd.DataFrame({**columns, "ci_lb": limits[:, 0], "ci_ub": limits[:, 1]}, index=pd.Index(self.names))

    def summary(self) -> str:
        """The model as text."""
        from synth.meta.summary import describe_mv_fit  # noqa: PLC0415  it is built on this class

        return describe_mv_fit(self)

    def to_dict(self) -> dict[str, Any]:
        """Plain Python values, under metafor's names."""
        limits = self.conf_int()
        return {
            "names": list(self.names),
            "b": self.params.tolist(),
            "se": self.bse.tolist(),
            "zval": self.tvalues.tolist(),
            "pval": self.pvalues.tolist(),
            "ci_lb": limits[:, 0].tolist(),
            "ci_ub": limits[:, 1].tolist(),
            "sigma2": self.sigma2.tolist() or [0.0],
            "sigma2_names": list(self.sigma2_names),
            "tau2": _shared(self.tau2, self.model).tolist() or [0.0],
            "rho": _shared_rho(self).tolist() or [0.0],
            "gamma2": np.diag(self.G[1]).tolist() if len(self.G) > 1 else [0.0],
            "levels": [list(each) for each in self.levels],
            "QE": self.QE,
            "QEp": self.QEp,
            "QM": self.QM,
            "QMp": self.QMp,
            "ddf": [float(df) if np.isfinite(df) else None for df in self.ddf],
            "k": self.k,
            "logLik": self.loglik,
            "AIC": self.aic,
            "BIC": self.bic,
            "AICc": self.aicc,
            "method": self.method,
            "test": self.test,
            "level": self.level,
            "dropped": list(self.dropped),
            "cautions": [caution.to_dict() for caution in self.cautions],
        }


def _shared(tau2: Array, model: Model) -> Array:
    """One variance where the structure has but one."""
    is_shared = bool(model.inners) and getattr(model.inners[0].structure, "is_shared", False)
    return tau2[:1] if is_shared else tau2


def _shared_rho(fit: MvFit) -> Array:
    if not fit.G:
        return np.empty(0)
    is_free = isinstance(fit.model.inners[0].structure, Unstructured)
    return fit.rho if is_free else fit.rho[:1]


def _compare(one: MvFit, other: MvFit) -> dict[str, float]:
    full, reduced = (one, other) if len(one.free) + one.p >= len(other.free) + other.p else (other, one)
    df = len(full.free) + full.p - len(reduced.free) - reduced.p
    if df == 0 or full.k != reduced.k or not np.array_equal(full.model.y, reduced.model.y):
        raise UsageError("The models are not nested, or rest on different rows", hint="Compare nested models")
    if full.method == "REML" and full.names != reduced.names:
        raise UsageError(
            "Restricted likelihoods of models with different moderators cannot be compared", hint='Use method="ML"'
        )
    lrt = max(0.0, 2 * (full.loglik - reduced.loglik))
    return {"LRT": lrt, "df": float(df), "pval": float(chdtrc(df, lrt))}
