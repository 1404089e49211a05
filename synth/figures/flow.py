"""Flow charts of a review: boxes on a grid, as tall as their text, with arrows between them.

Two tints of grey and plain words tell the parts apart, so that a copy in black and white loses nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from synth.figures.sheet import PT_PER_MM, Sheet
from synth.figures.style import INK, LINE, QUIET, SMALL_PT, TEXT_PT, TINT
from synth.figures.text import LINE_HEIGHT, plain, wrap_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from matplotlib.figure import Figure

MARGIN = 8.0
BAND = 18.0
"""Width of the band with the phases' names."""
BAND_GAP = 8.0
COLUMN_GAP = 20.0
ROW_GAP = 15.0
STACK_GAP = 5.0
PADDING = 6.0
STEP = TEXT_PT * LINE_HEIGHT
ARROW = 4.0
_EDGE_PT = 0.8

Kind = Literal["main", "side", "head"]


@dataclass(frozen=True, slots=True)
class FlowBox:
    """A box at a place of the grid. The first line is its title; boxes at one place stand under each other.

    ``spans`` counts the columns that it covers; ``kind`` is head for a title bar. ``quiet`` boxes have dashed edges:
    what is not finished or not recorded.
    """

    key: str
    lines: tuple[str, ...]
    column: int
    row: int
    spans: int = 1
    kind: Kind = "main"
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Phase:
    """A name on the band at the left, beside the rows from ``first`` to ``last``."""

    name: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Flow:
    """A whole chart: boxes, arrows between their keys, phases, title and caption."""

    boxes: tuple[FlowBox, ...]
    arrows: tuple[tuple[str, str], ...]
    phases: tuple[Phase, ...] = ()
    title: str = ""
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a box stands, in points."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.top + self.height

    @property
    def centre(self) -> float:
        """The middle between left and right."""
        return self.left + self.width / 2


def draw_flow(flow: Flow, *, width_mm: float = 180) -> Figure:
    """The chart as a figure of ``width_mm`` (wider where five columns need it) and as tall as its text."""
    columns = max(box.column + box.spans for box in flow.boxes)
    width = max(width_mm * PT_PER_MM, 2 * MARGIN + BAND + BAND_GAP + columns * 130 + (columns - 1) * COLUMN_GAP)
    column_width = (width - 2 * MARGIN - BAND - BAND_GAP - (columns - 1) * COLUMN_GAP) / columns
    lines = {box.key: _wrap_box(box, column_width) for box in flow.boxes}
    title = wrap_text(flow.title, width - 2 * MARGIN, 9.5, bold=True) if plain(flow.title) else []
    top = MARGIN + (len(title) * 12 + 8 if title else 0)
    places, tops, bottoms = _place_boxes(flow, lines, column_width, top)
    caption = wrap_text(flow.caption, width - 2 * MARGIN, SMALL_PT) if plain(flow.caption) else []
    end = max(bottoms.values())
    sheet = Sheet(width, end + MARGIN + (len(caption) * SMALL_PT * LINE_HEIGHT + 8 if caption else 0))
    sheet.write_lines(MARGIN, MARGIN + 6, title, size=9.5, bold=True)
    for phase in flow.phases:
        _draw_phase(sheet, phase, tops, bottoms)
    _draw_arrows(sheet, flow, places, tops)
    for box in flow.boxes:
        _draw_box(sheet, box, places[box.key], lines[box.key])
    sheet.write_lines(MARGIN, end + 12, caption, size=SMALL_PT, color=QUIET)
    return sheet.figure


def _wrap_box(box: FlowBox, column_width: float) -> list[tuple[str, bool, float]]:
    """Lines of a box: text, bold, indent. A line that begins with two spaces is an item and stands in."""
    width = box.spans * column_width + (box.spans - 1) * COLUMN_GAP - 2 * PADDING
    found: list[tuple[str, bool, float]] = []
    for number, line in enumerate(box.lines):
        indent = 8.0 if line.startswith("  ") else 0.0
        bold = number == 0 and box.kind == "head"
        found += [(part, bold, indent) for part in wrap_text(line, width - indent, bold=bold, most_lines=6)]
    return found


def _height(lines: Sequence[object]) -> float:
    return len(lines) * STEP + 2 * PADDING - 2


def _place_boxes(
    flow: Flow, lines: dict[str, list[tuple[str, bool, float]]], column_width: float, top: float
) -> tuple[dict[str, Place], dict[int, float], dict[int, float]]:
    """Places of boxes, and where each row begins and ends."""
    places: dict[str, Place] = {}
    tops: dict[int, float] = {}
    bottoms: dict[int, float] = {}
    for row in sorted({box.row for box in flow.boxes}):
        stacks = _stacks(box for box in flow.boxes if box.row == row)
        heights = [sum(_height(lines[box.key]) for box in stack) + STACK_GAP * (len(stack) - 1) for stack in stacks]
        tops[row], bottoms[row] = top, top + max(heights)
        for stack in stacks:
            at = top
            for box in stack:
                left = MARGIN + BAND + BAND_GAP + box.column * (column_width + COLUMN_GAP)
                width = box.spans * column_width + (box.spans - 1) * COLUMN_GAP
                alone = len(stack) == 1 and box.kind == "main" and _has_stack_beside(box, stacks)
                tall = max(heights) if alone else _height(lines[box.key])
                places[box.key] = Place(left, at, width, tall)
                at += tall + STACK_GAP
        top = bottoms[row] + ROW_GAP
    return places, tops, bottoms


def _stacks(boxes: Iterable[FlowBox]) -> list[list[FlowBox]]:
    found: dict[int, list[FlowBox]] = {}
    for box in boxes:
        found.setdefault(box.column, []).append(box)
    return list(found.values())


def _has_stack_beside(box: FlowBox, stacks: Sequence[Sequence[FlowBox]]) -> bool:
    """Beside several boxes a box grows to their height, so that each arrow can run level."""
    return any(stack[0].column == box.column + 1 for stack in stacks)


def _draw_phase(sheet: Sheet, phase: Phase, tops: dict[int, float], bottoms: dict[int, float]) -> None:
    rows = [row for row in tops if phase.first <= row <= phase.last]
    if not rows:
        return
    start, end = tops[min(rows)], bottoms[max(rows)]
    sheet.box(MARGIN, start, BAND, end - start, fill=LINE, order=1)
    sheet.write(MARGIN + BAND / 2, (start + end) / 2, phase.name, bold=True, align="center", rotation=90)


def _draw_box(sheet: Sheet, box: FlowBox, place: Place, lines: Sequence[tuple[str, bool, float]]) -> None:
    fill = TINT if box.kind == "head" else None
    if box.quiet:
        _draw_dashed(sheet, place, box.key)
    else:
        sheet.box(
            place.left,
            place.top,
            place.width,
            place.height,
            fill=fill,
            edge=QUIET,
            thick=_EDGE_PT,
            gid=f"box-{box.key}",
        )
    start = place.top + (place.height - len(lines) * STEP) / 2 + STEP / 2
    for number, (text, bold, indent) in enumerate(lines):
        y = start + number * STEP
        if box.kind == "head":
            sheet.write(place.centre, y, text, bold=bold, align="center")
        else:
            sheet.write(place.left + PADDING + indent, y, text, bold=bold, color=QUIET if box.quiet else INK)


def _draw_dashed(sheet: Sheet, place: Place, key: str) -> None:
    xs = [place.left, place.right, place.right, place.left, place.left]
    ys = [place.top, place.top, place.bottom, place.bottom, place.top]
    sheet.line(xs, ys, color=QUIET, width=_EDGE_PT, dashed=True, gid=f"box-{key}")


def _draw_arrows(sheet: Sheet, flow: Flow, places: dict[str, Place], tops: dict[int, float]) -> None:
    boxes = {box.key: box for box in flow.boxes}
    for start, end in flow.arrows:
        if start in places and end in places:
            _draw_arrow(
                sheet,
                places[start],
                places[end],
                same_row=boxes[start].row == boxes[end].row,
                turn=tops[boxes[end].row] - ROW_GAP / 2,
            )


def _draw_arrow(sheet: Sheet, start: Place, end: Place, *, same_row: bool, turn: float) -> None:
    """Level within a row, straight down within a column, else down, across above the row of the end, and down."""
    if same_row:
        y = end.top + end.height / 2
        y = min(max(y, start.top + 3), start.bottom - 3)
        _draw_path(sheet, [(start.right, y), (end.left, y)])
    elif abs(start.centre - end.centre) < 1:
        _draw_path(sheet, [(start.centre, start.bottom), (end.centre, end.top)])
    else:
        corners = [(start.centre, turn), (end.centre, turn)]
        _draw_path(sheet, [(start.centre, start.bottom), *corners, (end.centre, end.top)])


def _draw_path(sheet: Sheet, points: list[tuple[float, float]]) -> None:
    (_, before_y), (x, y) = points[-2:]
    level = before_y == y
    back = (x - ARROW, y) if level else (x, y - ARROW)
    sheet.line(
        [point[0] for point in points[:-1]] + [back[0]],
        [point[1] for point in points[:-1]] + [back[1]],
        color=QUIET,
        width=_EDGE_PT,
    )
    side = ARROW * 0.55
    corners = [(back[0], y - side), (back[0], y + side)] if level else [(x - side, back[1]), (x + side, back[1])]
    sheet.shape([(x, y), *corners], fill=QUIET)
