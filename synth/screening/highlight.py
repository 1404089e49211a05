"""Where the words that a review looks for stand in a text."""

from __future__ import annotations

import re
from collections.abc import Iterable

_SMALL = frozenset(
    """
a about after all also an and any are as at be been before between both but by can do does during each effect
effective effects either from had has have how if in include included into is it its less may more most must
need no not of on one only or other our out over read record reduce should so some such than that the their them
then there these they this those to under us use used was we what when where which who whom why will with within
without would you
""".split()  # noqa: SIM905  a list would take a line a word
)
_LEAST = 3


def list_words(*texts: str, phrases: Iterable[str] = ()) -> tuple[str, ...]:
    """Words of a question and of criteria that are worth marking, and ``phrases`` as they are; longest first."""
    words = {word for text in texts for word in re.findall(r"\w+", text.lower())}
    chosen = {word for word in words if len(word) >= _LEAST and word not in _SMALL and not word.isdigit()}
    chosen |= {" ".join(phrase.lower().split()) for phrase in phrases} - {""}
    return tuple(sorted(chosen, key=lambda word: (-len(word), word)))


def find_spans(text: str, words: Iterable[str]) -> list[tuple[int, int]]:
    """Start and end of every place where one of ``words`` begins a word of ``text``.

    The rest of that word is marked with it (``school`` marks ``schools``). Places do not overlap and come in the order
    of the text.
    """
    patterns = [r"\s+".join(map(re.escape, word.split())) for word in words]
    if not patterns:
        return []
    return [found.span() for found in re.finditer(rf"(?i)\b(?:{'|'.join(patterns)})\w*", text)]
