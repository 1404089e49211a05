"""Synthesis without meta-analysis: how many studies point which way.

After Campbell et al. (2020, SWiM, BMJ 368:l6890) and the Cochrane Handbook (version 6.3), chapter 12: count
directions, test them with the sign test, and show the share with an interval. Counting significant results is not a
method: it has no valid reading and loses power as studies are added (Hedges & Olkin 1980, Psychol Bull 88:359); it is
refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd
from scipy.special import bdtr, betaincinv, ndtri

from synth.errors import UsageError

DIRECTIONS = ("favours", "against", "none", "unclear")
"""In favour of the programme, against it, no difference, and not to be told."""


@dataclass(frozen=True, slots=True)
class DirectionCount:
    """Studies by direction."""

    favours: int
    against: int
    none: int
    unclear: int

    @property
    def total(self) -> int:
        """All studies, those that point nowhere included."""
        return self.favours + self.against + self.none + self.unclear


@dataclass(frozen=True, slots=True)
class SignTest:
    """Of ``n`` studies that point somewhere, ``favours`` favour the programme: share, interval, two-sided p."""

    favours: int
    n: int
    share: float
    ci_low: float
    ci_high: float
    p: float
    interval: str
    level: float

    def to_dict(self) -> dict[str, Any]:
        """Plain Python values."""
        return asdict(self)


def count_directions(directions: Iterable[Any], *, by: str = "direction") -> DirectionCount:
    """Count ``directions`` (one per study; anything that is not one of DIRECTIONS is unclear).

    Raises UsageError for ``by="significance"``: significant results are not votes.
    """
    if by != "direction":
        raise UsageError(
            f'Counting studies by {by} is refused: "not significant" does not mean "no effect"',
            why="Cochrane Handbook 6.3, section 12.2.2.1, calls it unacceptable",
            hint="Count the directions of effect, whatever their p-values",
        )
    counts = dict.fromkeys(DIRECTIONS, 0)
    for direction in directions:
        name = "unclear" if pd.isna(direction) else str(direction).strip().casefold()
        counts[name if name in counts else "unclear"] += 1
    return DirectionCount(**counts)


def sign_test(count: DirectionCount, *, interval: str = "clopper-pearson", level: float = 95) -> SignTest | None:
    """The exact binomial sign test of favours against against; None if no study points either way.

    ``interval``: clopper-pearson (Clopper & Pearson 1934, Biometrika 26:404) or wilson (Wilson 1927, JASA 22:209).
    """
    limits = {"clopper-pearson": clopper_pearson, "wilson": wilson}.get(interval)
    if limits is None:
        raise UsageError(f'There is no interval "{interval}" for a share', hint="Choose clopper-pearson or wilson")
    n = count.favours + count.against
    if n == 0:
        return None
    low, high = limits(count.favours, n, level)
    p = min(1.0, 2 * float(bdtr(min(count.favours, count.against), n, 0.5)))
    return SignTest(count.favours, n, count.favours / n, low, high, p, interval, level)


def clopper_pearson(x: int, n: int, level: float = 95) -> tuple[float, float]:
    """The exact interval of a share x/n."""
    tail = (1 - level / 100) / 2
    low = 0.0 if x == 0 else float(betaincinv(x, n - x + 1, tail))
    high = 1.0 if x == n else float(betaincinv(x + 1, n - x, 1 - tail))
    return low, high


def wilson(x: int, n: int, level: float = 95) -> tuple[float, float]:
    """Wilson's score interval of a share x/n."""
    z = float(ndtri(0.5 + level / 200))
    share, spread = x / n, z**2 / n
    middle = (share + spread / 2) / (1 + spread)
    reach = z / (1 + spread) * (share * (1 - share) / n + spread / (4 * n)) ** 0.5
    return max(0.0, middle - reach), min(1.0, middle + reach)
