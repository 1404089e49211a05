"""Mantel-Haenszel, Peto and mixed models for counts. Numbers: metafor 3.8-1 on BCG, unless another source is named."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from synth.errors import UsageError
from synth.meta import glmm, mantel_haenszel, peto
from synth.meta.mantel_haenszel import NoInformation
from synth.meta.quadrature import integrate

CELLS = {"ai": "tpos", "bi": "tneg", "ci": "cpos", "di": "cneg"}


def test_the_mantel_haenszel_odds_ratio_and_its_tests_are_metafors(bcg_counts):
    found = mantel_haenszel(bcg_counts, "OR", **CELLS)
    assert [found.estimate, found.se] == pytest.approx([-0.473410988388585, 0.0410077784042314], rel=1e-12)
    assert pytest.approx([163.942579569193, 135.688943723906], rel=1e-12) == [found.QE, found.MH]
    assert pytest.approx([171.756672993871, 171.765366579396], rel=1e-12) == [found.TA, found.BD]


@pytest.mark.parametrize(("measure", "expected"), [
    ("RR", [-0.453709604683754, 0.0393373668712944]), ("RD", [-0.003288181832613, 0.000286656748527374]),
])  # fmt: skip
def test_other_measures_are_metafors_too(bcg_counts, measure, expected):
    found = mantel_haenszel(bcg_counts, measure, **CELLS)
    assert [found.estimate, found.se] == pytest.approx(expected, rel=1e-12)
    assert np.isnan(found.BD)


def test_petos_odds_ratio_is_metafors(bcg_counts):
    found = peto(bcg_counts, **CELLS)
    assert [found.estimate, found.se, found.QE] == pytest.approx(
        [-0.474446310940636, 0.0406590807446483, 167.730167511489], rel=1e-12
    )


def test_leaving_out_and_adding_equal_pooling_the_rest(bcg_counts):
    found = mantel_haenszel(bcg_counts, "RR", **CELLS)
    rest = mantel_haenszel(bcg_counts.drop(index=2), "RR", **CELLS)
    assert found.leave_one_out().iloc[2][["estimate", "se"]].tolist() == pytest.approx([rest.estimate, rest.se])
    assert found.cumulative(bcg_counts.index).iloc[-1]["estimate"] == pytest.approx(found.estimate)


def test_studies_in_halves_are_the_same_study(bcg_counts):
    """Every term of the sums is homogeneous: two halves of a table count as much as the whole."""
    halves = pd.concat([bcg_counts, bcg_counts])
    for column in CELLS.values():
        halves[column] = halves[column] / 2
    one, two = mantel_haenszel(bcg_counts, "OR", **CELLS), mantel_haenszel(halves, "OR", **CELLS)
    assert [two.estimate, two.se] == pytest.approx([one.estimate, one.se], rel=1e-12)


def test_a_ratio_without_events_is_refused():
    frame = pd.DataFrame({"ai": [0, 0], "bi": [10, 12], "ci": [0, 0], "di": [15, 8]})
    with pytest.raises(UsageError, match="No odds ratio follows from these 2 studies"):
        mantel_haenszel(frame, "OR")
    with pytest.raises(UsageError, match="No study has an event"):
        glmm(frame, "OR")


def test_studies_without_events_are_told():
    frame = pd.DataFrame({"ai": [0, 3], "bi": [10, 12], "ci": [0, 4], "di": [15, 8]})
    with pytest.warns(NoInformation, match="1 study has no information"):
        assert mantel_haenszel(frame, "OR").QEdf == 0


def test_a_mixed_model_without_tau2_is_a_logistic_regression(bcg_counts):
    found = glmm(bcg_counts, "OR", model="UM.FS", method="EE", **CELLS)
    assert [found.estimate, found.se, found.QE_LRT] == pytest.approx(
        [-0.477255427907877, 0.0412318873229703, 176.954448188362], rel=1e-5
    )


def test_conditional_models_are_lme4s_within_its_quadrature(bcg_counts):
    found = glmm(bcg_counts, "OR", model="CM.AL", method="ML", **CELLS)
    assert [found.estimate, found.se, found.tau2] == pytest.approx([-0.722117, 0.174402, 0.28871], rel=2e-4)


def test_one_study_and_impossible_models_are_answered(bcg_counts):
    found = glmm(bcg_counts.iloc[:1], "OR", model="CM.EL", **CELLS)
    assert (found.k, found.tau2, found.QEp_LRT) == (1, 0, 1)
    with pytest.raises(UsageError, match="no mixed model for SMD"):
        glmm(bcg_counts, "SMD")
    with pytest.raises(UsageError, match="fitted by ML, not REML"):
        glmm(bcg_counts, "OR", method="REML", **CELLS)


def test_quadrature_integrates_a_normal_kernel_exactly():
    """The integral of exp(-(1 + t)^2/2) over a standard normal t is exp(-1/4)/sqrt(2)."""

    def kernel(x):
        return -(x**2) / 2, -x, -np.ones_like(x)

    assert integrate(kernel, np.array([1.0]), 1.0, 5)[0] == pytest.approx(-0.25 - np.log(2) / 2, rel=1e-12)
