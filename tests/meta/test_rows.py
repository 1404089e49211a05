"""Names of the rows of an analysis."""

from __future__ import annotations

import pandas as pd
from synth.meta.rows import study_names

FRAME = pd.DataFrame({"author": ["Ruiz", "Okello"], "year": [2001, None], "yi": [0.1, 0.2], "vi": [0.1, 0.1]})


def test_names_are_taken_from_the_column_that_a_table_has():
    assert study_names(FRAME.assign(study=["Alpha", "Beta"]), None, 2) == ("Alpha", "Beta")


def test_authors_carry_their_year_if_it_is_known():
    assert study_names(FRAME, None, 2) == ("Ruiz 2001", "Okello")


def test_rows_without_a_name_are_counted():
    assert list(study_names(FRAME[["yi", "vi"]], None, 2)) == ["Study 1", "Study 2"]
