"""EndNote tagged (``%A``, also called Refer/BibIX), as EndNote, CNKI, Wanfang, bepress and BIBSYS write it."""

from __future__ import annotations

import re
from dataclasses import replace

from synth.records.format import Format, Parsed
from synth.records.mapping import TagTable, make_parsed
from synth.records.tagged import Entry, Layout, scan

_SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ@!#$]&()*+^><[=~?"
LAYOUT = Layout(
    width=2,
    mark=" ",
    known=frozenset("%" + sign for sign in _SIGNS),
    bibliographic=frozenset({"%T", "%A", "%D", "%J", "%B", "%R", "%X", "%@", "%8", "%M", "%E"}),
    loose=re.compile(r"[ \t]{0,3}(%[0-9A-Za-z@!+])(?:[ \t]+(.*))?$", re.DOTALL),
    unknown=re.compile(r"(%[a-z]) (.*)$", re.DOTALL),
    header=re.compile(r"\s*(?:Record #?\d+ of [\d,]+)", re.IGNORECASE),
    restart=frozenset({"%0", "%T"}),  # bepress writes %T before %0
)
TABLE = TagTable(
    titles=("%T",),
    translated=("%Q",),
    authors=("%A", "%E"),
    years=("%D",),
    dates=("%8", "%7"),
    containers=("%J", "%B", "%S", "%I"),
    volume=("%V",),
    issue=("%N",),
    pages=("%P", "%]"),
    abstracts=("%X",),
    keywords=("%K",),
    languages=("%G",),
    affiliations=("%+",),
    urls=("%U", "%>"),
    kinds=("%0", "%9"),
    databases=("%W", "%~"),
    ids=(("doi", "%R"), ("pmcid", "%2"), ("isbn", "%@"), ("issn", "%@")),
    accessions=("%M", "%F"),
    trials=("%M",),
    words=lambda value: [word.strip() for word in re.split(r"[;\n]", value) if word.strip()],
)
_TAGS = re.compile(r"(?m)^%[A-Z0-9@+] \S")
_HEAD = re.compile(r"(?m)^%(?:0|T|A) \S")


def sniff(sample: str) -> float:
    """Lines such as ``%A Family, Given``; LaTeX comments have a space and no letter behind the sign."""
    if len(set(_HEAD.findall(sample))) < 2 and not _HEAD.search(sample):
        return 0.0
    tags = len(_TAGS.findall(sample))
    return min(0.94, 0.6 + tags / 20) if tags > 1 else 0.0


def read(text: str) -> Parsed:
    """All records of an EndNote tagged file."""
    found = scan(text, LAYOUT)
    found.entries = _join_parts(found.entries)
    return make_parsed(found, TABLE)


def _join_parts(entries: list[Entry]) -> list[Entry]:
    """A blank line between %0 and %T makes no second record."""
    joined: list[Entry] = []
    for entry in entries:
        if joined and _is_rest(joined[-1], entry):
            whole = (*joined[-1].fields, *entry.fields)
            joined[-1] = replace(joined[-1], fields=whole, line_end=entry.line_end)
        else:
            joined.append(entry)
    return joined


def _is_rest(before: Entry, entry: Entry) -> bool:
    tags, more = {tag for tag, _, _ in before.fields}, {tag for tag, _, _ in entry.fields}
    return "%0" in tags and "%T" not in tags and "%0" not in more and entry.fields[0][0] == "%T"


FORMAT = Format("enw", sniff, read, "EndNote tagged, %A (.enw, CNKI and Wanfang)")
