"""PubMed's nbib (MEDLINE display), also as ERIC writes it: without PMID."""

from __future__ import annotations

import re
from collections.abc import Sequence

from synth.records.clean import clean_name, clean_text, find_year, keep_first
from synth.records.fields import (
    check_record,
    gather,
    group,
    guess_database,
    label_texts,
    pick,
    read_languages,
)
from synth.records.format import Format, Parsed
from synth.records.identity import add_accession, add_id, add_link, add_trials
from synth.records.languages import name_language
from synth.records.record import LangText, Record, Tag
from synth.records.tagged import Entry, Layout, scan
from synth.records.types import guess_type

TITLES = ("TI", "BTI", "CTI")
TRANSLATED = ("TT",)
ABSTRACTS = ("AB", "OAB")
KEYWORDS = ("MH", "OT")
NOTES = ("GN",)

_KNOWN_TAGS = """
PMID OWN STAT DCOM LR IS VI IP DP TI PG LID AID AB OAB OABL CI FAU AU AUID AD LA GR PT PL TA JT JID SB MH OT OTO SO
EDAT MHDA CRDT PHST PST DEP DA PMC MID SI RN NM CN FIR IR IRAD FED ED BTI CTI VTI TT CON CIN EIN EFR CRI CRF PRIN
PROF RPI RPF RIN ROF UPF UIN ORI SPIN ECI ECF GN GS EN OCI PUBM ISBN ISSN OID MHD COIS PB CDAT CP SFM SPIN URL VI
"""
LAYOUT = Layout(
    width=4,
    mark="- ",
    known=frozenset(_KNOWN_TAGS.split()),
    bibliographic=frozenset({"TI", "BTI", "CTI", "FAU", "AU", "AB", "DP", "JT", "TA", "AID", "LID", "PMID", "OID"}),
    loose=re.compile(r" ?([A-Z][A-Z]{1,3}|[a-z]{2,4}) {0,2}-(?: (.*)|$)", re.DOTALL),
    unknown=re.compile(r"([A-Z][A-Z0-9]{1,3}) {0,2}- (.*)$", re.DOTALL),
    header=re.compile(r"\s*(?:Record #?\d+ of [\d,]+|\d{1,6}\.\s*$)", re.IGNORECASE),
    restart=frozenset({"PMID", "OWN"}),
    indent=" ",
)
_SIGN = re.compile(r"(?m)^(?:PMID|OWN |STAT|DCOM|FAU |EDAT|PHST|AUID)- ")
_RIS_START = re.compile(r"(?m)^TY {1,2}- ")
_TAGGED_ID = re.compile(r"^(.*\S) \[(\w+)\]$")
_OWNERS = {"NLM": "PubMed", "ERIC": "ERIC", "NASA": "PubMed", "KIE": "PubMed", "PIP": "PubMed"}


def sniff(sample: str) -> float:
    """Tags that only nbib has."""
    signs = len(_SIGN.findall(sample))
    if not signs or len(_RIS_START.findall(sample)) > signs:
        return 0.0
    return min(0.99, 0.9 + signs / 1000)


def read(text: str) -> Parsed:
    """All records of an nbib file."""
    found = scan(text, LAYOUT)
    records, issues = [], list(found.issues)
    for position, entry in enumerate(found.entries, 1):
        record = make_record(entry, position)
        records.append(record)
        issues.extend(check_record(record, [(value, line) for tag, value, line in entry.fields if tag == "TI"]))
    owners = [_OWNERS.get(pick(group(entry.fields), ("OWN",)), "") for entry in found.entries]
    return Parsed(
        tuple(records), tuple(found.quarantine), tuple(issues), tuple(found.headers), database=guess_database(owners)
    )


def make_record(entry: Entry, position: int) -> Record:
    """One record from its tags."""
    groups = group(entry.fields)
    languages = read_languages(groups, ("LA",))
    titles = gather(groups, TITLES)[:1]
    texts = label_texts(groups, [*titles, *gather(groups, TRANSLATED)], gather(groups, ABSTRACTS), NOTES, languages)
    ids, urls = _read_ids(groups)
    return Record(
        position,
        entry.line_start,
        entry.line_end,
        title=texts.titles[0].text if texts.titles else "",
        type=_read_type(groups),
        titles=texts.titles,
        authors=tuple(_read_authors(entry.fields)),
        year=find_year(pick(groups, ("DP",))) or find_year(pick(groups, ("DEP", "SO"))),
        date_raw=pick(groups, ("DP",)),
        container=pick(groups, ("JT", "TA", "BTI" if "TI" in groups else "JT")),
        volume=pick(groups, ("VI",)),
        issue=pick(groups, ("IP",)),
        pages=pick(groups, ("PG",)),
        abstracts=_name_other_abstracts(texts.abstracts, groups),
        keywords=keep_first(gather(groups, KEYWORDS)),
        languages=languages,
        affiliations=keep_first(gather(groups, ("AD",))),
        ids=ids,
        urls=keep_first(urls),
        raw=entry.fields,
    )


def _name_other_abstracts(abstracts: tuple[LangText, ...], groups: dict[str, list[str]]) -> tuple[LangText, ...]:
    """PubMed says the language of each further abstract in OABL; the first one is English then."""
    codes = [name_language(code) for code in gather(groups, ("OABL",))]
    if not codes or len(codes) + 1 != len(abstracts):
        return abstracts
    return tuple(LangText(text.text, code) for text, code in zip(abstracts, ["en", *codes], strict=True))


def _read_authors(fields: Sequence[Tag]) -> list[str]:
    """Full names (FAU) in file order; AU where there is no full name before it; a group where there is nobody."""
    found, groups, full = [], [], False
    for tag, value, _ in fields:
        if tag == "FAU":
            found.append(clean_name(value))
            full = True
        elif tag == "AU":
            if not full:
                found.append(clean_name(value, initials=True))
            full = False
        elif tag == "CN":
            groups.append(clean_text(value))
    return [name for name in found or groups if name]


def _read_type(groups: dict[str, list[str]]) -> str:
    kinds = gather(groups, ("PT",))
    guessed = [guess_type(kind) for kind in kinds]
    return next((kind for kind in guessed if kind != "other"), "other" if kinds or "JT" not in groups else "article")


def _read_ids(groups: dict[str, list[str]]) -> tuple[dict[str, str], list[str]]:
    ids: dict[str, str] = {}
    urls = []
    for scheme, tag in (("pmid", "PMID"), ("pmcid", "PMC"), ("issn", "IS"), ("issn", "ISSN"), ("isbn", "ISBN")):
        for value in groups.get(tag, ()):
            add_id(ids, scheme, value)
    for value in gather(groups, ("LID", "AID")):
        match = _TAGGED_ID.match(value)
        if match and match[2] != "pii":
            add_id(ids, match[2].lower(), match[1])
        elif value.startswith(("http", "www.")):
            urls.append(value)
            add_link(ids, value)
    for value in gather(groups, ("OID",)):
        add_accession(ids, value)
    for value in gather(groups, ("SI",)):
        add_trials(ids, value)
    return ids, urls


FORMAT = Format("nbib", sniff, read, "PubMed (.nbib)")
