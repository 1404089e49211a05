"""The only floor that draws: forest plots, flows, curves and maps, in one look and with equal bytes."""

from synth.figures.check import check_layout
from synth.figures.flow import Flow, FlowBox, Phase, draw_flow
from synth.figures.forest import (
    Column,
    ForestGroup,
    ForestPlot,
    ForestRow,
    PooledLine,
    draw_forest,
    draw_forest_panels,
    forest_table,
)
from synth.figures.style import FORMATS, inline_svg, render_figure, save_figure

__all__ = [
    "FORMATS",
    "Column",
    "Flow",
    "FlowBox",
    "ForestGroup",
    "ForestPlot",
    "ForestRow",
    "Phase",
    "PooledLine",
    "check_layout",
    "draw_flow",
    "draw_forest",
    "draw_forest_panels",
    "forest_table",
    "inline_svg",
    "render_figure",
    "save_figure",
]
