"""`nhiscan lifecycle` and LIF-08: which stages are proven, missing, or not known."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nhiscan.errors import UsageError
from nhiscan.lifecycle.card import card
from nhiscan.store.read import open_reader
from tests.lifecycle.conftest import Days, account, on
from tests.queries import estate

# Every case is a few whole processes: seconds each.
pytestmark = pytest.mark.slow

SILENT = "robot was approved, and nothing shows its life since"


def aged(used: float | None = 300, key: float = 290, **fields: Any) -> estate.Unit:
    unit = account()
    unit.identity("robot", created=300, used=used, **fields)
    unit.credential("robot", "k1", age=290, used=used)
    if key != 290:
        unit.credential("robot", "k2", age=key, used=used)
    return unit


def approve(days: Days, day: float = -301) -> None:
    said = {"identity": "robot", "approved_by": "cto", "approved_at": on(day)}
    days.record("change_approval", said)


def states(days: Days, name: str = "robot") -> dict[str, str]:
    with open_reader(days.store) as con:
        return {stage.stage: stage.state for stage in card(con, name).stages}


def test_approved_once_and_never_heard_of_since(days: Days) -> None:
    days.scan(0, aged())
    assert days.found("LIF-08") == {}
    approve(days)
    assert days.found("LIF-08") == {SILENT: "open"}


@pytest.mark.parametrize("unit", [aged(used=179), aged(key=179)], ids=["used", "rotated"])
def test_a_use_or_a_rotation_shows_its_life(days: Days, unit: estate.Unit) -> None:
    days.scan(0, unit)
    approve(days)
    assert days.found("LIF-08") == {}


@pytest.mark.parametrize("denied", [estate.REPORT, estate.DETAILS])
def test_use_that_was_not_read_is_not_known(days: Days, denied: str) -> None:
    days.scan(-1, aged())
    approve(days)
    days.scan(0, aged(), denied=[denied])
    assert set(days.found("LIF-08").values()) == {"unknown"}


def test_a_card_tells_missing_from_unknown(days: Days) -> None:
    days.scan(0, aged(used=None, usage="unknown"))
    assert states(days) == {
        "created": "proven",
        "approved": "unknown",
        "used": "unknown",
        "reviewed": "missing",
        "rotated": "missing",
        "revoked": "not due",
    }
    days.record("change_approval", {"identity": "x", "approved_by": "cto", "approved_at": on(-1)})
    assert states(days)["approved"] == "missing"
    approve(days)
    assert states(days)["approved"] == "proven"
    days.record("revocation", {"identity": "robot", "triggered_at": on(-1)})
    assert states(days)["revoked"] == "missing"
    days.scan(1, account())
    assert states(days)["revoked"] == "proven"


def test_an_own_approval_is_shown_and_does_not_count(days: Days) -> None:
    days.scan(0, aged())
    said = {"identity": "robot", "approved_by": "cto", "approved_at": on(-301)}
    days.record("change_approval", {**said, "requested_by": "cto@acme.example"})
    assert states(days)["approved"] == "missing"


def test_the_command_shows_a_page_and_rows_and_names_the_nearest(days: Days) -> None:
    days.scan(0, aged(used=3))
    page = command(days.folder, "robot")
    assert "approved   unknown: no approval of this client was ever imported" in page.stdout
    assert "used       proven" in page.stdout
    rows = json.loads(command(days.folder, "robot", "--format", "json").stdout)
    assert [row["stage"] for row in rows] == [
        "created", "approved", "used", "reviewed", "rotated", "revoked",
    ]  # fmt: skip
    wrong = command(days.folder, "robt")
    assert wrong.returncode == 2
    assert "did you mean robot" in wrong.stderr
    with open_reader(days.store) as con, pytest.raises(UsageError):
        card(con, "nobody at all")


def command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 our own command, with the test's arguments
        [str(Path(sys.executable).with_name("nhiscan")), "lifecycle", *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "NHISCAN_NOW": estate.NOW.isoformat()},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def test_the_card_of_what_is_gone_and_as_it_was_before(days: Days) -> None:
    days.scan(-2, aged(used=3))
    days.scan(-1, account())
    gone = command(days.folder, "robot").stdout
    assert "gone         no complete read shows it any more" in gone
    assert "revoked    proven" in gone
    before = command(days.folder, "robot", "--as-of", f"{on(-2).isoformat()}").stdout
    assert "gone  " not in before
    assert "revoked    not due" in before
