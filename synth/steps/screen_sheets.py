"""Decisions out to a spreadsheet or a reference manager, and in from a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synth.errors import StateError, UsageError
from synth.files import hash_bytes, read_bytes, write_bytes, write_text
from synth.steps.screen import (
    FULL_TEXT,
    TITLE_ABSTRACT,
    check_person,
    check_time,
    criteria_in_force,
    hash_shown,
    merge_current,
    record_criteria,
    settle_current,
)
from synth.tables import STAGES

if TYPE_CHECKING:
    import pandas as pd

    from synth.project import Project, Run
    from synth.screening import Criteria, MatchTable

Row = dict[str, str]
SHEET_COLUMNS = (
    "work_id",
    "record_id",
    "title",
    "authors",
    "year",
    "container",
    "doi",
    "pmid",
    *STAGES,
    "reason",
    "notes",
    "people",
)


# --- in ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SetAside:
    """A row that could not be taken: its line in the file, why, and the row as it was."""

    line: int
    why: str
    row: Row


@dataclass(frozen=True, slots=True)
class ImportedDecisions:
    """What became of the rows of a file: ``read = taken + known + len(set_aside)``.

    ``known`` rows say what the project holds already; nothing is written for them.
    """

    file_name: str
    read: int
    taken: int
    known: int
    set_aside: tuple[SetAside, ...]


@dataclass(frozen=True, slots=True)
class _Defaults:
    """What a row means where it is silent."""

    person: str
    stage: str
    force: bool


def import_decisions(
    project: Project,
    path: Path,
    *,
    person: str = "",
    stage: str = TITLE_ABSTRACT,
    force: bool = False,
    dry_run: bool = False,
    source: str = "",
    verdict: str = "",
    people: Mapping[str, str] | None = None,
) -> ImportedDecisions:
    """Take decisions from a CSV: all rows that can be taken, in one transaction; the others are set aside as they are.

    A row names its work by record_id, work_id or key (any id), by file and position, by doi, pmid or pmcid, or by
    title (and year); names that point to different works are refused. It has a verdict, and may have person, stage,
    reason, note and date. Rows of earlier stages are taken first, so that one file may hold both.

    Exports of Rayyan, Covidence and ASReview are recognised by their columns, or named by ``source``. ``verdict`` says
    what a Covidence list means, ``people`` maps names in Rayyan's notes to ours. A reason that the criteria do not list
    is kept as a note, where it comes from another program.
    """
    content = read_bytes(path)
    rows = _read_rows(content, str(path), source, verdict, people)
    taker = _Taker(project, _Defaults(person, stage, force))
    for row in sorted(rows, key=taker.place_of_stage):
        taker.take(row)
    if taker.taken and not dry_run:
        given = {"file": path.name, "rows": len(taker.taken), "force": force}
        with project.run("screen import", given, input_sha256=hash_bytes(content)) as run:
            taker.write(run)
    aside = tuple(sorted(taker.aside, key=lambda one: one.line))
    return ImportedDecisions(path.name, len(rows), len(taker.taken), taker.known, aside)


def _read_rows(content: bytes, name: str, source: str, verdict: str, people: Mapping[str, str] | None) -> list[Row]:
    from synth.screening import guess_kind, read_sheet, translate

    rows = read_sheet(content, name)
    kind = source or ("" if rows and "verdict" in rows[0] else guess_kind(rows))
    if not kind:
        return unfold_sheet(rows) if _is_wide(rows) else read_sheet(content, name, needed=["verdict"])
    found = list(translate(rows, _check_kind(kind), verdict=verdict, people=people).rows)
    if rows and not found:
        hint = (
            "Say what this list is with --verdict include|exclude" if kind == "covidence" else "Is it the right file?"
        )
        raise UsageError(f"{name}: no row holds a decision as {kind} writes it", hint=hint, kept="Nothing was recorded")
    return [row | {FOREIGN: kind} for row in found]


FOREIGN = "_from"
"""Marks a row that another program wrote."""


def _check_kind(kind: str) -> str:
    from difflib import get_close_matches

    from synth.screening.exchange import KINDS

    if kind not in KINDS:
        near = get_close_matches(kind, KINDS, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(KINDS)}"
        raise UsageError(f"There is no export called {kind!r}", hint=hint)
    return kind


def _is_wide(rows: Sequence[Row]) -> bool:
    return bool(rows) and "verdict" not in rows[0] and any(stage in rows[0] for stage in STAGES)


def unfold_sheet(rows: Sequence[Row]) -> list[Row]:
    """One row a verdict from the sheet that ``export_works`` writes (one row a work, one column a stage).

    Its ``reason`` belongs to the exclusion; ``people`` names the person if it names one only. Conflicts are no
    verdicts and are left out.
    """
    unfolded = []
    for row in rows:
        person = row.get("people", "").strip()
        for stage in STAGES:
            verdict = row.get(stage, "").strip()
            if verdict and verdict != "conflict":
                reason = row.get("reason", "") if verdict in {"exclude", "not_retrieved"} else ""
                known = {"person": row.get("person", "") or ("" if ";" in person else person)}
                unfolded.append({**row, **known, "stage": stage, "verdict": verdict, "reason": reason})
    return unfolded


class _Taker:
    """Goes through the rows of one file and keeps what may be written; nothing is written before ``write``."""

    def __init__(self, project: Project, defaults: _Defaults) -> None:
        records = project.read("records")
        works = merge_current(project, records)
        self.project, self.defaults = project, defaults
        self.table = _match_table(project, works, records)
        self.shown = {row.work_id: row for row in works.itertuples(index=False)}
        self.decisions = project.read("decisions")
        self.criteria: dict[str, Criteria] = {stage: criteria_in_force(project, stage) for stage in STAGES}
        self.eligible: dict[str, set[str]] = {}
        self.current = _current_by_person(self.decisions)
        self.taken: list[dict[str, Any]] = []
        self.aside: list[SetAside] = []
        self.known = 0

    def place_of_stage(self, row: Row) -> int:
        """0, 1, 2 for the stages in their order; rows with a wrong stage come last and are set aside."""
        name = self._stage_of(row).strip().lower()
        return STAGES.index(name) if name in STAGES else len(STAGES)

    def _stage_of(self, row: Row) -> str:
        return row.get("stage", "").strip() or self.defaults.stage

    def take(self, row: Row) -> None:
        """Keep the decision of ``row``, or set it aside with the reason."""
        try:
            decision = self._read(row)
        except (UsageError, StateError) as fault:
            self.aside.append(SetAside(int(row["line"]), f"{fault.message}. {fault.hint}".rstrip(". "), row))
            return
        key = (decision["person_id"], decision["stage"], decision["work_id"])
        said = (decision["verdict"], decision["reason"], decision["note"])
        known = self.current.get(key)
        if known == said or (known and "note" not in row and known[:2] == said[:2]):
            self.known += 1
            return
        self.current[key] = said
        self.taken.append(decision)

    def _read(self, row: Row) -> dict[str, Any]:
        from synth.screening import check_reason, check_stage, check_verdict

        stage = check_stage(self._stage_of(row))
        verdict = check_verdict(row.get("verdict", ""), stage)
        person = check_person(self.project, row.get("person", "").strip() or self.defaults.person)
        work_id = self.table.find(row)
        self._check_eligible(work_id, stage)
        moment = check_time(row.get("date", "") or row.get("at", ""))
        work = self.shown[work_id]
        row = self._keep_foreign_reason(row, stage)
        decision = {
            "work_id": work_id,
            "record_id": work.record_id,
            "stage": stage,
            "person_id": person,
            "verdict": verdict,
            "reason": check_reason(row.get("reason"), verdict, self.criteria[stage]),
            "note": row.get("note", "").strip() or None,
            "text_sha256": hash_shown(work.title, work.abstract),
        }
        return decision | ({"at": moment} if moment else {})

    def _keep_foreign_reason(self, row: Row, stage: str) -> Row:
        """Another program's reason that our criteria do not list becomes part of the note."""
        reason = row.get("reason", "").strip()
        listed = {known.casefold() for known in self.criteria[stage].reasons}
        if FOREIGN not in row or not reason or not listed or reason.casefold() in listed:
            return row
        return row | {"reason": "", "note": "; ".join(part for part in (row.get("note", ""), reason) if part)}

    def _check_eligible(self, work_id: str, stage: str) -> None:
        if stage == TITLE_ABSTRACT or self.defaults.force:
            return
        if stage not in self.eligible:
            self.eligible[stage] = self._list_eligible(stage)
        if work_id not in self.eligible[stage]:
            raise StateError(f"the work is not eligible at the stage {stage}: it was not included before")

    def _list_eligible(self, stage: str) -> set[str]:
        """Eligible works, the rows taken so far (of earlier stages) included."""
        from synth.screening import list_eligible

        settled = settle_current(self.project, _with_taken(self.decisions, self.taken))
        return set(list_eligible(list(self.shown), settled, stage))

    def write(self, run: Run) -> None:
        """Append what was kept, under the criteria in force."""
        stages = sorted({row["stage"] for row in self.taken})
        numbers = {stage: record_criteria(self.project, run, self.criteria[stage]) for stage in stages}
        run.append("decisions", [row | {"criteria_id": numbers[row["stage"]]} for row in self.taken])


def _match_table(project: Project, works: pd.DataFrame, records: pd.DataFrame) -> MatchTable:
    from synth.screening import MatchTable

    sources = project.read("sources")
    files = {int(number): str(name) for number, name in zip(sources["id"], sources["file_name"], strict=True)}
    return MatchTable(works, records, files)


def _current_by_person(decisions: pd.DataFrame) -> dict[tuple[str, str, str], tuple[str, str | None, str | None]]:
    return {
        (row.person_id, row.stage, row.current_work_id): (row.verdict, _given(row.reason), _given(row.note))
        for row in decisions.sort_values("id").itertuples(index=False)
    }


def _given(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _with_taken(decisions: pd.DataFrame, taken: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """The decisions as they will be: new rows, and of a person's rows on one work at one stage only the newest."""
    import pandas as pd

    first = int(decisions["id"].max()) + 1 if len(decisions) else 1
    rows = [dict(row) | {"id": first + number, "current_work_id": row["work_id"]} for number, row in enumerate(taken)]
    columns = ["id", "current_work_id", "stage", "person_id", "verdict", "reason"]
    fresh = pd.DataFrame(rows, columns=columns, dtype=object)
    both = pd.concat([decisions[columns].astype(object), fresh], ignore_index=True)
    return both.drop_duplicates(["current_work_id", "stage", "person_id"], keep="last")


def write_set_aside(report: ImportedDecisions, path: Path) -> None:
    """The rows that were not taken, as a CSV with the line and the reason first, to be mended and imported again."""
    columns = list(dict.fromkeys(name for one in report.set_aside for name in one.row if name not in {"line", FOREIGN}))
    rows = [[one.line, one.why, *(one.row.get(name, "") for name in columns)] for one in report.set_aside]
    write_text(path, _to_csv(["line", "why", *columns], rows))


def _to_csv(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(heads)
    writer.writerows(rows)
    return stream.getvalue()


# --- out ---------------------------------------------------------------------------------------------------------


def export_works(
    project: Project,
    path: Path | str,
    *,
    stage: str = FULL_TEXT,
    verdict: str = "include",
    file_format: str = "",
    dry_run: bool = False,
) -> int:
    """Write the works with that settled verdict at ``stage`` to ``path`` (not in a ``dry_run``); returns how many.

    ``verdict`` may also be ``conflict``, ``unread`` (eligible and not decided) or ``all``. CSV holds one row a work
    with its verdicts at every stage; RIS, BibTeX and the other formats hold the references.
    """
    from synth.records import records_from_frame, write_records
    from synth.screening import check_stage

    stage = check_stage(stage)
    records, decisions = project.read("records"), project.read("decisions")
    works, settled = merge_current(project, records), settle_current(project, decisions)
    wanted = _choose(list(works["work_id"]), settled, stage, verdict)
    works = works[works["work_id"].isin(wanted)].sort_values("work_id", ignore_index=True)
    kind = "asreview" if file_format == "asreview" else _find_format(path, file_format)
    if dry_run:
        return len(works)
    if kind == "asreview":
        write_text(path, _to_csv(ASREVIEW_COLUMNS, _asreview_rows(works, settled)))
    elif kind == "csv":
        write_text(path, _to_csv(SHEET_COLUMNS, _sheet_rows(works, settled, decisions)))
    else:
        write_bytes(path, write_records(records_from_frame(works), kind))
    return len(works)


ASREVIEW_COLUMNS = ("title", "abstract", "authors", "year", "doi", "included")


def _asreview_rows(works: pd.DataFrame, settled: pd.DataFrame) -> list[list[object]]:
    """Works with 1, 0 or nothing (also if unclear) in ``included``, as ASReview reads a partly labelled set."""
    import pandas as pd

    rows = settled[settled["stage"] == TITLE_ABSTRACT]
    marks = {"include": "1", "exclude": "0"}
    said = {work: marks.get(verdict, "") for work, verdict in zip(rows["work_id"], rows["verdict"], strict=True)}
    return [
        [
            _given(work.title) or "",
            _given(work.abstract) or "",
            "; ".join(work.authors or ()),
            "" if pd.isna(work.year) else int(work.year),
            _join(dict(work.ids or {}).get("doi")),
            said.get(work.work_id, ""),
        ]
        for work in works.itertuples(index=False)
    ]


def _find_format(path: Path | str, named: str) -> str:
    from synth.records import ENDINGS, WRITERS

    ending = Path(path).suffix.lower()
    kind = named or ("csv" if str(path) == "-" else ENDINGS.get(ending, ""))
    if kind not in WRITERS:
        raise UsageError(
            f"{path}: unknown format {(named or ending)!r}",
            kept="Nothing was written",
            hint=f"End the file's name in one of {', '.join(ENDINGS)}",
        )
    return kind


def _choose(work_ids: Sequence[str], settled: pd.DataFrame, stage: str, verdict: str) -> set[str]:
    from synth.screening import check_verdict, list_eligible

    rows = settled[settled["stage"] == stage]
    if verdict == "all":
        return set(work_ids)
    if verdict == "unread":
        return set(list_eligible(work_ids, settled, stage)) - set(rows["work_id"])
    wanted = verdict if verdict == "conflict" else check_verdict(verdict, stage)
    return set(rows.loc[rows["verdict"] == wanted, "work_id"]) & set(work_ids)


def _sheet_rows(works: pd.DataFrame, settled: pd.DataFrame, decisions: pd.DataFrame) -> list[list[object]]:
    by_work: dict[str, dict[str, Any]] = {}
    for row in settled.itertuples(index=False):
        by_work.setdefault(row.work_id, {})[row.stage] = row
    notes: dict[str, list[str]] = {}
    for row in decisions.sort_values("id").itertuples(index=False):
        if _given(row.note):
            notes.setdefault(row.current_work_id, []).append(f"{row.person_id}: {row.note}")
    return [_sheet_row(work, by_work.get(work.work_id, {}), notes) for work in works.itertuples(index=False)]


def _sheet_row(work: Any, stages: Mapping[str, Any], notes: Mapping[str, Sequence[str]]) -> list[object]:
    import pandas as pd

    ids = dict(work.ids or {})
    reasons = [stages[stage].reason for stage in reversed(STAGES) if stage in stages and _given(stages[stage].reason)]
    people = sorted({person for row in stages.values() for person in row.people})
    year = "" if pd.isna(work.year) else int(work.year)
    return [
        work.work_id,
        work.record_id,
        _given(work.title) or "",
        "; ".join(work.authors or ()),
        year,
        _given(work.container) or "",
        _join(ids.get("doi")),
        _join(ids.get("pmid")),
        *(_verdict(stages, stage) for stage in STAGES),
        next(iter(reasons), ""),
        " | ".join(notes.get(work.work_id, ())),
        "; ".join(people),
    ]


def _verdict(stages: Mapping[str, Any], stage: str) -> str:
    return str(stages[stage].verdict) if stage in stages else ""


def _join(value: object) -> str:
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value or "")
