"""Multilevel and multivariate models: several effects of one study, and outcomes that depend on each other.

y = X b + u + e with several random effects in u and any covariance of the sampling errors e: Jackson, Riley & White
(2011), Stat Med 30:2481; Konstantopoulos (2011), Res Synth Methods 2:61.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import chdtrc, fdtrc

from synth.errors import UsageError
from synth.meta.cautions import Caution, issue
from synth.meta.design import Design, complete, intercept_only, read_design
from synth.meta.effect_sizes import missing_column
from synth.meta.measures import MEASURES, Array
from synth.meta.mv_fit import MvFit
from synth.meta.mv_likelihood import Evaluation
from synth.meta.mv_model import Model, about_edges, choose_likelihood, maximise
from synth.meta.pool import two_sided
from synth.meta.random_effects import read_random
from synth.meta.rows import about_dropped, about_redundant, read_column, split_names, study_names
from synth.meta.sampling_covariance import SamplingCovariance, read_covariance

__all__ = ["MV_METHODS", "MvFit", "rma_mv"]

MV_METHODS = ("REML", "ML", "EE", "FE", "CE")


def rma_mv(
    data: pd.DataFrame,
    V: Any = None,
    *,
    random: str | Sequence[str] | None = None,
    struct: str | Sequence[str] = "CS",
    mods: Any = None,
    intercept: bool = True,
    method: str = "REML",
    test: str = "z",
    dfs: str = "residual",
    level: float = 95,
    slab: str | Sequence[str] | None = None,
    measure: str | None = None,
) -> MvFit:
    """Fit a multilevel or multivariate model to ``data`` (a frame with yi, and vi unless ``V`` is given).

    ``V``: variances, their k x k covariance matrix, or what vcalc returns. ``random``: "~1|study/es" (effects within
    studies), "~outcome|study" with ``struct`` UN, CS, HCS, DIAG or ID, or a list. ``mods`` as in rma. ``method``: REML
    or ML. ``test``: z or t; with t, ``dfs`` is residual (k - p) or contain (coefficients of what varies between the
    widest groups only have the number of groups - p). Raises UsageError as rma does.
    """
    method, test = _check_mv_names(method, test, dfs)
    given = _read_given(data, V, mods, slab, intercept=intercept)
    model = _build_model(given, random, struct, restricted=method == "REML")
    free, found, notes = maximise(model)
    name = measure or str(data.attrs.get("measure", "GEN"))
    fit = _finish(
        model,
        free,
        found,
        method=method,
        test=test,
        dfs=dfs,
        level=level,
        slab=given.slab,
        dropped=given.dropped,
        measure=name if name in MEASURES else "GEN",
        cautions=(*given.cautions, *notes, *about_edges(model, free)),
    )
    issue(fit.cautions)
    return fit


def _check_mv_names(method: str, test: str, dfs: str) -> tuple[str, str]:
    asked = {"method": (method.upper(), MV_METHODS), "test": (test.casefold(), ("z", "t"))}
    asked["dfs"] = (dfs, ("residual", "contain"))
    for what, (name, known) in asked.items():
        if name not in known:
            raise UsageError(f'There is no {what} "{name}" for multilevel models', hint=f"Known are {', '.join(known)}")
    return ("ML" if method.upper() in {"EE", "FE", "CE"} else method.upper()), test.casefold()


@dataclass(frozen=True, slots=True, eq=False)
class _Given:
    """The usable rows."""

    y: Array
    V: SamplingCovariance
    design: Design
    frame: pd.DataFrame
    slab: Sequence[str]
    dropped: tuple[str, ...]
    cautions: tuple[Caution, ...]


def _read_given(data: pd.DataFrame, V: Any, mods: Any, slab: Any, *, intercept: bool) -> _Given:
    for name in ("yi", *(["vi"] if V is None else [])):
        if name not in data.columns:
            raise missing_column(name, [str(column) for column in data.columns])
    y = read_column(data, "yi")
    covariance = read_covariance(read_column(data, "vi") if V is None else V, len(y))
    names, usable = study_names(data, slab, len(y)), np.isfinite(y) & np.isfinite(covariance.diagonal)
    design = read_design(mods, data.loc[usable], int(usable.sum()), intercept=intercept)
    if design is not None and usable.any():
        whole = np.isfinite(design.X).all(axis=1)
        design = complete(design, whole)
        usable[usable] = whole
    _check_usable(covariance, usable, names)
    kept, dropped = split_names(names, usable)
    cautions = (*about_dropped(dropped, has_moderators=design is not None), *about_redundant(design))
    inside = data.loc[usable].reset_index(drop=True)
    design = intercept_only(len(inside)) if design is None else design
    return _Given(y[usable], covariance.take(usable), design, inside, kept, dropped, cautions)


def _build_model(given: _Given, random: Any, struct: Any, *, restricted: bool) -> Model:
    k, p = given.design.X.shape
    if k <= p:
        raise UsageError(
            f"{k} rows cannot carry {p} coefficients and variances", hint="Leave moderators out, or pool with rma"
        )
    groupings, inners = read_random(random, given.frame, struct)
    groupings.sort(key=lambda grouping: grouping.size)
    likelihood = choose_likelihood(given.y, given.V, given.design, groupings, inners)
    return Model(given.y, given.V, given.design, tuple(groupings), tuple(inners), likelihood, restricted)


def _check_usable(V: SamplingCovariance, usable: Any, names: Sequence[str]) -> None:
    if not usable.any():
        raise UsageError("No row has an estimate, a variance and all moderators", hint="Look for empty columns")
    wrong = np.flatnonzero(usable & ~(V.diagonal > 0))
    if len(wrong):
        raise UsageError(
            f"{names[wrong[0]]}: a sampling variance of {V.diagonal[wrong[0]]:g} is not possible",
            hint="Check the row; variances must be positive",
        )


def _finish(
    model: Model, free: Array, found: Evaluation, *, method: str, test: str, dfs: str, level: float, **rest: Any
) -> MvFit:
    back = np.linalg.inv(model.design.R)
    params, cov = back @ found.params, back @ found.cov @ back.T
    k, p = model.design.X.shape
    ddf = np.full(p, np.inf) if test == "z" else _degrees(model, dfs)
    bse = np.sqrt(np.diag(cov))
    statistics = params / bse
    pvalues = np.array([float(two_sided(t, df)) for t, df in zip(statistics, ddf, strict=True)])
    sigma2, Gs = model.split(free)
    alone = model.likelihood.evaluate(np.zeros(len(sigma2)), [0 * G for G in Gs], restricted=False)
    return MvFit(
        params, bse, statistics, pvalues, cov, model.design.names, sigma2,
        tuple(grouping.name for grouping in model.groupings), tuple(Gs), tuple(inner.levels for inner in model.inners),
        found.loglik, alone.rss, float(chdtrc(k - p, alone.rss)), *_joint_test(model, params, cov, ddf),
        ddf, k, method, test, level, model=model, free=free, at_best=found, **rest,
    )  # fmt: skip


def _joint_test(model: Model, params: Array, cov: Array, ddf: Array) -> tuple[float, tuple[int, float], float]:
    which = list(model.design.moderators)
    b, m, df = params[which], len(which), float(np.min(ddf[which]))
    QM = float(b @ np.linalg.solve(cov[np.ix_(which, which)], b))
    if np.isinf(df):
        return QM, (m, df), float(chdtrc(m, QM))
    return QM / m, (m, df), float(fdtrc(m, df, QM / m))


def _degrees(model: Model, dfs: str) -> Array:
    """K - p for all; or, for coefficients of what is constant within the groups, groups - p of the widest such."""
    k, p = model.design.X.shape
    found = np.full(p, float(k - p))
    if dfs == "residual":
        return found
    groups = [grouping.codes for grouping in model.groupings] + [inner.outer for inner in model.inners]
    for codes in groups:
        n = int(codes.max()) + 1
        for place, column in enumerate(model.design.X.T):
            if np.ptp(column - column[np.unique(codes, return_index=True)[1]][codes]) == 0:
                found[place] = max(1.0, min(found[place], float(n - p)))
    return found
