from __future__ import annotations

import pandas as pd
import pytest
from synth.errors import UsageError
from synth.meta import NOT_GIVEN, subgroups

pytestmark = pytest.mark.filterwarnings("ignore::synth.meta.Caution")


def test_subgroups_of_the_bcg_trials_are_metafors(bcg):
    """metafor 3.8-1: rma in each group, then Q-between."""
    found = subgroups(bcg, "alloc", test="z")
    assert found.levels == ("alternate", "random", "systematic")
    assert [fit.estimate for fit in found.fits] == pytest.approx(
        [-0.540792961849346, -0.970964704263104, -0.424207391510876]
    )
    assert (found.QB, found.df, found.QBp) == (pytest.approx(1.86144494615456), 2, pytest.approx(0.3942687588856))


def test_the_test_between_groups_does_not_depend_on_the_test_within(bcg):
    assert pytest.approx(subgroups(bcg, "alloc", test="z").QB) == subgroups(bcg, "alloc", test="knha").QB


def test_small_and_unnamed_groups_stay_visible():
    frame = pd.DataFrame({"yi": [0.1, 0.2, 0.3, 0.4], "vi": [0.1] * 4, "place": ["rural", "rural", "urban", None]})
    found = subgroups(frame, "place")
    assert found.levels == (NOT_GIVEN, "rural", "urban")
    assert found.too_small == (NOT_GIVEN, "urban")
    assert [str(each) for each in found.cautions] == [
        "2 of 3 groups are one study each: the test compares studies rather than groups"
    ]


def test_one_group_has_no_test_between():
    found = subgroups(pd.DataFrame({"yi": [0.1, 0.2], "vi": [0.1, 0.1], "g": ["a", "a"]}), "g")
    assert (found.df, found.to_dict()["Q_between"]) == (0, None)


def test_an_unknown_column_lists_the_columns(bcg):
    with pytest.raises(UsageError, match='no column "alloca"') as caught:
        subgroups(bcg, "alloca")
    assert caught.value.hint == "Did you mean alloc?"


def test_a_claim_about_one_group_needs_the_test_between(bcg):
    found = subgroups(bcg, "alloc", test="z")
    assert [each.name for each in found.cautions] == ["NoInteractionTest"]
    assert "Cochrane Handbook" in found.cautions[0].to_dict()["reference"]


def test_groups_may_share_a_tau2_or_not_and_nothing_else(bcg):
    assert subgroups(bcg, "alloc").tau2 is None
    with pytest.raises(UsageError, match="no way to treat groups"):
        subgroups(bcg, "alloc", tau2="shared")
