from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from synth.errors import UsageError
from synth.meta.formula import build_matrix, learn_coding, parse_formula

FRAME = pd.DataFrame(
    {
        "year": [1983, 1985.0, 1986, 1987],
        "g": list("abca"),
        "n": [1, 1, 2, 3],
        "o": list("xyxy"),
        "my dose": [1, 2, 4, 8],
    }
)


def build(text):
    formula = parse_formula(text)
    return build_matrix(formula, FRAME, learn_coding(formula, FRAME))


@pytest.mark.parametrize(("text", "names"), [
    ("~ year + g", ["intrcpt", "year", "gb", "gc"]),
    ("~ g*year", ["intrcpt", "gb", "gc", "year", "gb:year", "gc:year"]),
    ("o + o:I(year-1983) - 1", ["ox", "oy", "ox:I(year - 1983)", "oy:I(year - 1983)"]),
    ("~ 0 + g + o", ["ga", "gb", "gc", "oy"]),
    ("~ factor(n) + log(`my dose`)", ["intrcpt", "factor(n)2", "factor(n)3", "log(my dose)"]),
    ("~ (year + n):o", ["intrcpt", "year:ox", "year:oy", "n:ox", "n:oy"]),
    ("~ 1", ["intrcpt"]),
])  # fmt: skip
def test_columns_are_those_that_r_makes(text, names):
    assert list(build(text).names) == names


def test_arithmetic_inside_i_binds_as_in_arithmetic():
    assert build("~ 0 + I(-n^2 + 2*(n - 1)/4)").X[:, 0].tolist() == (-(FRAME.n**2) + 2 * (FRAME.n - 1) / 4).tolist()


def test_new_rows_keep_the_levels_and_centres_of_the_data():
    formula = parse_formula("~ g + center(year)")
    coding = learn_coding(formula, FRAME)
    new = build_matrix(formula, pd.DataFrame({"g": ["c"], "year": [1990.0]}), coding)
    assert new.X.tolist() == [[1, 0, 1, 1990 - FRAME.year.mean()]]


def test_a_missing_group_makes_the_row_missing():
    formula = parse_formula("~ g")
    frame = pd.DataFrame({"g": ["a", None, "b"]})
    assert np.isnan(build_matrix(formula, frame, learn_coding(formula, frame)).X[1, 1])


@pytest.mark.parametrize(("text", "message"), [
    ("~ yaer", 'no column "yaer"'),
    ("~ year +", "cannot be read"),
    ("~ foo(year)", "cannot be read"),
    ("~ (year", "cannot be read"),
    ("~ year $ g", "cannot be read"),
    ("~ I(g + 1)", "holds groups"),
    ("~ __import__('os')", "cannot be read"),
])  # fmt: skip
def test_what_makes_no_sense_is_named(text, message):
    with pytest.raises(UsageError, match=message):
        build(text)


def test_a_slip_of_the_pen_lists_the_columns():
    with pytest.raises(UsageError) as caught:
        build("~ yaer")
    assert (caught.value.hint, "my dose" in caught.value.why) == ("Did you mean year?", True)
