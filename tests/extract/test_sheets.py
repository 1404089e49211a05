import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from synth.errors import UnreadableInput, UsageError
from synth.extract import BadSheet, parse_sheet, read_sheet, tell_kind


def test_rows_know_their_line_although_cells_hold_line_breaks():
    sheet = parse_sheet('study,value\na,"one\ntwo"\n\nb,x\n')
    assert [(row.line, row.get("study_id")) for row in sheet.rows] == [(2, "a"), (5, "b")]


@pytest.mark.parametrize(
    "text", ["study;axis;term\na;setting;school\n", "\ufeffstudy\taxis\tterm\na\tsetting\tschool\n"]
)
def test_semicolons_tabs_and_a_byte_order_mark_are_read(tmp_path, text):
    path = tmp_path / "sheet.csv"
    path.write_text(text, encoding="utf-8")
    sheet = read_sheet(str(path))
    assert sheet.columns == ("study_id", "axis", "term")
    assert tell_kind(sheet) == "labels"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("study,study\na,b\n", "stands twice"),
        ("study,study_id\na,b\n", "stands twice"),
        ("study,value\na,b,c\n", "3 cells in a table of 2 columns"),
        ('study,value\na,"b\n', "not CSV"),
    ],
)
def test_a_broken_table_is_refused(text, message):
    with pytest.raises(BadSheet, match=message):
        parse_sheet(text)


def test_text_in_another_encoding_is_refused_with_its_line(tmp_path):
    path = tmp_path / "sheet.csv"
    path.write_bytes("study,value\na,Peru\nb,Perú\n".encode("latin-1"))
    with pytest.raises(UsageError, match=r"sheet.csv:3: is not UTF-8 text"):
        read_sheet(str(path))


def test_a_missing_file_is_unreadable(tmp_path):
    with pytest.raises(UnreadableInput, match="no such file"):
        read_sheet(str(tmp_path / "none.csv"))


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("study,question,value", "answers"),
        ("study,n_randomised", "answers"),
        ("study,axis,term", "labels"),
        ("id,study_id,outcome,measure", "effects"),
    ],
)
def test_a_sheet_is_known_by_its_columns(header, kind):
    assert tell_kind(parse_sheet(f"{header}\n")) == kind


def test_a_sheet_without_studies_is_refused():
    with pytest.raises(BadSheet, match="no column 'study_id'"):
        tell_kind(parse_sheet("studies,term\n"))


@given(st.text(max_size=200))
def test_any_text_is_a_sheet_or_is_refused_in_words(text):
    with contextlib.suppress(BadSheet):
        assert all(row.cells for row in parse_sheet(text).rows)
