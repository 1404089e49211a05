"""Our own JSON lines (``synth convert -o x.jsonl``), and lists of flat objects with a title."""

from __future__ import annotations

import re
from typing import Any

from synth.records.clean import clean_name, clean_value, find_year, join_pages, keep_first
from synth.records.format import Format, Parsed
from synth.records.formats.csv import split_names
from synth.records.identity import add_accession, add_id, add_link
from synth.records.jsontext import Item, Shape, read_list, read_objects, read_text, read_texts
from synth.records.languages import name_language
from synth.records.record import LangText, Record
from synth.records.types import TYPES, guess_type

_SIGN = re.compile(r'\{[^{}]{0,2000}?"title"\s*:\s*"')


def is_item(value: Item) -> bool:
    """A flat object with a title and one more bibliographic field."""
    return isinstance(value.get("title"), str) and any(
        key in value for key in ("authors", "author", "year", "abstract", "doi", "journal", "position")
    )


SHAPE = Shape(is_item, frozenset({"title", "authors", "abstract", "doi", "year"}))


def sniff(sample: str) -> float:
    """An object whose title is a text."""
    return 0.8 if "{" in sample[:100] and _SIGN.search(sample[:5000]) else 0.0


def read(text: str) -> Parsed:
    """All objects with a title."""
    return read_objects(text, SHAPE, make_record)


def make_record(value: Item, position: int, line_start: int, line_end: int) -> Record:
    """One record from an object: our own names, or those that people use in lists."""
    ids, urls = read_ids(value), keep_first([*read_texts(value, "urls"), *read_texts(value, "url")])
    for url in urls:
        add_link(ids, url)
    titles, abstracts = read_lang(value, "titles", "title"), read_lang(value, "abstracts", "abstract")
    kind = read_text(value, "type")
    return Record(
        position,
        line_start,
        line_end,
        title=read_text(value, "title"),
        type=kind if kind in TYPES else guess_type(kind) if kind else "article",
        titles=titles,
        authors=read_authors(value),
        year=find_year(read_text(value, "year", "publication_year", "date_raw", "date")),
        date_raw=read_text(value, "date_raw", "date", "year", "publication_year"),
        container=read_text(value, "container", "journal", "venue", "source"),
        volume=read_text(value, "volume"),
        issue=read_text(value, "issue", "number"),
        pages=read_text(value, "pages") or join_pages(read_text(value, "first_page"), read_text(value, "last_page")),
        abstracts=abstracts,
        keywords=keep_first(read_texts(value, "keywords")),
        languages=keep_first(
            [name_language(code) for code in (*read_texts(value, "languages"), *read_texts(value, "language"))]
        ),
        affiliations=keep_first(read_texts(value, "affiliations")),
        ids=ids,
        urls=urls,
    )


def read_lang(value: Item, several: str, one: str) -> tuple[LangText, ...]:
    """Texts with their languages, else the one text."""
    texts = [
        LangText(read_text(part, "text"), read_text(part, "lang"))
        for part in read_list(value, several)
        if isinstance(part, dict) and read_text(part, "text")
    ]
    single = read_text(value, one)
    return tuple(texts) or ((LangText(single),) if single else ())


def read_authors(value: Item) -> tuple[str, ...]:
    """A list of names or of objects with names, or one text."""
    found = read_list(value, "authors") or read_list(value, "author")
    if len(found) == 1 and isinstance(found[0], str) and read_text(value, "position") == "":
        found = split_names(found[0])
    return tuple(name for part in found if (name := read_name(part)))


def read_name(part: Any) -> str:
    """A name, also from an object (``name``, or ``family`` and ``given``)."""
    if isinstance(part, dict):
        family, given = read_text(part, "family", "last", "lastName"), read_text(part, "given", "first", "firstName")
        return f"{family}, {given}" if family and given else family or clean_name(read_text(part, "name", "literal"))
    return clean_name(str(part)) if isinstance(part, str) else ""


def read_ids(value: Item) -> dict[str, str]:
    """Our own dictionary of identifiers, and fields with the name of a scheme."""
    ids: dict[str, str] = {}
    own = value.get("ids")
    for scheme, number in own.items() if isinstance(own, dict) else ():
        if isinstance(number, str) and clean_value(number):
            ids[str(scheme)] = clean_value(number)
    for scheme in ("doi", "pmid", "pmcid", "issn", "isbn"):
        add_id(ids, scheme, read_text(value, scheme))
    add_accession(ids, read_text(value, "openalex_id", "id"))
    return ids


FORMAT = Format("jsonl", sniff, read, "JSON lines (our own, or a list of objects with a title)")
