"""Expected numbers: metafor 3.8-1 on constructed 2x2 tables, unless another source is named; met to 1e-10."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from synth.errors import UsageError
from synth.meta import escalc
from synth.meta.cautions import PossibleStandardError

CELLS = pd.DataFrame({"ai": [0, 0, 1], "bi": [10, 12, 99], "ci": [0, 4, 2], "di": [15, 8, 98]})


@pytest.mark.parametrize(("measure", "yi", "vi"), [
    ("RR", [0.374693449441411, -2.19722457733622, -0.693147180559945], [3.84659090909091, 2.06837606837607, 1.48]),
    ("OR", [0.389464766761723, -2.5828870581482, -0.703299552023963], [4.15975422427035, 2.41986928104575, 1.52030509173366]),
    ("RD", [0.0142045454545455, -0.307692307692308, -0.01], [0.00583649254848328, 0.0202548930359581, 0.000295]),
    ("PETO", [0.383522727272727, -1.9047619047619, -0.673434856175973], [4.14204545454546, 0.952380952380952, 1.34686971235195]),
    ("AS", [0, -0.615479708670387, -0.0417296334426041], [0.0416666666666667, 0.0416666666666667, 0.005]),
])  # fmt: skip
def test_two_by_two_measures_are_metafors(measure, yi, vi):
    found = escalc(CELLS, measure)
    assert found["yi"].tolist() == pytest.approx(yi, rel=1e-10)
    assert found["vi"].tolist() == pytest.approx(vi, rel=1e-10)


@pytest.mark.parametrize(("options", "expected"), [
    ({}, [3.84659090909091, 2.06837606837607, 1.48]),
    ({"to": "all"}, [3.84659090909091, 2.06837606837607, 1.04686468646865]),
    ({"to": "if0all"}, [3.84659090909091, 2.06837606837607, 1.04686468646865]),
    ({"add": 0.25}, [7.84024577572965, 4.07529411764706, 1.48]),
    ({"add": 0, "to": "none"}, [np.nan, np.nan, 1.48]),
    ({"drop00": True}, [np.nan, 2.06837606837607, 1.48]),
])  # fmt: skip
def test_the_zero_cell_rules_are_metafors(options, expected):
    found = escalc(CELLS, "RR", **options)["vi"]
    assert found.tolist() == pytest.approx(expected, rel=1e-10, nan_ok=True)


def test_group_sizes_stand_for_the_cells_without_the_event():
    sizes = pd.DataFrame({"ai": [3], "n1i": [10], "ci": [5], "n2i": [20]})
    cells = pd.DataFrame({"ai": [3], "bi": [7], "ci": [5], "di": [15]})
    assert escalc(sizes, "OR")[["yi", "vi"]].equals(escalc(cells, "OR")[["yi", "vi"]])


def test_numbers_may_be_given_without_a_frame():
    found = escalc(None, "OR", ai=[3], n1i=[10], ci=[5], n2i=[20])
    assert found["yi"].iloc[0] == pytest.approx(np.log(3 * 15 / (7 * 5)))


def test_hedges_g_has_the_exact_correction():
    """J(m) = gamma(m/2) / (sqrt(m/2) gamma((m-1)/2)) of Hedges (1981), with m = 38, by the standard library."""
    found = escalc(None, "SMD", m1i=[12.0], sd1i=[4.0], n1i=[20.0], m2i=[10.0], sd2i=[4.0], n2i=[20.0]).iloc[0]
    assert found["yi"] == pytest.approx(0.5 * math.gamma(19) / (math.sqrt(19) * math.gamma(18.5)), rel=1e-12)
    assert found["vi"] == pytest.approx(0.1 + found["yi"] ** 2 / 80)


def test_the_ratio_of_means_is_corrected_for_bias_unless_told_otherwise():
    arms = {"m1i": [12.0], "sd1i": [4.0], "n1i": [20.0], "m2i": [10.0], "sd2i": [4.0], "n2i": [20.0]}
    plain, corrected = escalc(None, "ROM", **arms, correct=False), escalc(None, "ROM", **arms)
    assert plain["yi"].iloc[0] == pytest.approx(np.log(1.2))
    assert corrected["yi"].iloc[0] == pytest.approx(np.log(1.2) + (16 / (20 * 144) - 16 / (20 * 100)) / 2)


def test_correlations_and_rates():
    assert escalc(None, "ZCOR", ri=[0.5], ni=[28])["vi"].iloc[0] == pytest.approx(0.04)
    assert escalc(None, "COR", ri=[0.5], ni=[26])["vi"].iloc[0] == pytest.approx(0.75**2 / 25)
    assert escalc(None, "IRR", x1i=[4], t1i=[10], x2i=[2], t2i=[10])["vi"].iloc[0] == pytest.approx(0.75)


def test_yi_with_standard_errors_is_an_effect_size_too():
    assert escalc(pd.DataFrame({"g": [0.4], "s": [0.2]}), "GEN", yi="g", sei="s")["vi"].iloc[0] == pytest.approx(0.04)


def test_the_frame_is_kept_and_the_measure_noted():
    found = escalc(CELLS.assign(study=["a", "b", "c"]), "rr")
    assert found["study"].tolist() == ["a", "b", "c"]
    assert found.attrs["measure"] == "RR"
    assert "yi" not in CELLS


@pytest.mark.parametrize(("call", "message"), [
    (lambda: escalc(CELLS, "ORR"), '"ORR" is not a measure'),
    (lambda: escalc(CELLS, "RR", ai="a"), 'no column "a"'),
    (lambda: escalc(CELLS, "MD"), "MD needs m1i"),
    (lambda: escalc(CELLS, "RR", to="some"), 'to = "some"'),
    (lambda: escalc(None, "OR", ai=[11], n1i=[10], ci=[5], n2i=[20]), "Row 1 has more events than people"),
    (lambda: escalc(CELLS.assign(ai=["0", "x", "1"]), "RR"), 'holds "x" in row 2'),
])  # fmt: skip
def test_wrong_calls_say_what_is_wrong(call, message):
    with pytest.raises(UsageError, match=message):
        call()


def test_a_missing_column_lists_those_there_are():
    with pytest.raises(UsageError) as caught:
        escalc(CELLS.rename(columns={"ai": "events_a"}), "RR", ai="event_a")
    assert "events_a, bi, ci, di" in caught.value.why
    assert caught.value.hint == "Did you mean events_a?"


def test_an_enormous_standardised_difference_is_suspected():
    with pytest.warns(PossibleStandardError, match="standard error"):
        escalc(None, "SMD", m1i=[12.0], sd1i=[0.1], n1i=[20.0], m2i=[10.0], sd2i=[0.1], n2i=[20.0])
