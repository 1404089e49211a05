"""The project's folder: making, finding, refusing, locking, packing."""

from __future__ import annotations

import multiprocessing
import shutil
import sqlite3
import zipfile
from pathlib import Path

import pytest
import sqlalchemy as sa
from synth.errors import StateError, StorageFailed, UnreadableInput, UsageError
from synth.project import Project, Run, create_project, open_project
from synth.project.config import new_config, read_config
from synth.project.edition import open_edition, pack_project, read_edition
from synth.project.lock import hold_lock
from synth.project.migrate import MIGRATIONS, migrate, read_version
from synth.project.store import Store, connect_sqlite, naming_database_faults

FILES = Path(__file__).parent / "files"


def test_a_second_project_in_the_same_folder_is_refused_and_changes_nothing(project: Project) -> None:
    before = (project.folder / "synth.toml").read_bytes()
    with pytest.raises(StateError, match="is a project already"):
        create_project(project.folder)
    assert (project.folder / "synth.toml").read_bytes() == before


def test_a_project_is_found_from_a_folder_inside_it(project: Project) -> None:
    inside = project.folder / "figures" / "deep"
    inside.mkdir(parents=True)
    assert open_project(inside).folder == project.folder.resolve()


def test_without_a_project_the_message_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="no project here") as caught:
        open_project(tmp_path)
    assert "synth init" in caught.value.hint


def test_a_project_of_a_newer_version_is_refused_and_left_alone(project: Project) -> None:
    path = project.folder / "review.db"
    project.close()
    with sqlite3.connect(path) as connection:
        connection.execute("INSERT INTO schema_version VALUES (99, '9.9', 'later')")
    with pytest.raises(StateError, match="newer synth"):
        open_project(project.folder)


def test_a_file_that_is_no_database_is_named_as_damaged(project: Project) -> None:
    project.close()
    (project.folder / "review.db").write_bytes(b"this is not a database, and long enough to be looked at" * 9)
    with pytest.raises(StateError, match="damaged"):
        open_project(project.folder)


def test_a_failed_making_leaves_no_trace(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        create_project(tmp_path / "r", config_text="title = 'unfinished")
    assert not (tmp_path / "r" / "synth.toml").exists()
    assert not (tmp_path / "r" / "review.db").exists()


def test_titles_with_quotes_and_newlines_survive_the_settings_file(tmp_path: Path) -> None:
    title = 'A "quoted"\\ title\nwith\ttwo lines \u0007 and ünïcode'
    (tmp_path / "synth.toml").write_text(new_config(title, "", ("ana",)), encoding="utf-8")
    assert read_config(tmp_path).title == title


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("titel = 'x'", "synth.toml:1: unknown setting 'titel'"),
        ("title = [", "synth.toml"),
        ("[[people]]\nname = 'no id'", "needs an id"),
        ("[[people]]\nid = 'a'\nrole = 'boss'", "unknown role 'boss'"),
    ],
)
def test_mistakes_in_the_settings_are_named(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "synth.toml").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=words):
        read_config(tmp_path)


def _hold(path: Path, ready: object, go_on: object) -> None:
    with hold_lock(path, "2026-03-01T12:00:00Z"):
        ready.set()
        go_on.wait(20)


def test_a_locked_project_names_who_holds_it_and_a_dead_holder_frees_it(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    ready, go_on = context.Event(), context.Event()
    holder = context.Process(target=_hold, args=(tmp_path / "lock", ready, go_on))
    holder.start()
    assert ready.wait(20)
    with (
        pytest.raises(StateError, match=f"locked by pid {holder.pid}"),
        hold_lock(tmp_path / "lock", "now", patience=0.1),
    ):
        pass
    holder.kill()
    holder.join()
    with hold_lock(tmp_path / "lock", "now", patience=5):
        pass


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("database or disk is full", StorageFailed),
        ("attempt to write a readonly database", StorageFailed),
        ("disk I/O error", StorageFailed),
        ("database is locked", StateError),
        ("file is not a database", StateError),
    ],
)
def test_faults_of_the_database_get_a_name(words: str, kind: type[Exception]) -> None:
    fault = sa.exc.OperationalError("INSERT", {}, sqlite3.OperationalError(words))
    with pytest.raises(kind), naming_database_faults("review.db"):
        raise fault


def test_a_full_disk_changes_nothing_and_the_project_goes_on_afterwards(project: Project) -> None:
    def run_out_of_pages(connection: object) -> None:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")

    def fill(run: Run) -> None:
        run_out_of_pages(run.connection)
        run.append("people", [{"id": f"p{n}", "name": "x" * 5000, "role": "reviewer"} for n in range(100)])

    with pytest.raises(StorageFailed, match="disk is full"), project.run("import", {}) as run:
        fill(run)
    assert len(project.read("people")) == 2
    assert project.store.check() == []


def test_a_store_in_a_read_only_folder_can_be_read(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synth.project.store.os.access", lambda *_: False)
    engine = connect_sqlite(project.folder / "review.db")
    store = Store(engine, "review.db")
    assert set(store.read("people")["id"]) == {"ana", "ben"}
    with (
        pytest.raises(StorageFailed),
        store.run("x", now="", version="", arguments={}) as run,
    ):
        run.append("people", [])
    store.close()


def test_a_migration_that_fails_midway_leaves_the_old_store(tmp_path: Path) -> None:
    engine = connect_sqlite(tmp_path / "old.db")
    with engine.begin() as connection:
        migrate(connection, "t", "1")

    def add_then_fail(connection: sa.Connection) -> None:
        connection.execute(sa.text("CREATE TABLE half (id INTEGER)"))
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"), engine.begin() as connection:
        migrate(connection, "t", "2", (*MIGRATIONS, add_then_fail))
    with engine.connect() as connection:
        assert read_version(connection) == 1
        assert not sa.inspect(connection).has_table("half")


def test_an_edition_opens_elsewhere_with_the_same_rows(project: Project, tmp_path: Path) -> None:
    with project.run("x", {}) as run:
        run.append("studies", [{"id": "s1", "name": "Estudio ñ", "kind": "primary", "year": 2020}])
    pack_project(project, tmp_path / "e.zip", {"numpy": "2"})
    edition = open_edition(tmp_path / "e.zip", tmp_path / "copy")
    copy = open_project(tmp_path / "copy")
    assert copy.read("studies").equals(project.read("studies"))
    assert copy.store.check() == []
    assert edition.counts["studies"] == 1
    copy.close()


def test_packing_twice_gives_the_same_bytes(project: Project, tmp_path: Path) -> None:
    pack_project(project, tmp_path / "one.zip", {})
    pack_project(project, tmp_path / "two.zip", {})
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_a_changed_edition_is_refused(project: Project, tmp_path: Path) -> None:
    pack_project(project, tmp_path / "e.zip", {})
    with zipfile.ZipFile(tmp_path / "e.zip") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["synth.toml"] += b"\n# changed\n"
    with zipfile.ZipFile(tmp_path / "changed.zip", "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    with pytest.raises(UnreadableInput, match="checksum differs"):
        read_edition(tmp_path / "changed.zip")


@pytest.mark.parametrize("name", ["../evil.txt", "/etc/evil", "a/../../evil"])
def test_an_edition_with_a_path_that_leaves_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as archive:
        archive.writestr(name, b"x")
    with pytest.raises(UnreadableInput, match="file names that an edition never has"):
        open_edition(tmp_path / "evil.zip", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_edition_is_not_opened_over_something_else(project: Project, tmp_path: Path) -> None:
    pack_project(project, tmp_path / "e.zip", {})
    with pytest.raises(StateError, match="not empty"):
        open_edition(tmp_path / "e.zip", project.folder)


def test_a_project_of_the_first_version_opens_with_all_its_rows(tmp_path: Path) -> None:
    shutil.copy(FILES / "version_1.db", tmp_path / "review.db")
    (tmp_path / "synth.toml").write_text('title = "Old"\n', encoding="utf-8")
    old = open_project(tmp_path)
    assert list(old.read("people")["id"]) == ["ana"]
    assert list(old.read("decisions")["verdict"]) == ["include"]
    assert old.store.check() == []
    old.close()


def test_rows_in_the_journal_are_seen_in_a_read_only_folder(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = sqlite3.connect(project.folder / "review.db")  # an open reader keeps the journal from being emptied
    connection.execute("SELECT 1 FROM people").fetchall()
    with project.run("x", {}) as run:
        run.append("people", [{"id": "new", "name": "New", "role": "reviewer"}])
    for name in ("review.db", "review.db-wal"):
        shutil.copy(project.folder / name, tmp_path / name)
    connection.close()
    assert (tmp_path / "review.db-wal").stat().st_size > 0
    monkeypatch.setattr("synth.project.store.os.access", lambda *_: False)
    store = Store(connect_sqlite(tmp_path / "review.db"), "review.db")
    assert "new" in set(store.read("people")["id"])
    store.close()
