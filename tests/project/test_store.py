"""The store: appended rows, what is true now, undo. The same tests run on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from synth.errors import StateError
from synth.project import Project, Run, create_project, open_project
from synth.project.edition import open_edition, pack_project
from synth.project.schema import SQL_TABLES
from synth.project.undo import undo_run
from synth.tables import TABLES

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def _empty_postgres(url: str) -> None:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP SCHEMA public CASCADE"))
        connection.execute(sa.text("CREATE SCHEMA public"))
    engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def review(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Project]:
    url = ""
    if request.param == "postgres":
        url = os.environ["SYNTH_TEST_POSTGRES"]
        _empty_postgres(url)
    made = create_project(tmp_path / "r", title="T", people=("ana", "ben"), store_url=url, clock=lambda: NOON)
    yield made
    made.close()


def load(review: Project, *names: str, sha: str = "f") -> None:
    with review.run("import", {}) as run:
        source = {"kind": "database", "file_sha256": sha, "found": len(names), "read": len(names), "quarantined": 0}
        number = run.append("sources", [{**source, "loaded_at": run.at}])[0]
        lines = {"source_id": number, "line_start": 1, "line_end": 2}
        run.append("records", [{"id": n, "position": i, "title": n, **lines} for i, n in enumerate(names, 1)])


def group(review: Project, **works: str) -> None:
    with review.run("dedupe", {}) as run:
        run.append("groupings", [{"record_id": r, "work_id": w, "method": "rules"} for r, w in works.items()])


def decide(review: Project, work: str, record: str, verdict: str, person: str = "ana") -> None:
    row = {"work_id": work, "record_id": record, "stage": "title_abstract", "person_id": person, "verdict": verdict}
    with review.run("screen decide", {"work": work}) as run:
        run.append("decisions", [row])


def verdicts(review: Project) -> list[tuple[str, str]]:
    rows = review.read("decisions")
    return sorted(zip(rows["current_work_id"], rows["verdict"], strict=True))


def test_every_table_of_the_design_is_there_and_can_be_read(review: Project) -> None:
    for table in TABLES:
        frame = review.read(table.name)
        assert {"id", *table.names} <= set(frame.columns), table.name


def test_json_and_missing_values_come_back_as_they_went_in(review: Project) -> None:
    load(review, "a")
    with review.run("x", {"list": [1, "ü"]}) as run:
        run.append(
            "pairs",
            [
                {
                    "record_id_1": "a",
                    "record_id_2": "b",
                    "relation": "maybe",
                    "method": "m",
                    "reasons": ["título igual"],
                    "score": 0.5,
                }
            ],
        )
    pair = review.read("pairs").iloc[0]
    assert pair["reasons"] == ["título igual"]
    assert pair["score"] == 0.5
    assert pair["person_id"] is None
    assert review.read("runs").iloc[-1]["arguments"] == {"list": [1, "ü"]}


def test_a_run_that_fails_writes_nothing(review: Project) -> None:
    def break_off(run: Run) -> None:
        run.append("people", [{"id": "x", "name": "X", "role": "reviewer"}])
        raise RuntimeError("halfway")

    with pytest.raises(RuntimeError, match="halfway"), review.run("import", {}) as run:
        break_off(run)
    assert "x" not in set(review.read("people")["id"])
    assert "import" not in set(review.read("runs")["step"])


def test_a_later_decision_of_the_same_person_replaces_the_earlier_one(review: Project) -> None:
    load(review, "a")
    decide(review, "a", "a", "exclude")
    decide(review, "a", "a", "include")
    assert verdicts(review) == [("a", "include")]
    assert len(review.store.read("decisions", everything=True)) == 2


def test_decisions_follow_their_record_into_its_new_work(review: Project) -> None:
    load(review, "a", "b")
    decide(review, "b", "b", "include")
    group(review, a="a", b="a")
    assert verdicts(review) == [("a", "include")]


def test_decisions_that_meet_by_a_merge_both_stay_so_that_people_are_asked(review: Project) -> None:
    load(review, "a", "b")
    decide(review, "a", "a", "exclude")
    decide(review, "b", "b", "include")
    group(review, a="a", b="a")
    assert verdicts(review) == [("a", "exclude"), ("a", "include")]
    decide(review, "a", "b", "include")
    assert verdicts(review) == [("a", "include")]


def test_undo_takes_back_a_run_and_undoing_the_undo_brings_it_back(review: Project) -> None:
    load(review, "a")
    decide(review, "a", "a", "include")
    undo_run(review)
    assert verdicts(review) == []
    undo_run(review, int(review.read("runs")["id"].max()))
    assert verdicts(review) == [("a", "include")]


def test_an_import_that_later_runs_stand_on_cannot_be_undone(review: Project) -> None:
    load(review, "a")
    decide(review, "a", "a", "include")
    with pytest.raises(StateError, match="later runs stand on it"):
        undo_run(review, 2)
    assert verdicts(review) == [("a", "include")]


def test_a_file_can_be_read_again_after_its_import_was_undone(review: Project) -> None:
    load(review, "a")
    undo_run(review)
    assert review.read("records").empty
    load(review, "a")
    assert list(review.read("records")["id"]) == ["a"]


@pytest.mark.parametrize(
    ("run_id", "words"), [(99, "there is no run 99"), (1, "cannot be undone"), (None, "nothing to undo")]
)
def test_what_cannot_be_undone_says_so(review: Project, run_id: int | None, words: str) -> None:
    with pytest.raises(StateError, match=words):
        undo_run(review, run_id)


def test_a_persons_word_on_a_pair_beats_a_later_programs(review: Project) -> None:
    pair = {"record_id_1": "a", "record_id_2": "b"}
    with review.run("dedupe", {}) as run:
        run.append("pairs", [{**pair, "relation": "different", "method": "person", "person_id": "ana"}])
        run.append("pairs", [{**pair, "relation": "same", "method": "rules", "score": 0.99}])
    assert list(review.read("pairs")["relation"]) == ["different"]


def test_a_whole_store_has_no_faults_and_a_lost_record_is_one(review: Project) -> None:
    load(review, "a")
    assert review.store.check() == []
    with review.run("x", {}) as run:
        run.append("groupings", [{"record_id": "gone", "work_id": "gone", "method": "rules"}])
    assert review.store.check() == ["a grouping names a record that is not there (1 times)"]


def test_an_edition_of_either_database_opens_as_a_file_with_the_same_rows(review: Project, tmp_path: Path) -> None:
    load(review, "a", "b")
    decide(review, "a", "a", "include")
    group(review, a="a", b="a")
    undo_run(review)
    pack_project(review, tmp_path / "e.zip", {})
    open_edition(tmp_path / "e.zip", tmp_path / "copy")
    copy = open_project(tmp_path / "copy")
    for table in TABLES:
        assert copy.store.read(table.name, everything=True).equals(review.store.read(table.name, everything=True))
    assert verdicts(copy) == verdicts(review)
    copy.close()


@pytest.mark.parametrize("change", ["UPDATE people SET name = 'x'", "DELETE FROM people"])
def test_rows_cannot_be_changed_or_deleted_even_by_hand(review: Project, change: str) -> None:
    with pytest.raises(StateError, match="appended, never changed"), review.run("x", {}) as run:
        run.connection.execute(sa.text(change))
    assert set(review.read("people")["name"]) == {"ana", "ben"}


def test_a_new_store_has_the_tables_of_the_design_and_no_others(review: Project) -> None:
    inspector = sa.inspect(review.store.engine)
    assert set(inspector.get_table_names()) == {*SQL_TABLES, "schema_version"}
    for name, table in SQL_TABLES.items():
        assert [column["name"] for column in inspector.get_columns(name)] == [column.name for column in table.columns]
