from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synth.screening import bound_missed


def chance(finds, length, unread, missed):
    """P(at most ``finds`` relevant in a random sample of ``length`` from what was unread), counted out."""
    relevant, total = finds + missed, unread + length
    ways = sum(comb(relevant, k) * comb(total - relevant, length - k) for k in range(finds + 1))
    return ways / comb(total, length)


def test_with_all_read_nothing_is_missed():
    assert bound_missed([1, 0, 1], 3) == 0


def test_with_nothing_read_all_may_be_relevant():
    assert bound_missed([], 7) == 7


def test_the_bound_is_the_largest_number_that_the_count_does_not_contradict():
    found = [1, 1, 0, 1] + [0] * 40
    stretches = [(found[start:].count(1), len(found) - start) for start in (0, 1, 2, 4)]
    allowed = [m for m in range(57) if min(chance(r, n, 56, m) for r, n in stretches) >= 0.05]
    assert bound_missed(found, 100) == max(allowed)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 1), max_size=40), st.integers(0, 40))
def test_reading_on_without_a_find_never_raises_the_bound(found, unread):
    total = len(found) + unread + 1
    assert bound_missed([*found, 0], total) <= bound_missed(found, total)


def test_in_random_order_the_bound_holds_in_nearly_all_readings():
    rng = np.random.default_rng(7)
    marks = np.array([1] * 20 + [0] * 180)
    held = [
        bound_missed(marks[:120].tolist(), 200) >= marks[120:].sum()
        for marks in (rng.permutation(marks) for _ in range(200))
    ]
    # Many stretches are tested at once, so a random order (worse than any ranking) keeps somewhat less than 95 %.
    assert np.mean(held) >= 0.85


@pytest.mark.shared
def test_the_bound_holds_along_a_real_ranked_reading(shared):
    from synth.screening import LinearRanker, draw_priors, learn_in_growing_steps, replay_screening
    from synth.steps.simulate import read_labelled

    labelled = read_labelled(shared / "screening/Cohen_2006_NSAIDS.csv")
    replay = replay_screening(
        labelled.texts, labelled.labels, draw_priors(labelled.labels, 0), LinearRanker(), step=learn_in_growing_steps
    )
    marks = [labelled.labels[row] for row in replay.shown]
    looks = range(20, len(marks), 20)
    assert all(bound_missed(marks[:read], len(marks)) >= sum(marks[read:]) for read in looks)
