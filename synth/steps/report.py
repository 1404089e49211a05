"""The whole review as one page: gathers what the project knows, draws its figures, and hands both to the report."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synth.errors import StateError, UsageError
from synth.files import hash_bytes, write_text
from synth.steps.progress import Progress, quiet

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from synth.project import Project
    from synth.report.document import Section
    from synth.steps.meta import SynthesisResult

_TABLES = (
    "sources",
    "quarantine",
    "records",
    "pairs",
    "criteria",
    "decisions",
    "studies",
    "study_works",
    "effects",
    "labels",
    "runs",
)
_PARTS = ("numpy", "scipy", "pandas", "scikit-learn", "matplotlib")


@dataclass(frozen=True, slots=True)
class ReportResult:
    """What the report says in numbers, and where it was written (empty: nowhere)."""

    title: str
    sections: tuple[str, ...]
    numbers: dict[str, Any]
    problems: tuple[str, ...]
    path: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain Python values."""
        return {
            "title": self.title,
            "sections": list(self.sections),
            "numbers": self.numbers,
            "problems": list(self.problems),
            "file": self.path or None,
        }


def write_report(
    project: Project,
    out: Path | str | None = None,
    *,
    dry_run: bool = False,
    gap_map: str = "",
    progress: Progress = quiet,
) -> ReportResult:
    """Make the report and write it to ``out`` (.html). ``gap_map`` is the address of the interactive map.

    Raises UsageError for another ending, StateError for a project without a single source or study.
    """
    from synth.report import Document, render_document

    if out and str(out) != "-" and Path(out).suffix.lower() not in (".html", ".htm"):
        raise UsageError(f"{out}: a report ends in .html", hint="Change the ending of the file")
    gathered = _Gathered.read(project)
    sections = tuple(gathered.sections(gap_map, progress))
    page = Document(project.config.title or "Review", project.config.question, sections, head=gathered.head())
    if out and not dry_run:
        write_text(out, render_document(page))
    return ReportResult(
        page.title,
        tuple(section.title for section in sections),
        gathered.numbers(),
        tuple(gathered.problems),
        str(out or ""),
    )


@dataclass(slots=True)
class _Gathered:
    """A project's rows, read once."""

    project: Project
    frames: dict[str, pd.DataFrame]
    settled: pd.DataFrame
    counts: Any
    problems: list[str]

    @classmethod
    def read(cls, project: Project) -> _Gathered:
        from synth.report import check_flow
        from synth.steps.prisma import count_project_flow
        from synth.steps.screen import settle_current

        frames = {name: project.read(name) for name in _TABLES}
        if frames["sources"].empty and frames["studies"].empty:
            raise StateError("There is nothing to report yet", hint="Read your exports first: synth import FILES")
        counts = count_project_flow(project)
        return cls(project, frames, settle_current(project, frames["decisions"]), counts, check_flow(counts))

    def head(self) -> tuple[str, ...]:
        """Under the title: what stands in this report, and the last time at which anything was written."""
        number = self.numbers()
        last = str(self.frames["runs"]["at"].max()) if len(self.frames["runs"]) else ""
        words = (
            ("records", "records"),
            ("works", "works"),
            ("studies", "primary studies"),
            ("reviews", "reviews"),
            ("effects", "effects"),
        )
        told = ", ".join(f"{_tell(number[key])} {word}" for key, word in words)
        return (f"{told}. State of the project: {last or 'empty'}.",)

    def numbers(self) -> dict[str, Any]:
        """The report's main numbers."""
        kinds = self.frames["studies"]["kind"]
        return {
            "records": len(self.frames["records"]),
            "works": int(self.frames["records"]["work_id"].nunique()),
            "studies": int((kinds == "primary").sum()),
            "reviews": int((kinds == "review").sum()),
            "effects": len(self.frames["effects"]),
            "included_reports": self.counts.reports,
        }

    def sections(self, gap_map: str, progress: Progress) -> list[Section]:
        """All sections in the order of the river."""
        from synth.report import sections as parts

        frames = self.frames
        sources = parts.list_sources(frames["sources"])
        return [
            parts.describe_criteria(frames["criteria"], self.project.config.criteria),
            _with_block(sources, parts.list_quarantine(frames["quarantine"], frames["sources"])),
            parts.count_duplicates(frames["records"], frames["pairs"]),
            self._flow(),
            self._screening(),
            parts.list_studies(
                frames["studies"], frames["study_works"], frames["effects"], frames["labels"], _term_words(self.project)
            ),
            parts.list_effects(frames["effects"], frames["studies"]),
            *self._syntheses(progress),
            *self._map(gap_map),
            parts.list_gaps(frames["sources"], frames["studies"], frames["effects"], frames["labels"], self.counts),
            self._definitions(),
            parts.tell_provenance(frames["runs"], frames["sources"], _versions(), _checksums(self.project)),
        ]

    def _flow(self) -> Section:
        from synth.report.sections import tell_flow_section
        from synth.steps.prisma import draw_counts, tell_flow

        told = tell_flow(self.counts)
        figure = _inline(draw_counts(self.counts, ""), "flow", "PRISMA 2020 flow", told)
        return tell_flow_section(self.counts, self.problems, figure, told)

    def _screening(self) -> Section:
        from synth.report.sections import describe_screening

        people = {str(person["id"]): str(person["name"]) for person in self.project.config.people}
        figure, caption = self._curve()
        return describe_screening(self.frames["decisions"], self.settled, people, figure, caption)

    def _curve(self) -> tuple[str, str]:
        """The curve of relevant works found, where anything was read."""
        from itertools import accumulate

        from synth.figures.recall import RecallCurve, RecallPlot, draw_recall, write_caption
        from synth.steps.screen import progress

        state = progress(self.project)
        if not state.found:
            return "", ""
        curve = RecallCurve("", tuple(accumulate(state.found)))
        plot = RecallPlot((curve,), works=state.works, title="Relevant works found", missed_bound=state.missed_bound)
        caption = write_caption(plot)
        figure = _inline(draw_recall(plot), "curve", plot.title, caption)
        return figure, "Relevant works found, in the order of reading"

    def _syntheses(self, progress: Progress) -> list[Section]:
        from synth.report.document import Section, Text

        if not self.project.config.syntheses:
            return [Section("syntheses", "Syntheses", (Text(("No synthesis is declared in synth.toml.",), "quiet"),))]
        from synth.steps.meta import run_syntheses

        results = run_syntheses(self.project, save=False)
        drawn = enumerate(progress(results, label="Drawing", total=len(results)))
        shown = [self._synthesis(number, result) for number, result in drawn]
        told = f"{len(results)} declared; {sum(result.post_hoc for result in results)} of them post hoc, and marked so."
        return [Section("syntheses", "Syntheses", (Text((told,)), *self._panels())), *shown]

    def _panels(self) -> list[Any]:
        from synth.report.document import FigureBlock
        from synth.steps.forest import choose_panels
        from synth.steps.plot import PlotRequest, draw_informants_request

        if len(choose_panels(self.project.config.syntheses, ())) < 2:
            return []
        drawn = draw_informants_request(PlotRequest(project=self.project))
        return [
            FigureBlock(
                _inline(drawn.figure, "voices", drawn.title, drawn.description),
                "One panel for each account: nothing is pooled across them, and no test is made",
            )
        ]

    def _synthesis(self, number: int, result: SynthesisResult) -> Section:
        from synth.figures import draw_forest, forest_table
        from synth.report.document import FigureBlock
        from synth.report.sections import show_synthesis
        from synth.steps.forest import forest_from_synthesis

        plot = forest_from_synthesis(result, self.frames["effects"])
        figure = _inline(draw_forest(plot), f"forest{number}", plot.title, plot.caption)
        lines = [
            result.describe(),
            *(f"Deviation: {text}" for text in result.deviations),
            *(f"Caution: {caution}" for caution in result.cautions),
        ]
        return show_synthesis(
            f"synthesis-{number + 1}",
            result.name,
            lines,
            FigureBlock(figure, f"Forest plot: {result.name}"),
            mark=plot.post_hoc,
            table=forest_table(plot),
            left_out=result.chosen.left_out,
        )

    def _map(self, gap_map: str) -> list[Section]:
        """The gap map as a picture, and the way to the map that can be filtered."""
        if self.frames["studies"].empty:
            return []
        from synth.figures.gapmap import draw_gapmap
        from synth.report.document import FigureBlock, Link, Section
        from synth.steps.map import describe_map, map_project
        from synth.vocab.countries import find_definition

        found = map_project(self.project)
        shown = found.evidence_map
        labels = shown.axis(shown.rows).label, shown.axis(shown.cols).label
        figure = draw_gapmap(
            found.table,
            found.gaps,
            title=f"Studies by {labels[0].lower()} and {labels[1].lower()}",
            row_label=labels[0],
            col_label=labels[1],
            definition=find_definition(shown.south).sentence,
        )
        caption = describe_map(found)
        link = [Link(gap_map, "The map with filters and the studies behind each number")] if gap_map else []
        return [
            Section(
                "map",
                "Where the evidence is, and where it is not",
                (FigureBlock(_inline(figure, "map", "Evidence-gap map", caption), caption), *link),
            )
        ]

    def _definitions(self) -> Section:
        from synth.report.document import Facts, Section
        from synth.vocab.countries import find_definition

        definition = find_definition(self.project.config.south_definition)
        return Section(
            "definitions",
            "Definitions in force",
            (
                Facts(
                    (
                        ("Global south", definition.sentence),
                        ("Work", "One publication: a group of records held to be the same"),
                        ("Study", "One investigation, told in one or more works; reviews are counted apart"),
                        ("Informant", "Whose account a number is; accounts of different people are never pooled"),
                        (
                            "Post hoc",
                            "A synthesis that was not declared as planned, with a date, before the numbers were known",
                        ),
                        ("Codebook", self.project.config.codebook),
                    )
                ),
            ),
        )


def _with_block(section: Section, block: Any) -> Section:
    from dataclasses import replace

    return replace(section, blocks=(*section.blocks, block))


def _tell(value: int | None) -> str:
    return "not recorded" if value is None else f"{value:,}"


def _inline(figure: Figure, prefix: str, title: str, description: str) -> str:
    from synth.figures import inline_svg, render_figure

    return inline_svg(render_figure(figure, "svg", title=title, description=description), f"figure-{prefix}")


def _term_words(project: Project) -> dict[str, str]:
    """Labels of the codebook's terms, by the id that stands in tables."""
    found: dict[str, str] = {}
    for row in project.read("questions").to_dict("records"):
        stack = list(row["terms"] or []) if isinstance(row["terms"], list) else []
        while stack:
            term = stack.pop()
            found.setdefault(str(term.get("id")), str(term.get("label") or term.get("id")))
            stack.extend(term.get("children") or [])
    return found


def _versions() -> dict[str, str]:
    from importlib.metadata import version
    from platform import python_version

    from synth.project import synth_version

    return {"synth": synth_version(), "Python": python_version(), **{name: version(name) for name in _PARTS}}


def _checksums(project: Project) -> dict[str, str]:
    """Of what people declared; the sources' own stand beside it."""
    return {"synth.toml": hash_bytes(project.config.path.read_bytes())}
