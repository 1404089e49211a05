"""Where a rule would have stopped a finished reading, and what it would have cost and missed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from synth.screening.rules import ApartStopper, AuditingStopper, Stopper
from synth.screening.stop import Audit, Reading, bound_missed

LOOKS = 300
"""How often a rule is asked during a whole reading."""
Course = Sequence[tuple[int, float | None]]
"""(records read, relevant ones that the ranking expected among the unread), oldest first."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """Where a rule stopped.

    ``position``: records read then, all in all; ``share`` of all; ``recall`` then (1 if no record is relevant at all);
    ``missed_bound``: the bound of ``synth.screening.stop`` then; ``missed``: the truth.
    ``at``: how far the ranked order had been followed.
    """

    position: int
    share: float
    recall: float
    missed_bound: int
    found: int
    missed: int
    at: int


@dataclass(frozen=True, slots=True)
class Trail:
    """A whole reading in the order shown: label (1 or 0) and has-an-abstract of each record, and the course of R."""

    marks: npt.NDArray[np.int_]
    readable: npt.NDArray[np.bool_]
    course: Course = ()

    def expected_at(self, read: int) -> float | None:
        """What the ranking expected when it was last asked."""
        known = [value for at, value in self.course if at <= read]
        return known[-1] if known else None


def find_stop(stopper: Stopper, trail: Trail, *, seed: int = 0, looks: int = LOOKS) -> Stopped:
    """Ask the rule every ``1/looks`` of the way; the end of the list where it never stops.

    A rule that reads works without an abstract apart is asked again after they are read. ``seed`` draws the random
    sample of a rule that wants one.
    """
    total = len(trail.marks)
    sampled = _draw_sample(stopper, trail, seed)
    apart = False
    for at in range(max(total // looks, 1), total, max(total // looks, 1)):
        if not stopper.should_stop(_look(trail, at, sampled, apart=apart)):
            continue
        if isinstance(stopper, ApartStopper) and not apart:
            apart = True
            if not stopper.should_stop(_look(trail, at, sampled, apart=True)):
                continue
        return _describe(trail, at, sampled, apart=apart)
    return _describe(trail, total, sampled, apart=apart)


def _draw_sample(stopper: Stopper, trail: Trail, seed: int) -> npt.NDArray[np.bool_]:
    """Random records until the rule has the relevant ones it wants, or all records."""
    chosen = np.zeros(len(trail.marks), dtype=bool)
    if isinstance(stopper, AuditingStopper):
        order = np.random.default_rng(seed).permutation(len(trail.marks))
        met = np.cumsum(trail.marks[order])
        chosen[order[: int(np.searchsorted(met, stopper.audit)) + 1]] = True
    return chosen


def _rows_read(trail: Trail, at: int, *, apart: bool) -> npt.NDArray[np.int_]:
    rest = np.flatnonzero(~trail.readable[at:]) + at if apart else np.zeros(0, dtype=int)
    return np.concatenate([np.arange(at), rest])


def _look(trail: Trail, at: int, sampled: npt.NDArray[np.bool_], *, apart: bool) -> Reading:
    rows = _rows_read(trail, at, apart=apart)
    audit = None
    if sampled.any():
        audit = Audit(int(sampled.sum()), int(trail.marks[sampled].sum()), int(trail.marks[:at][sampled[:at]].sum()))
    return Reading(
        trail.marks[rows],
        trail.readable[rows],
        len(trail.marks),
        int(trail.readable.sum()),
        trail.expected_at(at),
        audit,
    )


def _describe(trail: Trail, at: int, sampled: npt.NDArray[np.bool_], *, apart: bool) -> Stopped:
    read = sampled.copy()
    read[_rows_read(trail, at, apart=apart)] = True
    total, relevant, found = len(trail.marks), int(trail.marks.sum()), int(trail.marks[read].sum())
    return Stopped(
        position=int(read.sum()),
        share=float(read.sum() / max(total, 1)),
        recall=found / relevant if relevant else 1.0,
        missed_bound=bound_missed(trail.marks[_rows_read(trail, at, apart=apart)].tolist(), total),
        found=found,
        missed=relevant - found,
        at=at,
    )
