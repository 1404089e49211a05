"""Ten sets that nobody would wish for: they end soon, and lose no work."""

import pandas as pd
import pytest
from synth.dedup import find_groups

LONG = "Community mobilisation to prevent violence against women in rural districts"
BARE = {"title": "", "authors": [], "year": None, "container": "", "volume": "", "issue": "", "pages": "", "ids": {}}
FULL = {**BARE, "title": LONG, "authors": ["Abramsky, T.", "Devries, K."], "year": 2014, "container": "BMC Medicine"}


def count_works(rows):
    table = pd.DataFrame([{"id": f"r{number}", **row} for number, row in enumerate(rows)])
    return find_groups(table).groups["group_id"].nunique()


def letters(number):
    """A made-up name; no two are alike."""
    return "".join("bcdfghjklm"[int(digit)] + "aeiou"[int(digit) % 5] for digit in str(7919 * (number + 17)))


def test_five_thousand_records_without_titles_stay_apart():
    assert count_works([{**BARE, "year": 2000 + n % 9, "container": "Lancet"} for n in range(5000)]) == 5000


def test_one_title_two_thousand_times_by_as_many_authors_stays_apart():
    assert count_works([{**FULL, "authors": [f"{letters(n)}, A."]} for n in range(2000)]) >= 1990


def test_records_of_which_all_but_the_year_is_empty_stay_apart():
    assert count_works([{**BARE, "year": 2001}] * 500) == 500


def test_three_hundred_supplement_abstracts_with_one_doi_stay_apart():
    doi = {"doi": "10.1000/supplement"}
    titles = [
        f"{letters(n)} {letters(n + 7)} and {letters(n + 31)} in a cohort of {letters(n + 5)}" for n in range(300)
    ]
    rows = [{**FULL, "title": title, "authors": [f"{letters(n)}, B."], "ids": doi} for n, title in enumerate(titles)]
    assert count_works(rows) == 300


def test_a_title_of_fifty_kilobytes_is_compared_like_any_other():
    assert count_works([{**FULL, "title": "violence " * 5600}, {**FULL, "title": "VIOLENCE " * 5600}, FULL]) == 2


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "mac-roman"])
def test_records_that_came_in_a_wrong_encoding_too_are_one_work(encoding):
    title = "Prävention häuslicher Gewalt gegen Frauen in ländlichen Regionen Österreichs und der Schweiz"
    broken = title.encode().decode(encoding, errors="replace")
    rows = [
        {**FULL, "title": title, "volume": "3", "pages": "7-19"},
        {**FULL, "title": broken, "volume": "3", "pages": "7-19"},
    ]
    assert count_works(rows) == 1


def test_every_record_twice_in_other_letters_gives_each_work_once():
    titles = [f"{letters(n)} {letters(n + 3)} programmes and {letters(n + 11)} among young people" for n in range(200)]
    once = [{**FULL, "title": title, "authors": [f"{letters(n)}, C."]} for n, title in enumerate(titles)]
    assert count_works([*once, *({**row, "title": row["title"].upper()} for row in once)]) == 200


def test_authors_by_the_hundred_and_control_characters_end_soon():
    many = [f"{letters(n)}, {letters(n)[0]}." for n in range(900)]
    rows = [{**FULL, "authors": many, "title": f"{LONG}\x00\x1b[2J\u202e"}, {**FULL, "authors": many[::-1]}]
    assert count_works(rows) <= 2


def test_fields_of_the_wrong_kind_are_read_as_missing():
    wrong = {"title": None, "authors": float("nan"), "year": "soon", "pages": 12.5, "ids": "10.1/x", "abstracts": 7}
    assert count_works([wrong, wrong, FULL]) == 3


def test_a_chain_from_one_title_to_another_is_cut():
    words = [*LONG.split(), "of", "the", "northern", "provinces", "and", "islands"]
    rows = [{**FULL, "title": " ".join(words[n : n + 10])} for n in range(len(words) - 9)]
    table = pd.DataFrame([{"id": f"r{n}", **row} for n, row in enumerate(rows)])
    work = find_groups(table).groups.set_index("record_id")["group_id"]
    assert work["r0"] != work[f"r{len(rows) - 1}"]
