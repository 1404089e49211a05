from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from synth.errors import UsageError
from synth.meta import clopper_pearson, count_directions, sign_test, wilson


def test_directions_are_counted_and_what_is_not_one_is_unclear():
    found = count_directions(["favours", "Favours", "against", "none", None, "perhaps", float("nan")])
    assert (found.favours, found.against, found.none, found.unclear, found.total) == (2, 1, 1, 3, 7)


def test_the_sign_test_leaves_out_those_that_point_nowhere():
    found = sign_test(count_directions(["favours"] * 9 + ["against"] + ["none"] * 5))
    assert (found.n, found.share, found.p) == (10, 0.9, pytest.approx(22 / 1024))


def test_no_direction_no_test():
    assert sign_test(count_directions(["none", "unclear"])) is None


def test_votes_by_significance_are_refused():
    with pytest.raises(UsageError, match="Counting studies by significance is refused"):
        count_directions(["favours"], by="significance")


@given(st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_intervals_and_p_are_those_of_scipy(pair):
    x, n = pair
    reference = binomtest(x, n)
    exact, score = reference.proportion_ci(method="exact"), reference.proportion_ci(method="wilson")
    assert clopper_pearson(x, n) == pytest.approx((exact.low, exact.high), abs=1e-9)
    assert wilson(x, n) == pytest.approx((score.low, score.high), abs=1e-9)
    assert sign_test(count_directions(["favours"] * x + ["against"] * (n - x))).p == pytest.approx(reference.pvalue)


def test_an_unknown_interval_is_named():
    with pytest.raises(UsageError, match='no interval "wald"'):
        sign_test(count_directions(["favours"]), interval="wald")
