"""EPPI-Reviewer's JSON and the pages that EPPI-Mapper publishes: read as one document, by an allow-list of fields."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pandas as pd

REFERENCE_FIELDS = (
    "ItemId", "Title", "ParentTitle", "ShortTitle", "Year", "Month", "Volume", "Issue", "Pages", "Publisher", "URL",
    "DOI", "Abstract", "TypeName", "Authors",
)  # fmt: skip
"""What leaves of a reference: names of staff, comments and dates of editing never do."""
ATTRIBUTE_FIELDS = ("AttributeSetId", "AttributeId", "AttributeName", "AttributeType", "AttributeTypeId")
_CONSTANT = re.compile(
    r"(?:const|var|let)\s+(csvData|filters|referenceData|segmentAttributes|externalURLedAttributes)\s*=\s*"
)
_REVIEW = re.compile(r"\breviews?\b|\bmeta-?analys", re.IGNORECASE)


def read_published(text: str) -> dict[str, Any]:
    """The document in a published EPPI-Mapper page; empty where the page holds none. Nothing of its script is run."""
    found: dict[str, Any] = {}
    for match in _CONSTANT.finditer(text):
        try:
            found[match[1]], _ = json.JSONDecoder().raw_decode(text, match.end())
        except json.JSONDecodeError:
            continue
    if "referenceData" not in found:
        return {}
    columns, rows = _axis_trees(found.get("csvData", {}).get("rows", []))
    trees = [*rows, *columns, *(_from_filter(node) for node in found.get("filters", []))]
    known = {node["AttributeId"] for node in _walk(trees)}
    loose = [*(item["attribute"] for item in found.get("segmentAttributes", []))]
    loose += found.get("externalURLedAttributes", [])
    names = {item["AttributeId"]: item for item in loose}
    codes = dict.fromkeys(code["AttributeId"] for item in found["referenceData"] for code in item.get("Codes", []))
    extra = [names.get(i, _node(i, f"Attribute {i}", [])) for i in (*names, *codes) if i not in known]
    flat = list({node["AttributeId"]: node for node in extra}.values())
    return clean_document({"CodeSets": _sets([*trees, *flat]), "References": found["referenceData"]})


def _sets(trees: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"SetName": "Evidence map", "Attributes": {"AttributesList": list(trees)}}]


def _node(attribute: int, name: str, children: list[dict[str, Any]]) -> dict[str, Any]:
    return {"AttributeId": attribute, "AttributeName": name.strip(), "Attributes": {"AttributesList": children}}


def _from_filter(node: Mapping[str, Any]) -> dict[str, Any]:
    return _node(node["id"], node["label"], [_from_filter(child) for child in node.get("children", [])])


def _axis_trees(lines: list[list[dict[str, Any]]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Trees of columns (heads over their spans) and rows (each line fills the innermost levels)."""
    return _column_trees([line for line in lines if line and line[0].get("isColumn")]), _row_trees(
        [line for line in lines if line and not line[0].get("isColumn")]
    )


def _column_trees(lines: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    tops: list[dict[str, Any]] = []
    above: list[tuple[int, dict[str, Any]]] = []
    for line in lines:
        here, end = [], 0
        for cell in line:
            node, start = _node(cell["id"], cell["title"], []), end
            end += cell.get("span", 1)
            parent = next((whole for stop, whole in above if start < stop), None)
            (tops if parent is None else parent["Attributes"]["AttributesList"]).append(node)
            here.append((end, node))
        above = here
    return tops


def _row_trees(lines: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    tops: list[dict[str, Any]] = []
    depth = max(map(len, lines), default=0)
    open_: list[dict[str, Any]] = []
    for line in lines:
        del open_[depth - len(line) :]
        for cell in line:
            node = _node(cell["id"], cell["title"], [])
            (open_[-1]["Attributes"]["AttributesList"] if open_ else tops).append(node)
            open_.append(node)
    return tops


def _children(node: Mapping[str, Any]) -> list[dict[str, Any]]:
    return list((node.get("Attributes") or {}).get("AttributesList") or [])


def _walk(nodes: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for node in nodes:
        yield node
        yield from _walk(_children(node))


def clean_document(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with the fields of the allow-list alone; ids, codes and hierarchy as they are."""
    sets = [
        {k: s[k] for k in ("SetName", "SetId", "ReviewSetId") if k in s}
        | {"Attributes": {"AttributesList": [_clean_node(node) for node in _children(s)]}}
        for s in document.get("CodeSets") or []
    ]
    return {"CodeSets": sets, "References": [_clean_reference(item) for item in document.get("References") or []]}


def _clean_node(node: Mapping[str, Any]) -> dict[str, Any]:
    children = [_clean_node(child) for child in _children(node)]
    return {k: node[k] for k in ATTRIBUTE_FIELDS if k in node} | {"Attributes": {"AttributesList": children}}


def _clean_reference(item: Mapping[str, Any]) -> dict[str, Any]:
    codes = [{k: code[k] for k in ("AttributeId", "ArmId") if k in code} for code in item.get("Codes") or []]
    return {k: item[k] for k in REFERENCE_FIELDS if k in item} | {"Codes": codes}


def read_document(document: Mapping[str, Any]) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, Any], dict[str, str]]:
    """Studies, labels, trees and axis labels: each top attribute with parts is an axis, named after its label."""
    tops = [node for s in document["CodeSets"] for node in _children(s) if _children(node)]
    axes = {_slug(node["AttributeName"]): node for node in reversed(tops)}
    places = {n["AttributeId"]: (a, n["AttributeName"].strip()) for a, t in axes.items() for n in _walk(_children(t))}
    lines, reviews = [], set()
    for item in document["References"]:
        for attribute in dict.fromkeys(code["AttributeId"] for code in item["Codes"]):
            axis, name = places.get(attribute, ("", ""))
            if axis:
                term = name if axis == "country" else str(attribute)
                lines.append((str(item["ItemId"]), axis, term))
            if axis in {"design", "evidence_type"} and _REVIEW.search(name):
                reviews.add(item["ItemId"])
    trees = {axis: [_tree(node) for node in _children(top)] for axis, top in axes.items() if axis != "country"}
    labels = pd.DataFrame(lines, columns=["study_id", "axis", "term"], dtype=object)
    return _studies(document["References"], reviews), labels, trees, {a: t["AttributeName"] for a, t in axes.items()}


def _slug(label: str) -> str:
    name = "_".join(re.findall(r"\w+", label.casefold()))
    return {"study_design": "design", "study_type": "evidence_type", "outcomes": "outcome"}.get(name, name)


def _tree(node: Mapping[str, Any]) -> dict[str, Any]:
    children = [_tree(child) for child in _children(node)]
    return {"id": str(node["AttributeId"]), "label": node["AttributeName"].strip(), "children": children}


def _studies(items: Iterable[Mapping[str, Any]], reviews: set[int]) -> pd.DataFrame:
    rows = [
        {
            "id": str(item["ItemId"]),
            "name": str(item.get("ShortTitle") or item.get("Title") or item["ItemId"]).strip(),
            "title": str(item.get("Title") or ""),
            "authors": [name.strip() for name in str(item.get("Authors") or "").split(";") if name.strip()],
            "year": int(year) if (year := str(item.get("Year") or "")[:4]).isdigit() else None,
            "kind": "review" if item["ItemId"] in reviews else "primary",
            "container": str(item.get("ParentTitle") or ""),
            "link": str(item.get("URL") or ""),
        }
        for item in items
    ]
    columns = ["id", "name", "title", "authors", "year", "kind", "container", "link"]
    return pd.DataFrame(rows, columns=columns).astype({"year": "Int64"})


def count_links(document: Mapping[str, Any]) -> int:
    """Unique pairs of a reference and an attribute."""
    return len({(item["ItemId"], code["AttributeId"]) for item in document["References"] for code in item["Codes"]})
