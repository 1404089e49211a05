"""The world map of studies: a choropleth in five steps of counts and equal tiles, so that small states count too."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from synth.figures.style import (
    COUNTS,
    HAIRLINE_PT,
    INK,
    LEAST_PT,
    LINE,
    MM,
    PAPER,
    QUIET,
    TEXT_PT,
    bare_axes,
    new_figure,
)
from synth.figures.text import text_width
from synth.maps import EvidenceMap
from synth.vocab.countries import countries, match_country, ring_points, world_outlines

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_NO_STUDY = "#eef0f3"
_DOT_UNITS = 7  # half a dot's width in units of the outlines
_TILES_ACROSS = 30
_TILES_DEEP = 3
_WIDTH_MM, _MAP_MM = 180.0, 78.0
_TILE_MM = _WIDTH_MM / (_TILES_ACROSS + 1)
_HEAD_MM, _FOOT_MM = 12.0, 16.0


@dataclass(frozen=True, slots=True)
class Tile:
    """A country's square in the equal-tile view, in columns and rows of tiles."""

    iso3: str
    x: float
    y: float


def count_countries(evidence_map: EvidenceMap) -> dict[str, int]:
    """{iso3: unique studies} of the axis country; a study in two countries counts in both."""
    labels = evidence_map.labels[evidence_map.labels["axis"] == "country"]
    sizes = labels.groupby("term")["study_id"].nunique()
    return {term: int(n) for term, n in sizes.items() if match_country(str(term)) is not None}


def choose_steps(maximum: int) -> tuple[int, ...]:
    """At most five lower bounds of whole numbers, from 1, that grow like powers: few countries have many studies.

    >>> choose_steps(4), choose_steps(14)
    ((1, 2, 3, 4), (1, 2, 3, 5, 9))
    """
    if maximum <= len(COUNTS):
        return tuple(range(1, max(1, maximum) + 1))
    bounds = [1]
    for place in range(1, len(COUNTS)):
        bounds.append(max(bounds[-1] + 1, math.ceil(maximum ** (place / len(COUNTS)))))
    return tuple(bounds)


def name_steps(steps: Sequence[int]) -> list[str]:
    """The steps in words: "1", "2", "3–4", "5–8", "9 or more"."""
    names = [str(low) if high == low + 1 else f"{low}–{high - 1}" for low, high in pairwise(steps)]
    return [*names, str(steps[-1]) if len(steps) < len(COUNTS) else f"{steps[-1]} or more"]


def find_step(n: int, steps: Sequence[int]) -> int:
    """Which step, from 1, a count falls into; 0 for none."""
    return sum(n >= low for low in steps)


def svg_path(iso3: str) -> str:
    """The outline of a country as the d of an SVG path; a square for a state that is too small to be seen."""
    world = world_outlines()
    rings = [_ring_path(ring) for ring in world["outlines"].get(iso3, [])]
    return "".join([*rings, _dot_path(*world["centres"][iso3])] if iso3 in world["dots"] else rings)


def _ring_path(ring: list[int]) -> str:
    steps = " ".join(map(str, ring[2:])).replace(" -", "-")
    return f"M{ring[0]} {ring[1]}l{steps}z"


def _dot_path(x: int, y: int) -> str:
    side = 2 * _DOT_UNITS
    return f"M{x - _DOT_UNITS} {y - _DOT_UNITS}h{side}v{side}h-{side}z"


def place_tiles() -> tuple[list[Tile], list[tuple[str, float, float]], float]:
    """Every country's tile, the names of the regions with their places, and the height; in units of tiles."""
    tiles: list[Tile] = []
    heads: list[tuple[str, float, float]] = []
    x, y, tallest = 0.0, 0.0, 0.0
    for name, codes in group_regions():
        across = max(math.ceil(len(codes) / _TILES_DEEP), math.ceil(text_width(name, LEAST_PT) / (_TILE_MM * 72 * MM)))
        if x + across > _TILES_ACROSS + 0.5:
            x, y, tallest = 0.0, y + tallest, 0.0
        heads.append((name, x, y))
        tiles += [Tile(code, x + place % across, y + 1 + place // across) for place, code in enumerate(codes)]
        tallest = max(tallest, math.ceil(len(codes) / across) + 1.6)
        x += across + 1
    return tiles, heads, y + tallest


def group_regions() -> list[tuple[str, list[str]]]:
    """Regions with their countries' codes, in the order of the UN's regions; large regions by their parts."""
    groups: dict[str, list[str]] = {}
    for country in sorted(countries(), key=lambda c: (c.region, c.subregion, c.intermediate_region, c.iso3)):
        part = country.intermediate_region or country.subregion
        if part:
            groups.setdefault(part if part != "Channel Islands" else country.subregion, []).append(country.iso3)
    return [(name, sorted(codes)) for name, codes in groups.items()]


def draw_worldmap(
    counts: Mapping[str, int], *, title: str, definition: str, studies: int, without_country: int
) -> Figure:
    """Outlines above, equal tiles below. ``counts`` {iso3: studies}; ``definition`` is printed as it is."""
    tiles, heads, rows = place_tiles()
    tiles_mm = rows * _TILE_MM
    height = _HEAD_MM + _MAP_MM + tiles_mm + _FOOT_MM
    figure = new_figure(_WIDTH_MM, height)
    steps = choose_steps(max(counts.values(), default=0))
    world = bare_axes(figure, (0, (_FOOT_MM + tiles_mm) / height, 1, _MAP_MM / height))
    _draw_outlines(world, counts, steps)
    _draw_tiles(bare_axes(figure, (0, _FOOT_MM / height, 1, tiles_mm / height)), counts, steps, (tiles, heads, rows))
    _write_head(bare_axes(figure, (0, 1 - _HEAD_MM / height, 1, _HEAD_MM / height)), title, studies, without_country)
    _write_foot(bare_axes(figure, (0, 0, 1, _FOOT_MM / height)), steps, definition)
    return figure


def _colour(n: int, steps: Sequence[int]) -> str:
    return COUNTS[_shade(find_step(n, steps), steps)] if n else _NO_STUDY


def _shade(step: int, steps: Sequence[int]) -> int:
    """With fewer steps than colours, the colours still reach the darkest."""
    return len(COUNTS) - len(steps) + step - 1


def _draw_outlines(axes: Axes, counts: Mapping[str, int], steps: Sequence[int]) -> None:
    from matplotlib.collections import PolyCollection

    world = world_outlines()
    shapes, fills = [], []
    for iso3, rings in sorted(world["outlines"].items()):
        shapes += [ring_points(ring) for ring in rings]
        fills += [_colour(counts.get(iso3, 0), steps)] * len(rings)
    axes.add_collection(PolyCollection(shapes, facecolors=fills, edgecolors=QUIET, linewidths=0.25))
    dots = [iso3 for iso3 in world["dots"] if iso3 in counts]
    squares = [_square(*world["centres"][iso3]) for iso3 in dots]
    axes.add_collection(
        PolyCollection(
            squares,
            facecolors=[_colour(counts[iso3], steps) for iso3 in dots],
            edgecolors=INK,
            linewidths=HAIRLINE_PT,
        )
    )
    axes.set_xlim(0, world["width"])
    axes.set_ylim(world["height"], 0)
    axes.set_aspect("equal")


def _square(x: int, y: int) -> list[tuple[int, int]]:
    r = _DOT_UNITS
    return [(x - r, y - r), (x + r, y - r), (x + r, y + r), (x - r, y + r)]


def _draw_tiles(
    axes: Axes,
    counts: Mapping[str, int],
    steps: Sequence[int],
    plan: tuple[list[Tile], list[tuple[str, float, float]], float],
) -> None:
    from matplotlib.patches import Rectangle

    tiles, heads, rows = plan
    for tile in tiles:
        n = counts.get(tile.iso3, 0)
        axes.add_patch(Rectangle((tile.x + 0.04, tile.y + 0.04), 0.92, 0.92, facecolor=_colour(n, steps), linewidth=0))
        ink = PAPER if n and _shade(find_step(n, steps), steps) > 2 else INK if n else QUIET
        axes.text(tile.x + 0.5, tile.y + (0.32 if n else 0.5), tile.iso3, ha="center", va="center", size=4.5, color=ink)
        if n:
            axes.text(tile.x + 0.5, tile.y + 0.68, str(n), ha="center", va="center", size=LEAST_PT, color=ink)
    for name, x, y in heads:
        axes.text(x + 0.04, y + 0.9, name, size=LEAST_PT, color=QUIET, va="bottom")
    axes.set_xlim(-0.5, _TILES_ACROSS + 0.5)
    axes.set_ylim(rows, 0)


def _write_head(axes: Axes, title: str, studies: int, without_country: int) -> None:
    axes.set_xlim(0, _WIDTH_MM)
    axes.set_ylim(0, _HEAD_MM)
    axes.text(4, 6.5, title, size=TEXT_PT + 1, weight="bold", va="baseline")
    axes.text(
        4,
        2,
        f"{studies} studies by country; {without_country} without a country",
        size=TEXT_PT,
        color=QUIET,
        va="baseline",
    )


def _write_foot(axes: Axes, steps: Sequence[int], definition: str) -> None:
    from matplotlib.patches import Rectangle

    axes.set_xlim(0, _WIDTH_MM)
    axes.set_ylim(0, _FOOT_MM)
    fills = [_NO_STUDY, *(COUNTS[_shade(step, steps)] for step in range(1, len(steps) + 1))]
    for place, (fill, name) in enumerate(zip(fills, ["no study", *name_steps(steps)], strict=True)):
        axes.add_patch(Rectangle((4 + 24 * place, 10), 5, 3.2, facecolor=fill, edgecolor=LINE, linewidth=HAIRLINE_PT))
        axes.text(10.5 + 24 * place, 11.6, name, size=7, va="center")
    axes.text(4, 5.5, definition, size=LEAST_PT + 0.5, color=QUIET)
    axes.text(
        4,
        2,
        "Outlines: Natural Earth. Borders say nothing about the status of a territory.",
        size=LEAST_PT,
        color=QUIET,
    )
