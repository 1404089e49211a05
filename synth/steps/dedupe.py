"""Records to works: in a project, or straight from files. Writes only what is new."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synth.errors import StateError, UsageError
from synth.steps.progress import Progress, quiet

if TYPE_CHECKING:
    import pandas as pd

    from synth.dedup import Deduplication
    from synth.project import Project
    from synth.records import Reading, Record

ANSWERS = ("same", "different", "related", "maybe")
SHORT_ANSWERS = {
    "s": "same", "yes": "same", "y": "same",
    "n": "different", "no": "different", "not the same": "different", "not same": "different",
}  # fmt: skip
"""What people write into a list that comes back."""
ID_COLUMNS = ("recordid", "id")
"""Columns of a CSV file that name its records (letters and digits of the header), in order of trust."""


@dataclass(frozen=True, slots=True)
class DedupeReport:
    """What deduplication found and wrote. ``kinds`` counts the related pairs: erratum, preprint ....

    ``merged`` = records - works. ``maybe``: pairs to look at. ``conflicts``: works in which one person's decisions at
    one stage differ, because two works became one. ``split``: old works whose records are now in several.
    ``new_pairs`` and ``changed`` (records whose work is another now) count what was written.
    """

    records: int
    works: int
    maybe: int
    related: int
    kinds: dict[str, int] = field(default_factory=dict)
    new_pairs: int = 0
    changed: int = 0
    conflicts: tuple[str, ...] = ()
    split: tuple[str, ...] = ()
    quarantined: int = 0

    @property
    def merged(self) -> int:
        """Records that are not the first of their work."""
        return self.records - self.works

    def sentence(self) -> str:
        """The result in one line."""
        return f"{self.records} records → {self.works} works ({self.merged} merged, {self.maybe} to look at)"


@dataclass(frozen=True, slots=True)
class DedupedFiles:
    """Deduplication without a project: the report, the result of ``find_groups``, and the records with work_id."""

    report: DedupeReport
    found: Deduplication
    records: pd.DataFrame


# In a project --------------------------------------------------------------------------------------------------------


def dedupe_project(
    project: Project,
    *,
    dry_run: bool = False,
    workers: int = 0,
    scheduler: str = "",
    progress: Progress = quiet,
) -> DedupeReport:
    """Group the project's records into works; people's answers always win.

    The works depend on the records and the answers alone, not on the order in which they came. Where new records show
    that an old work was two, it is split and named in ``split``; decisions stay with the record that was shown.

    Appends new or changed pairs and the groupings that changed, in one run; writes nothing when nothing changed.
    ``[dedupe] fold`` of synth.toml names kinds of related works that are one work for this team. Raises StateError
    when the project has no records, or synth.toml names no such kind.
    """
    fold = read_fold(project.config.raw)
    records = project.read("records")
    if not len(records):
        raise StateError("There are no records to deduplicate", hint="Read exports first: synth import FILES...")
    known, found = project.read("pairs"), None
    for _ in progress([None], label="Comparing"):
        found = _find(records, known, fold, workers, scheduler)
    assert found is not None
    grouped = set(project.read("groupings")["record_id"])
    pairs, groupings = new_pairs(found, known), changed_groupings(found, records, known, grouped)
    if (pairs or groupings) and not dry_run:
        with project.run("dedupe", {"records": len(records)}) as run:
            run.append("pairs", pairs)
            run.append("groupings", groupings)
    before = dict(zip(records["id"], records["work_id"], strict=True))
    changed = sum(before[row["record_id"]] != row["work_id"] for row in groupings)
    report = _report(found, len(pairs), changed, find_conflicts(found, project.read("decisions")))
    return replace(report, split=find_split(found, records))


def _find(
    records: pd.DataFrame, known: pd.DataFrame, fold: Sequence[str], workers: int, scheduler: str
) -> Deduplication:
    from synth.dedup import find_groups, open_cluster

    with open_cluster(workers, scheduler) as spread:
        return find_groups(records, answers=known[known["person_id"].notna()], fold=fold, spread=spread)


def read_fold(raw: Mapping[str, Any]) -> tuple[str, ...]:
    """``[dedupe] fold`` of a synth.toml: kinds of related works to merge. Raises StateError for an unknown kind."""
    from synth.dedup import KINDS

    named = raw.get("dedupe", {}).get("fold", [])
    kinds = [named] if isinstance(named, str) else list(named)
    for kind in kinds:
        if kind not in KINDS:
            raise StateError(f"synth.toml: [dedupe] fold: {kind}: no such relation", hint=_near(str(kind), KINDS))
    return tuple(kinds)


def find_split(found: Deduplication, records: pd.DataFrame) -> tuple[str, ...]:
    """Works of ``records`` (their work_id until now) that are several works in ``found``."""
    now = dict(zip(found.groups["record_id"], found.groups["group_id"], strict=True))
    parts = records.groupby("work_id")["id"].agg(lambda ids: len({now[name] for name in ids}))
    return tuple(sorted(str(work) for work in parts.index[parts > 1]))


def _report(
    found: Deduplication,
    pairs: int = 0,
    changed: int = 0,
    conflicts: tuple[str, ...] = (),
    quarantined: int = 0,
) -> DedupeReport:
    relations = found.pairs["relation"]
    return DedupeReport(
        records=len(found.groups),
        works=found.groups["group_id"].nunique(),
        maybe=int((relations == "maybe").sum()),
        related=int((relations == "related").sum()),
        kinds=_count_kinds(found.pairs),
        new_pairs=pairs,
        changed=changed,
        conflicts=conflicts,
        quarantined=quarantined,
    )


def _count_kinds(pairs: pd.DataFrame) -> dict[str, int]:
    methods = pairs.loc[pairs["relation"] == "related", "method"].astype(str)
    counts = methods.str.removeprefix("related: ").value_counts()
    return {kind: int(counts[kind]) for kind in sorted(counts.index)}


def new_pairs(found: Deduplication, known: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows for ``pairs``: what differs from what is known. A pair that is no longer in doubt is said to be settled."""
    before = {(row["record_id_1"], row["record_id_2"]): row for row in known.to_dict("records")}
    rows = found.pairs.to_dict("records")
    fresh = [row for row in rows if _says_something_new(row, before.get((row["record_id_1"], row["record_id_2"])))]
    return [_as_row(row) for row in [*fresh, *_settle(before, rows, found)]]


def _says_something_new(row: Mapping[Any, Any], before: Mapping[Any, Any] | None) -> bool:
    if before is None:
        return True
    told = isinstance(before["person_id"], str)
    return not told and any(row[name] != before[name] for name in ("relation", "method", "score"))


def _settle(before: Mapping[Any, Any], rows: list[dict[Any, Any]], found: Deduplication) -> list[dict[Any, Any]]:
    now = {(row["record_id_1"], row["record_id_2"]) for row in rows}
    works = dict(zip(found.groups["record_id"], found.groups["group_id"], strict=True))
    open_pairs = [
        pair
        for pair, row in before.items()
        if row["relation"] == "maybe" and not isinstance(row["person_id"], str) and pair not in now
    ]
    return [
        {
            "record_id_1": one,
            "record_id_2": other,
            "method": "settled",
            "score": before[one, other]["score"],
            "relation": "same" if works.get(one) == works.get(other) else "different",
            "reasons": ["no longer in doubt"],
        }
        for one, other in sorted(open_pairs)
    ]


def _as_row(row: Mapping[Any, Any]) -> dict[str, Any]:
    names = ("record_id_1", "record_id_2", "relation", "method", "score", "reasons")
    return {name: float(row[name]) if name == "score" else row[name] for name in names}


def changed_groupings(
    found: Deduplication, records: pd.DataFrame, known: pd.DataFrame, grouped: Collection[str]
) -> list[dict[str, Any]]:
    """Rows for ``groupings``: records whose work is another than before, and those not among ``grouped`` yet."""
    before = dict(zip(records["id"], records["work_id"], strict=True))
    sizes = found.groups["group_id"].value_counts().to_dict()
    told = known[known["person_id"].notna()]
    spoken = set(told["record_id_1"]) | set(told["record_id_2"])
    now = zip(found.groups["record_id"], found.groups["group_id"], strict=True)
    changed = [(record, work) for record, work in now if before[record] != work or record not in grouped]
    return [
        {
            "record_id": record,
            "work_id": work,
            "method": "person" if record in spoken else "rules" if sizes[work] > 1 else "single",
        }
        for record, work in changed
    ]


def find_conflicts(found: Deduplication, decisions: pd.DataFrame) -> tuple[str, ...]:
    """Works about which one person decided differently at one stage, read through the new grouping."""
    if not len(decisions):
        return ()
    works = dict(zip(found.groups["record_id"], found.groups["group_id"], strict=True))
    placed = decisions.assign(work=decisions["record_id"].map(works))
    placed = placed[placed["stage"] != "retrieval"]  # sought, then retrieved, is no disagreement
    verdicts = placed.groupby(["work", "stage", "person_id"])["verdict"].nunique()
    return tuple(sorted({str(work) for work in verdicts[verdicts > 1].index.get_level_values("work")}))


def split_answer(answer: str) -> tuple[str, str]:
    """(relation, kind) of "same", "different", "not the same", "maybe", "related" or "related: erratum" and the like.

    Raises UsageError for anything else.
    """
    from synth.dedup import KINDS

    text = " ".join(answer.lower().split())
    relation, _, kind = (part.strip() for part in SHORT_ANSWERS.get(text, text).partition(":"))
    if relation not in ANSWERS:
        raise UsageError(f"{answer}: no such answer", hint=_near(answer, ANSWERS))
    if kind and (relation != "related" or kind not in KINDS):
        raise UsageError(f"{answer}: no such relation", hint=_near(kind, KINDS))
    return relation, kind


def answer_pair(project: Project, record_1: str, record_2: str, relation: str, person: str) -> None:
    """Keep what a person says about two records: same, different, maybe, related or "related: erratum" and the like.

    The newest answer counts. Raises UsageError for an unknown record, relation or person, or one record twice.
    """
    relation, kind = split_answer(relation)
    names = project.read("records")["id"].tolist()
    for record in (record_1, record_2):
        if record not in names:
            raise UsageError(f"{record}: no such record in this project", hint=_near(record, names))
    if record_1 == record_2:
        raise UsageError(f"{record_1}: a record cannot be compared with itself", hint="Name two records")
    person = find_person(project, person)
    one, other = sorted((record_1, record_2))
    method = f"related: {kind}" if kind else "person"
    row = {"record_id_1": one, "record_id_2": other, "relation": relation, "method": method, "person_id": person}
    with project.run("dedupe", {relation: [one, other], "person": person}) as run:
        run.append("pairs", [{**row, "reasons": [f"said by {person}"]}])


def find_person(project: Project, person: str) -> str:
    """The person of that name; the only one of the project if none is named. Raises UsageError for another name."""
    people = [str(one["id"]) for one in project.config.people]
    if not person and len(people) == 1:
        return people[0]
    if person not in people:
        raise UsageError(f"{person or 'nobody'}: no such person in this project", hint=_near(person, people))
    return person


def _near(name: str, names: Sequence[str]) -> str:
    near = get_close_matches(name, names, n=1)
    if near:
        return f"Did you mean {near[0]}?"
    few = 0 < len(names) < 12
    return f"Choose from {', '.join(names)}" if few else "Look them up with: synth dedupe --review R.csv"


def list_pairs(project: Project) -> pd.DataFrame:
    """What is known about pairs of the project's records now, the newest row of each."""
    return project.read("pairs")


# Files, without a project --------------------------------------------------------------------------------------------


def dedupe_files(
    paths: Sequence[Path | str],
    *,
    answers: pd.DataFrame | None = None,
    workers: int = 0,
    scheduler: str = "",
    keep_records: bool = True,
    progress: Progress = quiet,
) -> DedupedFiles:
    """Read exports and group their records. Nothing is written.

    A record is named by the column ``record_id`` or ``id`` of its CSV file, else by its position (with several files
    by "file:position"). ``answers`` as in ``find_groups``. Without ``keep_records`` the records are forgotten as soon
    as they are in comparable form: ``records`` is empty, pairs of one work have no reasons, and a million records fit
    into memory.
    """
    from synth.dedup import find_groups, group_pieces, open_cluster

    with open_cluster(workers, scheduler) as spread:
        if not keep_records:
            pieces, quarantined = read_pieces(paths, spread, progress)
            found = group_pieces(pieces, answers=answers, spread=spread, explain_same=False)
            return DedupedFiles(_report(found, quarantined=quarantined), found, _no_records())
        readings = _read_all(paths, progress)
        records = frame_records(readings)
        found = find_groups(records, answers=answers, spread=spread)
    works = dict(zip(found.groups["record_id"], found.groups["group_id"], strict=True))
    quarantined = sum(len(reading.quarantine) for reading in readings)
    placed = records.assign(work_id=records["id"].map(works))
    return DedupedFiles(_report(found, quarantined=quarantined), found, placed)


def _read_all(paths: Sequence[Path | str], progress: Progress) -> list[Reading]:
    from synth.records import read_file

    return [read_file(path) for path in progress(paths, label="Reading", total=len(paths))]


def _no_records() -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(columns=[*_COLUMNS, "work_id"])


PIECE = 5_000
"""Records brought into comparable form at a time."""


def read_pieces(paths: Sequence[Path | str], spread: Any, progress: Progress) -> tuple[list[pd.DataFrame], int]:
    """The records of all files in comparable form, named as ``frame_records`` would, and how many were quarantined.

    One file at a time is in memory; of a format that is read in pieces, one piece.
    """
    from synth.dedup import normalise_piece

    names: list[list[str]] = []
    quarantined = [0]
    frames = _frame_pieces(paths, names, quarantined, progress)
    pieces = list(spread(normalise_piece, frames))
    every = [name for found in names for name in found]
    if len(paths) > 1 or len(set(every)) < len(every):
        _name_pieces(pieces, paths, names)
    return pieces, quarantined[0]


def _frame_pieces(
    paths: Sequence[Path | str], names: list[list[str]], quarantined: list[int], progress: Progress
) -> Iterator[pd.DataFrame]:
    """Frames of up to ``PIECE`` records, file by file; fills ``names`` (each file's own) and counts the quarantine."""
    import pandas as pd

    from synth.records.registry import open_export

    for number, path in enumerate(progress(paths, label="Reading", total=len(paths)), 1):
        export, found, rows = open_export(path), _OwnNames(), []
        for records in export:
            for record in records:
                rows.append(_row_of(record, found.add(record), number))
                if len(rows) == PIECE:
                    yield pd.DataFrame(rows, columns=list(_COLUMNS))
                    rows = []
        yield pd.DataFrame(rows, columns=list(_COLUMNS))
        assert export.reading is not None
        quarantined[0] += len(export.reading.quarantine)
        names.append(found.choose(export.format))


class _OwnNames:
    """The names that a CSV file gives its records, collected on the way."""

    def __init__(self) -> None:
        self.positions: list[str] = []
        self.own: dict[str, list[str]] = {column: [] for column in ID_COLUMNS}

    def add(self, record: Record) -> str:
        """Note a record; returns its position, which names it for now."""
        self.positions.append(str(record.position))
        for column, found in self.own.items():
            found.append(_raw_value(record, column) if len(found) == len(self.positions) - 1 else "")
        return self.positions[-1]

    def choose(self, form: str) -> list[str]:
        """The first column of names that all have and none twice, else the positions."""
        if form == "csv":
            for found in self.own.values():
                if found and all(found) and len(set(found)) == len(found):
                    return found
        return self.positions


def _name_pieces(pieces: list[pd.DataFrame], paths: Sequence[Path | str], names: list[list[str]]) -> None:
    files = [Path(path).name for path in paths]
    named = []
    for number, (file, found) in enumerate(zip(files, names, strict=True), 1):
        shown = file if files.count(file) == 1 else f"{number}-{file}"
        unique = len(set(found)) == len(found)
        named += [f"{shown}:{name}" for name in (found if unique else map(str, range(1, len(found) + 1)))]
    start = 0
    for piece in pieces:
        piece["id"] = named[start : start + len(piece)]
        start += len(piece)


def frame_records(readings: Sequence[Reading]) -> pd.DataFrame:
    """The records of all files as one frame with ids that are unique."""
    import pandas as pd

    names = [name_records(reading) for reading in readings]
    every = [name for found in names for name in found]
    if len(readings) > 1 or len(set(every)) < len(every):
        names = [
            _with_file(reading, number, readings, found)
            for number, (reading, found) in enumerate(zip(readings, names, strict=True), 1)
        ]
    rows = [
        _row_of(record, name, number)
        for number, (reading, found) in enumerate(zip(readings, names, strict=True), 1)
        for record, name in zip(reading.records, found, strict=True)
    ]
    return pd.DataFrame(rows, columns=list(_COLUMNS))


_COLUMNS = (
    "id",
    "source_id",
    "position",
    "title",
    "titles",
    "authors",
    "year",
    "container",
    "volume",
    "issue",
    "pages",
    "ids",
    "abstracts",
    "type",
    "keywords",
    "languages",
    "affiliations",
    "urls",
    "date_raw",
)


def _with_file(reading: Reading, number: int, readings: Sequence[Reading], names: list[str]) -> list[str]:
    """Names with the file before them; two files of one name are told apart by their number."""
    same = [other for other in readings if other.path.name == reading.path.name]
    file = reading.path.name if len(same) == 1 else f"{number}-{reading.path.name}"
    unique = len(set(names)) == len(names)
    kept = names if unique else [str(record.position) for record in reading.records]
    return [f"{file}:{name}" for name in kept]


def name_records(reading: Reading) -> list[str]:
    """The ids that a CSV file itself gives its records if all have one and none occurs twice, else the positions."""
    positions = [str(record.position) for record in reading.records]
    if reading.format != "csv":
        return positions
    for column in ID_COLUMNS:
        found = [_raw_value(record, column) for record in reading.records]
        if found and all(found) and len(set(found)) == len(found):
            return found
    return positions


def _raw_value(record: Record, column: str) -> str:
    return next((value.strip() for tag, value, _ in record.raw if tag.replace("_", "").lower() == column), "")


def _row_of(record: Record, name: str, source: int) -> dict[str, Any]:
    return {
        "id": name,
        "source_id": source,
        "position": record.position,
        "title": record.title,
        "year": record.year,
        "titles": _lang_texts(record.titles),
        "abstracts": _lang_texts(record.abstracts),
        "authors": list(record.authors),
        "container": record.container,
        "volume": record.volume,
        "issue": record.issue,
        "pages": record.pages,
        "ids": dict(record.ids),
        "type": record.type,
        "keywords": list(record.keywords),
        "urls": list(record.urls),
        "languages": list(record.languages),
        "affiliations": list(record.affiliations),
        "date_raw": record.date_raw,
    }


def _lang_texts(texts: Iterable[Any]) -> list[dict[str, str]]:
    return [{"text": text.text, "lang": text.lang} for text in texts]


# Tables for people and other programs --------------------------------------------------------------------------------


REVIEW_COLUMNS = ("record_id_1", "record_id_2", "relation", "score", "reasons")


def format_groups(groups: Iterable[tuple[str, str]]) -> str:
    """``groups.csv``: record_id,group_id."""
    return _format_csv(("record_id", "group_id"), groups)


def format_review(pairs: pd.DataFrame) -> str:
    """``review.csv``: the pairs to look at, the likeliest first, with their reasons."""
    listed = rank_pairs(pairs[pairs["relation"] == "maybe"])
    rows = listed[["record_id_1", "record_id_2", "relation", "score", "reasons"]].itertuples(index=False, name=None)
    return _format_csv(REVIEW_COLUMNS, ((*row[:4], "; ".join(row[4] or [])) for row in rows))


def format_relations(pairs: pd.DataFrame) -> str:
    """The related pairs, as in ``format_review``; relation is "related: erratum" and the like."""
    listed = rank_pairs(pairs[pairs["relation"] == "related"])
    rows = listed[["record_id_1", "record_id_2", "method", "score", "reasons"]].itertuples(index=False, name=None)
    return _format_csv(REVIEW_COLUMNS, ((*row[:4], "; ".join(row[4] or [])) for row in rows))


def rank_pairs(pairs: pd.DataFrame) -> pd.DataFrame:
    """Pairs, the likeliest first."""
    order = ["score", "record_id_1", "record_id_2"]
    return pairs.sort_values(order, ascending=[False, True, True])


def _format_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue()


def write_works(records: pd.DataFrame, out: Path | str, pairs: pd.DataFrame | None = None) -> int:
    """Write one record a work (``records`` with work_id) in the format of ``out``'s ending; returns how many."""
    from synth.dedup import merge_works
    from synth.files import write_bytes
    from synth.records import records_from_frame, write_records
    from synth.steps.convert import choose_format

    form = choose_format(out, "")
    works = merge_works(records, pairs)
    write_bytes(out, write_records(records_from_frame(works), form))
    return len(works)
