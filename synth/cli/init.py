"""``synth init``."""

from __future__ import annotations

from pathlib import Path

import click

from synth.cli.common import dry_run_option, next_step, say


@click.command("init", short_help="Make a project.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--title", default="", help="Title of the review.")
@click.option("--question", default="", help="The question it answers.")
@click.option("--person", "people", multiple=True, metavar="ID", help="A reviewer; may be given several times.")
@click.option(
    "--store",
    "store_url",
    default="",
    metavar="URL",
    help="A PostgreSQL database instead of a file: postgresql+psycopg://user@host/name",
)
@dry_run_option
def command(folder: Path, title: str, question: str, people: tuple[str, ...], store_url: str, dry_run: bool) -> None:
    """Make a project in DIR: synth.toml for you to edit, and review.db, the store."""
    from synth.steps.start import start_project

    if dry_run:
        say(f"Would make {folder / 'synth.toml'} and the store.")
        return
    start_project(folder, title=title, question=question, people=people, store_url=store_url)
    say(f"Made a project in {folder}. Write your question, people and criteria into {folder / 'synth.toml'}.", "good")
    next_step(f"synth -C {folder} import FILES")
