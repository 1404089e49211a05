"""How a forest plot is laid out: columns by measured width, strips of rows from top to bottom, one axis a panel."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from synth.figures.forest_marks import (
    draw_axis,
    draw_diamond,
    draw_direction,
    draw_interval,
    draw_prediction,
    draw_reference,
    draw_square,
)
from synth.figures.forest_rows import DIRECTION_WORDS, Column, ForestGroup, ForestPlot, ForestRow, PooledLine
from synth.figures.scale import Scale, balance_range, find_range, find_ticks, write_number
from synth.figures.sheet import PT_PER_MM, Sheet
from synth.figures.style import INK, LINE, MAYBE, QUIET, SMALL_PT, TEXT_PT, our_style
from synth.figures.text import LINE_HEIGHT, plain, text_width, wrap_text
from synth.figures.traffic import draw_light

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from matplotlib.figure import Figure

MARGIN = 8.0
GAP = 9.0
ROW = 13.0
MOST_LABEL = 145.0
MOST_CELL = 104.0
LEAST_LEFT = 140.0
"""Room left of the plot, so that words about heterogeneity are not broken into crumbs."""
LEAST_PLOT = 165.0
LIGHT = 11.0
"""Width of a column of discs."""
TITLE_PT = 9.5
STEP = TEXT_PT * LINE_HEIGHT
MOST_LINES = 6
"""A label of thousands of letters ends in "…" on the sixth line; the table twin has it whole."""


_POINT = re.compile("[.·]")


@dataclass(frozen=True, slots=True)
class Strip:
    """A horizontal strip of the page: its height in points and what draws it, given its top."""

    height: float
    draw: Callable[[float], None]
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a column stands: its left edge, its width and, for numbers, where their decimal points stand."""

    left: float
    width: float
    point: float = 0.0


@dataclass(frozen=True, slots=True)
class Frame:
    """The columns of a page, in points."""

    width: float
    label: Slot
    cells: dict[str, Slot]
    plot: Slot
    numbers: tuple[Slot, Slot, Slot]
    weight: Slot | None
    columns: tuple[Column, ...]

    @property
    def right(self) -> float:
        """The right end of what may be printed."""
        return self.width - MARGIN


def draw_page(panels: Sequence[ForestPlot], *, title: str, caption: str, width_mm: float) -> Figure:
    """All panels on one page, in common columns."""
    with our_style(""):
        return _draw_page(panels, title, caption, width_mm)


def _draw_page(panels: Sequence[ForestPlot], title: str, caption: str, width_mm: float) -> Figure:
    frame = measure_frame(panels, width_mm * PT_PER_MM)
    scales = find_scales(panels, frame)
    page = _Page(frame)
    page.add_title(title, TITLE_PT + 1)
    for number, panel in enumerate(panels):
        page.add_panel(panel, _scale_of(panel, scales), with_heads=number == 0 or len(panels) == 1, number=number)
    page.add_caption(caption)
    return page.draw()


def find_scales(panels: Sequence[ForestPlot], frame: Frame) -> dict[tuple[str, bool], Scale]:
    """One scale for each measure, over all panels that use it."""
    scales: dict[tuple[str, bool], Scale] = {}
    for name in dict.fromkeys(_axis_name(panel) for panel in panels):
        same = [panel for panel in panels if _axis_name(panel) == name]
        low, high = same[0].limits or _common_range(same)
        scales[name] = Scale(low, high, same[0].log, frame.plot.left, frame.plot.left + frame.plot.width)
    return scales


def _scale_of(panel: ForestPlot, scales: dict[tuple[str, bool], Scale]) -> Scale:
    """A panel without a measure has directions only: its null stands where that of the other panels stands."""
    if panel.measure_label:
        return scales[_axis_name(panel)]
    return next(
        (scale for (label, log), scale in scales.items() if label and log == panel.log), scales[_axis_name(panel)]
    )


def _axis_name(panel: ForestPlot) -> tuple[str, bool]:
    return panel.measure_label, panel.log


def _common_range(panels: Sequence[ForestPlot]) -> tuple[float, float]:
    first = panels[0]
    main = [row for panel in panels for group in panel.groups for row in group.rows if row.estimate is not None]
    shown = main or [row for panel in panels for row in _all_rows(panel)]
    rows = [found for row in shown if (found := _interval(row))]
    pooled = [(line.low, line.estimate, line.high) for panel in panels for line in _pooled_lines(panel)]
    if not rows and not pooled:
        return (0.2, 5.0) if first.log else (-1.0, 1.0)
    low, high = find_range(rows, pooled, first.null, log=first.log)
    has_direction = any(row.estimate is None and row.direction for panel in panels for row in _all_rows(panel))
    return balance_range(low, high, first.null, log=first.log, least=0.4 if has_direction else 0.12)


def _interval(row: ForestRow) -> tuple[float, float, float] | None:
    if row.estimate is None:
        return None
    low = row.estimate if row.low is None else row.low
    high = row.estimate if row.high is None else row.high
    return low, row.estimate, high


def _all_rows(panel: ForestPlot) -> list[ForestRow]:
    groups = [*panel.groups, *([panel.beside] if panel.beside else [])]
    return [row for group in groups for row in (*group.rows, *group.left_out)]


def _pooled_lines(panel: ForestPlot) -> list[PooledLine]:
    lines = [group.pooled for group in panel.groups] + [panel.overall]
    return [line for line in lines if line]


# ---- columns -------------------------------------------------------------------------------------------------------


def measure_frame(panels: Sequence[ForestPlot], width: float) -> Frame:
    """Columns as wide as their content wants within bounds; the plot takes the rest, and the page grows if it must."""
    rows = [row for panel in panels for row in _all_rows(panel)]
    columns = tuple({column.key: column for panel in panels for column in panel.columns}.values())
    label_width = _label_width(panels, rows)
    cell_widths = _widen_spans(columns, {column.key: _cell_width(column, rows) for column in columns})
    label_width = max(label_width, LEAST_LEFT - sum(cell_widths.values()) - GAP * len(columns))
    numbers = _number_widths(panels)
    weights = [text for text in _weight_texts(panels, rows) if text]
    weight = _decimal_width(weights, "Weight") if weights else (0.0, 0.0)
    fixed = label_width + sum(cell_widths.values()) + sum(sum(pair) for pair in numbers) + sum(weight)
    gaps = GAP * (len(columns) + 3 + bool(weights)) + 2 * MARGIN + 8
    plot_width = max(LEAST_PLOT, width - fixed - gaps)
    page = max(width, fixed + gaps + plot_width)
    return _place_columns(
        page,
        columns,
        label=label_width,
        cells=cell_widths,
        plot=plot_width,
        numbers=numbers,
        weight=weight if weights else None,
    )


def _place_columns(
    page: float,
    columns: tuple[Column, ...],
    *,
    label: float,
    cells: dict[str, float],
    plot: float,
    numbers: Sequence[tuple[float, float]],
    weight: tuple[float, float] | None,
) -> Frame:
    at = MARGIN
    label_slot = Slot(at, label)
    at += label + GAP
    cell_slots = {}
    for column in columns:
        cell_slots[column.key] = Slot(at, cells[column.key])
        at += cells[column.key] + GAP
    plot_slot = Slot(at, plot)
    at += plot + GAP
    slots = []
    for before, after in numbers:
        slots.append(Slot(at, before + after, at + before))
        at += before + after + 4
    at += GAP - 4
    weight_slot = Slot(at, sum(weight), at + weight[0]) if weight else None
    return Frame(page, label_slot, cell_slots, plot_slot, (slots[0], slots[1], slots[2]), weight_slot, columns)


def _label_width(panels: Sequence[ForestPlot], rows: Sequence[ForestRow]) -> float:
    labels = [(row.label, False) for row in rows] + [(panel.study_head, True) for panel in panels]
    if any(line.prediction for panel in panels for line in _pooled_lines(panel)):
        labels.append(("Prediction interval", False))
    wanted = max((text_width(plain(text), bold=bold) for text, bold in labels), default=0.0)
    return max(60.0, min(wanted, MOST_LABEL))


def _cell_width(column: Column, rows: Sequence[ForestRow]) -> float:
    if column.align == "light":
        return max(LIGHT, text_width(plain(column.head), bold=True))
    wanted = max((text_width(plain(row.cells.get(column.key, ""))) for row in rows), default=0.0)
    head = max((text_width(word, bold=True) for word in plain(column.head).split()), default=0.0)
    return max(head, min(wanted, MOST_CELL), 12.0)


def _widen_spans(columns: Sequence[Column], widths: dict[str, float]) -> dict[str, float]:
    """Columns under a spanning head that is wider than they are share what it lacks."""
    widened = dict(widths)
    for span, under in itertools.groupby(columns, key=lambda column: column.span):
        keys = [column.key for column in under]
        lacking = text_width(plain(span), bold=True) - sum(widths[key] for key in keys) - GAP * (len(keys) - 1)
        for key in keys:
            widened[key] += max(lacking, 0.0) / len(keys)
    return widened


def _number_widths(panels: Sequence[ForestPlot]) -> list[tuple[float, float]]:
    texts = [_number_texts(row.estimate, row.low, row.high, panel) for panel in panels for row in _all_rows(panel)]
    for panel in panels:
        for line in _pooled_lines(panel):
            texts.append(_number_texts(line.estimate, line.low, line.high, panel))
            low, high = line.prediction or (None, None)
            texts.append(_number_texts(None, low, high, panel))
    columns = list(zip(*texts, strict=True)) if texts else [(), (), ()]
    widths = [_decimal_width(column, "") for column in columns]
    head = max((_head_width(panel) for panel in panels), default=0.0)
    missing = head - sum(before + after for before, after in widths) - 8
    return [(widths[0][0] + max(missing, 0.0), widths[0][1]), *widths[1:]]


def _head_width(panel: ForestPlot) -> float:
    return max(
        (text_width(word, bold=True) for word in _numbers_head(panel).replace("(", "[").split(" [")), default=0.0
    )


def _numbers_head(panel: ForestPlot) -> str:
    return panel.look.head(panel.numbers_head or "Estimate [95% CI]")


def _number_texts(
    estimate: float | None, low: float | None, high: float | None, plot: ForestPlot
) -> tuple[str, str, str]:
    """Estimate and limits as three texts; a missing limit is a question mark, no limits at all are nothing."""
    look, decimals = plot.look, plot.decimals
    middle = "" if estimate is None else look.dot(write_number(estimate, decimals))
    if low is None and high is None:
        return middle, "", ""
    ends = ["?" if end is None else look.dot(write_number(end, decimals)) for end in (low, high)]
    return middle, *look.interval(*ends)


def _split_decimal(text: str) -> tuple[str, str]:
    """What stands before and after the decimal point; a number without one ends where its digits end."""
    found = _POINT.search(text)
    if found and "×" not in text and "10⁻" not in text:
        return text[: found.start()], text[found.start() :]
    digits = text.rstrip(",])–to ")
    return digits, text[len(digits) :]


def _decimal_width(texts: Iterable[str], head: str) -> tuple[float, float]:
    parts = [_split_decimal(text) for text in texts]
    before = max((text_width(part[0], bold=True) for part in parts), default=0.0)
    after = max((text_width(part[1], bold=True) for part in parts), default=0.0)
    return max(before, text_width(head, bold=True) - after), after


def _weight_texts(panels: Sequence[ForestPlot], rows: Sequence[ForestRow]) -> list[str]:
    weights = [row.weight for row in rows] + [line.weight for panel in panels for line in _pooled_lines(panel)]
    return [_weight_text(weight) for weight in weights]


def _weight_text(weight: float | None) -> str:
    return "" if weight is None else f"{weight:.1f}"


# ---- strips --------------------------------------------------------------------------------------------------------


class _Page:
    """Collects strips from top to bottom, then draws them on a sheet of the height that they need."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.strips: list[Strip] = []
        self.sheet = Sheet(frame.width, 10)

    def draw(self) -> Figure:
        """The finished figure."""
        self.sheet = Sheet(self.frame.width, sum(strip.height for strip in self.strips) + 2 * MARGIN)
        top = MARGIN
        for strip in self.strips:
            strip.draw(top)
            top += strip.height
        return self.sheet.figure

    def top_of(self, first: int, last: int) -> tuple[float, float]:
        """Where strip ``first`` begins and strip ``last`` begins."""
        heights = [strip.height for strip in self.strips[:last]]
        return MARGIN + sum(heights[:first]), MARGIN + sum(heights)

    def add_space(self, height: float) -> None:
        self.strips.append(Strip(height, lambda _: None))

    def add_lines(
        self,
        text: str,
        *,
        size: float = TEXT_PT,
        bold: bool = False,
        color: str = INK,
        width: float | None = None,
        after: float = 0.0,
    ) -> None:
        """Wrapped text over ``width`` points from the left margin; empty text takes no room."""
        if not plain(text):
            return
        lines = wrap_text(
            text, (width or self.frame.right - MARGIN) * 0.985, size, bold=bold, most_lines=3 * MOST_LINES
        )
        step = size * LINE_HEIGHT

        def draw(top: float) -> None:
            self.sheet.write_lines(MARGIN, top + step / 2, lines, size=size, bold=bold, color=color)

        self.strips.append(Strip(step * len(lines) + after, draw))

    def add_title(self, text: str, size: float) -> None:
        self.add_lines(text, size=size, bold=True, after=5)

    def add_caption(self, text: str) -> None:
        if plain(text):
            self.add_space(6)
        self.add_lines(text, size=SMALL_PT, color=QUIET)

    def add_panel(self, plot: ForestPlot, scale: Scale, *, with_heads: bool, number: int) -> None:
        """One plot: its title, heads, groups, pooled lines and axis."""
        if number:
            self.add_space(14)
        self.add_title(plot.title, TITLE_PT)
        self.add_lines(plot.post_hoc, color=MAYBE, bold=True, size=SMALL_PT, after=4)
        if with_heads:
            self.add_heads(plot)
        rows = _Rows(self, plot, scale, f"p{number}-")
        reference = len(self.strips)
        self.strips.append(Strip(0.0, lambda _: None))
        for group in plot.groups:
            rows.add_group(group)
        rows.add_overall()
        if plot.beside:
            rows.add_group(plot.beside)
        rows.add_axis(reference)
        rows.add_rest()
        self.add_caption(plot.caption)

    def add_heads(self, plot: ForestPlot) -> None:
        """The heads of the columns, at the foot of their strip, with a hairline under them."""
        heads = self._head_texts(plot)
        spans = _span_slots(self.frame)
        tall = max(len(lines) for _, _, lines in heads) * STEP
        height = tall + (STEP + 4 if spans else 0) + 4

        def draw(top: float) -> None:
            for x, align, lines in heads:
                start = top + height - 4 - len(lines) * STEP + STEP / 2
                self.sheet.write_lines(x, start, lines, bold=True, align=align)
            for text, left, right in spans:
                self.sheet.write((left + right) / 2, top + STEP / 2, text, bold=True, align="center")
                self.sheet.line([left, right], [top + STEP + 1] * 2, color=LINE)
            self.sheet.line([MARGIN, self.frame.right], [top + height] * 2, color=LINE)

        self.strips.append(Strip(height, draw))
        self.add_space(3)

    def _head_texts(self, plot: ForestPlot) -> list[tuple[float, Literal["left", "center", "right"], list[str]]]:
        frame = self.frame
        last = frame.numbers[2]
        heads: list[tuple[float, Literal["left", "center", "right"], list[str]]] = [
            (frame.label.left, "left", wrap_text(plot.study_head, frame.label.width, bold=True))
        ]
        for column in frame.columns:
            slot = frame.cells[column.key]
            x, align = _head_place(column, slot)
            heads.append((x, align, wrap_text(column.head, slot.width, bold=True)))
        wide = last.left + last.width - frame.numbers[0].left
        heads.append((last.left + last.width, "right", wrap_text(_numbers_head(plot), wide, bold=True)))
        if frame.weight:
            heads.append((frame.weight.left + frame.weight.width, "right", ["Weight", "%"]))
        return heads


def _head_place(column: Column, slot: Slot) -> tuple[float, Literal["left", "center", "right"]]:
    if column.align == "light":
        return slot.left + slot.width / 2, "center"
    return (slot.left, "left") if column.align == "left" else (slot.left + slot.width, "right")


def _span_slots(frame: Frame) -> list[tuple[str, float, float]]:
    """Spanning heads over neighbouring columns: text, left, right."""
    found: list[tuple[str, float, float]] = []
    for column in frame.columns:
        slot = frame.cells[column.key]
        if column.span and found and found[-1][0] == column.span:
            found[-1] = (column.span, found[-1][1], slot.left + slot.width)
        elif column.span:
            found.append((column.span, slot.left, slot.left + slot.width))
    return found


class _Rows:
    """Adds the rows of one plot to a page."""

    def __init__(self, page: _Page, plot: ForestPlot, scale: Scale, name: str) -> None:
        self.page = page
        self.frame = page.frame
        self.plot = plot
        self.scale = scale
        self.name = name
        self.heaviest = max((row.weight or 0.0 for row in _all_rows(plot)), default=0.0)

    @property
    def sheet(self) -> Sheet:
        return self.page.sheet

    def add_group(self, group: ForestGroup) -> None:
        """Head, rows, what is not pooled, the pooled line, heterogeneity."""
        if plain(group.title):
            self.page.add_space(6)
            self.page.add_lines(group.title, bold=True, width=self._text_width(), after=3)
        for row in group.rows:
            self.add_row(row, quiet=False)
        self.add_pooled(group.pooled)
        for row in group.left_out:
            self.add_row(row, quiet=True)
        self.add_quiet(group.heterogeneity)

    def add_overall(self) -> None:
        """The pooled line over all groups, with space above it."""
        if self.plot.overall and len(self.plot.groups) > 1:
            self.page.add_space(8)
        self.add_pooled(self.plot.overall)
        self.add_quiet(self.plot.heterogeneity)

    def add_rest(self) -> None:
        """What belongs to no group and is not pooled: under the axis, as text, with reasons."""
        if not self.plot.left_out:
            return
        self.page.add_space(6)
        self.page.add_lines(self.plot.left_out_title, bold=True, after=3)
        for row in self.plot.left_out:
            self.add_listed(row)

    def add_listed(self, row: ForestRow) -> None:
        """A row in words only, over the whole width: its name, then the reason."""
        width = self.frame.right - MARGIN
        self.page.add_lines(row.label, size=SMALL_PT, width=width)
        if plain(row.note):
            lines = wrap_text(row.note, width - 8, SMALL_PT, most_lines=MOST_LINES)

            def draw(top: float) -> None:
                self.sheet.write_lines(MARGIN + 8, top + SMALL_PT * LINE_HEIGHT / 2, lines, size=SMALL_PT, color=QUIET)

            self.page.strips.append(Strip(SMALL_PT * LINE_HEIGHT * len(lines) + 3, draw))

    def _text_width(self) -> float:
        """From the left margin to the plot."""
        return self.frame.plot.left - GAP - MARGIN

    def add_quiet(self, text: str) -> None:
        self.page.add_lines(text, size=SMALL_PT, color=QUIET, width=self._text_width(), after=3)

    def add_row(self, row: ForestRow, *, quiet: bool) -> None:
        """One row with its cells, its mark and its numbers; a reason stands below it in quiet."""
        color = QUIET if quiet else INK
        label = wrap_text(row.label, self.frame.label.width, most_lines=MOST_LINES)
        cells = {
            column.key: [row.cells.get(column.key, "")]
            if column.align == "light"
            else wrap_text(row.cells.get(column.key, ""), self.frame.cells[column.key].width, most_lines=MOST_LINES)
            for column in self.frame.columns
        }
        beside = self._note_lines(row, quiet=quiet)
        lines = max([len(label), *(len(cell) for cell in cells.values())])
        height = max(ROW + (lines - 1) * STEP, ROW + (len(beside) - 1) * SMALL_PT * LINE_HEIGHT)
        below = self._reason_lines(row) if quiet else []
        gid = f"{self.name}row{len(self.page.strips)}"

        def draw(top: float) -> None:
            middle = top + ROW / 2
            self.sheet.write_lines(self.frame.label.left, middle, label, color=color)
            self._write_cells(cells, middle, color)
            self._draw_mark(row, middle, gid, quiet=quiet)
            self._write_numbers(row, middle, color, beside)
            self.sheet.write_lines(MARGIN + 8, top + height + 2, below, size=SMALL_PT, color=QUIET)

        self.page.strips.append(Strip(height + len(below) * SMALL_PT * LINE_HEIGHT + (1 if below else 0), draw))

    def _reason_lines(self, row: ForestRow) -> list[str]:
        return wrap_text(row.note, self._text_width() - 8, SMALL_PT, most_lines=MOST_LINES) if plain(row.note) else []

    def _note_lines(self, row: ForestRow, *, quiet: bool) -> list[str]:
        """A note of a row without numbers stands where its numbers would."""
        if quiet or row.estimate is not None or not plain(row.note):
            return []
        first, last = self.frame.numbers[0].left, self.frame.right
        return wrap_text(row.note, last - first, SMALL_PT, most_lines=MOST_LINES)

    def _write_cells(self, cells: dict[str, list[str]], middle: float, color: str) -> None:
        for column in self.frame.columns:
            slot, lines = self.frame.cells[column.key], cells[column.key]
            if column.align == "light":
                draw_light(self.sheet, slot.left + slot.width / 2, middle, " ".join(lines))
            elif column.align == "left":
                self.sheet.write_lines(slot.left, middle, lines, color=color)
            else:
                self.sheet.write_lines(slot.left + slot.width, middle, lines, color=color, align="right")

    def _draw_mark(self, row: ForestRow, middle: float, gid: str, *, quiet: bool) -> None:
        found = _interval(row)
        if found is None:
            if row.direction in DIRECTION_WORDS:
                draw_direction(self.sheet, self.scale, self.plot, row.direction, middle, gid=gid)
            return
        color = QUIET if quiet else INK
        draw_interval(self.sheet, self.scale, (found[0], found[2]), middle, gid, color=color)
        weight = None if quiet else row.weight
        draw_square(
            self.sheet,
            self.scale,
            row.estimate or 0.0,
            middle,
            gid,
            weight=weight,
            heaviest=self.heaviest,
            open_=quiet,
            color=self.plot.look.square,
        )

    def _write_numbers(self, row: ForestRow, middle: float, color: str, beside: list[str]) -> None:
        texts = _number_texts(row.estimate, row.low, row.high, self.plot) if row.estimate is not None else ()
        for text, slot in zip(texts, self.frame.numbers, strict=False):
            self._write_decimal(text, slot, middle, color=color)
        self.sheet.write_lines(self.frame.numbers[0].left, middle, beside, size=SMALL_PT, color=QUIET)
        if self.frame.weight:
            self._write_decimal(self.plot.look.dot(_weight_text(row.weight)), self.frame.weight, middle, color=color)

    def _write_decimal(self, text: str, slot: Slot, middle: float, *, color: str = INK, bold: bool = False) -> None:
        """A number with its decimal point where the column's points stand."""
        end = slot.point + text_width(_split_decimal(text)[1], bold=bold)
        self.sheet.write(end, middle, text, color=color, bold=bold, align="right")

    def add_pooled(self, line: PooledLine | None) -> None:
        """A diamond in the accent with its numbers, and under it the prediction interval."""
        if line is None:
            return
        self._add_diamond(line)
        if line.prediction:
            self._add_prediction(line.prediction)

    def _add_diamond(self, line: PooledLine) -> None:
        label = wrap_text(line.label, self._text_width(), bold=True, most_lines=MOST_LINES)
        gid = f"{self.name}pooled{len(self.page.strips)}"

        def draw(top: float) -> None:
            middle = top + ROW / 2 + 1
            self.sheet.write_lines(self.frame.label.left, middle, label, bold=True)
            draw_diamond(
                self.sheet, self.scale, (line.low, line.estimate, line.high), middle, gid, color=self.plot.look.diamond
            )
            texts = _number_texts(line.estimate, line.low, line.high, self.plot)
            for text, slot in zip(texts, self.frame.numbers, strict=True):
                self._write_decimal(text, slot, middle, bold=True)
            if self.frame.weight:
                self._write_decimal(self.plot.look.dot(_weight_text(line.weight)), self.frame.weight, middle, bold=True)

        self.page.strips.append(Strip(ROW + 2 + (len(label) - 1) * STEP, draw))

    def _add_prediction(self, limits: tuple[float, float]) -> None:
        gid = f"{self.name}prediction{len(self.page.strips)}"

        def draw(top: float) -> None:
            middle = top + ROW / 2
            self.sheet.write(self.frame.label.left, middle, "Prediction interval", color=QUIET)
            draw_prediction(self.sheet, self.scale, limits, middle, gid, color=self.plot.look.diamond)
            for text, slot in zip(_number_texts(None, *limits, self.plot), self.frame.numbers, strict=True):
                self._write_decimal(text, slot, middle, color=QUIET)

        self.page.strips.append(Strip(ROW, draw))

    def add_axis(self, first: int) -> None:
        """The axis under the rows; the null and the pooled line reach from strip ``first`` down to it."""
        self.page.add_space(4)
        place = len(self.page.strips)
        has_numbers = any(row.estimate is not None for row in _all_rows(self.plot)) or bool(_pooled_lines(self.plot))
        ticks = find_ticks(self.scale) if has_numbers else []
        label = self.plot.measure_label if has_numbers else ""
        favours = self._favours_lines()
        height = (16.0 if ticks else 4.0) + (10.0 if label else 0.0) + max(len(lines) for lines in favours) * STEP

        def draw(top: float) -> None:
            start, _ = self.page.top_of(first, place)
            draw_reference(self.sheet, self.scale, self.plot, (start, top))
            draw_axis(self.sheet, self.scale, self.plot, top, ticks=ticks, label=label, favours=favours)

        self.page.strips.append(Strip(height, draw))

    def _favours_lines(self) -> tuple[list[str], list[str]]:
        null = self.scale.clip(self.plot.null)
        left, right = self.plot.favours
        return (
            wrap_text(f"← {left}", null - MARGIN - 8, SMALL_PT) if plain(left) else [],
            wrap_text(f"{right} →", self.frame.right - null - 8, SMALL_PT) if plain(right) else [],
        )
