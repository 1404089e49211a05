"""The command ``synth``: finds commands by name, loads one only when it is used, names every fault."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

import click

from synth.errors import INTERRUPTED, SynthError

# name: (module, what it does). The words stand here so that --help loads no command.
COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("synth.cli.init", "Make a project."),
    "import": ("synth.cli.import_", "Read exports of databases into the project."),
    "convert": ("synth.cli.convert", "Turn any export into RIS, BibTeX, CSV, XLSX, JSONL, nbib or CSL-JSON."),
    "dedupe": ("synth.cli.dedupe", "Put the records of one publication together."),
    "screen": ("synth.cli.screen", "Decide which works belong in the review."),
    "simulate": ("synth.cli.simulate", "Replay a finished screening: order, measures, plot."),
    "extract": ("synth.cli.extract", "Code studies: forms, answers with quotes, effects."),
    "meta": ("synth.cli.meta", "Pool effects, or say why they may not be pooled."),
    "plot": ("synth.cli.plot", "Draw a figure: SVG, PDF or PNG."),
    "map": ("synth.cli.map", "Draw an evidence-gap map."),
    "prisma": ("synth.cli.prisma", "Draw the PRISMA 2020 flow from the project's own counts."),
    "report": ("synth.cli.report", "Write the whole review as one page."),
    "update": ("synth.cli.update", "Add this year's exports; ask only about what is new."),
    "status": ("synth.cli.status", "Say where the project stands and what comes next."),
    "log": ("synth.cli.log", "List what was done, when and by which command."),
    "undo": ("synth.cli.undo", "Take back a run (as a new row; nothing is deleted)."),
    "doctor": ("synth.cli.doctor", "Check the project and this installation."),
    "pack": ("synth.cli.pack", "Freeze the project into one file."),
    "open": ("synth.cli.open_", "Unpack a frozen project and check it."),
    "config": ("synth.cli.config", "Show the settings and where each comes from."),
    "demo": ("synth.cli.demo", "Make the worked example, end to end, offline."),
}


def load_command(name: str) -> click.Command:
    """The command of that name, imported now."""
    module, summary = COMMANDS[name]
    command: click.Command = importlib.import_module(module).command
    command.short_help = summary
    return command


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports a command's module only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of a review."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, loaded now."""
        del ctx
        return load_command(cmd_name) if cmd_name in COMMANDS else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it, with a suggestion for a wrong name."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            near = get_close_matches(args[0], list(COMMANDS), n=1)
            hint = f" Did you mean {near[0]}?" if near else " See them all with: synth --help"
            raise click.UsageError(f"There is no command {args[0]!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list for --help, from the table above."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])


def _print_version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if not value:
        return
    from synth.project import synth_version

    click.echo(f"synth {synth_version()}")
    ctx.exit()


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("-C", "folder", metavar="DIR", help="The project's folder (default: this folder or a parent).")
@click.option("--debug", is_flag=True, help="Show the traceback of a fault.")
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version and end.",
)
def cli(folder: str | None, debug: bool) -> None:
    """Systematic reviews and evidence maps, from exported citations to forest plots and gap maps.

    Start with: synth demo   (the worked example)   or: synth init review
    """
    del folder, debug


def run(arguments: Sequence[str]) -> int:
    """Run one command line; returns its exit status. Every fault becomes at most four lines on stderr."""
    try:
        value = cli.main(args=list(arguments), prog_name="synth", standalone_mode=False)
    except SynthError as fault:
        return _explain(fault, arguments)
    except click.exceptions.Abort:
        return _interrupted()
    except click.exceptions.NoArgsIsHelpError as fault:
        click.echo(fault.format_message(), err=True)
        return 2
    except click.ClickException as fault:
        return _explain_usage(fault)
    except (KeyboardInterrupt, EOFError):
        return _interrupted()
    except BrokenPipeError:
        return _end_of_pipe()
    except OSError as fault:
        return _explain_storage(fault, arguments)
    except Exception as fault:  # noqa: BLE001  the border: a fault of ours gets a log and a way to report it
        return _explain_own_fault(fault, arguments)
    return value if isinstance(value, int) else 0


def _lines(parts: Sequence[str]) -> None:
    from synth.cli.common import say

    for number, part in enumerate(parts[:4]):
        say(part, "wrong" if number == 0 else "")


def _explain(fault: SynthError, arguments: Sequence[str]) -> int:
    _trace_if_asked(arguments)
    _lines([f"synth: {fault.message}", *fault.lines()[1:]])
    return fault.status


def _explain_usage(fault: click.ClickException) -> int:
    ctx = getattr(fault, "ctx", None)
    help_for = ctx.command_path if ctx is not None else "synth"
    _lines([f"synth: {' '.join(fault.format_message().split())}", f"See: {help_for} --help"])
    return 2


def _explain_storage(fault: OSError, arguments: Sequence[str]) -> int:
    from synth.errors import StorageFailed
    from synth.files import naming_storage_faults

    try:
        with naming_storage_faults(fault.filename or "a file"):
            raise fault
    except StorageFailed as named:
        return _explain(named, arguments)
    except OSError:
        return _explain_own_fault(fault, arguments)


def _explain_own_fault(fault: Exception, arguments: Sequence[str]) -> int:
    _trace_if_asked(arguments)
    place = _write_log(arguments)
    _lines(
        [
            f"synth: this is a fault of synth itself ({type(fault).__name__}: {' '.join(str(fault).split())[:200]})",
            f"What happened is written in {place}" if place else "Run the command again with --debug to see where",
            "Please report it with that text; your project is as it was before the command",
        ]
    )
    return 1


def _write_log(arguments: Sequence[str]) -> str:
    import traceback
    from pathlib import Path

    from platformdirs import user_log_dir

    from synth.files import write_text

    path = Path(user_log_dir("synth")) / "last-fault.txt"
    try:
        write_text(path, f"synth {' '.join(arguments)}\n\n{traceback.format_exc()}")
    except (OSError, SynthError):
        return ""
    return str(path)


def _trace_if_asked(arguments: Sequence[str]) -> None:
    if "--debug" in arguments:
        import traceback

        traceback.print_exc()


def _interrupted() -> int:
    _lines(["synth: interrupted; nothing was left half-written"])
    return INTERRUPTED


def _end_of_pipe() -> int:
    # The reader went away (synth log | head): that is no fault. Keep Python from complaining at exit.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def main() -> None:
    """The console script."""
    sys.exit(run(sys.argv[1:]))


def load_all() -> dict[str, Any]:
    """Every command, loaded; for the docs and the tests."""
    return {name: load_command(name) for name in COMMANDS}
