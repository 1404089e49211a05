"""Which pairs are one work, and which never are."""

import pandas as pd
import pytest
from synth.dedup import find_groups
from synth.dedup.decide import MAYBE, SAME, VETOES

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


def decide(one, other):
    found = find_groups(pd.DataFrame([{"id": "a", **BASE, **one}, {"id": "b", **BASE, **other}]))
    if len(set(found.groups["group_id"])) == 1:
        return "same"
    return found.pairs["relation"].iloc[0] if len(found.pairs) else "different"


NO_PLACE = {"volume": "", "pages": "", "container": ""}


@pytest.mark.parametrize(
    "other",
    [
        {"title": LONG.upper() + "."},
        {"title": LONG.replace("mobilisation", "mobilization"), "authors": ["ABRAMSKY T", "DEVRIES K"]},
        {"title": f"{LONG} [References]."},
        {"title": f"{LONG}.[Erratum appears in BMC Med. 2015 Apr;13(2):7]"},
        {"title": f"RETRACTED: {LONG}"},
        {"title": f"[{LONG}]"},
        {"title": LONG.replace("violence", "<i>violence</i>").replace("to prevent", "to&nbsp;prevent")},
        {"container": "BMC Med", "pages": "122-39"},
        {"container": "BMC MED", "authors": ["Tanya Abramsky", "Karen Devries"]},
        {"authors": [], "year": None},
        {"year": 2015},
        NO_PLACE,
        {"title": f"Movilización comunitaria contra la violencia hacia las mujeres rurales [{LONG}]", **NO_PLACE},
        {"title": "Movilización comunitaria contra la violencia", "titles": [{"text": LONG, "lang": "en"}], **NO_PLACE},
        {"volume": "1)", "issue": ""},
    ],
)
def test_the_same_work_in_other_clothes_is_found(other):
    assert decide({"issue": "1"} if "issue" in other else {}, other) == "same"


@pytest.mark.parametrize(
    "other",
    [
        {"title": f"{LONG}: part II", "pages": "150-170"},
        {"title": LONG.replace("women", "men")},
        {"title": f"Erratum to: {LONG}", "pages": "200"},
        {"title": f"{LONG}: study protocol", "pages": "", "volume": ""},
        {"title": f"{LONG}: a comment", "pages": "201"},
        {"title": f"Reply to {LONG}", "pages": "202"},
        {"title": f"{LONG} (vol 12, pg 122, 2014)", "pages": "203"},
        {"container": "International Conference on Violence", "volume": "", "pages": "1", "type": "conference"},
        {"container": "medRxiv", "volume": "", "pages": "", "ids": {"doi": "10.1101/2013.01.01"}},
        {"year": 2009, **NO_PLACE},
        {"authors": ["Nobody, N.", "Else, E."], **NO_PLACE},
        {"container": "Lancet", "volume": "380", "pages": "1-9"},
        {"title": "Rural districts and what they tell of violence", "ids": {"doi": "10.1000/other"}},
    ],
)
def test_what_is_another_work_is_never_merged(other):
    assert decide({"ids": {"doi": "10.1000/one"}} if "ids" in other else {}, other) != "same"


@pytest.mark.parametrize(("one", "other"), [("part I", "part II"), ("volume 1", "volume 2"), ("phase A", "phase B")])
def test_parts_are_never_merged_even_on_equal_pages(one, other):
    assert decide({"title": f"{LONG}: {one}"}, {"title": f"{LONG}: {other}"}) != "same"


@pytest.mark.parametrize(
    ("other", "kind"),
    [
        ({"title": f"Erratum to: {LONG}", "pages": "200"}, "related: erratum"),
        ({"container": "medRxiv", "volume": "", "pages": "", "ids": {"doi": "10.1101/1"}}, "related: preprint"),
        ({"title": f"{LONG}: part II", "pages": "150"}, "related: part"),
        ({"container": "Lancet", "volume": "380", "pages": "1-9"}, "related: version"),
    ],
)
def test_related_works_are_kept_as_related(other, kind):
    found = find_groups(pd.DataFrame([{"id": "a", **BASE}, {"id": "b", **BASE, **other}]))
    assert found.pairs["method"].tolist() == [kind]


@pytest.mark.parametrize("title", ["Editorial", "Keynote address", "Letter to the editor", "Editor's comments"])
def test_recurring_titles_need_a_page_or_an_identifier(title):
    assert decide({"title": title, **NO_PLACE}, {"title": title, **NO_PLACE}) != "same"
    assert decide({"title": title}, {"title": title, "container": "BMC Med"}) == "same"
    doi = {"ids": {"doi": "10.1000/x"}}
    assert decide({"title": title, **NO_PLACE, **doi}, {"title": title, **NO_PLACE, **doi, "authors": []}) == "same"


@pytest.mark.parametrize(
    ("title", "other"),
    [
        ("农村地区预防妇女暴力的社区动员研究", "農村地區的水資源管理與政策分析研究"),
        ("العنف ضد المرأة في المناطق الريفية وسبل الوقاية منه", "المياه في المدن الكبرى وإدارتها"),
        ("Насилие в отношении женщин в сельских районах", "Вода в больших городах и управление ею"),
    ],
)
def test_titles_in_any_script_are_compared(title, other):
    assert decide({"title": title, **NO_PLACE}, {"title": title, "container": "", "pages": ""}) == "same"
    assert decide({"title": title}, {"title": other, "pages": "900"}) == "different"


def test_a_translated_title_on_the_same_pages_is_the_same_work():
    assert decide({}, {"title": "Mobilização comunitária para prevenir a violência contra as mulheres"}) == "same"


def test_a_doi_under_many_titles_is_that_of_a_supplement():
    subjects = ["water", "malaria", "violence", "schools", "vaccines"]
    rows = [
        {
            "id": word,
            **BASE,
            **NO_PLACE,
            "title": f"{word.title()} programmes in the region: a cohort of households",
            "authors": [f"{word.title()}, A."],
            "ids": {"doi": "10.1000/supplement"},
        }
        for word in subjects
    ]
    assert find_groups(pd.DataFrame(rows)).groups["group_id"].nunique() == 5


def test_equal_web_addresses_and_titles_are_one_work():
    page = {"title": "Grupos reflexivos", "authors": [], "year": None, **NO_PLACE, "urls": ["https://x.org/a/1"]}
    assert decide(page, {**page, "urls": ["http://www.x.org/a/1/"]}) == "same"


def test_every_rule_has_its_own_name_and_says_what_it_means():
    for rules in (VETOES, SAME, MAYBE):
        names = [name for name, _ in rules]
        assert len(set(names)) == len(names)
        assert all(rule.__doc__ for _, rule in rules)
