"""Numbers named "metafor" were made by metafor 3.8-1 with threshold 1e-13; they are met to 1e-9, relative."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synth.errors import UsageError
from synth.meta import METHODS, rma, subgroups
from synth.meta.cautions import ManyModerators, RedundantModerators, RowsDropped, SaturatedModel
from synth.meta.regression import CarefulColumns, WeighedColumns, WeighedMean

pytestmark = pytest.mark.filterwarnings("ignore::synth.meta.Caution")
near = lambda value: pytest.approx(value, rel=1e-9)  # noqa: E731  a short word for the one tolerance of this file


@pytest.fixture
def trials(bcg):
    return bcg.assign(
        ablat=[44, 55, 42, 52, 13, 44, 19, 13, 27, 42, 18, 33, 33],
        year=[1948, 1949, 1960, 1977, 1973, 1953, 1973, 1980, 1968, 1961, 1974, 1969, 1976],
    )


def test_a_meta_regression_is_metafors(trials):
    fit = rma(trials, mods="~ ablat + year")
    assert fit.names == ("intrcpt", "ablat", "year")
    assert fit.params.tolist() == near([-3.54535301995838, -0.0280113294441974, 0.00190748044752272])
    assert fit.bse.tolist() == near([32.2563394835149, 0.0113456775206705, 0.0162788048736586])
    assert (fit.tau2, fit.QE, fit.R2) == (near(0.110784696947975), near(28.3251436562553), near(64.6330147352427))
    assert (fit.QM, fit.QMp, fit.QMdf) == (near(4.96494755588157), near(0.0318035012859467), (2, 10.0))
    assert fit.aicc == near(32.2137476740124)


def test_intervals_of_the_residual_tau2_are_metafors(trials):
    found = rma(trials, mods="~ ablat + year", test="z").confint()
    assert found.tau2 == pytest.approx((0.110784696947975, 0.0217867280107487, 0.954869618076201), rel=1e-9)


def test_predictions_for_new_rows_are_metafors(trials):
    shown = np.exp(rma(trials, mods="~ ablat", test="z").predict([0, 20, 40, 60]))
    assert shown["pred"].tolist() == near([1.28591202028043, 0.718516729200835, 0.401478703052234, 0.224330405199863])
    assert shown["pi_ub"].iloc[0] == near(2.66607589697563)


def test_new_rows_may_be_a_frame_or_a_mapping(trials):
    fit = rma(trials, mods="~ alloc + ablat")
    one = fit.predict({"alloc": "random", "ablat": 30})
    two = fit.predict(pd.DataFrame({"alloc": ["random"], "ablat": [30]}))
    assert one["pred"].iloc[0] == two["pred"].iloc[0]
    with pytest.raises(UsageError, match='no group "by lot"'):
        fit.predict({"alloc": "by lot", "ablat": 30})


@pytest.mark.parametrize(("method", "tau2", "se"), [
    ("PMM", 0.343387906895803, 0.184775715543421),
    ("DLIT", 0.157574420286765, 0.168450246051367),
    ("HSk", 0.249169930280965, 0.150709190075735),
    ("SJIT", 0.318068452205046, 0.173663027462766),
])  # fmt: skip
def test_the_rarer_estimators_are_metafors(bcg, method, tau2, se):
    fit = rma(bcg, method=method, test="z")
    assert (fit.tau2, fit.se_tau2) == (near(tau2), near(se))


def test_equal_weights_are_metafors(bcg):
    fit = rma(bcg, weighted=False, test="z")
    assert (fit.estimate, fit.se, fit.loglik) == (
        near(-0.740650381210937), near(0.189339908799874), near(-12.2129240540001)
    )  # fmt: skip


def test_weights_of_ones_own_are_metafors(bcg, bcg_counts):
    size = bcg_counts[["tpos", "tneg", "cpos", "cneg"]].sum(axis=1)
    fit = rma(bcg, method="GENQ", weights=size, test="z")
    assert (fit.estimate, fit.se) == (near(-0.235582013288094), near(0.277190409722431))
    assert (fit.tau2, fit.se_tau2) == (near(0.23914540688209), near(0.196167532535621))


def test_groups_with_a_common_tau2_are_the_regression(trials):
    found, fit = subgroups(trials, "alloc", tau2="common", test="z"), rma(trials, mods="~ alloc", test="z")
    assert (found.tau2, found.QB) == (near(0.361503664324018), near(1.76751140193171))
    assert [each.estimate for each in found.fits] == near([fit.params[0], *(fit.params[0] + fit.params[1:])])


def test_sums_are_the_traces_of_the_matrices():
    rng = np.random.default_rng(3)
    k, w, v = 9, rng.uniform(0.1, 5, 9), rng.uniform(0.1, 2, 9)
    Q = np.linalg.qr(np.column_stack([np.ones(k), rng.normal(size=k)]))[0]
    y = rng.normal(size=k)
    for fit, X in ((WeighedMean(w), np.ones((k, 1))), (WeighedColumns(w, Q), Q), (CarefulColumns(w, Q), Q)):
        W = np.diag(w)
        P = W - W @ X @ np.linalg.inv(X.T @ W @ X) @ X.T @ W
        assert (fit.trace(v), fit.trace2(v)) == (near(np.trace(P * v)), near(np.trace(P @ np.diag(v) @ P @ np.diag(v))))
        assert fit.traces() == (near(np.trace(P)), near(np.trace(P @ P)))
        assert fit.quadratic(y) == near(y @ P @ y)


def test_columns_that_add_nothing_are_left_out_by_name(trials):
    with pytest.warns(RedundantModerators, match="twice is left out"):
        fit = rma(trials.assign(twice=2 * trials["ablat"] + 1), mods="~ ablat + twice")
    assert fit.params.tolist() == near(rma(trials, mods="~ ablat").params.tolist())


def test_a_constant_moderator_leaves_a_mean(trials):
    fit = rma(trials.assign(same=5.0), mods="~ same")
    assert (fit.is_regression, fit.estimate) == (False, near(rma(trials).estimate))


def test_rows_without_moderators_are_dropped_by_name(trials):
    with pytest.warns(RowsDropped, match=r"1 row has .*not all moderators.*Study 2"):
        fit = rma(trials.assign(ablat=trials["ablat"].where(trials["ablat"] != 55)), mods="~ ablat")
    assert fit.k == 12


def test_as_many_coefficients_as_studies_is_said():
    with pytest.warns(SaturatedModel, match="tau2"):
        fit = rma([0.1, 0.5], [0.1, 0.2], mods=[1.0, 2.0])
    assert (fit.tau2, fit.QE) == (0, 0)


def test_too_many_moderators_are_said(trials):
    with pytest.warns(ManyModerators, match="2 coefficients of moderators from 13 studies"):
        rma(trials, mods="~ ablat + year")


@pytest.mark.parametrize(("call", "message"), [
    (lambda data: rma(data, mods="~ 0"), "No moderator differs|cannot"),
    (lambda data: rma(data, mods=[1.0, 2.0]), "13 estimates and 2 rows of moderators"),
    (lambda data: rma([0.1, 0.2], [0.1, 0.1], mods="~ x"), "needs a table"),
    (lambda data: rma(data, method="GENQ"), "GENQ needs weights"),
    (lambda data: rma(data, weights=[-1.0] * 13), "0 or more"),
    (lambda data: rma(data, tau2=-1), "no variance"),
    (lambda data: rma(data, mods=data[["alloc"]]), 'Moderator "alloc" holds text'),
    (lambda data: rma(data, mods="~ ablat").predict([[1, 2]]), "New rows need 1 finite numbers"),
])  # fmt: skip
def test_wrong_calls_say_what_is_wrong(trials, call, message):
    with pytest.raises(UsageError, match=message):
        call(trials)


@st.composite
def samples(draw):
    k = draw(st.integers(4, 12))
    numbers = lambda low, high: np.array(draw(st.lists(st.floats(low, high), min_size=k, max_size=k)))  # noqa: E731
    return numbers(-3, 3), numbers(0.01, 2), numbers(-5, 5)


@settings(deadline=None, max_examples=60)
@given(samples(), st.sampled_from(METHODS))
def test_another_origin_and_unit_of_a_moderator_change_only_its_coefficient(sample, method):
    y, v, x = sample
    if np.ptp(x) < 0.1:
        return
    one, two = rma(y, v, mods=x, method=method, test="z"), rma(y, v, mods=(x - 1980) / 10, method=method, test="z")
    assert two.params[1] == pytest.approx(10 * one.params[1], rel=1e-6, abs=1e-7)
    assert two.tau2 == pytest.approx(one.tau2, rel=1e-6, abs=1e-8)
    assert np.isfinite([*one.params, *one.bse, one.QM, one.QMp, one.R2]).all()


def test_the_summary_of_a_regression_names_its_coefficients(trials):
    text = rma(trials, mods="~ ablat + year").summary()
    for words in (
        "Mixed-effects model",
        "R2 (explained):           64.63 %",
        "F(df = 2, 10) = 4.9649",
        "ablat     -0.0280   0.0113  -2.4689  10  0.0332",
    ):
        assert words in text
