"""``synth extract countries`` from a file to a file."""

from __future__ import annotations

TEXTS = "id,text,kind\na,Violence in Niger and Nigeria,title\nb,Hearts of the guinea pig,title\n"


def test_a_file_of_texts_gets_its_countries(run_synth, tmp_path):
    (tmp_path / "in.csv").write_text(TEXTS, encoding="utf-8")
    done = run_synth("extract", "countries", "in.csv", "-o", "out.csv", cwd=tmp_path)
    assert done.exit_code == 0
    assert (tmp_path / "out.csv").read_text(encoding="utf-8") == "id,study_countries\na,NER;NGA\nb,\n"


def test_a_dry_run_writes_nothing(run_synth, tmp_path):
    (tmp_path / "in.csv").write_text(TEXTS, encoding="utf-8")
    done = run_synth("extract", "countries", "in.csv", "-o", "out.csv", "--dry-run", cwd=tmp_path)
    assert (done.exit_code, (tmp_path / "out.csv").exists()) == (0, False)


def test_a_file_without_the_columns_is_refused_with_what_to_do(run_synth, tmp_path):
    (tmp_path / "in.csv").write_text("name,words\na,b\n", encoding="utf-8")
    done = run_synth("extract", "countries", "in.csv", cwd=tmp_path)
    assert done.exit_code in {2, 5}
    assert "id" in done.stderr
    assert "Traceback" not in done.stderr
