"""A tagged format's mapping as data: which tags hold what, and the one function that makes a record of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from synth.records.clean import clean_name, find_year, join_pages, keep_first, split_list
from synth.records.fields import (
    check_record,
    gather,
    group,
    guess_database,
    label_texts,
    move_trials,
    pick,
    read_languages,
)
from synth.records.format import Parsed
from synth.records.identity import add_accession, add_id, add_link, add_trials
from synth.records.languages import guess_script
from synth.records.record import Issue, LangText, Record, Tag
from synth.records.tagged import Entry, Layout, Scan, scan
from synth.records.types import guess_type

Tags = tuple[str, ...]


def read_one_name(value: str) -> list[str]:
    """One person a value, or several between semicolons (CNKI)."""
    return [name for part in value.split(";") if (name := clean_name(part))]


def read_words(value: str) -> list[str]:
    """Keywords between semicolons; CNKI writes two of them."""
    return split_list(value)


def read_places(value: str) -> list[str]:
    """Addresses: one a line; between semicolons in Chinese text."""
    if guess_script(value) == "zh":
        return split_list(value.replace("\n", ";"))
    return split_list(value, "\n")


def keep_tag(tag: str) -> str:
    """The tag itself."""
    return tag


@dataclass(frozen=True, slots=True)
class TagTable:
    """Field -> tags in order of trust. ``ids`` are (scheme, tag); ``accessions`` are numbers known by their shape.

    ``names`` and ``words`` take a value of the tags for authors and keywords apart; ``rename`` gives a tag the name
    under which this table knows it. ``lines``: these tags hold one value a line.
    """

    titles: Tags
    authors: Tags
    years: Tags = ()
    dates: Tags = ()
    translated: Tags = ()
    containers: Tags = ()
    volume: Tags = ()
    issue: Tags = ()
    pages: Tags = ()
    page_start: Tags = ()
    page_end: Tags = ()
    abstracts: Tags = ()
    keywords: Tags = ()
    languages: Tags = ()
    affiliations: Tags = ()
    urls: Tags = ()
    kinds: Tags = ()
    databases: Tags = ()
    notes: Tags = ()
    ids: tuple[tuple[str, str], ...] = ()
    accessions: Tags = ()
    trials: Tags = ()
    names: Callable[[str], list[str]] = read_one_name
    words: Callable[[str], list[str]] = read_words
    places: Callable[[str], list[str]] = read_places
    rename: Callable[[str], str] = keep_tag
    kind: str = "article"


def read_tagged(text: str, layout: Layout, table: TagTable) -> Parsed:
    """All records of a tagged text: its layout cuts it, its table says what the tags hold."""
    return make_parsed(scan(text, layout), table)


def make_parsed(found: Scan, table: TagTable, improve: Callable[[Record], Record] | None = None) -> Parsed:
    """Records of what the engine found; ``improve`` adds what only one format knows."""
    records: list[Record] = []
    issues, databases = list(found.issues), []
    for position, entry in enumerate(found.entries, 1):
        groups = group_entry(entry, table)
        record = make_record(entry, groups, position, table)
        records.append(improve(record) if improve else record)
        databases.append(pick(groups, table.databases))
        issues.extend(check_entry(records[-1], entry, table))
    return Parsed(
        tuple(records), tuple(found.quarantine), tuple(issues), tuple(found.headers), database=guess_database(databases)
    )


def check_entry(record: Record, entry: Entry, table: TagTable) -> list[Issue]:
    """What looks as if something was lost (no title, two titles)."""
    return check_record(
        record, [(value, line) for tag, value, line in entry.fields if table.rename(tag) in table.titles[:1]]
    )


def group_entry(entry: Entry, table: TagTable) -> dict[str, list[str]]:
    """The values of each tag under the table's names."""
    fields: list[Tag] = [(table.rename(tag), value, line) for tag, value, line in entry.fields]
    groups: dict[str, list[str]] = {}
    for tag, values in group(fields).items():
        groups.setdefault(tag, []).extend(values)
    return groups


def make_record(entry: Entry, groups: dict[str, list[str]], position: int, table: TagTable) -> Record:
    """One record from its tags, as the table says."""
    languages = read_languages(groups, table.languages)
    titles = [*gather(groups, table.titles)[:1], *gather(groups, table.translated)]
    texts = label_texts(groups, titles, gather(groups, table.abstracts), table.notes, languages)
    urls = keep_first(gather(groups, table.urls))
    kind, ids = pick(groups, table.kinds), read_ids(groups, table, urls)
    return Record(
        position,
        entry.line_start,
        entry.line_end,
        title=texts.titles[0].text if texts.titles else "",
        type=guess_type(kind) if kind else table.kind,
        titles=label_by_script(texts.titles),
        authors=tuple(move_trials(list(read_authors(groups, table)), ids)),
        year=_read_year(groups, (*table.years, *table.dates)),
        date_raw=_write_date(pick(groups, table.dates), pick(groups, table.years)),
        container=pick(groups, table.containers),
        volume=pick(groups, table.volume),
        issue=pick(groups, table.issue),
        pages=join_pages(pick(groups, table.page_start), pick(groups, table.page_end)) or pick(groups, table.pages),
        abstracts=label_by_script(texts.abstracts),
        keywords=keep_first([word for value in _values(groups, table.keywords) for word in table.words(value)]),
        languages=languages,
        affiliations=keep_first(
            [part for value in _values(groups, table.affiliations) for part in table.places(value)]
        ),
        ids=ids,
        urls=urls,
        raw=entry.fields,
    )


def label_by_script(texts: tuple[LangText, ...]) -> tuple[LangText, ...]:
    """A language for texts without one, where their letters leave no doubt (Chinese, Korean, Japanese, Thai, ...)."""
    return tuple(text if text.lang else LangText(text.text, guess_script(text.text)) for text in texts)


def read_authors(groups: dict[str, list[str]], table: TagTable) -> tuple[str, ...]:
    """The people of the first tag that names any."""
    for tag in table.authors:
        names = [name for value in groups.get(tag, ()) for name in table.names(value)]
        if names:
            return tuple(names)
    return ()


def read_ids(groups: dict[str, list[str]], table: TagTable, urls: Sequence[str]) -> dict[str, str]:
    """All identifiers: named ones, numbers with a shape, trial numbers, those that addresses show."""
    ids: dict[str, str] = {}
    for scheme, tag in table.ids:
        for value in groups.get(tag, ()):
            add_id(ids, scheme, value)
    for value in gather(groups, table.accessions):
        add_accession(ids, value)
    for value in gather(groups, table.trials):
        add_trials(ids, value)
    for url in urls:
        add_link(ids, url)
    return ids


def _values(groups: dict[str, list[str]], tags: Tags) -> list[str]:
    return [value for tag in tags for value in groups.get(tag, ())]


def _write_date(date: str, year: str) -> str:
    """``Feb`` and ``2002`` stand in two fields (RefWorks)."""
    return f"{date} {year}" if date and year and find_year(date) is None else date or year


def _read_year(groups: dict[str, list[str]], tags: Tags) -> int | None:
    return next((year for value in _values(groups, tags) if (year := find_year(value))), None)
