"""Every measure on one set of raw numbers; and what escalc promises for all of them."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synth.errors import UsageError
from synth.meta import MEASURES, back_transform, escalc
from synth.meta.formulas_correlations import bivariate_normal

RAW = pd.DataFrame({
    "ai": [3.0, 12.0], "bi": [7.0, 20.0], "ci": [5.0, 9.0], "di": [15.0, 30.0], "n1i": [10.0, 32.0],
    "m1i": [12.0, 9.0], "sd1i": [4.0, 3.0], "m2i": [10.0, 8.0], "sd2i": [5.0, 2.0], "n2i": [20.0, 39.0],
    "x1i": [4.0, 8.0], "t1i": [10.0, 40.0], "x2i": [2.0, 9.0], "t2i": [10.0, 30.0], "ri": [0.5, 0.2],
    "ni": [28.0, 60.0], "xi": [6.0, 20.0], "sdi": [3.0, 4.0], "yi": [0.1, 0.2], "vi": [0.04, 0.02],
})  # fmt: skip
ONE = {"mi": [22.0, 40.0]}
RELIABILITY = {"ai": [0.9, 0.8], "mi": [10.0, 5.0]}
COMPUTED = sorted(set(MEASURES) - {"PRR", "HR", "DID", "beta", "GEN"})


def raw_for(measure):
    if measure in {"ARAW", "AHW", "ABT"}:
        return RAW.assign(**RELIABILITY)
    if measure in {"PCOR", "ZPCOR"}:
        return RAW.assign(ti=[2.0, 1.0], mi=[3.0, 4.0])
    if measure in {"IR", "IRLN", "IRS", "IRFT"}:
        return RAW.assign(ti=[10.0, 40.0])
    return RAW.assign(**ONE)


@pytest.mark.parametrize("compat", ["5.1", "3.8"])
@pytest.mark.parametrize("measure", COMPUTED)
def test_every_measure_has_an_estimate_a_variance_and_a_way_back(measure, compat):
    found = escalc(raw_for(measure), measure, compat=compat)
    assert np.isfinite(found[["yi", "vi"]]).all(axis=None)
    assert (found["vi"] > 0).all()
    assert np.isfinite(back_transform(measure, found["yi"].to_numpy())).all()


def test_unknown_variances_versions_and_correlations_are_refused():
    with pytest.raises(UsageError, match='vtype = "HO" is not a variance of SMD'):
        escalc(RAW, "SMD", vtype="HO")
    with pytest.raises(UsageError, match=r"compat = .4\.0"):
        escalc(RAW, "ROM", compat="4.0")
    with pytest.raises(UsageError, match=r"Row 1 has a correlation of 1\.5"):
        escalc(None, "ZCOR", ri=[1.5], ni=[20])


def test_the_unbiased_correlation_of_a_huge_sample_is_nearly_the_correlation():
    found = escalc(None, "UCOR", ri=[0.05], ni=[4000])["yi"].iloc[0]
    assert found == pytest.approx(0.05, rel=1e-3)


def test_the_tetrachoric_correlation_gives_back_the_table():
    """P(X < 0, Y < 0) = 1/4 + asin(r)/(2 pi), Sheppard (1899)."""
    assert bivariate_normal(0, 0, 0.6) == pytest.approx(0.25 + math.asin(0.6) / (2 * math.pi), rel=1e-14)
    cell = 1000 * (0.25 + math.asin(0.6) / (2 * math.pi))
    found = escalc(None, "RTET", ai=[cell], bi=[500 - cell], ci=[500 - cell], di=[cell])
    assert found["yi"].iloc[0] == pytest.approx(0.6, rel=1e-12)


cells = st.integers(1, 400)


@settings(deadline=None, max_examples=40)
@given(cells, cells, cells, cells)
def test_exchanging_the_arms_turns_the_sign_and_keeps_the_variance(a, b, c, d):
    for measure in ("RR", "OR", "RD", "PETO", "AS", "PHI", "YUQ", "YUY", "PBIT", "OR2DN"):
        one = escalc(None, measure, ai=[a], bi=[b], ci=[c], di=[d]).iloc[0]
        two = escalc(None, measure, ai=[c], bi=[d], ci=[a], di=[b]).iloc[0]
        assert one["yi"] == pytest.approx(-two["yi"], abs=1e-9)
        assert one["vi"] == pytest.approx(two["vi"], rel=1e-9)


@settings(deadline=None, max_examples=40)
@pytest.mark.filterwarnings("ignore::synth.meta.Caution")
@given(st.floats(0.1, 50), st.floats(0.1, 50), st.floats(0.01, 1000))
def test_measures_without_a_unit_do_not_change_with_the_unit(m1, m2, unit):
    for measure in ("SMD", "SMDH", "SMD1", "ROM", "CVR", "VR", "RPB"):
        arms = {"n1i": [20], "n2i": [30]}
        one = escalc(None, measure, m1i=[m1], sd1i=[2.0], m2i=[m2], sd2i=[3.0], **arms)
        two = escalc(None, measure, m1i=[m1 * unit], sd1i=[2.0 * unit], m2i=[m2 * unit], sd2i=[3.0 * unit], **arms)
        assert one[["yi", "vi"]].to_numpy() == pytest.approx(two[["yi", "vi"]].to_numpy(), rel=1e-7, abs=1e-9)
