"""JSON exports: arrays, wrapped arrays and JSON lines, read object by object with their lines.

A damaged object costs itself only: what can be decoded behind it is read, what stands between is quarantined.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from synth.records.clean import clean_value
from synth.records.fields import check_record
from synth.records.format import Parsed
from synth.records.record import Issue, Quarantined, Record, Tag
from synth.records.tagged import HTML_START

Item = dict[str, Any]
WHOLE = frozenset({"abstract_inverted_index"})
"""Objects that stay one value in the raw fields: thousands of words with their places."""
MOST_WORK = 20
"""How many times the length of a file may be spent on looking for objects in damaged text."""

_FRAME_KEYS = """meta results studies items data hits records works response message count page per_page total
db_response_time_ms groups_count group_by next_cursor nextPageToken totalCount pageSize last query timestamp cost_usd"""
FRAME_KEYS = frozenset(_FRAME_KEYS.split())
"""Keys of the objects that programs put around a page of records."""

_DECODER = json.JSONDecoder(strict=False)
_MARK = re.compile(r'"(?:[^"\\]|\\.)*"?|[{}\[\],:]|\n|[^\s{}\[\],:"]+', re.DOTALL)
_FRAME = re.compile(r"[\s\[\]{},]*")
_KEY = re.compile(r'"(\w+)"\s*:')


@dataclass(frozen=True, slots=True)
class Found:
    """A decoded object and where it stands."""

    start: int
    end: int
    value: Item


@dataclass(frozen=True, slots=True)
class Shape:
    """What one format's objects look like: the test for a record, and keys that only records have."""

    is_item: Callable[[Item], bool]
    signs: frozenset[str]


def find_items(text: str, is_item: Callable[[Item], bool]) -> Iterator[Found]:
    """All objects that are records, in order. Objects around them are looked into, also damaged ones."""
    place, work = 0, 0
    while (start := text.find("{", place)) >= 0 and work <= MOST_WORK * len(text):
        try:
            value, end = _DECODER.raw_decode(text, start)
        except RecursionError:
            work += 5000
            place = start + 1
            continue
        except ValueError as fault:
            work += max(getattr(fault, "pos", start) - start, 100)
            place = start + 1
            continue
        if is_item(value):
            yield Found(start, end, value)
            place = end
        else:
            work += end - start
            place = start + 1 if _may_hold_items(value) else end


def _may_hold_items(value: Item) -> bool:
    """Only an object with a list or an object inside can be a wrapper."""
    return any(isinstance(inner, dict | list) for inner in value.values())


Make = Callable[[Item, int, int, int], Record]
"""From an object, position, first and last line to a record (its raw fields are filled in here)."""


@dataclass(slots=True)
class _Reading:
    text: str
    starts: list[int]
    shape: Shape
    records: list[Record] = field(default_factory=list)
    quarantine: list[Quarantined] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    headers: list[int] = field(default_factory=list)

    def line_of(self, place: int) -> int:
        return bisect_right(self.starts, place)


def read_objects(text: str, shape: Shape, make: Make, database: str = "") -> Parsed:
    """All records of a JSON text; what cannot be decoded is quarantined with its lines."""
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    found, done = _Reading(text, starts, shape), 0
    for item in find_items(text, shape.is_item):
        _take_between(found, done, item.start)
        _take_item(found, item, make)
        done = item.end
    _take_between(found, done, len(text))
    return Parsed(
        tuple(found.records), tuple(found.quarantine), tuple(found.issues), tuple(found.headers), database=database
    )


def _take_item(found: _Reading, item: Found, make: Make) -> None:
    first, last = found.line_of(item.start), found.line_of(item.end - 1)
    raw = found.text[item.start : item.end]
    record = replace(make(item.value, len(found.records) + 1, first, last), raw=list_fields(raw, first))
    if record.title or record.authors or record.ids or record.abstracts:
        found.records.append(record)
        found.issues.extend(check_record(record, ()))
    else:
        reason = "no field says what the record is (title, author, identifier)"
        found.quarantine.append(Quarantined(first, last, "no_content", reason, raw))


def _take_between(found: _Reading, start: int, end: int) -> None:
    """Brackets and commas, and the keys of the object around the records, are the frame; the rest is damaged."""
    raw = found.text[start:end]
    outside = start == 0 or end == len(found.text)
    if not raw.strip():
        return
    if not _FRAME.fullmatch(raw):  # the comma behind the object before is no part of what follows
        start += len(raw) - len(raw.lstrip(" \t\n,"))
        raw = found.text[start:end]
    lead = len(raw) - len(raw.lstrip())
    first, last = found.line_of(start + lead), found.line_of(start + len(raw.rstrip()) - 1)
    if _is_frame(raw, found.shape.signs, outside=outside):
        found.headers.extend(range(first, last + 1))
        return
    page = HTML_START.search(raw)
    code, reason = (
        ("html", "a web page, not a record (a login or error page?)")
        if page
        else ("damaged_entry", "the JSON is damaged here, or this is no record")
    )
    found.quarantine.append(Quarantined(first, last, code, reason, raw.strip()))


def _is_frame(raw: str, signs: frozenset[str], *, outside: bool) -> bool:
    if _FRAME.fullmatch(raw):
        return True
    keys = set(_KEY.findall(raw))
    if not keys or HTML_START.search(raw):
        return False
    return keys <= FRAME_KEYS or (outside and not keys & signs)


@dataclass(slots=True)
class _Level:
    path: str
    index: int | None
    key: str = ""

    def name(self) -> str:
        """The path of the value that comes next."""
        if self.index is not None:
            return f"{self.path}[{self.index}]"
        return f"{self.path}.{self.key}" if self.path else self.key


def list_fields(text: str, line: int) -> tuple[Tag, ...]:
    """Every value of an object as (path, value, line), in the order of the text: ``authorships[0].author.id``."""
    walk = _Walk(text, line)
    for match in _MARK.finditer(text):
        walk.take(match[0], match.start(), match.end())
    return tuple(walk.found)


class _Walk:
    """The state between two marks of a JSON text: the open objects and lists, and the line."""

    def __init__(self, text: str, line: int) -> None:
        self.text = text
        self.line = line
        self.found: list[Tag] = []
        self.levels: list[_Level] = []
        self.whole, self.depth = -1, 0

    def take(self, mark: str, start: int, end: int) -> None:
        """Take a bracket, comma, colon, line end, text or number."""
        if self.whole >= 0:
            self._take_inside(mark, end)
        elif mark in "{[":
            self._open(mark, start)
        elif mark in "}]":
            self.levels.pop()
        elif mark == ",":
            self._count_on()
        elif mark not in ":\n" and self.levels:
            self._take_value(mark, end)
        self.line += mark.count("\n")

    def _take_inside(self, mark: str, end: int) -> None:
        self.depth += (mark in "{[") - (mark in "}]")
        if self.depth == 0:
            self.found.append((self.levels[-1].name(), self.text[self.whole : end], self.line))
            self.whole = -1

    def _open(self, mark: str, start: int) -> None:
        if self.levels and self.levels[-1].index is None and self.levels[-1].key in WHOLE:
            self.whole, self.depth = start, 1
        else:
            self.levels.append(_Level(self.levels[-1].name() if self.levels else "", 0 if mark == "[" else None))

    def _count_on(self) -> None:
        level = self.levels[-1]
        if level.index is not None:
            level.index += 1

    def _take_value(self, mark: str, end: int) -> None:
        level = self.levels[-1]
        if level.index is None and mark[0] == '"' and _is_key(self.text, end):
            level.key = _read_mark(mark)
        else:
            self.found.append((level.name(), _read_mark(mark), self.line))


def _is_key(text: str, end: int) -> bool:
    """A key is followed by a colon; a value never is."""
    return text[end : end + 40].lstrip()[:1] == ":"


def _read_mark(mark: str) -> str:
    if mark[:1] != '"':
        return "" if mark == "null" else mark
    try:
        return str(_DECODER.decode(mark))
    except ValueError:
        return mark.strip('"')


def read_path(value: Any, path: str) -> Any:
    """The value at ``a.b.c``, or None."""
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def read_text(value: Any, *paths: str) -> str:
    """The first text or number at some paths, cleaned; the first one of a list."""
    for path in paths:
        found = read_path(value, path)
        found = found[0] if isinstance(found, list) and found else found
        if isinstance(found, str | int | float) and not isinstance(found, bool):
            text = clean_value(str(found))
            if text:
                return text
    return ""


def read_list(value: Any, path: str) -> list[Any]:
    """The list at a path; a single value becomes a list of one."""
    found = read_path(value, path)
    return found if isinstance(found, list) else [] if found is None else [found]


def read_texts(value: Any, path: str) -> list[str]:
    """The texts of a list at a path."""
    return [text for part in read_list(value, path) if isinstance(part, str | int) and (text := clean_value(str(part)))]
