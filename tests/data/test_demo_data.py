"""The shipped example against its own promises, and against the fact base that it was built from."""

import csv
import re
import runpy
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from synth.extract import check_effects, parse_value
from synth.meta.protocol import parse_syntheses
from synth.tables import BY_NAME
from synth.vocab.codebooks import load_codebook
from synth.vocab.countries import find_country

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "data" / "demo"
BOOK = load_codebook("violence-prevention")


def rows(name):
    with (DEMO / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


STUDIES, EFFECTS, LABELS, DECISIONS, REPORTS = map(rows, ("studies", "effects", "labels", "decisions", "reports"))
STUDY_IDS = {row["id"] for row in STUDIES}
REVIEWS = {row["id"] for row in STUDIES if row["kind"] == "review"}
CONFIG = tomllib.loads((DEMO / "synth.toml").read_text(encoding="utf-8"))


def test_it_holds_113_primary_studies_16_reviews_and_381_reports():
    assert Counter(row["kind"] for row in STUDIES) == {"primary": 113, "review": 16}
    assert len({row["key"] for row in rows("truth")}) == 381
    assert len(rows("truth")) == 722


def test_screening_says_180_in_157_out_and_44_awaiting():
    first = [row for row in DECISIONS if row["stage"] == "title_abstract"]
    assert Counter(row["verdict"] for row in first) == {"include": 180, "exclude": 157, "maybe": 44}
    assert len({row["key"] for row in first}) == 381
    assert {row["person"] for row in DECISIONS} == {CONFIG["people"][0]["id"]}


def test_only_what_was_included_is_decided_as_a_report_and_nobody_says_it_was_retrieved():
    included = {row["key"] for row in DECISIONS if row["stage"] == "title_abstract" and row["verdict"] == "include"}
    later = [row for row in DECISIONS if row["stage"] != "title_abstract"]
    assert {row["key"] for row in later} == included
    assert {(row["stage"], row["verdict"]) for row in later} == {("full_text", "include")}


def test_every_exclusion_has_a_reason_that_the_criteria_list():
    listed = set(CONFIG["criteria"]["title_abstract"]["reasons"])
    assert all((row["reason"] in listed) == (row["verdict"] == "exclude") for row in DECISIONS)
    assert any("não é avaliação" in row["note"] for row in DECISIONS)


def test_every_report_and_decision_names_a_place_in_an_export():
    places = {(row["file"], row["position"]): row["key"] for row in rows("truth")}
    assert all(places[row["file"], row["position"]] == row["key"] for row in [*DECISIONS, *REPORTS])


def test_each_study_has_one_main_report_and_51_companions_belong_to_known_studies():
    roles = Counter(row["role"] for row in REPORTS)
    assert (roles["main"], len(REPORTS)) == (129, 180)
    assert {row["study_id"] for row in REPORTS if row["role"] == "main"} == STUDY_IDS
    assert {row["study_id"] for row in REPORTS} <= STUDY_IDS


def test_ids_are_unique_and_every_study_is_known():
    for name, table in (("id", STUDIES), ("id", EFFECTS)):
        assert len({row[name] for row in table}) == len(table)
    for table in ("effects", "labels", "answers", "findings", "costs"):
        assert {row["study_id"] for row in rows(table)} <= STUDY_IDS
    assert (len(EFFECTS), len(rows("findings")), len(rows("costs"))) == (264, 88, 23)


def test_names_of_studies_are_unique_and_short_enough_for_a_plot():
    names = [row["name"] for row in STUDIES]
    assert len(set(names)) == len(names)
    assert max(map(len, names)) <= 50


def test_every_interval_holds_its_estimate_and_no_number_is_impossible():
    import pandas as pd

    numbers = {column.name for column in BY_NAME["effects"].columns if column.type == "real"}
    frame = pd.DataFrame(EFFECTS).replace("", None)
    frame[list(numbers & set(frame))] = frame[list(numbers & set(frame))].astype(float)
    found = {(each.check, each.row_id) for each in check_effects(frame)}
    assert found == {("interval_is_even", name) for name in ("e033", "e082", "e168")}  # so printed on their pages


def test_every_term_stands_in_the_codebook():
    for row in LABELS:
        question = BOOK.question(row["axis"])
        if question.is_coded:
            assert BOOK.has_term(row["axis"], row["term"]), row
        elif question.pattern:
            assert re.fullmatch(question.pattern, row["term"]), row
        assert not row["level"] or int(row["level"]) < len(question.grades)


def test_every_country_and_answer_can_be_read():
    for row in LABELS:
        if row["axis"] in {"country", "first_author_country"}:
            find_country(row["term"])
    for row in rows("answers"):
        for name, text in row.items():
            if text and name not in {"study_id", "place"}:
                parse_value(BOOK, BOOK.question(name), text)


def test_effects_use_the_controlled_words():
    for row in EFFECTS:
        assert BOOK.has_term("outcome", row["outcome_domain"])
        assert not row["informant"] or BOOK.has_term("informant", row["informant"])
        assert row["direction"] in {"favours", "against", "none", "unclear"}
        assert row["design_class"] in {"randomised", "non-randomised", "before-after", "other"}


def test_numbers_that_compare_nothing_look_like_no_trial():
    by_id = {row["id"]: row for row in EFFECTS}
    assert by_id["e218"]["design_class"] == "before-after"
    assert by_id["e218"]["direction"] == "unclear"
    for row in EFFECTS:
        if row["measure"].startswith(("pre-post", "SMD (", "Cohen f2")):
            assert row["design_class"] == "before-after"
            assert not any(row[name] for name in ("ai", "n1i", "ci", "n2i"))


def test_reviews_are_never_randomised_evidence():
    assert all(row["design_class"] == "other" for row in EFFECTS if row["study_id"] in REVIEWS)


def test_the_fall_in_both_arms_of_sonke_change_is_no_effect():
    change = {row["id"]: row for row in EFFECTS if row["study_id"] == "christofides2020_change"}
    assert {change[name]["direction"] for name in ("e237", "e238", "e239")} == {"none"}
    assert (change["e060"]["estimate"], change["e060"]["direction"]) == ("0.002", "against")


def test_risk_differences_are_proportions():
    differences = [float(row["estimate"]) for row in EFFECTS if row["measure"] == "RD"]
    assert len(differences) == 12
    assert all(abs(value) < 1 for value in differences)


def caught(synthesis):
    return [
        row
        for row in EFFECTS
        if row["study_id"] not in REVIEWS
        and row["outcome_domain"] in synthesis.outcome_domain
        and row["informant"] in synthesis.informant
        and row["design_class"] in synthesis.design_class
        and (not synthesis.measure or row["measure"] in synthesis.measure)
        and (not synthesis.population or row["population"] in synthesis.population)
    ]


@pytest.mark.parametrize(("place", "studies", "with_interval"), [(0, 7, 7), (1, 4, 4), (2, 2, 0), (3, 2, 2), (4, 8, 0)])
def test_each_declared_synthesis_finds_the_studies_that_the_readme_counts(place, studies, with_interval):
    found = caught(parse_syntheses(CONFIG["synthesis"])[place])
    assert len({row["study_id"] for row in found}) == studies
    assert len({row["study_id"] for row in found if row["ci_high"]}) == with_interval


def test_no_synthesis_claims_to_have_been_planned():
    assert all(synthesis.is_post_hoc for synthesis in parse_syntheses(CONFIG["synthesis"]))


def test_it_is_small_and_holds_no_long_text():
    files = [path for path in DEMO.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 1_000_000
    assert max(len(row["finding"]) for row in rows("findings")) < 400


@pytest.mark.shared
def test_the_builder_gives_these_bytes_again_and_exports_are_untouched(shared, tmp_path):
    build = runpy.run_path(str(ROOT / "data" / "build_demo.py"))["build_demo"]
    build(shared / "demo", tmp_path / "demo")
    made = {
        path.relative_to(tmp_path / "demo"): path.read_bytes()
        for path in (tmp_path / "demo").rglob("*")
        if path.is_file()
    }
    assert made == {path.relative_to(DEMO): path.read_bytes() for path in DEMO.rglob("*") if path.is_file()}
    for path in (DEMO / "exports").iterdir():
        assert path.read_bytes() == (shared / "demo" / "exports" / path.name).read_bytes()
