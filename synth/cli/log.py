"""``synth log``."""

from __future__ import annotations

import json

import click

from synth.cli.common import current_project, emit_json, json_option, print_table


@click.command("log", short_help="List what was done, when and by which command.")
@click.option("--last", type=int, default=0, metavar="N", help="Only the last N runs.")
@json_option
@click.pass_context
def command(ctx: click.Context, last: int, as_json: bool) -> None:
    """List every run of the project, oldest first; undone runs stay in the list and say so."""
    from dataclasses import asdict

    from synth.steps.history import list_runs

    runs = list_runs(current_project(ctx))[-last:] if last else list_runs(current_project(ctx))
    if as_json:
        emit_json([asdict(run) for run in runs])
        return
    rows = [[run.id, run.at, run.step, _words(run.arguments), _state(run.undone, run.undoes)] for run in runs]
    print_table(["run", "time", "command", "arguments", ""], rows)


def _words(arguments: dict[str, object]) -> str:
    return " ".join(
        f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in sorted(arguments.items()) if value
    )


def _state(undone: bool, undoes: int | None) -> str:
    if undone:
        return "undone"
    return f"undoes {undoes}" if undoes else ""
