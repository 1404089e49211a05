"""UpSet plots: how sets overlap, one column a combination, one row a set.

Lex et al. 2014, doi 10.1109/TVCG.2014.2346248.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from synth.figures.sheet import PT_PER_MM, Sheet
from synth.figures.style import ACCENT, INK, LINE, QUIET, SMALL_PT, TEXT_PT, TINT
from synth.figures.text import plain, text_width, wrap_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

MARGIN = 8.0
ROW = 16.0
BARS = 110.0
"""Height of the tallest column."""
LABELS = 130.0
"""Width of the names of sets at most."""
SIZES = 70.0
"""Width of the longest bar of a set's size."""
GAP = 8.0
WIDEST = 26.0
NARROWEST = 13.0
DOT = 3.4


def draw_upset(
    sizes: Sequence[tuple[str, int]],
    sets: Sequence[tuple[Sequence[str], int]],
    *,
    width_mm: float = 180,
    title: str = "",
) -> Figure:
    """The sets with their ``sizes`` as rows and the exclusive combinations ``sets`` (names, number) as columns.

    Columns that find no room are summed up in a line below: nothing is left out in silence.
    """
    width = width_mm * PT_PER_MM
    names = [_shorten(name) for name, _ in sizes]
    label = max((text_width(name, TEXT_PT) for name in names), default=0.0)
    left = MARGIN + SIZES + 34 + GAP + label + GAP
    room = max(1, int((width - MARGIN - left) // NARROWEST))
    shown, rest = list(sets[:room]), list(sets[room:])
    step = min(WIDEST, (width - MARGIN - left) / max(len(shown), 1))
    top = MARGIN + (TEXT_PT * 2 if title else 0) + TEXT_PT * 1.6
    under = top + BARS + GAP
    height = under + ROW * len(sizes) + (TEXT_PT * 2 if rest else 0) + MARGIN
    sheet = Sheet(width, height)
    if title:
        sheet.write(MARGIN, MARGIN + TEXT_PT / 2, title, bold=True)
    _draw_columns(sheet, [number for _, number in shown], left, step, top)
    _draw_rows(sheet, names, [size for _, size in sizes], left=left, label=label, under=under)
    _draw_dots(sheet, [name for name, _ in sizes], shown, left=left, step=step, under=under)
    if rest:
        told = f"Not drawn: {len(rest)} smaller combinations with {sum(number for _, number in rest)} works"
        sheet.write(left, height - MARGIN - TEXT_PT / 2, told, size=SMALL_PT, color=QUIET, gid="rest")
    return sheet.figure


def _shorten(name: str) -> str:
    lines = wrap_text(plain(name), LABELS, TEXT_PT)
    return lines[0] if len(lines) < 2 else f"{lines[0].rstrip()}…"


def _draw_columns(sheet: Sheet, numbers: Sequence[int], left: float, step: float, top: float) -> None:
    most = max(numbers, default=1) or 1
    for place, number in enumerate(numbers):
        tall = BARS * number / most
        x = left + step * place + step * 0.2
        sheet.box(x, top + BARS - tall, step * 0.6, tall, fill=ACCENT, gid=f"column-{place}")
        size = SMALL_PT if text_width(str(number), SMALL_PT) < step else SMALL_PT * 0.86
        sheet.write(left + step * (place + 0.5), top + BARS - tall - 5, str(number), size=size, align="center")
    sheet.line([left, left + step * len(numbers)], [top + BARS, top + BARS], color=INK)


def _draw_rows(
    sheet: Sheet, names: Sequence[str], sizes: Sequence[int], *, left: float, label: float, under: float
) -> None:
    most = max(sizes, default=1) or 1
    end = left - GAP - label - GAP
    for row, (name, size) in enumerate(zip(names, sizes, strict=True)):
        y = under + ROW * (row + 0.5)
        if not row % 2:
            sheet.box(
                left - GAP - label - 2,
                y - ROW / 2,
                sheet.width - MARGIN - left + GAP + label + 2,
                ROW,
                fill=TINT,
                order=0,
            )
        long = SIZES * size / most
        sheet.box(end - long, y - 4, long, 8, fill=QUIET, gid=f"size-{row}")
        sheet.write(end - long - 3, y, str(size), size=SMALL_PT, align="right")
        sheet.write(left - GAP - label, y, name)


def _draw_dots(
    sheet: Sheet,
    names: Sequence[str],
    shown: Sequence[tuple[Sequence[str], int]],
    *,
    left: float,
    step: float,
    under: float,
) -> None:
    for place, (members, _) in enumerate(shown):
        x = left + step * (place + 0.5)
        rows = [row for row, name in enumerate(names) if name in members]
        for row in range(len(names)):
            _draw_dot(sheet, x, under + ROW * (row + 0.5), INK if row in rows else LINE)
        if len(rows) > 1:
            sheet.line([x, x], [under + ROW * (rows[0] + 0.5), under + ROW * (rows[-1] + 0.5)], color=INK, width=1.4)


def _draw_dot(sheet: Sheet, x: float, y: float, color: str) -> None:
    from math import cos, pi, sin

    corners = (2 * pi * corner / 24 for corner in range(24))
    sheet.shape([(x + DOT * cos(angle), y + DOT * sin(angle)) for angle in corners], fill=color)
