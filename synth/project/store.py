"""The store: rows are appended in one transaction per run, and read as what is true now.

SQLite by default (WAL, synchronous=FULL: a committed row is on the disk), PostgreSQL for teams. Every fault of the
database that a person can act on gets a name.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import sqlalchemy as sa

from synth.errors import StateError, StorageFailed, SynthError
from synth.project.migrate import MIGRATIONS, check_version, migrate, read_version
from synth.project.schema import SQL_TABLES, row_counter
from synth.tables import BY_NAME

if TYPE_CHECKING:
    import pandas as pd

Row = Mapping[str, Any]
_WRITERS_KEY = 0x73796E7468  # names our advisory lock in PostgreSQL: "synth"
_BUSY_MS = 5000
_PANDAS_TYPES = {"integer": "Int64", "real": "float64", "boolean": "boolean"}


def connect_sqlite(path: Path) -> sa.Engine:
    """An engine on a SQLite file; in a folder that cannot be written the file is opened read-only."""
    writable = os.access(path.parent, os.W_OK) and (not path.exists() or os.access(path, os.W_OK))
    if not writable:
        path = _with_its_journal(path)
    query = "" if writable else "&mode=ro&immutable=1"
    address = f"sqlite:///file:{quote(path.as_posix())}?uri=true{query}"
    engine = sa.create_engine(address, poolclass=sa.pool.NullPool)

    @sa.event.listens_for(engine, "connect")
    def _set_up(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions are begun by us, visibly
        for pragma in (f"busy_timeout={_BUSY_MS}", "foreign_keys=ON", "synchronous=FULL"):
            connection.execute(f"PRAGMA {pragma}")
        if writable:
            connection.execute("PRAGMA journal_mode=WAL")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        immediate = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def _with_its_journal(path: Path) -> Path:
    """A file that can be opened read-only and holds every committed row.

    After a crash the newest rows may stand in the journal beside the file (``-wal``), which a read-only opening does
    not see; then both are copied to a place of our own, where SQLite can bring them together.
    """
    journal = path.with_name(f"{path.name}-wal")
    if not journal.exists() or not journal.stat().st_size:
        return path
    copy = Path(tempfile.mkdtemp(prefix="synth-")) / path.name
    shutil.copy(path, copy)
    shutil.copy(journal, copy.with_name(journal.name))
    with contextlib.closing(sqlite3.connect(copy)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return copy


def connect_url(url: str) -> sa.Engine:
    """An engine on any database that SQLAlchemy names; ours are made for PostgreSQL."""
    return sa.create_engine(url, pool_pre_ping=True, connect_args={"client_encoding": "utf8"})


@contextlib.contextmanager
def naming_database_faults(place: str) -> Iterator[None]:
    """Turn the database's faults into StorageFailed or StateError with a next step."""
    try:
        yield
    except sa.exc.DatabaseError as fault:
        raise _name_fault(str(fault.orig), place) from fault


def _name_fault(text: str, place: str) -> SynthError:
    lower = text.lower()
    if "disk is full" in lower or "readonly" in lower or "disk i/o" in lower or "unable to open" in lower:
        return StorageFailed(
            f"{place}: cannot be written ({text})",
            hint="Free some space or give this account the right to write there, then run the command again",
            kept="Nothing was changed",
        )
    if "locked" in lower or "lock timeout" in lower:
        return StateError(
            f"{place}: another command is writing ({text})",
            hint="Run the command again in a moment",
            kept="Nothing was changed",
        )
    if "not a database" in lower or "malformed" in lower or "encrypted" in lower:
        return StateError(
            f"{place}: the project file is damaged ({text})",
            hint="Keep the file, and restore the last edition made by synth pack with: synth open",
        )
    if "connection" in lower:
        return StateError(
            f"{place}: no connection to the database ({text.splitlines()[0]})",
            hint="Check [store] url in synth.toml and that the server runs",
        )
    return StateError(f"{place}: the database refuses ({text.splitlines()[0]})", hint="Run: synth doctor")


@dataclass(frozen=True, slots=True)
class Run:
    """A run in progress: rows appended through it are written together, or not at all."""

    id: int
    at: str
    connection: sa.Connection

    def append(self, table: str, rows: Sequence[Row]) -> list[Any]:
        """Append ``rows`` to ``table``; returns their ids. ``at`` is filled in, missing columns stay empty."""
        if not rows:
            return []
        target = SQL_TABLES[table]
        first = self._last_row(target) + 1
        counter = row_counter(target).name
        filled = [
            {**self._blank(table), **row, "run_id": self.id, counter: first + number} for number, row in enumerate(rows)
        ]
        self.connection.execute(target.insert(), filled)
        return [row["id"] for row in filled]

    def _last_row(self, target: sa.Table) -> int:
        return self.connection.execute(sa.select(sa.func.max(row_counter(target)))).scalar() or 0

    def _blank(self, table: str) -> dict[str, Any]:
        return {name: (self.at if name == "at" else None) for name in BY_NAME[table].names}


class Store:
    """Where the rows are: one database, opened by ``open_store``."""

    def __init__(self, engine: sa.Engine, place: str) -> None:
        self.engine = engine
        self.place = place

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        with naming_database_faults(self.place), self.engine.connect() as opened:
            connection = opened.execution_options(writes=True)
            with connection.begin():
                if connection.dialect.name == "postgresql":
                    connection.execute(sa.text(f"SET LOCAL lock_timeout = {_BUSY_MS}"))
                    connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _WRITERS_KEY})
                yield connection

    def prepare(self, now: str, version: str) -> int:
        """Make or migrate the schema; returns the number of steps made."""
        with naming_database_faults(self.place), self.engine.connect() as connection:
            found = read_version(connection)
        check_version(found, self.place)
        if found == len(MIGRATIONS):
            return 0
        with self._writing() as connection:
            return migrate(connection, now, version)

    @contextlib.contextmanager
    def run(
        self,
        step: str,
        *,
        now: str,
        version: str,
        arguments: Mapping[str, Any],
        seed: int | None = None,
        input_sha256: str | None = None,
        undoes: int | None = None,
    ) -> Iterator[Run]:
        """One run: a row in ``runs`` and all rows appended in the block, in one transaction."""
        with self._writing() as connection:
            runs = SQL_TABLES["runs"]
            number = (connection.execute(sa.select(sa.func.max(runs.c.id))).scalar() or 0) + 1
            connection.execute(
                runs.insert().values(
                    id=number,
                    step=step,
                    arguments=dict(arguments),
                    version=version,
                    seed=seed,
                    input_sha256=input_sha256,
                    undoes=undoes,
                    at=now,
                )
            )
            yield Run(number, now, connection)

    def read(self, table: str, *, everything: bool = False) -> pd.DataFrame:
        """The current rows of ``table`` (``everything``: all rows ever, undone ones too) as a DataFrame.

        JSON columns hold Python values; integers are Int64; text that is missing is None.
        """
        name = table if everything else f"{table}_now"
        with naming_database_faults(self.place), self.engine.connect() as connection, connection.begin():
            query = f"SELECT * FROM {name} ORDER BY {self._order(table, everything)}"  # noqa: S608  names are ours
            result = connection.execute(sa.text(query))
            rows, columns = result.fetchall(), list(result.keys())
        return _frame(table, columns, rows)

    @staticmethod
    def _order(table: str, everything: bool) -> str:
        if table not in BY_NAME:
            raise KeyError(table)
        return "row" if everything and BY_NAME[table].key == "text" else "id"

    def count(self, table: str) -> int:
        """How many current rows ``table`` has."""
        with naming_database_faults(self.place), self.engine.connect() as connection:
            return int(connection.execute(sa.text(f"SELECT COUNT(*) FROM {table}_now")).scalar() or 0)  # noqa: S608  names are ours

    def check(self) -> list[str]:
        """Faults found by the database's own check and by ours; empty when all is well."""
        from synth.project.integrity import find_faults  # noqa: PLC0415  only the doctor needs it

        with naming_database_faults(self.place), self.engine.connect() as connection:
            return find_faults(connection)

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()


def _frame(table: str, columns: list[str], rows: Sequence[Any]) -> pd.DataFrame:
    import pandas as pd  # noqa: PLC0415  commands that read nothing need not load it

    types = {column.name: column.type for column in BY_NAME[table].columns}
    frame = pd.DataFrame([tuple(row) for row in rows], columns=columns, dtype=object)
    frame = frame.drop(columns=["row"], errors="ignore")
    for name, kind in types.items():
        if kind == "json":
            frame[name] = [json.loads(value) if isinstance(value, str) else value for value in frame[name]]
        elif kind in _PANDAS_TYPES:
            frame[name] = pd.array(frame[name].to_list(), dtype=_PANDAS_TYPES[kind])
    return frame
