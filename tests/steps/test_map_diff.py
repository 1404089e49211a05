from __future__ import annotations

from click.testing import CliRunner
from synth.cli.main import cli as main

LAST = "id,population,setting,is_review\n1,men,court,no\n2,women,home,no\n3,men,home,no\n"
THIS = "id,population,setting,is_review\n4,men,court,yes\n1,men;women,court,no\n3,men,home,no\n"


def run(folder, *arguments):
    return CliRunner().invoke(main, [str(a) if "." not in a else str(folder / a) for a in arguments])


def test_last_years_map_with_the_changes_is_this_years_byte_for_byte(tmp_path):
    (tmp_path / "last.csv").write_text(LAST)
    (tmp_path / "this.csv").write_text(THIS)
    for year in ("last", "this"):
        assert run(tmp_path, "map", f"{year}.csv", "-o", f"{year}.json").exit_code == 0
    said = run(tmp_path, "map", "this.csv", "--since", "last.json", "--diff", "diff.json", "-o", "this.html")
    assert "1 new, 1 removed, 1 recoded" in said.stderr
    assert "men x court: synthesis -> covered" in said.stderr
    assert run(tmp_path, "map", "--since", "last.json", "--apply", "diff.json", "-o", "again.json").exit_code == 0
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "this.json").read_bytes()


def test_changes_of_another_map_are_refused(tmp_path):
    (tmp_path / "last.csv").write_text(LAST)
    (tmp_path / "this.csv").write_text(THIS)
    for year in ("last", "this"):
        run(tmp_path, "map", f"{year}.csv", "-o", f"{year}.json")
    run(tmp_path, "map", "this.csv", "--since", "last.json", "--diff", "diff.json", "-o", "x.csv")
    refused = run(tmp_path, "map", "--since", "this.json", "--apply", "diff.json", "-o", "again.json")
    assert refused.exit_code != 0
    assert not (tmp_path / "again.json").exists()
