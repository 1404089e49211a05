"""CNKI's own text export (E-Study, user-defined): ``Title-题名: ...``."""

from __future__ import annotations

import re

from synth.records.format import Format, Parsed
from synth.records.formats.noteexpress import read_names
from synth.records.mapping import TagTable, read_tagged
from synth.records.tagged import Layout

_BARE = "DataType|DOI|ISSN|CN|URL|Link|Fund|Language"
LAYOUT = Layout(
    width=0,
    mark="",
    known=frozenset(),
    bibliographic=frozenset({"Title-题名", "Author-作者", "Source-刊名", "Source-文献来源", "Year-年", "Summary-摘要"}),
    loose=re.compile(r"(?!)()()"),
    unknown=re.compile(rf"((?:[A-Z][A-Za-z]{{1,20}}-[\u4e00-\u9fff]{{1,8}})|{_BARE})[ \t]?[:：][ \t]?(.*)$", re.DOTALL),
    header=re.compile(r"\s*(?:Record #?\d+ of [\d,]+)", re.IGNORECASE),
    restart=frozenset({"DataType", "SrcDatabase-来源库", "Title-题名"}),
)
TABLE = TagTable(
    titles=("Title",),
    authors=("Author",),
    years=("Year",),
    dates=("PubTime",),
    containers=("Source",),
    volume=("Roll", "Volume"),
    issue=("Period",),
    pages=("Page", "PageCount"),
    abstracts=("Summary",),
    keywords=("Keyword",),
    affiliations=("Organ",),
    urls=("Link", "URL"),
    kinds=("SrcDatabase",),
    ids=(("doi", "DOI"), ("issn", "ISSN")),
    names=read_names,
    rename=lambda tag: tag.partition("-")[0],
)
_TAGS = re.compile(r"(?m)^[A-Z][A-Za-z]{1,20}-[\u4e00-\u9fff]{1,8}[ \t]?[:：]")


def sniff(sample: str) -> float:
    """Tags of an English and a Chinese word."""
    return 0.97 if len(_TAGS.findall(sample)) > 2 else 0.0


def read(text: str) -> Parsed:
    """All records of a CNKI text export."""
    parsed = read_tagged(text, LAYOUT, TABLE)
    return Parsed(parsed.records, parsed.quarantine, parsed.issues, parsed.headers, database="CNKI")


FORMAT = Format("cnki", sniff, read, "CNKI text (Title-题名)")
