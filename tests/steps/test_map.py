from __future__ import annotations

import json

import pytest
from synth.errors import StateError, UnreadableInput, UsageError
from synth.steps.map import guard_formula, map_file, map_project, write_map

TABLE = """id,title,year,is_review,population,setting,country,design,url,note
a,Trial A,2010,no,men;women,court,Uganda,cluster RCT,https://e.org/a,something long that nobody would ever take for a code of a map
b,Review B,2012,yes,men|couples,court,,systematic review,10.1/x,another
c,Study C,2015,no,none reported,,Atlantis,qualitative,,
"""


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "studies.csv"
    path.write_text(TABLE)
    return path


def test_cells_with_several_codes_are_understood(table):
    report = map_file(table)
    assert report.table.cell("men", "court")["n"] == 2
    assert report.table.cell("couples", "court")["reviews"] == 1
    assert report.table.cell("", "")["study_ids"] == ("c",)


def test_the_numbers_are_those_of_the_contract(table):
    numbers = map_file(table).numbers
    assert set(numbers) == {"studies", "reviews", "primary", "code_links", "cells", "gaps"}
    assert (numbers["studies"], numbers["reviews"], numbers["primary"], numbers["cells"]) == (3, 1, 2, 3)
    assert sum(numbers["gaps"].values()) == numbers["cells"]


def test_a_country_that_is_none_is_named(table):
    assert map_file(table).notes == ("Not on the world map, as no country is called so: Atlantis",)


def test_an_unknown_axis_lists_the_axes_and_leaves_free_text_out(table):
    with pytest.raises(UsageError, match="'populaton': no such axis") as fault:
        map_file(table, rows="populaton")
    assert fault.value.hint == "Did you mean population? Axes: population, setting, country, design"


def test_a_table_without_the_usual_axes_asks_for_them(tmp_path):
    (tmp_path / "t.csv").write_text("id,where,who\n1,x,y\n")
    with pytest.raises(UsageError, match="--rows"):
        map_file(tmp_path / "t.csv")
    assert map_file(tmp_path / "t.csv", rows="Who", cols="where").numbers["studies"] == 1


@pytest.mark.parametrize("content", [b"%PDF-1.4 x", b"just words\nmore words\n", b"PK\x03\x04zip"])
def test_what_is_no_table_is_refused(tmp_path, content):
    (tmp_path / "t.csv").write_bytes(content)
    with pytest.raises(UnreadableInput):
        map_file(tmp_path / "t.csv")


@pytest.mark.parametrize("comma", [";", "\t"])
def test_semicolons_and_tabs_between_columns_are_seen(tmp_path, comma):
    (tmp_path / "t.csv").write_text(f"id{comma}population{comma}setting\n1{comma}men | women{comma}court\n")
    assert map_file(tmp_path / "t.csv").table.cell("women", "court")["n"] == 1


def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(tmp_path):
    (tmp_path / "t.csv").write_text('id,population,setting\n"=cmd()",=1+1,@x\n')
    write_map(map_file(tmp_path / "t.csv"), tmp_path / "out.csv")
    line = (tmp_path / "out.csv").read_text().splitlines()[1]
    assert line.startswith("'=1+1,'=1+1,'@x,'@x,1,")
    assert line.endswith(",'=cmd()")
    assert guard_formula(-3) == -3


@pytest.mark.parametrize("ending", ["html", "svg", "png", "pdf", "csv"])
def test_a_map_is_written_by_its_ending(table, tmp_path, ending):
    write_map(map_file(table), tmp_path / f"map.{ending}")
    write_map(map_file(table), tmp_path / f"again.{ending}")
    assert (tmp_path / f"map.{ending}").read_bytes() == (tmp_path / f"again.{ending}").read_bytes()


def test_another_ending_is_refused(table):
    with pytest.raises(UsageError, match="no map can be written") as fault:
        write_map(map_file(table), "map.htm")
    assert "Did you mean .html?" in fault.value.hint


def test_a_project_without_studies_says_what_to_do(project):
    with pytest.raises(StateError, match="No study yet") as fault:
        map_project(project)
    assert "synth extract" in fault.value.hint


STUDIES = [
    {"id": "s1", "name": "SASA! 2014", "kind": "primary", "year": 2014},
    {"id": "s2", "name": "A review", "kind": "review", "year": 2020},
]
LABELS = [
    {
        "study_id": "s1",
        "axis": "population",
        "term": "community",
        "status": "human",
        "quote": "men and women of the area",
        "extractor": "ana",
    },
    {"study_id": "s1", "axis": "setting", "term": "community", "status": "human", "extractor": "ana"},
    {"study_id": "s1", "axis": "country", "term": "UGA", "status": "derived", "extractor": "ana"},
    {"study_id": "s1", "axis": "population", "term": "children", "status": "suggested", "extractor": "rule"},
    {"study_id": "s2", "axis": "population", "term": "perpetrators", "status": "human", "extractor": "ana"},
]
EFFECTS = [
    {
        "id": "e1",
        "study_id": "s1",
        "outcome": "physical violence",
        "outcome_domain": "violence",
        "informant": "survivors",
        "measure": "RR",
        "estimate": 0.5,
        "status": "human",
        "extractor": "ana",
    }
]


@pytest.fixture
def coded(project):
    with project.run("extract", {}) as run:
        run.append("studies", STUDIES)
        run.append("labels", LABELS)
        run.append("effects", EFFECTS)
    return project


def test_a_project_is_mapped_with_the_rows_of_its_codebook(coded):
    report = map_project(coded)
    assert report.table.cell("community", "community")["n"] == 1
    empty = [term.label for term in report.table.row_terms if not report.table.cell(term.id)["n"]]
    assert any("autism" in label.casefold() for label in empty)


def test_suggested_codes_stay_out_of_the_map(coded):
    assert map_project(coded).table.cell("children")["n"] == 0


def test_informants_of_effects_are_an_axis(coded):
    assert map_project(coded, rows="informant").table.cell("survivors", "community")["n"] == 1


def test_the_quote_behind_a_code_goes_into_the_page(coded, tmp_path):
    write_map(map_project(coded), tmp_path / "map.html")
    assert "men and women of the area" in (tmp_path / "map.html").read_text()


def test_the_main_report_gives_title_authors_year_and_link(coded):
    shared_columns = {"source_id": 1, "line_start": 1, "line_end": 9, "type": "article"}
    records = [
        {"id": "r1", "position": 1, "title": "A follow-up", "year": 2016, "urls": ["https://e.org/2"]} | shared_columns,
        {
            "id": "r2",
            "position": 2,
            "title": "The SASA! Study",
            "authors": ["Abramsky, T"],
            "year": 2014,
            "container": "BMC Medicine",
            "ids": {"doi": "10.1/x"},
        }
        | shared_columns,
    ]
    links = [
        {"study_id": "s1", "work_id": name, "record_id": name, "role": role, "status": "human"}
        for name, role in (("r1", "follow-up"), ("r2", "main"))
    ]
    with coded.run("import", {}) as run:
        run.append(
            "sources",
            [{"kind": "database", "found": 2, "read": 2, "quarantined": 0, "loaded_at": "2026-03-01T12:00:00Z"}],
        )
        run.append("records", records)
        run.append("study_works", links)
    study = map_project(coded).evidence_map.studies.iloc[0]
    assert (study["title"], study["authors"], study["link"]) == (
        "The SASA! Study",
        ["Abramsky, T"],
        "https://doi.org/10.1/x",
    )


def test_the_command_prints_json_and_writes_nothing_then(table, run_synth, tmp_path):
    before = sorted(tmp_path.iterdir())
    done = run_synth("map", table, "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["studies"] == 3
    assert sorted(tmp_path.iterdir()) == before


def test_the_command_writes_the_page_and_names_what_is_next(table, run_synth, tmp_path):
    done = run_synth("map", table, "-o", "map.html", cwd=tmp_path)
    assert done.exit_code == 0
    assert "3 studies (2 primary, 1 review) by population and setting. 0 of 3 cells hold no study." in done.stderr
    assert done.stderr.splitlines()[-1].startswith("Next: ")
    assert (tmp_path / "map.html").exists()


@pytest.mark.shared
def test_the_worked_example_has_113_primary_studies_and_16_reviews(shared):
    numbers = map_file(shared / "demo" / "studies.csv").numbers
    assert (numbers["primary"], numbers["reviews"]) == (113, 16)
    report = map_file(shared / "demo" / "studies.csv", rows="global_south", cols="design")
    assert report.table.cell("yes")["primary"] == 63
