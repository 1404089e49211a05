"""The flow of a project: counted, written, drawn; the same bytes every time."""

import json
from pathlib import Path

import pytest
from synth.errors import UsageError
from synth.project import Project
from synth.steps.prisma import count_project_flow, draw_flow_file, make_flow


def fill(project: Project) -> None:
    source = {
        "kind": "database",
        "database": "PubMed",
        "file_name": "a.nbib",
        "found": 4,
        "read": 3,
        "quarantined": 1,
        "loaded_at": project.now(),
    }
    with project.run("import", {}) as run:
        [number] = run.append("sources", [source])
        run.append(
            "records",
            [
                {"id": f"r{i}", "source_id": number, "position": i, "line_start": i, "line_end": i, "title": f"T{i}"}
                for i in (1, 2, 3)
            ],
        )
    with project.run("dedupe", {}) as run:
        run.append("groupings", [{"record_id": record, "work_id": "r1", "method": "rules"} for record in ("r1", "r2")])
    with project.run("screen decide", {}) as run:
        run.append("decisions", [decision("r1", "title_abstract", "include"), decision("r1", "full_text", "include")])


def decision(record, stage, verdict):
    return {"work_id": record, "record_id": record, "stage": stage, "person_id": "ana", "verdict": verdict}


def test_the_flow_is_counted_from_the_store(project):
    fill(project)
    main = count_project_flow(project).main
    assert (main.identified, main.unreadable, main.duplicates, main.screened, main.unread, main.included) == (
        4,
        1,
        1,
        1,
        1,
        1,
    )


def test_an_empty_project_has_an_empty_flow(project):
    assert make_flow(project).problems == ()


def test_a_flow_is_written_as_figure_and_as_csv_and_read_back(project, tmp_path):
    fill(project)
    make_flow(project, tmp_path / "flow.svg")
    make_flow(project, tmp_path / "PRISMA.csv")
    again = draw_flow_file(tmp_path / "PRISMA.csv", tmp_path / "again.svg")
    assert again.counts.main.duplicates == 1
    assert "Records screened (n = 1)" in (tmp_path / "flow.svg").read_text(encoding="utf-8")
    assert (tmp_path / "flow.svg").stat().st_size < 60_000


def test_the_same_project_gives_the_same_bytes(project, tmp_path):
    fill(project)
    for name in ("one.svg", "two.svg"):
        make_flow(project, tmp_path / name)
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


def test_dry_run_writes_nothing_and_another_ending_is_refused(project, tmp_path):
    make_flow(project, tmp_path / "flow.svg", dry_run=True)
    assert not (tmp_path / "flow.svg").exists()
    with pytest.raises(UsageError, match="ends in"):
        make_flow(project, tmp_path / "flow.docx")


def test_an_earlier_edition_is_declared_in_synth_toml(project):
    path = Path(project.folder) / "synth.toml"
    path.write_text(
        path.read_text(encoding="utf-8") + "\n[report]\nprevious_studies = 3\nprevious_reports = 4\n", encoding="utf-8"
    )
    from synth.project import open_project

    again = open_project(project.folder)
    assert count_project_flow(again).previous_reports == 4
    again.close()


def test_the_command_prints_counts_as_json(project, run_synth):
    fill(project)
    project.close()
    done = run_synth("-C", project.folder, "prisma", "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["main"]["identified"] == 4
    assert json.loads(done.stdout)["registers"] is None
