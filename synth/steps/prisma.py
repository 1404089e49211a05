"""The PRISMA 2020 flow of a project."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synth.errors import UsageError
from synth.files import read_bytes, write_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from synth.project import Project
    from synth.report import FlowCounts

ENDINGS = ("svg", "png", "pdf", "csv")


@dataclass(frozen=True, slots=True, eq=False)
class FlowResult:
    """The counts, sums that do not come out (``problems``), and where they were written (empty: nowhere)."""

    counts: FlowCounts
    problems: tuple[str, ...]
    path: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain Python values; None where nothing is recorded."""
        from synth.report import counts_as_dict

        return counts_as_dict(self.counts) | {"problems": list(self.problems), "file": self.path or None}


def count_project_flow(project: Project) -> FlowCounts:
    """The flow from the project's current rows.

    ``[report] previous_studies`` and ``previous_reports`` in synth.toml declare what an earlier edition included;
    ``[report] stopped = true`` that screening was ended before all was read.
    """
    from synth.report import count_flow
    from synth.steps.screen import settle_current

    settled = settle_current(project, project.read("decisions"))
    declared = project.config.raw.get("report", {})
    return count_flow(
        project.read("sources"),
        project.read("records"),
        settled,
        project.read("study_works"),
        project.read("studies"),
        stopped=bool(declared.get("stopped", False)),
        previous=_previous(declared),
    )


def _previous(declared: dict[str, Any]) -> tuple[int, int] | None:
    names = ("previous_studies", "previous_reports")
    if not any(name in declared for name in names):
        return None
    try:
        studies, reports = (int(declared[name]) for name in names)
    except (KeyError, TypeError, ValueError):
        raise UsageError(
            "synth.toml, [report]: an earlier edition needs previous_studies and previous_reports, whole numbers",
            hint="For example previous_studies = 12 and previous_reports = 15",
        ) from None
    return studies, reports


def make_flow(project: Project, out: Path | str | None = None, *, dry_run: bool = False) -> FlowResult:
    """Count the project's flow and write it as a figure or as PRISMA.csv, by the ending of ``out``.

    Raises UsageError for another ending. A sum that does not come out is named in ``problems``, never hidden.
    """
    return _finish(count_project_flow(project), project.config.title, out, dry_run=dry_run)


def draw_flow_file(path: Path | str, out: Path | str | None = None, *, dry_run: bool = False) -> FlowResult:
    """The flow of a PRISMA.csv, ours or the template's."""
    from synth.report import read_prisma_csv

    text = read_bytes(path).decode("utf-8", errors="replace")
    return _finish(read_prisma_csv(text, name=str(path)), "", out, dry_run=dry_run)


def _finish(counts: FlowCounts, title: str, out: Path | str | None, *, dry_run: bool) -> FlowResult:
    from synth.report import check_flow

    if out:
        _check_ending(out)
    if out and not dry_run:
        _write(counts, title, out)
    return FlowResult(counts, tuple(check_flow(counts)), str(out) if out else "")


def _check_ending(out: Path | str) -> None:
    kind = "svg" if str(out) == "-" else Path(out).suffix.lstrip(".").lower()
    if kind not in ENDINGS:
        raise UsageError(f"{out}: a flow ends in .svg, .png, .pdf or .csv", hint="Change the ending of the file")


def _write(counts: FlowCounts, title: str, out: Path | str) -> None:
    from synth.figures import save_figure
    from synth.report import write_prisma_csv

    if Path(out).suffix.lower() == ".csv":
        write_text(out, write_prisma_csv(counts))
        return
    save_figure(
        draw_counts(counts, title), out, title=f"PRISMA 2020 flow: {title}".rstrip(": "), description=tell_flow(counts)
    )


def draw_counts(counts: FlowCounts, title: str) -> Figure:
    """The flow as a figure."""
    from synth.figures import draw_flow
    from synth.report import flow_boxes

    return draw_flow(flow_boxes(counts, title=title))


def tell_flow(counts: FlowCounts) -> str:
    """The flow in sentences: the text alternative of its figure."""
    main = counts.main
    identified = f"{_n(main.identified)} records identified, {_n(main.duplicates)} duplicates removed"
    screened = f"{_n(main.screened)} screened, {_n(main.excluded)} excluded, {_n(main.unread)} not read"
    reports = f"{_n(main.sought)} reports sought, not retrieved: {_n(main.not_retrieved)}; {_n(main.assessed)} assessed"
    parts = [
        f"From databases and registers: {identified}, {screened}, {_n(main.unclear)} awaiting classification.",
        f"{reports}, {_n(main.included)} included.",
    ]
    if counts.other:
        told = f"{_n(counts.other.identified)} records, {_n(counts.other.included)} reports included"
        parts.append(f"From other methods: {told}.")
    total = f"{_n(counts.studies)} studies and {_n(counts.reviews)} reviews in {_n(counts.reports)} reports"
    return " ".join([*parts, f"Included: {total}."])


def _n(value: int | None) -> str:
    return "not recorded" if value is None else str(value)
