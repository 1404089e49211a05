"""A report as one page of HTML: sections of text, tables and figures, rendered with every letter escaped.

The page is whole in itself: no script, no font, no picture and no style sheet comes from anywhere else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from jinja2 import Environment, PackageLoader, StrictUndefined

from synth.figures.text import plain


@dataclass(frozen=True, slots=True)
class Text:
    """Paragraphs; ``tone`` is empty, quiet or warning."""

    paragraphs: tuple[str, ...]
    tone: str = ""
    kind: str = field(default="text", init=False)


@dataclass(frozen=True, slots=True)
class Facts:
    """Names with their values, as a list of definitions."""

    pairs: tuple[tuple[str, str], ...]
    kind: str = field(default="facts", init=False)


@dataclass(frozen=True, slots=True)
class TableBlock:
    """A table. The first column names the row; ``numbers`` are right-aligned columns. ``folded``: opens on demand."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: frozenset[int] = frozenset()
    folded: bool = False
    empty: str = "Nothing is recorded."
    kind: str = field(default="table", init=False)


@dataclass(frozen=True, slots=True)
class FigureBlock:
    """A figure: an SVG element of our own making (``inline_svg``), its caption, and the text that tells it."""

    svg: str
    caption: str
    kind: str = field(default="figure", init=False)


@dataclass(frozen=True, slots=True)
class Link:
    """A link to a file beside the page, or to an address that the data name (http and https alone)."""

    href: str
    text: str
    kind: str = field(default="link", init=False)


Block = Text | Facts | TableBlock | FigureBlock | Link


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page; ``level`` 2 stands in the table of contents."""

    key: str
    title: str
    blocks: tuple[Block, ...]
    mark: str = ""
    level: int = 2


@dataclass(frozen=True, slots=True)
class Document:
    """The whole page."""

    title: str
    question: str
    sections: tuple[Section, ...]
    head: tuple[str, ...] = ()
    language: str = "en"


def render_document(document: Document) -> str:
    """The page as text, ready to be written as UTF-8."""
    return _environment().get_template("report.html").render(document=document) + "\n"


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("synth.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["clean"] = clean
    environment.filters["address"] = safe_address
    return environment


def clean(text: object) -> str:
    """Text without control characters; what is missing says so."""
    return plain(text) or "not recorded"


def safe_address(href: str) -> str:
    """``href`` if it is http, https or a plain path beside the page, else nothing: data may hold any scheme."""
    address = plain(href).strip()
    scheme, colon, _ = address.partition(":")
    if colon and "/" not in scheme and scheme.lower() not in ("http", "https"):
        return ""
    return address


def as_rows(lines: Sequence[Sequence[object]]) -> tuple[tuple[str, ...], ...]:
    """Cells as text; None and NaN as nothing."""
    return tuple(tuple(tell(value) for value in line) for line in lines)


def tell(value: object) -> str:
    """A value as a reader wants it: nothing for what is missing, no needless noughts, lists with semicolons."""
    if value is None or str(value) in ("nan", "<NA>", "NaT"):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return "; ".join(tell(item) for item in value)
    return f"{value:.6g}" if isinstance(value, float) else str(value)
