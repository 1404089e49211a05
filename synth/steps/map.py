"""Evidence-gap maps, from a project or from a table with one row a study."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synth.errors import StateError, UsageError

if TYPE_CHECKING:
    import pandas as pd

    from synth.maps import EvidenceMap, GapTable
    from synth.project import Project
    from synth.vocab.codebooks import Term as CodebookTerm

ENDINGS = (".html", ".svg", ".png", ".pdf", ".csv", ".json", ".xlsx", ".ris")


@dataclass(frozen=True, slots=True, eq=False)
class MapReport:
    """A counted map: what was counted, the table, and the state of every cell (``gaps``, see ``find_gaps``)."""

    evidence_map: EvidenceMap
    table: GapTable
    gaps: pd.DataFrame
    notes: tuple[str, ...] = ()
    document: Mapping[str, Any] | None = None

    @property
    def numbers(self) -> dict[str, Any]:
        """studies, reviews, primary, code_links (unique study, axis, term), cells, gaps {state: cells}."""
        from synth.maps import count_gaps
        from synth.maps.eppi import count_links

        total = self.table.cell()
        links = self.evidence_map.code_links
        return {
            "studies": total["n"],
            "reviews": total["reviews"],
            "primary": total["primary"],
            "code_links": links if self.document is None else count_links(self.document),
            "cells": len(self.gaps),
            "gaps": count_gaps(self.gaps),
        }


def map_project(project: Project, rows: str = "", cols: str = "", south: str = "", *, title: str = "") -> MapReport:
    """The map of a project's studies and codes; axes and definition as given, or as in ``[maps]`` of synth.toml.

    Suggested codes stay out. Raises StateError without studies, UsageError for an unknown axis.
    """
    from synth.maps import build_map

    settings = project.config.raw.get("maps", {})
    studies = _project_studies(project)
    if studies.empty:
        raise StateError("No study yet, so there is nothing to map", hint="Code studies first: synth extract fill")
    labels = _project_labels(project)
    rows, cols = rows or settings.get("rows", "population"), cols or settings.get("cols", "setting")
    trees, names = _codebook_trees(project, {*labels["axis"], rows, cols})
    evidence_map = build_map(
        studies,
        labels,
        rows=rows,
        cols=cols,
        trees=trees,
        axis_labels=names,
        title=title or project.config.title or "Evidence-gap map",
        question=project.config.question,
        south=south or project.config.south_definition,
        not_searched=_not_searched(settings.get("not_searched", ())),
    )
    return report_map(evidence_map)


def map_file(path: Path | str, rows: str = "", cols: str = "", south: str = "", *, title: str = "") -> MapReport:
    """The map of a CSV with one row a study; a cell may hold several codes between ";" or "|".

    Columns id, name, title, authors, year, kind or is_review, journal, url, confidence and finding are known; every
    other column is an axis. Raises UsageError for an unknown axis, UnreadableInput for what is no table.
    """
    from synth.maps import build_map
    from synth.steps.map_eppi import build_eppi, read_eppi
    from synth.steps.map_ris import map_ris
    from synth.steps.map_table import (
        choose_axis,
        find_fields,
        is_private,
        looks_coded,
        name_studies,
        read_table,
        table_labels,
        table_studies,
    )
    from synth.vocab.countries import DEFAULT_SOUTH

    document = read_eppi(path)
    if document:
        return replace(report_map(build_eppi(document, rows, cols, south, title)), document=document)
    if Path(path).suffix.lower() == ".ris":
        return report_map(map_ris(path, rows, cols, south, title))
    heads, lines = read_table(path)
    fields = find_fields(heads)
    axes = [head for head in heads if head not in fields.values()]
    coded = [
        axis
        for axis in axes
        if axis == "country" or (not is_private(axis) and looks_coded(line[axis] for line in lines))
    ]
    rows, cols = choose_axis(rows, "population", axes, coded), choose_axis(cols, "setting", axes, coded)
    shown = [axis for axis in axes if axis in {rows, cols, *coded}]
    ids = name_studies(lines, fields)
    trees: dict[str, list[dict[str, Any]]] = {axis: [] for axis in shown}
    evidence_map = build_map(
        table_studies(lines, fields, ids),
        table_labels(lines, shown, ids),
        rows=rows,
        cols=cols,
        trees=trees,
        title=title or "Evidence-gap map",
        south=south or DEFAULT_SOUTH,
    )
    return report_map(evidence_map)


def report_map(evidence_map: EvidenceMap) -> MapReport:
    """Count a map, and name the state of every cell."""
    from synth.maps import count_map, find_gaps

    table = count_map(evidence_map)
    return MapReport(
        evidence_map, table, find_gaps(table, not_searched=evidence_map.not_searched), _notes(evidence_map)
    )


def _notes(evidence_map: EvidenceMap) -> tuple[str, ...]:
    """What a reader of the map should know: countries that could not be placed."""
    from synth.vocab.countries import match_country

    named = evidence_map.labels.loc[evidence_map.labels["axis"] == "country", "term"].unique()
    unplaced = sorted(str(term) for term in named if match_country(str(term)) is None)
    if not unplaced:
        return ()
    listed = ", ".join(name[:40] for name in unplaced[:5]) + (" ..." if len(unplaced) > 5 else "")
    return (f"Not on the world map, as no country is called so: {listed}",)


def write_map(report: MapReport, path: Path | str, *, world: bool = False, cell: tuple[str, str] | None = None) -> None:
    """Write the map by the ending of ``path``: .html (the page), .svg .png .pdf (a still picture), .csv (every cell).

    ``world``: the picture is the world map instead. Raises UsageError for another ending.
    """
    ending = check_ending(path)
    if ending == ".html":
        from synth.figures.gapmap_page import write_page

        write_page(report.evidence_map, path)
    elif ending == ".json":
        from synth.steps.map_export import write_eppi

        write_eppi(report, path)
    elif ending in {".xlsx", ".ris"}:
        from synth.steps.map_export import write_ris, write_workbook

        (write_ris if ending == ".ris" else write_workbook)(report, path, cell)
    elif ending == ".csv":
        from synth.files import write_text

        write_text(path, _to_csv(report))
    else:
        _write_picture(report, path, world=world)


def check_ending(path: Path | str) -> str:
    """The ending of ``path`` in small letters, if a map can be written so. Raises UsageError for another."""
    ending = ".html" if str(path) == "-" else Path(path).suffix.lower()
    if ending in ENDINGS:
        return ending
    near = get_close_matches(ending, ENDINGS, n=1)
    choices = f"A map ends in {', '.join(ENDINGS)}"
    raise UsageError(
        f"{path}: no map can be written with this ending",
        hint=f"Did you mean {near[0]}? {choices}" if near else choices,
    )


def _write_picture(report: MapReport, path: Path | str, *, world: bool) -> None:
    from synth.figures.gapmap import draw_gapmap
    from synth.figures.style import save_figure
    from synth.figures.worldmap import count_countries, draw_worldmap
    from synth.vocab.countries import find_definition

    shown, definition = report.evidence_map, find_definition(report.evidence_map.south).sentence
    row_label, col_label = shown.axis(shown.rows).label, shown.axis(shown.cols).label
    if world:
        placed = shown.labels[shown.labels["axis"] == "income"]["study_id"].nunique()
        figure = draw_worldmap(
            count_countries(shown),
            title=f"{shown.title}: where the studies were done",
            definition=definition,
            studies=len(shown.studies),
            without_country=len(shown.studies) - placed,
        )
    else:
        figure = draw_gapmap(
            report.table,
            report.gaps,
            title=f"{shown.title}: studies by {row_label.lower()} and {col_label.lower()}",
            row_label=row_label,
            col_label=col_label,
            definition=definition,
        )
    save_figure(figure, path, title=shown.title, description=describe_map(report))


def describe_map(report: MapReport) -> str:
    """The map in two sentences, for people at a terminal and for a picture's alternative text."""
    numbers, shown = report.numbers, report.evidence_map
    empty = int((report.gaps["n"] == 0).sum())
    studies = _counted(numbers["studies"], "study", "studies")
    reviews = _counted(numbers["reviews"], "review", "reviews")
    rows, cols = shown.axis(shown.rows).label.lower(), shown.axis(shown.cols).label.lower()
    return (
        f"{studies} ({numbers['primary']} primary, {reviews}) by {rows} and {cols}. "
        f"{empty} of {_counted(numbers['cells'], 'cell', 'cells')} hold no study."
    )


def _counted(n: int, one: str, many: str) -> str:
    return f"{n} {one if n == 1 else many}"


def _to_csv(report: MapReport) -> str:
    from synth.maps import tabulate_map

    frame = tabulate_map(report.table, report.gaps)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(frame.columns)
    writer.writerows([guard_formula(value) for value in line] for line in frame.itertuples(index=False))
    return stream.getvalue()


def guard_formula(value: object) -> object:
    """Text that a spreadsheet would run as a formula gets a leading apostrophe; a missing number becomes empty."""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
    if value is None or (isinstance(value, float) and isnan(value)):
        return ""
    return int(value) if isinstance(value, float) and value.is_integer() else value


# ---- from a project -------------------------------------------------------------------------------------------------


def _project_studies(project: Project) -> pd.DataFrame:
    """Studies with what their main report says: title, authors, container, link; and their findings."""
    studies = project.read("studies")
    reports = _main_records(project)
    answers = _spoken_answers(project)
    findings = _texts_by_study(answers, "finding")
    confidence = {study: texts[0] for study, texts in _texts_by_study(answers, "confidence").items()}
    extra = [reports.get(study, {}) for study in studies["id"]]
    return studies.assign(
        title=[_text(record.get("title")) for record in extra],
        authors=[record.get("authors") or [] for record in extra],
        container=[_text(record.get("container")) for record in extra],
        link=[_link_of(record) for record in extra],
        year=[_first(year, record.get("year")) for year, record in zip(studies["year"], extra, strict=True)],
        findings=[findings.get(study, []) for study in studies["id"]],
        confidence=[confidence.get(study, "") for study in studies["id"]],
    )


def _main_records(project: Project) -> dict[str, dict[str, Any]]:
    """The record of each study's main work, or of its first one."""
    links = project.read("study_works")
    links = links.assign(later=links["role"] != "main").sort_values("later", kind="stable").drop_duplicates("study_id")
    records = project.read("records")
    known = {record["id"]: record for record in records[records["id"].isin(links["record_id"])].to_dict("records")}
    return {
        study: known[record]
        for study, record in zip(links["study_id"], links["record_id"], strict=True)
        if record in known
    }


def _link_of(record: Mapping[str, Any]) -> str:
    ids, urls = record.get("ids"), record.get("urls")
    if isinstance(ids, dict) and ids.get("doi"):
        return f"https://doi.org/{ids['doi']}"
    return str(urls[0]) if isinstance(urls, list) and urls else ""


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _first(*values: Any) -> int | None:
    import pandas as pd

    return next((int(value) for value in values if value is not None and not pd.isna(value)), None)


def _spoken_answers(project: Project) -> pd.DataFrame:
    answers = project.read("answers")
    return answers[answers["status"] != "suggested"]


def _texts_by_study(answers: pd.DataFrame, question: str) -> dict[str, list[str]]:
    asked = answers[answers["question_id"] == question]
    found: dict[str, list[str]] = {}
    for study, value in zip(asked["study_id"], asked["value"], strict=True):
        found.setdefault(study, []).extend(
            str(text) for text in (value if isinstance(value, list) else [value]) if text
        )
    return found


def _project_labels(project: Project) -> pd.DataFrame:
    """study_id, axis, term, level, quote, place: labels, and what the effects say about informant and outcome."""
    import pandas as pd

    labels = project.read("labels")
    labels = labels.loc[labels["status"] != "suggested", ["study_id", "axis", "term", "level", "quote"]]
    effects = project.read("effects")
    told = [
        pd.DataFrame({"study_id": effects["study_id"], "axis": axis, "term": effects[column]})
        for axis, column in (("informant", "informant"), ("outcome", "outcome_domain"), ("design", "design_class"))
        if not set(labels["axis"]) & {axis, "evidence_type" if axis == "design" else axis}
    ]
    frame = pd.concat([labels, *(part[part["term"].notna()] for part in told if not part.empty)], ignore_index=True)
    return _with_places(frame, _spoken_answers(project))


def _with_places(labels: pd.DataFrame, answers: pd.DataFrame) -> pd.DataFrame:
    """The place and, where the label has none, the quote of the answer to the question of the same name."""
    seen = {(a.study_id, a.question_id): (_text(a.quote), _text(a.place)) for a in answers.itertuples(index=False)}
    found = [seen.get(key, ("", "")) for key in zip(labels["study_id"], labels["axis"], strict=True)]
    quotes = [_text(own) or quote for own, (quote, _) in zip(labels["quote"], found, strict=True)]
    return labels.assign(quote=quotes, place=[place for _, place in found])


def _codebook_trees(project: Project, axes: Iterable[str]) -> tuple[dict[str, list[dict[str, Any]]], dict[str, str]]:
    """The terms and the labels of those axes, from the codebook that is declared."""
    asked = [(q.id, q.label, [_node(term) for term in q.terms]) for q in _declared_codebook(project).questions]
    wanted = set(axes)
    trees = {name: terms for name, _, terms in asked if name in wanted and isinstance(terms, list) and terms}
    return trees, {name: label for name, label, _ in asked if name in wanted}


def _declared_codebook(project: Project) -> Any:
    from synth.vocab.codebooks import load_codebook, shipped_codebooks

    name = project.config.codebook
    return load_codebook(name if name in shipped_codebooks() else project.folder / name)


def _node(term: CodebookTerm) -> dict[str, Any]:
    return {
        "id": term.id,
        "label": term.label,
        "synonyms": list(term.synonyms),
        "children": [_node(t) for t in term.children],
    }


def _not_searched(declared: Sequence[Mapping[str, str]]) -> list[tuple[str, str]]:
    """Cells outside the search, from ``[[maps.not_searched]]`` with row, col or both."""
    from synth.maps import TOTAL

    return [(str(cell.get("row", TOTAL)), str(cell.get("col", TOTAL))) for cell in declared]
