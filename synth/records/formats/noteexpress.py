"""NoteExpress, as CNKI, Wanfang and VIP write it: ``{Author}: a;b;``."""

from __future__ import annotations

import re

from synth.records.clean import clean_name
from synth.records.format import Format, Parsed
from synth.records.mapping import TagTable, read_tagged
from synth.records.tagged import Layout

LAYOUT = Layout(
    width=0,
    mark="",
    known=frozenset(),
    bibliographic=frozenset({"Title", "Author", "Journal", "Year", "Abstract", "DOI", "ISBN/ISSN", "Translated Title"}),
    loose=re.compile(r"(?!)()()"),
    unknown=re.compile(r"[ \t]{0,3}\{([A-Z][^{}]{0,60})\}[ \t]?:[ \t]?(.*)$", re.DOTALL),
    header=re.compile(r"\s*(?:Record #?\d+ of [\d,]+)", re.IGNORECASE),
    start="Reference Type",
)


def read_names(value: str) -> list[str]:
    """``a;b;``, or ``a,b,c`` where there are no Latin letters (a comma there stands between people)."""
    if ";" not in value and not re.search(r"[A-Za-z]", value):
        value = value.replace(",", ";").replace("，", ";").replace("、", ";")
    return [name for part in value.split(";") if (name := clean_name(part))]


TABLE = TagTable(
    titles=("Title",),
    translated=("Translated Title", "Title Translation"),
    authors=("Author", "Translated Author"),
    years=("Year",),
    dates=("Date", "Publication Date", "Date Displayed"),
    containers=("Journal", "Secondary Title", "Conference Name", "Newspaper", "Publisher", "Translated Journal"),
    volume=("Volume",),
    issue=("Issue",),
    pages=("Pages",),
    abstracts=("Abstract", "Translated Abstract"),
    keywords=("Keywords", "Translated Keywords"),
    languages=("Language",),
    affiliations=("Author Address", "Address"),
    urls=("URL", "Link"),
    kinds=("Reference Type",),
    databases=("Database Provider", "Name of Database"),
    ids=(("doi", "DOI"), ("isbn", "ISBN/ISSN"), ("issn", "ISBN/ISSN"), ("issn", "ISSN"), ("isbn", "ISBN")),
    accessions=("Accession Number",),
    names=read_names,
)
_STARTS = re.compile(r"(?m)^[ \t]{0,3}\{Reference Type\}[ \t]?:")
_TAGS = re.compile(r"(?m)^\{[A-Z][A-Za-z/ ]+\}[ \t]?:")


def sniff(sample: str) -> float:
    """Tags in curly brackets."""
    if _STARTS.search(sample):
        return 0.97
    return 0.8 if len(_TAGS.findall(sample)) > 2 else 0.0


def read(text: str) -> Parsed:
    """All records of a NoteExpress file."""
    return read_tagged(text, LAYOUT, TABLE)


FORMAT = Format("noteexpress", sniff, read, "NoteExpress (CNKI, Wanfang, VIP)")
