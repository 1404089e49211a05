"""Screening in a project: criteria, order of reading, decisions, full texts, progress, agreement, in and out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from difflib import get_close_matches
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synth.errors import StateError, UsageError

if TYPE_CHECKING:
    import pandas as pd

    from synth.project import Project, Run
    from synth.screening import Agreement, Alpha, Criteria, PersonCount, StageCount

TITLE_ABSTRACT, RETRIEVAL, FULL_TEXT = "title_abstract", "retrieval", "full_text"
NOTHING_WRITTEN = "Nothing was recorded"


# --- who, and under which criteria -------------------------------------------------------------------------------


def check_person(project: Project, person: str) -> str:
    """``person`` if synth.toml names them; the only reviewer if it is empty. Raises UsageError otherwise."""
    people = [one for one in project.config.people if one["role"] != "machine"]
    names = [one["id"] for one in people]
    if person in names:
        return person
    if person:
        near = get_close_matches(person, names, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"People: {', '.join(names) or 'none yet'}"
        raise UsageError(f"There is nobody called {person!r} in synth.toml", hint=hint, kept=NOTHING_WRITTEN)
    reviewers = [one["id"] for one in people if one["role"] == "reviewer"]
    if len(reviewers) == 1:
        return reviewers[0]
    if not names:
        raise UsageError("synth.toml names nobody who decides", hint='Add: [[people]]  id = "ana"  name = "Ana Ruiz"')
    raise UsageError("Who decides?", hint=f"Say it with --person; people: {', '.join(names)}", kept=NOTHING_WRITTEN)


def _roles(project: Project) -> dict[str, str]:
    return {person["id"]: person["role"] for person in project.config.people}


def criteria_in_force(project: Project, stage: str) -> Criteria:
    """The criteria of ``stage`` as synth.toml declares them now (or the newest stored ones)."""
    from synth.screening import read_criteria

    return read_criteria(project.read("criteria"), project.config.criteria, stage)


def set_criteria(project: Project, *, stage: str = "", dry_run: bool = False) -> tuple[Criteria, ...]:
    """Record the criteria of synth.toml as a new version, where they changed; returns those in force, stage by stage.

    A decision does the same by itself, so that it always names the version it was made under.
    """
    from synth.screening import check_stage

    stages = [check_stage(stage)] if stage else [TITLE_ABSTRACT, FULL_TEXT]
    found = [criteria_in_force(project, one) for one in stages]
    fresh = [criteria for criteria in found if criteria.id is None and criteria.is_written]
    if fresh and not dry_run:
        with project.run("screen criteria", {"stages": [criteria.stage for criteria in fresh]}) as run:
            for criteria in fresh:
                record_criteria(project, run, criteria)
        found = [criteria_in_force(project, one) for one in stages]
    return tuple(found)


def record_criteria(project: Project, run: Run, criteria: Criteria) -> int | None:
    """The id of the criteria's row in the store, written now if need be; None where there are no criteria at all."""
    if criteria.id is not None:
        return criteria.id
    if not criteria.is_written and not criteria.reasons:
        return None
    stored = project.read("criteria")
    last = max((int(version) for version in stored.loc[stored["stage"] == criteria.stage, "version"]), default=0)
    row = {"stage": criteria.stage, "version": last + 1, "text": criteria.text, "reasons": list(criteria.reasons)}
    return int(run.append("criteria", [row])[0])


# --- what the steps look at --------------------------------------------------------------------------------------


def merge_current(project: Project, records: pd.DataFrame) -> pd.DataFrame:
    """The work frame of ``records``. Raises StateError if there are none."""
    from synth.dedup import merge_works

    if records.empty:
        raise StateError("The project has no records yet", hint=f"Read some: synth -C {project.folder} import FILES")
    return merge_works(records)


def settle_current(project: Project, decisions: pd.DataFrame) -> pd.DataFrame:
    """What the people's decisions come to, work by work and stage by stage."""
    from synth.screening import settle_decisions

    return settle_decisions(decisions, _roles(project))


def list_all_decisions(project: Project) -> pd.DataFrame:
    """Every live decision, older ones too, with the work that its record belongs to now."""
    rows = project.store.read("decisions", everything=True)
    works = dict(zip(*(project.read("records")[name] for name in ("id", "work_id")), strict=True))
    live = set(project.read("runs")["id"])
    rows = rows[rows["run_id"].isin(live) & rows["record_id"].isin(works)]
    return rows.assign(current_work_id=[works[record] for record in rows["record_id"]])


def _forced_works(project: Project, decisions: pd.DataFrame) -> set[str]:
    runs = project.read("runs")
    forced = {run_id for run_id, given in zip(runs["id"], runs["arguments"], strict=True) if (given or {}).get("force")}
    rows = decisions[decisions["run_id"].isin(forced) & (decisions["stage"] == FULL_TEXT)]
    return set(rows["current_work_id"])


# --- the order of reading ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RankReport:
    """An order of reading. ``basis`` is the model, or similarity, question or none; ``first`` the first ten works."""

    stage: str
    basis: str
    ranked: int
    relevant: int
    irrelevant: int
    first: tuple[ShownWork, ...]


@dataclass(frozen=True, slots=True)
class ShownWork:
    """A work as people see it; ``rank`` and ``score`` are None where no ranking holds it."""

    work_id: str
    short_id: str
    record_id: str
    title: str
    authors: tuple[str, ...]
    year: int | None
    container: str
    abstract: str
    ids: dict[str, Any]
    rank: int | None
    score: float | None
    text_sha256: str


def rank_project(
    project: Project, *, stage: str = TITLE_ABSTRACT, model: str = "svm", seed: int = 0, dry_run: bool = False
) -> RankReport:
    """Order the works that nobody has decided at ``stage`` and keep the order as predictions."""
    from synth.screening import check_stage

    stage = check_stage(stage)
    records = project.read("records")
    works, settled = merge_current(project, records), settle_current(project, project.read("decisions"))
    order = _rank(project, works, settled, stage, model=model, seed=seed)
    if not dry_run:
        basis = order.attrs["model"]
        rows = [
            {"work_id": row.work_id, "stage": stage, "model": basis, "score": float(row.score)}
            for row in order.itertuples(index=False)
        ]
        with project.run("screen rank", {"stage": stage, "model": model}, seed=seed) as run:
            run.append("predictions", rows)
    known = _learned(settled, stage)["verdict"].value_counts()
    first = _show(works, records, order.head(10))
    return RankReport(
        stage, order.attrs["model"], len(order), int(known.get("include", 0)), int(known.get("exclude", 0)), first
    )


def _rank(
    project: Project, works: pd.DataFrame, settled: pd.DataFrame, stage: str, *, model: str, seed: int
) -> pd.DataFrame:
    from synth.screening import find_ranker, list_eligible, rank_works
    from synth.steps.screen_index import open_index

    works = works[works["work_id"].isin(list_eligible(list(works["work_id"]), settled, stage))]
    ranker = find_ranker(model, seed=seed)
    return rank_works(
        works,
        _learned(settled, stage),
        query=read_query(project, stage),
        seed=seed,
        ranker=ranker,
        index=open_index(project, works),
    )


def _learned(settled: pd.DataFrame, stage: str) -> pd.DataFrame:
    return settled[settled["stage"] == stage]


def read_query(project: Project, stage: str) -> str:
    """What the review looks for, in words: its question, its criteria, its keywords."""
    criteria = criteria_in_force(project, stage)
    words = project.config.raw.get("keywords", [])
    words = [words] if isinstance(words, str) else words
    return " ".join([project.config.question, criteria.text if criteria.is_written else "", *map(str, words)])


def _show(works: pd.DataFrame, records: pd.DataFrame, order: pd.DataFrame) -> tuple[ShownWork, ...]:
    """The works of ``order`` (work_id, score, rank), in that order."""
    short = shorten_ids(list(records["id"]))
    rows = {row.work_id: row for row in works.itertuples(index=False)}
    return tuple(
        show_work(rows[place.work_id], short, _whole(place.rank), place.score)
        for place in order.itertuples(index=False)
    )


def show_work(row: Any, short: int, rank: int | None, score: float | None) -> ShownWork:
    """A row of the work frame as people see it; ``short`` letters of its id tell it apart."""
    return ShownWork(
        work_id=row.work_id,
        short_id=row.work_id[:short],
        record_id=row.record_id,
        title=_text(row.title),
        authors=tuple(row.authors or ()),
        year=_whole(row.year),
        container=_text(row.container),
        abstract=_text(row.abstract),
        ids=dict(row.ids or {}),
        rank=rank,
        score=None if rank is None else score,
        text_sha256=hash_shown(row.title, row.abstract),
    )


def hash_shown(title: object, abstract: object) -> str:
    """SHA-256 of the text on which people decide: title, empty line, abstract."""
    return hashlib.sha256(f"{_text(title)}\n\n{_text(abstract)}".encode()).hexdigest()


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _whole(value: Any) -> int | None:
    import pandas as pd

    return None if pd.isna(value) else int(value)


def shorten_ids(ids: Sequence[str]) -> int:
    """How many letters tell all ids apart, at least eight."""
    return next((size for size in range(8, 16) if len({name[:size] for name in ids}) == len(ids)), 64)


@dataclass(frozen=True, slots=True)
class NextWorks:
    """What a person is to read next. ``unread`` counts all that they have not decided at this stage.

    ``basis`` says what the order rests on; ``newer`` counts works decided since that order was made; ``unranked``
    counts works of the queue that the order does not hold.
    """

    stage: str
    person: str
    works: tuple[ShownWork, ...]
    unread: int
    basis: str
    newer: int
    unranked: int
    criteria: Criteria


def next_works(
    project: Project, *, person: str = "", stage: str = TITLE_ABSTRACT, n: int = 1, model: str = "svm", seed: int = 0
) -> NextWorks:
    """The next ``n`` works for ``person``: by the newest ranking, or by one made now where there is none."""
    from synth.screening import check_stage

    stage, person = check_stage(stage), check_person(project, person)
    records, decisions = project.read("records"), project.read("decisions")
    works, settled = merge_current(project, records), settle_current(project, decisions)
    queue = queue_works(project, works, settled, decisions, person=person, stage=stage)
    order = _stored_order(project, stage)
    if order.empty:
        order = _rank(project, works, settled, stage, model=model, seed=seed)
    found = _by_rank(queue, order)
    newer = len(
        set(
            decisions.loc[
                (decisions["stage"] == stage) & decisions["current_work_id"].isin(order["work_id"]), "current_work_id"
            ]
        )
    )
    return NextWorks(
        stage,
        person,
        _show(works, records, found.head(max(n, 1))),
        len(queue.works),
        order.attrs["model"],
        newer,
        int(found["rank"].isna().sum()),
        criteria_in_force(project, stage),
    )


@dataclass(frozen=True, slots=True)
class Queue:
    """Works that a person may decide at a stage and has not; those in ``first`` were given to that person."""

    works: tuple[str, ...]
    first: frozenset[str]


def queue_works(
    project: Project, works: pd.DataFrame, settled: pd.DataFrame, decisions: pd.DataFrame, *, person: str, stage: str
) -> Queue:
    """Works that ``person`` may decide at ``stage`` and has not.

    A work that was given to people is for these people alone, and for adjudicators; other works are for everybody.
    """
    from synth.screening import list_eligible

    mine = decisions[(decisions["person_id"] == person) & (decisions["stage"] == stage)]
    done, given = set(mine["current_work_id"]), list_assigned(project, stage)
    judges = _roles(project).get(person) == "adjudicator"
    names = [
        work
        for work in list_eligible(list(works["work_id"]), settled, stage)
        if work not in done and (judges or work not in given or person in given[work])
    ]
    return Queue(tuple(names), frozenset(work for work in names if person in given.get(work, ())))


def list_assigned(project: Project, stage: str) -> dict[str, set[str]]:
    """Work to the people it was given to, at ``stage``; works keep their people when records are regrouped."""
    rows = project.read("assignments")
    rows = rows[rows["stage"] == stage]
    if rows.empty:
        return {}
    now = dict(zip(*(project.read("records")[name] for name in ("id", "work_id")), strict=True))
    given: dict[str, set[str]] = {}
    for row in rows.itertuples(index=False):
        given.setdefault(str(now.get(row.work_id, row.work_id)), set()).add(str(row.person_id))
    return given


def _stored_order(project: Project, stage: str) -> pd.DataFrame:
    """The newest ranking of ``stage``: work_id, score, rank; empty where there is none."""
    rows = project.read("predictions")
    rows = rows[rows["stage"] == stage]
    rows = rows[rows["run_id"] == rows["run_id"].max()].sort_values("id", ignore_index=True)
    order = rows[["work_id", "score"]].assign(rank=range(1, len(rows) + 1))
    order.attrs["model"] = rows["model"].iloc[0] if len(rows) else "none"
    return order


def _by_rank(queue: Queue, order: pd.DataFrame) -> pd.DataFrame:
    """The queue in the order of ``order``, works given to the person first; works not in it come last, by name."""
    import pandas as pd

    frame = pd.DataFrame({"work_id": list(queue.works)}, dtype=object).merge(order, on="work_id", how="left")
    frame["later"] = ~frame["work_id"].isin(queue.first)
    frame = frame.sort_values(["later", "rank", "work_id"], na_position="last", ignore_index=True)
    return frame.drop(columns="later")


# --- decisions ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision as it was recorded. ``replaced`` is the same person's earlier verdict, or empty."""

    work_id: str
    record_id: str
    title: str
    stage: str
    verdict: str
    person: str
    reason: str | None
    note: str | None
    replaced: str
    criteria_version: int | None
    at: str


def decide(
    project: Project,
    work: str,
    verdict: str,
    *,
    person: str = "",
    stage: str = TITLE_ABSTRACT,
    reason: str = "",
    note: str = "",
    at: str = "",
    force: bool = False,
    dry_run: bool = False,
) -> Decided:
    """Record one verdict of one person on one work; it is on the disk when this returns.

    ``work`` is a work's or record's id, or its first letters. At full text a work must have been included (or be
    unclear) at title and abstract, unless ``force``. ``at`` is a date or time for decisions made earlier.
    """
    from synth.screening import check_reason, check_stage, check_verdict

    stage, person = check_stage(stage), check_person(project, person)
    verdict = check_verdict(verdict, stage)
    criteria = criteria_in_force(project, stage)
    reason_given = check_reason(reason, verdict, criteria)
    moment = check_time(at)
    shown = _find_shown(project, work)
    decisions = project.read("decisions")
    if not force:
        _check_eligible(shown, settle_current(project, decisions), stage)
    row = _decision_row(
        project, shown, stage=stage, person=person, verdict=verdict, reason=reason_given, note=note, at=moment
    )
    if not dry_run:
        given = {"work": shown.work_id, "verdict": verdict, "stage": stage, "person": person, "force": force}
        with project.run("screen retrieve" if stage == RETRIEVAL else "screen decide", given) as run:
            run.append("decisions", [row | {"criteria_id": record_criteria(project, run, criteria)}])
        criteria = criteria_in_force(project, stage)
    return Decided(
        shown.work_id,
        shown.record_id,
        shown.title,
        stage,
        verdict,
        person,
        reason_given,
        note or None,
        _earlier(decisions, shown.work_id, stage, person),
        criteria.version,
        moment or project.now(),
    )


def retrieve(
    project: Project,
    work: str,
    status: str,
    *,
    person: str = "",
    reason: str = "",
    note: str = "",
    at: str = "",
    force: bool = False,
    dry_run: bool = False,
) -> Decided:
    """Record that the full text of a work was sought, retrieved, or not retrieved (then with a reason)."""
    from synth.screening import check_verdict

    status = check_verdict(status.replace("-", "_"), RETRIEVAL)
    if status == "not_retrieved" and not reason.strip():
        raise UsageError(
            "Why was it not retrieved?",
            kept=NOTHING_WRITTEN,
            hint='Say it with --reason, for example --reason "not held by any library"',
        )
    return decide(
        project,
        work,
        status,
        person=person,
        stage=RETRIEVAL,
        reason=reason,
        note=note,
        at=at,
        force=force,
        dry_run=dry_run,
    )


def _find_shown(project: Project, name: str) -> ShownWork:
    """The one work that ``name`` means; only its own records are merged."""
    from synth.screening import find_work

    records = project.read("records")
    ids = dict(zip(records["id"], records["work_id"], strict=True))
    work_id = find_work(name, ids)
    works = merge_current(project, records[records["work_id"] == work_id])
    order = _stored_order(project, TITLE_ABSTRACT)
    place = order[order["work_id"] == work_id]
    rank = int(place["rank"].iloc[0]) if len(place) else None
    return show_work(next(works.itertuples(index=False)), 8, rank, None)


def _check_eligible(shown: ShownWork, settled: pd.DataFrame, stage: str) -> None:
    from synth.screening import list_eligible

    if list_eligible([shown.work_id], settled, stage):
        return
    rows = settled[settled["work_id"] == shown.work_id]
    before = dict(zip(rows["stage"], rows["verdict"], strict=True))
    first = before.get(TITLE_ABSTRACT)
    why = (
        "Its full text was reported as not retrieved"
        if first in ("include", "maybe")
        else {
            None: "Nobody has decided on its title and abstract",
            "conflict": "People disagree on its title and abstract",
        }.get(first, "It was excluded at title and abstract")
    )
    raise StateError(
        f"{shown.work_id[:12]} cannot be decided at the stage {stage} yet",
        why=why,
        hint="Settle that first, or say --force",
        kept=NOTHING_WRITTEN,
    )


def _decision_row(
    project: Project, shown: ShownWork, *, stage: str, person: str, verdict: str, reason: str | None, note: str, at: str
) -> dict[str, Any]:
    ranker = _stored_order(project, stage).attrs["model"] if shown.rank is not None else None
    row = {
        "work_id": shown.work_id,
        "record_id": shown.record_id,
        "stage": stage,
        "person_id": person,
        "verdict": verdict,
        "reason": reason,
        "note": note.strip() or None,
        "ranker": ranker,
        "rank": shown.rank,
        "text_sha256": shown.text_sha256,
    }
    return row | ({"at": at} if at else {})


def _earlier(decisions: pd.DataFrame, work_id: str, stage: str, person: str) -> str:
    rows = decisions[
        (decisions["current_work_id"] == work_id) & (decisions["stage"] == stage) & (decisions["person_id"] == person)
    ]
    return str(rows.sort_values("id")["verdict"].iloc[-1]) if len(rows) else ""


def check_time(text: str) -> str:
    """A date or time as the store keeps it; empty for an empty text. Raises UsageError for anything else."""
    if not text.strip():
        return ""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(
            f"{text!r} is not a date", hint="Write it as 2026-03-01 or 2026-03-01T14:30:00Z", kept=NOTHING_WRITTEN
        ) from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# --- where it stands ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ScreeningProgress:
    """Where the screening stands. ``found`` holds 1 or 0 for each work read at title and abstract, in reading order.

    ``missed_bound`` is the largest number of unread relevant works that the reading does not contradict (95 %); None
    as long as nothing was read.
    """

    works: int
    stages: tuple[StageCount, ...]
    people: tuple[PersonCount, ...]
    found: tuple[int, ...] = field(default=())
    missed_bound: int | None = None


def progress(project: Project) -> ScreeningProgress:
    """Counts by stage and person, the works found so far in the order of reading, and a bound on what is missed."""
    from synth.screening import bound_missed, count_people, count_stage, trace_found
    from synth.tables import STAGES

    work_ids = sorted(set(project.read("records")["work_id"]))
    decisions, everything = project.read("decisions"), list_all_decisions(project)
    settled, forced = settle_current(project, decisions), _forced_works(project, decisions)
    first = everything[everything["stage"] == TITLE_ABSTRACT].sort_values("id")
    order = list(dict.fromkeys(first["current_work_id"]))
    cautious = trace_found(settled, order, unclear=True)
    return ScreeningProgress(
        len(work_ids),
        tuple(count_stage(work_ids, settled, stage, forced=forced if stage == FULL_TEXT else ()) for stage in STAGES),
        tuple(count_people(decisions)),
        tuple(trace_found(settled, order)),
        bound_missed(cautious, len(work_ids)) if cautious else None,
    )


def plot_progress(project: Project, path: Path) -> ScreeningProgress:
    """Draw works found against works read (SVG, PDF or PNG) and return the numbers drawn."""
    from synth.figures.recall import RecallCurve, RecallPlot, save_recall

    state = progress(project)
    if not state.found:
        raise StateError("Nothing has been read yet, so there is nothing to draw", hint="Start with: synth screen next")
    curve = RecallCurve("", tuple(accumulate(state.found)))
    plot = RecallPlot((curve,), works=state.works, title="Relevant works found", missed_bound=state.missed_bound)
    save_recall(plot, path)
    return state


# --- people ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Conflict:
    """A work on which people differ: who said what, with reasons and notes."""

    work_id: str
    title: str
    stage: str
    said: tuple[dict[str, str], ...]


def conflicts(project: Project, *, stage: str = "") -> tuple[Conflict, ...]:
    """Works on which people's current verdicts differ and no adjudicator has spoken, in the order of reading."""
    from synth.screening import check_stage

    decisions = project.read("decisions")
    settled = settle_current(project, decisions)
    rows = settled[settled["how"] == "conflict"]
    rows = rows[rows["stage"] == check_stage(stage)] if stage else rows
    records = project.read("records")
    titles = dict(zip(records["id"], records["title"], strict=True))
    return tuple(_conflict(row.work_id, row.stage, decisions, titles) for row in rows.itertuples(index=False))


def _conflict(work_id: str, stage: str, decisions: pd.DataFrame, titles: Mapping[str, Any]) -> Conflict:
    rows = decisions[(decisions["current_work_id"] == work_id) & (decisions["stage"] == stage)].sort_values("id")
    said = tuple(
        {
            "person": str(row.person_id),
            "verdict": str(row.verdict),
            "reason": _text(row.reason),
            "note": _text(row.note),
        }
        for row in rows.itertuples(index=False)
    )
    return Conflict(work_id, _text(titles.get(rows["record_id"].iloc[-1])), stage, said)


def agreement(project: Project, *, stage: str = TITLE_ABSTRACT) -> tuple[Agreement, ...]:
    """Kappa and PABAK of every two people, from the verdicts that they gave before both had decided."""
    from synth.screening import check_stage, measure_agreement

    return tuple(measure_agreement(list_all_decisions(project), check_stage(stage)))


def agreement_of_all(project: Project, *, stage: str = TITLE_ABSTRACT) -> Alpha:
    """Krippendorff's alpha of everybody who decided at ``stage``, from verdicts given independently."""
    from synth.screening import check_stage, measure_alpha

    return measure_alpha(list_all_decisions(project), check_stage(stage))
