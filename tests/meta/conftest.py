"""Data that several tests use: the BCG vaccine trials (Colditz et al. 1994, JAMA 271:698), and small review tables."""

from __future__ import annotations

import pandas as pd
import pytest
from synth.meta import escalc


@pytest.fixture
def bcg_counts() -> pd.DataFrame:
    return pd.DataFrame({
        "tpos": [4, 6, 3, 62, 33, 180, 8, 505, 29, 17, 186, 5, 27],
        "tneg": [119, 300, 228, 13536, 5036, 1361, 2537, 87886, 7470, 1699, 50448, 2493, 16886],
        "cpos": [11, 29, 11, 248, 47, 372, 10, 499, 45, 65, 141, 3, 29],
        "cneg": [128, 274, 209, 12619, 5761, 1079, 619, 87892, 7232, 1600, 27197, 2338, 17825],
        "alloc": ["random"] * 4 + ["alternate"] * 2 + ["random"] * 3 + ["systematic"] * 4,
    })  # fmt: skip


@pytest.fixture
def bcg(bcg_counts) -> pd.DataFrame:
    return escalc(bcg_counts, "RR", ai="tpos", bi="tneg", ci="cpos", di="cneg")


def effect(number: int, study: str, **fields) -> dict:
    """One row of the effects table: a randomised risk ratio told by survivors, unless said otherwise."""
    row = {
        "id": f"e{number}", "study_id": study, "outcome": "any violence", "outcome_domain": "physical IPV",
        "informant": "survivor report", "population": "women", "timepoint_months": 12.0, "measure": "RR",
        "design_class": "randomised", "adjusted": "yes", "cluster_adjusted": "yes", "estimate": 0.8, "ci_low": 0.6,
        "ci_high": 1.07, "direction": "favours", "status": "human", "extractor": "ana", "at": "2026-03-01T12:00:00Z",
    }  # fmt: skip
    return {**row, **fields}


@pytest.fixture
def make_effects():
    """Effects from pairs (study, fields), numbered e1, e2, ..."""

    def make(*rows) -> pd.DataFrame:
        return pd.DataFrame([effect(number, study, **fields) for number, (study, fields) in enumerate(rows, start=1)])

    return make


@pytest.fixture
def studies() -> pd.DataFrame:
    kinds = {"A": "primary", "B": "primary", "C": "primary", "R": "review"}
    return pd.DataFrame([
        {"id": study, "name": f"Study {study}", "kind": kind, "year": 2020} for study, kind in kinds.items()
    ])  # fmt: skip
