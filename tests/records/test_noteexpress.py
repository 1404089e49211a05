"""NoteExpress and CNKI's own text: people and keywords between semicolons, translated titles, Chinese tags."""

from __future__ import annotations

from pathlib import Path

import pytest
from synth.records import read_file
from synth.records.formats.noteexpress import read_names

FILES = Path(__file__).parent / "files"


def test_a_translated_title_is_kept_with_its_language() -> None:
    first, second = read_file(FILES / "noteexpress_wanfang.net").records
    assert [(text.text, text.lang) for text in first.titles] == [("Alpha tea and sleep", "en"), ("茶与睡眠", "zh")]
    assert first.abstract == "A summary on two lines."
    assert (first.affiliations, second.authors) == (("北京大学", "复旦大学"), ("张伟", "刘洋"))


@pytest.mark.parametrize(
    ("value", "names"),
    [("王芳;李强;", ["王芳", "李强"]), ("张伟,刘洋", ["张伟", "刘洋"]), ("张伟、刘洋", ["张伟", "刘洋"]),
     ("Author, Anna", ["Author, Anna"]), ("", [])],
)  # fmt: skip
def test_people_are_told_apart_whatever_stands_between_them(value: str, names: list[str]) -> None:
    assert read_names(value) == names


def test_tags_of_an_english_and_a_chinese_word_are_read_by_the_english_one() -> None:
    reading = read_file(FILES / "cnki_text.txt")
    first, second = reading.records
    assert (first.container, first.pages, first.issue, first.date_raw) == ("茶与健康", "161", "07", "2001-04-01")
    assert (first.ids, second.type) == ({"cnki": "XXJK200107080"}, "thesis")
    assert first.raw[1] == ("Title-题名", "Alpha tea and sleep", 2)
    assert reading.database == "CNKI"
