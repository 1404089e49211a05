"""Cochrane Library text export: blocks that open with ``Record #1 of 271``."""

from __future__ import annotations

import re

from synth.records.clean import clean_text
from synth.records.format import Format, Parsed
from synth.records.mapping import TagTable, read_tagged
from synth.records.record import Issue
from synth.records.tagged import Layout

START = "Record #"
LAYOUT = Layout(
    width=0,
    mark="",
    known=frozenset(),
    bibliographic=frozenset({"ID", "AU", "TI", "SO", "YR", "AB", "DOI"}),
    loose=re.compile(r"(?!)()()"),
    unknown=re.compile(
        r"(Record #(?=\d+ of \d)|(?:ID|AU|TI|SO|YR|NO|VL|PG|PB|KY|CC|DOI|AB|US|PM|XR|PT|SN|CY|AN|DB|LA|"
        r"ED|CO|TR|DE|GR|CT|OP)(?=:)):?[ \t]?(.*)$",
        re.DOTALL,
    ),
    header=re.compile(r"(?!)"),
    start=START,
    start_value=re.compile(r"\d+ of [\d,]+\s*$"),
)
PARTICLES = frozenset(
    {
        "van",
        "von",
        "der",
        "den",
        "de",
        "del",
        "della",
        "di",
        "da",
        "dos",
        "du",
        "la",
        "le",
        "el",
        "al",
        "bin",
        "ben",
        "ter",
        "ten",
        "st",
        "st.",
        "af",
        "zu",
    }
)
"""Words that belong to the family name behind them."""


def read_name(value: str) -> list[str]:
    """``Crowther Caroline A`` -> ``Crowther, Caroline A``: the family name stands first, particles belong to it."""
    text = clean_text(value)
    words = text.split(" ")
    if "," in text or len(words) < 2:
        return [text] if text else []
    family = next((index for index, word in enumerate(words) if word.casefold() not in PARTICLES), 0) + 1
    return [f"{' '.join(words[:family])}, {' '.join(words[family:])}" if family < len(words) else text]


TABLE = TagTable(
    titles=("TI",),
    authors=("AU",),
    years=("YR",),
    containers=("SO",),
    volume=("VL",),
    issue=("NO",),
    pages=("PG",),
    abstracts=("AB",),
    keywords=("KY",),
    languages=("LA",),
    urls=("US",),
    kinds=("PT",),
    ids=(("doi", "DOI"), ("issn", "SN")),
    accessions=("ID", "PM", "XR", "AN"),
    trials=("AU", "XR", "AN"),
    names=read_name,
)
_COUNTER = re.compile(r"(\d{1,9}) of (\d[\d,]{0,12})")
_STARTS = re.compile(r"(?m)^Record #\d+ of (\d[\d,]*)\s*$\n(?:ID|AU|TI): ")


def sniff(sample: str) -> float:
    """The counter line with a tag and a colon under it; Cochrane's RIS has the same counter above ``TY  -``."""
    return 0.98 if _STARTS.search(sample) else 0.0


def read(text: str) -> Parsed:
    """All records, and whether they are as many as Cochrane counted."""
    parsed = read_tagged(text, LAYOUT, TABLE)
    counters = [
        (int(match[1]), int(match[2].replace(",", "")), line)
        for record in parsed.records
        for tag, value, line in record.raw
        if tag == START and (match := _COUNTER.match(value))
    ]
    hits = max((total for _, total, _ in counters), default=None)
    ids = {record.ids.get("central", "") for record in parsed.records} - {""}
    database = "CENTRAL" if ids else "Cochrane Database of Systematic Reviews"
    issues = (*parsed.issues, *_check_counters(counters))
    return Parsed(parsed.records, parsed.quarantine, issues, parsed.headers, hits, database)


def _check_counters(counters: list[tuple[int, int, int]]) -> list[Issue]:
    """Cochrane numbers its records: a number that is left out is a record that is not in the file."""
    issues, last = [], 0
    for number, _, line in counters:
        if number > last + 1:
            missing = f"{last + 1}" if number == last + 2 else f"{last + 1}-{number - 1}"
            message = f"line {line}: record {number} follows record {last}; number {missing} is not in the file"
            issues.append(Issue(line, "missing_number", message))
        last = number
    return issues


FORMAT = Format("cochrane", sniff, read, "Cochrane Library text")
