from __future__ import annotations

import math

import pandas as pd
import pytest
from synth.meta import convert_estimates, from_estimate
from synth.meta.cautions import AsymmetricInterval


def test_a_ratio_with_its_interval_is_analysed_as_a_logarithm():
    found = from_estimate(0.5, measure="RR", ci_low=0.25, ci_high=1.0)
    assert found.yi == pytest.approx(math.log(0.5))
    assert found.vi == pytest.approx((math.log(4) / (2 * 1.959963984540054)) ** 2)
    assert (found.source, found.problem, found.note) == ("interval", "", "")


def test_a_difference_with_a_ninety_percent_interval():
    found = from_estimate(2.0, measure="MD", ci_low=1.0, ci_high=3.0, level=90)
    assert found.vi == pytest.approx((1 / 1.6448536269514722) ** 2)


def test_a_standard_error_is_taken_on_the_scale_of_analysis():
    assert from_estimate(0.5, measure="OR", se=0.2).vi == pytest.approx(0.04)


def test_a_p_value_gives_the_standard_error_if_nothing_else_does():
    found = from_estimate(1.959963984540054, measure="MD", p=0.05)
    assert (found.vi, found.source) == (pytest.approx(1.0), "p")


@pytest.mark.parametrize(("given", "problem"), [
    ({"estimate": 0.5, "ci_low": 0.6, "ci_high": 0.9}, "does not contain the estimate"),
    ({"estimate": 0.5, "ci_low": 0.0, "ci_high": 0.9}, "lower limit 0 of a ratio"),
    ({"estimate": 0.5, "ci_low": 0.5, "ci_high": 0.5}, "no width"),
    ({"estimate": -0.5, "ci_low": -1, "ci_high": 0.9}, "ratio of -0.5"),
    ({"estimate": 0.5}, "stands alone"),
    ({"estimate": 0.5, "se": 0.0}, "standard error of 0"),
    ({"estimate": 1.0, "p": 0.5}, "No standard error follows"),
    ({"estimate": math.nan}, "No estimate"),
])  # fmt: skip
def test_impossible_results_say_why(given, problem):
    found = from_estimate(**given, measure="RR")
    assert problem in found.problem
    assert math.isnan(found.yi)


def test_an_uneven_interval_is_noted_unless_rounding_explains_it():
    assert from_estimate(0.13, measure="RR", ci_low=0.01, ci_high=1.15).note == ""
    assert "does not lie in the middle" in from_estimate(0.9, measure="RR", ci_low=0.3, ci_high=1.0).note


def test_a_table_of_printed_results():
    frame = pd.DataFrame({"est": [0.5, 0.9, None], "lo": [0.25, 0.3, None], "hi": [1.0, 1.0, None]})
    with pytest.warns(AsymmetricInterval):
        found = convert_estimates(frame, "RR", estimate="est", ci_low="lo", ci_high="hi")
    assert found["source"].tolist() == ["interval", "interval", ""]
    assert found["problem"].tolist() == ["", "", "No estimate is given"]
    assert found.attrs["measure"] == "RR"
