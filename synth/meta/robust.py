"""Cluster-robust tests: standard errors that hold if results of one cluster depend on each other.

CR0 and CR1 (times n/(n - p)): Liang & Zeger (1986), Biometrika 73:13; Hedges, Tipton & Johnson (2010), Res Synth
Methods 1:39. CR2 corrects each cluster's residuals so that the variance is right if the working model is (Bell &
McCaffrey 2002, Surv Methodol 28:169; Pustejovsky & Tipton 2018, J Bus Econ Stat 36:672), with Satterthwaite degrees of
freedom; the joint test is the approximate Hotelling test of Tipton & Pustejovsky (2015), J Educ Behav Stat 40:604.
Clusters of one size are worked on together, and sums over pairs of clusters are sums over clusters of p x p matrices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import fdtrc, stdtr, stdtrit

from synth.errors import UsageError
from synth.meta.cautions import Caution, FewClusters, issue
from synth.meta.effect_sizes import missing_column
from synth.meta.fit import Fit
from synth.meta.measures import Array

KINDS = ("CR0", "CR1", "CR2")
_NO_DF = 1e-3  # degrees of freedom below it are rounding


@dataclass(frozen=True, slots=True, eq=False)
class RobustFit:
    """Coefficients with cluster-robust tests; ``df`` by coefficient; ``QM``: F test of all moderators, ``QMdf``."""

    names: tuple[str, ...]
    params: Array
    bse: Array
    tvalues: Array
    df: Array
    pvalues: Array
    cov: Array
    QM: float
    QMdf: tuple[int, float]
    QMp: float
    kind: str
    clusters: int
    level: float
    cautions: tuple[Caution, ...] = ()

    def conf_int(self, level: float | None = None) -> Array:
        """Confidence limits, shape (coefficients, 2); ``level`` in percent."""
        reach = stdtrit(self.df, 0.5 + (level or self.level) / 200) * self.bse
        return np.column_stack([self.params - reach, self.params + reach])

    def coefficients_frame(self) -> pd.DataFrame:
        """One row per coefficient: estimate, se, statistic, df, pval, ci_lb, ci_ub."""
        limits = self.conf_int()
        columns = {"estimate": self.params, "se": self.bse, "statistic": self.tvalues, "df": self.df}
        columns |= {"pval": self.pvalues, "ci_lb": limits[:, 0], "ci_ub": limits[:, 1]}
        return pd.DataFrame(columns, index=pd.Index(self.names))

    def to_dict(self) -> dict[str, Any]:
        """Plain Python values, under metafor's names."""
        limits = self.conf_int()
        return {
            "names": list(self.names),
            "b": self.params.tolist(),
            "se": self.bse.tolist(),
            "tval": self.tvalues.tolist(),
            "df": self.df.tolist(),
            "pval": self.pvalues.tolist(),
            "ci_lb": limits[:, 0].tolist(),
            "ci_ub": limits[:, 1].tolist(),
            "QM": self.QM,
            "QMdf": list(self.QMdf),
            "QMp": self.QMp,
            "kind": self.kind,
            "clusters": self.clusters,
            "cautions": [caution.to_dict() for caution in self.cautions],
        }


@dataclass(frozen=True, slots=True, eq=False)
class Stack:
    """Clusters of one size n: X (B, n, p), residuals (B, n), variance Phi and weights W of the model (B, n, n)."""

    X: Array
    residuals: Array
    Phi: Array
    W: Array


def robust_fit(fit: Fit, cluster: Any, *, kind: str = "CR2") -> RobustFit:
    """Robust tests of a fit by rma. ``cluster``: a value per row of the fit, or of its input with the dropped rows."""
    if fit.usable is not None and len(cluster) == len(fit.usable) != fit.k:
        cluster = pd.Series(list(cluster))[fit.usable]
    labels = read_clusters(cluster, fit.k)
    w = 1 / (fit.vi + fit.tau2)
    weights = w if fit.given_weights is None else fit.given_weights
    stacks = [
        Stack(fit.X[rows], fit.residuals[rows], _diagonal(1 / w[rows]), _diagonal(weights[rows]))
        for rows in group_by_size(labels)
    ]
    which = list(fit.columns.moderators)
    return sandwich(stacks, fit.params, fit.names, which, kind=kind, level=fit.level)


def _diagonal(values: Array) -> Array:
    return values[:, :, None] * np.eye(values.shape[1])


def read_clusters(cluster: Any, k: int) -> Any:
    """Numbers of the clusters of ``k`` rows. Raises UsageError for missing labels and wrong lengths."""
    if isinstance(cluster, str):
        raise missing_column(cluster, [], why="robust needs the values of the column, not its name")
    values = pd.Series(list(cluster)) if not isinstance(cluster, pd.Series) else cluster.reset_index(drop=True)
    if len(values) != k:
        raise UsageError(f"There are {k} rows in the model and {len(values)} clusters", hint="Give one per row used")
    if values.isna().any():
        place = int(np.flatnonzero(values.isna().to_numpy())[0])
        raise UsageError(f"Row {place + 1} has no cluster", hint="Give each row a cluster, its own if it stands alone")
    return pd.factorize(values)[0]


def group_by_size(labels: Any) -> list[Any]:
    """Rows of the clusters, those of one size n together: arrays of shape (B, n)."""
    order = np.argsort(labels, kind="stable")
    sizes = np.bincount(labels)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    return [order[starts[sizes == size][:, None] + np.arange(size)] for size in sorted(set(sizes.tolist())) if size]


def sandwich(
    stacks: Sequence[Stack], params: Array, names: tuple[str, ...], which: list[int], *, kind: str, level: float
) -> RobustFit:
    """Robust tests of ``params`` from the clusters of a model; ``which`` coefficients are tested together."""
    n, p = sum(len(stack.X) for stack in stacks), len(params)
    _check(kind, n, p)
    bread = np.linalg.inv(sum(np.einsum("bip,bij,bjq->pq", s.X, s.W, s.X) for s in stacks))
    meat, parts = _measure(stacks, bread, corrected=kind.upper() == "CR2")
    cov = bread @ meat @ bread * (n / (n - p) if kind.upper() == "CR1" else 1.0)
    bse = np.sqrt(np.maximum(np.diag(cov), 0.0))
    if (bse <= 1e-10 * np.sqrt(np.diag(bread))).any():
        raise UsageError(
            "The results of the clusters do not vary around the model, and a robust error would be 0",
            hint="Use the model's own standard errors, or finer clusters",
        )
    if parts is None:
        df, joint = np.full(p, float(n - p)), _f_test(params, cov, which, float(n - p))
    else:
        df = np.array([parts.satterthwaite(bread[:, [place]]) for place in range(p)])
        joint = _hotelling(params, cov, bread, which, parts)
    statistics = params / bse
    df = np.where(df > _NO_DF, df, np.nan)
    pvalues = np.minimum(1.0, 2 * stdtr(df, -np.abs(statistics)))
    cautions = _about_clusters(names, df, n)
    issue(cautions)
    return RobustFit(names, params, bse, statistics, df, pvalues, cov, *joint, kind.upper(), n, level, cautions)


def _check(kind: str, n: int, p: int) -> None:
    if kind.upper() not in KINDS:
        raise UsageError(f'There is no robust variance "{kind}"', hint=f"Choose one of {', '.join(KINDS)}")
    if n <= p:
        raise UsageError(
            f"{n} clusters cannot carry {p} coefficients",
            why="A robust variance needs more clusters than coefficients",
            hint="Use a smaller model, or finer clusters",
        )


def _about_clusters(names: tuple[str, ...], df: Array, n: int) -> tuple[Caution, ...]:
    found = []
    none = [name for name, each in zip(names, df, strict=True) if np.isnan(each)]
    if none:
        found.append(FewClusters(f"{', '.join(none)}: one cluster alone tells, so there is no robust test"))
    few = [name for name, each in zip(names, df, strict=True) if each < 4]
    if few:
        least = f"{np.nanmin(df):.1f} degrees of freedom from {n} clusters"
        found.append(FewClusters(f"{', '.join(few)}: {least}, below 4; p may be far too small"))
    return tuple(found)


@dataclass(frozen=True, slots=True, eq=False)
class _Parts:
    """What the degrees of freedom need, by cluster: with g = A W X, inner = g'Phi g, u = X'g and r = X'W Phi g.

    ``kernel`` couples two clusters: cov(g_i'e_i, g_j'e_j) = [i = j] inner + z_i' K z_j with z = (u, r).
    """

    inner: Array
    z: Array
    kernel: Array

    def satterthwaite(self, C: Array) -> float:
        """Degrees of freedom of the contrast M c (p x 1)."""
        own, _, z = self._of(C)
        total = float(np.sum(own + np.einsum("bi,ij,bj->b", z[:, :, 0], self.kernel, z[:, :, 0])[:, None, None]))
        return 2 * total**2 / self._variance(own[:, 0, 0], own[:, 0, 0], own[:, 0, 0], z[:, :, 0], z[:, :, 0])

    def _of(self, C: Array) -> tuple[Array, Array, Array]:
        own = np.einsum("ps,bpq,qt->bst", C, self.inner, C)
        z = np.einsum("bzp,ps->bzs", self.z, C)
        return own, self.kernel, z

    def _variance(self, a_ss: Array, a_tt: Array, a_st: Array, zs: Array, zt: Array) -> float:
        """The variance of the (s, t) element of the robust covariance, if the model is right."""
        K = self.kernel
        A = zs.T @ zt
        k_ss, k_tt, k_st = (np.einsum("bi,ij,bj->b", one, K, two) for one, two in ((zs, zs), (zt, zt), (zs, zt)))
        first = a_ss @ a_tt + a_ss @ k_tt + a_tt @ k_ss + np.trace(K @ A @ K @ A.T)
        second = a_st @ a_st + 2 * (a_st @ k_st) + np.trace(A @ K @ A @ K)
        return float(first + second)

    def hotelling(self, C: Array) -> float:
        """Degrees of freedom eta of the contrasts C (p x q), scaled so that their covariance is I."""
        own, _, z = self._of(C)
        q = C.shape[1]
        total = sum(
            self._variance(own[:, s, s], own[:, t, t], own[:, s, t], z[:, :, s], z[:, :, t])
            for s in range(q)
            for t in range(q)
        )
        return float(q * (q + 1) / total)


def _measure(stacks: Sequence[Stack], bread: Array, *, corrected: bool) -> tuple[Array, _Parts | None]:
    """The sum of the clusters' scores, squared; with the corrected residuals also what their distribution needs."""
    if not corrected:
        scores = np.concatenate([np.einsum("bip,bij,bj->bp", s.X, s.W, s.residuals) for s in stacks])
        return scores.T @ scores, None
    S = sum(np.einsum("bip,bij,bjk,bkl,blq->pq", s.X, s.W, s.Phi, s.W, s.X, optimize=True) for s in stacks)
    pieces = [_correct(stack, bread, bread @ S @ bread) for stack in stacks]
    scores = np.concatenate([piece[0] for piece in pieces])
    zero = np.zeros_like(bread)
    kernel = np.block([[bread @ S @ bread, -bread], [-bread, zero]])
    parts = _Parts(np.concatenate([p[1] for p in pieces]), np.concatenate([p[2] for p in pieces]), kernel)
    return scores.T @ scores, parts


def _correct(stack: Stack, bread: Array, middle: Array) -> tuple[Array, Array, Array]:
    """Scores with CR2 residuals (B, p), g'Phi g (B, p, p) and z (B, 2p, p) of the clusters in ``stack``."""
    X, Phi, W = stack.X, stack.Phi, stack.W
    WX = W @ X
    cross = X @ bread @ np.swapaxes(WX, 1, 2) @ Phi
    B = Phi - cross - np.swapaxes(cross, 1, 2) + X @ middle @ np.swapaxes(X, 1, 2)
    D = np.swapaxes(np.linalg.cholesky(Phi), 1, 2)
    A = np.swapaxes(D, 1, 2) @ _inverse_root(D @ B @ np.swapaxes(D, 1, 2)) @ D
    g = np.swapaxes(A, 1, 2) @ WX
    scores = np.einsum("bip,bi->bp", g, stack.residuals)
    turned = np.swapaxes(g, 1, 2)
    u = np.swapaxes(X, 1, 2) @ g
    r = np.swapaxes(WX, 1, 2) @ Phi @ g
    return scores, turned @ Phi @ g, np.concatenate([u, r], axis=1)


def _inverse_root(M: Array) -> Array:
    """The symmetric inverse square root; directions without variance stay without."""
    values, vectors = np.linalg.eigh((M + np.swapaxes(M, 1, 2)) / 2)
    largest = values[:, -1:]
    roots = np.where(values > 1e-12 * largest, np.abs(values) ** -0.5, 0.0)
    return np.asarray((vectors * roots[:, None, :]) @ np.swapaxes(vectors, 1, 2), dtype=np.float64)


def _wald(b: Array, cov: Array, which: list[int]) -> float:
    """b'V^-1 b; directions that the clusters say nothing about do not count."""
    return float(b @ np.linalg.pinv(cov[np.ix_(which, which)], rcond=1e-10, hermitian=True) @ b)


def _f_test(params: Array, cov: Array, which: list[int], df: float) -> tuple[float, tuple[int, float], float]:
    m, b = len(which), params[which]
    F = _wald(b, cov, which) / m
    return F, (m, df), float(fdtrc(m, df, F))


def _hotelling(
    params: Array, cov: Array, bread: Array, which: list[int], parts: _Parts
) -> tuple[float, tuple[int, float], float]:
    """The approximate Hotelling test of several coefficients."""
    m, b = len(which), params[which]
    Q = _wald(b, cov, which)
    expected = parts.kernel[: len(bread), : len(bread)][np.ix_(which, which)]  # the covariance if the model is right
    values, vectors = np.linalg.eigh(expected)
    C = bread[:, which] @ (vectors * values**-0.5) @ vectors.T
    eta = parts.hotelling(C)
    df = eta - m + 1
    if df <= 0:
        return Q / m, (m, float("nan")), float("nan")
    F = (eta - m + 1) / (eta * m) * Q
    return F, (m, df), float(fdtrc(m, df, F))
