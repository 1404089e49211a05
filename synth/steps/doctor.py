"""The health of a project and of this installation."""

from __future__ import annotations

import os
import platform
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from synth.project import Project

LEAST_FREE_MB = 200


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: ``state`` is good, warning or wrong."""

    what: str
    state: str
    words: str


def examine_project(project: Project) -> list[Finding]:
    """Integrity, disk, rights, what keeps quarantine."""
    faults = project.store.check()
    findings = [Finding("store", "wrong", fault) for fault in faults] or [Finding("store", "good", "whole")]
    free = shutil.disk_usage(project.folder).free // 1_000_000
    writable = os.access(project.folder, os.W_OK)
    return [
        *findings,
        _examine_codebook(project),
        Finding("disk space", "good" if free >= LEAST_FREE_MB else "warning", f"{free:,} MB free"),
        Finding("rights", "good" if writable else "warning", "writable" if writable else "read-only for this account"),
    ]


def _examine_codebook(project: Project) -> Finding:
    from synth.errors import SynthError
    from synth.steps.extract import project_codebook

    try:
        codebook = project_codebook(project)
    except SynthError as fault:
        return Finding("codebook", "wrong", fault.message)
    return Finding("codebook", "good", f"{codebook.id}, {len(codebook.questions)} questions")


def examine_installation() -> list[Finding]:
    """Versions of Python, synth and what it stands on, and the optional parts that are here."""
    from importlib.metadata import PackageNotFoundError, version

    findings = [Finding("Python", "good", platform.python_version())]
    for name in ("synth-review", "numpy", "scipy", "pandas", "scikit-learn", "matplotlib", "SQLAlchemy", "rapidfuzz"):
        try:
            findings.append(Finding(name, "good", version(name)))
        except PackageNotFoundError:
            findings.append(Finding(name, "wrong", "not installed; run: pip install synth-review"))
    return findings
