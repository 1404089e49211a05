"""What a forest plot is made of: rows, groups, pooled lines, as plain data. Nothing is drawn here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Align = Literal["left", "right", "decimal", "light"]
DIRECTIONS = ("favours", "against", "none", "unclear")
DIRECTION_WORDS = {"favours": "favours", "against": "against", "none": "no difference", "unclear": "unclear"}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: ``key`` of the rows' cells, its head, and the head that it shares with neighbours.

    ``align`` light: cells are judgements, drawn as discs with signs. ``side`` of the plot on which it stands.
    """

    key: str
    head: str
    span: str = ""
    align: Align = "left"
    side: Literal["left", "right"] = "left"


@dataclass(frozen=True, slots=True)
class ForestRow:
    """One line: an estimate with limits on the measure's own scale, or only a direction, or only a reason.

    ``weight`` in per cent, None where the row is not weighed. ``direction``: favours | against | none | unclear.
    ``is_pooled``: the row is itself a pooled result (of a cumulative or leave-one-out plot), drawn as a diamond.
    """

    label: str
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    weight: float | None = None
    cells: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    direction: str = ""
    key: str = ""
    is_pooled: bool = False


@dataclass(frozen=True, slots=True)
class PooledLine:
    """A pooled estimate with its limits and, where there is one, its prediction interval. ``cells`` hold totals."""

    label: str
    estimate: float
    low: float
    high: float
    prediction: tuple[float, float] | None = None
    weight: float | None = None
    cells: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ForestGroup:
    """Rows under one head. ``left_out`` are drawn in quiet, their ``note`` says why they are not pooled.

    ``groups`` are the groups inside this one, drawn before its own rows; ``heterogeneity`` may have several lines.
    """

    title: str = ""
    rows: tuple[ForestRow, ...] = ()
    pooled: PooledLine | None = None
    heterogeneity: str = ""
    left_out: tuple[ForestRow, ...] = ()
    groups: tuple[ForestGroup, ...] = ()

    def all_rows(self) -> list[ForestRow]:
        """Rows of the group and of the groups inside it."""
        return [row for group in self.groups for row in group.all_rows()] + [*self.rows, *self.left_out]

    def pooled_rows(self) -> list[ForestRow]:
        """The same without rows that are left out."""
        return [row for group in self.groups for row in group.pooled_rows()] + list(self.rows)

    def pooled_lines(self) -> list[PooledLine]:
        """Pooled lines of the group and of the groups inside it."""
        inside = [line for group in self.groups for line in group.pooled_lines()]
        return [*inside, *([self.pooled] if self.pooled else [])]


@dataclass(frozen=True, slots=True)
class ForestPlot:
    """All that stands in a forest plot.

    ``favours`` names the two sides, left first; ``better`` is the side on which the programme does better; ``post_hoc``
    is empty for a declared synthesis. ``beside`` are rows of the same question that no pool may hold, drawn as
    directions; ``left_out`` is a list of words under the axis. ``limits`` fixes the axis. ``has_null``: whether there
    is a value of no difference (a proportion has none). ``prediction_label`` names the prediction interval.
    """

    title: str
    measure_label: str
    log: bool
    groups: tuple[ForestGroup, ...]
    overall: PooledLine | None = None
    heterogeneity: str = ""
    columns: tuple[Column, ...] = ()
    favours: tuple[str, str] = ("", "")
    better: Literal["left", "right"] = "left"
    caption: str = ""
    post_hoc: str = ""
    beside: ForestGroup | None = None
    left_out: tuple[ForestRow, ...] = ()
    left_out_title: str = "Left out"
    study_head: str = "Study"
    numbers_head: str = ""
    limits: tuple[float, float] | None = None
    decimals: int = 2
    has_null: bool = True
    prediction_label: str = "Prediction interval"

    @property
    def null(self) -> float:
        """The value of no difference."""
        return 1.0 if self.log else 0.0

    @property
    def middle(self) -> float:
        """What the axis must hold: the null, or where there is none the pooled or the first estimate."""
        if self.has_null:
            return self.null
        found = [row.estimate for row in self.all_rows() if row.estimate is not None]
        return self.overall.estimate if self.overall else next(iter(found), self.null)

    def all_rows(self) -> list[ForestRow]:
        """Every row that stands beside the axis."""
        groups = [*self.groups, *([self.beside] if self.beside else [])]
        return [row for group in groups for row in group.all_rows()]

    def pooled_rows(self) -> list[ForestRow]:
        """The rows that are pooled."""
        return [row for group in self.groups for row in group.pooled_rows()]

    def pooled_lines(self) -> list[PooledLine]:
        """Every pooled line."""
        lines = [line for group in self.groups for line in group.pooled_lines()]
        return [*lines, *([self.overall] if self.overall else [])]
