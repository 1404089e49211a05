"""From what databases write to one spelling: text, names, years, pages, identifiers. Pure functions on strings."""

from __future__ import annotations

import html
import re

EMPTY_WORDS = frozenset(
    {
        "na",
        "n/a",
        "null",
        "none",
        "nan",
        "no abstract available",
        "no abstract available.",
        "[no abstract available]",
        "not available",
        "[no author name available]",
    }
)
"""What databases write where they have nothing (AGRIS writes NA for every abstract)."""

_EMPTY_STARTS = {"n", "N", "["}

FIRST_YEAR, LAST_YEAR = 1400, 2100
"""The oldest and the newest year that is believed."""

LONGEST_NAME = 300
"""A longer text is no person's name."""

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_YEAR = re.compile(r"(?<!\d)(\d{4})(?=\d{2}(?:\d{2})?(?!\d)|(?!\d))")
_DOI = re.compile(r"10\.\d{4,9}/[^\s\"<>]{1,400}")
_PMCID = re.compile(r"PMC\s?(\d{3,9})", re.IGNORECASE)
_PMID = re.compile(r"(?<!\d)(\d{1,9})(?!\d)")
_ISSN = re.compile(r"(?<![\dXx])(\d{4})-?(\d{3}[\dXx])(?![\dXx-])")
_ISBN = re.compile(r"(?<!\d)(97[89][- ]?(?:\d[- ]?){9}\d|(?:\d[- ]?){9}[\dXx])(?!\d)")
_NCT = re.compile(r"NCT\s?(\d{8})(?!\d)", re.IGNORECASE)
_DOTTED_END = re.compile(r"^(.*[^\W\d_][^\W\d_].*?),? ((?:[^\W\d_]\.[ -]?)+)$")
_DOTTED_START = re.compile(r"^((?:[^\W\d_]{1,2}\.[ -]{0,2})+)([^\W\d_][^,.]*)$")
_BARE_INITIALS = re.compile(r"^(.*[^\W\d_]{2}.*) ([A-Z]{1,3}|[A-Z]-[A-Z])$")


def clean_text(text: str) -> str:
    """One line of text: entities resolved (also ``&amp;#8725;``, escaped twice), white space collapsed."""
    if "&" in text:
        text = unescape(text)
    if text.isprintable() and "  " not in text:  # nearly all values: no need to take them apart
        return text.strip()
    return " ".join(text.split())


def unescape(text: str) -> str:
    """Resolve HTML entities that end in a semicolon, at most twice. ``R&D`` and ``&copy=1`` stay."""
    for _ in range(2):
        text = _ENTITY.sub(_resolve, text)
    return text


def _resolve(match: re.Match[str]) -> str:
    found = html.unescape(match[0])
    return " " if found in {"\0", "\ufeff", "\r"} else found


def clean_value(text: str) -> str:
    """``clean_text``, and nothing where a database wrote a word for nothing."""
    text = clean_text(text)
    return "" if text[:1] in _EMPTY_STARTS and text.casefold() in EMPTY_WORDS else text


def clean_title(text: str) -> str:
    """A title without Ovid's `` [References].`` at its end."""
    text = clean_text(text)
    return text.removesuffix("[References].").rstrip() if text.endswith("[References].") else text


def find_year(text: str) -> int | None:
    """The first plausible year of four digits in a date as written (``2024/08//``, ``20170812``, ``Jun 2011``)."""
    if len(text) > 200:
        text = text[:200]
    for match in _YEAR.finditer(text):
        year = int(match[1])
        if FIRST_YEAR <= year <= LAST_YEAR:
            return year
    return None


def clean_name(text: str, *, initials: bool = False) -> str:
    """A person as "Family, Given", an organisation as written.

    ``initials``: the source writes initials without full stops behind the family name (PubMed: ``Smith JA``).
    """
    text = clean_text(text)
    if text[-1:] == ";" or text[:1] == ";":
        text = text.strip(" ;")
    if "," in text:
        return _clean_comma_name(text)
    if len(text) > LONGEST_NAME:
        return text
    match = _DOTTED_END.match(text)
    if match:
        return f"{match[1].rstrip(',')}, {match[2].strip()}"
    match = _DOTTED_START.match(text)
    if match:
        return f"{match[2].strip()}, {match[1].strip()}"
    match = _BARE_INITIALS.match(text) if initials else None
    return f"{match[1]}, {match[2]}" if match else text


def _clean_comma_name(text: str) -> str:
    family, _, given = text.partition(", ")
    one_comma = family and given and "," not in given and "," not in family
    if one_comma and given[0] != " " != family[-1] and given != "null":
        return text
    parts = [part.strip() for part in text.split(",")]
    return ", ".join(part for part in parts if part and part != "null")


def find_doi(text: str) -> str:
    """The DOI in a text (bare, ``doi:`` or an address), in lower case; empty if there is none."""
    if "10." not in text:
        return ""
    if "%2" in text.lower():
        text = re.sub(r"%2f", "/", text, flags=re.IGNORECASE)
    match = _DOI.search(unescape(text))
    return _close_brackets(match[0].lower()) if match else ""


def _close_brackets(doi: str) -> str:
    """DOIs may hold brackets (``10.1016/S0140-6736(06)69744-4``), but the last one may belong to the text around."""
    doi = doi.rstrip(".,;:'")
    while doi.endswith((")", "]", "}")) and doi.count(doi[-1]) > doi.count({")": "(", "]": "[", "}": "{"}[doi[-1]]):
        doi = doi[:-1].rstrip(".,;:'")
    return doi


def find_pmid(text: str) -> str:
    """The PubMed number in a text such as ``PUBMED 30580550``."""
    match = _PMID.search(text)
    return match[1].lstrip("0") if match else ""


def find_pmcid(text: str) -> str:
    """The PubMed Central number as ``PMC1234567``."""
    match = _PMCID.search(text)
    return f"PMC{match[1]}" if match else ""


def find_issn(text: str) -> str:
    """The first ISSN as ``1234-567X``."""
    match = _ISSN.search(text)
    return f"{match[1]}-{match[2].upper()}" if match else ""


def find_isbn(text: str) -> str:
    """The first ISBN of 10 or 13 digits, without hyphens."""
    match = _ISBN.search(text)
    return re.sub(r"[- ]", "", match[1]).upper() if match else ""


def find_nct(text: str) -> str:
    """The ClinicalTrials.gov number as ``NCT01234567``."""
    match = _NCT.search(text)
    return f"NCT{match[1]}" if match else ""


def join_pages(start: str, end: str) -> str:
    """First and last page as ``1-9``; Ovid's ``No``, ``Specified`` are no pages."""
    if start.casefold().startswith("no") and end.casefold() in {"specified", "pagination"}:
        return ""
    return f"{start}-{end}" if start and end and start != end else start or end


def split_list(text: str, separator: str = ";") -> list[str]:
    """The parts of a list in one cell, cleaned, without empty ones."""
    parts = (clean_text(part) for part in text.split(separator))
    return [part for part in parts if part]


def keep_first(values: list[str]) -> tuple[str, ...]:
    """The values without empty ones and repeats, in order."""
    return tuple(dict.fromkeys(filter(None, values))) if values else ()
