import pytest
from synth.errors import UsageError
from synth.extract import (
    BadSheet,
    blank_form,
    is_missing,
    parse_sheet,
    parse_value,
    read_answers,
    read_effects,
    read_labels,
    show_value,
)
from synth.extract.forms import Coder
from synth.vocab.codebooks import load_codebook

BOOK = load_codebook("violence-prevention")
ANA = Coder("ana")
STUDIES = {"sasa", "image"}


def answers(text, coder=ANA):
    return read_answers(parse_sheet(text, "a.csv"), BOOK, STUDIES, coder)


@pytest.mark.parametrize(
    ("question", "text", "value"),
    [
        ("n_randomised", "1583", 1583),
        ("followup_months", "0.5", 0.5),
        ("cost_data", "sí", True),
        ("evidence_type", "cluster RCT", "cluster-rct"),
        ("setting", "court-mandated; School", ["court", "school"]),
        ("country", "UGA", "UGA"),
        ("intervention", "SASA!", "SASA!"),
    ],
)
def test_a_text_becomes_the_value_that_its_question_asks_for(question, text, value):
    assert parse_value(BOOK, BOOK.question(question), text) == value


@pytest.mark.parametrize("text", ["not reported", "Not applicable", "UNCLEAR", "not-reported"])
@pytest.mark.parametrize("question", ["n_randomised", "cost_data", "setting"])
def test_the_three_missing_answers_fit_every_question(question, text):
    assert is_missing(parse_value(BOOK, BOOK.question(question), text))


def test_the_three_missing_answers_stay_apart():
    assert (
        len(
            {
                parse_value(BOOK, BOOK.question("clusters"), text)
                for text in ("not reported", "not applicable", "unclear")
            }
        )
        == 3
    )


@pytest.mark.parametrize(
    ("question", "text", "message"),
    [
        ("n_randomised", "1,583", "not a whole number"),
        ("followup_months", "0,5", "not a number"),
        ("followup_months", "nan", "not a number"),
        ("followup_months", "1_0", "not a number"),
        ("cost_data", "maybe", "neither yes nor no"),
        ("country", "Uganda", "does not fit country"),
        ("setting", "schol", "unknown code 'schol'"),
    ],
)
def test_what_does_not_fit_is_refused(question, text, message):
    with pytest.raises(UsageError, match=message):
        parse_value(BOOK, BOOK.question(question), text)


def test_long_and_wide_sheets_give_the_same_answers():
    long = answers("study,question,value\nsasa,clusters,8\nsasa,n_randomised,1583\n")
    wide = answers("study,clusters,n_randomised\nsasa,8,1583\n")
    assert long == wide


def test_a_blank_cell_is_no_answer():
    assert [row["study_id"] for row in answers("study,clusters\nsasa,\nimage,8\n")] == ["image"]


def test_all_mistakes_are_named_at_once_with_their_lines():
    with pytest.raises(BadSheet, match=r"a.csv:2: unknown study 'sassa'") as fault:
        answers("study,question,value\nsassa,clusters,8\nimage,clusters,eight\nimage,clustres,8\n")
    assert [problem.line for problem in fault.value.problems] == [2, 3, 4]
    assert fault.value.lines() == [
        "a.csv:2: unknown study 'sassa'",
        "2 more problems in this file",
        "Did you mean sasa?",
        "Nothing was written",
    ]


def test_an_unknown_column_is_a_mistake_in_the_header():
    with pytest.raises(BadSheet, match=r"a.csv:1: unknown column 'clustres'") as fault:
        answers("study,clustres\nsasa,8\n")
    assert fault.value.hint == "Did you mean clusters?"


def test_one_person_answers_a_question_once_in_a_sheet():
    with pytest.raises(BadSheet, match=r"a.csv:3: sasa answers 'clusters' twice \(first in line 2\)"):
        answers("study,clusters\nsasa,8\nsasa,9\n")


def test_several_findings_of_a_study_have_names():
    rows = answers("study,effect,finding\nsasa,f1,One\nsasa,f2,Two\n")
    assert [row["effect_id"] for row in rows] == ["f1", "f2"]


def test_a_quote_gets_its_place_in_the_document():
    coder = Coder("ana", "We randomised 1583 people.", "abc")
    row = answers("study,question,value,quote\nsasa,n_randomised,1583,randomised 1583 people\n", coder)[0]
    assert (row["start"], row["end"], row["document_sha256"]) == (3, 25, "abc")


def test_a_quote_that_does_not_stand_in_the_document_is_refused():
    coder = Coder("ana", "We randomised 1583 people.", "abc")
    with pytest.raises(BadSheet, match="the quote does not stand in the document"):
        answers("study,question,value,quote\nsasa,n_randomised,1583,1583 were randomised\n", coder)


def test_labels_take_synonyms_and_keep_ids():
    sheet = parse_sheet(
        "study,axis,term,level\nsasa,setting,court-mandated,\nsasa,progress_plus,edad,2\nsasa,country,UGA,\n"
    )
    rows = read_labels(sheet, BOOK, STUDIES, ANA)
    assert [(row["axis"], row["term"], row["level"]) for row in rows] == [
        ("setting", "court", None),
        ("progress_plus", "age", 2),
        ("country", "UGA", None),
    ]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("sasa,setting,court,2", "'2' is no level of setting"),
        ("sasa,progress_plus,age,6", "'6' is no level"),
        ("sasa,settings,court,", "unknown question 'settings'"),
        ("sasa,setting,,", "no term for setting"),
    ],
)
def test_wrong_labels_are_refused(row, message):
    with pytest.raises(BadSheet, match=message):
        read_labels(parse_sheet(f"study,axis,term,level\n{row}\n"), BOOK, STUDIES, ANA)


def test_effects_become_numbers_and_codes():
    sheet = parse_sheet(
        "id,study,outcome,outcome_domain,informant,measure,estimate,ci_low,direction\n"
        "e1,sasa,hit,violencia física,Survivors,RR,0.48,.16,favours\n"
    )
    row = read_effects(sheet, BOOK, STUDIES, ANA)[0]
    assert (row["estimate"], row["ci_low"], row["outcome_domain"], row["informant"]) == (
        0.48,
        0.16,
        "physical IPV",
        "survivors",
    )
    assert (row["status"], row["extractor"]) == ("human", "ana")


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ("e1,sasa,hit,RR,0.48,favors", "unknown direction 'favors'"),
        ("e1,sasa,hit,RR,half,none", "'half' is not a number"),
        ("e1,sasa,,RR,1,none", "no outcome"),
        (",sasa,hit,RR,1,none", "an effect needs an id"),
        ("e1,sasa,hit,RR,1,none\ne1,sasa,hit,RR,1,none", "effect 'e1' stands twice"),
    ],
)
def test_wrong_effects_are_refused(cells, message):
    sheet = parse_sheet(f"id,study,outcome,measure,estimate,direction\n{cells}\n")
    with pytest.raises(BadSheet, match=message):
        read_effects(sheet, BOOK, STUDIES, ANA)


def test_a_blank_form_comes_back_empty():
    header, *rows = blank_form(BOOK, {"sasa": "SASA!", "image": "IMAGE"})
    text = "\n".join(",".join(row) for row in [header, *rows])
    assert {"population", "n_randomised"} <= set(header)
    assert answers(text + "\n") == []


def test_values_are_shown_as_they_are_written():
    assert [show_value(value) for value in (True, ["a", "b"], 8.0, 0.5, None)] == ["yes", "a;b", "8", "0.5", ""]
