"""The texts of a file that somebody wants suggestions for."""

from __future__ import annotations

from synth.errors import UnreadableInput
from synth.files import read_bytes


def read_utf8(path: str, hint: str) -> str:
    """A file's text (``-``: stdin). Raises UnreadableInput for a missing file or, with its line, no UTF-8."""
    content = read_bytes(path)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = content.count(b"\n", 0, fault.start) + 1
        raise UnreadableInput(f"{path}:{line}: is not UTF-8", why=hint, hint="Save the file as UTF-8") from None
