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
from scipy.special import ndtr

from synth.errors import UsageError

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure. ``scale`` of the analysis: a name of SCALES; ``null``: no effect, as shown (or NaN)."""

    name: str
    label: str
    scale: str = "identity"
    null: float = 0.0
    has_unit: bool = False


_NONE = float("nan")
_LISTED = (
    # two arms, counts
    Measure("RR", "Risk ratio", "log", 1.0),
    Measure("OR", "Odds ratio", "log", 1.0),
    Measure("PETO", "Peto odds ratio", "log", 1.0),
    Measure("PRR", "Prevalence ratio", "log", 1.0),
    Measure("IRR", "Incidence rate ratio", "log", 1.0),
    Measure("HR", "Hazard ratio", "log", 1.0),
    Measure("RD", "Risk difference"),
    Measure("AS", "Arcsine square root transformed risk difference"),
    Measure("IRD", "Incidence rate difference"),
    Measure("IRSD", "Square root transformed incidence rate difference"),
    Measure("PHI", "Phi coefficient"),
    Measure("YUQ", "Yule's Q"),
    Measure("YUY", "Yule's Y"),
    Measure("RTET", "Tetrachoric correlation"),
    Measure("PBIT", "Probit transformed risk difference"),
    Measure("OR2D", "Standardised mean difference from an odds ratio"),
    Measure("OR2DN", "Standardised mean difference from an odds ratio (normal)"),
    Measure("OR2DL", "Standardised mean difference from an odds ratio (logistic)"),
    # two arms, means
    Measure("MD", "Mean difference", has_unit=True),
    Measure("SMD", "Standardised mean difference"),
    Measure("SMDH", "Standardised mean difference (unequal variances)"),
    Measure("SMD1", "Standardised mean difference by one arm's deviation"),
    Measure("SMD1H", "Standardised mean difference by one arm's deviation (unequal variances)"),
    Measure("ROM", "Ratio of means", "log", 1.0),
    Measure("CVR", "Ratio of coefficients of variation", "log", 1.0),
    Measure("VR", "Ratio of standard deviations", "log", 1.0),
    Measure("RPB", "Point-biserial correlation"),
    Measure("RBIS", "Biserial correlation"),
    Measure("D2OR", "Odds ratio from a standardised mean difference", "log", 1.0),
    Measure("D2ORN", "Odds ratio from a standardised mean difference (normal)", "log", 1.0),
    Measure("D2ORL", "Odds ratio from a standardised mean difference (logistic)", "log", 1.0),
    Measure("DID", "Difference in differences", has_unit=True),
    Measure("beta", "Regression coefficient", has_unit=True),
    # correlations
    Measure("COR", "Correlation"),
    Measure("UCOR", "Unbiased correlation"),
    Measure("ZCOR", "Fisher's z transformed correlation", "atanh"),
    Measure("PCOR", "Partial correlation"),
    Measure("ZPCOR", "Fisher's z transformed partial correlation", "atanh"),
    # one arm
    Measure("PR", "Proportion", null=_NONE),
    Measure("PLN", "Log transformed proportion", "log", _NONE),
    Measure("PLO", "Logit transformed proportion", "logit", _NONE),
    Measure("PRZ", "Probit transformed proportion", "probit", _NONE),
    Measure("PAS", "Arcsine square root transformed proportion", "arcsine", _NONE),
    Measure("PFT", "Double arcsine transformed proportion", null=_NONE),
    Measure("IR", "Incidence rate", null=_NONE),
    Measure("IRLN", "Log transformed incidence rate", "log", _NONE),
    Measure("IRS", "Square root transformed incidence rate", "square root", _NONE),
    Measure("IRFT", "Freeman-Tukey transformed incidence rate", null=_NONE),
    Measure("MN", "Mean", null=_NONE, has_unit=True),
    Measure("MNLN", "Log transformed mean", "log", _NONE, has_unit=True),
    Measure("SMN", "Standardised mean"),
    Measure("SDLN", "Log transformed standard deviation", "log", _NONE, has_unit=True),
    Measure("CVLN", "Log transformed coefficient of variation", "log", _NONE),
    # the same people twice
    Measure("MC", "Mean change", has_unit=True),
    Measure("SMCC", "Standardised mean change by the deviation of changes"),
    Measure("SMCR", "Standardised mean change by the raw deviation"),
    Measure("SMCRH", "Standardised mean change by the raw deviation (unequal variances)"),
    Measure("SMCRP", "Standardised mean change by the average deviation"),
    Measure("SMCRPH", "Standardised mean change by the average deviation (unequal variances)"),
    Measure("ROMC", "Ratio of means, the same people twice", "log", 1.0),
    Measure("CVRC", "Ratio of coefficients of variation, the same people twice", "log", 1.0),
    Measure("VRC", "Ratio of standard deviations, the same people twice", "log", 1.0),
    # reliability
    Measure("ARAW", "Cronbach's alpha", null=_NONE),
    Measure("AHW", "Cronbach's alpha by Hakstian and Whalen", "cube root of the rest", _NONE),
    Measure("ABT", "Cronbach's alpha by Bonett", "log of the rest", _NONE),
    Measure("GEN", "Effect"),
)
MEASURES: dict[str, Measure] = {measure.name: measure for measure in _LISTED}
"""Every measure that can be pooled, by name."""

SCALES: dict[str, Callable[[Array], Array]] = {
    "log": np.exp,
    "identity": lambda x: x,
    "atanh": np.tanh,
    "logit": lambda x: 1 / (1 + np.exp(-x)),
    "arcsine": lambda x: np.sin(np.clip(x, 0, np.pi / 2)) ** 2,
    "probit": ndtr,
    "square root": lambda x: np.clip(x, 0, None) ** 2,
    "cube root of the rest": lambda x: 1 - (1 - x) ** 3,
    "log of the rest": lambda x: -np.expm1(-x),
}
"""From the scale of an analysis to the one that people read, by the scale's name."""


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
    return SCALES[find_measure(measure).scale](np.asarray(values, dtype=np.float64))
