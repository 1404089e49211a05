"""From counts to the boxes of the PRISMA 2020 flow, in the template's places."""

from __future__ import annotations

from synth.figures.flow import Flow, FlowBox, Phase
from synth.report.prisma import NOT_RECORDED, Counted, FlowCounts, Stream, total_reports, total_studies

MOST_SOURCES = 12
"""Named sources in a box; the rest are counted together."""


def flow_boxes(counts: FlowCounts, *, title: str = "") -> Flow:
    """The flow as boxes, arrows and phases; the columns for earlier and other studies only where there are any."""
    first = 1 if counts.has_previous else 0
    boxes = [*_previous_boxes(counts), *_main_boxes(counts, first), *_other_boxes(counts, first + 2)]
    boxes += _included_boxes(counts, first)
    keys = {box.key for box in boxes}
    arrows = tuple(pair for pair in _ARROWS if set(pair) <= keys)
    phases = (Phase("Identification", 1, 1), Phase("Screening", 2, 4), Phase("Included", 5, 6))
    return Flow(tuple(boxes), arrows, phases, title=title, caption=_caption(counts))


_ARROWS = (
    ("found", "removed"),
    ("found", "screened"),
    ("screened", "excluded"),
    ("screened", "unread"),
    ("screened", "unclear"),
    ("screened", "sought"),
    ("sought", "lost"),
    ("sought", "pending"),
    ("sought", "assessed"),
    ("assessed", "reasons"),
    ("assessed", "unclear-full"),
    ("assessed", "included"),
    ("other-found", "other-removed"),
    ("other-found", "other-sought"),
    ("other-sought", "other-lost"),
    ("other-sought", "other-pending"),
    ("other-sought", "other-assessed"),
    ("other-assessed", "other-reasons"),
    ("other-assessed", "other-unclear-full"),
    ("other-assessed", "included"),
    ("included", "total"),
    ("previous", "total"),
)


def _n(value: int | None) -> str:
    """The number in brackets, never broken over two lines."""
    return f"(n = {NOT_RECORDED if value is None else value})".replace(" ", "\u00a0")


def _previous_boxes(counts: FlowCounts) -> list[FlowBox]:
    if not counts.has_previous:
        return []
    lines = (
        f"Studies included in previous version of review {_n(counts.previous_studies)}",
        f"Reports of studies included in previous version of review {_n(counts.previous_reports)}",
    )
    return [FlowBox("head-previous", ("Previous studies",), 0, 0, kind="head"), FlowBox("previous", lines, 0, 1)]


def _main_boxes(counts: FlowCounts, column: int) -> list[FlowBox]:
    stream = counts.main
    head = FlowBox(
        "head-main", (f"Identification of {_new(counts)}studies via databases and registers",), column, 0, 2, "head"
    )
    return [
        head,
        FlowBox(
            "found",
            (
                "Records identified from:",
                *_source_lines("Databases", counts.databases),
                *_source_lines("Registers", counts.registers),
            ),
            column,
            1,
        ),
        FlowBox("removed", _removed_lines(stream, counts), column + 1, 1, kind="side"),
        FlowBox("screened", (f"Records screened {_n(stream.screened)}",), column, 2),
        FlowBox("excluded", (f"Records excluded {_n(stream.excluded)}",), column + 1, 2, kind="side"),
        *_loose_boxes("unread", _unread_name(counts), stream.unread, column + 1, 2),
        *_loose_boxes("unclear", "Records awaiting classification", stream.unclear, column + 1, 2),
        *_report_boxes(stream, "", column),
    ]


def _new(counts: FlowCounts) -> str:
    """The template speaks of new studies only where there is an earlier edition."""
    return "new " if counts.has_previous else ""


def _source_lines(name: str, counted: Counted | None) -> list[str]:
    total = None if counted is None else sum(number for _, number in counted)
    named = [(source, number) for source, number in counted or () if source]
    lines = [f"  {name} {_n(total)}", *(f"  – {source} {_n(number)}" for source, number in named[:MOST_SOURCES])]
    rest = named[MOST_SOURCES:]
    return [*lines, f"  – {len(rest)} more {_n(sum(number for _, number in rest))}"] if rest else lines


def _removed_lines(stream: Stream, counts: FlowCounts) -> tuple[str, ...]:
    lines = [
        "Records removed before screening:",
        f"  Duplicate records {_n(stream.duplicates)}",
        f"  Records marked as ineligible by automation tools {_n(counts.automatic)}",
        f"  Records that could not be read, kept in quarantine {_n(stream.unreadable)}",
    ]
    if stream.noted:
        lines.append(f"  Records counted by their source, not in the project {_n(stream.noted)}")
    return tuple(lines)


def _unread_name(counts: FlowCounts) -> str:
    return "Records not read, screening was stopped" if counts.stopped else "Records not yet screened"


def _loose_boxes(key: str, name: str, number: int | None, column: int, row: int) -> list[FlowBox]:
    """A dashed box for what is not finished; none where there is nothing in it."""
    return [FlowBox(key, (f"{name} {_n(number)}",), column, row, kind="side", quiet=True)] if number else []


def _report_boxes(stream: Stream, prefix: str, column: int) -> list[FlowBox]:
    """From reports sought to reports excluded, alike in both columns."""
    reasons = [f"  {reason} {_n(number)}" for reason, number in stream.reasons]
    number = stream.excluded_full if stream.assessed is not None else None
    return [
        FlowBox(f"{prefix}sought", (f"Reports sought for retrieval {_n(stream.sought)}",), column, 3),
        FlowBox(f"{prefix}lost", (f"Reports not retrieved {_n(stream.not_retrieved)}",), column + 1, 3, kind="side"),
        *_loose_boxes(f"{prefix}pending", "Reports not yet assessed", stream.pending, column + 1, 3),
        FlowBox(f"{prefix}assessed", (f"Reports assessed for eligibility {_n(stream.assessed)}",), column, 4),
        FlowBox(f"{prefix}reasons", (f"Reports excluded {_n(number)}", *reasons), column + 1, 4, kind="side"),
        *_loose_boxes(f"{prefix}unclear-full", "Reports awaiting classification", stream.unclear_full, column + 1, 4),
    ]


def _other_boxes(counts: FlowCounts, column: int) -> list[FlowBox]:
    stream = counts.other
    if stream is None:
        return []
    extra = _source_lines("Other sources", counts.other_sources) if counts.other_sources else []
    found = FlowBox(
        "other-found",
        (
            "Records identified from:",
            *_source_lines("Websites", counts.websites),
            *_source_lines("Organisations", counts.organisations),
            *_source_lines("Citation searching", counts.citations),
            *extra,
        ),
        column,
        1,
    )
    head = FlowBox("head-other", (f"Identification of {_new(counts)}studies via other methods",), column, 0, 2, "head")
    return [head, found, *_other_removed(stream, counts, column + 1), *_report_boxes(stream, "other-", column)]


def _other_removed(stream: Stream, counts: FlowCounts, column: int) -> list[FlowBox]:
    """What the template has no box for: records of other methods that never became a report to be sought."""
    parts = (
        ("Records counted by their source, not in the project", stream.noted),
        ("Duplicate records", stream.duplicates),
        ("Records that could not be read", stream.unreadable),
        ("Records excluded on title and abstract", stream.excluded),
        (_unread_name(counts), stream.unread),
        ("Records awaiting classification", stream.unclear),
    )
    lines = tuple(f"  {name} {_n(number)}" for name, number in parts if number)
    return [FlowBox("other-removed", ("Records not taken further:", *lines), column, 1, kind="side")] if lines else []


def _included_boxes(counts: FlowCounts, column: int) -> list[FlowBox]:
    lines = [f"{_new(counts)}studies included in review {_n(counts.studies)}".capitalize()]
    lines += [f"Reviews, counted apart {_n(counts.reviews)}"] if counts.reviews else []
    lines += [f"Reports of {_new(counts)}included studies {_n(counts.reports)}"]
    lines += [f"  of these not linked to a study {_n(counts.unlinked)}"] if counts.unlinked else []
    boxes = [FlowBox("included", tuple(lines), column, 5)]
    if counts.has_previous:
        total = (
            f"Total studies included in review {_n(total_studies(counts))}",
            f"Reports of total included studies {_n(total_reports(counts))}",
        )
        boxes.append(FlowBox("total", total, column, 6))
    return boxes


def _caption(counts: FlowCounts) -> str:
    sentences = ["PRISMA 2020 flow (Page et al., BMJ 2021;372:n71), counted from the project's own rows."]
    if any(value is None for value in (counts.automatic, counts.registers, counts.main.not_retrieved, counts.studies)):
        sentences.append("“Not recorded” means that nobody entered it; it is not nought.")
    sentences.append("Dashed boxes are unfinished work.")
    return " ".join(sentences)
