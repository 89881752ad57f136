"""OCSF: valid events, one per finding and identity, honest states, and the tenant wall."""

import json
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from nhiscan.errors import UsageError
from nhiscan.export.ocsf import Ocsf
from nhiscan.store.read import open_reader
from tests.conftest import Project
from tests.export import ocsf_schema
from tests.export.conftest import AT, Build, finding, identity_id
from tests.export.test_gaps import FINDINGS, FOREIGN

SCHEMA = ocsf_schema.load()
LATER = datetime(2026, 5, 3, 6, 0, 0, 250_000, tzinfo=UTC)
Events = list[dict[str, Any]]


def export(store: Path, tenant: str | None = None, **options: Any) -> bytes:
    con = open_reader(store)
    try:
        return b"".join(Ocsf(con, tenant=tenant, policy={}, **options).lines())
    finally:
        con.close()


def events(content: bytes) -> Events:
    return [json.loads(line) for line in content.splitlines()]


def of(found: Events, class_uid: int) -> Events:
    return [event for event in found if event["class_uid"] == class_uid]


def assert_valid(found: Events) -> None:
    assert [fault for event in found for fault in ocsf_schema.faults(event, SCHEMA)] == []


def test_the_estate_is_valid_and_counted(scanned: Project, tmp_path: Path) -> None:
    done = scanned.run("export", "ocsf", "-o", str(tmp_path / "all.jsonl"))
    assert done.returncode == 0, done.stderr
    found = events((tmp_path / "all.jsonl").read_bytes())
    assert_valid(found)
    con = open_reader(scanned.store)
    try:
        findings = dict(con.execute("SELECT finding_id, status FROM findings").fetchall())
        identities = {
            row[0] for row in con.execute("SELECT identity_id FROM identities").fetchall()
        }
        rights = con.execute(
            "SELECT count(*) FROM findings WHERE identity_id IS NOT NULL"
            " AND (rule LIKE 'PRV-%' OR rule LIKE 'SHR-%')"
        ).fetchone()
    finally:
        con.close()
    told = {event["finding_info"]["uid"]: event for event in of(found, 2003)}
    assert len(of(found, 2003)) == len(findings) > 300
    assert set(told) == set(findings)
    assert rights is not None
    assert len(of(found, 2008)) == rights[0] > 50
    people = [event["unmapped"]["nhiscan"]["identity_id"] for event in of(found, 5003)]
    assert set(people) == identities
    assert len(people) == len(identities)
    unknown = [uid for uid, status in findings.items() if status == "unknown"]
    assert {told[uid]["compliance"]["status_id"] for uid in unknown} == {0}
    assert f"{len(found)} events" in done.stderr


def test_detection_is_valid_too_and_another_run_gives_the_same_bytes(
    scanned: Project, tmp_path: Path
) -> None:
    for name, now in (("a", "2026-11-01T06:00:00Z"), ("b", "2027-01-01T00:00:00Z")):
        done = scanned.run(
            "export", "ocsf", "--class", "detection", "-o", str(tmp_path / name), now=now
        )
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    found = events((tmp_path / "a").read_bytes())
    assert_valid(found)
    assert {event["class_uid"] for event in found} == {2004, 2008, 5003}
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600


def test_thresholds_are_told_as_the_policy_has_them(scanned: Project, tmp_path: Path) -> None:
    done = scanned.run("export", "ocsf", "-o", str(tmp_path / "all.jsonl"))
    assert done.returncode == 0, done.stderr
    found = of(events((tmp_path / "all.jsonl").read_bytes()), 2003)
    keys = next(e for e in found if e["finding_info"]["types"] == ["CRD-01"])
    assert {"name": "access_key_max_age", "value": "90"} in keys["compliance"]["control_parameters"]


@pytest.mark.parametrize(
    ("fields", "activity", "status", "compliance", "time"),
    [
        ({}, 1, 1, 3, AT),
        ({"last_seen": LATER}, 2, 1, 3, LATER),
        ({"last_seen": LATER, "status": "accepted"}, 2, 3, 3, LATER),
        ({"status": "unknown", "unread": ["iam.users"], "last_seen": LATER}, 2, 0, 0, LATER),
        # When it was resolved is when its row changed, not when it was last seen.
        ({"status": "resolved", "last_seen": LATER}, 3, 4, 1, AT),
    ],
)
def test_states(
    build: Build,
    fields: dict[str, Any],
    activity: int,
    status: int,
    compliance: int,
    time: datetime,
) -> None:
    [event] = of(events(export(build([finding("acme", "deploy", **fields)]))), 2003)
    assert_valid([event])
    assert event["activity_id"] == activity
    assert event["status_id"] == status
    assert event["compliance"]["status_id"] == compliance
    assert event["time"] == round(time.timestamp() * 1000)
    details = [f"not read: {source}" for source in fields.get("unread", [])]
    assert event["compliance"].get("status_details", []) == details


def test_who_must_act_is_an_assignee(build: Build) -> None:
    found = of(events(export(build(FINDINGS))), 2003)
    assert_valid(found)
    owned = [event for event in found if "assignee" in event]
    assert {event["assignee"]["uid"] for event in owned} == {"dana", "Ana/../x"}
    assert all("incident" in event["metadata"]["profiles"] for event in owned)
    others = [event for event in found if "assignee" not in event]
    assert others
    assert not [e for e in others if "incident" in e["metadata"]["profiles"]]


def test_a_clients_file_names_no_other_client(build: Build) -> None:
    store = build(FINDINGS)
    content = export(store, "acme", contacts=[("beta", "x@harbour.example")])
    text = content.decode().lower()
    assert not [word for word in (*FOREIGN, "harbour") if word in text]
    assert identity_id("beta", "backup") not in text
    found = events(content)
    assert_valid(found)
    assert {event["metadata"]["tenant_uid"] for event in found} == {"acme"}
    assert len(of(found, 2003)) == len([one for one in FINDINGS if one["tenant_id"] == "acme"])
    assert "beta" in export(store).decode().lower()


def test_hostile_text_stays_one_line_of_ascii(build: Build) -> None:
    title = '\x1b[31m"=cmd\n\u202e{"class_uid":1}' + "x" * 10_000
    content = export(build([finding("acme", "deploy", title=title)]))
    assert content.isascii()
    assert b"\x1b" not in content
    [event] = of(events(content), 2003)
    assert event["message"] == title
    assert_valid([event])


def test_an_unknown_tenant_is_refused_and_nothing_written(
    scanned: Project, tmp_path: Path, build: Build
) -> None:
    target = tmp_path / "x.jsonl"
    done = scanned.run("export", "ocsf", "--tenant", "granit", "-o", str(target))
    assert done.returncode == 2
    assert "did you mean 'granite'?" in done.stderr
    assert not target.exists()
    with pytest.raises(UsageError):
        export(build([]), "nobody")


def test_the_check_itself_can_fail(build: Build) -> None:
    found = events(export(build(FINDINGS)))
    assert Counter(event["class_uid"] for event in found)[2008] == 1
    [good] = of(found, 2008)
    breaks: list[Callable[[dict[str, Any]], Any]] = [
        lambda e: e.pop("time"),
        lambda e: e.update(time=1796006035),
        lambda e: e.update(severity_id=7),
        lambda e: e.update(type_uid=200301),
        lambda e: e.pop("identity_activity_metrics"),
        lambda e: e["finding_info"].pop("uid"),
        lambda e: e.update(resource={}),
    ]
    for break_it in breaks:
        broken = deepcopy(good)
        break_it(broken)
        assert ocsf_schema.faults(broken, SCHEMA)
