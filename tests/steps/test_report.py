"""The whole review as one page, from an almost empty project to one with studies and a synthesis."""

import json
import re

import pytest
from synth.errors import StateError, UsageError
from synth.project import create_project
from synth.steps.plot import PlotRequest, find_kind, make_plot
from synth.steps.report import write_report

CONFIG = """
title = "Programmes & <violence>"
question = "What works, and by whose account?"
[[people]]
id = "ana"
name = "Ana"
role = "reviewer"
[[synthesis]]
name = "Survivors"
outcome_domain = "any IPV"
informant = "survivors"
measure = "RR"
one_effect_per_study = "longest"
[[synthesis]]
name = "Official records"
outcome_domain = "any IPV"
informant = "official records"
one_effect_per_study = "longest"
"""


def effect(name, study, informant, **more):
    row = {
        "id": name,
        "study_id": study,
        "outcome": "IPV",
        "outcome_domain": "any IPV",
        "informant": informant,
        "measure": "RR",
        "design_class": "randomised",
        "status": "human",
        "extractor": "ana",
        "direction": "favours",
        "timepoint_months": 12.0,
    }
    return {**row, **more}


@pytest.fixture(scope="module")
def review(tmp_path_factory):
    made = create_project(tmp_path_factory.mktemp("report") / "review", config_text=CONFIG)
    with made.run("import", {}) as run:
        run.append(
            "sources",
            [
                {
                    "kind": "database",
                    "database": "PubMed",
                    "file_name": "a.nbib",
                    "found": 1,
                    "read": 1,
                    "quarantined": 0,
                    "loaded_at": made.now(),
                }
            ],
        )
    with made.run("extract", {}) as run:
        run.append(
            "studies", [{"id": f"s{i}", "name": f"Study {i} <b>", "kind": "primary", "year": 2020} for i in (1, 2, 3)]
        )
        run.append(
            "effects",
            [
                effect("e1", "s1", "survivors", estimate=0.8, ci_low=0.6, ci_high=1.1),
                effect("e2", "s2", "survivors", estimate=0.7, ci_low=0.4, ci_high=1.2),
                effect("e3", "s3", "official records", measure="direction only", direction="none"),
                effect("e4", "s3", "survivors", measure="OR", estimate=0.5, ci_low=0.3, ci_high=0.9),
            ],
        )
        run.append(
            "labels", [{"study_id": "s1", "axis": "population", "term": "women", "status": "human", "extractor": "ana"}]
        )
    yield made
    made.close()


@pytest.fixture(scope="module")
def text(review):
    result = write_report(review, review.folder / "report.html")
    assert {"Criteria", "Sources and import", "Included studies", "Syntheses", "What is not recorded"} <= set(
        result.sections
    )
    return (review.folder / "report.html").read_text(encoding="utf-8")


def test_the_report_holds_the_whole_review_and_asks_for_nothing(text):
    assert "<script" not in text
    assert "Study 1 <b>" not in text
    assert not re.search(r'(src|href)="(?!#)', text)


def test_pooled_numbers_and_left_out_rows_are_in_the_report(text):
    assert "Post hoc: not declared as planned" in text
    assert "Its measure is OR; the synthesis takes RR" in text
    assert "Pooled (k = 2)" in text


def test_ids_of_inline_figures_are_unique(text):
    ids = re.findall(r' id="([^"]+)"', text)
    assert len(ids) == len(set(ids))


def test_the_same_project_gives_the_same_report(review, text, tmp_path):
    write_report(review, tmp_path / "again.html")
    assert (tmp_path / "again.html").read_text(encoding="utf-8") == text


def test_an_empty_project_and_a_wrong_ending_are_refused(project, tmp_path):
    with pytest.raises(StateError, match="nothing to report"):
        write_report(project, tmp_path / "report.html")
    with pytest.raises(UsageError, match=r"ends in \.html"):
        write_report(project, tmp_path / "report.txt")


def test_a_forest_plot_shows_the_numbers_of_the_fit(review):
    from synth.steps.meta import run_syntheses

    fit = run_syntheses(review, ["Survivors"], save=False)[0].fit
    table = make_plot("forest", PlotRequest(project=review, names=("Survivors",)), check=True).drawing.table
    pooled = table[table["kind"] == "pooled"].iloc[0]
    assert pooled["estimate"] == pytest.approx(fit.natural()["estimate"])
    assert table[table["kind"] == "row"]["weight"].tolist() == pytest.approx(list(fit.weights))


def test_panels_by_informant_draw_directions_and_pool_nothing_across(review):
    result = make_plot("forest-by-informant", PlotRequest(project=review), check=True)
    table = result.drawing.table
    assert result.problems == ()
    assert table["panel"].unique().tolist() == ["Survivors", "Official records"]
    assert table[table["panel"] == "Official records"][["kind", "direction"]].to_numpy().tolist() == [
        ["direction", "none"]
    ]


def test_an_unknown_figure_gets_the_nearest_name():
    with pytest.raises(UsageError) as caught:
        find_kind("forst")
    assert caught.value.hint == "Did you mean forest?"


def test_a_table_is_drawn_without_a_project(tmp_path, run_synth):
    (tmp_path / "data.csv").write_text(
        "name,setting,ai,n1i,ci,n2i\nA,x,4,123,11,139\nB,x,6,306,29,303\nC,y,3,231,11,220\n", encoding="utf-8"
    )
    done = run_synth(
        "plot",
        "forest",
        "data.csv",
        "-o",
        "f.svg",
        "--measure",
        "RR",
        "--slab",
        "name",
        "--subgroup",
        "setting",
        "--check",
        "--json",
    )
    assert done.exit_code == 0, done.stderr
    rows = json.loads(done.stdout)["rows"]
    assert [row["label"] for row in rows if row["kind"] == "row"] == ["A", "B", "C"]
    assert "One study: too small" in (tmp_path / "f.svg").read_text(encoding="utf-8")
