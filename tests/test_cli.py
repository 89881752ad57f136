"""The command line as a process: quick to help, exact in its codes, clean on stdout."""

import ast
import json
import os
import resource
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

from nhiscan.cli import COMMANDS

HEAVY: tuple[str, ...] = (
    "boto3",
    "botocore",
    "duckdb",
    "moto",
    "networkx",
    "openpyxl",
    "rich",
    "yaml",
    "azure",
)
HEAVY += ("google.cloud", "flask", "nhiscan_sandbox")
NHISCAN = str(Path(sys.executable).with_name("nhiscan"))
CLI = Path(sys.modules["nhiscan.cli"].__file__ or "").parent


def started(
    command: list[str], cwd: Path | None = None, stdout: int = subprocess.PIPE, **env: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own command
        command,
        cwd=cwd,
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **env},
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def nhiscan(
    *arguments: str, cwd: Path | None = None, **env: str
) -> subprocess.CompletedProcess[str]:
    return started([NHISCAN, *arguments], cwd, subprocess.PIPE, **env)


def python(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return started([sys.executable, "-c", script, *arguments])


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_help_takes_under_0_3_seconds() -> None:
    spent = []
    for _ in range(7):
        before = cpu()
        assert nhiscan("--help").returncode == 0
        spent.append(cpu() - before)
    assert statistics.median(spent) < 0.3


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["no-such-command"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    script = (
        "import json, sys; sys.argv[0] = 'nhiscan'; from nhiscan.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    )
    result = python(script, *arguments)
    loaded = json.loads(result.stderr.splitlines()[-1])
    assert not [name for name in loaded if name in HEAVY or name.startswith("nhiscan_")]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_on_stdout(command: str) -> None:
    result = nhiscan(command, "--help")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith(f"Usage: nhiscan {command}")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_loads_no_sdk(command: str) -> None:
    script = (
        f"import sys; from importlib import import_module\n"
        f"import_module('nhiscan.cli.{COMMANDS[command]}')\n"
        f"print(*sys.modules)"
    )
    result = python(script)
    assert (result.returncode, result.stderr) == (0, "")
    assert not set(result.stdout.split()) & set(HEAVY)


def test_version() -> None:
    assert nhiscan("--version").stdout.startswith("nhiscan, version ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["gasp"], "error: no command 'gasp'\nhint: did you mean 'gaps'?"),
        (["export", "gapss"], "No such command 'gapss'"),
        (["--hlp"], "No such option"),
        (["gaps", "--severety", "high"], "No such option"),
        (["query", "unownd", "--db", "none.duckdb"], "unowned"),
        (["gaps", "--db", "none.duckdb"], "none.duckdb: no store is there yet"),
        (["gaps"], "nhiscan.yaml"),
        (["gaps", "--format", "pdf", "--db", "none.duckdb"], "'pdf' is not one of"),
        (["permissions", "awss"], "did you mean 'aws'?"),
    ],
)
def test_what_the_user_can_mend_exits_2(arguments: list[str], said: str, tmp_path: Path) -> None:
    result = nhiscan(*arguments, cwd=tmp_path)
    assert (result.returncode, result.stdout) == (2, "")
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_words_of_the_user_are_safe_on_a_terminal(tmp_path: Path) -> None:
    result = nhiscan("\x1b[31mgaps", cwd=tmp_path)
    assert "\x1b" not in result.stderr
    assert result.returncode == 2


def test_words_that_click_complains_of_are_safe_too(tmp_path: Path) -> None:
    for arguments in (
        ["gaps", "\x1b[31mred\u202e"],
        ["gaps", "--\x1b[31m"],
        ["scan", "--jobs", "\x1b"],
    ):
        result = nhiscan(*arguments, cwd=tmp_path)
        assert result.returncode == 2
        assert not {"\x1b", "\u202e"} & set(result.stderr)


def test_a_fault_of_ours_exits_4() -> None:
    script = (
        "import sys; sys.argv = ['nhiscan', 'gaps']; import nhiscan.cli as cli\n"
        "cli.COMMANDS['gaps'] = 'no_such_module'; cli.main()"
    )
    result = python(script)
    assert (result.returncode, result.stdout) == (4, "")
    assert "ModuleNotFoundError" in result.stderr


def test_a_reader_that_leaves_is_no_finding() -> None:
    read, write = os.pipe()
    os.close(read)
    result = started([NHISCAN, "permissions", "aws"], stdout=write)
    os.close(write)
    assert (result.returncode, result.stderr) == (0, "")


def test_commands_return_their_code_and_do_not_exit() -> None:
    for path in CLI.glob("*.py"):
        if path.name == "__init__.py":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
            assert not (isinstance(node, ast.Name | ast.Attribute) and name == "SystemExit"), path
            assert not (isinstance(node, ast.Attribute) and ast.unparse(node) == "sys.exit"), path


def test_variables_stand_for_options(tmp_path: Path) -> None:
    result = nhiscan("gaps", cwd=tmp_path, NHISCAN_DB="elsewhere.duckdb")
    assert "elsewhere.duckdb: no store is there yet" in result.stderr
    result = nhiscan("gaps", cwd=tmp_path, NHISCAN_CONFIG="other.yaml")
    assert "other.yaml" in result.stderr
    result = nhiscan("providers", cwd=tmp_path, NHISCAN_FORMAT="json")
    assert isinstance(json.loads(result.stdout), list)
    result = nhiscan("permissions", "aws", cwd=tmp_path, NHISCAN_PERMISSIONS_FORM="stackset")
    assert "AWSTemplateFormatVersion" in result.stdout
    result = nhiscan("export", "gaps", "--db", "x", cwd=tmp_path, NHISCAN_EXPORT_GAPS_TO="lists")
    assert "x: no store is there yet" in result.stderr


@pytest.mark.parametrize("fixed", ["2026-05-01T06:00:00Z", "yesterday"])
def test_the_clock_is_fixed_or_refused(fixed: str, tmp_path: Path) -> None:
    (tmp_path / "nhiscan.duckdb").touch()
    result = nhiscan("gaps", "--db", "nhiscan.duckdb", cwd=tmp_path, NHISCAN_NOW=fixed)
    assert result.returncode == 2


def test_piped_output_is_plain() -> None:
    result = nhiscan("query")
    assert result.returncode == 0
    assert "\x1b" not in result.stdout
    assert "unowned" in result.stdout
