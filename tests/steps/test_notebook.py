"""The Python side: ``import synth`` works without a project, and importing it costs nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import synth


def test_importing_synth_loads_no_heavy_package() -> None:
    code = (
        "import synth, sys; print(sorted({'numpy', 'pandas', 'click', 'sqlalchemy', 'matplotlib'} & set(sys.modules)))"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )


def test_every_public_name_is_there() -> None:
    for name in synth.__all__:
        assert callable(getattr(synth, name)), name


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nosuch'"):
        synth.nosuch  # noqa: B018


def test_a_fit_is_drawn_in_two_lines(tmp_path: Path) -> None:
    frame = pd.DataFrame({"yi": [-0.5, -0.2, 0.1], "vi": [0.05, 0.04, 0.06]})
    figure = synth.forest(synth.rma(frame, slab=["Ruiz 2019", "Okello 2020", "Khan 2021"]), title="Three trials")
    figure.savefig(tmp_path / "forest.svg")
    text = (tmp_path / "forest.svg").read_text(encoding="utf-8")
    assert "Okello 2020" in text
    assert "Three trials" in text


def test_codes_become_a_map(tmp_path: Path) -> None:
    labels = pd.DataFrame(
        [("s1", "population", "women"), ("s1", "setting", "school"), ("s2", "population", "men")],
        columns=["study_id", "axis", "term"],
    )
    report = synth.gap_map(labels, out=tmp_path / "map.html")
    assert report.numbers["studies"] == 2
    assert (tmp_path / "map.html").stat().st_size > 10_000


def test_records_are_read_deduplicated_and_merged_without_a_project(tmp_path: Path) -> None:
    entry = "TY  - JOUR\nTI  - Preventing violence in rural Uganda: a trial\nAU  - Ruiz, A.\nPY  - 2020\nER  - \n"
    (tmp_path / "a.ris").write_text(entry * 2, encoding="utf-8")
    reading = synth.read(tmp_path / "a.ris")
    rows = [
        {"id": str(r.position), "title": r.title, "authors": list(r.authors), "year": r.year} for r in reading.records
    ]
    found = synth.dedupe(pd.DataFrame(rows))
    assert len(found.groups) == 2
