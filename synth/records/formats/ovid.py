"""Ovid's text exports: blocks that open with ``<1. >``, tagged (reprint/medlars) or with labels (citation)."""

from __future__ import annotations

import re
from dataclasses import replace

from synth.records.clean import clean_name, clean_text, find_year
from synth.records.format import Format, Parsed
from synth.records.mapping import TagTable, make_parsed
from synth.records.record import Record
from synth.records.tagged import Layout, scan

LABELS = "|".join(
    """
Accession Number|Unique Identifier|Author|Authors|Author NameID|Authors Full Name|Institution|Institution, Country|Title
Original Title|Translated Title|Source|Abstract|Abstract Number|Author Keywords|Keywords|Key Phrase Identifiers
References|Language|Document Type|Publication Type|Journal Subset|Score|Year of Publication|Publication Date
Date of Publication|Publisher|Country of Publication|Country|ISSN|ISSN Print|ISSN Electronic|ISBN|DOI|Database
Digital Object Identifier|Digital Object Identifier Number|MeSH Subject Headings|Subject Headings|Heading Words
Local Messages|Link to the Ovid Full Text or citation|Correspondence Address|E-mail|Email Address|Volume|Issue
Issue/Part|Page|Pages|Comments|Copyright|Update Code|Entry Week|Status|PMID|PubMed ID|PMC Identifier|Journal Name
Journal Title|Clinical Trial Number|Conference|Conference Information|Drug Index Terms|Emtree Heading|Candidate Terms
Grant Number|Summary Language|Population Group|Population|Age Group|Methodology|Classification Code|Tests & Measures
Publication History|Format Covered|Book Title|Editor|Institutional Authors|Registry Number|CAS Registry Number
Descriptors|Geographic Headings|Version ID|Record Owner|Date of Entry|XML Link|External Link
""".strip().split("\n")
)

_HEADER = re.compile(
    r"\s*(?:Database: |Search Strategy:|Results Generated From:|Citation Manager:|-{10,}|\*{5,}|"
    r"Link to the Ovid Full Text|Link to the External Link)",
    re.IGNORECASE,
)
TAGGED = Layout(
    width=2,
    mark="  - ",
    known=frozenset(),
    bibliographic=frozenset({"TI", "AU", "SO", "AB", "YR", "DO", "AN", "UI", "BT", "DP", "JN"}),
    loose=re.compile(r"(?!)()()"),
    unknown=re.compile(r"(<(?=\d+\. ?>\s*$|\d+>\s*$)|[A-Z][A-Z0-9](?=  -(?: |$)))(?:  -)? ?(.*)$", re.DOTALL),
    header=_HEADER,
    start="<",
    start_value=re.compile(r"\d+\.? ?>\s*$"),
)
LABELLED = Layout(
    width=0,
    mark="",
    known=frozenset(),
    bibliographic=frozenset(
        {"Title", "Author", "Authors", "Source", "Abstract", "Accession Number", "Unique Identifier"}
    ),
    loose=re.compile(r"(?!)()()"),
    unknown=re.compile(rf"(<(?=\d+\. ?>\s*$|\d+>\s*$)|(?:{LABELS})(?=\s*$))[ \t]*(.*)$", re.DOTALL),
    header=_HEADER,
    start="<",
    start_value=re.compile(r"\d+\.? ?>\s*$"),
)
_ROLE = re.compile(r"\s*\[[^\]]*\]?")
_SUPERSCRIPT = re.compile(r"(?<=[^\W\d])\s*[\d,* ]+$")
_NAME_END = re.compile(r"\.(?:\s+|(?=:))")
_EDITORS = re.compile(r"^.{0,900}\[Editor\]\. ")
_VOLUME = re.compile(r"(?<![\w.-])([A-Za-z]?\d[\w-]{0,10}) ?(?:\(([^)]{1,40})\)|(?=:))")
_PAGES = re.compile(r":\s?([A-Za-z]?\d{1,6}(?:-[A-Za-z]?\d{1,6})?)(?=[,;])")
_LAST_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)")


def read_words(value: str) -> list[str]:
    """Keywords between semicolons or one a line, without the full stop behind the last."""
    return [word for part in re.split(r"[;\n]", value) if (word := clean_text(part).removesuffix("."))]


def read_names(value: str) -> list[str]:
    """People between semicolons, without roles in brackets and the numbers of their addresses."""
    parts = _ROLE.sub("", value).replace("\n", ";").split(";")
    names = [clean_name(_SUPERSCRIPT.sub("", clean_text(part)), initials=True) for part in parts]
    return [name for name in names if name]


TAGGED_TABLE = TagTable(
    titles=("TI",),
    translated=("OT", "TT"),
    authors=("FA", "AU", "ED", "CA"),
    years=("YR", "DP"),
    dates=("DG", "DP", "EP"),
    containers=("JN", "JT", "JA", "BT"),
    volume=("VI", "VO"),
    issue=("IP", "IB"),
    pages=("PG",),
    abstracts=("AB",),
    keywords=("MH", "SH", "KW", "DE", "MC", "OD"),
    languages=("LG", "LA"),
    affiliations=("IN", "AD"),
    urls=("UR",),
    kinds=("PT", "ST"),
    databases=("DB",),
    ids=(("doi", "DO"), ("pmid", "PM"), ("pmcid", "PM"), ("issn", "IS"), ("isbn", "IB"), ("isbn", "BN")),
    accessions=("AN", "UI"),
    trials=("CN", "SI", "TN", "AB"),
    names=read_names,
    words=read_words,
)
LABELLED_TABLE = TagTable(
    titles=("Title",),
    translated=("Original Title", "Translated Title"),
    authors=("Authors Full Name", "Authors", "Author", "Editor", "Institutional Authors"),
    years=("Year of Publication",),
    dates=("Date of Publication", "Publication Date"),
    containers=("Journal Name", "Journal Title", "Book Title"),
    volume=("Volume",),
    issue=("Issue", "Issue/Part"),
    pages=("Page", "Pages"),
    abstracts=("Abstract",),
    keywords=(
        "MeSH Subject Headings",
        "Subject Headings",
        "Emtree Heading",
        "Author Keywords",
        "Keywords",
        "Descriptors",
    ),
    languages=("Language",),
    affiliations=("Institution", "Institution, Country"),
    kinds=("Publication Type", "Document Type"),
    databases=("Database",),
    ids=(
        ("doi", "DOI"),
        ("doi", "Digital Object Identifier"),
        ("doi", "Digital Object Identifier Number"),
        ("pmid", "PMID"),
        ("pmid", "PubMed ID"),
        ("pmcid", "PMC Identifier"),
        ("issn", "ISSN"),
        ("issn", "ISSN Print"),
        ("isbn", "ISBN"),
    ),
    accessions=("Accession Number", "Unique Identifier"),
    trials=("Clinical Trial Number",),
    names=read_names,
    words=read_words,
)
_STARTS = re.compile(r"(?m)^<\d+(?:\. ?)?>[ \t]*$")
_LABEL_LINES = re.compile(rf"(?m)^(?:{LABELS})[ \t]*$\n[ \t]+\S")
_TAG_LINES = re.compile(r"(?m)^[A-Z][A-Z0-9]  - ")
_RIS_LINES = re.compile(r"(?m)^(?:TY|ER) {1,2}-")


def sniff(sample: str) -> float:
    """Counters in angle brackets over tags or labels, and no RIS between them."""
    if not _STARTS.search(sample) or _RIS_LINES.search(sample):
        return 0.0
    return 0.97 if _TAG_LINES.search(sample) or _LABEL_LINES.search(sample) else 0.0


def read(text: str) -> Parsed:
    """All records of an Ovid text export."""
    tags, labels = len(_TAG_LINES.findall(text)), len(_LABEL_LINES.findall(text))
    if labels > tags:
        return make_parsed(scan(text, LABELLED), LABELLED_TABLE, add_source)
    return make_parsed(scan(text, TAGGED), TAGGED_TABLE, add_source)


def add_source(record: Record) -> Record:
    """Journal, volume, issue, pages and year, as in ``Ecohydrology.   8(6):1048-1064, September 2015.`` (SO)."""
    source = next((clean_text(value) for tag, value, _ in record.raw if tag in {"SO", "Source"}), "")[:1000]
    found = read_source(source)
    return replace(
        record,
        container=record.container or found["name"],
        volume=record.volume or found["volume"],
        issue=record.issue or found["issue"],
        pages=record.pages or found["pages"],
        year=record.year or find_year(found["year"]),
        date_raw=record.date_raw or found["year"],
    )


def read_source(source: str) -> dict[str, str]:
    """The parts of Ovid's source line; ``year`` is the last year in it, as a page number may look like one."""
    name, *more = _NAME_END.split(_EDITORS.sub("", source), maxsplit=1)
    rest = more[0] if more else ""
    volume, pages, years = _VOLUME.search(rest), _PAGES.search(source), _LAST_YEAR.findall(source)
    return {
        "name": name.rstrip("."),
        "volume": volume[1] if volume else "",
        "issue": (volume[2] or "") if volume else "",
        "pages": pages[1] if pages else "",
        "year": years[-1] if years else "",
    }


FORMAT = Format("ovid", sniff, read, "Ovid text (citation, reprint/medlars)")
