"""Sixteen changes that mail programs, editors and databases make, on every real tagged file: no record goes missing."""

from __future__ import annotations

from pathlib import Path

import pytest
from synth.errors import UnreadableInput
from synth.records import Reading, read_bytes, read_file

from .damage import CHANGES, ENDS, PAGE

SMALL = 120_000
"""Larger files are changed in the slow run only."""
FORMS = ("ris", "nbib", "wos", "enw", "refworks")


def real_files(shared: Path) -> list[tuple[str, Path]]:
    return [(form, path) for form in FORMS for path in sorted((shared / "formats" / form).iterdir())]


def is_accounted_for(reading: Reading, expected: int) -> bool:
    """The right count; or what is missing stands in the quarantine or in an issue that names its line."""
    if len(reading.records) == expected:
        return True
    named = [piece.line_start for piece in reading.quarantine] + [issue.line for issue in reading.issues]
    return reading.found >= expected or len(named) >= expected - len(reading.records) > 0


def count_left(reading: Reading, text: str) -> int:
    """How many records begin in the part that the cut leaves."""
    lines = text.encode()[: int(len(text.encode()) * 0.97)].count(b"\n") + 1
    return sum(record.line_start <= lines for record in reading.records)


@pytest.mark.shared
@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_file_loses_no_record_in_silence(shared: Path, change: str) -> None:
    wrong = []
    for form, path in real_files(shared):
        if path.stat().st_size > SMALL:
            continue
        original = read_file(path)
        text = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n").replace("\ufeff", "")
        try:
            reading = read_bytes(CHANGES[change](text, form), path.name)
        except UnreadableInput as fault:
            wrong.append((path.name, str(fault)))
            continue
        expected = original.found if change != "cut tail" else count_left(original, text)
        if not is_accounted_for(reading, expected):
            wrong.append((path.name, expected, reading.found))
    assert not wrong


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.parametrize("change", [name for name in CHANGES if name not in {"cut tail", "web page behind"}])
def test_what_changes_no_letter_keeps_every_record(shared: Path, change: str) -> None:
    """The right count, not only an honest one: nothing was taken away from these files but marks."""
    wrong = {}
    for form, path in real_files(shared):
        if change in {"no end in the middle", "no last end"} and form not in ENDS:
            continue
        text = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n").replace("\ufeff", "")
        expected, found = len(read_file(path).records), len(read_bytes(CHANGES[change](text, form), path.name).records)
        if expected != found:
            wrong[path.name] = (expected, found)
    assert not wrong


@pytest.mark.shared
def test_a_web_page_behind_the_records_is_quarantined_with_its_lines(shared: Path) -> None:
    path = shared / "formats" / "ris" / "scopus-1.ris"
    text = path.read_text(encoding="utf-8").rstrip("\n") + "\n"
    reading = read_bytes((text + PAGE).encode(), path.name)
    (piece,) = reading.quarantine
    assert (piece.line_start, piece.code) == (text.count("\n") + 1, "html")
    assert piece.raw == PAGE.rstrip("\n")


@pytest.mark.shared
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "cp1252", "gb18030"])
def test_an_encoding_is_never_guessed_in_silence(shared: Path, encoding: str) -> None:
    text = (shared / "formats" / "ris" / "scielo-1.ris").read_text(encoding="utf-8-sig")
    reading = read_bytes(text.encode(encoding, errors="replace"), "x.ris")
    assert reading.encoding.startswith(encoding)
    assert [issue.code for issue in reading.issues if "encoding" in issue.code] == ["encoding"]
