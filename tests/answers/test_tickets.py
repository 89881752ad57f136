"""`nhiscan import tickets`: what ticket systems say, checked whole, and what does not agree."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.findings.days import Store, without_key
from tests.queries import estate

OLD_KEY = ("CRD-01", "access key …AAAA of deploy was not rotated in time")
UNOWNED = ("OWN-01", "idle has no owner")

Import = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(tmp_path)
    made.scan(0, estate.acme())
    return made


@pytest.fixture
def tell(store: Store, tmp_path: Path) -> Import:
    def go(
        text: str, *options: str, name: str = "tickets.csv", day: float = 0.5
    ) -> subprocess.CompletedProcess[str]:
        (tmp_path / name).write_text(text, "utf-8")
        return subprocess.run(  # noqa: S603 our own command, with the test's arguments
            [
                str(Path(sys.executable).with_name("nhiscan")), "import", "tickets", name,
                "--db", str(store.path), "--by", "desk", *options,
            ],
            cwd=tmp_path,
            env={"NHISCAN_NOW": (estate.NOW + timedelta(days=day)).isoformat(), "PATH": "/bin"},
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )  # fmt: skip

    return go


def held(store: Store) -> list[dict[str, Any]]:
    return store.ask("SELECT * FROM tickets ORDER BY ticket_ref, finding_id")


def test_what_is_new_is_told_once_and_shown_in_gaps(store: Store, tell: Import) -> None:
    fp = store.findings()[OLD_KEY]["finding_id"]
    text = f"fp,ticket_ref,status,closed_at\n{fp},T-1,In Progress,\n"
    first = tell(text)
    assert first.returncode == 0, first.stderr
    assert "1 tickets read: 1 new, 0 changed, 0 as before" in first.stderr
    assert first.stdout == ""
    again = tell(text, day=0.6)
    assert "0 new, 0 changed, 1 as before" in again.stderr
    rows = store.ask("SELECT * FROM store.ticket")
    assert len(rows) == 1
    assert rows[0]["recorded_by"] == "desk"
    assert rows[0]["tenant_id"] == "acme"
    closed = f"fp,ticket_ref,status,closed_at\n{fp},T-1,Closed Complete,\n"
    assert "0 new, 1 changed" in tell(closed, day=0.7).stderr
    assert [row["is_closed"] for row in held(store)] == [True]


def test_every_problem_is_told_at_once_and_nothing_is_imported(store: Store, tell: Import) -> None:
    fp = store.findings()[OLD_KEY]["finding_id"]
    done = tell(
        "fp,ticket_ref,status,closed_at\n"
        f"{fp},T-1,open,\n"
        "find_00000000000000000000,T-2,open,\n"
        f"{fp},,open,\n"
        f"{fp},T-3,open,31/12/2025\n"
        f"{fp},T-4,closed,2199-01-01\n"
        f"{fp},T-1,closed,\n"
    )
    assert done.returncode == 2
    for told in (
        "tickets.csv:3: no finding 'find_00000000000000000000' is known",
        "tickets.csv:4: ticket_ref is empty",
        "tickets.csv:5: closed_at '31/12/2025' is not a date like 2026-05-31",
        "tickets.csv:6: closed_at 2199-01-01 is still to come",
        "tickets.csv:7: says something else of T-1 than line 2",
        "nothing was imported",
    ):
        assert told in done.stderr
    assert held(store) == []


def test_columns_are_found_mapped_and_missed(store: Store, tell: Import) -> None:
    ids = [row["finding_id"] for row in store.findings().values()][:2]
    bad = tell("fp,ticket_ref,closd_at\nx,T,\n")
    assert "tickets.csv:1: unknown column 'closd_at'; did you mean 'closed_at'?" in bad.stderr
    bad = tell("Issue key,Labels\nOPS-1,x\n")
    assert "column 'fp' or 'finding_fp' or 'finding_id' is missing" in bad.stderr
    assert "there are: Issue key, Labels" in bad.stderr
    # Jira repeats the column of what has several values
    text = f"Issue key,Labels,Labels,Labels\nOPS-1,nhiscan,{ids[0]},{ids[1]}\nOPS-2,ours,,\n"
    good = tell(text, "--columns", "fp=Labels,ticket_ref=Issue key")
    assert good.returncode == 0, good.stderr
    assert "1 rows name no finding and were passed over" in good.stderr
    assert {row["finding_id"] for row in held(store)} == set(ids)
    again = tell(text, "--profile", "jira")
    assert "2 tickets read: 0 new, 0 changed, 2 as before" in again.stderr
    assert tell(text, "--profile", "jiro").returncode == 2
    absent = tell(text, "--profile", "jira", "--columns", "closed_at=Ended")
    assert "column 'Ended' is missing" in absent.stderr
    wrong = tell(text, "--columns", "fingerprint=Labels")
    assert wrong.returncode == 2
    assert "known: fp, finding_fp" in wrong.stderr


@pytest.mark.parametrize("form", ["json", "jsonl", "xlsx"])
def test_other_formats_say_the_same(store: Store, tell: Import, tmp_path: Path, form: str) -> None:
    fp = store.findings()[OLD_KEY]["finding_id"]
    row = {"finding_id": fp, "ticket_ref": 4711, "status": "Open", "closed_at": None}
    name = f"tickets.{form}"
    if form == "xlsx":
        from openpyxl import Workbook

        book = Workbook()
        assert book.active is not None
        book.active.append(list(row))
        book.active.append(list(row.values()))
        book.save(tmp_path / name)
        text = (tmp_path / name).read_bytes()
        done = tell("", name="other")
        (tmp_path / name).write_bytes(text)
        done = subprocess.run(  # noqa: S603 our own command
            [str(Path(sys.executable).with_name("nhiscan")), "import", "tickets", name,
             "--db", str(store.path)],
            cwd=tmp_path, env={"NHISCAN_NOW": estate.NOW.isoformat(), "USER": "desk"},
            capture_output=True, encoding="utf-8", timeout=60, check=False,
        )  # fmt: skip
    else:
        done = tell(json.dumps([row] if form == "json" else row), name=name)
    assert done.returncode == 0, done.stderr
    assert [(one["ticket_ref"], one["is_closed"]) for one in held(store)] == [("4711", False)]


def test_a_ticket_resolves_nothing_and_only_a_complete_read_does(
    store: Store, tell: Import
) -> None:
    found = store.findings()
    key, idle = found[OLD_KEY]["finding_id"], found[UNOWNED]["finding_id"]
    closed = (estate.NOW - timedelta(days=1)).isoformat()
    done = tell(
        "finding_fp,ticket_ref,status,closed_at\n"
        f"{key},T-1,Closed,{closed}\n{idle},T-2,Closed,2025-12-31T23:00:00Z\n"
    )
    assert "closed, but a complete read since still shows the finding (2)" in done.stderr
    assert {row["status"] for row in store.findings().values()} >= {"open"}
    assert store.findings()[OLD_KEY]["status"] == "open"
    early = "SELECT count(*) AS n FROM tickets JOIN findings USING (finding_id) WHERE is_closed"
    assert store.ask(early + " AND findings.status = 'open'") == [{"n": 2}]

    # mended, and a ticket that nobody closed: told when it is imported again
    assert tell(f"fp,ticket_ref,status\n{key},T-3,Open\n").returncode == 0
    store.scan(1, without_key(estate.acme(), "deploy/AAAA"))
    assert store.findings()[OLD_KEY]["status"] == "resolved"
    again = tell(f"fp,ticket_ref,status\n{key},T-3,Open\n", day=2)
    assert "to close: a complete read no longer shows the finding (1)" in again.stderr


def test_an_early_close_waits_for_a_scan(store: Store, tell: Import) -> None:
    fp = store.findings()[OLD_KEY]["finding_id"]
    later = (estate.NOW + timedelta(hours=6)).isoformat()
    done = tell(f"fp,ticket_ref,status,closed_at\n{fp},T-1,Closed,{later}\n", day=1)
    assert "closed after the last complete read, which shows the finding: scan to see (1)" in (
        done.stderr
    )
