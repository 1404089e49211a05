"""Study countries of many texts."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from synth.errors import UsageError
from synth.steps.progress import Progress, quiet

KINDS = ("title", "abstract", "affiliation")


def name_countries(path: str, *, progress: Progress = quiet) -> list[tuple[str, str]]:
    """Id and study countries (joined by ";") of every row of a CSV with ``id``, ``text`` and perhaps ``kind``."""
    from synth.extract.study_countries import study_countries

    rows = _read(path)
    return [
        (row["id"], ";".join(study_countries(row["text"] or "", row.get("kind") or "abstract")))
        for row in progress(rows, label="countries", total=len(rows))
    ]


def _read(path: str) -> list[dict[str, str]]:
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as fault:
        raise UsageError(
            f"{path}: cannot be read as UTF-8 text", hint="Give a CSV with the columns id, text, kind"
        ) from fault
    reader = csv.DictReader(io.StringIO(text, newline=""))
    missing = {"id", "text"} - set(reader.fieldnames or [])
    if missing:
        raise UsageError(f"{path}: no column {min(missing)}", hint="The columns are id, text and kind")
    return list(reader)
