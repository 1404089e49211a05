"""When to stop: the bound on what is missed, the advice, small groups, and a check of unread works."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from synth.errors import StateError, UsageError
from synth.steps.screen import (
    TITLE_ABSTRACT,
    list_all_decisions,
    merge_current,
    settle_current,
)
from synth.steps.screen_index import open_index

if TYPE_CHECKING:
    import pandas as pd

    from synth.project import Project
    from synth.screening import Advice, GroupBound

KNOWN = "known"
"""Stands as ranker of decisions on works that were known before the reading began."""
GROUP_COLUMNS = ("language", "source", "type", "abstract")
EARLIER = (16, 17)
"""Earlier reviews in which at least 9 of 10 replays of the advice reached 95 % recall, and how many were replayed.

The table stands in docs/methods/stopping.md; the rule was made on these same reviews."""


@dataclass(frozen=True, slots=True)
class StopReport:
    """Whether to stop, and what may be missed.

    ``read`` and ``relevant`` count settled works at title and abstract, those ``elsewhere`` (known before, or from a
    file sorted by verdict) apart: they say nothing about the order of reading. ``bound`` is the largest number of
    relevant works among the unread; ``next_goal`` and ``next_reading``: reading that many more without a find lowers it
    to that. ``recall_low`` is given only where it may be: 20 or more found. ``reconciled``: only works on which two
    people agree (or that were adjudicated) count as read; ``single`` counts works that one person saw.
    """

    works: int
    read: int
    relevant: int
    unclear: int
    elsewhere: int
    reconciled: bool
    single: int
    bound: int
    next_goal: int | None
    next_reading: int | None
    recall_low: float | None
    advice: Advice
    groups: tuple[GroupBound, ...]
    sentences: tuple[str, ...]

    @property
    def unread(self) -> int:
        """Works that count as unread."""
        return self.works - self.read - self.elsewhere


def check_stop(
    project: Project, *, seed: int = 0, groups: Sequence[str] = GROUP_COLUMNS, model: bool = True
) -> StopReport:
    """The bound, the advice and the groups at title and abstract. ``model`` False leaves out the trained part.

    Raises StateError when nothing was read.
    """
    from synth.screening import bound_missed

    records = project.read("records")
    works, reading = merge_current(project, records), read_course(project)
    if not reading.order:
        raise StateError("Nothing has been read yet", hint="Start with: synth screen next")
    total = len(works) - len(reading.elsewhere)
    bound = bound_missed(reading.found, total)
    advice = _advise(project, works, reading, seed=seed, model=model)
    goal, more = _plan_reading(reading.found, total, bound)
    relevant = sum(reading.found)
    report = StopReport(
        works=len(works),
        read=len(reading.order),
        relevant=relevant,
        unclear=reading.unclear,
        elsewhere=len(reading.elsewhere),
        reconciled=reading.reconciled,
        single=reading.single,
        bound=bound,
        next_goal=goal,
        next_reading=more,
        recall_low=relevant / (relevant + bound) if relevant >= _few() else None,
        advice=advice,
        groups=_bound_groups(project, works, records, reading, groups),
        sentences=(),
    )
    return _with_sentences(report)


def _few() -> int:
    from synth.screening.stop import FEW

    return FEW


# --- the course of the reading -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Course:
    """Works in the order of reading with 1 (relevant or unclear) or 0; ``labels`` of those that can be learned from."""

    order: tuple[str, ...]
    found: tuple[int, ...]
    labels: Mapping[str, str]
    elsewhere: frozenset[str]
    unclear: int
    reconciled: bool
    single: int


def read_course(project: Project) -> Course:
    """The reading at title and abstract so far, from the decisions of everybody.

    Where most works were seen by two people, only reconciled ones count as read. Works that were known before, or whose
    decisions came from files that are sorted by verdict, are put apart.
    """
    everything = list_all_decisions(project)
    rows = everything[everything["stage"] == TITLE_ABSTRACT].sort_values("id")
    decisions = project.read("decisions")
    settled = settle_current(project, decisions[decisions["stage"] == TITLE_ABSTRACT])
    single = set(settled.loc[settled["how"] == "single", "work_id"])
    reconciled = len(single) * 2 < len(settled)
    counting = settled[~settled["work_id"].isin(single)] if reconciled else settled
    verdicts = dict(zip(counting["work_id"], counting["verdict"], strict=True))
    first = rows.drop_duplicates("current_work_id")
    apart = _find_elsewhere(project, first, verdicts)
    order = tuple(str(work) for work in first["current_work_id"] if work in verdicts and work not in apart)
    return Course(
        order,
        tuple(int(verdicts[work] in {"include", "maybe", "conflict"}) for work in order),
        dict(zip(settled["work_id"], settled["verdict"], strict=True)),
        frozenset(apart),
        sum(verdicts[work] in {"maybe", "conflict"} for work in order),
        reconciled,
        len(single),
    )


def _find_elsewhere(project: Project, first: pd.DataFrame, verdicts: Mapping[str, str]) -> set[str]:
    known = {str(work) for work in first.loc[first["ranker"] == KNOWN, "current_work_id"]}
    runs = project.read("runs")
    imports = set(runs.loc[runs["step"] == "screen import", "id"])
    for run_id in sorted(set(first["run_id"]) & imports):
        works = [str(work) for work in first.loc[first["run_id"] == run_id, "current_work_id"] if work in verdicts]
        if is_sorted_by_verdict([int(verdicts[work] == "include") for work in works]):
            known |= set(works)
    return known


def is_sorted_by_verdict(marks: Sequence[int]) -> bool:
    """True if a list of five or more holds all relevant ones in one block at its start or end: no order of reading."""
    turns = sum(one != two for one, two in pairwise(marks))
    return len(marks) >= 5 and sum(marks) >= 2 and turns == 1


def _advise(project: Project, works: pd.DataFrame, reading: Course, *, seed: int, model: bool) -> Advice:
    import numpy as np

    from synth.screening import Reading, advise_stop, has_abstract

    readable = {str(row.work_id): has_abstract(row.abstract) for row in works.itertuples(index=False)}
    left = {work: known for work, known in readable.items() if work not in reading.elsewhere}
    return advise_stop(
        Reading(
            np.array(reading.found, dtype=int),
            np.array([readable[work] for work in reading.order], dtype=bool),
            len(left),
            sum(left.values()),
            _expect(project, works, reading, readable, seed) if model else None,
        )
    )


def _expect(
    project: Project, works: pd.DataFrame, reading: Course, readable: Mapping[str, bool], seed: int
) -> float | None:
    from synth.screening import expect_relevant, label_rows

    names = [str(work) for work in works["work_id"]]
    labels = label_rows(names, reading.labels)
    done = {*reading.order, *reading.elsewhere}
    unread = [row for row, work in enumerate(names) if work not in done and readable[work]]
    kinds = list(labels.values())
    if min(kinds.count(0), kinds.count(1)) == 0:
        return None
    return expect_relevant(open_index(project, works), labels, unread, seed=seed)


def _plan_reading(found: Sequence[int], total: int, bound: int) -> tuple[int | None, int | None]:
    """A lower number to reach, and how much reading without a find it takes; None where the bound is 0."""
    from synth.screening import reading_to_lower

    if not bound:
        return None, None
    goal = 0 if bound <= 5 else bound // 2
    return goal, reading_to_lower(found, total, goal)


# --- words -------------------------------------------------------------------------------------------------------


def _with_sentences(report: StopReport) -> StopReport:
    from dataclasses import replace

    sentences = [_say_bound(report), _say_advice(report)]
    if report.unclear:
        sentences.append(f"{report.unclear} works with a maybe or a conflict count as relevant.")
    if report.reconciled and report.single:
        sentences.append(f"{report.single} works seen by one person only count as unread.")
    if report.elsewhere:
        sentences.append(f"{report.elsewhere} works decided before the reading are left out of the test.")
    sentences += [
        f"Finds with {one.column} {one.value} came late: at most {one.missed_bound} of its {one.unread} unread works "
        "are relevant. Check some with: synth screen audit"
        for one in report.groups
        if one.is_late
    ]
    return replace(report, sentences=tuple(sentences))


def _say_bound(report: StopReport) -> str:
    text = (
        f"{report.relevant} found in {report.read} read. At most {report.bound} of {report.unread} unread works are "
        "relevant (95 %, bias-1 test; empirically valid, given this ranker and error-free labels)."
    )
    if report.next_reading is not None:
        text += f" Reading {report.next_reading} more without a find would lower it to {report.next_goal} or less."
    return text


def _say_advice(report: StopReport) -> str:
    advice = report.advice
    if not report.unread:
        return "Everything is read."
    if advice.state == "go on":
        return f"Advice: go on, {advice.why}."
    if advice.state != "stop":
        return f"Advice: read the {advice.apart} works without an abstract, then ask again: {advice.why}."
    if report.relevant < _few():
        return (
            f"Advice: you may stop. With {report.relevant} found no share is stated: at most {report.bound} are missed."
        )
    reached, replayed = EARLIER
    return (
        f"Advice: you may stop. This rule reached 95 % recall in {reached} of {replayed} earlier reviews "
        "(the reviews that it was made on; see docs/methods/stopping.md)."
    )


# --- groups ------------------------------------------------------------------------------------------------------


def list_groups(
    project: Project, works: pd.DataFrame, records: pd.DataFrame, columns: Sequence[str]
) -> dict[str, dict[str, str]]:
    """Column to work to value: language, source, type, and whether the abstract is missing. Raises UsageError."""
    from synth.screening import has_abstract

    sources = project.read("sources")
    named = {int(row.id): str(row.database or row.file_name or row.kind) for row in sources.itertuples(index=False)}
    first = {str(row.id): named.get(int(row.source_id), "") for row in records.itertuples(index=False)}
    makers: dict[str, Any] = {
        "language": lambda work: str((list(work.languages or ()) or [""])[0]),
        "source": lambda work: first.get(str(work.record_id), ""),
        "type": lambda work: str(work.type or ""),
        "abstract": lambda work: "" if has_abstract(work.abstract) else "missing",
    }
    for name in columns:
        if name not in makers:
            raise UsageError(f"There are no groups by {name!r}", hint=f"Known: {', '.join(makers)}")
    rows = list(works.itertuples(index=False))
    return {name: {str(work.work_id): makers[name](work) for work in rows} for name in columns}


def _bound_groups(
    project: Project, works: pd.DataFrame, records: pd.DataFrame, reading: Course, columns: Sequence[str]
) -> tuple[GroupBound, ...]:
    from synth.screening import bound_groups

    groups = list_groups(project, works, records, columns)
    left = {
        name: {work: value for work, value in values.items() if work not in reading.elsewhere}
        for name, values in groups.items()
    }
    several = {name: values for name, values in left.items() if name == "abstract" or len(set(values.values())) > 1}
    return tuple(bound_groups(reading.order, reading.found, several))


def draw_audit_works(
    project: Project, *, number: int = 30, by: str = "language", seed: int = 0, exclude: Collection[str] = ()
) -> list[tuple[str, str, str]]:
    """A random sample of unread works, the same number from each group: (work, group, title)."""
    from synth.screening import draw_audit

    records = project.read("records")
    works, reading = merge_current(project, records), read_course(project)
    groups = list_groups(project, works, records, [by])[by]
    done = {*reading.order, *reading.elsewhere, *exclude, *reading.labels}
    unread = {work: value or "not stated" for work, value in groups.items() if work not in done}
    titles = dict(zip(works["work_id"], works["title"], strict=True))
    return [
        (work, unread[work], titles[work] if isinstance(titles[work], str) else "")
        for work in draw_audit(unread, number, seed)
    ]
