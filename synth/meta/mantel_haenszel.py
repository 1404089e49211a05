"""Pooling counts without effect sizes of single studies: Mantel-Haenszel and Peto.

Sources: Mantel & Haenszel (1959), J Natl Cancer Inst 22:719; Robins, Breslow & Greenland (1986), Biometrics 42:311
(variance of the odds ratio); Greenland & Robins (1985), Biometrics 41:55 (risk ratio, rates); Sato, Greenland & Robins
(1989), Biometrics 45:1323 (risk difference); Breslow & Day (1980), IARC Sci Publ 32; Tarone (1985), Biometrika 72:91;
Yusuf et al. (1985), Prog Cardiovasc Dis 27:335. Everything is a function of sums over studies, so leaving studies out
is a product of matrices.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from synth.errors import UsageError
from synth.meta import formulas
from synth.meta.cautions import Caution, issue
from synth.meta.effect_sizes import read_cells, read_numbers
from synth.meta.fit import quantile
from synth.meta.measures import Array, back_transform, find_measure
from synth.meta.pool import two_sided

MEASURES_OF_COUNTS = ("OR", "RR", "RD", "IRR", "IRD")
_WITH_TIME = frozenset({"IRR", "IRD"})
_ESTIMATED = ("estimate", "se", "zval", "pval", "ci_lb", "ci_ub")
Sums = dict[str, Array]


class NoInformation(Caution):
    """Studies without any event, or with nothing but events, in both arms say nothing about a ratio."""


@dataclass(frozen=True, slots=True, eq=False)
class CountFit:
    """A Mantel-Haenszel or Peto estimate on the scale of analysis (logarithms for ratios).

    ``QE`` compares the studies' own estimates with the pooled one (``QEdf`` degrees of freedom). ``MH`` is the test of
    no effect, ``TA`` and ``BD`` (odds ratios only, else NaN) are Tarone's and Breslow and Day's tests of equal odds
    ratios. ``yi`` and ``vi`` are the studies' own estimates after the zero-cell rules.
    """

    measure: str
    kind: str
    estimate: float
    se: float
    zval: float
    pval: float
    ci_lb: float
    ci_ub: float
    QE: float
    QEp: float
    QEdf: int
    I2: float
    H2: float
    k: int
    level: float
    MH: float
    MHp: float
    TA: float
    TAp: float
    BD: float
    BDp: float
    yi: Array
    vi: Array
    slab: tuple[str, ...]
    cautions: tuple[Caution, ...] = ()
    _counts: _Counts | None = field(default=None, repr=False)

    def natural(self) -> dict[str, float]:
        """Estimate and limits on the scale that people read (ratios as ratios)."""
        values = back_transform(self.measure, np.array([self.estimate, self.ci_lb, self.ci_ub]))
        return dict(zip(("estimate", "ci_low", "ci_high"), map(float, values), strict=True))

    def leave_one_out(self) -> pd.DataFrame:
        """The result without each study: estimate, se, zval, pval, ci_lb, ci_ub, Q, Qp, I2, H2."""
        assert self._counts is not None
        return _summarise(self._counts, 1.0 - np.eye(self.k), pd.Index(self.slab, name="left out"), self.level)

    def cumulative(self, order: Sequence[float] | Array | None = None) -> pd.DataFrame:
        """The result as studies come in, in increasing ``order``; NaN until there is an event."""
        assert self._counts is not None
        places = np.arange(self.k) if order is None else np.argsort(np.asarray(order, dtype=np.float64), kind="stable")
        mask = np.zeros((self.k, self.k))
        for number, place in enumerate(places):
            mask[number:, place] = 1.0
        names = pd.Index([self.slab[place] for place in places], name="added")
        return _summarise(self._counts, mask, names, self.level)

    def to_dict(self) -> dict[str, Any]:
        """Plain Python values (NaN as None)."""
        names = (
            "estimate",
            "se",
            "zval",
            "pval",
            "ci_lb",
            "ci_ub",
            "QE",
            "QEp",
            "I2",
            "H2",
            "MH",
            "MHp",
            "TA",
            "TAp",
            "BD",
            "BDp",
        )
        found = {name: float(getattr(self, name)) for name in names}
        plain = {name: value if np.isfinite(value) else None for name, value in found.items()}
        words = {"measure": self.measure, "kind": self.kind, "k": self.k, "slab": list(self.slab)}
        return {**plain, **words, "cautions": [caution.to_dict() for caution in self.cautions]}


@dataclass(frozen=True, slots=True, eq=False)
class _Counts:
    """What each study adds to the sums, how an estimate follows from them, and the studies' own estimates."""

    terms: Sums
    solve: Callable[[Sums], tuple[Array, Array]]
    yi: Array
    vi: Array

    def pool(self, mask: Array) -> tuple[Array, Array]:
        """Estimates and standard errors for each row of ``mask`` (B x k)."""
        sums = {name: mask @ term for name, term in self.terms.items()}
        with np.errstate(divide="ignore", invalid="ignore"):
            estimate, variance = self.solve(sums)
            estimate = np.where(np.isfinite(estimate), estimate, np.nan)
            return estimate, np.where(np.isfinite(estimate), np.sqrt(variance), np.nan)

    def spread(self, mask: Array, estimate: Array) -> tuple[Array, Array]:
        """Q of the studies' own estimates around the pooled one, and its degrees of freedom."""
        usable = np.isfinite(self.yi)
        y, w = np.where(usable, self.yi, 0.0), np.where(usable, 1 / np.where(usable, self.vi, 1.0), 0.0)
        q = (mask * w * (y - np.nan_to_num(estimate)[:, None]) ** 2).sum(axis=1)
        df = np.maximum((mask * usable).sum(axis=1) - 1, 0)
        return np.where(df > 0, q, 0.0), df


def _odds_ratio(a: Array, b: Array, c: Array, d: Array) -> Sums:
    n = a + b + c + d
    R, S, P, Q = a * d / n, b * c / n, (a + d) / n, (b + c) / n
    return {"R": R, "S": S, "PR": P * R, "PSQR": P * S + Q * R, "QS": Q * S}


def _solve_odds_ratio(s: Sums) -> tuple[Array, Array]:
    variance = s["PR"] / (2 * s["R"] ** 2) + s["PSQR"] / (2 * s["R"] * s["S"]) + s["QS"] / (2 * s["S"] ** 2)
    return np.log(s["R"] / s["S"]), variance


def _risk_ratio(a: Array, b: Array, c: Array, d: Array) -> Sums:
    n1, n2 = a + b, c + d
    n = n1 + n2
    return {"R": a * n2 / n, "S": c * n1 / n, "V": (n1 * n2 * (a + c) - a * c * n) / n**2}


def _solve_ratio(s: Sums) -> tuple[Array, Array]:
    return np.log(s["R"] / s["S"]), s["V"] / (s["R"] * s["S"])


def _risk_difference(a: Array, b: Array, c: Array, d: Array) -> Sums:
    n1, n2 = a + b, c + d
    n = n1 + n2
    slope = c * (n1 / n) ** 2 - a * (n2 / n) ** 2 + n1 * n2 * (n2 - n1) / (2 * n**2)
    return {"D": (a * n2 - c * n1) / n, "W": n1 * n2 / n, "slope": slope, "rest": (a * d + c * b) / (2 * n)}


def _solve_risk_difference(s: Sums) -> tuple[Array, Array]:
    estimate = s["D"] / s["W"]
    return estimate, (estimate * s["slope"] + s["rest"]) / s["W"] ** 2


def _rate_ratio(x1: Array, t1: Array, x2: Array, t2: Array) -> Sums:
    t = t1 + t2
    return {"R": x1 * t2 / t, "S": x2 * t1 / t, "V": (x1 + x2) * t1 * t2 / t**2}


def _rate_difference(x1: Array, t1: Array, x2: Array, t2: Array) -> Sums:
    t = t1 + t2
    w = t1 * t2 / t
    return {"D": (x1 * t2 - x2 * t1) / t, "W": w, "V": w**2 * (x1 / t1**2 + x2 / t2**2)}


def _solve_rate_difference(s: Sums) -> tuple[Array, Array]:
    return s["D"] / s["W"], s["V"] / s["W"] ** 2


def _peto(a: Array, b: Array, c: Array, d: Array) -> Sums:
    observed, variance = _hypergeometric(a, b, c, d)
    return {"O": observed, "V": variance}


def _solve_peto(s: Sums) -> tuple[Array, Array]:
    return s["O"] / s["V"], 1 / s["V"]


def _hypergeometric(a: Array, b: Array, c: Array, d: Array) -> tuple[Array, Array]:
    """Observed minus expected events, and their variance, with all margins fixed."""
    n1, n2, events, rest = a + b, c + d, a + c, b + d
    n = n1 + n2
    return a - events * n1 / n, np.where(n > 1, events * rest * n1 * n2 / (n**2 * np.where(n > 1, n - 1, 1.0)), 0.0)


_RECIPES: dict[str, tuple[Callable[..., Sums], Callable[[Sums], tuple[Array, Array]]]] = {
    "OR": (_odds_ratio, _solve_odds_ratio),
    "RR": (_risk_ratio, _solve_ratio),
    "RD": (_risk_difference, _solve_risk_difference),
    "IRR": (_rate_ratio, _solve_ratio),
    "IRD": (_rate_difference, _solve_rate_difference),
    "PETO": (_peto, _solve_peto),
}
_OWN: dict[str, Callable[..., formulas.Pair]] = {
    "OR": formulas.log_odds_ratio,
    "RR": formulas.log_risk_ratio,
    "RD": formulas.risk_difference,
    "IRR": formulas.log_rate_ratio,
    "IRD": formulas.rate_difference,
    "PETO": formulas.peto_log_odds_ratio,
}


def mantel_haenszel(
    frame: pd.DataFrame | None, measure: str = "OR", *, add: float = 0.5, to: str = "only0", drop00: bool = True,
    correct: bool = True, level: float = 95, slab: str | Sequence[str] | None = None, **columns: Any,
) -> CountFit:  # fmt: skip
    """Pool two-by-two tables (OR, RR, RD) or events and times (IRR, IRD) by Mantel and Haenszel.

    ``columns`` name the numbers as escalc does (ai, bi or n1i, ci, di or n2i; x1i, t1i, x2i, t2i). ``add``, ``to`` and
    ``drop00`` apply to the studies' own estimates (for QE), never to the pooled one. ``correct``: continuity
    correction of the test of no effect. Raises UsageError where no ratio can be formed from all studies together.
    """
    name = find_measure(measure).name
    if name not in MEASURES_OF_COUNTS:
        raise UsageError(
            f"Mantel and Haenszel have no {name}",
            hint=f"Choose one of {', '.join(MEASURES_OF_COUNTS)}, or pool yi and vi",
        )
    rule = {"add": add, "to": to, "drop00": drop00}
    return _fit_counts(_read(frame, name, slab, rule, columns), name, "Mantel-Haenszel", level, correct=correct)


def peto(
    frame: pd.DataFrame | None, *, level: float = 95, slab: str | Sequence[str] | None = None, **columns: Any
) -> CountFit:
    """Pool two-by-two tables by Peto's one-step odds ratio (for rare events and arms of similar size)."""
    rule = {"add": 0.0, "to": "none", "drop00": False}
    return _fit_counts(_read(frame, "PETO", slab, rule, columns), "PETO", "Peto", level, correct=False)


@dataclass(frozen=True, slots=True, eq=False)
class _Tables:
    """Four numbers per study (cells, or events and times), the same after the zero-cell rules, and names."""

    raw: tuple[Array, Array, Array, Array]
    corrected: tuple[Array, Array, Array, Array]
    slab: tuple[str, ...]


def _read(frame: pd.DataFrame | None, name: str, slab: Any, rule: dict[str, Any], columns: dict[str, Any]) -> _Tables:
    if name in _WITH_TIME:
        found = read_numbers(frame, name, ("x1i", "t1i", "x2i", "t2i"), **columns)
        raw = corrected = (found[0], found[1], found[2], found[3])
    else:
        raw = read_cells(frame, name, add=0.0, to="none", **columns)
        corrected = read_cells(frame, name, **rule, **columns)
    usable = np.all([np.isfinite(each) for each in raw], axis=0)
    if not usable.any():
        raise UsageError("There is nothing to pool: no study has all its counts", hint="Look at the columns of counts")
    if name in _WITH_TIME and (min(raw[1][usable].min(), raw[3][usable].min()) <= 0):
        raise UsageError("A study has no person-time", hint="Times must be positive; leave the study out")
    names = _names(frame, slab, len(usable))
    kept = tuple(each for each, keep in zip(names, usable, strict=True) if keep)
    first, second = ([each[usable] for each in four] for four in (raw, corrected))
    return _Tables((first[0], first[1], first[2], first[3]), (second[0], second[1], second[2], second[3]), kept)


def _names(frame: pd.DataFrame | None, slab: Any, k: int) -> list[str]:
    if isinstance(slab, str) and frame is not None and slab in frame.columns:
        return [str(value) for value in frame[slab]]
    if slab is not None and not isinstance(slab, str) and len(slab) == k:
        return [str(value) for value in slab]
    if slab is not None:
        raise UsageError(f"slab must be a column or {k} names", hint="Name one study per row")
    return [f"Study {number}" for number in range(1, k + 1)]


def _own_estimates(tables: _Tables, name: str) -> tuple[Array, Array]:
    with np.errstate(divide="ignore", invalid="ignore"):
        yi, vi = _OWN[name](*tables.corrected)
    usable = np.isfinite(yi) & np.isfinite(vi) & (vi > 0)
    return np.where(usable, yi, np.nan), np.where(usable, vi, np.nan)


def _fit_counts(tables: _Tables, name: str, kind: str, level: float, *, correct: bool) -> CountFit:
    make, solve = _RECIPES[name]
    counts = _Counts(make(*tables.raw), solve, *_own_estimates(tables, name))
    k = len(tables.slab)
    found = _summarise(counts, np.ones((1, k)), pd.Index(["all"]), level).iloc[0]
    if not (np.isfinite(found["estimate"]) and found["se"] > 0):
        raise UsageError(
            f"No {find_measure(name).label.lower()} follows from these {k} studies",
            why="All studies together have no event, or nothing but events, in an arm",
            hint="Pool risk differences (measure RD), or report the counts",
        )
    _, df = counts.spread(np.ones((1, k)), np.array([found["estimate"]]))
    cautions = _about_silent(counts, name)
    issue(cautions, stacklevel=5)
    tests = _tests(tables, name, float(found["estimate"]), correct=correct)
    return CountFit(
        name, kind, **{key: float(found[key]) for key in (*_ESTIMATED, "I2", "H2")},
        QE=float(found["Q"]), QEp=float(found["Qp"]), QEdf=int(df[0]), k=k, level=level, **tests,
        yi=counts.yi, vi=counts.vi, slab=tables.slab, cautions=cautions, _counts=counts,
    )  # fmt: skip


def _about_silent(counts: _Counts, name: str) -> tuple[Caution, ...]:
    silent = int(np.isnan(counts.yi).sum())
    if not silent or name in {"RD", "IRD"}:
        return ()
    words = "study has" if silent == 1 else "studies have"
    return (NoInformation(f"{silent} {words} no information about a ratio: no event, or only events, in both arms"),)


def _summarise(counts: _Counts, mask: Array, index: pd.Index, level: float) -> pd.DataFrame:
    estimate, se = counts.pool(mask)
    zval = np.divide(estimate, se, out=np.full(len(se), np.nan), where=se > 0)
    q, df = counts.spread(mask, estimate)
    reach, safe = quantile(level, np.inf) * se, np.where(df > 0, df, 1)
    columns = {
        "estimate": estimate, "se": se, "zval": zval, "pval": two_sided(zval, np.inf),
        "ci_lb": estimate - reach, "ci_ub": estimate + reach, "Q": q, "Qp": np.where(df > 0, chdtrc(safe, q), 1.0),
        "I2": 100 * np.maximum(0.0, q - df) / np.where(q > 0, q, 1.0), "H2": np.where(df > 0, q / safe, 1.0),
    }  # fmt: skip
    return pd.DataFrame(columns, index=index)


def _tests(tables: _Tables, name: str, estimate: float, *, correct: bool) -> dict[str, float]:
    mh, mhp = _test_no_effect(tables, name, correct=correct)
    empty = dict.fromkeys(("TA", "TAp", "BD", "BDp"), float("nan"))
    return {"MH": mh, "MHp": mhp, **(_test_equal_odds(tables, estimate) if name == "OR" else empty)}


def _test_no_effect(tables: _Tables, name: str, *, correct: bool) -> tuple[float, float]:
    """(|O - E| - 1/2)^2 / V summed over studies (Mantel & Haenszel 1959); with times E and V given the events."""
    if name in _WITH_TIME:
        x1, t1, x2, t2 = tables.raw
        t = t1 + t2
        observed, variance = x1 - (x1 + x2) * t1 / t, (x1 + x2) * t1 * t2 / t**2
    else:
        observed, variance = _hypergeometric(*tables.raw)
    total = float(variance.sum())
    if total <= 0:
        return float("nan"), float("nan")
    distance = max(0.0, abs(float(observed.sum())) - (0.5 if correct else 0.0))
    return distance**2 / total, float(chdtrc(1, distance**2 / total))


def _test_equal_odds(tables: _Tables, log_odds_ratio: float) -> dict[str, float]:
    """Breslow and Day's sum over studies with events and non-events; Tarone subtracts what the pooled estimate left."""
    a, b, c, d = tables.raw
    informative = ((a + c) > 0) & ((b + d) > 0) & ((a + b) > 0) & ((c + d) > 0)
    if informative.sum() < 2:
        return dict.fromkeys(("TA", "TAp", "BD", "BDp"), float("nan"))
    a, b, c, d = (each[informative] for each in tables.raw)
    fitted = _fit_cell(a + b, c + d, a + c, float(np.exp(log_odds_ratio)))
    cells = [fitted, a + b - fitted, a + c - fitted, c + d - (a + c) + fitted]
    variance = 1 / np.sum([1 / cell for cell in cells], axis=0)
    bd = float(np.sum((a - fitted) ** 2 / variance))
    ta = bd - float(np.sum(a - fitted)) ** 2 / float(variance.sum())
    df = len(a) - 1
    return {"TA": ta, "TAp": float(chdtrc(df, max(ta, 0.0))), "BD": bd, "BDp": float(chdtrc(df, bd))}


def _fit_cell(n1: Array, n2: Array, events: Array, odds_ratio: float) -> Array:
    """Events of the first arm that give the odds ratio with these margins: the root between the bounds."""
    if abs(odds_ratio - 1) < 1e-12:
        return np.asarray(events * n1 / (n1 + n2))
    square, linear = 1 - odds_ratio, n2 - events + odds_ratio * (n1 + events)
    root = np.sqrt(linear**2 + 4 * square * odds_ratio * n1 * events)
    # 2c / (-b -+ root) loses no digits where the odds ratio is near 1
    return np.asarray(2 * odds_ratio * n1 * events / (linear + root))
