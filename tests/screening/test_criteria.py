import pandas as pd
import pytest
from synth.errors import UsageError
from synth.screening import Criteria, check_reason, check_stage, check_verdict, read_criteria

FULL = Criteria("full_text", "Trials with people", ("wrong population", "wrong design"))
STORED = pd.DataFrame(columns=["id", "stage", "version", "text", "reasons"])


def test_declared_criteria_are_in_force_and_new_until_recorded():
    declared = {"full_text": {"text": "Trials", "reasons": ["wrong design"]}}
    assert read_criteria(STORED, declared, "full_text").id is None
    stored = pd.DataFrame([(4, "full_text", 2, "Trials", ["wrong design"])], columns=STORED.columns)
    assert read_criteria(stored, declared, "full_text").version == 2


def test_changed_criteria_are_a_new_version():
    stored = pd.DataFrame([(4, "full_text", 2, "Trials", [])], columns=STORED.columns)
    assert read_criteria(stored, {"full_text": {"text": "Cohorts"}}, "full_text").id is None


def test_the_sentence_of_a_new_project_is_no_criterion():
    assert not Criteria("full_text", "Say here what a report must have to be included.").is_written


def test_an_unknown_reason_gets_the_nearest_one():
    with pytest.raises(UsageError, match="not a reason for exclusion") as fault:
        check_reason("wrong populaton", "exclude", FULL)
    assert "Did you mean 'wrong population'?" in fault.value.hint


def test_a_reason_is_spelled_as_the_criteria_spell_it():
    assert check_reason(" Wrong Design ", "exclude", FULL) == "wrong design"


def test_exclusion_at_full_text_needs_a_reason_where_reasons_are_listed():
    with pytest.raises(UsageError, match="needs a reason"):
        check_reason("", "exclude", FULL)
    assert check_reason("", "exclude", Criteria("title_abstract", "x", ("a",))) is None
    assert check_reason("anything", "exclude", Criteria("full_text")) == "anything"


def test_stages_and_verdicts_are_forgiving_about_form_and_strict_about_names():
    assert check_stage("Full-Text") == "full_text"
    with pytest.raises(UsageError, match="no stage 'fulltexts'"):
        check_stage("fulltexts")
    with pytest.raises(UsageError, match="no verdict 'inclde'") as fault:
        check_verdict("inclde", "title_abstract")
    assert "include" in fault.value.hint
