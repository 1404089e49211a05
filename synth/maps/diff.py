"""What changed between two maps, as EPPI documents: applied to the old one, it gives the new one, byte for byte."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import pandas as pd

from synth.errors import UsageError


def dump_document(document: Mapping[str, Any]) -> str:
    """The one way a document is written."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n"


def hash_document(document: Mapping[str, Any]) -> str:
    """SHA-256 of the document as it is written."""
    return hashlib.sha256(dump_document(document).encode("utf-8", "surrogatepass")).hexdigest()


def diff_documents(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """from, to (hashes), new, removed, recoded, changed (ids), order, references (new and changed), code_sets."""
    before = {item["ItemId"]: item for item in old["References"]}
    after = {item["ItemId"]: item for item in new["References"]}
    kept = [item for item in after if item in before]
    recoded = [item for item in kept if _codes(before[item]) != _codes(after[item])]
    changed = [item for item in kept if dump_document(before[item]) != dump_document(after[item])]
    fresh = [item for item in after if item not in before]
    return {
        "from": hash_document(old),
        "to": hash_document(new),
        "new": fresh,
        "removed": [item for item in before if item not in after],
        "recoded": recoded,
        "changed": [item for item in changed if item not in set(recoded)],
        "order": list(after),
        "references": [after[item] for item in [*fresh, *changed]],
        "code_sets": new["CodeSets"] if dump_document(old["CodeSets"]) != dump_document(new["CodeSets"]) else None,
    }


def _codes(item: Mapping[str, Any]) -> set[int]:
    return {code["AttributeId"] for code in item["Codes"]}


def apply_diff(old: Mapping[str, Any], diff: Mapping[str, Any]) -> dict[str, Any]:
    """The new document. Raises UsageError when ``old`` is not the map that the diff was made from."""
    if hash_document(old) != diff.get("from"):
        raise UsageError("The changes were made from another map", hint="Name the map they were made from: --since")
    known = {item["ItemId"]: item for item in [*old["References"], *diff["references"]]}
    sets = old["CodeSets"] if diff["code_sets"] is None else diff["code_sets"]
    return {"CodeSets": sets, "References": [known[item] for item in diff["order"]]}


def compare_states(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """row_label, col_label, was, now: cells of ``find_gaps`` whose state changed; empty: no such cell."""
    keys = ["row_label", "col_label"]
    sides = [gaps[[*keys, "state"]].drop_duplicates(keys).rename(columns={"state": name}) for gaps, name in
             ((old, "was"), (new, "now"))]  # fmt: skip
    both = sides[0].merge(sides[1], on=keys, how="outer").fillna("")
    return both[both["was"] != both["now"]].reset_index(drop=True)
