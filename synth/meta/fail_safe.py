"""How many null results would have to lie in drawers. Computed because people ask; it is no evidence of soundness.

Sources: Rosenthal (1979), Psychol Bull 86:638; Orwin (1983), J Educ Stat 8:157; Rosenberg (2005), Evolution 59:464.
Discouraged by the Cochrane Handbook (section 13) and Becker (2005): no distribution, no bias model, no heterogeneity.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from synth.errors import UsageError
from synth.meta.cautions import Caution, issue
from synth.meta.fit import Fit

KINDS = ("Rosenthal", "Orwin", "Rosenberg")


class FailSafeDiscouraged(Caution):
    """A fail-safe number says nothing about the size or the presence of bias."""


@dataclass(frozen=True, slots=True)
class FailSafe:
    """``fsnum`` studies of no effect would undo significance (or reach Orwin's ``target``)."""

    kind: str
    fsnum: int
    target: float
    cautions: tuple[Caution, ...]


def fail_safe_n(fit: Fit, kind: str = "Rosenthal", *, alpha: float = 0.05, target: float | None = None) -> FailSafe:
    """The fail-safe number. ``target`` of Orwin: the smallest mean that matters, by default half the observed."""
    by_name = {known.casefold(): known for known in KINDS}
    if kind.casefold() not in by_name:
        raise UsageError(f'There is no fail-safe number "{kind}"', hint=f"Choose one of {', '.join(KINDS)}")
    if not 0 < alpha < 1:
        raise UsageError(f"alpha = {alpha:g} is not between 0 and 1", hint="Give 0.05 for 5 %")
    kind = by_name[kind.casefold()]
    caution = FailSafeDiscouraged("A fail-safe number is no evidence that bias is absent; read the funnel plot instead")
    issue([caution])
    if kind == "Orwin":
        mean = float(fit.yi.mean())
        goal = mean / 2 if target is None else target
        value = fit.k * (mean - goal) / goal if goal != 0 else np.inf
        if not np.isfinite(value):
            raise UsageError(
                "Orwin's number has no value for a target of 0", hint="Give the smallest mean that matters"
            )
        return FailSafe(kind, _round_up(value), goal, (caution,))
    return FailSafe(kind, _round_up(_undo(fit, kind, alpha)), float("nan"), (caution,))


def _undo(fit: Fit, kind: str, alpha: float) -> float:
    """K (z^2/critical^2 - 1): by the mean of z scores (one-sided), or by the weighted mean (two-sided)."""
    if kind == "Rosenthal":
        z, critical = np.sum(fit.yi / np.sqrt(fit.vi)) / np.sqrt(fit.k), ndtri(1 - alpha)
    else:
        z, critical = np.sum(fit.yi / fit.vi) / np.sqrt(np.sum(1 / fit.vi)), ndtri(1 - alpha / 2)
    return float(fit.k * ((z / critical) ** 2 - 1))


def _round_up(value: float) -> int:
    # rounding must not turn 48.000000000000007 into 49
    return max(0, int(np.ceil(value - 1e-9 * max(1.0, abs(value)))))
