"""DOAJ articles as JSON: answers of its API, and its public data dump."""

from __future__ import annotations

import re

from synth.records.clean import clean_name, find_year, join_pages, keep_first
from synth.records.format import Format, Parsed
from synth.records.identity import add_id, add_link
from synth.records.jsontext import Item, Shape, read_list, read_objects, read_text, read_texts
from synth.records.languages import name_language
from synth.records.record import LangText, Record

_SIGN = re.compile(r'"bibjson"\s*:')
_SCHEMES = {"doi": "doi", "pissn": "issn", "eissn": "issn"}
SHAPE = Shape(lambda value: isinstance(value.get("bibjson"), dict), frozenset({"bibjson", "title", "identifier"}))


def sniff(sample: str) -> float:
    """DOAJ's name for the record inside a record."""
    return 0.98 if sample.lstrip()[:1] in "[{" and _SIGN.search(sample) else 0.0


def read(text: str) -> Parsed:
    """All articles."""
    return read_objects(text, SHAPE, make_record, "DOAJ")


def make_record(value: Item, position: int, line_start: int, line_end: int) -> Record:
    """One record from an article. ``journal.language`` is the journal's languages, not the article's."""
    article = value["bibjson"]
    title, abstract = read_text(article, "title"), read_text(article, "abstract")
    said = keep_first([name_language(code) for code in read_texts(article, "journal.language")])
    languages = said if len(said) == 1 else ()
    lang = languages[0] if languages else ""
    urls = keep_first([read_text(link, "url") for link in read_list(article, "link")])
    return Record(
        position,
        line_start,
        line_end,
        title=title,
        type="article",
        titles=(LangText(title, lang),) if title else (),
        authors=tuple(name for part in read_list(article, "author") if (name := clean_name(read_text(part, "name")))),
        year=find_year(read_text(article, "year")),
        date_raw=" ".join(filter(None, (read_text(article, "month"), read_text(article, "year")))),
        container=read_text(article, "journal.title"),
        volume=read_text(article, "journal.volume"),
        issue=read_text(article, "journal.number"),
        pages=join_pages(read_text(article, "start_page"), read_text(article, "end_page")),
        abstracts=(LangText(abstract, lang),) if abstract else (),
        keywords=keep_first(read_texts(article, "keywords")),
        languages=languages,
        affiliations=keep_first([read_text(part, "affiliation") for part in read_list(article, "author")]),
        ids=read_ids(value, urls),
        urls=urls,
    )


def read_ids(value: Item, urls: tuple[str, ...]) -> dict[str, str]:
    """DOI and ISSN; DOAJ's own number of 32 hexadecimal digits."""
    ids: dict[str, str] = {}
    for part in read_list(value["bibjson"], "identifier"):
        add_id(ids, _SCHEMES.get(read_text(part, "type").lower(), "other"), read_text(part, "id"))
    ids.pop("other", None)
    number = read_text(value, "id")
    if re.fullmatch(r"[0-9a-f]{32}", number):
        ids["doaj"] = number
    for url in urls:
        add_link(ids, url)
    return ids


FORMAT = Format("doaj", sniff, read, "DOAJ articles (JSON)")
