"""RIS, as some forty vendors write it."""

from __future__ import annotations

import re

from synth.records.clean import clean_name, clean_text, clean_value, find_isbn, find_year, join_pages, keep_first
from synth.records.fields import (
    check_record,
    gather,
    group,
    guess_database,
    label_texts,
    move_trials,
    pick,
    read_languages,
)
from synth.records.format import Format, Parsed
from synth.records.identity import add_accession, add_id, add_link
from synth.records.record import Issue, Record
from synth.records.tagged import Entry, Layout, Scan, Tag, scan
from synth.records.types import RIS_TYPES, guess_type

TITLES = ("TI", "T1")
OTHER_TITLES = ("CT", "BT", "ST")
TRANSLATED = ("TT",)
AUTHORS = frozenset({"AU", "A1"})
YEARS = ("PY", "Y1", "YR", "DA")
DATES = ("DA", "Y1", "PY", "YR")
CONTAINERS = ("JF", "T2", "JO", "JA", "J2", "BT", "J1", "T3")
ABSTRACTS = ("AB", "N2")
KEYWORDS = ("KW",)
ACCESSIONS = ("AN", "ID", "U1", "U2", "C3", "C5", "C6", "UT")
URLS = ("UR", "L2", "LK", "L1")
NOTES = ("U2",)

_KNOWN_TAGS = """
TY ER AU A1 A2 A3 A4 TA ED TI T1 T2 T3 TT ST CT BT AB N1 N2 PY Y1 Y2 YR DA JO JF JA J1 J2 J9 JI VL VO IS CP SP EP SE
PB CY PP SN BN DO UR L1 L2 L3 L4 LK KW LA LB ID AN AD C1 C2 C3 C4 C5 C6 C7 C8 M1 M2 M3 U1 U2 U3 U4 U5 DB DP ET NV OP
RN RP RI RT CA CN AV AI CC SV PU PI PA FU FX WE NL H1 H2 TS UT AF EA MA LL FD SO PM PMID PMCID
"""
_BIBLIOGRAPHIC_TAGS = """
AU A1 A2 A3 A4 ED TI T1 T2 T3 TT ST CT BT AB N2 PY Y1 YR DA JO JF JA J1 J2 SP DO UR KW AN SN BN PMID
"""
LAYOUT = Layout(
    width=2,
    mark="  - ",
    known=frozenset(_KNOWN_TAGS.split()),
    bibliographic=frozenset(_BIBLIOGRAPHIC_TAGS.split()),
    # One space, none, a tab or a second space behind the dash; tags in lower case; a few spaces before the tag.
    loose=re.compile(r"[ \t]{0,3}([A-Z][A-Z0-9]{1,3}(?=[ \t]{0,2}-(?:[ \t]|$)|  -)|[a-z][a-z0-9]{1,3}(?= {1,2}- |  -))"
                     r"[ \t]{0,2}-[ \t]?(.*)$", re.DOTALL),
    unknown=re.compile(r"([A-Z0-9]{2}|[A-Z]{4})  - (.*)$", re.DOTALL),
    header=re.compile(
        r"\s*(?:Record #?\d+ of [\d,]+|Provider: |Content: |Database: |\d{1,6}\.\s*$|<\d+\.? ?>\s*$|"
        r"Link to the Ovid Full Text|Link to the External Link|Export Date: |\*{3,}|-{5,}|={5,})", re.IGNORECASE),
    start="TY",
    end="ER",
    start_value=re.compile(r"[ \t]*(?:[A-Za-z]{2,8}\d?|[A-Z][\w-]+ [A-Z][\w-]+)?[ \t]*$"),
    trailing_tags=frozenset({"NL"}),
)
_HITS = re.compile(r"Record #?\d+ of ([\d,]+)\s*$")
_TAG_LINE = re.compile(r"(?m)^[ \t]{0,3}(?:[A-Z][A-Z0-9]|[a-z][a-z0-9]) {1,2}-(?:[ \t]|$|[^-\s])")


def sniff(sample: str) -> float:
    """How many lines look like RIS, and whether a record begins or ends."""
    tags = len(_TAG_LINE.findall(sample))
    if tags < 2:
        return 0.0
    ends = re.search(r"(?mi)^\s{0,3}(?:TY {1,2}- ?|ER {0,2}-?[ \t]*$)", sample) is not None
    return min(0.95, 0.4 + (0.4 if ends else 0) + tags / 1000)


def read(text: str) -> Parsed:
    """All records of a RIS file."""
    found = scan(text, LAYOUT)
    records, issues = [], list(_merge_missing_starts(found))
    for position, entry in enumerate(found.entries, 1):
        record = make_record(entry, position)
        records.append(record)
        titles = [(value, line) for tag, value, line in entry.fields if tag in TITLES]
        if not record.title or len(titles) > 1:
            issues.extend(check_record(record, titles))
    return Parsed(tuple(records), tuple(found.quarantine), tuple(issues), tuple(found.headers),
                  _read_hits(text, found.headers), _guess_database(records, text, found.headers))


def make_record(entry: Entry, position: int) -> Record:
    """One record from its tags."""
    groups = group(entry.fields)
    ids = _read_ids(groups)
    languages = read_languages(groups, ("LA",))
    titles = gather(groups, TITLES) or gather(groups, OTHER_TITLES)
    texts = label_texts(groups, [*titles, *gather(groups, TRANSLATED)], gather(groups, ABSTRACTS), NOTES, languages)
    urls = keep_first(gather(groups, URLS))
    for url in urls:
        add_link(ids, url)
    kind = clean_text(groups["TY"][0]).upper() if "TY" in groups else ""
    return Record(
        position, entry.line_start, entry.line_end,
        title=texts.titles[0].text if texts.titles else "",
        type=RIS_TYPES.get(kind) or guess_type(kind or pick(groups, ("M3",))),
        titles=texts.titles,
        authors=tuple(move_trials(_read_authors(entry.fields), ids)),
        year=_read_year(groups),
        date_raw=pick(groups, DATES),
        container=_pick_container(groups, titles),
        volume=pick(groups, ("VL", "VO")),
        issue=pick(groups, ("IS", "CP")),
        pages=_read_pages(groups),
        abstracts=texts.abstracts,
        keywords=_read_keywords(groups),
        languages=languages,
        affiliations=keep_first(gather(groups, ("AD",))),
        ids=ids,
        urls=urls,
        raw=entry.fields,
    )


def _read_authors(fields: tuple[Tag, ...]) -> list[str]:
    values = [value for tag, value, _ in fields if tag in AUTHORS]
    if any("\n" in value for value in values):
        values = "\n".join(values).split("\n")
    return [name for value in values if (name := clean_name(value))]


def _read_year(groups: dict[str, list[str]]) -> int | None:
    for tag in YEARS:
        for value in groups.get(tag, ()):
            year = find_year(value)
            if year:
                return year
    return None


def _pick_container(groups: dict[str, list[str]], titles: list[str]) -> str:
    """The journal, book or series. BT is the title itself where a book has no other."""
    named = ((tag, name) for tag in CONTAINERS for name in gather(groups, (tag,)))
    return next((name for tag, name in named if tag != "BT" or name not in titles[:1]), "")


def _read_pages(groups: dict[str, list[str]]) -> str:
    pages = join_pages(pick(groups, ("SP",)), pick(groups, ("EP",)))
    return pages or pick(groups, ("C7", "SE"))


def _read_keywords(groups: dict[str, list[str]]) -> tuple[str, ...]:
    """One keyword a line; a single KW tag may also hold a list."""
    values = groups.get("KW", [])
    if any("\n" in value for value in values):  # EndNote and Rayyan: one tag, then a keyword a line
        values = [part for value in values for part in value.split("\n")]
    if len(values) == 1:
        values = values[0].split(";")
    return keep_first([clean_value(value) for value in values])


def _read_ids(groups: dict[str, list[str]]) -> dict[str, str]:
    ids: dict[str, str] = {}
    for value in groups.get("DO", ()):
        add_id(ids, "doi", value)
    for tag in ("PMID", "PM"):
        for value in groups.get(tag, ()):
            add_id(ids, "pmid", value)
    for value in groups.get("PMCID", ()):
        add_id(ids, "pmcid", value)
    for tag in ACCESSIONS:
        if tag in groups:
            for value in groups[tag]:
                _add_accessions(ids, value, tag)
    _add_pubmed(groups, ids)
    for tag in ("SN", "BN"):
        for value in groups.get(tag, ()):
            _add_serial(ids, tag, value)
    return ids


def _add_serial(ids: dict[str, str], tag: str, value: str) -> None:
    """SN holds an ISSN or an ISBN; our own exports put the ISBN into BN."""
    if find_isbn(value):
        add_id(ids, "isbn", value)
    elif tag == "SN" or "issn" not in ids:
        add_id(ids, "issn", value)


def _add_accessions(ids: dict[str, str], value: str, tag: str) -> None:
    for part in value.split(",") if tag == "C3" else (value,):
        add_accession(ids, part)


def _add_pubmed(groups: dict[str, list[str]], ids: dict[str, str]) -> None:
    """PubMed numbers without a sign: EndNote puts them into AN beside ``DP  - NLM``, Embase into C5."""
    if "pmid" in ids:
        return
    if "DP" in groups and groups["DP"][0].strip() == "NLM":
        add_id(ids, "pmid", pick(groups, ("AN",)))
    elif "embase" in ids and pick(groups, ("C5",)).isdigit():
        add_id(ids, "pmid", pick(groups, ("C5",)))


def _merge_missing_starts(found: Scan) -> list[Issue]:
    """One issue, not five hundred, where a whole file was written without TY."""
    missing = [issue for issue in found.issues if issue.code == "missing_start"]
    if len(missing) < 3 or len(missing) < len(found.entries):
        return found.issues
    rest = [issue for issue in found.issues if issue.code != "missing_start"]
    message = f"no record has a TY; {len(missing)} were read up to their ER"
    return [Issue(missing[0].line, "missing_start", message), *rest]


def _read_hits(text: str, headers: list[int]) -> int | None:
    if not headers:
        return None
    lines = text.split("\n")
    found = [match for number in headers if (match := _HITS.match(lines[number - 1].strip()))]
    return max((int(match[1].replace(",", "")) for match in found), default=None)


def _guess_database(records: list[Record], text: str, headers: list[int]) -> str:
    named = [next((clean_text(value) for tag, value, _ in record.raw if tag == "DB"), "") for record in records]
    if sum(1 for name in named if name) * 2 > len(records):
        return guess_database(named)
    lines = text.split("\n") if headers else []
    said = [lines[number - 1] for number in headers if lines[number - 1].startswith("Database: ")]
    return next((clean_text(line.split(":", 1)[1]) for line in sorted(said)), "")


FORMAT = Format("ris", sniff, read, "RIS (.ris)")
