"""Doubtful pairs: one at a time, as a list, and the answers that come back."""

import json

import pytest
from synth.errors import UnreadableInput, UsageError
from synth.steps.dedupe import dedupe_project, split_answer
from synth.steps.dedupe_review import Review, format_page, import_answers, list_doubtful, walk
from synth.steps.dedupe_sources import PlotRequest, count_project_overlap, draw_upset_request

LONG = "Community mobilisation to prevent violence against women in rural districts"
OTHER = "Cash transfers and safety of girls in the north of Ghana"
BASE = {"title": LONG, "authors": ["Abramsky, T.", "Devries, K."], "year": 2014, "container": "BMC Medicine"}
PLACES = (
    {"volume": "12", "pages": "122-139"},
    {"volume": "12", "pages": "45-50", "container": "Salud Publica"},
)


def write(place, title):
    return f"[{title}]" if place else title


def make_source(name):
    return {
        "kind": "database",
        "database": name,
        "file_name": f"{name}.ris",
        "found": 2,
        "read": 2,
        "quarantined": 0,
        "loaded_at": "2026",
    }


@pytest.fixture
def doubtful(project):
    """A project with two doubtful pairs (a translated title in another journal) in two databases."""
    rows = [
        {
            "id": f"{name}{place}",
            "source_id": 1 + place,
            "position": 1,
            "line_start": 1,
            "line_end": 2,
            "type": "article",
            **BASE,
            **other,
            **where,
            "title": write(place, title),
        }
        for name, title, other in (("a", LONG, {}), ("b", OTHER, {"authors": ["Okello, B."]}))
        for place, where in enumerate(PLACES)
    ]
    with project.run("import", {}) as run:
        run.append("sources", [make_source(name) for name in ("PubMed", "LILACS")])
        run.append("records", rows)
    dedupe_project(project)
    return project


def person(project):
    return str(project.config.people[0]["id"])


def keys(*pressed):
    left = list(pressed)
    return lambda _question: left.pop(0) if left else "q"


def look(*_):
    return None


def test_doubtful_pairs_are_shown_side_by_side_with_their_database(doubtful):
    pair = list_doubtful(doubtful)[0]
    assert ("pages", "122-139", "45-50") in pair.fields
    assert ("found in", "PubMed", "LILACS") in pair.fields
    assert "page differs" in pair.reasons


def test_each_key_is_kept_at_once(doubtful):
    review = Review(doubtful, person(doubtful), list_doubtful(doubtful))
    assert walk(review, look, keys("s", "q")) == 1
    assert doubtful.read("pairs")["person_id"].notna().sum() == 1
    dedupe_project(doubtful)
    assert len(list_doubtful(doubtful)) == 1


def test_an_answer_can_be_taken_back_and_given_anew(doubtful):
    review = Review(doubtful, person(doubtful), list_doubtful(doubtful))
    assert walk(review, look, keys("s", "u", "r", "5", "n", "q")) == 2
    said = doubtful.read("pairs").dropna(subset=["person_id"])
    assert sorted(said["method"]) == ["person", "related: conference"]
    assert sorted(said["relation"]) == ["different", "related"]


def test_undo_at_the_first_pair_does_nothing(doubtful):
    review = Review(doubtful, person(doubtful), list_doubtful(doubtful))
    assert walk(review, look, keys("u", "x", "q")) == 0


def test_a_list_comes_back_with_answers(doubtful, tmp_path):
    first, second = list_doubtful(doubtful)
    path = tmp_path / "answers.csv"
    rows = [
        (first.record_id_2, first.record_id_1, "Related: Translation"),
        (second.record_id_1, second.record_id_2, ""),
    ]
    path.write_text(
        "record_id_1,record_id_2,answer\n" + "".join(",".join(row) + "\n" for row in rows), encoding="utf-8"
    )
    found = import_answers(doubtful, path, person(doubtful))
    assert (found.kept, found.open, found.known) == (1, 1, 0)
    assert import_answers(doubtful, path, person(doubtful)).known == 1


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ("a,b\n1,2\n", UnreadableInput, "is no list of pairs"),
        ("record_id_1,record_id_2,answer\na0,a1,perhaps\n", UsageError, "2: perhaps: no such answer"),
        ("record_id_1,record_id_2,answer\na0,zz,same\n", UsageError, "2: zz: no such record"),
    ],
)
def test_a_wrong_list_is_refused_before_anything_is_kept(doubtful, tmp_path, text, kind, message):
    (tmp_path / "wrong.csv").write_text(text)
    with pytest.raises(kind, match=message):
        import_answers(doubtful, tmp_path / "wrong.csv", person(doubtful))
    assert not doubtful.read("pairs")["person_id"].notna().any()


@pytest.mark.parametrize(
    ("answer", "read"),
    [("same", ("same", "")), ("not the same", ("different", "")), ("Related:  erratum", ("related", "erratum"))],
)
def test_answers_are_read_as_people_write_them(answer, read):
    assert split_answer(answer) == read


def test_the_page_holds_every_pair_and_no_markup_of_the_data(doubtful):
    page = format_page(list_doubtful(doubtful), "<script>alert(1)</script>")
    assert page.count("<section ") == 2
    assert "<script>alert" not in page
    assert "related: translation" in page


def test_the_command_shows_pairs_and_takes_keys(doubtful, run_synth):
    shown = run_synth("-C", str(doubtful.folder), "dedupe", "review", "--person", person(doubtful), input="s\nq\n")
    assert shown.exit_code == 0, shown.stderr
    assert "1 of 2 pairs answered" in shown.stderr
    assert "122-139" in shown.stdout
    listed = run_synth("-C", str(doubtful.folder), "dedupe", "review", "--json")
    assert [pair["relation"] for pair in json.loads(listed.stdout)] == ["maybe"]


def test_the_command_writes_a_page_and_relations(doubtful, run_synth, tmp_path):
    done = run_synth(
        "-C",
        str(doubtful.folder),
        "dedupe",
        "--review",
        str(tmp_path / "r.html"),
        "--relations",
        str(tmp_path / "x.csv"),
        "--sources",
    )
    assert done.exit_code == 0, done.stderr
    assert "<section " in (tmp_path / "r.html").read_text()
    assert (tmp_path / "x.csv").read_text().startswith("record_id_1,record_id_2,relation")
    assert "found by it alone" in done.stdout


def test_what_only_one_database_found_is_counted(doubtful):
    overlap = count_project_overlap(doubtful)
    assert overlap.works == 4
    assert [(one.name, one.works, one.unique, one.shared) for one in overlap.sources] == [
        ("LILACS", 2, 2, 0),
        ("PubMed", 2, 2, 0),
    ]


def test_the_overlap_is_drawn_with_its_numbers(doubtful):
    drawing = draw_upset_request(PlotRequest(project=doubtful))
    assert drawing.table.to_numpy().tolist() == [["LILACS", 2], ["PubMed", 2]]
    assert "4 works" in drawing.description


def test_a_folded_relation_is_named_in_synth_toml(doubtful):
    from synth.steps.dedupe import read_fold

    assert read_fold({"dedupe": {"fold": ["translation"]}}) == ("translation",)
    with pytest.raises(Exception, match="no such relation"):
        read_fold({"dedupe": {"fold": ["translatoin"]}})
