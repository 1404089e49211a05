"""What real files say, said again: tag by tag in RIS, byte by byte with ``preserve``, field by field elsewhere."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from pathlib import Path

import pytest
from synth.errors import UsageError
from synth.records import ByteLedger, Record, guard_cell, read_bytes, read_file, write_records
from synth.records.formats.csv import remove_guard
from synth.steps.convert import convert_files, cut_lines

FILES = Path(__file__).parent / "files"
TAG_LINE = re.compile(r"^([A-Z][A-Z0-9]{1,3})[ \t]{1,2}-[ \t]?(.*)$")
FORMS = ("ris", "nbib", "bib", "csv", "wos", "enw", "refworks", "endnotexml", "pubmedxml")


def count_tags(text: str) -> Counter[tuple[str, str]]:
    """(tag, value) of a RIS text as any line reader sees them; bare lines belong to the tag before."""
    found: Counter[tuple[str, str]] = Counter()
    for line in re.split(r"\r\n|\r|\n", text.removeprefix("\ufeff")):
        match = TAG_LINE.match(line)
        if match:
            found[match[1], match[2].strip()] += 1
    return found


@pytest.mark.shared
def test_ris_comes_back_tag_by_tag_for_every_real_file(shared: Path, tmp_path: Path) -> None:
    number = 0
    for path in sorted((shared / "formats" / "ris").iterdir()):
        convert_files([path], tmp_path / "again.ris")
        before, after = (
            count_tags(path.read_text(encoding="utf-8")),
            count_tags((tmp_path / "again.ris").read_text(encoding="utf-8")),
        )
        number += sum(after.values())
        assert before - after - Counter({tag: n for tag, n in before.items() if tag[0] == "NL"}) == Counter(), path.name
        assert after - before == Counter(), path.name
    assert number > 64_000


@pytest.mark.shared
def test_preserved_files_are_byte_for_byte_what_was_read(shared: Path, tmp_path: Path) -> None:
    for form, ending in (("ris", ".ris"), ("nbib", ".nbib"), ("bib", ".bib"), ("csv", ".csv")):
        for path in sorted((shared / "formats" / form).iterdir()):
            out = tmp_path / f"out{ending}"
            done = convert_files([path], out, preserve=True)
            assert done.quarantined or out.read_bytes() == path.read_bytes(), path.name


def test_preserving_leaves_out_quarantined_lines_only(tmp_path: Path) -> None:
    path, out = FILES / "html_page_behind.ris", tmp_path / "x.ris"
    done = convert_files([path, FILES / "bom_start.ris"], out, preserve=True)
    assert (done.quarantined, read_file(out).found) == (1, 4)
    assert path.read_bytes().startswith(out.read_bytes()[:100])
    assert b"Please log in" not in out.read_bytes()


def test_preserving_never_changes_the_format(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is ris, and --preserve keeps the format"):
        convert_files([FILES / "bom_start.ris"], tmp_path / "x.bib", preserve=True)
    assert not list(tmp_path.iterdir())


def test_lines_are_cut_at_any_line_end() -> None:
    piece = read_file(FILES / "html_page_behind.ris").quarantine[0]
    lines = [f"{number}".encode() for number in range(1, piece.line_start)]
    assert cut_lines(b"\r".join([*lines, b"x"]), [piece]) == b"\r".join(lines) + b"\r"


@pytest.mark.shared
@pytest.mark.parametrize("form", FORMS)
def test_every_byte_of_a_real_file_belongs_somewhere(shared: Path, form: str) -> None:
    for path in sorted((shared / "formats" / form).iterdir()):
        ledger = read_file(path).ledger
        assert isinstance(ledger, ByteLedger)
        assert ledger.is_balanced, (path.name, ledger)
        assert ledger.total == path.stat().st_size, path.name


@pytest.mark.shared
@pytest.mark.parametrize("form", ["endnotexml", "ris", "bibtex", "nbib", "csv"])
def test_authors_titles_and_identifiers_survive_every_writer(shared: Path, form: str) -> None:
    records = [record for name in ("scielo-1", "scopus-1", "zotero-1", "cochrane-central-1")
               for record in read_file(shared / "formats" / "ris" / f"{name}.ris").records]  # fmt: skip
    again = read_bytes(write_records(records, form), "x").records
    assert [record.authors for record in again] == [record.authors for record in records]
    assert [record.title for record in again] == [record.title for record in records]
    assert [record.year for record in again] == [record.year for record in records]
    for before, after in zip(records, again, strict=True):
        assert before.ids.items() <= after.ids.items(), before.ids


def test_notes_reach_endnote_zotero_and_bibtex() -> None:
    content = b"TY  - JOUR\nTI  - Tea\nAU  - Author, Anna\nN1  - read twice & <kept>\nER  - \n"
    records = read_bytes(content, "x.ris").records
    assert "read twice &amp; &lt;kept&gt;" in write_records(records, "endnotexml").decode()
    assert "annote = {read twice" in write_records(records, "bibtex").decode()
    assert "N1  - read twice & <kept>\n" in write_records(records, "ris").decode()


def test_endnote_xml_has_no_character_that_xml_forbids() -> None:
    record = Record(1, 1, 1, title="Tea\x00\x0b\ud800 & <rest>", authors=("A, B",))
    text = write_records([record], "endnotexml").decode()
    assert "<title>Tea &amp; &lt;rest&gt;</title>" in text


@pytest.mark.parametrize("sign", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "'=1", '=HYPERLINK("x")'])
def test_a_cell_that_a_spreadsheet_would_run_comes_back_and_is_inert(sign: str) -> None:
    assert remove_guard(guard_cell(sign)) == sign
    record = Record(1, 1, 1, title=f"{sign.strip()} Tea", authors=("A, B",), keywords=(sign.strip(),), year=2001)
    text = write_records([record], "csv").decode()
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert not [cell for cell in cells if cell[:1] in {"=", "+", "-", "@", "\t", "\r"}]
    (again,) = read_bytes(text.encode(), "x.csv").records
    assert (again.title, again.keywords) == (record.title, record.keywords)


@pytest.mark.shared
@pytest.mark.parametrize("form", ["ris", "nbib", "bibtex", "csv", "jsonl", "csljson", "endnotexml"])
def test_records_written_in_pieces_are_those_written_at_once(shared: Path, tmp_path: Path, form: str) -> None:
    path = shared / "formats" / "ris" / "scielo-1.ris"
    convert_files([path, FILES / "languages.ris"], tmp_path / "out", to=form)
    records = [*read_file(path).records, *read_file(FILES / "languages.ris").records]
    assert (tmp_path / "out").read_bytes() == write_records(records, form)
