import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synth.errors import UsageError
from synth.screening import (
    Reading,
    Trail,
    advise_stop,
    bound_missed,
    find_stop,
    find_stopper,
    has_abstract,
    reading_to_lower,
)
from synth.screening.stop import breaking_misses, smallest_p


def reading(found, total, *, expected=0.0, readable=None, total_readable=None):
    marks = np.array(found, dtype=int)
    known = np.ones(len(marks), dtype=bool) if readable is None else np.array(readable, dtype=bool)
    return Reading(marks, known, total, total if total_readable is None else total_readable, expected)


LATE = [1] * 30 + [0] * 400


def test_the_smallest_number_of_misses_that_breaks_95_percent():
    assert [breaking_misses(found) for found in (0, 1, 18, 19, 20, 38, 95)] == [1, 1, 1, 2, 2, 3, 6]


@pytest.mark.parametrize(("finds", "rest", "unread", "missed"), [(3, 100, 50, 1), (0, 30, 200, 4), (10, 300, 10, 2)])
def test_with_odds_of_one_the_test_is_close_to_the_hypergeometric(finds, rest, unread, missed):
    from scipy.stats import hypergeom

    places = np.arange(1, finds + 1)
    read = finds + rest
    exact = min(
        hypergeom.cdf(finds - start, unread + read - start, finds - start + missed, read - start)
        for start in range(finds + 1)
    )
    assert smallest_p(places, read, unread, missed) == pytest.approx(exact, rel=0.1, abs=0.01)


def test_a_long_poor_stretch_and_a_ranking_that_expects_nothing_allow_a_stop():
    assert advise_stop(reading(LATE, 500)).state == "stop"


@pytest.mark.parametrize(
    ("found", "expected", "why"),
    [
        ([1] * 30 + [0] * 20, 0.0, "not poor enough"),
        (LATE, 5.0, "expects more"),
        (LATE, None, "fewer than four"),
    ],
)
def test_each_condition_alone_is_enough_to_go_on(found, expected, why):
    advice = advise_stop(reading(found, 500, expected=expected))
    assert advice.state == "go on"
    assert why in advice.why


def test_works_without_an_abstract_are_read_before_one_stops():
    advice = advise_stop(reading(LATE, 500, total_readable=490))
    assert (advice.state, advice.apart) == ("read those without an abstract", 10)


def test_with_everything_read_the_advice_is_to_stop_whatever_was_found():
    for found in ([0] * 5, [1] * 5):
        assert advise_stop(reading(found, 5, expected=None)).state == "stop"


def test_with_nothing_found_the_advice_is_to_go_on():
    assert advise_stop(reading([0] * 90, 100, expected=None)).state == "go on"


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 1), max_size=30), st.integers(0, 60))
def test_the_promised_reading_lowers_the_bound_and_less_does_not(found, unread):
    total = len(found) + unread
    goal = bound_missed(found, total) // 2
    more = reading_to_lower(found, total, goal)
    assert bound_missed([*found, *[0] * more], total) <= goal
    assert not more or bound_missed([*found, *[0] * (more - 1)], total) > goal


def test_an_abstract_worth_the_name_has_fifty_letters():
    assert [has_abstract(text) for text in (None, float("nan"), " " * 80, "x" * 49, "x" * 50)] == [False] * 4 + [True]


def trail(marks, readable=None, course=((0, 0.0),)):
    marks = np.array(marks)
    return Trail(marks, np.ones(len(marks), dtype=bool) if readable is None else np.array(readable), course)


@pytest.mark.parametrize(
    ("rule", "at"),
    [("consecutive:50", 80), ("safe", 80), ("percentage:25", 250), ("consecutive:100", 130)],
)
def test_common_rules_stop_where_they_should(rule, at):
    stopped = find_stop(find_stopper(rule), trail([1] * 30 + [0] * 970), looks=1000)
    assert (stopped.position, stopped.recall) == (max(at, 100) if rule == "safe" else at, 1.0)


def test_the_random_sample_counts_as_read():
    marks = [1] * 100 + [0] * 900
    stopped = find_stop(find_stopper("qbcb"), trail(marks), seed=1)
    assert stopped.recall == 1.0
    assert stopped.position > stopped.at


def test_with_too_few_relevant_records_the_sample_is_everything():
    assert find_stop(find_stopper("qbcb"), trail([1] * 30 + [0] * 70)).share == 1.0


def test_the_advice_reads_those_without_an_abstract_and_finds_what_hides_there():
    marks = [1] * 40 + [0] * 900 + [1] * 2 + [0] * 58
    readable = [True] * 940 + [False] * 60
    stopped = find_stop(find_stopper("advice"), trail(marks, readable))
    assert stopped.recall == 1.0
    assert stopped.position == stopped.at + 60
    assert stopped.missed <= stopped.missed_bound


@pytest.mark.parametrize("rule", ["advice", "consecutive", "hypergeometric", "buscar:2", "qbcb", "knee", "safe"])
@pytest.mark.parametrize("marks", [[0] * 60, [1] * 60, [1] + [0] * 59, [0] * 59 + [1]])
def test_every_rule_ends_whatever_the_labels_are(rule, marks):
    stopped = find_stop(find_stopper(rule), trail(marks))
    assert 0 < stopped.position <= 60
    assert stopped.missed <= 60 - stopped.position


def test_a_wrong_rule_or_number_is_refused_with_a_hint():
    with pytest.raises(UsageError, match="no rule for stopping called 'consecutiv'") as fault:
        find_stopper("consecutiv")
    assert fault.value.hint == "Did you mean consecutive?"
    with pytest.raises(UsageError, match="after the colon stands no number above 0"):
        find_stopper("consecutive:-3")


@pytest.mark.shared
def test_the_expected_number_is_near_the_truth_on_a_real_set(shared):
    from synth.screening import build_index, expect_relevant
    from synth.steps.simulate import read_labelled

    labelled = read_labelled(shared / "screening/Cohen_2006_NSAIDS.csv")
    read = {row: labelled.labels[row] for row in range(0, 381, 2)}
    unread = [row for row in range(381) if row not in read]
    expected = expect_relevant(build_index(labelled.texts), read, unread)
    truth = sum(labelled.labels[row] for row in unread)
    assert truth / 2 < expected < truth * 2
    assert expect_relevant(build_index(labelled.texts), {0: 1, 1: 0}, unread) is None
