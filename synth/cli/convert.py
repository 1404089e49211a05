"""``synth convert``: exports of any format to one file."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from synth.cli.common import dry_run_option, emit_json, format_table, json_option, say, show_progress

if TYPE_CHECKING:
    from synth.steps.convert import Conversion, Ledger

LOSSES = frozenset({"no_title", "several_titles", "damaged_entry", "missing_end", "ragged_row"})
"""Issues behind which a record may have lost something: each is named with its lines."""
MOST_LINES = 200


@click.command("convert", short_help="Turn exports into RIS, BibTeX, CSV, XLSX, JSON lines ...")
@click.argument("files", nargs=-1, required=True, metavar="FILES...")
@click.option("-o", "--out", metavar="OUT", help="Output: .ris .bib .nbib .csv .xlsx .jsonl .json .xml; - is stdout.")
@click.option("--to", metavar="FORMAT", default="", help="ris, bibtex, nbib, csv, xlsx, jsonl, csljson or endnotexml.")
@click.option("--quarantine", metavar="FILE", help="Write what could not be read here, word for word.")
@click.option("--preserve", is_flag=True, help="Same format: write what was read, byte for byte.")
@json_option
@dry_run_option
@click.pass_context
def command(
    ctx: click.Context,
    files: tuple[str, ...],
    out: str | None,
    to: str,
    quarantine: str | None,
    preserve: bool,
    as_json: bool,
    dry_run: bool,
) -> None:
    """Read exports of any format, judged by their content, and write all records to one file.

    Nothing vanishes: for each file, found = read + quarantined, and every byte belongs to a record, a header or the
    quarantine. --dry-run prints this ledger only. Exit status 4: something was quarantined.
    """
    from synth.steps.convert import convert_files

    _check_call(out, as_json, dry_run)
    done = convert_files(
        files, None if dry_run else out, to=to, quarantine=quarantine, preserve=preserve, progress=show_progress
    )
    if as_json:
        emit_json(_to_json(done))
    _report(done, dry_run)
    if done.quarantined:
        ctx.exit(4)


def _check_call(out: str | None, as_json: bool, dry_run: bool) -> None:
    from synth.errors import UsageError

    if out is None and not dry_run:
        raise UsageError("Nowhere to write to", hint="Name a file with -o OUT, or count only with --dry-run")
    if out == "-" and as_json and not dry_run:
        raise UsageError("Records and --json cannot both go to stdout", hint="Name a file with -o OUT")


def _report(done: Conversion, dry_run: bool) -> None:
    heads = ["file", "format", "encoding", "found", "read", "quarantined"]
    rows = [
        [ledger.file, ledger.format, ledger.encoding, ledger.found, ledger.read, ledger.quarantined]
        for ledger in done.ledgers
    ]
    say(format_table(heads, rows))
    if dry_run:
        say(_format_bytes(done))
    for ledger in done.ledgers:
        _report_issues(ledger)
    if done.quarantined:
        place = f"see {done.quarantine_in}" if done.quarantine_in and not dry_run else "--quarantine FILE keeps them"
        say(f"{done.quarantined} pieces of text were quarantined, {place}", "warning")
    if not dry_run:
        say(f"{done.read} records written to {done.written_to}")


def _format_bytes(done: Conversion) -> str:
    """Where the bytes of each file went."""
    heads = ["bytes of", "total", "records", "headers", "quarantine", "blank", "marks, CR", "lost"]
    ledgers = [(Path(ledger.file).name, ledger.bytes) for ledger in done.ledgers]
    return "\n" + format_table(
        heads,
        [
            [name, part.total, part.records, part.headers, part.quarantine, part.blank, part.dropped, part.lost]
            for name, part in ledgers
            if part is not None
        ],
    )


def _report_issues(ledger: Ledger) -> None:
    """Possible losses one by one; what was merely assumed (encoding, missing tags) once a kind."""
    if ledger.hits_reported is not None and ledger.hits_reported != ledger.found:
        say(f"{ledger.file}: the database reported {ledger.hits_reported} hits, {ledger.found} were found", "warning")
    named = [issue for issue in ledger.issues if issue.code in LOSSES]
    counts: Counter[str] = Counter()
    for issue in ledger.issues:
        if issue.code not in LOSSES:
            counts[issue.code] += issue.more or 1
    for issue in ledger.issues:
        number = counts.pop(issue.code, 0)
        if number:
            more = f" (and {number - 1} more of this kind)" if number > 1 else ""
            say(f"{Path(ledger.file).name}:{issue.line}: {issue.message}{more}")
    for issue in named[:MOST_LINES]:
        say(f"{Path(ledger.file).name}:{issue.line}: {issue.message}", "warning")
    if len(named) > MOST_LINES:
        say(f"{ledger.file}: {len(named) - MOST_LINES} more, all with --json", "warning")


def _to_json(done: Conversion) -> dict[str, Any]:
    return {
        "files": [asdict(ledger) for ledger in done.ledgers],
        "read": done.read,
        "quarantined": done.quarantined,
        "written_to": done.written_to,
    }
