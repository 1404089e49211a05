"""The look of every figure: colours, type, sizes, and files that are equal byte for byte.

Figures are made without pyplot, so that drawing leaves no state behind and works without a screen.
"""

from __future__ import annotations

import contextlib
import io
import logging
import re
import warnings
from collections.abc import Iterator
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synth.errors import UsageError
from synth.files import write_bytes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK = "#1b1f24"
PAPER = "#ffffff"
QUIET = "#5b6470"
LINE = "#d5dae0"
ACCENT = "#0b5fa5"
TINT = "#f1f3f5"
"""A ground that is hardly there, for heads and for what nobody has read."""
INCLUDE, EXCLUDE, MAYBE = "#1a7f5a", "#b3401e", "#8a6d00"
SERIES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000")
COUNTS = ("#dcebf7", "#aacfec", "#6ba8d6", "#2874b0", "#0b5fa5")
"""Five steps of the accent for counts; the lightest is not white."""

TEXT_PT = 8.0
SMALL_PT = 7.0
LEAST_PT = 6.0
HAIRLINE_PT = 0.5
MM = 1 / 25.4
FONTS = (
    "DejaVu Sans",
    "Noto Sans",
    "Noto Sans Arabic",
    "Noto Naskh Arabic",
    "Noto Sans Devanagari",
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Droid Sans Fallback",
    "WenQuanYi Zen Hei",
    "Arial Unicode MS",
    "Microsoft YaHei",
    "PingFang SC",
    "Arial",
)
"""DejaVu comes with matplotlib; the others are tried for scripts that it lacks."""
SVG_FONTS = "DejaVu Sans, Verdana, Noto Sans, Noto Sans Arabic, Noto Sans Devanagari, Noto Sans CJK SC, sans-serif"
"""What an SVG asks for: the same on every machine, whatever fonts were installed where it was drawn. Verdana is as
wide as DejaVu, so that columns stay apart where DejaVu is missing."""
FORMATS = ("svg", "pdf", "png")
_MOST_PIXELS = 65_000
"""What matplotlib can draw along one side: a very tall PNG gets fewer dots an inch."""


_FIRST_FONT: ContextVar[str | None] = ContextVar("first font", default=None)
"""The font that a figure under way asks for first; None outside of drawing, empty for DejaVu."""
_LATIN = re.compile("[\\u0000-\\u052f\\u1e00-\\u2069\\u2070-\\u27bf]*")
"""Letters and signs that DejaVu has: no other font need be tried."""


def settings(font: str = "") -> dict[str, Any]:
    """Matplotlib's settings for our figures; text stays text in SVG, fonts are embedded in PDF, no mathtext."""
    return {
        "font.family": list(find_fonts(font)),
        "font.size": TEXT_PT,
        "text.color": INK,
        "axes.edgecolor": QUIET,
        "axes.labelcolor": INK,
        "axes.linewidth": HAIRLINE_PT,
        "axes.unicode_minus": True,
        "xtick.color": QUIET,
        "ytick.color": QUIET,
        "xtick.labelcolor": INK,
        "ytick.labelcolor": INK,
        "svg.fonttype": "none",
        "svg.hashsalt": "synth",
        "pdf.fonttype": 42,
        "hatch.linewidth": HAIRLINE_PT,
        "text.parse_math": False,
        "figure.facecolor": PAPER,
        "savefig.facecolor": PAPER,
    }


@contextlib.contextmanager
def our_style(font: str | None = None) -> Iterator[None]:
    """Matplotlib in our style while it measures and draws, silent about letters and weights that no font has.

    ``font`` is asked for before all others; None keeps the one in force, so that a figure under way costs nothing more.
    A letter that no installed font has is drawn as a box in PNG and PDF; in SVG it stays text and is whole.
    """
    current = _FIRST_FONT.get()
    if current is not None and font in (None, current):
        yield
        return
    with _quiet_fonts(), _set_style(font or ""):
        yield


@contextlib.contextmanager
def _set_style(font: str) -> Iterator[None]:
    from matplotlib import rc_context

    token = _FIRST_FONT.set(font)
    try:
        with rc_context(settings(font)):
            yield
    finally:
        _FIRST_FONT.reset(token)


@contextlib.contextmanager
def _quiet_fonts() -> Iterator[None]:
    fonts = logging.getLogger("matplotlib.font_manager")
    level = fonts.level
    fonts.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Glyph .* missing from font")
            yield
    finally:
        fonts.setLevel(level)


def first_font() -> str:
    """The font that the figure under way asks for first; empty for ours."""
    return _FIRST_FONT.get() or ""


@lru_cache(maxsize=8)
def find_fonts(first: str = "") -> tuple[str, ...]:
    """The installed ones of our fonts in their order, ``first`` before them if it is there."""
    from matplotlib import font_manager

    known = {entry.name for entry in font_manager.fontManager.ttflist}
    wanted = [first, *FONTS] if first else FONTS
    return tuple(dict.fromkeys(name for name in wanted if name in known))


def fonts_for(text: str) -> list[str]:
    """The fonts that ``text`` may need: one for plain letters, all for other scripts."""
    found = find_fonts(first_font())
    return list(found[:1] if _LATIN.fullmatch(text) and found[:1] == ("DejaVu Sans",) else found)


def new_figure(width_mm: float, height_mm: float) -> Figure:
    """An empty figure of that size, in our style."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with our_style():
        figure = Figure(figsize=(width_mm * MM, height_mm * MM))
        FigureCanvasAgg(figure)
    return figure


def bare_axes(figure: Figure, rect: tuple[float, float, float, float]) -> Axes:
    """Axes without frame and ticks, for pictures that are laid out by hand. ``rect`` in shares of the figure."""
    with our_style():
        axes = figure.add_axes(rect)
        axes.set_axis_off()
    return axes


def save_figure(figure: Figure, path: Path | str, *, title: str, description: str, dpi: int = 300) -> None:
    """Write ``figure`` to SVG, PDF or PNG by the path's ending; same figure, same bytes.

    ``title`` and ``description`` become the alternative text (SVG title/desc, PDF and PNG metadata).
    """
    kind = "svg" if str(path) == "-" else Path(path).suffix.lstrip(".").lower()
    if kind not in FORMATS:
        raise UsageError(f"{path}: a figure ends in .svg, .pdf or .png", hint="Change the ending of the file")
    write_bytes(path, render_figure(figure, kind, title=title, description=description, dpi=dpi))


def render_figure(figure: Figure, kind: str, *, title: str, description: str, dpi: int = 300) -> bytes:
    """The bytes of ``figure`` as ``svg``, ``pdf`` or ``png``, without time or version of their own."""
    width, height = figure.get_size_inches()
    dpi = min(dpi, int(_MOST_PIXELS / max(width, height)))
    metadata: dict[str, dict[str, Any]] = {
        "svg": {"Date": None, "Creator": None},
        "pdf": {
            "CreationDate": None,
            "ModDate": None,
            "Creator": None,
            "Producer": None,
            "Title": title,
            "Subject": description,
        },
        "png": {"Software": None, "Title": title, "Description": description},
    }
    stream = io.BytesIO()
    with our_style():
        figure.savefig(stream, format=kind, dpi=dpi, metadata=metadata[kind])
    content = stream.getvalue()
    return _finish_svg(content.decode("utf-8"), title, description).encode() if kind == "svg" else content


def _finish_svg(svg: str, title: str, description: str) -> str:
    """Name the SVG for screen readers, and say once, at its root, what matplotlib repeats at every text."""
    svg = re.sub(r"<!DOCTYPE.*?>\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"\s*<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"\s*<defs>\s*<style.*?</style>\s*</defs>", "", svg, flags=re.DOTALL)
    asked = next((name for name in re.findall(r"font-family: '([^']+)'", svg) if name not in SVG_FONTS), "")
    fonts = f"{asked}, {SVG_FONTS}" if asked else SVG_FONTS
    svg = re.sub(r" font-family: [^;\"]*;", "", svg)
    svg = re.sub(r" transform=\"rotate\(-0 [^)]*\)\"", "", svg)
    return _name_svg(svg, title, description, fonts)


def _name_svg(svg: str, title: str, description: str, fonts: str) -> str:
    from xml.sax.saxutils import escape

    start = svg.index("<svg")
    end = svg.index(">", start) + 1
    root = (
        '<svg role="img" aria-labelledby="title desc" stroke-linejoin="round" stroke-linecap="butt" '
        f'font-family="{fonts}"'
    )
    head = svg[start:end].replace("<svg", root, 1)
    told = escape(_printable(description))
    names = f'\n <title id="title">{escape(_printable(title))}</title>\n <desc id="desc">{told}</desc>'
    return svg[:start] + head + names + svg[end:]


def _printable(text: str) -> str:
    """XML takes no control characters."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def inline_svg(svg: bytes, prefix: str) -> str:
    """The SVG as an element for a page: ids carry ``prefix``, and the house's colours follow the page's variables.

    Two figures on one page keep apart by their prefixes. A page sets ``--ink``, ``--paper``, ``--quiet``, ``--line``,
    ``--tint``, ``--maybe`` and ``--accent``; without them the figure keeps its own colours.
    """
    text = svg.decode("utf-8")
    text = text[text.index("<svg") :]
    text = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}-\1"', text)
    text = re.sub(r"url\(#([^)]+)\)", rf"url(#{prefix}-\1)", text)
    text = re.sub(r'href="#([^"]+)"', rf'href="#{prefix}-\1"', text)
    text = text.replace('aria-labelledby="title desc"', f'aria-labelledby="{prefix}-title {prefix}-desc"', 1)
    return re.sub(r"(fill|stroke): (#[0-9a-f]{6})", _follow_page, text)


_VARIABLES = {
    INK: "--ink",
    PAPER: "--paper",
    QUIET: "--quiet",
    LINE: "--line",
    ACCENT: "--accent",
    TINT: "--tint",
    MAYBE: "--maybe",
}


def _follow_page(found: re.Match[str]) -> str:
    name = _VARIABLES.get(found[2])
    return f"{found[1]}: var({name}, {found[2]})" if name else found[0]
