"""Looks of forest plots in the manner of journals: colours, brackets and decimal signs, never numbers."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

from synth.errors import UsageError
from synth.figures.style import ACCENT, INK


@dataclass(frozen=True, slots=True)
class Look:
    """``brackets`` open, part and close an interval; ``point`` is the decimal sign; the rest are colours."""

    name: str = "plain"
    brackets: tuple[str, str, str] = ("[", ",", "]")
    point: str = "."
    square: str = INK
    diamond: str = ACCENT
    line: str = ACCENT

    def dot(self, text: str) -> str:
        """``text`` with the look's decimal sign."""
        return text if self.point == "." else text.replace(".", self.point)

    def head(self, text: str) -> str:
        """The head of a column of intervals, with the look's brackets."""
        return text.replace("[", self.brackets[0]).replace("]", self.brackets[2])

    def interval(self, low: str, high: str) -> tuple[str, str]:
        """The two halves of an interval, each for a column of its own."""
        opened, part, closed = self.brackets
        return f"{opened}{low}{part}", f"{high}{closed}"


LOOKS = {
    "plain": Look(),
    "cochrane": Look("cochrane", square="#2f5fb3", diamond=INK, line=INK),
    "bmj": Look("bmj", ("(", " to", ")"), square="#2a6ebb", diamond="#2a6ebb", line="#2a6ebb"),
    "lancet": Look("lancet", ("(", "–", ")"), "·", square=INK, diamond="#8c1d40", line="#8c1d40"),
    "jama": Look("jama", ("(", " to", ")"), square="#4f6d8f", diamond="#b0631c", line="#b0631c"),
}
"""In the manner of RevMan and of journals; "plain" is ours."""


def find_look(name: str) -> Look:
    """The look called ``name``. Raises UsageError with the nearest name."""
    found = LOOKS.get(name.casefold())
    if found:
        return found
    near = get_close_matches(name.casefold(), LOOKS, n=1)
    raise UsageError(
        f'There is no preset "{name}"',
        why=f"Known are {', '.join(LOOKS)}",
        hint=f"Did you mean {near[0]}?" if near else "Choose one of these",
    )
