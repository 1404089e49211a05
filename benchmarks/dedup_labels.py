"""Score deduplication on the labelled pairs of global-south and social-science records in data/labels.

usage: dedup_labels.py [SHARED]. SHARED holds formats/ (see its README); default: SYNTH_SHARED, or ../shared/data
beside the repository. The demonstration's exports lie in data/demo. Each side of a pair is a record shown under one of
its titles, as a database of one language would show it; the second side has no DOI. All sides are grouped at once.
"""

from __future__ import annotations

import csv
import os
import sys
from pathlib import Path

import pandas as pd
from synth.cli.common import format_table
from synth.dedup import find_groups
from synth.records import read_file
from synth.steps.dedupe import frame_records

ROOT = Path(__file__).resolve().parents[1]
LABELS = ROOT / "data" / "labels" / "pairs.csv"


def find_shared() -> Path:
    if len(sys.argv) > 1:
        return Path(sys.argv[1])
    named = os.environ.get("SYNTH_SHARED")
    return Path(named) if named else ROOT.parent / "shared" / "data"


def read_frames(files: set[str], shared: Path) -> dict[str, pd.DataFrame]:
    """The records of each file by position."""
    places = {file: (ROOT if file.startswith("data/") else shared) / file for file in files}
    return {file: frame_records([read_file(path)]).set_index("position") for file, path in places.items()}


def show(frames: dict[str, pd.DataFrame], file: str, position: str, title: str, side: int) -> dict[str, object]:
    """One record under one of its titles; the second side without its DOI, as of another source."""
    row = frames[file].loc[int(position)].to_dict()
    titles = row["titles"]
    if title:
        row["title"], row["titles"] = titles[int(title)]["text"], [titles[int(title)]]
        row["ids"] = {name: text for name, text in row["ids"].items() if side == 1 or name != "doi"}
        row["urls"] = row["urls"] if side == 1 else []
        row["languages"] = []
    return {
        **row,
        "id": f"{file}:{position}:{title}:{side if title else 1}",
        "source_id": f"{file}:{side if title else 1}",
    }


def measure(shared: Path) -> list[list[object]]:
    with LABELS.open(encoding="utf-8", newline="") as lines:
        labels = list(csv.DictReader(lines))
    frames = read_frames({row[name] for row in labels for name in ("file_1", "file_2")}, shared)
    sides, pairs = {}, []
    for row in labels:
        both = [show(frames, row[f"file_{n}"], row[f"position_{n}"], row[f"title_{n}"], n) for n in (1, 2)]
        sides.update((str(one["id"]), one) for one in both)
        pairs.append((row["set"], row["relation"], str(both[0]["id"]), str(both[1]["id"])))
    found = find_groups(pd.DataFrame(list(sides.values())))
    work = dict(zip(found.groups["record_id"], found.groups["group_id"], strict=True))
    told = dict(
        zip(
            zip(found.pairs["record_id_1"], found.pairs["record_id_2"], strict=True),
            found.pairs["relation"],
            strict=True,
        )
    )
    rows = pd.DataFrame(
        [
            (name, relation, work[a] == work[b], told.get((min(a, b), max(a, b)), "") == "maybe")
            for name, relation, a, b in pairs
        ],
        columns=["set", "relation", "merged", "asked"],
    )
    counts = rows.groupby(["set", "relation"]).agg(
        pairs=("merged", "size"), merged=("merged", "sum"), asked=("asked", "sum")
    )
    return [[*key, *map(int, values)] for key, values in zip(counts.index, counts.to_numpy(), strict=True)]


def main() -> None:
    print(format_table(["set", "relation", "pairs", "merged", "asked"], measure(find_shared())))


if __name__ == "__main__":
    main()
