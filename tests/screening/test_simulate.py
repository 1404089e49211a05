import csv

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from synth.errors import UsageError
from synth.screening import (
    LinearRanker,
    draw_priors,
    learn_in_growing_steps,
    order_frame,
    replay_screening,
    score_order,
)
from synth.steps.simulate import read_labelled

TEXTS = [f"violence prevention {word}" for word in ("school", "home", "street")] + [
    f"steel corrosion {word}" for word in ("bridge", "pipe", "ship", "rail")
]
LABELS = [1, 1, 1, 0, 0, 0, 0]


def test_every_record_is_shown_once_and_the_relevant_ones_first():
    replay = replay_screening(TEXTS, LABELS, (0, 3), LinearRanker())
    assert sorted([*replay.priors, *replay.shown]) == list(range(7))
    assert set(replay.shown[:2]) == {1, 2}


def test_priors_of_one_kind_only_are_followed_by_file_order_until_both_are_known():
    replay = replay_screening(TEXTS, LABELS, (0,), LinearRanker())
    assert replay.shown[:3] == (1, 2, 3)


def test_no_relevant_record_at_all_still_gives_an_order():
    replay = replay_screening(TEXTS, [0] * 7, (0,), LinearRanker())
    assert len(replay.shown) == 6
    assert score_order([0] * 6)["loss"] is None


def test_the_order_names_priors_first():
    frame = order_frame([f"r{n}" for n in range(7)], replay_screening(TEXTS, LABELS, (0, 3), LinearRanker()))
    assert list(frame["prior"]) == [1, 1, 0, 0, 0, 0, 0]
    assert list(frame["record_id"][:2]) == ["r0", "r3"]


def test_the_best_order_has_no_loss_and_the_worst_has_all():
    best, worst = score_order([1, 1, 0, 0, 0]), score_order([0, 0, 0, 1, 1])
    assert (best["loss"], best["ndcg"], worst["loss"]) == (0, 1, 1)


def test_measures_of_a_small_order_are_those_counted_by_hand():
    found = score_order([1, 0, 0, 1, 0, 0, 0, 0, 0, 0])
    assert (found["recall10"], found["recall25"], found["atd"]) == (0.5, 0.5, 2.5)
    assert found["wss95_cohen"] == pytest.approx(0.6 - 0.05)
    assert found["loss"] == pytest.approx(2 / 16)  # the best area is 19 of 20, this one 17, the worst 3


@given(st.lists(st.integers(0, 1), min_size=2, max_size=60))
def test_loss_and_ndcg_stay_between_nought_and_one(marks):
    found = score_order(marks)
    if 0 < sum(marks) < len(marks):
        assert -1e-12 <= found["loss"] <= 1 + 1e-12
        assert 0 < found["ndcg"] <= 1 + 1e-12


def test_priors_need_records_of_both_kinds():
    with pytest.raises(UsageError, match="No irrelevant record"):
        draw_priors([1, 1], 0)


def test_growing_steps_start_after_fifty_records():
    assert [learn_in_growing_steps(read) for read in (2, 50, 51, 100, 1000)] == [1, 1, 2, 4, 40]


def published(shared):
    with (shared / "screening/peer_results.csv").open() as file:
        return {row["dataset"]: row for row in csv.DictReader(file)}


@pytest.mark.shared
@pytest.mark.parametrize("name", ["Cohen_2006_Antihistamines", "Cohen_2006_NSAIDS", "Cohen_2006_ADHD", "Dimitrov_2024"])
def test_a_replay_equals_the_published_recipe_from_the_same_priors(shared, name):
    labelled = read_labelled(shared / f"screening/{name}.csv")
    theirs = published(shared)[name]
    priors = draw_priors(labelled.labels, 0)
    assert priors == (int(theirs["prior_included_row"]), int(theirs["prior_excluded_row"]))
    replay = replay_screening(labelled.texts, labelled.labels, priors, LinearRanker())
    ours = score_order([labelled.labels[row] for row in replay.shown])
    # The solver stops at 1e-4: its last digits, and with them near ties, may differ between versions of scikit-learn.
    assert ours["loss"] == pytest.approx(float(theirs["loss"]), abs=0.002)
    assert ours["ndcg"] == pytest.approx(float(theirs["ndcg"]), abs=0.005)
    assert ours["last_relevant_at"] == pytest.approx(float(theirs["last_relevant_at"]), rel=0.02)


@pytest.mark.shared
def test_measures_equal_those_of_the_shared_scorer(shared):
    import runpy

    theirs = runpy.run_path(str(shared / "screening/score.py"))
    marks = np.random.default_rng(5).permutation([1] * 13 + [0] * 187)
    ours = score_order(marks)
    assert ours["loss"] == theirs["loss"](marks.astype(float))
    assert ours["ndcg"] == theirs["ndcg"](marks.astype(float))
    assert ours["wss95"] == theirs["wss_insights"](marks.astype(float), 0.95)
    assert ours["wss95_cohen"] == theirs["wss_cohen"](marks.astype(float), 0.95)
    assert ours["recall10"] == theirs["recall_at"](marks.astype(float), 0.10)
