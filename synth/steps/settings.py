"""The settings in force, each with its origin."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from synth.project import Project

_DEFAULTS: dict[str, Any] = {"codebook": "violence-prevention", "maps.south_definition": "wb_lmic", "store.url": ""}


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: dotted name, value, and the file or "default" it comes from."""

    name: str
    value: Any
    origin: str


def list_settings(project: Project) -> list[Setting]:
    """Every setting of ``synth.toml`` and the defaults it leaves alone, sorted by name."""
    given = dict(_flatten(project.config.raw))
    origin = str(project.config.path)
    found = [Setting(name, value, origin) for name, value in given.items()]
    found += [Setting(name, value, "default") for name, value in _DEFAULTS.items() if name not in given]
    return sorted(found, key=lambda setting: setting.name)


def _flatten(value: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted names and values; lists of tables are numbered from 1."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flatten(inner, f"{prefix}.{key}" if prefix else key)
    elif isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        for number, item in enumerate(value, 1):
            yield from _flatten(item, f"{prefix}.{number}")
    else:
        yield prefix, value
