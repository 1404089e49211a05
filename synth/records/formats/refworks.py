"""RefWorks tagged format, as RefWorks, ProQuest and CNKI write it (CNKI with a small or empty ``vo``)."""

from __future__ import annotations

import re

from synth.records.format import Format, Parsed
from synth.records.mapping import TagTable, read_tagged
from synth.records.tagged import Layout

_KNOWN_TAGS = """
RT SR ID A1 T1 JF JO YR FD VO IS SP OP K1 AB NO A2 T2 ED PB PP A3 A4 A5 A6 T3 SN AV AD AN LA CL SF OT LK DO CN DB DS IP
RD ST U1 U2 U3 U4 U5 U6 U7 U8 U9 U10 U11 U12 U13 U14 U15 UL SL LL CR WT WV WP OL PMID
"""
LAYOUT = Layout(
    width=2,
    mark=" ",
    known=frozenset(_KNOWN_TAGS.split()),
    bibliographic=frozenset({"A1", "T1", "JF", "YR", "AB", "DO", "SN", "AN", "T2"}),
    loose=re.compile(r"((?:U1\d|[A-Z][A-Z0-9]|vo|PMID)(?![A-Za-z0-9]))[ \t]*(?:[ \t](.*))?$", re.DOTALL),
    unknown=re.compile(r"(?!)()()"),
    header=re.compile(r"\s*(?:Record #?\d+ of [\d,]+|<\d+>\s*$)", re.IGNORECASE),
    start="RT",
)
TABLE = TagTable(
    titles=("T1",),
    translated=("OT",),
    authors=("A1", "A2"),
    years=("YR",),
    dates=("FD",),
    containers=("JF", "JO", "T2", "T3"),
    volume=("VO",),
    issue=("IS",),
    page_start=("SP",),
    page_end=("OP",),
    abstracts=("AB",),
    keywords=("K1",),
    languages=("LA",),
    affiliations=("AD",),
    urls=("LK", "UL"),
    kinds=("RT",),
    databases=("DS", "DB"),
    ids=(("doi", "DO"), ("pmid", "PMID"), ("isbn", "SN"), ("issn", "SN")),
    accessions=("AN", "ID"),
    trials=("NO", "AN"),
)
_STARTS = re.compile(r"(?m)^RT [A-Z][A-Za-z]+(?: [A-Za-z,()/ ]+)?\s*$")
_DAMAGED_START = re.compile(r"(?m)^RT [A-Z]")
_TAGS = re.compile(r"(?m)^(SR|T1|A1|JF|YR|OP) \S")


def sniff(sample: str) -> float:
    """Records that open with RT, and tags without a dash."""
    starts, tags = len(_STARTS.findall(sample)), set(_TAGS.findall(sample))
    if starts and tags:
        return min(0.96, 0.85 + starts / 100)
    return 0.65 if len(tags) > 3 or (tags and _DAMAGED_START.search(sample)) else 0.0


def read(text: str) -> Parsed:
    """All records of a RefWorks file."""
    return read_tagged(text, LAYOUT, TABLE)


FORMAT = Format("refworks", sniff, read, "RefWorks tagged (also CNKI)")
