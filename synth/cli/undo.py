"""``synth undo``."""

from __future__ import annotations

import click

from synth.cli.common import current_project, dry_run_option, emit_json, json_option, next_step, say


@click.command("undo", short_help="Take back a run (as a new row; nothing is deleted).")
@click.argument("run", required=False, type=int)
@dry_run_option
@json_option
@click.pass_context
def command(ctx: click.Context, run: int | None, dry_run: bool, as_json: bool) -> None:
    """Take back RUN (a number of synth log; default: the last one). To redo it, undo the undo."""
    from synth.steps.history import undo

    number, step = undo(current_project(ctx), run, dry_run=dry_run)
    if as_json:
        emit_json({"run": number, "step": step, "undone": not dry_run})
    say(f"{'Would undo' if dry_run else 'Undid'} run {number} ({step}).", "good")
    next_step("synth status")
