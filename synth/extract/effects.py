"""Effect estimates with their confidence intervals, found in a text by rule; each is quoted word for word."""

from __future__ import annotations

import re
from dataclasses import dataclass

from synth.extract.text import Span, Text

_NUMBER = r"[-+]?\d{0,6}(?:\.\d{1,6})?(?<=\d)"
_NAMES = {
    "OR": r"(?:adjusted |pooled |crude |unadjusted |diagnostic )?odds[ -]ratios?|[acu]?ORs?",
    "RR": r"(?:adjusted |pooled |crude |unadjusted )?(?:relative risks?|risk ratios?|rate ratios?|"
    r"incidence rate ratios?|prevalence ratios?)|a?RRs?|a?IRRs?|a?PRs?",
    "HR": r"(?:adjusted |pooled |crude |unadjusted )?hazards?[ -]ratios?|a?HRs?",
    "RD": r"(?:absolute )?risk differences?|ARR|RDs?",
    "SMD": r"standardi[sz]ed mean differences?|SMDs?|effect sizes?|Cohen['s]{0,2} ?d|Hedges['s]{0,2} ?g",
    "MD": r"(?:adjusted |weighted )?mean differences?|W?MDs?|AMD",
    "B": r"regression coefficients?|beta|β",
    "COR": r"(?:Pearson )?correlation coefficients?|correlations?",
}
_MEASURE = "|".join(f"(?P<{name}>{words})" for name, words in _NAMES.items())
_LEVEL = r"(?:\d{2}(?:\.\d)? ?% ?)"
_CI = rf"{_LEVEL}?(?:confidence intervals?|CIs?|credible intervals?|CrIs?)(?: ?[\[(]?CI[\])]?)?"
_BETWEEN = rf"[\s,;:=\[\](]{{0,4}}(?:{_CI}|{_LEVEL})?[\s,;:=\[\](of]{{0,4}}"
_INTERVAL = rf"(?P<low>{_NUMBER}) ?%? ?(?:-|to|,|;|and) ?(?P<high>{_NUMBER})"
_SHORT = rf"(?: ?[\[(](?:[A-Za-z]{{2,6}}|{_CI})(?:[,;] ?(?:{_CI}|{_LEVEL}))?[\])])?"
_ESTIMATE = re.compile(
    rf"(?<![A-Za-z])(?:{_MEASURE})(?![A-Za-z]){_SHORT}[\s,:;=\[(]{{0,4}}(?:of|was|were|is|for|,)?"
    rf"[\s=:(\[]{{0,3}}(?P<point>{_NUMBER}) ?%?(?:{_BETWEEN}{_INTERVAL})?(?![\d%])"
)
_FURTHER = re.compile(
    rf"(?<![\d.])(?P<point>{_NUMBER})[\s,;:]{{0,2}}[\[(]? ?(?:{_CI})[\s,:;=\[(]{{0,3}}{_INTERVAL}(?![\d%])"
    rf"|(?<![\d.])(?P<bare>{_NUMBER}) ?[\[(] ?(?P<bare_low>{_NUMBER}) ?(?:-|to|,|;) ?(?P<bare_high>{_NUMBER}) ?[\])]"
)
"""An estimate without a name of its own: it is of the measure named last before it."""
_NAMED = re.compile(rf"(?<![A-Za-z])(?:{_MEASURE})(?![A-Za-z])")


@dataclass(frozen=True, slots=True)
class Effect:
    """An estimate as printed: ``ci_low`` and ``ci_high`` are None where no interval stands beside it."""

    measure: str
    point: float
    ci_low: float | None
    ci_high: float | None
    span: Span


def find_effects(text: Text) -> list[Effect]:
    """All estimates in order of the text, without overlaps; one that lies outside its interval is left out."""
    found = [effect for match in _ESTIMATE.finditer(text.text) if (effect := _read(match, _name(match), text))]
    taken = [(effect.span.start, effect.span.end) for effect in found]
    for match in _FURTHER.finditer(text.text):
        measure, effect = _name_before(text.text, match.start()), None
        if measure:
            effect = _read_further(match, measure, text)
        if effect and not any(start < effect.span.end and effect.span.start < end for start, end in taken):
            found.append(effect)
    return sorted(found, key=lambda effect: effect.span.start)


def _name(match: re.Match[str]) -> str:
    return next(name for name in _NAMES if match[name])


def _name_before(text: str, place: int) -> str:
    """The measure named last in the 400 characters before; empty if there is none."""
    named = list(_NAMED.finditer(text, max(place - 400, 0), place))
    return _name(named[-1]) if named else ""


def _read_further(match: re.Match[str], measure: str, text: Text) -> Effect | None:
    group = "bare" if match["bare"] else "point"
    low, high = ("bare_low", "bare_high") if match["bare"] else ("low", "high")
    return _judge(measure, float(match[group]), float(match[low]), float(match[high]), text.span(*match.span()))


def _read(match: re.Match[str], measure: str, text: Text) -> Effect | None:
    point = float(match["point"])
    if not match["low"]:
        # a bare number needs a decimal point: "OR 2" is as often a heading as an estimate
        span = text.span(match.start(), match.end("point"))
        return Effect(measure, point, None, None, span) if "." in match["point"] else None
    span = text.span(match.start(), match.end("high"))
    return _judge(measure, point, float(match["low"]), float(match["high"]), span)


def _judge(measure: str, point: float, low: float, high: float, span: Span) -> Effect | None:
    """The estimate, if its interval holds it."""
    return (
        Effect(measure, point, min(low, high), max(low, high), span)
        if min(low, high) <= point <= max(low, high)
        else None
    )
