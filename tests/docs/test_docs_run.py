"""The tutorial and the README run as they stand, in an empty folder."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from synth.cli.main import COMMANDS, load_all

ROOT = Path(__file__).resolve().parents[2]


def commands_of(page: Path) -> list[str]:
    blocks = re.findall(r"^```sh\n(.*?)^```", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return [line.partition("  #")[0].strip() for block in blocks for line in block.splitlines() if line.strip()]


@pytest.mark.slow
def test_every_command_of_the_tutorial_runs(tmp_path: Path) -> None:
    folder = tmp_path
    for line in commands_of(ROOT / "docs" / "tutorial.md"):
        words = shlex.split(line)
        if words[0] == "cd":
            folder /= words[1]
            continue
        done = subprocess.run(
            [sys.executable, "-m", *words],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "NO_COLOR": "1"},
        )
        assert done.returncode == 0, f"{line}\n{done.stderr}"
    assert (tmp_path / "review" / "report.html").stat().st_size > 10_000


def test_the_readme_names_every_command() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    spoken = set(re.findall(r"`(?:synth )?([a-z]+)[ `]", text))
    assert set(COMMANDS) - spoken - {"demo"} == set()


@pytest.mark.parametrize("page", sorted((ROOT / "docs").rglob("*.md")), ids=lambda path: path.name)
def test_every_command_that_a_page_names_exists(page: Path) -> None:
    commands = load_all()
    for name in re.findall(r"`synth ([a-z]+)", page.read_text(encoding="utf-8")):
        assert name in commands, f"{page.name}: synth {name}"


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))], ids=lambda path: path.name
)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!http|#)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name} -> {target}"


def test_the_example_sheets_are_taken_in_as_they_stand(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "reference" / "sheets.md").read_text(encoding="utf-8")
    for name, content in re.findall(r"^```text (\S+)\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL):
        (tmp_path / name).write_text(content, encoding="utf-8")
    folder = tmp_path
    for line in re.findall(r"^```text\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)[-1].splitlines():
        words = shlex.split(line)
        if words[0] == "cd":
            folder /= words[1]
            continue
        done = subprocess.run([sys.executable, "-m", *words], cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{line}\n{done.stderr}"
    assert "mensah2021" in (folder / "tables" / "effects.csv").read_text(encoding="utf-8")
    again = [sys.executable, "-m", "synth", "extract", "fill", "../labels.csv"]
    assert "8 known already" in subprocess.run(again, cwd=folder, capture_output=True, text=True, check=True).stderr
