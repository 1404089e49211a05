"""Profile-likelihood intervals of the variances and correlations of a multilevel or multivariate model."""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq
from scipy.special import chdtri

from synth.errors import StateError
from synth.meta.measures import Array
from synth.meta.mv_model import Model, climb
from synth.meta.random_effects import Compound

Triple = tuple[float, float, float]


def profile_interval(model: Model, best: Array, loglik: float, place: int, level: float) -> Triple:
    """Where the likelihood, maximised over all else, falls by half a chi-square quantile: estimate, lower, upper."""
    floor = loglik - float(chdtri(1, 1 - level / 100)) / 2
    structure = model.inners[0].structure if model.inners else None
    if model.names[place].startswith("rho") and isinstance(structure, Compound):
        return _profile_rho(model, structure, best, place, floor)
    return _profile_variance(model, best, place, floor)


def _profile_variance(model: Model, best: Array, place: int, floor: float) -> Triple:
    flat = np.where(best == 0, np.sqrt(float(np.mean(model.V.diagonal))), best)

    def above(variance: float) -> float:
        heights = []
        for start in (best.copy(), flat.copy()):  # always from the same places: a root needs a function
            start[place] = np.sqrt(variance)
            heights.append(model.evaluate(climb(model, start, fixed=(place,))[0])[0].loglik)
        return max(heights) - floor

    estimate = float(best[place] ** 2)
    step = max(estimate, 0.1 * float(np.mean(model.V.diagonal)))
    inside = above(estimate)
    if inside <= 0:
        raise StateError(
            f"The likelihood of {model.names[place]} is too flat or too jagged to profile",
            hint="Use fewer random effects, or a likelihood ratio test (anova)",
        )
    low = 0.0 if estimate == 0 or above(0.0) >= 0 else brentq(above, 0.0, estimate, xtol=1e-12 * step, rtol=1e-9)
    high = estimate + step
    while above(high) > 0:
        high += 2 * (high - estimate)
    return estimate, float(low), float(brentq(above, estimate, high, xtol=1e-12 * step, rtol=1e-9))


def _profile_rho(model: Model, structure: Compound, best: Array, place: int, floor: float) -> Triple:
    """On the free scale, where a correlation has no ends; +-18 is within 1e-7 of them."""

    def above(z: float) -> float:
        start = best.copy()
        start[place] = z
        return model.evaluate(climb(model, start, fixed=(place,))[0])[0].loglik - floor

    centre = float(best[place])
    ends = [
        end if above(end) > 0 else float(brentq(above, min(centre, end), max(centre, end))) for end in (-18.0, 18.0)
    ]
    estimate, low, high = (structure.correlation(np.array([z])) for z in (centre, *ends))
    return estimate, low, high
