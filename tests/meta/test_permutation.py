from __future__ import annotations

import time

import numpy as np
import pytest
from synth.errors import UsageError
from synth.meta import rma
from synth.meta.batch import fit_many
from synth.meta.tau2 import ESTIMATORS

pytestmark = pytest.mark.filterwarnings("ignore::synth.meta.Caution")
SIX = ([0.1, 0.9, -0.4, 0.6, 1.5, 0.2], [0.1, 0.2, 0.1, 0.3, 0.2, 0.1])


def test_signs_of_three_studies_are_counted_exactly():
    found = rma([0.5, 0.7, 0.9], [0.1, 0.1, 0.1], method="DL", test="z").permutation()
    assert (found.pvalues[0], found.arrangements, found.is_exact) == (2 / 8, 8, True)


def test_all_orders_of_a_moderator_are_counted_exactly():
    found = rma(*SIX, mods=[1.0, 2, 3, 4, 5, 6], method="DL", test="z").permutation()
    assert found.arrangements == 720
    assert found.pvalues[1] == found.QMp


def test_random_orders_come_near_the_exact_ones():
    fit = rma(*SIX, mods=[1.0, 2, 3, 4, 5, 6])
    one, two = fit.permutation(), fit.permutation(20_000, exact=False, seed=2)
    assert two.pvalues == pytest.approx(one.pvalues, abs=0.02)


def test_a_seed_gives_the_same_p_again(bcg):
    fit = rma(bcg, mods=np.arange(13.0))
    assert fit.permutation(200, exact=False, seed=5).to_dict() == fit.permutation(200, exact=False, seed=5).to_dict()


@pytest.mark.parametrize("method", [*ESTIMATORS, "EE"])
def test_many_fits_at_once_are_the_fits_one_by_one(bcg, method):
    rng = np.random.default_rng(1)
    y, v = bcg["yi"].to_numpy(), bcg["vi"].to_numpy()
    orders = rng.permuted(np.tile(np.arange(13), (20, 1)), axis=1)
    X = np.column_stack([np.ones(13), np.arange(13.0)])
    many = fit_many(y[orders], v[orders], method, Q=np.linalg.qr(X)[0])
    for row, order in enumerate(orders):
        one = rma(y[order], v[order], mods=np.arange(13.0), method=method, test="z")
        assert many.tau2[row] == pytest.approx(one.tau2, rel=1e-8, abs=1e-12)


def test_what_cannot_be_permuted_says_so(bcg):
    with pytest.raises(UsageError, match="estimated tau2"):
        rma(bcg, tau2=0.1).permutation()
    with pytest.raises(UsageError, match="too many to run all"):
        rma(bcg, mods=np.arange(13.0)).permutation(exact=True)


def test_ten_thousand_orders_take_no_patience():
    rng = np.random.default_rng(1)
    v = rng.uniform(0.05, 0.5, 50)
    fit, start = rma(rng.normal(0.3, np.sqrt(v + 0.2)), v, mods=rng.normal(size=50)), time.process_time()
    fit.permutation(10_000)
    assert time.process_time() - start < 5  # about 0.1 s on a quiet machine
