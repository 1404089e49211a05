from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synth.maps import NOT_CODED, TOTAL, classify_evidence, count_cells

TREE = [
    {
        "id": "users",
        "label": "People who use violence",
        "children": [{"id": "men", "label": "Men"}, {"id": "autism", "label": "Autism"}],
    },
    {"id": "survivors", "label": "Survivors"},
]


def studies(*rows):
    return pd.DataFrame(rows, columns=["id", "name", "kind", "year"])


def labels(*rows):
    return pd.DataFrame(rows, columns=["study_id", "axis", "term"])


ONE = studies(("a", "A", "primary", 2010), ("b", "B", "review", 2012), ("c", "C", "primary", 2015))
CODES = labels(
    ("a", "population", "men"),
    ("a", "population", "survivors"),
    ("a", "setting", "prison"),
    ("a", "setting", "court"),
    ("b", "population", "men"),
    ("b", "setting", "prison"),
    ("c", "setting", "court"),
    ("a", "design", "cluster RCT"),
)


def test_a_study_coded_twice_counts_once_in_the_margins_and_the_total():
    table = count_cells(ONE, CODES, "population", "setting", row_terms=TREE)
    assert table.cell("men", TOTAL)["n"] == 2
    assert table.cell(TOTAL, "court")["n"] == 2
    assert table.cell()["n"] == 3


def test_reviews_and_primary_studies_are_counted_apart():
    cell = count_cells(ONE, CODES, "population", "setting", row_terms=TREE).cell("men", "prison")
    assert (cell["n"], cell["primary"], cell["reviews"]) == (2, 1, 1)
    assert cell["kinds"] == {"randomised": 1, "review": 1}
    assert (cell["newest_primary"], cell["newest_review"]) == (2010, 2012)


def test_a_part_counts_in_its_whole_and_once_only():
    codes = pd.concat([CODES, labels(("a", "population", "users"))])
    assert count_cells(ONE, codes, "population", "setting", row_terms=TREE).cell("users", "prison")["n"] == 2


def test_a_group_that_nobody_studied_keeps_its_row():
    table = count_cells(ONE, CODES, "population", "setting", row_terms=TREE)
    assert [term.id for term in table.row_terms] == ["users", "men", "autism", "survivors", NOT_CODED]
    assert table.cell("autism", TOTAL)["n"] == 0


def test_a_study_without_a_code_is_counted_as_not_coded():
    table = count_cells(ONE, CODES, "population", "setting", row_terms=TREE)
    assert table.cell(NOT_CODED, "court")["study_ids"] == ("c",)


def test_rows_of_the_same_study_count_once():
    doubled = pd.concat([ONE, ONE])
    assert count_cells(doubled, pd.concat([CODES, CODES]), "population", "setting").cell()["n"] == 3


def test_a_code_of_level_0_says_that_the_group_is_not_in_the_study():
    codes = CODES.assign(level=[None, 0, None, None, None, None, None, None])
    assert count_cells(ONE, codes, "population", "setting").cell("men", TOTAL)["n"] == 2
    assert "survivors" not in [t.id for t in count_cells(ONE, codes, "population", "setting").row_terms]


def test_no_study_gives_an_empty_table():
    table = count_cells(studies(), labels(), "population", "setting", row_terms=TREE)
    assert table.cell()["n"] == 0
    assert table.cell("men", TOTAL)["study_ids"] == ()


@pytest.mark.parametrize(
    ("design", "kind"),
    [
        ("cluster RCT", "randomised"),
        ("Randomised controlled trial", "randomised"),
        ("quasi-experimental", "comparative"),
        ("non-randomised controlled trial", "comparative"),
        ("quasi-randomised", "comparative"),
        ("pre-post", "comparative"),
        ("interrupted time series", "comparative"),
        ("qualitative", "qualitative"),
        ("mixed methods", "qualitative"),
        ("economic evaluation", "other"),
        ("protocol (feasibility)", "ongoing"),
    ],
)
def test_designs_go_to_the_kind_of_evidence_that_their_words_name(design, kind):
    assert classify_evidence([design]) == kind
    assert classify_evidence([design], "review") == "review"


TERMS = st.sampled_from(["men", "autism", "users", "survivors", "other"])
CODED = st.lists(st.tuples(st.integers(0, 6), st.sampled_from(["population", "setting"]), TERMS), max_size=40)


@settings(deadline=None, max_examples=40)
@given(CODED)
def test_margins_are_the_unions_of_their_cells(codes):
    frame = pd.DataFrame([(f"s{i}", "x", "primary", 2000) for i in range(7)], columns=["id", "name", "kind", "year"])
    table = count_cells(
        frame, labels(*[(f"s{i}", axis, term) for i, axis, term in codes]), "population", "setting", row_terms=TREE
    )
    for row in (*[term.id for term in table.row_terms], TOTAL):
        union = {study for col in table.col_terms for study in table.cell(row, col.id)["study_ids"]}
        assert union == set(table.cell(row, TOTAL)["study_ids"])
        assert table.cell(row, TOTAL)["n"] == len(union)
    assert table.cell()["n"] == 7


@settings(deadline=None, max_examples=40)
@given(CODED, st.randoms())
def test_the_order_of_codes_changes_nothing(codes, rng):
    frame = pd.DataFrame([(f"s{i}", "x", "primary", 2000) for i in range(7)], columns=["id", "name", "kind", "year"])
    rows = [(f"s{i}", axis, term) for i, axis, term in codes]
    mixed = list(rows)
    rng.shuffle(mixed)
    one, two = (count_cells(frame, labels(*each), "population", "setting") for each in (rows, mixed))
    assert one.row_terms == two.row_terms
    assert one.cells["n"].tolist() == two.cells["n"].tolist()
