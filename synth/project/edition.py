"""A frozen edition of a project: one zip with the data, the versions and the checksums; opened, checked, unpacked.

The store is copied row by row into a fresh SQLite file, so that an edition of a PostgreSQL project opens anywhere.
"""

from __future__ import annotations

import io
import json
import re
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from synth.errors import StateError, UnreadableInput
from synth.files import hash_bytes, read_bytes, write_bytes
from synth.project.config import FILE_NAME
from synth.project.migrate import migrate
from synth.project.project import STORE_NAME, Project, synth_version
from synth.project.schema import METADATA, row_counter
from synth.project.store import connect_sqlite, naming_database_faults

MANIFEST = "manifest.json"
LARGEST_BYTES = 2_000_000_000
MOST_RATIO = 200
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_SAFE_NAME = re.compile(r"[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*")
_CHUNK = 5000


@dataclass(frozen=True, slots=True)
class Edition:
    """What an edition says of itself: its files with their SHA-256, the versions, the counts."""

    files: dict[str, str]
    versions: dict[str, str]
    counts: dict[str, int]
    packed_at: str


def pack_project(project: Project, path: Path, versions: dict[str, str]) -> Edition:
    """Write ``project`` as one edition to ``path``; whole or not at all."""
    contents = {FILE_NAME: _portable_config(project), STORE_NAME: _copy_store(project), **_codebook(project)}
    edition = Edition(
        files={name: hash_bytes(content) for name, content in sorted(contents.items())},
        versions={"synth": synth_version(), **versions},
        counts={
            table: project.store.count(table) for table in ("records", "decisions", "studies", "effects", "labels")
        },
        packed_at=project.now(),
    )
    write_bytes(path, _zip({MANIFEST: _manifest(edition), **contents}))
    return edition


def _portable_config(project: Project) -> bytes:
    """``synth.toml`` without its ``[store]`` table: the edition brings its own store."""
    text = project.config.path.read_text(encoding="utf-8")
    return re.sub(r"(?ms)^\[store\].*?(?=^\[|\Z)", "", text).encode()


def _codebook(project: Project) -> dict[str, bytes]:
    path = project.folder / project.config.codebook
    return {project.config.codebook: path.read_bytes()} if path.is_file() and _is_safe(project.config.codebook) else {}


def _manifest(edition: Edition) -> bytes:
    value = {name: getattr(edition, name) for name in edition.__slots__}
    return json.dumps(value, indent=2, sort_keys=True).encode()


def _zip(contents: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            entry = zipfile.ZipInfo(name, _ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return stream.getvalue()


def _copy_store(project: Project) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / STORE_NAME
        target = connect_sqlite(path)
        with naming_database_faults(project.store.place), project.store.engine.connect() as old, target.begin() as new:
            migrate(new, project.now(), synth_version())
            for table in METADATA.sorted_tables:
                _copy_table(old, new, table)
        with target.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA journal_mode=DELETE")
            connection.exec_driver_sql("BEGIN")
        target.dispose()
        return path.read_bytes()


def _copy_table(old: sa.Connection, new: sa.Connection, table: sa.Table) -> None:
    for rows in old.execute(table.select().order_by(row_counter(table))).partitions(_CHUNK):
        new.execute(table.insert(), [dict(row._mapping) for row in rows])  # noqa: SLF001  SQLAlchemy's documented name


def _is_safe(name: str) -> bool:
    return bool(_SAFE_NAME.fullmatch(name)) and ".." not in name.split("/")


def read_edition(path: Path) -> tuple[Edition, dict[str, bytes]]:
    """The manifest and the checked contents of an edition. Raises UnreadableInput for anything that is not whole."""
    content = read_bytes(path)
    if not zipfile.is_zipfile(io.BytesIO(content)):
        raise UnreadableInput(
            f"{path}: is not an edition made by synth pack", hint="Name the .zip that synth pack wrote"
        )
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        _check_entries(path, archive)
        contents = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    if MANIFEST not in contents:
        raise UnreadableInput(f"{path}: has no {MANIFEST}, so it is not an edition made by synth pack")
    edition = _read_manifest(path, contents.pop(MANIFEST))
    _check_sums(path, edition, contents)
    return edition, contents


def _check_entries(path: Path, archive: zipfile.ZipFile) -> None:
    names = [entry.filename for entry in archive.infolist()]
    size = sum(entry.file_size for entry in archive.infolist())
    packed = sum(entry.compress_size for entry in archive.infolist()) or 1
    if len(set(names)) != len(names) or not all(_is_safe(name) for name in names):
        raise UnreadableInput(f"{path}: holds file names that an edition never has", kept="Nothing was unpacked")
    if size > LARGEST_BYTES or size / packed > MOST_RATIO:
        raise UnreadableInput(
            f"{path}: would unpack to {size:,} bytes, which no edition does", kept="Nothing was unpacked"
        )


def _read_manifest(path: Path, content: bytes) -> Edition:
    try:
        value: dict[str, Any] = json.loads(content)
        return Edition(value["files"], value["versions"], value["counts"], value["packed_at"])
    except (ValueError, KeyError, TypeError):
        raise UnreadableInput(f"{path}: its {MANIFEST} cannot be read", kept="Nothing was unpacked") from None


def _check_sums(path: Path, edition: Edition, contents: dict[str, bytes]) -> None:
    wrong = sorted(name for name in edition.files if hash_bytes(contents.get(name, b"")) != edition.files[name])
    if wrong or set(contents) != set(edition.files):
        name = wrong[0] if wrong else min(set(contents) ^ set(edition.files))
        raise UnreadableInput(
            f"{path}: {name} is not what was packed (its checksum differs)",
            hint="Copy the edition again from where it was kept",
            kept="Nothing was unpacked",
        )


def open_edition(path: Path, folder: Path) -> Edition:
    """Unpack the edition at ``path`` into ``folder``, which must be new or empty."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StateError(
            f"{folder}: is there already and not empty", hint="Choose a new folder", kept="Nothing was changed"
        )
    edition, contents = read_edition(path)
    for name, content in contents.items():
        write_bytes(folder / name, content)
    return edition
