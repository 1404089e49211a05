from __future__ import annotations

import pandas as pd
import pytest
from synth.errors import RefusedPool
from synth.meta import choose_effects, convert_effect, count_directions, parse_synthesis, pool_synthesis

pytestmark = pytest.mark.filterwarnings("ignore::synth.meta.Caution")


def declare(**keys):
    return parse_synthesis({"name": "Violence", "outcome_domain": "physical IPV", "measure": "RR", **keys})


def reasons(chosen) -> dict[str, str]:
    return dict(zip(chosen.left_out["effect_id"], chosen.left_out["reason"], strict=True))


def test_what_does_not_fit_is_left_out_with_its_reason(make_effects, studies):
    effects = make_effects(
        ("A", {}), ("B", {"informant": "official records"}), ("B", {"measure": "percent reduction"}),
        ("B", {"outcome_domain": "attitudes"}), ("B", {"design_class": None}), ("C", {"measure": "direction only"}),
        ("C", {"timepoint_months": 48.0}), ("C", {"timepoint_months": None}), ("R", {}), ("C", {"ci_low": None}),
    )  # fmt: skip
    chosen = choose_effects(
        effects, studies, declare(informant="survivor report", design_class="randomised", months=[0, 24])
    )
    assert chosen.pooled["effect_id"].tolist() == ["e1"]
    assert reasons(chosen) == {
        "e2": "Its informant is official records; the synthesis takes survivor report",
        "e3": "Its measure is percent reduction; the synthesis takes RR",
        "e4": "Its outcome is attitudes; the synthesis takes physical IPV",
        "e5": "Its design is not recorded; the synthesis takes randomised",
        "e6": "Only a direction is reported, no number",
        "e7": "It was measured at 48 months; the synthesis takes months 0 to 24",
        "e8": "Its time point is not recorded; the synthesis takes months 0 to 24",
        "e9": "It comes from a review, and reviews are never pooled with primary studies",
        "e10": "An estimate stands alone, without interval, standard error or exact p",
    }


def test_every_effect_is_either_pooled_or_left_out(make_effects, studies):
    effects = make_effects(("A", {}), ("A", {"timepoint_months": 24.0}), ("B", {"measure": "OR"}), ("C", {}))
    chosen = choose_effects(effects, studies, declare(one_effect_per_study="longest"))
    assert sorted([*chosen.pooled["effect_id"], *chosen.left_out["effect_id"]]) == ["e1", "e2", "e3", "e4"]


@pytest.mark.parametrize(("rule", "taken"), [("longest", "e2"), ("shortest", "e3"), ("primary", "e1")])
def test_one_effect_stands_for_a_study(make_effects, studies, rule, taken):
    effects = make_effects(("A", {}), ("A", {"timepoint_months": 24.0}), ("A", {"timepoint_months": 3.0}), ("B", {}))
    chosen = choose_effects(effects, studies, declare(one_effect_per_study=rule))
    assert chosen.pooled["effect_id"].tolist() == [taken, "e4"]
    other = next(text for effect, text in reasons(chosen).items() if effect != taken)
    assert other == f"Another effect of its study is taken ({taken}), by the rule {rule}"


def test_ties_go_to_the_declared_order_and_are_told_if_that_leaves_several(make_effects, studies):
    effects = make_effects(("A", {"population": "men"}), ("A", {"population": "women"}), ("B", {}), ("B", {}))
    chosen = choose_effects(effects, studies, declare(one_effect_per_study="longest", population=["women", "men"]))
    assert chosen.pooled["effect_id"].tolist() == ["e2", "e3"]
    assert [str(each) for each in chosen.cautions] == [
        "The rule longest left several effects of B: the first in the table is taken"
    ]


def test_a_study_twice_without_a_rule_is_refused(make_effects, studies):
    chosen = choose_effects(make_effects(("A", {}), ("A", {}), ("B", {})), studies, declare())
    with pytest.raises(RefusedPool, match=r"Violence: a study may not be pooled twice \(A: e1, e2\)"):
        pool_synthesis(chosen, declare())


@pytest.mark.parametrize(("keys", "change", "rule"), [
    ({"measure": ["RR", "OR"]}, {"measure": "OR"}, "measures"),
    ({}, {"informant": "official records"}, "informants"),
    ({}, {"design_class": "before-after"}, "designs"),
    ({"design_class": ["randomised", "non-randomised"]}, {"design_class": "non-randomised"}, "designs"),
    ({}, {"cluster_adjusted": "no"}, "clusters"),
    ({"kind": ["primary", "review"]}, {"study_id": "R"}, "reviews"),
])  # fmt: skip
def test_a_declaration_that_permits_a_mix_is_refused(make_effects, studies, keys, change, rule):
    chosen = choose_effects(make_effects(("A", {}), ("B", change)), studies, declare(**keys))
    with pytest.raises(RefusedPool) as caught:
        pool_synthesis(chosen, declare(**keys))
    assert caught.value.rule == rule


def test_choosing_one_effect_does_not_hide_that_informants_differ(make_effects, studies):
    effects = make_effects(("A", {}), ("A", {"informant": "self-report of perpetrator"}), ("B", {}))
    chosen = choose_effects(effects, studies, declare(one_effect_per_study="longest"))
    assert chosen.refused.rule == "informants"


def test_ignored_clusters_may_be_declared_away(make_effects, studies):
    synthesis = declare(cluster_adjusted=["yes", "unclear"])
    chosen = choose_effects(make_effects(("A", {}), ("B", {"cluster_adjusted": "no"})), studies, synthesis)
    assert chosen.refused is None
    assert "Whether it allows for clusters: no" in reasons(chosen)["e2"]


def test_unchecked_values_stay_out_unless_asked_for(make_effects, studies):
    effects = make_effects(("A", {}), ("B", {"status": "suggested"}))
    assert reasons(choose_effects(effects, studies, declare())) == {
        "e2": "No person has checked it: its status is suggested"
    }
    asked = choose_effects(effects, studies, declare(), include_suggested=True)
    assert len(asked.pooled) == 2
    assert [each.name for each in asked.cautions] == ["SuggestedIncluded"]


def test_a_printed_estimate_comes_before_raw_counts_and_raw_counts_before_nothing(make_effects, studies):
    counts = {"ai": 10.0, "n1i": 100.0, "ci": 20.0, "n2i": 100.0}
    effects = make_effects(("A", counts), ("B", {**counts, "estimate": None, "ci_low": None, "ci_high": None}))
    chosen = choose_effects(effects, studies, declare())
    assert chosen.pooled["source"].tolist() == ["interval", "counts"]
    assert chosen.pooled["vi"].iloc[1] == pytest.approx(1 / 10 - 1 / 100 + 1 / 20 - 1 / 100)


def test_groups_come_from_the_finest_label(make_effects, studies):
    labels = pd.DataFrame([
        {"study_id": "A", "arm": None, "effect_id": None, "axis": "setting", "term": "school", "status": "human"},
        {"study_id": "A", "arm": None, "effect_id": "e1", "axis": "setting", "term": "health", "status": "human"},
        {"study_id": "B", "arm": None, "effect_id": None, "axis": "setting", "term": "school", "status": "human"},
        {"study_id": "B", "arm": None, "effect_id": None, "axis": "setting", "term": "community", "status": "human"},
        {"study_id": "C", "arm": None, "effect_id": None, "axis": "setting", "term": "prison", "status": "suggested"},
    ])  # fmt: skip
    chosen = choose_effects(
        make_effects(("A", {}), ("B", {}), ("C", {})), studies, declare(subgroups="setting"), labels
    )
    assert chosen.pooled["subgroup"].tolist() == ["health", "community + school", "not given"]


def test_an_axis_of_the_labels_comes_before_a_column_of_that_name(make_effects, studies):
    """The effects have a column place (where a number was seen); a review may well have an axis called place."""
    labels = pd.DataFrame([{"study_id": "A", "arm": None, "effect_id": None, "axis": "place", "term": "rural"}])
    effects = make_effects(("A", {"place": "table 2"}))
    chosen = choose_effects(effects, studies, declare(subgroups="place"), labels)
    assert chosen.pooled["subgroup"].tolist() == ["rural"]


def test_groups_may_be_a_column(make_effects, studies):
    synthesis = declare(subgroups="population")
    chosen = choose_effects(make_effects(("A", {}), ("B", {"population": "men"})), studies, synthesis)
    found = pool_synthesis(chosen, synthesis).subgroups
    assert (found.by, found.levels) == ("population", ("men", "women"))


def test_directions_count_each_study_once_with_and_without_a_number(make_effects, studies):
    effects = make_effects(
        ("A", {}), ("B", {"measure": "direction only", "direction": "against"}),
        ("B", {"measure": "direction only", "direction": None}), ("C", {"outcome_domain": "attitudes"}),
    )  # fmt: skip
    found = count_directions(choose_effects(effects, studies, declare()).direction_rows()["direction"])
    assert (found.favours, found.against, found.total) == (1, 1, 2)


def test_a_study_without_a_number_gives_the_direction_of_the_declared_time_known_or_not(make_effects, studies):
    unclear = {"measure": "direction only", "direction": "unclear", "timepoint_months": 24.0}
    known = {"measure": "direction only", "direction": "favours", "timepoint_months": 6.0}
    rows = make_effects(("A", {}), ("B", known), ("B", unclear))
    chosen = choose_effects(rows, studies, declare(one_effect_per_study="longest"))
    assert chosen.direction_rows().set_index("study_id")["direction"].to_dict() == {"A": "favours", "B": "unclear"}


def test_an_unclear_direction_is_not_passed_over_for_a_known_one(make_effects, studies):
    words = {"measure": "direction only"}
    rows = make_effects(("B", {**words, "direction": "unclear"}), ("B", {**words, "direction": "favours"}))
    assert choose_effects(rows, studies, declare()).direction_rows()["direction"].tolist() == ["unclear"]


def test_a_term_that_no_effect_has_is_told(make_effects, studies):
    chosen = choose_effects(make_effects(("A", {})), studies, declare(informant="survivor reports"))
    assert str(chosen.cautions[0]) == 'No effect has informant "survivor reports"; did you mean "survivor report"?'


def test_nothing_to_pool_is_no_error(make_effects, studies):
    chosen = choose_effects(make_effects(("A", {"measure": "direction only"})), studies, declare())
    assert pool_synthesis(chosen, declare()).fit is None


def test_an_empty_project_has_nothing_to_choose(make_effects, studies):
    chosen = choose_effects(make_effects(("A", {})).iloc[:0], studies.iloc[:0], declare())
    assert chosen.pooled.empty
    assert chosen.left_out.empty


def test_a_measure_with_a_unit_is_cautioned(make_effects, studies):
    even = {"measure": "MD", "ci_low": 0.5, "ci_high": 1.1}
    effects = make_effects(("A", even), ("B", even))
    assert [each.name for each in choose_effects(effects, studies, declare(measure="MD")).cautions] == [
        "UnitsUnchecked"
    ]


@pytest.mark.shared
def test_on_the_worked_example_the_measures_that_never_pool_are_left_out(shared, studies):
    table = pd.read_csv(shared / "demo" / "effects.csv").rename(columns={"subgroup": "population"})
    table = table.assign(status="human", direction="unclear", design_class=None, p=None)
    chosen = choose_effects(table, studies, declare(outcome_domain="any IPV"))
    assert set(chosen.pooled["measure"]) == {"RR"}
    assert len(chosen.pooled) + len(chosen.left_out) == len(table)
    assert chosen.left_out["reason"].str.len().gt(10).all()


def test_a_count_that_cannot_be_leaves_its_row_out_and_the_others_in():
    row = {"effect_id": "x", "measure": "RR", "ai": 120, "n1i": 100, "ci": 20, "n2i": 100}
    assert "ai = 120" in convert_effect(row).problem
    assert convert_effect({**row, "ai": 12}).vi > 0
