"""``synth convert big.ris -o out.jsonl`` against rispy and json, whole processes, in turn: records per CPU second.

rispy lives in an environment of its own (``python -m venv E; E/bin/pip install rispy``): set ``SYNTH_RISPY`` to its
Python.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from paired import compare

SIZE = 80_000_000
LEAST = 1.0
PEER = """
import json, sys, rispy
with open(sys.argv[1], encoding="utf-8-sig") as stream:
    records = rispy.load(stream)
with open(sys.argv[2], "w", encoding="utf-8") as out:
    for record in records:
        out.write(json.dumps(record, ensure_ascii=False) + "\\n")
"""


def make_big(shared: Path, python: str, big: Path) -> None:
    """All real RIS files one behind the other, again and again; a file that makes rispy give up is left out."""
    kept = b""
    for path in sorted((shared / "formats" / "ris").iterdir()):
        tried = kept + path.read_bytes().removeprefix(b"\xef\xbb\xbf").rstrip(b"\r\n") + b"\n\n"
        big.write_bytes(tried)
        done = subprocess.run([python, "-c", PEER, str(big), os.devnull], capture_output=True, check=False)
        kept = tried if done.returncode == 0 else kept
    big.write_bytes(kept * (SIZE // len(kept) + 1))


def count_lines(path: Path) -> int:
    with path.open("rb") as stream:
        return sum(1 for _ in stream)


def main() -> int:
    """Print the table; status 1 if synth reads fewer records per CPU second than the peer."""
    python = os.environ.get("SYNTH_RISPY", "")
    if not python:
        print("left out: set SYNTH_RISPY to the Python of an environment with rispy")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        big, ours, theirs = (Path(folder) / name for name in ("big.ris", "ours.jsonl", "theirs.jsonl"))
        make_big(Path(os.environ["SYNTH_SHARED"]), python, big)
        synth = [str(Path(sys.executable).with_name("synth")), "convert", str(big), "-o", str(ours)]
        pair = compare(synth, [python, "-c", PEER, str(big), str(theirs)], runs=5)
        read, peer_read = count_lines(ours), count_lines(theirs)
    ratio = (read / peer_read) / pair.ratio
    print("| what | synth convert | rispy + json | ratio of records per CPU second | bar |\n|---|---|---|---|---|")
    print(f"| records read of 80 MB of real RIS | {read:,} | {peer_read:,} | | |")
    print(f"| CPU seconds, median of 5 pairs | {pair.ours:.2f} | {pair.theirs:.2f} | {ratio:.2f} | {LEAST} |")
    return 0 if ratio >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
