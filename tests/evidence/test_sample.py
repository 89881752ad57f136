"""The sample estate with evidence: of each code a control that fails, and a twin that does not."""

import json
import shutil
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from tests.conftest import NOW, Project

RMM = "Northwind RMM"
DEPLOY = "acme-dental/CC8.1/deployments"
DEPLOY_GRANITE = "granite/CC8.1/deployments"
RMM_ACME = "acme-dental/CC6.8/remote-management"
RMM_GRANITE = "granite/CC6.8/remote-management"
LOGS = "acme-dental/CC7.2/log-collection"
MONITOR = "arn:aws:iam::910000000002:user/svc-monitor"
GHA = "arn:aws:iam::910000000002:role/gha-deploy"
LATER = "2026-11-01T09:00:00+00:00"
OCTOBER = ("--from", "2026-10-01", "--to", "2026-11-01")

Found = dict[str, set[tuple[str, str]]]


class Recorded(Struct, frozen=True):
    """The project, and the findings by rule: as the evidence first was, and when it was mended."""

    project: Project
    before: Found
    after: Found

    def ask(self, name: str, **params: str) -> list[dict[str, Any]]:
        """Ask a query of the library."""
        given = [word for key, value in params.items() for word in ("--param", f"{key}={value}")]
        return rows(self.project, "query", name, *given)


def rows(project: Project, *words: str) -> list[dict[str, Any]]:
    done = project.run(*words, "--format", "json", now=LATER)
    assert done.returncode == 0, done.stderr
    read: list[dict[str, Any]] = json.loads(done.stdout)
    return read


def add(project: Project, name: str, text: str, *options: str, now: str = NOW.isoformat()) -> None:
    (project.path / name).write_text(text, encoding="utf-8")
    done = project.run("evidence", "add", name, *options, now=now)
    assert done.returncode == 0, done.stderr


def lines(records: Iterable[dict[str, str]]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def uses(client: str, number: int, attributed: int, actor: str) -> list[dict[str, str]]:
    """Events of the shared tool for one client; `attributed` of them name a ticket."""
    event = {"identity": RMM, "target_tenant": client, "action": "patch", "actor": actor}
    event["log_source"] = "northwind"
    return [
        event
        | {"time": f"2026-10-{1 + count % 31:02}T02:00:00Z"}
        | ({"ticket": f"T-{count}"} if count < attributed else {})
        for count in range(number)
    ]


def collecting() -> list[dict[str, str]]:
    """Say what Acme's monitor did: each day of October but the fifth and the sixth."""
    event = {"identity": MONITOR, "target_tenant": "acme-dental", "ticket": "job-7"}
    days = (day for day in range(1, 32) if day not in (5, 6))
    return [event | {"time": f"2026-10-{day:02}T00:30:00Z"} for day in days]


def scanner(day: str) -> str:
    """An event of the MSP's scanner at Acme; its log names the application."""
    app = "90000000-0000-4000-8000-0000000000aa"
    return lines([{"identity": app, "target_tenant": "acme-dental", "time": day, "job": "j-1"}])


def findings(project: Project) -> Found:
    sql = "SELECT rule, status, coalesce(instance_id, tenant_id) AS about FROM findings"
    found: Found = {}
    for row in rows(project, "sql", f"{sql} WHERE status <> 'resolved'"):
        found.setdefault(row["rule"], set()).add((row["about"], row["status"]))
    return found


def drill(hours: int) -> str:
    times = {"requested_at": "2026-10-20T00:00:00Z"}
    return json.dumps(times | {"retrieved_at": f"2026-10-{20 + hours // 24}T{hours % 24:02}:00Z"})


def fail(project: Project) -> None:
    """Record what proves some controls, and what proves others not."""
    log = ("--kind", "usage", "--tenant", "northwind", "--custodian", "kai.lindgren", *OCTOBER)
    rmm = uses("acme-dental", 20, 20, "kai.lindgren") + uses("granite", 20, 17, "ola.brandt")
    add(project, "rmm.jsonl", lines([*rmm, *collecting()]), *log)
    add(project, "june.jsonl", scanner("2026-06-05"), *log[:6])
    whole = ("--from", "2026-01-05", "--to", "2026-11-01", "--custodian", "kai.lindgren")
    add(project, "trail.log", "…", "--kind", "log_export", "--instance", DEPLOY, *whole)
    elsewhere = ("--custodian", "elin.strom", "--collected-at", "2026-09-20")
    kind = ("--kind", "operation_log", "--instance", DEPLOY_GRANITE)
    add(project, "window.log", "…", *kind, *elsewhere)
    of_msp = ("--custodian", "kai.lindgren", "--instance")
    patching = "juniper/CC6.8/workstation-patching"
    add(project, "agent.cfg", "…", "--kind", "configuration", *of_msp, patching)
    add(project, "d1.json", drill(1), "--kind", "retrieval_drill", *of_msp, DEPLOY)
    add(project, "d2.json", drill(72), "--kind", "retrieval_drill", *of_msp, DEPLOY_GRANITE)
    incident = {"incident_id": "INC-1", "detected_at": "2026-10-02", "identities": [GHA]}
    of_acme = ("--tenant", "acme-dental", "--custodian", "kai.lindgren")
    add(project, "incident.json", json.dumps(incident), "--kind", "incident", *of_acme)
    of_old = ("--kind", "ticket", *of_msp, LOGS, "--collected-at", "2025-06-01")
    add(project, "old.txt", "…", *of_old)


def mend(project: Project) -> None:
    """Record what was missing."""
    log = ("--kind", "usage", "--tenant", "northwind", "--custodian", "kai.lindgren", *OCTOBER)
    more = uses("granite", 100, 100, "kai.lindgren")
    add(project, "more.jsonl", lines(more), *log, now=LATER)
    of_msp = ("--custodian", "kai.lindgren", "--instance", DEPLOY_GRANITE)
    add(project, "own.log", "…", "--kind", "operation_log", *of_msp, now=LATER)
    counted = (
        (LOGS, "kai.lindgren", "0.5"),
        ("granite/CC7.2/customs-logs", "uma.lindqvist", "0.99"),
    )
    for instance, keeper, ratio in counted:
        of_both = ("--kind", "report", "--custodian", keeper, "--instance", instance)
        add(project, "r.txt", ratio, *of_both, "--attribution-ratio", ratio, now=LATER)
    again = drill(2).replace("2026-10-20", "2026-10-28")
    add(project, "d3.json", again, "--kind", "retrieval_drill", *of_msp, now=LATER)


def flip(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[0] ^= 1
    file.write_bytes(bytes(data))


@pytest.fixture(scope="module")
def recorded(scanned: Project, tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    path = tmp_path_factory.mktemp("recorded") / "project"
    shutil.copytree(scanned.path, path)
    project = Project(path, path / scanned.config.name, scanned.environment)
    fail(project)
    [file] = path.glob("nhiscan.duckdb.evidence/granite/*window.log")
    flip(file)
    verified = project.run("evidence", "verify", "--record")
    assert verified.returncode == 1, verified.stderr
    before = findings(project)
    flip(file)
    mend(project)
    verified = project.run("evidence", "verify", "--record", now=LATER)
    assert verified.returncode == 0, verified.stdout
    return Recorded(project, before, findings(project))


def open_ones(found: Found, rule: str) -> set[str]:
    return {about for about, status in found.get(rule, ()) if status == "open"}


def test_only_what_has_no_fresh_proof_is_overdue(recorded: Recorded) -> None:
    before, after = (open_ones(f, "EVD-01") for f in (recorded.before, recorded.after))
    assert {DEPLOY_GRANITE, LOGS} < before
    assert DEPLOY not in before
    assert before - after == {DEPLOY_GRANITE, LOGS, "granite/CC7.2/customs-logs"}
    states = {row["instance_id"]: row["state"] for row in recorded.ask("evidence-sla-status")}
    assert states[DEPLOY] == "in time"
    assert states["granite/A1.2/warehouse-backup"] == "overdue"


def test_only_the_client_whose_file_was_changed_is_told(recorded: Recorded) -> None:
    assert recorded.before["EVD-02"] == {("granite", "open")}
    assert "EVD-02" not in recorded.after


def test_only_the_client_whose_tickets_lack_is_unattributed(recorded: Recorded) -> None:
    assert open_ones(recorded.before, "EVD-03") == {RMM_GRANITE}
    # of the scanner, which both share, somebody else counted for the one too little
    assert open_ones(recorded.after, "EVD-03") == {LOGS}
    assert ("granite/CC7.2/customs-logs", "unknown") not in recorded.after["EVD-03"]
    # a log of June says nothing of October
    unknown = {LOGS, "granite/CC7.2/customs-logs", DEPLOY_GRANITE}
    assert {a for a, status in recorded.before["EVD-03"] if status == "unknown"} == unknown


def test_sharing_that_was_agreed_is_to_be_attributed_as_a_whole(recorded: Recorded) -> None:
    clients = {"acme-dental", "granite", "northwind"}
    assert recorded.before["SHR-03"] == {(client, "open") for client in clients}
    assert "SHR-03" not in recorded.after


def test_only_the_slow_drill_is_told(recorded: Recorded) -> None:
    assert recorded.before["EVD-04"] == {(DEPLOY_GRANITE, "open")}
    assert "EVD-04" not in recorded.after
    states = {row["instance_id"]: row["state"] for row in recorded.ask("retrieval-drills")}
    assert states[DEPLOY] == states[DEPLOY_GRANITE] == "in time"
    assert states[LOGS] == "never drilled"


def test_only_controls_whose_log_was_exported_outlive_it(recorded: Recorded) -> None:
    short = open_ones(recorded.before, "EVD-05")
    assert DEPLOY not in short
    assert {LOGS, RMM_GRANITE, "granite/A1.2/warehouse-backup"} < short
    assert not any("role-changes" in name for name in short if name.startswith("juniper"))


def test_the_forecast_names_the_days_that_are_gone_and_those_that_will_be(
    recorded: Recorded,
) -> None:
    forecast = recorded.ask("audit-window-forecast", tenant="acme-dental")
    told = {
        (row["instance_id"], row["what"], row["state"]): (row["from_day"], row["gone_from"])
        for row in forecast
        if row["basis"] == "log"
    }
    trail = "CloudTrail event history"
    backup = "acme-dental/A1.2/nightly-backup"
    assert told[backup, trail, "gone"] == ("2026-01-05", None)
    oldest = date(2026, 8, 3)
    assert told[backup, trail, "not exported yet"] == (str(oldest), "2026-11-01")
    # exported until the first of November, which itself goes ninety days later
    assert (DEPLOY, trail, "gone") not in told
    assert told[DEPLOY, trail, "not exported yet"] == ("2026-11-01", "2027-01-30")
    scans = {row["what"]: row["gap_days"] for row in forecast if row["basis"] == "scans"}
    assert scans["aws:910000000002"] == pytest.approx(300.25, abs=0.1)


def test_only_populations_of_whole_reads_are_accepted(recorded: Recorded) -> None:
    # a licence that Juniper lacks hides last uses, and no identity
    assert recorded.before["EVD-06"] == {("granite", "open")}
    seen = {row["tenant_id"]: row for row in recorded.ask("visibility")}
    assert seen["harbor"]["verdict"] == "pass"
    assert seen["granite"]["verdict"] == "fail"
    assert seen["granite"]["sources_denied"] > 0
    assert seen["acme-dental"]["accounts_not_scanned"] == ["aws:910000000003"]
    assert seen["juniper"]["usage_known"] < seen["juniper"]["identities"]


def test_work_or_logs_with_who_has_no_part_is_drift(recorded: Recorded) -> None:
    # the client's custodian has not the MSP's logs; a clinic's doctor works for a forwarder
    drifting = {"juniper/CC6.7/patient-record-keys", "acme-dental/CC6.2/offboarding", RMM_GRANITE}
    assert open_ones(recorded.before, "CTL-08") == drifting
    assert RMM_GRANITE not in open_ones(recorded.after, "CTL-08")


def test_only_owners_without_records_of_operation_cannot_prove(recorded: Recorded) -> None:
    patching = "juniper/CC6.8/workstation-patching"
    assert open_ones(recorded.before, "CTL-10") == {DEPLOY_GRANITE, patching}
    assert open_ones(recorded.after, "CTL-10") == {patching}
    proof = {row["instance_id"]: row for row in recorded.ask("provability")}
    assert proof[DEPLOY]["verdict"] == "pass"
    assert proof[patching]["verdict"] == "fail"
    # what happens on events alone may not have happened
    assert proof[RMM_ACME]["verdict"] == "unknown"


def test_what_a_shared_tool_did_is_told_to_the_day(recorded: Recorded) -> None:
    rows = recorded.ask("shared-tool-attribution", tenant="acme-dental")
    told = {(row["instance_id"], row["name"]): row for row in rows}
    monitor = told[LOGS, "svc-monitor"]
    assert (monitor["events"], monitor["attributed"]) == (29, 29)
    assert monitor["days_missing"] == ["2026-10-05", "2026-10-06"]
    assert told[RMM_ACME, RMM]["events"] == 20
    assert told[LOGS, "nhiscan"]["events"] is None
    june = {"from": "2026-06-01", "to": "2026-07-01", "tenant": "acme-dental"}
    then = {
        (row["instance_id"], row["name"]): row
        for row in recorded.ask("shared-tool-attribution", **june)
    }
    assert (then[LOGS, "nhiscan"]["events"], then[LOGS, "nhiscan"]["days_unread"]) == (1, 29)


def test_the_index_names_what_each_control_has_and_lacks(recorded: Recorded) -> None:
    rows = recorded.ask("evidence-index", tenant="acme-dental", criterion="CC8.1")
    assert {row["instance_id"] for row in rows} == {DEPLOY}
    has = {(row["kind"], row["basis"]) for row in rows if not row["is_missing"]}
    assert {("log_export", "instance"), ("incident", "identity"), ("population", "client")} < has
    lacks = {row["kind"] for row in rows if row["is_missing"]}
    assert lacks == {"access_review", "monthly_review"}
    backup = recorded.ask("evidence-index", tenant="acme-dental", criterion="A1.2")
    assert "operation" in {row["kind"] for row in backup if row["is_missing"]}


def test_each_piece_has_a_keeper_of_its_day_and_an_end(recorded: Recorded) -> None:
    verdicts = {
        (row["instance_id"], row["kind"], row["custodian_id"]): row["verdict"]
        for row in recorded.ask("evidence-custody")
    }
    assert verdicts[DEPLOY, "log_export", "kai.lindgren"] == "pass"
    assert verdicts[DEPLOY_GRANITE, "operation_log", "elin.strom"] == "fail"
    ends = {
        row["name"]: (row["keep_until"], row["state"]) for row in recorded.ask("evidence-retention")
    }
    assert ends["trail.log"][0].startswith("2028-10-31")
    assert ends["trail.log"][1] == "to be kept"
    assert ends["old.txt"][1] == "older than it must be kept"
    assert ends["incident.json"] == (None, "no end is said")


def test_lateness_is_told_by_domain_client_and_owner(recorded: Recorded) -> None:
    told = {(row["by_what"], row["name"]): row for row in recorded.ask("evidence-lateness")}
    assert set(told) == {("domain", "change"), ("client", "acme-dental"), ("owner", "sam.okafor")}
    assert {(row["items"], row["late_items"]) for row in told.values()} == {(1, 0)}
