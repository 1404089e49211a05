"""Forms: what people wrote into a coding sheet, checked against the codebook, as rows for the store.

A sheet is read whole: either every row is right, or ``BadSheet`` names every mistake with its line.
"Not reported" (looked for and not there), "not applicable" and "unclear" are three different answers, and a blank cell
is no answer at all.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from synth.errors import UsageError
from synth.extract.quotes import find_quote
from synth.extract.sheets import BadSheet, Problem, Sheet, SheetRow
from synth.tables import BY_NAME, STATUSES
from synth.vocab.codebooks import Codebook, Question

NOT_REPORTED = "not reported"
NOT_APPLICABLE = "not applicable"
UNCLEAR = "unclear"
_MISSING = (NOT_REPORTED, NOT_APPLICABLE, UNCLEAR)
_TRUE = frozenset({"yes", "true", "1", "sí", "si", "sim", "oui"})
_FALSE = frozenset({"no", "false", "0", "não", "nao", "non"})
_ROW_COLUMNS = frozenset(
    {
        "study_id",
        "work_id",
        "arm",
        "effect_id",
        "question_id",
        "value",
        "unit",
        "quote",
        "place",
        "page",
        "status",
        "note",
        "study_name",
    }
)
_CHOICES = {
    "status": STATUSES,
    "direction": ("favours", "against", "none", "unclear"),
    "direction_meaning": ("benefit", "harm", "ambiguous"),
    "design_class": ("randomised", "non-randomised", "before-after", "other"),
    "adjusted": ("yes", "no", "unclear"),
    "cluster_adjusted": ("yes", "no", "unclear"),
}
_CODED_COLUMNS = {"outcome_domain": "outcome", "informant": "informant"}
_LINE = "\x1fline"  # a row's place in its sheet, until it is known to be right
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Coder:
    """Who answers, and against which document (its text and SHA-256) the quotes are checked, if any."""

    person: str
    document: str | None = None
    document_sha256: str | None = None


def is_missing(value: Any) -> bool:
    """Whether an answer says that there is no value: not reported, not applicable or unclear."""
    return isinstance(value, str) and value in _MISSING


def show_value(value: Any) -> str:
    """An answer as it is written in a sheet: lists joined by semicolons, yes and no."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ";".join(map(str, value))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


# ---- one value -----------------------------------------------------------------------------------------------------


def parse_value(codebook: Codebook, question: Question, text: str) -> Any:
    """What ``text`` answers: text, int, float, bool, a code, a list of codes, or one of the three missing ones.

    Raises UsageError for what does not fit the question's type, "unknown code" for a word that no code has.
    """
    missing = " ".join(text.casefold().replace("-", " ").split())
    if missing in _MISSING:
        return missing
    return _PARSERS[question.type](codebook, question, text.strip())


def _parse_text(_: Codebook, question: Question, text: str) -> str:
    if question.pattern and not re.fullmatch(question.pattern, text):
        raise UsageError(f"{text!r} does not fit {question.id}", hint=question.definition)
    return text


def _parse_integer(_: Codebook, question: Question, text: str) -> int:
    if not re.fullmatch(r"[-−]?\d+", text):
        raise UsageError(f"{text!r} is not a whole number for {question.id}", hint="Write digits only, such as 1583")
    return int(text.replace("−", "-"))


def _parse_real(_: Codebook, question: Question, text: str) -> float:
    return parse_number(text, question.id)


def parse_number(text: str, name: str) -> float:
    """A finite number with a decimal point. Raises UsageError for anything else, a decimal comma among them."""
    try:
        value = float(text.replace("−", "-")) if "_" not in text else math.nan
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise UsageError(f"{text!r} is not a number for {name}", hint="Write a decimal point and no unit, such as 0.48")
    return value


def _parse_boolean(_: Codebook, question: Question, text: str) -> bool:
    word = text.casefold()
    if word in _TRUE | _FALSE:
        return word in _TRUE
    raise UsageError(f"{text!r} is neither yes nor no for {question.id}", hint="Write yes, no, not reported or unclear")


def _parse_one(codebook: Codebook, question: Question, text: str) -> str:
    return codebook.find_term(question.id, text).id


def _parse_many(codebook: Codebook, question: Question, text: str) -> list[str]:
    """Codes split by semicolons; a code whose own name holds one is taken whole."""
    words = [word.strip() for word in text.split(";") if word.strip()]
    return list(dict.fromkeys(codebook.find_term(question.id, word).id for word in words))


_PARSERS: dict[str, Callable[[Codebook, Question, str], Any]] = {
    "text": _parse_text,
    "integer": _parse_integer,
    "real": _parse_real,
    "boolean": _parse_boolean,
    "one": _parse_one,
    "many": _parse_many,
}


# ---- rows of a sheet -----------------------------------------------------------------------------------------------


def _collect(sheet: Sheet, read: Callable[[SheetRow], Iterator[Row | Problem]]) -> list[Row]:
    """Every row that ``read`` makes. Raises BadSheet with all problems if there is one."""
    made = [item for row in sheet.rows for item in read(row)]
    problems = [item for item in made if isinstance(item, Problem)]
    if problems:
        raise BadSheet(problems)
    return [item for item in made if not isinstance(item, Problem)]


def _study_problems(sheet: Sheet, row: SheetRow, studies: Collection[str]) -> Iterator[Problem]:
    study = row.get("study_id")
    if study in studies:
        return
    near = get_close_matches(study, sorted(studies), n=1) if study else []
    hint = f"Did you mean {near[0]}?" if near else "Make studies first with: synth extract studies"
    yield sheet.problem(row, f"unknown study {study!r}" if study else "no study", hint)


def _fault_problem(sheet: Sheet, row: SheetRow, fault: UsageError) -> Problem:
    return sheet.problem(row, fault.message, fault.hint)


def read_answers(sheet: Sheet, codebook: Codebook, studies: Collection[str], coder: Coder) -> list[Row]:
    """Rows for ``answers`` from a long sheet (study, question, value ...) or a wide one (a column a question).

    With a document, a quote must stand in it (after the normalisation of ``quotes``) and gets its offsets.
    """
    is_long = {"question_id", "value"} <= set(sheet.columns)
    if not is_long:
        _check_columns(sheet, _ROW_COLUMNS | {question.id for question in codebook.questions})

    def read(row: SheetRow) -> Iterator[Row | Problem]:
        yield from _study_problems(sheet, row, studies)
        yield from _check_status(sheet, row)
        yield from _check_quote(sheet, row, coder)
        for cell in [(row.get("question_id"), row.get("value"))] if is_long else _cells(row):
            yield from _answer(sheet, row, codebook, cell, coder)

    return _without_repeats(sheet, _collect(sheet, read))


def _cells(row: SheetRow) -> list[tuple[str, str]]:
    return [(name, text) for name, text in row.cells.items() if name not in _ROW_COLUMNS]


def _check_columns(sheet: Sheet, known: Collection[str]) -> None:
    problems = []
    for name in sheet.columns:
        if name and name not in known:
            near = get_close_matches(name, sorted(known), n=1)
            hint = f"Did you mean {near[0]}?" if near else "A column is called after a question of the codebook"
            problems.append(Problem(sheet.path, 1, f"unknown column {name!r}", hint))
    if problems:
        raise BadSheet(problems)


def _check_status(sheet: Sheet, row: SheetRow) -> Iterator[Problem]:
    status = row.get("status")
    if status and status not in STATUSES:
        yield sheet.problem(row, f"unknown status {status!r}", f"There are: {', '.join(STATUSES)}")


def _check_quote(sheet: Sheet, row: SheetRow, coder: Coder) -> Iterator[Problem]:
    quote = row.get("quote")
    if quote and coder.document is not None and find_quote(quote, coder.document) is None:
        yield sheet.problem(
            row,
            f"the quote does not stand in the document: {quote[:60]!r}",
            "Copy it word for word; a paraphrase belongs into the note",
        )


def _answer(
    sheet: Sheet, row: SheetRow, codebook: Codebook, cell: tuple[str, str], coder: Coder
) -> Iterator[Row | Problem]:
    name, text = cell
    if not text:
        return
    try:
        question = codebook.question(name)
        value = parse_value(codebook, question, text)
        page = _page(row)
    except UsageError as fault:
        yield _fault_problem(sheet, row, fault)
        return
    span = find_quote(row.get("quote"), coder.document) if coder.document and row.get("quote") else None
    yield {
        _LINE: row.line,
        "study_id": row.get("study_id"),
        "work_id": row.get("work_id") or None,
        "arm": row.get("arm") or None,
        "effect_id": row.get("effect_id") or None,
        "question_id": question.id,
        "value": value,
        "unit": row.get("unit") or question.unit or None,
        "status": row.get("status") or "human",
        "document_sha256": coder.document_sha256,
        "page": page,
        "start": span.start if span else None,
        "end": span.end if span else None,
        "quote": row.get("quote") or None,
        "place": row.get("place") or None,
        "extractor": coder.person,
        "suggestion_shown": False,
        "person_id": coder.person,
    }


def _page(row: SheetRow) -> int | None:
    text = row.get("page")
    if text and not text.isdecimal():
        raise UsageError(f"{text!r} is not a page number")
    return int(text) if text else None


def _without_repeats(sheet: Sheet, rows: list[Row]) -> list[Row]:
    """The rows, if none answers the same question of the same thing twice in one sheet."""
    seen: dict[tuple[Any, ...], int] = {}
    problems = []
    for row in rows:
        line = row.pop(_LINE)
        key = tuple(row[name] for name in ("study_id", "arm", "effect_id", "question_id", "person_id"))
        if key in seen:
            text = f"{row['study_id']} answers {row['question_id']!r} twice (first in line {seen[key]})"
            problems.append(
                Problem(
                    sheet.path,
                    line,
                    text,
                    "Keep one row; several findings of a study each need a name in the column effect",
                )
            )
        seen.setdefault(key, line)
    if problems:
        raise BadSheet(problems)
    return rows


def read_labels(sheet: Sheet, codebook: Codebook, studies: Collection[str], coder: Coder) -> list[Row]:
    """Rows for ``labels`` from a sheet with study, axis and term; a label, id or synonym of a term will do."""

    def read(row: SheetRow) -> Iterator[Row | Problem]:
        yield from _study_problems(sheet, row, studies)
        yield from _check_status(sheet, row)
        yield from _check_quote(sheet, row, coder)
        try:
            question = codebook.question(row.get("axis"))
            term = _term(codebook, question, row.get("term"))
            grade = _grade(question, row.get("level"))
        except UsageError as fault:
            yield _fault_problem(sheet, row, fault)
            return
        yield {
            "study_id": row.get("study_id"),
            "arm": row.get("arm") or None,
            "effect_id": row.get("effect_id") or None,
            "axis": question.id,
            "term": term,
            "level": grade,
            "quote": row.get("quote") or None,
            "status": row.get("status") or "human",
            "extractor": coder.person,
            "person_id": coder.person,
        }

    return _collect(sheet, read)


def _term(codebook: Codebook, question: Question, word: str) -> str:
    if not word:
        raise UsageError(f"no term for {question.id}", hint="Fill the column term, or take the row out")
    return codebook.find_term(question.id, word).id if question.is_coded else _parse_text(codebook, question, word)


def _grade(question: Question, text: str) -> int | None:
    if not text:
        return None
    if not text.isdecimal() or int(text) >= len(question.grades):
        choices = f"0 to {len(question.grades) - 1}" if question.grades else "none: leave the column empty"
        raise UsageError(f"{text!r} is no level of {question.id}", hint=f"Levels: {choices}")
    return int(text)


def read_effects(sheet: Sheet, codebook: Codebook, studies: Collection[str], coder: Coder) -> list[Row]:
    """Rows for ``effects``; columns are called as in the table. Numbers, choices and codes are checked."""
    columns = {column.name: column.type for column in BY_NAME["effects"].columns}
    _check_columns(sheet, {"id", "effect_id", *columns} - {"at", "answer_ids"})

    def read(row: SheetRow) -> Iterator[Row | Problem]:
        yield from _study_problems(sheet, row, studies)
        made: Row = {"id": row.get("id") or row.get("effect_id"), "status": "human", "extractor": coder.person}
        if not made["id"]:
            yield sheet.problem(row, "an effect needs an id", "Number them: e001, e002 ...")
        for name, text in row.cells.items():
            if name in columns:
                try:
                    made[name] = _effect_value(codebook, name, text, columns[name])
                except UsageError as fault:
                    yield _fault_problem(sheet, row, fault)
        yield from _check_required(sheet, row)
        yield made

    return _without_twins(sheet, _collect(sheet, read))


def _effect_value(codebook: Codebook, name: str, text: str, kind: str) -> Any:
    if kind == "real":
        return parse_number(text, name)
    if name in _CHOICES and text not in _CHOICES[name]:
        near = get_close_matches(text, _CHOICES[name], n=1)
        hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(_CHOICES[name])}"
        raise UsageError(f"unknown {name} {text!r}", hint=hint)
    axis = _CODED_COLUMNS.get(name)
    if axis in {question.id for question in codebook.questions} and axis is not None:
        return codebook.find_term(axis, text).id
    return text


def _check_required(sheet: Sheet, row: SheetRow) -> Iterator[Problem]:
    for name in ("outcome", "measure"):
        if not row.get(name):
            yield sheet.problem(row, f"no {name}", 'A result in words has the measure "direction only"')


def _without_twins(sheet: Sheet, rows: list[Row]) -> list[Row]:
    ids = [row["id"] for row in rows]
    twins = sorted({name for name in ids if ids.count(name) > 1}) if len(set(ids)) < len(ids) else []
    if twins:
        hint = "Give each its own id"
        raise BadSheet([Problem(sheet.path, 1, f"effect {name!r} stands twice", hint) for name in twins])
    return rows


# ---- blank sheets --------------------------------------------------------------------------------------------------


def blank_form(
    codebook: Codebook, studies: Mapping[str, str], level: str = "study", questions: Sequence[str] = ()
) -> list[list[str]]:
    """A wide sheet to fill: header and one row a study ({id: name}), for ``questions`` or all those of a level."""
    chosen = [codebook.question(name) for name in questions] or [
        question for question in codebook.questions if question.level == level
    ]
    if not chosen:
        raise UsageError(f"codebook {codebook.id} asks nothing at level {level!r}")
    keys = {"arm": ["arm"], "outcome": ["effect_id"], "effect": ["effect_id"], "report": ["work_id"]}.get(level, [])
    header = ["study_id", "study_name", *keys, *(question.id for question in chosen), "quote", "place"]
    blanks = [""] * (len(header) - 2)
    return [header, *([study, name, *blanks] for study, name in studies.items())]
