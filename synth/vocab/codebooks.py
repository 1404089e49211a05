"""Codebooks as data: which questions a study is asked, and which terms may answer them.

The shipped ones stand as YAML in ``codebooks/``; a team's own file has the same shape:

    codebook: {id, version, licence, language, label, extends: [other codebooks]}
    questions: [{id, label, level, type, definition, unit, pattern, grades, codes_of, codes: [
        {id, label, definition, synonyms: [...], children: [...]}]}]
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from synth.errors import UsageError
from synth.files import read_bytes

LEVELS = ("study", "report", "arm", "outcome", "effect")
TYPES = ("text", "integer", "real", "boolean", "one", "many")
CODED = ("one", "many")
_LINE = "__line__"
_HEAD_KEYS = frozenset({"id", "version", "licence", "language", "label", "extends"})
_QUESTION_KEYS = frozenset(
    {"id", "label", "level", "type", "definition", "unit", "pattern", "grades", "codes", "codes_of"}
)
_TERM_KEYS = frozenset({"id", "label", "definition", "synonyms", "children"})


@dataclass(frozen=True, slots=True)
class Term:
    """One code: its id (as it stands in tables), its label, other words for it, and narrower terms."""

    id: str
    label: str
    definition: str = ""
    synonyms: tuple[str, ...] = ()
    children: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True)
class PlacedTerm:
    """A term and where it stands: ``depth`` 0 is the top; ``parents`` are ids from the top down."""

    term: Term
    depth: int
    parents: tuple[str, ...]

    @property
    def id(self) -> str:
        """The term's id."""
        return self.term.id


@dataclass(frozen=True, slots=True)
class Question:
    """One question. ``grades`` name the levels 0, 1, ... that a label on this axis may carry."""

    id: str
    label: str
    level: str
    type: str
    definition: str = ""
    unit: str = ""
    pattern: str = ""
    grades: tuple[str, ...] = ()
    terms: tuple[Term, ...] = ()

    @property
    def is_coded(self) -> bool:
        """Whether only the terms of a list may answer it."""
        return self.type in CODED


@dataclass(frozen=True, slots=True)
class Codebook:
    """Questions in order, those of extended codebooks first."""

    id: str
    version: str
    licence: str
    language: str
    label: str
    questions: tuple[Question, ...]

    def question(self, name: str) -> Question:
        """The question called ``name``. Raises UsageError with "did you mean" for an unknown one."""
        for question in self.questions:
            if question.id == name:
                return question
        raise UsageError(
            f"unknown question {name!r} in codebook {self.id}",
            hint=_nearest(name, [question.id for question in self.questions]),
        )

    def axes(self) -> tuple[str, ...]:
        """Questions answered from a list: what a map can be drawn over."""
        return tuple(question.id for question in self.questions if question.is_coded)

    def terms_of(self, axis: str) -> tuple[PlacedTerm, ...]:
        """Every term of an axis, parents before children, each with its depth and parents."""
        return tuple(_place(self.question(axis).terms, ()))

    def find_term(self, axis: str, word: str) -> Term:
        """The term whose id, label or synonym is ``word``, whatever the case; ids win, then labels, then synonyms.

        Raises UsageError "unknown code" with the nearest one, or naming the choices where a word fits several.
        """
        terms = [placed.term for placed in self.terms_of(axis)]
        for words_of in (_ids, _labels, _synonyms):
            found = [term for term in terms if _fold(word) in words_of(term)]
            if len(found) == 1:
                return found[0]
            if found:
                choices = ", ".join(term.id for term in found)
                raise UsageError(f"{word!r} fits several codes of {axis}", hint=f"Choose one of: {choices}")
        raise UsageError(f"unknown code {word!r} for {axis}", hint=_nearest_term(word, terms))

    def has_term(self, axis: str, term_id: str) -> bool:
        """Whether ``term_id`` is a term of that axis."""
        return any(placed.id == term_id for placed in self.terms_of(axis))


def _ids(term: Term) -> set[str]:
    return {_fold(term.id)}


def _labels(term: Term) -> set[str]:
    return {_fold(term.label)}


def _synonyms(term: Term) -> set[str]:
    return {_fold(word) for word in term.synonyms}


def _fold(word: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", word).casefold().split())


def _place(terms: tuple[Term, ...], parents: tuple[str, ...]) -> Iterator[PlacedTerm]:
    for term in terms:
        yield PlacedTerm(term, len(parents), parents)
        yield from _place(term.children, (*parents, term.id))


def _nearest(word: str, known: list[str]) -> str:
    near = get_close_matches(_fold(word), [_fold(name) for name in known], n=1)
    given = {_fold(name): name for name in known}
    return f"Did you mean {given[near[0]]}?" if near else f"There are: {_some(known)}"


def _nearest_term(word: str, terms: list[Term]) -> str:
    words = {each: term.id for term in reversed(terms) for each in (*_synonyms(term), *_labels(term), *_ids(term))}
    near = get_close_matches(_fold(word), sorted(words), n=1)
    return f"Did you mean {words[near[0]]}?" if near else f"There are: {_some([term.id for term in terms])}"


def _some(names: list[str], most: int = 12) -> str:
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")


# ---- reading -------------------------------------------------------------------------------------------------------


def shipped_codebooks() -> tuple[str, ...]:
    """Names of the codebooks that come with synth."""
    folder = files("synth.vocab").joinpath("codebooks")
    return tuple(sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml")))


def load_codebook(name: str | Path) -> Codebook:
    """A shipped codebook by name, or one from a YAML file by path.

    Raises UsageError with file and line for a malformed one, UnreadableInput if there is no such file.
    """
    if str(name) in shipped_codebooks():
        return _load_shipped(str(name))
    path = Path(name)
    if path.suffix.lower() not in {".yaml", ".yml"} and not path.exists():
        raise UsageError(f"unknown codebook {str(name)!r}", hint=_nearest(str(name), list(shipped_codebooks())))
    return read_codebook(path)


@cache
def _load_shipped(name: str) -> Codebook:
    content = files("synth.vocab").joinpath("codebooks", f"{name}.yaml").read_text(encoding="utf-8")
    return _parse(content, f"{name}.yaml", Path(), (name,))


def read_codebook(path: Path, seen: tuple[str, ...] = ()) -> Codebook:
    """The codebook in a YAML file; ``seen`` are the files that are being extended, to refuse circles."""
    try:
        text = read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{path}: is not UTF-8 text", hint="Save it as UTF-8 in your editor") from None
    return _parse(text, str(path), path.parent, (*seen, str(path.resolve())))


class _LinedLoader(yaml.SafeLoader):
    """A safe loader that notes the line of every mapping, and refuses repeated keys and aliases."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        """The mapping with its line; a key that stands twice is a mistake, never an override."""
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for place, key in enumerate(keys):
            if key in keys[:place]:
                mark = node.value[place][0].start_mark
                raise yaml.MarkedYAMLError(problem=f"{key!r} stands twice", problem_mark=mark)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        return {**mapping, _LINE: node.start_mark.line + 1}

    def compose_node(self, parent: Any, index: Any) -> Any:
        """The next node; aliases would let a small file unfold into a huge one."""
        if self.check_event(yaml.AliasEvent):
            event: Any = self.get_event()  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="aliases are not allowed", problem_mark=event.start_mark)
        return super().compose_node(parent, index)


def _parse(text: str, place: str, folder: Path, seen: tuple[str, ...]) -> Codebook:
    raw = _read_yaml(text, place)
    head = raw.get("codebook")
    if not isinstance(head, Mapping) or not isinstance(raw.get("questions"), list):
        raise UsageError(
            f"{place}:1: not a codebook",
            why="It needs the two parts 'codebook' and 'questions'",
            hint="See docs/reference/codebooks.md",
        )
    _check_keys(head, _HEAD_KEYS, place)
    base = _extend(_words(head, "extends", place), place, folder, seen)
    own = tuple(_question(item, place) for item in raw["questions"])
    _check_unique([(question.id, item[_LINE]) for question, item in zip(own, raw["questions"], strict=True)], place)
    questions = _borrow_codes((*(q for q in base if q.id not in {o.id for o in own}), *own), raw["questions"], place)
    return Codebook(
        _text(head, "id", place),
        _text(head, "version", place),
        _text(head, "licence", place, "not stated"),
        _text(head, "language", place, "en"),
        _text(head, "label", place, str(head.get("id"))),
        questions,
    )


def _read_yaml(text: str, place: str) -> dict[str, Any]:
    try:
        raw = _LinedLoader(text).get_single_data()
    except yaml.MarkedYAMLError as fault:
        line = fault.problem_mark.line + 1 if fault.problem_mark else 1
        raise UsageError(f"{place}:{line}: {fault.problem}", hint="Mend that line; lists and texts are YAML") from None
    except (yaml.YAMLError, RecursionError) as fault:
        raise UsageError(f"{place}:1: not YAML ({type(fault).__name__})", hint="Mend the file") from None
    if not isinstance(raw, dict):
        raise UsageError(f"{place}:1: not a codebook", hint="See docs/reference/codebooks.md")
    return raw


def _extend(names: tuple[str, ...], place: str, folder: Path, seen: tuple[str, ...]) -> tuple[Question, ...]:
    found: list[Question] = []
    for name in names:
        base = _load_base(name, place, folder, seen)
        for question in base.questions:
            if question.id in {each.id for each in found}:
                raise UsageError(
                    f"{place}: question {question.id!r} comes from two extended codebooks",
                    hint="Extend one of them only, or give the question again in this file",
                )
            found.append(question)
    return tuple(found)


def _load_base(name: str, place: str, folder: Path, seen: tuple[str, ...]) -> Codebook:
    shipped = name in shipped_codebooks()
    key = name if shipped else str((folder / name).resolve())
    if key in seen:
        raise UsageError(f"{place}: extends itself by way of {name}", hint="Take that name out of 'extends'")
    return _load_shipped(name) if shipped else read_codebook(folder / name, seen)


def _question(item: Any, place: str) -> Question:
    if not isinstance(item, Mapping):
        raise UsageError(f"{place}: a question must be a mapping with an id, not {item!r}")
    _check_keys(item, _QUESTION_KEYS, place)
    question = Question(
        id=_text(item, "id", place),
        label=_text(item, "label", place, str(item.get("id"))),
        level=_choice(item, "level", LEVELS, place),
        type=_choice(item, "type", TYPES, place),
        definition=_text(item, "definition", place, ""),
        unit=_text(item, "unit", place, ""),
        pattern=_regex(item, place),
        grades=_words(item, "grades", place),
        terms=_terms(item, "codes", place),
    )
    _check_codes(question, item, place)
    return question


def _check_codes(question: Question, item: Mapping[str, Any], place: str) -> None:
    has_codes = bool(question.terms) or "codes_of" in item
    if question.is_coded and not has_codes:
        raise UsageError(
            f"{place}:{item[_LINE]}: question {question.id!r} has type {question.type} but no codes",
            hint="Add 'codes', or choose the type text",
        )
    if has_codes and not question.is_coded:
        raise UsageError(
            f"{place}:{item[_LINE]}: question {question.id!r} has codes but type {question.type}",
            hint="Choose the type one or many",
        )


def _terms(item: Mapping[str, Any], key: str, place: str) -> tuple[Term, ...]:
    """The terms under ``key`` and their children; ids must be unique among all of them."""
    lines: list[tuple[str, int]] = []
    terms = _term_list(item, key, place, lines)
    _check_unique(lines, place)
    return terms


def _term_list(item: Mapping[str, Any], key: str, place: str, lines: list[tuple[str, int]]) -> tuple[Term, ...]:
    listed = item.get(key) or []
    if not isinstance(listed, list):
        raise UsageError(f"{place}:{item[_LINE]}: {key!r} must be a list")
    return tuple(_term(entry, place, lines) for entry in listed)


def _term(entry: Any, place: str, lines: list[tuple[str, int]]) -> Term:
    if not isinstance(entry, Mapping):
        raise UsageError(
            f"{place}: a code must be a mapping with an id, not {entry!r}", hint="Write {id: rural, label: Rural}"
        )
    _check_keys(entry, _TERM_KEYS, place)
    name = _text(entry, "id", place)
    lines.append((name, entry[_LINE]))
    return Term(
        name,
        _text(entry, "label", place, name),
        _text(entry, "definition", place, ""),
        _words(entry, "synonyms", place),
        _term_list(entry, "children", place, lines),
    )


def _borrow_codes(questions: tuple[Question, ...], items: list[Any], place: str) -> tuple[Question, ...]:
    """Questions that say ``codes_of: other`` take the terms of the other one."""
    lenders = {item["id"]: (item["codes_of"], item[_LINE]) for item in items if "codes_of" in item}
    known = {question.id: question for question in questions}
    for lender, line in lenders.values():
        if lender not in known or not known[lender].terms:
            raise UsageError(
                f"{place}:{line}: codes_of names {lender!r}, which has no codes",
                hint=_nearest(str(lender), sorted(known)),
            )
    return tuple(
        replace(question, terms=known[lenders[question.id][0]].terms) if question.id in lenders else question
        for question in questions
    )


def _check_unique(names: list[tuple[str, int]], place: str) -> None:
    first: dict[str, int] = {}
    for name, line in names:
        if name in first:
            raise UsageError(
                f"{place}:{line}: id {name!r} stands twice (first in line {first[name]})",
                hint="Give one of them another id",
            )
        first[name] = line


def _check_keys(item: Mapping[str, Any], known: frozenset[str], place: str) -> None:
    for key in item:
        if key not in known and key != _LINE:
            raise UsageError(f"{place}:{item[_LINE]}: unknown key {key!r}", hint=_nearest(str(key), sorted(known)))


def _text(item: Mapping[str, Any], key: str, place: str, default: str | None = None) -> str:
    value = item.get(key, default)
    if value is None or isinstance(value, dict | list):
        raise UsageError(f"{place}:{item[_LINE]}: {key!r} is missing or not a text")
    return str(value).strip()


def _words(item: Mapping[str, Any], key: str, place: str) -> tuple[str, ...]:
    value = item.get(key) or []
    if not isinstance(value, list) or any(isinstance(word, dict | list) for word in value):
        raise UsageError(f"{place}:{item[_LINE]}: {key!r} must be a list of texts")
    return tuple(str(word) for word in value)


def _choice(item: Mapping[str, Any], key: str, allowed: tuple[str, ...], place: str) -> str:
    value = _text(item, key, place)
    if value not in allowed:
        raise UsageError(f"{place}:{item[_LINE]}: unknown {key} {value!r}", hint=_nearest(value, list(allowed)))
    return value


def _regex(item: Mapping[str, Any], place: str) -> str:
    pattern = _text(item, "pattern", place, "")
    try:
        re.compile(pattern)
    except re.error as fault:
        raise UsageError(f"{place}:{item[_LINE]}: pattern {pattern!r} is not a regular expression ({fault})") from None
    return pattern


def term_tree(terms: tuple[Term, ...]) -> list[dict[str, Any]]:
    """Terms as plain nested values, [{id, label, synonyms, children}]: what the store keeps and maps take."""
    return [
        {"id": term.id, "label": term.label, "synonyms": list(term.synonyms), "children": term_tree(term.children)}
        for term in terms
    ]
