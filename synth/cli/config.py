"""``synth config``."""

from __future__ import annotations

import click

from synth.cli.common import current_project, emit_json, json_option, print_table
from synth.errors import UsageError


@click.command("config", short_help="Show the settings and where each comes from.")
@click.argument("name", required=False)
@click.option("--show-origin", is_flag=True, help="Say for each setting where it comes from.")
@json_option
@click.pass_context
def command(ctx: click.Context, name: str | None, show_origin: bool, as_json: bool) -> None:
    """Show all settings, or those whose name starts with NAME."""
    from synth.steps.settings import list_settings

    settings = [item for item in list_settings(current_project(ctx)) if not name or item.name.startswith(name)]
    if not settings:
        raise UsageError(f"no setting starts with {name!r}", hint="See them all with: synth config")
    if as_json:
        emit_json({item.name: item.value for item in settings})
        return
    rows = [[item.name, str(item.value), *([item.origin] if show_origin else [])] for item in settings]
    print_table(["setting", "value", *(["from"] if show_origin else [])], rows)
