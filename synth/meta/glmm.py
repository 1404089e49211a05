"""Generalised linear mixed models: counts as they are, without effect sizes and without corrections of empty cells.

UM.FS  fixed study levels, random effects; UM.RS random study levels, independent of random effects (Turner et al. 2000,
       Stat Med 19:3417); both have the groups coded 1/2 and -1/2.
CM.EL  conditional on the margins: noncentral hypergeometric (odds ratios), binomial (rates)
CM.AL  the same, with the hypergeometric replaced by a binomial, for rare events (Stijnen et al. 2010, Stat Med 29:3046)
The likelihood is integrated by quadrature (see quadrature); levels of UM.FS are profiled out study by study.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import chdtrc, expit, gammaln, log1p, logsumexp, xlogy

from synth.errors import UsageError
from synth.meta.cautions import Caution, NotConverged, issue
from synth.meta.effect_sizes import read_arm, read_cells, read_numbers
from synth.meta.fit import quantile
from synth.meta.measures import Array, back_transform
from synth.meta.pool import two_sided
from synth.meta.quadrature import Kernel, at_top, integrate, integrate_both

MODELS = ("UM.FS", "UM.RS", "CM.EL", "CM.AL")
_MEASURES = {"OR": MODELS, "IRR": ("UM.FS", "UM.RS", "CM.EL"), "PLO": ("",), "IRLN": ("",)}
_NODES = 15
_FAR = 12.0
"""A study's own estimate beyond this on the logit or log scale stands for infinity."""
Triple = tuple[Array, Array, Array]


def _binomial(x: Array, n: Array, eta: Array) -> Triple:
    """Log-likelihood of x of n at logits ``eta``, slope and curvature."""
    p = expit(eta)
    constant = gammaln(n + 1) - gammaln(x + 1) - gammaln(n - x + 1)
    return constant + x * eta - n * np.logaddexp(0.0, eta), x - n * p, -n * p * (1 - p)


def _poisson(x: Array, t: Array, eta: Array) -> Triple:
    """Log-likelihood of x events in time t at log rates ``eta``, slope and curvature."""
    expected = t * np.exp(np.minimum(eta, 500.0))
    return x * eta + xlogy(x, t) - gammaln(x + 1) - expected, x - expected, -expected


@dataclass(frozen=True, slots=True, eq=False)
class _Arms:
    """Events and sizes (or times) of two arms."""

    x1: Array
    n1: Array
    x2: Array
    n2: Array
    family: Callable[[Array, Array, Array], Triple]

    def __call__(self, eta1: Array, eta2: Array) -> tuple[Triple, Triple]:
        """Value, slope and curvature of both arms at their predictors (k x m)."""
        one = self.family(self.x1[:, None], self.n1[:, None], eta1)
        return one, self.family(self.x2[:, None], self.n2[:, None], eta2)

    def saturated(self) -> float:
        """The log-likelihood with a level of its own for each arm."""
        total = 0.0
        for x, n in ((self.x1, self.n1), (self.x2, self.n2)):
            share = np.clip(x / n, 1e-300, None) if self.family is _poisson else np.clip(x / n, 1e-16, 1 - 1e-16)
            eta = np.log(share) if self.family is _poisson else np.log(share) - log1p(-share)
            total += float(self.family(x, n, eta)[0].sum())
        return total

    def slope_kernel(self, level: Array) -> Kernel:
        """As a function of the difference of the arms, at fixed levels."""

        def kernel(u: Array) -> Triple:
            one, two = self(level[:, None] + u / 2, level[:, None] - u / 2)
            return one[0] + two[0], (one[1] - two[1]) / 2, (one[2] + two[2]) / 4

        return kernel

    def level_kernel(self, theta: Array | float, share: float = 0.5) -> Kernel:
        """As a function of the level, at fixed differences of the arms; ``share`` of them is the first arm's."""
        up = share * np.reshape(theta, (-1, 1))
        down = up - np.reshape(theta, (-1, 1))

        def kernel(s: Array) -> Triple:
            one, two = self(s + up, s + down)
            return one[0] + two[0], one[1] + two[1], one[2] + two[2]

        return kernel


def _hypergeometric_kernel(arms: _Arms) -> Kernel:
    """Log P(a | margins) as a function of the log odds ratio, over the padded support of each study."""
    a, n1, n2, events = arms.x1, arms.n1, arms.n2, arms.x1 + arms.x2
    low, high = np.maximum(0, events - n2), np.minimum(n1, events)
    support = low[:, None] + np.arange(int((high - low).max()) + 1)
    inside = support <= high[:, None]
    y = np.where(inside, support, high[:, None])
    base = -(gammaln(y + 1) + gammaln(n1[:, None] - y + 1) + gammaln(events[:, None] - y + 1))
    base = np.where(inside, base - gammaln(n2[:, None] - events[:, None] + y + 1), -np.inf)
    own = -(gammaln(a + 1) + gammaln(n1 - a + 1) + gammaln(events - a + 1) + gammaln(n2 - events + a + 1))

    def kernel(theta: Array) -> Triple:
        weights = base[:, None, :] + theta[:, :, None] * y[:, None, :]
        norm = logsumexp(weights, axis=2)
        p = np.exp(weights - norm[:, :, None])
        mean = (p * y[:, None, :]).sum(axis=2)
        variance = (p * (y[:, None, :] - mean[:, :, None]) ** 2).sum(axis=2)
        return own[:, None] + theta * a[:, None] - norm, a[:, None] - mean, -variance

    return kernel


def _binomial_kernel(x: Array, n: Array, offset: Array) -> Kernel:
    return lambda theta: _binomial(x[:, None], n[:, None], theta + offset[:, None])


def _poisson_kernel(x: Array, t: Array) -> Kernel:
    return lambda theta: _poisson(x[:, None], t[:, None], theta)


@dataclass(frozen=True, slots=True, eq=False)
class GlmmFit:
    """The mean effect (logarithm or logit) and its tau2. ``loglik`` includes all constants.

    ``loglik_conditional`` is the log-likelihood at the most likely random effects (lme4's deviance rests on it; NaN for
    UM.RS).

    ``QE_Wld`` and ``QE_LRT`` compare with a model that gives each study its own effect, on ``QEdf`` degrees of freedom.
    ``sigma2``: variance of study levels in UM.RS, else NaN.
    """

    measure: str
    model: str
    method: str
    estimate: float
    se: float
    zval: float
    pval: float
    ci_lb: float
    ci_ub: float
    tau2: float
    sigma2: float
    loglik: float
    loglik_conditional: float
    loglik_saturated: float
    QE_Wld: float
    QEp_Wld: float
    QE_LRT: float
    QEp_LRT: float
    QEdf: int
    k: int
    level: float
    cautions: tuple[Caution, ...] = ()

    def natural(self) -> dict[str, float]:
        """Estimate and limits on the scale that people read."""
        values = back_transform(self.measure, np.array([self.estimate, self.ci_lb, self.ci_ub]))
        return dict(zip(("estimate", "ci_low", "ci_high"), map(float, values), strict=True))


class StudiesWithoutInformation(Caution):
    """Studies without events, or with nothing but events, in both arms were left out."""


def glmm(
    frame: pd.DataFrame | None, measure: str = "OR", *, model: str = "UM.FS", method: str = "ML", level: float = 95,
    nodes: int = _NODES, **columns: Any,
) -> GlmmFit:  # fmt: skip
    """Pool counts by a mixed model.

    ``measure``: OR (ai, bi or n1i, ci, di or n2i), IRR (x1i, t1i, x2i, t2i), PLO (xi, mi or ni) or IRLN (xi, ti);
    ``columns`` name the numbers as escalc does. ``model``: one of MODELS, for OR and IRR. ``method``: ML, or EE
    without tau2. ``nodes`` of the quadrature per random effect (1: Laplace). Raises UsageError where a model does not
    fit a measure.
    """
    if measure not in _MEASURES:
        raise UsageError(f"There is no mixed model for {measure}", hint=f"Choose one of {', '.join(_MEASURES)}")
    model = model if measure in {"OR", "IRR"} else ""
    if model not in _MEASURES[measure]:
        raise UsageError(
            f"There is no model {model} for {measure}", hint=f"Choose one of {', '.join(_MEASURES[measure])}"
        )
    if method not in {"ML", "EE", "FE", "CE"}:
        raise UsageError(f"Mixed models are fitted by ML, not {method}", hint="Choose ML, or EE for no tau2")
    problem, dropped = _pose(frame, measure, model, nodes, columns)
    return _solve(problem, measure, model, method, level=level, dropped=dropped)


@dataclass(frozen=True, slots=True, eq=False)
class _Problem:
    """A log-likelihood of (effect, tau, *others), where the others start, and the model with an effect per study."""

    loglik: Callable[[Array], float]
    conditional: Callable[[Array], float]
    start: tuple[float, ...]
    saturated: Callable[[Array], tuple[float, float]]
    k: int


def _pose(
    frame: pd.DataFrame | None, measure: str, model: str, nodes: int, columns: dict[str, Any]
) -> tuple[_Problem, int]:
    if model == "":
        return _pose_one_arm(frame, measure, nodes, columns)
    arms, dropped = _read_arms(frame, measure, columns)
    if model == "UM.FS":
        return _pose_fixed_levels(arms, nodes), dropped
    if model == "UM.RS":
        return _pose_random_levels(arms, nodes), dropped
    return _pose_conditional(arms, measure, model, nodes), dropped


def _read_arms(frame: pd.DataFrame | None, measure: str, columns: dict[str, Any]) -> tuple[_Arms, int]:
    if measure == "OR":
        a, b, c, d = read_cells(frame, "OR", add=0.0, to="none", **columns)
        x1, n1, x2, n2 = a, a + b, c, c + d
    else:
        x1, n1, x2, n2 = read_numbers(frame, "IRR", ("x1i", "t1i", "x2i", "t2i"), **columns)
    usable = np.isfinite(x1) & np.isfinite(n1) & np.isfinite(x2) & np.isfinite(n2)
    informative = usable & (x1 + x2 > 0) & ((x1 + x2 < n1 + n2) | (measure != "OR"))
    if not informative.any():
        raise UsageError("No study has an event and a non-event", hint="A ratio needs both; report the counts")
    kept = [each[informative] for each in (x1, n1, x2, n2)]
    _need_events_in_both(kept[0], kept[2])
    family = _binomial if measure == "OR" else _poisson
    return _Arms(kept[0], kept[1], kept[2], kept[3], family), int((usable & ~informative).sum())


def _need_events_in_both(x1: Array, x2: Array) -> None:
    if x1.sum() == 0 or x2.sum() == 0:
        raise UsageError(
            "One arm has no event in any study", hint="A ratio has no finite estimate; pool risk differences"
        )


def _pose_one_arm(
    frame: pd.DataFrame | None, measure: str, nodes: int, columns: dict[str, Any]
) -> tuple[_Problem, int]:
    x, rest = read_arm(frame, measure, **columns)
    usable = np.isfinite(x) & np.isfinite(rest)
    x, rest = x[usable], rest[usable]
    if x.sum() == 0 or (measure == "PLO" and rest.sum() == 0):
        raise UsageError("There is no event, or nothing but events, in all studies together", hint="Report the counts")
    size = x + rest if measure == "PLO" else rest
    kernel = _binomial_kernel(x, size, np.zeros_like(x)) if measure == "PLO" else _poisson_kernel(x, size)
    share = float(x.sum() / size.sum())
    start = float(np.log(share / (1 - share))) if measure == "PLO" else float(np.log(share))
    return _pose_kernel(kernel, start, len(x), nodes), 0


def _pose_conditional(arms: _Arms, measure: str, model: str, nodes: int) -> _Problem:
    offset = np.log(arms.n1 / arms.n2)
    is_exact = measure == "OR" and model == "CM.EL"
    kernel = _hypergeometric_kernel(arms) if is_exact else _binomial_kernel(arms.x1, arms.x1 + arms.x2, offset)
    start = float(np.log(arms.x1.sum() / arms.x2.sum()) - np.log(arms.n1.sum() / arms.n2.sum()))
    return _pose_kernel(kernel, start, len(offset), nodes)


def _pose_kernel(kernel: Kernel, start: float, k: int, nodes: int) -> _Problem:
    def loglik(point: Array) -> float:
        return float(integrate(kernel, float(point[0]), abs(float(point[1])), nodes).sum())

    def conditional(point: Array) -> float:
        return float(at_top(kernel, float(point[0]), abs(float(point[1]))).sum())

    def saturated(_: Array) -> tuple[float, float]:
        own = _maximise(kernel, np.full((k, 1), start))
        value, _, curvature = kernel(own)
        return float(value.sum()), _wald(own[:, 0], -curvature[:, 0])

    return _Problem(loglik, conditional, (start,), saturated, k)


def _maximise(kernel: Kernel, start: Array) -> Array:
    """Each study's own estimate; it stops _FAR out where there is none."""
    x = start
    for _ in range(200):
        _, slope, curvature = kernel(x)
        step = np.clip(slope / np.maximum(-curvature, 1e-12), -1.0, 1.0)
        x = np.clip(x + step, -2 * _FAR, 2 * _FAR)
        if np.abs(step).max() < 1e-12:
            break
    return x


def _wald(estimates: Array, information: Array) -> float:
    """The test that independent estimates are equal; infinite ones have no weight."""
    w = np.where(np.abs(estimates) < _FAR, information, 0.0)
    if w.sum() <= 0:
        return 0.0
    return float(w @ (estimates - w @ estimates / w.sum()) ** 2)


def _pose_fixed_levels(arms: _Arms, nodes: int) -> _Problem:
    pooled = (arms.x1 + arms.x2) / (arms.n1 + arms.n2)
    is_counts = arms.family is _poisson
    levels = np.log(pooled) if is_counts else np.log(pooled / (1 - pooled))

    def marginal(level: Array, point: Array) -> Array:
        return integrate(arms.slope_kernel(level), float(point[0]), abs(float(point[1])), nodes)

    def loglik(point: Array) -> float:
        return float(_profile_levels(lambda level: marginal(level, point), levels)[0].sum())

    def conditional(point: Array) -> float:
        _, found = _profile_levels(lambda level: marginal(level, point), levels)
        return float(at_top(arms.slope_kernel(found), float(point[0]), abs(float(point[1]))).sum())

    def saturated(_: Array) -> tuple[float, float]:
        return arms.saturated(), _wald_of_arms(arms)

    return _Problem(loglik, conditional, (_crude(arms),), saturated, len(levels))


def _crude(arms: _Arms) -> float:
    one, two = arms.x1.sum() / arms.n1.sum(), arms.x2.sum() / arms.n2.sum()
    return float(np.log(one / two) if arms.family is _poisson else np.log(one / (1 - one)) - np.log(two / (1 - two)))


def _wald_of_arms(arms: _Arms) -> float:
    cells = [arms.x1, arms.x2]
    with np.errstate(divide="ignore", invalid="ignore"):
        estimates = np.log(arms.x1 / arms.x2) - np.log(arms.n1 / arms.n2)
        if arms.family is not _poisson:
            cells += [arms.n1 - arms.x1, arms.n2 - arms.x2]
            estimates = np.log(arms.x1 * cells[3] / (arms.x2 * cells[2]))
        information = 1 / np.sum([1 / cell for cell in cells], axis=0)
    return _wald(np.where(np.isfinite(estimates), estimates, np.inf)[information > 0], information[information > 0])


def _profile_levels(marginal: Callable[[Array], Array], start: Array, h: float = 1e-3) -> tuple[Array, Array]:
    """The log-likelihood of each study at the level that suits it best, and these levels, by Newton steps."""
    level = start.copy()
    middle = marginal(level)
    for _ in range(25):
        up, down = marginal(level + h), marginal(level - h)
        curvature = np.minimum((up - 2 * middle + down) / h**2, -1e-8)
        step = np.clip(-(up - down) / (2 * h) / curvature, -2.0, 2.0)
        level = level + step
        middle = marginal(level)
        if np.abs(step).max() < 1e-5:
            break
    return middle, level


def _pose_random_levels(arms: _Arms, nodes: int) -> _Problem:
    def loglik(point: Array) -> float:
        theta, tau, mu, sigma = float(point[0]), abs(float(point[1])), float(point[2]), abs(float(point[3]))
        if tau == 0:
            return float(integrate(arms.level_kernel(theta), mu, sigma, nodes).sum())
        return float(integrate_both(arms, (mu, sigma), (theta, tau), nodes).sum())

    def saturated(point: Array) -> tuple[float, float]:
        return _saturate_random_levels(arms, float(point[2]), abs(float(point[3])), nodes)

    def conditional(_: Array) -> float:
        return float("nan")

    total = (arms.x1 + arms.x2 + 0.5) / (arms.n1 + arms.n2 + (0 if arms.family is _poisson else 1))
    own = np.log(total) if arms.family is _poisson else np.log(total / (1 - total))
    return _Problem(
        loglik, conditional, (_crude(arms), float(own.mean()), max(float(own.std()), 0.1)), saturated, len(total)
    )


def _saturate_random_levels(arms: _Arms, mu: float, sigma: float, nodes: int) -> tuple[float, float]:
    """An effect per study beside random levels: the log-likelihood, and the test that the effects are equal."""

    def marginal(theta: Array, mu: float, sigma: float) -> Array:
        # the level here is that of the second arm, which has no effect of its own
        return integrate(arms.level_kernel(theta, 1.0), mu, abs(sigma), nodes)

    def loss(point: Array) -> float:
        m, s = float(point[0]), float(point[1])
        return -float(
            _profile_levels(lambda theta: marginal(theta, m, s), np.full(len(arms.x1), _crude(arms)))[0].sum()
        )

    best = minimize(
        loss, np.array([mu, sigma]), method="Nelder-Mead", options={"xatol": 1e-4, "fatol": 1e-6, "maxfev": 150}
    )
    mu, sigma = float(best.x[0]), abs(float(best.x[1]))
    theta = _climb_effects(lambda x: marginal(x, mu, sigma), np.full(len(arms.x1), _crude(arms)))
    return -float(best.fun), _wald_with_levels(marginal, theta, mu, sigma)


def _climb_effects(marginal: Callable[[Array], Array], start: Array, h: float = 1e-3) -> Array:
    theta = start.copy()
    for _ in range(100):
        up, middle, down = marginal(theta + h), marginal(theta), marginal(theta - h)
        curvature = np.minimum((up - 2 * middle + down) / h**2, -1e-8)
        step = np.clip(-(up - down) / (2 * h) / curvature, -1.0, 1.0)
        theta = np.clip(theta + step, -2 * _FAR, 2 * _FAR)
        if np.abs(step).max() < 1e-7:
            break
    return theta


def _wald_with_levels(marginal: Callable[[Array, float, float], Array], theta: Array, mu: float, sigma: float) -> float:
    """The test that effects are equal, with what is unknown about (mu, sigma) taken out (a Schur complement)."""
    h = 1e-3
    moves = np.eye(3) * h

    def at(d: Array) -> Array:
        return marginal(theta + d[0], mu + d[1], sigma + d[2])

    H = np.empty((3, 3, len(theta)))
    for i in range(3):
        for j in range(i + 1):
            a, b = moves[i], moves[j]
            H[i, j] = H[j, i] = -(at(a + b) - at(a - b) - at(b - a) + at(-a - b)) / (4 * h**2)
    finite = np.abs(theta) < _FAR
    cross = H[0, 1:, finite]
    shared = H[1:, 1:].sum(axis=2)
    information = np.diag(H[0, 0, finite]) - cross @ np.linalg.solve(shared, cross.T)
    ones = np.ones(int(finite.sum()))
    center = ones @ information @ theta[finite] / (ones @ information @ ones)
    return float((theta[finite] - center) @ information @ (theta[finite] - center))


def _solve(problem: _Problem, measure: str, model: str, method: str, *, level: float, dropped: int) -> GlmmFit:
    common = _climb(problem, random=False)
    top = common if method != "ML" or problem.k < 2 else max((common, _climb(problem, random=True)), key=lambda t: t[1])
    point, loglik, settled = top
    se = _standard_error(problem, point)
    saturated, wald = problem.saturated(common[0])
    lrt, df = max(0.0, 2 * (saturated - common[1])), problem.k - 1
    estimate, z = float(point[0]), float(point[0]) / se
    reach = quantile(level, np.inf) * se
    cautions = _cautions(dropped, settled=settled and np.isfinite(se))
    issue(cautions, stacklevel=4)
    return GlmmFit(
        measure, model or "one arm", method, estimate, se, z, float(two_sided(z, np.inf)), estimate - reach,
        estimate + reach, float(point[1]) ** 2, float(point[3]) ** 2 if model == "UM.RS" else float("nan"),
        loglik, problem.conditional(point), saturated, wald, float(chdtrc(df, wald)) if df else 1.0, lrt,
        float(chdtrc(df, lrt)) if df else 1.0, df, problem.k, level, cautions,
    )  # fmt: skip


def _cautions(dropped: int, *, settled: bool) -> tuple[Caution, ...]:
    found: list[Caution] = []
    if dropped:
        words = "study has" if dropped == 1 else "studies have"
        found.append(StudiesWithoutInformation(f"{dropped} {words} no event, or only events, in both arms: left out"))
    if not settled:
        found.append(NotConverged("The search for the top of the likelihood did not settle"))
    return tuple(found)


def _climb(problem: _Problem, *, random: bool) -> tuple[Array, float, bool]:
    """The point (effect, tau, others) of the highest likelihood, its height, and whether the search settled."""
    found = [_climb_from(problem, tau, random=random) for tau in ((0.5, 2.5) if random else (0.0,))]
    return max(found, key=lambda top: top[1])


def _climb_from(problem: _Problem, tau: float, *, random: bool) -> tuple[Array, float, bool]:
    first, *others = problem.start
    free = [0, 1, *range(2, 2 + len(others))] if random else [0, *range(2, 2 + len(others))]
    start = np.array([first, tau, *others])

    def loss(x: Array) -> float:
        point = np.zeros(len(start))
        point[free] = x
        return -problem.loglik(point)

    rough = minimize(loss, start[free], method="Nelder-Mead", options={"xatol": 1e-4, "fatol": 1e-6, "maxfev": 1200})
    best = minimize(loss, rough.x, method="BFGS", options={"gtol": 1e-5, "maxiter": 50})
    best = best if best.fun <= rough.fun else rough
    point = np.zeros(len(start))
    point[free] = best.x
    point[1] = abs(point[1])
    return point, -float(best.fun), bool(rough.success)


def _standard_error(problem: _Problem, point: Array, h: float = 1e-3) -> float:
    """Of the effect, from the curvature of the likelihood; variances of 0 are held."""
    free = [place for place in range(len(point)) if place != 1 or point[1] > 10 * h]
    moves = h * np.eye(len(point))[free]
    H = np.empty((len(free), len(free)))
    for i, a in enumerate(moves):
        for j, b in enumerate(moves[: i + 1]):
            corners = [problem.loglik(point + p) for p in (a + b, a - b, b - a, -a - b)]
            H[i, j] = H[j, i] = -(corners[0] - corners[1] - corners[2] + corners[3]) / (4 * h**2)
    if np.linalg.eigvalsh(H)[0] <= 0:
        return float("nan")  # no top: the likelihood still rises in some direction
    return float(np.sqrt(np.linalg.inv(H)[0, 0]))
