"""Selection models: results enter the literature with a chance that depends on their p-value.

The likelihood of y_i is w(p_i) f(y_i) / integral of w(p(y)) f(y) dy with f normal around the mean with variance
tau2 + v_i. Sources: Hedges (1992), Stat Sci 7:246; Vevea & Hedges (1995), Psychometrika 60:419 (steps); Preston, Ashby
& Smyth (2004), J Eval Clin Pract 10:231 (half-normal, logistic, power, negative exponential); Citkowicz & Vevea
(2017), Psychol Methods 22:28 (beta). All are sensitivity analyses: k decides little about the shape of selection.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import erfc, exp, inf, log, log1p
from typing import Any

import numpy as np
from scipy.integrate import quad
from scipy.optimize import OptimizeResult, minimize
from scipy.special import chdtrc, expit, logit, ndtr, ndtri, roots_legendre

from synth.errors import UsageError
from synth.meta.bias import need_studies
from synth.meta.cautions import Caution, NotConverged, issue
from synth.meta.curvature import second_derivatives
from synth.meta.fit import Fit, quantile
from synth.meta.measures import Array
from synth.meta.pool import rma
from synth.meta.variable_metric import descend

_NODES, _WEIGHTS = roots_legendre(64)
_LEAST_P = 1e-16
_LEAST_P_OF_POWERS = 1e-5
"""Powers of p or 1 - p do not tell p-values nearer to 0 or 1 than this apart: the weight would be infinite."""
_LARGEST = 100.0
"""Parameters of selection beyond this are not told apart by any data."""
_TINY = 1e-300
_ABOVE_ZERO = 1e-3
"""The search starts this much above the tau2 without selection: a tau2 of 0 has no logarithm."""
_HIGHER = 1e-3
_NO_TAU2 = 1e-3
_LOOSE = float(np.finfo(float).eps ** 0.25)
_ROOT_HALF, _ROOT_TWO_PI = 2**-0.5, float(np.sqrt(2 * np.pi))


Tails = tuple[Array, Array] | tuple[float, float]


class EmptyInterval(Caution):
    """No p-value falls between two steps: nothing is known about selection there."""


class HigherLikelihood(Caution):
    """Another place has a higher likelihood than the top that the search found from the model without selection."""


class AtBoundary(Caution):
    """A parameter of selection lies at the edge of what is possible, where standard errors mean little."""


def _beta(tails: Tails, delta: Array) -> Array:
    return np.asarray((delta[0] - 1) * tails[0] + (delta[1] - 1) * tails[1])


def _half_normal(tails: Tails, delta: Array) -> Array:
    return np.asarray(-delta[0] * np.exp(2 * tails[0]))


def _negative_exponential(tails: Tails, delta: Array) -> Array:
    return np.asarray(-delta[0] * np.exp(tails[0]))


def _logistic(tails: Tails, delta: Array) -> Array:
    x = delta[0] * np.exp(tails[0])
    return np.asarray(np.log(2.0) - x - np.log1p(np.exp(-x)))


def _power(tails: Tails, delta: Array) -> Array:
    return np.asarray(delta[0] * tails[1])


@dataclass(frozen=True, slots=True)
class _Shape:
    """A smooth weight: log w of (log p, log(1 - p)) and delta, the delta without selection, and where delta may lie."""

    log_weight: Callable[[Tails, Array], Array]
    none: tuple[float, ...]
    starts: tuple[tuple[float, ...], ...]
    least: float = 0.0
    least_p: float = _LEAST_P


_SMOOTH: dict[str, _Shape] = {
    "beta": _Shape(_beta, (1.0, 1.0), ((1.0, 1.0), (1.5, 1.5), (0.6, 1.2)), 1e-5, _LEAST_P_OF_POWERS),
    "halfnorm": _Shape(_half_normal, (0.0,), ((0.5,), (3.0,))),
    "negexp": _Shape(_negative_exponential, (0.0,), ((0.5,), (3.0,))),
    "logistic": _Shape(_logistic, (0.0,), ((0.5,), (3.0,))),
    "power": _Shape(_power, (0.0,), ((0.5,), (3.0,)), least_p=_LEAST_P_OF_POWERS),
}
SHAPES = ("step", *_SMOOTH)
"""Shapes of selection: steps, beta, half-normal, negative exponential, logistic, power."""


@dataclass(frozen=True, slots=True, eq=False)
class SelectionFit:
    """The mean and tau2 without the selection, and the parameters ``delta`` of selection.

    For steps ``delta`` has one weight per interval, the first fixed at 1. ``LRT`` compares with the model without
    selection. Standard errors are NaN where the likelihood has no curvature.
    """

    shape: str
    steps: tuple[float, ...]
    alternative: str
    estimate: float
    se: float
    zval: float
    pval: float
    ci_lb: float
    ci_ub: float
    tau2: float
    delta: Array
    se_delta: Array
    loglik: float
    LRT: float
    LRTdf: int
    LRTp: float
    counts: tuple[int, ...]
    cautions: tuple[Caution, ...] = ()


def select(
    fit: Fit, shape: str = "step", *, steps: Sequence[float] = (0.025,), alternative: str = "greater",
    search: str = "local", compat: str | None = None,
) -> SelectionFit:  # fmt: skip
    """Fit a selection model by maximum likelihood.

    ``shape``: one of SHAPES. ``steps``: limits of p between the intervals of the step function, 1 excluded.
    ``alternative``: greater, less (one-sided p in that direction) or two.sided. An interval without a p-value gets the
    weight 0, with a caution. A fit without tau2 (EE) stays without it.

    ``search``: such likelihoods often have several tops. "local" goes up from the model without selection (as metafor
    does by default, and with the same numbers) and cautions where a wider search finds a higher top; "global" reports
    the highest top found. ``compat="3.8"``: smooth weights are integrated as roughly as metafor 3.8 does (a relative
    error up to 1e-4, slower), for comparisons; otherwise to 1e-10.
    """
    need_studies(fit, 3, "A selection model")
    shape = {"stepfun": "step"}.get(shape, shape)
    if shape not in SHAPES:
        raise UsageError(f'There is no selection model "{shape}"', hint=f"Choose one of {', '.join(SHAPES)}")
    if alternative not in {"greater", "less", "two.sided"}:
        raise UsageError(f'"{alternative}" is no direction', hint="Choose greater, less or two.sided")
    if compat not in {None, "3.8", "5.1"}:
        raise UsageError(f'There is no version "{compat}" to agree with', hint="Choose 3.8, 5.1 or nothing")
    if search not in {"local", "global"}:
        raise UsageError(f'There is no search "{search}"', hint="Choose local or global")
    sign = -1.0 if alternative == "less" else 1.0
    data = _Data(sign * fit.yi, fit.vi, two_sided=alternative == "two.sided")
    smooth = _AdaptiveModel if compat == "3.8" else _SmoothModel
    model = _StepModel(data, _read_steps(steps)) if shape == "step" else smooth(data, _SMOOTH[shape])
    return _report(fit, model, _Asked(shape, alternative, sign, search == "global"))


def _read_steps(steps: Sequence[float]) -> tuple[float, ...]:
    found = tuple(sorted({float(step) for step in steps} - {1.0}))
    if not found or found[0] <= 0 or found[-1] >= 1:
        raise UsageError("The steps must lie between 0 and 1", hint="Give limits of p, such as 0.025 or (0.025, 0.5)")
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _Data:
    """Results (turned so that the favoured direction is up) and their variances."""

    yi: Array
    vi: Array
    two_sided: bool

    def log_tails(self, z: Array, least: float) -> tuple[Array, Array]:
        """Log p and log(1 - p) of results in standard errors, at least ``least`` away from 0 and 1."""
        p = 2 * ndtr(-np.abs(z)) if self.two_sided else ndtr(-z)
        q = 1 - p if self.two_sided else ndtr(z)
        return np.log(np.clip(p, least, 1 - least)), np.log(np.clip(q, least, 1 - least))


class _SmoothModel:
    """Weights that change smoothly with p; the integral by Gauss-Legendre quadrature."""

    steps: tuple[float, ...] = ()
    counts: tuple[int, ...] = ()
    held = 0

    def __init__(self, data: _Data, shape: _Shape) -> None:
        self.data, self.shape = data, shape
        self.none, self.least = np.array(shape.none), shape.least
        self.starts = [np.array(start) for start in shape.starts]
        self._se = np.sqrt(data.vi)
        least = shape.least_p
        self._observed = data.log_tails(data.yi / self._se, least)
        # beyond this many standard errors the weight is constant, and the integral a tail of the normal
        self._edge = -float(ndtri(least / (2 if data.two_sided else 1)))
        half = self._edge / 2
        self._z = np.concatenate([half * (_NODES - 1), half * (_NODES + 1)])
        self._dz = half * np.concatenate([_WEIGHTS, _WEIGHTS])
        self._inner = data.log_tails(self._z, least)
        self._outer = data.log_tails(np.array([-self._edge, self._edge]), least)

    def log_weights(self, delta: Array) -> float:
        return float(self.shape.log_weight(self._observed, delta).sum())

    def log_norms(self, mean: float, sd: Array, delta: Array) -> float:
        """The sum of the logarithms of the integrals over z = y/se."""
        inner, outer = (self.shape.log_weight(tails, delta) for tails in (self._inner, self._outer))
        top = max(inner.max(), outer.max())
        ratio, center = self._se / sd, mean / sd
        density = np.exp(-((ratio[:, None] * self._z - center[:, None]) ** 2) / 2) / np.sqrt(2 * np.pi)
        middle = ratio * (density @ (self._dz * np.exp(inner - top)))
        low, high = ndtr(-self._edge * ratio - center), ndtr(center - self._edge * ratio)
        tails = np.exp(outer[0] - top) * low + np.exp(outer[1] - top) * high
        return float(np.sum(np.log(middle + tails)) + len(sd) * top)

    def full_delta(self, delta: Array) -> Array:
        return delta


class _AdaptiveModel(_SmoothModel):
    """The same, integrated study by study with QUADPACK at the tolerance that R's integrate() has by default."""

    def log_norms(self, mean: float, sd: Array, delta: Array) -> float:
        """The sum of the logarithms of the integrals; minus infinity where one vanishes."""
        least = self.shape.least_p
        total = 0.0
        for se, spread in zip(self._se.tolist(), sd.tolist(), strict=True):
            weighted = _weighted_density(self, (mean, spread), se, delta, least)
            value = quad(weighted, -np.inf, np.inf, epsabs=_LOOSE, epsrel=_LOOSE, limit=100)[0]
            total += log(value) if value > 0 else -inf
        return total


def _weighted_density(
    model: _SmoothModel, normal: tuple[float, float], se: float, delta: Array, least: float
) -> Callable[[float], float]:
    (mean, sd), shape, two_sided = normal, model.shape.log_weight, model.data.two_sided
    parameters = delta.tolist()

    def value(y: float) -> float:
        p = erfc(abs(y) / se * _ROOT_HALF) if two_sided else erfc(y / se * _ROOT_HALF) / 2
        p = min(max(p, least), 1 - least)
        density = exp(-(((y - mean) / sd) ** 2) / 2) / (sd * _ROOT_TWO_PI)
        return exp(float(shape((log(p), log1p(-p)), parameters))) * density if density > 0 else 0.0

    return value


class _StepModel:
    """Weights that are constant between steps of p; the integral in closed form. The first weight is 1."""

    least = 0.0
    held = 1
    """One parameter is no parameter: the first weight."""

    def __init__(self, data: _Data, steps: tuple[float, ...]) -> None:
        self.data, self.steps = data, steps
        self.none = np.ones(len(steps))
        self.starts = [np.ones(len(steps)), np.full(len(steps), 0.4)]
        z = data.yi / np.sqrt(data.vi)
        p = 2 * ndtr(-np.abs(z)) if data.two_sided else ndtr(-z)
        self._place = np.searchsorted(np.array(steps), p, side="left")
        self.counts = tuple(int(n) for n in np.bincount(self._place, minlength=len(steps) + 1))
        tails = np.array(steps) / (2 if data.two_sided else 1)
        self._cuts = -ndtri(tails)[:, None] * np.sqrt(data.vi)

    def log_weights(self, delta: Array) -> float:
        weights = np.log(np.maximum(self.full_delta(delta), _TINY))
        return float(np.array(self.counts)[np.array(self.counts) > 0] @ weights[np.array(self.counts) > 0])

    def log_norms(self, mean: float, sd: Array, delta: Array) -> float:
        """The sum of the logarithms of the integrals."""
        beyond = ndtr((mean - self._cuts) / sd)
        if self.data.two_sided:
            beyond = beyond + ndtr((-self._cuts - mean) / sd)
        edges = np.vstack([np.zeros_like(sd), beyond, np.ones_like(sd)])
        return float(np.log(np.maximum(self.full_delta(delta) @ np.diff(edges, axis=0), _TINY)).sum())

    def full_delta(self, delta: Array) -> Array:
        return np.concatenate([[1.0], delta])


_Model = _SmoothModel | _StepModel


def _minus_log_likelihood(model: _Model, point: Array, *, has_tau2: bool) -> float:
    """At (mean, tau2, delta ...) or (mean, delta ...)."""
    mean, tau2 = float(point[0]), float(point[1]) if has_tau2 else 0.0
    delta = point[2:] if has_tau2 else point[1:]
    variance = model.data.vi + tau2
    normal = -0.5 * float(np.sum(np.log(2 * np.pi * variance) + (model.data.yi - mean) ** 2 / variance))
    return -(model.log_weights(delta) + normal - model.log_norms(mean, np.sqrt(variance), delta))


@dataclass(frozen=True, slots=True, eq=False)
class _Top:
    """Where the likelihood is highest, what it is there, and whether the search settled."""

    point: Array
    loglik: float
    settled: bool


def _climb(model: _Model, plain: Fit, *, sign: float, has_tau2: bool) -> _Top:
    """The best of several searches, from the model without selection and from elsewhere."""
    spread = float(np.sqrt(np.mean(plain.vi) + plain.tau2))
    top_tau2 = 100 * (float(np.var(plain.yi)) + float(plain.vi.max()))
    bounds = [(None, None), *([(0.0, top_tau2)] if has_tau2 else []), *([(model.least, _LARGEST)] * len(model.none))]
    middle = sign * plain.estimate
    found: list[OptimizeResult] = []
    for number, delta in enumerate(model.starts):
        mean, tau2 = middle - spread * number / 2, max(plain.tau2, 0.01 * spread**2)
        start = np.array([mean, *([tau2] if has_tau2 else []), *delta])
        found.append(_search(model, start, bounds, has_tau2=has_tau2, precise=False))
    best = min(found, key=lambda result: float(result.fun))
    best = _search(model, best.x, bounds, has_tau2=has_tau2, precise=True)
    return _Top(best.x, -float(best.fun), bool(np.isfinite(best.fun)))


def _climb_from_no_selection(model: _Model, plain: Fit, *, sign: float, has_tau2: bool) -> _Top:
    """Up from the ML estimates without selection, with tau2 on the log and delta on the logit scale of its range."""
    first = 2 if has_tau2 else 1
    low, width = model.least, _LARGEST - model.least

    def natural(x: Array) -> Array:
        tau2 = np.exp(x[1:first])
        return np.concatenate([x[:1], tau2, low + width * expit(x[first + model.held :])])

    def loss(x: Array) -> float:
        return _minus_log_likelihood(model, natural(x), has_tau2=has_tau2)

    delta = np.full(len(model.none) + model.held, logit((1 - low) / width))
    start = np.array([sign * plain.estimate, *([np.log(plain.tau2 + _ABOVE_ZERO)] if has_tau2 else []), *delta])
    with np.errstate(all="ignore"):
        stop = descend(loss, start)
    return _Top(natural(stop.x), -stop.value, stop.settled and bool(np.isfinite(stop.value)))


def _search(model: _Model, start: Array, bounds: list[Any], *, has_tau2: bool, precise: bool) -> OptimizeResult:
    def loss(point: Array) -> float:
        return _minus_log_likelihood(model, point, has_tau2=has_tau2)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return minimize(
            loss, start, method="L-BFGS-B", bounds=bounds, jac="3-point" if precise else "2-point",
            options={"ftol": 1e-15, "gtol": 1e-9, "maxiter": 500} if precise else {"ftol": 1e-9, "maxiter": 100},
        )  # fmt: skip


def _standard_errors(model: _Model, top: _Top, *, has_tau2: bool) -> Array:
    """From the curvature at the top; parameters at the edge of their range are held there (NaN)."""
    point = top.point
    lowest = np.array([-np.inf, *([0.0] if has_tau2 else []), *([model.least] * len(model.none))])
    # the likelihood goes on below a tau2 of 0, as far as the smallest sampling variance
    reach = [
        np.inf,
        *([top.point[1] + model.data.vi.min()] if has_tau2 else []),
        *(point - lowest)[2 if has_tau2 else 1 :],
    ]
    # a tau2 that the data do not tell from 0 is held as well
    near = np.where(np.isfinite(lowest), 1e-8, 0.0)
    near[1] = _NO_TAU2 * model.data.vi.min() if has_tau2 else near[1]
    free = np.flatnonzero((point > lowest + near) & ((point < _LARGEST - 1e-6) | (np.arange(len(point)) < 2)))
    errors = np.full(len(point), np.nan)
    with np.errstate(all="ignore"):
        curvature = second_derivatives(
            lambda x: _minus_log_likelihood(model, x, has_tau2=has_tau2), point, free, np.array(reach)
        )
    if np.isfinite(curvature).all() and np.linalg.eigvalsh(curvature)[0] > 0:
        errors[free] = np.sqrt(np.diag(np.linalg.inv(curvature)))
    return errors


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was asked for; ``sign`` turns the favoured direction up."""

    shape: str
    alternative: str
    sign: float
    is_global: bool


def _report(fit: Fit, model: _Model, asked: _Asked) -> SelectionFit:
    shape, alternative, sign = asked.shape, asked.alternative, asked.sign
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Caution)
        plain = rma(fit.yi, fit.vi, method="ML" if fit.is_random else "EE", test="z")
    has_tau2 = fit.is_random
    highest = _climb(model, plain, sign=sign, has_tau2=has_tau2)
    top = highest if asked.is_global else _climb_from_no_selection(model, plain, sign=sign, has_tau2=has_tau2)
    errors = _standard_errors(model, top, has_tau2=has_tau2)
    place = 2 if has_tau2 else 1
    estimate, se, delta = sign * float(top.point[0]), float(errors[0]), top.point[place:]
    lrt, df = max(0.0, 2 * (top.loglik - plain.loglik)), len(model.none)
    reach, z = quantile(fit.level, np.inf) * se, estimate / se
    cautions = (
        *_about_intervals(model),
        *_about_edges(model, delta),
        *_about_search(top),
        *_about_tops(top, highest, sign),
    )
    issue(cautions, stacklevel=5)
    return SelectionFit(
        shape, model.steps, alternative, estimate, se, float(z), float(2 * ndtr(-abs(z))), estimate - reach,
        estimate + reach, float(top.point[1]) if has_tau2 else 0.0, model.full_delta(delta),
        model.full_delta(errors[place:]) if shape != "step" else np.concatenate([[np.nan], errors[place:]]),
        top.loglik, float(lrt), df, float(chdtrc(df, lrt)), model.counts, cautions,
    )  # fmt: skip


def _about_intervals(model: _Model) -> list[Caution]:
    limits = [0.0, *model.steps, 1.0]
    return [
        EmptyInterval(f"No p-value lies between {low:g} and {high:g}: the weight there rests on nothing")
        for low, high, number in zip(limits, limits[1:], model.counts, strict=False)
        if number == 0
    ]


def _about_edges(model: _Model, delta: Array) -> list[Caution]:
    if not ((delta <= model.least + 1e-8) | (delta >= _LARGEST - 1e-6)).any():
        return []
    return [AtBoundary("A parameter of selection lies at the edge of its range: read it as small or large, no more")]


def _about_search(top: _Top) -> list[Caution]:
    return [] if top.settled else [NotConverged("The likelihood of the selection model has no finite top here")]


def _about_tops(top: _Top, highest: _Top, sign: float) -> list[Caution]:
    gain = highest.loglik - top.loglik
    if not gain > _HIGHER:
        return []
    return [
        HigherLikelihood(
            f"The likelihood has a higher top (log-likelihood higher by {gain:.3g}, estimate "
            f'{sign * float(highest.point[0]):.4g}): compare search="global", and trust neither alone'
        )
    ]
