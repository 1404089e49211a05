"""Tables as text: any CSV or TSV whose header names a title. What vendors call their columns is a table here."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from synth.records.clean import (
    clean_name,
    clean_text,
    clean_value,
    find_doi,
    find_year,
    join_pages,
    keep_first,
    split_list,
)
from synth.records.columns import DIALECTS, HEADERS, PLAIN, Dialect
from synth.records.decisions import say_decisions
from synth.records.fields import check_record, guess_database, label, move_trials
from synth.records.format import Format, Parsed
from synth.records.identity import add_accession, add_id, add_link, add_trials
from synth.records.languages import name_language
from synth.records.mapping import label_by_script
from synth.records.record import Issue, LangText, Quarantined, Record
from synth.records.tagged import HTML_START
from synth.records.types import guess_type

DELIMITERS = (",", ";", "\t")
MAXIMUM_CELL = 2**31 - 1
_HEADER_LINES = 12
_MOST_OPEN_QUOTES = 50

_TITLES = frozenset(HEADERS["title"])
_NAMES = frozenset(name for names in HEADERS.values() for name in names)
_GUARDED = re.compile(r"'+[=+\-@\t\r]")
_NO_TABLE = re.compile(r"\s*(?:[{<]|\[\s*\{)")
_OUTER_COMMA = re.compile(r",\s{0,5}(?![^()]{0,120}\))")
_BEFORE_BRACKET = re.compile(r";\s+(?=\[)")
_INITIALS = re.compile(r"(?:[^\W\d_]{1,2}\.[- ]?)+$|[A-Z]{1,3}$")
_NAME_INITIALS = re.compile(r".* (?:(?:[^\W\d_]{1,2}\.[- ]?)+|[A-Z]{1,3})$")
_GLUED_NAMES = re.compile(r"(?<=[a-zà-öø-ÿ])(?<!Mc)(?<!Mac)(?<!De)(?<!Di)(?<!Le)(?<!La)(?<!Fitz)(?=[A-ZÀ-Þ])")
_EMBASE_SOURCE = re.compile(
    r"^(?P<name>.+?) \((?P<year>\d{4})\)(?: (?P<volume>[\w-]+))?(?::(?P<issue>[^ (]+))?"
    r"(?: \((?P<pages>[^)]+)\))?"
)


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one row and its place."""

    cells: list[str]
    line_start: int
    line_end: int
    raw: str


@dataclass(frozen=True, slots=True)
class Head:
    """The header: delimiter, its line, names as written and normalised, the vendor's dialect, columns of each field."""

    delimiter: str
    line: int
    written: list[str]
    names: list[str]
    dialect: Dialect
    columns: dict[str, list[int]]


def sniff(sample: str) -> float:
    """A line near the top that reads as a header with a title column; JSON and XML are no tables."""
    if _NO_TABLE.match(sample):
        return 0.0
    head = _find_head(sample.split("\n", _HEADER_LINES + 1)[:_HEADER_LINES])
    if head is None:
        return 0.0
    known = sum(1 for name in head.names if name in _NAMES)
    return min(0.9, 0.5 + known / 20) if known > 1 or len(head.names) == 1 else 0.3


def read(text: str) -> Parsed:
    """All rows of a table."""
    lines = text.split("\n")
    head = _find_head(lines[:_HEADER_LINES])
    if head is None:
        reason = "no line near the top names a title column"
        return Parsed((), (Quarantined(1, len(lines), "no_header", reason, text),))
    return read_table(_read_rows(lines, head), head, range(1, head.line + 1))


def read_table(rows: Iterable[Row | Quarantined], head: Head, headers: Iterable[int]) -> Parsed:
    """Records of the rows below a header; rows that say nothing are quarantined, empty ones are none."""
    records: list[Record] = []
    quarantine, issues = [], []
    empty: list[int] = []
    page: list[Row] = []
    for row in rows:
        if isinstance(row, Quarantined):
            quarantine.append(row)
        elif page or HTML_START.match(row.raw):
            page.append(row)
        elif any(cell.strip() for cell in row.cells):
            record = make_record(row, head, len(records) + 1)
            if _says_nothing(record):
                quarantine.append(
                    Quarantined(
                        row.line_start,
                        row.line_end,
                        "no_content",
                        "the row has no title, authors or identifier",
                        row.raw,
                    )
                )
            else:
                records.append(record)
                issues.extend([*_check_row(row, head, record), *check_record(record, ())])
        else:
            empty.extend(range(row.line_start, row.line_end + 1))
    if page:
        raw, reason = "\n".join(row.raw for row in page), "a web page, not a record (a login or error page?)"
        quarantine.append(Quarantined(page[0].line_start, page[-1].line_end, "html", reason, raw))
    issues.extend(say_decisions(records, head.line))
    database = head.dialect.database or _guess_source(records, head)
    return Parsed(tuple(records), tuple(quarantine), tuple(issues), (*headers, *empty), database=database)


def normalise_header(name: str) -> str:
    """``Author(s)`` -> ``authors``: lower case, letters and digits only."""
    return re.sub(r"[\W_]+", "", name.strip().casefold())


def _find_head(lines: list[str]) -> Head | None:
    for number, line in enumerate(lines, 1):
        if not line.strip() or len(line) > 20_000:
            continue
        best = max((_split_head(line, delimiter) for delimiter in DELIMITERS), key=_count_known)
        head = make_head(best[0], number, best[1])
        if head is not None:
            return head
    return None


def _split_head(line: str, delimiter: str) -> tuple[str, list[str]]:
    return delimiter, next(csv.reader([line], delimiter=delimiter), [])


def _count_known(head: tuple[str, list[str]]) -> tuple[int, int]:
    return sum(1 for name in head[1] if normalise_header(name) in _NAMES), len(head[1])


def make_head(delimiter: str, line: int, written: list[str]) -> Head | None:
    """The header of these names, or None if none of them is a title's."""
    names = [normalise_header(name) for name in written]
    if not _TITLES & set(names):
        return None
    dialect = next((dialect for dialect in DIALECTS if dialect.signs <= set(names)), PLAIN)
    wanted = {**HEADERS, **dialect.columns}
    columns = {key: [names.index(name) for name in named if name in names] for key, named in wanted.items()}
    return Head(delimiter, line, written, names, dialect, columns)


def _read_rows(lines: list[str], head: Head) -> Iterator[Row | Quarantined]:
    """Rows with their lines. A quote that is never closed costs its own line only, not the rest of the file."""
    csv.field_size_limit(MAXIMUM_CELL)
    start = head.line
    for _ in range(_MOST_OPEN_QUOTES):
        reader = csv.reader(
            (line + "\n" for line in lines[start:]),
            delimiter=head.delimiter,
            quoting=csv.QUOTE_MINIMAL if head.dialect.quotes else csv.QUOTE_NONE,
        )
        before, broken = start, False
        for cells in reader:
            end = start + reader.line_num
            raw = "\n".join(lines[before:end])
            if end - before > 1 and end >= len(lines) and raw.count('"') % 2:
                yield Quarantined(before + 1, before + 1, "open_quote", "a quote is never closed", lines[before])
                start, broken = before + 1, True
                break
            yield Row([cell.removesuffix("\n") for cell in cells], before + 1, end, raw)
            before = end
        if not broken:
            return
    yield Quarantined(start + 1, len(lines), "open_quote", "too many quotes are never closed", "\n".join(lines[start:]))


def _check_row(row: Row, head: Head, record: Record) -> list[Issue]:
    extra = len(row.cells) - len(head.names)
    if extra == 0 or (extra > 0 and not any(row.cells[len(head.names) :])):
        return []
    message = f"line {row.line_start}: the row has {len(row.cells)} cells under {len(head.names)} headers"
    return [Issue(row.line_start, "ragged_row", message, record.position)]


def _says_nothing(record: Record) -> bool:
    return not (record.title or record.authors or record.ids or record.abstracts)


class _Cells:
    """The cells of one row by field."""

    def __init__(self, row: Row, head: Head) -> None:
        self.cells = row.cells
        self.columns = head.columns
        self.separator = head.dialect.separator

    def all(self, key: str) -> list[str]:
        """The cells of a field that say something, in order of trust, formula guards taken off."""
        found = (self.cells[index] for index in self.columns[key] if index < len(self.cells))
        return [value for cell in found if (value := clean_value(remove_guard(cell)))]

    def first(self, key: str) -> str:
        """The most trusted cell of a field."""
        return next(iter(self.all(key)), "")

    def parts(self, key: str, separator: str = "") -> list[str]:
        """A list in a cell: JSON as our own exports write it where needed, else parts between separators."""
        return [part for cell in self.all(key) for part in read_list(cell, separator or self.separator)]


def remove_guard(cell: str) -> str:
    """Take off the apostrophe that keeps a cell from being run as a formula."""
    return cell[1:] if cell[:1] == "'" and _GUARDED.match(cell) else cell


def read_list(cell: str, separator: str = ";") -> list[str]:
    """The parts of a cell: a JSON list of texts, or parts between separators."""
    if cell.startswith('["') and cell.endswith('"]'):
        try:
            return [str(part) for part in json.loads(cell)]
        except ValueError:
            pass
    return split_list(cell, separator)


def make_record(row: Row, head: Head, position: int) -> Record:
    """One record from a row."""
    cells = _Cells(row, head)
    ids, urls = _read_ids(cells), keep_first(cells.parts("urls", "; "))
    for url in urls:
        add_link(ids, url)
    languages = keep_first([name_language(part) for part in cells.parts("languages")])
    titles = _read_texts(cells, "title", "titles", languages)
    abstracts = _read_texts(cells, "abstract", "abstracts", languages)
    if head.dialect is not PLAIN:
        titles, abstracts = label_by_script(titles), label_by_script(abstracts)
    source = _read_source(cells, head)
    dates = cells.all("date")
    return Record(
        position,
        row.line_start,
        row.line_end,
        title=titles[0].text if titles else "",
        type=_read_type(cells, head),
        titles=titles,
        authors=tuple(move_trials(list(_read_authors(cells, head)), ids)),
        year=_read_year([cells.first("year"), *dates, source["year"]]),
        date_raw=_write_date(next(iter(dates), ""), cells.first("year") or source["year"]),
        container=source["name"],
        volume=cells.first("volume") or source["volume"],
        issue=cells.first("issue") or source["issue"],
        pages=join_pages(cells.first("page_start"), cells.first("page_end")) or cells.first("pages") or source["pages"],
        abstracts=abstracts,
        keywords=keep_first(_read_keywords(cells)),
        languages=languages,
        affiliations=keep_first(_read_places(cells)),
        ids=ids,
        urls=urls,
        raw=tuple((name, cell, row.line_start) for name, cell in _pair(head.written, row.cells)),
    )


def _write_date(date: str, year: str) -> str:
    """``MAR 15`` and ``2019`` stand in two columns (Web of Science)."""
    return f"{date} {year}" if date and year and find_year(date) is None else date or year


def _read_year(texts: list[str]) -> int | None:
    return next((year for text in texts if (year := find_year(text))), None)


def _pair(names: list[str], cells: list[str]) -> list[tuple[str, str]]:
    return [(names[index] if index < len(names) else f"column {index + 1}", cell) for index, cell in enumerate(cells)]


def _read_texts(cells: _Cells, one: str, several: str, languages: tuple[str, ...]) -> tuple[LangText, ...]:
    """A title or abstract, with the further ones that a cell of JSON or a second column holds."""
    first, more = cells.first(one), cells.first(several)
    if more.startswith("[{"):
        try:
            return tuple(LangText(str(part["text"]), str(part.get("lang", ""))) for part in json.loads(more))
        except (ValueError, KeyError, AttributeError, TypeError):
            pass
    return label([text for text in (first, more) if text], None, languages)


def _read_type(cells: _Cells, head: Head) -> str:
    if head.dialect.trial:
        return "other"
    words = cells.first("type")
    return guess_type(words) if words else "article"


def _read_authors(cells: _Cells, head: Head) -> tuple[str, ...]:
    cell = cells.first("authors")
    if not cell:
        return ()
    initials = bool({"eid", "journalbook", "authornames"} & set(head.names))
    if head.dialect.separator == "|":
        return tuple(name for part in read_list(cell, "|") if (name := clean_name(part)))
    if "itemtitle" in head.names and ";" not in cell:
        return tuple(clean_name(part) for part in _GLUED_NAMES.split(cell))
    return tuple(name for part in split_names(cell) if (name := clean_name(part, initials=initials)))


def _read_keywords(cells: _Cells) -> list[str]:
    """Keywords; Embase sets commas between them, and inside brackets too (``cyst (diagnosis, surgery)``)."""
    if cells.separator == ",":
        return [clean_text(part) for cell in cells.all("keywords") for part in _OUTER_COMMA.split(cell)]
    return cells.parts("keywords")


def _read_places(cells: _Cells) -> list[str]:
    """Addresses; Web of Science puts the people of each in brackets before it, with semicolons between them."""
    return [
        place
        for cell in cells.all("affiliations")
        for place in (_BEFORE_BRACKET.split(cell) if cell.startswith("[") else read_list(cell, cells.separator))
    ]


def split_names(cell: str) -> list[str]:
    """The people in one cell: ``A; B``, ``Pan, Y., Yu, C.`` (pairs), ``Liu R., Adler D.G.`` or one name."""
    if ";" in cell or cell.startswith('["'):
        return read_list(cell)
    joined = split_list(cell, " and ")
    if len(joined) > 1 and all(part.count(",") == 1 for part in joined):
        return joined  # Rayyan: Author, Anna and Writer, Ben
    parts = split_list(cell, ",")
    if len(parts) > 1 and len(parts) % 2 == 0 and all(_INITIALS.match(part[:40]) for part in parts[1::2]):
        return [f"{family}, {given}" for family, given in zip(parts[::2], parts[1::2], strict=True)]
    if len(parts) > 1 and sum(bool(_NAME_INITIALS.match(part[-60:])) for part in parts) * 2 > len(parts):
        return parts
    if len(parts) > 2:
        return parts
    return re.split(r"\s+(?:and|&)\s+", cell) if len(parts) == 1 else [cell]


def _read_source(cells: _Cells, head: Head) -> dict[str, str]:
    """Embase's CSV has year, volume, issue and pages inside Source: ``Journal (2014) 3:3 (152-160). Date of ...``."""
    empty = {"name": cells.first("container"), "year": "", "volume": "", "issue": "", "pages": ""}
    if "authornames" not in head.names:
        return empty
    match = _EMBASE_SOURCE.match(empty["name"])
    return {name: value or "" for name, value in match.groupdict().items()} if match else empty


def _read_ids(cells: _Cells) -> dict[str, str]:
    ids: dict[str, str] = {}
    for scheme in ("doi", "pmid", "pmcid", "nct", "issn", "isbn"):
        for value in cells.all(scheme):
            add_id(ids, scheme, value)
    for value in cells.all("accession"):
        add_accession(ids, value.rsplit("/", 1)[-1] if "openalex.org/" in value else value)
    for value in cells.all("trials"):
        add_trials(ids, value)
    for value in cells.all("resolver"):
        add_id(ids, "doi", find_doi(value.split("&atitle")[0].replace("&", " ")))
    for value in cells.all("ids"):
        _read_own_ids(value, ids)
    return ids


def _read_own_ids(cell: str, ids: dict[str, str]) -> None:
    """Our own column of further identifiers: a JSON object."""
    try:
        found = json.loads(cell)
    except ValueError:
        return
    if isinstance(found, dict):
        for scheme, value in found.items():
            add_id(ids, str(scheme), str(value))


def _guess_source(records: list[Record], head: Head) -> str:
    """The database that a column of that name says, or ``Scopus`` in Source where Scopus leaves out its EID."""
    wanted = {"database", "databases", "databasename"} if "sourcetitle" not in head.names else {"source", "database"}
    named = [written for written, name in zip(head.written, head.names, strict=True) if name in wanted][:1]
    return guess_database([clean_text(value) for record in records for name, value, _ in record.raw if name in named])


FORMAT = Format("csv", sniff, read, "CSV or TSV with a title column")
