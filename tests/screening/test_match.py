import pandas as pd
import pytest
from synth.errors import UsageError
from synth.screening import MatchTable, find_work, read_sheet
from synth.screening.match import plain_title

IDS = {"abcd1111": "abcd1111", "abcd2222": "abcd1111", "ffff0000": "ffff0000"}


def table():
    works = pd.DataFrame(
        [
            (
                "abcd1111",
                "Ação & Prevenção",
                [{"text": "Action and prevention", "lang": "en"}],
                2019,
                {"doi": "10.1/x"},
            ),
            ("ffff0000", "Editorial", [], 2020, {"pmid": "77"}),
            ("eeee0000", "Editorial", [], 2021, {}),
        ],
        columns=["work_id", "title", "titles", "year", "ids"],
    )
    records = pd.DataFrame(
        [("abcd1111", 1, 1, "abcd1111"), ("ffff0000", 1, 2, "ffff0000"), ("eeee0000", 2, 1, "eeee0000")],
        columns=["id", "source_id", "position", "work_id"],
    )
    return MatchTable(works, records, {1: "a.ris", 2: "b.ris"})


@pytest.mark.parametrize("name", ["abcd1111", "abcd2222", "ABCD22", "abcd"])
def test_a_work_is_found_by_any_of_its_records_or_their_first_letters(name):
    assert find_work(name, IDS) == "abcd1111"


def test_first_letters_of_several_works_are_refused():
    with pytest.raises(UsageError, match="stands for 2 works"):
        find_work("abcd", {"abcd1": "a", "abcd2": "b"})


@pytest.mark.parametrize("name", ["", "ab", "zzzzzz"])
def test_a_name_that_means_nothing_is_refused(name):
    with pytest.raises(UsageError, match="There is no work"):
        find_work(name, IDS)


@pytest.mark.parametrize(
    "row",
    [
        {"doi": "https://doi.org/10.1/X"},
        {"record_id": "abcd1111"},
        {"key": "10.1/x"},
        {"title": "acao e  prevencao".replace(" e ", " & ")},
        {"title": "Action and Prevention."},
        {"file": "a.ris", "position": "1"},
        {"doi": "10.9/unknown", "title": "Ação prevenção"},
    ],
)
def test_a_row_finds_its_work_by_any_of_its_names(row):
    assert table().find(row) == "abcd1111"


def test_a_title_that_two_works_bear_needs_the_year():
    assert table().find({"title": "Editorial", "year": "2021"}) == "eeee0000"
    with pytest.raises(UsageError, match="2 works match by title"):
        table().find({"title": "Editorial"})


def test_names_that_point_to_different_works_are_refused():
    with pytest.raises(UsageError, match="doi and pmid point to different works"):
        table().find({"doi": "10.1/x", "pmid": "77"})


def test_plain_titles_leave_out_case_accents_and_signs():
    assert plain_title("Ação: “Prevenção”!") == "acaoprevencao"
    assert plain_title(None) == ""


def test_a_sheet_may_have_any_delimiter_a_mark_and_lines_in_cells():
    content = '\ufeffTitle;Verdict\n"two\nlines";include\n\nx;exclude\n'.encode()
    assert read_sheet(content, "s.csv", needed=["verdict"]) == [
        {"line": "2", "title": "two\nlines", "verdict": "include"},
        {"line": "5", "title": "x", "verdict": "exclude"},
    ]


def test_a_sheet_without_the_column_names_those_it_has():
    with pytest.raises(UsageError, match="no column verdict") as fault:
        read_sheet(b"title,verdit\n", "s.csv", needed=["verdict"])
    assert fault.value.lines()[1:] == ["Did you mean verdit?", "It has: title, verdit"]
