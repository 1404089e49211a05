"""The worked example: the whole river on shipped data, offline, into one folder."""

from __future__ import annotations

import contextlib
import csv
import io
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synth.errors import StateError, UnreadableInput
from synth.files import naming_storage_faults, read_bytes, write_bytes, write_text
from synth.steps.import_ import SourceNotes, import_files
from synth.steps.progress import Progress, quiet

if TYPE_CHECKING:
    from synth.project import Project

SOURCES = (
    ("pubmed.nbib", "database", "PubMed"),
    ("scopus.csv", "database", "Scopus"),
    ("wos.txt", "database", "Web of Science"),
    ("lilacs_scielo.ris", "database", "LILACS and SciELO"),
    ("zotero_grey.ris", "other", "Hand search (Zotero)"),
)
FIRST_DECISIONS = 10
BATCH = 40
Tell = Callable[[str], None]
Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Made:
    """A file that the demo made, what it is, and the command that makes it from a project of your own."""

    path: str
    what: str
    command: str


@dataclass(frozen=True, slots=True)
class _Demo:
    """What every step of the demo needs."""

    data: Path
    project: Project
    tell: Tell
    progress: Progress

    @property
    def folder(self) -> Path:
        return self.project.folder


def demo_data() -> Path:
    """The folder of shipped data: inside the installed package, or beside it in a source tree."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "demo_data", package.parent / "data" / "demo"):
        if (folder / "synth.toml").is_file():
            return folder
    raise UnreadableInput("the worked example's data are not installed", hint="Install again: pip install synth-review")


def make_demo(folder: Path, *, tell: Tell = lambda _: None, progress: Progress = quiet) -> tuple[Made, ...]:
    """Make the worked example in ``folder``, which must be new or empty; returns the files made, in order.

    Raises StateError if there is something in ``folder`` already; then nothing is changed.
    """
    from synth.project import create_project

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StateError(
            f"{folder}: is there already and not empty",
            kept="Nothing was changed",
            hint=f"Choose another folder: synth demo DIR   or look at it: synth -C {folder} status",
        )
    data = demo_data()
    with _built_beside(folder) as workshop:
        project = create_project(workshop, config_text=read_bytes(data / "synth.toml").decode("utf-8"))
        try:
            demo = _Demo(data, project, tell, progress)
            return tuple(made for step in STEPS for made in step(demo))
        finally:
            project.close()


@contextlib.contextmanager
def _built_beside(folder: Path) -> Iterator[Path]:
    """A new folder beside ``folder`` that takes its place at the end, or goes away if anything goes wrong."""
    with naming_storage_faults(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        workshop = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        workshop.chmod(0o755)
        yield workshop
        if folder.is_dir():
            folder.rmdir()
        workshop.rename(folder)
    except BaseException:
        shutil.rmtree(workshop, ignore_errors=True)
        raise


def _import(demo: _Demo) -> Iterator[Made]:
    demo.tell("Reading five exports ...")
    for name, kind, database in demo.progress(SOURCES, label="import", total=len(SOURCES)):
        write_bytes(demo.folder / "exports" / name, read_bytes(demo.data / "exports" / name))
        report = import_files(demo.project, [demo.folder / "exports" / name], notes=SourceNotes(kind, database))
        file = report.files[0]
        demo.tell(f"  {database}: {file.found} found = {file.read} read + {file.quarantined} quarantined")
    yield Made("review.db", "the store: all rows", "synth import FILES")
    yield Made("synth.toml", "your settings", "synth init DIR")


def _dedupe(demo: _Demo) -> Iterator[Made]:
    from synth.steps.dedupe import dedupe_project

    demo.tell("Putting duplicate records together ...")
    report = dedupe_project(demo.project, progress=demo.progress)
    demo.tell(f"  {report.sentence()}")
    yield from ()


def _screen(demo: _Demo) -> Iterator[Made]:
    from synth.steps.screen import plot_progress, rank_project, set_criteria
    from synth.steps.screen_sheets import export_works

    demo.tell("Replaying the shipped decisions in the order of the ranking ...")
    set_criteria(demo.project)
    first, later = _read_decisions(demo)
    batches = 1 + -(-(len(first) - FIRST_DECISIONS) // BATCH)
    for number in demo.progress(range(batches), label="screen", total=batches):
        order = _first_known(first) if number == 0 else _ranked(demo.project, first, rank_project)
        _take(demo.project, [first.pop(work) for work in order[: BATCH if number else FIRST_DECISIONS]])
        if number == 0:
            write_text(demo.folder / "tables" / "ranked_after_ten.csv", _ranked_list(demo.project, rank_project))
    _take(demo.project, later)
    progress = plot_progress(demo.project, demo.folder / "figures" / "screening.svg")
    told = progress.stages[0].verdicts
    demo.tell(
        f"  {told['include']} to read in full, {told['exclude']} excluded, {told['maybe']} awaiting classification"
    )
    export_works(demo.project, demo.folder / "tables" / "decisions.csv", verdict="all")
    yield Made("tables/ranked_after_ten.csv", "reading order", "synth screen rank")
    yield Made("figures/screening.svg", "works found by reading", "synth screen progress --plot F.svg")
    yield Made("tables/decisions.csv", "works, verdicts", "synth screen export --verdict all -o F.csv")


def _read_decisions(demo: _Demo) -> tuple[dict[str, Row], list[Row]]:
    """Decisions on titles by work, and those of later stages, as shipped."""
    rows = list(csv.DictReader(io.StringIO(read_bytes(demo.data / "decisions.csv").decode("utf-8-sig"))))
    works = _works_by_place(demo.project)
    first = {works[row["file"], int(row["position"])]: row for row in rows if row["stage"] == "title_abstract"}
    return first, [row for row in rows if row["stage"] != "title_abstract"]


def _works_by_place(project: Project) -> dict[tuple[str, int], str]:
    records = project.read("records")
    files = project.read("sources").set_index("id")["file_name"]
    places = zip(records["source_id"].map(files), records["position"].astype(int), strict=True)
    return dict(zip(places, records["work_id"], strict=True))


def _first_known(rows: dict[str, Row]) -> list[str]:
    """Five works known to be relevant and five known not to be: what a team starts with."""
    by_verdict = {verdict: [w for w in rows if rows[w]["verdict"] == verdict] for verdict in ("include", "exclude")}
    return by_verdict["include"][:5] + by_verdict["exclude"][:5]


def _ranked(project: Project, waiting: dict[str, Row], rank_project: Any) -> list[str]:
    rank_project(project)
    predictions = project.read("predictions").sort_values("id").drop_duplicates("work_id", keep="last")
    ordered = predictions.sort_values(["score", "work_id"], ascending=[False, True])["work_id"]
    return [work for work in ordered if work in waiting]


def _ranked_list(project: Project, rank_project: Any) -> str:
    """The works in the order of the ranking made now, as CSV."""
    from synth.steps.screen import next_works

    rank_project(project)
    shown = next_works(project, n=10_000).works
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["rank", "work_id", "title", "year"])
    writer.writerows([number, work.work_id, work.title, work.year] for number, work in enumerate(shown, 1))
    return stream.getvalue()


def _take(project: Project, rows: Sequence[Row]) -> None:
    from synth.steps.screen_sheets import import_decisions

    if not rows:
        return
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "decisions.csv"
        write_text(path, stream.getvalue())
        report = import_decisions(project, path)
    if report.set_aside:
        aside = report.set_aside[0]
        raise UnreadableInput(f"decisions.csv: {len(report.set_aside)} shipped decisions do not fit", why=aside.why)


def _code(demo: _Demo) -> Iterator[Made]:
    from synth.steps.extract import export_tables, fill_sheet, make_studies

    demo.tell("Linking reports to studies, and taking in codes and effects ...")
    made = make_studies(demo.project, str(demo.data / "reports.csv"), studies=str(demo.data / "studies.csv"))
    sheets = ("labels", "answers", "effects", "findings", "costs")
    for name in demo.progress(sheets, label="code", total=len(sheets)):
        fill_sheet(demo.project, str(demo.data / f"{name}.csv"))
    tables = export_tables(demo.project)
    for name in ("studies", "effects", "findings", "costs"):
        write_text(demo.folder / "tables" / f"{name}.csv", _csv(getattr(tables, name)))
    reviews = int((tables.studies["kind"] == "review").sum())
    demo.tell(
        f"  {len(tables.studies) - reviews} primary studies and {reviews} reviews in {made.links} works; "
        f"{len(tables.effects)} effects, {len(tables.findings)} findings"
    )
    yield Made("tables/studies.csv", "one row a study", "synth extract export -o DIR")
    yield Made("tables/effects.csv", "effects, informants", "synth extract export -o DIR")
    yield Made("tables/findings.csv", "qualitative findings", "synth extract export -o DIR")
    yield Made("tables/costs.csv", "costs as printed", "synth extract export -o DIR")


def _csv(frame: Any) -> str:
    from synth.steps.map import guard_formula

    text: str = frame.map(guard_formula).to_csv(index=False, lineterminator="\n")
    return text


def _pool(demo: _Demo) -> Iterator[Made]:
    from synth.steps.meta import run_syntheses
    from synth.steps.plot import PlotRequest, make_plot

    demo.tell("Pooling what may be pooled ...")
    for result in run_syntheses(demo.project, progress=demo.progress):
        demo.tell(f"  {result.name}: {result.describe()}")
    request = PlotRequest(project=demo.project)
    for name in demo.progress(("forest", "forest-by-informant"), label="draw", total=2):
        for ending in ("svg", "png"):
            make_plot(name, request, demo.folder / "figures" / f"{name.replace('-', '_')}.{ending}")
    yield Made("figures/forest.svg", "forest plot by setting", "synth plot forest -o F.svg")
    yield Made(
        "figures/forest_by_informant.svg",
        "one panel a voice",
        "synth plot forest-by-informant -o F.svg",
    )


def _map(demo: _Demo) -> Iterator[Made]:
    from synth.steps.map import map_project, write_map

    demo.tell("Drawing the gap map: population by setting ...")
    report = map_project(demo.project, "population", "setting")
    names = ("figures/gap_map.html", "figures/gap_map.svg", "figures/gap_map.png", "tables/gap_map.csv")
    for name in demo.progress(names, label="map", total=len(names)):
        write_map(report, demo.folder / name)
    write_map(report, demo.folder / "figures" / "world_map.svg", world=True)
    gaps = report.numbers["gaps"]
    demo.tell(f"  {gaps['absolute']} cells without any study, {gaps['synthesis']} with primary studies and no review")
    yield Made("figures/gap_map.html", "gap map, one page", "synth map -o F.html")
    yield Made("figures/world_map.svg", "where studies were", "synth map --world -o F.svg")
    yield Made("tables/gap_map.csv", "cells, gap states", "synth map -o F.csv")


def _report(demo: _Demo) -> Iterator[Made]:
    from synth.steps.prisma import make_flow
    from synth.steps.report import write_report
    from synth.steps.screen_sheets import export_works

    demo.tell("Writing the flow, the records and the report ...")
    names = ("figures/prisma.svg", "figures/prisma.png", "tables/prisma.csv")
    for name in demo.progress(names, label="flow", total=len(names)):
        make_flow(demo.project, demo.folder / name)
    export_works(demo.project, demo.folder / "records.ris", verdict="all")
    write_report(demo.project, demo.folder / "report.html")
    yield Made("figures/prisma.svg", "PRISMA 2020 flow", "synth prisma -o F.svg")
    yield Made("records.ris", "one record a work", "synth screen export --verdict all -o F.ris")
    yield Made("report.html", "the review, one page", "synth report -o F.html")


STEPS: tuple[Callable[[_Demo], Iterator[Made]], ...] = (_import, _dedupe, _screen, _code, _pool, _map, _report)
