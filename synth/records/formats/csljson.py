"""CSL-JSON, as Zotero and others write it, and Crossref's JSON, which is nearly the same."""

from __future__ import annotations

import re
from typing import Any

from synth.records.clean import clean_name, clean_text, find_year, keep_first
from synth.records.format import Format, Parsed
from synth.records.identity import add_accession, add_id, add_link, add_trials
from synth.records.jsontext import Item, Shape, read_list, read_objects, read_path, read_text, read_texts
from synth.records.languages import name_language
from synth.records.record import LangText, Record
from synth.records.types import CSL_TYPES, guess_type

_SIGN = re.compile(r'"(?:issued|container-title|author|title-short|citation-key|URL|DOI)"\s*:')
_TYPE = re.compile(r'"type"\s*:\s*"(?:[a-z]+(?:-[a-z]+)?)"')
_KEYS = frozenset({"issued", "container-title", "author", "DOI", "title"})
_BLOCK = re.compile(r"</?(?:jats:)?(?:p|sec|title|list|list-item|div|br|h\d)(?: [^<>]{0,200})?/?>")
_TAG = re.compile(r"</?(?:jats:)?[a-zA-Z]+(?: [^<>]{0,200})?/?>")
_NOTE = re.compile(r"(?m)^(PMID|PMCID|DOI|ISBN):\s*(\S+)")


def is_item(value: Item) -> bool:
    """A type, and fields spelled as CSL spells them."""
    keys = set(value)
    people = any(
        isinstance(part, dict) and {"family", "literal", "given", "name"} & set(part)
        for part in read_list(value, "author")
    )
    return "type" in keys and bool(people or keys & {"issued", "container-title"} or {"DOI", "title"} <= keys)


SHAPE = Shape(is_item, _KEYS)


def sniff(sample: str) -> float:
    """A type of CSL's and a field of CSL's."""
    if sample.lstrip()[:1] not in "[{":
        return 0.0
    return 0.95 if _TYPE.search(sample) and len(set(_SIGN.findall(sample))) > 1 else 0.0


def read(text: str) -> Parsed:
    """All items."""
    return read_objects(text, SHAPE, make_record)


def make_record(value: Item, position: int, line_start: int, line_end: int) -> Record:
    """One record from a CSL item."""
    languages = keep_first([name_language(read_text(value, "language"))])
    texts = [remove_tags(text) for text in (*read_texts(value, "title"), *read_texts(value, "original-title"))]
    titles = tuple(LangText(text, languages[0] if len(texts) == 1 and languages else "") for text in keep_first(texts))
    abstract = remove_tags(read_text(value, "abstract"))
    urls = keep_first(read_texts(value, "URL"))
    kind = read_text(value, "type")
    return Record(
        position,
        line_start,
        line_end,
        title=titles[0].text if titles else "",
        type=CSL_TYPES.get(kind) or guess_type(kind),
        titles=titles,
        authors=tuple(name for part in read_list(value, "author") if (name := read_name(part))),
        year=find_year(read_date(value)),
        date_raw=read_date(value),
        container=remove_tags(read_text(value, "container-title", "event-title", "publisher")),
        volume=read_text(value, "volume"),
        issue=read_text(value, "issue"),
        pages=read_text(value, "page", "article-number", "number"),
        abstracts=(LangText(abstract, languages[0] if languages else ""),) if abstract else (),
        keywords=read_keywords(value),
        languages=languages,
        affiliations=keep_first(
            [
                read_text(place, "name")
                for part in read_list(value, "author")
                for place in read_list(part, "affiliation")
            ]
        ),
        ids=read_ids(value, urls),
        urls=urls,
    )


def remove_tags(text: str) -> str:
    """Text without the markup of Crossref (``<jats:p>``, ``<i>``)."""
    return clean_text(_TAG.sub("", _BLOCK.sub(" ", text))) if "<" in text else text


def read_name(part: Any) -> str:
    """Family and given name with particles, or an organisation."""
    family = clean_text(" ".join(filter(None, (read_text(part, "non-dropping-particle"), read_text(part, "family")))))
    given = clean_text(
        " ".join(
            filter(None, (read_text(part, "given"), read_text(part, "dropping-particle"), read_text(part, "suffix")))
        )
    )
    if family or given:
        return f"{family}, {given}" if family and given else family or given
    return clean_name(part) if isinstance(part, str) else read_text(part, "literal", "name")


def read_date(value: Item) -> str:
    """``[[2019, 3, 1]]`` as 2019-03-01, or the date as written."""
    for name in ("issued", "published", "published-print", "published-online", "original-date"):
        parts = read_path(value, f"{name}.date-parts")
        first = parts[0] if isinstance(parts, list) and parts and isinstance(parts[0], list) else []
        if first and first[0] is not None:
            return "-".join(str(part).zfill(2) for part in first if part is not None)
        text = read_text(value, f"{name}.raw", f"{name}.literal", name)
        if text:
            return text
    return ""


def read_keywords(value: Item) -> tuple[str, ...]:
    """``keyword`` is one text; ``subject`` and ``categories`` are lists."""
    word = read_text(value, "keyword")
    parts = word.split(";" if ";" in word else ",") if word else []
    return keep_first(
        [clean_text(part) for part in (*parts, *read_texts(value, "subject"), *read_texts(value, "categories"))]
    )


def read_ids(value: Item, urls: tuple[str, ...]) -> dict[str, str]:
    """Named identifiers, and those that Zotero puts into ``note`` (``PMID: 123``)."""
    ids: dict[str, str] = {}
    for scheme, name in (("doi", "DOI"), ("pmid", "PMID"), ("pmcid", "PMCID"), ("issn", "ISSN"), ("isbn", "ISBN")):
        for text in read_texts(value, name):
            add_id(ids, scheme, text)
    note = read_path(value, "note")
    for scheme, number in _NOTE.findall(note) if isinstance(note, str) else ():
        add_id(ids, scheme.lower(), number)
    for name in ("accession", "archive_location", "call-number", "id", "clinical-trial-number"):
        for text in read_texts(value, name):
            add_accession(ids, text)
    for part in read_list(value, "clinical-trial-number"):
        add_trials(ids, read_text(part, "clinical-trial-number"))
    for url in urls:
        add_link(ids, url)
    return ids


FORMAT = Format("csljson", sniff, read, "CSL-JSON (Zotero), Crossref JSON")
