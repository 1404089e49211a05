"""Web of Science, tagged (savedrecs.txt, .ciw, .isi)."""

from __future__ import annotations

import re

from synth.records.clean import clean_name, clean_text, clean_value, find_year, join_pages, keep_first, split_list
from synth.records.fields import check_record, gather, group, label_texts, pick, read_languages
from synth.records.format import Format, Parsed
from synth.records.identity import add_accession, add_id
from synth.records.record import Record
from synth.records.tagged import Entry, Layout, scan
from synth.records.types import guess_type

_KNOWN_TAGS = """
FN VR PT AU AF BA BF CA GP BE TI SO SE BS LA DT CT CY CL SP HO DE ID AB C1 C3 RP EM RI OI FU FP FX CR NR TC Z9 U1 U2
PU PI PA SN EI BN J9 JI PD PY VL IS PN SU SI MA BP EP AR DI DL D2 EA EY PG P2 WC WE SC GA UT PM OA HC HP DA ER EF FT
TT AA AN ED BH PS PC MC CC MQ TA OR BD SD Z8 ZB ZR ZS Z1 Z2 Z3 Z4 ZA
"""
LAYOUT = Layout(
    width=2,
    mark=" ",
    known=frozenset(_KNOWN_TAGS.split()),
    bibliographic=frozenset({"AU", "AF", "TI", "SO", "AB", "PY", "DI", "UT"}),
    loose=re.compile(r"([A-Z][A-Z0-9])[ \t]*(?: (.*))?$", re.DOTALL),
    unknown=re.compile(r"([A-Z][A-Z0-9]) (.*)$", re.DOTALL),
    header=re.compile(r"\s*(?:Record #?\d+ of [\d,]+|(?:FN|VR|EF)\b)", re.IGNORECASE),
    start="PT",
    end="ER",
    start_value=re.compile(r"\s*[A-Z]{0,2}\s*$"),
    header_tags=frozenset({"FN", "VR", "EF"}),
    indent=" ",
)
_START = re.compile(r"(?m)^PT (?:[JBSPC]|AA)\s*$")
_FILE = re.compile(r"(?m)^FN .*$")
_KINDS = {"J": "article", "B": "book", "S": "book", "P": "other", "C": "conference"}


def sniff(sample: str) -> float:
    """The file header FN, or PT lines with one letter."""
    head = _FILE.search(sample[:500]) is not None and "\nVR " in sample[:500]
    starts = len(_START.findall(sample))
    return 0.98 if head else (0.9 if starts else 0.0)


def read(text: str) -> Parsed:
    """All records of a Web of Science file."""
    found = scan(text, LAYOUT)
    records, issues = [], list(found.issues)
    for position, entry in enumerate(found.entries, 1):
        record = make_record(entry, position)
        records.append(record)
        issues.extend(check_record(record, [(value, line) for tag, value, line in entry.fields if tag == "TI"]))
    return Parsed(
        tuple(records),
        tuple(found.quarantine),
        tuple(issues),
        tuple(found.headers),
        database="Web of Science" if _FILE.search(text[:2000]) else "",
    )


def make_record(entry: Entry, position: int) -> Record:
    """One record from its tags."""
    groups = group(entry.fields)
    languages = read_languages(groups, ("LA",))
    titles = [*gather(groups, ("TI",))[:1], *gather(groups, ("FT", "TT"))]
    texts = label_texts(groups, titles, gather(groups, ("AB",)), (), languages)
    kind = guess_type(pick(groups, ("DT",)))
    return Record(
        position,
        entry.line_start,
        entry.line_end,
        title=texts.titles[0].text if texts.titles else "",
        type=kind if kind != "other" else _KINDS.get(pick(groups, ("PT",)), "other"),
        titles=texts.titles,
        authors=_read_authors(groups),
        year=find_year(pick(groups, ("PY",))) or find_year(pick(groups, ("PD", "EA"))),
        date_raw=_read_date(groups),
        container=pick(groups, ("SO", "J9", "JI")),
        volume=pick(groups, ("VL",)),
        issue=pick(groups, ("IS",)),
        pages=join_pages(pick(groups, ("BP",)), pick(groups, ("EP",))) or pick(groups, ("AR",)),
        abstracts=texts.abstracts,
        keywords=keep_first([word for value in gather(groups, ("DE", "ID")) for word in split_list(value)]),
        languages=languages,
        affiliations=keep_first(_lines(groups, "C1")),
        ids=_read_ids(groups),
        raw=entry.fields,
    )


def _lines(groups: dict[str, list[str]], tag: str) -> list[str]:
    """One value a line: authors and addresses."""
    return [clean_value(line) for value in groups.get(tag, ()) for line in value.split("\n")]


def _read_authors(groups: dict[str, list[str]]) -> tuple[str, ...]:
    """Full names where each author has one, else the short ones; groups where there is nobody."""
    short = [name for name in _lines(groups, "AU") if name]
    full = [name for name in _lines(groups, "AF") if name]
    names = full if len(full) >= len(short) else short
    return tuple(clean_name(name) for name in names or [clean_text(name) for name in _lines(groups, "CA") if name])


def _read_date(groups: dict[str, list[str]]) -> str:
    """``MAR 15`` and ``2019`` stand in two fields."""
    day, year = pick(groups, ("PD",)), pick(groups, ("PY",))
    return day if year and year in day else f"{day} {year}".strip()


def _read_ids(groups: dict[str, list[str]]) -> dict[str, str]:
    ids: dict[str, str] = {}
    for scheme, tag in (("doi", "DI"), ("doi", "DL"), ("pmid", "PM"), ("issn", "SN"), ("issn", "EI"), ("isbn", "BN")):
        for value in groups.get(tag, ()):
            add_id(ids, scheme, value)
    for value in gather(groups, ("UT", "AN")):
        add_accession(ids, value)
    return ids


FORMAT = Format("wos", sniff, read, "Web of Science, tagged (.txt, .ciw)")
