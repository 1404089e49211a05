"""RePEc: ReDIF templates (``Template-Type: ReDIF-Paper 1.0``) and the NEP reports that it mails."""

from __future__ import annotations

import re

from synth.records.format import Format, Parsed
from synth.records.mapping import TagTable, make_parsed, read_tagged
from synth.records.record import Quarantined, Tag
from synth.records.tagged import HTML_START, Entry, Layout, Scan

REDIF = Layout(
    width=0,
    mark="",
    known=frozenset(),
    bibliographic=frozenset({"Title", "Author-Name", "Abstract", "Handle", "DOI"}),
    loose=re.compile(r"(?!)()()"),
    unknown=re.compile(r"([A-Z][A-Za-z]{2,20}(?:-[A-Za-z]{2,20}){0,3}):[ \t]?(.*)$", re.DOTALL),
    header=re.compile(r"(?!)"),
    start="Template-Type",
)
REDIF_TABLE = TagTable(
    titles=("Title",),
    authors=("Author-Name", "Editor-Name"),
    years=("Year",),
    dates=("Creation-Date", "Publication-Date", "Revision-Date"),
    containers=("Journal", "Book-Title", "Series"),
    volume=("Volume",),
    issue=("Issue", "Number"),
    pages=("Pages",),
    abstracts=("Abstract",),
    keywords=("Keywords", "Classification-JEL"),
    languages=("Language",),
    affiliations=("Author-Workplace-Name",),
    urls=("File-URL", "Author-URL"),
    kinds=("Template-Type",),
    ids=(("doi", "DOI"), ("isbn", "ISBN"), ("issn", "ISSN")),
    accessions=("Handle",),
)
NEP_TABLE = TagTable(
    titles=("Title",),
    authors=("Author",),
    dates=("Date",),
    abstracts=("Abstract",),
    keywords=("Keywords", "JEL"),
    urls=("URL",),
    kind="report",
)
_REDIF = re.compile(r"(?mi)^Template-Type: ?ReDIF-")
_NEP = re.compile(r"(?m)^NEP: New Economics Papers|^Subject: \[nep-|http://d\.repec\.org/n\?u=")
_RULE = re.compile(r"-{20,}\s*$")
_NUMBER = re.compile(r"(\d{1,4})\.[ \t]+(\S.*)$")
_FIELD = re.compile(r"(Keywords|JEL|Date|URL|By):[ \t]*(.*)$")


def sniff(sample: str) -> float:
    """A ReDIF template, or the head of a NEP report."""
    return 0.97 if _REDIF.search(sample) or _NEP.search(sample) else 0.0


def read(text: str) -> Parsed:
    """All papers."""
    redif = _REDIF.search(text) is not None
    parsed = read_tagged(text, REDIF, REDIF_TABLE) if redif else make_parsed(read_report(text), NEP_TABLE)
    return Parsed(parsed.records, parsed.quarantine, parsed.issues, parsed.headers, database="RePEc")


def read_report(text: str) -> Scan:
    """A NEP report: behind the list of contents, each paper opens with its number and title."""
    lines, found = text.split("\n"), Scan()
    page = next((number for number, line in enumerate(lines, 1) if HTML_START.match(line)), 0)
    if page:
        reason = "a web page, not a record (a login or error page?)"
        found.quarantine.append(Quarantined(page, len(lines), "html", reason, "\n".join(lines[page - 1 :])))
        lines = lines[: page - 1]
    starts = _find_papers(lines)
    if not starts:
        reason = "the report names no paper"
        found.quarantine.append(Quarantined(1, len(lines), "no_content", reason, text))
        return found
    found.headers.extend(range(1, starts[0]))
    for start, stop in zip(starts, [*starts[1:], len(lines) + 1], strict=True):
        found.entries.append(_read_paper(lines, start, stop))
    return found


def _find_papers(lines: list[str]) -> list[int]:
    """Lines with a paper's number. The first list of numbers is the list of contents; the second one counts."""
    numbered = [index for index, line in enumerate(lines, 1) if _NUMBER.match(line) and _stands_alone(lines, index)]
    ones = [index for index in numbered if lines[index - 1].startswith("1.")]
    if len(ones) > 1:
        return [index for index in numbered if index >= ones[1]]
    return numbered


def _stands_alone(lines: list[str], number: int) -> bool:
    before = lines[number - 2] if number > 1 else ""
    return not before.strip() or _RULE.match(before) is not None


def _read_paper(lines: list[str], start: int, stop: int) -> Entry:
    match = _NUMBER.match(lines[start - 1])
    fields: list[Tag] = [("Number", match[1], start), ("Title", match[2], start)] if match else []
    tag = "Title"
    for number in range(start + 1, stop):
        line = lines[number - 1]
        if line.strip():
            tag, value = _read_line(line, tag, fields)
            fields.append((tag, value, number))
    return Entry(tuple(_join(fields)), start, fields[-1][2] if fields else start)


def _read_line(line: str, tag: str, fields: list[Tag]) -> tuple[str, str]:
    """What a line of a paper holds: people are indented below the title, the abstract follows, then named fields."""
    match = _FIELD.match(line)
    if match:
        return match[1], match[2]
    if line.startswith("  ") and tag in {"Title", "Author"} and not any(name == "Abstract" for name, _, _ in fields):
        return "Author", line.strip()
    if _RULE.match(line):
        return "Rule", line
    return ("Abstract" if tag in {"Title", "Author", "Abstract"} else tag), line.strip()


def _join(fields: list[Tag]) -> list[Tag]:
    """Lines of one abstract or field in one value; people stay one a line."""
    joined: list[Tag] = []
    for tag, value, line in fields:
        if joined and joined[-1][0] == tag and tag not in {"Author", "Rule"}:
            joined[-1] = (tag, f"{joined[-1][1]}\n{value}", joined[-1][2])
        else:
            joined.append((tag, value, line))
    return joined


FORMAT = Format("repec", sniff, read, "RePEc (ReDIF templates, NEP reports)")
