"""Is the store whole? The database's own check, and the promises that can be counted."""

from __future__ import annotations

import sqlalchemy as sa

_PROMISES: tuple[tuple[str, str], ...] = (
    (
        "a source's found is not read + quarantined",
        "SELECT COUNT(*) FROM sources WHERE found <> read + quarantined",
    ),
    (
        "a source's records are not all there",
        """SELECT COUNT(*) FROM sources AS s WHERE s.file_sha256 IS NOT NULL AND s."read" <>
        (SELECT COUNT(*) FROM records AS r WHERE r.source_id = s.id)""",
    ),
    (
        "a source's quarantined text is not all there",
        """SELECT COUNT(*) FROM sources AS s WHERE s.file_sha256 IS NOT NULL AND s.quarantined <>
        (SELECT COUNT(*) FROM quarantine AS q WHERE q.source_id = s.id)""",
    ),
    (
        "a decision is about a record that is not there",
        "SELECT COUNT(*) FROM decisions WHERE record_id NOT IN (SELECT id FROM records)",
    ),
    (
        "a grouping names a record that is not there",
        "SELECT COUNT(*) FROM groupings WHERE record_id NOT IN (SELECT id FROM records)",
    ),
    (
        "a row belongs to a run that is not there",
        "SELECT COUNT(*) FROM decisions WHERE run_id NOT IN (SELECT id FROM runs)",
    ),
    (
        "an effect belongs to a study that is not there",
        "SELECT COUNT(*) FROM effects WHERE study_id NOT IN (SELECT id FROM studies)",
    ),
)


def find_faults(connection: sa.Connection) -> list[str]:
    """One sentence per broken promise; empty when the store is whole."""
    return [*_database_faults(connection), *_broken_promises(connection)]


def _database_faults(connection: sa.Connection) -> list[str]:
    if connection.dialect.name != "sqlite":
        return []
    answers = [str(row[0]) for row in connection.execute(sa.text("PRAGMA integrity_check"))]
    return [] if answers == ["ok"] else answers


def _broken_promises(connection: sa.Connection) -> list[str]:
    counted = ((text, connection.execute(sa.text(query)).scalar() or 0) for text, query in _PROMISES)
    return [f"{text} ({number} times)" for text, number in counted if number]
