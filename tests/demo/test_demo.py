"""The demo: refuses foreign folders, says what is missing, and shows four findings that hold."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

NHISCAN = str(Path(sys.executable).with_name("nhiscan"))


def run(*command: str, cwd: Path, timeout: float = 120) -> subprocess.CompletedProcess[str]:
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(  # noqa: S603 our own commands
        command,
        cwd=cwd,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=timeout,
        check=False,
    )


def test_foreign_folder_is_refused_and_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "thesis.txt").write_text("precious")
    done = run(NHISCAN, "demo", "--dir", str(folder), cwd=tmp_path)
    assert done.returncode == 2
    assert "not empty" in done.stderr
    assert [path.name for path in folder.iterdir()] == ["thesis.txt"]


def test_missing_sandbox_is_told_with_the_line_that_installs_it(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "sys.modules['moto'] = None\n"
        "sys.argv = ['nhiscan', 'demo']\n"
        "from nhiscan.cli import main\n"
        "main()\n"
    )
    done = run(sys.executable, "-c", program, cwd=tmp_path)
    assert done.returncode == 2
    assert "pip install 'nhiscan[aws,azure,gcp,sandbox]'" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_demo_shows_four_findings_and_every_command_that_it_names_works(tmp_path: Path) -> None:
    done = run(NHISCAN, "demo", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert [line[:2] for line in done.stdout.splitlines() if re.match(r"\d\. ", line)] == [
        "1.",
        "2.",
        "3.",
        "4.",
    ]
    for told in (
        "nobody owns it",
        "its owner has left",
        "shared across clients",
        "signed something else",
    ):
        assert told in done.stdout
    commands = [line.split("#")[0] for line in done.stdout.splitlines() if "   nhiscan" in line]
    assert len(commands) >= 5
    for command in commands:
        words = [NHISCAN, *shlex.split(command)[1:]]
        tried = run(*words, cwd=tmp_path)
        # what tells of gaps in reading says so by its exit code, too
        tells = "status" in words or "html" in words
        assert tried.returncode in ((0, 3) if tells else (0,)), command + tried.stderr


@pytest.mark.slow
def test_second_demo_in_its_own_folder_finds_nothing_changed(tmp_path: Path) -> None:
    for _ in range(2):
        assert run(NHISCAN, "demo", cwd=tmp_path).returncode == 0
    sql = (
        "SELECT count(*) AS rows FROM identities_history WHERE valid_to IS NOT NULL"
        " UNION ALL SELECT count(*) FROM findings_history WHERE valid_to IS NOT NULL"
    )
    config = str(tmp_path / "demo" / "nhiscan.yaml")
    asked = run(NHISCAN, "sql", sql, "-c", config, "--format", "json", cwd=tmp_path)
    assert json.loads(asked.stdout) == [{"rows": 0}, {"rows": 0}]
