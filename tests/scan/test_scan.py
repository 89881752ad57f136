"""A scan as a process: what it stores, what it says, and how it ends."""

import contextlib
import os
import pty
import re
import select
import signal
import time
from pathlib import Path

import pytest

from tests.scan.conftest import Estate, wait_for

ONE = {"accounts": [{"id": "a1", "users": ["backup", "deploy"]}]}


def test_a_scan_of_two_tenants_keeps_them_apart(estate: Estate) -> None:
    estate.write({"acme": ONE, "beta": {"accounts": [{"id": "b1", "users": ["backup"]}]}})
    result = estate.run("scan")
    assert (result.returncode, result.stdout) == (0, ""), result.stderr
    rows = estate.rows("SELECT tenant_id, account_id, name FROM identities ORDER BY ALL")
    assert rows == [
        ("acme", "tape:a1", "backup"),
        ("acme", "tape:a1", "deploy"),
        ("beta", "tape:b1", "backup"),
    ]
    assert len(estate.rows("SELECT DISTINCT identity_id FROM identities")) == 3
    assert list((estate.path / "nhiscan.duckdb.d" / "scans").iterdir()) == []


def test_the_same_cloud_twice_makes_no_history(estate: Estate) -> None:
    estate.write({"acme": ONE})
    assert estate.run("scan").returncode == 0
    history = "SELECT * EXCLUDE last_seen FROM identities_history ORDER BY ALL"
    before = estate.rows(history)
    assert len(before) == 2
    assert estate.run("scan", now="2026-11-02T06:00:00Z").returncode == 0
    assert estate.rows(history) == before


@pytest.mark.parametrize(
    ("act", "said"),
    [
        ({"raise": "secret body"}, "ValueError"),
        ({"refuse": "throttled"}, "the deck refused"),
        ({"exit": True}, "SystemExit"),
    ],
)
def test_one_units_failure_stops_no_other(
    estate: Estate, act: dict[str, object], said: str
) -> None:
    bad = {"accounts": [{"id": "a1", "users": ["x"], "act": act}, {"id": "a2", "users": ["y"]}]}
    estate.write({"acme": bad, "beta": {"accounts": [{"id": "b1", "users": ["backup"]}]}})
    result = estate.run("scan")
    assert result.returncode == 3, result.stderr
    assert said in result.stderr
    assert "secret body" not in result.stderr
    assert "Traceback" not in result.stderr
    assert estate.rows("SELECT name FROM identities ORDER BY 1") == [("backup",), ("y",)]
    gaps = estate.rows("SELECT account_id, source, state FROM coverage WHERE state <> 'complete'")
    assert {row[0] for row in gaps} == {"tape:a1"}
    assert {"tape.users", "tape.keys", "tape.notes"} <= {row[1] for row in gaps}


@pytest.mark.parametrize("bad", ["kind", "foreign", "long"])
def test_records_that_cannot_be_used_are_a_gap_of_their_unit(estate: Estate, bad: str) -> None:
    accounts = [{"id": "a1", "users": ["x"], "yield": bad}, {"id": "a2", "users": ["y"]}]
    estate.write({"acme": {"accounts": accounts}})
    result = estate.run("scan")
    assert result.returncode == 3, result.stderr
    assert "acme tape:a1 unreachable: tape.keys, tape.notes, tape.users" in result.stderr
    assert estate.rows("SELECT name FROM identities") == [("y",)]


@pytest.mark.parametrize("bad", ["label", "id", "tenant"])
def test_a_plan_that_cannot_be_used_is_a_gap_of_its_entry(estate: Estate, bad: str) -> None:
    broken = {"accounts": [{"id": "a1"}], "break": bad}
    estate.write({"acme": broken, "beta": {"accounts": [{"id": "b1", "users": ["y"]}]}})
    result = estate.run("scan")
    assert result.returncode == 3, result.stderr
    assert "acme tape:entry 0 unreachable: " in result.stderr
    assert estate.rows("SELECT name FROM identities") == [("y",)]


def test_a_broken_adapter_that_nobody_uses_is_no_matter(estate: Estate, site: Path) -> None:
    info = site / "no_good-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: no-good\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[nhiscan.providers]\nbad = no_such_module:Bad\n")
    estate.write({"acme": ONE})
    result = estate.run("scan")
    assert result.returncode == 0, result.stderr


def test_one_plans_failure_stops_no_other(estate: Estate) -> None:
    bad = {"plan": {"raise": "no"}, "accounts": []}
    estate.write({"acme": bad, "beta": {"accounts": [{"id": "b1", "users": ["backup"]}]}})
    result = estate.run("scan")
    assert result.returncode == 3
    assert estate.rows("SELECT name FROM identities") == [("backup",)]
    assert estate.rows("SELECT tenants FROM scans") == [(["acme", "beta"],)]


def test_a_plan_that_failed_once_leaves_no_gap_once_it_succeeds(estate: Estate) -> None:
    estate.write({"acme": ONE})
    assert estate.run("scan").returncode == 0
    estate.write({"acme": ONE | {"plan": {"refuse": "unreachable"}}})
    assert estate.run("scan", now="2026-11-02T06:00:00Z").returncode == 3
    unread = estate.rows("SELECT list_distinct(flatten(array_agg(unread))) FROM identities")
    assert "tape.users (global): unreachable, the deck refused" in str(unread)
    estate.write({"acme": ONE})
    assert estate.run("scan", now="2026-11-03T06:00:00Z").returncode == 0
    assert estate.rows("SELECT * FROM latest_coverage WHERE state <> 'complete'") == []


@pytest.mark.parametrize(
    ("states", "code"),
    [
        ({"tape.notes": "denied"}, 0),
        ({"tape.notes": "partial"}, 0),
        ({"tape.notes": "throttled"}, 3),
        ({"tape.users": "partial"}, 3),
        ({"tape.users": "denied"}, 3),
        ({"tape.keys": "not_available"}, 0),
        ({"tape.keys": "not_licensed"}, 0),
        ({"tape.keys": "not_implemented"}, 0),
        ({"tape.keys": "throttled"}, 3),
    ],
)
def test_the_exit_code_tells_what_could_not_be_read(
    estate: Estate, states: dict[str, str], code: int
) -> None:
    estate.write({"acme": {"accounts": [{"id": "a1", "users": ["x"], "states": states}]}})
    result = estate.run("scan")
    assert result.returncode == code, result.stderr
    (source,) = states
    if states[source] != "not_available":
        assert f"tape:a1 {states[source]}" in result.stderr
        assert source in result.stderr


def test_a_source_that_the_adapter_forgets_is_no_empty_source(estate: Estate) -> None:
    estate.write({"acme": {"accounts": [{"id": "a1", "users": ["x"], "omit": ["tape.keys"]}]}})
    result = estate.run("scan")
    assert result.returncode == 3
    assert "tape.keys" in result.stderr


def test_an_account_of_two_tenants_stays_with_the_first(estate: Estate) -> None:
    estate.write({"acme": ONE, "beta": ONE})
    result = estate.run("scan")
    assert result.returncode == 3
    assert "account a1 belongs to tenant acme already" in result.stderr
    assert estate.rows("SELECT DISTINCT tenant_id FROM identities") == [("acme",)]


def test_every_gap_is_told(estate: Estate) -> None:
    accounts = [
        {"id": f"a{n:02}", "states": {"tape.users": "denied", "tape.keys": "denied"}}
        for n in range(25)
    ]
    estate.write({"acme": {"accounts": accounts}})
    result = estate.run("scan")
    assert result.returncode == 3
    for account in accounts:
        assert f"tape:{account['id']} " in result.stderr


def test_unknown_filters_name_the_nearest(estate: Estate) -> None:
    estate.write({"acme": ONE})
    result = estate.run("scan", "--tenant", "acne")
    assert result.returncode == 2
    assert "did you mean 'acme'?" in result.stderr
    result = estate.run("scan", "--provider", "tap")
    assert (result.returncode, "did you mean 'tape'?" in result.stderr) == (2, True)


def test_a_filter_leaves_the_others_as_they_were(estate: Estate) -> None:
    estate.write({"acme": ONE, "beta": {"accounts": [{"id": "b1", "users": ["backup"]}]}})
    assert estate.run("scan").returncode == 0
    assert estate.run("scan", "--tenant", "beta", now="2026-11-02T06:00:00Z").returncode == 0
    assert estate.played("acme") == ["a1"]
    assert estate.rows("SELECT count(*) FROM identities") == [(3,)]


def test_two_scans_of_one_store_are_kept_apart(estate: Estate) -> None:
    hold = estate.path / "go"
    estate.write({"acme": {"accounts": [{"id": "a1", "act": {"hold": str(hold)}}]}})
    first = estate.start("scan")
    wait_for(Path(f"{hold}.reached"), first)
    second = estate.run("scan")
    assert second.returncode == 2
    assert f"process {first.pid} " in second.stderr
    assert "since 2026-11-01" in second.stderr
    hold.touch()
    assert first.wait(timeout=30) == 0


def test_a_clock_behind_the_store_is_refused_before_anything_is_read(estate: Estate) -> None:
    estate.write({"acme": ONE})
    assert estate.run("scan").returncode == 0
    result = estate.run("scan", now="2026-10-01T06:00:00Z")
    assert result.returncode == 2
    assert "clock" in result.stderr
    assert estate.played("acme") == ["a1"]


def test_ids_of_scans_under_one_clock_sort(estate: Estate) -> None:
    estate.write({"acme": {"accounts": [{"id": "a1"}]}})
    for _ in range(3):
        assert estate.run("scan").returncode == 0
    ids = [row[0] for row in estate.rows("SELECT scan_id FROM scans ORDER BY scan_id")]
    assert ids == [f"20261101T060000Z{suffix}" for suffix in ("", "-0002", "-0003")]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["scan"], "--resume"),
        (["collect", "--tenant", "acme", "-o", "out"], "nothing was written"),
        (["check"], "interrupted"),
    ],
)
@pytest.mark.parametrize("where", ["account", "plan"])
def test_an_interrupt_ends_at_once(
    estate: Estate, arguments: list[str], said: str, where: str
) -> None:
    hold = estate.path / "go"
    wait = {"hold": str(hold)}
    account = {"id": "a1", "act": wait if where == "account" else {}}
    plan = wait if where == "plan" else {}
    estate.write({"acme": {"accounts": [account], "plan": plan, "check": wait}})
    process = estate.start(*arguments)
    wait_for(Path(f"{hold}.reached"), process)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert time.monotonic() - began < 5
    assert process.returncode == 2
    assert said in err
    assert "Traceback" not in err
    assert list((estate.path).glob("out/*")) == []


def test_hostile_names_are_shown_safely(estate: Estate) -> None:
    name = "\x1b]0;owned\x07\u202e<b>"
    estate.write({"acme": {"accounts": [{"id": name, "states": {"tape.users": "denied"}}]}})
    result = estate.run("scan")
    assert result.returncode == 3
    assert "\x1b" not in result.stderr
    assert "\u202e" not in result.stderr
    assert "\\u001b" in result.stderr


def test_a_terminal_shows_a_line_per_tenant_and_hostile_names_safely(estate: Estate) -> None:
    name = "\x1b]0;owned\x07\u202e[b]"
    go, end = estate.path / "go", estate.path / "end"
    first = {"id": name, "users": ["x"], "act": {"hold": str(go)}}
    last = {"id": "a2", "act": {"hold": str(end)}}
    estate.write({"acme": {"accounts": [first, last]}, "beta": {"accounts": [{"id": "b1"}]}})
    ours, theirs = pty.openpty()
    process = estate.start("scan", stderr=theirs)
    os.close(theirs)
    for hold in (go, end):
        wait_for(Path(f"{hold}.reached"), process)
    go.touch()
    shown = b""
    # Nothing else is shown of this tenant until the other account may end.
    wanted = (b"1/2", b"\\u001b]0;owned")
    while any(one not in shown for one in wanted) and select.select([ours], [], [], 20)[0]:
        shown += os.read(ours, 65536)
    end.touch()
    with contextlib.suppress(OSError):  # how a pty says that nobody writes any longer
        while chunk := os.read(ours, 65536):
            shown += chunk
    os.close(ours)
    assert process.wait(timeout=30) == 0
    text = shown.decode()
    assert "1/2" in text
    assert {"acme", "beta"} <= set(re.findall(r"acme|beta", text))
    assert "\x1b]0;owned" not in text
    assert "\u202e" not in text
    assert "\\u001b]0;owned" in text
