"""Schema versions: small numbered functions, each run once, in one transaction together with its mark.

The first version is kept as data (``versions/1.json``), so that it stays what it was when the tables grow. Views and
guards are made anew after the steps. A project of a newer version than ours is refused and left as it is.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from synth.errors import StateError
from synth.project.guards import guard_rows
from synth.project.schema import SCHEMA_VERSION, build, index_statements
from synth.project.views import view_names, view_statements

Migration = Callable[[sa.Connection], None]


def make_first_schema(connection: sa.Connection) -> None:
    """Version 1: all tables of the first day."""
    text = (Path(__file__).parent / "versions" / "1.json").read_text(encoding="utf-8")
    description = json.loads(text)
    build(description).create_all(connection)
    for statement in index_statements(description):
        connection.execute(sa.text(statement))
    SCHEMA_VERSION.create(connection, checkfirst=True)


MIGRATIONS: tuple[Migration, ...] = (make_first_schema,)
"""The n-th function brings a store from version n-1 to n."""


def read_version(connection: sa.Connection) -> int:
    """The store's schema version; 0 for an empty database."""
    if not sa.inspect(connection).has_table(SCHEMA_VERSION.name):
        return 0
    return connection.execute(sa.select(sa.func.max(SCHEMA_VERSION.c.version))).scalar() or 0


def check_version(version: int, place: str, newest: int = len(MIGRATIONS)) -> None:
    """Refuse a store that a newer synth has written. Raises StateError."""
    if version > newest:
        raise StateError(
            f"{place}: this project was written by a newer synth (store version {version}, this one knows {newest})",
            hint="Update with: pip install --upgrade synth-review",
            kept="The project was not touched",
        )


def migrate(
    connection: sa.Connection, now: str, synth_version: str, migrations: tuple[Migration, ...] = MIGRATIONS
) -> int:
    """Bring the store to the newest version inside the caller's transaction; returns how many steps were made."""
    version = read_version(connection)
    check_version(version, "the project", len(migrations))
    for number, step in enumerate(migrations[version:], start=version + 1):
        step(connection)
        connection.execute(SCHEMA_VERSION.insert().values(version=number, synth=synth_version, at=now))
    if version < len(migrations):
        _make_views(connection)
        guard_rows(connection)
    return len(migrations) - version


def _make_views(connection: sa.Connection) -> None:
    for name in reversed(view_names()):
        connection.execute(sa.text(f"DROP VIEW IF EXISTS {name}"))
    for statement in view_statements():
        connection.execute(sa.text(statement))
