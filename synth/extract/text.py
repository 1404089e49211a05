"""Texts as programs read them: normalised, with a map from every character back to the source.

Compatible letters and ligatures are unified (NFKC), every dash and minus becomes "-", every quotation mark becomes
straight, a middle dot becomes a point, soft hyphens and hyphens at a line's end go, runs of space become one space.
Case and every other letter stay. Whatever is found in the normalised text is quoted from the source.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
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
    "∙": ".",
    "⋅": ".",
}
_HIDDEN = frozenset("\u00ad\u200b\u200c\u200d\ufeff")
# what is not left as it is: a hyphen at a line's end, space that is not one blank, anything beyond ASCII
_CHANGES = re.compile(
    r"(?<=\w)(?:-|\u2010|\ufffe|\u00ad)[ \t]*\r?\n[ \t]*(?=[a-zà-ÿ])|\ufffe"
    r"|[ ](?=\s)\s+|[^\S ]\s*|.[\u0300-\u036f]+|[^\x00-\x7f]",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Span:
    """A place in a text: characters ``start`` (0-based) up to ``end`` (not included)."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Text:
    """A normalised ``text`` and its ``source``; ``starts`` and ``ends`` give each character's stretch of the source."""

    source: str
    text: str
    starts: array[int]
    ends: array[int]

    def span(self, start: int, end: int) -> Span:
        """Where ``text[start:end]`` (not empty) stands in the source."""
        return Span(self.starts[start], self.ends[end - 1])

    def quote(self, start: int, end: int) -> str:
        """``text[start:end]`` as the source has it, letter for letter."""
        place = self.span(start, end)
        return self.source[place.start : place.end]


def read_text(source: str) -> Text:
    """Normalise ``source`` and remember where every character came from."""
    letters: list[str] = []
    starts, ends = array("l"), array("l")

    def keep(piece: str, start: int, end: int) -> None:
        for letter in piece:
            if letter == " " and letters and letters[-1][-1] == " ":
                ends[-1] = end
                continue
            letters.append(letter)
            starts.append(start)
            ends.append(end)

    def keep_plain(start: int, end: int) -> None:
        if start < end and source[start] == " ":
            keep(" ", start, start + 1)
            start += 1
        if start < end:
            letters.append(source[start:end])
            starts.extend(range(start, end))
            ends.extend(range(start + 1, end + 1))

    place = 0
    for match in _CHANGES.finditer(source):
        keep_plain(place, match.start())
        keep(_unify(match.group()), *match.span())
        place = match.end()
    keep_plain(place, len(source))
    return Text(source, "".join(letters), starts, ends)


def _unify(piece: str) -> str:
    """What a piece that does not stay as it is turns into."""
    if piece in _HIDDEN or piece == "\ufffe":
        return ""
    if piece.isspace():
        return " "
    if piece[0] in "-\u2010\ufffe\u00ad" and piece[-1] in "\n \t":
        return ""
    return "".join(
        " " if letter.isspace() else _SAME.get(letter, letter)
        for letter in unicodedata.normalize("NFKC", _SAME.get(piece, piece))
    )
