"""From results of ``synth meta`` to forest plots: which row stands where, in which words. No statistics are made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import pandas as pd

    from synth.figures import ForestGroup, ForestPlot, ForestRow, PooledLine
    from synth.meta import Fit, Subgroups
    from synth.steps.meta import FileResult, SynthesisResult

PROGRAMME, COMPARISON = "Favours programme", "Favours comparison"
POST_HOC = "Post hoc: not declared as planned before the numbers were known"
_BESIDE = ("measure", "number")
"""Rules after which a row still answers the question: it stands beside the pool with its direction."""
_OUTSIDE = ("outcome", "outcome_domain")
"""Rules for rows of other questions: counted, not listed."""
_MOST_NAMES = 12
PRINTED_LEVEL = 95
"""The level of printed intervals, as the table of effects holds them."""
Side = Literal["left", "right"]


def forest_from_synthesis(result: SynthesisResult, effects: pd.DataFrame, *, brief: bool = False) -> ForestPlot:
    """A declared synthesis as a plot. Its rows, its pool by group and over all, and what it left out, with reasons.

    ``effects`` (tables.EFFECTS) lends the numbers as they were printed. ``brief`` counts what was left out by rule
    instead of naming it, for panels.
    """
    from synth.figures import ForestPlot

    printed = {str(row["id"]): row for row in effects.to_dict("records")}
    measure = _measure_of(result)
    rows = [_as_printed(row, printed.get(row.key, {}), result) for row in _pooled_rows(result, measure)]
    better, contrary = find_better_side(result.chosen.pooled)
    groups, overall = _arrange(result, rows)
    return ForestPlot(
        title=result.name,
        measure_label=_label(measure),
        log=_is_log(measure),
        groups=groups,
        overall=overall,
        heterogeneity=_overall_text(result),
        columns=_columns(),
        better=better,
        favours=(PROGRAMME, COMPARISON) if better == "left" else (COMPARISON, PROGRAMME),
        beside=_beside(result, printed),
        left_out=() if brief else _left_out(result),
        caption=_caption(result, contrary, brief=brief),
        post_hoc=POST_HOC if result.post_hoc else "",
        numbers_head=f"{measure} [{result.synthesis.level:g}% CI]" if measure else "",
    )


def _columns() -> tuple[Any, ...]:
    from synth.figures import Column

    return Column("outcome", "Outcome"), Column("months", "Months", align="right")


def _measure_of(result: SynthesisResult) -> str:
    """The measure that is drawn; empty where rows have directions only or the measures are mixed."""
    from synth.meta import find_measure

    found = {find_measure(str(name)).name for name in result.chosen.pooled["measure"]}
    return found.pop() if len(found) == 1 else ""


def _label(measure: str) -> str:
    from synth.meta import find_measure

    if not measure:
        return ""
    name = find_measure(measure).label
    return f"{name} (log scale)" if _is_log(measure) else name


def _is_log(measure: str) -> bool:
    """Without a measure the axis is that of ratios: it has a middle and two sides, and no numbers."""
    from synth.meta import is_ratio

    return not measure or is_ratio(measure)


def find_better_side(pooled: pd.DataFrame) -> tuple[Side, int]:
    """On which side of the null the programme does better, from rows that have number and direction.

    Also how many rows say the opposite (a higher value is better there, and worse in the others).
    """
    votes: Counter[Side] = Counter()
    for yi, direction in zip(pooled["yi"], pooled["direction"], strict=True):
        if direction in ("favours", "against") and yi != 0:
            votes["left" if (yi < 0) == (direction == "favours") else "right"] += 1
    better: Side = "right" if votes["right"] > votes["left"] else "left"
    return better, min(votes["left"], votes["right"])


def _pooled_rows(result: SynthesisResult, measure: str) -> list[ForestRow]:
    """Rows with numbers, on the scale that people read; unweighed where nothing is pooled."""
    import numpy as np

    from synth.meta import back_transform

    frame = result.chosen.pooled
    weights = list(result.fit.weights) if result.fit is not None and result.fit.k > 1 else [None] * len(frame)
    limits = _limits(frame["yi"], frame["vi"], result.synthesis.level)
    rows = []
    for row, weight, (low, high) in zip(frame.to_dict("records"), weights, limits, strict=True):
        values = (
            [float(value) for value in back_transform(measure, np.array([row["yi"], low, high]))] if measure else None
        )
        rows.append(_row(row, values, weight))
    return rows


def _as_printed(row: ForestRow, effect: Mapping[Any, Any], result: SynthesisResult) -> ForestRow:
    """The row with the limits that its study printed, where it printed any on the measure that is drawn.

    Limits made again from a standard error differ from printed ones in the last digit, and readers compare.
    """
    from dataclasses import replace

    low, high = effect.get("ci_low"), effect.get("ci_high")
    if row.estimate is None or not _text(low) or not _text(high) or result.synthesis.level != PRINTED_LEVEL:
        return row
    return replace(row, low=float(low), high=float(high))  # type: ignore[arg-type]  # _text has seen that they are there


def _limits(yi: Any, vi: Any, level: float) -> list[tuple[float, float]]:
    """Wald limits of single studies on the scale of analysis, as a forest plot shows them."""
    from statistics import NormalDist

    z = NormalDist().inv_cdf(0.5 + level / 200)
    return [(y - z * v**0.5, y + z * v**0.5) for y, v in zip(yi, vi, strict=True)]


def _row(row: Mapping[Any, Any], values: Sequence[float] | None, weight: float | None, note: str = "") -> ForestRow:
    from synth.figures import ForestRow

    estimate, low, high = values or (None, None, None)
    return ForestRow(
        label=_text(row["name"]),
        estimate=estimate,
        low=low,
        high=high,
        weight=None if weight is None else float(weight),
        cells={"outcome": _text(row["outcome"]), "months": _months(row["timepoint_months"])},
        note=note,
        direction=_direction(row["direction"]),
        key=_text(row["effect_id"]),
    )


def _text(value: Any) -> str:
    return "" if value is None or str(value) in ("nan", "<NA>", "NaT") else str(value)


def _months(value: Any) -> str:
    return f"{float(value):g}" if _text(value) else ""


def _direction(value: Any) -> str:
    found = _text(value)
    return found if found in ("favours", "against", "none", "unclear") else "unclear"


# ---- groups and pools ----------------------------------------------------------------------------------------------


def _arrange(result: SynthesisResult, rows: list[ForestRow]) -> tuple[tuple[ForestGroup, ...], PooledLine | None]:
    """Groups with their pools, and the pool over all; rows alone where the pool is refused."""
    from synth.figures import ForestGroup

    overall = _pooled_line(result.fit, "All studies" if result.subgroups else "Pooled")
    if result.subgroups is None:
        return (ForestGroup(rows=tuple(rows)),) if rows else (), overall
    return _groups(result.subgroups, list(result.chosen.pooled["subgroup"]), rows), overall


def _groups(found: Subgroups, names: Sequence[Any], rows: Sequence[ForestRow]) -> tuple[ForestGroup, ...]:
    from synth.figures import ForestGroup
    from synth.meta import NOT_GIVEN

    labels = [_text(name).strip() or NOT_GIVEN for name in names]
    groups = []
    for level, fit in zip(found.levels, found.fits, strict=True):
        inside = tuple(row for row, label in zip(rows, labels, strict=True) if label == level)
        weights = [row.weight for row in inside if row.weight is not None]
        pooled = _pooled_line(fit, "Pooled", sum(weights) if weights else None)
        text = describe_spread(fit) if pooled else "One study: too small to pool"
        groups.append(ForestGroup(level, inside, pooled, text))
    return tuple(groups)


def _pooled_line(fit: Fit | None, name: str, weight: float | None = 100.0) -> PooledLine | None:
    """None without a fit or with one study: one study is no pool."""
    from synth.figures import PooledLine

    if fit is None or fit.k < 2:
        return None
    values = fit.natural()
    prediction = (values["pi_low"], values["pi_high"])
    return PooledLine(
        f"{name} (k\u00a0=\u00a0{fit.k})",
        _real(values["estimate"]),
        _real(values["ci_low"]),
        _real(values["ci_high"]),
        None if None in prediction else (_real(prediction[0]), _real(prediction[1])),
        weight,
    )


def _real(value: float | None) -> float:
    return float("nan") if value is None else float(value)


def describe_spread(fit: Fit) -> str:
    """Heterogeneity in one line."""
    from synth.meta.summary import format_p

    between = f"tau² = {fit.tau2:.3g}; I² = {fit.I2:.0f}%; " if fit.is_random else f"I² = {fit.I2:.0f}%; "
    return f"{between}Q = {fit.QE:.2f}, df = {fit.k - 1}, {format_p(fit.QEp)}"


def describe_difference(found: Subgroups | None) -> str:
    """The test of the difference between groups in one line; empty without one."""
    from synth.meta.summary import format_p

    if found is None or found.df < 1:
        return ""
    return f"Difference between groups: Q = {found.QB:.2f}, df = {found.df}, {format_p(found.QBp)}"


def _overall_text(result: SynthesisResult) -> str:
    if result.refused is not None:
        return f"Not pooled: {result.refused.message}. {result.refused.why}"
    if result.fit is None:
        return "Nothing to pool: no row has a number with its uncertainty"
    if result.fit.k < 2:
        return "One study: nothing is pooled"
    return "; ".join(filter(None, (describe_spread(result.fit), describe_difference(result.subgroups))))


# ---- what is not pooled --------------------------------------------------------------------------------------------


def _beside(result: SynthesisResult, printed: Mapping[str, Mapping[Any, Any]]) -> ForestGroup | None:
    """Studies that answer the question and are in no pool: one row each, with direction and the number as printed."""
    from synth.figures import ForestGroup

    frame = result.chosen.left_out
    shown = set(result.chosen.direction_rows()["effect_id"])
    rows = [
        _row(row, None, None, _printed_number(row, printed.get(_text(row["effect_id"]), {})))
        for row in frame[frame["rule"].isin(_BESIDE) & frame["effect_id"].isin(shown)].to_dict("records")
    ]
    title = "Direction only, or a number that this pool may not hold" if len(result.chosen.pooled) else ""
    return ForestGroup(title, tuple(rows)) if rows else None


def _printed_number(row: Mapping[Any, Any], effect: Mapping[Any, Any]) -> str:
    measure, number = _text(row["measure"]), _text(row.get("estimate_text")) or _text(row.get("estimate"))
    if row["rule"] == "number" and not number:
        return _text(row["reason"])
    low, high = _text(effect.get("ci_low")), _text(effect.get("ci_high"))
    limits = f" [{low}, {high}]" if low and high else ", no interval"
    return f"{measure} {number}{limits}" if number else f"{measure}, no number"


def _left_out(result: SynthesisResult) -> tuple[ForestRow, ...]:
    """Everything else that was left out, by reason, with the studies' names; many reasons of one rule become one."""
    from synth.figures import ForestRow

    listed = _listed(result)
    reasons_of = listed.groupby("rule")["reason"].nunique().to_dict()
    found: dict[str, list[str]] = {}
    for row in listed.to_dict("records"):
        many = reasons_of[row["rule"]] > _MOST_REASONS or row["rule"] == "one effect per study"
        reason = _RULE_WORDS.get(row["rule"], row["rule"]) if many else _text(row["reason"])
        found.setdefault(reason, []).append(_text(row["name"]))
    order = sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
    return tuple(ForestRow(f"{reason} ({_count(names)})", note=_list_names(names)) for reason, names in order)


def _listed(result: SynthesisResult) -> pd.DataFrame:
    """Rows on the declared outcome that were left out for another reason than having no fitting number."""
    frame = result.chosen.left_out
    return frame[~frame["rule"].isin((*_BESIDE, *_OUTSIDE))]


_MOST_REASONS = 4
_RULE_WORDS = {
    "informant": "Told by somebody else",
    "population": "About other people than the synthesis takes",
    "kind": "From a review, never pooled with primary studies",
    "design_class": "Of another design",
    "months": "Outside the declared time",
    "one effect per study": "Another effect of its study is taken",
    "status": "Suggested, and checked by nobody",
    "adjusted": "Adjusted in another way",
    "cluster_adjusted": "Clusters treated in another way",
}
"""Rules of synth.meta in a reader's words."""


def _count(names: Sequence[str]) -> str:
    return f"{len(names)} effect" + ("" if len(names) == 1 else "s")


def _list_names(names: Sequence[str]) -> str:
    unique = list(dict.fromkeys(names))
    more = len(unique) - _MOST_NAMES
    return "; ".join(unique[:_MOST_NAMES]) + (f"; and {more} more" if more > 0 else "")


def _count_left_out(result: SynthesisResult) -> str:
    counts = Counter(_RULE_WORDS.get(rule, rule) for rule in _listed(result)["rule"])
    order = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    listed = "; ".join(f"{words[0].lower()}{words[1:]} ({number})" for words, number in order)
    return f"Left out: {listed}." if listed else ""


def _count_undrawn(result: SynthesisResult) -> str:
    frame = result.chosen.left_out
    shown = set(result.chosen.direction_rows()["effect_id"])
    number = int((frame["rule"].isin(_BESIDE) & ~frame["effect_id"].isin(shown)).sum())
    return f"{number} more effects of the same studies, without a fitting number, are not drawn." if number else ""


def _caption(result: SynthesisResult, contrary: int, *, brief: bool) -> str:
    """How the picture was made: question, model, marks, other questions, deviations."""
    from synth.meta import describe_model

    frame = result.chosen.left_out
    others = int(frame["rule"].isin(_OUTSIDE).sum())
    parts = [
        _sentence(result.synthesis.question),
        _sentence(describe_model(result.fit)) if result.fit is not None and result.fit.k > 1 else "",
        _what_is_drawn(result),
        _tell_directions(result),
        f"{contrary} rows point the other way: a higher value is better there." if contrary else "",
        _count_undrawn(result),
        _count_left_out(result) if brief else "",
        f"{others} effects of other outcomes are not listed." if others else "",
        *(_sentence(f"Deviation: {text}") for text in result.deviations),
        *(_sentence(f"Caution: {caution}") for caution in result.cautions),
        "" if result.post_hoc else f"Planned: declared on {result.synthesis.declared_on}.",
        _sentence(result.synthesis.note),
    ]
    return " ".join(part for part in parts if part)


def _tell_directions(result: SynthesisResult) -> str:
    count = result.directions
    numbers = f"{count.favours} favour the programme, {count.against} against, {count.none} no difference"
    return f"Directions, one a study: {numbers}, {count.unclear} unclear."


def _what_is_drawn(result: SynthesisResult) -> str:
    if result.fit is None or result.fit.k < 2:
        return ""
    bar = " Thin bars: prediction intervals." if result.fit.has_prediction else ""
    return f"Squares: area by weight. Diamonds: pooled estimates with {result.synthesis.level:g}% intervals.{bar}"


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text if not text or text[-1] in ".?!" else f"{text}."


# ---- panels, files -------------------------------------------------------------------------------------------------

PANELS_CAPTION = (
    "One panel for each account. Nothing is pooled across panels and no test is made between them: the same outcome "
    "told by different people is not the same evidence. Panels differ in their studies, times and questions."
)


def choose_panels(declared: Sequence[Mapping[str, Any]], named: Sequence[str]) -> list[str]:
    """Names of the syntheses that make the panels: those ``named``, else all with one informant and no subgroups."""
    if named:
        return list(named)
    return [
        str(one.get("name", ""))
        for one in declared
        if not one.get("subgroups") and isinstance(one.get("informant"), str) and one["informant"]
    ]


def forest_from_fit(fit: Fit, title: str) -> ForestPlot:
    """A fit as a plot: its rows in their order, and the pool under them."""
    from synth.figures import ForestGroup, ForestPlot
    from synth.meta import find_measure

    measure = find_measure(fit.measure)
    return ForestPlot(
        title=title,
        measure_label=_label(measure.name),
        log=measure.scale == "log",
        groups=(ForestGroup(rows=tuple(_file_rows(fit))),),
        overall=_pooled_line(fit, "Pooled"),
        heterogeneity=describe_spread(fit) if fit.k > 1 else "One study: nothing is pooled",
        caption=_file_caption(fit),
        numbers_head=f"{measure.name} [{fit.level:g}% CI]",
    )


def forest_from_file(result: FileResult, title: str, subgroup: str | None) -> ForestPlot:
    """A pooled table as a plot. Its rows keep the table's order; what could not be pooled is listed."""
    from dataclasses import replace

    from synth.figures import ForestRow

    plot = forest_from_fit(result.fit, title)
    left_out = tuple(
        ForestRow(f"{row['name']} (row {row['row']})", note=str(row["reason"]))
        for row in result.left_out.to_dict("records")
    )
    if result.subgroups is None or not subgroup:
        return replace(plot, left_out=left_out)
    usable = result.rows[result.rows["yi"].notna() & result.rows["vi"].notna()]
    return replace(
        plot,
        groups=_groups(result.subgroups, [_group_name(value) for value in usable[subgroup]], plot.groups[0].rows),
        overall=_pooled_line(result.fit, "All studies"),
        heterogeneity="; ".join(filter(None, (plot.heterogeneity, describe_difference(result.subgroups)))),
        left_out=left_out,
    )


def _file_rows(fit: Fit) -> list[ForestRow]:
    import numpy as np

    from synth.figures import ForestRow
    from synth.meta import back_transform

    rows = []
    weights: list[float | None] | Any = fit.weights if fit.k > 1 else [None]
    limits = _limits(fit.yi, fit.vi, fit.level)
    for place, (name, yi, ends, weight) in enumerate(zip(fit.slab, fit.yi, limits, weights, strict=True)):
        estimate, low, high = (float(value) for value in back_transform(fit.measure, np.array([yi, *ends])))
        shown = None if weight is None else float(weight)
        rows.append(ForestRow(name, estimate, low, high, weight=shown, key=str(place)))
    return rows


def _group_name(value: Any) -> str:
    """As synth.meta names groups."""
    return f"{value:g}" if isinstance(value, float) and _text(value) else _text(value)


def _file_caption(fit: Fit) -> str:
    from synth.meta import describe_model

    if fit.k < 2:
        return ""
    bar = " Thin bar: prediction interval." if fit.has_prediction else ""
    return f"{_sentence(describe_model(fit))} Squares: area by weight. Diamond: pooled, {fit.level:g}% interval.{bar}"
