"""The exact posterior of the normal-normal model on a grid of tau: no sampling, the same numbers every time.

Given tau the mean is normal, so only tau needs a grid (Röver 2020, J Stat Softw 93(6); Spiegelhalter, Abrams & Myles
2004). Priors for tau: half-normal or half-Cauchy (Gelman 2006, Bayesian Anal 1:515; Friede et al. 2017, Res Synth
Methods 8:79), uniform; for the mean: flat, or normal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, roots_legendre

from synth.errors import UsageError
from synth.meta.bias import need_studies
from synth.meta.fit import Fit
from synth.meta.measures import Array

_NODES, _WEIGHTS = roots_legendre(400)
_BEYOND = 12.0

PRIORS: dict[str, Callable[[Array, float], Array]] = {
    "half-normal": lambda tau, scale: -(tau**2) / (2 * scale**2),
    "half-cauchy": lambda tau, scale: -np.log1p((tau / scale) ** 2),
    "uniform": lambda tau, scale: np.where(tau <= scale, 0.0, -np.inf),
}
"""Log densities of priors for tau, without their constant; ``scale`` of uniform is its upper end."""


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """The posterior of the mean and of tau: means, medians, standard deviations, and central intervals at ``level``.

    ``pi_lb`` and ``pi_ub``: the interval for the true effect of a new study. ``tau`` and ``weights`` are the grid with
    its posterior mass; ``mean_given_tau`` and ``sd_given_tau`` belong to it.
    """

    estimate: float
    sd: float
    ci_lb: float
    ci_ub: float
    pi_lb: float
    pi_ub: float
    tau_mean: float
    tau_median: float
    tau_ci_lb: float
    tau_ci_ub: float
    prior: str
    scale: float
    level: float
    tau: Array
    weights: Array
    mean_given_tau: Array
    sd_given_tau: Array

    def probability_above(self, value: float = 0.0) -> float:
        """The posterior probability that the mean exceeds ``value``."""
        return float(self.weights @ ndtr((self.mean_given_tau - value) / self.sd_given_tau))


def posterior(
    fit: Fit, *, prior: str = "half-normal", scale: float = 0.5, mean_prior: tuple[float, float] | None = None
) -> Posterior:
    """The posterior of the rows of ``fit`` at its level, on its scale of analysis.

    ``scale`` of the prior for tau is on that scale too: 0.5 for log ratios and standardised differences is usual.
    ``mean_prior``: mean and standard deviation of a normal prior for the mean; flat without. Raises UsageError for an
    unknown prior, and for one study with a flat uniform prior.
    """
    need_studies(fit, 1, "A posterior")
    if prior not in PRIORS:
        raise UsageError(f'There is no prior "{prior}" for tau', hint=f"Choose one of {', '.join(PRIORS)}")
    if not scale > 0 or (mean_prior is not None and not mean_prior[1] > 0):
        raise UsageError("The scale of a prior must be positive", hint="Give 0.5, say")
    tau, steps = _make_grid(fit, prior, scale)
    mean, sd, log_likelihood = _given_tau(fit, tau, mean_prior)
    log_mass = log_likelihood + PRIORS[prior](tau, scale) + np.log(steps)
    weights = np.exp(log_mass - log_mass.max())
    return _summarise(fit, tau, weights / weights.sum(), mean, sd, prior=prior, scale=scale)


def _make_grid(fit: Fit, prior: str, scale: float) -> tuple[Array, Array]:
    """Nodes and weights over tau, dense near 0 (tau = top x^2) and far enough out for the prior and the data."""
    spread = float(np.std(fit.yi)) + float(np.sqrt(fit.vi.max()))
    far = {"half-normal": 8 * scale, "half-cauchy": 1e4 * scale, "uniform": scale}[prior]
    top = far if prior == "uniform" else min(far, max(60 * spread, 8 * scale) if prior == "half-cauchy" else far)
    x = (_NODES + 1) / 2
    return top * x**2, top * x * _WEIGHTS


def _given_tau(fit: Fit, tau: Array, mean_prior: tuple[float, float] | None) -> tuple[Array, Array, Array]:
    """Mean, standard deviation and marginal log-likelihood (constants left out) at each tau."""
    w = 1 / (fit.vi + tau[:, None] ** 2)
    yi = fit.yi
    precision, weighted, log_w = w.sum(axis=1), w @ yi, np.log(w).sum(axis=1)
    if mean_prior is not None:
        own = 1 / mean_prior[1] ** 2
        precision, weighted = precision + own, weighted + own * mean_prior[0]
    mean = weighted / precision
    rss = (w * (yi - mean[:, None]) ** 2).sum(axis=1)
    if mean_prior is not None:
        rss = rss + (mean - mean_prior[0]) ** 2 / mean_prior[1] ** 2
    return mean, 1 / np.sqrt(precision), 0.5 * (log_w - np.log(precision) - rss)


def _mixture_quantile(p: float, weights: Array, mean: Array, sd: Array) -> float:
    low, high = float(np.min(mean - _BEYOND * sd)), float(np.max(mean + _BEYOND * sd))
    return float(brentq(lambda x: float(weights @ ndtr((x - mean) / sd)) - p, low, high, xtol=1e-14, rtol=1e-13))


def _grid_quantile(p: float, tau: Array, weights: Array) -> float:
    """Between the grid's nodes the mass is spread evenly."""
    total = np.cumsum(weights) - weights / 2
    return float(np.interp(p, np.concatenate([[0.0], total]), np.concatenate([[0.0], tau])))


def _summarise(fit: Fit, tau: Array, weights: Array, mean: Array, sd: Array, *, prior: str, scale: float) -> Posterior:
    tail = (1 - fit.level / 100) / 2
    estimate = float(weights @ mean)
    variance = float(weights @ (sd**2 + mean**2)) - estimate**2
    limits = [_mixture_quantile(p, weights, mean, sd) for p in (tail, 1 - tail)]
    wide = [_mixture_quantile(p, weights, mean, np.sqrt(sd**2 + tau**2)) for p in (tail, 1 - tail)]
    middle, low, high = (_grid_quantile(p, tau, weights) for p in (0.5, tail, 1 - tail))
    return Posterior(
        estimate, float(np.sqrt(variance)), limits[0], limits[1], wide[0], wide[1], float(weights @ tau),
        middle, low, high,
        prior, scale, fit.level, tau, weights, mean, sd,
    )  # fmt: skip
