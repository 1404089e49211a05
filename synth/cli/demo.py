"""``synth demo``."""

from __future__ import annotations

from pathlib import Path

import click

from synth.cli.common import dry_run_option, emit_json, json_option, next_step, print_table, say
from synth.cli.common import show_progress as progress


@click.command("demo", short_help="Make the worked example, end to end, offline.")
@click.argument("folder", metavar="[DIR]", default="synth-demo", type=click.Path(path_type=Path))
@json_option
@dry_run_option
def command(folder: Path, as_json: bool, dry_run: bool) -> None:
    """Make the worked example in DIR (default: synth-demo): from five exports to forest plots, gap map and report.

    The data are published facts on preventing intimate partner violence, worldwide: a demonstration, not a
    systematic review. Nothing is fetched from the network.
    """
    from dataclasses import asdict

    from synth.steps.demo import make_demo

    if dry_run:
        say(f"Would make the worked example in {folder}: a project, figures, tables, records.ris and report.html.")
        return
    made = make_demo(folder, tell=say, progress=progress)
    if as_json:
        emit_json([asdict(file) for file in made])
    else:
        say(f"In {folder}:")
        print_table(
            ["file", "what it is", "for your own project"], [[file.path, file.what, file.command] for file in made]
        )
    say("A demonstration data set, not a systematic review: one coder, no exhaustive search, no risk of bias.")
    say(f"Open {folder / 'report.html'} and {folder / 'figures' / 'gap_map.html'} in a browser.", "good")
    next_step(f"synth -C {folder} status")
