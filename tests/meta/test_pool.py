"""Numbers named "metafor" were made by metafor 3.8-1 (R 4.2.2) with threshold 1e-13; they are met to 1e-10, relative."""

from __future__ import annotations

import json
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synth.errors import UsageError
from synth.meta import METHODS, Caution, rma
from synth.meta.cautions import FewStudies, NarrowKnappHartung, RowsDropped, SingleStudy

pytestmark = pytest.mark.filterwarnings("ignore::synth.meta.Caution")
near = lambda value: pytest.approx(value, rel=1e-10)  # noqa: E731  a short word for the one tolerance of this file


def test_reml_with_wald_is_metafors_on_the_bcg_trials(bcg):
    fit = rma(bcg, method="REML", test="z")
    assert (fit.estimate, fit.se) == (near(-0.714532342158139), near(0.179781516105206))
    assert (fit.tau2, fit.se_tau2, fit.I2) == (near(0.313243258136481), near(0.166425752836971), near(92.221384521269))
    assert (fit.QE, fit.aicc) == (near(152.233008082373), near(29.7380761643205))


def test_reml_with_knapp_hartung_is_metafors(bcg):
    fit = rma(bcg)
    assert (fit.se, fit.pvalues[0]) == (near(0.180791744092848), near(0.00192001509605729))
    assert fit.conf_int()[0].tolist() == near([-1.10844371368555, -0.320620970630728])
    shown = fit.predict()
    assert (shown.pi_lb, shown.pi_ub) == (near(-1.9960168341962), near(0.566952149879924))


def test_dersimonian_laird_is_metafors(bcg):
    fit = rma(bcg, method="DL", test="z")
    assert (fit.estimate, fit.tau2) == (near(-0.714117222073227), near(0.308760262862376))
    assert fit.deviance == near(37.1505398363672)


def test_the_common_effect_is_metafors(bcg):
    fit = rma(bcg, method="EE", test="z")
    assert (fit.estimate, fit.se, fit.I2) == (
        near(-0.430285163654091),
        near(0.0404987517108638),
        near(92.1173468545621),
    )


def test_reml_sits_on_the_top_of_its_likelihood(bcg):
    from synth.meta.tau2 import log_likelihood

    fit = rma(bcg, test="z")
    here = log_likelihood(fit.yi, fit.vi, fit.tau2, restricted=True)
    assert all(here > log_likelihood(fit.yi, fit.vi, fit.tau2 * step, restricted=True) for step in (0.999, 1.001))


def test_tau2_of_homogeneous_studies_is_zero_and_never_negative():
    for method in METHODS:
        fit = rma([0.2, 0.25, 0.22, 0.18], [0.04, 0.09, 0.02, 0.05], method=method, test="z")
        assert fit.tau2 == 0 or method == "SJ"
        assert np.isfinite([fit.estimate, fit.se, fit.I2, fit.H2]).all()


def test_a_likelihood_that_does_not_settle_is_searched_and_said(monkeypatch, bcg):
    from synth.meta import tau2

    monkeypatch.setattr(tau2, "_MAX_STEPS", 1)
    fit = rma(bcg)
    assert fit.tau2 == near(0.313243258136481)
    assert [caution.name for caution in fit.cautions] == ["NotConverged"]


def test_one_study_is_given_as_it_is():
    with pytest.warns(SingleStudy, match="Only one study"):
        fit = rma([0.5], [0.04])
    assert (fit.estimate, fit.se, fit.tau2, fit.k) == (0.5, 0.2, 0.0, 1)
    assert fit.natural()["pi_low"] is None


def test_cautions_are_named_and_warned():
    with pytest.warns(NarrowKnappHartung):
        rma([0.2, 0.21, 0.22], [0.1, 0.1, 0.1])
    with pytest.warns(FewStudies, match="3 studies"):
        rma([0.2, 0.21, 0.22], [0.1, 0.1, 0.1], test="z")


def test_rows_without_numbers_are_dropped_by_name():
    frame = pd.DataFrame({"yi": [0.1, None, 0.3], "vi": [0.1, 0.1, 0.1], "who": ["Ana", "Ben", "Chi"]})
    with pytest.warns(RowsDropped, match="1 row has no estimate .*Ben"):
        fit = rma(frame, slab="who")
    assert (fit.slab, fit.dropped) == (("Ana", "Chi"), ("Ben",))


@pytest.mark.parametrize(("call", "message"), [
    (lambda: rma([0.1, 0.2], [0.1, 0.1], method="REM"), 'no method "REM"'),
    (lambda: rma([0.1, 0.2], [0.1, 0.1], test="khna"), 'no test "khna"'),
    (lambda: rma([0.1, 0.2], [0.1, 0.0]), "Study 2: a sampling variance of 0"),
    (lambda: rma([0.1, 0.2], [0.1]), "2 estimates and 1 variances"),
    (lambda: rma([0.1]), "without their variances"),
    (lambda: rma([np.nan], [1.0]), "nothing to pool"),
    (lambda: rma([0.1, 0.2], [0.1, 0.1], level=0.95e3), "no percentage"),
    (lambda: rma(pd.DataFrame({"yi": [1.0], "v": [1.0]})), 'no column "vi"'),
])  # fmt: skip
def test_wrong_calls_say_what_is_wrong(call, message):
    with pytest.raises(UsageError, match=message):
        call()


def test_a_wrong_name_gets_a_near_one():
    with pytest.raises(UsageError) as caught:
        rma([0.1, 0.2], [0.1, 0.1], test="khna")
    assert caught.value.hint == "Did you mean knha?"


def test_the_dictionary_is_plain_json_with_metafors_names(bcg):
    found = json.loads(json.dumps(rma(bcg).to_dict(), allow_nan=False))
    assert found["b"] == [near(-0.714532342158139)]
    assert {"se", "zval", "pval", "ci_lb", "ci_ub", "tau2", "I2", "QE", "QEp", "logLik", "weights"} <= set(found)
    assert json.dumps(rma([0.5], [0.04]).to_dict(), allow_nan=False)


def test_natural_numbers_of_a_ratio_are_ratios(bcg):
    assert rma(bcg).natural()["estimate"] == pytest.approx(np.exp(-0.714532342158139))


def test_the_summary_holds_model_heterogeneity_and_result(bcg):
    text = rma(bcg).summary()
    for words in ("13 studies", "Knapp-Hartung", "92.22 %", "Q(df = 12) = 152.2330, p < .0001", "RR 0.49 [0.33, 0.73]"):
        assert words in text


def test_the_summary_frame_ends_with_the_pooled_row(bcg):
    frame = rma(bcg).summary_frame()
    assert list(frame.columns) == ["eff", "sd_eff", "ci_low", "ci_upp", "weight"]
    assert frame["weight"].iloc[:-1].sum() == pytest.approx(100)
    assert frame.index[-1] == "pooled"


@st.composite
def samples(draw):
    k = draw(st.integers(2, 12))
    yi = draw(st.lists(st.floats(-3, 3), min_size=k, max_size=k))
    vi = draw(st.lists(st.floats(0.01, 2), min_size=k, max_size=k))
    return np.array(yi), np.array(vi)


@settings(deadline=None, max_examples=60)
@given(samples(), st.randoms(use_true_random=False), st.sampled_from(METHODS))
def test_the_order_of_studies_changes_nothing(sample, random, method):
    yi, vi = sample
    order = list(range(len(yi)))
    random.shuffle(order)
    one, two = rma(yi, vi, method=method), rma(yi[order], vi[order], method=method)
    assert two.estimate == pytest.approx(one.estimate, rel=1e-7, abs=1e-9)
    assert two.tau2 == pytest.approx(one.tau2, rel=1e-7, abs=1e-9)


@settings(deadline=None, max_examples=60)
@given(samples(), st.floats(0.01, 100), st.sampled_from(METHODS))
def test_another_unit_scales_the_results(sample, unit, method):
    yi, vi = sample
    one, two = rma(yi, vi, method=method, test="z"), rma(yi * unit, vi * unit**2, method=method, test="z")
    assert two.estimate == pytest.approx(one.estimate * unit, rel=1e-6, abs=1e-8 * unit)
    assert two.tau2 == pytest.approx(one.tau2 * unit**2, rel=1e-6, abs=1e-8 * unit**2)
    assert pytest.approx(one.I2, rel=1e-6, abs=1e-6) == two.I2


@settings(deadline=None, max_examples=60)
@given(samples())
def test_rows_split_in_halves_with_doubled_variance_pool_to_the_same_common_effect(sample):
    yi, vi = sample
    one = rma(yi, vi, method="EE", test="z")
    two = rma(np.repeat(yi, 2), np.repeat(vi * 2, 2), method="EE", test="z")
    assert (two.estimate, two.se) == (pytest.approx(one.estimate, abs=1e-12), pytest.approx(one.se))
    assert pytest.approx(one.QE, abs=1e-9) == two.QE


@settings(deadline=None, max_examples=60)
@given(samples(), st.sampled_from(METHODS))
def test_nothing_is_nan_or_negative(sample, method):
    fit = rma(*sample, method=method)
    assert fit.tau2 >= 0
    assert 0 <= fit.I2 <= 100
    assert np.isfinite(
        [fit.estimate, fit.se, fit.H2, fit.QE, fit.QEp, *fit.conf_int()[0], *fit.tvalues, *fit.pvalues, *fit.weights]
    ).all()


def test_reml_of_a_hundred_thousand_studies_is_possible():
    rng = np.random.default_rng(1)
    vi = rng.uniform(0.05, 0.5, 100_000)
    fit = rma(rng.normal(0.3, np.sqrt(vi + 0.2)), vi)
    assert fit.tau2 == pytest.approx(0.2, rel=0.05)


def test_equal_results_keep_an_interval():
    with pytest.warns(NarrowKnappHartung, match="All results are equal"):
        fit = rma([0.0, 0.0, 0.0], [0.1, 0.1, 0.1])
    assert (fit.pvalues[0], fit.se) == (1.0, near((0.1 / 3) ** 0.5))


def test_cautions_can_be_made_errors():
    with warnings.catch_warnings():
        warnings.simplefilter("error", category=Caution)
        with pytest.raises(SingleStudy):
            rma([0.5], [0.04])
