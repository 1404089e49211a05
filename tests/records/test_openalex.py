"""OpenAlex: the abstract behind an inverted index, names as printed, pages of the API glued together."""

from __future__ import annotations

from pathlib import Path

from synth.records import read_bytes, read_file
from synth.records.formats.openalex import read_abstract

FILES = Path(__file__).parent / "files"


def test_a_work_is_read_with_its_identifiers_and_places() -> None:
    first, second = read_file(FILES / "openalex.json").records
    assert first.ids == {"openalex": "W2741809807", "doi": "10.1000/alpha.1", "pmid": "11112222",
                         "pmcid": "PMC123456", "issn": "0098-1133"}  # fmt: skip
    assert first.authors == ("Author, Anna", "Ben Writer")
    assert first.affiliations == ("Tea School, Nairobi, Kenya", "Bread School")
    assert (first.line_start, first.line_end, second.line_start) == (4, 23, 24)


def test_the_abstract_is_put_together_from_the_places_of_its_words() -> None:
    assert read_abstract({"people": [2, 4], "Tea": [0], "makes": [1], "of": [3]}) == "Tea makes people of people"
    assert read_abstract({"x": [10**12], "y": "z"}) == ""
    assert read_abstract(None) == ""


def test_the_index_stays_one_raw_field_with_its_line() -> None:
    first, _ = read_file(FILES / "openalex.json").records
    (index,) = [field for field in first.raw if field[0] == "abstract_inverted_index"]
    assert index == (
        "abstract_inverted_index",
        '{"Tea": [0], "makes": [1], "people": [2, 4], "of": [3], "sleep.": [5]}',
        22,
    )
    assert ("authorships[1].author.display_name", "Ben Writer", 18) in first.raw


def test_pages_glued_together_and_json_lines_are_read() -> None:
    page = (FILES / "openalex.json").read_bytes()
    reading = read_bytes(page + b"\n" + page, "x")
    assert (len(reading.records), reading.quarantine, reading.ledger.lost) == (4, (), 0)
    line = b'{"id": "https://openalex.org/W1234567", "title": "Tea", "authorships": []}\n'
    assert [record.ids["openalex"] for record in read_bytes(line * 3, "x").records] == ["W1234567"] * 3
