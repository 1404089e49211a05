"""``synth.toml``: what people write about their review. Read whole, with the place of every mistake."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from synth.errors import UsageError

FILE_NAME = "synth.toml"
_KNOWN = {
    "title",
    "question",
    "people",
    "criteria",
    "codebook",
    "synthesis",
    "store",
    "dedupe",
    "figures",
    "maps",
    "report",
    "keywords",
}
_ROLES = ("reviewer", "adjudicator", "machine")


@dataclass(frozen=True, slots=True)
class Config:
    """The declared side of a review. ``raw`` is the whole file as a dict."""

    path: Path
    title: str = ""
    question: str = ""
    people: tuple[dict[str, str], ...] = ()
    criteria: dict[str, dict[str, Any]] = field(default_factory=dict)
    codebook: str = "violence-prevention"
    syntheses: tuple[dict[str, Any], ...] = ()
    store_url: str = ""
    raw: dict[str, Any] = field(default_factory=dict)

    @property
    def south_definition(self) -> str:
        """Which countries count as global south: a named, dated list (``[maps] south_definition``)."""
        return str(self.raw.get("maps", {}).get("south_definition", "wb_lmic"))


def read_config(folder: Path) -> Config:
    """Read ``folder/synth.toml``. Raises UsageError with the line for anything that cannot be understood."""
    path = folder / FILE_NAME
    try:
        text = path.read_text(encoding="utf-8-sig")
        raw = tomllib.loads(text)
    except UnicodeDecodeError:
        raise UsageError(f"{path}: is not UTF-8 text", hint="Save it as UTF-8 in your editor") from None
    except tomllib.TOMLDecodeError as fault:
        raise UsageError(f"{path}: {fault}", hint="Mend that line; strings stand in quotes, lists in [ ]") from None
    _check_names(path, text, raw)
    return Config(
        path=path,
        title=str(raw.get("title", "")),
        question=str(raw.get("question", "")),
        people=_people(path, raw),
        criteria=dict(raw.get("criteria", {})),
        codebook=str(raw.get("codebook", "violence-prevention")),
        syntheses=tuple(raw.get("synthesis", ())),
        store_url=str(raw.get("store", {}).get("url", "")),
        raw=raw,
    )


def _check_names(path: Path, text: str, raw: dict[str, Any]) -> None:
    for name in sorted(set(raw) - _KNOWN):
        near = get_close_matches(name, sorted(_KNOWN), n=1)
        hint = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(sorted(_KNOWN))}"
        raise UsageError(f"{path}:{_line_of(text, name)}: unknown setting {name!r}", hint=hint)


def _line_of(text: str, word: str) -> int:
    return next((number for number, line in enumerate(text.splitlines(), 1) if word in line), 1)


def _people(path: Path, raw: dict[str, Any]) -> tuple[dict[str, str], ...]:
    people = []
    for person in raw.get("people", ()):
        if not isinstance(person, dict) or not person.get("id"):
            raise UsageError(f"{path}: every [[people]] needs an id", hint='For example: id = "ana", name = "Ana Ruiz"')
        role = str(person.get("role", "reviewer"))
        if role not in _ROLES:
            raise UsageError(f"{path}: unknown role {role!r} of {person['id']}", hint=f"Roles: {', '.join(_ROLES)}")
        people.append({"id": str(person["id"]), "name": str(person.get("name", person["id"])), "role": role})
    return tuple(people)


def quote_toml(text: str) -> str:
    """``text`` as a TOML basic string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    for sign, code in (("\n", "\\n"), ("\t", "\\t"), ("\r", "\\r")):
        escaped = escaped.replace(sign, code)
    return '"' + "".join(sign if sign.isprintable() else f"\\u{ord(sign):04x}" for sign in escaped) + '"'


def new_config(title: str, question: str, people: tuple[str, ...], store_url: str = "") -> str:
    """The text of a fresh ``synth.toml``, with the settings that most reviews need explained in a line each."""
    lines = [
        f"title = {quote_toml(title)}",
        f"question = {quote_toml(question)}",
        'codebook = "violence-prevention"  # a shipped codebook, or the path of your own YAML file',
        "",
        "# Who screens. role: reviewer or adjudicator (settles conflicts).",
    ]
    for name in people:
        lines += ["[[people]]", f"id = {quote_toml(name)}", f"name = {quote_toml(name)}", 'role = "reviewer"', ""]
    lines += [
        "[criteria.title_abstract]",
        'text = "Say here what a record must be about to be read in full."',
        'reasons = ["wrong population", "wrong intervention", "wrong design"]',
        "",
        "[criteria.full_text]",
        'text = "Say here what a report must have to be included."',
        'reasons = ["wrong population", "wrong intervention", "wrong design", "no outcome of interest"]',
        "",
        "[maps]",
        'south_definition = "wb_lmic"  # or "g77", "m49_2021"; named on every figure',
    ]
    if store_url:
        lines += ["", "[store]", f"url = {quote_toml(store_url)}"]
    return "\n".join(lines) + "\n"
