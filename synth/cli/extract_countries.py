"""``synth extract countries``: where studies were done."""

from __future__ import annotations

import click

from synth.cli.common import dry_run_option, emit_json, json_option, say, show_progress


@click.command("countries", short_help="Countries of studies, from titles, abstracts or affiliations.")
@click.argument("texts", metavar="IN.csv")
@click.option("-o", "--output", default="-", metavar="OUT.csv", help="Where to write them (default: stdout).")
@json_option
@dry_run_option
def countries(texts: str, output: str, as_json: bool, dry_run: bool) -> None:
    """Name the study countries (ISO 3166 alpha-3) of each row of IN.csv: id, text, kind."""
    import csv
    import io

    from synth.files import write_text
    from synth.steps.extract_countries import name_countries

    rows = name_countries(texts, progress=show_progress)
    if as_json:
        emit_json([{"id": name, "study_countries": found} for name, found in rows])
    elif not dry_run:
        stream = io.StringIO(newline="")
        csv.writer(stream, lineterminator="\n").writerows([("id", "study_countries"), *rows])
        write_text(output, stream.getvalue())
    say(f"{sum(bool(found) for _, found in rows)} of {len(rows)} texts name a study country.", "good")
