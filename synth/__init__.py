"""synth: systematic reviews and evidence maps, from exported citations to forest plots and gap maps.

Importing costs nothing: each name is loaded from its floor when it is first used.
"""

from __future__ import annotations

import importlib
from typing import Any

# name here: (module, name there)
_NAMES = {
    "read": ("synth.records", "read_file"),
    "dedupe": ("synth.dedup", "find_groups"),
    "merge_works": ("synth.dedup", "merge_works"),
    "rank_works": ("synth.screening", "rank_works"),
    "escalc": ("synth.meta", "escalc"),
    "effect_size": ("synth.meta", "escalc"),
    "rma": ("synth.meta", "rma"),
    **{
        name: ("synth.meta", name)
        for name in (
            "rma_mv",
            "vcalc",
            "aggregate",
            "subgroups",
            "location_scale",
            "multiverse",
            "MetaAnalysis",
            "design_effect",
            "icc_sensitivity",
            "mantel_haenszel",
            "peto",
            "glmm",
        )
    },
    "forest": ("synth.steps.notebook", "forest"),
    "plot": ("synth.steps.plot_python", "plot"),
    "gap_map": ("synth.steps.notebook", "gap_map"),
    "open_project": ("synth.project", "open_project"),
    "create_project": ("synth.project", "create_project"),
}

__all__ = sorted(_NAMES)  # noqa: PLE0605  a list of str, made from the table above


def __getattr__(name: str) -> Any:
    """Load a public name when it is first asked for (PEP 562)."""
    if name not in _NAMES:
        raise AttributeError(f"module 'synth' has no attribute {name!r}")
    module, there = _NAMES[name]
    return getattr(importlib.import_module(module), there)


def __dir__() -> list[str]:
    return sorted([*globals(), *_NAMES])
