"""The same river on real exports: every RIS, nbib, BibTeX and CSV file, written by databases and not by us."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from synth.project import open_project

FOLDERS = ("ris", "nbib", "bib", "csv")

pytestmark = [pytest.mark.shared, pytest.mark.slow]


def real_files(shared: Path) -> list[Path]:
    return sorted(path for folder in FOLDERS for path in (shared / "formats" / folder).iterdir())


def test_sixty_real_files_go_through_the_whole_river(
    shared: Path, tmp_path: Path, run_synth: Callable[..., object]
) -> None:
    files, folder = real_files(shared), tmp_path / "review"
    assert len(files) >= 60
    assert run_synth("init", folder, "--person", "ana").exit_code == 0
    imported = run_synth("-C", folder, "import", *files, "--json")
    assert imported.exit_code in {0, 4}, imported.stderr
    for file in json.loads(imported.stdout):
        assert file["found"] == file["read"] + file["quarantined"], file["file_name"]
        assert all(piece["reason"] and piece["raw"] for piece in file["quarantine"])
    check_counts(shared, folder)
    assert run_synth("-C", folder, "dedupe").exit_code == 0
    decide_ten(folder, run_synth)
    ranked = run_synth("-C", folder, "screen", "rank")
    assert ranked.exit_code == 0, ranked.stderr
    exported = run_synth("-C", folder, "screen", "export", "-o", tmp_path / "works.ris")
    assert exported.exit_code == 0, exported.stderr
    drawn = run_synth("-C", folder, "prisma", "-o", tmp_path / "prisma.svg")
    assert drawn.exit_code == 0, drawn.stderr
    assert (tmp_path / "prisma.svg").stat().st_size > 2000
    check_flow(folder, run_synth)


def check_counts(shared: Path, folder: Path) -> None:
    """As many records as the manifest of the files says, file by file."""
    with (shared / "formats" / "manifest.csv").open(encoding="utf-8", newline="") as stream:
        expected = {Path(row["file"]).name: int(row["records"]) for row in csv.DictReader(stream)}
    project = open_project(folder)
    sources = project.read("sources")
    project.close()
    wrong = [
        (row.file_name, row.read, expected[row.file_name])
        for row in sources.itertuples()
        if row.read != expected[row.file_name]
    ]
    assert wrong == []


def decide_ten(folder: Path, run_synth: Callable[..., object]) -> None:
    project = open_project(folder)
    records = project.read("records")
    project.close()
    works = sorted(set(records.loc[records["title"].notna(), "work_id"]))[:10]
    for number, work in enumerate(works):
        verdict = "include" if number < 4 else "exclude"
        done = run_synth("-C", folder, "screen", "decide", work, verdict, "--person", "ana")
        assert done.exit_code == 0, done.stderr


def check_flow(folder: Path, run_synth: Callable[..., object]) -> None:
    project = open_project(folder)
    works = project.read("records")["work_id"].nunique()
    project.close()
    flow = json.loads(run_synth("-C", folder, "prisma", "--json").stdout)
    status = json.loads(run_synth("-C", folder, "status", "--json").stdout)
    assert status["works"] == works
    assert status["screened"] == 10
    assert status["unread"] == works - 10
    assert flow
