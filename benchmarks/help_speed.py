"""``synth --help`` against a bare ``python -c "import click"``: at most twice its CPU time."""

from __future__ import annotations

import sys
from pathlib import Path

from paired import compare

MOST = 2.0


def main() -> int:
    """Print the ratio; status 1 if it is over the bar."""
    synth = str(Path(sys.executable).with_name("synth"))
    pair = compare([synth, "--help"], [sys.executable, "-c", "import click"])
    print("| what | synth --help | python -c 'import click' | ratio | bar |")
    print("|---|---|---|---|---|")
    print(f"| CPU seconds, median of 21 pairs | {pair.ours:.3f} | {pair.theirs:.3f} | {pair.ratio:.2f} | {MOST} |")
    return 0 if pair.ratio <= MOST else 1


if __name__ == "__main__":
    sys.exit(main())
