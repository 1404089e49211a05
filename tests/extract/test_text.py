"""Normalised texts and the way back to the source."""

from hypothesis import given
from hypothesis import strategies as st
from synth.extract.text import read_text

_ODD = st.text(alphabet=st.sampled_from(list("ab -\n\t\r.·−–ﬁﬀ\u00ad\u200b\ufffe\u00a0é½\u0301")), max_size=60)


def test_middle_dots_and_minus_signs_become_points_and_hyphens():
    assert read_text("OR 1·82 (95% CI −0·5–3·1)").text == "OR 1.82 (95% CI -0.5-3.1)"


def test_a_hyphen_at_the_end_of_a_line_joins_the_word():
    text = read_text("randomi-\n  sed trial")
    assert text.text == "randomised trial"
    assert text.quote(0, 10) == "randomi-\n  sed"


def test_a_ligature_is_two_letters_that_stand_at_one_place():
    text = read_text("con\ufb01dence")
    assert text.text == "confidence"
    assert text.quote(3, 5) == "\ufb01"


def test_runs_of_space_are_one_blank():
    text = read_text("a  \n\u00a0 b")
    assert text.text == "a b"
    assert (text.span(1, 2).start, text.span(1, 2).end) == (1, 6)


@given(_ODD)
def test_every_character_leads_back_to_a_stretch_of_the_source(source):
    text = read_text(source)
    assert len(text.text) == len(text.starts) == len(text.ends)
    assert all(0 <= a < b <= len(source) for a, b in zip(text.starts, text.ends, strict=True))
    assert list(text.starts) == sorted(text.starts)
    assert "  " not in text.text


@given(_ODD)
def test_a_quote_of_the_source_normalises_to_what_was_found(source):
    text = read_text(source)
    if text.text.strip():
        whole = text.quote(0, len(text.text))
        assert read_text(whole).text.strip() == text.text.strip()
