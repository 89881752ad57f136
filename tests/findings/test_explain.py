"""`nhiscan explain find_…`: one finding whole, and the life of findings beside an identity."""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from nhiscan.store.revision import revise
from tests.findings.days import Store, without_key
from tests.queries import estate

OLD_KEY = ("CRD-01", "access key …AAAA of deploy was not rotated in time")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A finding that opened, went and came back, with a ticket and an answer."""
    made = Store(tmp_path_factory.mktemp("store"))
    made.scan(0, estate.acme())
    made.scan(1, without_key(estate.acme(), "deploy/AAAA"))
    made.scan(2, estate.acme())
    with revise(made.path, estate.NOW + timedelta(days=3)) as revision:
        for sql in (
            "INSERT INTO ticket SELECT $id, 'acme', 'OPS-7\x1b[31m', 'Open', NULL, 'desk', $at",
            "INSERT INTO finding_decision SELECT 'dec_1', $id, 'acme', 'defer', 'dana', $at,"
            " NULL, DATE '2027-01-31', 'after the move', 'desk', $at",
        ):
            fp = made.findings()[OLD_KEY]["finding_id"]
            revision.con.execute(sql, {"id": fp, "at": revision.at})
    return made


def explain(store: Store, what: str, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 our own command, with the test's arguments
        [str(Path(sys.executable).with_name("nhiscan")), "explain", what, *options,
         "--db", str(store.path)],
        capture_output=True, encoding="utf-8", timeout=60, check=False,
    )  # fmt: skip


def test_a_finding_tells_all_that_is_known(store: Store) -> None:
    fp = store.findings()[OLD_KEY]["finding_id"]
    done = explain(store, fp)
    assert done.returncode == 0, done.stderr
    day = [f"{estate.NOW + timedelta(days=n):%Y-%m-%d %H:%MZ}" for n in range(4)]
    for told in (
        f"{day[0]}  opened",
        f"{day[1]}  resolved",
        f"{day[2]}  reopened",
        f"{day[3]}  ticket OPS-7\\u001b[31m Open by desk",
        f"{day[3]}  decision defer by dana",
        "defer until 2027-01-31 by dana: after the move",
        "rests on     iam.credential_report (global)",
        "would change",
    ):
        assert told in done.stdout
    assert "\x1b" not in done.stdout
    [whole] = json.loads(explain(store, fp, "--format", "json").stdout)
    assert [one["event"] for one in whole["events"] if one["event"] != "due_changed"] == [
        "opened", "resolved", "reopened", "decision", "ticket",
    ]  # fmt: skip
    assert whole["tickets"][0]["is_closed"] is False


def test_before_an_answer_nothing_is_known_of_it(store: Store) -> None:
    fp = store.findings()[OLD_KEY]["finding_id"]
    early = (estate.NOW + timedelta(days=1.5)).isoformat()
    told = explain(store, fp, "--as-of", early).stdout
    assert "reopened" not in told
    assert "OPS-7" not in told
    assert "high resolved" in told or "critical resolved" in told


def test_an_identity_tells_the_life_of_its_findings(store: Store) -> None:
    done = explain(store, "deploy")
    assert done.returncode == 0, done.stderr
    lives = [line for line in done.stdout.splitlines() if line.strip().startswith("life ")]
    assert any("reopened" in line and "decision defer by dana" in line for line in lives)


def test_a_finding_that_nobody_knows(store: Store) -> None:
    done = explain(store, "find_00000000000000000000")
    assert done.returncode == 2
    assert "no finding 'find_00000000000000000000' is known" in done.stderr
