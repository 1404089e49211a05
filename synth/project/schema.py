"""The tables of the store as SQLAlchemy Core tables, made from ``synth.tables``.

A table whose rows we name ourselves (``key == "text"``) also counts its rows in ``row``: a newer row of the same name
replaces the older one in the view, and both stay.
"""

from __future__ import annotations

import sqlalchemy as sa

from synth.tables import TABLES, Column, Table

_TYPES = {
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

METADATA = sa.MetaData()
SCHEMA_VERSION = sa.Table(
    "schema_version",
    METADATA,
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("synth", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
)


def _column(column: Column) -> sa.Column[object]:
    kind = _TYPES[column.type]
    made = kind(none_as_null=True) if column.type == "json" else kind()
    return sa.Column(column.name, made, nullable=not column.required)


def _key(table: Table) -> list[sa.Column[object]]:
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    if table.key == "integer":
        return [sa.Column("id", number, primary_key=True, autoincrement=False)]
    return [
        sa.Column("row", number, primary_key=True, autoincrement=False),
        sa.Column("id", sa.Text, nullable=False),
    ]


def _build(table: Table) -> sa.Table:
    run = [] if table.name == "runs" else [sa.Column("run_id", sa.BigInteger, nullable=False)]
    built = sa.Table(table.name, METADATA, *_key(table), *run, *(_column(column) for column in table.columns))
    for names in _INDEXES.get(table.name, []):
        sa.Index(f"ix_{table.name}_{'_'.join(names)}", *(built.c[name] for name in names))
    return built


SQL_TABLES: dict[str, sa.Table] = {table.name: _build(table) for table in TABLES}


def row_counter(table: sa.Table) -> sa.Column[int]:
    """The column that counts a table's rows: ``row`` where we name them, ``id`` where the store does."""
    return table.c.row if "row" in table.c else table.c.id
