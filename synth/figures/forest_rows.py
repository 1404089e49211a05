"""What a forest plot is made of: rows, groups, pooled lines, as plain data. Nothing is drawn here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from synth.figures.looks import Look

Align = Literal["left", "right", "decimal", "light"]
DIRECTIONS = ("favours", "against", "none", "unclear")
DIRECTION_WORDS = {"favours": "favours", "against": "against", "none": "no difference", "unclear": "unclear"}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: ``key`` of the rows' cells, its head, and the head that it shares with neighbours.

    ``align`` light: cells are judgements, drawn as discs with signs.
    """

    key: str
    head: str
    span: str = ""
    align: Align = "left"


@dataclass(frozen=True, slots=True)
class ForestRow:
    """One line: an estimate with limits on the measure's own scale, or only a direction, or only a reason.

    ``weight`` in per cent, None where the row is not weighed. ``direction``: favours | against | none | unclear.
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


@dataclass(frozen=True, slots=True)
class PooledLine:
    """A pooled estimate with its limits and, where there is one, its prediction interval."""

    label: str
    estimate: float
    low: float
    high: float
    prediction: tuple[float, float] | None = None
    weight: float | None = None


@dataclass(frozen=True, slots=True)
class ForestGroup:
    """Rows under one head. ``left_out`` are drawn in quiet, their ``note`` says why they are not pooled."""

    title: str = ""
    rows: tuple[ForestRow, ...] = ()
    pooled: PooledLine | None = None
    heterogeneity: str = ""
    left_out: tuple[ForestRow, ...] = ()


@dataclass(frozen=True, slots=True)
class ForestPlot:
    """All that stands in a forest plot.

    ``favours`` names the two sides, left first; ``better`` is the side on which the programme does better; ``post_hoc``
    is empty for a declared synthesis. ``beside`` are rows of the same question that no pool may hold, drawn as
    directions; ``left_out`` is a list of words under the axis. ``limits`` fixes the axis. ``look``: brackets,
    decimal sign and colours, in the manner of a journal.
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
    look: Look = field(default_factory=Look)

    @property
    def null(self) -> float:
        """The value of no difference."""
        return 1.0 if self.log else 0.0
