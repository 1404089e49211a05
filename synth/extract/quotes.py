"""Quotes: whether a sentence stands word for word in a document, and where.

Before comparing, both are normalised: compatible letters and ligatures are unified (NFKC), every dash and minus becomes
"-", every quotation mark becomes straight, soft hyphens and hyphens at a line's end go, runs of space become one space.
Case and every other letter must be the same.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_DASHES = "‐‑‒–—―−﹣－"
_SINGLE = "‘’‚‛′"
_DOUBLE = "“”„‟″«»"
_SAME = {
    **dict.fromkeys(_DASHES, "-"),
    **dict.fromkeys(_SINGLE, "'"),
    **dict.fromkeys(_DOUBLE, '"'),
    "·": ".",
    "˙": ".",
}
_HIDDEN = frozenset("\u00ad\u200b\u200c\u200d\ufeff")
_LINE_HYPHEN = re.compile(r"(?<=\w)(?:-|\u2010|\ufffe)[ \t]*\r?\n[ \t]*(?=[a-zà-ÿ])|\ufffe")
_PIECE = re.compile(r".[\u0300-\u036f]*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Span:
    """A place in a text: characters ``start`` (0-based) up to ``end`` (not included)."""

    start: int
    end: int


def normalise_quote(text: str) -> str:
    """``text`` as it is compared."""
    return _normalise(text)[0].strip()


def find_quote(quote: str, text: str) -> Span | None:
    """Where ``quote`` stands in ``text`` for the first time, in offsets of ``text`` as given; None if it does not."""
    wanted = normalise_quote(quote)
    if not wanted:
        return None
    normal, places = _normalise(text)
    start = normal.find(wanted)
    if start < 0:
        return None
    return Span(places[start][0], places[start + len(wanted) - 1][1])


def _normalise(text: str) -> tuple[str, list[tuple[int, int]]]:
    """The normalised text and, for each of its characters, the stretch of ``text`` that it stands for."""
    letters: list[str] = []
    places: list[tuple[int, int]] = []
    skipped = {place for match in _LINE_HYPHEN.finditer(text) for place in range(*match.span())}
    for match in _PIECE.finditer(text):
        if match.start() in skipped:
            continue
        for letter in _unify(match.group()):
            if letter == " " and letters[-1:] == [" "]:
                places[-1] = (places[-1][0], match.end())
                continue
            letters.append(letter)
            places.append(match.span())
    return "".join(letters), places


def _unify(piece: str) -> str:
    if piece in _HIDDEN:
        return ""
    return "".join(
        " " if letter.isspace() else _SAME.get(letter, letter)
        for letter in unicodedata.normalize("NFKC", _SAME.get(piece, piece))
    )
