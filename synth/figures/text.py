"""Text by its measured width: what a line takes, where it wraps, and what may not be printed at all."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from synth.figures.style import TEXT_PT, first_font, fonts_for, our_style

if TYPE_CHECKING:
    from matplotlib.backends.backend_agg import RendererAgg

_FINE = 720
"""Dots per inch of the measuring page: ten dots a point, so that rounding to whole dots does not show."""
_NO_BREAK = "\u00a0"
LINE_HEIGHT = 1.25
"""Distance of two lines of one text, in sizes."""


def plain(text: object) -> str:
    """``text`` on one line: control characters and line breaks become spaces, runs of spaces become one.

    A no-break space stays one until lines are made.
    """
    letters = (letter if _may_stand(letter) else " " for letter in str(text))
    return " ".join(word for word in "".join(letters).split(" ") if word)


def _may_stand(letter: str) -> bool:
    """Controls, lone surrogates and unassigned code points may not; joiners are needed by Indic and Arabic scripts."""
    return letter in "\u200c\u200d" or unicodedata.category(letter) not in ("Cc", "Cs", "Cn", "Co", "Cf", "Zl", "Zp")


@lru_cache(maxsize=1)
def _measuring_page() -> RendererAgg:
    from matplotlib.backends.backend_agg import RendererAgg

    return RendererAgg(10, 10, _FINE)


def text_width(text: str, size: float = TEXT_PT, *, bold: bool = False) -> float:
    """Width of one line of ``text`` in points.

    Wide letters (Chinese, Japanese, Korean) count at least one size each: where no installed font has them the box
    that stands for them is narrower than the letter that a reader's machine will show.
    """
    return _measure(text, size, bold, first_font()) if text else 0.0


@lru_cache(maxsize=50_000)
def _measure(text: str, size: float, bold: bool, font: str) -> float:
    from matplotlib.font_manager import FontProperties

    with our_style(font):
        looks = FontProperties(size=size, weight="bold" if bold else "normal", family=fonts_for(text))
        width = _measuring_page().get_text_width_height_descent(text, looks, ismath=False)[0]
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return float(max(width * 72 / _FINE, wide * size))


def wrap_text(
    text: str, width: float, size: float = TEXT_PT, *, bold: bool = False, most_lines: int | None = None
) -> list[str]:
    """``text`` as lines of at most ``width`` points; with more than ``most_lines`` the last one ends in "…".

    Lines break at spaces, between wide letters, and inside a word only where the word alone is wider than a line.
    """
    return [line.replace(_NO_BREAK, " ") for line in _break_lines(text, width, size, bold, most_lines)]


def _break_lines(text: str, width: float, size: float, bold: bool, most_lines: int | None) -> list[str]:
    lines: list[str] = []
    line = ""
    for piece in _pieces(plain(text), width, size, bold):
        if line and text_width((line + piece).rstrip(), size, bold=bold) > width:
            lines.append(line.rstrip())
            line = ""
            if most_lines and len(lines) > most_lines:
                break
        line += piece if line else piece.lstrip()
    if line.strip():
        lines.append(line.rstrip())
    return _cut_lines(lines, width, size, bold=bold, most_lines=most_lines) or [""]


def _cut_lines(lines: list[str], width: float, size: float, *, bold: bool, most_lines: int | None) -> list[str]:
    if most_lines is None or len(lines) <= most_lines:
        return lines
    last = lines[most_lines - 1]
    while last and text_width(last + "…", size, bold=bold) > width:
        last = last[:-1].rstrip()
    return [*lines[: most_lines - 1], last + "…"]


def _pieces(text: str, width: float, size: float, bold: bool) -> list[str]:
    """What may stand alone on a line, with the space after it."""
    found: list[str] = []
    for word in text.split(" "):
        parts = _split_wide(word)
        for part in parts:
            found.extend(_chop(part, width, size, bold) if text_width(part, size, bold=bold) > width else [part])
        found[-1] += " "
    return found


def _split_wide(word: str) -> list[str]:
    """A word cut between wide letters; punctuation stays with the letter before it."""
    parts = [""]
    for letter in word:
        is_wide = unicodedata.east_asian_width(letter) in "WF"
        follows_wide = bool(parts[-1]) and unicodedata.east_asian_width(parts[-1][-1]) in "WF"
        starts = bool(parts[-1]) and (is_wide or follows_wide) and unicodedata.category(letter)[0] not in "PM"
        if starts:
            parts.append(letter)
        else:
            parts[-1] += letter
    return parts


def _chop(word: str, width: float, size: float, bold: bool) -> list[str]:
    """A word that is wider than a line, cut where it must be; marks stay with their letter."""
    parts = [""]
    for letter in word:
        joins = unicodedata.category(letter).startswith("M") or letter in "\u200c\u200d"
        if parts[-1] and not joins and text_width(parts[-1] + letter, size, bold=bold) > width:
            parts.append(letter)
        else:
            parts[-1] += letter
    return parts
