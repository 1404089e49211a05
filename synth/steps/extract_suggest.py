"""Suggestions for many titles and abstracts, one JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from synth.errors import UnreadableInput
from synth.steps.extract_texts import read_utf8
from synth.steps.progress import Progress, quiet

_HINT = "Give one JSON object a line with id, title and abstract (or text)"


def suggest_all(path: str, *, progress: Progress = quiet) -> Iterator[dict[str, Any]]:
    """Each row's id and suggestions, in file order. Raises UnreadableInput with file:line before anything is made."""
    from synth.extract.suggest import suggest

    rows = _read(path)
    for row in progress(rows, label="Suggesting", total=len(rows)):
        field = "abstract" if row.get("abstract") else "text"
        yield {"id": row["id"], **suggest(row.get("title") or "", row.get(field) or "", field)}


def _read(path: str) -> list[dict[str, Any]]:
    text = read_utf8(path, _HINT)
    return [_read_row(path, number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]


def _read_row(path: str, number: int, line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as fault:
        raise UnreadableInput(f"{path}:{number}: is no JSON ({fault})", hint=_HINT) from None
    texts = [row.get(name) for name in ("title", "abstract", "text")] if isinstance(row, dict) else [0]
    if not isinstance(row, dict) or "id" not in row or not all(text is None or isinstance(text, str) for text in texts):
        raise UnreadableInput(f"{path}:{number}: is no object with an id and texts", hint=_HINT)
    return row
