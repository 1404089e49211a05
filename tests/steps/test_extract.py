import pytest
from synth.errors import StateError, UsageError
from synth.extract import BadSheet
from synth.steps import extract


@pytest.fixture
def filled(project):
    """A project with two records of one work and one of another, and the study sasa."""
    record = {"position": 1, "line_start": 1, "line_end": 1, "title": "SASA", "ids": {"doi": "10.1186/abc"}}
    with project.run("import", {}) as run:
        run.append(
            "sources",
            [
                {
                    "kind": "database",
                    "file_name": "a.ris",
                    "found": 2,
                    "read": 2,
                    "quarantined": 0,
                    "loaded_at": project.now(),
                }
            ],
        )
        run.append(
            "records",
            [
                {**record, "id": "r1", "source_id": 1},
                {**record, "id": "r2", "source_id": 1, "position": 2, "title": "Other", "ids": {}},
            ],
        )
    extract.make_studies(project, sheet(project, "links.csv", "study,role,doi\nsasa,main,10.1186/abc\n"), person="ana")
    return project


def sheet(project, name, text):
    path = project.folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_studies_are_made_of_works(filled):
    assert filled.read("studies")["id"].tolist() == ["sasa"]
    link = filled.read("study_works").iloc[0]
    assert (link["record_id"], link["role"], link["person_id"]) == ("r1", "main", "ana")


def test_a_wrong_link_writes_nothing(filled):
    with pytest.raises(BadSheet, match="no record has this doi"):
        extract.make_studies(
            filled,
            sheet(filled, "l.csv", "study,role,doi\nsasa,main,10.1186/abc\nsasa,process,10.9999/none\n"),
            person="ana",
        )
    assert len(filled.read("study_works")) == 1


def test_a_sheet_is_told_by_its_columns_and_stored(filled):
    report = extract.fill_sheet(filled, sheet(filled, "s.csv", "study,axis,term\nsasa,setting,escuela\n"), person="ana")
    assert (report.kind, report.rows) == ("labels", 1)
    assert filled.read("labels").iloc[0]["term"] == "school"
    assert filled.read("questions").set_index("id").loc["setting", "terms"][0]["id"] == "community"


def test_questions_are_stored_once(filled):
    for place in range(2):
        extract.fill_answers(filled, sheet(filled, "s.csv", f"study,clusters\nsasa,{place + 1}\n"), person="ana")
    assert filled.read("questions")["id"].is_unique
    assert filled.read("answers")["value"].tolist() == [2]


def test_a_mistake_in_the_last_row_leaves_the_store_as_it_was(filled):
    with pytest.raises(BadSheet, match="'x' is not a whole number"):
        extract.fill_answers(filled, sheet(filled, "s.csv", "study,clusters,n_analysed\nsasa,8,x\n"), person="ana")
    assert filled.read("answers").empty


def test_a_dry_run_writes_nothing(filled):
    path = sheet(filled, "s.csv", "study,clusters\nsasa,8\n")
    assert extract.fill_sheet(filled, path, person="ana", dry_run=True).rows == 1
    assert filled.read("answers").empty


def test_an_answer_by_hand_keeps_its_quote_and_place(filled):
    document = sheet(filled, "report.txt", "We randomised 8 communities.")
    extract.set_answer(
        filled, "sasa", "clusters", "8", quote="randomised 8", place="page 2", person="ana", document=document
    )
    row = filled.read("answers").iloc[0]
    assert (row["value"], row["quote"], row["place"], row["start"]) == (8, "randomised 8", "page 2", 3)


@pytest.mark.parametrize(
    ("study", "question", "value", "message"),
    [
        ("sassa", "clusters", "8", "unknown study 'sassa'"),
        ("sasa", "clustres", "8", "unknown question 'clustres'"),
        ("sasa", "setting", "schol", "unknown code 'schol'"),
        ("sasa", "clusters", "", "an empty value is no answer"),
    ],
)
def test_wrong_answers_by_hand_are_refused(filled, study, question, value, message):
    with pytest.raises(UsageError, match=message):
        extract.set_answer(filled, study, question, value, person="ana")


def test_it_must_be_clear_who_answers(filled):
    with pytest.raises(UsageError, match="not clear who answers"):
        extract.set_answer(filled, "sasa", "clusters", "8")
    with pytest.raises(UsageError, match="unknown person 'anna'"):
        extract.set_answer(filled, "sasa", "clusters", "8", person="anna")


def test_without_studies_nothing_can_be_filled(project):
    with pytest.raises(StateError, match="no studies yet"):
        extract.fill_sheet(project, sheet(project, "s.csv", "study,clusters\nsasa,8\n"), person="ana")


def test_two_people_are_compared(filled):
    for person, clusters in (("ana", 8), ("ben", 9)):
        extract.set_answer(filled, "sasa", "clusters", str(clusters), person=person)
    assert len(extract.reconcile_people(filled, "ana", "ben").disagreements) == 1


def test_a_form_has_a_row_a_study(filled):
    header, *rows = extract.make_form(filled, questions=["setting", "clusters"])
    assert header == ["study_id", "study_name", "setting", "clusters", "quote", "place"]
    assert rows == [["sasa", "sasa", "", "", "", ""]]


def test_exports_hold_studies_effects_and_findings(filled):
    extract.fill_effects(
        filled, sheet(filled, "e.csv", "id,study,outcome,measure,estimate\ne1,sasa,hit,RR,0.48\n"), person="ana"
    )
    extract.fill_answers(
        filled, sheet(filled, "f.csv", "study,effect,finding,place\nsasa,f1,Men listened,page 3\n"), person="ana"
    )
    extract.fill_answers(filled, sheet(filled, "a.csv", "study,clusters\nsasa,not reported\n"), person="ana")
    tables = extract.export_tables(filled)
    assert tables.studies[["id", "works", "effects", "clusters"]].to_numpy().tolist() == [
        ["sasa", 1, 1, "not reported"]
    ]
    assert tables.effects["estimate"].tolist() == [0.48]
    assert tables.findings[["id", "finding", "place"]].to_numpy().tolist() == [["f1", "Men listened", "page 3"]]
    assert tables.costs.empty


def test_doubts_are_told(filled):
    extract.fill_effects(
        filled, sheet(filled, "e.csv", "id,study,outcome,measure,estimate\ne1,sasa,hit,RR,-0.7\n"), person="ana"
    )
    assert [found.row_id for found in extract.check_extraction(filled)] == ["e1"]
