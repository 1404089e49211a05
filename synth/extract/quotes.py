"""Quotes: whether a sentence stands word for word in a document, and where.

Before comparing, both are normalised as ``synth.extract.text`` says. Case and every other letter must be the same.
"""

from __future__ import annotations

from synth.extract.text import Span, read_text

__all__ = ["Span", "find_quote", "normalise_quote"]


def normalise_quote(text: str) -> str:
    """``text`` as it is compared."""
    return read_text(text).text.strip()


def find_quote(quote: str, text: str) -> Span | None:
    """Where ``quote`` stands in ``text`` for the first time, in offsets of ``text`` as given; None if it does not."""
    wanted = normalise_quote(quote)
    if not wanted:
        return None
    normal = read_text(text)
    start = normal.text.find(wanted)
    while start >= 0:
        span = normal.span(start, start + len(wanted))
        if normalise_quote(text[span.start : span.end]) == wanted:  # not half of a letter such as ¾
            return span
        start = normal.text.find(wanted, start + 1)
    return None
