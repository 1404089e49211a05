"""EndNote XML, as EndNote, Zotero, Bookends and Papers write it."""

from __future__ import annotations

import re

from synth.records.clean import clean_name, clean_text, clean_title, find_year, keep_first
from synth.records.fields import guess_database
from synth.records.format import Format, Parsed
from synth.records.identity import add_accession, add_id, add_link, add_trials
from synth.records.languages import name_language
from synth.records.mapping import label_by_script
from synth.records.markup import Node, list_fields, read_elements, read_text
from synth.records.record import LangText, Record
from synth.records.types import guess_type

_SIGN = re.compile(r"<records?>")
_FIELDS = re.compile(r"<(?:ref-type|rec-number|source-app|foreign-keys|contributors|secondary-title|titles)[\s>]")
_PUBMED = re.compile(r"nlm|pubmed|medline", re.IGNORECASE)


def sniff(sample: str) -> float:
    """A list of records with EndNote's elements."""
    return 0.98 if _SIGN.search(sample) and _FIELDS.search(sample) else 0.0


def read(text: str) -> Parsed:
    """All records of an EndNote library."""
    parsed = read_elements(text, ("record",), make_record)
    named = [
        next((value for path, value, _ in record.raw if path == "remote-database-name"), "")
        for record in parsed.records
    ]
    database = guess_database(named) if sum(map(bool, named)) * 2 > len(named) else ""
    return Parsed(parsed.records, parsed.quarantine, parsed.issues, parsed.headers, database=database)


def make_record(root: Node, position: int, line_start: int, line_end: int) -> Record:
    """One record from a record element."""
    languages = keep_first([name_language(part) for value in root.read_all("language") for part in value.split(";")])
    titles = [clean_title(text) for text in root.read_all("titles/title")[:1]]
    translated = root.read_all("titles/translated-title", "titles/alt-title" if not titles else "titles/translated")
    urls = keep_first(root.read_all("urls/related-urls/url", "urls/web-urls/url", "urls/text-urls/url"))
    kind = root.find("ref-type")
    return Record(
        position,
        line_start,
        line_end,
        title=next(iter([*titles, *translated]), ""),
        type=guess_type(kind.attributes.get("name", "") or read_text(kind)) if kind else "article",
        titles=label_by_script(tuple(LangText(text) for text in keep_first([*titles, *translated]))),
        authors=tuple(clean_name(name) for name in read_lines(root, "contributors/authors/author")),
        year=next(
            (year for text in root.read_all("dates/year", "dates/pub-dates/date") if (year := find_year(text))), None
        ),
        date_raw=" ".join(filter(None, (root.read("dates/pub-dates/date"), root.read("dates/year")))),
        container=root.read(
            "titles/secondary-title",
            "periodical/full-title",
            "periodical/abbr-1",
            "alt-periodical/full-title",
            "titles/tertiary-title",
            "publisher",
        ),
        volume=root.read("volume"),
        issue=root.read("number", "issue"),
        pages=root.read("pages", "electronic-pages"),
        abstracts=label_by_script(tuple(LangText(text) for text in root.read_all("abstract", "translated-abstract"))),
        keywords=keep_first(read_lines(root, "keywords/keyword")),
        languages=languages,
        affiliations=keep_first(read_lines(root, "auth-address")),
        ids=read_ids(root, urls),
        urls=urls,
        raw=list_fields(root),
    )


def read_lines(root: Node, path: str) -> list[str]:
    """The texts at a path; a line end that EndNote wrote as a character (``&#xD;``) separates two."""
    values = [line for node in root.find_all(path) for line in re.split(r"\r\n?|\n(?=\S)", read_text(node).strip())]
    return [text for value in values if (text := clean_text(value))]


def read_ids(root: Node, urls: tuple[str, ...]) -> dict[str, str]:
    """DOI, ISSN, ISBN, and accession numbers: a bare number is PubMed's where PubMed is named as the source."""
    ids: dict[str, str] = {}
    add_id(ids, "doi", root.read("electronic-resource-num"))
    for value in root.read_all("accession-num", "remote-database-accession", "custom2", "custom3", "label"):
        for part in value.split(" ; "):
            add_accession(ids, part)
            add_trials(ids, part)
    names = " ".join(root.read_all("remote-database-name", "remote-database-provider", "work-type"))
    if root.read("accession-num").isdigit() and (_PUBMED.search(names) or "pmid" in _read_links(urls, root)):
        add_id(ids, "pmid", root.read("accession-num"))
    for value in root.read_all("isbn", "orig-pub"):
        add_id(ids, "isbn", value)
        add_id(ids, "issn", value)
    for scheme, value in _read_links(urls, root).items():
        ids.setdefault(scheme, value)
    return ids


def _read_links(urls: tuple[str, ...], root: Node) -> dict[str, str]:
    found: dict[str, str] = {}
    for url in (*urls, *root.read_all("urls/pdf-urls/url")):
        add_link(found, url)
    return found


FORMAT = Format("endnotexml", sniff, read, "EndNote XML")
