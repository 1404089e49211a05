"""How many took part: numbers beside words for people, the surest place first; no answer where nothing is sure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from synth.extract.text import Span, Text

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_WORDS = {word: value for value, word in enumerate(_SMALL.split())}
_WORDS |= {word: 10 * value for value, word in enumerate(_TENS.split(), 2)}
_SPELLED = r"(?:[A-Za-z]+[- ]){0,6}[A-Za-z]+"
_DIGITS = r"(?<![\d.,-])(?P<n>\d{1,3}(?:[, ]\d{3})+|\d{1,7})(?![\d.]*%)(?![.,]?\d)"
_PEOPLE = (
    r"(?:participants?|patients?|women|men|adults?|children|adolescents?|students?|subjects?|individuals?|people|persons|"
    r"respondents?|mothers?|girls|boys|youths?|veterans?|pupils|families|households?|couples|infants?|volunteers|"
    r"residents|offenders|employees|workers|nurses|physicians|interviewees|caregivers|parents|survivors|cases|females|males)"
)
_MANY = r"(?:[\w'-]+ ){0,4}?"
_DONE = (
    r"(?:randomi[sz]ed|randomly (?:assigned|allocated)|enrol+ed|recruited|included|assigned|allocated|surveyed|"
    r"interviewed|analy[sz]ed)"
)
_RULES: tuple[tuple[float, re.Pattern[str]], ...] = (
    (0.95, re.compile(rf"(?:total of|in total,?|overall,?) {_DIGITS} {_MANY}{_PEOPLE}\b", re.IGNORECASE)),
    (0.95, re.compile(rf"{_DIGITS} {_MANY}{_PEOPLE}\b[^.;]{{0,60}}?\b{_DONE}", re.IGNORECASE)),
    (0.9, re.compile(rf"\b{_DONE}\b[^.;\d]{{0,30}}{_DIGITS} {_MANY}{_PEOPLE}\b", re.IGNORECASE)),
    (0.8, re.compile(rf"\b(?:of|among|in|from|with) {_DIGITS} {_MANY}{_PEOPLE}\b", re.IGNORECASE)),
    (0.7, re.compile(rf"\b[Nn] ?= ?{_DIGITS}")),
    (0.6, re.compile(rf"{_DIGITS} {_MANY}{_PEOPLE}\b", re.IGNORECASE)),
)
_STUDIES = re.compile(rf"{_DIGITS} (?:[\w-]+ ){{0,4}}?(?:studies|trials|articles|papers|RCTs|reviews|publications)\b")
_SPELLED_RULE = re.compile(rf"(?:^|(?<=[.:] ))(?P<words>{_SPELLED}) {_MANY}{_PEOPLE}\b")
_LEAST = 4


@dataclass(frozen=True, slots=True)
class SampleSize:
    """A number of people (of studies, in a review), its confidence (0 to 1) and where it stands."""

    n: int
    confidence: float
    span: Span


def find_sample_size(text: Text, *, review: bool = False) -> SampleSize | None:
    """The number of participants, or of studies where the text is a ``review``; None where no rule finds one."""
    if review:
        found = [_read(match, 0.7, text) for match in _STUDIES.finditer(text.text)]
        return max(found, key=lambda size: size.n, default=None)
    for confidence, pattern in _RULES:
        sizes = [_read(match, confidence, text) for match in pattern.finditer(text.text)]
        sizes = [size for size in sizes if size.n >= _LEAST and not 1900 <= size.n <= 2030]
        if sizes:
            return max(sizes, key=lambda size: size.n)
    return _find_spelled(text)


def _read(match: re.Match[str], confidence: float, text: Text) -> SampleSize:
    return SampleSize(int(re.sub(r"\D", "", match["n"])), confidence, text.span(match.start(), match.end()))


def _find_spelled(text: Text) -> SampleSize | None:
    """``Two hundred and thirty-one women``, at the start of a sentence."""
    for match in _SPELLED_RULE.finditer(text.text):
        number = read_number(match["words"])
        if number is not None and number >= _LEAST:
            return SampleSize(number, 0.8, text.span(match.start(), match.end()))
    return None


def read_number(words: str) -> int | None:
    """A number spelled in English (below a million), or None."""
    total, part, seen = 0, 0, False
    for word in re.findall(r"[a-z]+", words.lower()):
        if word in _WORDS:
            part, seen = part + _WORDS[word], True
        elif word == "hundred" and part:
            part *= 100
        elif word == "thousand" and part:
            total, part = total + 1000 * part, 0
        elif word != "and" or not seen:
            return None
    return total + part if seen else None
