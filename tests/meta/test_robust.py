from __future__ import annotations

import numpy as np
import pytest
from synth.errors import UsageError
from synth.meta import rma
from synth.meta.cautions import FewClusters

pytestmark = pytest.mark.filterwarnings("ignore::synth.meta.Caution")


def test_cr1_and_cr2_of_the_bcg_trials_are_metafors(bcg):
    """metafor 3.8-1 with clubSandwich 0.5.8: robust(rma(yi, vi), cluster=alloc)."""
    fit = rma(bcg, test="z")
    one, two = fit.robust(bcg["alloc"], "CR1"), fit.robust(bcg["alloc"])
    assert (one.bse[0], one.df[0]) == (pytest.approx(0.187817716566498, rel=1e-9), 2)
    assert one.conf_int()[0].tolist() == pytest.approx([-1.52264675303829, 0.0935820687220141])
    assert (two.bse[0], two.df[0]) == (pytest.approx(0.213192645831438), pytest.approx(1.72495194037692))


def test_few_clusters_are_said(bcg):
    with pytest.warns(FewClusters, match="1.7 degrees of freedom from 3 clusters"):
        rma(bcg).robust(bcg["alloc"])


def test_pairs_of_clusters_are_the_dense_matrices(bcg):
    """Satterthwaite by definition: the trace squared over the trace of the square, from whole matrices."""
    fit, labels = rma(bcg.assign(x=np.arange(13.0)), mods="~ x", test="z"), np.arange(13) // 2
    X, Phi = fit.X, np.diag(fit.vi + fit.tau2)
    W = np.linalg.inv(Phi)
    M = np.linalg.inv(X.T @ W @ X)
    rest = np.eye(13) - X @ M @ X.T @ W
    vectors = []
    for label in np.unique(labels):
        rows = labels == label
        D = np.linalg.cholesky(Phi[np.ix_(rows, rows)]).T
        values, directions = np.linalg.eigh(D @ (rest @ Phi @ rest.T)[np.ix_(rows, rows)] @ D.T)
        A = D.T @ (directions * values**-0.5) @ directions.T @ D
        vectors.append(rest[rows].T @ A @ W[np.ix_(rows, rows)] @ X[rows] @ M[:, 1])
    G = np.array(vectors) @ Phi @ np.array(vectors).T
    assert fit.robust(labels).df[1] == pytest.approx(np.trace(G) ** 2 / np.sum(G**2))


def test_one_coefficient_has_one_test_whichever_way(bcg):
    found = rma(bcg.assign(x=np.arange(13.0)), mods="~ x").robust(np.arange(13) // 2)
    assert (found.QM, found.QMdf[1], found.QMp) == pytest.approx((found.tvalues[1] ** 2, found.df[1], found.pvalues[1]))


def test_what_cannot_be_robust_says_so(bcg):
    fit = rma(bcg)
    with pytest.raises(UsageError, match="1 clusters cannot carry"):
        fit.robust([1] * 13)
    with pytest.raises(UsageError, match="13 rows in the model and 2 clusters"):
        fit.robust([1, 2])
    with pytest.raises(UsageError, match='no robust variance "CR9"'):
        fit.robust(bcg["alloc"], "CR9")
