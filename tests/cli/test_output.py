"""Where a result goes: the format by its ending, whole files only, data on stdout alone."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from nhiscan.cli.output import emit
from nhiscan.errors import UsageError
from nhiscan.table import Table

TABLE = Table(columns=("name", "severity"), rows=[("a", "high")], notes=("roles \x1b[31m denied",))
EMIT = """
from nhiscan.cli.output import emit
from nhiscan.table import Table
rows = [("a" * 300, "high")]
emit(Table(columns=("name", "severity"), rows=rows, notes=("roles denied",)), {!r}, None)
"""


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("gaps.csv", b"name,severity"),
        ("gaps.JSON", b"[\n"),
        ("gaps.jsonl", b'{"name"'),
        ("gaps.md", b"| name"),
        ("gaps.txt", b"name  severity"),
        ("gaps", b"name  severity"),
        ("gaps.xlsx", b"PK"),
        ("gaps.parquet", b"PAR1"),
    ],
)
def test_the_ending_picks_the_format(name: str, start: bytes, tmp_path: Path) -> None:
    emit(TABLE, None, tmp_path / name)
    assert (tmp_path / name).read_bytes().startswith(start)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).stat().st_mode & 0o777 == 0o600


def test_format_goes_before_the_ending(tmp_path: Path) -> None:
    emit(TABLE, "json", tmp_path / "gaps.csv")
    assert json.loads((tmp_path / "gaps.csv").read_text()) == [{"name": "a", "severity": "high"}]


def test_notes_go_to_stderr_and_are_safe(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    emit(TABLE, "csv", tmp_path / "gaps.csv")
    captured = capfd.readouterr()
    assert captured.out == ""
    assert captured.err == "note: roles \\u001b[31m denied\n"


@pytest.mark.parametrize("name", ["gaps.pdf", "gaps.log"])
def test_unknown_endings(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no format ends in"):
        emit(TABLE, None, tmp_path / name)


@pytest.mark.parametrize("form", ["xlsx", "parquet"])
def test_binary_formats_need_a_file(form: str) -> None:
    with pytest.raises(UsageError, match="is a binary format") as caught:
        emit(TABLE, form, None)
    assert caught.value.hint == f"add -o FILE.{form}"


def test_what_is_no_file_is_written_through(tmp_path: Path) -> None:
    reader = tmp_path / "pipe"
    os.mkfifo(reader)
    opened = os.open(reader, os.O_RDONLY | os.O_NONBLOCK)
    try:
        emit(TABLE, "csv", reader)
        assert os.read(opened, 100) == b"name,severity\r\na,high\r\n"
    finally:
        os.close(opened)
    assert reader.is_fifo()


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file or directory"):
        emit(TABLE, "csv", tmp_path / "none/gaps.csv")


def run(form: str, stdout: int, **env: str) -> str:
    """Run emit in its own process with stdout as given; return what went to stderr."""
    result = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", EMIT.format(form)],
        stdout=stdout,
        stderr=subprocess.PIPE,
        env={"PATH": os.environ["PATH"], **env},
        check=True,
    )
    return result.stderr.decode()


def on_terminal(form: str, **env: str) -> str:
    """Return what a terminal of 60 columns is sent."""
    ours, theirs = pty.openpty()
    try:
        assert run(form, theirs, COLUMNS="60", **env) == "note: roles denied\n"
        return os.read(ours, 100_000).decode()
    finally:
        os.close(ours)
        os.close(theirs)


def test_terminal_gets_color_and_fits() -> None:
    content = on_terminal("table")
    assert "\x1b[31m" in content
    assert "aaa…aaa" in content


def test_no_color_is_honoured() -> None:
    assert "\x1b" not in on_terminal("table", NO_COLOR="1")


def test_pipe_is_plain_and_whole() -> None:
    read, write = os.pipe()
    assert run("table", write) == "note: roles denied\n"
    os.close(write)
    content = os.read(read, 100_000).decode()
    os.close(read)
    assert content == f"name{' ' * 58}severity\n{'a' * 300}  high\n"
