"""Reading one work after the other: everything is loaded once, a decision writes one row, the order learns from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from synth.errors import StateError
from synth.steps.screen import (
    TITLE_ABSTRACT,
    ShownWork,
    check_person,
    criteria_in_force,
    list_all_decisions,
    merge_current,
    queue_works,
    read_query,
    record_criteria,
    settle_current,
    shorten_ids,
    show_work,
)
from synth.steps.screen_index import open_index

if TYPE_CHECKING:
    import numpy as np

    from synth.project import Project
    from synth.screening import TextIndex


@dataclass(frozen=True, slots=True)
class Explained:
    """Why a work stands where it stands; ``like`` names known relevant works: (title, cosine)."""

    basis: str
    words_for: tuple[tuple[str, float], ...]
    words_against: tuple[tuple[str, float], ...]
    like: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the reading is: works, read by anybody, relevant (unclear ones among them), bound on what is missed."""

    works: int
    read: int
    relevant: int
    bound: int


@dataclass(frozen=True, slots=True)
class _Step:
    """What was done last, for undo: the run that wrote it and the row of the work."""

    run_id: int
    row: int


class ScreeningSession:
    """One person reading at one stage. Raises StateError if there are no records.

    Other people's decisions are noticed before the next work is chosen. What another person said of a work that this
    one is still to judge is not learned from, so that neither order nor explanation gives it away.
    """

    def __init__(
        self, project: Project, *, person: str = "", stage: str = TITLE_ABSTRACT, model: str = "svm", seed: int = 0
    ) -> None:
        from synth.screening import check_stage, find_ranker, prepare_ranker

        self.project, self.stage = project, check_stage(stage)
        self.person = check_person(project, person)
        records = project.read("records")
        self.works = merge_current(project, records)
        self.names = [str(work) for work in self.works["work_id"]]
        self.index: TextIndex = open_index(project, self.works)
        self._rows = list(self.works.itertuples(index=False))
        self._places = {name: row for row, name in enumerate(self.names)}
        self._short = shorten_ids(list(records["id"]))
        self._ranker = find_ranker(model, seed=seed)
        prepare_ranker(self._ranker, self._texts, self.index)
        self.criteria = criteria_in_force(project, self.stage)
        self._roles = {one["id"]: one["role"] for one in project.config.people}
        self._query, self._seed, self._done = read_query(project, self.stage), seed, list[_Step]()
        self._scores: np.ndarray | None = None
        self._reload()

    def _texts(self) -> list[str]:
        from synth.screening import join_works

        return join_works(self.works)

    def _reload(self) -> None:
        """Read all decisions anew."""
        import numpy as np

        from synth.screening import label_rows

        self._runs = self.project.store.count("runs")
        decisions = self.project.read("decisions")
        settled = settle_current(self.project, decisions)
        mine = settled[settled["stage"] == self.stage]
        self._said: dict[int, dict[str, str]] = {}
        for row in decisions[decisions["stage"] == self.stage].sort_values("id").itertuples(index=False):
            place = self._places.get(str(row.current_work_id))
            if place is not None:
                self._said.setdefault(place, {})[str(row.person_id)] = str(row.verdict)
        self.labels = label_rows(self.names, dict(zip(mine["work_id"], mine["verdict"], strict=True)))
        self._unread = np.zeros(len(self.names), dtype=bool)
        queue = queue_works(self.project, self.works, settled, decisions, person=self.person, stage=self.stage)
        self._unread[[self._places[work] for work in queue.works]] = True
        self._first = np.zeros(len(self.names), dtype=bool)
        self._first[[self._places[work] for work in queue.first]] = True
        self.labels = self._without_unjudged(self.labels)
        everything = list_all_decisions(self.project)
        read = everything[everything["stage"] == self.stage].sort_values("id")
        self._course = [self._places[work] for work in dict.fromkeys(read["current_work_id"]) if work in self._places]
        self._skipped = np.zeros(len(self.names), dtype=bool)
        self._scores = None

    def _without_unjudged(self, labels: dict[int, int]) -> dict[int, int]:
        """Without the verdicts of others on works that this person is still to judge: their place would tell them."""
        if self._roles.get(self.person) == "adjudicator":
            return labels
        return {row: mark for row, mark in labels.items() if not self._unread[row]}

    @property
    def unread(self) -> int:
        """Works that this person may still decide here."""
        return int(self._unread.sum())

    def current(self) -> ShownWork | None:
        """The most promising work that this person has not decided; None when there is none left.

        The order knows every decision made so far; it is learned anew only if one of them says something new.
        """
        row = self._best()
        if row is None:
            return None
        scores = self._learned()
        rank = int((scores[self._unread] > scores[row]).sum()) + 1
        return show_work(self._rows[row], self._short, rank, float(scores[row]))

    def _best(self) -> int | None:
        import numpy as np

        if self.project.store.count("runs") != self._runs:
            self._reload()
        rows = np.flatnonzero(self._unread & ~self._skipped)
        if not len(rows):
            self._skipped[:] = False
            rows = np.flatnonzero(self._unread)
        first = rows[self._first[rows]]
        rows = first if len(first) else rows
        if not len(rows):
            return None
        scores = self._learned()[rows]
        best = rows[scores == scores.max()]
        return min((int(row) for row in best), key=lambda row: _tie(self.names[row]))

    def _learned(self) -> np.ndarray:
        from synth.screening import score_cold

        if self._scores is None:
            relevant = [row for row, mark in self.labels.items() if mark]
            if relevant and len(relevant) < len(self.labels):
                self._basis, self._scores = self._ranker.name, self._ranker.rank(self.labels)
            else:
                self._basis, self._scores = score_cold(self.index, relevant, self._query)
        return self._scores

    def decide(self, verdict: str, *, reason: str = "", note: str = "") -> ShownWork:
        """Record the verdict on the current work; it is on the disk when this returns. Returns that work."""
        from synth.screening import check_reason, check_verdict

        verdict = check_verdict(verdict, self.stage)
        given = check_reason(reason, verdict, self.criteria)
        work = self._demand_current()
        row = {
            "work_id": work.work_id,
            "record_id": work.record_id,
            "stage": self.stage,
            "person_id": self.person,
            "verdict": verdict,
            "reason": given,
            "note": note.strip() or None,
            "ranker": self._basis,
            "rank": work.rank,
            "text_sha256": work.text_sha256,
        }
        arguments = {"work": work.work_id, "verdict": verdict, "stage": self.stage, "person": self.person}
        with self.project.run("screen decide", arguments) as run:
            number = record_criteria(self.project, run, self.criteria)
            run.append("decisions", [row | {"criteria_id": number}])
        if self.criteria.id is None:
            self.criteria = criteria_in_force(self.project, self.stage)
        self._runs += 1
        self._take_in(self._places[work.work_id], verdict, run.id)
        return work

    def _demand_current(self) -> ShownWork:
        work = self.current()
        if work is None:
            raise StateError("Nothing is left to read", hint="See: synth screen progress", kept="Nothing was recorded")
        return work

    def _take_in(self, row: int, verdict: str, run_id: int) -> None:
        from synth.screening import settle_one

        said = self._said.setdefault(row, {})
        said.pop(self.person, None)
        said[self.person] = verdict
        if row not in self._course:
            self._course.append(row)
        settled = settle_one(self.stage, list(said.items()), self._roles)
        mark = {"include": 1, "exclude": 0}.get(settled)
        if self.labels.get(row) != mark:
            self.labels.pop(row, None)
            if mark is not None:
                self.labels[row] = mark
            self._scores = None
        self._unread[row] = False
        self._done.append(_Step(run_id, row))

    def skip(self) -> None:
        """Put the current work off: it comes again when nothing else is left. Nothing is written."""
        row = self._best()
        if row is not None:
            self._skipped[row] = True

    def undo(self) -> str:
        """Take back this session's last decision (as a new row) and show that work again; its title, or empty."""
        if not self._done:
            return ""
        step = self._done.pop()
        with self.project.run("undo", {"run": step.run_id}, undoes=step.run_id):
            pass
        done = self._done
        self._reload()
        self._done = done
        self._first[step.row] = True
        return str(self._rows[step.row].title or "")

    def tag(self, word: str, *, note: str = "") -> None:
        """Attach a word to the current work."""
        work = self._demand_current()
        row = {"work_id": work.work_id, "person_id": self.person, "tag": word.strip(), "note": note.strip() or None}
        with self.project.run("screen tag", {"work": work.work_id, "tag": word}) as run:
            run.append("tags", [row])
        self._runs += 1

    def explain(self) -> Explained:
        """Why the current work is shown now."""
        work = self._demand_current()
        titles = {row: str(self._rows[row].title or "") for row, mark in self.labels.items() if mark}
        return explain_work(
            self.index, self.labels, self._places[work.work_id], titles, query=self._query, seed=self._seed
        )

    def standing(self) -> Standing:
        """Counts, and the bound on relevant works among the unread, from everybody's decisions."""
        from synth.screening import bound_missed, settle_one

        found = [
            int(settle_one(self.stage, list(self._said[row].items()), self._roles) in {"include", "maybe", "conflict"})
            for row in self._course
            if row in self._said
        ]
        return Standing(len(self.names), len(found), sum(found), bound_missed(found, len(self.names)))


def _tie(name: str) -> str:
    import hashlib

    return hashlib.sha256(name.encode()).hexdigest()


def explain_work(
    index: TextIndex, labels: Mapping[int, int], row: int, titles: Mapping[int, str], *, query: str, seed: int = 0
) -> Explained:
    """The reasons for one row of the index, with the titles of the known works that it is like."""
    from synth.screening import explain_rows

    (found,) = explain_rows(index, labels, [row], query=query, seed=seed)
    like = tuple((titles.get(one, ""), likeness) for one, likeness in found.like)
    return Explained(found.basis, found.words_for, found.words_against, like)


def explain_shown(
    project: Project, *, stage: str, works: tuple[ShownWork, ...], person: str = "", seed: int = 0
) -> dict[str, Explained]:
    """Why each of ``works`` stands where it stands: work id to reasons.

    With a ``person``, nothing is told of works that they are still to judge.
    """
    from synth.screening import label_rows

    frame = merge_current(project, project.read("records"))
    decisions = project.read("decisions")
    settled = settle_current(project, decisions)
    hidden = set[str]()
    if person and not _judges(project, person):
        hidden = set(queue_works(project, frame, settled, decisions, person=person, stage=stage).works)
    settled = settled[(settled["stage"] == stage) & ~settled["work_id"].isin(hidden)]
    names = [str(name) for name in frame["work_id"]]
    labels = label_rows(names, dict(zip(settled["work_id"], settled["verdict"], strict=True)))
    titles = {row: str(title or "") for row, title in enumerate(frame["title"]) if labels.get(row)}
    index, query = open_index(project, frame), read_query(project, stage)
    explain: Callable[[str], Any] = lambda name: explain_work(  # noqa: E731  a name would only repeat the call
        index, labels, names.index(name), titles, query=query, seed=seed
    )
    return {work.work_id: explain(work.work_id) for work in works}


def _judges(project: Project, person: str) -> bool:
    return any(one["id"] == person and one["role"] == "adjudicator" for one in project.config.people)
