"""The worked example: its files, its numbers, its determinism, its refusal to run twice in one folder."""

from __future__ import annotations

import csv
import inspect
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest
from synth.project import Project, open_project
from synth.records import read_file
from synth.steps.demo import STEPS

DATA = Path(__file__).resolve().parents[2] / "data" / "demo"
PROMISED = (
    "review.db",
    "synth.toml",
    "figures/forest.svg",
    "figures/forest_by_informant.svg",
    "figures/gap_map.html",
    "figures/prisma.svg",
    "tables/studies.csv",
    "tables/effects.csv",
    "records.ris",
    "report.html",
)
FOUND = {"pubmed.nbib": 201, "scopus.csv": 180, "wos.txt": 152, "zotero_grey.ris": 168, "lilacs_scielo.ris": 21}

pytestmark = pytest.mark.slow


def run_demo(folder: Path, seed: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONHASHSEED": seed, "NO_COLOR": "1"}
    return subprocess.run(
        [sys.executable, "-m", "synth", "demo", str(folder)], capture_output=True, text=True, check=False, env=env
    )


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "one"
    done = run_demo(folder, "1")
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return folder


@pytest.fixture
def review(demo: Path) -> Project:
    return open_project(demo)


def key_of(project: Project) -> dict[str, str]:
    """The true report of each record, by the answer key that ships with the exports."""
    with (DATA / "truth.csv").open(encoding="utf-8", newline="") as stream:
        truth = {(row["file"], int(row["position"])): row["key"] for row in csv.DictReader(stream)}
    files = project.read("sources").set_index("id")["file_name"]
    records = project.read("records")
    return {row.id: truth[files[row.source_id], row.position] for row in records.itertuples()}


def pairs_within(groups: dict[str, str]) -> set[frozenset[str]]:
    members = defaultdict(list)
    for record, group in groups.items():
        members[group].append(record)
    return {frozenset(pair) for group in members.values() for pair in itertools.combinations(group, 2)}


def test_every_promised_file_is_there(demo: Path) -> None:
    assert [name for name in PROMISED if not (demo / name).is_file()] == []


def test_found_is_read_plus_quarantined_for_each_export(review: Project) -> None:
    sources = review.read("sources")
    assert dict(zip(sources["file_name"], sources["found"], strict=True)) == FOUND
    assert (sources["found"] == sources["read"] + sources["quarantined"]).all()


def test_deduplication_makes_no_false_merge_and_finds_at_least_97_percent(review: Project) -> None:
    records = review.read("records")
    true = pairs_within(key_of(review))
    found = pairs_within(dict(zip(records["id"], records["work_id"], strict=True)))
    assert found - true == set()
    assert len(found & true) >= 0.97 * len(true)


def test_the_counts_are_those_of_the_data(demo: Path, review: Project) -> None:
    studies = review.read("studies")["kind"].value_counts()
    assert (studies["primary"], studies["review"]) == (113, 16)
    flow = json.loads(
        subprocess.run(
            [sys.executable, "-m", "synth", "-C", str(demo), "status", "--json"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    )
    assert flow["unclear"] == 44
    assert flow["works"] == 381
    assert flow["unread"] == 0


def test_one_record_a_work_goes_out_as_ris(demo: Path, review: Project) -> None:
    reading = read_file(demo / "records.ris")
    assert len(reading.records) == review.read("records")["work_id"].nunique()
    assert reading.quarantine == ()


def test_a_second_run_elsewhere_gives_the_same_bytes(demo: Path) -> None:
    other = demo.parent / "two"
    assert run_demo(other, "2").returncode == 0
    for name in sorted(path.relative_to(demo) for part in ("figures", "tables") for path in (demo / part).rglob("*")):
        assert (other / name).read_bytes() == (demo / name).read_bytes(), name
    assert (other / "records.ris").read_bytes() == (demo / "records.ris").read_bytes()


def test_a_second_run_in_the_same_folder_is_refused_and_changes_nothing(demo: Path) -> None:
    def state() -> dict[str, tuple[int, int]]:
        return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in sorted(demo.rglob("*"))}

    before = state()
    done = run_demo(demo, "1")
    assert done.returncode == 3
    assert "Nothing was changed" in done.stderr
    assert state() == before


def test_the_figures_by_informant_share_no_diamond(demo: Path, review: Project) -> None:
    text = (demo / "figures" / "forest_by_informant.svg").read_text(encoding="utf-8")
    for panel in ("Survivors", "Programme participants", "Men", "Official records"):
        assert panel in text
    informants = review.read("effects").set_index("id")["informant"]
    for result in review.read("syntheses")["result"]:
        pooled = {informants[row["effect_id"]] for row in result["rows"]}
        assert len(pooled) <= 1


def test_reviews_never_enter_a_pool(review: Project) -> None:
    kinds = review.read("studies").set_index("id")["kind"]
    for result in review.read("syntheses")["result"]:
        assert {kinds[row["study_id"]] for row in result["rows"]} <= {"primary"}


def test_groups_that_nobody_studied_are_cells_of_the_map(demo: Path) -> None:
    page = (demo / "figures" / "gap_map.html").read_text(encoding="utf-8")
    assert "Autism" in page
    assert "no evidence" in page.lower()


def test_the_page_and_the_report_ask_for_nothing_from_the_network(demo: Path) -> None:
    for name in ("figures/gap_map.html", "report.html"):
        page = (demo / name).read_text(encoding="utf-8")
        for sign in ('src="http', "@import", 'rel="stylesheet"', "url(http", "<script src"):
            assert sign not in page, (name, sign)


def test_every_command_of_the_closing_table_runs(demo: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(demo, copy)
    made = {line for step in STEPS for line in re.findall(r'"(synth [^"]+)"', inspect.getsource(step))}
    assert len(made) >= 10
    for line in sorted(made - {"synth import FILES", "synth init DIR"}):
        words = [re.sub(r"^(F\.\w+|DIR)$", lambda found: str(tmp_path / found[0]), word) for word in line.split()]
        done = subprocess.run([sys.executable, "-m", *words], cwd=copy, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{line}\n{done.stderr}"
