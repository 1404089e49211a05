"""Looks at a finished figure the way a reader does, from the renderer's extents, and says what is wrong with it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from synth.figures.style import LEAST_PT, our_style

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure
    from matplotlib.text import Text
    from matplotlib.transforms import Bbox, BboxBase

_TOUCH = 0.5
"""Overlap in points that is not seen."""
_FINE = 288.0
_MOST_DOTS = 4e7


def check_layout(figure: Figure, *, least_ticks: int = 3) -> list[str]:
    """What is wrong with ``figure``, one sentence each; an empty list when all is well.

    No two texts overlap; nothing lies outside the page; no text is smaller than six points; each axis has at least
    ``least_ticks`` labelled ticks; each interval that is cut has an arrow; the area of squares follows the weights.
    """
    with our_style(), _finely(figure):
        figure.draw_without_rendering()
        texts = [(text, _extent(text, figure)) for text in _texts(figure)]
        problems = (
            _find_small(texts) + _find_outside(texts, figure.bbox) + _find_overlaps(texts, _TOUCH * figure.dpi / 72)
        )
    return (
        problems
        + _find_bare_axes(texts, figure, least_ticks)
        + _find_cut_intervals(figure)
        + _find_wrong_squares(figure)
    )


@contextlib.contextmanager
def _finely(figure: Figure) -> Iterator[None]:
    """Measure with many dots, because few dots make letters wider; fewer for very tall figures, to spare memory."""
    before = figure.dpi
    width, height = figure.get_size_inches()
    figure.set_dpi(min(_FINE, (_MOST_DOTS / (width * height)) ** 0.5))
    try:
        yield
    finally:
        figure.set_dpi(before)


def _texts(figure: Figure) -> Iterator[Text]:
    from matplotlib.text import Text

    for artist in figure.findobj(Text):
        if artist.get_visible() and artist.get_text().strip() and _is_drawn(artist):
            yield artist


def _is_drawn(artist: Artist) -> bool:
    """Ticks of an axis that is switched off, or out of its range, stay in the tree and are not drawn."""
    axes = artist.axes
    if axes is None or artist in axes.texts:
        return True
    if not axes.axison:
        return artist is axes.title
    shown = [label for axis in (axes.xaxis, axes.yaxis) for label in (*axis.get_ticklabels(), axis.label)]
    return artist in shown or artist not in _tick_labels(axes)


def _tick_labels(axes: object) -> list[object]:
    found = []
    for axis in (axes.xaxis, axes.yaxis):  # type: ignore[attr-defined]  # any Axes
        for tick in (*axis.majorTicks, *axis.minorTicks):
            found += [tick.label1, tick.label2]
    return found


def _extent(text: Text, figure: Figure) -> Bbox:
    return text.get_window_extent(figure.canvas.get_renderer())  # type: ignore[attr-defined]  # an Agg canvas has one


def _find_small(texts: Sequence[tuple[Text, Bbox]]) -> list[str]:
    return [
        f"text of {float(text.get_fontsize()):g} pt, smaller than {LEAST_PT:g} pt: {_name(text)}"
        for text, _ in texts
        if float(text.get_fontsize()) < LEAST_PT
    ]


def _find_outside(texts: Sequence[tuple[Text, Bbox]], page: BboxBase) -> list[str]:
    return [
        f"outside the page: {_name(text)}"
        for text, box in texts
        if box.x0 < page.x0 - 1 or box.y0 < page.y0 - 1 or box.x1 > page.x1 + 1 or box.y1 > page.y1 + 1
    ]


def _find_overlaps(texts: Sequence[tuple[Text, Bbox]], touch: float) -> list[str]:
    """Pairs of texts whose boxes share more than a hair; sorted by height so that only neighbours are compared."""
    ordered = sorted(texts, key=lambda pair: (pair[1].y0, pair[1].x0))
    problems = []
    for place, (text, box) in enumerate(ordered):
        for other, beside in ordered[place + 1 :]:
            if beside.y0 > box.y1 - touch:
                break
            if min(box.x1, beside.x1) - max(box.x0, beside.x0) > touch:
                problems.append(f"texts overlap: {_name(text)} and {_name(other)}")
    return problems


def _name(text: Text) -> str:
    words = text.get_text()
    return f"“{words[:40]}…”" if len(words) > 41 else f"“{words}”"


def _find_bare_axes(texts: Sequence[tuple[Text, Bbox]], figure: Figure, least: int) -> list[str]:
    """Axes drawn by hand name their tick labels ``tick-<axis>-<value>``."""
    by_hand: dict[str, int] = {}
    for text, _ in texts:
        if (text.get_gid() or "").startswith("tick-"):
            axis = str(text.get_gid()).split("-")[1]
            by_hand[axis] = by_hand.get(axis, 0) + 1
    problems = [f"an axis has only {count} labelled ticks" for count in by_hand.values() if count < least]
    shown = {id(text) for text, _ in texts}
    for axes in figure.axes:
        if axes.axison and axes.xaxis.get_visible() and axes.get_xticks().size:
            count = sum(id(label) in shown for label in axes.get_xticklabels())
            problems += [f"an axis has only {count} labelled ticks"] if count < least else []
    return problems


def _find_cut_intervals(figure: Figure) -> list[str]:
    """Intervals carry their true ends, in the page's points, as label: what is drawn shorter needs an arrow."""
    named = _named(figure, "")
    problems = []
    for gid, artist in sorted(named.items()):
        if not gid.startswith("interval-"):
            continue
        row = gid.removeprefix("interval-")
        low, high = (float(end) for end in str(artist.get_label()).split())
        drawn = artist.get_xdata()  # type: ignore[attr-defined]  # a line
        cut = {"left": drawn[0] > low + _TOUCH, "right": drawn[1] < high - _TOUCH}
        problems += [
            f"the interval of {row} is cut on the {side} without an arrow"
            for side, is_cut in cut.items()
            if is_cut and f"arrow-{side}-{row}" not in named
        ]
    return problems


def _named(figure: Figure, start: str) -> dict[str, Artist]:
    found = figure.findobj(lambda artist: (artist.get_gid() or "").startswith(start) and bool(artist.get_gid()))
    return {str(artist.get_gid()): artist for artist in found}


def _find_wrong_squares(figure: Figure) -> list[str]:
    """Squares carry their weight as label; area divided by weight is the same for all of one plot."""
    shares: dict[str, list[tuple[str, float]]] = {}
    for gid, artist in _named(figure, "square-").items():
        weight = float(str(artist.get_label()))
        corners = artist.get_xy()  # type: ignore[attr-defined]  # a polygon
        side = max(corners[:, 0]) - min(corners[:, 0])
        if weight > 0:
            shares.setdefault(gid.split("-")[1], []).append((gid, side * side / weight))
    return [
        f"the area of {gid} does not follow its weight"
        for squares in shares.values()
        for gid, share in squares
        if abs(share / squares[0][1] - 1) > 1e-6
    ]
