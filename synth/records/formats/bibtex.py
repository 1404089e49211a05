"""BibTeX and BibLaTeX. bibtexparser 2 cuts the file into blocks; what it gives up on is mended or quarantined here."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field
from typing import Any

from synth.records.clean import clean_name, clean_text, clean_value, find_year, keep_first
from synth.records.fields import ABSTRACT_LANGUAGES, TITLE_LANGUAGES, check_record, gather, group, label, split_codes
from synth.records.format import Format, Parsed
from synth.records.identity import add_accession, add_id, add_link
from synth.records.languages import name_language
from synth.records.latex import decode_latex
from synth.records.record import Issue, Quarantined, Record, Tag
from synth.records.tagged import HTML_START
from synth.records.types import BIBTEX_TYPES, guess_type

CONTAINERS = ("journal", "journaltitle", "booktitle", "school", "institution", "series", "publisher")
KEYWORDS = ("keywords", "author_keywords", "keywords-plus", "keyword")
DATES = ("date", "year", "issued")
IDS = {
    "doi": "doi",
    "pmid": "pmid",
    "pubmed_id": "pmid",
    "pmcid": "pmcid",
    "pmc": "pmcid",
    "issn": "issn",
    "eissn": "issn",
    "isbn": "isbn",
    "nct": "nct",
}
ACCESSIONS = ("unique-id", "eid", "accession", "note")
OWN_ID = "id_"
"""Our own exports keep further identifiers in fields such as ``id_wos``."""

_HEAD = re.compile(r"(?m)^[ \t]*@[ \t]*[A-Za-z]+[ \t]*[{(]")
_FIELDS = re.compile(r"(?m)^\s*(?:title|author|year|journal)\s*=\s*[{\"]", re.IGNORECASE)
_ENTRY = re.compile(r"\s*@\s*(\w+)\s*[{(]\s*([^,\n={}]*)")
_FIELD = re.compile(r"(?:^|[,\n{}])[ \t]*([A-Za-z][\w:.+-]{1,40})[ \t]*=[ \t]*(?=[{\"\w])")
_GLUED = re.compile(r"(?<=[\s}])@[A-Za-z]+\{[^,\s{}=]+,(?=\s*[\w-]+\s*=)")
_NEAR = 5000
"""Letters that may stand between two blocks."""
_AND = re.compile(r"\s+and\s+", re.IGNORECASE)
_NUMBERED = re.compile(r"_\d+$")
_PLAIN = re.compile(r"[\w.:/+-]*$")


@dataclass(frozen=True, slots=True)
class _Block:
    """An entry as read: its type, key, place and fields (name, value without its braces, line)."""

    kind: str
    key: str
    line_start: int
    line_end: int
    fields: tuple[Tag, ...]


@dataclass(slots=True)
class _Piece:
    """A block of bibtexparser's (which has no types of its own), its first line and its text."""

    line_start: int
    block: Any
    raw: str

    def append(self, line: int, text: str) -> None:
        """Add the text that follows, on its own line."""
        self.raw += "\n" * max(line - self.line_start - self.raw.count("\n"), 0) + text


@dataclass(slots=True)
class _Found:
    records: list[Record] = field(default_factory=list)
    quarantine: list[Quarantined] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    headers: list[int] = field(default_factory=list)
    keys: dict[str, int] = field(default_factory=dict)
    macros: dict[str, str] = field(default_factory=dict)


def sniff(sample: str) -> float:
    """Lines that open an entry, or fields of one whose head was cut off."""
    heads = len(_HEAD.findall(sample))
    if heads:
        return min(0.97, 0.85 + heads / 1000)
    return 0.5 if len(_FIELDS.findall(sample)) > 1 else 0.0


def read(text: str) -> Parsed:
    """All entries of a BibTeX file, those with a repeated key and damaged ones included."""
    found, pieces = _Found(), _cut(text)
    found.macros = {piece.block.key.lower(): piece.block.value for piece in pieces if _kind(piece.block) == "String"}
    for piece in pieces:
        _take_piece(piece, found)
    return Parsed(tuple(found.records), tuple(found.quarantine), tuple(found.issues), tuple(found.headers))


def _cut(text: str) -> list[_Piece]:
    """The blocks as bibtexparser cuts the file; text behind a damaged entry belongs to that entry."""
    import bibtexparser  # noqa: PLC0415  one format in five needs it

    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)
    library = bibtexparser.parse_string(text, parse_stack=[])
    blocks = sorted(library.blocks, key=lambda block: block.start_line or 0)
    kept: list[_Piece] = []
    places = _Places(text)
    for block in blocks:
        start = places.find(block)
        behind = bool(kept) and _is_damaged(kept[-1].block) and _kind(block) == "ImplicitComment"
        if behind and not HTML_START.search(block.raw):
            kept[-1].append(start, block.raw)
        else:
            kept.append(_Piece(start, block, block.raw))
    return kept


class _Places:
    """The true first line of each block: bibtexparser miscounts behind macros that go over several lines."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.place, self.line = 0, 1

    def find(self, block: Any) -> int:
        """The line in which a block begins; as bibtexparser says, where its text is not found as it stands."""
        raw = block.raw
        found = self.text.find(raw, self.place, self.place + len(raw) + _NEAR)
        if found < 0 or not raw:
            return int(block.start_line or 0) + 1
        line = self.line + self.text.count("\n", self.place, found)
        self.place, self.line = found + len(raw), line + raw.count("\n")
        return line


def _kind(block: Any) -> str:
    return type(block).__name__


def _is_damaged(block: Any) -> bool:
    return _kind(block) == "ParsingFailedBlock"


def _take_piece(piece: _Piece, found: _Found) -> None:
    start = piece.line_start
    entry = getattr(piece.block, "ignore_error_block", None) or piece.block
    if _kind(entry) == "DuplicateFieldKeyBlock":  # a repeated key and a repeated field at once
        entry = entry.ignore_error_block
    kind = _kind(entry)
    if kind == "Entry":
        _take_entry(entry, start, found)
    elif _is_damaged(entry):
        raw = piece.raw.rstrip()
        _mend(raw, start, start + raw.count("\n"), found)
    elif kind == "ImplicitComment":
        _take_comment(entry.raw, start, found)
    else:
        found.headers.extend(range(start, start + entry.raw.count("\n") + 1))


def _take_entry(entry: Any, start: int, found: _Found) -> None:
    fields = []
    shift = start - int(entry.start_line or 0) - 1
    for item in entry.fields:
        value = resolve_value(str(item.value), found.macros)
        if value is None:  # a comma is missing, and the next field was swallowed
            _mend(entry.raw, start, start + entry.raw.count("\n"), found)
            return
        fields.append((item.key.lower(), value, item.start_line + 1 + shift))
    end = start + entry.raw.count("\n")
    _add(_Block(entry.entry_type.lower(), entry.key, start, end, tuple(fields)), found)


def resolve_value(value: str, macros: dict[str, str]) -> str | None:
    """A field's value without its braces or quotes, macros and ``#`` resolved; None if it is malformed."""
    parts = []
    for part in _split_top(value.strip(), "#"):
        text = part.strip()
        if text[:1] in '{"' and text and len(text) > 1 and _closes_at(text) == len(text) - 1:
            parts.append(text[1:-1])
        elif _PLAIN.match(text):
            known = macros.get(text.lower())
            parts.append(text if known is None or known == text else resolve_value(known, {}) or "")
        else:
            return None
    return "".join(parts)


def _split_top(value: str, sign: str) -> list[str]:
    """The parts of a value between signs that stand outside braces and quotes."""
    if sign not in value:
        return [value]
    parts, depth, quoted, start = [], 0, False, 0
    for index, letter in enumerate(value):
        if letter == "\\" or (index and value[index - 1] == "\\"):
            continue
        if letter == '"' and depth == 0:
            quoted = not quoted
        elif letter in "{}":
            depth += 1 if letter == "{" else -1
        elif letter == sign and depth == 0 and not quoted:
            parts.append(value[start:index])
            start = index + 1
    return [*parts, value[start:]]


def _closes_at(text: str) -> int:
    """Where the brace or quote that opens a text is closed; -1 if nowhere."""
    opening, depth = text[0], 0
    for match in re.finditer(r"\\.|[{}\"]", text, re.DOTALL):
        sign = match[0]
        if sign == "{":
            depth += 1
        elif sign == "}":
            depth -= 1
            if depth == 0 and opening == "{":
                return match.start()
        elif sign == '"' and opening == '"' and depth == 0 and match.start() > 0:
            return match.start()
    return -1


def _mend(raw: str, start: int, end: int, found: _Found) -> None:
    """Read what still stands of a damaged entry; quarantine it if that is too little."""
    heads = [0, *(match.start() for match in _GLUED.finditer(raw) if match.start())]
    for index, place in enumerate(heads):
        piece = raw[place : heads[index + 1] if index + 1 < len(heads) else len(raw)]
        first = start + raw.count("\n", 0, place)
        _mend_piece(piece, first, min(first + piece.count("\n"), max(end, first)), found)


def _mend_piece(raw: str, start: int, end: int, found: _Found) -> None:
    head = _ENTRY.match(raw)
    kind, key = (head[1].lower(), head[2].strip()) if head else ("misc", "")
    fields = _salvage_fields(raw, start)
    if not any(name in {"title", "author", "doi", "journal", "booktitle", "abstract", "year"} for name, _, _ in fields):
        reason = "a damaged entry without any readable field"
        found.quarantine.append(Quarantined(start, end, "damaged_entry", reason, raw))
        return
    message = f"lines {start}-{end}: a damaged entry was read as far as possible (brackets or commas are missing)"
    found.issues.append(Issue(start, "damaged_entry", message, len(found.records) + 1))
    _add(_Block(kind, key, start, end, tuple(fields)), found)


def _salvage_fields(raw: str, start: int) -> list[Tag]:
    matches = list(_FIELD.finditer(raw))
    fields = []
    for index, match in enumerate(matches):
        stop = matches[index + 1].start() if index + 1 < len(matches) else len(raw)
        line = start + raw.count("\n", 0, match.start(1))
        fields.append((match[1].lower(), _salvage_value(raw[match.end() : stop]), line))
    return fields


def _salvage_value(text: str) -> str:
    """A value up to the next field: its own bracket taken off, and brackets that close nothing."""
    text = text.strip().rstrip(", \t\n")
    if text[:1] == '"':
        return text[1:].rstrip('}" \n,')
    closed = _closes_at(text) if text[:1] == "{" else -1
    if closed > 0:
        return text[1:closed] + text[closed + 1 :].strip(" \n,})")
    text = text.removeprefix("{").rstrip()
    surplus, end = text.count("}") - text.count("{"), len(text)
    while end and (text[end - 1] in " \n," or (surplus > 0 and text[end - 1] == "}")):
        surplus -= text[end - 1] == "}"
        end -= 1
    return text[:end]


def _take_comment(raw: str, start: int, found: _Found) -> None:
    """Text between entries is a comment, unless it is a web page or the rest of an entry without its head."""
    end = start + raw.count("\n")
    page = HTML_START.search(raw)
    if page:
        reason = "a web page, not a record (a login or error page?)"
        found.quarantine.append(Quarantined(start, end, "html", reason, raw))
    elif len(_FIELD.findall(raw)) > 1 or _FIELDS.search(raw):
        _mend(raw, start, end, found)
    else:
        found.headers.extend(range(start, end + 1))


def _add(block: _Block, found: _Found) -> None:
    position = len(found.records) + 1
    record = make_record(block, position)
    found.records.append(record)
    found.issues.extend(check_record(record, [(value, line) for name, value, line in block.fields if name == "title"]))
    first = found.keys.setdefault(block.key.lower(), block.line_start) if block.key else block.line_start
    if first != block.line_start:
        message = f"line {block.line_start}: the key {block.key[:60]} was already used in line {first}; both were read"
        found.issues.append(Issue(block.line_start, "repeated_key", message, position))


def make_record(block: _Block, position: int) -> Record:
    """One record from an entry's fields."""
    groups = group([(name, decode_latex(value), line) for name, value, line in block.fields])
    verbatim = group(block.fields)
    ids, urls = _read_ids(groups), keep_first([clean_text(url) for url in _numbered(verbatim, ("url", "link"))])
    for url in urls:
        add_link(ids, url)
    languages = _read_languages(groups, ("language", "langid"))
    titles = label(
        _numbered(groups, ("title", "booktitle") if block.kind in {"book", "proceedings"} else ("title",)),
        _said(groups, TITLE_LANGUAGES),
        languages,
    )
    return Record(
        position,
        block.line_start,
        block.line_end,
        title=titles[0].text if titles else "",
        type=BIBTEX_TYPES.get(block.kind) or guess_type(_first(groups, ("type", "document_type")) or block.kind),
        titles=titles,
        authors=tuple(name for value in verbatim.get("author", ())[:1] for name in read_names(value)),
        year=_read_year(groups),
        date_raw=_first(groups, DATES),
        container=_first(groups, CONTAINERS),
        volume=_first(groups, ("volume",)),
        issue=_first(groups, ("number", "issue")),
        pages=re.sub(r"\s*[-–—]+\s*", "-", _first(groups, ("pages", "article-number", "art_number"))),
        abstracts=label(_numbered(groups, ("abstract",)), _said(groups, ABSTRACT_LANGUAGES), languages),
        keywords=_read_keywords(groups),
        languages=languages,
        affiliations=keep_first(_numbered(groups, ("affiliation", "affiliations"))),
        ids=ids,
        urls=urls,
        raw=((f"@{block.kind}", block.key, block.line_start), *block.fields),
    )


def _read_year(groups: dict[str, list[str]]) -> int | None:
    values = (value for name in ("year", *DATES) for value in groups.get(name, ()))
    return next((year for value in values if (year := find_year(value))), None)


def _first(groups: dict[str, list[str]], names: tuple[str, ...]) -> str:
    return next((value for name in names for value in gather(groups, (name,))), "")


def _numbered(groups: dict[str, list[str]], names: tuple[str, ...]) -> list[str]:
    """``title`` and then ``title_2``, ``title_3``: how our own exports write several."""
    plain = [name for name in groups if _NUMBERED.sub("", name) in names]
    plain.sort(key=lambda name: names.index(_NUMBERED.sub("", name)))
    return gather(groups, plain)


def _said(groups: dict[str, list[str]], sign: str) -> list[str] | None:
    name = sign.strip(": ").replace(" ", "_")
    return split_codes(groups[name][0]) if name in groups else None


def _read_languages(groups: dict[str, list[str]], names: tuple[str, ...]) -> tuple[str, ...]:
    values = [part for value in gather(groups, names) for part in value.replace(",", ";").split(";")]
    return keep_first([name_language(value) for value in values])


def _read_keywords(groups: dict[str, list[str]]) -> tuple[str, ...]:
    words: list[str] = []
    for value in gather(groups, KEYWORDS):
        words.extend(value.split(";" if ";" in value else ","))
    return keep_first([clean_value(word) for word in words])


def _read_ids(groups: dict[str, list[str]]) -> dict[str, str]:
    ids: dict[str, str] = {}
    for name, values in groups.items():
        scheme = IDS.get(name) or (name.removeprefix(OWN_ID) if name.startswith(OWN_ID) else "")
        for value in values if scheme else ():
            add_id(ids, scheme, value)
    for name in ACCESSIONS:
        for value in groups.get(name, ()):
            add_accession(ids, clean_text(value))
    kinds = (*groups.get("archiveprefix", ()), *groups.get("eprinttype", ()))
    if any(kind.strip().casefold() == "arxiv" for kind in kinds):
        add_id(ids, "arxiv", next(iter(groups.get("eprint", ())), ""))
    return ids


def read_names(value: str) -> list[str]:
    """The people of an author field, "First Last" turned into "Last, First"; names in braces stay whole."""
    found, depth, start = [], 0, 0
    for match in re.finditer(r"\\.|[{}]|\s+and\s+(?=\S)", value, re.DOTALL | re.IGNORECASE):
        if match[0] in "{}":
            depth += 1 if match[0] == "{" else -1
        elif depth <= 0 and _AND.fullmatch(match[0]):
            found.append(value[start : match.start()])
            start = match.end()
    names = [read_name(name) for name in [*found, value[start:]]]
    return [name for name in names if name and name.casefold() != "others"]


def read_name(text: str) -> str:
    """One BibTeX name. The family name is the last word, with the lower-case words before it (van der Berg)."""
    text = text.strip().strip(",")
    if text.startswith("{") and _closes_at(text) == len(text) - 1:
        return clean_text(decode_latex(text[1:-1]))
    plain = clean_text(decode_latex(text))
    words = plain.split()
    if "," in plain or len(words) < 2:
        return clean_name(plain)
    family = next((index for index, word in enumerate(words[1:-1], 1) if word.islower()), len(words) - 1)
    return f"{' '.join(words[family:])}, {' '.join(words[:family])}"


FORMAT = Format("bibtex", sniff, read, "BibTeX (.bib)")
