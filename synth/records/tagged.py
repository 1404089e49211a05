"""One engine for formats made of tagged lines (RIS, nbib, Web of Science, ...). A format is a ``Layout``: data.

The ledger: every line that is not blank goes into a record's fields, the recognised headers, or the quarantine.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from synth.records.record import Issue, Quarantined

Tag = tuple[str, str, int]
HTML_START = re.compile(r"\s*<(?:!doctype\s+html|html[\s>]|head>|body[\s>])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Layout:
    """How one tagged format is written.

    ``width`` and ``mark`` describe the regular tag line: ``line[:width]`` is the tag (padded), then ``mark``, then the
    value. ``loose`` matches irregular ones (groups tag, value) and counts only for ``known`` tags. ``start`` and
    ``end`` are the tags that open and close a record; ``start_value`` is what a start tag's value must look like where
    the record before has no end. ``restart`` are tags that open a record when they come a second time or after a blank
    line. ``indent`` is how continuation lines begin, if they must begin so. ``bibliographic`` tags make a record:
    without any of them the lines are quarantined. ``header`` matches lines that belong to the file, not to a record.
    """

    width: int
    mark: str
    known: frozenset[str]
    bibliographic: frozenset[str]
    loose: re.Pattern[str]
    unknown: re.Pattern[str]
    header: re.Pattern[str]
    start: str = ""
    end: str = ""
    start_value: re.Pattern[str] | None = None
    restart: frozenset[str] = frozenset()
    header_tags: frozenset[str] = frozenset()
    trailing_tags: frozenset[str] = frozenset()
    indent: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One record's fields in file order, as (tag, value, line); continuation lines stand in the value after LF."""

    fields: tuple[Tag, ...]
    line_start: int
    line_end: int


@dataclass(slots=True)
class Scan:
    """What the engine found in one file."""

    entries: list[Entry] = field(default_factory=list)
    quarantine: list[Quarantined] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    headers: list[int] = field(default_factory=list)


def scan(text: str, layout: Layout) -> Scan:
    """Cut a text (LF line ends) into records, headers and quarantine. One pass; time grows with the length only."""
    lines = text.split("\n")
    scanner = _Scanner(lines, layout)
    width, end = layout.width, layout.width + len(layout.mark)
    mark, fast = layout.mark, scanner.ordinary
    for number, line in enumerate(lines, 1):
        tag = fast.get(line[:width])
        if tag and line[width:end] == mark and scanner.fields:
            scanner.fields.append((tag, line[end:], number))
        else:
            scanner.take(number, line)
    scanner.finish()
    return scanner.found


class _Scanner:
    """The state between two lines: the open record's fields and the stray lines before the next record."""

    def __init__(self, lines: list[str], layout: Layout) -> None:
        self.lines = lines
        self.layout = layout
        self.found = Scan()
        self.fields: list[Tag] = []
        self.stray: list[int] = []
        self.continued = False
        self.html = False
        special = {layout.start, layout.end} | layout.restart | layout.header_tags
        # Regular lines with these padded tags only add a field: the loop in scan() takes them without a call.
        self.ordinary = {tag.ljust(layout.width): tag for tag in layout.known - special if len(tag) <= layout.width}
        self.known = layout.known

    def take(self, number: int, line: str) -> None:
        """Take one line that is not a regular field of an open record."""
        if not line or line.isspace():
            return
        found = self._split(line)
        if found is None:
            self._take_text(number, line)
        else:
            self._take_tag(found[0], found[1], number)

    def finish(self) -> None:
        """Close what is open at the end of the file."""
        if self.fields and self.layout.end and self._last_line() >= len(self.lines) - 3:
            message = f"the last record (line {self.fields[0][2]}) has no end; the file may be cut off"
            self._note(self.fields[0][2], "missing_end", message)
        self._close()
        self._put_strays_aside()

    def _split(self, line: str) -> Tag | None:
        layout = self.layout
        width = layout.width
        end = width + len(layout.mark)
        if line[width:end] == layout.mark and line[:width].rstrip() in self.known:
            return line[:width].rstrip(), line[end:], 0
        if line.strip() == layout.end:
            return layout.end, "", 0
        match = layout.loose.match(line)
        if match and match[1].upper() in self.known:
            return match[1].upper(), match[2] or "", 0
        match = layout.unknown.match(line)
        return (match[1], match[2] or "", 0) if match else None

    def _take_tag(self, tag: str, value: str, number: int) -> None:
        layout = self.layout
        if self.html and tag != layout.start:
            self.stray.append(number)
        elif tag in layout.header_tags and not self.fields:
            self.found.headers.append(number)
        elif tag == layout.start:
            self._take_start(tag, value, number)
        elif tag == layout.end:
            self._take_end(tag, value, number)
        elif tag in layout.trailing_tags and not self.fields and self.found.entries and not layout.restart:
            self.found.headers.append(number)
        else:
            self._take_field(tag, value, number)

    def _take_start(self, tag: str, value: str, number: int) -> None:
        if self.fields and not self._is_start(value, number):
            self._continue(number)
            return
        only_start = all(known == tag for known, _, _ in self.fields)
        if self.fields and only_start:
            self._note(number, "repeated_start", f"line {number}: a second {tag} opens the same record")
            self.fields.append((tag, value, number))
            return
        if self.fields and self.layout.end:
            first = self.fields[0][2]
            self._note(first, "missing_end", f"the record in lines {first}-{number - 1} has no {self.layout.end}")
        self._open(tag, value, number)

    def _is_start(self, value: str, number: int) -> bool:
        """Prose may begin with the letters of a start tag; a type is one word or follows a blank line."""
        expected = self.layout.start_value
        if expected is None or expected.match(value):
            return True
        return self._after_blank(number) and self._split(self._next_line(number)) is not None

    def _take_end(self, tag: str, value: str, number: int) -> None:
        glued = self._split(value) if value else None
        if glued is not None and glued[0] == self.layout.start:
            self._end(tag, "", number)
            self._open(glued[0], glued[1], number)
        elif not self.fields:
            self.stray.append(number)
        elif value.strip() and len(value.split()) > 2 and not self._next_is_start(number):
            self._continue(number)
        else:
            self._end(tag, value, number)

    def _end(self, tag: str, value: str, number: int) -> None:
        if self.fields:
            self.fields.append((tag, value, number))
        self._close()

    def _take_field(self, tag: str, value: str, number: int) -> None:
        layout = self.layout
        if tag in layout.restart and self.fields and self._is_restart(tag, number):
            self._open(tag, value, number)
        elif self.fields:
            self.fields.append((tag, value, number))
        else:
            self._open(tag, value, number)
            if layout.start:
                self._note(number, "missing_start", f"line {number}: a record without {layout.start}")

    def _is_restart(self, tag: str, number: int) -> bool:
        return self._after_blank(number) or any(known == tag for known, _, _ in self.fields)

    def _take_text(self, number: int, line: str) -> None:
        if self.html:
            self.stray.append(number)
        elif line.lstrip()[:1] == "<" and HTML_START.match(line):
            self._close()
            self._put_strays_aside()
            self.html = True
            self.stray.append(number)
        elif self.layout.header.match(line) and (not self.fields or self._after_blank(number)):
            self._close()
            self.found.headers.append(number)
        elif self.fields:
            self._continue(number)
        else:
            self.stray.append(number)

    def _continue(self, number: int) -> None:
        line = self.lines[number - 1]
        if self.layout.indent and not line.startswith(self.layout.indent):
            self._note(number, "unindented_text", f"line {number}: text without a tag was added to the field before it")
        self.fields.append(("", line, number))
        self.continued = True

    def _open(self, tag: str, value: str, number: int) -> None:
        self._close()
        self._put_strays_aside()
        self.html = False
        self.fields = [(tag, value, number)]

    def _close(self) -> None:
        if not self.fields:
            return
        fields = _join(self.fields) if self.continued else self.fields
        start, end = self.fields[0][2], self._last_line()
        self.fields, self.continued = [], False
        if any(tag in self.layout.bibliographic and value for tag, value, _ in fields):
            self.found.entries.append(Entry(tuple(fields), start, end))
        else:
            self._quarantine(start, end, "no_content", "no field says what the record is (title, author, year, ...)")

    def _put_strays_aside(self) -> None:
        if not self.stray:
            return
        code, reason = "outside_record", "text that belongs to no record"
        if self.html:
            code, reason = "html", "a web page, not a record (a login or error page?)"
        elif len(self.stray) == 1 and self.lines[self.stray[0] - 1].strip().startswith(self.layout.end or "\0"):
            code, reason = "stray_end", "the end of a record that has no beginning"
        self._quarantine(self.stray[0], self.stray[-1], code, reason)
        self.stray = []

    def _quarantine(self, start: int, end: int, code: str, reason: str) -> None:
        raw = "\n".join(self.lines[start - 1 : end])
        self.found.quarantine.append(Quarantined(start, end, code, reason, raw))

    def _note(self, line: int, code: str, message: str) -> None:
        self.found.issues.append(Issue(line, code, message))

    def _last_line(self) -> int:
        return self.fields[-1][2] if self.fields else 0

    def _after_blank(self, number: int) -> bool:
        return number < 2 or not self.lines[number - 2].strip()

    def _next_line(self, number: int) -> str:
        for line in self.lines[number : number + 20]:
            if line.strip():
                return line
        return ""

    def _next_is_start(self, number: int) -> bool:
        line = self._next_line(number)
        found = self._split(line)
        starts = found is not None and found[0] == self.layout.start
        return not line or starts or self.layout.header.match(line) is not None


def _join(fields: list[Tag]) -> list[Tag]:
    """Put continuation lines (empty tag) into the value that they continue, with the blank lines between."""
    joined: list[Tag] = []
    parts: list[str] = []
    tag, first, last = "", 0, 0
    for name, value, number in fields:
        if name or not parts:
            if parts:
                joined.append((tag, "\n".join(parts), first))
            tag, first, parts = name, number, [value]
        else:
            parts.extend([""] * (number - last - 1))
            parts.append(value)
        last = number
    joined.append((tag, "\n".join(parts), first))
    return joined
