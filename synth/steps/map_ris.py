"""A map from RIS: a keyword "axis: term" is a code, for example ``KW  - population: men``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from synth.errors import UnreadableInput

if TYPE_CHECKING:
    from synth.maps import EvidenceMap
    from synth.records.record import Record

_LABEL_TAGS = ("KW", "LB", "N1", "C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8", "U1", "U2", "U3", "U4", "U5")


def map_ris(path: Path | str, rows: str, cols: str, south: str, title: str) -> EvidenceMap:
    """The map of a RIS file with labels. Raises UnreadableInput when no record carries one."""
    import pandas as pd

    from synth.maps import build_map
    from synth.records.registry import read_file
    from synth.vocab.countries import DEFAULT_SOUTH

    records = read_file(path).records
    codes = [(study, *label) for study, record in _named(records) for label in find_labels(record)]
    if not codes:
        raise UnreadableInput(f"{path}: no record has a label", hint="Write codes as keywords: KW  - population: men")
    labels = pd.DataFrame(codes, columns=["study_id", "axis", "term"], dtype=object)
    reviews = {study for study, axis, term in codes if axis in {"kind", "design"} and "review" in term.casefold()}
    studies = pd.DataFrame([_study(study, record, study in reviews) for study, record in _named(records)])
    return build_map(
        studies.astype({"year": "Int64"}),
        labels[labels["axis"] != "kind"],
        rows="_".join(rows.casefold().split()) or "population",
        cols="_".join(cols.casefold().split()) or "setting",
        title=title or "Evidence-gap map",
        south=south or DEFAULT_SOUTH,
    )


def _named(records: tuple[Record, ...]) -> list[tuple[str, Record]]:
    """Records by the id of their tag ID, where it names one record only; else by their place."""
    given = [next((value for tag, value, _ in record.raw if tag == "ID"), "").strip() for record in records]
    unique = {name for name in given if name and given.count(name) == 1} if len(given) < 20_000 else set()
    return [
        (name if name in unique else f"record {record.position}", record)
        for name, record in zip(given, records, strict=True)
    ]


def find_labels(record: Record) -> list[tuple[str, str]]:
    """(axis, term) of every label "axis: term" of a record."""
    found = []
    for tag, value, _ in record.raw:
        axis, mark, term = value.partition(": ")
        if tag in _LABEL_TAGS and mark and len(axis) <= 40 and term.strip():
            found.append(("_".join(axis.casefold().split()), term.strip()))
    return found


def _study(study: str, record: Record, is_review: bool) -> dict[str, Any]:
    first = record.authors[0].split(",")[0] if record.authors else record.title
    doi = record.ids.get("doi", "")
    return {
        "id": study,
        "name": f"{first} {record.year or ''}".strip() or study,
        "title": record.title,
        "authors": list(record.authors),
        "year": record.year,
        "kind": "review" if is_review else "primary",
        "container": record.container,
        "link": f"https://doi.org/{doi}" if doi else next(iter(record.urls), ""),
    }
