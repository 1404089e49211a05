"""Run every benchmark that can run here and print their tables one after another."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
EVERYWHERE = ("help_speed.py", "demo_time.py")
WITH_DATA = (
    "reading_quality.py",
    "dedup_quality.py",
    "dedup_labels.py",
    "reading_speed.py",
    "meta_suite.py",
    "meta_speed.py",
)


def shared_folder() -> Path | None:
    """The folder of large test data: SYNTH_SHARED, or ../shared/data beside the repository."""
    folder = Path(os.environ.get("SYNTH_SHARED") or HERE.parents[1] / "shared" / "data")
    return folder if folder.is_dir() else None


def main() -> int:
    """Run them; status 1 if any of them missed its bar."""
    folder = shared_folder()
    scripts = EVERYWHERE + (WITH_DATA if folder else ())
    env = {**os.environ, "SYNTH_SHARED": str(folder)} if folder else dict(os.environ)
    missed = []
    for name in scripts:
        print(f"\n## {name}\n", flush=True)
        if subprocess.run([sys.executable, str(HERE / name)], env=env, check=False).returncode:
            missed.append(name)
    print(f"\nmissed: {', '.join(missed) or 'none'}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
