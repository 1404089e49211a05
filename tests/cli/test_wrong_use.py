"""Wrong use: at most four lines, the right status, a next step, never a traceback."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import synth.files
from synth.cli.main import run
from synth.project import Project
from synth.project.lock import hold_lock

RIS = "TY  - JOUR\nTI  - A trial of something\nAU  - Ruiz, A.\nPY  - 2020\nER  - \n"


@dataclass
class Terminal:
    """Runs a command line in this process and keeps what it said."""

    capsys: pytest.CaptureFixture[str]

    def __call__(self, *args: object) -> tuple[int, str]:
        status = run([str(arg) for arg in args])
        return status, self.capsys.readouterr().err


@pytest.fixture
def terminal(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    return Terminal(capsys)


def make_files(folder: Path) -> None:
    (folder / "good.ris").write_text(RIS, encoding="utf-8")
    (folder / "empty.ris").write_bytes(b"")
    (folder / "paper.pdf").write_bytes(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n")
    (folder / "table.xlsx").write_bytes(b"PK\x03\x04" + b"\x00" * 60)
    (folder / "page.html").write_text("<!DOCTYPE html><html><body>Please log in</body></html>", encoding="utf-8")
    (folder / "notes.txt").write_text("just some words\nand more of them\n", encoding="utf-8")
    (folder / "effects.csv").write_text("study,yi,vi\nA,0.1,0.02\nB,0.3,0.04\nC,0.2,0.03\n", encoding="utf-8")
    (folder / "coded.csv").write_text("id,title,population,setting\n1,T,women,school\n", encoding="utf-8")
    (folder / "labelled.csv").write_text(
        "record_id,title,abstract,label_included\n1,a,b,1\n2,c,d,0\n", encoding="utf-8"
    )
    (folder / "folder").mkdir()


OUTSIDE = [
    (["imprt", "good.ris"], 2, "Did you mean import?"),
    (["frobnicate"], 2, "There is no command 'frobnicate'"),
    (["--nosuch"], 2, "--nosuch"),
    (["convert"], 2, "FILES"),
    (["convert", "gone.ris", "-o", "x.csv"], 5, "gone.ris: no such file"),
    (["convert", "god.ris", "-o", "x.csv"], 5, "Did you mean good.ris?"),
    (["convert", "folder", "-o", "x.csv"], 5, "is a folder"),
    (["convert", "empty.ris", "-o", "x.csv"], 5, "the file is empty"),
    (["convert", "paper.pdf", "-o", "x.csv"], 5, "PDF"),
    (["convert", "table.xlsx", "-o", "x.csv"], 5, "table.xlsx"),
    (["convert", "page.html", "-o", "x.csv"], 5, "page.html"),
    (["convert", "notes.txt", "-o", "x.csv"], 5, "notes.txt"),
    (["convert", "good.ris", "-o", "out.doc"], 2, "out.doc"),
    (["dedupe", "gone.csv", "--groups", "g.csv"], 5, "no such file"),
    (["status"], 3, "no project here"),
    (["-C", "nowhere", "status"], 2, "no such folder"),
    (["import", "good.ris"], 3, "no project here"),
    (["init"], 2, "DIR"),
    (["meta", "effects.csv", "--yi", "y", "--vi", "vi"], 2, "yi"),
    (["meta", "effects.csv", "--method", "RELM"], 2, "REML"),
    (["plot", "forrest", "effects.csv", "-o", "f.svg"], 2, "forest"),
    (["plot", "forest", "effects.csv", "-o", "f.bmp"], 2, "f.bmp"),
    (["map", "coded.csv", "--rows", "popluation", "--cols", "setting", "-o", "m.html"], 2, "population"),
    (["simulate", "labelled.csv", "--priors", "99,98", "--order", "o.csv"], 2, "99"),
    (["open", "good.ris", "there"], 5, "not an edition"),
    (["demo", "good.ris"], 3, "good.ris"),
]

INSIDE = [
    (["import"], 2, "no files named"),
    (["import", "gone.ris"], 5, "no such file"),
    (["import", "good.ris", "--searched-on", "last spring"], 2, "'last spring' is not a date"),
    (["import", "good.ris", "--kind", "databse"], 2, "Did you mean database?"),
    (["import", "good.ris", "paper.pdf"], 5, "Nothing was imported"),
    (["undo"], 3, "nothing to undo"),
    (["undo", "77"], 3, "there is no run 77"),
    (["screen", "decide", "nosuchwork", "include", "--person", "ana"], 2, "nosuchwork"),
    (["screen", "next", "--person", "nobody"], 2, "ana"),
    (["extract", "set", "s1", "population", "women"], 2, "it is not clear who answers"),
    (["extract", "set", "s1", "population", "women", "--person", "ana"], 3, "no studies yet"),
    (["pack", "edition.tar"], 2, "is a .zip"),
    (["init", "."], 3, "is a project already"),
    (["map"], 3, "stud"),
]


def check(status: int, text: str, expected: int, words: str) -> None:
    lines = text.strip().splitlines()
    assert status == expected, text
    assert words in text
    assert 1 <= len(lines) <= 4, text
    assert "Traceback" not in text
    assert lines[0].startswith("synth: ")


@pytest.mark.parametrize(
    ("args", "status", "words"), OUTSIDE, ids=lambda value: " ".join(value) if isinstance(value, list) else ""
)
def test_wrong_use_outside_a_project(
    terminal: Terminal, tmp_path: Path, args: list[str], status: int, words: str
) -> None:
    make_files(tmp_path)
    before = {path.name for path in tmp_path.iterdir()}
    check(*terminal(*args), status, words)
    assert {path.name for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    ("args", "status", "words"), INSIDE, ids=lambda value: " ".join(value) if isinstance(value, list) else ""
)
def test_wrong_use_inside_a_project(  # noqa: PLR0917  three fixtures and three columns of the table
    terminal: Terminal, project: Project, monkeypatch: pytest.MonkeyPatch, args: list[str], status: int, words: str
) -> None:
    monkeypatch.chdir(project.folder)
    make_files(project.folder)
    runs = len(project.read("runs"))
    check(*terminal(*args), status, words)
    assert len(project.read("runs")) == runs


def test_an_unknown_code_gets_the_nearest_one(terminal: Terminal, project: Project) -> None:
    with project.run("extract studies", {}) as run:
        run.append("studies", [{"id": "s1", "name": "One", "kind": "primary"}])
    args = ("extract", "set", "s1", "population", "wommen", "--person", "ana")
    check(*terminal("-C", project.folder, *args), 2, "unknown code")
    assert project.read("answers").empty


def test_a_project_of_a_newer_version_is_refused(terminal: Terminal, project: Project) -> None:
    project.close()
    with sqlite3.connect(project.folder / "review.db") as connection:
        connection.execute("INSERT INTO schema_version VALUES (99, '9.9', 'later')")
    check(*terminal("-C", project.folder, "status"), 3, "newer synth")


def test_a_locked_project_names_the_holder(
    terminal: Terminal, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_files(project.folder)
    monkeypatch.setattr("synth.project.project.hold_lock", lambda path, now: hold_lock(path, now, patience=0.1))
    with hold_lock(project.folder / ".synth.lock", "2026-03-01T12:00:00Z"):
        check(*terminal("-C", project.folder, "import", project.folder / "good.ris"), 3, "locked by pid")


def break_writing(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Inject the error where bytes are written, so that it is met as any user, root too."""

    def refuse(*_args: object, **_kwargs: object) -> None:
        raise OSError(number, "injected")

    monkeypatch.setattr(synth.files.tempfile, "mkstemp", refuse)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
@pytest.mark.parametrize("args", [["convert", "good.ris", "-o", "out.csv"], ["init", "new"]], ids=lambda args: args[0])
def test_a_full_or_read_only_disk_is_status_6_and_changes_nothing(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, args: list[str], number: int
) -> None:
    make_files(tmp_path)
    break_writing(monkeypatch, number)
    check(*terminal(*args), 6, "Nothing was changed")
    assert not (tmp_path / "out.csv").exists()
    assert not list(tmp_path.glob("new/*"))


@pytest.mark.parametrize("words", ["database or disk is full", "attempt to write a readonly database"])
def test_a_full_disk_while_importing_is_status_6(
    terminal: Terminal, project: Project, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    import sqlalchemy as sa

    make_files(project.folder)

    def refuse(*_args: object) -> None:
        raise sa.exc.OperationalError("INSERT", {}, sqlite3.OperationalError(words))

    monkeypatch.setattr("synth.project.store.Run._last_row", refuse)
    check(*terminal("-C", project.folder, "import", project.folder / "good.ris"), 6, "Nothing was changed")
    monkeypatch.undo()
    assert project.read("sources").empty
    assert project.store.check() == []


def test_a_fault_of_ours_names_its_log_and_is_status_1(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("HOME", str(tmp_path))

    def break_down(*_args: object, **_kwargs: object) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr("synth.project.open_project", break_down)
    status, text = terminal("status")
    check(status, text, 1, "fault of synth itself (ZeroDivisionError: by zero)")
    log = next(line for line in text.splitlines() if "last-fault.txt" in line)
    assert "ZeroDivisionError" in Path(log.split("written in ")[1]).read_text(encoding="utf-8")


def test_an_interrupt_is_status_130(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_args: object, **_kwargs: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("synth.project.open_project", interrupt)
    check(*terminal("status"), 130, "interrupted")


def test_output_that_nobody_reads_to_the_end_is_no_fault(run_synth: Callable[..., object]) -> None:
    import subprocess
    import sys

    line = f"{sys.executable} -m synth --help | head -n 1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", line], capture_output=True, check=False)
    assert done.returncode == 0
    assert done.stderr == b""
