"""The PRISMA 2020 flow, counted from the store's own rows: nothing is typed in, and what is not recorded says so.

Page MJ et al. 2021, BMJ 372:n71. Works stand in the column of databases and registers if any of their records came from
there, else in the column of other methods. A number that nobody recorded is None, never 0.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

from synth.errors import UnreadableInput

if TYPE_CHECKING:
    import pandas as pd

NOT_RECORDED = "not recorded"
KINDS = {
    "database": "databases",
    "register": "registers",
    "website": "websites",
    "organisation": "organisations",
    "citations": "citations",
    "other": "other_sources",
}
_MAIN_KINDS = ("database", "register")
Counted = tuple[tuple[str, int], ...]
"""Names with numbers, the order kept."""


@dataclass(frozen=True, slots=True)
class Stream:
    """One column of the flow, from identified to included. Numbers are works, but for the first four.

    ``identified`` entries = ``noted`` (counted by a source that is no file, and not in the project) + ``unreadable`` +
    ``duplicates`` + works; works = ``screened`` + ``unread``;
    ``screened`` = ``excluded`` + ``unclear`` + ``sought``; ``sought`` = ``not_retrieved`` + ``pending`` + ``assessed``;
    ``assessed`` = ``reasons`` + ``unclear_full`` + ``included``.
    """

    identified: int | None = None
    noted: int | None = None
    unreadable: int | None = None
    duplicates: int | None = None
    screened: int | None = None
    unread: int | None = None
    excluded: int | None = None
    unclear: int | None = None
    sought: int | None = None
    not_retrieved: int | None = None
    pending: int | None = None
    assessed: int | None = None
    reasons: Counted = ()
    unclear_full: int | None = None
    included: int | None = None

    @property
    def excluded_full(self) -> int:
        """Reports excluded in full text, over all reasons."""
        return sum(number for _, number in self.reasons)


@dataclass(frozen=True, slots=True)
class FlowCounts:
    """Every number of the flow. ``members`` names the works behind a number, as ``main.excluded`` or ``studies``."""

    databases: Counted | None = None
    registers: Counted | None = None
    websites: Counted | None = None
    organisations: Counted | None = None
    citations: Counted | None = None
    other_sources: Counted | None = None
    main: Stream = field(default_factory=Stream)
    other: Stream | None = None
    automatic: int | None = None
    stopped: bool = False
    studies: int | None = None
    reviews: int | None = None
    reports: int | None = None
    unlinked: int | None = None
    previous_studies: int | None = None
    previous_reports: int | None = None
    members: Mapping[str, tuple[str, ...]] = field(default_factory=dict, compare=False)

    @property
    def has_previous(self) -> bool:
        """Is this an update of an earlier review."""
        return self.previous_studies is not None or self.previous_reports is not None


# ---- counting ------------------------------------------------------------------------------------------------------


def count_flow(
    sources: pd.DataFrame,
    records: pd.DataFrame,
    settled: pd.DataFrame,
    study_works: pd.DataFrame,
    studies: pd.DataFrame,
    *,
    stopped: bool = False,
    previous: tuple[int, int] | None = None,
) -> FlowCounts:
    """Count the flow from current rows.

    ``records`` has id, source_id, work_id; ``settled`` has one row per work and stage with verdict and reason (a maybe
    or a conflict awaits classification); ``study_works`` links current_work_id to study_id; ``studies`` has id and kind
    (primary | review). ``stopped`` says that screening was ended before all was read; ``previous`` are studies and
    reports of the earlier edition.
    """
    by_work = _kinds_by_work(records, dict(zip(sources["id"], sources["kind"], strict=True)))
    main = {work for work, found in by_work.items() if found & set(_MAIN_KINDS)}
    members: dict[str, tuple[str, ...]] = {}
    parts = (
        ("main", _rows_of(sources, inside=True), main),
        ("other", _rows_of(sources, inside=False), {*by_work} - main),
    )
    streams = {name: _count_stream(name, rows, records, (works, settled), members) for name, rows, works in parts}
    counted = FlowCounts(
        main=streams["main"],
        other=None if parts[1][1].empty else streams["other"],
        stopped=stopped,
        members=members,
        previous_studies=previous[0] if previous else None,
        previous_reports=previous[1] if previous else None,
    )
    named: dict[str, Any] = {name: _count_sources(sources, kind) for kind, name in KINDS.items()}
    return _count_included(replace(counted, **named), study_works, studies, members)


def _kinds_by_work(records: pd.DataFrame, kinds: Mapping[Any, str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for work, source in zip(records["work_id"], records["source_id"], strict=True):
        found.setdefault(str(work), set()).add(kinds.get(source, "other"))
    return found


def _rows_of(sources: pd.DataFrame, *, inside: bool) -> pd.DataFrame:
    return sources[sources["kind"].isin(_MAIN_KINDS) == inside]


def _count_sources(sources: pd.DataFrame, kind: str) -> Counted | None:
    """Entries found per named source of one kind; None when no source of that kind is recorded."""
    rows = sources[sources["kind"] == kind]
    if rows.empty:
        return None
    found: dict[str, int] = {}
    for row in rows.itertuples(index=False):
        name = next((str(text) for text in (row.database, row.file_name) if isinstance(text, str) and text), "unnamed")
        found[name] = found.get(name, 0) + _entries(row)
    return tuple(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def _entries(source: Any) -> int:
    """What a source gave: the pieces of its file, or what somebody noted for a source that is no file."""
    is_file = isinstance(source.file_name, str) and bool(source.file_name)
    noted = source.hits_reported
    return int(source.found) if is_file or str(noted) in ("None", "nan", "<NA>") else int(noted)


def _count_stream(
    name: str,
    sources: pd.DataFrame,
    records: pd.DataFrame,
    screened: tuple[set[str], pd.DataFrame],
    members: dict[str, tuple[str, ...]],
) -> Stream:
    """One column; the sets behind its numbers go into ``members``."""
    read = int(records["source_id"].isin(set(sources["id"])).sum())
    found, unreadable = int(sources["found"].sum()), int(sources["quarantined"].sum())
    given = sum(_entries(source) for source in sources.itertuples(index=False))
    works, settled = screened
    groups = _sort_works(works, settled)
    reasons = groups.pop("reasons")
    members.update({f"{name}.{key}": tuple(sorted(group)) for key, group in groups.items()})
    numbers: dict[str, Any] = {key: len(group) for key, group in groups.items()}
    if not (settled["stage"] == "retrieval").any():
        numbers["not_retrieved"] = None
    return Stream(
        identified=given,
        noted=given - found,
        unreadable=unreadable,
        duplicates=read - len(works),
        reasons=_as_counted(reasons),
        **numbers,
    )


def _sort_works(works: set[str], settled: pd.DataFrame) -> dict[str, Any]:
    """Which works stand in which box. A work judged in full text has passed the title, whatever stands there."""
    title, retrieval, full = (_verdicts(settled, stage) for stage in ("title_abstract", "retrieval", "full_text"))
    assessed = {work for work in works if work in full}
    lost = {work for work in works - assessed if retrieval.get(work, ("", ""))[0] == "not_retrieved"}
    passed = assessed | lost | {work for work in works if title.get(work, ("", ""))[0] == "include"}
    passed |= {work for work in works if work in retrieval}
    screened = passed | {work for work in works if work in title}
    excluded = {work for work in screened - passed if title[work][0] == "exclude"}
    out = {work for work in assessed if full[work][0] == "exclude"}
    included = {work for work in assessed if full[work][0] == "include"}
    reasons: dict[str, int] = {}
    for work in sorted(out):
        reason = full[work][1] or "reason not recorded"
        reasons[reason] = reasons.get(reason, 0) + 1
    return {
        "screened": screened,
        "unread": works - screened,
        "excluded": excluded,
        "unclear": screened - passed - excluded,
        "sought": passed,
        "not_retrieved": lost,
        "pending": passed - lost - assessed,
        "assessed": assessed,
        "unclear_full": assessed - out - included,
        "included": included,
        "reasons": reasons,
    }


def _verdicts(settled: pd.DataFrame, stage: str) -> dict[str, tuple[str, str]]:
    rows = settled[settled["stage"] == stage]
    return {
        str(work): (verdict if isinstance(verdict, str) else "", reason if isinstance(reason, str) else "")
        for work, verdict, reason in zip(rows["work_id"], rows["verdict"], rows["reason"], strict=True)
    }


def _as_counted(numbers: Mapping[str, int]) -> Counted:
    return tuple(sorted(numbers.items(), key=lambda item: (-item[1], item[0])))


def _count_included(
    counts: FlowCounts, study_works: pd.DataFrame, studies: pd.DataFrame, members: dict[str, tuple[str, ...]]
) -> FlowCounts:
    included = {*members.get("main.included", ()), *members.get("other.included", ())}
    if study_works.empty:
        return replace(counts, reports=len(included))
    links = study_works[study_works["status"] != "suggested"] if "status" in study_works else study_works
    links = links[links["current_work_id"].isin(included)]
    kinds = dict(zip(studies["id"], studies["kind"], strict=True))
    linked = sorted(set(links["study_id"]))
    primary = [study for study in linked if kinds.get(study) != "review"]
    members["studies"] = tuple(primary)
    members["reviews"] = tuple(study for study in linked if kinds.get(study) == "review")
    members["unlinked"] = tuple(sorted(included - set(links["current_work_id"])))
    return replace(
        counts,
        studies=len(primary),
        reviews=len(linked) - len(primary),
        reports=len(included),
        unlinked=len(members["unlinked"]),
    )


# ---- checking ------------------------------------------------------------------------------------------------------


def check_flow(counts: FlowCounts) -> list[str]:
    """Sums that do not come out, one sentence each; a sum with a number that is not recorded is not checked."""
    problems = []
    for name, stream in (("databases and registers", counts.main), ("other methods", counts.other)):
        problems += [f"{name}: {problem}" for problem in _check_stream(stream)] if stream else []
    streams = [stream for stream in (counts.main, counts.other) if stream]
    reached = _total(stream.included for stream in streams)
    if None not in (reached, counts.reports) and reached != counts.reports:
        problems.append(f"included reports: {counts.reports} stand in the last box, {reached} reached it")
    told = _total((counts.studies, counts.reviews))
    if told is not None and counts.reports is not None and told > counts.reports:
        problems.append(f"{told} studies and reviews, but only {counts.reports} reports: each needs at least one")
    return problems


def _total(numbers: Any) -> int | None:
    known = list(numbers)
    return None if any(number is None for number in known) else sum(known)


def _check_stream(stream: Stream) -> list[str]:
    listed = stream.excluded_full if stream.reasons or stream.assessed is not None else None
    sums = (
        (
            "identified",
            stream.identified,
            "noted, unreadable, duplicates, screened and unread",
            (stream.noted or 0, stream.unreadable, stream.duplicates, stream.screened, stream.unread),
        ),
        (
            "screened",
            stream.screened,
            "excluded, awaiting classification and sought",
            (stream.excluded, stream.unclear, stream.sought),
        ),
        (
            "sought",
            stream.sought,
            "not retrieved, not yet assessed and assessed",
            (stream.not_retrieved or 0, stream.pending, stream.assessed),
        ),
        (
            "assessed",
            stream.assessed,
            "excluded, awaiting classification and included",
            (listed, stream.unclear_full, stream.included),
        ),
    )
    return [
        f"{name} is {whole}, but {parts} add up to {total}"
        for name, whole, parts, numbers in sums
        if whole is not None and (total := _total(numbers)) is not None and total != whole
    ]


# ---- PRISMA.csv ----------------------------------------------------------------------------------------------------

CSV_COLUMNS = ("data", "node", "box", "description", "boxtext", "tooltips", "url", "n")
_CSV_ROWS: tuple[tuple[str, str, str, str], ...] = (
    ("NA", "node4", "prevstud", "Previous studies"),
    ("previous_studies", "node5", "box1", "Studies included in previous version of review"),
    ("previous_reports", "NA", "box1", "Reports of studies included in previous version of review"),
    ("NA", "node6", "newstud", "Identification of new studies via databases and registers"),
    ("database_results", "node7", "box2", "Databases"),
    ("database_specific_results", "NA", "box2", "Specific databases"),
    ("register_results", "NA", "box2", "Registers"),
    ("register_specific_results", "NA", "box2", "Specific registers"),
    ("NA", "node16", "othstud", "Identification of new studies via other methods"),
    ("website_results", "node17", "box11", "Websites"),
    ("organisation_results", "NA", "box11", "Organisations"),
    ("citations_results", "NA", "box11", "Citation searching"),
    ("duplicates", "node8", "box3", "Duplicate records"),
    ("excluded_automatic", "NA", "box3", "Records marked as ineligible by automation tools"),
    ("excluded_other", "NA", "box3", "Records removed for other reasons"),
    ("records_screened", "node9", "box4", "Records screened"),
    ("records_excluded", "node10", "box5", "Records excluded"),
    ("dbr_sought_reports", "node11", "box6", "Reports sought for retrieval"),
    ("dbr_notretrieved_reports", "node12", "box7", "Reports not retrieved"),
    ("other_sought_reports", "node18", "box12", "Reports sought for retrieval"),
    ("other_notretrieved_reports", "node19", "box13", "Reports not retrieved"),
    ("dbr_assessed", "node13", "box8", "Reports assessed for eligibility"),
    ("dbr_excluded", "node14", "box9", "Reports excluded"),
    ("other_assessed", "node20", "box14", "Reports assessed for eligibility"),
    ("other_excluded", "node21", "box15", "Reports excluded"),
    ("new_studies", "node15", "box10", "New studies included in review"),
    ("new_reports", "NA", "box10", "Reports of new included studies"),
    ("total_studies", "node22", "box16", "Total studies included in review"),
    ("total_reports", "NA", "box16", "Reports of total included studies"),
    ("identification", "node1", "identification", "Identification"),
    ("screening", "node2", "screening", "Screening"),
    ("included", "node3", "included", "Included"),
)
_OWN_ROWS: tuple[tuple[str, str], ...] = (
    ("records_unread", "Records not read"),
    ("records_unclear", "Records awaiting classification"),
    ("dbr_pending", "Reports not yet assessed"),
    ("dbr_unclear", "Reports awaiting classification"),
    ("new_reviews", "Reviews, counted apart from primary studies"),
    ("new_unlinked", "Included reports not linked to a study"),
    ("other_noted", "Records of other methods that were counted and are not in the project"),
    ("other_unreadable", "Records of other methods that could not be read"),
    ("other_duplicates", "Records of other methods that were duplicates"),
    ("other_unread", "Records of other methods not read"),
    ("other_excluded_title", "Records of other methods excluded on title and abstract"),
    ("other_unclear_title", "Records of other methods awaiting classification"),
    ("other_pending", "Reports of other methods not yet assessed"),
    ("other_unclear", "Reports of other methods awaiting classification"),
    ("other_results", "Other sources"),
)
"""Rows that the template does not have; its readers pass over them."""
_FROM_MAIN = {
    "duplicates": "duplicates",
    "excluded_other": "unreadable",
    "records_screened": "screened",
    "records_excluded": "excluded",
    "dbr_sought_reports": "sought",
    "dbr_notretrieved_reports": "not_retrieved",
    "dbr_assessed": "assessed",
    "records_unread": "unread",
    "records_unclear": "unclear",
    "dbr_pending": "pending",
    "dbr_unclear": "unclear_full",
}
_FROM_OTHER = {
    "other_sought_reports": "sought",
    "other_notretrieved_reports": "not_retrieved",
    "other_assessed": "assessed",
    "other_noted": "noted",
    "other_pending": "pending",
    "other_unclear": "unclear_full",
    "other_unreadable": "unreadable",
    "other_duplicates": "duplicates",
    "other_unread": "unread",
    "other_excluded_title": "excluded",
    "other_unclear_title": "unclear",
}
_FROM_ALL = {
    "excluded_automatic": "automatic",
    "new_studies": "studies",
    "new_reports": "reports",
    "new_reviews": "reviews",
    "new_unlinked": "unlinked",
    "previous_studies": "previous_studies",
    "previous_reports": "previous_reports",
}
_FROM_SOURCES = {
    "database_results": "databases",
    "register_results": "registers",
    "website_results": "websites",
    "organisation_results": "organisations",
    "citations_results": "citations",
    "other_results": "other_sources",
}


def write_prisma_csv(counts: FlowCounts) -> str:
    """The counts in the layout of the PRISMA2020 template; a number that is not recorded is an empty field."""
    values = _csv_values(counts)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for data, node, box, text in _CSV_ROWS:
        page = f"{data}.html" if data != "NA" and node != "NA" else "NA"
        writer.writerow([data, node, box, text, text, text if node != "NA" else "NA", page, values.get(data, "")])
    for data, text in _OWN_ROWS:
        writer.writerow([data, "NA", "NA", text, text, "NA", "NA", values.get(data, "")])
    return stream.getvalue()


def _csv_values(counts: FlowCounts) -> dict[str, str]:
    values = {data: _number(getattr(counts.main, name)) for data, name in _FROM_MAIN.items()}
    if counts.other:
        values |= {data: _number(getattr(counts.other, name)) for data, name in _FROM_OTHER.items()}
        values["other_excluded"] = _write_reasons(counts.other.reasons)
    values |= {data: _number(getattr(counts, name)) for data, name in _FROM_ALL.items()}
    values |= {data: _number(_sum(getattr(counts, name))) for data, name in _FROM_SOURCES.items()}
    values["database_specific_results"] = _write_reasons(counts.databases or ())
    values["register_specific_results"] = _write_reasons(counts.registers or ())
    values["dbr_excluded"] = _write_reasons(counts.main.reasons)
    values["total_studies"] = _number(total_studies(counts))
    values["total_reports"] = _number(total_reports(counts))
    return values


def _sum(counted: Counted | None) -> int | None:
    return None if counted is None else sum(number for _, number in counted)


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def _write_reasons(counted: Counted) -> str:
    """``reason, n; reason, n``: a semicolon or comma inside a name would end it, so it becomes a slash or nothing."""
    return "; ".join(f"{name.replace(';', ' /').replace(',', ' ')}, {number}" for name, number in counted)


def total_studies(counts: FlowCounts) -> int | None:
    """New and earlier studies together, where both are known."""
    return _total((counts.previous_studies, counts.studies)) if counts.has_previous else None


def total_reports(counts: FlowCounts) -> int | None:
    """New and earlier reports together, where both are known."""
    return _total((counts.previous_reports, counts.reports)) if counts.has_previous else None


def read_prisma_csv(text: str, *, name: str = "PRISMA.csv") -> FlowCounts:
    """Counts from a PRISMA.csv, the template's or ours. Raises UnreadableInput for a missing column or a bad number."""
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    missing = [column for column in ("data", "n") if not rows or column not in rows[0]]
    if missing:
        raise UnreadableInput(
            f"{name}: has no column {' and no column '.join(missing)}",
            why="A PRISMA.csv has data, node, box, ..., n",
            hint="Start from `synth prisma -o PRISMA.csv`",
        )
    values = {row["data"]: (row["n"] or "").strip() for row in rows if row["data"] not in ("", "NA")}
    return _counts_from(values, name)


def _counts_from(values: Mapping[str, str], name: str) -> FlowCounts:
    def number(data: str) -> int | None:
        return _read_number(values.get(data, ""), data, name)

    sources = {part: _read_source(values, data, name) for data, part in _FROM_SOURCES.items()}
    main = Stream(
        **{part: number(data) for data, part in _FROM_MAIN.items()},
        reasons=_read_reasons(values.get("dbr_excluded", ""), name),
    )
    other = Stream(
        **{part: number(data) for data, part in _FROM_OTHER.items()},
        reasons=_read_reasons(values.get("other_excluded", ""), name),
    )
    identified = _total(_sum(sources[part]) or 0 for part in ("databases", "registers"))
    outside = [_sum(sources[part]) for part in ("websites", "organisations", "citations", "other_sources")]
    has_other = other != Stream() or any(found is not None for found in outside)
    rest: dict[str, Any] = {**sources, **{part: number(data) for data, part in _FROM_ALL.items()}}
    return FlowCounts(
        **rest,
        main=replace(main, identified=identified, included=_left(main)),
        other=replace(other, identified=sum(found or 0 for found in outside), included=_left(other))
        if has_other
        else None,
    )


def _left(stream: Stream) -> int | None:
    """Reports that were assessed and neither excluded nor left unclear."""
    return None if stream.assessed is None else stream.assessed - stream.excluded_full - (stream.unclear_full or 0)


def _read_source(values: Mapping[str, str], data: str, name: str) -> Counted | None:
    detail = _read_reasons(values.get(data.replace("_results", "_specific_results"), ""), name)
    total = _read_number(values.get(data, ""), data, name)
    if detail and (total is None or total == _sum(detail)):
        return detail
    return None if total is None else (("", total),)


def _read_number(text: str, data: str, name: str) -> int | None:
    cleaned = text.replace(",", "").replace(" ", "")
    if cleaned.lower() in ("", "na", "xxx", NOT_RECORDED.replace(" ", "")):
        return None
    if not cleaned.isdecimal():
        raise UnreadableInput(f"{name}: {data} is “{text}”", why="A count is a whole number", hint="Mend that line")
    return int(cleaned)


def _read_reasons(text: str, name: str) -> Counted:
    found = []
    for part in filter(None, (piece.strip() for piece in text.split(";"))):
        reason, _, number = part.rpartition(",")
        count = _read_number(number.strip(), reason, name)
        if reason and count is not None:
            found.append((reason.strip(), count))
    return tuple(found)


def counts_as_dict(counts: FlowCounts) -> dict[str, Any]:
    """The counts as plain values for JSON; None where nothing is recorded."""
    nested = ("main", "other", "members")
    plain = {item.name: getattr(counts, item.name) for item in fields(counts) if item.name not in nested}
    for name in KINDS.values():
        plain[name] = None if plain[name] is None else dict(plain[name])
    for name, stream in (("main", counts.main), ("other", counts.other)):
        plain[name] = None if stream is None else _stream_as_dict(stream)
    return plain | {"members": {key: list(group) for key, group in counts.members.items()}}


def _stream_as_dict(stream: Stream) -> dict[str, Any]:
    return {item.name: getattr(stream, item.name) for item in fields(stream)} | {"reasons": dict(stream.reasons)}


__all__: Sequence[str] = (
    "FlowCounts",
    "Stream",
    "check_flow",
    "count_flow",
    "counts_as_dict",
    "read_prisma_csv",
    "total_reports",
    "total_studies",
    "write_prisma_csv",
)
