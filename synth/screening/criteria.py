"""What a work must be to be included: the criteria in force at a stage, their versions, and the words for a verdict."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import pandas as pd

from synth.errors import UsageError
from synth.tables import STAGES, VERDICTS

_PLACEHOLDER = "Say here what"
"""How the criteria of a new project begin; such a text says nothing yet."""


@dataclass(frozen=True, slots=True)
class Criteria:
    """The criteria of one stage. ``id`` and ``version`` are None for a version that is not in the store yet."""

    stage: str
    text: str = ""
    reasons: tuple[str, ...] = ()
    version: int | None = None
    id: int | None = None

    @property
    def is_written(self) -> bool:
        """True if people have said what they look for (a new project holds a sentence in its place)."""
        return bool(self.text.strip()) and not self.text.startswith(_PLACEHOLDER)

    def says_the_same(self, other: Criteria) -> bool:
        """True if text and reasons are equal."""
        return self.text == other.text and self.reasons == other.reasons


def read_criteria(stored: pd.DataFrame, declared: Mapping[str, Mapping[str, Any]], stage: str) -> Criteria:
    """The criteria in force: those that ``synth.toml`` declares, else the newest stored ones, else empty ones.

    ``stored`` is the store's table ``criteria``. Declared criteria that differ from the newest stored version come
    back without ``id``: they are a new version, still to be recorded.
    """
    newest = _newest(stored, stage)
    if stage not in declared:
        return newest or Criteria(stage)
    table = declared[stage]
    now = Criteria(stage, str(table.get("text", "")), tuple(str(reason) for reason in table.get("reasons", ())))
    return newest if newest and newest.says_the_same(now) else now


def _newest(stored: pd.DataFrame, stage: str) -> Criteria | None:
    rows = stored[stored["stage"] == stage]
    if rows.empty:
        return None
    row = rows.sort_values("id").iloc[-1]
    return Criteria(stage, str(row["text"]), tuple(row["reasons"] or ()), int(row["version"]), int(row["id"]))


def check_stage(stage: str) -> str:
    """``stage``, if it is one (hyphens and capitals are forgiven). Raises UsageError otherwise."""
    name = stage.strip().lower().replace("-", "_").replace(" ", "_")
    if name not in STAGES:
        raise UsageError(f"There is no stage {stage!r}", hint=_suggest(name, STAGES))
    return name


def check_verdict(verdict: str, stage: str) -> str:
    """``verdict``, if that stage knows it. Raises UsageError otherwise."""
    name = verdict.strip().lower().replace(" ", "_")
    if name not in VERDICTS[stage]:
        raise UsageError(f"There is no verdict {verdict!r} at the stage {stage}", hint=_suggest(name, VERDICTS[stage]))
    return name


def check_reason(reason: str | None, verdict: str, criteria: Criteria) -> str | None:
    """The reason as the criteria spell it; None where none is given and none is needed.

    A work that is excluded at full text needs a reason if the criteria list any. Where reasons are listed, others are
    refused at both stages: the flow diagram counts them by name.
    """
    given = (reason or "").strip()
    if verdict != "exclude" or not criteria.reasons:
        return given or None
    if not given:
        _demand_reason(criteria)
        return None
    spelled = {known.casefold(): known for known in criteria.reasons}
    if given.casefold() not in spelled:
        raise UsageError(
            f"{given!r} is not a reason for exclusion at the stage {criteria.stage}",
            hint=_suggest(given, criteria.reasons),
            kept=f"Reasons are listed in synth.toml, [criteria.{criteria.stage}]; nothing was recorded",
        )
    return spelled[given.casefold()]


def _demand_reason(criteria: Criteria) -> None:
    if criteria.stage == "full_text":
        raise UsageError(
            "A work that is excluded at full text needs a reason",
            hint=f"One of: {'; '.join(criteria.reasons)}",
            kept="Nothing was recorded",
        )


def _suggest(name: str, known: Collection[str]) -> str:
    folded = {word.casefold(): word for word in known}
    near = get_close_matches(name.casefold(), list(folded), n=1)
    return f"Did you mean {folded[near[0]]!r}?" if near else f"Known: {', '.join(known)}"
