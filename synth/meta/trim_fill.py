"""Trim and fill: how many studies a symmetric funnel would lack, and the result with mirror images in their place.

Source: Duval & Tweedie (2000), J Am Stat Assoc 95:89, and Biometrics 56:455. The method assumes that asymmetry comes
from suppressed extreme results; heterogeneity makes it too (Peters et al. 2007, Stat Med 26:4544).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from synth.errors import UsageError
from synth.meta.bias import fit_on, need_studies
from synth.meta.cautions import Caution
from synth.meta.fit import Fit
from synth.meta.measures import Array
from synth.meta.pool import rma
from synth.meta.regression import weigh

_MAX_ROUNDS = 100


class EstimatorUndefined(UsageError):
    """A formula has no value for these data."""


@dataclass(frozen=True, slots=True, eq=False)
class TrimFill:
    """``k0`` studies missing on ``side`` with its standard error (NaN where it has none).

    ``fit``: the model of all rows, those that were filled in last.
    """

    k0: int
    se_k0: float
    side: str
    estimator: str
    fit: Fit

    @property
    def filled(self) -> tuple[bool, ...]:
        """Which rows of the fit were filled in."""
        k = self.fit.k - self.k0
        return (False,) * k + (True,) * self.k0


@dataclass(frozen=True, slots=True)
class _Ranks:
    """Signed ranks around the centre: their number, the sum of the positive, the largest of the negative."""

    k: int
    positive: float
    largest_negative: float


def _l0(ranks: _Ranks) -> tuple[float, float]:
    k = ranks.k
    k0 = (4 * ranks.positive - k * (k + 1)) / (2 * k - 1)
    return k0, 4 * _rank_sd(k, k0) / (2 * k - 1)


def _r0(ranks: _Ranks) -> tuple[float, float]:
    k0 = ranks.k - ranks.largest_negative - 1
    return k0, float(np.sqrt(2 * max(0.0, k0) + 2))


def _q0(ranks: _Ranks) -> tuple[float, float]:
    k = ranks.k
    inside = 2 * k**2 - 4 * ranks.positive + 0.25
    if inside < 0:
        raise EstimatorUndefined(
            "Q0 has no value here: it is the root of a negative number",
            why=f"The rank sum {ranks.positive:g} of {k} studies is too large",
            hint="Take the estimator L0 or R0",
        )
    k0 = k - 0.5 - float(np.sqrt(inside))
    return k0, 2 * _rank_sd(k, k0) / float(np.sqrt((k - 0.5) ** 2 - k0 * (2 * k - k0 - 1)))


def _rank_sd(k: int, k0: float) -> float:
    """The standard deviation of the rank sum, with k0 missing (Duval & Tweedie 2000, eq. 6).

    The formula can turn negative where k0 is far below 0: NaN.
    """
    both = 10 * k0**3 + 27 * k0**2 + 17 * k0 - 18 * k * k0**2 - 18 * k * k0 + 6 * k**2 * k0
    variance = (k * (k + 1) * (2 * k + 1) + both) / 24
    return float(np.sqrt(variance)) if variance >= 0 else float("nan")


TRIM_ESTIMATORS: dict[str, Callable[[_Ranks], tuple[float, float]]] = {"L0": _l0, "R0": _r0, "Q0": _q0}
"""Estimators of the number of missing studies."""


def trim_fill(fit: Fit, *, estimator: str = "L0", side: str | None = None, threshold: float | None = None) -> TrimFill:
    """Trim the studies of the fuller side until the centre stands still, and fill in their mirror images.

    ``side``: left or right, where studies are missing; by default the side that a regression on the standard error
    points to. ``threshold``: stop the search for tau2 of REML and ML at a step so small, instead of at the top (metafor
    stops at 1e-5 here). Raises EstimatorUndefined where Q0 has no value, and where the rounds never settle.
    """
    need_studies(fit, 3, "Trim and fill")
    if estimator not in TRIM_ESTIMATORS:
        raise UsageError(f'There is no estimator "{estimator}"', hint="Choose L0, R0 or Q0")
    side = side or _guess_side(fit)
    if side not in {"left", "right"}:
        raise UsageError(f'side = "{side}" is neither left nor right', hint="Name the side where studies are missing")
    sign = 1.0 if side == "left" else -1.0
    order = np.argsort(sign * fit.yi, kind="stable")
    found, se, center = _trim(_Pooler(fit, threshold), sign * fit.yi[order], fit.vi[order], estimator)
    if found == 0:
        return TrimFill(0, se, side, estimator, fit)
    mirrored = sign * (2 * center - sign * fit.yi[order][fit.k - found :])
    yi, vi = np.concatenate([fit.yi, mirrored]), np.concatenate([fit.vi, fit.vi[order][fit.k - found :]])
    names = [*fit.slab, *(f"Filled {number}" for number in range(1, found + 1))]
    return TrimFill(found, se, side, estimator, _Pooler(fit, threshold).pool(yi, vi, names))


def _guess_side(fit: Fit) -> str:
    if np.ptp(fit.vi) == 0:
        return "left"
    return "right" if fit_on(fit, np.sqrt(fit.vi)).params[1] < 0 else "left"


@dataclass(frozen=True, slots=True)
class _Pooler:
    """Pools other rows by the model of ``fit``; see trim_fill for ``threshold``."""

    fit: Fit
    threshold: float | None

    def pool(self, yi: Array, vi: Array, slab: list[str] | None = None) -> Fit:
        """The same model for ``yi`` and ``vi``."""
        fit, tau2 = self.fit, self._stopped_tau2(yi, vi)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Caution)
            found = rma(
                yi, vi, method=fit.method, test=fit.test, level=fit.level, slab=slab, measure=fit.measure, tau2=tau2
            )
        return replace(found, tau2_is_fixed=fit.tau2_is_fixed)

    def _stopped_tau2(self, yi: Array, vi: Array) -> float | None:
        if self.fit.tau2_is_fixed:
            return self.fit.tau2
        if self.threshold is None or self.fit.method not in {"REML", "ML"} or len(yi) < 2:
            return None
        return stop_scoring(yi, vi, self.threshold, restricted=self.fit.method == "REML")


def stop_scoring(yi: Array, vi: Array, threshold: float, *, restricted: bool) -> float:
    """tau2 after Fisher scoring from the Hedges estimate, stopped at the first step below ``threshold``."""
    value = max(0.0, float(np.var(yi, ddof=1) - vi.mean()))
    for _ in range(_MAX_ROUNDS):
        w = 1 / (vi + value)
        sums = weigh(w)
        Py = w * sums.residuals(yi)
        trace, trace2 = (sums.trace(), sums.trace2()) if restricted else (float(w.sum()), float(w @ w))
        step = (float(Py @ Py) - trace) / trace2
        while value + step < 0:
            step /= 2
        value += step
        if abs(step) < threshold:
            break
    return value


def _trim(pooler: _Pooler, yi: Array, vi: Array, estimator: str) -> tuple[int, float, float]:
    """The number missing on the left of sorted results, its standard error, and the centre of those left."""
    k0, seen = 0, list[int]()
    for _ in range(_MAX_ROUNDS):
        kept = max(len(yi) - k0, 1)
        center = pooler.pool(yi[:kept], vi[:kept]).estimate
        value, se = TRIM_ESTIMATORS[estimator](_rank(yi - center))
        new = min(max(int(np.rint(value)), 0), len(yi) - 1)
        if new == k0:
            return k0, se, center
        seen.append(k0)
        k0 = new
    raise EstimatorUndefined(
        f"Trim and fill goes round in a circle with the estimator {estimator}",
        why=f"It swings between {', '.join(map(str, sorted(set(seen[-10:]))))} missing studies",
        hint="Take another estimator",
    )


def _rank(distances: Array) -> _Ranks:
    ranks = np.empty(len(distances))
    ranks[np.argsort(np.abs(distances), kind="stable")] = np.arange(1, len(distances) + 1)
    below = ranks[distances < 0]
    return _Ranks(len(distances), float(ranks[distances > 0].sum()), float(below.max()) if len(below) else 0.0)
