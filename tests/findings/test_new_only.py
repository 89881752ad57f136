"""What is new, late, or since a day: in `gaps`, and in the exit code of a scan."""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from nhiscan.cli.outcome import exit_code
from nhiscan.scan.outcome import Outcome, read_outcome
from nhiscan.store.read import open_reader
from tests.findings.days import Store, without_key
from tests.queries import estate

OLD_KEY = ("CRD-01", "access key …AAAA of deploy was not rotated in time")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The old key is back at the last scan; all else is as old as the first."""
    made = Store(tmp_path_factory.mktemp("store"))
    made.scan(0, estate.acme())
    made.scan(1, without_key(estate.acme(), "deploy/AAAA"))
    made.scan(2, estate.acme())
    return made


def gaps(store: Store, *options: str, day: float = 2) -> tuple[int, list[dict[str, Any]]]:
    done = subprocess.run(  # noqa: S603 our own command, with the test's arguments
        [
            str(Path(sys.executable).with_name("nhiscan")), "gaps", "--db", str(store.path),
            "--format", "json", *options,
        ],
        env={"NHISCAN_NOW": (estate.NOW + timedelta(days=day)).isoformat(), "PATH": "/bin"},
        capture_output=True, encoding="utf-8", timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stderr
    return done.returncode, json.loads(done.stdout)


def test_gaps_of_the_last_scan(store: Store) -> None:
    code, rows = gaps(store, "--new-only", "--fail-on", "critical")
    assert code == 1
    assert OLD_KEY in {(row["rule"], row["title"]) for row in rows}
    _, whole = gaps(store)
    assert len(rows) < len(whole)
    code, rows = gaps(store, "--new-only", "--rule", "LIF-01", "--fail-on", "info")
    assert (code, rows) == (0, [])


def test_gaps_since_a_day_and_overdue(store: Store) -> None:
    last = (estate.NOW + timedelta(days=1.5)).isoformat()
    _, rows = gaps(store, "--since", last)
    assert rows == gaps(store, "--new-only")[1]
    assert gaps(store, "--overdue")[1] == []
    _, late = gaps(store, "--overdue", day=500)
    _, whole = gaps(store)
    due = [row for row in whole if row["due_at"]]
    assert len(late) == len(due) > 0


def test_a_scan_fails_on_what_is_new_alone(store: Store) -> None:
    def after(day: int) -> Outcome:
        at = estate.NOW + timedelta(days=day)
        with open_reader(store.path, at + timedelta(hours=1)) as con:
            con.execute("CREATE TEMP TABLE unit_read (tenant_id VARCHAR, account_id VARCHAR,"
                        " scan_id VARCHAR, part VARCHAR)")  # fmt: skip
            return read_outcome(
                con, f"scan-{at:%Y%m%d%H}", ["acme"], {}, incomplete=0, opened=0, resolved=0
            )

    first, second, third = after(0), after(1), after(2)
    assert first.new_findings == first.findings
    assert second.findings
    assert second.new_findings == {}
    assert [exit_code(one, "critical", new_only=True) for one in (first, second, third)] == [
        1, 0, 1,
    ]  # fmt: skip
    assert exit_code(second, "medium") == 1
