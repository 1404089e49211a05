from __future__ import annotations

import pandas as pd
from synth.maps import GAP_STATES, TOTAL, count_cells, count_gaps, find_gaps, tabulate_map

TREE = [
    {
        "id": "users",
        "label": "Users",
        "children": [
            {"id": "men", "label": "Men"},
            {"id": "older", "label": "Older"},
            {"id": "autism", "label": "Autism"},
        ],
    }
]


def table_of(*studies, tree=TREE):
    """Studies as (kind, year, population, setting, design)."""
    frame = pd.DataFrame(
        [(f"s{i}", "x", s[0], s[1]) for i, s in enumerate(studies)], columns=["id", "name", "kind", "year"]
    )
    rows = [
        (f"s{i}", axis, s[k])
        for i, s in enumerate(studies)
        for k, axis in ((2, "population"), (3, "setting"), (4, "design"))
    ]
    return count_cells(
        frame, pd.DataFrame(rows, columns=["study_id", "axis", "term"]), "population", "setting", row_terms=tree
    )


def state(gaps, row, col):
    return gaps[(gaps["row"] == row) & (gaps["col"] == col)]["state"].item()


def test_primary_studies_without_a_review_are_a_synthesis_gap():
    gaps = find_gaps(table_of(("primary", 2010, "men", "court", "RCT")))
    assert state(gaps, "men", "court") == "synthesis"


def test_47_primary_studies_and_no_review_make_every_filled_cell_a_synthesis_gap():
    # 3ie's map on intimate partner violence (2017): 47 impact evaluations, not one review
    studies = [("primary", 2000 + n % 17, f"programme {n % 14}", f"outcome {n % 22}", "RCT") for n in range(47)]
    gaps = find_gaps(table_of(*studies, tree=None))
    assert set(gaps.loc[gaps["n"] > 0, "state"]) == {"synthesis"}
    assert count_gaps(gaps)["absolute"] == len(gaps) - count_gaps(gaps)["synthesis"]


def test_a_group_that_nobody_studied_is_an_absolute_gap_everywhere():
    gaps = find_gaps(table_of(("primary", 2010, "men", "court", "RCT")))
    assert state(gaps, "autism", "court") == "absolute"


def test_a_part_that_was_left_out_here_and_studied_elsewhere_is_not_reported():
    gaps = find_gaps(table_of(("primary", 2010, "men", "court", "RCT"), ("primary", 2010, "older", "home", "RCT")))
    assert state(gaps, "older", "court") == "not_reported"
    assert state(gaps, "users", "court") == "synthesis"


def test_a_review_is_out_of_date_when_it_is_more_than_five_years_older():
    fresh = find_gaps(table_of(("primary", 2015, "men", "court", "RCT"), ("review", 2010, "men", "court", "review")))
    stale = find_gaps(table_of(("primary", 2016, "men", "court", "RCT"), ("review", 2010, "men", "court", "review")))
    assert (state(fresh, "men", "court"), state(stale, "men", "court")) == ("covered", "stale")


def test_protocols_alone_are_ongoing_only():
    gaps = find_gaps(table_of(("primary", 2024, "men", "court", "protocol")))
    assert state(gaps, "men", "court") == "ongoing"


def test_low_confidence_is_said_only_where_every_review_is_rated():
    table = table_of(("primary", 2010, "men", "court", "RCT"), ("review", 2012, "men", "court", "review"))
    assert state(find_gaps(table), "men", "court") == "covered"
    rated = table.studies.assign(confidence=["", "Critically low"])
    codes = pd.DataFrame(
        [
            ("s0", "population", "men"),
            ("s0", "setting", "court"),
            ("s1", "population", "men"),
            ("s1", "setting", "court"),
        ],
        columns=["study_id", "axis", "term"],
    )
    assert state(find_gaps(count_cells(rated, codes, "population", "setting")), "men", "court") == "low_confidence"


def test_not_searched_is_never_a_gap():
    table = table_of(("primary", 2010, "men", "court", "RCT"))
    gaps = find_gaps(table, not_searched=[("autism", TOTAL)])
    assert state(gaps, "autism", "court") == "not_searched"
    assert not next(s for s in GAP_STATES if s.id == "not_searched").is_gap


def test_the_exported_table_has_one_line_a_cell_with_the_studies():
    table = table_of(("primary", 2010, "men", "court", "RCT"))
    lines = tabulate_map(table, find_gaps(table))
    assert len(lines) == 4
    line = lines[(lines["row"] == "men") & (lines["col"] == "court")].iloc[0]
    assert (line["study_ids"], line["kinds"]) == ("s0", "randomised: 1")
