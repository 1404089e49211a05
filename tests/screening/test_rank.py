import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synth.errors import UsageError
from synth.screening import LinearRanker, find_ranker, join_text, rank_works
from synth.screening.rank import weigh_labels

TOPICS = [
    "violence prevention in schools",
    "violence against women prevention",
    "prevention of partner violence",
    "bridge steel corrosion",
    "corrosion of steel pipes",
    "welding of steel bridges",
]


def verdicts(**given_):
    return pd.DataFrame({"work_id": list(given_), "verdict": list(given_.values())}, dtype=object)


def test_learning_from_both_kinds_puts_the_like_first(titled):
    order = rank_works(titled(*TOPICS), verdicts(w0="include", w3="exclude"))
    assert order.attrs["model"] == "svm"
    assert set(order["work_id"][:2]) == {"w1", "w2"}
    assert list(order["rank"]) == [1, 2, 3, 4]


def test_with_no_relevant_work_the_question_leads(titled):
    order = rank_works(titled(*TOPICS), verdicts(w3="exclude"), query="How to prevent partner violence?")
    assert (order.attrs["model"], order["work_id"][0]) == ("question", "w2")


def test_with_one_relevant_work_and_nothing_else_the_similar_lead(titled):
    order = rank_works(titled(*TOPICS), verdicts(w4="include"))
    assert order.attrs["model"] == "similarity"
    assert set(order["work_id"][:2]) == {"w3", "w5"}


def test_with_nothing_known_the_order_is_fixed_and_says_so(titled):
    works = titled(*TOPICS)
    order = rank_works(works, verdicts())
    turned = rank_works(works.iloc[::-1], verdicts())
    assert order.attrs["model"] == "none"
    assert list(order["work_id"]) == list(turned["work_id"])


def test_when_all_are_relevant_nothing_is_left_to_rank(titled):
    order = rank_works(titled(*TOPICS[:2]), verdicts(w0="include", w1="include"))
    assert order.empty


def test_a_maybe_is_neither_learned_from_nor_shown_again(titled):
    order = rank_works(titled(*TOPICS), verdicts(w0="maybe"))
    assert "w0" not in set(order["work_id"])
    assert order.attrs["model"] == "none"


@pytest.mark.parametrize("missing", [None, float("nan"), ""])
def test_works_without_title_and_abstract_are_ranked_too(titled, missing):
    works = titled(*TOPICS)
    works.loc[5, "title"] = missing
    assert set(rank_works(works, verdicts(w0="include", w3="exclude"))["work_id"]) == {"w1", "w2", "w4", "w5"}


def test_texts_without_a_word_are_ranked_without_a_crash(titled):
    order = rank_works(titled("", "", ""), verdicts(w0="include", w1="exclude"))
    assert list(order["work_id"]) == ["w2"]


def test_the_weights_of_both_kinds_are_in_the_ratio_of_the_recipe():
    weights = weigh_labels(np.array([1, 0, 0, 0, 1]))
    assert weights.sum() == pytest.approx(5)
    assert weights[[0, 4]].sum() / weights[1:4].sum() == pytest.approx(9.8)


def test_the_same_seed_gives_the_same_scores():
    texts = [join_text(title, None) for title in TOPICS]
    scores = []
    for _ in range(2):
        ranker = LinearRanker(seed=3)
        ranker.fit(texts)
        scores.append(ranker.rank({0: 1, 3: 0}))
    assert np.array_equal(*scores)


def test_a_wrong_model_gets_the_nearest_name():
    with pytest.raises(UsageError, match="no ranking model 'svn'") as fault:
        find_ranker("svn")
    assert "svm" in fault.value.hint


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from(["include", "exclude", "maybe", None]), min_size=6, max_size=6))
def test_every_undecided_work_is_ranked_once(given_):
    works = pd.DataFrame(
        {"work_id": [f"w{n}" for n in range(6)], "title": TOPICS, "abstract": [None] * 6}, dtype=object
    )
    known = {f"w{n}": verdict for n, verdict in enumerate(given_) if verdict}
    order = rank_works(works, verdicts(**known), query="steel")
    assert sorted([*order["work_id"], *known]) == sorted(works["work_id"])
