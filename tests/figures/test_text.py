"""Measuring and wrapping."""

from hypothesis import given, settings
from hypothesis import strategies as st
from synth.figures.text import plain, text_width, wrap_text

LONG = "Effect of a combined community mobilisation and men's group programme on intimate partner violence"


def test_wrapped_lines_are_no_wider_than_asked_for():
    lines = wrap_text(LONG, 120)
    assert len(lines) > 2
    assert all(text_width(line) <= 120 for line in lines)
    assert " ".join(lines) == LONG


def test_chinese_breaks_between_letters_and_keeps_punctuation_with_the_letter_before():
    lines = wrap_text("预防亲密伴侣暴力的社区干预：随机对照试验", 60)
    assert "".join(lines) == "预防亲密伴侣暴力的社区干预：随机对照试验"
    assert not any(line.startswith("：") for line in lines)


def test_a_text_of_thousands_of_letters_ends_in_dots_on_the_last_line():
    lines = wrap_text("word " * 500, 100, most_lines=3)
    assert len(lines) == 3
    assert lines[-1].endswith("…")


def test_a_no_break_space_holds_words_together():
    assert wrap_text("screened (n\u00a0=\u00a0301)", text_width("screened (n =")) == ["screened", "(n = 301)"]


def test_control_characters_become_spaces():
    assert plain("a\x00b\r\n\tc\ud800d\u202ee") == "a b c d e"


def test_bold_is_wider_and_nothing_has_no_width():
    assert text_width("Study", bold=True) > text_width("Study")
    assert text_width("") == 0


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=60), st.floats(20, 300))
def test_wrapping_loses_no_letter(text, width):
    assert "".join(wrap_text(text, width)).replace(" ", "") == plain(text).replace("\u00a0", " ").replace(" ", "")
