"""One spelling for what databases write in many."""

from __future__ import annotations

import pytest
from synth.records import clean
from synth.records.identity import make_title_key, name_scheme
from synth.records.languages import name_language
from synth.records.latex import decode_latex, encode_latex


@pytest.mark.parametrize(
    ("written", "doi"),
    [
        ("http://dx.doi.org/10.1002/CPP.2398", "10.1002/cpp.2398"),
        ("10.1016/S0140-6736(06)69744-4.", "10.1016/s0140-6736(06)69744-4"),
        ("(doi: 10.1000/x)", "10.1000/x"),
        ("id=doi:10.4103%2F2303-9027.138783", "10.4103/2303-9027.138783"),
        ("none", ""),
    ],
)
def test_a_doi_is_found_in_any_spelling(written: str, doi: str) -> None:
    assert clean.find_doi(written) == doi


@pytest.mark.parametrize(
    ("written", "year"),
    [("2024/08//", 2024), ("Start date: 20170812", 2017), ("10 15", None), ("Jun 2011", 2011), ("9" * 400, None),
     ("n.d.", None), ("٢٠١٩", 2019), ("4-8 Aug. 2020", 2020)],
)  # fmt: skip
def test_the_first_plausible_year_counts(written: str, year: int | None) -> None:
    assert clean.find_year(written) == year


@pytest.mark.parametrize(
    ("written", "name"),
    [("Shannon,Claude E.", "Shannon, Claude E."), ("van den Hoven, null", "van den Hoven"), ("Liu R.", "Liu, R."),
     ("A. Ramachandran", "Ramachandran, A."), ("Y. -T. S. Chang", "Chang, Y. -T. S."), ("WHO", "WHO"), (", Anna", "Anna"),
     ("World Health Organization", "World Health Organization")],
)  # fmt: skip
def test_people_are_family_and_given_and_organisations_stay(written: str, name: str) -> None:
    assert clean.clean_name(written) == name


def test_numbers_without_a_shape_are_no_identifiers() -> None:
    assert name_scheme("4202") == ""
    assert name_scheme("WOS:000471694800003") == "wos"
    assert name_scheme("S1413-23112024000100844-scl") == "scielo"


def test_issn_isbn_and_trial_numbers_are_found() -> None:
    assert clean.find_issn("03064530 (ISSN)") == "0306-4530"
    assert clean.find_isbn("978-3-642-00230-4") == "9783642002304"
    assert clean.find_nct("NCT02565485,") == "NCT02565485"
    assert clean.find_pmcid("PMC 1122334") == "PMC1122334"


def test_languages_become_two_letters() -> None:
    assert [name_language(word) for word in ("English", "por", "Español", "zh-CN", "klingon")] == [
        "en", "pt", "es", "zh", "klingon"]  # fmt: skip


def test_words_for_nothing_are_nothing() -> None:
    assert clean.clean_value("NA") == ""
    assert clean.clean_value("Nairobi") == "Nairobi"
    assert clean.clean_title("Tea. [References].") == "Tea."


def test_latex_goes_both_ways() -> None:
    assert decode_latex(r"jako{\'s}ci {\.z}ycia dzia{\l}ania \& \"{o}") == "jakości życia działania & ö"
    text = r"100% {of} #1 & $5 a_b ~^ \x " + '"q"'
    assert decode_latex(encode_latex(text)) == text


def test_a_title_key_ignores_case_marks_and_spaces() -> None:
    assert make_title_key("Tea: and  Sleep!") == make_title_key("tea and sleep")


@pytest.mark.parametrize("text", ["{" * 100_000, "A. " * 33_000, "10.1234/" * 12_000, "&amp;" * 20_000, "9" * 100_000])
def test_long_texts_are_cleaned_in_good_time(text: str) -> None:
    clean.clean_name(text), clean.find_doi(text), clean.find_year(text), decode_latex(text)
    assert clean.clean_text(text)
