"""What can go wrong, as kinds. A kind carries the exit status of the design; only ``synth.cli`` turns it into lines.

A message has up to four parts, one line each: what happened (and where, as ``file:line``), why, what to do, and
what was left untouched.
"""

from __future__ import annotations


class SynthError(Exception):
    """A fault that a person can understand and act on.

    ``message`` says what and where; ``why``, ``hint`` (what to do) and ``kept`` (what was left untouched) are each
    one sentence or empty.
    """

    status = 1

    def __init__(self, message: str, *, why: str = "", hint: str = "", kept: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.why = why
        self.hint = hint
        self.kept = kept

    def lines(self) -> list[str]:
        """The message as at most four lines, the way the terminal shows it."""
        return [part for part in (self.message, self.why, self.hint, self.kept) if part]


class UsageError(SynthError):
    """The call is wrong: unknown name, bad date, missing option. Exit status 2."""

    status = 2


class StateError(SynthError):
    """The project's state refuses: already there, locked, of a newer version, nothing to do it with. Exit status 3."""

    status = 3


class RefusedPool(StateError):
    """Rows that may not be pooled: mixed measures, designs, informants. ``rows`` are the effect ids concerned."""

    def __init__(
        self, message: str, *, rows: tuple[str, ...] = (), rule: str = "", why: str = "", hint: str = ""
    ) -> None:
        super().__init__(message, why=why, hint=hint)
        self.rows = rows
        self.rule = rule


class UnreadableInput(SynthError):
    """The input cannot be read at all: no such file, a folder, empty, of an unknown format. Exit status 5."""

    status = 5


class StorageFailed(SynthError):
    """Disk full or not writable; nothing was changed. Exit status 6."""

    status = 6


QUARANTINED = 4
"""Exit status of a command that is done, and put something into quarantine."""
INTERRUPTED = 130
"""Exit status after Ctrl-C: nothing half-written."""
