"""Decisions that come with an export: found, counted, kept, never used."""

from __future__ import annotations

from pathlib import Path

from synth.records import Record, read_file
from synth.records.decisions import find_decisions

FILES = Path(__file__).parent / "files"


def test_rayyan_keeps_each_persons_decision_in_its_notes() -> None:
    first, second = read_file(FILES / "rayyan.csv").records
    assert [(found.person, found.verdict) for found in find_decisions(first)] == [
        ("ana", "include"),
        ("ben", "exclude"),
    ]
    assert list(find_decisions(second)) == []


def test_asreview_keeps_them_in_a_column_or_a_note() -> None:
    verdicts = [
        [found.verdict for found in find_decisions(record)] for record in read_file(FILES / "asreview.csv").records
    ]
    assert verdicts == [["include"], ["exclude"]]
    noted = Record(1, 1, 2, raw=(("N1", "ASReview_relevant", 2), ("N1", "ASReview_not_seen", 3)))
    assert [(found.tool, found.verdict, found.line) for found in find_decisions(noted)] == [("ASReview", "include", 2)]


def test_a_file_with_decisions_says_so_once() -> None:
    (issue,) = [issue for issue in read_file(FILES / "asreview.csv").issues if issue.code == "decisions_kept"]
    assert "ASReview (1 exclude, 1 include)" in issue.message
    assert not [issue for issue in read_file(FILES / "zotero.csv").issues if issue.code == "decisions_kept"]
