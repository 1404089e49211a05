"""Judgements about the risk of bias, of any tool: a sign, a colour and a word, so that none stands for all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from synth.figures.style import INK, LINE, PAPER, QUIET


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict: its word, the sign in its disc, the colours of both, and its rank from best (0) to worst."""

    word: str
    sign: str
    fill: str
    ink: str
    rank: int


LOW = Judgement("Low", "+", "#1a7f5a", PAPER, 0)
SOME = Judgement("Some concerns", "!", "#f0c94a", INK, 2)
MODERATE = Judgement("Moderate", "~", "#f0c94a", INK, 3)
UNCLEAR = Judgement("Unclear", "?", "#f7e3a1", INK, 4)
HIGH = Judgement("High", "−", "#b3401e", PAPER, 5)
SERIOUS = Judgement("Serious", "−", "#b3401e", PAPER, 6)
CRITICAL = Judgement("Critical", "×", "#6e1f0a", PAPER, 7)
NO_INFORMATION = Judgement("No information", "0", LINE, INK, 8)
NOT_APPLICABLE = Judgement("Not applicable", "", PAPER, QUIET, 9)
_VERY_LOW = Judgement("Very low", "+", "#0e4f38", PAPER, -1)
_PROBABLY_LOW = Judgement("Probably low", "+", "#8fc9b1", INK, 1)
_PROBABLY_HIGH = Judgement("Probably high", "−", "#e39a80", INK, 4)

_NAMES = {
    "low": LOW,
    "low risk": LOW,
    "low risk of bias": LOW,
    "+": LOW,
    "definitely low": LOW,
    "some concerns": SOME,
    "some": SOME,
    "!": SOME,
    "moderate": MODERATE,
    "moderate risk": MODERATE,
    "medium": MODERATE,
    "~": MODERATE,
    "unclear": UNCLEAR,
    "unclear risk": UNCLEAR,
    "?": UNCLEAR,
    "high": HIGH,
    "high risk": HIGH,
    "high risk of bias": HIGH,
    "-": HIGH,
    "−": HIGH,
    "–": HIGH,
    "definitely high": HIGH,
    "serious": SERIOUS,
    "serious risk": SERIOUS,
    "critical": CRITICAL,
    "critical risk": CRITICAL,
    "x": CRITICAL,
    "×": CRITICAL,
    "no information": NO_INFORMATION,
    "not reported": NO_INFORMATION,
    "ni": NO_INFORMATION,
    "not applicable": NOT_APPLICABLE,
    "na": NOT_APPLICABLE,
    "n/a": NOT_APPLICABLE,
    "very low": _VERY_LOW,
    "probably low": _PROBABLY_LOW,
    "probably high": _PROBABLY_HIGH,
}
"""Words of RoB 2, ROBINS-I, QUADAS-2, the older Cochrane tool and OHAT, with the signs that stand for them."""


def find_judgement(text: str) -> Judgement:
    """The judgement called ``text``; a word of an unknown tool is a grey disc with its first letter."""
    word = " ".join(text.split())
    if not word:
        return NOT_APPLICABLE
    known = _NAMES.get(word.casefold())
    return known or Judgement(word, word[0].upper(), LINE, INK, 10)


def are_judgements(values: Iterable[str]) -> bool:
    """Whether all of ``values`` that are not empty are words of a known tool, and there is one at least."""
    words = {" ".join(value.split()).casefold() for value in values} - {""}
    return bool(words) and words <= set(_NAMES)


def legend_of(values: Iterable[str]) -> tuple[Judgement, ...]:
    """The different judgements among ``values``, the best first."""
    found = {judgement.word: judgement for judgement in map(find_judgement, values) if judgement.sign}
    return tuple(sorted(found.values(), key=lambda one: (one.rank, one.word)))
