"""A project: the folder with ``synth.toml`` and the store. Everything that happens in it is a run."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synth.errors import StateError, StorageFailed, UsageError
from synth.files import naming_storage_faults, write_text
from synth.project.config import FILE_NAME, Config, new_config, read_config
from synth.project.lock import hold_lock
from synth.project.store import Run, Store, connect_sqlite, connect_url

if TYPE_CHECKING:
    import pandas as pd

STORE_NAME = "review.db"
LOCK_NAME = ".synth.lock"
Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Now, in UTC; ``SOURCE_DATE_EPOCH`` (seconds) fixes it. Raises UsageError if that is not a number."""
    fixed = os.environ.get("SOURCE_DATE_EPOCH")
    if not fixed:
        return datetime.now(UTC)
    try:
        return datetime.fromtimestamp(int(fixed), UTC)
    except (ValueError, OverflowError):
        raise UsageError(f"SOURCE_DATE_EPOCH={fixed}: not a number of seconds", hint="Unset it") from None


def synth_version() -> str:
    """The installed version, or ``unknown`` when run from a bare source tree."""
    try:
        return version("synth-review")
    except PackageNotFoundError:
        return "unknown"


@dataclass(frozen=True, slots=True)
class Project:
    """One review: its folder, its declared side (``config``) and its store."""

    folder: Path
    config: Config
    store: Store
    clock: Clock = system_clock

    def now(self) -> str:
        """The time to the second, ISO 8601, UTC."""
        return self.clock().strftime("%Y-%m-%dT%H:%M:%SZ")

    def read(self, table: str) -> pd.DataFrame:
        """The current rows of a table of ``synth.tables``; rows of undone runs are left out."""
        return self.store.read(table)

    @contextlib.contextmanager
    def run(
        self,
        step: str,
        arguments: Mapping[str, Any],
        *,
        seed: int | None = None,
        input_sha256: str | None = None,
        undoes: int | None = None,
    ) -> Iterator[Run]:
        """One run of ``step``: all rows appended in the block are committed together, or none of them."""
        now = self.now()
        with (
            self._locked(now),
            self.store.run(
                step,
                now=now,
                version=synth_version(),
                arguments=arguments,
                seed=seed,
                input_sha256=input_sha256,
                undoes=undoes,
            ) as run,
        ):
            self._note_people(run)
            yield run

    def _locked(self, now: str) -> contextlib.AbstractContextManager[None]:
        # A server's lock lives in the database; a lock file would only hold back people on one machine.
        return contextlib.nullcontext() if self.config.store_url else hold_lock(self.folder / LOCK_NAME, now)

    def _note_people(self, run: Run) -> None:
        from sqlalchemy import text  # noqa: PLC0415  loaded by the store anyway

        rows = run.connection.execute(text("SELECT id, name, role FROM people_now"))
        known = {(row[0], row[1], row[2]) for row in rows}
        fresh = [person for person in self.config.people if (person["id"], person["name"], person["role"]) not in known]
        run.append("people", fresh)

    def close(self) -> None:
        """Let go of the store."""
        self.store.close()


def find_project_folder(start: Path) -> Path:
    """``start`` or the nearest parent that is a project. Raises StateError when there is none."""
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / FILE_NAME).is_file():
            return folder
    raise StateError(
        f"{start}: there is no project here (no {FILE_NAME} in this folder or above it)",
        hint="Make one with: synth init review   or name one with: synth -C DIR ...",
    )


def _open_store(folder: Path, config: Config) -> Store:
    if config.store_url:
        return Store(connect_url(config.store_url), config.store_url.rsplit("@", 1)[-1])
    return Store(connect_sqlite(folder / STORE_NAME), str(folder / STORE_NAME))


def open_project(folder: Path, *, clock: Clock = system_clock) -> Project:
    """Open the project in ``folder`` or in one of its parents, bringing its store to our version."""
    folder = find_project_folder(folder)
    config = read_config(folder)
    path = folder / STORE_NAME
    if not config.store_url and not path.is_file():
        raise StateError(
            f"{folder}: the project has no {STORE_NAME}",
            hint=f"Bring {STORE_NAME} back beside {FILE_NAME}, or start anew elsewhere: synth init DIR",
        )
    project = Project(folder, config, _open_store(folder, config), clock)
    project.store.prepare(project.now(), synth_version())
    return project


def create_project(
    folder: Path,
    *,
    title: str = "",
    question: str = "",
    people: tuple[str, ...] = (),
    store_url: str = "",
    config_text: str = "",
    clock: Clock = system_clock,
) -> Project:
    """Make a project in ``folder``. Raises StateError if one is there already; then nothing is changed."""
    if (folder / FILE_NAME).exists() or (folder / STORE_NAME).exists():
        raise StateError(
            f"{folder}: is a project already",
            hint=f"Look at it with: synth -C {folder} status",
            kept="Nothing was changed",
        )
    if folder.exists() and not folder.is_dir():
        raise StorageFailed(
            f"{folder}: is a file, and a folder is needed", hint="Choose another name", kept="Nothing was changed"
        )
    is_new = not folder.exists()
    with naming_storage_faults(folder):
        folder.mkdir(parents=True, exist_ok=True)
    try:
        return _fill_new(folder, clock, config_text or new_config(title, question, people, store_url))
    except BaseException:
        _take_back(folder, is_new=is_new)
        raise


def _fill_new(folder: Path, clock: Clock, text: str) -> Project:
    write_text(folder / FILE_NAME, text)
    config = read_config(folder)
    project = Project(folder, config, _open_store(folder, config), clock)
    project.store.prepare(project.now(), synth_version())
    with project.run("init", {"title": config.title}):
        pass
    return project


def _take_back(folder: Path, *, is_new: bool) -> None:
    for name in (FILE_NAME, STORE_NAME, f"{STORE_NAME}-wal", f"{STORE_NAME}-shm", LOCK_NAME):
        (folder / name).unlink(missing_ok=True)
    if is_new and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
