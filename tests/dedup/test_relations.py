"""How works that are not one are related, what a team may fold in, and what is flagged."""

import pandas as pd
import pytest
from synth.dedup import find_groups, merge_works

LONG = "Community mobilisation to prevent violence against women in rural districts"
BASE = {
    "title": LONG,
    "authors": ["Abramsky, T.", "Devries, K."],
    "year": 2014,
    "container": "BMC Medicine",
    "volume": "12",
    "pages": "122-139",
    "ids": {},
}
NOWHERE = {"volume": "", "pages": ""}


def find(*others, **options):
    return find_groups(
        pd.DataFrame([{"id": f"r{n}", **BASE, **other} for n, other in enumerate(({}, *others))]), **options
    )


@pytest.mark.parametrize(
    ("other", "kind"),
    [
        ({"title": f"Erratum to: {LONG}", "pages": "200"}, "erratum"),
        ({"title": f"Retraction note: {LONG}", "pages": "201"}, "erratum"),
        ({"title": f"Fe de erratas: {LONG}", "pages": "202"}, "erratum"),
        ({"title": f"Reply to: {LONG}", "pages": "203"}, "reply"),
        ({"title": f"{LONG}: study protocol", **NOWHERE, "year": 2012}, "registry"),
        ({"container": "ClinicalTrials.gov", **NOWHERE, "authors": []}, "registry"),
        ({"container": "medRxiv", **NOWHERE, "ids": {"doi": "10.1101/1"}}, "preprint"),
        ({"container": "World Congress on Violence", "volume": "", "pages": "7", "type": "conference"}, "conference"),
        ({"issue": "Meeting Abstracts", "container": "Lancet", "volume": "380", "pages": "S7"}, "conference"),
        ({"title": f"{LONG}: part II", "pages": "150"}, "part"),
        ({"container": "Lancet", "volume": "380", "pages": "1-9"}, "version"),
    ],
)
def test_each_relation_has_its_name(other, kind):
    found = find(other)
    assert found.groups["group_id"].nunique() == 2
    assert found.pairs["method"].tolist() == [f"related: {kind}"]


def test_a_translation_in_another_journal_is_related():
    other = {
        "title": "Movilización comunitaria",
        "titles": [{"text": LONG, "lang": "en"}],
        "volume": "50",
        "pages": "3-9",
    }
    found = find({**other, "container": "Salud Publica de Mexico"})
    assert found.pairs[["relation", "method"]].to_numpy().tolist() == [["related", "related: translation"]]


def test_a_team_can_fold_a_relation_in():
    translated = {"title": "Movilización comunitaria", "titles": [{"text": LONG, "lang": "en"}], "volume": "50"}
    others = (
        {**translated, "container": "Salud Publica de Mexico", "pages": "3-9"},
        {"title": f"{LONG}: part II", "pages": "150"},
    )
    works = find(*others, fold=["translation"]).groups.set_index("record_id")["group_id"]
    assert works["r0"] == works["r1"] != works["r2"]


def test_errata_and_the_work_are_never_one_by_a_chain():
    found = find({"title": f"Erratum to: {LONG}", "pages": "200"}, {"title": f"Erratum to: {LONG}", "pages": "200"})
    assert found.groups["group_id"].nunique() == 2


@pytest.mark.parametrize(
    ("title", "flags"),
    [
        (f"RETRACTED: {LONG}", ["retracted"]),
        (f"{LONG} [Retraction in BMC Med 2016;1:2]", ["retracted"]),
        (f"{LONG} (Expression of concern)", ["concern"]),
        (LONG, []),
        (f"Retraction note: {LONG}", []),
    ],
)
def test_retractions_and_concerns_are_flagged_on_the_work(title, flags):
    works = merge_works(pd.DataFrame([{"id": "a", "work_id": "a", **BASE, "title": title}]))
    assert works["flags"].tolist() == [flags]


def test_a_notice_flags_the_work_that_it_is_about():
    table = pd.DataFrame(
        [{"id": "a", **BASE}, {"id": "b", **BASE, "title": f"Retraction note: {LONG}", "pages": "201"}]
    )
    found = find_groups(table)
    works = merge_works(table.assign(work_id=found.groups["group_id"]), found.pairs)
    assert works.set_index("work_id")["flags"].to_dict() == {"a": ["retracted"], "b": []}


def test_each_best_value_says_where_it_came_from():
    rows = [
        {"id": "a", "work_id": "a", **BASE, "pages": ""},
        {"id": "b", "work_id": "a", **BASE, "authors": [], "title": ""},
    ]
    origins = merge_works(pd.DataFrame(rows))["origins"].iloc[0]
    assert origins["authors"] == "a"
    assert origins["pages"] == "b"
