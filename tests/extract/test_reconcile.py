import pandas as pd
import pytest
from synth.errors import StateError
from synth.extract import compare_people


def frame(rows):
    columns = ["study_id", "question_id", "value", "person_id", "status", "suggestion_shown"]
    answers = pd.DataFrame([(*row, "human", False)[:6] if len(row) == 4 else row for row in rows], columns=columns)
    return answers.assign(arm=None, effect_id=None)


def test_only_disagreements_are_shown():
    found = compare_people(
        frame(
            [
                ("s1", "n", 8, "ana"),
                ("s1", "n", 8.0, "ben"),
                ("s2", "n", 9, "ana"),
                ("s2", "n", 10, "ben"),
                ("s3", "n", 1, "ana"),
            ]
        ),
        "ana",
        "ben",
    )
    assert found.disagreements[["study_id", "value_1", "value_2"]].to_numpy().tolist() == [["s2", "9", "10"]]
    assert found.one_sided["study_id"].tolist() == ["s3"]
    assert (found.agreement[0].n, found.agreement[0].agreed, found.agreement[0].share) == (2, 1, 0.5)


def test_codes_in_another_order_are_the_same_answer():
    found = compare_people(
        frame([("s1", "setting", ["a", "b"], "ana"), ("s1", "setting", ["b", "a"], "ben")]), "ana", "ben"
    )
    assert found.disagreements.empty


def test_the_three_missing_answers_disagree():
    found = compare_people(frame([("s1", "n", "not reported", "ana"), ("s1", "n", "unclear", "ben")]), "ana", "ben")
    assert len(found.disagreements) == 1


def test_kappa_equals_a_worked_example():
    # 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: kappa 0.4 (en.wikipedia.org/wiki/Cohen's_kappa, simple example)
    pairs = [(True, True)] * 20 + [(True, False)] * 5 + [(False, True)] * 10 + [(False, False)] * 15
    rows = [
        (f"s{i}", "q", value, person)
        for i, pair in enumerate(pairs)
        for value, person in zip(pair, ("ana", "ben"), strict=True)
    ]
    assert compare_people(frame(rows), "ana", "ben").agreement[0].kappa == pytest.approx(0.4)


def test_values_checked_against_a_suggestion_never_count():
    rows = [("s1", "n", 8, "ana", "human", True), ("s1", "n", 8, "ben", "human", False)]
    with pytest.raises(StateError, match="no question in common"):
        compare_people(frame(rows), "ana", "ben")
