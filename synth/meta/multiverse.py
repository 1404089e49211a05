"""The multiverse of an analysis: all defensible combinations of choices, run at once.

Steegen, Tuerlinckx, Gelman & Vanpaemel (2016), Perspect Psychol Sci 11:702; Voracek, Kossmeier & Tran (2019), Z Psychol
227:64, for meta-analysis. Fits that share an estimator are made together (see batch), and tests share a fit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from synth.errors import UsageError
from synth.meta.batch import fit_many
from synth.meta.measures import Array
from synth.meta.pool import METHODS, TESTS
from synth.meta.rows import Rows, read_rows
from synth.meta.tau2 import COMMON_EFFECT

SPECIFICATION = ("measure", "method", "test", "exclusion")
"""The columns that say which choices a row stands for."""


@dataclass(frozen=True, slots=True, eq=False)
class Multiverse:
    """All combinations of an analysis.

    ``fits``: one row each, sorted by estimate: SPECIFICATION, k, estimate, se, ci_lb, ci_ub, pval, tau2, I2.
    ``left_out``: combinations that left nothing to pool, as text.
    """

    fits: pd.DataFrame
    left_out: tuple[str, ...]
    level: float

    @property
    def share_significant(self) -> float:
        """Share of combinations whose p lies below 1 - level."""
        return float((self.fits["pval"] < 1 - self.level / 100).mean())

    def by_choice(self) -> pd.DataFrame:
        """For each choice: how many combinations, their median estimate, and how far its median moves the result."""
        rows = []
        for column in SPECIFICATION:
            medians = self.fits.groupby(column, sort=True)["estimate"].agg(["size", "median"])
            spread = float(medians["median"].max() - medians["median"].min())
            rows += [
                (column, name, int(n), float(m), spread)
                for name, (n, m) in zip(medians.index, medians.to_numpy(), strict=True)
            ]
        return pd.DataFrame(rows, columns=["choice", "value", "combinations", "median", "spread_of_choice"])

    def describe(self) -> str:
        """One line."""
        estimates = self.fits["estimate"]
        return (
            f"{len(self.fits)} combinations: estimate {estimates.min():.3f} to {estimates.max():.3f}, "
            f"median {estimates.median():.3f}; {100 * self.share_significant:.0f} % with p < {1 - self.level / 100:g}"
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain Python values."""
        fits = self.fits.astype(object).where(self.fits.notna(), None)
        return {
            "line": self.describe(),
            "share_significant": self.share_significant,
            "fits": fits.to_dict("records"),
            "by_choice": self.by_choice().to_dict("records"),
            "left_out": list(self.left_out),
        }


def multiverse(
    data: pd.DataFrame | Mapping[str, pd.DataFrame],
    *,
    methods: Sequence[str] = ("REML", "DL", "PM", "SJ", "HE", "ML", "EE"),
    tests: Sequence[str] = TESTS,
    exclusions: Mapping[str, Any] | None = None,
    leave_one_out: bool = False,
    level: float = 95,
    slab: str | None = None,
) -> Multiverse:
    """Pool ``data`` in every combination of estimator, test, exclusion and measure.

    ``data``: a frame with yi and vi, or several by name of the measure. ``exclusions``: by name, a mask of the rows
    (True: left out), or the name of a column of such; all studies are always one of them, and ``leave_one_out`` adds
    each study by itself. A z test of a model with tau2 is among them only to show what it does. Raises UsageError for
    unknown methods, tests and columns.
    """
    frames = {str(data.attrs.get("measure", "GEN")): data} if isinstance(data, pd.DataFrame) else dict(data)
    names = _check(methods, METHODS, "method")
    wanted = _check(tests, TESTS, "test")
    parts, left = [], list[str]()
    for measure, frame in frames.items():
        rows = read_rows(frame, None, slab, None)
        masks = _masks(frame, rows, exclusions or {}, leave_one_out=leave_one_out)
        empty = [name for name, mask in masks.items() if not mask.any()]
        left += [f"{measure}, {name}: no study is left" for name in empty]
        kept = {name: mask for name, mask in masks.items() if name not in empty}
        parts += [_run(measure, method, wanted, rows=rows, masks=kept, level=level) for method in names]
    fits = pd.concat(parts, ignore_index=True).sort_values(["estimate", *SPECIFICATION], kind="stable")
    return Multiverse(fits.reset_index(drop=True), tuple(left), level)


def _check(given: Sequence[str], known: Sequence[str], what: str) -> list[str]:
    by_case = {name.casefold(): name for name in known}
    wrong = next((name for name in given if name.casefold() not in by_case), None)
    if wrong is not None or not given:
        raise UsageError(f'There is no {what} "{wrong}"', hint=f"Choose from {', '.join(known)}")
    return [by_case[name.casefold()] for name in dict.fromkeys(given)]


def _masks(frame: pd.DataFrame, rows: Rows, exclusions: Mapping[str, Any], *, leave_one_out: bool) -> dict[str, Array]:
    """The studies that count (1) and not (0), by name of the exclusion."""
    assert rows.usable is not None
    found = {"none": np.ones(len(rows.yi))}
    for name, given in exclusions.items():
        if isinstance(given, str) and given not in frame.columns:
            raise UsageError(f'There is no column "{given}"', hint="Name a column of True and False, or give a mask")
        values = np.asarray(frame[given] if isinstance(given, str) else given)
        if len(values) != len(frame):
            raise UsageError(f'The exclusion "{name}" has {len(values)} values for {len(frame)} rows', hint="One each")
        found[name] = 1.0 - values[rows.usable].astype(bool)
    if leave_one_out:
        found |= {f"without {name}": 1.0 - np.eye(len(rows.yi))[place] for place, name in enumerate(rows.slab)}
    return found


def _run(
    measure: str, method: str, tests: Sequence[str], *, rows: Rows, masks: Mapping[str, Array], level: float
) -> pd.DataFrame:
    """All exclusions of one measure and estimator, under all tests."""
    mask = np.array(list(masks.values()))
    many = fit_many(rows.yi, rows.vi, method, mask=mask)
    root = len(rows.yi) ** -0.5
    estimate, bare = many.params[:, 0] * root, many.cov[:, 0, 0] * root**2
    i2 = _inconsistency(rows.vi, mask, many.tau2, many.QE, is_random=method not in COMMON_EFFECT)
    tables = []
    for test in tests:
        se = np.sqrt(many.scale(test) * bare)
        df = np.where((test != "z") & (many.k > 1), many.k - 1.0, np.inf)
        reach, p = _tails(estimate / se, df, level)
        tables.append(
            pd.DataFrame({
                "measure": measure, "method": method, "test": test, "exclusion": list(masks), "k": many.k.astype(int),
                "estimate": estimate, "se": se, "ci_lb": estimate - reach * se, "ci_ub": estimate + reach * se,
                "pval": p, "tau2": many.tau2, "I2": i2,
            })
        )  # fmt: skip
    return pd.concat(tables, ignore_index=True)


def _tails(statistic: Array, df: Array, level: float) -> tuple[Array, Array]:
    """Critical values and two-sided p, normal where df is infinite."""
    normal, safe, upper = np.isinf(df), np.where(np.isinf(df), 1.0, df), 0.5 + level / 200
    reach = np.where(normal, ndtri(upper), stdtrit(safe, upper))
    tail = np.where(normal, ndtr(-np.abs(statistic)), stdtr(safe, -np.abs(statistic)))
    return reach, np.minimum(1.0, 2 * tail)


def _inconsistency(vi: Array, mask: Array, tau2: Array, QE: Array, *, is_random: bool) -> Array:
    df = mask.sum(axis=1) - 1
    if not is_random:
        return np.where(QE > 0, np.maximum(0.0, 100 * (QE - df) / np.where(QE > 0, QE, 1.0)), 0.0)
    w = mask / vi
    total = w.sum(axis=1)
    vt = np.where(df > 0, df * total / np.where(df > 0, total**2 - (w**2).sum(axis=1), 1.0), 1.0)
    return np.asarray(100 * tau2 / (vt + tau2))
