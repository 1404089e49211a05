"""Small frames that the tests of screening share."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest


def _decision_rows(*rows: tuple, stage: str = "title_abstract") -> pd.DataFrame:
    full = [
        (number, work, stage, person, verdict, *(rest or [None]))
        for number, (work, person, verdict, *rest) in enumerate(rows, 1)
    ]
    columns = ["id", "current_work_id", "stage", "person_id", "verdict", "reason"]
    return pd.DataFrame(full, columns=columns, dtype=object)


def _work_frame(*titles: str) -> pd.DataFrame:
    names = [f"w{number}" for number in range(len(titles))]
    return pd.DataFrame({"work_id": names, "title": titles, "abstract": [None] * len(titles)}, dtype=object)


@pytest.fixture
def said() -> Callable[..., pd.DataFrame]:
    """Decisions from (work, person, verdict[, reason]), in the order of time."""
    return _decision_rows


@pytest.fixture
def titled() -> Callable[..., pd.DataFrame]:
    """Works w0, w1 ... with these titles and no abstract."""
    return _work_frame
