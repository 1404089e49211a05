"""The command on files with moderators, clusters and groups."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def table(tmp_path, bcg_counts):
    path = tmp_path / "bcg.csv"
    years = [1948, 1949, 1960, 1977, 1973, 1953, 1973, 1980, 1968, 1961, 1974, 1969, 1976]
    bcg_counts.assign(year=years, lab=list("abcdefgabcdef")).to_csv(path, index=False)
    return path


CELLS = ("--measure", "RR", "--ai", "tpos", "--bi", "tneg", "--ci", "cpos", "--di", "cneg")


def test_moderators_clusters_and_groups_are_shown(run_synth, table):
    found = run_synth(
        "meta", table, *CELLS, "--mods", "~ year", "--cluster", "lab", "--subgroup", "alloc", "--tau2", "common"
    )
    assert found.exit_code == 0
    for words in (
        "Mixed-effects model",
        "Test of moderators:",
        "Allowing for 7 clusters (CR2)",
        "Test of subgroup differences",
    ):
        assert words in found.stdout


def test_the_report_names_versions_and_references(run_synth, table):
    text = " ".join(run_synth("meta", table, *CELLS, "--report").stdout.split())
    for words in (
        "Methods 13 results",
        "synth ",
        "numpy ",
        "scipy ",
        "- Knapp G, Hartung J (2003)",
        "- Viechtbauer W (2005)",
    ):
        assert words in text


def test_json_holds_the_regression_and_the_robust_tests(run_synth, table):
    found = json.loads(run_synth("meta", table, *CELLS, "--mods", "~ year", "--cluster", "lab", "--json", "-").stdout)
    assert (found["names"], found["QMdf"][0], found["robust"]["clusters"]) == (["intrcpt", "year"], 1, 7)
    assert found["references"]


def test_a_moderator_that_is_not_there_lists_the_columns(run_synth, table):
    found = run_synth("meta", table, *CELLS, "--mods", "~ yaer")
    assert (found.exit_code, "Did you mean year?" in found.stderr) == (2, True)


def test_options_of_a_file_need_a_file(run_synth):
    found = run_synth("meta", "--mods", "~ year")
    assert (found.exit_code, "--mods belongs to a file" in found.stderr) == (2, True)
