"""Quality of deduplication on published labelled sets, measured with the scorer that comes with them.

Usage: dedup_quality.py [FOLDER]. FOLDER holds one folder a set (records.csv, labels.csv) and score.py; default: dedup
in SYNTH_SHARED, or in ../shared/data beside the repository. Prints one row a set: false merges (FP) and duplicates
left (FN) at record level, the review list, what is left after a perfect reviewer, seconds, and the same of bib-dedupe.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from synth.cli.common import format_table
from synth.files import write_text
from synth.steps.dedupe import dedupe_files, format_groups, format_review

SETS = (
    "asysd_diabetes",
    "sra_cytology_screening",
    "sra_respiratory",
    "digital_work",
    "sweep_copper",
    "misq_baseline",
    "er_dblp_acm",
    "synthetic_10000",
)
HEADS = ["set", "records", "to remove", "FP", "FN", "review", "true", "FN after", "seconds", "bib-dedupe FP/FN"]
PEERS = {
    "asysd_diabetes": "0/0",
    "sra_cytology_screening": "0/6",
    "sra_respiratory": "0/28",
    "digital_work": "0/1",
    "sweep_copper": "0/1",
    "misq_baseline": "4/22",
    "er_dblp_acm": "151/890",
    "synthetic_10000": "0/7",
}


def find_sets() -> Path:
    if len(sys.argv) > 1:
        return Path(sys.argv[1])
    named = os.environ.get("SYNTH_SHARED")
    return (Path(named) if named else Path(__file__).resolve().parents[2] / "shared" / "data") / "dedup"


def measure_set(folder: Path, scorer: Path) -> list[object]:
    begun = time.perf_counter()
    done = dedupe_files([folder / "records.csv"])
    seconds = time.perf_counter() - begun
    with tempfile.TemporaryDirectory() as place:
        groups, review = Path(place, "groups.csv"), Path(place, "review.csv")
        write_text(groups, format_groups(done.found.groups.itertuples(index=False, name=None)))
        write_text(review, format_review(done.found.pairs))
        score = run_scorer(scorer, folder, groups, review)
    after = score["record_after_perfect_review"]["FN"]
    return [
        folder.name,
        score["n"],
        score["duplicates_to_remove"],
        score["record"]["FP"],
        score["record"]["FN"],
        score["review_pairs"],
        score["review_pairs_true"],
        after,
        round(seconds, 2),
        PEERS.get(folder.name, ""),
    ]


def run_scorer(scorer: Path, folder: Path, groups: Path, review: Path) -> dict:
    labels, records = folder / "labels.csv", folder / "records.csv"
    call = [sys.executable, scorer, labels, groups, "--records", records, "--review", review]
    return json.loads(subprocess.run(call, capture_output=True, check=True, text=True).stdout)


def main() -> None:
    folder = find_sets()
    rows = [measure_set(folder / name, folder / "score.py") for name in SETS if (folder / name).is_dir()]
    print(format_table(HEADS, rows))


if __name__ == "__main__":
    main()
