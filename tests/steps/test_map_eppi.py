from __future__ import annotations

import pytest
from synth.errors import UsageError
from synth.maps.eppi import _children, _walk
from synth.steps.map import map_file, write_map


def codes(document):
    return {(i["ItemId"], c["AttributeId"]) for i in document["References"] for c in i["Codes"]}


def hierarchy(document):
    return [
        (n["AttributeId"], [c["AttributeId"] for c in _children(n)])
        for s in document["CodeSets"]
        for n in _walk(_children(s))
    ]


@pytest.mark.shared
def test_a_published_map_is_read_whole_and_its_json_reads_back_the_same(shared, tmp_path):
    report = map_file(shared / "maps" / "chi_eppi_mapper_800.html")
    numbers = report.numbers
    assert [numbers[k] for k in ("studies", "reviews", "primary", "code_links")] == [800, 112, 688, 27555]
    write_map(report, tmp_path / "map.json")
    again = map_file(tmp_path / "map.json")
    assert again.numbers == numbers
    assert codes(again.document) == codes(report.document)
    assert hierarchy(again.document) == hierarchy(report.document)
    assert "CreatedBy" not in (tmp_path / "map.json").read_text()


TABLE = """id,title,year,is_review,population,setting,country,design,url,screener
a,Trial A,2010,no,men;women,court,Uganda,cluster RCT,https://e.org/a,Ana
b,Review B,2012,yes,men|couples,court,Namibia,systematic review,10.1/x,Ben
c,=cmd(),2015,no,women,home,UK; Uganda,qualitative,,Ana
"""


@pytest.fixture
def report(tmp_path):
    (tmp_path / "s.csv").write_text(TABLE)
    return map_file(tmp_path / "s.csv")


def test_a_table_becomes_eppi_json_with_the_same_counts(report, tmp_path):
    write_map(report, tmp_path / "map.json")
    again = map_file(tmp_path / "map.json", "population", "setting").numbers
    assert [again[k] for k in ("studies", "reviews", "code_links", "cells", "gaps")] == [
        report.numbers[k] for k in ("studies", "reviews", "code_links", "cells", "gaps")
    ]


def test_names_of_screeners_are_no_axis_and_never_leave(report, tmp_path):
    assert "screener" not in {axis.id for axis in report.evidence_map.axes}
    for ending in ("json", "html", "csv", "ris"):
        write_map(report, tmp_path / f"map.{ending}")
        assert "Ana" not in (tmp_path / f"map.{ending}").read_text()


def test_the_studies_of_a_cell_leave_as_ris_and_read_back_with_their_codes(report, tmp_path):
    write_map(report, tmp_path / "cell.ris", cell=("Men", "court"))
    again = map_file(tmp_path / "cell.ris")
    assert (again.numbers["studies"], again.numbers["reviews"]) == (2, 1)
    assert again.table.cell("men", "court")["n"] == 2


def test_a_cell_of_an_unknown_term_gets_the_nearest(report, tmp_path):
    with pytest.raises(UsageError, match="no such term") as fault:
        write_map(report, tmp_path / "cell.ris", cell=("mem", "court"))
    assert "Did you mean men?" in fault.value.hint


def test_a_workbook_reads_back_and_holds_no_formula(report, tmp_path):
    import openpyxl

    write_map(report, tmp_path / "map.xlsx")
    book = openpyxl.load_workbook(tmp_path / "map.xlsx")
    assert book.sheetnames == ["Map", "Cells", "Studies"]
    assert [cell.data_type for cell in book["Studies"]["B"]] == ["s"] * 4
    first = (tmp_path / "map.xlsx").read_bytes()
    write_map(report, tmp_path / "map.xlsx")
    assert (tmp_path / "map.xlsx").read_bytes() == first


def test_a_workbook_with_one_row_a_study_is_a_table_too(report, tmp_path):
    import csv

    import openpyxl

    book = openpyxl.Workbook()
    for line in csv.reader(TABLE.splitlines()):
        book.active.append(line)
    book.save(tmp_path / "s.xlsx")
    assert map_file(tmp_path / "s.xlsx").numbers == report.numbers
