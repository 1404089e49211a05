"""Risk of bias, study by study as signs in discs, and domain by domain as bars."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from synth.figures.judgements import Judgement, find_judgement, legend_of
from synth.figures.sheet import PT_PER_MM, Sheet
from synth.figures.style import INK, LINE, PAPER, QUIET, SMALL_PT, TEXT_PT, our_style
from synth.figures.text import LINE_HEIGHT, plain, text_width, wrap_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.figure import Figure

_EDGE = 8.0
_ROW = 15.0
_DISC = 5.2
_STEP = TEXT_PT * LINE_HEIGHT
_MOST_LINES = 4
_NARROWEST = 26.0


@dataclass(frozen=True, slots=True)
class BiasTable:
    """Judgements of ``studies`` (name, word by domain) in ``domains``, with ``weights`` for bars (None: all alike)."""

    title: str
    domains: tuple[str, ...]
    studies: tuple[tuple[str, Mapping[str, str]], ...]
    weights: tuple[float, ...] | None = None


def draw_traffic(table: BiasTable, *, width_mm: float = 180) -> Figure:
    """One row a study, one column a domain; long names of domains are letters, told below."""
    with our_style(""):
        return _draw_traffic(table, width_mm * PT_PER_MM)


def _draw_traffic(table: BiasTable, width: float) -> Figure:
    names = [plain(name) for name, _ in table.studies]
    label = min(max((text_width(name) for name in names), default=0.0), width * 0.45)
    step = max(_NARROWEST, min(60.0, (width - 2 * _EDGE - label - 10) / max(len(table.domains), 1)))
    width = max(width, 2 * _EDGE + label + 10 + step * len(table.domains))
    heads, told = _name_domains(table.domains, step)
    lines = [wrap_text(name, label + 0.5, most_lines=_MOST_LINES) for name in names]
    notes = wrap_text(told, (width - 2 * _EDGE) * 0.97, SMALL_PT) if told else []
    head = wrap_text(table.title, (width - 2 * _EDGE) * 0.97, bold=True)
    top = _EDGE + (len(head) + 1.6) * _STEP
    heights = [_ROW + (len(each) - 1) * _STEP for each in lines]
    foot = top + sum(heights) + 10
    words = legend_of(word for _, row in table.studies for word in row.values())
    legend = _place_legend(words, width)
    below = foot + 12 * (legend[-1][1] + 1 if legend else 0) + 4
    sheet = Sheet(width, below + len(notes) * SMALL_PT * LINE_HEIGHT + _EDGE)
    sheet.write_lines(_EDGE, _EDGE + TEXT_PT / 2, head, bold=True)
    left = _EDGE + label + 10
    for place, text in enumerate(heads):
        sheet.write(left + step * (place + 0.5), top - 9, text, bold=True, align="center")
    sheet.line([_EDGE, width - _EDGE], [top - 2, top - 2], color=LINE)
    y = top + _ROW / 2
    for each, height, (_, row) in zip(lines, heights, table.studies, strict=True):
        sheet.write_lines(_EDGE, y, each)
        for place, domain in enumerate(table.domains):
            draw_light(sheet, left + step * (place + 0.5), y, row.get(domain, ""))
        y += height
    for judgement, (x, line) in zip(words, legend, strict=True):
        _draw_word(sheet, judgement, x, foot + 12 * line)
    sheet.write_lines(_EDGE, below, notes, size=SMALL_PT, color=QUIET)
    return sheet.figure


def _name_domains(domains: Sequence[str], step: float) -> tuple[list[str], str]:
    """Heads that fit, and what they stand for if they are letters."""
    names = [plain(name) for name in domains]
    if all(text_width(name, bold=True) < step - 4 for name in names):
        return names, ""
    letters = [f"D{number}" for number in range(1, len(names) + 1)]
    return letters, "; ".join(f"{letter}: {name}" for letter, name in zip(letters, names, strict=True))


def draw_light(sheet: Sheet, x: float, y: float, word: str) -> None:
    """A judgement as a disc with its sign; nothing where there is none."""
    if not plain(word):
        return
    judgement = find_judgement(word)
    sheet.shape(_disc(x, y), fill=judgement.fill, edge=INK, thick=0.4)
    sheet.write(x, y, judgement.sign, bold=True, color=judgement.ink, align="center", order=5)


def _disc(x: float, y: float) -> list[tuple[float, float]]:
    angles = [math.pi * step / 16 for step in range(32)]
    return [(x + _DISC * math.cos(angle), y + _DISC * math.sin(angle)) for angle in angles]


def _place_legend(words: Sequence[Judgement], width: float) -> list[tuple[float, int]]:
    """Left end and line of each word."""
    places: list[tuple[float, int]] = []
    x, line = _EDGE, 0
    for judgement in words:
        wide = 26 + text_width(judgement.word, SMALL_PT)
        if x + wide > width - _EDGE and x > _EDGE:
            x, line = _EDGE, line + 1
        places.append((x, line))
        x += wide
    return places


def _draw_word(sheet: Sheet, judgement: Judgement, x: float, y: float) -> None:
    sheet.shape(_disc(x + _DISC, y), fill=judgement.fill, edge=INK, thick=0.4)
    sheet.write(x + _DISC, y, judgement.sign, bold=True, color=judgement.ink, align="center", order=5)
    sheet.write(x + 2 * _DISC + 4, y, judgement.word, size=SMALL_PT)


def count_judgements(table: BiasTable) -> list[tuple[str, str, float]]:
    """Domain, judgement and its share in per cent; shares of one domain add up to 100."""
    weights = table.weights or (1.0,) * len(table.studies)
    found = []
    for domain in table.domains:
        sums: dict[Judgement, float] = {}
        for (_, row), weight in zip(table.studies, weights, strict=True):
            if plain(row.get(domain, "")):
                judgement = find_judgement(row[domain])
                sums[judgement] = sums.get(judgement, 0.0) + weight
        total = sum(sums.values()) or 1.0
        found += [(domain, one.word, 100 * sums[one] / total) for one in sorted(sums, key=lambda one: one.rank)]
    return found


def draw_bias_summary(table: BiasTable, *, width_mm: float = 150) -> Figure:
    """One bar a domain, its parts the shares of judgements, with numbers where they have room."""
    with our_style(""):
        return _draw_summary(table, width_mm * PT_PER_MM)


def _draw_summary(table: BiasTable, width: float) -> Figure:
    label = min(max((text_width(plain(name)) for name in table.domains), default=0.0), width * 0.4)
    lines = [wrap_text(plain(name), label + 0.5, most_lines=_MOST_LINES) for name in table.domains]
    heights = [max(18.0, 8 + len(each) * _STEP) for each in lines]
    head = wrap_text(table.title, (width - 2 * _EDGE) * 0.97, bold=True)
    top = _EDGE + (len(head) + 0.8) * _STEP
    foot = top + sum(heights)
    words = legend_of(word for _, row in table.studies for word in row.values())
    legend = _place_legend(words, width)
    sheet = Sheet(width, foot + 34 + 12 * (legend[-1][1] + 1 if legend else 0) + _EDGE)
    sheet.write_lines(_EDGE, _EDGE + TEXT_PT / 2, head, bold=True)
    left, right = _EDGE + label + 10, width - _EDGE - 12
    shares = count_judgements(table)
    y = top
    for domain, each, height in zip(table.domains, lines, heights, strict=True):
        sheet.write_lines(_EDGE, y + height / 2 - (len(each) - 1) * _STEP / 2, each)
        _draw_bar(sheet, [(word, share) for name, word, share in shares if name == domain], y, height, (left, right))
        y += height
    for tick in (0, 25, 50, 75, 100):
        x = left + (right - left) * tick / 100
        sheet.line([x, x], [foot, foot + 3], color=QUIET)
        sheet.write(x, foot + 9, f"{tick}%", size=SMALL_PT, align="center", gid=f"tick-x-{tick}")
    for judgement, (x, line) in zip(words, legend, strict=True):
        _draw_word(sheet, judgement, x, foot + 28 + 12 * line)
    return sheet.figure


def _draw_bar(
    sheet: Sheet, parts: Sequence[tuple[str, float]], y: float, height: float, ends: tuple[float, float]
) -> None:
    at = ends[0]
    for word, share in parts:
        judgement = find_judgement(word)
        wide = (ends[1] - ends[0]) * share / 100
        sheet.box(at, y + 2, wide, height - 4, fill=judgement.fill, edge=PAPER)
        text = f"{judgement.sign} {share:.0f}%"
        if text_width(text, SMALL_PT) < wide - 3:
            sheet.write(
                at + wide / 2, y + height / 2, text, size=SMALL_PT, color=judgement.ink, align="center", order=5
            )
        at += wide
