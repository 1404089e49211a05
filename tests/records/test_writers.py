"""What is written: inert cells, names that stay, equal bytes."""

from __future__ import annotations

import io
import json
import zipfile

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from synth.records import (
    LangText,
    Record,
    read_bytes,
    records_from_frame,
    write_bibtex,
    write_csljson,
    write_csv,
    write_jsonl,
    write_records,
    write_ris,
    write_xlsx,
)
from synth.records.formats.csv import remove_guard, split_names
from synth.records.writers import guard_cell, join_list

TEA = Record(1, 1, 5, title="=Tea", authors=("Author, Anna", "Tea Board"), year=2001, date_raw="2001",
             titles=(LangText("=Tea", ""),), ids={"doi": "10.1000/x"}, type="article", pages="1-9")  # fmt: skip


@given(st.text(max_size=20))
def test_a_guarded_cell_is_inert_and_comes_back(text: str) -> None:
    assert guard_cell(text)[:1] not in {"=", "+", "-", "@", "\t", "\r"}
    assert remove_guard(guard_cell(text)) == text


@given(
    st.lists(
        st.sampled_from(["Pan, Y.", "Yu, C.", "Tea Board", "A; B", "Liu R", "R & D", "Fox and Sons", '["x"]']),
        max_size=4,
    )
)
def test_people_in_one_cell_come_back(names: list[str]) -> None:
    cell = join_list(names, split_names)
    assert (split_names(cell) if cell else []) == names


def test_a_csv_cell_cannot_start_a_formula() -> None:
    text = write_csv([TEA])
    assert "'=Tea" in text
    assert read_bytes(text.encode(), "x.csv").records[0].title == "=Tea"


def test_a_workbook_holds_texts_only_and_the_same_bytes_each_time() -> None:
    content = write_xlsx([TEA])
    assert content == write_xlsx([TEA])
    sheet = zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "=Tea" in zipfile.ZipFile(io.BytesIO(content)).read("xl/sharedStrings.xml").decode()


def test_json_lines_hold_title_authors_year_and_doi() -> None:
    row = json.loads(write_jsonl([TEA]))
    assert (row["title"], row["authors"], row["year"], row["doi"]) == ("=Tea", list(TEA.authors), 2001, "10.1000/x")


def test_csl_json_tells_people_from_organisations() -> None:
    (item,) = json.loads(write_csljson([TEA]))
    assert item["author"] == [{"family": "Author", "given": "Anna"}, {"literal": "Tea Board"}]
    assert (item["type"], item["issued"]) == ("article-journal", {"date-parts": [[2001]]})


def test_bibtex_keys_are_unique() -> None:
    text = write_bibtex([TEA, TEA])
    assert "@article{Author2001untitled," in text
    assert "@article{Author2001untitled_2," in text


def works() -> pd.DataFrame:
    return pd.DataFrame({
        "work_id": ["aaaa", "bbbb"], "record_ids": [["aaaa", "cccc"], ["bbbb"]], "title": ["Tea", None],
        "titles": [[{"text": "Tea", "lang": "en"}], None], "authors": [["Author, A."], []], "year": [2001, float("nan")],
        "abstract": ["Best", None], "abstracts": [[{"text": "Other", "lang": ""}], None], "ids": [{"doi": "10.1000/x"}, None],
    })  # fmt: skip


def test_works_become_records_that_keep_their_names() -> None:
    first, second = records_from_frame(works())
    assert first.ids == {"doi": "10.1000/x", "synth_work": "aaaa", "synth_records": "aaaa cccc"}
    assert [text.text for text in first.abstracts] == ["Best", "Other"]
    assert (second.title, second.year, second.authors) == ("", None, ())


def test_works_written_as_ris_have_their_name_in_id() -> None:
    text = write_ris(records_from_frame(works()))
    assert text.count("TY  - ") == 2
    assert "ID  - aaaa\n" in text
    assert read_bytes(text.encode(), "x").records[0].ids["synth_records"] == "aaaa cccc"


@pytest.mark.parametrize("form", ["ris", "bibtex", "nbib", "csv", "xlsx", "jsonl", "csljson"])
def test_nothing_to_write_is_no_fault(form: str) -> None:
    assert isinstance(write_records([], form), bytes)
