"""synth screen: decide which works belong in the review."""

from __future__ import annotations

import sys
import textwrap
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from synth.cli.common import (
    Decorator,
    current_project,
    dry_run_option,
    emit_json,
    json_option,
    next_step,
    print_table,
    say,
)

if TYPE_CHECKING:
    from synth.screening import Agreement, Alpha, Criteria
    from synth.steps.screen import Decided, NextWorks, ScreeningProgress, ShownWork
    from synth.steps.screen_live import Explained

LINE = 75
_STAGE_WORDS = {"title_abstract": "title and abstract", "retrieval": "retrieval", "full_text": "full text"}
_BASIS_WORDS = {
    "similarity": "similarity to the relevant works (nothing irrelevant is known yet)",
    "question": "the words of the question and the criteria (nothing relevant is known yet)",
    "none": "nothing (nothing is known yet: the order is arbitrary, and always the same)",
}

stage_option: Decorator = click.option(
    "--stage", default="title_abstract", show_default=True, help="title_abstract, retrieval or full_text."
)
person_option: Decorator = click.option("--person", default="", help="Who decides (default: the only reviewer).")
reason_option: Decorator = click.option("--reason", default="", help="Why; for exclusions one of the listed reasons.")
note_option: Decorator = click.option("--note", default="", help="A note to keep with it.")
date_option: Decorator = click.option("--date", "at", default="", help="When it was decided, if not now: 2026-03-01.")
force_option: Decorator = click.option("--force", is_flag=True, help="Also where the work is not eligible there.")


class _SuggestingGroup(click.Group):
    """A group that answers a wrong name with the nearest one."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        from difflib import get_close_matches

        if args and args[0] not in self.commands and not args[0].startswith("-"):
            near = get_close_matches(args[0], list(self.commands), n=1)
            hint = f" Did you mean {near[0]}?" if near else f" There are: {', '.join(self.commands)}"
            raise click.UsageError(f"There is no command {args[0]!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(self.commands)


@click.group(
    "screen", cls=_SuggestingGroup, invoke_without_command=True, short_help="Decide which works belong in the review."
)
@stage_option
@person_option
@click.option("--model", default="svm", show_default=True, help="The ranking model: svm (elas_u4) or blend.")
@click.pass_context
def command(ctx: click.Context, stage: str, person: str, model: str) -> None:
    """Decide which works belong in the review.

    Alone, on a terminal: one work at a time, single keys, the order learns from every decision.
    Elsewhere start with: synth screen rank   then: synth screen next
    """
    if ctx.invoked_subcommand:
        return
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        click.echo(ctx.get_help())
        return
    from synth.cli.screen_live import read_on_terminal

    read_on_terminal(current_project(ctx), person=person, stage=stage, model=model)


def _name_next(ctx: click.Context) -> str:
    """The command that shows the next work; where several people review, it must be told for whom."""
    people = current_project(ctx).config.people
    reviewers = [one["id"] for one in people if one["role"] == "reviewer"]
    return "synth screen next" + (f" --person {reviewers[0]}" if len(reviewers) > 1 else "")


def _plain(text: str) -> str:
    """Data on a terminal: no control characters, one line."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _wrap(text: str, indent: str = "") -> str:
    return textwrap.fill(_plain(text), LINE, initial_indent=indent, subsequent_indent=indent)


@command.command("criteria", short_help="Show the criteria; record a changed version.")
@click.option("--stage", default="", help="Only title_abstract or full_text.")
@dry_run_option
@json_option
@click.pass_context
def criteria_command(ctx: click.Context, stage: str, dry_run: bool, as_json: bool) -> None:
    """Show the criteria, and record them as a new version if synth.toml changed."""
    from synth.steps.screen import set_criteria

    found = set_criteria(current_project(ctx), stage=stage, dry_run=dry_run)
    if as_json:
        emit_json([asdict(criteria) for criteria in found])
        return
    for criteria in found:
        click.echo("\n".join(_criteria_lines(criteria)))
    next_step(_name_next(ctx))


def _criteria_lines(criteria: Criteria) -> list[str]:
    version = f"version {criteria.version}" if criteria.version else "not recorded yet"
    text = criteria.text if criteria.is_written else "Not written yet: see [criteria] in synth.toml"
    reasons = f"Reasons for exclusion: {'; '.join(criteria.reasons)}" if criteria.reasons else "No reasons are listed"
    return [f"{_STAGE_WORDS[criteria.stage].capitalize()} ({version})", _wrap(text, "  "), _wrap(reasons, "  ")]


@command.command("rank", short_help="Order the undecided works, most promising first.")
@stage_option
@click.option("--model", default="svm", show_default=True, help="The ranking model.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of the model.")
@dry_run_option
@json_option
@click.pass_context
def rank_command(ctx: click.Context, stage: str, model: str, seed: int, dry_run: bool, as_json: bool) -> None:
    """Order the works that nobody has decided, most promising first, learning from all decisions."""
    from synth.steps.screen import rank_project

    report = rank_project(current_project(ctx), stage=stage, model=model, seed=seed, dry_run=dry_run)
    if as_json:
        emit_json(asdict(report))
        return
    print_table(
        ["rank", "work", "year", "title"],
        [[work.rank, work.short_id, work.year and str(work.year), _plain(work.title)] for work in report.first],
        right={0},
    )
    say(
        f"{report.ranked} works ranked from {report.relevant} relevant and {report.irrelevant} irrelevant ones, by "
        f"{_BASIS_WORDS.get(report.basis, report.basis)}",
        "good" if report.relevant else "warning",
    )
    next_step(_name_next(ctx))


@command.command("next")
@stage_option
@person_option
@click.option("-n", "number", type=click.IntRange(min=1), default=1, show_default=True, help="How many works to show.")
@click.option("--why", is_flag=True, help="Also say which words and which known works put it there.")
@json_option
@click.pass_context
def next_command(ctx: click.Context, stage: str, person: str, number: int, why: bool, as_json: bool) -> None:
    """Show the next work to read."""
    from synth.steps.screen import next_works

    project = current_project(ctx)
    found = next_works(project, person=person, stage=stage, n=number)
    reasons: dict[str, Explained] = {}
    if why:
        from synth.steps.screen_live import explain_shown

        reasons = explain_shown(project, stage=found.stage, works=found.works, person=found.person)
    if as_json:
        more = {"why": {name: asdict(one) for name, one in reasons.items()}} if why else {}
        emit_json(asdict(found) | more)
        return
    for work in found.works:
        click.echo("\n".join(_work_lines(work)))
        if why:
            click.echo("\n".join([*why_lines(reasons[work.work_id]), ""]))
    _say_queue(found)


_WHY_WORDS = {
    "model": "what was decided so far",
    "similarity": "likeness to the relevant works",
    "question": "the words of the question and the criteria",
}


def why_lines(one: Explained) -> list[str]:
    """Why a work is shown now, in lines."""
    lines = [f"Why: {_WHY_WORDS.get(one.basis, one.basis)}"]
    if one.words_for:
        lines.append(_wrap("for it: " + ", ".join(f"{word} ({weight:+.3f})" for word, weight in one.words_for), "  "))
    if one.words_against:
        words = ", ".join(f"{word} ({weight:+.3f})" for word, weight in one.words_against)
        lines.append(_wrap("against it: " + words, "  "))
    lines += [_wrap(f"like the relevant: {title} ({likeness:.2f})", "  ") for title, likeness in one.like]
    return lines


def _work_lines(work: ShownWork) -> list[str]:
    authors = "; ".join(work.authors[:6]) + ("; et al." if len(work.authors) > 6 else "")
    source = ", ".join(part for part in (work.container, str(work.year or "")) if part)
    names = "  ".join(f"{scheme} {value}" for scheme, value in sorted(work.ids.items()) if scheme in ("doi", "pmid"))
    place = f"{work.short_id}  (rank {work.rank})" if work.rank else work.short_id
    head = [_wrap(text) for text in (work.title or "[no title]", authors, source, names) if text]
    return [place, *head, "", _wrap(work.abstract or "[no abstract]"), ""]


def _say_queue(found: NextWorks) -> None:
    if found.criteria.is_written:
        say(_wrap(f"Criteria: {found.criteria.text}"))
    if not found.works:
        say(f"{found.person} has nothing left to read at {_STAGE_WORDS[found.stage]}", "good")
        next_step("synth screen progress")
        return
    say(f"{found.unread} unread by {found.person}; order: {_BASIS_WORDS.get(found.basis, found.basis)}")
    if found.newer or found.unranked:
        say(
            f"The order does not know {found.newer} newer decisions and {found.unranked} works; renew it with: "
            "synth screen rank"
        )
    stage = "" if found.stage == "title_abstract" else f" --stage {found.stage}"
    verdicts = "sought|retrieved|not-retrieved" if found.stage == "retrieval" else "include|exclude|maybe"
    verb = "retrieve" if found.stage == "retrieval" else "decide"
    next_step(
        f"synth screen {verb} {found.works[0].short_id} {verdicts}{stage if verb == 'decide' else ''} "
        f"--person {found.person}"
    )


@command.command("decide", short_help="Record include, exclude or maybe on a work.")
@click.argument("work")
@click.argument("verdict")
@stage_option
@reason_option
@note_option
@person_option
@date_option
@force_option
@dry_run_option
@json_option
@click.pass_context
def decide_command(ctx: click.Context, /, dry_run: bool, as_json: bool, **given: Any) -> None:
    """Record a verdict (include, exclude or maybe) on WORK: its id, the id of a record, or the first letters."""
    from synth.steps.screen import decide

    done = decide(current_project(ctx), given.pop("work"), given.pop("verdict"), dry_run=dry_run, **given)
    _say_decided(done, dry_run=dry_run, as_json=as_json)


@command.command("retrieve", short_help="Record how the search for a full text went.")
@click.argument("work")
@click.argument("status")
@reason_option
@note_option
@person_option
@date_option
@force_option
@dry_run_option
@json_option
@click.pass_context
def retrieve_command(ctx: click.Context, /, dry_run: bool, as_json: bool, **given: Any) -> None:
    """Record that the full text of WORK was sought, retrieved or not-retrieved (with --reason)."""
    from synth.steps.screen import retrieve

    done = retrieve(current_project(ctx), given.pop("work"), given.pop("status"), dry_run=dry_run, **given)
    _say_decided(done, dry_run=dry_run, as_json=as_json)


def _say_decided(done: Decided, *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        emit_json(asdict(done))
        return
    reason = f" ({done.reason})" if done.reason else ""
    instead = f", instead of {done.replaced}" if done.replaced else ""
    click.echo(f"{done.work_id}  {done.verdict}{reason}  {done.stage}  {done.person}{instead}")
    say("Nothing was recorded (dry run)" if dry_run else "Saved", "warning" if dry_run else "good")
    stage = "" if done.stage == "title_abstract" else f" --stage {done.stage}"
    next_step(f"synth screen next{stage} --person {done.person}")


@command.command("progress", short_help="Show what is decided, and what may be missed.")
@click.option("--plot", "plot_path", type=click.Path(path_type=Path), help="Draw found against read: SVG, PDF, PNG.")
@json_option
@dry_run_option
@click.pass_context
def progress_command(ctx: click.Context, plot_path: Path | None, as_json: bool, dry_run: bool) -> None:
    """Show what is decided, by stage and person, and how many relevant works may be unread."""
    from synth.steps.screen import plot_progress, progress

    project = current_project(ctx)
    state = plot_progress(project, plot_path) if plot_path and not dry_run else progress(project)
    if as_json:
        emit_json(asdict(state))
        return
    _print_stages(state)
    click.echo()
    print_table(
        ["person", "stage", "decided", "by verdict"],
        [[one.person, one.stage, one.decided, _list_counts(one.verdicts)] for one in state.people],
    )
    _say_bound(state, _name_next(ctx))


def _print_stages(state: ScreeningProgress) -> None:
    rows = [[one.stage, one.works, _list_counts(one.verdicts), one.conflicts, one.unread] for one in state.stages]
    print_table(["stage", "works", "settled", "conflicts", "left"], rows)


def _list_counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in counts.items() if number) or "none"


def _say_bound(state: ScreeningProgress, further: str) -> None:
    unread = state.works - len(state.found)
    if state.missed_bound is None:
        say("Nothing has been read yet")
    elif unread:
        say(
            f"{sum(state.found)} relevant found in {len(state.found)} read; at most {state.missed_bound} of {unread} "
            "unread are relevant (hypergeometric test, 95 %, if no decision is wrong)"
        )
    next_step("synth screen conflicts" if any(one.conflicts for one in state.stages) else further)


@command.command("export", short_help="Write the works with a verdict to a file.")
@click.option("-o", "--output", default="-", help="CSV, RIS, BibTeX, XLSX ... by its ending (default: CSV on stdout).")
@click.option("--stage", default="full_text", show_default=True, help="title_abstract, retrieval or full_text.")
@click.option(
    "--verdict",
    default="include",
    show_default=True,
    help="include, exclude, maybe, conflict, unread or all (at retrieval: sought, retrieved, not_retrieved).",
)
@click.option(
    "--format", "file_format", default="", help="csv, ris, bibtex ... or asreview, if the ending does not say it."
)
@dry_run_option
@json_option
@click.pass_context
def export_command(
    ctx: click.Context, output: str, stage: str, verdict: str, file_format: str, dry_run: bool, as_json: bool
) -> None:
    """Write the works with a verdict, one row or reference a work."""
    from synth.steps.screen_sheets import export_works

    number = export_works(
        current_project(ctx), output, stage=stage, verdict=verdict, file_format=file_format, dry_run=dry_run
    )
    if as_json and output != "-":
        emit_json({"works": number, "file": output, "stage": stage, "verdict": verdict, "dry_run": dry_run})
        return
    done = "would be written" if dry_run else "written"
    say(f"{number} works {done} to {'stdout' if output == '-' else output}", "good")


@command.command("import", short_help="Take decisions from a CSV.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--person", default="", help="Whose decisions they are, where a row does not say.")
@click.option("--stage", default="title_abstract", show_default=True, help="At which stage, where a row does not say.")
@click.option("--from", "source", default="", help="rayyan, covidence or asreview, if the columns do not say it.")
@click.option("--verdict", default="", help="What a Covidence list means: include, exclude or maybe.")
@click.option("--name", "names", multiple=True, metavar="THEIRS=OURS", help="A name in Rayyan's notes and ours.")
@click.option("--set-aside", "aside_path", type=click.Path(path_type=Path), help="Write rows that are not taken here.")
@force_option
@dry_run_option
@json_option
@click.pass_context
def import_command(
    ctx: click.Context,
    file: Path,
    person: str,
    stage: str,
    source: str,
    verdict: str,
    names: tuple[str, ...],
    aside_path: Path | None,
    force: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Take decisions from a CSV: a verdict, what names the work (an id, doi, pmid, title), person, stage, reason.

    Exports of Rayyan, Covidence and ASReview are taken as they are.
    """
    from synth.errors import QUARANTINED
    from synth.steps.screen_sheets import import_decisions, write_set_aside

    report = import_decisions(
        current_project(ctx),
        file,
        person=person,
        stage=stage,
        force=force,
        dry_run=dry_run,
        source=source,
        verdict=verdict,
        people=dict(pair.partition("=")[::2] for pair in names),
    )
    if aside_path and not dry_run:
        write_set_aside(report, aside_path)
    if as_json:
        emit_json(asdict(report))
    else:
        if report.set_aside:
            rows = [[str(one.line), one.why] for one in report.set_aside]
            print_table(["line", "set aside because"], rows, right={0})
        say(
            f"{file.name}: {report.read} rows read, {report.taken} taken{' (dry run)' if dry_run else ''}, "
            f"{report.known} known already, {len(report.set_aside)} set aside"
        )
        next_step("synth screen progress")
    if report.set_aside:
        ctx.exit(QUARANTINED)


@command.command("agree", short_help="Show how well people agree: kappa, PABAK, AC1, alpha.")
@stage_option
@json_option
@click.pass_context
def agree_command(ctx: click.Context, stage: str, as_json: bool) -> None:
    """Show how well people agree: kappa and PABAK with 95 % intervals, on verdicts given independently."""
    from synth.steps.screen import agreement, agreement_of_all

    project = current_project(ctx)
    found = agreement(project, stage=stage)
    if as_json:
        emit_json([asdict(one) for one in found])
        return
    if not found:
        say("Fewer than two people have decided at this stage")
        return
    print_table(
        ["people", "both saw", "one saw", "agreed", "kappa", "95 %", "PABAK", "95 %", "AC1", "95 %"],
        map(_agree_row, found),
        right={4, 6, 8},
    )
    _say_alpha(agreement_of_all(project, stage=stage))
    next_step("synth screen conflicts")


def _agree_row(one: Agreement) -> list[object]:
    return [
        f"{one.person_1}, {one.person_2}",
        one.seen,
        one.only_1 + one.only_2,
        one.agreed,
        _number(one.kappa),
        _span(one.kappa_low, one.kappa_high),
        _number(one.pabak),
        _span(one.pabak_low, one.pabak_high),
        _number(one.ac1),
        _span(one.ac1_low, one.ac1_high),
    ]


def _say_alpha(all_: Alpha) -> None:
    if all_.alpha is not None:
        say(
            f"Krippendorff's alpha of {len(all_.people)} people on {all_.works} works: {all_.alpha:.2f} "
            f"({_span(all_.low, all_.high)})"
        )
    if all_.alone:
        say(
            f"{all_.alone} works were seen by one person only: under a ranked order these are no random part, and "
            "nothing here speaks of them"
        )


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.2f}"


def _span(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{low:.2f} to {high:.2f}"


@command.command("conflicts", short_help="List the works on which people differ.")
@click.option("--stage", default="", help="Only title_abstract or full_text.")
@json_option
@click.pass_context
def conflicts_command(ctx: click.Context, stage: str, as_json: bool) -> None:
    """List the works on which people differ, and who said what."""
    from synth.steps.screen import conflicts

    found = conflicts(current_project(ctx), stage=stage)
    if as_json:
        emit_json([asdict(one) for one in found])
        return
    rows = [
        [
            one.work_id,
            one.stage,
            "; ".join(f"{said['person']}: {said['verdict']}" for said in one.said),
            _plain(one.title),
        ]
        for one in found
    ]
    if rows:
        print_table(["work", "stage", "verdicts", "title"], rows)
    say(f"{len(found)} works with verdicts that differ" if found else "No verdicts differ", "" if found else "good")
    if found:
        first = found[0]
        next_step(f"synth screen decide {first.work_id} include|exclude --stage {first.stage} --person ADJUDICATOR")


@command.command("stop", short_help="Say what may be missed, and whether to stop.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of the model.")
@json_option
@click.pass_context
def stop_command(ctx: click.Context, seed: int, as_json: bool) -> None:
    """Show a bound on the relevant works that are still unread, and the advice to go on or to stop.

    The bound and the advice are two things. How both were tried on finished reviews: docs/methods/stopping.md
    """
    from synth.steps.screen_stop import check_stop

    report = check_stop(current_project(ctx), seed=seed)
    if as_json:
        emit_json(asdict(report) | {"unread": report.unread})
        return
    for sentence in report.sentences:
        click.echo(_wrap(sentence))
    if report.groups:
        click.echo()
        heads = ["group", "works", "read", "found", "missed at most", "late"]
        rows = [
            [
                f"{one.column}: {one.value}",
                one.works,
                one.read,
                one.found,
                one.missed_bound,
                "late" if one.is_late else "",
            ]
            for one in report.groups
        ]
        print_table(heads, rows)
    next_step("synth screen next" if report.advice.state != "stop" else "synth screen audit")


@command.command("know", short_help="Name works that are known to be relevant.")
@click.argument("names", nargs=-1, required=True)
@person_option
@dry_run_option
@json_option
@click.pass_context
def know_command(ctx: click.Context, names: tuple[str, ...], person: str, dry_run: bool, as_json: bool) -> None:
    """Record works as relevant that are known before reading: DOIs, PMIDs, ids or whole titles."""
    from synth.steps.screen_people import know_works

    done = know_works(current_project(ctx), names, person=person, dry_run=dry_run)
    if as_json:
        emit_json(asdict(done))
        return
    print_table(
        ["work", "title"], [[work[:12], _plain(title)] for work, title in (*done.recorded, *done.decided_before)]
    )
    say(f"{len(done.recorded)} recorded as relevant, {len(done.decided_before)} decided before", "good")
    next_step("synth screen rank")


@command.command("pilot", short_help="Give everybody the same works to try the criteria on.")
@click.option("-n", "number", type=click.IntRange(min=1), default=20, show_default=True, help="How many works.")
@stage_option
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of the draw.")
@dry_run_option
@json_option
@click.pass_context
def pilot_command(ctx: click.Context, number: int, stage: str, seed: int, dry_run: bool, as_json: bool) -> None:
    """Give the same random works to every reviewer; they come first in everybody's list."""
    from synth.steps.screen_people import assign_pilot

    done = assign_pilot(current_project(ctx), number=number, stage=stage, seed=seed, dry_run=dry_run)
    _say_assigned(asdict(done), as_json=as_json, after="synth screen agree")


@command.command("split", short_help="Divide the works among the reviewers.")
@click.option("--each", type=click.IntRange(min=1), default=1, show_default=True, help="How many people read a work.")
@stage_option
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of the draw.")
@dry_run_option
@json_option
@click.pass_context
def split_command(ctx: click.Context, each: int, stage: str, seed: int, dry_run: bool, as_json: bool) -> None:
    """Divide the works that nobody has and nobody decided: the same number for everybody."""
    from synth.steps.screen_people import assign_split

    done = assign_split(current_project(ctx), each=each, stage=stage, seed=seed, dry_run=dry_run)
    _say_assigned(asdict(done), as_json=as_json, after="synth screen next")


def _say_assigned(done: dict[str, Any], *, as_json: bool, after: str) -> None:
    if as_json:
        emit_json(done)
        return
    print_table(["person", "works"], list(done["people"].items()))
    say(f"{done['works']} works given out", "good")
    next_step(after)


@command.command("tag", short_help="Attach a word to a work.")
@click.argument("work")
@click.argument("word")
@note_option
@person_option
@dry_run_option
@json_option
@click.pass_context
def tag_command(ctx: click.Context, /, dry_run: bool, as_json: bool, **given: Any) -> None:
    """Attach WORD to WORK, with a note if you like."""
    from synth.steps.screen_people import tag_work

    work, word = tag_work(current_project(ctx), given.pop("work"), given.pop("word"), dry_run=dry_run, **given)
    if as_json:
        emit_json({"work_id": work, "tag": word})
        return
    click.echo(f"{work}  {word}")
    say("Nothing was recorded (dry run)" if dry_run else "Saved", "warning" if dry_run else "good")


@command.command("audit", short_help="Draw unread works from every group, to check by hand.")
@click.option("-n", "number", type=click.IntRange(min=1), default=30, show_default=True, help="How many works.")
@click.option("--by", default="language", show_default=True, help="language, source, type or abstract.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of the draw.")
@json_option
@click.pass_context
def audit_command(ctx: click.Context, number: int, by: str, seed: int, as_json: bool) -> None:
    """Draw the same number of unread works from every group, at random: read them to see whether a group is missed."""
    from synth.steps.screen_stop import draw_audit_works

    found = draw_audit_works(current_project(ctx), number=number, by=by, seed=seed)
    if as_json:
        emit_json([{"work_id": work, "group": group, "title": title} for work, group, title in found])
        return
    print_table(["work", by, "title"], [[work[:12], group, _plain(title)] for work, group, title in found])
    next_step("synth screen decide WORK include|exclude|maybe")
