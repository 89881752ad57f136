"""Every text format of the hard table is what the golden files say, byte by byte.

To renew one: delete it, run this (it fails and writes the file), read the difference, commit it.
"""

import io
from pathlib import Path

import pytest
from rich.cells import cell_len

from nhiscan import plugins
from nhiscan.table import Table

GOLDEN = Path(__file__).parent / "golden"


def rendered(name: str, table: Table, width: int | None = None, color: bool = False) -> bytes:
    stream = io.BytesIO()
    plugins.report(name).write(table, stream, width=width, color=color)
    return stream.getvalue()


def check(file: str, content: bytes) -> None:
    path = GOLDEN / file
    if not path.exists():
        path.write_bytes(content)
        pytest.fail(f"{path.name} did not exist and was written: read it, then commit it")
    assert content == path.read_bytes()


@pytest.mark.parametrize("name", ["csv", "json", "jsonl", "md", "table"])
def test_golden(name: str, hard: Table) -> None:
    suffix = plugins.report(name).suffix
    check(f"hard{suffix}", rendered(name, hard))


@pytest.mark.parametrize(("width", "color"), [(220, False), (220, True), (120, False)])
def test_golden_terminal(width: int, color: bool, hard: Table) -> None:
    content = rendered("table", hard, width, color)
    check(f"hard-{width}{'-color' if color else ''}.txt", content)


@pytest.mark.parametrize("width", [40, 80, 100, 132, 200, 400])
def test_terminal_fits(width: int, hard: Table) -> None:
    lines = rendered("table", hard, width).decode().splitlines()
    assert max(cell_len(line) for line in lines) <= width


@pytest.mark.parametrize("name", ["table", "csv", "md", "json", "jsonl"])
@pytest.mark.parametrize("width", [None, 80])
def test_no_terminal_control(name: str, width: int | None, hard: Table) -> None:
    content = rendered(name, hard, width).decode()
    allowed = {"\n"} | ({"\r", "\t"} if name == "csv" else set())
    controls = {c for c in content if ord(c) < 32 or 127 <= ord(c) < 160}
    assert controls <= allowed


@pytest.mark.parametrize("name", ["table", "md", "json", "jsonl"])
def test_no_direction_marks(name: str, hard: Table) -> None:
    assert not {"\u202e", "\u202c", "\u200b", "\u2028"} & set(rendered(name, hard).decode())


def test_plain_text_is_whole(hard: Table) -> None:
    content = rendered("table", hard).decode()
    assert hard.rows[9][0] in content
    assert content.count("\n") == len(hard.rows) + 1
    assert not set("│┃─━┏╭|+") & set(content.splitlines()[0])


def test_markup_is_text(hard: Table) -> None:
    assert "[bold red]markup[/] :smile:" in rendered("table", hard).decode()


def test_color_only_if_asked(hard: Table) -> None:
    assert b"\x1b[" in rendered("table", hard, 220, True)
    assert b"\x1b" not in rendered("table", hard, 220, False)


def test_own_ids_stay_whole_and_long_ids_keep_both_ends() -> None:
    arn = "arn:aws:iam::111122223333:role/" + "deep/" * 30 + "last"
    table = Table(columns=("identity_id", "arn"), rows=[("nhi_0123456789abcdef0123", arn)])
    line = rendered("table", table, 80).decode().splitlines()[1]
    assert "nhi_0123456789abcdef0123" in line
    assert "arn:aws:iam::111122223333" in line
    assert line.rstrip().endswith("last")
    assert "…" in line


def test_columns_without_room_are_named_and_a_few_rows_are_whole(hard: Table) -> None:
    listed = rendered("table", hard, 120).decode()
    assert "\nNo room for: list, facts (" in listed
    assert '"deep"' not in listed
    few = rendered("table", Table(columns=hard.columns, rows=hard.rows[:2]), 120).decode()
    assert "No room" not in few
    assert "at        2026-05-01T04:00:00Z\n" in few


def test_too_narrow_for_a_table_is_records(hard: Table) -> None:
    assert "\nseverity  critical\n" in rendered("table", hard, 40).decode()


@pytest.mark.parametrize("name", ["table", "csv", "json", "jsonl", "md", "parquet", "xlsx"])
def test_no_rows(name: str) -> None:
    content = rendered(name, Table(columns=("a", "b"), rows=[]))
    assert content == {
        "table": b"a  b\n",
        "csv": b"a,b\r\n",
        "json": b"[]\n",
        "jsonl": b"",
        "md": b"| a | b |\n| --- | --- |\n",
    }.get(name, content)


@pytest.mark.parametrize("name", ["csv", "json", "jsonl", "md", "table", "xlsx"])
def test_same_table_same_bytes(name: str, hard: Table) -> None:
    assert rendered(name, hard) == rendered(name, hard)
