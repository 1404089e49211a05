"""The command line as a whole: quick to answer, loading only what is used, everything with help."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from synth.cli.common import WIDTH, format_table
from synth.cli.main import COMMANDS, load_all
from synth.project import Project

HEAVY = (
    "pandas",
    "numpy",
    "scipy",
    "sklearn",
    "matplotlib",
    "sqlalchemy",
    "yaml",
    "jinja2",
    "rapidfuzz",
    "bibtexparser",
)


def modules_after(*args: str, cwd: Path | None = None) -> set[str]:
    """Names of the packages loaded by one command line."""
    code = (
        "import json, sys; from synth.cli.main import run; run(sys.argv[1:]);"
        "print('\\n' + json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    )
    done = subprocess.run([sys.executable, "-c", code, *args], capture_output=True, text=True, check=True, cwd=cwd)
    return set(json.loads(done.stdout.strip().splitlines()[-1]))


def all_commands() -> Iterator[tuple[str, click.Command]]:
    for name, command in load_all().items():
        yield name, command
        if isinstance(command, click.Group):
            yield from ((f"{name} {inner}", loaded) for inner, loaded in command.commands.items())


def test_help_loads_no_heavy_package() -> None:
    assert modules_after("--help").isdisjoint(HEAVY)


@pytest.mark.parametrize("name", list(COMMANDS))
def test_the_help_of_a_command_loads_no_heavy_package(name: str) -> None:
    assert modules_after(name, "--help").isdisjoint(HEAVY)


@pytest.mark.parametrize(
    ("args", "unused"),
    [
        (["log"], {"matplotlib", "sklearn", "scipy", "rapidfuzz"}),
        (["status"], {"matplotlib", "sklearn", "rapidfuzz"}),
        (["doctor"], {"matplotlib", "sklearn", "scipy", "rapidfuzz"}),
        (["config"], {"matplotlib", "sklearn", "scipy", "pandas"}),
        (["prisma", "--json"], {"matplotlib", "sklearn"}),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_a_command_loads_only_what_it_uses(project: Project, args: list[str], unused: set[str]) -> None:
    assert modules_after(*args, cwd=project.folder).isdisjoint(unused)


def test_convert_needs_neither_store_nor_figures(tmp_path: Path) -> None:
    (tmp_path / "a.ris").write_text("TY  - JOUR\nTI  - T\nER  - \n", encoding="utf-8")
    loaded = modules_after("convert", "a.ris", "-o", "a.jsonl", cwd=tmp_path)
    assert loaded.isdisjoint({"matplotlib", "sklearn", "sqlalchemy", "scipy"})


@pytest.mark.parametrize(
    ("name", "command"), list(all_commands()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_command_and_every_option_has_help(name: str, command: click.Command) -> None:
    assert command.help, name
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{name} {parameter.name}"


def test_tables_stay_within_the_terminal_and_align_numbers() -> None:
    text = format_table(["file", "found"], [["x" * 300, 1234], ["short", 5]])
    lines = text.splitlines()
    assert max(map(len, lines)) <= WIDTH
    assert lines[1].endswith("1,234")
    assert lines[2].endswith("    5")


def test_the_shell_can_complete_commands() -> None:
    env = {**os.environ, "_SYNTH_COMPLETE": "bash_complete", "COMP_WORDS": "synth im", "COMP_CWORD": "1"}
    program = str(Path(sys.executable).with_name("synth"))
    done = subprocess.run([program], env=env, capture_output=True, text=True, check=True)
    assert "import" in done.stdout


def test_stdin_and_stdout_stand_behind_a_dash(run_synth: Callable[..., Any]) -> None:
    done = run_synth("convert", "-", "-o", "-", "--to", "jsonl", input="TY  - JOUR\nTI  - Título\nER  - \n")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["title"] == "Título"


READING = {"status", "log", "doctor", "config", "screen", "screen next", "screen agree", "screen conflicts"}
READING |= {"screen stop", "screen audit", "extract check", "extract reconcile"}


@pytest.mark.parametrize(
    ("name", "command"), list(all_commands()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_command_that_writes_can_be_tried_without_writing(name: str, command: click.Command) -> None:
    options = {option for parameter in command.params for option in parameter.opts}
    is_only_a_group = isinstance(command, click.Group) and not command.invoke_without_command
    assert is_only_a_group or name in READING or "--dry-run" in options
