"""XML exports: cut into records first, each record parsed alone, so that a damaged one costs no other.

No entity is ever declared or fetched: a record is parsed without its document's DOCTYPE, and a document that declares
entities of its own (an XML bomb, a reference to another file) is refused before anything is parsed.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from synth.errors import UnreadableInput
from synth.records.clean import clean_text, clean_value
from synth.records.fields import check_record
from synth.records.format import Parsed
from synth.records.record import Issue, Quarantined, Record, Tag
from synth.records.tagged import HTML_START

INLINE = frozenset({"style", "i", "b", "u", "em", "strong", "sub", "sup", "italic", "bold", "sc", "span", "p", "br"})
"""Elements that mark up text and are no fields of their own."""
DEEPEST = 60
"""No export nests deeper; what does is an attack, or no export."""

_ENTITY_DECLARED = re.compile(r"<!ENTITY\s")
_REFERENCE = re.compile(r"&(?:#(\d{1,7}|[xX][0-9a-fA-F]{1,6});|([A-Za-z][A-Za-z0-9]{1,31});)?")
_XML_NAMES = frozenset({"amp", "lt", "gt", "quot", "apos"})
_SUBSET = re.compile(r"<!DOCTYPE[^<>\[]{0,1000}\[")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


@dataclass(slots=True)
class Node:
    """An element: its attributes, its first line, and its texts and elements in order."""

    tag: str
    line: int
    attributes: Mapping[str, str] = field(default_factory=dict)
    parts: list[str | Node] = field(default_factory=list)

    @property
    def children(self) -> list[Node]:
        """The elements directly inside."""
        return [part for part in self.parts if isinstance(part, Node)]

    def find_all(self, path: str) -> list[Node]:
        """All elements at a path such as ``Article/Abstract/AbstractText``."""
        found = [self]
        for name in path.split("/"):
            found = [child for node in found for child in node.children if child.tag == name]
        return found

    def find(self, path: str) -> Node | None:
        """The first element at a path."""
        return next(iter(self.find_all(path)), None)

    def read_all(self, *paths: str) -> list[str]:
        """The texts at some paths, cleaned, without empty ones."""
        texts = (clean_value(read_text(node)) for path in paths for node in self.find_all(path))
        return [text for text in texts if text]

    def read(self, *paths: str) -> str:
        """The first text that says something, paths in order of trust."""
        return next((text for path in paths for text in self.read_all(path)), "")


def read_text(node: Node) -> str:
    """All text inside an element, in order."""
    pieces: list[str] = []
    waiting: list[str | Node] = [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            pieces.append(part)
        else:
            waiting.extend(reversed(part.parts))
    return "".join(pieces)


def list_fields(root: Node) -> tuple[Tag, ...]:
    """Every text and attribute of an element as (path, value, line), in the order of the file."""
    found: list[Tag] = []
    waiting: list[tuple[str, Node]] = [("", root)]
    while waiting:
        path, node = waiting.pop()
        found.extend((f"{path}@{name}", value, node.line) for name, value in node.attributes.items())
        inner = [child for child in node.children if child.tag not in INLINE]
        if inner:
            texts = (
                part if isinstance(part, str) else read_text(part)
                for part in node.parts
                if isinstance(part, str) or part.tag in INLINE
            )
            found.extend((path, text.strip(), node.line) for text in texts if text.strip())
            waiting.extend((f"{path}/{child.tag}".lstrip("/"), child) for child in reversed(inner))
        elif text := read_text(node).strip():
            found.append((path, text, node.line))
    return tuple(found)


class _Builder:
    """What the parser calls: builds nodes, knows their lines, keeps what was built when the text breaks off."""

    def __init__(self, line: int) -> None:
        self.first = line
        self.root: Node | None = None
        self.open: list[Node] = []
        self.locator: Any = None

    def setDocumentLocator(self, locator: Any) -> None:
        self.locator = locator

    def startElement(self, name: str, attributes: Any) -> None:
        node = Node(name, self.first + self.locator.getLineNumber() - 1, dict(attributes.items()))
        if len(self.open) >= DEEPEST:
            raise ValueError(f"elements are nested more than {DEEPEST} deep")
        if self.open:
            self.open[-1].parts.append(node)
        elif self.root is None:
            self.root = node
        self.open.append(node)

    def endElement(self, name: str) -> None:
        self.open.pop()
        if self.open and name == "br":
            self.open[-1].parts.append(" ")

    def characters(self, text: str) -> None:
        if self.open:
            self.open[-1].parts.append(text)

    def ignore(self, *_: Any) -> None:
        """Events that say nothing about a record."""

    startDocument = endDocument = startPrefixMapping = endPrefixMapping = ignore  # noqa: N815  the parser's names
    ignorableWhitespace = processingInstruction = skippedEntity = ignore  # noqa: N815  the parser's names


def parse(text: str, line: int = 1) -> tuple[Node | None, str, int]:
    """An element's tree; where the text is damaged: what stands before the damage, the fault, and its line."""
    from defusedxml import sax  # noqa: PLC0415  most exports are no XML
    from defusedxml.common import DefusedXmlException  # noqa: PLC0415

    builder = _Builder(line)
    try:
        sax.parseString(text.encode("utf-8", errors="replace"), builder, forbid_dtd=True)
    except (DefusedXmlException, ValueError) as fault:
        return None, str(fault)[:200], line
    except sax_fault() as fault:
        return builder.root, str(fault.getMessage()), line + max(fault.getLineNumber() or 1, 1) - 1
    return builder.root, "", line


def sax_fault() -> type[Any]:
    """The parser's own kind of error."""
    from xml.sax import SAXParseException  # noqa: PLC0415  only the error's class

    return SAXParseException


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the text: a record's element (``whole`` if its end is there), or what stands between two."""

    start: int
    end: int
    is_record: bool
    whole: bool = True


def cut(text: str, names: Sequence[str]) -> Iterator[Piece]:
    """Cut a document into the elements with these names and the stretches between. All pieces make up the text."""
    marks = re.compile(r"<!--|<!\[CDATA\[|<(/?)(?:" + "|".join(map(re.escape, names)) + r")(?=[\s/>])")
    missing: set[str] = set()
    done, start, place = 0, -1, 0
    while match := marks.search(text, place):
        if match[1] is None:
            place = _skip(text, match, missing)
            continue
        close = text.find(">", match.end())
        place = close + 1 if close >= 0 else len(text)
        if not match[1]:
            if start >= 0:
                yield Piece(start, match.start(), is_record=True, whole=False)
                done = match.start()
            elif match.start() > done:
                yield Piece(done, match.start(), is_record=False)
            start = done = match.start()
        if start >= 0 and (match[1] or text[place - 2 : place] == "/>"):
            yield Piece(start, place, is_record=True)
            start, done = -1, place
    if done < len(text):
        yield Piece(done, len(text), is_record=start >= 0, whole=start < 0)


def _skip(text: str, match: re.Match[str], missing: set[str]) -> int:
    """The place behind a comment or CDATA; one without an end is no comment."""
    end = "-->" if match[0] == "<!--" else "]]>"
    found = -1 if end in missing else text.find(end, match.end())
    if found < 0:
        missing.add(end)
        return match.end()
    return found + len(end)


def refuse_entities(text: str) -> None:
    """Raise UnreadableInput for a document that declares entities of its own."""
    match = _ENTITY_DECLARED.search(text)
    if match:
        line = text.count("\n", 0, match.start()) + 1
        raise UnreadableInput(
            f"line {line}: the XML declares entities of its own",
            why="no export of references does; such files are made to fill the memory or to read other files",
            hint="Export it again from the database",
            kept="Nothing was imported from this file",
        )


@dataclass(slots=True)
class _Reading:
    text: str
    starts: list[int]
    records: list[Record] = field(default_factory=list)
    quarantine: list[Quarantined] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    headers: list[int] = field(default_factory=list)

    def line_of(self, place: int) -> int:
        return bisect_right(self.starts, place)


Make = Callable[[Node, int, int, int], Record]
"""From an element, position, first and last line to a record."""


def read_elements(text: str, names: Sequence[str], make: Make, database: str = "") -> Parsed:
    """All elements with these names as records; what is damaged is read as far as it stands, or quarantined."""
    refuse_entities(text)
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    found = _Reading(text, starts)
    for piece in cut(text, names):
        if piece.is_record:
            _take_record(found, piece, make)
        else:
            _take_between(found, piece)
    return Parsed(
        tuple(found.records), tuple(found.quarantine), tuple(found.issues), tuple(found.headers), database=database
    )


def _take_record(found: _Reading, piece: Piece, make: Make) -> None:
    raw = found.text[piece.start : piece.end]
    first, last = found.line_of(piece.start), found.line_of(piece.start + max(len(raw.rstrip()), 1) - 1)
    mended, repairs = mend(raw)
    root, fault, place = parse(mended, first)
    position = len(found.records) + 1
    record = make(root, position, first, last) if root is not None else None
    if record is None or not (record.title or record.authors or record.ids or record.abstracts):
        code, reason = (
            ("damaged_entry", f"the XML is damaged: {fault}")
            if fault
            else ("no_content", "no element says what the record is (title, author, identifier)")
        )
        found.quarantine.append(Quarantined(first, last, code, reason, raw.rstrip()))
        return
    if fault:
        rest = "\n".join(raw.split("\n")[place - first :])
        record = replace(record, raw=(*record.raw, ("", rest, place)))
        found.issues.append(_say_damage(record, fault, place, cut_off=not piece.whole))
    found.records.append(record)
    found.issues.extend(Issue(first, code, f"lines {first}-{last}: {message}", position) for code, message in repairs)
    found.issues.extend(check_record(record, ()))


def _say_damage(record: Record, fault: str, place: int, *, cut_off: bool) -> Issue:
    where = f"lines {record.line_start}-{record.line_end}"
    if cut_off:
        message = f"{where}: the record has no end; the file may be cut off"
        return Issue(record.line_start, "missing_end", message, record.position)
    message = f"{where}: the XML is damaged in line {place} ({fault}); read up to there"
    return Issue(place, "damaged_entry", message, record.position)


def _take_between(found: _Reading, piece: Piece) -> None:
    raw = found.text[piece.start : piece.end]
    lead = len(raw) - len(raw.lstrip())
    if lead == len(raw):
        return
    first, last = found.line_of(piece.start + lead), found.line_of(piece.start + len(raw.rstrip()) - 1)
    page = HTML_START.search(raw)
    if page is None and is_markup(raw):
        found.headers.extend(range(first, last + 1))
        return
    code, reason = (
        ("html", "a web page, not a record (a login or error page?)")
        if page
        else ("outside_record", "text that belongs to no record")
    )
    found.quarantine.append(Quarantined(first, last, code, reason, raw.strip()))


def is_markup(text: str) -> bool:
    """Whether a text has tags, comments and declarations only, and no words between them."""
    place = 0
    while place < len(text):
        start = text.find("<", place)
        if text[place : start if start >= 0 else len(text)].strip():
            return False
        if start < 0:
            return True
        end = "-->" if text.startswith("<!--", start) else "]>" if _SUBSET.match(text, start) else ">"
        place = text.find(end, start)
        if place < 0:
            return False
        place += len(end)
    return True


def mend(raw: str) -> tuple[str, list[tuple[str, str]]]:
    """A record's text with what XML does not allow put right, and what was put right (code, message)."""
    repairs = []
    if _CONTROL.search(raw):
        raw = _CONTROL.sub(" ", raw)
        repairs.append(("control_characters", "control characters were replaced by spaces"))
    if "&" in raw:
        strays = [0]
        raw = _REFERENCE.sub(lambda match: _mend_reference(match, strays), raw)
        if strays[0]:
            repairs.append(("stray_ampersand", f"{strays[0]} ampersands that begin no entity were read as such"))
    return raw, repairs


def _mend_reference(match: re.Match[str], strays: list[int]) -> str:
    """XML knows five names; HTML's other names become numbers; what is neither is an ampersand."""
    if match[1]:
        number = int(match[1][1:], 16) if match[1][0] in "xX" else int(match[1])
        allowed = number in {9, 10, 13} or 32 <= number < 0xD800 or 0xE000 <= number < 0x110000
        return match[0] if allowed and number not in {0xFFFE, 0xFFFF} else " "
    if match[2] in _XML_NAMES:
        return match[0]
    known = html.unescape(match[0]) if match[2] else ""
    if known and known != match[0]:
        return "".join(f"&#{ord(letter)};" for letter in known)
    strays[0] += 1
    return "&amp;" + match[0][1:]


def join_name(family: str, given: str) -> str:
    """``Family, Given``, or what there is of it."""
    return clean_text(f"{family}, {given}" if family and given else family or given)
