"""Where the screening stands: what is eligible at a stage, what was decided, how many were found when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import pandas as pd

from synth.tables import VERDICTS


@dataclass(frozen=True, slots=True)
class StageCount:
    """One stage: ``works`` are eligible there; the rest of the numbers add up to it.

    ``verdicts`` maps each verdict of the stage to a number of works on which it is settled (by one person or more).
    """

    stage: str
    works: int
    verdicts: dict[str, int]
    conflicts: int
    unread: int


@dataclass(frozen=True, slots=True)
class PersonCount:
    """What one person decided at one stage, by verdict."""

    person: str
    stage: str
    decided: int
    verdicts: dict[str, int]


def list_eligible(
    work_ids: Collection[str], settled: pd.DataFrame, stage: str, *, forced: Collection[str] = ()
) -> list[str]:
    """Works that may be decided at ``stage``, in the order of ``work_ids``.

    All at title and abstract; those included or unclear there at retrieval; of these, at full text, all that were not
    reported as not retrieved. ``forced`` works are eligible whatever was decided before.
    """
    if stage == "title_abstract":
        return list(work_ids)
    passed = _with_verdict(settled, "title_abstract", ("include", "maybe"))
    missing = _with_verdict(settled, "retrieval", ("not_retrieved",)) if stage == "full_text" else set()
    open_ = (passed - missing) | set(forced)
    return [work_id for work_id in work_ids if work_id in open_]


def _with_verdict(settled: pd.DataFrame, stage: str, verdicts: Sequence[str]) -> set[str]:
    rows = settled[(settled["stage"] == stage) & settled["verdict"].isin(verdicts)]
    return set(rows["work_id"])


def count_stage(
    work_ids: Collection[str], settled: pd.DataFrame, stage: str, *, forced: Collection[str] = ()
) -> StageCount:
    """Count one stage over its eligible works; ``settled`` comes from ``settle_decisions``."""
    eligible = set(list_eligible(work_ids, settled, stage, forced=forced))
    rows = settled[(settled["stage"] == stage) & settled["work_id"].isin(eligible)]
    counts = Counter(rows["verdict"])
    verdicts = {verdict: int(counts[verdict]) for verdict in VERDICTS[stage]}
    return StageCount(stage, len(eligible), verdicts, int(counts["conflict"]), len(eligible) - len(rows))


def count_people(decisions: pd.DataFrame) -> list[PersonCount]:
    """What each person decided, by stage, in the order of people's names and of the stages."""
    found = []
    for person in sorted(set(decisions["person_id"])):
        for stage, known in VERDICTS.items():
            rows = decisions[(decisions["person_id"] == person) & (decisions["stage"] == stage)]
            rows = rows.sort_values("id").drop_duplicates("current_work_id", keep="last")
            counts = Counter(rows["verdict"])
            if len(rows):
                found.append(PersonCount(person, stage, len(rows), {name: int(counts[name]) for name in known}))
    return found


def trace_found(settled: pd.DataFrame, reading_order: Sequence[str], *, unclear: bool = False) -> list[int]:
    """1 (relevant) or 0 for each work of ``reading_order`` by its settled verdict at title and abstract.

    With ``unclear`` a maybe and a conflict count as relevant: the cautious reading for a bound on what is missed.
    """
    relevant = ("include", "maybe", "conflict") if unclear else ("include",)
    rows = settled[settled["stage"] == "title_abstract"]
    verdicts = dict(zip(rows["work_id"], rows["verdict"], strict=True))
    return [int(verdicts[work_id] in relevant) for work_id in reading_order if work_id in verdicts]
