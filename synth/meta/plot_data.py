"""The numbers behind plots of a fit: Baujat, radial, normal quantiles, L'Abbé, the profile of tau2.

Sources: Baujat et al. (2002), Stat Med 21:2641; Galbraith (1988), Stat Med 7:889; Wang & Bushman (1998), Psychol
Methods 3:46; L'Abbé, Detsky & O'Rourke (1987), Ann Intern Med 107:224.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from synth.errors import UsageError
from synth.meta import formulas
from synth.meta.bias import need_studies
from synth.meta.effect_sizes import read_cells
from synth.meta.fit import Fit
from synth.meta.influence import delete_each, rstandard, rstudent
from synth.meta.measures import Array, find_measure


def baujat(fit: Fit) -> pd.DataFrame:
    """x: the squared Pearson residual; y: the squared shift of the study's own fitted value when it is left out."""
    without = delete_each(fit)
    fitted = np.einsum("ij,ij->i", fit.X, without.params)
    variance = np.einsum("ij,ijk,ik->i", fit.X, without.cov, fit.X)
    x, y = fit.residuals**2 / (fit.vi + fit.tau2), (fit.fitted - fitted) ** 2 / variance
    return pd.DataFrame({"x": x, "y": y}, index=pd.Index(fit.slab, name="study"))


def radial(fit: Fit) -> pd.DataFrame:
    """x: the precision 1/sqrt(v + tau2); y: the result in standard errors. The pooled result is the slope."""
    need_studies(fit, 1, "A radial plot")
    sd = np.sqrt(fit.vi + fit.tau2)
    return pd.DataFrame({"x": 1 / sd, "y": fit.yi / sd}, index=pd.Index(fit.slab, name="study"))


def qqnorm(fit: Fit, kind: str = "rstandard") -> pd.DataFrame:
    """x: normal quantiles; y: standardised (or with ``kind="rstudent"`` deleted) residuals, by study."""
    if kind not in {"rstandard", "rstudent"}:
        raise UsageError(f'There are no residuals "{kind}"', hint="Choose rstandard or rstudent")
    y = (rstandard(fit) if kind == "rstandard" else rstudent(fit))["z"].to_numpy()
    k = len(y)
    offset = 3 / 8 if k <= 10 else 0.5
    ranks = np.empty(k)
    ranks[np.argsort(y, kind="stable")] = np.arange(1, k + 1)
    x = ndtri((ranks - offset) / (k + 1 - 2 * offset))
    return pd.DataFrame({"x": x, "y": y}, index=pd.Index(fit.slab, name="study"))


_ARM: dict[str, Callable[[Array, Array], formulas.Pair]] = {
    "OR": formulas.logit_proportion,
    "PETO": formulas.logit_proportion,
    "RR": formulas.log_proportion,
    "RD": formulas.proportion,
    "AS": formulas.arcsine_proportion,
    "PBIT": formulas.probit_proportion,
}


def labbe(frame: pd.DataFrame, measure: str = "OR", **columns: Any) -> pd.DataFrame:
    """x: the outcome of the control arm, y: of the treated, on the scale of ``measure``; options as escalc's."""
    name = find_measure(measure).name
    if name not in _ARM:
        raise UsageError(
            f"A L'Abbé plot shows two arms of counts, and {name} has none", hint=f"Choose one of {', '.join(_ARM)}"
        )
    cells = read_cells(frame, name, add=0.0, to="none", **columns)
    with np.errstate(divide="ignore", invalid="ignore"):
        x, y = (_outcome(name, *arm) for arm in (cells[2:], cells[:2]))
    found = pd.DataFrame({"x": x, "y": y}, index=frame.index)
    return found[np.isfinite(found).all(axis=1)]


def _outcome(name: str, events: Array, rest: Array) -> Array:
    """The outcome of one arm; 1/2 is added to both counts where one is 0 and the scale has no place for it."""
    add = 0.0 if name in {"RD", "AS"} else 0.5 * ((events == 0) | (rest == 0))
    return _ARM[name](events + add, rest + add)[0]
