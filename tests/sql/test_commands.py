"""`nhiscan sql`, `query` and `shell` as a user meets them, in processes of their own."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ENDLESS = "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range + b.range = -1"
NHISCAN = str(Path(sys.executable).with_name("nhiscan"))


def nhiscan(
    published: Path, *arguments: str, input: str | None = None, code: int = 0
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(  # noqa: S603 - our own command
        [NHISCAN, *arguments, "--db", str(published)],
        input=input,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=published.parent,
    )
    assert done.returncode == code, done.stderr
    return done


def test_sql_writes_data_to_stdout_and_gaps_to_stderr(published: Path) -> None:
    ask = "SELECT name, unread FROM identities ORDER BY 1"
    done = nhiscan(published, "sql", ask, "--format", "json")
    gap = ["iam.credential_report (global): denied, no permission"]
    assert json.loads(done.stdout) == [{"name": "a", "unread": gap}, {"name": "c", "unread": gap}]
    assert "note: 1 source was not read whole" in done.stderr


def test_sql_reads_stdin_and_the_past(published: Path) -> None:
    done = nhiscan(
        published, "sql", "-", "--as-of", "2026-11-02", "--format", "csv",
        input="SELECT name\nFROM identities ORDER BY 1;\n",
    )  # fmt: skip
    assert done.stdout.split() == ["name", "a", "b"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["DROP VIEW identities"], "refused"),
        (["SELECT 1; SELECT 2"], "2 statements"),
        (["FROM identitys"], "did you mean identities"),
        (["SELECT 1", "--as-of", "soon"], "--as-of: 'soon'"),
        (["SELECT 1", "--as-of", "2020-01-01"], "first scan"),
        ([ENDLESS, "--timeout", "0.5"], "stopped after 0.5 seconds"),
    ],
)
def test_sql_that_fails_exits_2_and_says_why(
    published: Path, arguments: list[str], words: str
) -> None:
    done = nhiscan(published, "sql", *arguments, code=2)
    assert words in done.stderr
    assert done.stdout == ""


def test_query_lists_shows_and_runs(published: Path) -> None:
    listed = nhiscan(published, "query", "--format", "json").stdout
    assert "dormant" in {row["name"] for row in json.loads(listed)}
    shown = nhiscan(published, "query", "dormant", "--show").stdout
    assert "why: " in shown
    assert "SELECT" in shown
    page = json.loads(nhiscan(published, "query", "dormant", "--show", "--format", "json").stdout)
    assert page[0]["rule"] == "LIF-01"
    assert "SELECT" in page[0]["sql"]
    nhiscan(published, "query", "dormant", "--param", "dormant_days=45")
    wrong = nhiscan(published, "query", "dormant", "--param", "dormant_dys=45", code=2)
    assert "did you mean dormant_days" in wrong.stderr
    assert "not name=value" in nhiscan(published, "query", "dormant", "--param", "x", code=2).stderr


def test_shell_reads_a_pipe(published: Path) -> None:
    script = "SELECT name\nFROM identities\nORDER BY 1;\nFROM nothing;\n.columns tenants\nSELECT 42"
    done = nhiscan(published, "shell", input=script, code=2)
    assert "client_group" in done.stdout
    assert {"name", "a", "c"} <= set(done.stdout.split())
    assert "42" in done.stdout
    assert "does not exist" in done.stderr
    assert nhiscan(published, "shell", input="SELECT 42;\n.tables\n").stderr == ""


def test_ctrl_c_stops_the_question_not_the_shell(published: Path) -> None:
    with subprocess.Popen(  # noqa: S603 - our own command
        [NHISCAN, "shell", "--db", str(published)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as shell:  # fmt: skip
        assert shell.stdin is not None
        shell.stdin.write("SELECT 7 AS ready;\n")
        shell.stdin.write(f"{ENDLESS};\n")
        shell.stdin.flush()
        assert shell.stdout is not None
        while "7" not in shell.stdout.readline():
            pass
        time.sleep(1)
        shell.send_signal(signal.SIGINT)
        time.sleep(0.5)
        out, err = shell.communicate("SELECT 42;\n", timeout=30)
    assert shell.returncode == 0
    assert "42" in out
    assert "stopped" in err


def test_shell_on_a_terminal_keeps_no_history_file(published: Path, tmp_path: Path) -> None:
    leader, follower = pty.openpty()
    with subprocess.Popen(  # noqa: S603 - our own command
        [NHISCAN, "shell", "--db", str(published)],
        stdin=follower, stdout=follower, stderr=follower,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "TERM": "dumb"}, cwd=tmp_path,
    ) as shell:  # fmt: skip
        os.close(follower)
        os.write(leader, b"SELECT 40 + 2 AS answer;\n.quit\n")
        seen = b""
        while shell.poll() is None or b"42" not in seen:
            try:
                seen += os.read(leader, 4096)
            except OSError:
                break
    os.close(leader)
    assert b"42" in seen
    assert list(tmp_path.iterdir()) == []
