"""Conversions, transformations and combined p-values. Numbers: metafor 5.1-12 and metap 1.8, unless named otherwise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import stdtr
from scipy.stats import combine_pvalues
from synth.errors import UsageError
from synth.meta import (
    TRANSFORMS,
    BackTransformedDoubleArcsine,
    combine_p,
    convert_2x2,
    convert_delta,
    convert_five_numbers,
    convert_p,
    convert_t,
    convert_wald,
    escalc,
    rma,
    se_to_sd,
)
from synth.meta.conversions import SkewedSummary


@settings(deadline=None, max_examples=50)
@given(*[st.integers(1, 300)] * 4)
def test_a_table_comes_back_from_its_margins_and_odds_ratio(a, b, c, d):
    found = convert_2x2(ori=a * d / (b * c), ni=a + b + c + d, n1i=a + b, n2i=a + c).iloc[0]
    assert found.tolist() == [a, b, c, d]


@settings(deadline=None, max_examples=50)
@given(*[st.integers(1, 300)] * 4)
def test_a_table_comes_back_from_phi(a, b, c, d):
    phi = (a * d - b * c) / np.sqrt((a + b) * (c + d) * (a + c) * (b + d))
    assert convert_2x2(ri=phi, ni=a + b + c + d, n1i=a + b, n2i=a + c).iloc[0].tolist() == [a, b, c, d]


def test_intervals_statistics_and_p_give_the_same_variance():
    by_interval = convert_wald([1.5], ci_lb=[1.5 / np.exp(0.392)], ci_ub=[1.5 * np.exp(0.392)], transf=np.log)
    by_p = convert_wald([np.log(1.5)], pval=[0.05])
    assert by_interval["vi"].iloc[0] == pytest.approx((0.392 / 1.959963984540054) ** 2)
    assert by_p["vi"].iloc[0] == pytest.approx((np.log(1.5) / 1.959963984540054) ** 2)
    assert np.isnan(convert_wald([0.3], pval=[1.0])["vi"].iloc[0])


@settings(deadline=None, max_examples=50)
@given(st.floats(0.2, 5))
def test_t_and_its_p_give_the_same_difference(t):
    p = 2 * float(stdtr(38, -t))
    assert convert_p([p], 20, 20)[0] == pytest.approx(convert_t([t], 20, 20)[0], rel=1e-6)


def test_the_delta_method_knows_the_slope():
    found = convert_delta([0.49, -0.51], [0.02, 0.02], np.arctanh)
    assert found["vi"].tolist() == pytest.approx([0.02 / (1 - 0.49**2) ** 2, 0.02 / (1 - 0.51**2) ** 2], rel=1e-9)


def test_five_numbers_give_metafors_mean_and_deviation():
    found = convert_five_numbers(minimum=[28.1], q1=[33.6], median=[37.7], q3=[43.0], maximum=[51.5], n=[82]).iloc[0]
    assert found.tolist() == pytest.approx([38.2386056677804, 5.94782900137241], rel=1e-12)


def test_numbers_out_of_order_and_skewed_numbers_are_told():
    with pytest.raises(UsageError, match="Row 1: q3 is smaller"):
        convert_five_numbers(q1=[3], median=[5], q3=[4], n=[20])
    with pytest.warns(SkewedSummary, match="row 1 are skewed"):
        convert_five_numbers(q1=[1], median=[2], q3=[30], n=[200])


def test_a_standard_error_is_a_deviation_over_a_root():
    assert se_to_sd([0.5], [16])[0] == 2


@pytest.mark.parametrize("name", ["exp", "ilogit", "ztor", "iarcsin", "isqrt"])
def test_transformations_back_are_those_of_the_measures(name):
    measure = {"exp": "PLN", "ilogit": "PLO", "ztor": "ZCOR", "iarcsin": "PAS", "isqrt": "IRS"}[name]
    raw = {"xi": [5], "ni": [20], "ti": [8.0]} if measure != "ZCOR" else {"ri": [0.25], "ni": [20]}
    share = {"IRS": 5 / 8}.get(measure, 0.25)
    assert TRANSFORMS[name](escalc(None, measure, **raw)["yi"]) == pytest.approx([share])


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 40), st.integers(1, 40))
def test_the_double_arcsine_of_one_study_goes_there_and_back(x, more):
    n = x + more
    value = escalc(None, "PFT", xi=[x], ni=[n])["yi"]
    assert TRANSFORMS["ipft"](value, [n]) == pytest.approx([x / n], abs=1e-9)


def test_a_pooled_double_arcsine_is_warned_of():
    with pytest.warns(BackTransformedDoubleArcsine, match="harmonic mean"):
        TRANSFORMS["ipft_hm"](0.8, [10, 20])


def test_integrals_over_true_effects_shrink_to_the_plain_value():
    assert TRANSFORMS["ztor_int"](0.7, 0.0) == pytest.approx(np.tanh(0.7))
    assert TRANSFORMS["ztor_int"](0.7, 0.2) == pytest.approx(0.539804645093431, rel=1e-9)


@pytest.mark.parametrize("method", ["fisher", "stouffer", "tippett"])
def test_combining_p_equals_scipy(method):
    p = [0.01, 0.2, 0.3, 0.6, 0.04]
    assert combine_p(p, method).pval == pytest.approx(combine_pvalues(p, method).pvalue, rel=1e-10)


def test_the_sum_of_many_p_is_exact_where_floats_fail():
    """The sum of k uniforms is symmetric around k/2."""
    assert combine_p(np.full(150, 0.5), "edgington").pval == pytest.approx(0.5, rel=1e-12)


def test_p_values_that_cannot_be_are_refused():
    with pytest.raises(UsageError, match=r"1\.2 is no p-value"):
        combine_p([0.1, 1.2])
    with pytest.raises(UsageError, match="no place for a p of exactly 0 or 1"):
        combine_p([0.1, 1.0], "stouffer")
    assert combine_p([0.1, 1.0], "stouffer", omit=True).k == 1


@pytest.mark.filterwarnings("ignore::synth.meta.Caution")
def test_a_fit_hands_over_p_without_losing_tiny_ones():
    assert combine_p(rma([5.0, 4.0], [0.01, 0.01]), "stouffer").statistic == pytest.approx(90 / np.sqrt(2))
