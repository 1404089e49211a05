"""Rows are appended, never changed: triggers that refuse UPDATE and DELETE on every table of rows."""

from __future__ import annotations

import sqlalchemy as sa

from synth.project.schema import SQL_TABLES

_MESSAGE = "rows of this store are appended, never changed"
_FUNCTION = f"""
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{_MESSAGE}'; END $$
"""


def guard_rows(connection: sa.Connection) -> None:
    """Make the triggers for every table that has none yet."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text(_FUNCTION))
    for name in SQL_TABLES:
        for statement in _statements(connection.dialect.name, name):
            connection.execute(sa.text(statement))


def _statements(dialect: str, table: str) -> list[str]:
    if dialect == "postgresql":
        return [
            f"""CREATE OR REPLACE TRIGGER keep_{table} BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION refuse_change()"""
        ]
    return [
        f"CREATE TRIGGER IF NOT EXISTS keep_{table}_{event.lower()} BEFORE {event} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END"
        for event in ("UPDATE", "DELETE")
    ]
