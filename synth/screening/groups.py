"""Whether small groups are found later than others: in a replay, where the truth is known, and in a live reading.

A group is any value of a column: a language, a region, a design, a source, or having no abstract.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from synth.screening.stop import bound_missed

LATE = 0.2
"""A group's finds stand this share of the list later than those of the rest: worth a warning."""
FEWEST = 3
"""Finds that a group must have before one speaks of late."""


@dataclass(frozen=True, slots=True)
class GroupRecall:
    """How one group fares in a replay.

    ``recall10`` ...: share of its relevant records found in the first 10, 25 and 50 % of
    the list, and at the stop if there was one; ``place``: mean place of its relevant records as a share of the list;
    ``rest``: that of all other relevant records. None where there is nothing to measure.
    """

    column: str
    value: str
    records: int
    relevant: int
    recall10: float | None
    recall25: float | None
    recall50: float | None
    recall_at_stop: float | None
    place: float | None
    rest: float | None

    @property
    def is_late(self) -> bool:
        """True if at least three relevant records stand, on average, a fifth of the list behind the others."""
        return (
            self.relevant >= FEWEST
            and self.place is not None
            and self.rest is not None
            and self.place - self.rest >= LATE
        )


def compare_groups(
    marks: Sequence[int], columns: Mapping[str, Sequence[str]], *, read_at_stop: Sequence[bool] | None = None
) -> list[GroupRecall]:
    """One row for each value of each column; ``marks`` and the columns' values stand in the order shown.

    ``read_at_stop`` says of each record whether it was read when the rule stopped. Empty values are no group.
    """
    labels = np.asarray(marks, dtype=bool)
    stopped = None if read_at_stop is None else np.asarray(read_at_stop, dtype=bool)
    return [
        _measure(column, value, np.array([one == value for one in values]), labels, stopped)
        for column, values in columns.items()
        for value in sorted(set(values) - {""})
    ]


def _measure(
    column: str, value: str, inside: np.ndarray, labels: np.ndarray, stopped: np.ndarray | None
) -> GroupRecall:
    total, mine = len(labels), labels & inside
    relevant = int(mine.sum())
    early = [float(mine[: int(total * share)].sum() / relevant) if relevant else None for share in (0.1, 0.25, 0.5)]
    tenth, quarter, half = early
    at_stop = float((mine & stopped).sum() / relevant) if relevant and stopped is not None else None
    place, rest = _mean_place(mine), _mean_place(labels & ~inside)
    return GroupRecall(column, value, int(inside.sum()), relevant, tenth, quarter, half, at_stop, place, rest)


def _mean_place(marks: np.ndarray) -> float | None:
    places = np.flatnonzero(marks) + 1
    return float(places.mean() / len(marks)) if len(places) else None


@dataclass(frozen=True, slots=True)
class GroupBound:
    """How one group fares in a live reading: ``missed_bound`` relevant ones of its ``unread`` works at most (95 %).

    ``place`` and ``rest``: mean place of the finds inside and outside the group, as a share of what was read.
    """

    column: str
    value: str
    works: int
    read: int
    found: int
    missed_bound: int
    place: float | None
    rest: float | None

    @property
    def unread(self) -> int:
        """Works of the group that nobody has read."""
        return self.works - self.read

    @property
    def is_late(self) -> bool:
        """True if at least three finds of the group came, on average, a fifth of the reading after the others."""
        return (
            self.found >= FEWEST and self.place is not None and self.rest is not None and self.place - self.rest >= LATE
        )


def bound_groups(
    order: Sequence[str], found: Sequence[int], groups: Mapping[str, Mapping[str, str]]
) -> list[GroupBound]:
    """A bound for each group of works.

    ``order``: works read, in order; ``found``: 1 or 0 for each of them;
    ``groups``: column to work to value, for all works. The bound is that of all works, on the group's works alone.
    """
    marks = np.asarray(found, dtype=bool)
    rows = []
    for column, values in groups.items():
        for value in sorted({one for one in values.values() if one}):
            inside = np.array([values.get(work) == value for work in order], dtype=bool)
            mine = marks[inside].astype(int).tolist()
            works = sum(one == value for one in values.values())
            rows.append(
                GroupBound(
                    column,
                    value,
                    works,
                    int(inside.sum()),
                    sum(mine),
                    bound_missed(mine, works),
                    _mean_place(marks & inside) if len(marks) else None,
                    _mean_place(marks & ~inside) if len(marks) else None,
                )
            )
    return rows


def draw_audit(unread: Mapping[str, str], number: int, seed: int) -> list[str]:
    """A stratified random sample of unread works for a check: ``unread`` maps a work to its group.

    Every group gives the same number (all it has, if it has fewer); works come group by group, by name.
    """
    members: dict[str, list[str]] = {}
    for work, value in sorted(unread.items()):
        members.setdefault(value, []).append(work)
    rng = np.random.default_rng(seed)
    each = max(number // max(len(members), 1), 1)
    chosen: list[str] = []
    for value in sorted(members):
        names = members[value]
        picked = rng.permutation(len(names))[:each]
        chosen += sorted(names[at] for at in picked)
    return chosen
