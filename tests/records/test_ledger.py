"""Nothing vanishes: every line that is not blank belongs to a record, a recognised header or the quarantine."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synth.records import read_bytes, read_file
from synth.records.encoding import decode
from synth.records.formats import bibtex, nbib, ris, wos
from synth.records.tagged import Layout, scan

LAYOUTS = {"ris": ris.LAYOUT, "nbib": nbib.LAYOUT, "wos": wos.LAYOUT}
PIECES = (
    "TY  - JOUR", "ER  - ", "ER", "TI  - Tea", "AU  - A, B", "ti - tea", "KW  - a", "bare text", "   indented", "", "1.",
    "<html>", "Record #1 of 2", "ID  - 7", "ER  - the marker of interest here", "TY  - rosine residue", "PT J", "EF",
    "PMID- 1", "OWN - NLM", "FAU - A, B", "      more", "TI Tea", "Z9  - x", "ER  - TY  - BOOK", "@article{", "\ufeff", "TY",
)  # fmt: skip


def lost_lines(text: str, layout: Layout) -> set[int]:
    found = scan(text, layout)
    kept = set(found.headers)
    for piece in found.quarantine:
        kept.update(range(piece.line_start, piece.line_end + 1))
    for entry in found.entries:
        for _, value, line in entry.fields:
            kept.update(range(line, line + value.count("\n") + 1))
    return {number for number, line in enumerate(text.split("\n"), 1) if line.strip()} - kept


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@given(lines=st.lists(st.sampled_from(PIECES), max_size=30))
@settings(max_examples=150, deadline=None)
def test_any_jumble_of_lines_adds_up(layout: Layout, lines: list[str]) -> None:
    assert lost_lines("\n".join(lines), layout) == set()


@given(
    lines=st.lists(
        st.sampled_from((*PIECES, "@article{a,", " title = {T},", "}", " year = 2001", "{", '"')), max_size=25
    )
)
@settings(max_examples=150, deadline=None)
def test_any_jumble_of_bibtex_is_read_without_a_crash(lines: list[str]) -> None:
    parsed = bibtex.read("\n".join(lines))
    assert all(record.line_start <= record.line_end for record in parsed.records)


def test_records_of_one_file_do_not_overlap() -> None:
    for path in (Path(__file__).parent / "files").glob("*.ris"):
        spans = [(record.line_start, record.line_end) for record in read_file(path).records]
        assert all(end <= start for (_, end), (start, _) in pairwise(spans)), path.name


@pytest.mark.shared
def test_real_tagged_files_add_up(shared: Path) -> None:
    for form, layout in LAYOUTS.items():
        for path in sorted((shared / "formats" / form).iterdir()):
            assert lost_lines(decode(path.read_bytes()).text, layout) == set(), path.name


@pytest.mark.shared
def test_the_demo_exports_are_read_whole(shared: Path) -> None:
    wanted = {"pubmed.nbib": 201, "scopus.csv": 180, "wos.txt": 152, "zotero_grey.ris": 168, "lilacs_scielo.ris": 21}
    readings = {name: read_file(shared / "demo" / "exports" / name) for name in wanted}
    assert {name: reading.found for name, reading in readings.items()} == wanted
    assert not any(reading.quarantine for reading in readings.values())


@pytest.mark.shared
@pytest.mark.parametrize(
    "change", ["utf-16", "utf-16-le", "cp1252", "lone cr", "no ends", "mid bom", "nul", "lower", "tab"]
)
def test_changes_that_happen_on_the_way_lose_no_record(shared: Path, change: str) -> None:
    text = (shared / "formats" / "ris" / "scopus-1.ris").read_text(encoding="utf-8")
    changed = {
        "lone cr": lambda: text.replace("\n", "\r"), "no ends": lambda: text.replace("ER  - \n", ""),
        "mid bom": lambda: text.replace("\nTY  -", "\n\ufeffTY  -"), "nul": lambda: text.replace("stress", "str\0ess"),
        "lower": lambda: "\n".join(line[:2].lower() + line[2:] for line in text.split("\n")),
        "tab": lambda: text.replace("  - ", "  -\t"),
    }.get(change, lambda: text)()  # fmt: skip
    encoding = change if change.startswith(("utf", "cp")) else "utf-8"
    assert len(read_bytes(changed.encode(encoding, errors="replace"), "x").records) == 6
