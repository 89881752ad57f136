"""Odd files and options end with an explanation, and never in the ledger."""

import json
import os

import duckdb
import pytest

from tests.evidence.conftest import Project

# Every case is a few whole processes: seconds each.
pytestmark = pytest.mark.slow

WHAT = ("--tenant", "acme", "--custodian", "lee")
EVENT = '{"identity":"rmm","time":"2026-10-05T01:00:00Z","target_tenant":"acme"}\n'


@pytest.mark.parametrize(
    ("kind", "text", "told"),
    [
        ("incident", '{"incident_id":"\\ud800","detected_at":"2026-10-01"}', "surrogate"),
        ("usage", '{"identity":"\\ud800","time":"2026-10-01"}\n', "surrogate"),
        (
            "incident",
            '{"incident_id":"i","detected_at":"0001-01-01T00:00:00+10:00"}',
            "odd.txt:1: '0001-01-01T00:00:00+10:00' is no ISO 8601 time",
        ),
        ("incident", f"incident_id,detected_at\ni,{'x' * 60}canary\n", "is no ISO 8601 time"),
        (
            "incident",
            '{"incident_id":"i","detected_at":"2026-10-01","detected_at":"2026-10-05"}',
            "'detected_at' stands twice",
        ),
        (
            "incident",
            "incident_id,detected_at,detected_at\ni,2026-10-01,2026-10-05\n",
            "two columns are called 'detected_at'",
        ),
    ],
)
def test_a_record_that_says_no_one_thing_is_refused(
    project: Project, kind: str, text: str, told: str
) -> None:
    project.write("odd.txt", text)
    done = project.run("evidence", "add", "odd.txt", "--kind", kind, *WHAT, code=2)
    assert told in done.stderr
    assert "canary" not in done.stderr
    assert not project.store.exists() or not project.ask("SELECT * FROM ledger")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("log.txt", "--sha256", "abc"), "64 hexadecimal digits"),
        (("log.txt", "--sha256", "a" * 64), "not what --sha256 says"),
        (("log.txt", "--attribution-ratio", "nan"), "a number from 0 to 1"),
        (("--reference", " "), "--reference is empty"),
        (("log.txt", "--collected-at", "0001-01-01T00:00:00+14:00"), "not an ISO 8601"),
        (("pipe",), "pipe: is no file"),
    ],
)
def test_options_that_say_nothing_are_refused(
    project: Project, options: tuple[str, ...], told: str
) -> None:
    project.write("log.txt", "x")
    os.mkfifo(project.path / "pipe")
    done = project.run("evidence", "add", *options, "--kind", "ticket", *WHAT, code=2)
    assert told in done.stderr


def test_a_name_that_is_no_text_is_kept_escaped(project: Project) -> None:
    name = os.fsdecode(b"\xff.log")
    (project.path / name).write_bytes(b"x")
    project.run("evidence", "add", name, "--kind", "ticket", *WHAT)
    assert project.ask("SELECT name FROM evidence") == [{"name": "\\xff.log"}]
    project.run("evidence", "verify")


def test_the_same_piece_added_again_is_one_and_with_other_words_two(project: Project) -> None:
    project.write("u.jsonl", EVENT)
    one = ("evidence", "add", "u.jsonl", "--kind", "usage", *WHAT)
    first = project.run(*one).stdout
    assert project.run(*one).stdout == first
    assert project.run(*one, "--note", "again").stdout != first
    assert project.ask("SELECT count(*) AS n FROM ledger") == [{"n": 2}]
    assert project.ask("SELECT count(*) AS n FROM usage_events") == [{"n": 2}]
    project.run("evidence", "verify")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE ledger_entry SET entry_id = 'entry_1'", "entry 1 (entry_1): its entry_id"),
        ("UPDATE ledger_entry SET body = NULL", "entry 1 (entry_"),
        ("UPDATE ledger_entry SET recorded_at = NULL", "entry 1 (entry_"),
        ("UPDATE ledger_entry SET tenant_id = NULL", "its row was changed"),
        ("UPDATE ledger_entry SET seq = NULL", "entry -1 follows entry 0"),
        ("UPDATE usage_event SET log_source_ref = 'acme'", "its events in the store"),
        ("UPDATE usage_event SET tenant_id = 'granite'", "its events in the store"),
        ("UPDATE usage_event SET evidence_id = 'evd_1'", "belong to evd_1, which no entry"),
        ("DELETE FROM ledger_entry", "acme events: 1 events in the store belong to"),
    ],
)
def test_columns_that_no_hash_covers_are_compared(project: Project, change: str, told: str) -> None:
    event = json.loads(EVENT) | {"log_source": "northwind"}
    project.write("u.jsonl", json.dumps(event) + "\n")
    project.run("evidence", "add", "u.jsonl", "--kind", "usage", *WHAT)
    project.run("evidence", "verify")
    with duckdb.connect(str(project.store)) as con:
        con.execute(change)
    assert told in project.run("evidence", "verify", code=1).stdout


def test_a_population_with_gaps_proves_nothing_when_it_is_added_by_hand(project: Project) -> None:
    instance = "acme/CC6.2/offboarding"
    for name, gaps in (("gaps.jsonl", ["aws:1 iam.users: denied"]), ("whole.jsonl", [])):
        head = {"kind": "population", "tenant_id": "acme", "rows": 1, "not_read_whole": gaps}
        project.write(name, json.dumps(head) + "\n" + json.dumps({"identity_id": "x"}) + "\n")
        what = ("--instance", instance, "--kind", "population", "--custodian", "lee")
        project.run("evidence", "add", name, *what)
    rows = project.ask("SELECT name, is_operation FROM proofs JOIN evidence USING (evidence_id)")
    assert {row["name"]: row["is_operation"] for row in rows} == {
        "gaps.jsonl": False,
        "whole.jsonl": True,
    }


def test_neither_a_triage_before_the_alert_nor_another_clients_approval_counts(
    project: Project,
) -> None:
    project.write(
        "alerts.csv",
        "alert_id,raised_at,triaged_at,triaged_by\n"
        "early,2026-10-05,2026-10-01,dana\n"
        "good,2026-10-05,2026-10-05T01:00:00Z,dana\n",
    )
    project.write(
        "tuning.csv",
        "rule,changed_by,changed_at,approved_by,approved_at\n"
        "strange,dana,2026-10-02,uma,2026-10-01\n"
        "good,dana,2026-10-02,robin,2026-10-01\n",
    )
    project.run("evidence", "add", "alerts.csv", "--kind", "triage_record", *WHAT)
    project.run("evidence", "add", "tuning.csv", "--kind", "alert_rule_change", *WHAT)
    told = project.ask("SELECT title FROM findings WHERE rule IN ('MON-02', 'MON-03') ORDER BY ALL")
    assert [row["title"] for row in told] == [
        "alert rule strange was changed and approved by somebody of another client",
        "nobody triaged alert early",
    ]
