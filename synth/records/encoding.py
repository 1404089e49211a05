"""From bytes to text: which encoding, which line ends, and what had to be assumed. Nothing is guessed silently."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from synth.records.record import Issue

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE = 65536
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_UTF8_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
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
    text, encoding, issues = _decode_bytes(content)
    text, more = _tidy(text)
    return Decoded(text, encoding, (*issues, *more))


def _decode_bytes(content: bytes) -> tuple[str, str, list[Issue]]:
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            body = content[len(mark) :]
            return _decode_utf8(body, "utf-8-sig") if encoding == "utf-8" else _decode_wide(body, encoding)
    wide = _find_wide(content[:_SAMPLE])
    return _decode_wide(content, wide) if wide else _decode_utf8(content, "utf-8")


def _find_wide(sample: bytes) -> str:
    """UTF-16 without a mark: Latin letters leave a NUL in every second byte."""
    even, odd, half = sample[::2].count(0), sample[1::2].count(0), max(len(sample) // 2, 1)
    if max(even, odd) < half * 0.3 or min(even, odd) > half * 0.05:
        return ""
    return "utf-16-be" if even > odd else "utf-16-le"


def _decode_wide(content: bytes, encoding: str) -> tuple[str, str, list[Issue]]:
    text = content.decode(encoding, errors="replace")
    return text, encoding, [_say_encoding(encoding)]


def _decode_utf8(content: bytes, name: str) -> tuple[str, str, list[Issue]]:
    try:
        return content.decode("utf-8"), name, [] if name == "utf-8" else [_say_mark()]
    except UnicodeDecodeError:
        return _decode_legacy(content)


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
    """Chinese text in GB18030 keeps its high bytes in pairs; accented Latin letters stand alone."""
    text = content.decode("gb18030", errors="replace")
    paired = sum(len(run) for run in _HIGH_RUN.findall(content) if len(run) % 2 == 0)
    odd = text.count("\ufffd")
    return odd * 50 <= high and paired >= high * _GB_PAIRS_SHARE and not _is_mostly_utf8(content, high)


def _is_mostly_utf8(content: bytes, high: int) -> bool:
    return sum(map(len, _UTF8_SEQUENCE.findall(content))) >= high * 0.9


def _decode_mixed(content: bytes, strays: int) -> tuple[str, str, list[Issue]]:
    text = content.decode("utf-8", errors="synth_cp1252")
    place = _first_stray_line(content)
    message = f"{strays} bytes are not UTF-8 and were read as cp1252 (the first in line {place})"
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


def _tidy(text: str) -> tuple[str, list[Issue]]:
    issues = []
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        message = f"{text.count(chr(0))} NUL characters were left out"
        issues.append(Issue(_line_of(text, "\0"), "nul_characters", message))
        text = text.replace("\0", "")
    if "\ufeff" in text:
        line = _line_of(text, "\ufeff")
        issues.append(Issue(line, "byte_order_mark_inside", "a byte order mark inside the file was left out"))
        text = text.replace("\ufeff", "")
    return text, issues


def _line_of(text: str, mark: str) -> int:
    return text.count("\n", 0, text.index(mark)) + 1


def _say_mark() -> Issue:
    return Issue(1, "byte_order_mark", "the file starts with a byte order mark")


def _say_encoding(encoding: str) -> Issue:
    return Issue(1, "encoding", f"the file is not UTF-8 and was read as {encoding}")
