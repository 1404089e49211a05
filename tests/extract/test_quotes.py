import pytest
from hypothesis import given
from hypothesis import strategies as st
from synth.extract import find_quote, normalise_quote

TEXT = "Violence fell by 12·5 % in the inter-\nvention ﬁeld sites (OR 0.48, 95% CI −0.16 – 1.39)."


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("fell by 12.5 %", "fell by 12·5 %"),
        ("in the intervention field sites", "in the inter-\nvention ﬁeld sites"),
        ("CI -0.16 - 1.39", "CI −0.16 – 1.39"),
        ("Violence  fell\nby", "Violence fell by"),
    ],
)
def test_a_quote_is_found_at_its_place_in_the_text_as_it_stands(quote, found):
    span = find_quote(quote, TEXT)
    assert span is not None
    assert TEXT[span.start : span.end] == found


@pytest.mark.parametrize("quote", ["violence fell", "Violence dropped", "fell by 125 %", "", "   "])
def test_another_case_word_or_number_is_no_quote(quote):
    assert find_quote(quote, TEXT) is None


@given(st.text(max_size=60), st.data())
def test_every_piece_of_a_text_is_found_in_it(text, data):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    quote = text[start:end]
    span = find_quote(quote, text)
    if span is not None:
        assert normalise_quote(text[span.start : span.end]) == normalise_quote(quote)


def test_half_a_letter_is_no_quote():
    assert find_quote("3", "¾") is None
    assert find_quote("3", "¾ of 3") == find_quote("3", "x of 3")


@given(st.text("ab c.,-é", max_size=40), st.integers(0, 40), st.integers(0, 40))
def test_a_plain_piece_is_never_missed(text, start, end):
    quote = text[min(start, end) : max(start, end)]
    assert not quote.strip() or find_quote(quote, text) is not None
