"""The report's sections, from the project's current rows: each function takes frames and gives a section.

What a table of the store does not hold is said: "not recorded" stands in the cell, and one section gathers the gaps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from synth.report.document import Block, Facts, FigureBlock, Section, TableBlock, Text, as_rows, tell
from synth.report.prisma import FlowCounts, counts_as_dict

if TYPE_CHECKING:
    import pandas as pd

STAGE_WORDS = {"title_abstract": "Title and abstract", "retrieval": "Retrieval", "full_text": "Full text"}
STUDY_AXES = ("population", "setting", "country", "evidence_type", "voice")
"""Axes of the labels that the table of studies shows, if any study has them."""
AXIS_WORDS = {
    "population": "Population",
    "setting": "Setting",
    "country": "Country",
    "evidence_type": "Kind of evidence",
    "voice": "Voices",
    "approach": "Approach",
    "level": "Level",
}


PLACEHOLDER = "Say here what "
"""How the criteria of a new project begin, until people write their own."""


def describe_criteria(criteria: pd.DataFrame, declared: Mapping[str, Mapping[str, Any]]) -> Section:
    """Criteria in force by stage: those recorded with a version, else those of synth.toml."""
    blocks: list[Block] = []
    recorded = {row["stage"]: row for row in criteria.to_dict("records")}
    for stage in ("title_abstract", "full_text"):
        row = recorded.get(stage) or declared.get(stage)
        if not row or str(row.get("text", "")).startswith(PLACEHOLDER):
            continue
        version = f"version {row['version']}, recorded {row['at']}" if "version" in row else "declared, not yet used"
        facts = [
            (STAGE_WORDS[stage], tell(row.get("text"))),
            ("Reasons for exclusion", tell(row.get("reasons"))),
            ("Which version", version),
        ]
        blocks.append(Facts(tuple(facts)))
    return Section("criteria", "Criteria", tuple(blocks) or (Text(("No criteria are recorded.",), "warning"),))


def list_sources(sources: pd.DataFrame) -> Section:
    """Sources as PRISMA-S asks for them (Rethlefsen et al. 2021, Syst Rev 10:39), with the ledger of the import."""
    names = ("database", "kind", "platform", "searched_on", "query", "hits_reported", "file_name")
    heads = ("Source", "Kind", "Platform", "Searched on", "Search string", "Hits reported", "File")
    rows = as_rows([[row.get(name) for name in names] for row in sources.to_dict("records")])
    ledger = as_rows(
        [
            [
                row["file_name"] or row["database"],
                row["found"],
                row["read"],
                row["quarantined"],
                row["format"],
                row["loaded_at"],
            ]
            for row in sources.to_dict("records")
        ]
    )
    total = [int(sources[name].sum()) for name in ("found", "read", "quarantined")]
    holds = bool((sources["found"] == sources["read"] + sources["quarantined"]).all())
    sentence = f"{total[0]} entries were found: {total[1]} were read as records and {total[2]} lie in quarantine."
    check = (
        "Found = read + quarantined holds for every source." if holds else "Found = read + quarantined does NOT hold."
    )
    return Section(
        "sources",
        "Sources and import",
        (
            TableBlock("Sources, as PRISMA-S asks for them", heads, rows, frozenset({5})),
            Text((f"{sentence} {check}",), "" if holds else "warning"),
            TableBlock(
                "What each file held",
                ("File", "Found", "Read", "Quarantined", "Format", "Imported at"),
                ledger,
                frozenset({1, 2, 3}),
            ),
        ),
    )


def list_quarantine(quarantine: pd.DataFrame, sources: pd.DataFrame) -> TableBlock:
    """What could not be read, by file, line and reason; the text itself stays in the project."""
    files = dict(zip(sources["id"], sources["file_name"], strict=True))
    rows = [
        [files.get(row["source_id"]), f"{row['line_start']}-{row['line_end']}", row["reason"]]
        for row in quarantine.to_dict("records")
    ]
    return TableBlock(
        "Quarantined pieces",
        ("File", "Lines", "Reason"),
        as_rows(rows),
        folded=True,
        empty="none: everything was read.",
    )


def count_duplicates(records: pd.DataFrame, pairs: pd.DataFrame) -> Section:
    """Records, works, and what is known about pairs."""
    works = records["work_id"].nunique()
    relations = pairs["relation"].value_counts() if len(pairs) else {}
    facts = (
        ("Records", str(len(records))),
        ("Works (publications)", str(works)),
        ("Duplicate records", str(len(records) - works)),
        ("Pairs held to be the same", str(int(relations.get("same", 0)))),
        ("Pairs held to be different", str(int(relations.get("different", 0)))),
        ("Pairs that a person has yet to judge", str(int(relations.get("maybe", 0)))),
        ("Pairs judged by a person", str(int(pairs["person_id"].notna().sum())) if len(pairs) else "0"),
    )
    return Section("duplicates", "Duplicates", (Facts(facts),))


def tell_flow_section(counts: FlowCounts, problems: Sequence[str], figure: str, caption: str) -> Section:
    """The PRISMA flow: figure, sums that do not come out, and the numbers as a table."""
    plain = counts_as_dict(counts)
    rows = [
        [words, plain["main"][name], plain["other"][name] if plain["other"] else None] for words, name in _FLOW_LINES
    ]
    notes = tuple(f"The sums do not come out: {problem}." for problem in problems)
    return Section(
        "flow",
        "Flow of records (PRISMA 2020)",
        (
            FigureBlock(figure, caption),
            *([Text(notes, "warning")] if notes else []),
            TableBlock(
                "The flow in numbers",
                ("", "Databases and registers", "Other methods"),
                as_rows(rows),
                frozenset({1, 2}),
                folded=True,
            ),
        ),
    )


_FLOW_LINES = (
    ("Records identified", "identified"),
    ("Counted by their source, not in the project", "noted"),
    ("In quarantine", "unreadable"),
    ("Duplicates removed", "duplicates"),
    ("Records screened", "screened"),
    ("Not read", "unread"),
    ("Records excluded", "excluded"),
    ("Awaiting classification", "unclear"),
    ("Reports sought", "sought"),
    ("Not retrieved", "not_retrieved"),
    ("Not yet assessed", "pending"),
    ("Reports assessed", "assessed"),
    ("Awaiting classification (full text)", "unclear_full"),
    ("Reports included", "included"),
)


def describe_screening(
    decisions: pd.DataFrame, settled: pd.DataFrame, people: Mapping[str, str], figure: str, caption: str
) -> Section:
    """Who decided what, conflicts, and the curve of reading."""
    rows = [
        [
            people.get(str(person), str(person)),
            STAGE_WORDS.get(str(stage), str(stage)),
            len(group),
            "; ".join(f"{verdict} {number}" for verdict, number in sorted(group["verdict"].value_counts().items())),
        ]
        for (person, stage), group in decisions.groupby(["person_id", "stage"], sort=True)
    ]
    conflicts = int((settled["how"] == "conflict").sum()) if len(settled) else 0
    both = int(settled["how"].isin(["agreed", "adjudicated", "conflict"]).sum()) if len(settled) else 0
    sentence = f"{both} of {len(settled)} verdicts rest on more than one person; {conflicts} conflicts are open."
    blocks: list[Block] = [
        TableBlock(
            "Decisions by person and stage", ("Person", "Stage", "Decisions", "Verdicts"), as_rows(rows), frozenset({2})
        ),
        Text((sentence,), "" if both else "warning"),
    ]
    return Section("screening", "Screening", (*blocks, *([FigureBlock(figure, caption)] if figure else [])))


def list_studies(
    studies: pd.DataFrame,
    study_works: pd.DataFrame,
    effects: pd.DataFrame,
    labels: pd.DataFrame,
    words: Mapping[str, str],
) -> Section:
    """Included studies with their codes and voices; reviews apart. ``words`` gives a term's label."""
    axes = [axis for axis in STUDY_AXES if (labels["axis"] == axis).any()]
    terms = _terms_by_study(labels, words)
    told = effects.dropna(subset=["informant"]).groupby("study_id")["informant"]
    voices = {study: sorted({str(one) for one in group if one}) for study, group in told}
    heads = (
        "Study",
        "Year",
        *(AXIS_WORDS.get(axis, axis.replace("_", " ").capitalize()) for axis in axes),
        "Informants of effects",
        "Reports",
        "Effects",
    )
    reports = study_works.groupby("study_id")["current_work_id"].nunique().to_dict() if len(study_works) else {}
    numbers = effects["study_id"].value_counts().to_dict()
    tables = []
    for kind, caption in (
        ("primary", "Primary studies"),
        ("review", "Reviews, counted apart and never pooled with studies"),
    ):
        rows = [
            [
                row["name"],
                row["year"],
                *(terms.get((row["id"], axis), "") for axis in axes),
                "; ".join(voices.get(row["id"], [])),
                reports.get(row["id"]),
                numbers.get(row["id"], 0),
            ]
            for row in studies[studies["kind"] == kind].sort_values(["name", "id"]).to_dict("records")
        ]
        last = len(heads)
        tables.append(
            TableBlock(caption, heads, as_rows(rows), frozenset({1, last - 2, last - 1}), folded=len(rows) > 20)
        )
    return Section("studies", "Included studies", tuple(tables))


def _terms_by_study(labels: pd.DataFrame, words: Mapping[str, str]) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], list[str]] = {}
    for row in labels[labels["status"] != "suggested"].to_dict("records"):
        term = str(row["term"])
        found.setdefault((row["study_id"], row["axis"]), []).append(words.get(term, term))
    return {key: "; ".join(sorted(set(terms))) for key, terms in found.items()}


def show_synthesis(
    key: str,
    name: str,
    lines: Sequence[str],
    figure: FigureBlock,
    *,
    mark: str,
    table: pd.DataFrame,
    left_out: pd.DataFrame,
) -> Section:
    """One synthesis: the result in words, its forest plot, its rows, and every row left out, with the reason."""
    shown = table[["label", "kind", "group", "estimate", "low", "high", "weight", "direction", "note"]]
    heads = ("Row", "Kind", "Group", "Estimate", "Low", "High", "Weight %", "Direction", "Note")
    left = left_out[["name", "outcome", "informant", "measure", "direction", "reason"]]
    return Section(
        key,
        name,
        (
            Text(tuple(lines)),
            figure,
            TableBlock("The plot as a table", heads, _fill(shown), frozenset({3, 4, 5, 6}), folded=True),
            TableBlock(
                "Left out, with the reason",
                ("Study", "Outcome", "Informant", "Measure", "Direction", "Reason"),
                as_rows(left.to_numpy().tolist()),
                folded=True,
                empty="nothing was left out.",
            ),
        ),
        mark=mark,
        level=3,
    )


def _fill(frame: pd.DataFrame) -> tuple[tuple[str, ...], ...]:
    """Cells of a plot's table; a dash where a kind of row has no such number."""
    rows = as_rows(frame.to_numpy().tolist())
    return tuple(tuple(cell or ("–" if place else "") for place, cell in enumerate(row)) for row in rows)


_EFFECT_COLUMNS = {
    "outcome": "Outcome",
    "outcome_domain": "Domain",
    "informant": "Informant",
    "measure": "Measure",
    "estimate_text": "As printed",
    "ci_low": "Low",
    "ci_high": "High",
    "direction": "Direction",
    "design_class": "Design",
    "status": "Status",
    "place": "Where it was seen",
}


def list_effects(effects: pd.DataFrame, studies: pd.DataFrame) -> Section:
    """Every effect as it was extracted, with whose account it is and where it was seen."""
    names = dict(zip(studies["id"], studies["name"], strict=True))
    rows = [
        [names.get(row["study_id"], row["study_id"]), *(row[column] for column in _EFFECT_COLUMNS)]
        for row in effects.sort_values(["study_id", "id"]).to_dict("records")
    ]
    suggested = int((effects["status"] == "suggested").sum())
    note = (
        f"{suggested} of {len(effects)} effects are suggestions that nobody has checked; they stay out of every pool."
    )
    heads = ("Study", *_EFFECT_COLUMNS.values())
    table = TableBlock("All effects", heads, as_rows(rows), frozenset({5, 6, 7}), folded=True)
    return Section("effects", "Effects", (Text((note,), "warning" if suggested else "quiet"), table))


_SOURCE_PARTS = (
    ("query", "search string"),
    ("searched_on", "date of the search"),
    ("hits_reported", "hits that the source reported"),
    ("platform", "platform"),
)
_EFFECT_PARTS = (
    ("estimate", "estimate"),
    ("ci_low", "interval"),
    ("informant", "informant"),
    ("adjusted", "adjustment"),
    ("timepoint_months", "time point"),
    ("place", "place"),
)


def list_gaps(
    sources: pd.DataFrame,
    studies: pd.DataFrame,
    effects: pd.DataFrame,
    labels: pd.DataFrame,
    counts: FlowCounts,
) -> Section:
    """What is not recorded, counted: a reader must not take silence for nought."""
    rows = [
        *_missing(sources, "sources", _SOURCE_PARTS),
        *_missing(effects, "effects", _EFFECT_PARTS),
        *_unlabelled(studies, labels),
        *_missing_counts(counts),
    ]
    heads = ("Where", "What", "Missing", "Of")
    told = "“Not recorded” means that nobody entered it. It is not nought, and it is not “no”."
    table = TableBlock("Missing entries", heads, tuple(rows), frozenset({2, 3}), empty="nothing is missing.")
    return Section("gaps", "What is not recorded", (Text((told,), "quiet"), table))


def _missing_counts(counts: FlowCounts) -> list[tuple[str, str, str, str]]:
    flow = (
        ("records marked as ineligible by automation", counts.automatic),
        ("registers searched", counts.registers),
        ("websites searched", counts.websites),
        ("organisations asked", counts.organisations),
        ("citations searched", counts.citations),
        ("reports not retrieved", counts.main.not_retrieved),
        ("studies told by the included reports", counts.studies),
    )
    return [("flow", words, "not recorded", "–") for words, value in flow if value is None]


def _missing(frame: pd.DataFrame, where: str, columns: Sequence[tuple[str, str]]) -> list[tuple[str, str, str, str]]:
    found = []
    for column, words in columns:
        number = sum(not tell(value).strip() for value in frame[column])
        if number:
            found.append((where, words, str(number), str(len(frame))))
    return found


def _unlabelled(studies: pd.DataFrame, labels: pd.DataFrame) -> list[tuple[str, str, str, str]]:
    found = []
    for axis in sorted(set(labels["axis"])):
        number = len(set(studies["id"]) - set(labels[labels["axis"] == axis]["study_id"]))
        if number:
            found.append(
                ("studies", AXIS_WORDS.get(axis, axis.replace("_", " ")).lower(), str(number), str(len(studies)))
            )
    return found


def tell_provenance(
    runs: pd.DataFrame, sources: pd.DataFrame, versions: Mapping[str, str], checksums: Mapping[str, str]
) -> Section:
    """Versions, checksums and every command that wrote something."""
    files = as_rows([[row["file_name"] or row["database"], row["file_sha256"]] for row in sources.to_dict("records")])
    rows = as_rows(
        [
            [row["id"], row["step"], row["at"], row["version"], row["seed"], row["undoes"]]
            for row in runs.sort_values("id").to_dict("records")
        ]
    )
    return Section(
        "provenance",
        "Data, versions and runs",
        (
            Facts(tuple((name, version) for name, version in versions.items())),
            TableBlock(
                "Checksums of what was declared and read (SHA-256)",
                ("File", "SHA-256"),
                (*as_rows(list(checksums.items())), *files),
            ),
            TableBlock(
                "Runs: every command that wrote something",
                ("Run", "Command", "At", "Version", "Seed", "Takes back run"),
                _fill_runs(rows),
                frozenset({0}),
                folded=True,
            ),
        ),
    )


def _fill_runs(rows: Sequence[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    """A run without a seed had no chance in it; one that undoes nothing is plain."""
    return tuple((*row[:4], row[4] or "–", row[5] or "–") for row in rows)
