"""Which measures there are: their name, the scale they are analysed on, and what they are computed from.

Ratios are analysed as logarithms and shown as ratios. Measures that stand in no table here (percentages of change,
within-group coefficients, "p only") are kept as rows and never pooled.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
from numpy.typing import NDArray

from synth.errors import UsageError

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure. ``scale``: log, identity, atanh, logit, arcsine (of the analysis); ``null``: no effect, as shown."""

    name: str
    label: str
    scale: str = "identity"
    null: float = 0.0
    has_unit: bool = False


_LISTED = (
    Measure("RR", "Risk ratio", "log", 1.0),
    Measure("OR", "Odds ratio", "log", 1.0),
    Measure("PETO", "Peto odds ratio", "log", 1.0),
    Measure("PRR", "Prevalence ratio", "log", 1.0),
    Measure("IRR", "Incidence rate ratio", "log", 1.0),
    Measure("HR", "Hazard ratio", "log", 1.0),
    Measure("ROM", "Ratio of means", "log", 1.0),
    Measure("RD", "Risk difference"),
    Measure("AS", "Arcsine square root transformed risk difference"),
    Measure("IRD", "Incidence rate difference"),
    Measure("IRSD", "Square root transformed incidence rate difference"),
    Measure("MD", "Mean difference", has_unit=True),
    Measure("SMD", "Standardised mean difference"),
    Measure("DID", "Difference in differences", has_unit=True),
    Measure("beta", "Regression coefficient", has_unit=True),
    Measure("COR", "Correlation"),
    Measure("ZCOR", "Fisher's z transformed correlation", "atanh"),
    Measure("PR", "Proportion"),
    Measure("PLN", "Log transformed proportion", "log", float("nan")),
    Measure("PLO", "Logit transformed proportion", "logit", float("nan")),
    Measure("PAS", "Arcsine square root transformed proportion", "arcsine", float("nan")),
    Measure("PFT", "Double arcsine transformed proportion"),
    Measure("IR", "Incidence rate"),
    Measure("IRLN", "Log transformed incidence rate", "log", float("nan")),
    Measure("IRS", "Square root transformed incidence rate"),
    Measure("IRFT", "Freeman-Tukey transformed incidence rate"),
    Measure("GEN", "Effect"),
)
MEASURES: dict[str, Measure] = {measure.name: measure for measure in _LISTED}
"""Every measure that can be pooled, by name."""

_BACK: dict[str, Callable[[Array], Array]] = {
    "log": np.exp,
    "identity": lambda x: x,
    "atanh": np.tanh,
    "logit": lambda x: 1 / (1 + np.exp(-x)),
    "arcsine": lambda x: np.sin(np.clip(x, 0, np.pi / 2)) ** 2,
}


def find_measure(name: str) -> Measure:
    """The measure called ``name`` (case is forgiven). Raises UsageError with the nearest name."""
    by_case = {known.casefold(): known for known in MEASURES}
    wanted = by_case.get(str(name).strip().casefold())
    if wanted is not None:
        return MEASURES[wanted]
    near = get_close_matches(str(name).casefold(), by_case, n=1)
    raise UsageError(
        f'"{name}" is not a measure that can be pooled',
        why=f"Known are {', '.join(MEASURES)}",
        hint=f"Did you mean {by_case[near[0]]}?" if near else "Give one of these, or GEN for yi and vi of any kind",
    )


def is_measure(name: str) -> bool:
    """Whether results of this measure can be pooled."""
    return str(name).strip().casefold() in {known.casefold() for known in MEASURES}


def is_ratio(name: str) -> bool:
    """Whether the measure is analysed as a logarithm."""
    return find_measure(name).scale == "log"


def back_transform(measure: str, values: float | Array) -> Array:
    """Values of the scale of analysis as people read them: exp for ratios, tanh for Fisher's z, ..."""
    return _BACK[find_measure(measure).scale](np.asarray(values, dtype=np.float64))
