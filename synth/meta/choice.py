"""Which effects a declared synthesis takes, which it leaves out and why, and what comes of pooling the rest."""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

import numpy as np
import pandas as pd

from synth.errors import RefusedPool, UsageError
from synth.meta.cautions import AsymmetricInterval, Caution, SuggestedIncluded, TieBroken, UnitsUnchecked
from synth.meta.effect_sizes import escalc
from synth.meta.eligibility import CONDITIONS, SCOPE, as_text, either, judge_rows
from synth.meta.estimates import Converted, from_estimate
from synth.meta.groups import find_groups
from synth.meta.measures import find_measure, is_measure
from synth.meta.moderators import Subgroups, subgroups
from synth.meta.pool import Fit, rma
from synth.meta.protocol import Synthesis
from synth.meta.refusals import find_refusal, warn_of_unclear_clusters

SHOWN = (
    "effect_id",
    "study_id",
    "name",
    "year",
    "kind",
    "outcome",
    "outcome_domain",
    "informant",
    "population",
    "timepoint_months",
    "measure",
    "design_class",
    "adjusted",
    "cluster_adjusted",
    "estimate",
    "estimate_text",
    "ci_low",
    "ci_high",
    "direction",
    "status",
)
"""The columns of an effect that stay beside it, pooled or left out."""
IN_SCOPE = frozenset({"measure", "number"})
"""Rules after which a row still answers the question, with its direction if not with its number."""
_COUNTS = ("ai", "n1i", "ci", "n2i")
_MEANS = ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")


class UnknownTerm(Caution):
    """A declaration names a term that no effect has."""


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """``pooled``: rows with SHOWN, subgroup, source (of yi and vi), yi and vi. ``left_out``: SHOWN, rule and reason.

    ``refused``: why the rows of ``pooled`` may not be pooled, or None; then all candidates stand there.
    """

    pooled: pd.DataFrame
    left_out: pd.DataFrame
    cautions: tuple[Caution, ...] = ()
    refused: RefusedPool | None = None
    synthesis: Synthesis | None = None

    def direction_rows(self) -> pd.DataFrame:
        """One row per study that answers the question: its pooled effect, else the one that the declared rule takes.

        Whether a row's direction is known plays no part, because known directions are more often favourable ones.
        """
        beside = _in_declared_order(self.left_out[self.left_out["rule"].isin(IN_SCOPE)], self.synthesis)
        columns = ["effect_id", "study_id", "name", "direction"]
        rows = pd.concat([self.pooled[columns], beside[columns]])
        return rows.drop_duplicates("study_id").reset_index(drop=True)


def _in_declared_order(rows: pd.DataFrame, synthesis: Synthesis | None) -> pd.DataFrame:
    """The rows of each study in the order of the declared rule; ties, and everything without one, as in the table."""
    if synthesis is None or rows.empty:
        return rows
    return pd.concat([_order_by_rule(several, synthesis) for _, several in rows.groupby("study_id", sort=False)])


@dataclass(frozen=True, slots=True, eq=False)
class Pooled:
    """What came of it: a fit (None without rows), the fits by subgroup if the declaration names them, cautions."""

    fit: Fit | None
    subgroups: Subgroups | None
    cautions: tuple[Caution, ...]


def choose_effects(
    effects: pd.DataFrame,
    studies: pd.DataFrame,
    synthesis: Synthesis,
    labels: pd.DataFrame | None = None,
    *,
    include_suggested: bool = False,
) -> Chosen:
    """Split ``effects`` (columns of tables.EFFECTS and id) into what ``synthesis`` takes and what it leaves out.

    ``studies``: id, name, kind, year. ``labels``: tables.LABELS, for subgroups by an axis. Values with status
    suggested stay out unless asked for. What the declaration lets in and no pool may hold is in ``refused``;
    pool_synthesis raises it.
    """
    rows = join_studies(effects, studies)
    rows["rule"], rows["reason"] = judge_rows(rows, synthesis, include_suggested=include_suggested)
    rows, notes = _add_numbers(rows)
    refused = _object_to_mix(rows[rows["rule"] == ""], synthesis)
    rows, ties = (rows, []) if refused else _choose_one_per_study(rows, synthesis)
    taken = rows[rows["rule"] == ""].copy()
    taken["subgroup"] = find_groups(taken, synthesis.subgroups, labels, include_suggested=include_suggested)
    cautions = [*_check_terms(rows, synthesis), *notes, *ties, *_about_suggested(taken), *_about_units(taken)]
    pooled = taken[[*SHOWN, "subgroup", "source", "yi", "vi"]].reset_index(drop=True)
    left_out = rows.loc[rows["rule"] != "", [*SHOWN, "rule", "reason"]].reset_index(drop=True)
    return Chosen(pooled, left_out, tuple(cautions), refused, synthesis)


def _object_to_mix(candidates: pd.DataFrame, synthesis: Synthesis) -> RefusedPool | None:
    """Asked before one effect per study is chosen: a choice by time must not hide that informants or designs differ."""
    has_rule = synthesis.one_effect_per_study != "error"
    return find_refusal(candidates, where=synthesis.name, skip=frozenset({"study twice"} if has_rule else ()))


def join_studies(effects: pd.DataFrame, studies: pd.DataFrame) -> pd.DataFrame:
    """Effects with effect_id and the name, kind and year of their study, in their order; missing columns are empty."""
    rows = effects.reset_index(drop=True).copy()
    rows["effect_id"] = rows["effect_id" if "effect_id" in rows.columns else "id"].astype(str)
    known = studies.rename(columns={"id": "study_id"}) if "study_id" not in studies.columns else studies
    known = known.drop_duplicates("study_id").set_index("study_id")
    for column in ("name", "kind", "year"):
        values = known[column] if column in known.columns else pd.Series(dtype=object)
        rows[column] = rows["study_id"].map(values)
    rows["name"] = rows["name"].where(rows["name"].notna(), rows["study_id"])
    needed = {*SHOWN, *_COUNTS, *_MEANS, "se", "p", "arm_1"}
    for column in sorted(needed - set(rows.columns)):
        rows[column] = None
    return rows


def _add_numbers(rows: pd.DataFrame) -> tuple[pd.DataFrame, list[Caution]]:
    """Fill in yi and vi for the rows still in; what gives none is left out with the reason."""
    found = [convert_effect(row) if row["rule"] == "" else Converted(np.nan, np.nan) for row in rows.to_dict("records")]
    rows["yi"], rows["vi"] = [each.yi for each in found], [each.vi for each in found]
    rows["source"] = [each.source for each in found]
    without = pd.Series([bool(each.problem) for each in found], index=rows.index)
    rows.loc[without, "rule"] = "number"
    rows.loc[without, "reason"] = [each.problem for each in found if each.problem]
    notes = [
        AsymmetricInterval(f"{effect}: {each.note}")
        for effect, each in zip(rows["effect_id"], found, strict=True)
        if each.note
    ]
    return rows, list(notes)


def convert_effect(row: dict[Any, Any]) -> Converted:
    """Convert one effect: from its estimate with interval or standard error, else from raw numbers, else from p.

    An estimate that the study printed comes first, because it may be adjusted and raw counts are not. Intervals are
    95 %.
    """
    name = as_text(row["measure"])
    if not is_measure(name):
        return Converted(np.nan, np.nan, problem=f"Its measure is {name or 'not recorded'}, which cannot be pooled")
    measure = find_measure(name).name
    number = {name: _number(row.get(name)) for name in ("estimate", "ci_low", "ci_high", "se", "p")}
    printed = _from_printed(measure, number)
    if printed.vi > 0 and printed.source != "p":
        return printed
    raw = _from_raw(row, measure)
    return raw if raw is not None else printed


def _number(value: Any) -> float | None:
    number = pd.to_numeric(value, errors="coerce")
    return None if value is None or pd.isna(number) else float(number)


def _from_printed(measure: str, number: dict[str, float | None]) -> Converted:
    estimate = number["estimate"]
    return from_estimate(
        np.nan if estimate is None else estimate,
        measure=measure,
        ci_low=number["ci_low"],
        ci_high=number["ci_high"],
        se=number["se"],
        p=number["p"],
    )


def _from_raw(row: dict[Any, Any], measure: str) -> Converted | None:
    needs = {
        "RR": _COUNTS,
        "OR": _COUNTS,
        "RD": _COUNTS,
        "PETO": _COUNTS,
        "MD": _MEANS,
        "SMD": _MEANS,
        "ROM": _MEANS,
    }.get(measure)
    values = {name: _number(row.get(name)) for name in needs or ()}
    if not values or any(value is None for value in values.values()):
        return None
    try:
        found = escalc(pd.DataFrame([values]), measure).iloc[0]
    except UsageError:
        told = ", ".join(f"{name} = {value:g}" for name, value in values.items() if value is not None)
        return Converted(np.nan, np.nan, problem=f"Its numbers cannot be: {told}")
    return (
        Converted(float(found["yi"]), float(found["vi"]), "counts" if needs is _COUNTS else "means")
        if found["vi"] > 0
        else None
    )


def _choose_one_per_study(rows: pd.DataFrame, synthesis: Synthesis) -> tuple[pd.DataFrame, list[Caution]]:
    """Keep one effect of each study by the declared rule; the others are left out and name the one taken."""
    rule, ties = synthesis.one_effect_per_study, list[str]()
    for study, several in rows[rows["rule"] == ""].groupby("study_id", sort=False):
        if len(several) < 2:
            continue
        order = _order_by_rule(several, synthesis)
        kept, others = order.index[0], order.index[1:]
        if tuple(order.loc[kept, ["_time", "_place"]]) == tuple(order.loc[others[0], ["_time", "_place"]]):
            ties.append(str(study))
        rows.loc[others, "rule"] = "one effect per study"
        rows.loc[others, "reason"] = (
            f"Another effect of its study is taken ({rows.loc[kept, 'effect_id']}), by the rule {rule}"
        )
    if not ties:
        return rows, []
    names = ", ".join(ties[:6]) + (" and more" if len(ties) > 6 else "")
    return rows, [TieBroken(f"The rule {rule} left several effects of {names}: the first in the table is taken")]


def _order_by_rule(several: pd.DataFrame, synthesis: Synthesis) -> pd.DataFrame:
    """The effects of one study, the chosen one first; ties by time go to the declared order, then to the table's."""
    months = pd.to_numeric(several["timepoint_months"], errors="coerce").astype(float)
    by_time = {"longest": -months.fillna(-np.inf), "shortest": months.fillna(np.inf)}
    time = by_time.get(synthesis.one_effect_per_study, pd.Series(0.0, index=several.index))
    place = [_declared_place(row, synthesis) for row in several.to_dict("records")]
    return several.assign(_time=time, _place=place).sort_values(["_time", "_place"], kind="stable")


def _declared_place(row: dict[Any, Any], synthesis: Synthesis) -> tuple[int, ...]:
    """Where the row's terms stand in the declaration; earlier is better."""
    places = []
    for column in ("outcome_domain", "outcome", "population", "informant"):
        terms = [term.casefold() for term in getattr(synthesis, column)]
        found = as_text(row[column]).casefold()
        places.append(terms.index(found) if found in terms else len(terms))
    return tuple(places)


def _check_terms(rows: pd.DataFrame, synthesis: Synthesis) -> list[Caution]:
    """A caution for each declared term that no effect has: a slip of the pen would silently empty the pool."""
    found: list[Caution] = []
    for column, *_ in (*SCOPE, *CONDITIONS):
        known = {as_text(value).casefold() for value in rows[column]} - {""}
        for term in getattr(synthesis, column):
            if known and term.casefold() not in known:
                near = get_close_matches(term.casefold(), sorted(known), n=1)
                found.append(
                    UnknownTerm(f'No effect has {column} "{term}"' + (f'; did you mean "{near[0]}"?' if near else ""))
                )
    return found


def _about_suggested(taken: pd.DataFrame) -> list[Caution]:
    number = int((taken["status"] == "suggested").sum())
    return (
        [SuggestedIncluded(f"{number} of {len(taken)} rows are suggestions that no person has checked")]
        if number
        else []
    )


def _about_units(taken: pd.DataFrame) -> list[Caution]:
    names = sorted({find_measure(str(name)).name for name in taken["measure"] if find_measure(str(name)).has_unit})
    if not names or len(taken) < 2:
        return []
    return [
        UnitsUnchecked(f"{either(tuple(names))} has a unit, and it is not recorded that all {len(taken)} rows share it")
    ]


def pool_synthesis(
    chosen: Chosen, synthesis: Synthesis, *, method: str | None = None, test: str | None = None
) -> Pooled:
    """Pool what was chosen, by the declared model unless ``method`` or ``test`` say otherwise. No rows: no fit.

    Raises RefusedPool if the declaration lets rows in that may not stand in one pool.
    """
    if chosen.refused is not None:
        raise chosen.refused
    if chosen.pooled.empty:
        return Pooled(None, None, chosen.cautions)
    measure = find_measure(str(chosen.pooled["measure"].iloc[0])).name
    options: dict[str, Any] = {
        "method": method or synthesis.method,
        "test": test or synthesis.test,
        "level": synthesis.level,
        "measure": measure,
    }
    fit = rma(chosen.pooled, **options)
    by_group = _pool_by_group(chosen.pooled, synthesis.subgroups, options) if synthesis.subgroups else None
    return Pooled(fit, by_group, (*chosen.cautions, *warn_of_unclear_clusters(chosen.pooled), *fit.cautions))


def _pool_by_group(pooled: pd.DataFrame, axis: str, options: dict[str, Any]) -> Subgroups:
    return replace(subgroups(pooled, "subgroup", **options), by=axis)
