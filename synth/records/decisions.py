"""Decisions that screening tools write into their exports (Rayyan, ASReview, Covidence): found, counted, never used.

They stay in the raw fields. Whoever wants them as decisions takes them in with ``synth screen import``, as a person's.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from synth.records.record import Issue, Record

COLUMNS = {
    "asreviewlabel": "ASReview",
    "asreviewincluded": "ASReview",
    "included": "",
    "labelincluded": "",
    "finallabel": "",
    "inclusiondecision": "",
    "screeningdecision": "",
    "covidencestatus": "Covidence",
}
"""Columns with a decision, as ``normalise_header`` leaves their names, and the tool that writes them."""
_WORDS = {
    "1": "include",
    "1.0": "include",
    "true": "include",
    "yes": "include",
    "included": "include",
    "include": "include",
    "relevant": "include",
    "0": "exclude",
    "0.0": "exclude",
    "false": "exclude",
    "no": "exclude",
    "excluded": "exclude",
    "exclude": "exclude",
    "irrelevant": "exclude",
    "maybe": "maybe",
}
_ASREVIEW = re.compile(r"^ASReview_(relevant|irrelevant|not_seen)$")
_RAYYAN = re.compile(r"RAYYAN-INCLUSION:\s*\{([^{}]{0,2000})\}")
_RAYYAN_PERSON = re.compile(r'"([^"]{1,100})"\s*=>\s*"([^"]{1,40})"')
_NOT_LETTERS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class KeptDecision:
    """What one export says about one record: the tool, the person (if named), the verdict in our words, the line."""

    tool: str
    person: str
    verdict: str
    line: int


def find_decisions(record: Record) -> Iterator[KeptDecision]:
    """The decisions in a record's raw fields: columns of a table, ASReview's and Rayyan's notes."""
    for tag, value, line in record.raw:
        if "RAYYAN-INCLUSION" in value:
            yield from _read_rayyan(value, line)
        elif tag in {"N1", "notes", "note"} and value.startswith("ASReview_"):
            yield from _read_asreview(value, line)
        elif value and len(value) < 20:
            name = _NOT_LETTERS.sub("", tag.casefold())
            if name in COLUMNS and value.strip().casefold() in _WORDS:
                yield KeptDecision(COLUMNS[name], "", _WORDS[value.strip().casefold()], line)


def _read_rayyan(value: str, line: int) -> Iterator[KeptDecision]:
    for found in _RAYYAN.findall(value):
        for person, word in _RAYYAN_PERSON.findall(found):
            yield KeptDecision("Rayyan", person, _WORDS.get(word.casefold(), word.casefold()), line)


def _read_asreview(value: str, line: int) -> Iterator[KeptDecision]:
    match = _ASREVIEW.match(value.strip())
    if match and match[1] != "not_seen":
        yield KeptDecision("ASReview", "", _WORDS[match[1]], line)


def say_decisions(records: Iterable[Record], line: int) -> Sequence[Issue]:
    """One note for a file that holds decisions: whose, how many, and that they were not used."""
    counts: Counter[tuple[str, str]] = Counter()
    for record in records:
        counts.update((found.tool, found.verdict) for found in find_decisions(record))
    if not counts:
        return ()
    tools = sorted({tool for tool, _ in counts} - {""})
    parts = ", ".join(f"{number} {verdict}" for (_, verdict), number in sorted(counts.items()))
    whose = " and ".join(tools) or "a screening tool"
    message = f"the file holds decisions of {whose} ({parts}); they are kept with the records and were not used"
    return (Issue(line, "decisions_kept", message),)
