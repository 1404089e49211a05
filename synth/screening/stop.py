"""How many relevant works may still be unread, and whether to stop: two answers, never mixed.

**The bound** (``bound_missed``) is the test of Callaghan & Müller-Hansen 2020 (Systematic Reviews 9:273,
doi:10.1186/s13643-020-01521-4) with bias 1: if the unread works held m relevant ones, how likely would the last stretch
of reading have been as poor as it was, had it been a random sample of what was unread before it? Reading in ranked
order finds relevant works sooner than a random sample would, so the test errs on the safe side.

**The advice** (``advise_stop``) borrows from the course of this reading and from earlier reviews: the same test with
the odds by which a ranked reading has beaten a random one (the hazard of Jelinski & Moranda 1972 over the logarithm of
the pool, four tenths of it), and the number of relevant works that the ranking still expects. Works without an abstract
are read apart: the ranking knows too little of them, and they hide late finds. The constants and how they were tried on
finished reviews stand in docs/methods/stopping.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Places = npt.NDArray[np.int64]

TARGET = 0.95
ALPHA = 0.05
TAIL = 0.4
"""Share of the measured odds that the test is given."""
EXPECTED = 0.5
"""The ranking may expect this share of the smallest number of misses that breaks the target, at most."""
FEW = 20
"""With fewer found, 95 % would mean all or nearly all of them: no share is spoken of."""
FEW_FOR_ODDS = 10
"""With fewer found the course of the reading says too little: the test gets no odds."""
SHORT = 50
"""Letters of an abstract below which a work counts as having none."""


# --- the bound ---------------------------------------------------------------------------------------------------


def bound_missed(found: Sequence[int], total: int, *, alpha: float = ALPHA) -> int:
    """The largest number of unread relevant works that the reading so far does not contradict (level 1 - ``alpha``).

    ``found`` holds 1 (relevant or unclear) or 0 for each work in the order of reading, ``total`` counts the works,
    read or not. Every stretch that begins at the start or just after a find, and ends now, is a test; a number is
    contradicted when one of them is below ``alpha``. With nothing unread the bound is 0.
    """
    marks = np.asarray(found, dtype=int)
    unread = total - len(marks)
    low, high = 0, unread
    while low < high:  # the tests' p falls as the number missed grows
        middle = (low + high + 1) // 2
        if _smallest_exact_p(marks, unread, middle) >= alpha:
            low = middle
        else:
            high = middle - 1
    return low


def _smallest_exact_p(marks: npt.NDArray[np.int_], unread: int, missed: int) -> float:
    from scipy.stats import hypergeom  # noqa: PLC0415  loads slowly, and a decision needs none of it

    starts, lengths, finds = _stretches(np.flatnonzero(marks) + 1, len(marks))
    del starts
    return float(hypergeom.cdf(finds, unread + lengths, finds + missed, lengths).min())


def _stretches(places: Places, read: int) -> tuple[Places, Places, Places]:
    """Where each stretch starts (0, or just after a find), its length, and the finds in it."""
    starts = np.concatenate(([0], places))
    return starts, read - starts, len(places) - np.arange(len(starts))


def reading_to_lower(found: Sequence[int], total: int, goal: int, *, alpha: float = ALPHA) -> int:
    """How many more works must be read without a find until ``bound_missed`` is ``goal`` or less."""
    unread = total - len(found)
    low, high = 0, unread
    while low < high:
        middle = (low + high) // 2
        if bound_missed([*found, *[0] * middle], total, alpha=alpha) <= goal:
            high = middle
        else:
            low = middle + 1
    return low


# --- what a rule for stopping is told ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Audit:
    """A random sample read beside the ranked order: works in it, relevant ones, and how many of these it has met."""

    size: int
    relevant: int
    met: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What is known at a moment of the reading.

    ``found`` (1 or 0) and ``readable`` (has an abstract) tell of the works read, in order; ``total`` and
    ``total_readable`` count all works. ``expected``: relevant works that the ranking expects among the unread ones with
    an abstract, None where it cannot say. ``audit`` is there for rules that ask for a random sample.
    """

    found: npt.NDArray[np.int_]
    readable: npt.NDArray[np.bool_]
    total: int
    total_readable: int
    expected: float | None = None
    audit: Audit | None = None

    @property
    def read(self) -> int:
        """Works read."""
        return len(self.found)

    @property
    def relevant(self) -> int:
        """Relevant works found."""
        return int(self.found.sum())

    @property
    def left_without_abstract(self) -> int:
        """Unread works without an abstract."""
        return (self.total - self.total_readable) - int((~self.readable).sum())


def has_abstract(abstract: object) -> bool:
    """True if there is an abstract worth the name: 50 letters or more."""
    return isinstance(abstract, str) and len(abstract.strip()) >= SHORT


# --- the advice --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Advice:
    """``state``: ``go on``, ``read those without an abstract`` or ``stop``; ``why`` names the condition that decides.

    ``p`` is the smallest p of the test, ``breaking`` the smallest number of misses that breaks the target,
    ``expected`` what the ranking still expects (None: it cannot say).
    """

    state: str
    why: str
    p: float
    breaking: int
    expected: float | None
    apart: int


GO_ON, READ_APART, STOP = "go on", "read those without an abstract", "stop"


def advise_stop(
    reading: Reading, *, target: float = TARGET, alpha: float = ALPHA, tail: float = TAIL, share: float = EXPECTED
) -> Advice:
    """Whether to stop: the test and the expected number must both allow it, with no work without abstract unread."""
    breaking = breaking_misses(reading.relevant, target)
    p = _test_readable(reading, breaking, tail)
    state, why = _judge(reading, p, breaking, alpha, share)
    return Advice(state, why, p, breaking, reading.expected, reading.left_without_abstract)


def asks_ranking(reading: Reading, *, alpha: float = ALPHA, tail: float = TAIL) -> bool:
    """True if the test allows a stop, so that what the ranking expects would decide (it costs four trainings)."""
    p = _test_readable(reading, breaking_misses(reading.relevant), tail)
    return p < alpha


def _judge(reading: Reading, p: float, breaking: int, alpha: float, share: float) -> tuple[str, str]:
    unread = reading.total_readable - int(reading.readable.sum())
    if unread:
        if p >= alpha:
            return GO_ON, "the last stretch of reading was not poor enough"
        if reading.expected is None:
            return GO_ON, "fewer than four relevant or irrelevant works are known"
        if reading.expected > share * breaking:
            return GO_ON, "the ranking expects more relevant works among the unread"
    if reading.left_without_abstract:
        return READ_APART, "works without an abstract hide late finds"
    return STOP, "everything is read" if not unread else "the test and the ranking agree"


def breaking_misses(relevant: int, target: float = TARGET) -> int:
    """The smallest number of missed works with which ``relevant`` found ones are less than ``target`` of all."""
    return int(np.floor(relevant / target + 1e-9)) + 1 - relevant


def _test_readable(reading: Reading, breaking: int, tail: float) -> float:
    """The test on the works with an abstract; 0 when none of them is unread, 1 when none is read."""
    found = reading.found[reading.readable]
    unread = reading.total_readable - len(found)
    if not unread or not len(found):
        return float(bool(unread))
    places = np.flatnonzero(found) + 1
    odds = measure_odds(places, len(found), unread, breaking, tail) if reading.relevant >= FEW_FOR_ODDS else 1.0
    return smallest_p(places, len(found), unread, breaking, odds)


def measure_odds(places: Places, read: int, unread: int, missed: int, tail: float) -> float:
    """By how much the reading has beaten a random one, if ``missed`` are left: ``tail`` times the hazard, 1 or more."""
    total = read + unread
    exposure = float(np.log(total / (total - places + 0.5)).sum() + missed * np.log(total / unread))
    return max(1.0, tail * len(places) / exposure) if exposure > 0 else 1.0


def smallest_p(places: Places, read: int, unread: int, missed: int, odds: float = 1.0) -> float:
    """Smallest p over all stretches that end now: as few finds, if ``missed`` relevant works were left.

    A relevant work is met in a stretch of L works with chance 1 - (unread / (unread + L)) ** ``odds``; with odds 1 this
    is the hypergeometric test but for the finite pool. ``places`` are those of the finds, counted from 1.
    """
    from scipy.special import betainc  # noqa: PLC0415  loads slowly, and a decision needs none of it

    _, lengths, finds = _stretches(places, read)
    lengths, finds = lengths[lengths > 0], finds[lengths > 0]
    if not len(lengths):
        return 1.0
    return float(betainc(missed, finds + 1, (unread / (unread + lengths)) ** odds).min())
