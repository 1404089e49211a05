"""``synth doctor``."""

from __future__ import annotations

import click

from synth.cli.common import current_project, emit_json, json_option, print_table, say
from synth.errors import StateError


@click.command("doctor", short_help="Check the project and this installation.")
@json_option
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """Check the installation and, where there is one, the project: integrity, promises, disk, rights."""
    from dataclasses import asdict

    from synth.steps.doctor import examine_installation, examine_project

    findings = examine_installation()
    try:
        findings += examine_project(current_project(ctx))
    except StateError as fault:
        if "no project here" not in fault.message:
            raise
    if as_json:
        emit_json([asdict(finding) for finding in findings])
    else:
        print_table(["what", "", "found"], [[item.what, item.state, item.words] for item in findings])
    wrong = [item for item in findings if item.state == "wrong"]
    if wrong:
        raise StateError(
            f"{len(wrong)} things are wrong",
            why=f"{wrong[0].what}: {wrong[0].words}",
            hint="Keep a copy of the folder, then restore the last edition: synth open FILE DIR",
        )
    doubtful = [item for item in findings if item.state == "warning"]
    say(f"To watch: {doubtful[0].what}, {doubtful[0].words}." if doubtful else "All is well.", "good")
