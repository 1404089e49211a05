"""One engine for formats made of tagged lines (RIS, nbib, Web of Science, ...). A format is a ``Layout``: data.

The ledger: every line that is not blank goes into a record's fields, the recognised headers, or the quarantine.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from synth.records.ledger import Tally, measure, sort_lines
from synth.records.record import Issue, Quarantined, Tag, TagLines

MOST_NOTES = 1000
"""So many issues of one kind are named one by one; of the rest the number is said."""
MOST_STARTS = 20
"""So many starts one behind the other are taken for one record; a longer run is no slip of a program."""
_LOOSEST = 12
"""The dash behind a tag stands among so many letters, however a program wrote it."""
HTML_START = re.compile(r"\s{0,200}<(?:!doctype\s+html|html[\s>]|head>|body[\s>])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Layout:
    """How one tagged format is written.

    ``width`` and ``mark`` describe the regular tag line: ``line[:width]`` is the tag (padded), then ``mark``, then the
    value. ``loose`` matches irregular ones (groups tag, value) and counts only for ``known`` tags. ``start`` and
    ``end`` are the tags that open and close a record; ``start_value`` is what a start tag's value must look like where
    the record before has no end. ``restart`` are tags that open a record when they come a second time or after a blank
    line. ``indent`` is how continuation lines begin, if they must begin so. ``bibliographic`` tags make a record:
    without any of them the lines are quarantined. ``header`` matches lines that belong to the file, not to a record.
    A record whose lines all begin with a tag of ``regular`` or plainly go on with the value before is taken in one go.
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
    regular: frozenset[str] = frozenset()


@dataclass(slots=True)
class Entry:
    """One record's fields in file order, as (tag, value, line); continuation lines stand in the value after LF.

    ``groups`` are the same values by tag, without the end, where the record was taken in one go.
    """

    fields: Sequence[Tag]
    line_start: int
    line_end: int
    groups: dict[str, list[str]] | None = None


@dataclass(slots=True)
class Notes:
    """Issues, of each kind no more than ``MOST_NOTES`` one by one: a file of a million records stays small."""

    issues: list[Issue] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, issue: Issue) -> None:
        """Keep an issue, or only count it."""
        self.counts[issue.code] += 1
        if self.counts[issue.code] <= MOST_NOTES:
            self.issues.append(issue)

    def close(self, line: int) -> None:
        """Say how many more there were of each kind."""
        for code, number in self.counts.items():
            if number > MOST_NOTES:
                more = number - MOST_NOTES
                self.issues.append(Issue(line, code, f"{more} more of this kind ({code})", more=more))


@dataclass(slots=True)
class Scan:
    """What the engine found in one file. ``tally`` says where its characters went."""

    entries: list[Entry] = field(default_factory=list)
    quarantine: list[Quarantined] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    headers: list[int] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)


def scan(text: str, layout: Layout) -> Scan:
    """Cut a text (LF line ends) into records, headers and quarantine. One pass; time grows with the length only."""
    scanner = Scanner(layout)
    scanner.feed(text)
    scanner.finish()
    return scanner.found


def find_cut(text: str, layout: Layout) -> int:
    """Where a text may be cut so that the two parts read as the whole would; 0 where there is no such place."""
    if layout.end:
        return _find_end(text, f"\n{layout.end.ljust(layout.width)}{layout.mark}".rstrip(" "))
    starts = [f"\n\n{tag.ljust(layout.width)}{layout.mark}" for tag in layout.restart]
    return max((text.rfind(start) for start in starts), default=-2) + 2


def _find_end(text: str, end: str) -> int:
    """Behind the last end of a record with nothing else in its line."""
    at = len(text)
    for _ in range(50):
        at = text.rfind(end, 0, at)
        if at < 0:
            return 0
        close = text.find("\n", at + len(end))
        if close >= 0 and not text[at + len(end) : close].strip():
            return close + 1
    return 0


class Scanner:
    """The state between two lines: the open record's fields and the stray lines before the next record.

    A file may be fed in pieces that are cut by ``find_cut``; ``found`` grows with each piece.
    """

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.found = Scan()
        self.text = ""
        self.base = self.stop = 1
        self._lines: list[str] = []
        self.fields: list[Tag] = []
        self.stray: list[int] = []
        self.continued = False
        self.begun = False
        self.html = False
        self.slow: list[tuple[int, int]] = []
        self.notes = Notes(self.found.issues)
        special = {layout.start, layout.end} | layout.restart | layout.header_tags
        # Regular lines with these padded tags only add a field: the loop in _take_lines takes them without a call.
        self.ordinary = {tag.ljust(layout.width): tag for tag in layout.known - special if len(tag) <= layout.width}
        self.known = layout.known
        self.dash = (layout.mark.strip() or "\0")[0]
        self.end = f"\n{layout.end}{layout.mark}".rstrip(" ")

    def feed(self, text: str, *, last: bool = True) -> None:
        """Take a piece of a file: the rest of it, or (not ``last``) up to a place that ``find_cut`` gave."""
        self.base, whole = self.stop, text.endswith("\n")
        self.stop = self.base + text.count("\n") + (not whole)
        self.text, self._lines = text, []
        before = len(self.found.entries), len(self.found.quarantine), len(self.found.headers)
        self.slow = []
        self._take_blocks(text)
        if last:
            self._note_open_end()
        self._close()
        self._put_strays_aside()
        self._account(before, missing=not whole)

    @property
    def lines(self) -> list[str]:
        """The lines of the piece, cut only where they are looked at one by one; the first is line ``base``."""
        if not self._lines:
            self._lines = self.text.split("\n")
        return self._lines

    def _note_open_end(self) -> None:
        if self.fields and self.layout.end and self._last_line() >= self.stop - 3:
            message = f"the last record (line {self.fields[0][2]}) has no end; the file may be cut off"
            self._note(self.fields[0][2], "missing_end", message)

    def finish(self) -> None:
        """Say how many more notes of a kind there were than are named."""
        self.notes.close(max(self.stop - 1, 1))

    def _account(self, before: tuple[int, int, int], *, missing: bool) -> None:
        """Say where the lines went that were taken one by one; the last has no line end if one is ``missing``."""
        if not self.slow:
            return
        found, base = self.found, self.base
        entries, quarantine, headers = before
        kinds = sort_lines(
            self.stop - base,
            base,
            ((entry.line_start, entry.line_end) for entry in found.entries[entries:] if entry.groups is None),
            found.headers[headers:],
            ((piece.line_start, piece.line_end) for piece in found.quarantine[quarantine:]),
        )
        for first, stop in self.slow:
            found.tally.add_lines(self.lines, base, range(first, stop), kinds)
        if missing and self.slow[-1][1] == self.stop:
            found.tally.take_back(kinds[-1], self.lines[-1])

    def _take_blocks(self, text: str) -> None:
        """Take the text from one end of a record to the next: in one go where all lines are regular."""
        stop = self.stop
        if not self.layout.regular:
            self._take_lines(self.base, stop)
            return
        end = self.end
        blocks = ("\n" + text).split(end)
        number, last = self.base - 1, len(blocks) - 1
        for index, block in enumerate(blocks):
            lines = block.count("\n")
            if index == last or not self._take_block(block, number, lines, blocks[index + 1], index + 1 < last):
                self._take_lines(number + 1, min(number + lines + 2, stop))
            number += lines + 1

    def _take_block(self, block: str, number: int, lines: int, behind: str, more: bool) -> bool:
        """Take a record of regular lines only, and say whether it was one.

        ``number`` is the line of its first LF, ``behind`` what follows its end (``more``: with another end behind it).
        """
        if self.fields or self.stray or self.html:
            return False
        rest, line_end, _ = behind.partition("\n")
        body = block.lstrip()
        skip = len(block) - len(body)
        if (rest and not rest.isspace()) or not body or not skip or block[skip - 1] != "\n":
            return False
        groups = self._group(body)
        if groups is None:
            return False
        first = number + block.count("\n", 0, skip)
        number_of_tags = sum(map(len, groups.values())) + 1
        fields = TagLines(f"{body}{self.end}{rest}", first, self.layout.width, self.layout.mark, number_of_tags)
        self.found.entries.append(Entry(fields, first, number + lines + 1, groups))
        self.begun = True
        self.found.tally.records += measure(fields.text) + (1 if line_end or more else 0)
        self.found.tally.blank += measure(block[block.find("\n") + 1 : skip])
        if self.layout.start not in groups:
            self._note(first, "missing_start", f"line {first}: a record without {self.layout.start}")
        return True

    def _group(self, body: str) -> dict[str, list[str]] | None:
        """The values of each tag of a record, or None if a line may be anything but a field or more of its value."""
        regular, mark = self.layout.regular, self.layout.mark
        groups: dict[str, list[str]] = {}
        known, last = groups.get, None
        for line in body.split("\n"):
            tag, between, value = line.partition(mark)
            values = known(tag)
            if values is not None and between:
                values.append(value)
                last = values
            elif between and tag in regular:
                last = groups[tag] = [value]
            elif last is not None and self._goes_on(line):
                last[-1] = f"{last[-1]}\n{line}"
            else:
                return None
        return groups if self._is_whole(groups) else None

    def _goes_on(self, line: str) -> bool:
        """Whether a line can be nothing but more of a value: it does not look like a tag, an end or a web page."""
        text = line.strip()
        if not text or text == self.layout.end or (text[0] == "<" and HTML_START.match(line)):
            return False
        if self.dash not in line[:_LOOSEST]:
            return True
        return not line.startswith(self.layout.mark.rstrip(), self.layout.width) and self._split(line) is None

    def _is_whole(self, groups: dict[str, list[str]]) -> bool:
        """Whether these make one record: one start, in the first line, and something that says what it is."""
        layout, first = self.layout, next(iter(groups))
        if first in layout.trailing_tags:
            return False
        if layout.start in groups and (first != layout.start or len(groups[first]) > 1):
            return False
        return any(tag in layout.bibliographic and any(values) for tag, values in groups.items())

    def _take_lines(self, first: int, stop: int) -> None:
        if first < stop:
            self.slow.append((first, stop))
        layout = self.layout
        width, end = layout.width, layout.width + len(layout.mark)
        mark, fast = layout.mark, self.ordinary
        lines, base = self.lines, self.base
        for number in range(first, stop):
            line = lines[number - base]
            tag = fast.get(line[:width])
            if tag and line[width:end] == mark and self.fields:
                self.fields.append((tag, line[end:], number))
            else:
                self.take(number, line)

    def take(self, number: int, line: str) -> None:
        """Take one line that is not a regular field of an open record."""
        if not line or line.isspace():
            return
        found = self._split(line)
        if found is None:
            self._take_text(number, line)
        else:
            self._take_tag(found[0], found[1], number)

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
        elif tag in layout.trailing_tags and not self.fields and self.begun and not layout.restart:
            self.found.headers.append(number)
        else:
            self._take_field(tag, value, number)

    def _take_start(self, tag: str, value: str, number: int) -> None:
        if self.fields and not self._is_start(value, number):
            self._continue(number)
            return
        only_start = len(self.fields) < MOST_STARTS and all(known == tag for known, _, _ in self.fields)
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
        line = self.lines[number - self.base]
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
            self.begun = True
        else:
            self._quarantine(start, end, "no_content", "no field says what the record is (title, author, year, ...)")

    def _put_strays_aside(self) -> None:
        if not self.stray:
            return
        code, reason = "outside_record", "text that belongs to no record"
        if self.html:
            code, reason = "html", "a web page, not a record (a login or error page?)"
        elif len(self.stray) == 1 and self.lines[self.stray[0] - self.base].strip().startswith(self.layout.end or "\0"):
            code, reason = "stray_end", "the end of a record that has no beginning"
        self._quarantine(self.stray[0], self.stray[-1], code, reason)
        self.stray = []

    def _quarantine(self, start: int, end: int, code: str, reason: str) -> None:
        raw = "\n".join(self.lines[start - self.base : end - self.base + 1])
        self.found.quarantine.append(Quarantined(start, end, code, reason, raw))

    def _note(self, line: int, code: str, message: str) -> None:
        self.notes.add(Issue(line, code, message))

    def _last_line(self) -> int:
        return self.fields[-1][2] if self.fields else 0

    def _after_blank(self, number: int) -> bool:
        index = number - self.base
        return index < 1 or not self.lines[index - 1].strip()

    def _next_line(self, number: int) -> str:
        after = number - self.base + 1
        for line in self.lines[after : after + 20]:
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
