"""Columns of a forest plot by name: counts or means of the arms, judgements as lights, any column of the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from synth.figures import Column, ForestGroup, ForestPlot, ForestRow

_MEANS = (("m", "Mean"), ("sd", "SD"), ("n", "n"))
_ARMS = ("First arm", "Second arm")


def add_columns(plot: ForestPlot, rows: pd.DataFrame, names: Sequence[str], columns: Mapping[str, str]) -> ForestPlot:
    """``plot`` with the columns called ``names``: events, means, rob, or a column of ``rows``, pooled ones in order.

    ``columns`` says where ai, n1i, m1i ... stand. Raises UsageError for a name that is not there.
    """
    if not names:
        return plot
    usable = rows[rows["yi"].notna() & rows["vi"].notna()].reset_index(drop=True)
    shown: list[Column] = []
    cells: dict[str, list[str]] = {}
    for name in names:
        for column, values in _find_columns(name, usable, columns):
            shown.append(column)
            cells[column.key] = values
    by_row = [{key: values[place] for key, values in cells.items()} for place in range(len(usable))]
    groups = tuple(_fill_group(group, by_row) for group in plot.groups)
    caption = " ".join(filter(None, (plot.caption, _tell_lights(shown, cells))))
    return replace(plot, groups=groups, columns=(*plot.columns, *shown), caption=caption)


def _fill_group(group: ForestGroup, cells: Sequence[Mapping[str, str]]) -> ForestGroup:
    def fill(row: ForestRow) -> ForestRow:
        return replace(row, cells={**row.cells, **cells[int(row.key)]}) if row.key.isdigit() else row

    return replace(group, rows=tuple(fill(row) for row in group.rows))


def _find_columns(name: str, rows: pd.DataFrame, columns: Mapping[str, str]) -> list[tuple[Column, list[str]]]:
    from synth.figures import Column
    from synth.meta import missing_column

    if name == "events":
        return _events(rows, columns)
    if name == "means":
        return _means(rows, columns)
    if name == "rob":
        return _lights(rows)
    if name not in rows.columns:
        known = [str(column) for column in rows.columns]
        raise missing_column(name, ["events", "means", "rob", *known])
    align: Any = "right" if rows[name].dtype.kind in "if" else "left"
    return [(Column(f"column {name}", name, align=align), _texts(rows[name]))]


def _texts(values: pd.Series) -> list[str]:
    return ["" if value != value or value is None else _write(value) for value in values]  # noqa: PLR0124  NaN


def _write(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _take(rows: pd.DataFrame, columns: Mapping[str, str], name: str) -> pd.Series:
    from synth.meta import missing_column

    found = columns.get(name, name)
    if found not in rows.columns:
        raise missing_column(found, [str(column) for column in rows.columns], why=f"It holds {name}")
    return rows[found]


def _events(rows: pd.DataFrame, columns: Mapping[str, str]) -> list[tuple[Column, list[str]]]:
    from synth.figures import Column

    found = []
    for arm, (events, rest, size) in zip(_ARMS, (("ai", "bi", "n1i"), ("ci", "di", "n2i")), strict=True):
        counts = _take(rows, columns, events)
        has_size = columns.get(size, size) in rows.columns
        total = _take(rows, columns, size) if has_size else counts + _take(rows, columns, rest)
        texts = [f"{a:g} / {n:g}" for a, n in zip(counts, total, strict=True)]
        found.append((Column(f"events {arm}", "Events / n", arm, "right"), texts))
    return found


def _means(rows: pd.DataFrame, columns: Mapping[str, str]) -> list[tuple[Column, list[str]]]:
    from synth.figures import Column

    return [
        (Column(f"{name} {arm}", head, arm, "right"), _even(_take(rows, columns, f"{name}{number}i")))
        for number, arm in enumerate(_ARMS, 1)
        for name, head in _MEANS
    ]


def _even(values: pd.Series) -> list[str]:
    """Numbers of one column with the same number of decimals, so that their points stand under each other."""
    texts = _texts(values)
    places = max((len(text.partition(".")[2]) for text in texts if "e" not in text), default=0)
    return [f"{value:.{places}f}" if text else "" for value, text in zip(values, texts, strict=True)]


def _lights(rows: pd.DataFrame) -> list[tuple[Column, list[str]]]:
    """Every column that holds nothing but judgements, under one head; letters stand for the domains."""
    from synth.errors import UsageError
    from synth.figures import Column
    from synth.figures.judgements import are_judgements

    texts = {str(name): _texts(rows[name]) for name in rows.columns if rows[name].dtype.kind not in "ifb"}
    found = {name: values for name, values in texts.items() if are_judgements(values)}
    if not found:
        raise UsageError("No column holds judgements", hint="Words are low, some concerns, high, unclear, serious ...")
    return [
        (Column(f"rob {name}", chr(65 + place % 26), "Risk of bias", "light"), values)
        for place, (name, values) in enumerate(found.items())
    ]


def _tell_lights(shown: Sequence[Column], cells: Mapping[str, Sequence[str]]) -> str:
    from synth.figures.judgements import legend_of

    lights = [column for column in shown if column.align == "light"]
    if not lights:
        return ""
    domains = "; ".join(f"{column.head}: {column.key.removeprefix('rob ')}" for column in lights)
    words = legend_of(word for column in lights for word in cells[column.key])
    return f"Risk of bias: {domains}. Signs: {', '.join(f'{one.sign} {one.word.lower()}' for one in words)}."
