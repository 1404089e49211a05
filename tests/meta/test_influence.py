"""Leaving out, adding, influence and subsets: the batched fits equal single ones. Numbers: metafor 3.8-1 on BCG."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synth.errors import UsageError
from synth.meta import (
    baujat,
    cumulative,
    gosh,
    influence,
    labbe,
    leave_one_out,
    profile_tau2,
    qqnorm,
    radial,
    rma,
    rstandard,
    rstudent,
)

pytestmark = pytest.mark.filterwarnings("ignore::synth.meta.Caution")


@pytest.mark.parametrize("method", ["EE", "DL", "REML", "ML", "PM", "SJ", "DLIT"])
@pytest.mark.parametrize("test", ["z", "knha"])
def test_leaving_out_equals_fitting_the_rest(bcg, method, test):
    found = leave_one_out(rma(bcg, method=method, test=test))
    single = rma(bcg.drop(index=3), method=method, test=test)
    low, high = single.conf_int()[0]
    expected = [single.estimate, single.se, single.pvalues[0], low, high, single.QE, single.tau2, single.I2, single.H2]
    names = ["estimate", "se", "pval", "ci_lb", "ci_ub", "Q", "tau2", "I2", "H2"]
    assert found.iloc[3][names].tolist() == pytest.approx(expected, rel=1e-7)


def test_the_last_step_of_a_cumulative_analysis_is_the_whole(bcg):
    fit = rma(bcg, test="z")
    found = cumulative(fit, np.arange(13)[::-1])
    assert found.index[0] == "Study 13"
    assert found.iloc[0][["tau2", "I2", "H2", "Qp"]].tolist() == [0, 0, 1, 1]
    assert found.iloc[-1][["estimate", "se", "tau2"]].tolist() == pytest.approx(
        [fit.estimate, fit.se, fit.tau2], rel=1e-9
    )


def test_influence_is_metafors(bcg):
    found = influence(rma(bcg, test="z"))
    first = found.table.iloc[0]
    without = rma(bcg.drop(index=0), test="z")
    assert first["tau2_del"] == pytest.approx(without.tau2, rel=1e-8)
    residual = bcg["yi"].iloc[0] - without.estimate
    assert first["rstudent"] == pytest.approx(residual / np.sqrt(bcg["vi"].iloc[0] + without.tau2 + without.se**2))
    assert first["hat"] == pytest.approx(0.0506, abs=5e-5)
    assert not found.table["is_infl"].iloc[0]


def test_influence_of_a_regression_leaves_out_one_study_at_a_time(bcg):
    frame = bcg.assign(x=np.arange(13.0))
    found = influence(rma(frame, mods="~ x", test="z"))
    single = rma(frame.drop(index=5), mods="~ x", test="z")
    assert found.table["tau2_del"].iloc[5] == pytest.approx(single.tau2, rel=1e-7)
    assert list(found.dfbetas.columns) == ["intrcpt", "x"]


def test_a_study_that_alone_decides_a_coefficient_has_no_fit_without_it(bcg):
    frame = bcg.assign(alone=[1.0] + [0.0] * 12)
    found = rstudent(rma(frame, mods="~ alone", test="z"))
    assert np.isnan(found["z"].iloc[0])
    assert np.isfinite(found["z"].iloc[1:]).all()


def test_residuals_and_plots_follow_their_definitions(bcg):
    fit = rma(bcg, test="z")
    w = 1 / (fit.vi + fit.tau2)
    assert rstandard(fit)["se"].to_numpy() == pytest.approx(np.sqrt((1 - w / w.sum()) / w))
    assert radial(fit)["y"].to_numpy() == pytest.approx(fit.yi * np.sqrt(w))
    assert np.corrcoef(qqnorm(fit)["x"], qqnorm(fit)["y"])[0, 1] > 0.9
    shift = (fit.estimate - leave_one_out(fit)["estimate"]) ** 2 / leave_one_out(fit)["se"] ** 2
    assert baujat(fit)["y"].to_numpy() == pytest.approx(shift.to_numpy())


def test_all_subsets_or_a_sample_of_them(bcg):
    fit = rma(bcg.iloc[:4], method="EE", test="z")
    every = gosh(fit)
    assert every.complete
    assert len(every.table) == 15
    assert every.table["estimate"].iloc[-1] == pytest.approx(fit.estimate)
    some = gosh(rma(bcg, method="DL", test="z"), subsets=50, seed=3)
    assert len(some.table) == 50
    assert some.table.equals(gosh(rma(bcg, method="DL", test="z"), subsets=50, seed=3).table)


def test_labbe_adds_a_half_only_to_the_empty_arm():
    found = labbe(pd.DataFrame({"ai": [0], "bi": [12], "ci": [4], "di": [8]}))
    assert found.iloc[0].tolist() == pytest.approx([np.log(4 / 8), np.log(0.5 / 12.5)])


def test_the_profile_is_highest_at_the_estimate(bcg):
    fit = rma(bcg, test="z")
    found = profile_tau2(fit, [fit.tau2 * 0.9, fit.tau2, fit.tau2 * 1.1])
    assert found["loglik"].idxmax() == 1
    assert found["loglik"].iloc[1] == pytest.approx(fit.loglik)


def test_too_few_studies_and_own_weights_are_refused(bcg):
    with pytest.raises(UsageError, match="needs 2 studies or more"):
        leave_one_out(rma(bcg.iloc[:1]))
    with pytest.raises(UsageError, match="inverse-variance weights"):
        influence(rma(bcg, weighted=False))
    with pytest.raises(UsageError, match="order must hold 13 numbers"):
        cumulative(rma(bcg), [1, 2])


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(6)), st.floats(0.1, 10))
def test_order_and_scale_change_nothing_but_order_and_scale(order, scale):
    yi, vi = np.array([0.1, 0.5, -0.2, 0.9, 0.3, 0.0]), np.array([0.02, 0.05, 0.1, 0.04, 0.2, 0.01])
    one, two = (
        leave_one_out(rma(yi, vi, test="z")),
        leave_one_out(rma(yi[order] * scale, vi[order] * scale**2, test="z")),
    )
    assert two["estimate"].to_numpy() == pytest.approx(one["estimate"].to_numpy()[order] * scale, rel=1e-6, abs=1e-9)
    assert two["I2"].to_numpy() == pytest.approx(one["I2"].to_numpy()[order], rel=1e-5, abs=1e-6)
