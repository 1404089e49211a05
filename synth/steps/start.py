"""Make a project."""

from __future__ import annotations

import getpass
from pathlib import Path


def start_project(
    folder: Path, *, title: str = "", question: str = "", people: tuple[str, ...] = (), store_url: str = ""
) -> None:
    """Make a project in ``folder``; without people, the account's name is the only reviewer."""
    from synth.project import create_project

    project = create_project(
        folder,
        title=title or folder.resolve().name,
        question=question,
        people=people or (_account(),),
        store_url=store_url,
    )
    project.close()


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "reviewer"
