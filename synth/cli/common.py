"""What the commands share: how they speak, show tables and progress, and find the project."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from synth.project import Project

T = TypeVar("T")
Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]
WIDTH = 100
_STYLES = {"good": "green", "warning": "yellow", "wrong": "red"}

json_option: Decorator = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on stdout.")
dry_run_option: Decorator = click.option("--dry-run", is_flag=True, help="Show what would happen; write nothing.")


def current_project(ctx: click.Context) -> Project:
    """The project chosen by ``-C``, or this folder's or a parent's; closed when the command ends."""
    from synth.project import open_project

    folder = Path(ctx.find_root().params.get("folder") or ".")
    if not folder.is_dir():
        from synth.errors import UsageError

        raise UsageError(f"{folder}: no such folder", hint="Name the project's folder: synth -C DIR ...")
    project = open_project(folder)
    ctx.call_on_close(project.close)
    return project


def _colour(text: str, tone: str, stream: Any) -> str:
    plain = bool(os.environ.get("NO_COLOR")) or not stream.isatty() or tone not in _STYLES
    return text if plain else click.style(text, fg=_STYLES[tone])


def say(text: str, tone: str = "") -> None:
    """One sentence to stderr; ``tone``: good, warning or wrong."""
    shown = _colour(text, tone, sys.stderr)
    if "tqdm" in sys.modules:  # a bar may be on the terminal: let it step aside
        sys.modules["tqdm"].tqdm.write(shown, file=sys.stderr)
        return
    click.echo(shown, err=True)


def next_step(command: str) -> None:
    """The last line of a command: what to do next."""
    say(f"Next: {command}")


def emit_json(value: Any) -> None:
    """``value`` as JSON on stdout: sorted keys, any script as it is."""
    click.echo(json.dumps(value, ensure_ascii=False, sort_keys=True, indent=2, default=str))


def _cell(value: object) -> str:
    if value is None or value != value:  # noqa: PLR0124  NaN is not equal to itself
        return ""
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _shorten(text: str, width: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= width else text[: max(width - 1, 1)].rstrip() + "…"


def _widths(lines: list[list[str]]) -> list[int]:
    """Widths that fit the terminal: whatever is widest gives way first, a letter at a time."""
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    over = sum(widths) + 2 * (len(widths) - 1) - WIDTH
    for _ in range(max(over, 0)):
        widths[widths.index(max(widths))] -= 1
    return widths


def format_table(heads: Sequence[str], rows: Iterable[Sequence[object]], *, right: Collection[int] = ()) -> str:
    """A table of at most 100 columns, two spaces between columns; columns in ``right`` (and numbers) right-aligned."""
    rows = [list(row) for row in rows]
    numeric = {
        column
        for column in range(len(heads))
        if rows and all(isinstance(row[column], int | float) or row[column] is None for row in rows)
    }
    aligned_right = numeric | set(right)
    lines = [list(heads), *([_cell(value) for value in row] for row in rows)]
    widths = _widths(lines)

    def place(text: str, column: int) -> str:
        short = _shorten(text, widths[column])
        return short.rjust(widths[column]) if column in aligned_right else short.ljust(widths[column])

    return "\n".join("  ".join(place(text, column) for column, text in enumerate(line)).rstrip() for line in lines)


def print_table(heads: Sequence[str], rows: Iterable[Sequence[object]], *, right: Collection[int] = ()) -> None:
    """``format_table`` on stdout."""
    click.echo(format_table(heads, rows, right=right))


def show_progress(items: Iterable[T], *, label: str, total: int | None = None) -> Iterable[T]:
    """A progress bar on a terminal, nothing elsewhere; a ``steps.progress.Progress``."""
    if not sys.stderr.isatty():
        return items
    from tqdm import tqdm

    return tqdm(items, desc=label, total=total, leave=False, ncols=min(WIDTH, 80), file=sys.stderr, unit="")
