"""Every regular expression of the readers against hostile texts: which need more than linear time.

A pattern is listed when 2,000 and then 10,000 letters take longer than they may; the bar is one second for 100 KB.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import sys
import time
from pathlib import Path

import synth.records

UNITS = (
    "a",
    "A",
    "1",
    " ",
    "\t",
    "-",
    "(",
    "{",
    "}",
    "[",
    "<",
    "&",
    "&#",
    "&amp;",
    ";",
    ",",
    ", ",
    ".",
    "A. ",
    "a-",
    "10.1234/",
    "@a{",
    "@article{",
    "=",
    '"',
    "\\",
    "\\'{a}",
    "\n",
    "\n\n",
    "TY  - ",
    "\nTI  - x",
    "  - ",
    "PMID- ",
    "Record #1 of ",
    "<a>",
    "<1. >",
    "NCT",
    "97810",
    "0 ",
    "19",
    "(1",
    "WOS:",
    "é",
    "中",
    "\u2028",
    "x and ",
    "://",
    "..",
    "%2f",
    "_1",
    "|",
    "{Title}: ",
    "%T ",
    "ISRCTN",
    "<records>",
    '{"title": "',
)


def hostile_texts(length: int) -> list[str]:
    repeated = [(unit * length)[:length] for unit in UNITS]
    return [*repeated, *[text[:-1] + "!" for text in repeated]]


def find_patterns() -> dict[str, re.Pattern[str]]:
    """Every compiled pattern of the package, also those inside tables and dataclasses."""
    found: dict[str, re.Pattern[str]] = {}
    for info in pkgutil.walk_packages(synth.records.__path__, "synth.records."):
        module = importlib.import_module(info.name)
        for name, value in sorted(vars(module).items()):
            _collect(f"{info.name}.{name}", value, found, 0)
    return found


def _collect(name: str, value: object, found: dict[str, re.Pattern[str]], depth: int) -> None:
    if isinstance(value, re.Pattern):
        if isinstance(value.pattern, str):
            found[name] = value
    elif depth < 4 and isinstance(value, tuple | list):
        for index, part in enumerate(value):
            _collect(f"{name}[{index}]", part, found, depth + 1)
    elif depth < 4 and isinstance(value, dict):
        for key, part in value.items():
            _collect(f"{name}[{key}]", part, found, depth + 1)
    elif depth < 4 and hasattr(value, "__dataclass_fields__") and not isinstance(value, type):
        for field in value.__dataclass_fields__:
            _collect(f"{name}.{field}", getattr(value, field, None), found, depth + 1)


def find_methods() -> dict[str, set[str]]:
    """How the package uses its patterns, by name: one that is only matched need not be fast in a search."""
    methods: dict[str, set[str]] = {}
    for path in Path(synth.records.__path__[0]).rglob("*.py"):
        for name, method in re.findall(
            r"(\w+)\.(match|fullmatch|search|findall|finditer|sub|subn|split)\(", path.read_text("utf-8")
        ):
            methods.setdefault(name, set()).add(method if method in {"match", "fullmatch"} else "search")
    return methods


def spend(pattern: re.Pattern[str], method: str, text: str) -> float:
    begun = time.process_time()
    getattr(pattern, method)(text)
    return time.process_time() - begun


def is_slow(pattern: re.Pattern[str], method: str, index: int) -> bool:
    """Whether the time grows faster than the text, seen at 2,000 and at 10,000 letters."""
    return all(
        spend(pattern, method, hostile_texts(size)[index]) > limit for size, limit in ((2_000, 0.002), (10_000, 0.05))
    )


def find_slow(patterns: dict[str, re.Pattern[str]]) -> list[tuple[str, str, str]]:
    """Name, method and text of each slow use."""
    texts, methods = hostile_texts(2_000), find_methods()
    return [
        (name, method, texts[index][:8])
        for name, pattern in patterns.items()
        for method in sorted(methods.get(re.split(r"[.\[]", name.rstrip("]0123456789["))[-1], {"match"}))
        for index, text in enumerate(texts)
        if spend(pattern, method, text) > 0.002 and is_slow(pattern, method, index)
    ]


def main() -> int:
    """List the slow patterns with the text that slows them; status 1 if there are any."""
    patterns = find_patterns()
    slow = find_slow(patterns)
    print(f"{len(patterns)} patterns, {len({name for name, _, _ in slow})} of them slow:")
    for name, method, unit in slow:
        print(f"- {name} {method} {unit!r}")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
