"""PRISMA-S: what people say about a search is kept, and shown as a table beside the project."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from synth.errors import UsageError
from synth.project import Project
from synth.steps import import_ as step
from synth.steps.import_ import SourceNotes, import_files, note_source

FILES = Path(__file__).parents[1] / "records" / "files"
NOTES = SourceNotes("database", "TeaBase", "Ovid", '=tea AND "sleep"', "2026-02-01")


def read_table(project: Project) -> list[dict[str, str]]:
    with (project.folder / "searches.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_a_search_is_kept_with_database_platform_query_and_date(project: Project) -> None:
    import_files(project, [FILES / "one_space.ris"], notes=NOTES)
    (row,) = read_table(project)
    assert [row[name] for name in ("database", "platform", "searched_on", "read")] == [
        "TeaBase",
        "Ovid",
        "2026-02-01",
        "2",
    ]
    assert row["query"] == '\'=tea AND "sleep"'


def test_a_source_that_is_no_file_stands_in_the_same_table(project: Project) -> None:
    note_source(project, SourceNotes("website", "WHO"), 12)
    assert [(row["kind"], row["database"], row["hits_reported"]) for row in read_table(project)] == [
        ("website", "WHO", "12")
    ]


def test_a_count_may_be_given_with_a_file(project: Project) -> None:
    report = import_files(project, [FILES / "one_space.ris"], notes=SourceNotes("website", "WHO"), hits=9)
    assert report.files[0].hits_reported == 9
    assert read_table(project)[0]["hits_reported"] == "9"


def test_a_large_file_is_read_twice_and_written_in_batches(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(step, "_KEPT_PIECES", 0)
    monkeypatch.setattr(step, "_BATCH", 1)
    import_files(project, [FILES / "one_space.ris"])
    assert sorted(project.read("records")["position"]) == [1, 2]


def test_a_dry_run_tells_where_the_bytes_go_and_writes_nothing(project: Project) -> None:
    report = import_files(project, [FILES / "html_page_behind.ris"], dry_run=True)
    assert report.files[0].bytes is not None
    assert report.files[0].bytes.is_balanced
    assert not (project.folder / "searches.csv").exists()


def test_nothing_is_asked_where_there_is_no_terminal(project: Project, run_synth) -> None:
    done = run_synth("-C", project.folder, "import", FILES / "one_space.ris", input="")
    assert (done.exit_code, "Platform" in done.stderr) == (0, False)
    noted = run_synth("-C", project.folder, "import", "--kind", "website", "--name", "WHO", "--found", 3, "--dry-run")
    assert "Would note: website WHO gave 3." in noted.stderr
    assert len(read_table(project)) == 1


def test_a_wrong_date_changes_nothing(project: Project) -> None:
    with pytest.raises(UsageError, match="is not a date"):
        import_files(project, [FILES / "one_space.ris"], notes=SourceNotes(searched_on="yesterday"))
    assert project.read("sources").empty
