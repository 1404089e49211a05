"""``synth open``."""

from __future__ import annotations

from pathlib import Path

import click

from synth.cli.common import dry_run_option, next_step, say
from synth.errors import StateError


@click.command("open", short_help="Unpack a frozen project and check it.")
@click.argument("path", metavar="FILE.zip", type=click.Path(path_type=Path))
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@dry_run_option
def command(path: Path, folder: Path | None, dry_run: bool) -> None:
    """Unpack the edition FILE.zip into DIR (default: the file's name), checking every checksum."""
    from synth.steps.edition import check, unpack

    target = folder or Path(path.stem)
    if dry_run:
        edition = check(path)
        say(f"{path} is whole: {edition.counts['records']:,} records, packed {edition.packed_at}.", "good")
        return
    edition, faults = unpack(path, target)
    if faults:
        raise StateError(
            f"{target}: the store is not whole: {faults[0]}", hint=f"Look closer with: synth -C {target} doctor"
        )
    say(f"Opened {path} in {target}: {edition.counts['records']:,} records, packed {edition.packed_at}.", "good")
    next_step(f"synth -C {target} status")
