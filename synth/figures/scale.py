"""Axes of forest plots: what range they show, where their ticks stand, how numbers are written."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from synth.figures.style import SMALL_PT
from synth.figures.text import text_width

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Interval = tuple[float, float, float]
"""Low, estimate, high."""
_EDGE = 0.02
"""Share of the range that stays free at both ends."""


@dataclass(frozen=True, slots=True)
class Scale:
    """From values to points between ``left`` and ``right``; ``low`` and ``high`` are values of the measure."""

    low: float
    high: float
    log: bool
    left: float
    right: float

    def place(self, value: float) -> float:
        """Where ``value`` lies in points, also beyond the edges (at most a page away)."""
        low, high, at = (_bend(number, self.log) for number in (self.low, self.high, value))
        share = min(max((at - low) / (high - low), -10.0), 10.0)
        return self.left + share * (self.right - self.left)

    def clip(self, value: float) -> float:
        """The same, kept between the edges."""
        return min(max(self.place(value), self.left), self.right)


def _bend(value: float, log: bool) -> float:
    if not log:
        return value
    return math.log(value) if value > 0 else -math.inf


def _unbend(value: float, log: bool) -> float:
    return math.exp(min(value, 700.0)) if log else value


def find_range(
    intervals: Iterable[Interval], pooled: Iterable[Interval], null: float, *, log: bool
) -> tuple[float, float]:
    """The values between which an axis runs, from the rows and the pooled lines.

    Pooled intervals and the null lie inside. A few rows with far or wide intervals do not press all others together:
    what lies further out than a few typical intervals from the middle of the rows is left to arrows.
    """
    rows = [bent for bent in (_bend_interval(row, log) for row in intervals) if bent]
    whole = [bent for bent in (_bend_interval(row, log) for row in pooled) if bent]
    inside = [_bend(null, log), *(end for row in whole for end in (row[0], row[2]))]
    if rows:
        inside += _typical_ends(rows)
    low, high = min(inside), max(inside)
    least = math.log(1.5) if log else 1e-9 + abs(high) * 1e-3
    if high - low < least:
        low, high = low - least / 2, high + least / 2
    room = (high - low) * _EDGE
    found = _unbend(low - room, log), _unbend(high + room, log)
    return _reach_ticks(*found) if log and found[1] / found[0] > 2 else found


def _reach_ticks(low: float, high: float) -> tuple[float, float]:
    """The range widened, at its nearer end, until it holds three ticks of 1-2-5."""
    while True:
        ticks = _log_ticks(Scale(low, high, log=True, left=0, right=1), (1, 2, 5), 1)
        if len(ticks) >= 3:
            return low, high
        wide = Scale(low / 6, high * 6, log=True, left=0, right=1)
        around = _log_ticks(wide, (1, 2, 5), 1)
        below = max(tick for tick in around if tick < low)
        above = min(tick for tick in around if tick > high)
        if low / below < above / high:
            low = below / 1.03
        else:
            high = above * 1.03


def balance_range(low: float, high: float, null: float, *, log: bool, least: float = 0.3) -> tuple[float, float]:
    """The range widened until ``null`` has at least the share ``least`` of the axis on either side."""
    start, end, middle = (_bend(value, log) for value in (low, high, null))
    share = least / (1 - least)
    start, end = min(start, middle - (end - middle) * share), max(end, middle + (middle - start) * share)
    return _unbend(start, log), _unbend(end, log)


def _bend_interval(row: Interval, log: bool) -> Interval | None:
    bent = tuple(_bend(value, log) for value in row)
    if not math.isfinite(bent[1]):
        return None
    return tuple(value if math.isfinite(value) else bent[1] for value in bent)  # type: ignore[return-value]  # three


def _typical_ends(rows: Sequence[Interval]) -> list[float]:
    middle = _median([row[1] for row in rows])
    half = _median([(row[2] - row[0]) / 2 for row in rows])
    spread = _median([abs(row[1] - middle) for row in rows])
    reach = 2.5 * half + 2.5 * spread
    ends = [end for row in rows for end in (row[0], row[2])]
    return [min(max(end, middle - reach), middle + reach) for end in ends]


def _median(values: Sequence[float]) -> float:
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def find_ticks(scale: Scale, *, size: float = SMALL_PT) -> list[float]:
    """Ticks for ``scale`` with labels that do not touch: 1-2-5 on a log axis, at least three wherever three fit."""
    fitting = [ticks for ticks in _candidates(scale) if _fits(ticks, scale, size)]
    good = [ticks for ticks in fitting if 3 <= len(ticks) <= 9]
    return good[0] if good else max(fitting, key=len, default=[])


_FINE_STEPS = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9, 10)
"""For ranges in which no round step gives three labels that have room."""


def _candidates(scale: Scale) -> list[list[float]]:
    """Sets of ticks, the best first."""
    linear = [_linear_ticks(scale, parts) for parts in (6, 5, 4, 8, 10, 3, 2)]
    linear += [_linear_ticks(scale, parts, (1, 2, 2.5, 4, 5, 10)) for parts in (4, 3)]
    linear += [_linear_ticks(scale, parts, _FINE_STEPS) for parts in (4, 3.5, 3, 2.75, 2.5, 2.25, 2)]
    if not scale.log:
        return linear
    decades = [_log_ticks(scale, (1,), every) for every in (1, 2, 3, 4, 6, 8, 12, 20, 30, 50, 80)]
    return [_log_ticks(scale, (1, 2, 5), 1), *decades, _log_ticks(scale, (1, 1.5, 2, 3, 5, 7), 1), *linear]


def _log_ticks(scale: Scale, steps: Sequence[float], every: int) -> list[float]:
    first, last = math.floor(math.log10(scale.low)), math.ceil(math.log10(scale.high))
    powers = [power for power in range(first, last + 1) if power % every == 0]
    ticks = [float(f"{step}e{power}") for power in powers for step in steps]
    return [tick for tick in ticks if scale.low <= tick <= scale.high]


def _linear_ticks(scale: Scale, parts: float, factors: Sequence[float] = (1, 2, 5, 10)) -> list[float]:
    rough = (scale.high - scale.low) / parts
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in factors if power * factor >= rough * 0.999)
    first, last = math.ceil(scale.low / step), math.floor(scale.high / step)
    ticks = [round(number * step, 12) for number in range(first, last + 1)]
    return [tick for tick in ticks if tick > 0 or not scale.log]


def _fits(ticks: Sequence[float], scale: Scale, size: float) -> bool:
    ends = [(scale.place(tick), text_width(write_tick(tick), size) / 2) for tick in ticks]
    return all(right[0] - right[1] - left[0] - left[1] > 3 for left, right in pairwise(ends))


def write_tick(value: float) -> str:
    """A tick's label: short, without needless noughts, powers of ten beyond 100,000 and below 0.001."""
    if value and not 0.001 <= abs(value) < 100_000:
        return _write_power(value)
    return f"{value:,.10g}".replace("-", "−").replace(",", " ")


def write_number(value: float, decimals: int = 2) -> str:
    """A number for a column: ``decimals`` places, or a power of ten where these would hide it."""
    if math.isnan(value):
        return ""
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if value and not 0.5 * 10.0**-decimals <= abs(value) < 100_000:
        return _write_power(value)
    text = f"{value:.{decimals}f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", "−")


_RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def _write_power(value: float) -> str:
    digits, _, power = f"{value:.1e}".partition("e")
    digits = digits.removesuffix(".0").replace("-", "−")
    raised = str(int(power)).translate(_RAISED)
    return digits.replace("1", f"10{raised}") if digits in ("1", "−1") else f"{digits}×10{raised}"
