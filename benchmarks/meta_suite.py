"""The reference suite of metafor's numbers through the public API, scored by the script that lies beside it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    """Print how many cases were run and passed."""
    suite = Path(os.environ["SYNTH_SHARED"]) / "meta"
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.json"
        runner = [sys.executable, str(ROOT / "tests" / "reference" / "run_suite.py"), str(suite), str(results)]
        print(subprocess.run(runner, capture_output=True, text=True, check=True).stdout.strip())
        checker = [sys.executable, str(suite / "compare.py"), str(results), str(suite)]
        print(subprocess.run(checker, capture_output=True, text=True, check=False).stdout.strip()[-1500:])
    return 0


if __name__ == "__main__":
    sys.exit(main())
