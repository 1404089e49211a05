"""``synth pack``."""

from __future__ import annotations

from pathlib import Path

import click

from synth.cli.common import current_project, dry_run_option, emit_json, json_option, next_step, say


@click.command("pack", short_help="Freeze the project into one file.")
@click.argument("path", metavar="[FILE.zip]", required=False, type=click.Path(path_type=Path))
@dry_run_option
@json_option
@click.pass_context
def command(ctx: click.Context, path: Path | None, dry_run: bool, as_json: bool) -> None:
    """Write the project as one zip: settings, store, versions, checksums. It opens on any machine with synth open."""
    from dataclasses import asdict

    from synth.steps.edition import pack

    project = current_project(ctx)
    target = path or Path(f"{project.folder.name}.zip")
    if dry_run:
        say(f"Would write {target}.")
        return
    edition = pack(project, target)
    if as_json:
        emit_json(asdict(edition))
    say(
        f"Packed {edition.counts['records']:,} records and {edition.counts['decisions']:,} decisions into {target}.",
        "good",
    )
    next_step(f"synth open {target} DIR")
