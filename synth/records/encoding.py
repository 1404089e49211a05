"""From bytes to text: which encoding, which line ends, and what had to be assumed. Nothing is guessed silently."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from synth.records.ledger import measure
from synth.records.record import Issue

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MARK = "\ufeff"
_SAMPLE = 65536
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_UTF8_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_GB_FOUR = re.compile(rb"[\x81-\xfe][0-9][\x81-\xfe][0-9]")
_GB_PAIRS_SHARE = 0.8
"""Share of the bytes above 127 that must stand in pairs for a text to be GB18030; measured on Chinese exports."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text with LF line ends, the encoding's name, and what was assumed on the way."""

    text: str
    encoding: str
    issues: tuple[Issue, ...] = ()


def decode(content: bytes) -> Decoded:
    """Decode an export: byte order mark, UTF-8, UTF-16 without a mark, then GB18030 or cp1252, whichever fits better.

    Line ends become LF (CRLF, lone CR, mixtures, and LF CR, which are two). Line separators that are no line ends
    (U+2028, VT, FS) stay. Never fails: a byte that fits nowhere is read as cp1252 and named in an issue.
    """
    decoder = Decoder()
    text = "".join(decoder.decode([content]))
    return Decoded(text, decoder.encoding, tuple(decoder.list_issues()))


class Decoder:
    """``decode`` for a file that comes in pieces: what is UTF-8 is decoded as it comes.

    The first byte that is no UTF-8 decides over all that follow: the rest is then read whole and judged together.
    ``total`` counts the bytes (of a file in another encoding: as UTF-8), ``dropped`` those that are no text: byte
    order marks, NUL characters, the CR of CRLF.
    """

    def __init__(self) -> None:
        self.encoding = ""
        self.issues: list[Issue] = []
        self.total = self.dropped = 0
        self._lines = 0
        self._held = ""
        self._found: dict[str, tuple[int, int]] = {}

    def decode(self, chunks: Iterable[bytes]) -> Iterator[str]:
        """The text, one piece for each of ``chunks`` as long as they are UTF-8."""
        stream = iter(chunks)
        first = next(stream, b"")
        mark, self.encoding = next((known for known in _BOMS if first.startswith(known[0])), (b"", ""))
        wide = self.encoding if mark and self.encoding != "utf-8" else "" if mark else _find_wide(first[:_SAMPLE])
        if wide:
            yield self._decode_wide(b"".join([first[len(mark) :], *stream]), wide, len(mark))
        else:
            yield from self._decode_utf8(first[len(mark) :], stream, mark)

    def list_issues(self) -> list[Issue]:
        """What was assumed: the encoding, then what was left out (once the text is through)."""
        said = []
        if "\0" in self._found:
            number, line = self._found["\0"]
            said.append(Issue(line, "nul_characters", f"{number} NUL characters were left out"))
        if _MARK in self._found:
            message = "a byte order mark inside the file was left out"
            said.append(Issue(self._found[_MARK][1], "byte_order_mark_inside", message))
        return [*self.issues, *said]

    def _decode_wide(self, content: bytes, encoding: str, mark: int) -> str:
        self.encoding = encoding
        self.issues.append(_say_encoding(encoding))
        text = content.decode(encoding, errors="replace")
        self.total += measure(text) + mark
        self.dropped += mark
        return self._tidy(text, last=True)

    def _decode_utf8(self, first: bytes, stream: Iterator[bytes], mark: bytes) -> Iterator[str]:
        self.encoding = "utf-8-sig" if mark else "utf-8"
        self.total = self.dropped = len(mark)
        if mark:
            self.issues.append(_say_mark())
        machine = codecs.getincrementaldecoder("utf-8")()
        chunk, is_ascii = first, True
        while chunk:
            try:
                text = machine.decode(chunk)
            except UnicodeDecodeError:
                content = b"".join([machine.getstate()[0], chunk, *stream])
                yield self._decode_rest(content, is_ascii=is_ascii)
                return
            is_ascii = is_ascii and text.isascii()
            self.total += len(chunk)
            chunk = next(stream, b"")
            yield self._tidy(text, last=False)
        yield from self._finish(machine.getstate()[0])

    def _finish(self, rest: bytes) -> Iterator[str]:
        """A last letter that was cut off, and a CR that might have been half of a line end."""
        if rest:
            yield self._take_rest(*_decode_mixed(rest, len(rest)))
        elif self._held:
            yield self._tidy("", last=True)

    def _decode_rest(self, content: bytes, *, is_ascii: bool) -> str:
        text, encoding, issues = _decode_legacy(content)
        if not is_ascii and not encoding.startswith("utf-8"):
            encoding = f"utf-8, then {encoding}"
        return self._take_rest(text, encoding, issues)

    def _take_rest(self, text: str, encoding: str, issues: list[Issue]) -> str:
        self.encoding = encoding
        self.issues.extend(Issue(issue.line + self._lines, issue.code, issue.message) for issue in issues)
        self.total += measure(text)
        return self._tidy(text, last=True)

    def _tidy(self, text: str, *, last: bool) -> str:
        """LF as line end, no NUL characters and byte order marks; a CR at the end waits for what follows."""
        text = self._held + text
        self._held = ""
        if "\r" in text:
            if text.endswith("\r") and not last:
                text, self._held = text[:-1], "\r"
            self.dropped += text.count("\r\n")
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        for sign, size in (("\0", 1), (_MARK, 3)):
            if sign in text:
                text = self._leave_out(text, sign, size)
        self._lines += text.count("\n")
        return text

    def _leave_out(self, text: str, sign: str, size: int) -> str:
        number, line = self._found.get(sign, (0, self._lines + text.count("\n", 0, text.index(sign)) + 1))
        self._found[sign] = (number + text.count(sign), line)
        self.dropped += text.count(sign) * size
        return text.replace(sign, "")


def _find_wide(sample: bytes) -> str:
    """UTF-16 without a mark: Latin letters leave a NUL in every second byte."""
    even, odd, half = sample[::2].count(0), sample[1::2].count(0), max(len(sample) // 2, 1)
    if max(even, odd) < half * 0.3 or min(even, odd) > half * 0.05:
        return ""
    return "utf-16-be" if even > odd else "utf-16-le"


def _decode_legacy(content: bytes) -> tuple[str, str, list[Issue]]:
    high = sum(len(run) for run in _HIGH_RUN.findall(content))
    sequences = _UTF8_SEQUENCE.findall(content)
    strays = high - sum(map(len, sequences))
    if _is_gb(content, high):
        return content.decode("gb18030", errors="replace"), "gb18030", [_say_encoding("gb18030")]
    if len(sequences) * 4 >= strays:
        return _decode_mixed(content, strays)
    return _decode_cp1252(content), "cp1252", [_say_encoding("cp1252")]


def _is_gb(content: bytes, high: int) -> bool:
    """GB18030 keeps its high bytes in pairs, or each before a digit in fours; accented Latin letters stand alone."""
    text = content.decode("gb18030", errors="replace")
    paired = sum(len(run) for run in _HIGH_RUN.findall(content) if len(run) % 2 == 0)
    paired += 2 * len(_GB_FOUR.findall(content))
    odd = text.count("\ufffd")
    return odd * 50 <= high and paired >= high * _GB_PAIRS_SHARE and not _is_mostly_utf8(content, high)


def _is_mostly_utf8(content: bytes, high: int) -> bool:
    return sum(map(len, _UTF8_SEQUENCE.findall(content))) >= high * 0.9


def _decode_mixed(content: bytes, strays: int) -> tuple[str, str, list[Issue]]:
    text = content.decode("utf-8", errors="synth_cp1252")
    place = _first_stray_line(content)
    message = f"{strays} bytes are not UTF-8 and were read as cp1252"
    return text, "utf-8+cp1252", [Issue(place, "mixed_encoding", message)]


def _first_stray_line(content: bytes) -> int:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as fault:
        before = content[: fault.start].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        return before.count(b"\n") + 1
    return 1


def _read_as_cp1252(fault: UnicodeError) -> tuple[str, int]:
    """Error handler of the UTF-8 decoder: the byte that does not fit is read as cp1252."""
    if not isinstance(fault, UnicodeDecodeError):
        raise fault
    return _decode_cp1252(fault.object[fault.start : fault.end]), fault.end


def _decode_cp1252(content: bytes) -> str:
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError:  # five bytes have no letter in cp1252
        return "".join(bytes([byte]).decode("cp1252", errors="replace") for byte in content)


codecs.register_error("synth_cp1252", _read_as_cp1252)


def _say_mark() -> Issue:
    return Issue(1, "byte_order_mark", "the file starts with a byte order mark")


def _say_encoding(encoding: str) -> Issue:
    return Issue(1, "encoding", f"the file is not UTF-8 and was read as {encoding}")
