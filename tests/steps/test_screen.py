from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from synth.errors import StateError, UsageError
from synth.steps.screen import (
    agreement,
    conflicts,
    decide,
    next_works,
    plot_progress,
    progress,
    rank_project,
    retrieve,
    set_criteria,
)
from synth.steps.screen_sheets import export_works, import_decisions, write_set_aside

TITLES = [
    "Violence prevention in schools",
    "Prevention of violence against women",
    "Preventing partner violence",
    "Steel corrosion in bridges",
    "Corrosion of steel pipes",
    "Welding steel bridges",
]
SOURCE = {
    "kind": "database",
    "file_name": "a.ris",
    "found": 6,
    "read": 6,
    "quarantined": 0,
    "loaded_at": "2026-03-01T12:00:00Z",
}


def record(number: int, title: str, source_id: int) -> dict:
    return {
        "id": f"{number}" * 12,
        "source_id": source_id,
        "position": number + 1,
        "line_start": 1,
        "line_end": 1,
        "type": "article",
        "title": title,
        "titles": [{"text": title, "lang": "en"}],
        "authors": ["Ruiz, A"],
        "year": 2020 + number,
        "abstracts": [{"text": f"About {title.lower()}.", "lang": "en"}],
        "keywords": [],
        "languages": [],
        "affiliations": [],
        "ids": {"doi": f"10.1/{number}"},
        "urls": [],
        "raw": [],
    }


@pytest.fixture
def filled(project):
    with project.run("import", {}) as run:
        source_id = run.append("sources", [SOURCE])[0]
        run.append("records", [record(number, title, source_id) for number, title in enumerate(TITLES)])
    return project


def name(number: int) -> str:
    return f"{number}" * 12


def merge(project, record_id: str, work_id: str) -> None:
    with project.run("dedupe", {}) as run:
        run.append(
            "groupings", [{"record_id": one, "work_id": work_id, "method": "person"} for one in (record_id, work_id)]
        )


def verdicts(project, stage="title_abstract"):
    return progress(project).stages[["title_abstract", "retrieval", "full_text"].index(stage)]


def sheet(path: Path, *rows: dict) -> Path:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_a_decision_keeps_what_was_shown_and_under_which_criteria(filled):
    done = decide(filled, "0000", "include", person="ana", note="clear", at="2026-02-03")
    row = filled.read("decisions").iloc[0]
    assert (done.work_id, row["verdict"], row["note"], row["at"]) == (
        name(0),
        "include",
        "clear",
        "2026-02-03T00:00:00Z",
    )
    assert len(row["text_sha256"]) == 64
    assert filled.read("criteria").iloc[0]["version"] == 1
    assert row["criteria_id"] == filled.read("criteria").iloc[0]["id"]


def test_a_dry_run_records_nothing(filled):
    decide(filled, "0000", "include", person="ana", dry_run=True)
    rank_project(filled, dry_run=True)
    assert filled.read("decisions").empty
    assert filled.read("predictions").empty


def test_a_later_verdict_of_the_same_person_takes_the_place_of_the_earlier(filled):
    decide(filled, "0000", "exclude", person="ana")
    assert decide(filled, "0000", "include", person="ana").replaced == "exclude"
    assert verdicts(filled).verdicts == {"include": 1, "exclude": 0, "maybe": 0}


def test_an_undone_decision_is_gone_and_can_be_made_again(filled):
    decide(filled, "0000", "exclude", person="ana")
    with filled.run("undo", {}, undoes=int(filled.read("runs")["id"].max())):
        pass
    assert progress(filled).found == ()
    decide(filled, "0000", "include", person="ana")
    assert progress(filled).found == (1,)


def test_undoing_a_second_thought_brings_back_the_first(filled):
    decide(filled, "0000", "include", person="ana")
    decide(filled, "0000", "exclude", person="ana")
    with filled.run("undo", {}, undoes=int(filled.read("runs")["id"].max())):
        pass
    assert verdicts(filled).verdicts["include"] == 1


def test_a_decision_stays_with_its_record_when_works_are_regrouped(filled):
    decide(filled, name(1), "include", person="ana")
    merge(filled, name(1), name(0))
    assert verdicts(filled).verdicts["include"] == 1
    assert name(1) not in {work.work_id for work in next_works(filled, person="ana", n=9).works}
    assert name(0) not in {work.work_id for work in next_works(filled, person="ana", n=9).works}


def test_works_that_merge_with_different_verdicts_are_a_conflict(filled):
    decide(filled, name(0), "exclude", person="ana")
    decide(filled, name(1), "include", person="ana")
    merge(filled, name(1), name(0))
    found = conflicts(filled)
    assert [(one.work_id, [said["verdict"] for said in one.said]) for one in found] == [
        (name(0), ["exclude", "include"])
    ]


def test_who_decides_must_be_said_where_there_are_two_and_spelled_as_in_the_settings(filled):
    with pytest.raises(UsageError, match="Who decides") as fault:
        decide(filled, "0000", "include")
    assert "ana, ben" in fault.value.hint
    with pytest.raises(UsageError, match="nobody called 'anna'") as fault:
        decide(filled, "0000", "include", person="anna")
    assert fault.value.hint == "Did you mean ana?"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"work": "zzzz"}, "There is no work"),
        ({"verdict": "yes"}, "no verdict"),
        ({"stage": "abstract"}, "no stage"),
        ({"verdict": "exclude", "reason": "wrong desing"}, "not a reason"),
        ({"at": "31.2.2026"}, "not a date"),
    ],
)
def test_wrong_words_are_refused_and_nothing_is_recorded(filled, given, words):
    call = {"work": "0000", "verdict": "include", "person": "ana"} | given
    with pytest.raises(UsageError, match=words):
        decide(filled, call.pop("work"), call.pop("verdict"), **call)
    assert filled.read("decisions").empty


def test_full_text_waits_for_title_and_abstract_unless_forced(filled):
    with pytest.raises(StateError, match="cannot be decided at the stage full_text") as fault:
        decide(filled, "0000", "include", stage="full_text", person="ana")
    assert fault.value.why == "Nobody has decided on its title and abstract"
    decide(filled, "0000", "include", stage="full_text", person="ana", force=True)
    assert verdicts(filled, "full_text").verdicts["include"] == 1


def test_a_work_without_its_full_text_is_not_read_in_full(filled):
    decide(filled, "0000", "include", person="ana")
    with pytest.raises(UsageError, match="Why was it not retrieved"):
        retrieve(filled, "0000", "not-retrieved", person="ana")
    retrieve(filled, "0000", "sought", person="ana")
    retrieve(filled, "0000", "not-retrieved", reason="no library holds it", person="ben")
    assert verdicts(filled, "retrieval").verdicts == {"sought": 0, "retrieved": 0, "not_retrieved": 1}
    assert next_works(filled, person="ana", stage="full_text").works == ()
    with pytest.raises(StateError, match="cannot be decided"):
        decide(filled, "0000", "include", stage="full_text", person="ana")


def test_ranking_learns_and_next_follows_it(filled):
    decide(filled, "0000", "include", person="ana")
    decide(filled, "3333", "exclude", person="ana")
    report = rank_project(filled)
    assert (report.basis, report.ranked, report.relevant, report.irrelevant) == ("svm", 4, 1, 1)
    found = next_works(filled, person="ana", n=2)
    assert {work.work_id for work in found.works} == {name(1), name(2)}
    assert [work.rank for work in found.works] == [1, 2]
    decide(filled, found.works[0].work_id, "include", person="ana")
    row = filled.read("decisions").sort_values("id").iloc[-1]
    assert (row["ranker"], row["rank"]) == ("svm", 1)
    assert next_works(filled, person="ana").newer == 1


def test_without_a_relevant_work_the_question_and_without_one_nothing_gives_the_order(filled):
    assert next_works(filled, person="ana").basis == "none"  # "What works?" stands in no title
    filled.config.raw["keywords"] = ["corrosion", "pipes"]
    assert next_works(filled, person="ana").works[0].work_id == name(4)
    assert next_works(filled, person="ana").basis == "question"


def test_what_one_has_decided_is_still_shown_to_the_other(filled):
    decide(filled, "0000", "include", person="ana")
    assert next_works(filled, person="ben").unread == 6
    assert next_works(filled, person="ana").unread == 5


def test_progress_adds_up_and_bounds_what_is_missed(filled):
    for number, verdict in enumerate(["include", "exclude", "maybe", "exclude"]):
        decide(filled, name(number), verdict, person="ana")
    decide(filled, name(1), "include", person="ben")
    state = progress(filled)
    first = state.stages[0]
    assert (first.verdicts, first.conflicts, first.unread) == ({"include": 1, "exclude": 1, "maybe": 1}, 1, 2)
    assert sum(first.verdicts.values()) + first.conflicts + first.unread == first.works == 6
    assert [(one.person, one.decided) for one in state.people] == [("ana", 4), ("ben", 1)]
    assert (state.found, state.missed_bound) == ((1, 0, 0, 0), 2)


def test_progress_is_drawn_only_when_something_was_read(filled, tmp_path):
    with pytest.raises(StateError, match="Nothing has been read"):
        plot_progress(filled, tmp_path / "p.svg")
    decide(filled, "0000", "include", person="ana")
    plot_progress(filled, tmp_path / "p.svg")
    assert "5 are unread" in (tmp_path / "p.svg").read_text(encoding="utf-8")


def test_criteria_are_recorded_once_a_version(filled):
    assert [criteria.version for criteria in set_criteria(filled)] == [None, None]  # only placeholders so far
    filled.config.criteria["full_text"] = {"text": "Trials", "reasons": ["wrong design"]}
    assert set_criteria(filled, stage="full_text")[0].version == 1
    assert set_criteria(filled, stage="full_text")[0].version == 1
    filled.config.criteria["full_text"] = {"text": "Trials only", "reasons": []}
    assert set_criteria(filled, stage="full_text")[0].version == 2


def test_agreement_is_taken_from_the_store_as_people_first_spoke(filled):
    for number, verdict in enumerate(["include", "exclude", "include"]):
        decide(filled, name(number), verdict, person="ana")
        decide(filled, name(number), "include", person="ben")
    decide(filled, name(1), "include", person="ana")
    (found,) = agreement(filled)
    assert (found.seen, found.agreed, found.only_1) == (3, 2, 0)


def test_decisions_come_in_from_a_sheet_both_stages_at_once_and_only_once(filled, tmp_path):
    path = sheet(
        tmp_path / "d.csv",
        {"doi": "10.1/0", "stage": "full_text", "verdict": "include", "person": "ana"},
        {"doi": "10.1/0", "stage": "title_abstract", "verdict": "include", "person": "ana"},
        {"title": TITLES[3].upper(), "stage": "", "verdict": "exclude", "person": ""},
    )
    report = import_decisions(filled, path, person="ben")
    assert (report.read, report.taken, report.known, report.set_aside) == (3, 3, 0, ())
    again = import_decisions(filled, path, person="ben")
    assert (again.taken, again.known) == (0, 3)
    assert len(filled.read("decisions")) == 3


def test_rows_that_cannot_be_taken_are_set_aside_with_line_and_reason(filled, tmp_path):
    path = sheet(
        tmp_path / "d.csv",
        {"doi": "10.1/0", "verdict": "include", "stage": "", "reason": ""},
        {"doi": "10.9/none", "verdict": "include", "stage": "", "reason": ""},
        {"doi": "10.1/1", "verdict": "perhaps", "stage": "", "reason": ""},
        {"doi": "10.1/1", "verdict": "exclude", "stage": "full_text", "reason": "wrong design"},
        {"doi": "10.1/2", "verdict": "exclude", "stage": "", "reason": "wrong desing"},
    )
    report = import_decisions(filled, path, person="ana")
    assert (report.read, report.taken) == (5, 1)
    assert [one.line for one in report.set_aside] == [3, 4, 5, 6]
    assert [one.why.split()[0] for one in report.set_aside] == ["no", "There", "the", "'wrong"]
    write_set_aside(report, tmp_path / "aside.csv")
    assert (tmp_path / "aside.csv").read_text().splitlines()[1].startswith("3,no work of the project matches,10.9/none")


def test_decisions_go_out_as_a_sheet_and_come_back_the_same(filled, tmp_path):
    decide(filled, "0000", "include", person="ana", note="see table 2")
    decide(filled, "3333", "exclude", person="ana", reason="wrong design")
    assert export_works(filled, tmp_path / "all.csv", verdict="all") == 6
    rows = list(csv.DictReader((tmp_path / "all.csv").open(encoding="utf-8")))
    assert {row["work_id"]: row["title_abstract"] for row in rows}[name(3)] == "exclude"
    assert rows[0]["notes"] == "ana: see table 2"
    assert export_works(filled, tmp_path / "some.csv", stage="title_abstract", verdict="unread") == 4


def test_included_works_go_out_as_references(filled, tmp_path):
    decide(filled, "0000", "include", person="ana")
    assert export_works(filled, tmp_path / "in.ris", stage="title_abstract") == 1
    assert TITLES[0] in (tmp_path / "in.ris").read_text(encoding="utf-8")
    with pytest.raises(UsageError, match="unknown format"):
        export_works(filled, tmp_path / "in.docx")


def test_a_work_without_year_title_and_abstract_goes_the_whole_way(filled, tmp_path):
    bare = record(7, "", 1) | {
        "year": None,
        "abstracts": [],
        "authors": None,
        "ids": {},
        "titles": [],
        "container": None,
    }
    with filled.run("import", {}) as run:
        run.append("records", [bare])
    decide(filled, name(7), "include", person="ana")
    decide(filled, name(7), "exclude", person="ana", stage="full_text", reason="wrong design")
    assert next_works(filled, person="ben", n=9).unread == 7
    assert export_works(filled, tmp_path / "all.csv", verdict="all") == 7
    assert export_works(filled, tmp_path / "all.ris", verdict="all") == 7
    assert rank_project(filled).ranked == 6


def test_the_commands_lead_from_the_next_work_to_the_progress(filled, run_synth):
    folder = filled.folder
    shown = json.loads(run_synth("-C", folder, "screen", "next", "--person", "ana", "--json").stdout)
    work = shown["works"][0]["short_id"]
    done = run_synth("-C", folder, "screen", "decide", work, "include", "--person", "ana")
    assert (done.exit_code, done.stderr.splitlines()[0]) == (0, "Saved")
    state = json.loads(run_synth("-C", folder, "screen", "progress", "--json").stdout)
    assert state["stages"][0]["verdicts"]["include"] == 1
    assert "Did you mean decide?" in run_synth("-C", folder, "screen", "decid", work).stderr


def test_an_import_that_sets_rows_aside_ends_with_status_4(filled, run_synth, tmp_path):
    path = sheet(tmp_path / "d.csv", {"doi": "10.9/none", "verdict": "include"})
    done = run_synth("-C", filled.folder, "screen", "import", path, "--person", "ana", "--set-aside", "aside.csv")
    assert done.exit_code == 4
    assert "1 rows read, 0 taken, 0 known already, 1 set aside" in done.stderr
    assert (tmp_path / "aside.csv").exists()


def test_an_empty_project_says_what_to_do(project):
    with pytest.raises(StateError, match="no records yet"):
        next_works(project, person="ana")


def test_a_dry_run_of_an_export_counts_and_writes_nothing(filled, tmp_path):
    number = export_works(filled, tmp_path / "works.csv", verdict="all", dry_run=True)
    assert number == len(set(filled.read("records")["work_id"]))
    assert not (tmp_path / "works.csv").exists()
