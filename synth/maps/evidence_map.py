"""An evidence map: studies, their codes on every axis, and the axes that follow from countries and designs."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

import pandas as pd

from synth.errors import UsageError
from synth.maps.cells import DESIGN_AXES, GapTable, Term, count_cells, flatten_terms
from synth.maps.evidence import EVIDENCE_KINDS, classify_evidence
from synth.vocab.countries import DEFAULT_SOUTH, SOUTH_DEFINITIONS, Country, countries, find_definition, match_country

Tree = list[dict[str, Any]]

AXIS_LABELS = {
    "population": "Population",
    "special_groups": "Special groups",
    "setting": "Setting",
    "voice": "Whose voice",
    "voices": "Whose voice",
    "informant": "Informant",
    "outcome": "Outcome",
    "outcome_domain": "Outcome",
    "design": "Design",
    "evidence_type": "Evidence type",
    "evidence": "Kind of evidence",
    "country": "Country",
    "region": "Region",
    "income": "World Bank income",
    "global_south": "Global south (as coded)",
    "first_author_country": "Country of first author",
}
"""What an axis is called; also the order in which axes are offered, others after them."""
_INCOMES = ("High", "Upper middle", "Lower middle", "Low")
_NO_INCOME = "not classified"
_SOUTH_TERMS = (
    {"id": "south", "label": "Global south"},
    {"id": "north", "label": "Not global south"},
    {"id": "unclassified", "label": "Not classified"},
)


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis: its id, what people read, and its terms as a hierarchy [{id, label, children}]."""

    id: str
    label: str
    tree: tuple[dict[str, Any], ...]

    @property
    def terms(self) -> tuple[Term, ...]:
        """The terms, each before its parts."""
        return tuple(flatten_terms(self.tree))


@dataclass(frozen=True, slots=True, eq=False)
class EvidenceMap:
    """Everything that a map shows.

    ``studies``: id, name, kind, year, evidence, and where known title, authors, container, link, confidence, findings
    (list of sentences). ``labels``: study_id, axis, term (ids of the axes' terms), quote, place. ``rows`` and ``cols``
    are the axes to begin with, ``south`` the definition of "global south" in force, ``not_searched`` cells outside the
    search.
    """

    title: str
    question: str
    studies: pd.DataFrame
    labels: pd.DataFrame
    axes: tuple[Axis, ...]
    rows: str
    cols: str
    south: str = DEFAULT_SOUTH
    not_searched: frozenset[tuple[str, str]] = frozenset()
    given: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def code_links(self) -> int:
        """Unique (study, axis, term) as they were given, without those that follow from them."""
        return len(self.given)

    def axis(self, name: str) -> Axis:
        """The axis called ``name``. Raises UsageError that lists the axes."""
        return next(axis for axis in self.axes if axis.id == check_axis(name, [a.id for a in self.axes]))


def check_axis(name: str, known: Sequence[str]) -> str:
    """``name``, if it is an axis. Raises UsageError with "did you mean" and the list of axes."""
    if name in known:
        return name
    near = get_close_matches(name, known, n=1)
    listed = f"Axes: {', '.join(known)}" if known else "No study has a code yet"
    raise UsageError(f"{name!r}: no such axis", hint=f"Did you mean {near[0]}? {listed}" if near else listed)


def build_map(
    studies: pd.DataFrame,
    labels: pd.DataFrame,
    *,
    rows: str,
    cols: str,
    trees: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    axis_labels: Mapping[str, str] | None = None,
    title: str = "Evidence-gap map",
    question: str = "",
    south: str = DEFAULT_SOUTH,
    not_searched: Collection[tuple[str, str]] = (),
) -> EvidenceMap:
    """Make a map from studies and their codes.

    ``trees`` {axis: [{id, label, synonyms, children}]} are the codebook's terms: codes are matched to them by id, label
    or synonym without case; terms that nobody studied stay. Axes for region, income, global south (one a definition)
    and kind of evidence are added. Raises UsageError for an unknown axis or definition.
    """
    find_definition(south)
    given: dict[str, Tree] = {axis: [dict(node) for node in tree] for axis, tree in (trees or {}).items()}
    studies = studies.drop_duplicates("id").reset_index(drop=True)
    codes = _clean_labels(labels, given)
    studies = studies.assign(evidence=_evidence(studies, codes, given))
    coded, codes = codes, _with_derived(codes, studies)
    axes = _axes(codes, given | _derived_trees(codes), axis_labels or {})
    known = [axis.id for axis in axes]
    return EvidenceMap(
        title,
        question,
        studies,
        codes,
        axes,
        check_axis(rows, known),
        check_axis(cols, known),
        south,
        frozenset(not_searched),
        coded,
    )


def count_map(evidence_map: EvidenceMap, rows: str | None = None, cols: str | None = None) -> GapTable:
    """Count the cells of the map's own axes, or of two others."""
    row_axis, col_axis = evidence_map.axis(rows or evidence_map.rows), evidence_map.axis(cols or evidence_map.cols)
    return count_cells(
        evidence_map.studies,
        evidence_map.labels,
        row_axis.id,
        col_axis.id,
        row_terms=row_axis.tree,
        col_terms=col_axis.tree,
    )


def clean_text(text: object) -> str:
    """Text on one line without control characters and outer spaces; empty for a missing value."""
    if text is None or (not isinstance(text, str) and pd.isna(text)):
        return ""
    kept = "".join(" " if unicodedata.category(letter) in {"Cc", "Cs"} else letter for letter in str(text))
    return " ".join(kept.split())


def _clean_labels(labels: pd.DataFrame, trees: Mapping[str, Tree]) -> pd.DataFrame:
    """study_id, axis, term, quote, place; every term the id of a term that is known, or the text as written."""
    frame = labels.assign(**{name: "" for name in ("quote", "place") if name not in labels})
    frame = frame[["study_id", "axis", "term", "quote", "place", *_level(labels)]]
    finders = {axis: _finder(tree) for axis, tree in trees.items()}
    terms = [
        _find_term(axis, clean_text(term), finders) for axis, term in zip(frame["axis"], frame["term"], strict=True)
    ]
    frame = frame.assign(term=pd.Series(terms, index=frame.index, dtype=object))
    return frame[frame["term"] != ""].drop_duplicates(["study_id", "axis", "term"]).reset_index(drop=True)


def _level(labels: pd.DataFrame) -> list[str]:
    return ["level"] if "level" in labels else []


def _find_term(axis: str, text: str, finders: Mapping[str, Mapping[str, str]]) -> str:
    if axis.endswith("country"):
        country = match_country(text)
        return country.iso3 if country else text
    return finders.get(axis, {}).get(text.casefold(), text)


def _finder(tree: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Folded id, label or synonym to id; ids win over labels, labels over synonyms, earlier terms over later."""
    found: dict[str, str] = {}
    for names in zip(*(_names_of(node) for node in _walk(tree)), strict=True):
        for node_id, texts in names:
            for text in texts:
                found.setdefault(clean_text(text).casefold(), node_id)
    return found


def _names_of(node: Mapping[str, Any]) -> tuple[tuple[str, list[str]], ...]:
    node_id = str(node["id"])
    synonyms = [str(text) for text in node.get("synonyms") or node.get("syn") or ()]
    return (node_id, [node_id]), (node_id, [str(node.get("label") or node_id)]), (node_id, synonyms)


def _walk(tree: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for node in tree:
        yield node
        yield from _walk(node.get("children") or ())


def _evidence(studies: pd.DataFrame, codes: pd.DataFrame, trees: Mapping[str, Tree]) -> list[str]:
    """The kind of evidence of every study, told from the ids and labels of its design codes."""
    labels = {axis: {t.id: t.label for t in flatten_terms(trees.get(axis, ()))} for axis in DESIGN_AXES}
    designs: dict[str, list[str]] = {}
    for study, axis, term in codes.loc[codes["axis"].isin(DESIGN_AXES), ["study_id", "axis", "term"]].itertuples(
        index=False
    ):
        designs.setdefault(study, []).extend((term, labels[axis].get(term, term)))
    kinds = studies["kind"] if "kind" in studies else ["primary"] * len(studies)
    return [classify_evidence(designs.get(i, []), kind) for i, kind in zip(studies["id"], kinds, strict=True)]


def _with_derived(codes: pd.DataFrame, studies: pd.DataFrame) -> pd.DataFrame:
    """The codes with those that follow from country and design.

    A code that was given, say a region, stays where nothing follows: a region may be known without its country.
    """
    lines = [(study, "evidence", kind) for study, kind in zip(studies["id"], studies["evidence"], strict=True)]
    placed = codes[codes["axis"] == "country"]
    for study, term in zip(placed["study_id"], placed["term"], strict=True):
        country = match_country(term)
        lines += [(study, axis, value) for axis, value in _follows(country)] if country else []
    derived = pd.DataFrame(lines, columns=["study_id", "axis", "term"]).drop_duplicates()
    follows = set(zip(derived["study_id"], derived["axis"], strict=True))
    given = zip(codes["study_id"], codes["axis"], strict=True)
    kept = codes[[key not in follows for key in given]]
    return pd.concat([kept, derived.assign(quote="", place="")], ignore_index=True)


def _follows(country: Country) -> Iterator[tuple[str, str]]:
    """What a country says about a study: region, income, and its side by every definition of "global south"."""
    if country.subregion:
        yield "region", country.subregion
    yield "income", country.wb_income or _NO_INCOME
    for name, definition in SOUTH_DEFINITIONS.items():
        side = definition.contains(country)
        yield f"south_{name}", "unclassified" if side is None else "south" if side else "north"


def _derived_trees(codes: pd.DataFrame) -> dict[str, Tree]:
    """The terms of the axes that we add: all regions and incomes, so that those without a study show."""
    trees: dict[str, Tree] = {"evidence": [{"id": kind.id, "label": kind.label} for kind in EVIDENCE_KINDS]}
    for axis in sorted(axis for axis in set(codes["axis"]) if axis.endswith("country")):
        trees[axis] = _country_tree(codes[codes["axis"] == axis])
    if "income" in set(codes["axis"]):
        trees["income"] = [{"id": name, "label": name} for name in (*_INCOMES, _NO_INCOME)]
        trees["region"] = _region_tree()
        trees |= {f"south_{name}": list(_SOUTH_TERMS) for name in SOUTH_DEFINITIONS}
    return trees


def _country_tree(coded: pd.DataFrame) -> Tree:
    """The countries of these codes: most studies first, by name after that."""
    sizes = coded.groupby("term")["study_id"].nunique()
    names = {term: _country_name(term) for term in sizes.index}
    return [{"id": term, "label": names[term]} for term in sorted(names, key=lambda term: (-sizes[term], names[term]))]


def _country_name(term: str) -> str:
    country = match_country(term)
    return country.short_name if country else term


def _region_tree() -> Tree:
    regions: dict[str, set[str]] = {}
    for country in countries():
        if country.region:
            regions.setdefault(country.region, set()).add(country.subregion)
    return [
        {"id": region, "label": region, "children": [{"id": part, "label": part} for part in sorted(parts)]}
        for region, parts in sorted(regions.items())
    ]


def _axes(codes: pd.DataFrame, trees: Mapping[str, Tree], labels: Mapping[str, str]) -> tuple[Axis, ...]:
    """Every axis that has a code or a hierarchy, with the terms that only the codes know at the end."""
    given = dict.fromkeys([*codes["axis"], *trees])
    order = [*(axis for axis in AXIS_LABELS if axis in given), *(axis for axis in given if axis not in AXIS_LABELS)]
    return tuple(Axis(axis, _axis_label(axis, labels), tuple(_full_tree(axis, codes, trees))) for axis in order)


def _axis_label(axis: str, labels: Mapping[str, str]) -> str:
    if axis.startswith("south_") and axis[6:] in SOUTH_DEFINITIONS:
        return SOUTH_DEFINITIONS[axis[6:]].sentence
    return labels.get(axis) or AXIS_LABELS.get(axis) or axis.replace("_", " ").capitalize()


def _full_tree(axis: str, codes: pd.DataFrame, trees: Mapping[str, Tree]) -> Tree:
    tree = list(trees.get(axis, ()))
    known = {term.id for term in flatten_terms(tree)}
    sizes = codes[(codes["axis"] == axis) & ~codes["term"].isin(known)].groupby("term")["study_id"].nunique()
    extra = sorted(sizes.index, key=lambda term: (-sizes[term], term))
    return [*tree, *({"id": term, "label": term} for term in extra)]
