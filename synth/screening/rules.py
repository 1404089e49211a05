"""Rules for stopping, ours and the common ones, under one protocol: a rule is asked again and again while one reads.

Other packages may register rules under the entry point group ``synth.stoppers``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.metadata import entry_points
from typing import Protocol, runtime_checkable

import numpy as np

from synth.errors import UsageError
from synth.screening.stop import ALPHA, GO_ON, TARGET, Reading, advise_stop, breaking_misses, smallest_p


class Stopper(Protocol):
    """A plug-in of ``synth.stoppers``: made without arguments, or with the number after the colon of its name."""

    @property
    def name(self) -> str:
        """The name under which it is known."""
        ...

    def should_stop(self, reading: Reading) -> bool:
        """True as soon as the rule would stop."""
        ...


@runtime_checkable
class AuditingStopper(Protocol):
    """A rule that reads works at random before, until it has ``audit`` relevant ones (or all works)."""

    @property
    def audit(self) -> int:
        """How many relevant works the sample must hold."""
        ...


@runtime_checkable
class ApartStopper(Protocol):
    """A rule that reads all works without an abstract before it stops; they count as read."""

    @property
    def reads_apart(self) -> bool:
        """Always True."""
        ...


@dataclass(frozen=True, slots=True)
class AdviceRule:
    """The advice of ``synth screen stop``."""

    level: float = ALPHA
    name: str = "advice"
    reads_apart: bool = True

    def should_stop(self, reading: Reading) -> bool:
        """True when the advice is no longer to go on."""
        return advise_stop(reading, alpha=self.level).state != GO_ON


@dataclass(frozen=True, slots=True)
class ConsecutiveRule:
    """So many irrelevant works in a row; ASReview's rule with 50."""

    number: float = 50
    name: str = "consecutive"

    def should_stop(self, reading: Reading) -> bool:
        """True after ``number`` works without a find."""
        return reading.read >= self.number and not reading.found[-int(self.number) :].any()


@dataclass(frozen=True, slots=True)
class PercentageRule:
    """A fixed percentage of all works."""

    percent: float = 50
    name: str = "percentage"

    def should_stop(self, reading: Reading) -> bool:
        """True once that percentage is read."""
        return reading.read >= self.percent / 100 * reading.total


@dataclass(frozen=True, slots=True)
class HypergeometricRule:
    """The test of Callaghan & Müller-Hansen 2020 (buscar) for 95 % recall, all stretches; ``odds`` is its bias."""

    odds: float = 1.0
    name: str = "hypergeometric"

    def should_stop(self, reading: Reading) -> bool:
        """True when recall below 95 % is rejected at .05."""
        unread = reading.total - reading.read
        places = np.flatnonzero(reading.found) + 1
        missed = breaking_misses(reading.relevant, TARGET)
        return not unread or smallest_p(places, reading.read, unread, missed, self.odds) < ALPHA


@dataclass(frozen=True, slots=True)
class QuantileRule:
    """QBCB (Lewis, Yang & Frieder 2021, doi:10.1145/3459637.3482415): a random sample with 59 relevant works is met.

    If 95 % of the relevant works were not yet read, the order would have met all 59 with a chance below .95 ** 59 =
    .0485. The sample is read beside the order and counts as read.
    """

    audit: int = 59
    name: str = "qbcb"

    def should_stop(self, reading: Reading) -> bool:
        """True when every relevant work of the sample was met in the ranked order."""
        known = reading.audit
        return known is not None and known.relevant >= self.audit and known.met == known.relevant


@dataclass(frozen=True, slots=True)
class KneeRule:
    """The knee of the gain curve (Cormack & Grossman 2016, doi:10.1145/2911451.2911510).

    The slope up to the knee over the slope after it must reach 156 - min(relevant found, 150); at least ``least`` works
    are read (there 1,000, here 100, as whole reviews are smaller).
    """

    least: float = 100
    name: str = "knee"

    def should_stop(self, reading: Reading) -> bool:
        """True when the curve has bent far enough."""
        if reading.read < self.least or not reading.relevant:
            return False
        gain = np.cumsum(reading.found)
        read = np.arange(1, reading.read + 1)
        knee = int(np.argmax(gain * reading.read - read * gain[-1]))
        before = gain[knee] / read[knee]
        after = (1 + gain[-1] - gain[knee]) / max(reading.read - read[knee], 1)
        return bool(before / after >= 156 - min(reading.relevant, 150))


@dataclass(frozen=True, slots=True)
class SafeRule:
    """The stopping part of SAFE (Boetje & van de Schoot 2024, doi:10.1186/s13643-024-02502-7).

    At least 10 % are read, and ``number`` in a row are irrelevant. The random start, the check of key papers and the
    second model of SAFE need people and are left out.
    """

    number: float = 50
    name: str = "safe"

    def should_stop(self, reading: Reading) -> bool:
        """True when both hold."""
        return reading.read >= 0.1 * reading.total and ConsecutiveRule(self.number).should_stop(reading)


RULES: dict[str, Callable[..., Stopper]] = {
    "advice": AdviceRule,
    "consecutive": ConsecutiveRule,
    "percentage": PercentageRule,
    "hypergeometric": HypergeometricRule,
    "buscar": HypergeometricRule,
    "qbcb": QuantileRule,
    "knee": KneeRule,
    "safe": SafeRule,
}
"""Our rules by name; ``buscar`` is another name of the hypergeometric test."""


def find_stopper(text: str) -> Stopper:
    """The rule that ``text`` names, with its number after a colon: ``consecutive:100``, ``hypergeometric:1.5``."""
    name, colon, number = text.partition(":")
    makers: dict[str, Callable[..., Stopper]] = dict(RULES)
    if name not in makers:
        makers |= {entry.name: entry.load() for entry in entry_points(group="synth.stoppers") if entry.name == name}
    if name not in makers:
        names = sorted(RULES)
        near = get_close_matches(name, names, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(names)}"
        raise UsageError(f"There is no rule for stopping called {name!r}", hint=hint)
    return makers[name](*_read_number(text, number) if colon else ())


def _read_number(text: str, number: str) -> tuple[float]:
    try:
        value = float(number)
    except ValueError:
        value = 0.0
    if not 0 < value < 1e9:
        raise UsageError(f"{text!r}: after the colon stands no number above 0", hint="For example: consecutive:100")
    return (int(value) if value == int(value) else value,)
