"""Where the project stands, and which command comes next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from synth.project import Project


@dataclass(frozen=True, slots=True)
class Status:
    """Counts of what is true now, and the next step with the command for it."""

    title: str
    sources: int
    found: int
    read: int
    quarantined: int
    records: int
    ungrouped: int
    works: int
    to_look_at: int
    screened: int
    unread: int
    included: int
    unclear: int
    conflicts: int
    full_text_pending: int
    studies: int
    reviews: int
    effects: int
    labels: int
    syntheses_declared: int
    syntheses_run: int
    next_words: str
    next_command: str


def read_status(project: Project) -> Status:
    """Count everything once and decide what comes next."""
    sources, records = project.read("sources"), project.read("records")
    counts = {
        **_count_sources(sources),
        **_count_works(project, records),
        **_count_screening(project, records),
        **_count_studies(project),
    }
    words, command = _next_step(counts)
    return Status(title=project.config.title, next_words=words, next_command=command, **counts)


def _count_sources(sources: pd.DataFrame) -> dict[str, int]:
    return {"sources": len(sources), **{name: int(sources[name].sum()) for name in ("found", "read", "quarantined")}}


def _count_works(project: Project, records: pd.DataFrame) -> dict[str, int]:
    grouped = set(project.read("groupings")["record_id"])
    pairs = project.read("pairs")
    return {
        "records": len(records),
        "ungrouped": int((~records["id"].isin(grouped)).sum()),
        "works": int(records["work_id"].nunique()),
        "to_look_at": int((pairs["relation"] == "maybe").sum()),
    }


def _count_screening(project: Project, records: pd.DataFrame) -> dict[str, int]:
    from synth.screening import final_verdicts

    decisions = project.read("decisions")
    people = project.config.people
    first = final_verdicts(decisions, "title_abstract", people)
    second = final_verdicts(decisions, "full_text", people)
    verdicts = dict(zip(first["work_id"], first["verdict"], strict=True))
    later = dict(zip(second["work_id"], second["verdict"], strict=True))
    included = [work for work, verdict in verdicts.items() if verdict == "include"]
    return {
        "screened": len(verdicts),
        "unread": int(records["work_id"].nunique()) - len(verdicts),
        "included": sum(verdict == "include" for verdict in later.values()),
        "unclear": sum(later.get(work, verdict) == "maybe" for work, verdict in verdicts.items()),
        "conflicts": sum(verdict == "conflict" for verdict in [*verdicts.values(), *later.values()]),
        "full_text_pending": sum(work not in later for work in included),
    }


def _count_studies(project: Project) -> dict[str, int]:
    studies = project.read("studies")
    return {
        "studies": int((studies["kind"] == "primary").sum()),
        "reviews": int((studies["kind"] == "review").sum()),
        "effects": project.store.count("effects"),
        "labels": project.store.count("labels"),
        "syntheses_declared": len(project.config.syntheses),
        "syntheses_run": project.store.count("syntheses"),
    }


def _next_step(count: dict[str, int]) -> tuple[str, str]:
    """The first thing that is not done yet, in the order of the river."""
    steps = (
        (not count["records"], "read your exports", "synth import FILES"),
        (count["ungrouped"], "put duplicate records together", "synth dedupe"),
        (count["conflicts"], "settle decisions that disagree", "synth screen conflicts"),
        (count["unread"], "decide on titles and abstracts", "synth screen next"),
        (count["full_text_pending"], "decide on full texts", "synth screen next --stage full_text"),
        (
            not count["studies"] + count["reviews"],
            "say which works tell which study",
            "synth extract studies LINKS.csv",
        ),
        (not count["labels"], "code the studies", "synth extract form -o form.csv"),
        (count["syntheses_declared"] > count["syntheses_run"], "pool what may be pooled", "synth meta"),
    )
    return next(((words, command) for open_, words, command in steps if open_), ("write the report", "synth report"))
