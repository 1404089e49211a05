"""The protocol is code: a ``[[synthesis]]`` table of synth.toml, read and checked.

A synthesis filters: it names the outcome, informant, measure, design ... that it takes, and what does not fit is left
out with its reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from difflib import get_close_matches
from typing import Any

from synth.errors import UsageError
from synth.meta.measures import find_measure
from synth.meta.pool import METHODS, TESTS

Terms = tuple[str, ...]

ONE_EFFECT_RULES = ("longest", "shortest", "primary", "error")
"""Which effect stands for a study: the latest, the earliest, the first in declared order, or none (refused)."""
_TERM_KEYS = frozenset(
    {
        "outcome_domain",
        "outcome",
        "informant",
        "population",
        "measure",
        "design_class",
        "kind",
        "adjusted",
        "cluster_adjusted",
    }
)


@dataclass(frozen=True, slots=True)
class Synthesis:
    """One declared synthesis. An empty tuple of terms takes everything; ``months`` is a closed window or None.

    ``kind`` is primary unless declared: reviews are left out. ``one_effect_per_study``: see ONE_EFFECT_RULES.
    ``subgroups`` names an axis of the labels or a column of the effects.
    """

    name: str
    question: str = ""
    outcome_domain: Terms = ()
    outcome: Terms = ()
    informant: Terms = ()
    population: Terms = ()
    measure: Terms = ()
    design_class: Terms = ()
    kind: Terms = ("primary",)
    months: tuple[float, float] | None = None
    adjusted: Terms = ()
    cluster_adjusted: Terms = ()
    one_effect_per_study: str = "error"
    subgroups: str = ""
    planned: bool = False
    declared_on: str = ""
    method: str = "REML"
    test: str = "knha"
    level: float = 95
    note: str = ""

    @property
    def is_post_hoc(self) -> bool:
        """Everything that was not planned, with a date, before."""
        return not (self.planned and self.declared_on)

    def to_dict(self) -> dict[str, Any]:
        """The declaration as plain Python values: what was left at its default is left out."""
        return {
            each.name: list(value) if isinstance(value, tuple) else value
            for each in fields(self)
            if (value := getattr(self, each.name)) != each.default
        }


def parse_synthesis(declared: Mapping[str, Any]) -> Synthesis:
    """Read one ``[[synthesis]]`` table. Raises UsageError for unknown keys and values, with the nearest name."""
    name = str(declared.get("name") or "").strip()
    if not name:
        raise UsageError("A [[synthesis]] has no name", hint='Add name = "..." to it in synth.toml')
    known = [each.name for each in fields(Synthesis)]
    for key in declared:
        _check_word(key, known, f'[[synthesis]] "{name}": there is no key')
    values = {key: _read_value(name, key, value) for key, value in declared.items()}
    return Synthesis(**{**values, "name": name})


def parse_syntheses(declared: Sequence[Mapping[str, Any]]) -> list[Synthesis]:
    """Read all of them. Raises UsageError if two have one name."""
    found = [parse_synthesis(each) for each in declared]
    names = [each.name for each in found]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UsageError(f'Two [[synthesis]] tables are called "{twice}"', hint="Give each its own name in synth.toml")
    return found


def _check_word(word: str, known: Sequence[str], what: str) -> None:
    if word in known:
        return
    near = get_close_matches(word, known, n=1)
    raise UsageError(
        f'{what} "{word}"',
        why=f"Known are {', '.join(known)}",
        hint=f"Did you mean {near[0]}?" if near else "Correct it in synth.toml",
    )


def _read_value(name: str, key: str, value: Any) -> Any:
    where = f'[[synthesis]] "{name}", {key}:'
    if key in _TERM_KEYS:
        return _read_terms(key, value)
    if key == "months":
        return _read_months(where, value)
    if key == "planned":
        return _read_flag(where, value)
    if key == "level":
        return _read_level(where, value)
    if key == "declared_on":
        return _read_date(where, value)
    return _read_word(where, key, str(value).strip())


def _read_terms(key: str, value: Any) -> Terms:
    terms = tuple(_read_term(each) for each in (value if isinstance(value, list | tuple) else [value]))
    return tuple(find_measure(term).name for term in terms) if key == "measure" else terms


def _read_term(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value).strip()


def _read_months(where: str, value: Any) -> tuple[float, float]:
    pair = value if isinstance(value, list | tuple) else []
    if len(pair) != 2 or not all(isinstance(each, int | float) for each in pair) or pair[0] > pair[1]:
        raise UsageError(f"{where} a window of two numbers is needed", hint="For example months = [0, 24]")
    return float(pair[0]), float(pair[1])


def _read_flag(where: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise UsageError(f"{where} true or false is needed", hint="Write planned = true, without quotes")
    return value


def _read_level(where: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 100:
        raise UsageError(f"{where} a percentage between 0 and 100 is needed", hint="For example level = 95")
    return float(value)


def _read_date(where: str, value: Any) -> str:
    try:
        return date.fromisoformat(str(value).strip()).isoformat() if str(value).strip() else ""
    except ValueError:
        raise UsageError(f"{where} {value!r} is not a date", hint='Write it as declared_on = "2026-03-01"') from None


def _read_word(where: str, key: str, value: str) -> str:
    if key == "method":
        value = value.upper()
    known = {"method": METHODS, "test": TESTS, "one_effect_per_study": ONE_EFFECT_RULES}.get(key)
    if known is not None:
        _check_word(value, known, f"{where} there is no")
    return value
