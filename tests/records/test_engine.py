"""The engine: in one go or line by line, whole or in pieces, the same records; nothing depends on where a file is cut."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synth.records import Reading, open_export, read_bytes, registry
from synth.records.encoding import decode
from synth.records.formats.ris import LAYOUT
from synth.records.record import RisTags, TagLines
from synth.records.tagged import Notes, Scan, find_cut, scan

SLOW = replace(LAYOUT, regular=frozenset())
PIECES = st.lists(st.sampled_from([
    "TY  - JOUR", "ER  - ", "ER  -", "ER", "TI  - Tea", "AU  - A, B", "ti - tea", "", "  ", "bare text", "1.", "<html>", "NL  - x", "ZZ  - 1",
    "ER  - the marker of interest here", "ER  - TY  - BOOK", "TY  - rosine residue", "Record #1 of 2", "AB  - a  b ", "TY", " TY  - JOUR", "PMID  - 7",
]), max_size=25).map("\n".join)  # fmt: skip


def show(found: Scan) -> tuple[object, ...]:
    entries = [(tuple(entry.fields), entry.line_start, entry.line_end) for entry in found.entries]
    return entries, found.quarantine, found.headers, found.issues, found.tally


@given(text=PIECES)
@settings(max_examples=400, deadline=None)
def test_regular_records_in_one_go_are_what_they_are_line_by_line(text: str) -> None:
    assert show(scan(text, LAYOUT)) == show(scan(text, SLOW))


@pytest.mark.shared
def test_real_records_in_one_go_are_what_they_are_line_by_line(shared: Path) -> None:
    for path in [*(shared / "formats" / "ris").iterdir(), *(shared / "fuzz" / "files").glob("*.ris")]:
        text = decode(path.read_bytes()).text
        assert show(scan(text, LAYOUT)) == show(scan(text, SLOW)), path.name


def read_in_chunks(content: bytes, size: int) -> Reading:
    chunks: Iterable[bytes] = (content[start : start + size] for start in range(0, len(content), size))
    export = registry.Export("x", chunks, len(content))
    records = tuple(record for piece in export for record in piece)
    assert export.reading is not None
    return replace(export.reading, records=records)


@pytest.mark.shared
@pytest.mark.parametrize("size", [1000, 7919, 65536])
def test_a_file_in_pieces_reads_as_the_whole_does(shared: Path, size: int) -> None:
    for name in ("scielo-1", "cochrane-central-1", "citesource-export-1", "ieee-1", "ovid-psycinfo-1", "wos-ris-2"):
        content = (shared / "formats" / "ris" / f"{name}.ris").read_bytes()
        assert read_in_chunks(content, size) == read_in_chunks(content, len(content)), name


@given(text=PIECES, size=st.integers(1, 40))
@settings(max_examples=200, deadline=None)
def test_any_text_in_pieces_has_the_records_of_the_whole(text: str, size: int) -> None:
    content = ("TY  - JOUR\r\nTI  - Té\r\nER  - \r\n" + text).encode()
    whole, cut = read_bytes(content, "x"), read_in_chunks_or_whole(content, size)
    assert [record.line_start for record in cut.records] == [record.line_start for record in whole.records]
    assert cut.ledger is not None
    assert whole.ledger is not None
    assert cut.ledger.records == whole.ledger.records
    assert cut.ledger.is_balanced
    assert whole.ledger.is_balanced


def read_in_chunks_or_whole(content: bytes, size: int) -> Reading:
    """The first piece must be long enough to show the format."""
    head, rest = content[:40], content[40:]
    export = registry.Export("x", [head, *(rest[start : start + size] for start in range(0, len(rest), size))])
    records = tuple(record for piece in export for record in piece)
    assert export.reading is not None
    return replace(export.reading, records=records)


def test_a_text_is_cut_behind_an_end_and_nowhere_else() -> None:
    assert find_cut("TY  - JOUR\nER  - \nTY  - B", LAYOUT) == len("TY  - JOUR\nER  - \n")
    assert find_cut("TY  - JOUR\nER  - the marker\nTI  - x", LAYOUT) == 0
    assert find_cut("TI  - x\nER  -", LAYOUT) == 0


def test_tag_lines_are_the_tuple_of_their_tags() -> None:
    lines = TagLines("TY  - JOUR\nTI  - Tea\nER  -", 7, 2, "  - ", 3)
    tags = (("TY", "JOUR", 7), ("TI", "Tea", 8), ("ER", "", 9))
    assert lines == tags
    assert (len(lines), lines[1], list(lines), hash(lines)) == (3, tags[1], list(tags), hash(tags))
    assert repr(lines) == repr(tags)
    assert RisTags(tags) == lines


def test_of_a_million_notes_a_thousand_are_named_and_the_rest_counted() -> None:
    notes = Notes()
    for line in range(1, 1501):
        notes.add(registry_issue(line))
    notes.close(1500)
    assert (len(notes.issues), notes.issues[-1].more) == (1001, 500)


def registry_issue(line: int):
    from synth.records import Issue

    return Issue(line, "no_title", "no title")


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    import tracemalloc

    record = "TY  - JOUR\nTI  - Tea and sleep\nAU  - Author, Anna\nAB  - " + "word " * 100 + "\nER  - \n\n"
    path = tmp_path / "big.ris"
    path.write_text(record * 5_000, encoding="utf-8")
    tracemalloc.start()
    export = open_export(path)
    number = sum(len(piece) for piece in export)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (number, export.read) == (5_000, 5_000)
    assert peak < 2_500_000  # the file has 3 MB, and is read in pieces of 128 KB
