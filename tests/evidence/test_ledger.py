"""What is recorded stays as it was, or `evidence verify` says where it was changed."""

import json
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from nhiscan.evidence.chain import append
from tests.evidence.conftest import Project

INSTANCE = "acme/CC6.2/offboarding"


def added(project: Project, name: str, text: str, *options: str) -> str:
    """Add one file as evidence and return its id."""
    project.write(name, text)
    return project.run("evidence", "add", name, "--custodian", "lee", *options).stdout.strip()


@pytest.fixture
def ledger(project: Project) -> Project:
    """Three pieces of Acme's, one of Granite's."""
    added(project, "log.txt", "rotated\n", "--instance", INSTANCE, "--kind", "operation_log")
    approval = {"identity": "x", "approved_by": "cto@acme.example", "approved_at": "2026-10-01"}
    added(project, "a.json", json.dumps(approval), "--tenant", "acme", "--kind", "change_approval")
    events = '{"identity":"rmm","time":"2026-10-05T01:00:00Z","target_tenant":"acme"}\n'
    added(project, "u.jsonl", events, "--tenant", "acme", "--kind", "usage")
    added(project, "g.txt", "x", "--tenant", "granite", "--kind", "ticket")
    return project


def test_what_was_recorded_verifies(ledger: Project) -> None:
    told = ledger.run("evidence", "verify").stdout.splitlines()
    assert [line.split(", head")[0] for line in told] == [
        "acme: 3 entries, 3 files",
        "granite: 1 entries, 1 files",
    ]
    assert ledger.run("evidence", "verify", "--tenant", "granite").stdout.startswith("granite: 1")


def files(project: Project) -> list[Path]:
    return sorted((project.path / "nhiscan.duckdb.evidence").glob("*/*"))


@pytest.mark.slow
@pytest.mark.parametrize("number", range(4))
def test_one_byte_changed_in_a_file_is_named(ledger: Project, number: int) -> None:
    file = files(ledger)[number]
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(bytes(data))
    told = ledger.run("evidence", "verify", code=1).stdout
    assert f"BROKEN {file.parent.name} entry" in told
    assert file.name in told


def test_a_file_that_is_gone_is_named(ledger: Project) -> None:
    file = files(ledger)[0]
    file.unlink()
    assert file.name in ledger.run("evidence", "verify", code=1).stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("SET body = replace(body, 'lee', 'leo') WHERE seq = 1", "entry 1 (entry_"),
        ("SET kind = 'review' WHERE seq = 2", "entry 2 (entry_"),
        ("SET recorded_at = recorded_at - INTERVAL 1 DAY WHERE seq = 3", "entry 3 (entry_"),
        ("SET tenant_id = 'granite' WHERE seq = 2", "entry 3 (entry_"),
        ("SET sha256 = repeat('a', 64) WHERE seq = 2", "entry 2 (entry_"),
        ("SET prev_sha256 = repeat('a', 64) WHERE seq = 3", "entry 3 (entry_"),
    ],
)
def test_a_row_that_was_changed_is_named(ledger: Project, change: str, told: str) -> None:
    with duckdb.connect(str(ledger.store)) as con:
        con.execute(f"UPDATE ledger_entry {change} AND tenant_id = 'acme'")
    assert told in ledger.run("evidence", "verify", code=1).stdout


def test_an_entry_that_was_removed_or_an_event_changed_is_named(ledger: Project) -> None:
    with duckdb.connect(str(ledger.store)) as con:
        con.execute("UPDATE usage_event SET target_ref = 'granite'")
    assert "its events in the store" in ledger.run("evidence", "verify", code=1).stdout
    with duckdb.connect(str(ledger.store)) as con:
        con.execute("DELETE FROM ledger_entry WHERE seq = 2")
    assert "removed" in ledger.run("evidence", "verify", code=1).stdout


def test_the_last_entry_removed_is_told_by_the_notes_of_heads(ledger: Project) -> None:
    with duckdb.connect(str(ledger.store)) as con:
        con.execute("DELETE FROM ledger_entry WHERE tenant_id = 'granite'")
        con.execute("DELETE FROM ledger_entry WHERE tenant_id = 'acme' AND seq = 3")
        con.execute("DELETE FROM usage_event")
    done = ledger.run("evidence", "verify", code=1)
    assert "granite entry 1: the ledger once ended with entry 1, which is gone" in done.stdout
    assert "acme entry 3: the ledger once ended with entry 3, which is gone" in done.stdout
    assert "g.txt is named by no entry" in done.stderr


def test_a_chain_written_anew_is_told_by_the_notes_of_heads(ledger: Project) -> None:
    with duckdb.connect(str(ledger.store)) as con:
        at = datetime(2026, 10, 31, tzinfo=UTC)
        con.execute("DELETE FROM ledger_entry WHERE tenant_id = 'granite'")
        append(con, "granite", "evidence", {"kind": "ticket"}, at)
    told = ledger.run("evidence", "verify", code=1).stdout
    assert "granite entry 1: entry 1 once had the hash" in told


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--instance", "acme/CC6.2/offbording"), "did you mean 'acme/CC6.2/offboarding'?"),
        (("--tenant", "acne"), "did you mean 'acme'?"),
        (("--instance", INSTANCE, "--tenant", "granite"), "is an instance of acme"),
        ((), "give --instance or --tenant"),
        (("--tenant", "acme", "--from", "2026-10-02", "--to", "2026-10-01"), "is not after"),
        (("--tenant", "acme", "--custodian", "danna"), "did you mean 'dana'?"),
        (("--tenant", "acme", "--kind", "a b"), "letters, digits"),
        (("--tenant", "acme", "--kind", "incidents"), "did you mean 'incident'?"),
        (("--tenant", "acme", "--collected-at", "2026-11-02"), "is still to come"),
        (("--tenant", "acme", "--kind", "incident"), "log.txt:"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_recorded(
    project: Project, options: tuple[str, ...], told: str
) -> None:
    project.write("log.txt", "{}\n")
    done = project.run(
        "evidence", "add", "log.txt", "--custodian", "lee", "--kind", "ticket", *options, code=2
    )
    assert told in done.stderr
    assert not project.store.exists()
