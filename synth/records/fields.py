"""From the fields of an entry, grouped by tag, to a record: a vendor's mapping is a table of tags."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from synth.records.clean import clean_text, clean_title, clean_value, find_nct, keep_first
from synth.records.identity import add_id
from synth.records.languages import name_language, name_texts
from synth.records.record import Issue, LangText, Record

Groups = Mapping[str, Sequence[str]]
TITLE_LANGUAGES, ABSTRACT_LANGUAGES = "title languages: ", "abstract languages: "
"""How our own exports say in which languages titles and abstracts are, where a format has no place for it."""
UNKNOWN = "und"
"""ISO 639-2 for a language that nobody named."""


@dataclass(slots=True)
class Texts:
    """Titles and abstracts with their languages."""

    titles: tuple[LangText, ...] = ()
    abstracts: tuple[LangText, ...] = ()


def group(fields: Sequence[tuple[str, str, int]]) -> dict[str, list[str]]:
    """The values of each tag, in file order."""
    groups: dict[str, list[str]] = {}
    values: list[str]
    last, values = "", []
    for tag, value, _ in fields:
        if tag != last:
            values = groups.setdefault(tag, [])
            last = tag
        values.append(value)
    return groups


def pick(groups: Groups, tags: Sequence[str]) -> str:
    """The first value that is not empty, tags in order of trust."""
    for tag in tags:
        if tag in groups:
            for value in groups[tag]:
                found = clean_value(value)
                if found:
                    return found
    return ""


def gather(groups: Groups, tags: Sequence[str]) -> list[str]:
    """All values of some tags, cleaned, without empty ones; tags one after the other."""
    return [cleaned for tag in tags if tag in groups for value in groups[tag] if (cleaned := clean_value(value))]


def label_texts(
    groups: Groups, titles: Sequence[str], abstracts: Sequence[str], notes: Sequence[str], languages: Sequence[str]
) -> Texts:
    """Titles and abstracts with languages: as our own note says, else in the order of LA if the counts match."""
    said = read_language_notes(groups, notes) if any(tag in groups for tag in notes) else {}
    return Texts(
        label([clean_title(text) for text in titles], said.get(TITLE_LANGUAGES), languages),
        label(abstracts, said.get(ABSTRACT_LANGUAGES), languages),
    )


def label(texts: Sequence[str], said: list[str] | None, languages: Sequence[str]) -> tuple[LangText, ...]:
    """Each text once, with its language where that is known."""
    kept = keep_first(list(texts)) if len(texts) > 1 else texts
    if not kept or not kept[0]:
        return ()
    codes = said if said is not None and len(said) == len(kept) else name_texts(kept, languages)
    return tuple(LangText(text, code) for text, code in zip(kept, codes, strict=True))


def read_language_notes(groups: Groups, notes: Sequence[str]) -> dict[str, list[str]]:
    """Our own notes about languages, if the file has any."""
    found = {}
    for tag in notes:
        for value in groups.get(tag, ()):
            for sign in (TITLE_LANGUAGES, ABSTRACT_LANGUAGES):
                if value.strip().startswith(sign.strip()):
                    found[sign] = split_codes(value.strip()[len(sign.strip()) :])
    return found


def split_codes(text: str) -> list[str]:
    """``pt; und; es`` as a list, unknown ones empty."""
    return ["" if code.strip() == UNKNOWN else code.strip() for code in text.split(";")]


def read_languages(groups: Groups, tags: Sequence[str]) -> tuple[str, ...]:
    """Languages as ISO 639-1 codes."""
    values = [value for tag in tags if tag in groups for value in groups[tag]]
    parts = [part for value in values for part in value.replace(",", ";").split(";")]
    return keep_first([name_language(clean_text(part)) for part in parts])


def move_trials(authors: list[str], ids: dict[str, str]) -> list[str]:
    """Cochrane writes trial numbers among the authors; they are identifiers."""
    if not any(author[:3] == "NCT" for author in authors):
        return authors
    for author in authors:
        if find_nct(author) and author.startswith("NCT"):
            add_id(ids, "nct", author)
    return [author for author in authors if not (author.startswith("NCT") and find_nct(author))]


def check_record(record: Record, titles: Sequence[tuple[str, int]]) -> list[Issue]:
    """What looks as if something was lost: no title, or two titles where a record has one (two records in one?)."""
    where = f"lines {record.line_start}-{record.line_end}"
    if not record.title:
        return [Issue(record.line_start, "no_title", f"{where}: the record has no title", record.position)]
    distinct = {clean_text(value).casefold() for value, _ in titles if value.strip()}
    if len(distinct) < 2:
        return []
    second = titles[1][1]
    message = f"{where}: the record has {len(distinct)} titles (line {second}); two records may have run together"
    return [Issue(second, "several_titles", message, record.position)]


class Databases:
    """Which database a file is from: the one that nearly all records name, else the one that its header names."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.records = 0
        self.said = ""

    def add(self, name: str) -> None:
        """Count a record and the database that it names (or an empty text)."""
        self.records += 1
        if name:
            self.counts[name] += 1

    def say(self, name: str) -> None:
        """Keep what a header says, the first in the order of letters if several do."""
        self.said = min(self.said, name) if self.said else name

    def guess(self) -> str:
        """The name, or an empty text where records name several."""
        named = sum(self.counts.values())
        if named * 2 <= self.records:
            return self.said
        name, number = self.counts.most_common(1)[0]
        return name if number >= 0.9 * named else ""


def guess_database(values: Sequence[str]) -> str:
    """The database that nearly all records name; empty if they name none or several."""
    counts = Counter(value for value in values if value)
    if not counts:
        return ""
    name, number = counts.most_common(1)[0]
    return name if number >= 0.9 * sum(counts.values()) else ""
