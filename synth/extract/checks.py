"""Checks of numbers that people and programs typed: warnings with their place, never corrections."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

RATIOS = frozenset({"RR", "OR", "PRR", "IRR", "HR", "PETO", "ROM", "pooled OR", "pooled RR"})
PERCENTS = frozenset({"percent reduction", "percent of cases"})
_LONGEST_MONTHS = 1200
_MOST_LOPSIDED = 0.25
"""How far from the middle of its interval an estimate may stand, as a share of the half-width (rounding moves it)."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One doubt: about which row, by which check, in a sentence, and where the number was seen."""

    study_id: str
    row_id: str
    check: str
    text: str
    place: str = ""


def check_effects(effects: pd.DataFrame) -> list[Finding]:
    """Doubts about the rows of ``effects``, in their order."""
    found = []
    for row in effects.to_dict("records"):
        effect = {str(name): _plain(value) for name, value in row.items()}
        for check in CHECKS:
            found += [_finding(effect, check.__name__, text) for text in check(effect)]
    return found


def check_studies(studies: pd.DataFrame, this_year: int) -> list[Finding]:
    """Doubts about the years of studies."""
    found = []
    for study, year in zip(studies["id"], studies["year"], strict=True):
        if not pd.isna(year) and not 1900 <= int(year) <= this_year + 1:
            found.append(Finding(str(study), str(study), "year_is_plausible", f"the year is {int(year)}"))
    return found


def _plain(value: Any) -> Any:
    return None if value is None or (not isinstance(value, list | dict) and pd.isna(value)) else value


def _finding(effect: dict[str, Any], check: str, text: str) -> Finding:
    return Finding(str(effect["study_id"]), str(effect["id"]), check, text, str(effect.get("place") or ""))


def events_within_people(effect: dict[str, Any]) -> Iterator[str]:
    """No arm has more events than people, and no count is negative."""
    for events, people, arm in (("ai", "n1i", 1), ("ci", "n2i", 2)):
        a, n = effect.get(events), effect.get(people)
        if a is not None and n is not None and a > n:
            yield f"arm {arm}: {a:g} events among {n:g} people"
        for name, value in ((events, a), (people, n)):
            if value is not None and value < 0:
                yield f"{name} is negative ({value:g})"


def interval_holds_estimate(effect: dict[str, Any]) -> Iterator[str]:
    """The limits are in order and the estimate lies between them."""
    low, high, point = effect.get("ci_low"), effect.get("ci_high"), effect.get("estimate")
    if low is not None and high is not None and low > high:
        yield f"the lower limit {low:g} is above the upper limit {high:g}"
    elif point is not None and ((low is not None and point < low) or (high is not None and point > high)):
        shown = f"{'' if low is None else f'{low:g}'} to {'' if high is None else f'{high:g}'}"
        yield f"the estimate {point:g} lies outside its interval {shown}"


def ratio_is_positive(effect: dict[str, Any]) -> Iterator[str]:
    """A ratio and its limits are above zero."""
    if effect.get("measure") not in RATIOS:
        return
    for name in ("estimate", "ci_low", "ci_high"):
        value = effect.get(name)
        if value is not None and value <= 0:
            yield f"{name} of a ratio is {value:g}: was its logarithm typed?"


def interval_is_even(effect: dict[str, Any]) -> Iterator[str]:
    """The estimate lies about in the middle of its interval (of logarithms for a ratio); a mistyped one rarely does."""
    values = [effect.get(name) for name in ("ci_low", "estimate", "ci_high")]
    is_ratio = effect.get("measure") in RATIOS
    if any(value is None or (is_ratio and value <= 0) for value in values):
        return
    low, point, high = (math.log(value) if is_ratio else float(value) for value in values if value is not None)
    half = (high - low) / 2
    if low <= point <= high and half > 0 and abs(point - (low + high) / 2) > _MOST_LOPSIDED * half:
        yield "the estimate lies far from the middle of its interval"


def share_is_possible(effect: dict[str, Any]) -> Iterator[str]:
    """A percentage is at most 100, a risk difference and a p value lie in their range."""
    point, p, measure = effect.get("estimate"), effect.get("p"), effect.get("measure")
    if measure in PERCENTS and point is not None and not 0 <= point <= 100:
        yield f"a percentage of {point:g}"
    if measure == "RD" and point is not None and not -1 <= point <= 1:
        yield f"a risk difference of {point:g}: was it typed in percentage points?"
    if p is not None and not 0 <= p <= 1:
        yield f"p is {p:g}"


def spread_is_positive(effect: dict[str, Any]) -> Iterator[str]:
    """Standard deviations and errors are above zero."""
    for name in ("sd1i", "sd2i", "se"):
        value = effect.get(name)
        if value is not None and value <= 0:
            yield f"{name} is {value:g}"


def time_is_plausible(effect: dict[str, Any]) -> Iterator[str]:
    """A follow-up is not negative and not longer than a century."""
    months = effect.get("timepoint_months")
    if months is not None and not 0 <= months <= _LONGEST_MONTHS:
        yield f"measured after {months:g} months"


def direction_fits_estimate(effect: dict[str, Any]) -> Iterator[str]:
    """A ratio or difference on the good side is not noted as "against", nor the other way round."""
    point, meaning, direction = effect.get("estimate"), effect.get("direction_meaning"), effect.get("direction")
    measure = effect.get("measure")
    if point is None or meaning not in {"benefit", "harm"} or direction not in {"favours", "against"}:
        return
    if measure not in RATIOS | {"RD", "MD", "DID"}:
        return
    is_higher = point > (1 if measure in RATIOS else 0)
    if (direction == "favours") != (is_higher == (meaning == "benefit")):
        yield f"noted as {direction}, but {measure} {point:g} points the other way (a higher outcome is a {meaning})"


CHECKS: tuple[Callable[[dict[str, Any]], Iterator[str]], ...] = (
    events_within_people,
    interval_holds_estimate,
    ratio_is_positive,
    interval_is_even,
    share_is_possible,
    spread_is_positive,
    time_is_plausible,
    direction_fits_estimate,
)
"""Every check of an effect, by name; the docstring says what should hold."""
