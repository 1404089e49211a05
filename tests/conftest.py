"""What the tests share: an empty project, the command line as a function, the folder of large test data."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from synth.project import Project, create_project

ROOT = Path(__file__).resolve().parents[1]
NOON = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Result:
    """What a command line gave."""

    exit_code: int
    stdout: str
    stderr: str


def shared_folder() -> Path | None:
    """The folder of large test data: SYNTH_SHARED, or ../shared/data beside the repository."""
    named = os.environ.get("SYNTH_SHARED")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    return folder if folder.is_dir() else None


def find_chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def missing_services() -> dict[str, str]:
    """Marks whose needs are not met here, each with the sentence that says so."""
    missing = {}
    if shared_folder() is None:
        missing["shared"] = "the folder of large test data is not here (set SYNTH_SHARED)"
    if find_chromium() is None:
        missing["browser"] = "there is no Chromium here (Debian: apt install chromium)"
    if not os.environ.get("SYNTH_TEST_POSTGRES"):
        missing["postgres"] = "there is no PostgreSQL for the tests here (set SYNTH_TEST_POSTGRES to a URL)"
    return missing


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what cannot run here and say so; in CI a missing service is an error, never a skip."""
    missing = missing_services()
    left_out = [item for item in items if any(item.get_closest_marker(mark) for mark in missing)]
    if not left_out:
        return
    if os.environ.get("CI"):
        raise pytest.UsageError("CI must run everything, but " + "; ".join(missing.values()))
    config.stash[_LEFT_OUT] = (len(left_out), missing)
    items[:] = [item for item in items if item not in set(left_out)]
    config.hook.pytest_deselected(items=left_out)


_LEFT_OUT: pytest.StashKey[tuple[int, dict[str, str]]] = pytest.StashKey()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    number, missing = config.stash.get(_LEFT_OUT, (0, {}))
    if number:
        terminalreporter.write_line(f"{number} tests left out: " + "; ".join(missing.values()))


@pytest.fixture
def shared() -> Path:
    folder = shared_folder()
    assert folder is not None
    return folder


@pytest.fixture
def chromium() -> str:
    path = find_chromium()
    assert path is not None
    return path


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = create_project(
        tmp_path / "review", title="A review", question="What works?", people=("ana", "ben"), clock=lambda: NOON
    )
    yield made
    made.close()


@pytest.fixture
def run_synth(tmp_path: Path) -> Callable[..., Result]:
    """Run ``synth`` in a process of its own, in ``cwd`` (default: an empty folder)."""

    def run(*args: object, cwd: Path | None = None, input: str | bytes | None = None, **env: str) -> Result:  # noqa: A002
        content = input.encode() if isinstance(input, str) else input
        done = subprocess.run(
            [sys.executable, "-m", "synth", *map(str, args)],
            cwd=cwd or tmp_path,
            input=content,
            capture_output=True,
            check=False,
            timeout=300,
            env={**os.environ, "NO_COLOR": "1", **env},
        )
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run
