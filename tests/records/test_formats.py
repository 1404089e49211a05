"""Every format that synth reads: one invented export each, in the layout of its vendor, quirks included."""

from __future__ import annotations

import contextlib
import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synth.errors import UnreadableInput
from synth.records import Reading, find_format, find_formats, read_bytes, read_file

FILES = Path(__file__).parent / "files"
ALPHA, BETA = "Alpha tea and sleep", "Beta bread and rest"
EXPORTS = """
cnki_blank_lines.enw enw
bepress_order.enw enw
bibsys_repeated.enw enw
refworks_cnki.txt refworks
refworks_plain.txt refworks
noteexpress_wanfang.net noteexpress
cnki_text.txt cnki
cochrane_two_marks.txt cochrane
cochrane_number_missing.txt cochrane
ovid_tagged.txt ovid
ovid_labels.txt ovid
redif.rdf repec
nep_report.txt repec
pubmed.xml pubmedxml
endnote.xml endnotexml
clinicaltrials.json clinicaltrials
clinicaltrials.xml clinicaltrials
ictrp.xml ictrp
ictrp_exchange.xml ictrp
openalex.json openalex
csl.json csljson
crossref.json csljson
doaj.json doaj
own.jsonl jsonl
wos_tab.txt csv
dimensions.csv csv
bvs.csv csv
ictrp.csv csv
openalex.csv csv
rayyan.csv csv
asreview.csv csv
zotero.csv csv
ebsco.csv csv
cnki_table.csv csv
scopus_new.csv csv
gim_wprim.ris ris
cab.ris ris
"""
PAIRS = [tuple(line.split()) for line in EXPORTS.strip().splitlines()]


@pytest.mark.parametrize(("name", "form"), PAIRS)
def test_an_export_is_known_by_its_content_and_read_whole(name: str, form: str, tmp_path: Path) -> None:
    misnamed = tmp_path / "export.pdf"
    misnamed.write_bytes((FILES / name).read_bytes())
    reading = read_file(misnamed)
    assert reading.format == form
    assert [record.title for record in reading.records] == [ALPHA, BETA]
    assert [record.year for record in reading.records] == [2001, 2002]
    assert (reading.found, reading.quarantine) == (2, ())


@pytest.mark.parametrize(("name", "form"), PAIRS)
def test_every_line_of_an_export_is_accounted_for(name: str, form: str) -> None:
    reading = read_file(FILES / name)
    assert reading.ledger is not None
    assert (form, reading.ledger.lost) == (reading.format, 0)
    lines = {line for record in reading.records for _, _, line in record.raw}
    assert all(record.raw for record in reading.records)
    assert max(lines) <= max(record.line_end for record in reading.records)


def test_only_one_format_is_sure_of_each_export() -> None:
    for name, form in PAIRS:
        text = read_text(name)
        sure = [other.name for other in find_formats() if other.sniff(text) >= 0.9 and other.name != form]
        assert sure == [], name
        assert find_format(text).name == form


CHANGES = {
    "utf-16": lambda text: text.encode("utf-16"),
    "utf-16 without mark": lambda text: text.encode("utf-16-le"),
    "gb18030": lambda text: text.encode("gb18030"),
    "lone cr": lambda text: text.replace("\n", "\r").encode(),
    "crlf": lambda text: text.replace("\n", "\r\n").encode(),
    "no final line end": lambda text: text.rstrip().encode(),
    "mark inside": lambda text: text.replace("\n", "\n\ufeff", 1).encode(),
    "nul": lambda text: text.replace("bread", "bre\0ad").encode(),
    "blank lines around": lambda text: f"\n\n{text}\n\n".encode(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_changes_on_the_way_lose_no_record_of_any_format(change: str) -> None:
    for name, form in PAIRS:
        reading = read_bytes(CHANGES[change](read_text(name)), "x")
        assert (reading.format, len(reading.records), reading.quarantine) == (form, 2, ()), name
        assert [record.title for record in reading.records] == [ALPHA, BETA], name
        assert reading.ledger.lost == 0, name


def test_a_web_page_glued_to_any_export_is_quarantined() -> None:
    page = "\n<!DOCTYPE html><html><head><title>Log in</title></head>\n<body>Please log in</body></html>\n"
    for name, form in PAIRS:
        reading = read_bytes((read_text(name) + page).encode(), "x")
        assert (reading.format, len(reading.records)) == (form, 2), name
        assert [piece.code for piece in reading.quarantine] == ["html"], name
        assert reading.ledger.lost == 0, name


@given(place=st.integers(0, 10**6), noise=st.binary(max_size=6), cut=st.integers(0, 80), name=st.sampled_from(PAIRS))
@settings(max_examples=300, deadline=None)
def test_damage_ends_in_records_quarantine_or_a_refusal(
    place: int, noise: bytes, cut: int, name: tuple[str, str]
) -> None:
    content = (FILES / name[0]).read_bytes()
    place %= len(content)
    with contextlib.suppress(UnreadableInput):
        reading = read_bytes(content[:place] + noise + content[place + cut :], "x")
        assert reading.ledger.lost == 0
        assert reading.found == len(reading.records) + len(reading.quarantine)


def test_every_format_has_its_page_in_the_reference() -> None:
    folder = Path(__file__).parents[2] / "docs" / "reference"
    index = (folder / "formats.md").read_text(encoding="utf-8")
    for form in find_formats():
        assert f"(formats/{form.name}.md)" in index, form.name
        page = (folder / "formats" / f"{form.name}.md").read_text(encoding="utf-8")
        assert "## Known quirks" in page, form.name


def read_text(name: str) -> str:
    text = (FILES / name).read_bytes().decode("utf-8-sig")
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\ufeff", "")


def dump(reading: Reading, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [
        {"title": record.title, "authors": record.authors, "year": record.year, "doi": record.ids.get("doi")}
        for record in reading.records
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


@pytest.mark.shared
def test_all_104_real_files_pass_with_every_byte_accounted_for(shared: Path, tmp_path: Path) -> None:
    """Counts and spot values of the manifest; formats known by content; nothing quarantined, no byte lost."""
    folder = shared / "formats"
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    names = {"bib": "bibtex", "cochranetxt": "cochrane"}
    for row in rows:
        reading = read_file(folder / row["file"])
        assert reading.format == names.get(row["format"], row["format"]), row["file"]
        assert (reading.ledger.lost, reading.quarantine) == (0, ()), row["file"]
        dump(reading, tmp_path / f"{row['file']}.jsonl")
    command = [sys.executable, folder / "check_manifest.py", folder / "manifest.csv", tmp_path]
    done = subprocess.run(command, capture_output=True, check=False)
    assert (len(rows), done.returncode) == (104, 0), done.stdout.decode()
