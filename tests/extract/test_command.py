import json

import pytest


@pytest.fixture
def coded(project, run_synth):
    """A function that runs ``synth extract`` in a project with the study sasa, and one that writes a sheet."""
    with project.run("import", {}) as run:
        run.append("studies", [{"id": "sasa", "name": "SASA! 2014", "kind": "primary", "year": 2014}])
    project.close()

    def write(name, text):
        (project.folder / name).write_text(text, encoding="utf-8")

    return (lambda *args: run_synth("extract", *args, cwd=project.folder)), write


def test_all_mistakes_of_a_sheet_are_listed_and_the_message_stays_short(coded):
    extract, write = coded
    write("s.csv", "study,setting\nsassa,schol\n")
    done = extract("fill", "s.csv", "--person", "ana")
    assert done.exit_code == 2
    assert "unknown study 'sassa'" in done.stdout
    assert "unknown code 'schol'" in done.stdout
    assert len(done.stderr.splitlines()) <= 4
    assert "Nothing was written" in done.stderr


def test_a_sheet_goes_out_is_filled_and_comes_back(coded):
    extract, write = coded
    form = extract("form", "--question", "clusters", "--question", "setting")
    assert form.stdout.splitlines()[1] == "sasa,SASA! 2014,,,,"
    write("s.csv", form.stdout.replace("2014,,", "2014,8,school"))
    assert json.loads(extract("fill", "s.csv", "--person", "ana", "--json").stdout)["rows"] == 2
    assert json.loads(extract("export", "--json").stdout) == {"costs": 0, "effects": 0, "findings": 0, "studies": 1}


def test_an_unknown_code_by_hand_gets_the_nearest(coded):
    extract, _ = coded
    done = extract("set", "sasa", "setting", "schol", "--person", "ana")
    assert done.exit_code == 2
    assert done.stderr.splitlines() == [
        "synth: unknown code 'schol' for setting",
        "Did you mean school?",
        "Nothing was written",
    ]


def test_a_dry_run_says_so_and_writes_nothing(coded):
    extract, _ = coded
    assert "would be written" in extract("set", "sasa", "clusters", "8", "--person", "ana", "--dry-run").stderr
    assert json.loads(extract("check", "--json").stdout) == []
