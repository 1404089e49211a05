"""Suggestions: each value with words that stand in the text."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from synth.extract.effects import find_effects
from synth.extract.sample_size import find_sample_size, read_number
from synth.extract.suggest import suggest
from synth.extract.text import read_text

ABSTRACT = (
    "Background: Violence is common. Methods: 1,204 women in Uganda were randomly assigned to a programme or to usual care. "
    "Results: Violence fell (adjusted odds ratio 0·48, 95% CI 0·31–0·74), and fear too (0.70 [95% CI, 0.52 to 0.94])."
)


def test_an_estimate_is_read_with_its_interval_and_words():
    effects = suggest("A trial", ABSTRACT)["effects"]
    assert [(each["measure"], each["point"], each["ci_low"], each["ci_high"]) for each in effects] == [
        ("OR", 0.48, 0.31, 0.74),
        ("OR", 0.70, 0.52, 0.94),
    ]
    assert all(ABSTRACT[each["start"] : each["end"]] == each["quote"] for each in effects)


def test_the_values_of_a_trial_are_suggested():
    found = suggest("A cluster randomised trial in schools", ABSTRACT)
    assert (found["design"], found["n"], found["countries"], found["is_rct"]) == ("rct", 1204, ["UGA"], True)
    assert (found["setting"], found["sex"]) == (["school"], "female")


def test_a_text_that_says_nothing_gets_no_numbers():
    found = suggest("Thoughts", "It is hard to say what works.")
    assert (found["n"], found["effects"], found["countries"]) == (None, [], [])


def test_a_point_outside_its_interval_is_no_estimate():
    assert find_effects(read_text("OR 3.0 (95% CI 0.2 to 0.9)")) == []


@pytest.mark.parametrize(
    ("words", "number"), [("Two hundred and thirty-one", 231), ("Sixty", 60), ("and", None), ("Many", None)]
)
def test_spelled_numbers_are_read(words, number):
    assert read_number(words) == number


def test_a_review_counts_its_studies():
    size = find_sample_size(read_text("We included 23 studies with 4,000 participants."), review=True)
    assert size is not None
    assert size.n == 23


@given(st.text(max_size=200), st.text(max_size=200))
def test_every_quote_stands_at_its_place(title, body):
    found = suggest(title, body)
    fields = {"title": title, "abstract": body}
    for proof in [*found["evidence"].values(), *found["effects"]]:
        assert fields[proof["field"]][proof["start"] : proof["end"]] == proof["quote"]


def test_the_command_writes_a_line_for_each_text(run_synth, tmp_path):
    (tmp_path / "in.jsonl").write_text(
        json.dumps({"id": "a", "title": "A trial", "abstract": ABSTRACT}) + "\n", encoding="utf-8"
    )
    assert run_synth("extract", "suggest", "in.jsonl", "-o", "out.jsonl", cwd=tmp_path).exit_code == 0
    first = (tmp_path / "out.jsonl").read_bytes()
    assert json.loads(first)["n"] == 1204
    run_synth("extract", "suggest", "in.jsonl", "-o", "again.jsonl", cwd=tmp_path)
    assert (tmp_path / "again.jsonl").read_bytes() == first


def test_a_damaged_line_is_named(run_synth, tmp_path):
    (tmp_path / "in.jsonl").write_text('{"id": "a", "title": "x"}\n{"id": \n', encoding="utf-8")
    done = run_synth("extract", "suggest", "in.jsonl", "-o", "out.jsonl", cwd=tmp_path)
    assert done.exit_code == 5
    assert "in.jsonl:2" in done.stderr
    assert not (tmp_path / "out.jsonl").exists()
