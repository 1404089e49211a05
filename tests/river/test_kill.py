"""kill -9 at a random moment, 50 times each: the project opens, is whole, and keeps every acknowledged decision.

The command runs in a forked copy of this process, so that a kill can fall into any part of the work and not only into
the loading of libraries. Moments are drawn from a fixed seed over the time that an undisturbed run takes.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from synth.cli.main import run
from synth.project import create_project, open_project

TIMES = 50
WORDS = ("violence", "men", "women", "school", "trial", "community", "partner", "health", "police", "couples")

pytestmark = pytest.mark.slow


def write_export(path: Path, number: int, seed: int) -> None:
    rng = random.Random(seed)
    entries = []
    for index in range(number):
        title = " ".join(rng.choice(WORDS) for _ in range(9)) + f" in the district of number {index}"
        if seed and index < number // 2:  # half of the later exports repeat the first
            title = f"Preventing partner violence through schools and work in the district of number {index}"
        entries.append(
            f"TY  - JOUR\nTI  - {title}\nAU  - Ruiz, {rng.choice('ABC')}.\nPY  - {2000 + index % 20}\nER  - \n"
        )
    path.write_text("\n".join(entries), encoding="utf-8")


def run_in_child(args: list[str], output: Path, kill_after: float | None) -> None:
    """Run a command line in a forked child, writing what it says to ``output``; kill it after that many seconds."""
    child = os.fork()
    if child == 0:
        descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(descriptor, 1)
        os.dup2(descriptor, 2)
        os._exit(run(args))
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def measure(args: list[str], output: Path) -> float:
    started = time.perf_counter()
    run_in_child(args, output, None)
    return time.perf_counter() - started


def assert_whole(folder: Path) -> None:
    project = open_project(folder)
    assert project.store.check() == []
    project.close()


@pytest.fixture
def review(tmp_path: Path) -> Path:
    folder = tmp_path / "review"
    create_project(folder, people=("ana",)).close()
    for number in range(3):
        write_export(tmp_path / f"{number}.ris", 150, number)
    return folder


def kill_often(
    review: Path, prepare: Callable[[Path], None], args: list[str], check: Callable[[Path, str], None]
) -> None:
    """Prepare a project once, then kill ``args`` in a fresh copy of it, ``TIMES`` times; then let it run to its end."""
    prepare(review)
    rng = random.Random(7)
    copy, output = review.parent / "copy", review.parent / "said.txt"
    shutil.copytree(review, copy)
    whole = measure(["-C", str(copy), *args], output)
    for _ in range(TIMES):
        shutil.rmtree(copy)
        shutil.copytree(review, copy)
        run_in_child(["-C", str(copy), *args], output, rng.uniform(0, whole * 1.1))
        assert_whole(copy)
        check(copy, output.read_text(encoding="utf-8") if output.exists() else "")
        assert run(["-C", str(copy), *args]) == 0
        assert_whole(copy)


def test_import_killed_at_any_moment(review: Path) -> None:
    exports = [str(path) for path in sorted(review.parent.glob("*.ris"))]

    def check(copy: Path, said: str) -> None:
        project = open_project(copy)
        sources = project.read("sources")
        assert (sources["found"] == sources["read"] + sources["quarantined"]).all()
        assert len(project.read("records")) == 150 * len(sources)
        assert "450" not in said or len(sources) == 3
        project.close()

    kill_often(review, lambda _: None, ["import", *exports], check)


def test_dedupe_killed_at_any_moment(review: Path) -> None:
    exports = [str(path) for path in sorted(review.parent.glob("*.ris"))]

    def check(copy: Path, _said: str) -> None:
        project = open_project(copy)
        runs = set(project.read("runs")["step"])
        done = (len(project.read("groupings")), len(project.read("pairs")) > 0, "dedupe" in runs)
        assert done in {(0, False, False), (450, True, True)}
        project.close()

    kill_often(review, lambda folder: run(["-C", str(folder), "import", *exports]) and None, ["dedupe"], check)
    project = open_project(review.parent / "copy")
    assert project.read("records")["work_id"].nunique() < 450
    project.close()


def test_a_decision_that_was_acknowledged_is_never_lost(review: Path) -> None:
    def prepare(folder: Path) -> None:
        assert run(["-C", str(folder), "import", str(folder.parent / "0.ris")]) == 0
        assert run(["-C", str(folder), "dedupe"]) == 0

    prepare(review)
    project = open_project(review)
    works = sorted(set(project.read("records")["work_id"]))
    project.close()
    output, rng, acknowledged = review.parent / "said.txt", random.Random(11), set()
    whole = measure(["-C", str(review), "screen", "decide", works[0], "include"], output)
    for work in works[1 : TIMES + 1]:
        output.unlink(missing_ok=True)
        run_in_child(["-C", str(review), "screen", "decide", work, "include"], output, rng.uniform(0, whole * 1.5))
        if output.exists() and "Saved" in output.read_text(encoding="utf-8"):
            acknowledged.add(work)
        assert_whole(review)
        project = open_project(review)
        assert acknowledged <= set(project.read("decisions")["current_work_id"])
        project.close()
        assert run(["-C", str(review), "screen", "decide", work, "include"]) == 0
        acknowledged.add(work)
    assert len(acknowledged) == TIMES
