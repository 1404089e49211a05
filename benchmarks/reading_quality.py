"""Real exports and damaged files through ``synth convert``, scored by the scripts that lie beside the data."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from synth.cli.main import run

FORMATS = ("ris", "nbib", "bib", "csv", "wos")


def convert(path: Path, dump: Path) -> None:
    """One file through the command: records, log, quarantine and status, as the scorers want them."""
    dump.parent.mkdir(parents=True, exist_ok=True)
    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
        status = run(["convert", str(path), "-o", f"{dump}.jsonl", "--quarantine", f"{dump}.quarantine"])
    Path(f"{dump}.log").write_text(said.getvalue(), encoding="utf-8")
    Path(f"{dump}.rc").write_text(str(status), encoding="utf-8")


def score(*command: object) -> str:
    """What a scorer prints."""
    return subprocess.run([sys.executable, *map(str, command)], capture_output=True, text=True, check=False).stdout


def real_files(formats: Path, dumps: Path) -> bool:
    """Print the manifest checker's table for the formats that are read; true if all of their files pass."""
    for name in FORMATS:
        for path in sorted((formats / name).iterdir()):
            convert(path, dumps / name / path.name)
    lines = score(formats / "check_manifest.py", formats / "manifest.csv", dumps).splitlines()
    rows = [line for line in lines if line.split(" ")[0] in FORMATS]
    print("Real exports:\n", *rows, sep="\n")
    return all(" (100.0%)" in row for row in rows)


def damaged_files(fuzz: Path, dumps: Path) -> bool:
    """Print the fuzz scorer's figures; true if nothing was lost in silence and 99 % were recovered."""
    for path in sorted((fuzz / "files").iterdir()):
        if path.suffix in {".ris", ".bib"}:
            convert(path, dumps / path.name)
    found = json.loads(score(fuzz / "score.py", fuzz / "files" / "manifest.json", dumps))
    total = found.get("total", found)
    numbers = {name: value for name, value in total.items() if not isinstance(value, list | dict)}
    print("\nDamaged files:\n", json.dumps(numbers, indent=1), sep="\n")
    return total["silently_lost"] == 0 and total["recovered"] >= 0.99 * total["recoverable"]


def main() -> int:
    """Run both; status 1 if either missed its bar."""
    shared = Path(os.environ["SYNTH_SHARED"])
    os.environ["NO_COLOR"] = "1"
    with tempfile.TemporaryDirectory() as folder:
        dumps = Path(folder)
        good = [real_files(shared / "formats", dumps / "real"), damaged_files(shared / "fuzz", dumps / "fuzz")]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
