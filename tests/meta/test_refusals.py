"""Each rule of pooling has its own test here."""

from __future__ import annotations

import pandas as pd
import pytest
from synth.errors import RefusedPool
from synth.meta import refuse_unpoolable, warn_of_unclear_clusters


def rows(**columns) -> pd.DataFrame:
    return pd.DataFrame({"effect_id": ["e1", "e2", "e3"], **columns})


def refusal(frame: pd.DataFrame) -> RefusedPool:
    with pytest.raises(RefusedPool) as caught:
        refuse_unpoolable(frame, where="Violence")
    assert len(caught.value.lines()) <= 4
    assert caught.value.status == 3
    return caught.value


def test_an_odds_ratio_and_a_risk_ratio_are_refused():
    found = refusal(rows(measure=["OR", "RR", "OR"]))
    assert (found.rule, found.rows) == ("measures", ("e1", "e3", "e2"))
    assert found.message == "Violence: different measures may not be pooled (OR: e1, e3; RR: e2)"


def test_a_prevalence_ratio_is_not_a_risk_ratio():
    assert refusal(rows(measure=["PRR", "RR", "RR"])).rule == "measures"


@pytest.mark.parametrize("other", ["non-randomised", "before-after", "other"])
def test_trials_with_other_designs_are_refused(other):
    assert refusal(rows(design_class=["randomised", other, "randomised"])).rule == "designs"


def test_reviews_with_primary_studies_are_refused():
    found = refusal(rows(kind=["primary", "review", "primary"]))
    assert (found.rule, found.rows) == ("reviews", ("e2",))
    assert refusal(rows(is_review=["no", "yes", "no"])).rule == "reviews"


def test_a_study_twice_is_refused():
    found = refusal(rows(study_id=["A", "B", "A"]))
    assert (found.rule, found.rows) == ("study twice", ("e1", "e3"))


def test_different_informants_are_refused():
    assert refusal(rows(informant=["survivor report", "official records", "survivor report"])).rule == "informants"


def test_cluster_trials_that_ignored_their_clusters_are_refused():
    found = refusal(rows(cluster_adjusted=["yes", "no", "unclear"]))
    assert (found.rule, found.rows) == ("clusters", ("e2",))


def test_unclear_clusters_are_warned_of_and_pooled():
    frame = rows(cluster_adjusted=["yes", "unclear", None])
    refuse_unpoolable(frame)
    assert [str(each) for each in warn_of_unclear_clusters(frame)] == [
        "It is unclear whether the clusters were allowed for in e2"
    ]


def test_what_is_alike_passes():
    refuse_unpoolable(rows(measure=["RR", "rr", "RR"], study_id=["A", "B", "C"], informant=["x", "x", None]))
    refuse_unpoolable(pd.DataFrame({"yi": [1.0]}))
    refuse_unpoolable(pd.DataFrame())


def test_rows_without_ids_are_counted():
    assert refusal(pd.DataFrame({"measure": ["OR", "RR"]})).rows == ("row 1", "row 2")
