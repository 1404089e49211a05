"""``synth extract suggest``: what a program suggests for each title and abstract, with the words that prove it."""

from __future__ import annotations

import click

from synth.cli.common import dry_run_option, emit_json, json_option, say, show_progress


@click.command("suggest", short_help="Suggested values with their quotes, from titles and abstracts.")
@click.argument("texts", metavar="IN.jsonl")
@click.option("-o", "--output", default="-", metavar="OUT.jsonl", help="Where to write them (default: stdout).")
@json_option
@dry_run_option
def suggest(texts: str, output: str, as_json: bool, dry_run: bool) -> None:
    """Suggest design, sample size, countries, people and effects for each line (id, title, abstract or text)."""
    import json

    from synth.files import write_text
    from synth.steps.extract_suggest import suggest_all

    rows = list(suggest_all(texts, progress=show_progress))
    if as_json:
        emit_json(rows if output == "-" else {"texts": len(rows), "effects": sum(len(row["effects"]) for row in rows)})
    if not dry_run and not (as_json and output == "-"):
        write_text(output, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    say(f"{len(rows)} texts read; every suggestion waits for a person.", "good")
