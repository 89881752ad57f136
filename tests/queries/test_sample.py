"""Each code of identities has a failing case in the sample estate, and one that passes."""

from typing import NamedTuple

import pytest

from nhiscan.store.read import open_reader
from tests.conftest import Project

GSA = "iam.gserviceaccount.com"


class Twins(NamedTuple):
    """What fails a rule and what passes it, by name (`tenant` tells namesakes apart)."""

    rule: str
    fails: str
    passes: str
    tenant: str
    fact: str


TWINS = [
    # a yearly job rests as long as the other, and says so
    Twins("LIF-01", "quarterly-close", "year-end", "acme-dental", "last used at"),
    Twins("LIF-02", "kiosk-agent", "break-glass-deploy", "acme-dental", "created at"),
    Twins("LIF-03", "acme-forgotten", "acme-deploy", "acme-dental", "workload unattached"),
    Twins("CRD-01", "deploy-bot", "backup", "acme-dental", "max age days 90"),
    Twins("CRD-02", "Patient Reminder", "Lab Interface", "juniper", "kind client_secret"),
    Twins("CRD-03", "Payroll Connector", "Deployment Robot", "acme-dental", "term days 730"),
    Twins("CRD-04", "edge-sync", "backup", "acme-dental", "live 2"),
    Twins(
        "CRD-05", "Deployment Robot", "Terraform Runner", "acme-dental",
        "federated with northwind-automation",
    ),
    Twins("CRD-06", "gha-anything", "gha-northwind", "granite", "guards"),
    # found in public, and switched off since
    Twins(
        "CRD-07", f"freezer-alarm@acme-assay.{GSA}", f"instrument-upload@acme-assay.{GSA}",
        "acme-labs", "found at https://paste.example/4711",
    ),
    Twins("CRD-08", "Invoice Sync", "Payroll Connector", "acme-dental", "status expired"),
    Twins("CRD-10", "Office Feature Rollout", "Northwind RMM", "acme-dental", "home account id"),
    Twins("PRV-01", "Legacy Mail Relay", "Benefits Portal", "acme-dental", "permissions"),
    # administrators both; one of them deploys, and the matrix says so
    Twins("PRV-02", "NorthwindAdmin", "deploy-bot", "acme-dental", "policies"),
    Twins("PRV-03", "deploy-bot", "backup", "acme-dental", "cloudtrail:StopLogging"),
    Twins("SHR-01", "gha-web", "gha-deploy", "acme-dental", "workloads 2"),
    Twins("SHR-02", "Northwind Patching", "customs-feed", "granite", "production, staging"),
    Twins("SHR-04", "legacy-partner", "customs-feed", "granite", "levels trust"),
    Twins("SHR-05", "gha-northwind", "gha-anything", "granite", "tenants concerned"),
    Twins("SHR-06", "svc-monitor", "report-runner", "acme-dental", "doors password"),
    Twins("SHR-07", "legacy-partner", "skyline-monitoring", "granite", "principals"),
    Twins("SHR-08", "legacy-partner", "skyline-monitoring", "granite", "principals"),
    Twins("SHR-09", "wide-open", "datadog-integration", "juniper", "principals *"),
    Twins(
        "SHR-10", "Brightwave operations", "Northwind managed services", "granite",
        "partners Brightwave",
    ),
]  # fmt: skip


def failing(project: Project, rule: str) -> dict[str, list[str]]:
    """Find the names of what fails a rule, by tenant, with the ids to explain them by."""
    sql = """
        SELECT i.tenant_id, i.name, f.identity_id FROM findings AS f
        JOIN identities AS i ON i.identity_id = f.identity_id
        WHERE f.rule = $rule AND f.status = 'open'"""
    with open_reader(project.store) as con:
        rows = con.execute(sql, {"rule": rule}).fetchall()
    found: dict[str, list[str]] = {}
    for tenant, name, identity in rows:
        found.setdefault(f"{tenant} {name}", []).append(identity)
    return found


@pytest.mark.parametrize("twins", TWINS, ids=lambda twins: twins.rule)
def test_one_fails_and_its_twin_passes_and_explain_tells_why(
    twins: Twins, scanned: Project
) -> None:
    found = failing(scanned, twins.rule)

    assert f"{twins.tenant} {twins.passes}" not in found
    with open_reader(scanned.store) as con:
        passing = con.execute(
            "SELECT count(*) FROM identities WHERE tenant_id = ? AND name = ?",
            [twins.tenant, twins.passes],
        ).fetchone()
    assert passing is not None
    assert passing[0] > 0
    told = scanned.run("explain", found[f"{twins.tenant} {twins.fails}"][0])
    assert told.returncode == 0, told.stderr
    # each finding is told down to what to do about it
    lines = told.stdout.partition(f" {twins.rule} ")[2].partition(" to do ")[0]
    assert twins.fact in lines
    assert "would change" in lines
    assert "rests on" in lines


def test_what_nobody_holds_any_more_dangles_and_what_somebody_holds_does_not(
    scanned: Project,
) -> None:
    with open_reader(scanned.store) as con:
        dangling = con.execute(
            "SELECT evidence ->> '$.facts.principal' FROM findings"
            " WHERE rule = 'LIF-04' AND status = 'open'"
        ).fetchall()
        held = con.execute(
            "SELECT DISTINCT g.principal FROM grants AS g"
            " WHERE g.identity_id IN (SELECT i.identity_id FROM identities AS i)"
        ).fetchall()

    assert ("91000000-0000-4000-8000-00000000dead",) in dangling
    assert held == [(None,)]


def test_root_of_one_account_has_a_key_and_of_no_other(scanned: Project) -> None:
    with open_reader(scanned.store) as con:
        rows = con.execute("SELECT account_id FROM findings WHERE rule = 'CRD-09'").fetchall()

    assert rows == [("aws:910000000001",)]


def test_who_changes_rights_at_juniper_approves_it_too_and_who_patches_does_not(
    scanned: Project,
) -> None:
    with open_reader(scanned.store) as con:
        rows = con.execute(
            "SELECT instance_id, owner_id, evidence ->> '$.facts.conflicts[0]' FROM findings"
            " WHERE rule = 'PRV-04' AND status = 'open'"
        ).fetchall()

    found = {instance: told for instance, *told in rows}
    assert found["juniper/CC6.3/role-changes"] == [
        "ola.brandt",
        "ola.brandt is accountable for it, keeps its evidence and approves it",
    ]
    assert "juniper/CC6.8/workstation-patching" not in found
    told = scanned.run("explain", "juniper/CC6.3/role-changes")
    assert "ola.brandt is accountable for it, keeps its evidence and approves it" in told.stdout
    assert "would change another person who approves and oversees it" in told.stdout


def test_every_code_of_identities_is_in_the_sample(scanned: Project) -> None:
    with open_reader(scanned.store) as con:
        rows = con.execute(
            "SELECT DISTINCT rule FROM findings WHERE regexp_matches(rule, '^(LIF|CRD|PRV|SHR)-')"
        ).fetchall()

    apart = {"LIF-04", "CRD-09", "PRV-04"}
    # approvals and revocations, and what events of use tell, have tests beside those
    later = {"LIF-06", "LIF-07", "LIF-08", "SHR-03"}
    assert {rule for (rule,) in rows} - later == {twins.rule for twins in TWINS} | apart
