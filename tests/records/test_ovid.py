"""Ovid's text: counters in angle brackets, tagged or with labels; journal and pages inside one source line."""

from __future__ import annotations

from pathlib import Path

import pytest
from synth.records import read_file
from synth.records.formats.ovid import read_names, read_source

FILES = Path(__file__).parent / "files"


def test_tagged_records_give_their_source_line_away() -> None:
    first, second = read_file(FILES / "ovid_tagged.txt").records
    assert (first.container, first.volume, first.issue, first.pages) == ("Journal of Tea", "12", "3", "327-334")
    assert (second.container, second.year, second.pages) == ("Bread Letters", 2002, "5")
    assert first.abstract == "Background: A summary Method(s): that goes on without a space."
    assert first.affiliations == ("(Author) Tea School, Nairobi, Kenya", "(Writer) Bread School, Lima, Peru")


def test_labels_hold_what_is_indented_below_them() -> None:
    first, _ = read_file(FILES / "ovid_labels.txt").records
    assert first.authors == ("Author, Anna", "Writer, Ben")
    assert (first.keywords, first.ids) == (("tea", "sleep"), {"doi": "10.1000/alpha.1"})
    assert ("Unique Identifier", "\n  11112222", 2) in first.raw


def test_the_counter_belongs_to_its_record() -> None:
    assert [record.raw[0] for record in read_file(FILES / "ovid_labels.txt").records] == [
        ("<", "1>", 1),
        ("<", "2>", 24),
    ]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Lancet. 380 North American Edition(9859):2095-2128, 2012.", ("Lancet", "", "2095-2128", "2012")),
        ("BMC Proceedings. Conference: 2nd. Spain. 12 (Supplement 3) (no pagination), 2018. Date of Publication: 2018.",
         ("BMC Proceedings", "12", "", "2018")),
        ("Kamp, Roza [Editor], Calvete, Juan J. [Editor]. Methods in analysis.:371-397, 2004.",
         ("Methods in analysis", "", "371-397", "2004")),
        ("", ("", "", "", "")),
    ],
)  # fmt: skip
def test_a_source_line_is_taken_apart(source: str, expected: tuple[str, ...]) -> None:
    found = read_source(source)
    assert (found["name"], found["volume"], found["pages"], found["year"]) == expected


def test_roles_and_numbers_of_addresses_are_no_part_of_a_name() -> None:
    assert read_names("Kohler, Lars 1;  Leuschner, Christoph 1,2") == ["Kohler, Lars", "Leuschner, Christoph"]
    assert read_names("Werner, S. M. [Author; E-mail: a@example.org]") == ["Werner, S. M."]
