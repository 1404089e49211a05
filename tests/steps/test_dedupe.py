"""Deduplication of a project and of files."""

import csv
import io
import json

import pandas as pd
import pytest
from synth.errors import StateError, UsageError
from synth.steps.dedupe import answer_pair, dedupe_files, dedupe_project

TITLE = "Community mobilisation to prevent violence against women in rural districts"
ROW = {
    "title": TITLE,
    "authors": ["Abramsky, T.", "Devries, K."],
    "year": 2014,
    "container": "BMC Medicine",
    "volume": "12",
    "pages": "122-139",
    "ids": {"doi": "10.1186/s12916-014-0122-5"},
    "type": "article",
    "position": 1,
    "line_start": 1,
    "line_end": 9,
}
OTHER = {
    **ROW,
    "title": "Cash transfers and conflict in the household in northern Ecuador",
    "authors": ["Hidrobo, M."],
    "ids": {"doi": "10.1257/app.20150048"},
    "pages": "284-303",
    "volume": "8",
    "year": 2016,
}


def load(project, rows, at="2026-01-01T00:00:00Z"):
    """Append one source with ``rows`` (id to changes of ROW)."""
    source = {"kind": "database", "found": len(rows), "read": len(rows), "quarantined": 0, "loaded_at": at}
    with project.run("import", {}) as run:
        number = run.append("sources", [source])[0]
        run.append("records", [{**ROW, **row, "id": name, "source_id": number} for name, row in rows.items()])


def decide(project, record, verdict, person="ana", stage="title_abstract"):
    row = {"work_id": record, "record_id": record, "stage": stage, "person_id": person, "verdict": verdict}
    with project.run("screen decide", {}) as run:
        run.append("decisions", [row])


def works(project):
    return project.read("records").set_index("id")["work_id"].to_dict()


def test_records_become_works_and_pairs_are_kept(project):
    load(project, {"a": {}, "b": {"title": TITLE.upper()}, "c": OTHER})
    report = dedupe_project(project)
    assert (report.records, report.works, report.merged, report.changed, report.new_pairs) == (3, 2, 1, 1, 1)
    assert works(project) == {"a": "a", "b": "a", "c": "c"}
    assert project.read("pairs")["reasons"].iloc[0][0] == "title equal"
    assert report.sentence() == "3 records → 2 works (1 merged, 0 to look at)"


def test_a_second_run_writes_nothing(project):
    load(project, {"a": {}, "b": {}, "c": OTHER, "d": {"pages": "1", "volume": "9", "ids": {}}})
    dedupe_project(project)
    before = project.read("runs")
    again = dedupe_project(project)
    assert (again.new_pairs, again.changed) == (0, 0)
    assert len(project.read("runs")) == len(before)


def test_dry_run_writes_nothing(project):
    load(project, {"a": {}, "b": {}})
    assert dedupe_project(project, dry_run=True).changed == 1
    assert works(project) == {"a": "a", "b": "b"}


def test_new_exports_never_rename_old_works(project):
    load(project, {"m": {}, "n": {}})
    dedupe_project(project)
    load(project, {"a": {"title": TITLE.upper()}, "b": OTHER}, at="2026-02-01T00:00:00Z")
    dedupe_project(project)
    assert works(project) == {"m": "m", "n": "m", "a": "m", "b": "b"}


def test_the_same_files_in_any_order_give_the_same_works(tmp_path):
    from synth.project import create_project

    files = [
        {"a1": {}, "a2": OTHER},
        {"b1": {"ids": {}, "pages": ""}, "b2": {**OTHER, "ids": {}}},
        {"c1": {"year": 2015}},
    ]
    partitions = set()
    for number, order in enumerate([(0, 1, 2), (2, 1, 0), (1, 2, 0)]):
        project = create_project(tmp_path / str(number), title="t", question="q")
        for place, file in enumerate(order):
            load(project, files[file], at=f"2026-0{place + 1}-01T00:00:00Z")
            dedupe_project(project)
        groups = pd.Series(works(project)).reset_index().groupby(0)["index"]
        partitions.add(frozenset(frozenset(members) for _, members in groups))
        project.close()
    assert len(partitions) == 1


def test_answers_are_kept_and_win(project):
    load(project, {"a": {}, "b": {}, "c": OTHER})
    answer_pair(project, "b", "a", "different", "ana")
    answer_pair(project, "a", "c", "same", "ben")
    dedupe_project(project)
    assert works(project) == {"a": "a", "b": "b", "c": "a"}
    assert set(project.read("groupings")["method"]) == {"person"}


def test_an_answer_can_part_an_old_work(project):
    load(project, {"a": {}, "b": {}})
    dedupe_project(project)
    answer_pair(project, "a", "b", "different", "ana")
    dedupe_project(project)
    assert works(project) == {"a": "a", "b": "b"}


def test_an_answer_settles_what_was_in_doubt(project):
    load(project, {"a": {}, "b": {"ids": {}, "volume": "9", "pages": "122-139", "container": "BMC Medicine"}})
    first = dedupe_project(project)
    answer_pair(project, "a", "b", "same", "ana")
    assert dedupe_project(project).maybe == 0
    assert works(project) == {"a": "a", "b": "a"}
    assert first.maybe <= 1


def test_decisions_that_disagree_after_a_merge_are_named(project):
    load(project, {"a": {}, "b": {}, "c": OTHER})
    decide(project, "a", "include")
    decide(project, "b", "exclude")
    decide(project, "c", "include")
    assert dedupe_project(project).conflicts == ("a",)


def test_no_decision_is_lost_when_works_merge(project):
    load(project, {"m": {}})
    decide(project, "m", "include")
    load(project, {"a": {}}, at="2026-02-01T00:00:00Z")
    assert dedupe_project(project).conflicts == ()
    assert project.read("decisions")["current_work_id"].tolist() == ["m"]


def test_an_empty_project_says_what_to_do(project):
    with pytest.raises(StateError, match="no records"):
        dedupe_project(project)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (("a", "zz", "same", "ana"), "zz: no such record"),
        (("a", "a", "same", "ana"), "compared with itself"),
        (("a", "b", "simliar", "ana"), "simliar: no such answer"),
        (("a", "b", "same", "anna"), "anna: no such person"),
    ],
)
def test_wrong_answers_are_refused(project, call, message):
    load(project, {"a": {}, "b": {}})
    with pytest.raises(UsageError, match=message):
        answer_pair(project, *call)


CSV = (
    "record_id,title,author,year,journal\n"
    f'x1,"{TITLE}","Abramsky, T.; Devries, K.",2014,BMC Medicine\n'
    f'x2,"{TITLE.upper()}","Abramsky T; Devries K",2014,BMC Med\n'
    'x3,"Cash transfers and conflict in the household","Hidrobo, M.",2016,American Economic Journal\n'
)


def test_a_csv_keeps_the_ids_of_its_own(tmp_path):
    path = tmp_path / "records.csv"
    path.write_text(CSV)
    done = dedupe_files([path])
    assert done.found.groups.to_numpy().tolist() == [["x1", "x1"], ["x2", "x1"], ["x3", "x3"]]


def test_other_files_are_named_by_file_and_position(tmp_path):
    (tmp_path / "a.csv").write_text(CSV.replace("record_id", "nr"))
    (tmp_path / "b.ris").write_text(
        f"TY  - JOUR\nTI  - {TITLE}\nAU  - Abramsky, T\nAU  - Devries, K\nPY  - 2014\nER  - \n"
    )
    assert dedupe_files([tmp_path / "a.csv"]).found.groups["record_id"].tolist() == ["1", "2", "3"]
    both = dedupe_files([tmp_path / "a.csv", tmp_path / "b.ris"]).found.groups.set_index("record_id")["group_id"]
    assert both["b.ris:1"] == both["a.csv:1"] == both["a.csv:2"]


def test_the_command_writes_groups_review_and_works(tmp_path, run_synth):
    (tmp_path / "records.csv").write_text(CSV)
    done = run_synth("dedupe", "records.csv", "--groups", "g.csv", "--review", "r.csv", "-o", "o.ris", "--json")
    assert done.exit_code == 0, done.stderr
    assert "3 records → 2 works (1 merged, 0 to look at)" in done.stderr
    assert json.loads(done.stdout)["works"] == 2
    assert (tmp_path / "g.csv").read_text() == "record_id,group_id\nx1,x1\nx2,x1\nx3,x3\n"
    assert (tmp_path / "r.csv").read_text() == "record_id_1,record_id_2,relation,score,reasons\n"
    assert (tmp_path / "o.ris").read_text().count("TY  - ") == 2


def test_a_dry_run_of_the_command_writes_no_file(tmp_path, run_synth):
    (tmp_path / "records.csv").write_text(CSV)
    assert run_synth("dedupe", "records.csv", "--groups", "g.csv", "--dry-run").exit_code == 0
    assert not (tmp_path / "g.csv").exists()


def test_answers_need_a_project_and_a_person(tmp_path, run_synth):
    (tmp_path / "records.csv").write_text(CSV)
    done = run_synth("dedupe", "records.csv", "--same", "x1", "x3", "--person", "ana")
    assert done.exit_code == 2
    assert "need a project" in done.stderr


@pytest.mark.shared
def test_the_demonstration_exports_have_no_false_merge_and_no_miss(shared):
    folder = shared / "demo" / "exports"
    files = ["pubmed.nbib", "scopus.csv", "wos.txt", "zotero_grey.ris", "lilacs_scielo.ris"]
    found = dedupe_files([folder / name for name in files]).found.groups
    with io.StringIO((folder / "truth.csv").read_text()) as lines:
        truth = {f"{row['file']}:{row['position']}": row["key"] for row in csv.DictReader(lines)}
    groups = found.assign(key=found["record_id"].map(truth)).groupby("group_id")["key"]
    assert all(len(set(keys)) == 1 for _, keys in groups)
    assert len(groups) == len(set(truth.values())) == 381
