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


def test_a_missing_file_is_called_missing(run_synth, tmp_path):
    for command in ("countries", "suggest"):
        done = run_synth("extract", command, "nowhere.csv", cwd=tmp_path)
        assert done.exit_code == 5
        assert "no such file" in done.stderr


def test_a_byte_that_is_not_utf8_is_named_with_its_line(run_synth, tmp_path):
    (tmp_path / "in.csv").write_bytes(b"id,text,kind\na,Caf\xe9,title\n")
    done = run_synth("extract", "countries", "in.csv", cwd=tmp_path)
    assert (done.exit_code, "in.csv:2" in done.stderr) == (5, True)


def test_a_huge_cell_is_refused_without_a_traceback(run_synth, tmp_path):
    (tmp_path / "in.csv").write_text("id,text,kind\na," + "x" * 200_000 + ",title\n", encoding="utf-8")
    done = run_synth("extract", "countries", "in.csv", cwd=tmp_path)
    assert (done.exit_code, "in.csv:2" in done.stderr) == (5, True)


def test_json_without_an_output_shows_the_suggestions(run_synth, tmp_path):
    (tmp_path / "in.jsonl").write_text('{"id": "a", "title": "A survey of 300 women in Niger"}\n', encoding="utf-8")
    done = run_synth("extract", "suggest", "in.jsonl", "--json", cwd=tmp_path)
    assert '"countries": [\n      "NER"' in done.stdout
