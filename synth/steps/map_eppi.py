"""A map from EPPI-Reviewer JSON or a page that EPPI-Mapper published, and back to that JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synth.errors import UnreadableInput

if TYPE_CHECKING:
    from synth.maps import EvidenceMap


def read_eppi(path: Path | str) -> dict[str, Any]:
    """The document in ``path``; empty for a file of another kind. Raises UnreadableInput for broken JSON."""
    from synth.files import read_bytes
    from synth.maps.eppi import clean_document, read_published

    if Path(path).suffix.lower() not in {".json", ".html", ".htm"}:
        return {}
    text = read_bytes(path).decode("utf-8-sig", "replace")
    try:
        found = read_published(text) if Path(path).suffix.lower() != ".json" else clean_document(json.loads(text))
    except (json.JSONDecodeError, RecursionError, AttributeError, KeyError, TypeError) as fault:
        raise UnreadableInput(f"{path}: is no EPPI document", why=str(fault)[:120]) from None
    if not found.get("References"):
        raise UnreadableInput(f"{path}: holds no coded reference", hint="Export CodeSets and References from EPPI")
    return found


def build_eppi(document: dict[str, Any], rows: str, cols: str, south: str, title: str) -> EvidenceMap:
    """The map of a document; intervention and outcome, or population and setting, unless axes are named."""
    from synth.maps import build_map
    from synth.maps.eppi import read_document
    from synth.vocab.countries import DEFAULT_SOUTH

    studies, labels, trees, names = read_document(document)
    usual = ("intervention", "outcome") if {"intervention", "outcome"} <= set(names) else ("population", "setting")
    return build_map(
        studies,
        labels,
        rows="_".join(rows.casefold().split()) or usual[0],
        cols="_".join(cols.casefold().split()) or usual[1],
        trees=trees,
        axis_labels=names,
        title=title or "Evidence-gap map",
        south=south or DEFAULT_SOUTH,
    )
