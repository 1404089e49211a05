"""Formulas such as ``~ year + setting``: read, turned into a design matrix, and applied again to new rows.

A small language of its own (nothing is evaluated as Python): ``+`` adds terms, ``:`` makes an interaction, ``*`` both,
``- 1`` or ``0`` leaves the intercept out, and inside ``I()``, ``log()``, ``exp()``, ``sqrt()``, ``abs()``,
``center()`` and ``scale()`` stand sums of columns and numbers. ``factor()`` (or ``C()``) makes groups of numbers.
Groups get treatment coding, the first in alphabetical order being the one that the others are compared with; without an
intercept, or without its main effect, a group keeps a column for every level.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from synth.errors import UsageError
from synth.meta.effect_sizes import missing_column
from synth.meta.measures import Array

_TOKEN = re.compile(r"\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)|`([^`]+)`|([^\W\d][\w.]*)|(\*\*|[-+*/:^(),~]))")
_FUNCTIONS: dict[str, Callable[[Array], Array]] = {
    "log": np.log,
    "log2": np.log2,
    "log10": np.log10,
    "exp": np.exp,
    "sqrt": np.sqrt,
    "abs": np.abs,
}
_CENTRED = ("center", "scale")
_GROUPED = ("factor", "C")
INTERCEPT = "intrcpt"


@dataclass(frozen=True, slots=True)
class Node:
    """A number, a column or an operation: ``kind`` is number, column, call, or one of + - * / ^ neg."""

    kind: str
    text: str = ""
    parts: tuple[Node, ...] = ()

    def __str__(self) -> str:
        """The expression as R would print it."""
        if self.kind in {"number", "column"}:
            return self.text
        if self.kind == "call":
            return f"{self.text}({self.parts[0]})"
        if self.kind == "neg":
            return f"-{self.parts[0]}"
        space = "" if self.kind in "*/^" else " "
        return f"{self.parts[0]}{space}{self.kind}{space}{self.parts[1]}"


Term = tuple[Node, ...]
"""The factors of one term; an interaction has several."""


@dataclass(frozen=True, slots=True)
class Formula:
    """The terms of a formula in their order, main effects first, and whether it has an intercept."""

    text: str
    terms: tuple[Term, ...]
    has_intercept: bool


class _Reader:
    """Tokens of one formula, read from left to right."""

    def __init__(self, text: str) -> None:
        self.text, self.tokens, self.place = text, _split(text), 0

    def peek(self) -> str:
        return self.tokens[self.place][1] if self.place < len(self.tokens) else ""

    def kind(self) -> str:
        return self.tokens[self.place][0] if self.place < len(self.tokens) else ""

    def take(self) -> str:
        value = self.peek()
        self.place += 1
        return value

    def expect(self, sign: str) -> None:
        if self.take() != sign:
            raise _unreadable(self.text, f'A "{sign}" is missing')


def _unreadable(text: str, why: str) -> UsageError:
    return UsageError(
        f'The formula "{text}" cannot be read', why=why, hint='Write moderators as "~ year + setting" or "~ a * b"'
    )


def _split(text: str) -> list[tuple[str, str]]:
    found, place = [], 0
    while text[place:].strip():
        match = _TOKEN.match(text, place)
        if match is None:
            raise _unreadable(text, f'"{text[place:].strip()[0]}" means nothing here')
        number, quoted, name, sign = match.groups()
        kind = "number" if number else "name" if quoted or name else "sign"
        found.append((kind, number or quoted or name or sign))
        place = match.end()
    return found


def parse_formula(text: str) -> Formula:
    """Read ``~ a + b:c - 1``. Raises UsageError that says where it stops making sense."""
    reader = _Reader(text)
    if reader.peek() == "~":
        reader.take()
    terms, has_intercept = _read_terms(reader)
    if reader.peek():
        raise _unreadable(text, f'"{reader.peek()}" was not expected')
    ordered = sorted(dict.fromkeys(terms), key=len)
    return Formula(text, tuple(ordered), has_intercept)


def _read_terms(reader: _Reader) -> tuple[list[Term], bool]:
    terms: list[Term] = []
    has_intercept, sign = True, "+"
    if reader.peek() in {"+", "-"}:
        sign = reader.take()
    while True:
        if reader.kind() == "number" and reader.peek() in {"0", "1"}:
            has_intercept = (reader.take() == "1") == (sign == "+")
        else:
            read = _read_crossed(reader)
            terms = [each for each in terms if each not in read] + (read if sign == "+" else [])
        if reader.peek() not in {"+", "-"}:
            return terms, has_intercept
        sign = reader.take()


def _read_crossed(reader: _Reader) -> list[Term]:
    terms = _read_interaction(reader)
    while reader.peek() == "*":
        reader.take()
        other = _read_interaction(reader)
        terms = [*terms, *other, *_join(terms, other)]
    return terms


def _read_interaction(reader: _Reader) -> list[Term]:
    terms = _read_factor(reader)
    while reader.peek() == ":":
        reader.take()
        terms = _join(terms, _read_factor(reader))
    return terms


def _join(one: list[Term], other: list[Term]) -> list[Term]:
    return [tuple(dict.fromkeys((*first, *second))) for first in one for second in other]


def _read_factor(reader: _Reader) -> list[Term]:
    if reader.peek() == "(":
        reader.take()
        terms, _ = _read_terms(reader)
        reader.expect(")")
        return terms
    if reader.kind() != "name":
        raise _unreadable(reader.text, f'A moderator was expected, not "{reader.peek() or "the end"}"')
    return [(_read_name(reader),)]


def _read_name(reader: _Reader) -> Node:
    name = reader.take()
    if reader.peek() != "(":
        return Node("column", name)
    if name not in {"I", *_FUNCTIONS, *_CENTRED, *_GROUPED}:
        known = ", ".join(["I", *_FUNCTIONS, *_CENTRED, *_GROUPED])
        raise _unreadable(reader.text, f"There is no function {name}; known are {known}")
    reader.take()
    inner = _read_sum(reader)
    reader.expect(")")
    return Node("call", name, (inner,))


def _read_sum(reader: _Reader) -> Node:
    return _read_left(reader, _read_product, {"+", "-"})


def _read_product(reader: _Reader) -> Node:
    return _read_left(reader, _read_power, {"*", "/"})


def _read_left(reader: _Reader, part: Callable[[_Reader], Node], signs: set[str]) -> Node:
    found = part(reader)
    while reader.peek() in signs:
        sign = reader.take()
        found = Node(sign, "", (found, part(reader)))
    return found


def _read_power(reader: _Reader) -> Node:
    if reader.peek() == "-":
        reader.take()
        return Node("neg", "", (_read_power(reader),))
    base = _read_atom(reader)
    if reader.peek() in {"^", "**"}:
        reader.take()
        return Node("^", "", (base, _read_power(reader)))
    return base


def _read_atom(reader: _Reader) -> Node:
    if reader.kind() == "number":
        return Node("number", reader.take())
    if reader.peek() == "(":
        reader.take()
        inner = _read_sum(reader)
        reader.expect(")")
        return inner
    if reader.kind() != "name":
        raise _unreadable(reader.text, f'A column or a number was expected, not "{reader.peek() or "the end"}"')
    return _read_name(reader)


def columns_of(formula: Formula) -> tuple[str, ...]:
    """The columns that a formula speaks of, in their order."""
    found: dict[str, None] = {}

    def visit(node: Node) -> None:
        if node.kind == "column":
            found[node.text] = None
        for part in node.parts:
            visit(part)

    for term in formula.terms:
        for node in term:
            visit(node)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Coding:
    """What was learned from the data and must be the same for new rows: levels by factor, and centres and spreads."""

    levels: Mapping[Node, tuple[str, ...]] = field(default_factory=dict)
    centres: Mapping[Node, tuple[float, float]] = field(default_factory=dict)


def learn_coding(formula: Formula, frame: pd.DataFrame) -> Coding:
    """Levels, centres and spreads of the formula's parts in ``frame``. Raises UsageError for columns not there."""
    known = [str(column) for column in frame.columns]
    for name in columns_of(formula):
        if name not in frame.columns:
            raise missing_column(name, known, why="the formula needs it")
    nodes = {node for term in formula.terms for node in term}
    levels = {node: _find_levels(node, frame) for node in nodes if _is_group(node, frame)}
    centres: dict[Node, tuple[float, float]] = {}
    for node in nodes - set(levels):
        _learn_centres(node, frame, centres)
    return Coding(levels, centres)


def _is_group(node: Node, frame: pd.DataFrame) -> bool:
    if node.kind == "call":
        return node.text in _GROUPED
    return node.kind == "column" and not _is_numeric(frame[node.text])


def _is_numeric(values: pd.Series) -> bool:
    if isinstance(values.dtype, pd.CategoricalDtype):
        return False
    return bool(pd.to_numeric(values, errors="coerce").notna().sum() == values.notna().sum())


def _group_values(node: Node, frame: pd.DataFrame) -> pd.Series:
    inner = node.parts[0] if node.kind == "call" else node
    if inner.kind != "column":
        raise _unreadable(str(node), "factor() takes the name of one column")
    values = frame[inner.text]
    shown = values.map(_show_level)
    return shown.where(values.notna() & (shown != ""), None)


def _show_level(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value).strip()


def _find_levels(node: Node, frame: pd.DataFrame) -> tuple[str, ...]:
    values = _group_values(node, frame)
    inner = node.parts[0] if node.kind == "call" else node
    column = frame[inner.text]
    if isinstance(column.dtype, pd.CategoricalDtype):
        return tuple(str(level) for level in column.cat.categories if str(level) in set(values.dropna()))
    found = values.dropna().unique()
    numeric = _is_numeric(column)
    return tuple(sorted(found, key=float) if numeric else sorted(found))


def _learn_centres(node: Node, frame: pd.DataFrame, centres: dict[Node, tuple[float, float]]) -> None:
    for part in node.parts:
        _learn_centres(part, frame, centres)
    if node.kind == "call" and node.text in _CENTRED:
        values = _evaluate(node.parts[0], frame, centres)
        usable = values[np.isfinite(values)]
        spread = float(np.std(usable, ddof=1)) if node.text == "scale" and len(usable) > 1 else 1.0
        centres[node] = (float(np.mean(usable)) if len(usable) else 0.0, spread or 1.0)


def _evaluate(node: Node, frame: pd.DataFrame, centres: Mapping[Node, tuple[float, float]]) -> Array:
    if node.kind == "number":
        return np.full(len(frame), float(node.text))
    if node.kind == "column":
        return _read_numbers(node.text, frame)
    parts = [_evaluate(part, frame, centres) for part in node.parts]
    if node.kind == "call":
        return _apply(node, parts[0], centres)
    with np.errstate(divide="ignore", invalid="ignore"):
        return _ARITHMETIC[node.kind](*parts)


_ARITHMETIC: dict[str, Callable[..., Array]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "^": np.power,
    "neg": np.negative,
}


def _read_numbers(name: str, frame: pd.DataFrame) -> Array:
    values = frame[name]
    if not _is_numeric(values):
        raise UsageError(
            f'Column "{name}" holds groups, and numbers are needed inside a function', hint=f"Use {name} by itself"
        )
    return np.asarray(pd.to_numeric(values, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan))


def _apply(node: Node, values: Array, centres: Mapping[Node, tuple[float, float]]) -> Array:
    if node.text in _CENTRED:
        centre, spread = centres[node]
        return (values - centre) / spread
    if node.text == "I":
        return values
    with np.errstate(divide="ignore", invalid="ignore"):
        found = _FUNCTIONS[node.text](values)
    return np.where(np.isfinite(found), found, np.nan)


@dataclass(frozen=True, slots=True)
class Matrix:
    """A design matrix ``X``, the names of its columns, and the number of the term of each column (0: intercept)."""

    X: Array
    names: tuple[str, ...]
    terms: tuple[int, ...]


def build_matrix(formula: Formula, frame: pd.DataFrame, coding: Coding) -> Matrix:
    """The design matrix of ``frame``; rows with missing values hold NaN. Raises UsageError for levels not learned."""
    columns: list[Array] = [np.ones(len(frame))] if formula.has_intercept else []
    names, owners = [INTERCEPT] if formula.has_intercept else [], [0] if formula.has_intercept else []
    present: set[frozenset[Node]] = {frozenset(term) for term in formula.terms}
    present |= {frozenset()} if formula.has_intercept else set()
    for number, term in enumerate(formula.terms, start=1):
        for name, values in _columns_of_term(term, frame, coding, present):
            names.append(name)
            columns.append(values)
            owners.append(number)
        present = present | ({frozenset()} if _spans_intercept(term, coding) else set())
    X = np.column_stack(columns) if columns else np.empty((len(frame), 0))
    return Matrix(X, tuple(names), tuple(owners))


def _spans_intercept(term: Term, coding: Coding) -> bool:
    """After the first group without an intercept, the dummies sum to one: later groups are compared with a level."""
    return len(term) == 1 and term[0] in coding.levels


def _columns_of_term(
    term: Term, frame: pd.DataFrame, coding: Coding, present: set[frozenset[Node]]
) -> list[tuple[str, Array]]:
    found: list[tuple[str, Array]] = [("", np.ones(len(frame)))]
    for node in term:
        others = frozenset(term) - {node}
        parts = _columns_of_node(node, frame, coding, is_contrast=others in present)
        found = [(f"{one}:{name}" if one else name, left * right) for name, right in parts for one, left in found]
    return found


def _columns_of_node(node: Node, frame: pd.DataFrame, coding: Coding, *, is_contrast: bool) -> list[tuple[str, Array]]:
    if node not in coding.levels:
        return [(str(node), _evaluate(node, frame, coding.centres))]
    values, levels = _group_values(node, frame), coding.levels[node]
    unknown = sorted(set(values.dropna()) - set(levels))
    if unknown:
        raise UsageError(
            f'{node} has no group "{unknown[0]}" in the model', why=f"Its groups are {', '.join(levels)}",
            hint="Predict for a group that the model has seen",
        )  # fmt: skip
    missing = values.isna().to_numpy()
    used = levels[1:] if is_contrast else levels
    return [(f"{node}{level}", np.where(missing, np.nan, (values == level).to_numpy() * 1.0)) for level in used]
