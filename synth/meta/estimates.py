"""From a printed result (an estimate with its interval, standard error or p) to ``yi`` and ``vi``.

Formulas: Cochrane Handbook for Systematic Reviews of Interventions (version 6.3), sections 6.3.1 and 6.3.2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri

from synth.meta.cautions import AsymmetricInterval, issue
from synth.meta.effect_sizes import as_numbers, missing_column
from synth.meta.measures import find_measure

_UNEVEN = 0.1
"""An interval whose middle is farther from the estimate than this share of its half-width is reported."""


@dataclass(frozen=True, slots=True)
class Converted:
    """``yi`` and ``vi`` on the scale of analysis (NaN with a ``problem``), their ``source``, a ``note``."""

    yi: float
    vi: float
    source: str = ""
    problem: str = ""
    note: str = ""


def from_estimate(
    estimate: float,
    *,
    measure: str = "GEN",
    ci_low: float | None = None,
    ci_high: float | None = None,
    se: float | None = None,
    p: float | None = None,
    level: float = 95,
) -> Converted:
    """Turn a printed result into ``yi`` and ``vi``: from the interval, else the standard error, else the exact p.

    Ratios are given as ratios and turned into logarithms; ``se`` is on the scale of analysis (of the logarithm, for a
    ratio). Nothing is raised for an impossible result: ``problem`` says in one sentence what is wrong with it.
    """
    ratio = find_measure(measure).scale == "log"
    if _missing(estimate):
        return _refused("No estimate is given")
    if ratio and estimate <= 0:
        return _refused(f"A ratio of {estimate:g} has no logarithm")
    yi = math.log(estimate) if ratio else float(estimate)
    if not (_missing(ci_low) or _missing(ci_high)):
        assert ci_low is not None
        assert ci_high is not None
        return _from_interval(estimate, ci_low, ci_high, yi, level, ratio=ratio)
    if se is not None and not _missing(se):
        return (
            Converted(yi, se**2, "standard error")
            if se > 0
            else _refused(f"A standard error of {se:g} is not possible")
        )
    if p is not None and not _missing(p):
        return _from_p(yi, p)
    return _refused("An estimate stands alone, without interval, standard error or exact p")


def _missing(value: float | None) -> bool:
    return value is None or bool(pd.isna(value))


def _refused(problem: str) -> Converted:
    return Converted(math.nan, math.nan, problem=problem)


def _from_interval(estimate: float, low: float, high: float, yi: float, level: float, *, ratio: bool) -> Converted:
    if not low <= estimate <= high:
        return _refused(f"The interval {low:g} to {high:g} does not contain the estimate {estimate:g}")
    if low == high:
        return _refused(f"The interval {low:g} to {high:g} has no width")
    if ratio and low <= 0:
        return _refused(f"The lower limit {low:g} of a ratio has no logarithm")
    a, b = (math.log(low), math.log(high)) if ratio else (low, high)
    se = (b - a) / (2 * float(ndtri(0.5 + level / 200)))
    return Converted(yi, se**2, "interval", note=_describe_unevenness(estimate, low, high, ratio=ratio))


def _describe_unevenness(estimate: float, low: float, high: float, *, ratio: bool) -> str:
    """A sentence if the interval is uneven by more than its rounding explains."""
    half_unit = 0.5 * 10.0 ** -max(_decimals(value) for value in (estimate, low, high))

    def place(value: float) -> float:
        return math.log(max(value, 1e-300)) if ratio else value

    width = place(high) - place(low)
    reach = [(place(low + d) + place(high + d)) / 2 - place(estimate - d) for d in (-half_unit, half_unit)]
    if min(reach) <= 0 <= max(reach) or min(abs(value) for value in reach) <= _UNEVEN * width / 2:
        return ""
    scale = "as logarithms, " if ratio else ""
    return f"{estimate:g} does not lie in the middle of {low:g} to {high:g} ({scale}beyond rounding): check the row"


def _decimals(value: float) -> int:
    """Decimal places as printed."""
    text = f"{value:.10g}"
    return len(text.split(".")[1]) if "." in text and "e" not in text else 0


def _from_p(yi: float, p: float) -> Converted:
    if not 0 < p < 1 or yi == 0:
        return _refused(f"No standard error follows from p = {p:g} and an estimate of {yi:g}")
    se = abs(yi) / float(ndtri(1 - p / 2))
    return Converted(yi, se**2, "p")


def convert_estimates(
    frame: pd.DataFrame,
    measure: str,
    *,
    estimate: str = "estimate",
    ci_low: str = "ci_low",
    ci_high: str = "ci_high",
    se: str = "se",
    p: str = "p",
    level: float = 95,
) -> pd.DataFrame:
    """``frame`` with ``yi``, ``vi``, ``source`` and ``problem`` by from_estimate. The options name the columns."""
    if estimate not in frame.columns:
        raise missing_column(estimate, [str(column) for column in frame.columns])
    names = {"ci_low": ci_low, "ci_high": ci_high, "se": se, "p": p}
    numbers = {key: as_numbers(frame, name) for key, name in names.items() if name in frame.columns}
    values = as_numbers(frame, estimate)
    rows = [
        from_estimate(
            value, measure=measure, level=level, **{key: float(column[row]) for key, column in numbers.items()}
        )
        for row, value in enumerate(values)
    ]
    issue([AsymmetricInterval(row.note) for row in rows if row.note])
    result = frame.copy()
    for column in ("yi", "vi", "source", "problem"):
        result[column] = [getattr(row, column) for row in rows]
    result.attrs["measure"] = find_measure(measure).name
    return result.astype({"yi": np.float64, "vi": np.float64})
