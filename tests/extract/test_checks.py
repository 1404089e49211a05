import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from synth.extract import check_effects, check_studies
from synth.tables import BY_NAME


def frame(**values):
    return pd.DataFrame(
        [{"id": "e1", **dict.fromkeys(BY_NAME["effects"].names), "study_id": "s", "measure": "RR", **values}]
    )


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"ai": 12, "n1i": 10}, "arm 1: 12 events among 10 people"),
        ({"ci": -1}, "ci is negative"),
        ({"estimate": 0.4, "ci_low": 0.5, "ci_high": 0.9}, "lies outside its interval 0.5 to 0.9"),
        ({"estimate": 0.4, "ci_low": 0.9, "ci_high": 0.5}, "lower limit 0.9 is above"),
        ({"estimate": -0.73}, "was its logarithm typed"),
        ({"estimate": 0.9, "ci_low": 0.3, "ci_high": 1.0}, "far from the middle"),
        ({"measure": "percent reduction", "estimate": 120}, "a percentage of 120"),
        ({"measure": "RD", "estimate": -7.3}, "typed in percentage points"),
        ({"p": 1.2}, "p is 1.2"),
        ({"se": 0}, "se is 0"),
        ({"timepoint_months": -1}, "measured after -1 months"),
        ({"estimate": 0.5, "direction": "against", "direction_meaning": "harm"}, "points the other way"),
    ],
)
def test_each_check_names_its_doubt(values, text):
    found = check_effects(frame(**values))
    assert len(found) == 1
    assert text in found[0].text


def test_a_sound_row_raises_no_doubt():
    assert (
        check_effects(
            frame(
                estimate=0.48,
                ci_low=0.16,
                ci_high=1.39,
                ai=5,
                n1i=10,
                p=0.2,
                direction="favours",
                direction_meaning="harm",
                timepoint_months=48,
                place="table 5",
            )
        )
        == []
    )


@given(st.lists(st.floats(allow_nan=True) | st.none(), min_size=8, max_size=8))
def test_checks_never_fail_whatever_was_typed(values):
    names = ("estimate", "ci_low", "ci_high", "p", "ai", "n1i", "se", "timepoint_months")
    check_effects(frame(**dict(zip(names, values, strict=True))))


def test_years_are_looked_at():
    studies = pd.DataFrame({"id": ["a", "b", "c"], "year": pd.array([2014, 1214, None], dtype="Int64")})
    assert [found.study_id for found in check_studies(studies, 2026)] == ["b"]
