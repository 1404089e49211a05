"""OpenAlex works as JSON: the API's pages, lists and JSON lines. Abstracts come as an inverted index."""

from __future__ import annotations

import re
from typing import Any

from synth.records.clean import clean_name, clean_value, find_year, join_pages, keep_first
from synth.records.format import Format, Parsed
from synth.records.identity import add_id, add_link
from synth.records.jsontext import Item, Shape, read_list, read_objects, read_text, read_texts
from synth.records.languages import name_language
from synth.records.record import LangText, Record
from synth.records.types import guess_type

_SIGN = re.compile(r'"(?:authorships|abstract_inverted_index|primary_location|host_venue)"\s*:')
_WORK = re.compile(r"openalex\.org/(?:works/)?W\d+|W\d{4,12}$", re.IGNORECASE)
_KEYS = frozenset({"authorships", "abstract_inverted_index", "display_name", "publication_year", "primary_location"})
LONGEST_ABSTRACT = 100_000
"""Words; a larger place in an inverted index is damage."""


def is_item(value: Item) -> bool:
    """A work has an OpenAlex id of W and digits, or authorships."""
    named = isinstance(value.get("id"), str) and _WORK.search(value["id"]) is not None
    return bool(named and _KEYS & set(value)) or (
        "authorships" in value and bool({"title", "display_name"} & set(value))
    )


SHAPE = Shape(is_item, _KEYS)


def sniff(sample: str) -> float:
    """Keys that only OpenAlex writes."""
    return 0.97 if sample.lstrip()[:1] in "[{" and _SIGN.search(sample) else 0.0


def read(text: str) -> Parsed:
    """All works."""
    return read_objects(text, SHAPE, make_record, "OpenAlex")


def make_record(value: Item, position: int, line_start: int, line_end: int) -> Record:
    """One record from a work."""
    language = name_language(read_text(value, "language"))
    title = read_text(value, "title", "display_name")
    abstract = read_abstract(value.get("abstract_inverted_index")) or read_text(value, "abstract")
    urls = keep_first(
        [
            read_text(value, "primary_location.landing_page_url"),
            read_text(value, "open_access.oa_url"),
            read_text(value, "host_venue.url"),
        ]
    )
    return Record(
        position,
        line_start,
        line_end,
        title=title,
        type=guess_type(read_text(value, "type_crossref", "type")),
        titles=(LangText(title, language),) if title else (),
        authors=tuple(name for part in read_list(value, "authorships") if (name := read_author(part))),
        year=find_year(read_text(value, "publication_year", "publication_date")),
        date_raw=read_text(value, "publication_date", "publication_year"),
        container=read_text(
            value, "primary_location.source.display_name", "host_venue.display_name", "primary_location.raw_source_name"
        ),
        volume=read_text(value, "biblio.volume"),
        issue=read_text(value, "biblio.issue"),
        pages=join_pages(read_text(value, "biblio.first_page"), read_text(value, "biblio.last_page")),
        abstracts=(LangText(abstract, language),) if abstract else (),
        keywords=keep_first([read_text(part, "display_name", "keyword") for part in read_list(value, "keywords")]),
        languages=keep_first([language]),
        affiliations=read_places(value),
        ids=read_ids(value, urls),
        urls=urls,
    )


def read_author(authorship: Any) -> str:
    """The name as printed where it is known, else as OpenAlex writes it."""
    return clean_name(read_text(authorship, "raw_author_name", "author.display_name"))


def read_places(value: Item) -> tuple[str, ...]:
    """Affiliations as printed, else the names of the institutions, in the order of the authors."""
    places: list[str] = []
    for authorship in read_list(value, "authorships"):
        printed = read_texts(authorship, "raw_affiliation_strings") or read_texts(authorship, "raw_affiliation_string")
        places.extend(printed or [read_text(part, "display_name") for part in read_list(authorship, "institutions")])
    return keep_first(places)


def read_abstract(index: Any) -> str:
    """The text behind ``{"Tea": [0, 7], "and": [1], ...}``."""
    if not isinstance(index, dict):
        return ""
    words: dict[int, str] = {}
    for word, places in index.items():
        for place in places if isinstance(places, list) else ():
            if isinstance(place, int) and 0 <= place < LONGEST_ABSTRACT:
                words[place] = str(word)
    return clean_value(" ".join(words[place] for place in sorted(words)))


def read_ids(value: Item, urls: tuple[str, ...]) -> dict[str, str]:
    """OpenAlex, DOI, PubMed numbers and the journal's ISSN."""
    ids: dict[str, str] = {}
    work = _WORK.search(read_text(value, "ids.openalex", "id"))
    if work:
        ids["openalex"] = work[0].rsplit("/", 1)[-1].upper()
    add_id(ids, "doi", read_text(value, "doi", "ids.doi"))
    add_id(ids, "pmid", read_text(value, "ids.pmid"))
    pmcid = read_text(value, "ids.pmcid").rsplit("/", 1)[-1]
    add_id(ids, "pmcid", pmcid if pmcid.upper().startswith("PMC") else f"PMC{pmcid}" if pmcid else "")
    add_id(ids, "issn", read_text(value, "primary_location.source.issn_l", "host_venue.issn_l"))
    for url in (*urls, *_landing_pages(value)):
        add_link(ids, url)
    return ids


def _landing_pages(value: Item) -> list[str]:
    """The addresses of all places where the work lies (PubMed, repositories)."""
    return [url for part in read_list(value, "locations") if (url := read_text(part, "landing_page_url"))]


FORMAT = Format("openalex", sniff, read, "OpenAlex works (JSON)")
