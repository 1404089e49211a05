"""Write the reference pages that are made from the code: commands and tables. ``--check`` only compares."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from synth.cli.main import COMMANDS, cli, load_all
from synth.tables import TABLES

HERE = Path(__file__).parent / "reference"


def _help(command: click.Command, path: str) -> str:
    parent = click.Context(cli, info_name="synth", max_content_width=100)
    return command.get_help(click.Context(command, info_name=path, parent=parent, max_content_width=100))


def _sections(command: click.Command, path: str) -> list[str]:
    parts = [f"## synth {path}\n\n```text\n{_help(command, path)}\n```\n"]
    if isinstance(command, click.Group):
        for name in sorted(command.commands):
            parts += [part.replace("## ", "### ", 1) for part in _sections(command.commands[name], f"{path} {name}")]
    return parts


def commands_page() -> str:
    """Every command with its help."""
    parts = ["# Commands\n", "Made from the commands themselves; `synth COMMAND --help` shows the same.\n"]
    for name, command in load_all().items():
        parts += _sections(command, name)
    return "\n".join(parts)


def tables_page() -> str:
    """Every table with its columns."""
    parts = ["# Tables of the store\n", "Rows are appended, never changed; `<table>_now` shows what is true now.\n"]
    for table in TABLES:
        rows = "\n".join(f"| `{c.name}` | {c.type} | {c.note.replace('|', 'or')} |" for c in table.columns)
        parts.append(f"## {table.name}\n\n{table.note}\n\n| column | type | what |\n|---|---|---|\n{rows}\n")
    return "\n".join(parts)


def main() -> int:
    """Write the pages, or with --check say which are out of date."""
    pages = {HERE / "commands.md": commands_page(), HERE / "tables.md": tables_page()}
    stale = [path for path, text in pages.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if "--check" in sys.argv[1:]:
        for path in stale:
            print(f"{path.name} is out of date; run: make docs")
        return 1 if stale else 0
    for path, text in pages.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    print(f"{len(COMMANDS)} commands and {len(TABLES)} tables written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
