from __future__ import annotations

import json

import pandas as pd
import pytest
from synth.errors import RefusedPool, StateError, UnreadableInput, UsageError
from synth.project import open_project
from synth.steps.meta import meta_file, run_syntheses

BCG = pd.DataFrame({
    "trial": ["Aronson", "Ferguson", "Rosenthal", "Hart"], "tpos": [4, 6, 3, 62], "tneg": [119, 300, 228, 13536],
    "cpos": [11, 29, 11, 248], "cneg": [128, 274, 209, 12619], "place": ["north", "north", "north", "south"],
})  # fmt: skip
COLUMNS = {"ai": "tpos", "bi": "tneg", "ci": "cpos", "di": "cneg"}
DECLARED = """
[[synthesis]]
name = "Physical violence"
outcome_domain = "physical IPV"
informant = "survivor report"
measure = "RR"
design_class = "randomised"
one_effect_per_study = "longest"
planned = true
declared_on = "2026-01-01"

[[synthesis]]
name = "Everything"
measure = ["RR", "OR"]
"""


def save(folder, frame, name="data.csv"):
    path = folder / name
    frame.to_csv(path, index=False)
    return path


def effect(number, study, **fields):
    row = {
        "id": f"e{number}", "study_id": study, "outcome": "any violence", "outcome_domain": "physical IPV",
        "informant": "survivor report", "measure": "RR", "design_class": "randomised", "estimate": 0.8, "ci_low": 0.6,
        "ci_high": 1.07, "direction": "favours", "status": "human", "extractor": "ana", "timepoint_months": 12.0,
    }  # fmt: skip
    return {**row, **fields}


@pytest.fixture
def review(project):
    """A project with three studies, four effects and two declared syntheses, the second of which may not be pooled."""
    toml = project.folder / "synth.toml"
    toml.write_text(toml.read_text(encoding="utf-8") + DECLARED, encoding="utf-8")
    with project.run("extract", {}) as run:
        run.append("studies", [{"id": study, "name": f"Study {study}", "kind": "primary"} for study in "ABC"])
        rows = [
            effect(1, "A"), effect(2, "B", estimate=0.5, ci_low=0.3, ci_high=0.83), effect(3, "B", measure="OR"),
            effect(4, "C", measure="direction only", estimate=None, ci_low=None, ci_high=None),
        ]  # fmt: skip
        run.append("effects", rows)
    opened = open_project(project.folder, clock=project.clock)
    yield opened
    opened.close()


def test_declared_syntheses_are_pooled_or_refused_with_their_rows(review):
    pooled, refused = run_syntheses(review)
    assert (pooled.fit.k, pooled.post_hoc, pooled.refused) == (2, False, None)
    assert pooled.chosen.left_out["effect_id"].tolist() == ["e3", "e4"]
    assert (pooled.directions.favours, pooled.sign_test.n) == (3, 3)
    assert (refused.fit, refused.refused.rule, refused.post_hoc) == (None, "measures", True)
    assert refused.describe().startswith("Refused: Everything: different measures")


def test_results_are_kept_and_written_again_only_when_they_change(review):
    run_syntheses(review)
    assert review.read("syntheses")["name"].tolist() == ["Physical violence", "Everything"]
    runs = len(review.read("runs"))
    run_syntheses(review)
    assert len(review.read("runs")) == runs


def test_a_trial_run_writes_nothing(review):
    run_syntheses(review, save=False)
    assert review.read("syntheses").empty


def test_what_is_stored_is_plain_json(review):
    run_syntheses(review)
    stored = review.read("syntheses")["result"].iloc[0]
    assert json.loads(json.dumps(stored, allow_nan=False))["fit"]["k"] == 2
    assert stored["left_out"][1]["reason"] == "Only a direction is reported, no number"


def test_another_method_is_a_deviation(review):
    found = run_syntheses(review, ["Physical violence"], method="dl", include_suggested=True)[0]
    assert found.deviations[:2] == (
        "method DL was used; REML is declared", "values with status suggested were taken in",
    )  # fmt: skip


def test_a_plan_younger_than_the_first_effect_is_told(review):
    toml = review.folder / "synth.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace("2026-01-01", "2026-06-01"), encoding="utf-8")
    found = run_syntheses(open_project(review.folder, clock=review.clock), ["Physical violence"])[0]
    assert found.deviations == ("it was declared on 2026-06-01, after the first effect was entered on 2026-03-01",)


def test_a_changed_declaration_is_told_at_every_later_run(review):
    run_syntheses(review)
    toml = review.folder / "synth.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace('"longest"', '"shortest"'), encoding="utf-8")
    again = open_project(review.folder, clock=review.clock)
    for _ in range(2):
        found = run_syntheses(again, ["Physical violence"])[0]
        assert found.deviations == ("one_effect_per_study is shortest; it was longest when first run",)


def test_names_and_nothing_declared(review, project):
    with pytest.raises(UsageError, match='no synthesis "Physical violense"') as caught:
        run_syntheses(review, ["Physical violense"])
    assert caught.value.hint == 'Did you mean "Physical violence"?'
    with pytest.raises(StateError, match="No synthesis is declared"):
        run_syntheses(project)


def test_a_table_of_counts_is_pooled(tmp_path):
    found = meta_file(save(tmp_path, BCG), measure="RR", columns=COLUMNS, slab="trial", subgroup="place")
    assert (found.measure, found.fit.k, found.fit.slab[3]) == ("RR", 4, "Hart")
    assert found.subgroups.too_small == ("south",)
    assert json.dumps(found.to_dict(), allow_nan=False)


@pytest.mark.parametrize("frame", [
    pd.DataFrame({"yi": [0.1, 0.2], "vi": [0.1, 0.1], "measure": ["SMD", "SMD"]}),
    pd.DataFrame({"yi": [0.1, 0.2], "sei": [0.1**0.5, 0.1**0.5], "measure": ["SMD", "SMD"]}),
])  # fmt: skip
def test_a_table_of_effects_is_pooled(tmp_path, frame):
    found = meta_file(save(tmp_path, frame), method="EE", test="z")
    assert (found.measure, found.fit.estimate) == ("SMD", pytest.approx(0.15))


def test_a_table_of_printed_results_keeps_what_it_leaves_out(tmp_path):
    frame = pd.DataFrame({
        "name": ["A", "B", "C", "D"], "measure": ["RR", "RR", "RR", "direction only"],
        "estimate": [0.5, 0.8, 0.9, None], "ci_low": [0.25, 0.4, None, None], "ci_high": [1.0, 1.6, None, None],
    })  # fmt: skip
    found = meta_file(save(tmp_path, frame))
    assert (found.fit.k, found.fit.slab) == (2, ("A", "B"))
    assert found.left_out["name"].tolist() == ["C", "D"]
    assert found.left_out["reason"].tolist()[1] == "Only a direction is reported, no number"


def test_a_table_that_mixes_measures_is_refused_unless_one_is_asked_for(tmp_path):
    frame = pd.DataFrame({"measure": ["RR", "OR"], "estimate": [0.5, 0.6], "se": [0.1, 0.1]})
    path = save(tmp_path, frame)
    with pytest.raises(RefusedPool, match="different measures"):
        meta_file(path)
    found = meta_file(path, measure="OR")
    assert (found.fit.k, found.left_out["reason"].tolist()) == (1, ["Its measure is RR; OR was asked for"])


@pytest.mark.parametrize(("columns", "rule"), [
    ({"design_class": ["randomised", "before-after"]}, "designs"),
    ({"informant": ["survivor report", "official records"]}, "informants"),
    ({"study_id": ["A", "A"]}, "study twice"),
    ({"is_review": ["no", "yes"]}, "reviews"),
    ({"cluster_adjusted": ["yes", "no"]}, "clusters"),
])  # fmt: skip
def test_a_table_that_may_not_be_pooled_is_refused(tmp_path, columns, rule):
    path = save(tmp_path, pd.DataFrame({"yi": [0.1, 0.2], "vi": [0.1, 0.1], **columns}))
    with pytest.raises(RefusedPool) as caught:
        meta_file(path)
    assert caught.value.rule == rule


def test_semicolons_and_a_byte_order_mark_are_read(tmp_path):
    path = tmp_path / "data.csv"
    path.write_bytes("\ufeffyi;vi\n0.1;0.1\n0.2;0.1\n".encode())
    assert meta_file(path).fit.k == 2


def test_tables_that_cannot_be_read_say_so(tmp_path):
    with pytest.raises(UnreadableInput, match="no such file"):
        meta_file(tmp_path / "no.csv")
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7\xff\xfe\x00")
    with pytest.raises(UnreadableInput, match="cannot be read as a table"):
        meta_file(tmp_path / "a.pdf")


def test_an_unknown_column_lists_the_columns(tmp_path):
    path = save(tmp_path, BCG)
    with pytest.raises(UsageError, match='no column "tposs"') as caught:
        meta_file(path, measure="RR", columns={**COLUMNS, "ai": "tposs"})
    assert "trial, tpos, tneg" in caught.value.why
    with pytest.raises(UsageError, match="Which measure"):
        meta_file(path, columns=COLUMNS)


def test_the_command_pools_a_file(tmp_path, run_synth):
    save(tmp_path, BCG)
    options = ["--measure", "RR", "--ai", "tpos", "--bi", "tneg", "--ci", "cpos", "--di", "cneg", "--slab", "trial"]
    shown = run_synth("meta", "data.csv", *options)
    assert (shown.exit_code, "RR 0." in shown.stdout, shown.stderr) == (0, True, "")
    asked = run_synth("meta", "data.csv", *options, "--json", "-", "--method", "DL", "--test", "z")
    assert json.loads(asked.stdout)["method"] == "DL"
    kept = run_synth("meta", "data.csv", *options, "--csv", "out.csv")
    assert (kept.exit_code, pd.read_csv(tmp_path / "out.csv")["study"].iloc[-1]) == (0, "pooled")


def test_the_command_refuses_in_four_lines_and_status_three(tmp_path, run_synth):
    save(tmp_path, pd.DataFrame({"yi": [0.1, 0.2], "vi": [0.1, 0.1], "measure": ["RR", "OR"]}))
    found = run_synth("meta", "data.csv")
    assert (found.exit_code, found.stdout) == (3, "")
    assert "different measures may not be pooled" in found.stderr
    assert len(found.stderr.strip().splitlines()) <= 4


def test_the_command_runs_the_declared_syntheses(review, run_synth):
    found = run_synth("meta", cwd=review.folder)
    assert found.exit_code == 3
    for words in (
        "Physical violence",
        "RR 0.6",
        "Only a direction is reported",
        "Refused: Everything",
        "Sign test: 3 of 3",
    ):
        assert words in found.stdout
    alone = run_synth("meta", "--name", "Physical violence", "--json", "-", cwd=review.folder)
    assert (alone.exit_code, json.loads(alone.stdout)[0]["fit"]["k"]) == (0, 2)
    assert run_synth("meta", "--measure", "RR", cwd=review.folder).exit_code == 2
