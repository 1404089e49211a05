"""Cochrane's text: lone CR, byte order marks between batches, its own count, trial numbers among the authors."""

from __future__ import annotations

from pathlib import Path

import pytest
from synth.records import read_file
from synth.records.formats.cochrane import read_name

FILES = Path(__file__).parent / "files"


def test_a_byte_order_mark_between_two_batches_hides_no_record() -> None:
    reading = read_file(FILES / "cochrane_two_marks.txt")
    assert (len(reading.records), reading.hits_reported, reading.database) == (2, 2, "CENTRAL")
    assert "byte_order_mark_inside" in {issue.code for issue in reading.issues}


def test_identifiers_of_other_databases_and_of_registers_are_taken() -> None:
    first, second = read_file(FILES / "cochrane_two_marks.txt").records
    assert first.ids == {"doi": "10.1000/alpha.1", "central": "CN-00000001", "pmid": "11112222", "embase": "33334444"}
    assert (second.ids, second.authors) == ({"central": "CN-00000002", "nct": "NCT01234567"}, ())


def test_a_number_that_is_left_out_is_named_with_its_line() -> None:
    reading = read_file(FILES / "cochrane_number_missing.txt")
    (issue,) = [issue for issue in reading.issues if issue.code == "missing_number"]
    assert (issue.line, reading.hits_reported, reading.found) == (6, 3, 2)
    assert "number 2 is not in the file" in issue.message


@pytest.mark.parametrize(
    ("written", "name"),
    [("Crowther Caroline A", "Crowther, Caroline A"), ("Van Ryswyk Emer", "Van Ryswyk, Emer"),
     ("Buchleitner Ana Maria", "Buchleitner, Ana Maria"), ("Cochrane", "Cochrane"), ("Zhou, ZH", "Zhou, ZH")],
)  # fmt: skip
def test_the_family_name_stands_first(written: str, name: str) -> None:
    assert read_name(written) == [name]
