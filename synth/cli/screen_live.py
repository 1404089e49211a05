"""Reading on a terminal: one work at a time, single keys."""

from __future__ import annotations

import os
import shutil
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from synth.project import Project
    from synth.steps.screen import ShownWork
    from synth.steps.screen_live import ScreeningSession

KEYS = "i include   e exclude   m maybe   s later   u undo   w why   n note   t tag   q quit"
_VERDICTS = {"i": "include", "e": "exclude", "m": "maybe"}
_RETRIEVAL = {"i": "retrieved", "e": "not_retrieved", "m": "sought"}
_WIDEST = 100
Key = Callable[[], str]
Ask = Callable[[str], str]


@dataclass(slots=True)
class Terminal:
    """Where keys come from and lines go; a test puts its own in."""

    key: Key = click.getchar
    ask: Ask = field(default=lambda prompt: str(click.prompt(prompt, default="", show_default=False)))
    write: Callable[[str], None] = click.echo
    clear: Callable[[], None] = click.clear
    width: int = 0
    colour: bool = True

    def __post_init__(self) -> None:
        self.width = self.width or min(shutil.get_terminal_size().columns, _WIDEST)
        self.colour = self.colour and not os.environ.get("NO_COLOR")


def read_on_terminal(
    project: Project, *, person: str = "", stage: str = "title_abstract", model: str = "svm", at: Terminal | None = None
) -> int:
    """Show works until nothing is left or the person quits; returns how many were decided."""
    from synth.screening import list_words
    from synth.steps.screen_live import ScreeningSession

    terminal = at or Terminal()
    session = ScreeningSession(project, person=person, stage=stage, model=model)
    written = session.criteria.text if session.criteria.is_written else ""
    keywords = project.config.raw.get("keywords", [])
    phrases = [keywords] if isinstance(keywords, str) else list(map(str, keywords))
    words = list_words(project.config.question, written, phrases=phrases)
    return _Loop(session, terminal, words).run()


class _Loop:
    """One sitting. ``words`` are marked in what is shown."""

    def __init__(self, session: ScreeningSession, terminal: Terminal, words: tuple[str, ...]) -> None:
        self.session, self.terminal, self.words = session, terminal, words
        self.decided, self.note, self.message = 0, "", ""

    def run(self) -> int:
        """Until q, the end of input, or the last work."""
        while True:
            work = self.session.current()
            if work is None:
                self.terminal.write("Nothing is left to read. Next: synth screen stop")
                return self.decided
            self._show(work)
            if not self._answer():
                self.terminal.write(f"{self.decided} decided. All of it is saved. Next: synth screen stop")
                return self.decided

    def _show(self, work: ShownWork) -> None:
        self.terminal.clear()
        self.terminal.write("\n".join(self._head_lines()))
        self.terminal.write("\n".join(self._work_lines(work)))
        if self.session.criteria.reasons:
            named = "  ".join(f"{number} {name}" for number, name in enumerate(self.session.criteria.reasons, 1))
            self.terminal.write(self._wrap(f"Exclude because: {named}"))
        self.terminal.write(self._wrap(KEYS))
        if self.message or self.note:
            self.terminal.write(self._wrap(self.message + (f"  Note: {self.note}" if self.note else "")))
        self.message = ""

    def _head_lines(self) -> list[str]:
        now = self.session.standing()
        share = f"{100 * now.read / max(now.works, 1):.0f} %"
        counts = f"{now.read} of {now.works} read ({share}), {now.relevant} relevant"
        bound = f"at most {now.bound} of the {now.works - now.read} unread are relevant (95 %)"
        done = round(20 * now.read / max(now.works, 1))
        return [self._wrap(f"[{'#' * done}{'.' * (20 - done)}] {counts}; {bound}"), ""]

    def _work_lines(self, work: ShownWork) -> list[str]:
        authors = "; ".join(work.authors[:6]) + ("; et al." if len(work.authors) > 6 else "")
        source = ", ".join(part for part in (work.container, str(work.year or "")) if part)
        lines = [self._mark(self._wrap(work.title or "[no title]"), bold=True)]
        lines += [self._wrap(text) for text in (authors, source) if text]
        return [*lines, "", self._mark(self._wrap(work.abstract or "[no abstract]")), ""]

    def _wrap(self, text: str) -> str:
        plain = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
        return textwrap.fill(plain, self.terminal.width)

    def _mark(self, text: str, *, bold: bool = False) -> str:
        from synth.screening import find_spans

        if not self.terminal.colour:
            return text
        parts, last = [], 0
        for start, end in find_spans(text, self.words):
            parts += [click.style(text[last:start], bold=bold), click.style(text[start:end], fg="cyan", underline=True)]
            last = end
        return "".join([*parts, click.style(text[last:], bold=bold)])

    def _answer(self) -> bool:
        """Take keys until one moves on; False to leave."""
        try:
            key = self.terminal.key().lower()
        except (EOFError, KeyboardInterrupt):
            return False
        if key in {"q", "\x03", "\x04", "\x1b", ""}:
            return False
        self._act(key)
        return True

    def _act(self, key: str) -> None:
        verdicts = _RETRIEVAL if self.session.stage == "retrieval" else _VERDICTS
        if key in verdicts:
            self._decide(verdicts[key])
        elif key.isdigit() and 0 < int(key) <= len(self.session.criteria.reasons):
            self._decide("exclude", self.session.criteria.reasons[int(key) - 1])
        elif key == "s":
            self.session.skip()
            self.message = "Put off: it comes again at the end."
        elif key == "u":
            title = self.session.undo()
            self.decided -= bool(title)
            self.message = f"Taken back: {title}" if title else "There is nothing of this sitting to take back."
        elif key == "w":
            self._show_why()
        elif key == "n":
            self.note = self.terminal.ask("Note")
        elif key == "t":
            self._tag()
        else:
            self.message = f"{key!r} is no key here."

    def _decide(self, verdict: str, reason: str = "") -> None:
        from synth.errors import UsageError

        try:
            work = self.session.decide(verdict, reason=reason, note=self.note)
        except UsageError as fault:
            self.message = f"{fault.message}: press its number."
            return
        self.note, self.decided = "", self.decided + 1
        self.message = f"Saved: {verdict}{f' ({reason})' if reason else ''}, {work.title}"

    def _tag(self) -> None:
        word = self.terminal.ask("Tag").strip()
        if word:
            self.session.tag(word)
            self.message = f"Tagged: {word}"

    def _show_why(self) -> None:
        from synth.cli.screen import why_lines

        self.terminal.write("\n".join(why_lines(self.session.explain())))
        self.terminal.write("Any key to go on")
        self.terminal.key()
