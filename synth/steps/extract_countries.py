"""Study countries of many texts."""

from __future__ import annotations

import csv
import io

from synth.errors import UnreadableInput, UsageError
from synth.steps.extract_texts import read_utf8
from synth.steps.progress import Progress, quiet

_HINT = "Give a CSV with the columns id, text and kind"
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
    reader = csv.DictReader(io.StringIO(read_utf8(path, _HINT), newline=""))
    try:
        missing = {"id", "text"} - set(reader.fieldnames or [])
        rows = [] if missing else list(reader)
    except csv.Error as fault:
        raise UnreadableInput(f"{path}:{reader.line_num + 1}: is no CSV ({fault})", hint=_HINT) from None
    if missing:
        raise UsageError(f"{path}: no column {min(missing)}", hint="The columns are id, text and kind")
    for row in rows:
        if (row.get("kind") or "abstract") not in KINDS:
            raise UsageError(
                f"{path}: {row['id']!r} is of the unknown kind {row['kind']!r}", hint=f"Kinds are: {', '.join(KINDS)}"
            )
    return rows
