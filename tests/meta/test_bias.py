"""Asymmetry, trim and fill, fail-safe numbers, intervals and excess significance. Numbers: metafor 3.8-1 (BCG, RR)."""

from __future__ import annotations

import numpy as np
import pytest
from synth.errors import UsageError
from synth.meta import (
    EstimatorUndefined,
    excess_significance,
    fail_safe_n,
    henmi_copas,
    pet_peese,
    ranktest,
    regtest,
    rma,
    trim_fill,
)
from synth.meta.bias import FewForAsymmetry
from synth.meta.fail_safe import FailSafeDiscouraged

quiet = pytest.mark.filterwarnings("ignore::synth.meta.Caution")


def test_eggers_test_is_a_weighted_regression(bcg):
    found = regtest(rma(bcg, test="z"), model="lm")
    yi, se = bcg["yi"].to_numpy(), np.sqrt(bcg["vi"].to_numpy())
    X = np.column_stack([1 / se, np.ones(13)])
    b, rss, *_ = np.linalg.lstsq(X, yi / se, rcond=None)
    spread = np.sqrt(rss[0] / 11 * np.linalg.inv(X.T @ X)[1, 1])
    assert found.statistic == pytest.approx(b[1] / spread, rel=1e-9)
    assert found.est == pytest.approx(b[0], rel=1e-9)


@pytest.mark.filterwarnings("ignore::synth.meta.cautions.NarrowKnappHartung")
def test_tests_of_asymmetry_warn_below_ten_studies(bcg):
    with pytest.warns(FewForAsymmetry, match="9 studies are too few"):
        ranktest(rma(bcg.iloc[:9]))


def test_predictors_of_size_need_sizes(bcg):
    fit = rma(bcg)
    with pytest.raises(UsageError, match="needs the sizes"):
        regtest(fit, predictor="ninv")
    with pytest.raises(UsageError, match="no predictor of asymmetry"):
        regtest(fit, predictor="n")
    assert np.isnan(regtest(fit, predictor="ni", ni=np.arange(100, 113)).est)


@quiet
def test_trim_and_fill_finds_what_metafor_finds(bcg):
    found = trim_fill(rma(bcg, method="DL", test="z"), side="right")
    assert found.k0 == 1
    assert found.fit.k == 14
    assert sum(found.filled) == 1
    assert found.fit.slab[-1] == "Filled 1"


@quiet
def test_filled_studies_mirror_those_farthest_out(bcg):
    fit = rma(bcg, method="EE", test="z")
    found = trim_fill(fit, side="right", estimator="R0")
    if found.k0:
        assert sorted(found.fit.vi[fit.k :]) == pytest.approx(sorted(fit.vi[np.argsort(fit.yi)[: found.k0]]))


@quiet
def test_a_symmetric_funnel_misses_nothing():
    yi = np.array([-0.4, -0.2, 0.0, 0.2, 0.4])
    assert trim_fill(rma(yi, np.full(5, 0.1), test="z")).k0 == 0


@quiet
def test_q0_names_the_case_without_a_value():
    fit = rma([1.0, 1.1, 1.2, 1.3, 0.0], [1, 1, 1, 1, 0.0001], method="EE", test="z")
    with pytest.raises(EstimatorUndefined, match="root of a negative number"):
        trim_fill(fit, estimator="Q0", side="left")


def test_fail_safe_numbers_are_metafors_and_discouraged(bcg):
    with pytest.warns(FailSafeDiscouraged, match="no evidence"):
        assert fail_safe_n(rma(bcg)).fsnum == 598
    with pytest.warns(FailSafeDiscouraged):
        assert [fail_safe_n(rma(bcg), kind).fsnum for kind in ("orwin", "rosenberg")] == [13, 370]


@quiet
def test_pet_peese_chooses_by_the_intercept_of_pet(bcg):
    found = pet_peese(rma(bcg, test="z"))
    assert found.chosen in {"PET", "PEESE"}
    assert found.ci_lb < found.estimate < found.ci_ub


def test_the_interval_of_henmi_and_copas_is_metafors(bcg):
    found = henmi_copas(rma(bcg, method="DL", test="z"))
    expected = [-0.430285163654091, 0.28354435135525, -1.15554876193203, 0.294978434623848]
    assert [found.estimate, found.se, found.ci_lb, found.ci_ub] == pytest.approx(expected, rel=1e-6)


def test_excess_significance_by_three_tests(bcg):
    fit = rma(bcg, test="z")
    exact, binom, chi2 = (excess_significance(fit, test=name) for name in ("exact", "binom", "chi2"))
    assert (exact.O, round(exact.E, 3)) == (8, 7.809)
    assert excess_significance(fit, truncate=5).pval == pytest.approx(0.584058504299898, rel=1e-6)
    assert abs(exact.pval - binom.pval) < 0.1
    assert pytest.approx((8 - exact.E) ** 2 * (1 / exact.E + 1 / (13 - exact.E))) == chi2.X2


@quiet
def test_bias_analyses_refuse_regressions_and_single_studies(bcg):
    with pytest.raises(UsageError, match="model without moderators"):
        trim_fill(rma(bcg, mods=np.arange(13.0)))
    with pytest.raises(UsageError, match="needs 3 studies or more, and there are 2"):
        regtest(rma(bcg.iloc[:2]))
