"""Unit of analysis: clusters that were ignored, arms that share a control, crossover trials, changes and final values.

Formulas: Cochrane Handbook for Systematic Reviews of Interventions (version 6.3), sections 6.2, 6.5.2 and 23.1 to
23.3, where nothing else is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from synth.errors import UsageError
from synth.meta.cautions import Caution, ClusteringUnclear, SharedArms
from synth.meta.effect_sizes import as_numbers, missing_column
from synth.meta.measures import Array
from synth.meta.pool import rma

ICCS = (0.01, 0.02, 0.05, 0.1, 0.2)
"""Intraclass correlations that a sensitivity table tries; 0.02 to 0.05 is usual for health outcomes of communities."""
_COUNTS = ("ai", "bi", "ci", "di", "n1i", "n2i", "xi", "mi", "ni")


def design_effect(m: float | Array, icc: float | Array, cv: float | Array = 0.0) -> Any:
    """How many times the variance grows if people come in clusters of ``m``: 1 + ((1 + cv^2) m - 1) icc.

    ``cv``: the coefficient of variation of the clusters' sizes (Eldridge, Ashby & Kerry 2006, Int J Epidemiol 35:1292).
    Raises UsageError for sizes below 1 and correlations outside 0 to 1.
    """
    m, icc, cv = np.asarray(m, dtype=np.float64), np.asarray(icc, dtype=np.float64), np.asarray(cv, dtype=np.float64)
    if (m < 1).any() or (icc < 0).any() or (icc > 1).any() or (cv < 0).any():
        raise UsageError(
            "A design effect needs clusters of 1 or more, and a correlation between 0 and 1",
            hint="Give m, the mean number of people per cluster, and icc",
        )
    found = 1 + ((1 + cv**2) * m - 1) * icc
    return float(found) if found.ndim == 0 else found


def deflate_counts(frame: pd.DataFrame, effect: float | Sequence[float]) -> pd.DataFrame:
    """Counts and group sizes divided by the design effect, so that their results count as fewer people."""
    columns = [name for name in _COUNTS if name in frame.columns]
    divisor = np.broadcast_to(np.asarray(effect, dtype=np.float64), len(frame))
    return frame.assign(**{name: as_numbers(frame, name) / divisor for name in columns})


def icc_sensitivity(
    data: pd.DataFrame, m: str | float, *, iccs: Sequence[float] = ICCS, unadjusted: Any = None, **options: Any
) -> pd.DataFrame:
    """Pool again with the variances of cluster trials that ignored clustering enlarged, over a range of ICCs.

    ``data``: yi and vi; ``m``: people per cluster, a column or a number. ``unadjusted``: a mask or column of the rows
    to enlarge; by default those whose column ``cluster_adjusted`` says no. ``options`` go to rma. One row per ICC, 0
    (as printed) first: icc, deff (largest), estimate, se, ci_lb, ci_ub, pval, tau2, I2.
    """
    sizes = as_numbers(data, _known(data, m)) if isinstance(m, str) else np.full(len(data), float(m))
    chosen = _unadjusted(data, unadjusted)
    if chosen.any() and not np.isfinite(sizes[chosen]).all():
        raise UsageError("A cluster trial has no cluster size", hint="Fill in people per cluster, or give a number")
    rows = []
    for icc in (0.0, *iccs):
        effect = np.where(chosen, design_effect(np.where(chosen, sizes, 1.0), icc), 1.0)
        fit = rma(data.assign(vi=as_numbers(data, "vi") * effect), **options)
        low, high = fit.conf_int()[0]
        rows.append((icc, effect.max(), fit.estimate, fit.se, low, high, fit.pvalues[0], fit.tau2, fit.I2))
    heads = ["icc", "deff", "estimate", "se", "ci_lb", "ci_ub", "pval", "tau2", "I2"]
    return pd.DataFrame(rows, columns=heads)


def _known(data: pd.DataFrame, name: str) -> str:
    if name not in data.columns:
        raise missing_column(name, [str(column) for column in data.columns])
    return name


def _unadjusted(data: pd.DataFrame, given: Any) -> Any:
    if isinstance(given, str):
        return data[_known(data, given)].to_numpy(dtype=bool)
    if given is not None:
        return np.asarray(given, dtype=bool)
    if "cluster_adjusted" not in data.columns:
        raise UsageError(
            "Which rows are cluster trials that ignored clustering?",
            hint='Give unadjusted=..., or a column "cluster_adjusted" with yes and no',
        )
    return data["cluster_adjusted"].astype(str).str.strip().str.casefold().isin(["no", "false", "0"]).to_numpy()


def split_shared_control(
    frame: pd.DataFrame, study: str, *, columns: Sequence[str] = ("ci", "di", "n2i")
) -> pd.DataFrame:
    """Divide the control group of each ``study`` evenly over its rows: events and people, while means stay.

    For trials with several active arms and one control, so that no one is counted twice (section 23.3.4). The rows
    stay a little correlated; combining the arms, or a multivariate model, is better.
    """
    rows = frame.groupby(_known(frame, study), sort=False)[study].transform("size").to_numpy(dtype=float)
    given = [name for name in columns if name in frame.columns]
    if not given:
        raise UsageError(f"There is no column of a control group ({', '.join(columns)})", hint="Name it: columns=[...]")
    return frame.assign(**{name: as_numbers(frame, name) / rows for name in given})


def combine_means(
    n: Sequence[float] | Array, mean: Sequence[float] | Array, sd: Sequence[float] | Array
) -> tuple[float, float, float]:
    """One group from several: its size, mean and standard deviation (exact; the rows are groups of people)."""
    n, mean, sd = (np.asarray(values, dtype=np.float64) for values in (n, mean, sd))
    if not (len(n) == len(mean) == len(sd) > 0) or (n < 1).any() or (sd < 0).any():
        raise UsageError("Combining needs a size, a mean and a standard deviation for each group", hint="One each")
    total = float(n.sum())
    centre = float(n @ mean / total)
    within, between = float((n - 1) @ sd**2), float(n @ (mean - centre) ** 2)
    return total, centre, float(np.sqrt((within + between) / (total - 1))) if total > 1 else 0.0


def combine_arms(frame: pd.DataFrame, study: str) -> pd.DataFrame:
    """One row per ``study``: active arms joined into one (ai, bi, n1i added; m1i, sd1i combined), control as it is.

    Other columns keep the value of the study's first row. Raises UsageError if the control differs between rows.
    """
    rows = []
    for name, several in frame.groupby(_known(frame, study), sort=False):
        for column in ("ci", "di", "n2i", "m2i", "sd2i"):
            if column in several.columns and len(set(several[column].fillna(""))) > 1:
                raise UsageError(
                    f"{name}: {column} differs between its rows, so they do not share a control",
                    hint="Combine only rows with the same control group",
                )
        rows.append({**several.iloc[0].to_dict(), **_joined(several)})
    return pd.DataFrame(rows, columns=frame.columns)


def _joined(several: pd.DataFrame) -> dict[str, float]:
    found = {name: float(as_numbers(several, name).sum()) for name in ("ai", "bi", "n1i") if name in several.columns}
    if {"n1i", "m1i", "sd1i"} <= set(several.columns):
        parts = (as_numbers(several, name) for name in ("n1i", "m1i", "sd1i"))
        found |= dict(zip(("n1i", "m1i", "sd1i"), combine_means(*parts), strict=True))
    return found


def change_sd(sd_before: float, sd_after: float, r: float) -> float:
    """The standard deviation of changes, from those before and after and their correlation (section 6.5.2.8)."""
    _check_correlation(r)
    return float(np.sqrt(sd_before**2 + sd_after**2 - 2 * r * sd_before * sd_after))


def change_correlation(sd_before: float, sd_after: float, sd_change: float) -> float:
    """The correlation of before and after that a study which prints all three standard deviations implies."""
    r = (sd_before**2 + sd_after**2 - sd_change**2) / (2 * sd_before * sd_after)
    if not -1 <= r <= 1:
        raise UsageError(
            f"These standard deviations imply a correlation of {r:.2f}", hint="Is one of them a standard error?"
        )
    return float(r)


def crossover_effect(
    mean_1: float, mean_2: float, n: int, *, sd_1: float, sd_2: float, r: float, standardised: bool = False
) -> tuple[float, float]:
    """Effect and variance of a crossover trial from the means of both periods and the correlation ``r`` within people.

    A mean difference with the variance of paired data, or ``standardised`` by the pooled standard deviation of both
    periods with vi = (1/n + d^2/(2n)) 2(1 - r) (section 23.2.7; Elbourne et al. 2002, Int J Epidemiol 31:140).
    """
    _check_correlation(r)
    if n < 2:
        raise UsageError("A crossover trial needs two people or more", hint="Give n, the number of people")
    if not standardised:
        return mean_1 - mean_2, change_sd(sd_1, sd_2, r) ** 2 / n
    pooled = float(np.sqrt((sd_1**2 + sd_2**2) / 2))
    d = (mean_1 - mean_2) / pooled
    return d, (1 / n + d**2 / (2 * n)) * 2 * (1 - r)


def _check_correlation(r: float) -> None:
    if not -1 <= r <= 1:
        raise UsageError(f"A correlation of {r:g} is not possible", hint="Give a number between -1 and 1")


def warn_of_units(rows: pd.DataFrame) -> list[Caution]:
    """Cautions about cluster trials that ignored clustering, and control groups that stand in several rows.

    Speaks only about columns that are there: cluster_adjusted; study_id (or study), with ci, n2i, m2i, sd2i.
    """
    return [*_about_ignored_clusters(rows), *_about_shared_controls(rows)]


def _about_ignored_clusters(rows: pd.DataFrame) -> list[Caution]:
    if "cluster_adjusted" not in rows.columns:
        return []
    number = int(_unadjusted(rows, None).sum())
    if not number:
        return []
    what = "1 row is a cluster trial" if number == 1 else f"{number} rows are cluster trials"
    return [ClusteringUnclear(f"{what} that ignored clustering: see icc_sensitivity for what that may hide")]


def _about_shared_controls(rows: pd.DataFrame) -> list[Caution]:
    study = next((name for name in ("study_id", "study") if name in rows.columns), None)
    control = [name for name in ("ci", "n2i", "m2i", "sd2i") if name in rows.columns]
    if study is None or len(control) < 2:
        return []
    known = rows.dropna(subset=[study, *control])
    twice = known[known.duplicated([study, *control], keep=False)]
    if twice.empty:
        return []
    names = ", ".join(dict.fromkeys(map(str, twice[study])))
    return [
        SharedArms(
            f"{names}: the same control group stands in several rows; combine the arms (combine_arms), divide the "
            "control (split_shared_control), or fit rma_mv with vcalc"
        )
    ]
