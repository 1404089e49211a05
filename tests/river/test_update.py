"""Old and new exports: whatever the order, the same works and the same questions; no decision is lost."""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from synth.project import Project, create_project
from synth.steps.dedupe import dedupe_project
from synth.steps.import_ import import_files
from synth.steps.screen import decide
from synth.steps.update import update_project

DEMO = Path(__file__).resolve().parents[2] / "data" / "demo" / "exports"
EXPORTS = ("pubmed.nbib", "scopus.csv", "wos.txt", "zotero_grey.ris", "lilacs_scielo.ris")
Partition = frozenset[frozenset[tuple[str, int]]]


def partition(project: Project) -> Partition:
    """The works as sets of (file, position): what "the same works" means."""
    sources = project.read("sources").set_index("id")["file_name"]
    records = project.read("records")
    records["place"] = list(zip(records["source_id"].map(sources), records["position"], strict=True))
    return frozenset(frozenset(group["place"]) for _, group in records.groupby("work_id"))


def works_of(project: Project) -> dict[str, str]:
    records = project.read("records")
    return dict(zip(records["id"], records["work_id"], strict=True))


@pytest.mark.parametrize("second", [("lilacs_scielo.ris", "scopus.csv"), ("scopus.csv", "lilacs_scielo.ris")])
def test_an_update_keeps_every_decision_and_the_names_of_works(project: Project, second: tuple[str, ...]) -> None:
    import_files(project, [DEMO / name for name in ("zotero_grey.ris", "pubmed.nbib", "wos.txt")])
    dedupe_project(project)
    before = works_of(project)
    decided = sorted(set(before.values()))[::7][:30]
    for number, work in enumerate(decided):
        decide(project, work, "include" if number % 2 else "maybe", person="ana")
    report = update_project(project, [DEMO / name for name in second])
    after = works_of(project)
    decisions = project.read("decisions")
    assert len(decided) == 30
    assert set(decisions["current_work_id"]) == set(decided)
    assert all(after[record] == work for record, work in before.items() if before[work] == work and work in decided)
    assert not set(report.new_works) & set(before.values())
    assert report.known > 0
    assert not report.conflicts


def test_a_second_update_with_the_same_files_writes_nothing(project: Project) -> None:
    paths = [DEMO / name for name in EXPORTS]
    update_project(project, paths)
    runs = len(project.read("runs"))
    report = update_project(project, paths)
    assert all(file.known for file in report.imported.files)
    assert report.new_works == ()
    assert len(project.read("runs")) == runs


def test_the_same_files_in_any_order_and_any_number_of_years_give_the_same_works(tmp_path: Path) -> None:
    found = set()
    orders = [EXPORTS, EXPORTS[::-1], (EXPORTS[2], EXPORTS[4], EXPORTS[0], EXPORTS[3], EXPORTS[1])]
    for number, (order, yearly) in enumerate(itertools.product(orders, (False, True))):
        project = create_project(tmp_path / str(number), people=("ana",))
        batches = [[name] for name in order] if yearly else [list(order)]
        for batch in batches:
            update_project(project, [DEMO / name for name in batch])
        found.add(partition(project))
        project.close()
    assert len(found) == 1


TITLES = (
    "Preventing violence against women in rural Uganda: a cluster randomised trial",
    "Preventing violence against women in rural Uganda: study protocol for a cluster randomised trial",
    "Editorial",
    "Cash transfers and partner violence in Bangladesh",
    "Part I: men's groups",
    "Part II: men's groups",
)
entry = st.fixed_dictionaries(
    {
        "TI": st.sampled_from(TITLES),
        "AU": st.sampled_from(["Ruiz, A.", "Okello, B.", "Khan, C. D."]),
        "PY": st.sampled_from(["2018", "2019", "2021"]),
        "DO": st.sampled_from(["", "10.1000/a1", "10.1000/b2"]),
    }
)


def to_ris(entries: list[dict[str, str]]) -> str:
    blocks = ("".join(f"{tag}  - {value}\n" for tag, value in one.items() if value) for one in entries)
    return "\n".join(f"TY  - JOUR\n{block}ER  - \n" for block in blocks)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(exports=st.lists(st.lists(entry, min_size=1, max_size=4), min_size=2, max_size=4), data=st.data())
def test_any_exports_in_any_order_give_the_same_works(exports: list[list[dict[str, str]]], data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(exports))))
    with tempfile.TemporaryDirectory() as name:
        folder, found = Path(name), []
        for number, entries in enumerate(exports):
            (folder / f"{number}.ris").write_text(to_ris(entries) + f"\n\n{' ' * number}", encoding="utf-8")
        for number, sequence in enumerate([range(len(exports)), order]):
            project = create_project(folder / f"p{number}", people=("ana",))
            for index in sequence:
                update_project(project, [folder / f"{index}.ris"])
            found.append(partition(project))
            project.close()
    assert found[0] == found[1]
