"""The store: a project's folder, its settings, and rows that are appended and never changed."""

from synth.project.config import Config, read_config
from synth.project.project import (
    Project,
    create_project,
    find_project_folder,
    open_project,
    synth_version,
    system_clock,
)
from synth.project.store import Run, Store

__all__ = [
    "Config",
    "Project",
    "Run",
    "Store",
    "create_project",
    "find_project_folder",
    "open_project",
    "read_config",
    "synth_version",
    "system_clock",
]
