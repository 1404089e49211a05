"""The best value of every field."""

import pandas as pd
from synth.dedup import WORK_COLUMNS, merge_works

ROWS = [
    {
        "id": "a",
        "work_id": "a",
        "source_id": 1,
        "loaded_at": "2026-01-01",
        "title": "VIOLENCE IN COUPLES",
        "year": 2014,
        "container": "BMC Med",
        "pages": "7",
        "ids": {"pmid": "1"},
        "authors": ["Roe R"],
        "titles": [{"text": "VIOLENCE IN COUPLES", "lang": ""}],
    },
    {
        "id": "b",
        "work_id": "a",
        "source_id": 2,
        "loaded_at": "2026-02-01",
        "title": "Violence in couples",
        "year": 2014,
        "container": "BMC Medicine",
        "pages": "7-9",
        "ids": {"doi": "10.1000/x"},
        "authors": ["Roe, Rita", "Doe, D."],
        "titles": [{"text": "Violence in couples", "lang": "en"}],
        "abstracts": [{"text": "Longer abstract", "lang": "en"}],
    },
    {"id": "c", "work_id": "c", "source_id": 1, "loaded_at": "2026-01-01", "title": "Another", "year": None},
]


def test_a_work_has_one_row_with_the_best_of_its_records():
    works = merge_works(pd.DataFrame(ROWS))
    assert tuple(works.columns) == WORK_COLUMNS
    work = works.iloc[0]
    assert work[["work_id", "record_id", "title", "container", "pages"]].tolist() == [
        "a",
        "b",
        "Violence in couples",
        "BMC Medicine",
        "7-9",
    ]
    assert work["record_ids"] == ["a", "b"]
    assert work["source_ids"] == [1, 2]
    assert work["ids"] == {"doi": "10.1000/x", "pmid": "1"}
    assert work["authors"] == ["Roe, Rita", "Doe, D."]
    assert work["abstract"] == "Longer abstract"


def test_a_title_is_listed_once_whatever_its_case():
    assert merge_works(pd.DataFrame(ROWS)).iloc[0]["titles"] == [{"text": "Violence in couples", "lang": "en"}]


def test_missing_years_stay_missing():
    works = merge_works(pd.DataFrame(ROWS))
    assert works["year"].dtype == "Int64"
    assert works["year"].isna().tolist() == [False, True]


def test_the_order_of_records_changes_nothing():
    straight, reversed_ = merge_works(pd.DataFrame(ROWS)), merge_works(pd.DataFrame(ROWS[::-1]))
    assert straight.equals(reversed_)
