"""RIS, as some forty vendors write it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from string import ascii_uppercase, digits

from synth.records.clean import (
    EMPTY_WORDS,
    FIRST_YEAR,
    LAST_YEAR,
    clean_name,
    clean_text,
    find_isbn,
    find_year,
    join_pages,
    keep_first,
)
from synth.records.fields import Databases, check_record, group, label_texts, move_trials, read_languages
from synth.records.format import Format, Parsed
from synth.records.identity import add_accession, add_id, add_link
from synth.records.record import Issue, Record, RisTags, TagLines
from synth.records.tagged import Entry, Layout, Scanner, find_cut
from synth.records.types import RIS_TYPES, guess_type

TITLES = ("TI", "T1")
OTHER_TITLES = ("CT", "BT", "ST")
TRANSLATED = ("TT",)
AUTHORS = ("AU", "A1")
LISTS = frozenset({"AU", "A1", "KW"})
"""Tags whose continuation lines are one value each."""
YEARS = ("PY", "Y1", "YR", "DA")
DATES = ("DA", "Y1", "PY", "YR")
CONTAINERS = ("JF", "T2", "JO", "JA", "J2", "BT", "J1", "T3")
ABSTRACTS = ("AB", "N2")
KEYWORDS = ("KW",)
ACCESSIONS = ("AN", "ID", "U1", "U2", "C3", "C5", "C6", "UT")
URLS = ("UR", "L2", "LK", "L1")
NOTES = ("U2",)

_KNOWN_TAGS = """
TY ER AU A1 A2 A3 A4 TA ED TI T1 T2 T3 TT ST CT BT AB N1 N2 PY Y1 Y2 YR DA JO JF JA J1 J2 J9 JI VL VO IS CP SP EP SE
PB CY PP SN BN DO UR L1 L2 L3 L4 LK KW LA LB ID AN AD C1 C2 C3 C4 C5 C6 C7 C8 M1 M2 M3 U1 U2 U3 U4 U5 DB DP ET NV OP
RN RP RI RT CA CN AV AI CC SV PU PI PA FU FX WE NL H1 H2 TS UT AF EA MA LL FD SO PM PMID PMCID
"""
_BIBLIOGRAPHIC_TAGS = """
AU A1 A2 A3 A4 ED TI T1 T2 T3 TT ST CT BT AB N2 PY Y1 YR DA JO JF JA J1 J2 SP DO UR KW AN SN BN PMID
"""
LAYOUT = Layout(
    width=2,
    mark="  - ",
    known=frozenset(_KNOWN_TAGS.split()),
    bibliographic=frozenset(_BIBLIOGRAPHIC_TAGS.split()),
    # One space, none, a tab or a second space behind the dash; tags in lower case; a few spaces before the tag.
    loose=re.compile(
        r"[ \t]{0,3}([A-Z][A-Z0-9]{1,3}(?=[ \t]{0,2}-(?:[ \t]|$)|  -)|[a-z][a-z0-9]{1,3}(?= {1,2}-(?: |$)|  -))"
        r"[ \t]{0,2}-[ \t]?(.*)$",
        re.DOTALL,
    ),
    unknown=re.compile(r"([A-Z0-9]{2}|[A-Z]{4})  - (.*)$", re.DOTALL),
    header=re.compile(
        r"\s{0,20}(?:Record #?\d+ of [\d,]{1,12}|Provider: |Content: |Database: |\d{1,6}\.\s*$|<\d{1,9}\.? ?>\s*$|"
        r"Link to the Ovid Full Text|Link to the External Link|Export Date: |\*{3,}|-{5,}|={5,})",
        re.IGNORECASE,
    ),
    start="TY",
    end="ER",
    start_value=re.compile(r"[ \t]*(?:[A-Za-z]{2,8}\d?|[A-Z][\w-]+ [A-Z][\w-]+)?[ \t]*$"),
    trailing_tags=frozenset({"NL"}),
    regular=frozenset(first + second for first in ascii_uppercase for second in ascii_uppercase + digits),
)
_HITS = re.compile(r"Record #?\d+ of ([\d,]+)\s*$")
_ENTITY = re.compile(r"&#?\w{1,32};")
_PLAIN_YEAR = re.compile(r"[12][0-9]{3}(?![0-9])")
_PLAIN_DOI = re.compile(r"10\.[0-9]{4,9}/[A-Za-z0-9._/-]{0,200}[A-Za-z0-9]")
_PLAIN_ISSN = re.compile(r"[0-9]{4}-[0-9]{3}[0-9Xx]")
_LONGEST_NUMBER = 60
_SPACES = (
    "\t\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""All that ``str.split`` takes for white space, but for the space, LF and CR."""
_SPACES_ASCII = _SPACES[:7]
_TAG_LINE = re.compile(r"(?m)^[ \t]{0,3}(?:[A-Z][A-Z0-9]|[a-z][a-z0-9]) {1,2}-(?:[ \t]|$|[^-\s])")


def sniff(sample: str) -> float:
    """How many lines look like RIS, and whether a record begins or ends."""
    tags = len(_TAG_LINE.findall(sample))
    if tags < 2:
        return 0.0
    ends = re.search(r"(?mi)^\s{0,3}(?:TY {1,2}- ?|ER {0,2}-?[ \t]*$)", sample) is not None
    return min(0.95, 0.4 + (0.4 if ends else 0) + tags / 1000)


def read(text: str) -> Parsed:
    """All records of a RIS file."""
    reader = Reader()
    return reader.finish(reader.feed(text))


class Reader:
    """Reads a RIS file in pieces; what only the whole file can tell comes with ``finish``."""

    def __init__(self) -> None:
        self.scanner = Scanner(LAYOUT)
        self.position = 0
        self.databases = Databases()
        self.hits: int | None = None

    def cut(self, text: str) -> int:
        """Where ``text`` may be cut (0: nowhere)."""
        return find_cut(text, LAYOUT)

    def feed(self, text: str, *, last: bool = True) -> Parsed:
        """The records of a piece."""
        found = self.scanner.found
        self.scanner.feed(text, last=last)
        records = tuple([self._make(entry, number) for number, entry in enumerate(found.entries, self.position + 1)])
        headers = tuple(found.headers)
        self._read_headers(headers)
        self.position += len(records)
        found.entries.clear()
        found.headers.clear()
        return Parsed(records, headers=headers)

    def finish(self, rest: Parsed | None = None) -> Parsed:
        """``rest`` (the last piece) and what the whole file says: quarantine, issues, database, its own count."""
        self.scanner.finish()
        found, rest = self.scanner.found, rest or Parsed(())
        issues = _merge_missing_starts(found.issues, self.scanner.notes.counts["missing_start"], self.position)
        return Parsed(
            rest.records,
            tuple(found.quarantine),
            tuple(issues),
            rest.headers,
            self.hits,
            self.databases.guess(),
            found.tally,
        )

    def _make(self, entry: Entry, position: int) -> Record:
        groups = group_values(entry)
        record = make_record(entry, position, groups)
        self.databases.add(groups["DB"][0] if "DB" in groups else "")
        if not record.title or len(groups.get("TI", ())) + len(groups.get("T1", ())) > 1:
            titles = [(value, line) for tag, value, line in entry.fields if tag in TITLES]
            for issue in check_record(record, titles):
                self.scanner.notes.add(issue)
        return record

    def _read_headers(self, headers: Sequence[int]) -> None:
        """The database's own count, and its name."""
        for number in headers:
            line = self.scanner.lines[number - self.scanner.base].strip()
            match = _HITS.match(line)
            if match:
                self.hits = max(self.hits or 0, int(match[1].replace(",", "")))
            elif line.startswith("Database: "):
                self.databases.say(clean_text(line.removeprefix("Database: ")))


def group_values(entry: Entry) -> dict[str, list[str]]:
    """The cleaned values of each tag in file order, without empty ones and words for nothing (``NA``)."""
    groups, fields = entry.groups, entry.fields
    if groups is None or not isinstance(fields, TagLines):
        joined = {tag: _join_lines(tag, values) for tag, values in group(fields).items()}
        clean = clean_text if _has_odd_signs("".join([value for _, value, _ in fields])) else _collapse
        return _clean_groups(joined, clean)
    if fields.text.count("\n") >= len(fields):
        groups = {tag: _join_lines(tag, values) for tag, values in groups.items()}
    return _clean_groups(groups, _choose_cleaning(fields))


def _clean_groups(groups: dict[str, list[str]], clean: Callable[[str], str] | None) -> dict[str, list[str]]:
    if clean:
        groups = {tag: list(map(clean, values)) for tag, values in groups.items()}
    return {tag: kept for tag, values in groups.items() if (kept := _keep_told(values))}


def _join_lines(tag: str, values: list[str]) -> list[str]:
    """Values of several lines as one; EndNote and Rayyan write one KW, then a keyword a line."""
    if tag in LISTS:
        return [part for value in values for part in value.split("\n")]
    return [" ".join(value.split()) if "\n" in value else value for value in values]


def _choose_cleaning(fields: TagLines) -> Callable[[str], str] | None:
    """What the values of a record need: all of ``clean_text``, white space only, or nothing.

    Found out once a record, not once a value. Two spaces stand before each tag's dash; any others are one too many.
    """
    text = fields.text
    if _has_odd_signs(text):
        return clean_text
    return _collapse if text.count("  ") != len(fields) or " \n" in text else None


def _collapse(value: str) -> str:
    return " ".join(value.split()) if "  " in value else value.strip()


def _keep_told(values: list[str]) -> list[str]:
    """The values that say something; hardly ever one is left out."""
    for value in values:
        if not value or (value[0] in "nN[" and value.casefold() in EMPTY_WORDS):
            return [told for told in values if told and told.casefold() not in EMPTY_WORDS]
    return values


def _has_odd_signs(text: str) -> bool:
    """Whether something is escaped, or there is white space that is neither a space nor a line end."""
    if "&" in text and _ENTITY.search(text):
        return True
    for sign in _SPACES_ASCII if text.isascii() else _SPACES:  # noqa: SIM110  any() takes twice as long
        if sign in text:
            return True
    return False


def make_record(entry: Entry, position: int, groups: dict[str, list[str]] | None = None) -> Record:
    """One record from its tags; ``groups`` are its ``group_values``."""
    groups = group_values(entry) if groups is None else groups
    ids = _read_ids(groups)
    languages = read_languages(groups, ("LA",)) if "LA" in groups else ()
    titles = _gather(groups, TITLES) or _gather(groups, OTHER_TITLES)
    texts = label_texts(groups, titles + groups.get("TT", []), _gather(groups, ABSTRACTS), NOTES, languages)
    urls = keep_first(_gather(groups, URLS))
    for url in urls:
        add_link(ids, url)
    kind = groups["TY"][0].upper() if "TY" in groups else ""
    return Record(
        position,
        entry.line_start,
        entry.line_end,
        title=texts.titles[0].text if texts.titles else "",
        type=RIS_TYPES.get(kind) or guess_type(kind or _pick(groups, ("M3",))),
        titles=texts.titles,
        authors=tuple(move_trials(_read_authors(entry, groups), ids)),
        year=_read_year(groups),
        date_raw=_pick(groups, DATES),
        container=_pick_container(groups, titles),
        volume=_pick(groups, ("VL", "VO")),
        issue=_pick(groups, ("IS", "CP")),
        pages=join_pages(_pick(groups, ("SP",)), _pick(groups, ("EP",))) or _pick(groups, ("C7", "SE")),
        abstracts=texts.abstracts,
        keywords=_read_keywords(groups),
        languages=languages,
        affiliations=keep_first(groups["AD"]) if "AD" in groups else (),
        ids=ids,
        urls=urls,
        raw=entry.fields if isinstance(entry.fields, TagLines) else RisTags(entry.fields),
    )


def _pick(groups: dict[str, list[str]], tags: Sequence[str]) -> str:
    """The first value, tags in order of trust."""
    for tag in tags:
        if tag in groups:
            return groups[tag][0]
    return ""


def _gather(groups: dict[str, list[str]], tags: Sequence[str]) -> list[str]:
    """All values of some tags, tags one after the other."""
    found: list[str] = []
    for tag in tags:
        if tag in groups:
            found += groups[tag]
    return found


def _read_authors(entry: Entry, groups: dict[str, list[str]]) -> list[str]:
    """Names in file order, also where AU and A1 alternate."""
    if "AU" in groups and "A1" in groups:
        parts = [part for tag, value, _ in entry.fields if tag in AUTHORS for part in value.split("\n")]
        names = [clean_name(part) for part in parts]
    else:
        names = [_clean_name(value) for value in groups.get("AU") or groups.get("A1") or ()]
    return [name for name in names if name]


def _clean_name(text: str) -> str:
    """``clean_name`` for a text that is clean; most names are written as they should be."""
    family, comma, given = text.partition(", ")
    if comma and given and "," not in given and "," not in family and given != "null" and ";" not in text:
        return text
    return clean_name(text)


def _read_year(groups: dict[str, list[str]]) -> int | None:
    for tag in YEARS:
        for value in groups.get(tag, ()):
            year = int(value[:4]) if _PLAIN_YEAR.match(value) else 0
            found = year if FIRST_YEAR <= year <= LAST_YEAR else find_year(value)
            if found:
                return found
    return None


def _pick_container(groups: dict[str, list[str]], titles: list[str]) -> str:
    """The journal, book or series. BT is the title itself where a book has no other."""
    for tag in CONTAINERS:
        for name in groups.get(tag, ()):
            if tag != "BT" or name not in titles[:1]:
                return name
    return ""


def _read_keywords(groups: dict[str, list[str]]) -> tuple[str, ...]:
    """One keyword a line; a single KW tag may also hold a list."""
    values = groups.get("KW")
    if not values:
        return ()
    if len(values) == 1:
        values = [word for part in values[0].split(";") if (word := part.strip())]
    return keep_first(values)


def _read_ids(groups: dict[str, list[str]]) -> dict[str, str]:
    ids: dict[str, str] = {}
    for value in groups.get("DO", ()):
        if _PLAIN_DOI.fullmatch(value):
            ids.setdefault("doi", value.lower())
        else:
            add_id(ids, "doi", value)
    for tag, scheme in (("PMID", "pmid"), ("PM", "pmid"), ("PMCID", "pmcid")):
        for value in groups.get(tag, ()):
            add_id(ids, scheme, value)
    for tag in ACCESSIONS:
        for value in groups.get(tag, ()):
            _add_accessions(ids, value, tag)
    _add_pubmed(groups, ids)
    for tag in ("SN", "BN"):
        for value in groups.get(tag, ()):
            _add_serial(ids, tag, value)
    return ids


def _add_serial(ids: dict[str, str], tag: str, value: str) -> None:
    """SN holds an ISSN or an ISBN; our own exports put the ISBN into BN."""
    if _PLAIN_ISSN.fullmatch(value):
        ids.setdefault("issn", value.upper())
    elif find_isbn(value):
        add_id(ids, "isbn", value)
    elif tag == "SN" or "issn" not in ids:
        add_id(ids, "issn", value)


def _add_accessions(ids: dict[str, str], value: str, tag: str) -> None:
    """Numbers that have a shape of their own; mere digits and long texts have none."""
    for part in value.split(",") if tag == "C3" else (value,):
        if part[-1:] == "]" or (len(part) <= _LONGEST_NUMBER and not part.isdigit()):
            add_accession(ids, part)


def _add_pubmed(groups: dict[str, list[str]], ids: dict[str, str]) -> None:
    """PubMed numbers without a sign: EndNote puts them into AN beside ``DP  - NLM``, Embase into C5."""
    if "pmid" in ids:
        return
    if "DP" in groups and groups["DP"][0] == "NLM":
        add_id(ids, "pmid", _pick(groups, ("AN",)))
    elif "embase" in ids and _pick(groups, ("C5",)).isdigit():
        add_id(ids, "pmid", _pick(groups, ("C5",)))


def _merge_missing_starts(issues: list[Issue], missing: int, records: int) -> list[Issue]:
    """One issue, not five hundred, where a whole file was written without TY."""
    if missing < 3 or missing < records:
        return issues
    first = next(issue for issue in issues if issue.code == "missing_start")
    rest = [issue for issue in issues if issue.code != "missing_start"]
    return [Issue(first.line, "missing_start", f"no record has a TY; {missing} were read up to their ER"), *rest]


FORMAT = Format("ris", sniff, read, "RIS (.ris)", Reader)
