"""Figures of a project or of a table: which kinds there are, and what each draws."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synth.errors import StateError, UsageError

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from synth.project import Project
    from synth.steps.meta import SynthesisResult

WITHOUT_TICKS = ("flow", "upset", "rob")
"""Kinds that have no axis with numbers."""
GROUP = "synth.figures"
"""The group of entry points under which other packages offer kinds of figures."""


@dataclass(frozen=True, slots=True, eq=False)
class PlotRequest:
    """What a figure is to be made of: a project, or a table with ``options`` of synth meta. ``names``: syntheses."""

    project: Project | None = None
    data: str = ""
    names: tuple[str, ...] = ()
    title: str = ""
    width_mm: float = 180
    preset: str = "plain"
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """A figure with its name, its text alternative and the table that says the same."""

    figure: Figure
    title: str
    description: str
    table: pd.DataFrame


Draw = Callable[[PlotRequest], Drawing]


@dataclass(frozen=True, slots=True)
class FigureKind:
    """A kind of figure: its name, one line of help, and what draws it."""

    name: str
    help: str
    draw: Draw


def find_kinds() -> dict[str, FigureKind]:
    """All kinds by name: those of installed packages (entry points ``synth.figures``), ours first."""
    from importlib.metadata import entry_points

    kinds = {kind.name: kind for kind in (FOREST, FOREST_BY_INFORMANT, FLOW)}
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        if point.name not in kinds:
            kinds[point.name] = point.load()
    return kinds


def find_kind(name: str) -> FigureKind:
    """The kind called ``name``. Raises UsageError with the nearest name."""
    kinds = find_kinds()
    if name in kinds:
        return kinds[name]
    near = get_close_matches(name, kinds, n=1)
    raise UsageError(
        f'There is no figure "{name}"',
        why=f"Known are {', '.join(kinds)}",
        hint=f"Did you mean {near[0]}?" if near else "Choose one of these",
    )


@dataclass(frozen=True, slots=True, eq=False)
class PlotResult:
    """What was drawn, the file it is in (empty: none), and what the layout checker says."""

    drawing: Drawing
    path: str
    problems: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values: the table twin row by row."""
        rows = self.drawing.table.astype(object).where(self.drawing.table.notna(), None)
        return {
            "title": self.drawing.title,
            "description": self.drawing.description,
            "file": self.path or None,
            "rows": rows.to_dict("records"),
            "problems": list(self.problems),
        }


def make_plot(
    kind: str,
    request: PlotRequest,
    out: Path | str | None = None,
    *,
    check: bool = False,
    dry_run: bool = False,
    dpi: int = 300,
) -> PlotResult:
    """Draw ``kind`` and write it to ``out`` (.svg, .pdf or .png); ``check`` runs the layout checker over it."""
    from synth.figures import check_layout, save_figure

    drawing = find_kind(kind).draw(request)
    problems = tuple(check_layout(drawing.figure, least_ticks=0 if kind in WITHOUT_TICKS else 3)) if check else ()
    if out and not dry_run:
        save_figure(drawing.figure, out, title=drawing.title, description=drawing.description, dpi=dpi)
    return PlotResult(drawing, str(out or ""), problems)


# ---- forest --------------------------------------------------------------------------------------------------------


def draw_forest_request(request: PlotRequest) -> Drawing:
    """A forest plot of a table, or of the project's synthesis of that name (the first declared one without a name)."""
    from synth.figures import draw_forest, forest_table
    from synth.figures.looks import find_look

    look = find_look(request.preset)
    plot = replace(_plot_of_file(request) if request.data else _plot_of_project(request), look=look)
    figure = draw_forest(plot, width_mm=request.width_mm)
    return Drawing(figure, plot.title, f"Forest plot: {plot.title}. {plot.caption}", forest_table(plot))


def _plot_of_file(request: PlotRequest) -> Any:
    from synth.steps.forest import forest_from_file
    from synth.steps.forest_columns import add_columns
    from synth.steps.meta import meta_file

    options = {name: value for name, value in request.options.items() if name not in ("mods", "order", "show")}
    result = meta_file(request.data, **options)
    plot = forest_from_file(result, request.title or Path(request.data).stem, request.options.get("subgroup"))
    return add_columns(plot, result.rows, request.options.get("show") or (), dict(options.get("columns") or {}))


def _plot_of_project(request: PlotRequest) -> Any:
    from synth.steps.forest import forest_from_synthesis

    project = _need_project(request)
    names = request.names or tuple(str(one.get("name", "")) for one in project.config.syntheses[:1])
    result = _results(project, names)[0]
    plot = forest_from_synthesis(result, project.read("effects"))
    return replace(plot, title=request.title) if request.title else plot


def _need_project(request: PlotRequest) -> Project:
    if request.project is None:
        raise UsageError("This figure is made of a project", hint="Run it in a project's folder, or name one with -C")
    return request.project


def _results(project: Project, names: Sequence[str]) -> list[SynthesisResult]:
    from synth.steps.meta import run_syntheses

    found = {result.name: result for result in run_syntheses(project, list(names), save=False)}
    return [found[name] for name in names] if names else list(found.values())


def draw_informants_request(request: PlotRequest) -> Drawing:
    """One panel for each account of the same question, from declared syntheses; nothing is pooled across them."""
    from synth.figures import draw_forest_panels, forest_table
    from synth.steps.forest import PANELS_CAPTION, choose_panels, forest_from_synthesis

    project = _need_project(request)
    names = choose_panels(project.config.syntheses, request.names)
    if not names:
        raise StateError(
            "No declared synthesis is about one informant",
            why="Each panel is a [[synthesis]] with one informant, no subgroups",
            hint='Add such tables to synth.toml, or name them: --name "Survivors"',
        )
    effects = project.read("effects")
    panels = [forest_from_synthesis(result, effects, brief=True) for result in _results(project, names)]
    title = request.title or "The same question by informant"
    figure = draw_forest_panels(panels, title, caption=PANELS_CAPTION, width_mm=request.width_mm)
    return Drawing(
        figure, title, f"Forest plots by informant: {', '.join(names)}. {PANELS_CAPTION}", forest_table(panels)
    )


# ---- flow ----------------------------------------------------------------------------------------------------------


def draw_flow_request(request: PlotRequest) -> Drawing:
    """The PRISMA 2020 flow of the project, or of a PRISMA.csv."""
    import io

    import pandas as pd

    from synth.report import write_prisma_csv
    from synth.steps.prisma import count_project_flow, draw_counts, draw_flow_file, tell_flow

    if request.data:
        counts, title = draw_flow_file(request.data).counts, request.title
    else:
        project = _need_project(request)
        counts, title = count_project_flow(project), request.title or project.config.title
    table = pd.read_csv(io.StringIO(write_prisma_csv(counts)), dtype=str, keep_default_na=False)
    name = f"PRISMA 2020 flow: {title}" if title else "PRISMA 2020 flow"
    return Drawing(draw_counts(counts, title), name, tell_flow(counts), table[["data", "description", "n"]])


FOREST = FigureKind("forest", "Forest plot of a table or of a declared synthesis.", draw_forest_request)
FOREST_BY_INFORMANT = FigureKind(
    "forest-by-informant", "One forest panel for each account; nothing is pooled across them.", draw_informants_request
)
FLOW = FigureKind("flow", "PRISMA 2020 flow of the project or of a PRISMA.csv.", draw_flow_request)
