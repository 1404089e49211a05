"""``synth convert``: any export to one file, with a ledger for each."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from synth.errors import UsageError
from synth.steps.convert import choose_format, convert_files

FILES = Path(__file__).parents[1] / "records" / "files"
TWO = FILES / "one_space.ris"
WITH_HTML = FILES / "html_page_behind.ris"


def test_records_of_all_files_are_written_in_order(tmp_path: Path) -> None:
    out = tmp_path / "all.jsonl"
    done = convert_files([TWO, FILES / "eric.nbib"], out)
    assert (done.read, done.quarantined) == (4, 0)
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [row["year"] for row in rows] == [2001, 2002, 2001, 2002]


def test_the_quarantine_is_written_word_for_word(tmp_path: Path) -> None:
    done = convert_files([WITH_HTML], tmp_path / "x.ris", quarantine=tmp_path / "q.txt")
    text = (tmp_path / "q.txt").read_text(encoding="utf-8")
    assert done.quarantined == 1
    assert "lines 13-16: html" in text
    assert "TI  - Please log in\n" in text


def test_without_a_target_files_are_only_counted(tmp_path: Path) -> None:
    done = convert_files([TWO], None, quarantine=tmp_path / "q.txt")
    assert [(ledger.found, ledger.read, ledger.format) for ledger in done.ledgers] == [(2, 2, "ris")]
    assert not list(tmp_path.iterdir())


def test_a_wrong_format_gets_a_suggestion() -> None:
    with pytest.raises(UsageError, match="no such format") as fault:
        choose_format("x.ris", "bibtx")
    assert "bibtex" in fault.value.hint


def test_an_ending_that_nobody_writes_is_refused() -> None:
    with pytest.raises(UsageError, match="ending"):
        choose_format("x.docx", "")


def test_the_command_ends_with_4_when_something_was_put_aside(run_synth, tmp_path: Path) -> None:
    result = run_synth("convert", WITH_HTML, "-o", "x.csv", "--quarantine", "q.txt")
    assert result.exit_code == 4
    assert "quarantined" in result.stderr
    assert (tmp_path / "x.csv").exists()


def test_the_command_writes_to_stdout_and_prints_its_ledger(run_synth) -> None:
    result = run_synth("convert", TWO, "-o", "-", "--to", "jsonl")
    assert result.exit_code == 0
    assert json.loads(result.stdout.splitlines()[0])["title"] == "Alpha tea and sleep"
    ledger = json.loads(run_synth("convert", TWO, "--dry-run", "--json").stdout)
    assert ledger["files"][0]["found"] == 2


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("nowhere.ris", "-o", "x.ris"), 5),
        ((TWO,), 2),
        ((TWO, "-o", "-"), 2),
        ((TWO, "-o", "x.ris", "--to", "word"), 2),
    ],
)
def test_wrong_calls_are_explained_in_four_lines(run_synth, arguments: tuple[object, ...], status: int) -> None:
    result = run_synth("convert", *arguments)
    assert result.exit_code == status
    assert 1 <= len(result.stderr.strip().splitlines()) <= 4
    assert "Traceback" not in result.stderr
