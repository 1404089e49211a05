"""What happens to exports on their way: the changes that tests apply to real files."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

Change = Callable[[str, str], bytes]
PAGE = "<!DOCTYPE html>\n<html><head><title>Log in</title></head>\n<body>\nPlease log in\n</body></html>\n"
STARTS = {"ris": r"TY  ?-", "nbib": r"(?:PMID|OWN )-", "wos": r"PT ", "enw": r"%0 ", "refworks": r"RT "}
"""How the first line of a record looks, by format."""
ENDS = {"ris": r"ER  ?-[^\n]*", "wos": r"ER[ \t]*"}
"""How the last line of a record looks, where a format has one."""


def middle(text: str, form: str) -> int:
    """Where a record near the middle of a text begins; the end of the text if there is only one."""
    starts = [match.start() for match in re.finditer(rf"(?m)^{STARTS[form]}", text)]
    return starts[len(starts) // 2] if len(starts) > 1 else len(text)


def drop_end(text: str, form: str) -> str:
    """Without the end of one record in the middle (formats without ends stay as they are)."""
    at = middle(text, form)
    ends = list(re.finditer(rf"(?m)^{ENDS[form]}\n", text[:at])) if form in ENDS else []
    return text if not ends or at == len(text) else text[: ends[-1].start()] + text[ends[-1].end() :]


def drop_last_end(text: str, form: str) -> str:
    """Without the end of the last record."""
    ends = list(re.finditer(rf"(?m)^{ENDS[form]}$", text)) if form in ENDS else []
    return text[: ends[-1].start()] if ends else text


def lower_tags(text: str, form: str) -> str:
    """Tags of RIS in lower case; other formats stay as they are (their tags are told apart by case)."""
    return (
        re.sub(r"(?m)^([A-Z][A-Z0-9])(  ?-)", lambda match: match[1].lower() + match[2], text)
        if form == "ris"
        else text
    )


def mix_ends(text: str) -> bytes:
    """LF, CRLF and CR line ends in turn."""
    lines = text.split("\n")
    return "".join(line + ("\n", "\r\n", "\r")[number % 3] for number, line in enumerate(lines)).encode()


def put_mark(text: str, form: str) -> str:
    """A byte order mark where a record in the middle begins."""
    at = middle(text, form)
    return text[:at] + "\ufeff" + text[at:]


CHANGES: dict[str, Change] = {
    "utf-16": lambda text, _: text.encode("utf-16"),
    "utf-16 without mark": lambda text, _: text.encode("utf-16-le"),
    "cp1252": lambda text, _: text.encode("cp1252", errors="replace"),
    "gb18030": lambda text, _: text.encode("gb18030"),
    "mark in the middle": lambda text, form: put_mark(text, form).encode(),
    "lower-case tags": lambda text, form: lower_tags(text, form).encode(),
    "one-space tags": lambda text, _: re.sub(r"(?m)^([A-Z][A-Z0-9])  - ", r"\1 - ", text).encode(),
    "no end in the middle": lambda text, form: drop_end(text, form).encode(),
    "no last end": lambda text, form: drop_last_end(text, form).encode(),
    "cut tail": lambda text, _: text.encode()[: int(len(text.encode()) * 0.97)],
    "mixed line ends": lambda text, _: mix_ends(text),
    "nul byte": lambda text, _: (text[: len(text) // 2] + "\0" + text[len(text) // 2 :]).encode(),
    "web page behind": lambda text, _: (text.rstrip("\n") + "\n" + PAGE).encode(),
    "tab after the dash": lambda text, _: re.sub(r"(?m)^([A-Z][A-Z0-9]  -) ", "\\1\t", text).encode(),
    "lone cr": lambda text, _: text.replace("\n", "\r").encode(),
    "no final newline": lambda text, _: text.rstrip("\n").encode(),
}
"""The stress changes: name -> (text, format) -> bytes."""


def _flip(content: bytes, rng: Random) -> bytes:
    at = rng.randrange(len(content))
    return content[:at] + bytes([rng.randrange(256)]) + content[at + 1 :]


def _cut(content: bytes, rng: Random) -> bytes:
    start = rng.randrange(len(content))
    return content[:start] + content[start + rng.randrange(1, 400) :]


def _repeat(content: bytes, rng: Random) -> bytes:
    start = rng.randrange(len(content))
    part = content[start : start + rng.randrange(1, 400)]
    return content[:start] + part * rng.randrange(2, 4) + content[start:]


def _insert(content: bytes, rng: Random) -> bytes:
    at = rng.randrange(len(content) + 1)
    return content[:at] + rng.choice(SPLINTERS) + content[at:]


def _swap_lines(content: bytes, rng: Random) -> bytes:
    lines = content.split(b"\n")
    one, two = rng.randrange(len(lines)), rng.randrange(len(lines))
    lines[one], lines[two] = lines[two], lines[one]
    return b"\n".join(lines)


SPLINTERS = (
    b"\0", b"\xff", b"\xef\xbb\xbf", b"\r", b"\n\n", b"\nER  - \n", b"\nTY  - JOUR\n", b"TY", b"\n<html>\n", b"{", b"}", b'"', b"@article{",
    b"\nPMID- 1\n", b"\n\n\n", b"\xe2\x80\xa8", b"\x1c", b"\x85", b"&amp;", b"\nEF\n", b",", b";", b"  - ", b"\t", b"%0 ", b"\nRecord #1 of 9\n",
)  # fmt: skip
"""Bytes that mean something to some reader."""
OPERATORS = (_flip, _cut, _repeat, _insert, _swap_lines)


def mutate(content: bytes, seed: int) -> bytes:
    """``content`` with one to five random damages; the same seed gives the same bytes."""
    rng = Random(seed)
    for _ in range(rng.randrange(1, 6)):
        content = rng.choice(OPERATORS)(content, rng) or b"x"
    return content
