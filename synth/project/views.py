"""What is true now, as SQL views over rows that are never changed: ``<table>_now`` for every table.

A view leaves out the rows of undone runs and keeps the newest row of each thing. The same text runs on SQLite and
PostgreSQL.
"""

from __future__ import annotations

from synth.project.schema import SQL_TABLES

# A run may be undone once; the undo may be undone in turn. A run is undone if its chain of undoing is of odd length.
UNDONE = """
CREATE VIEW undone_runs AS
WITH RECURSIVE chain(root, tip, depth) AS (
  SELECT undoes, id, 1 FROM runs WHERE undoes IS NOT NULL
  UNION ALL
  SELECT chain.root, runs.id, chain.depth + 1 FROM chain JOIN runs ON runs.undoes = chain.tip
)
SELECT root AS id FROM chain GROUP BY root HAVING MAX(depth) % 2 = 1
"""

RUNS = """
CREATE VIEW runs_now AS
SELECT * FROM runs WHERE id NOT IN (SELECT id FROM undone_runs)
"""

RECORDS = """
CREATE VIEW records_now AS
SELECT one.*, COALESCE(groupings_now.work_id, one.id) AS work_id, sources.loaded_at AS loaded_at
FROM newest_records AS one
JOIN sources ON sources.id = one.source_id
LEFT JOIN groupings_now ON groupings_now.record_id = one.id
"""

# Decisions are read through the current work of the record that was shown. A person's older decision gives way to a
# newer one if both were about the same work when the newer one was made; two that met only by a later merge both
# stay, so that a disagreement is seen.
DECISIONS = """
CREATE VIEW decisions_now AS
WITH placed AS (
  SELECT d.*, COALESCE(g.work_id, d.record_id) AS current_work_id, COALESCE(g.run_id, 0) AS grouped_in
  FROM decisions AS d
  JOIN newest_records AS r ON r.id = d.record_id
  LEFT JOIN groupings_now AS g ON g.record_id = d.record_id
  WHERE d.run_id NOT IN (SELECT id FROM undone_runs)
), ranked AS (
  SELECT placed.*,
    ROW_NUMBER() OVER mine AS nth,
    FIRST_VALUE(work_id) OVER mine AS last_work_id,
    FIRST_VALUE(run_id) OVER mine AS last_run_id,
    FIRST_VALUE(grouped_in) OVER mine AS last_grouped_in,
    ROW_NUMBER() OVER (PARTITION BY person_id, stage, record_id ORDER BY id DESC) AS nth_by_record
  FROM placed
  WINDOW mine AS (PARTITION BY person_id, stage, current_work_id ORDER BY id DESC)
)
SELECT {columns}, current_work_id FROM ranked
WHERE nth = 1 OR (
  nth_by_record = 1 AND work_id <> last_work_id
  AND (grouped_in >= last_run_id OR last_grouped_in >= last_run_id))
"""

STUDY_WORKS = """
CREATE VIEW study_works_now AS
SELECT one.*, COALESCE(groupings_now.work_id, one.record_id) AS current_work_id
FROM newest_study_works AS one
LEFT JOIN groupings_now ON groupings_now.record_id = one.record_id
"""

# What makes two rows of a table "the same thing", and which of them counts.
KEYS = {
    "people": ("id",),
    "records": ("id",),
    "groupings": ("record_id",),
    "pairs": ("record_id_1", "record_id_2"),
    "criteria": ("stage",),
    "predictions": ("work_id", "stage", "model"),
    "assignments": ("work_id", "stage", "person_id"),
    "documents": ("sha256", "work_id"),
    "studies": ("id",),
    "study_works": ("study_id", "record_id"),
    "questions": ("id",),
    "answers": ("study_id", "arm", "effect_id", "question_id", "person_id", "extractor"),
    "effects": ("id",),
    "labels": ("study_id", "arm", "effect_id", "axis", "term"),
    "syntheses": ("name",),
}
_NAMES = {"records": "newest_records", "study_works": "newest_study_works"}
_FIRST = {"pairs": "CASE WHEN person_id IS NULL THEN 1 ELSE 0 END, "}


def _columns(table: str) -> str:
    return ", ".join(f'"{column.name}"' for column in SQL_TABLES[table].columns if column.name != "row")


def _newest(table: str, keys: tuple[str, ...]) -> str:
    counter = "row" if "row" in SQL_TABLES[table].c else "id"
    return f"""
CREATE VIEW {_NAMES.get(table, f"{table}_now")} AS
SELECT {_columns(table)} FROM (
  SELECT {table}.*, ROW_NUMBER() OVER (PARTITION BY {", ".join(keys)} ORDER BY {_FIRST.get(table, "")}"{counter}" DESC)
    AS nth
  FROM {table} WHERE run_id NOT IN (SELECT id FROM undone_runs)
) AS all_rows WHERE nth = 1
"""  # noqa: S608  names come from the tables above, never from a user


def _plain(table: str) -> str:
    return f"""
CREATE VIEW {table}_now AS
SELECT {_columns(table)} FROM {table} WHERE run_id NOT IN (SELECT id FROM undone_runs)
"""  # noqa: S608  as above


def view_statements() -> list[str]:
    """CREATE VIEW statements in an order in which they can be made."""
    plain = [name for name in ("sources", "quarantine", "tags") if name in SQL_TABLES]
    first = [UNDONE, RUNS, *(_plain(name) for name in plain)]
    newest = [_newest(table, keys) for table, keys in KEYS.items()]
    return [*first, *newest, RECORDS, DECISIONS.format(columns=_columns("decisions")), STUDY_WORKS]


def view_names() -> list[str]:
    """The names of the views, in the same order."""
    return [statement.split()[2] for statement in view_statements()]
