"""What identifies a record: the shapes of accession numbers, so that a number alone tells which database it is from."""

from __future__ import annotations

import re

from synth.records import clean

SHAPES: tuple[tuple[str, str], ...] = (
    ("wos", r"WOS:\w+"),
    ("medline", r"MEDLINE:\d+"),
    ("biosis", r"(?:BIOSIS|BCI):\w+"),
    ("cabi", r"CABI:\d+"),
    ("fsta", r"FSTA:[\w-]+"),
    ("scopus", r"2-s2\.0-\d+"),
    ("embase", r"L\d{8,12}"),
    ("central", r"CN-\d{8}"),
    ("cdsr", r"CD\d{6}(?:\.PUB\d+)?"),
    ("lilacs", r"(?:biblio|lil|sms|psi|biblioref|lis)-\d+"),
    ("scielo", r"S\d{4}-\d{3}[\dX]\d{13}(?:-\w+)?"),
    ("eric", r"E[JD]\d{5,8}"),
    ("lens", r"\d{3}-\d{3}-\d{3}-\d{3}-\d{2}[\dX]"),
    ("dimensions", r"pub\.\d+"),
    ("psycinfo", r"(?:19|20)\d{2}-\d{5}-\d{3}"),
    ("rayyan", r"rayyan-\d+"),
    ("openalex", r"W\d{7,11}"),
    ("pmcid", r"PMC\d{3,9}"),
    ("nct", r"NCT\d{8}"),
)
"""Accession numbers by their shape. Numbers without a shape of their own are kept in the raw tags only."""

LONGEST_ACCESSION = 40
_ANY_SHAPE = re.compile("|".join(f"(?P<{scheme}>{shape})" for scheme, shape in SHAPES))
_TAGGED = re.compile(r"^(.+) \[([A-Za-z][A-Za-z0-9_]*)\]$")
_PREFIXED = (("PUBMED ", "pmid"), ("EMBASE ", "embase"), ("CTGOV ", "nct"), ("CINAHL ", "cinahl"), ("ICTRP ", "ictrp"))
_FINDERS = {"doi": clean.find_doi, "pmid": clean.find_pmid, "pmcid": clean.find_pmcid, "nct": clean.find_nct,
            "issn": clean.find_issn, "isbn": clean.find_isbn}
_TITLE_WORD = re.compile(r"\w+")


def name_scheme(value: str) -> str:
    """The scheme whose shape an accession number has, or an empty text."""
    match = _ANY_SHAPE.fullmatch(value) if len(value) <= LONGEST_ACCESSION else None
    return match.lastgroup or "" if match else ""


def normalise_id(scheme: str, value: str) -> str:
    """A value in its scheme's one spelling; empty if it does not look like one."""
    finder = _FINDERS.get(scheme)
    return finder(value) if finder else clean.clean_text(value)


def add_id(ids: dict[str, str], scheme: str, value: str) -> None:
    """Put a value under its scheme, if it is a good one and the scheme is still free."""
    if scheme not in ids:
        found = normalise_id(scheme, value)
        if found:
            ids[scheme] = found


def add_accession(ids: dict[str, str], value: str) -> None:
    """Find out what an accession number is (``WOS:...``, ``35957633 [PMID]``, ``PUBMED 30580550``) and keep it."""
    value = value.strip()
    match = _TAGGED.match(value) if value[-1:] == "]" else None
    if match:
        add_id(ids, match[2].lower(), match[1])
        return
    for prefix, scheme in _PREFIXED:
        if value.startswith(prefix):
            add_id(ids, scheme, value.removeprefix(prefix))
            return
    scheme = name_scheme(value)
    if scheme:
        add_id(ids, scheme, value)


def add_link(ids: dict[str, str], url: str) -> None:
    """Take the identifiers that an address shows: DOI resolver, Scopus."""
    if "doi" not in ids and "doi.org/10." in url:
        add_id(ids, "doi", url)
    if "scopus" not in ids and "2-s2.0-" in url:
        match = re.search(r"2-s2\.0-\d+", url)
        if match:
            ids["scopus"] = match[0]


def make_title_key(title: str) -> str:
    """Letters and digits of a title in lower case: equal for spellings that differ in case, marks and spaces only."""
    return "".join(_TITLE_WORD.findall(title.casefold())).replace("_", "")
