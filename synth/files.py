"""Reading and writing whole files so that nothing is half-written and every fault has a name.

A file is written beside its target, flushed to the disk and renamed over it: readers see the old file or the new one,
never a piece. ``-`` stands for stdin or stdout.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from synth.errors import StorageFailed, UnreadableInput

_NOT_WRITABLE = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the quota of this disk is used up",
    errno.EROFS: "the file system is read-only",
    errno.EACCES: "this account may not write there",
    errno.EPERM: "this account may not write there",
}
_WRONG_PLACE = FileNotFoundError | NotADirectoryError | IsADirectoryError | FileExistsError
"""Faults of the place that was named, not of the disk."""


def read_bytes(path: Path | str) -> bytes:
    """The bytes of ``path`` (``-``: stdin). Raises UnreadableInput for a missing file, a folder or an empty file."""
    if str(path) == "-":
        return sys.stdin.buffer.read()
    path = Path(path)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise UnreadableInput(f"{path}: no such file", hint=_nearest_file(path)) from None
    except IsADirectoryError:
        raise UnreadableInput(f"{path}: is a folder, and a file is needed", hint="Name a file in it") from None
    except PermissionError:
        raise UnreadableInput(f"{path}: this account may not read it", hint="Check the file's rights") from None
    except OSError as fault:
        raise UnreadableInput(f"{path}: cannot be read ({fault.strerror})") from None
    if not content:
        raise UnreadableInput(f"{path}: the file is empty", hint="Export it again from the database")
    return content


def _nearest_file(path: Path) -> str:
    from difflib import get_close_matches  # noqa: PLC0415  only needed when something is wrong

    folder = path.parent
    names = [entry.name for entry in folder.iterdir()] if folder.is_dir() else []
    near = get_close_matches(path.name, names, n=1)
    return f"Did you mean {folder / near[0]}?" if near else "Check the name and the folder"


def hash_bytes(content: bytes) -> str:
    """SHA-256 as hex."""
    return hashlib.sha256(content).hexdigest()


@contextlib.contextmanager
def naming_storage_faults(path: Path | str) -> Iterator[None]:
    """Turn "disk full", "read-only" and "not allowed" into StorageFailed with a next step."""
    try:
        yield
    except OSError as fault:
        reason = _NOT_WRITABLE.get(fault.errno or 0)
        if reason is None and not isinstance(fault, _WRONG_PLACE):
            raise
        raise StorageFailed(
            f"{path}: cannot be written, {reason or (fault.strerror or 'no such folder').lower()}",
            hint="Free some space, or choose another place" if reason else "Choose another place",
            kept="Nothing was changed",
        ) from None


def write_bytes(path: Path | str, content: bytes) -> None:
    """Write ``content`` to ``path`` (``-``: stdout), whole or not at all. Makes the folder if it is missing."""
    if str(path) == "-":
        sys.stdout.buffer.write(content)
        return
    path = Path(path)
    with naming_storage_faults(path):
        if path.exists() and not path.is_file() and not path.is_dir():
            path.write_bytes(content)  # a device or a pipe: there is nothing to replace
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            os.chmod(name, 0o644 & ~_umask())  # noqa: PTH101  mkstemp makes it 0600
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def write_text(path: Path | str, text: str) -> None:
    """Write ``text`` as UTF-8, whole or not at all."""
    write_bytes(path, text.encode("utf-8"))


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
