import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from synth.errors import UnreadableInput, UsageError
from synth.vocab.codebooks import load_codebook, read_codebook, shipped_codebooks, term_tree

HEAD = 'codebook: {id: mine, version: "1", licence: CC0-1.0, language: en}\n'


def write(folder, text, name="mine.yaml"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_both_shipped_codebooks_are_listed_and_load():
    assert shipped_codebooks() == ("progress-plus", "violence-prevention")
    for name in shipped_codebooks():
        assert load_codebook(name).licence == "CC0-1.0"


def test_violence_prevention_extends_progress_plus():
    book = load_codebook("violence-prevention")
    assert len(book.question("progress_plus").grades) == 6
    assert {"population", "setting", "voice", "evidence_type", "outcome"} <= set(book.axes())


def test_every_axis_has_unique_terms_with_labels():
    book = load_codebook("violence-prevention")
    for axis in book.axes():
        ids = [placed.id for placed in book.terms_of(axis)]
        assert len(ids) == len(set(ids))
        assert all(placed.term.label for placed in book.terms_of(axis))


def test_terms_come_parents_first_with_their_depth():
    placed = {each.id: each for each in load_codebook("violence-prevention").terms_of("population")}
    assert placed["perp-autism"].depth == 2
    assert placed["perp-autism"].parents == ("perpetrators", "perp-neuro")


@pytest.mark.parametrize("word", ["maltratador", "AUTEUR DE VIOLENCES", "施暴者", " Batterer ", "perpetrators"])
def test_a_term_is_found_by_id_label_or_synonym_in_any_case(word):
    assert load_codebook("violence-prevention").find_term("population", word).id == "perpetrators"


@given(st.text(max_size=30))
def test_a_word_is_found_or_refused_in_words(word):
    book = load_codebook("violence-prevention")
    with contextlib.suppress(UsageError):
        assert book.has_term("setting", book.find_term("setting", word).id)


def test_an_unknown_code_names_the_nearest():
    with pytest.raises(UsageError, match="unknown code 'comunity' for setting") as fault:
        load_codebook("violence-prevention").find_term("setting", "comunity")
    assert fault.value.hint == "Did you mean community?"


def test_a_label_of_several_terms_is_not_guessed():
    with pytest.raises(UsageError, match="fits several codes of population") as fault:
        load_codebook("violence-prevention").find_term("population", "older people")
    assert "surv-older" in fault.value.hint


def test_voice_borrows_the_terms_of_informant():
    book = load_codebook("violence-prevention")
    assert book.question("voice").terms == book.question("informant").terms


def test_a_teams_codebook_extends_a_shipped_one_and_may_replace_a_question(tmp_path):
    path = write(
        tmp_path,
        HEAD.replace("language: en", "language: en, extends: [progress-plus]")
        + """questions:
- {id: country, label: Country, level: study, type: text}
- {id: progress_plus, label: Short list, level: study, type: many, codes: [{id: age}]}
""",
    )
    book = load_codebook(path)
    assert [question.id for question in book.questions] == ["country", "progress_plus"]
    assert [placed.id for placed in book.terms_of("progress_plus")] == ["age"]


def test_terms_become_plain_nested_values():
    tree = term_tree(load_codebook("violence-prevention").question("setting").terms)
    home = next(node for node in tree if node["id"] == "home")
    assert [node["id"] for node in home["children"]] == ["couple", "family"]


MALFORMED = {
    "twice": (
        "questions:\n- {id: a, level: study, type: text}\n- {id: a, level: study, type: text}\n",
        r"mine.yaml:4: id 'a' stands twice \(first in line 3\)",
    ),
    "term twice": (
        "questions:\n- id: a\n  level: study\n  type: one\n  codes:\n  - {id: x}\n  - {id: y, children: [{id: x}]}\n",
        r"mine.yaml:8: id 'x' stands twice",
    ),
    "level": ("questions:\n- {id: a, level: studdy, type: text}\n", "mine.yaml:3: unknown level 'studdy'"),
    "type": ("questions:\n- {id: a, level: study, type: number}\n", "mine.yaml:3: unknown type 'number'"),
    "key": ("questions:\n- {id: a, level: study, type: text, lable: A}\n", "mine.yaml:3: unknown key 'lable'"),
    "no codes": ("questions:\n- {id: a, level: study, type: one}\n", "has type one but no codes"),
    "codes": ("questions:\n- {id: a, level: study, type: text, codes: [{id: x}]}\n", "has codes but type text"),
    "plain code": ("questions:\n- {id: a, level: study, type: one, codes: [x]}\n", "a code must be a mapping"),
    "pattern": ("questions:\n- {id: a, level: study, type: text, pattern: '('}\n", "is not a regular expression"),
    "codes_of": ("questions:\n- {id: a, level: study, type: one, codes_of: b}\n", "codes_of names 'b'"),
    "no questions": ("", "mine.yaml:1: not a codebook"),
    "yaml": ("questions: [\n", "mine.yaml:3:"),
    "key twice": ("questions: []\nquestions: []\n", "mine.yaml:3: 'questions' stands twice"),
    "alias": ("questions:\n- &one {id: a, level: study, type: text}\n- *one\n", "aliases are not allowed"),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_a_malformed_codebook_is_refused_with_its_place(tmp_path, case):
    text, message = MALFORMED[case]
    with pytest.raises(UsageError, match=message):
        read_codebook(write(tmp_path, HEAD + text))


def test_python_objects_in_yaml_are_not_made(tmp_path):
    with pytest.raises(UsageError, match="could not determine a constructor"):
        read_codebook(write(tmp_path, HEAD + "questions: !!python/object/apply:os.getcwd []\n"))


def test_a_circle_of_extensions_is_refused(tmp_path):
    for name, other in (("a.yaml", "b.yaml"), ("b.yaml", "a.yaml")):
        write(tmp_path, f'codebook: {{id: {name[0]}, version: "1", extends: [{other}]}}\nquestions: []\n', name)
    with pytest.raises(UsageError, match=r"extends itself by way of a\.yaml"):
        read_codebook(tmp_path / "a.yaml")


def test_unknown_and_missing_codebooks_are_told_apart(tmp_path):
    with pytest.raises(UsageError, match="unknown codebook 'violence'"):
        load_codebook("violence")
    with pytest.raises(UnreadableInput, match="no such file"):
        load_codebook(tmp_path / "none.yaml")
