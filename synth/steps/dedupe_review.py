"""Look at doubtful pairs: one at a time, as a list for a librarian, and the answers that come back."""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synth.errors import UnreadableInput, UsageError
from synth.steps.dedupe import answer_pair, find_person, list_pairs, rank_pairs, split_answer

if TYPE_CHECKING:
    import pandas as pd

    from synth.project import Project

FIELDS = (
    ("title", "title"),
    ("authors", "authors"),
    ("year", "year"),
    ("container", "journal"),
    ("volume", "volume"),
    ("issue", "issue"),
    ("pages", "pages"),
    ("ids", "identifiers"),
    ("type", "type"),
    ("languages", "language"),
    ("source", "found in"),
    ("abstract", "abstract"),
)
"""What is shown of two records side by side: column and name."""
LONGEST = 600
"""Letters of a value that are shown."""


@dataclass(frozen=True, slots=True)
class DoubtfulPair:
    """Two records that may be one work. ``fields``: (name, value of the first, value of the second), in one order."""

    record_id_1: str
    record_id_2: str
    relation: str
    score: float
    method: str
    reasons: tuple[str, ...]
    fields: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class ImportedAnswers:
    """What a list that came back said: answers kept, pairs left open, and answers that were there already."""

    kept: int
    open: int
    known: int


def list_doubtful(project: Project) -> list[DoubtfulPair]:
    """The pairs that are in doubt now, the likeliest first, with the fields of both records."""
    pairs = list_pairs(project)
    return lay_out_pairs(pairs[pairs["relation"] == "maybe"], read_shown(project))


def read_shown(project: Project) -> pd.DataFrame:
    """The project's records with the name of the source in which each was found (``source``)."""
    records, sources = project.read("records"), project.read("sources")
    files = dict(zip(sources["id"], sources["file_name"], strict=True))
    names = dict(zip(sources["id"], sources["database"], strict=True))
    return records.assign(source=[_text(names.get(at)) or _text(files.get(at)) for at in records["source_id"]])


def lay_out_pairs(pairs: pd.DataFrame, records: pd.DataFrame) -> list[DoubtfulPair]:
    """``pairs`` with the fields of their ``records`` (column id) side by side, ranked."""
    wanted = set(pairs["record_id_1"]) | set(pairs["record_id_2"])
    rows = {str(row["id"]): row for row in records[records["id"].isin(wanted)].to_dict("records")}
    return [
        DoubtfulPair(
            row["record_id_1"],
            row["record_id_2"],
            row["relation"],
            float(row["score"] or 0),
            str(row["method"]),
            tuple(row["reasons"] or ()),
            _side_by_side(rows[row["record_id_1"]], rows[row["record_id_2"]]),
        )
        for row in rank_pairs(pairs).to_dict("records")
    ]


def _side_by_side(one: Mapping[Any, Any], other: Mapping[Any, Any]) -> tuple[tuple[str, str, str], ...]:
    rows = ((name, show_value(one, column), show_value(other, column)) for column, name in FIELDS)
    return tuple(row for row in rows if row[1] or row[2])


def show_value(record: Mapping[Any, Any], column: str) -> str:
    """One field of a record as one line of text; an empty text where it is missing."""
    if column == "abstract":
        texts = record.get("abstracts")
        first = texts[0] if isinstance(texts, list) and texts else ""
        return _text(first.get("text") if isinstance(first, dict) else first)[:LONGEST]
    value = record.get(column)
    if isinstance(value, dict):
        return "; ".join(f"{name} {text}" for name, text in sorted(value.items()))
    if isinstance(value, list | tuple):
        return "; ".join(map(str, value))[:LONGEST]
    return _text(value)[:LONGEST]


def _text(value: object) -> str:
    missing = value is None or str(value) in {"nan", "<NA>"}
    return "" if missing else " ".join("".join(c if c.isprintable() else " " for c in str(value)).split())


# One at a time -------------------------------------------------------------------------------------------------------

KEYS = {"s": "same", "n": "different"}
"""Keys that answer at once; ``r`` asks for the kind of relation, ``u`` takes back, ``q`` leaves."""


@dataclass(slots=True)
class Review:
    """A walk through the doubtful pairs. Every answer is kept at once, in a run of its own; ``undo`` takes it back."""

    project: Project
    person: str
    pairs: list[DoubtfulPair]
    at: int = 0

    def __post_init__(self) -> None:
        self.person = find_person(self.project, self.person)

    @property
    def current(self) -> DoubtfulPair | None:
        """The pair to look at now, or None after the last."""
        return self.pairs[self.at] if self.at < len(self.pairs) else None

    def answer(self, relation: str) -> None:
        """Keep an answer to the current pair and go on."""
        pair = self.current
        assert pair is not None
        answer_pair(self.project, pair.record_id_1, pair.record_id_2, relation, self.person)
        self.at += 1

    def undo(self) -> bool:
        """Take back the last answer of this walk; False if there is none."""
        from synth.steps.history import list_runs, undo

        if not self.at:
            return False
        self.at -= 1
        pair = sorted((self.pairs[self.at].record_id_1, self.pairs[self.at].record_id_2))
        runs = [run for run in list_runs(self.project) if run.step == "dedupe" and not run.undone]
        undo(self.project, next(run.id for run in reversed(runs) if pair in run.arguments.values()))
        return True


def walk(review: Review, show: Callable[[DoubtfulPair, int, int], None], ask: Callable[[str], str]) -> int:
    """Go through the pairs: ``show`` one, ``ask`` for a key, keep the answer. Returns how many were answered."""
    while (pair := review.current) is not None:
        show(pair, review.at + 1, len(review.pairs))
        if not _take_key(review, ask):
            break
    return review.at


def _take_key(review: Review, ask: Callable[[str], str]) -> bool:
    """One key: False if it was q."""
    from synth.dedup import KINDS

    key = ask("s same, n not the same, r related, u undo, q quit").strip().lower()[:1]
    if key in KEYS:
        review.answer(KEYS[key])
    elif key == "r":
        kinds = {str(number): kind for number, kind in enumerate(KINDS, 1)}
        kind = kinds.get(ask(", ".join(f"{number} {kind}" for number, kind in kinds.items()) + ", 0 another").strip())
        review.answer(f"related: {kind}" if kind else "related")
    elif key == "u":
        review.undo()
    return key != "q"


# Lists that go out and come back -------------------------------------------------------------------------------------


def format_page(pairs: Sequence[DoubtfulPair], title: str) -> str:
    """A page for a librarian: each pair side by side, fields that differ marked, answers saved as a CSV file."""
    from synth.dedup import KINDS

    answers = ["same", "different", *(f"related: {kind}" for kind in KINDS), "maybe"]
    blocks = "\n".join(_format_block(number, pair, answers) for number, pair in enumerate(pairs, 1))
    page = Path(__file__).with_name("dedupe_review.html").read_text(encoding="utf-8")
    for name, text in (("title", html.escape(title)), ("n", str(len(pairs))), ("blocks", blocks)):
        page = page.replace("{{" + name + "}}", text)
    return page


def _format_block(number: int, pair: DoubtfulPair, answers: Sequence[str]) -> str:
    rows = "".join(
        f"<tr{'' if one == other else ' class=differs'}><th>{html.escape(name)}</th>"
        f"<td dir=auto>{html.escape(one)}</td><td dir=auto>{html.escape(other)}</td></tr>"
        for name, one, other in pair.fields
    )
    choices = "".join(f"<option>{html.escape(answer)}</option>" for answer in answers)
    one, other = html.escape(pair.record_id_1), html.escape(pair.record_id_2)
    reasons = html.escape("; ".join(pair.reasons))
    return (
        f'<section data-one="{one}" data-other="{other}" data-score="{pair.score}" data-reasons="{reasons}">'
        f"<h2>{number}. {one} and {other}</h2><p>{reasons}</p>"
        f"<table>{rows}</table><label>Answer <select><option value=''>not answered</option>{choices}</select></label>"
        "</section>"
    )


def import_answers(project: Project, path: Path | str, person: str, *, dry_run: bool = False) -> ImportedAnswers:
    """Keep the answers in a list that came back (``--review`` or the page's CSV), column ``answer`` or ``relation``.

    Rows without an answer, or still "maybe", are left open; an answer that is there already is not kept twice. Wrong
    rows are named before anything is kept. Raises UnreadableInput for a file without these columns, UsageError for a
    wrong answer, record or person.
    """
    person = find_person(project, person)
    rows = read_answers(path)
    told = [row for row in rows if row[2] and _says_something(path, row[0], row[2])]
    _check_records(path, told, set(project.read("records")["id"]))
    known = _read_known(project)
    fresh = [row for row in told if known.get(row[1]) != _as_known(row[2])]
    for _, pair, answer in [] if dry_run else fresh:
        answer_pair(project, *pair, answer, person)
    return ImportedAnswers(len(fresh), len(rows) - len(told), len(told) - len(fresh))


Told = tuple[int, tuple[str, str], str]


def _check_records(path: Path | str, told: Sequence[Told], names: set[str]) -> None:
    for line, pair, _ in told:
        for record in pair:
            if record not in names:
                raise UsageError(f"{path}:{line}: {record}: no such record in this project", kept="Nothing was kept")


def _read_known(project: Project) -> dict[tuple[str, str], tuple[str, str]]:
    pairs = project.read("pairs")
    said = pairs[pairs["person_id"].notna()]
    rows = zip(said["record_id_1"], said["record_id_2"], said["relation"], said["method"], strict=True)
    return {(one, other): (relation, method) for one, other, relation, method in rows}


def _as_known(answer: str) -> tuple[str, str]:
    relation, kind = split_answer(answer)
    return relation, f"related: {kind}" if kind else "person"


def _says_something(path: Path | str, line: int, answer: str) -> bool:
    """Whether an answer says something; names the line of a wrong one."""
    try:
        return split_answer(answer)[0] != "maybe"
    except UsageError as fault:
        raise UsageError(f"{path}:{line}: {fault.message}", hint=fault.hint, kept="Nothing was kept") from None


def read_answers(path: Path | str) -> list[Told]:
    """(line, both records in order, answer) of each row of a list. Raises UnreadableInput where columns are missing."""
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as fault:
        raise UnreadableInput(f"{path}: cannot be read ({fault})", hint="Save the list as CSV in UTF-8") from None
    first = text.split("\n", 1)[0]
    table = csv.DictReader(io.StringIO(text), delimiter=";" if first.count(";") > first.count(",") else ",")
    heads = set(table.fieldnames or [])
    if not {"record_id_1", "record_id_2"} <= heads or not {"answer", "relation"} & heads:
        raise UnreadableInput(
            f"{path}: is no list of pairs",
            why="It needs the columns record_id_1, record_id_2 and answer (or relation)",
            hint="Make one with: synth dedupe --review review.csv",
        )
    column = "answer" if "answer" in heads else "relation"
    return [(table.line_num, _pair_of(row), (row[column] or "").strip()) for row in table]


def _pair_of(row: Mapping[str, str | None]) -> tuple[str, str]:
    one, other = sorted(((row["record_id_1"] or "").strip(), (row["record_id_2"] or "").strip()))
    return one, other
