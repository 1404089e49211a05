import pandas as pd
import pytest
from synth.extract import BadSheet, link_works, parse_sheet, read_studies

SOURCES = pd.DataFrame({"id": [1, 2], "file_name": ["old/pubmed.nbib", "scopus.csv"]})
RECORDS = pd.DataFrame(
    [
        {
            "id": "r1",
            "work_id": "r1",
            "source_id": 1,
            "position": 1,
            "title": "The SASA! study",
            "ids": {"doi": "10.1186/s12916-014-0122-5"},
        },
        {"id": "r2", "work_id": "r1", "source_id": 2, "position": 7, "title": "The Sasa study.", "ids": None},
        {
            "id": "r3",
            "work_id": "r3",
            "source_id": 2,
            "position": 8,
            "title": "Estudio de hombres",
            "ids": {"pmid": "123"},
        },
        {"id": "r4", "work_id": "r4", "source_id": 2, "position": 9, "title": "Estudio de hombres", "ids": None},
    ]
)


def link(text):
    return link_works(parse_sheet(text, "l.csv"), RECORDS, SOURCES, {"sasa", "other"})


@pytest.mark.parametrize(
    ("header", "cells", "record"),
    [
        ("record_id", "r2", "r2"),
        ("file,position", "exports/scopus.csv,7", "r2"),
        ("file,position", "pubmed.nbib,1", "r1"),
        ("doi", "https://doi.org/10.1186/S12916-014-0122-5", "r1"),
        ("pmid", "123", "r3"),
        ("title", "the sasa study", "r1"),
        ("work_id", "r3", "r3"),
        ("doi,title", "10.1/none,The SASA! study", "r1"),
    ],
)
def test_a_report_is_found_by_whatever_names_it(header, cells, record):
    rows = link(f"study,role,{header}\nsasa,main,{cells}\n")
    assert [(row["record_id"], row["role"]) for row in rows] == [(record, "main")]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("sasa,main,Estudio de hombres", "title fits 2 works"),
        ("sasa,main,Nobody wrote this", "no record has this title"),
        ("sassa,main,The SASA! study", "unknown study 'sassa'"),
        ("sasa,mian,The SASA! study", "unknown role 'mian'"),
    ],
)
def test_what_cannot_be_linked_is_refused_with_its_line(row, message):
    with pytest.raises(BadSheet, match=f"l.csv:2: {message}"):
        link(f"study,role,title\n{row}\n")


def test_a_sheet_that_names_no_report_is_refused():
    with pytest.raises(BadSheet, match="no column that names a report"):
        link("study,role\nsasa,main\n")


def test_studies_have_a_kind_and_perhaps_a_year():
    rows = read_studies(parse_sheet("id,name,kind,year\na,A 2014,primary,2014\nb,,review,\n"))
    assert rows == [
        {"id": "a", "name": "A 2014", "kind": "primary", "year": 2014},
        {"id": "b", "name": "b", "kind": "review", "year": None},
    ]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("a,A,meta,", "unknown kind 'meta'"),
        ("a,A,primary,14", "'14' is not a year"),
        ("a,A,primary,\na,B,primary,", "study 'a' stands twice"),
    ],
)
def test_wrong_studies_are_refused(rows, message):
    with pytest.raises(BadSheet, match=message):
        read_studies(parse_sheet(f"id,name,kind,year\n{rows}\n"))
