"""Languages: as the text reads, where databases list them in no order that can be relied on."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from synth.records import read_file
from synth.records.languages import guess_language, guess_script, name_texts


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("RESUMO Objetivo: analisar as contribuições das tecnologias na educação", "pt"),
        ("RESUMEN Objetivo: analizar las contribuciones de las tecnologías en la educación", "es"),
        ("To analyse the contributions of technologies to education", "en"),
        ("Analyser les apports des technologies dans l'enseignement", "fr"),
        ("Die Wirkung von Tee auf den Schlaf und die Erholung", "de"),
        ("茶与睡眠", "zh"), ("お茶と睡眠の研究", "ja"), ("차와 수면", "ko"), ("ชาและการนอน", "th"),
        ("Tea", ""), ("", ""), ("12345", ""),
    ],
)  # fmt: skip
def test_the_words_and_letters_of_a_text_show_its_language(text: str, code: str) -> None:
    assert guess_language(text) == code


def test_letters_that_serve_several_languages_show_none() -> None:
    assert guess_script("الشاي والنوم") == guess_script("Чай и сон") == ""


def test_texts_count_for_more_than_the_order_of_the_list() -> None:
    assert name_texts(["A formação do professor", "The training of teachers"], ["en", "pt"]) == ["pt", "en"]
    assert name_texts(["Tea", "Chá"], ["en", "pt"]) == ["en", "pt"]
    assert name_texts(["Tea for the people", "Tee"], ["en", "de"]) == ["en", "de"]
    assert name_texts(["Tea"], ["en", "pt"]) == [""]


@given(
    st.lists(st.text(max_size=40), min_size=1, max_size=4), st.lists(st.sampled_from(["en", "pt", "sw"]), max_size=3)
)
def test_every_text_gets_one_answer(texts: list[str], languages: list[str]) -> None:
    assert len(name_texts(texts, languages)) == len(texts)


@pytest.mark.shared
@pytest.mark.parametrize("name", ["scielo-1.ris", "lilacs-bvs-1.ris"])
def test_titles_and_abstracts_of_the_south_are_all_kept_and_named(shared: Path, name: str) -> None:
    """At least 99 % of 754 titles and abstracts, and never one language twice in a record."""
    records = read_file(shared / "formats" / "ris" / name).records
    several = [texts for record in records for texts in (record.titles, record.abstracts) if len(texts) > 1]
    named = [text.lang for texts in several for text in texts]
    assert sum(map(bool, named)) >= 0.99 * len(named)
    assert all(len({text.lang for text in texts}) == len(texts) for texts in several)
    written = [value for record in records for tag, value, _ in record.raw if tag == "AB" and value.strip()]
    assert len(written) == sum(len(record.abstracts) for record in records)
