"""Files are told apart by content, and what nobody can read is named."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest
from synth.errors import SynthError, UnreadableInput
from synth.records import find_format, find_formats, read_bytes, read_file


def test_our_formats_come_first() -> None:
    assert [form.name for form in find_formats()][:5] == ["ris", "nbib", "wos", "bibtex", "csv"]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("TY  - JOUR\nTI  - Tea\nER  - \n", "ris"),
        ("PMID- 1\nOWN - NLM\nTI  - Tea\n", "nbib"),
        ("FN Clarivate\nVR 1.0\nPT J\nTI Tea\nER\nEF\n", "wos"),
        ("@article{a,\n title = {Tea}\n}\n", "bibtex"),
        ("Document Title,Authors\nTea,A\n", "csv"),
    ],
)
def test_the_content_decides_not_the_ending(content: str, name: str) -> None:
    assert find_format(content, "wrong.pdf").name == name


@pytest.mark.parametrize(
    ("content", "looks"),
    [
        (b"%PDF-1.7\n", "PDF"),
        (b"PK\x03\x04rest", "XLSX"),
        (b"<!DOCTYPE html><html><body>Log in</body></html>", "HTML page"),
        (b"\x89PNG\r\n\x1a\n", "an image"),
        (b" \r\n\n", "empty"),
        (b"name,age\nann,3\n", "no export of references"),
        (b"just some prose\nin two lines\n", "no export of references"),
    ],
)
def test_what_cannot_be_read_is_named(content: bytes, looks: str) -> None:
    with pytest.raises(UnreadableInput, match=looks) as fault:
        read_bytes(content, "x.ris")
    assert len(fault.value.lines()) <= 4
    assert "RIS" in fault.value.why or fault.value.status == 5


def test_the_same_bytes_give_the_same_reading() -> None:
    content = b"TY  - JOUR\nTI  - Tea\nER  - \n"
    assert read_bytes(content, "x") == read_bytes(content, "x")


@pytest.mark.shared
def test_every_real_file_has_the_right_records(shared: Path, tmp_path: Path) -> None:
    """Counts and spot values of the 86 real RIS, nbib, BibTeX, CSV and Web of Science files."""
    folder = shared / "formats"
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["format"] in {"ris", "nbib", "bib", "csv", "wos"}]
    manifest = tmp_path / "manifest.csv"
    with manifest.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    for row in rows:
        dump(read_file(folder / row["file"]), tmp_path / f"{row['file']}.jsonl")
    done = subprocess.run(
        [sys.executable, folder / "check_manifest.py", manifest, tmp_path], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout.decode()


def dump(reading, path: Path, *, whole: bool = False) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [
        {"title": record.title, "authors": record.authors, "year": record.year, "doi": record.ids.get("doi")}
        | ({"raw": [[tag, value] for tag, value, _ in record.raw]} if whole else {})
        for record in reading.records
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


@pytest.mark.shared
def test_damaged_files_lose_nothing_in_silence(shared: Path, tmp_path: Path) -> None:
    """300 damaged files: no crash, nothing lost in silence, at least 99 % of 10,595 records recovered."""
    folder = shared / "fuzz" / "files"
    for path in sorted(folder.glob("*.[rb]i[sb]")):
        log = ""
        try:
            reading = read_file(path)
        except SynthError as fault:
            log = "\n".join(fault.lines())
        else:
            dump(reading, tmp_path / f"{path.name}.jsonl", whole=True)
            log = "\n".join(f"line {issue.line}: {issue.message}" for issue in reading.issues)
            pieces = [f"lines {piece.line_start}-{piece.line_end}\n{piece.raw}" for piece in reading.quarantine]
            (tmp_path / f"{path.name}.quarantine").write_text("\n".join(pieces), encoding="utf-8")
        (tmp_path / f"{path.name}.log").write_text(log, encoding="utf-8")
    command = [sys.executable, shared / "fuzz" / "score.py", folder / "manifest.json", tmp_path]
    score = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    assert (score["silently_lost"], score["files_with_traceback"]) == (0, 0)
    assert score["share_recovered"] >= 0.99
