from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
import time

import pytest
from synth.cli.screen_live import Terminal, read_on_terminal
from synth.errors import StateError, UsageError
from synth.project import create_project
from synth.steps.screen import decide, next_works
from synth.steps.screen_index import CACHE
from synth.steps.screen_live import ScreeningSession, explain_shown
from synth.steps.screen_people import assign_pilot, assign_split, know_works, tag_work
from synth.steps.screen_sheets import export_works, import_decisions
from synth.steps.screen_stop import check_stop, draw_audit_works, is_sorted_by_verdict, read_course

TITLES = [
    "Violence prevention in schools",
    "Prevention of violence against women",
    "Preventing partner violence",
    "Steel corrosion in bridges",
    "Corrosion of steel pipes",
    "Welding steel bridges",
]


def fill(project, titles, *, languages=None):
    source = {"kind": "database", "file_name": "a.ris", "found": 1, "read": 1, "quarantined": 0, "loaded_at": "2026"}
    with project.run("import", {}) as run:
        source_id = run.append("sources", [source])[0]
        rows = [
            {
                "id": f"{number:012d}",
                "source_id": source_id,
                "position": number + 1,
                "line_start": 1,
                "line_end": 1,
                "type": "article",
                "title": title,
                "titles": [{"text": title, "lang": "en"}],
                "authors": [],
                "abstracts": [
                    {"text": f"About {title.lower()}, told at more than fifty letters of length.", "lang": ""}
                ],
                "keywords": [],
                "languages": [languages[number]] if languages else [],
                "affiliations": [],
                "ids": {"doi": f"10.1234/{number}", "pmid": f"{900 + number}"},
                "urls": [],
                "raw": [],
            }
            for number, title in enumerate(titles)
        ]
        run.append("records", rows)
    return project


@pytest.fixture
def filled(tmp_path):
    config = 'title = "t"\nquestion = "Does violence prevention work?"\n' + "".join(
        f'[[people]]\nid = "{name}"\nname = "{name}"\nrole = "reviewer"\n' for name in ("ana", "ben")
    )
    return fill(create_project(tmp_path / "p", config_text=config), TITLES)


def sit(project, keys, *, answers=(), person="ana"):
    """One sitting at a terminal; what was written, and how many were decided."""
    written: list[str] = []
    pressed, said = iter(keys), iter(answers)
    at = Terminal(lambda: next(pressed, "q"), lambda _: next(said, ""), written.append, lambda: None, 80, colour=False)
    return "\n".join(written), read_on_terminal(project, person=person, at=at), written


def test_a_sitting_records_what_the_keys_say(filled):
    _, decided, written = sit(filled, "nie", answers=["look again"])
    rows = filled.read("decisions")
    assert decided == 2
    assert list(rows["verdict"]) == ["include", "exclude"]
    assert rows["note"].iloc[0] == "look again"
    assert any("1 of 6 read (17 %), 1 relevant; at most 5" in text for text in written)


def test_the_order_learns_from_the_newest_decision(filled):
    session = ScreeningSession(filled, person="ana")
    assert "iolence" in session.current().title
    session.decide("exclude")
    session.decide("exclude")
    while "steel" not in session.current().title.lower():
        session.skip()
    session.decide("include")
    assert "steel" in session.current().title.lower()
    assert filled.read("decisions")["ranker"].iloc[-1] == "question"


def test_what_is_undone_comes_back_at_once_and_both_rows_stay(filled):
    _, decided, _ = sit(filled, "iu")
    assert decided == 0
    assert filled.read("decisions").empty
    assert len(filled.store.read("decisions", everything=True)) == 1


def test_what_is_put_off_comes_again_when_nothing_else_is_left(filled):
    session = ScreeningSession(filled, person="ana")
    first = session.current().work_id
    session.skip()
    while session.current().work_id != first:
        session.decide("exclude")
    assert session.unread == 1


def test_the_order_gives_nothing_away_of_what_another_said(filled):
    alone, session = ScreeningSession(filled, person="ana"), ScreeningSession(filled, person="ana")
    shown = session.current()
    decide(filled, shown.work_id, "exclude", person="ben")
    assert (session.current(), session.unread, session.labels) == (shown, 6, {})
    assert alone.explain() == session.explain()
    session.decide("exclude")
    assert list(session.labels.values()) == [0]  # judged by both: learned from


def test_decisions_of_others_are_noticed_and_stay_theirs(filled):
    session = ScreeningSession(filled, person="ana")
    decide(filled, session.current().work_id, "include", person="ben")
    assert session.unread == 6
    session.decide("exclude")
    assert session.labels == {}  # a conflict is not learned from


def test_an_explanation_names_no_work_that_the_person_is_still_to_judge(filled):
    decide(filled, "000000000000", "include", person="ben")
    works = next_works(filled, person="ana").works
    told = explain_shown(filled, stage="title_abstract", works=works)
    hidden = explain_shown(filled, stage="title_abstract", works=works, person="ana")
    assert any(one.like for one in told.values())
    assert not any(one.like for one in hidden.values())


def test_with_two_reviewers_what_comes_next_names_one(run_synth, filled):
    for command in ("rank", "progress"):
        done = run_synth("-C", str(filled.folder), "screen", command)
        assert "synth screen next --person ana" in done.stderr


def test_an_export_tells_in_json_how_many_works_it_holds(run_synth, filled, tmp_path):
    given = ("screen", "export", "-o", str(tmp_path / "a.csv"), "--verdict", "all", "--json")
    done = run_synth("-C", str(filled.folder), *given)
    assert json.loads(done.stdout)["works"] == 6
    assert (tmp_path / "a.csv").exists()


def test_a_maybe_costs_no_new_training(filled):
    session = ScreeningSession(filled, person="ana")
    session.decide("include")
    session.current()
    scores = session._scores
    session.decide("maybe")
    assert session._scores is scores


def test_why_names_words_and_known_works(filled):
    session = ScreeningSession(filled, person="ana")
    shown = session.decide("include")
    why = session.explain()
    assert why.basis == "similarity"
    assert why.like[0][0] == shown.title
    assert {word for word, _ in why.words_for} & {"violence", "prevention"}
    (reasons,) = explain_shown(filled, stage="title_abstract", works=next_works(filled, person="ana").works).values()
    assert reasons.words_for


def test_a_sitting_ends_with_the_last_work(filled):
    _, decided, written = sit(filled, "e" * 9)
    assert decided == 6
    assert "Nothing is left to read" in written[-1]
    with pytest.raises(StateError, match="Nothing is left"):
        ScreeningSession(filled, person="ana").decide("include")


def test_the_command_alone_shows_help_where_there_is_no_terminal(run_synth, filled):
    done = run_synth("screen", cwd=filled.folder)
    assert done.exit_code == 0
    assert "single keys" in done.stdout


def test_the_command_alone_reads_keys_on_a_real_terminal(filled):
    filled.close()
    parent, child = pty.openpty()
    call = [sys.executable, "-m", "synth", "-C", str(filled.folder), "screen", "--person", "ana"]
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "90"}
    running = subprocess.Popen(call, stdin=child, stdout=child, stderr=child, env=environment)
    os.close(child)
    try:
        text = _read_until(parent, "q quit")
        time.sleep(1)  # keys pressed before the terminal listens are dropped, as a person would see
        os.write(parent, b"i")
        text += _read_until(parent, "Saved: include")
        time.sleep(1)
        os.write(parent, b"q")
        _read_until(parent, "All of it is saved")
        assert running.wait(20) == 0
    finally:
        running.kill()
        running.wait(5)
    os.close(parent)
    assert "0 of 6 read" in text
    assert list(filled.read("decisions")["verdict"]) == ["include"]


def _read_until(handle, words):
    text, end = "", time.monotonic() + 40
    while words not in text and time.monotonic() < end:
        if select.select([handle], [], [], 1)[0]:
            text += os.read(handle, 65536).decode("utf-8", "replace")
    assert words in text
    return text


def test_works_known_before_are_learned_from_and_left_out_of_the_test(filled):
    done = know_works(filled, ["10.1234/0", "901", "preventing partner violence"], person="ana")
    assert len(done.recorded) == 3
    assert know_works(filled, ["10.1234/0"], person="ana").recorded == ()
    decide(filled, "000000000003", "exclude", person="ana")
    course = read_course(filled)
    assert (course.found, len(course.elsewhere)) == ((0,), 3)
    assert check_stop(filled).elsewhere == 3


def test_a_known_work_that_is_not_there_stops_all_of_them(filled):
    with pytest.raises(UsageError, match="1 of 2 names mean no work"):
        know_works(filled, ["10.1234/0", "10.9999/x"], person="ana")
    assert filled.read("decisions").empty


def test_a_pilot_comes_first_for_everybody_and_a_split_is_for_each_alone(filled):
    assign_pilot(filled, number=2)
    pilots = set(filled.read("assignments")["work_id"])
    for person in ("ana", "ben"):
        assert {work.work_id for work in next_works(filled, person=person, n=2).works} == pilots
    assert assign_split(filled, each=1).people == {"ana": 2, "ben": 2}
    assert next_works(filled, person="ana", n=9).unread == 4
    with pytest.raises(StateError, match="given to somebody already"):
        assign_split(filled)


def test_tags_are_kept_with_the_person(filled):
    tag_work(filled, "000000000001", "  pilot   study ", person="ben", note="see p. 3")
    row = filled.read("tags").iloc[0]
    assert (row["tag"], row["person_id"], row["note"]) == ("pilot study", "ben", "see p. 3")
    with pytest.raises(UsageError, match="A tag is a word"):
        tag_work(filled, "000000000001", " ", person="ben")


# --- stopping ----------------------------------------------------------------------------------------------------


@pytest.fixture
def long(tmp_path):
    titles = [f"Violence prevention trial {n}" for n in range(30)] + [f"Steel bridge {n} of iron" for n in range(470)]
    return fill(create_project(tmp_path / "long", people=("ana",)), titles, languages=["en"] * 480 + ["es"] * 20)


def read_first(project, number, relevant=30):
    with project.run("screen decide", {}) as run:
        run.append(
            "decisions",
            [
                {
                    "work_id": f"{n:012d}",
                    "record_id": f"{n:012d}",
                    "stage": "title_abstract",
                    "person_id": "ana",
                    "verdict": "include" if n < relevant else "exclude",
                }
                for n in range(number)
            ],
        )


def test_the_words_of_advice_and_bound_are_exact(long):
    read_first(long, 430)
    report = check_stop(long)
    assert report.advice.state == "stop"
    assert "empirically valid, given this ranker and error-free labels" in report.sentences[0]
    assert "reached 95 % recall in" in report.sentences[1]
    assert "earlier reviews" in report.sentences[1]
    assert "95 % confidence" not in " ".join(report.sentences)


def test_with_few_found_no_share_is_spoken_of(long):
    read_first(long, 200, relevant=5)
    report = check_stop(long)
    assert report.recall_low is None
    assert "of 17 earlier" not in " ".join(report.sentences)
    assert "more without a find would lower it to" in report.sentences[0]


def test_early_on_the_advice_is_to_go_on_and_groups_have_bounds(long):
    read_first(long, 40)
    report = check_stop(long, groups=("language",))
    assert report.advice.state == "go on"
    assert {(one.value, one.unread) for one in report.groups} == {("en", 440), ("es", 20)}


def test_nothing_read_is_an_error_with_a_next_step(long):
    with pytest.raises(StateError, match="Nothing has been read yet"):
        check_stop(long)


def test_where_two_people_screen_works_seen_by_one_count_as_unread(filled):
    for work in range(4):
        decide(filled, f"{work:012d}", "exclude", person="ana")
        if work < 3:
            decide(filled, f"{work:012d}", "exclude", person="ben")
    report = check_stop(filled)
    assert (report.reconciled, report.read, report.single) == (True, 3, 1)


def test_a_file_sorted_by_verdict_is_no_order_of_reading(long, tmp_path):
    assert is_sorted_by_verdict([1, 1, 1, 0, 0, 0])
    assert not is_sorted_by_verdict([1, 0, 1, 0, 0, 0])
    rows = [f"{n:012d},{'include' if n < 30 else 'exclude'}" for n in range(400)]
    path = tmp_path / "old.csv"
    path.write_text("record_id,verdict\n" + "\n".join(rows))
    import_decisions(long, path, person="ana")
    assert len(read_course(long).elsewhere) == 400


def test_an_audit_draws_unread_works_from_every_group(long):
    read_first(long, 430)
    drawn = draw_audit_works(long, number=10, by="language")
    assert sorted(group for _, group, _ in drawn) == ["en"] * 5 + ["es"] * 5
    with pytest.raises(UsageError, match="no groups by 'langage'"):
        draw_audit_works(long, by="langage")


def test_stop_and_next_speak_json(long, run_synth):
    read_first(long, 430)
    done = run_synth("screen", "stop", "--json", cwd=long.folder)
    assert json.loads(done.stdout)["advice"]["state"] == "stop"
    done = run_synth("screen", "next", "--why", "--json", cwd=long.folder)
    assert next(iter(json.loads(done.stdout)["why"].values()))["basis"] == "model"


# --- decisions from and for other programs -----------------------------------------------------------------------


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def test_rayyan_keeps_every_persons_word(filled, tmp_path):
    notes = 'RAYYAN-INCLUSION: {""Ana R""=>""Included"", ""Ben""=>""Excluded""} | RAYYAN-EXCLUSION-REASONS: no data,x'
    path = write(tmp_path / "r.csv", f'key,title,notes\nrayyan-1,{TITLES[0]},"{notes}"\nrayyan-2,{TITLES[1]},none\n')
    report = import_decisions(filled, path, people={"Ana R": "ana", "Ben": "ben"})
    rows = filled.read("decisions").set_index("person_id")
    assert report.taken == 2
    assert (rows.loc["ana", "verdict"], rows.loc["ben", "verdict"]) == ("include", "exclude")
    assert rows.loc["ben", "reason"] == "no data"


def test_a_covidence_list_needs_its_meaning(filled, tmp_path):
    path = write(tmp_path / "c.csv", f"Title,DOI,Covidence #,Published Year\n{TITLES[2]},10.1234/2,#7,2020\n")
    with pytest.raises(UsageError, match="no row holds a decision") as fault:
        import_decisions(filled, path, person="ana")
    assert "--verdict" in fault.value.hint
    assert import_decisions(filled, path, person="ana", verdict="irrelevant").taken == 1
    assert filled.read("decisions")["verdict"].iloc[0] == "exclude"


def test_asreview_goes_out_and_comes_back(filled, tmp_path):
    decide(filled, "000000000000", "include", person="ana")
    decide(filled, "000000000003", "exclude", person="ana")
    export_works(filled, tmp_path / "a.csv", verdict="all", file_format="asreview")
    text = (tmp_path / "a.csv").read_text().replace("included", "asreview_label", 1)
    report = import_decisions(filled, write(tmp_path / "b.csv", text), person="ben")
    assert report.taken == 2
    assert sorted(filled.read("decisions")["verdict"]) == ["exclude", "exclude", "include", "include"]


def test_the_index_is_kept_beside_the_project_and_read_again(filled, monkeypatch):
    monkeypatch.setattr("synth.steps.screen_index.WORTH_KEEPING", 2)
    first = ScreeningSession(filled, person="ana").current()
    (folder,) = (filled.folder / CACHE).glob("index-*")
    assert (folder / "data.npy").exists()
    assert ScreeningSession(filled, person="ana").current() == first
