"""``synth status``."""

from __future__ import annotations

import click

from synth.cli.common import current_project, emit_json, json_option, next_step, print_table, say

_ROWS = (
    ("records read", "read"),
    ("pieces in quarantine", "quarantined"),
    ("works", "works"),
    ("pairs to look at", "to_look_at"),
    ("works screened", "screened"),
    ("works not yet read", "unread"),
    ("decisions that disagree", "conflicts"),
    ("awaiting classification", "unclear"),
    ("included after full text", "included"),
    ("primary studies", "studies"),
    ("reviews", "reviews"),
    ("effects", "effects"),
    ("syntheses declared", "syntheses_declared"),
    ("syntheses run", "syntheses_run"),
)


@click.command("status", short_help="Say where the project stands and what comes next.")
@json_option
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """Say where the project stands and which command comes next."""
    from dataclasses import asdict

    from synth.steps.status import read_status

    project = current_project(ctx)
    status = read_status(project)
    if as_json:
        emit_json(asdict(status))
        return
    say(status.title)
    print_table(["", "number"], [[words, getattr(status, name)] for words, name in _ROWS])
    say(f"Next, {status.next_words}:")
    next_step(status.next_command)
