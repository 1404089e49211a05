"""One writer at a time, named: a lock file that the operating system frees when its holder dies."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from synth.errors import StateError
from synth.files import naming_storage_faults

PATIENCE_SECONDS = 5.0
_PAUSE_SECONDS = 0.02

if sys.platform == "win32":  # pragma: no cover  tried on Windows only
    import msvcrt

    def _try_lock(stream: IO[str]) -> bool:
        try:
            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _try_lock(stream: IO[str]) -> bool:
        try:
            fcntl.flock(stream.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def _holder(stream: IO[str]) -> str:
    stream.seek(0)
    try:
        held = json.loads(stream.read())
    except ValueError:
        return "another process"
    return f"pid {held['pid']} on {held['host']} since {held['since']}"


@contextlib.contextmanager
def hold_lock(path: Path, now: str, patience: float = PATIENCE_SECONDS) -> Iterator[None]:
    """Hold the lock at ``path``; wait ``patience`` seconds for another holder, then raise StateError naming it."""
    with naming_storage_faults(path):
        stream = path.open("a+", encoding="utf-8")
    with stream:
        waited_until = time.monotonic() + patience
        while not _try_lock(stream):
            if time.monotonic() >= waited_until:
                raise StateError(
                    f"{path.parent}: the project is locked by {_holder(stream)}",
                    hint="Wait until that command has ended, then run this one again",
                    kept="Nothing was changed",
                )
            time.sleep(_PAUSE_SECONDS)
        with naming_storage_faults(path):
            stream.seek(0)
            stream.truncate()
            json.dump({"pid": os.getpid(), "host": socket.gethostname(), "since": now}, stream)
            stream.flush()
        yield
