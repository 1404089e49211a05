"""The gap map as one HTML file that opens offline: table first, nothing loaded, everything from data escaped.

The page's own script counts by the rules of ``synth.maps`` when a filter or an axis changes; the first table is counted
here and stands in the file, so that the page says the same without a script.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jinja2
import pandas as pd

from synth.figures.gapmap import STATE_WORDS, sign_corners, sign_half_width
from synth.figures.worldmap import choose_steps, count_countries, find_step, group_regions, name_steps, svg_path
from synth.files import write_text
from synth.maps import EVIDENCE_KINDS, GAP_STATES, NOT_CODED, TOTAL, EvidenceMap, GapTable, Term, count_map, find_gaps
from synth.maps.evidence_map import clean_text
from synth.maps.gaps import STALE_YEARS, SYNTHESIS_FROM
from synth.vocab.countries import SOUTH_DEFINITIONS, countries, find_country, find_definition, world_outlines

PLAIN_LIST = 1000
"""Studies that the page lists without its script; a longer list would be most of a large page."""
_LOW = frozenset({"low", "critically low", "very low"})


def _sign(kind: str) -> tuple[str, float]:
    """Path and half width of the sign of a kind of evidence, around 0, with the area of a circle of radius 5."""
    corners = sign_corners(kind)
    if corners is None:
        return "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0Z", 5.0
    path = "L".join(f"{5 * x:.2f} {-5 * y:.2f}" for x, y in corners)
    return f"M{path}Z", round(5 * sign_half_width(kind), 2)


def write_page(evidence_map: EvidenceMap, path: Path | str) -> None:
    """Write the page of ``render_page`` to ``path``, whole or not at all."""
    write_text(path, render_page(evidence_map))


def render_page(evidence_map: EvidenceMap) -> str:
    """The whole page as text. Same map, same text; it holds no time of its own."""
    css, script = _template("gapmap.css"), _template("gapmap.js")
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, keep_trailing_newline=True)
    template = environment.from_string(_template("gapmap.html"))
    return template.render(
        map=_heading(evidence_map),
        policy=_policy(css, script),
        css=css,
        script=script,
        payload=_embed(_payload(evidence_map)),
        **_static_parts(evidence_map),
    )


def _template(name: str) -> str:
    return files("synth.figures").joinpath("templates", name).read_text(encoding="utf-8")


def _policy(css: str, script: str) -> str:
    """A policy that lets in this style and this script by their hashes, and nothing else."""
    return (
        f"default-src 'none'; style-src '{_digest(css)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _embed(payload: Mapping[str, Any]) -> str:
    """JSON that cannot end its script element, whatever the data hold."""
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text


def _heading(evidence_map: EvidenceMap) -> dict[str, str]:
    return {
        "title": clean_text(evidence_map.title) or "Evidence-gap map",
        "question": clean_text(evidence_map.question),
    }


def _static_parts(evidence_map: EvidenceMap) -> dict[str, Any]:
    """What the template needs beside the data: the first table, the world, the words."""
    table = count_map(evidence_map)
    row_axis, col_axis = evidence_map.axis(evidence_map.rows).label, evidence_map.axis(evidence_map.cols).label
    return {
        "summary": _summary(table),
        "definition": find_definition(evidence_map.south),
        "definitions": list(SOUTH_DEFINITIONS.values()),
        "south_counts": count_south(evidence_map, evidence_map.south),
        "caption": f"{row_axis} by {col_axis}: number of unique studies",
        "row_axis": row_axis,
        "col_axis": col_axis,
        "cols": table.col_terms,
        "rows": _static_rows(table, evidence_map),
        "kinds": [{"label": kind.label, "path": _sign(kind.id)[0]} for kind in EVIDENCE_KINDS],
        "states": [{"label": state.label, "rule": state.rule} for state in GAP_STATES],
        "stale_years": STALE_YEARS,
        "not_searched": bool(evidence_map.not_searched),
        "world": _world(evidence_map),
        "studies": [_study_line(study) for study in evidence_map.studies.head(PLAIN_LIST).to_dict("records")],
        "unlisted": max(len(evidence_map.studies) - PLAIN_LIST, 0),
    }


def _summary(table: GapTable) -> str:
    total = table.cell()
    studies, reviews = _counted(total["n"], "study", "studies"), _counted(total["reviews"], "review", "reviews")
    return f"{studies}: {total['primary']} primary, {reviews}."


def _counted(n: int, one: str, many: str) -> str:
    return f"{n} {one if n == 1 else many}"


def count_south(evidence_map: EvidenceMap, definition: str) -> str:
    """One sentence: how many studies stand in the global south by a definition, and how many another would move."""
    sides = {name: _sides(evidence_map, name) for name in SOUTH_DEFINITIONS}
    here = sides[definition]
    if not here:
        return "No study has a country."
    south = sum("south" in found for found in here.values())
    moved = sum(any(other.get(study) != found for other in sides.values()) for study, found in here.items())
    without = len(evidence_map.studies) - len(here)
    return (
        f"In the global south: {south} of {len(here)} with a country; {moved} would change sides by another "
        f"definition; {without} without a country."
    )


def _sides(evidence_map: EvidenceMap, definition: str) -> dict[str, frozenset[str]]:
    labels = evidence_map.labels[evidence_map.labels["axis"] == f"south_{definition}"]
    return {str(study): frozenset(terms) for study, terms in labels.groupby("study_id")["term"]}


def _static_rows(table: GapTable, evidence_map: EvidenceMap) -> list[dict[str, Any]]:
    gaps = find_gaps(table, not_searched=evidence_map.not_searched)
    states = {(row, col): state for row, col, state in gaps[["row", "col", "state"]].itertuples(index=False)}
    total = Term(TOTAL, "All studies")
    cols = [*table.col_terms, total]
    return [
        {
            "label": row.label,
            "whole": _whole_of(row, table.row_terms),
            "depth": row.depth,
            "cells": [_static_cell(table, row, col, states) for col in cols],
        }
        for row in (*table.row_terms, total)
    ]


def _whole_of(term: Term, terms: tuple[Term, ...]) -> str:
    """What a part is part of, as "Survivors › ": the same word may be a part of two groups."""
    parent = next((other for other in terms if other.id == term.parent), None)
    return "" if parent is None else f"{_whole_of(parent, terms)}{parent.label} › "


def _static_cell(table: GapTable, row: Term, col: Term, states: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    state = states.get((row.id, col.id), "")
    margin = {row.id, col.id} & {NOT_CODED, TOTAL}
    classes = " ".join(filter(None, ["margin" if margin else "", f"state-{state}" if state else ""]))
    return {"n": table.cell(row.id, col.id)["n"], "state": STATE_WORDS.get(state, ""), "classes": classes}


def _world(evidence_map: EvidenceMap) -> dict[str, Any] | None:
    """Every country with its outline and its count; None when the map has no countries."""
    if "country" not in {axis.id for axis in evidence_map.axes}:
        return None
    counts, world = count_countries(evidence_map), world_outlines()
    steps = choose_steps(max(counts.values(), default=0))
    lands = {country.iso3: _land(country.iso3, counts.get(country.iso3, 0), steps) for country in countries()}
    drawn = [code for code in lands if code in world["outlines"] or code in world["dots"]]
    drawn.sort(key=lambda code: (code in world["dots"], code))
    return {
        "width": world["width"],
        "height": world["height"],
        "about": world["about"],
        "steps": name_steps(steps),
        "lands": [lands[code] | {"path": svg_path(code)} for code in drawn],
        "regions": [{"name": name, "lands": [lands[code] for code in codes]} for name, codes in group_regions()],
        "sentence": f"Studies in {_counted(len(counts), 'country', 'countries')}. "
        "A study in two countries counts in both.",
    }


def _land(iso3: str, n: int, steps: tuple[int, ...]) -> dict[str, Any]:
    name = find_country(iso3).short_name
    label = f"{name}: {_counted(n, 'study', 'studies') if n else 'no study'}"
    return {"iso3": iso3, "n": n, "step": find_step(n, steps), "name": name, "label": label}


def _study_line(study: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": clean_text(study["name"]) or clean_text(study["id"]),
        "title": clean_text(study.get("title")),
        "year": _whole(study.get("year")),
        "link": safe_link(study.get("link")),
    }


def safe_link(link: object) -> str:
    """The link, if it is a web address; else nothing. ``javascript:`` and its kin never pass."""
    text = clean_text(link)
    try:
        parts = urlsplit(text)
    except ValueError:  # a bracket out of place, as in http://[
        return ""
    return text if parts.scheme.lower() in {"http", "https"} and parts.netloc else ""


def _whole(value: Any) -> int | None:
    """A whole number, or None for a missing one of any kind."""
    return None if pd.isna(value) else int(value)


def _payload(evidence_map: EvidenceMap) -> dict[str, Any]:
    """What the page's script works on: only the fields named here leave the project."""
    places = {axis.id: {term.id: place for place, term in enumerate(axis.terms)} for axis in evidence_map.axes}
    counts = count_countries(evidence_map)
    return {
        "rows": evidence_map.rows,
        "cols": evidence_map.cols,
        "south": evidence_map.south,
        "axes": [
            {"id": axis.id, "label": clean_text(axis.label), "terms": _terms(axis.terms)} for axis in evidence_map.axes
        ],
        "studies": _pack(_studies(evidence_map, places), [axis.id for axis in evidence_map.axes]),
        "kinds": [
            {"id": kind.id, "label": kind.label, "path": _sign(kind.id)[0], "half": _sign(kind.id)[1]}
            for kind in EVIDENCE_KINDS
        ],
        "states": [{"id": state.id, "label": state.label} for state in GAP_STATES],
        "definitions": [
            {"id": item.id, "name": item.name, "sentence": item.sentence, "counts": count_south(evidence_map, item.id)}
            for item in SOUTH_DEFINITIONS.values()
        ],
        "synthesisFrom": SYNTHESIS_FROM,
        "staleYears": STALE_YEARS,
        "notSearched": sorted(
            [None if r == TOTAL else r, None if c == TOTAL else c] for r, c in evidence_map.not_searched
        ),
        "steps": list(choose_steps(max(counts.values(), default=0))),
    }


def _terms(terms: tuple[Term, ...]) -> list[dict[str, Any]]:
    places = {term.id: place for place, term in enumerate(terms)}
    return [
        {
            "id": term.id,
            "label": clean_text(term.label),
            "depth": term.depth,
            "parent": None if term.parent is None else places[term.parent],
        }
        for term in terms
    ]


def _studies(evidence_map: EvidenceMap, places: Mapping[str, Mapping[str, int]]) -> list[dict[str, Any]]:
    codes: dict[str, dict[str, list[int]]] = {}
    quotes: dict[str, list[list[Any]]] = {}
    for line in evidence_map.labels[["study_id", "axis", "term", "quote", "place"]].itertuples(index=False):
        place = places[line.axis][line.term]
        codes.setdefault(line.study_id, {}).setdefault(line.axis, []).append(place)
        quote, where = clean_text(line.quote), clean_text(line.place)
        if quote or where:
            quotes.setdefault(line.study_id, []).append([line.axis, place, quote, where])
    return [
        _study(study, codes.get(study["id"], {}), quotes.get(study["id"], []))
        for study in evidence_map.studies.to_dict("records")
    ]


def _pack(studies: list[dict[str, Any]], axes: list[str]) -> dict[str, Any]:
    """The studies as rows under one head, so that names of fields stand once; codes in the order of the axes."""
    fields = [name for name in studies[0] if name != "codes"] if studies else []
    rows = [[*(study[name] for name in fields), *(study["codes"].get(axis, 0) for axis in axes)] for study in studies]
    return {"fields": fields, "rows": rows}


def _study(study: Mapping[Any, Any], codes: Mapping[str, list[int]], quotes: list[list[Any]]) -> dict[str, Any]:
    kinds = [kind.id for kind in EVIDENCE_KINDS]
    confidence = clean_text(study.get("confidence")).casefold()
    findings = study.get("findings")
    return {
        "id": clean_text(study["id"]),
        "name": clean_text(study["name"]) or clean_text(study["id"]),
        "title": clean_text(study.get("title")),
        "authors": _authors(study.get("authors")),
        "container": clean_text(study.get("container")),
        "year": _whole(study.get("year")),
        "review": study.get("kind") == "review",
        "evidence": kinds.index(study["evidence"]),
        "confidence": confidence,
        "low": confidence in _LOW,
        "link": safe_link(study.get("link")),
        "findings": [clean_text(text) for text in findings] if isinstance(findings, list) else [],
        "codes": {axis: sorted(terms) for axis, terms in codes.items()},
        "quotes": quotes,
    }


def _authors(authors: object) -> str:
    if isinstance(authors, list):
        return "; ".join(clean_text(name) for name in authors)
    return clean_text(authors)
