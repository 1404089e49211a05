from __future__ import annotations

import datetime as dt

import pytest
from synth.errors import UsageError
from synth.meta import parse_syntheses, parse_synthesis


def test_a_word_or_a_list_of_words():
    found = parse_synthesis(
        {"name": "Violence", "informant": "survivor report", "outcome_domain": ["a", "b"], "measure": "rr"}
    )
    assert (found.informant, found.outcome_domain, found.measure) == (("survivor report",), ("a", "b"), ("RR",))
    assert (found.method, found.test, found.one_effect_per_study, found.kind) == ("REML", "knha", "error", ("primary",))


def test_planned_needs_a_date_to_be_planned():
    assert parse_synthesis({"name": "x", "planned": True}).is_post_hoc
    assert parse_synthesis({"name": "x", "declared_on": "2026-01-01"}).is_post_hoc
    assert not parse_synthesis({"name": "x", "planned": True, "declared_on": dt.date(2026, 1, 1)}).is_post_hoc


def test_the_declaration_comes_back_as_it_was_given():
    declared = {"name": "x", "measure": ["OR"], "months": [0.0, 24.0], "planned": True, "declared_on": "2026-01-01"}
    found = parse_synthesis(declared).to_dict()
    assert found == declared
    assert parse_synthesis(found).to_dict() == declared


def test_true_is_yes():
    assert parse_synthesis({"name": "x", "adjusted": True}).adjusted == ("yes",)


@pytest.mark.parametrize(("declared", "message", "hint"), [
    ({"name": "x", "informants": "y"}, 'no key "informants"', "informant"),
    ({"name": "x", "measure": "ORR"}, '"ORR" is not a measure', "Did you mean RR?"),
    ({"name": "x", "one_effect_per_study": "last"}, 'there is no "last"', "synth.toml"),
    ({"name": "x", "one_effect_per_study": "longst"}, 'there is no "longst"', "longest"),
    ({"name": "x", "months": 24}, "window of two numbers", "0, 24"),
    ({"name": "x", "months": [24, 0]}, "window of two numbers", "0, 24"),
    ({"name": "x", "planned": "yes"}, "true or false", "without quotes"),
    ({"name": "x", "test": "wald"}, 'there is no "wald"', ""),
    ({"name": "x", "level": 0}, "percentage", "95"),
    ({"measure": "OR"}, "has no name", "name ="),
])  # fmt: skip
def test_slips_are_named(declared, message, hint):
    with pytest.raises(UsageError, match=message) as caught:
        parse_synthesis(declared)
    assert hint in caught.value.hint


def test_two_syntheses_may_not_share_a_name():
    with pytest.raises(UsageError, match=r'Two .* are called "x"'):
        parse_syntheses([{"name": "x"}, {"name": "x"}])
