"""Extraction: make studies of works, take in what people coded, show what they disagree on, give it out again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from synth.errors import StateError, UsageError

if TYPE_CHECKING:
    import pandas as pd

    from synth.extract import Comparison, Finding
    from synth.extract.forms import Coder
    from synth.project import Project
    from synth.vocab.codebooks import Codebook

FINDING_QUESTIONS = (
    "finding_kind",
    "finding",
    "finding_context",
    "finding_mechanism",
    "finding_outcome",
    "finding_for",
    "finding_voices",
    "finding_confidence",
)
COST_QUESTIONS = ("cost_item", "cost_value", "cost_unit")


@dataclass(frozen=True, slots=True)
class FillReport:
    """What a sheet held: its ``kind`` (effects, labels, answers), ``rows`` taken in, of how many ``studies``.

    ``known`` rows stand in the project already, word for word; nothing is written for them.
    """

    kind: str
    rows: int
    studies: int
    person: str
    known: int = 0


@dataclass(frozen=True, slots=True)
class StudiesReport:
    """``studies`` named, ``links`` made between studies and works."""

    studies: int
    links: int


@dataclass(frozen=True, slots=True)
class Export:
    """The tables given out: one row a study, one a number or direction, one a finding in words, one a cost."""

    studies: pd.DataFrame
    effects: pd.DataFrame
    findings: pd.DataFrame
    costs: pd.DataFrame


def project_codebook(project: Project) -> Codebook:
    """The codebook named in ``synth.toml``: a shipped one, or a file beside it."""
    from synth.vocab.codebooks import load_codebook, shipped_codebooks

    name = project.config.codebook
    return load_codebook(name if name in shipped_codebooks() else project.folder / name)


def choose_person(project: Project, person: str | None) -> str:
    """Who answers: the person named, or the only one there is. Raises UsageError for an unknown one or for several."""
    from difflib import get_close_matches

    people = [each["id"] for each in project.config.people if each["role"] != "machine"]
    if person is None and len(people) == 1:
        return people[0]
    if person is None:
        there = ", ".join(people) or "nobody yet: add a [[people]] table to synth.toml"
        raise UsageError("it is not clear who answers", hint=f"Add --person NAME; there are: {there}")
    if person not in people:
        near = get_close_matches(person, people, n=1)
        raise UsageError(
            f"unknown person {person!r}",
            hint=f"Did you mean {near[0]}?" if near else "Add a [[people]] table to synth.toml",
        )
    return person


# ---- studies -------------------------------------------------------------------------------------------------------


def make_studies(
    project: Project, links: str | None, *, studies: str | None = None, person: str | None = None, dry_run: bool = False
) -> StudiesReport:
    """Name studies (sheet ``studies``: id, name, kind, year) and link works to them (sheet ``links``).

    A study that only ``links`` names is made with its id as name. Raises BadSheet with all mistakes; then nothing is
    written.
    """
    from synth.extract import link_works, read_sheet, read_studies

    who = choose_person(project, person)
    named = read_studies(read_sheet(studies)) if studies else []
    known = set(project.read("studies")["id"]) | {row["id"] for row in named}
    linked: list[dict[str, Any]] = []
    if links:
        sheet = read_sheet(links)
        fresh = [] if studies or known else _studies_of_links(sheet.rows)
        named, known = named + fresh, known | {row["id"] for row in fresh}
        linked = link_works(sheet, project.read("records"), project.read("sources"), known)
    if not dry_run:
        with project.run("extract studies", {"links": links, "studies": studies}) as run:
            run.append("studies", named)
            run.append("study_works", [{**row, "person_id": who} for row in linked])
    return StudiesReport(len(named), len(linked))


def _studies_of_links(rows: Sequence[Any]) -> list[dict[str, Any]]:
    names = dict.fromkeys(row.get("study_id") for row in rows if row.get("study_id"))
    return [{"id": name, "name": name, "kind": "primary", "year": None} for name in names]


# ---- answers, labels, effects --------------------------------------------------------------------------------------


def fill_sheet(
    project: Project,
    path: str,
    *,
    kind: str | None = None,
    person: str | None = None,
    document: str | None = None,
    dry_run: bool = False,
) -> FillReport:
    """Take in a coding sheet of any ``kind`` (default: told by its columns); all of it, or nothing is written."""
    from synth.extract import read_answers, read_effects, read_labels, read_sheet, tell_kind

    sheet = read_sheet(path)
    found = kind or tell_kind(sheet)
    readers = {"answers": read_answers, "effects": read_effects, "labels": read_labels}
    codebook, coder = project_codebook(project), _coder(project, person, document)
    studies = _known_studies(project)
    read = readers[found](sheet, codebook, studies, coder)
    rows = _not_yet_known(read, project.read(found))
    if rows and not dry_run:
        with project.run("extract fill", {"file": path, "kind": found, "person": coder.person}) as run:
            run.append("questions", _new_questions(project, codebook))
            run.append(found, rows)
    return FillReport(found, len(rows), len({row["study_id"] for row in rows}), coder.person, len(read) - len(rows))


def _not_yet_known(rows: Sequence[dict[str, Any]], current: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows that the project does not hold as they are."""
    if not rows:
        return []
    columns = sorted({name for row in rows for name in row} & set(current.columns))
    known = {_fingerprint(row, columns) for row in current.to_dict("records")}
    return [row for row in rows if _fingerprint(row, columns) not in known]


def _fingerprint(row: Mapping[Any, Any], columns: Sequence[str]) -> str:
    import json

    import pandas as pd

    def plain(value: Any) -> Any:
        if value is None or value is pd.NA or value != value:  # noqa: PLR0124  NaN is not equal to itself
            return None
        return float(value) if isinstance(value, int) and not isinstance(value, bool) else value

    return json.dumps([plain(row.get(name)) for name in columns], default=str, sort_keys=True)


def fill_answers(project: Project, path: str, *, person: str | None = None, document: str | None = None) -> FillReport:
    """Take in a sheet of answers, long or wide."""
    return fill_sheet(project, path, kind="answers", person=person, document=document)


def fill_effects(project: Project, path: str, *, person: str | None = None) -> FillReport:
    """Take in a sheet of effects."""
    return fill_sheet(project, path, kind="effects", person=person)


def label_studies(project: Project, path: str, *, person: str | None = None) -> FillReport:
    """Take in a sheet of labels."""
    return fill_sheet(project, path, kind="labels", person=person)


def set_answer(
    project: Project,
    study: str,
    question: str,
    value: str,
    *,
    quote: str = "",
    place: str = "",
    arm: str = "",
    effect: str = "",
    person: str | None = None,
    document: str | None = None,
    dry_run: bool = False,
) -> Any:
    """Store one answer given by hand; returns the value as stored. A quote must stand in a ``document`` given."""
    from synth.extract import BadSheet, read_answers
    from synth.extract.sheets import Sheet, SheetRow

    cells = {
        "study_id": study,
        "question_id": question,
        "value": value,
        "quote": quote,
        "place": place,
        "arm": arm,
        "effect_id": effect,
    }
    sheet = Sheet("answer", tuple(cells), (SheetRow(1, {name: text for name, text in cells.items() if text}),))
    codebook, coder = project_codebook(project), _coder(project, person, document)
    try:
        rows = read_answers(sheet, codebook, _known_studies(project), coder)
    except BadSheet as fault:  # there is no file whose line could be named
        first = fault.problems[0]
        raise UsageError(first.text, hint=first.hint, kept=fault.kept) from None
    if not rows:
        raise UsageError("an empty value is no answer", hint='Write "not reported", "not applicable" or "unclear"')
    if not dry_run:
        with project.run("extract set", {"study": study, "question": question, "person": coder.person}) as run:
            run.append("questions", _new_questions(project, codebook))
            run.append("answers", rows)
    return rows[0]["value"]


def _known_studies(project: Project) -> set[str]:
    studies = set(project.read("studies")["id"])
    if not studies:
        raise StateError("the project has no studies yet", hint="Make them with: synth extract studies LINKS.csv")
    return studies


def _coder(project: Project, person: str | None, document: str | None) -> Coder:
    from synth.extract.forms import Coder
    from synth.files import hash_bytes, read_bytes

    who = choose_person(project, person)
    if document is None:
        return Coder(who)
    content = read_bytes(document)
    try:
        return Coder(who, content.decode("utf-8-sig"), hash_bytes(content))
    except UnicodeDecodeError:
        raise UsageError(f"{document}: is not UTF-8 text", hint="Give the document's text in a .txt file") from None


def _new_questions(project: Project, codebook: Codebook) -> list[dict[str, Any]]:
    """Rows for ``questions`` that the store does not have in this version."""
    from synth.vocab.codebooks import term_tree

    stored = project.read("questions")
    known = set(zip(stored["id"], stored["codebook"], stored["version"], strict=True))
    return [
        {
            "id": question.id,
            "codebook": codebook.id,
            "version": codebook.version,
            "level": question.level,
            "type": question.type,
            "label": question.label,
            "terms": term_tree(question.terms) or None,
        }
        for question in codebook.questions
        if (question.id, codebook.id, codebook.version) not in known
    ]


# ---- looking at it -------------------------------------------------------------------------------------------------


def make_form(project: Project, *, level: str = "study", questions: Sequence[str] = ()) -> list[list[str]]:
    """A blank coding sheet: header and one row a study."""
    from synth.extract import blank_form

    studies = project.read("studies")
    names = dict(zip(studies["id"], studies["name"], strict=True))
    return blank_form(project_codebook(project), names, level, questions)


def check_extraction(project: Project) -> list[Finding]:
    """Doubts about the numbers in the project."""
    from synth.extract import check_effects, check_studies

    this_year = int(project.now()[:4])
    return check_studies(project.read("studies"), this_year) + check_effects(project.read("effects"))


def reconcile_people(project: Project, person_1: str, person_2: str) -> Comparison:
    """Where two people's answers differ."""
    from synth.extract import compare_people

    return compare_people(project.read("answers"), choose_person(project, person_1), choose_person(project, person_2))


def export_tables(project: Project) -> Export:
    """Studies with their codes and answers, effects, findings and costs, each sorted by study and id."""
    answers = project.read("answers")
    return Export(
        _study_table(project, answers),
        _effect_table(project),
        _side_table(project, answers, FINDING_QUESTIONS),
        _side_table(project, answers, COST_QUESTIONS),
    )


def _study_table(project: Project, answers: pd.DataFrame) -> pd.DataFrame:
    """One row a study: name, kind, year, its works, then one column an axis and a question, in the codebook's order."""
    table = project.read("studies").drop(columns="run_id").set_index("id").sort_index()
    table["works"] = project.read("study_works").groupby("study_id")["current_work_id"].nunique()
    table["works"] = table["works"].fillna(0).astype("Int64")
    table["effects"] = project.read("effects").groupby("study_id").size()
    table["effects"] = table["effects"].fillna(0).astype("Int64")
    columns = {**_joined_labels(project), **_joined_answers(answers)}
    for question in project_codebook(project).questions:
        if question.id in columns:
            table[question.id] = columns[question.id]
    return table.reset_index()


def _joined_labels(project: Project) -> dict[str, pd.Series[str]]:
    labels = project.read("labels")
    labels = labels[labels["status"] != "suggested"]
    terms = labels.drop_duplicates(["study_id", "axis", "term"])
    return {str(axis): group.groupby("study_id")["term"].agg(";".join) for axis, group in terms.groupby("axis")}


def _joined_answers(answers: pd.DataFrame) -> dict[str, pd.Series[str]]:
    """Study-level answers by question; two people's different answers stand side by side, split by " | "."""
    from synth.extract import show_value

    own = answers[answers["effect_id"].isna() & answers["arm"].isna() & (answers["status"] != "suggested")]
    shown = own.assign(shown=own["value"].map(show_value)).drop_duplicates(["study_id", "question_id", "shown"])
    by_question = shown.groupby("question_id")
    return {str(name): group.groupby("study_id")["shown"].agg(" | ".join) for name, group in by_question}


def _effect_table(project: Project) -> pd.DataFrame:
    effects = project.read("effects").drop(columns=["run_id", "at", "answer_ids"])
    names = project.read("studies").set_index("id")["name"]
    effects.insert(2, "study_name", effects["study_id"].map(names))
    return effects.sort_values("id", kind="stable").reset_index(drop=True)


def _side_table(project: Project, answers: pd.DataFrame, questions: Sequence[str]) -> pd.DataFrame:
    """Answers that together tell one finding or one cost, one row each."""
    from synth.extract import show_value

    rows = answers[answers["question_id"].isin(questions) & (answers["status"] != "suggested")]
    kept: dict[tuple[str, str], dict[str, str]] = {}
    for row in rows.sort_values("id").to_dict("records"):
        name = "" if row["effect_id"] is None else str(row["effect_id"])
        cells = kept.setdefault((name, str(row["study_id"])), {"place": str(row["place"] or "")})
        cells[str(row["question_id"])] = show_value(row["value"])
    return _frame_of(kept, project, questions)


def _frame_of(kept: dict[tuple[str, str], dict[str, str]], project: Project, questions: Sequence[str]) -> pd.DataFrame:
    import pandas as pd

    studies = project.read("studies")
    names = dict(zip(studies["id"], studies["name"], strict=True))
    made = [
        {"id": name, "study_id": study, "study_name": names.get(study, study), **cells}
        for (name, study), cells in sorted(kept.items())
    ]
    return pd.DataFrame(made, columns=["id", "study_id", "study_name", *questions, "place"]).fillna("")
