"""The tables of the store as SQLAlchemy Core tables, made from ``synth.tables``.

A table whose rows we name ourselves (``key == "text"``) also counts its rows in ``row``: a newer row of the same name
replaces the older one in the view, and both stay. ``describe`` and ``build`` turn a schema into plain data and back,
so that each version of it can be kept as it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from synth.tables import TABLES, Table

_TYPES: dict[str, Any] = {
    "text": sa.Text,
    "integer": sa.BigInteger,
    "real": sa.Double,
    "boolean": sa.Boolean,
    "json": sa.JSON,
    "time": sa.Text,
}
_INDEXES: dict[str, list[tuple[str, ...]]] = {
    "runs": [("undoes",)],
    "records": [("id",), ("source_id",)],
    "groupings": [("record_id",)],
    "pairs": [("record_id_1", "record_id_2")],
    "decisions": [("record_id",), ("person_id", "stage")],
    "predictions": [("work_id", "stage")],
    "answers": [("study_id", "question_id")],
    "effects": [("id",)],
    "labels": [("study_id", "axis")],
    "sources": [("file_sha256",)],
}
Description = Mapping[str, Mapping[str, Any]]


def describe(tables: Sequence[Table]) -> dict[str, dict[str, Any]]:
    """The tables as plain data: key, columns [name, type, required], indexes."""
    return {
        table.name: {
            "key": table.key,
            "columns": [[column.name, column.type, column.required] for column in table.columns],
            "indexes": [list(names) for names in _INDEXES.get(table.name, [])],
        }
        for table in tables
    }


def build(description: Description) -> sa.MetaData:
    """SQLAlchemy tables from ``describe``'s data."""
    metadata = sa.MetaData()
    for name, table in description.items():
        _build_table(metadata, name, table)
    return metadata


def _build_table(metadata: sa.MetaData, name: str, table: Mapping[str, Any]) -> None:
    run = [] if name == "runs" else [sa.Column("run_id", sa.BigInteger, nullable=False)]
    columns = [_build_column(*column) for column in table["columns"]]
    sa.Table(name, metadata, *_build_key(table["key"]), *run, *columns)


def index_statements(description: Description) -> list[str]:
    """CREATE INDEX statements, in the order of the description (SQLAlchemy keeps indexes in no order)."""
    return [
        f"CREATE INDEX ix_{name}_{'_'.join(names)} ON {name} ({', '.join(names)})"
        for name, table in description.items()
        for names in table["indexes"]
    ]


def _build_key(kind: str) -> list[sa.Column[Any]]:
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    if kind == "integer":
        return [sa.Column("id", number, primary_key=True, autoincrement=False)]
    counter = sa.Column("row", number, primary_key=True, autoincrement=False)
    return [counter, sa.Column("id", sa.Text, nullable=False)]


def _build_column(name: str, kind: str, required: bool) -> sa.Column[Any]:
    made = sa.JSON(none_as_null=True) if kind == "json" else _TYPES[kind]()
    return sa.Column(name, made, nullable=not required)


METADATA = build(describe(TABLES))
SQL_TABLES: dict[str, sa.Table] = dict(METADATA.tables)
SCHEMA_VERSION = sa.Table(
    "schema_version",
    sa.MetaData(),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("synth", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
)


def row_counter(table: sa.Table) -> sa.Column[int]:
    """The column that counts a table's rows: ``row`` where we name them, ``id`` where the store does."""
    return table.c.row if "row" in table.c else table.c.id
