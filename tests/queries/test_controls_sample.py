"""The sample estate's matrix: one failing case of each code of controls, and its passing twin."""

import json
from typing import Any

import pytest

from tests.conftest import Project

# For each code the only instances that break it, and one that looks alike and does not.
CASES = {
    "CTL-01": ({"acme-dental/CC6.3/role-changes"}, "acme-dental/CC8.1/deployments"),
    "CTL-02": ({"acme-dental/CC6.2/offboarding"}, "acme-dental/A1.2/nightly-backup"),
    "CTL-03": ({"acme-dental/CC7.2/log-collection"}, "acme-dental/CC8.1/deployments"),
    "CTL-04": ({"granite/CC6.2/offboarding"}, "granite/A1.2/warehouse-backup"),
    "CTL-05": ({"granite/CC7.2/customs-logs"}, "granite/A1.2/warehouse-backup"),
    "CTL-06": ({"granite/CC8.1/deployments"}, "granite/A1.2/warehouse-backup"),
    "CTL-07": ({"juniper/CC6.8/workstation-patching"}, "juniper/CC6.3/role-changes"),
    "CTL-08": ({"juniper/CC6.7/patient-record-keys"}, "granite/A1.2/warehouse-backup"),
    "CTL-09": ({"juniper/CC6.2/offboarding"}, "acme-dental/CC6.4/doors"),
    "CTL-11": ({"granite/CC6.1/key-rotation"}, "granite/A1.2/warehouse-backup"),
    "CTL-12": ({"granite/A1.3/restore-test"}, "granite/CC6.2/offboarding"),
}
SOUND = (
    "acme-dental/A1.2/nightly-backup",
    "acme-dental/CC8.1/deployments",
    "acme-dental/CC6.4/doors",
    "granite/A1.2/warehouse-backup",
    "juniper/CC7.1/clinic-sensors",
    "juniper/CC6.3/role-changes",
)


def asked(project: Project, *words: str) -> list[dict[str, Any]]:
    """Return what a command prints as JSON."""
    done = project.run(*words, "--format", "json")
    assert done.returncode == 0, done.stderr
    rows: list[dict[str, Any]] = json.loads(done.stdout)
    return rows


@pytest.fixture(scope="module")
def findings(scanned: Project) -> list[dict[str, Any]]:
    sql = "SELECT * FROM findings WHERE rule LIKE 'CTL-%' AND status <> 'resolved'"
    return asked(scanned, "sql", sql)


@pytest.mark.parametrize("rule", CASES)
def test_exactly_the_failing_instance_is_found(findings: list[dict[str, Any]], rule: str) -> None:
    failing, twin = CASES[rule]
    about = [row for row in findings if row["rule"] == rule and row["instance_id"]]

    assert {row["instance_id"] for row in about if row["status"] == "open"} == failing
    assert twin not in {row["instance_id"] for row in about}


def test_sound_instances_have_no_finding_of_any_code(findings: list[dict[str, Any]]) -> None:
    broken = {row["instance_id"] for row in findings}

    assert broken.isdisjoint(SOUND)


def test_what_may_be_where_nothing_was_read_is_unknown(findings: list[dict[str, Any]]) -> None:
    unknown = [row for row in findings if row["status"] == "unknown" and row["instance_id"]]

    assert [row["instance_id"] for row in unknown] == ["granite/CC6.7/customs-transfer"]
    assert any("secretsmanager.secrets" in text for text in unknown[0]["unread"])


def test_powerful_identities_without_a_control_are_told_where_there_is_a_matrix(
    findings: list[dict[str, Any]], scanned: Project
) -> None:
    rows = [row for row in findings if row["rule"] == "CTL-07" and row["identity_id"]]
    names = {row["title"].removesuffix(" is powerful and operates no control") for row in rows}

    assert {row["tenant_id"] for row in rows} == {"acme-dental", "granite", "juniper"}
    assert {row["severity"] for row in rows} <= {"low", "medium"}
    # rina-script may do anything and serves nothing; the backup user serves A1.2
    assert "rina-script" in names
    assert "backup" not in names
    both = asked(scanned, "query", "control-identity-matrix", "--param", "tenant=juniper")
    told = {(row["direction"], row["verdict"], row["identity"]) for row in both}
    assert ("control", "pass", "fridge-monitor") in told
    assert ("identity", "fail", "rina-script") in told


@pytest.mark.parametrize(
    ("name", "key", "passing", "failing"),
    [
        ("control-owners", "criterion", {"CC8.1", "A1.2"}, {"CC6.3"}),
        ("responsibility-matrix", "instance_id", {"granite/A1.2/warehouse-backup"},
         {"juniper/CC6.2/offboarding"}),
        ("signoff-register", "instance_id",
         {"granite/A1.2/warehouse-backup", "juniper/CC7.1/clinic-sensors"},
         {"granite/CC6.2/offboarding", "acme-dental/CC7.2/log-collection"}),
        ("custody-timeline", "instance_id", {"granite/A1.2/warehouse-backup"},
         {"granite/CC7.2/customs-logs", "granite/CC8.1/deployments"}),
        ("control-identity-matrix", "instance_id", {"juniper/CC7.1/clinic-sensors"},
         {"juniper/CC6.8/workstation-patching"}),
        ("handoff-log", "instance_id", {"granite/A1.2/warehouse-backup"},
         {"granite/CC6.1/key-rotation"}),
        ("third-party-reach", "vendor", {"Skyline Monitoring"}, {"Brightwave IT"}),
    ],
)  # fmt: skip
def test_each_proof_has_a_passing_and_a_failing_case(
    scanned: Project, name: str, key: str, passing: set[str], failing: set[str]
) -> None:
    rows = asked(scanned, "query", name)
    fails = {row[key] for row in rows if row["verdict"] == "fail"}
    passes = {row[key] for row in rows if row["verdict"] == "pass"} - fails

    assert failing <= fails
    assert passing <= passes


def test_without_dana_only_what_has_no_working_backup_is_left(scanned: Project) -> None:
    rows = asked(scanned, "query", "backup-coverage", "--param", "absent=dana.reyes")

    assert {row["instance_id"] for row in rows if row["verdict"] == "fail"} == {
        "acme-dental/CC6.2/offboarding"
    }
    covered = {row["instance_id"]: row["covered_by"] for row in rows}
    assert covered["acme-dental/A1.2/nightly-backup"] == "backup"


@pytest.mark.parametrize("rule", CASES)
def test_explain_tells_of_the_instance_why_it_fails(scanned: Project, rule: str) -> None:
    [failing], twin = CASES[rule]
    told, well = scanned.run("explain", failing), scanned.run("explain", twin)

    assert told.returncode == well.returncode == 0, told.stderr + well.stderr
    found = [line for line in told.stdout.splitlines() if line.strip().startswith(rule)]
    assert len(found) == 1
    assert failing in found[0]
    assert "would change" in told.stdout
    assert rule not in well.stdout


def test_explain_tells_the_text_people_custody_and_links(scanned: Project) -> None:
    page = scanned.run("explain", "granite/A1.2/warehouse-backup").stdout

    for text in (
        "criterion    A1.2",
        "accountable  Sam Okafor (sam.okafor, person of msp, active)",
        "retain       client",
        "Uma Lindqvist, client:granite; overseen by Noor Haddad, taken over on 2026-08-04",
        "signed the text as it is on 2026-04-15",
        "user backup (granite): linked, operates, confidence 1.00",
    ):
        assert text in page
    [facts] = asked(scanned, "explain", "granite/A1.2/warehouse-backup")
    assert facts["links"][0]["reasons"][0]["basis"] == "explicit"
    linked = scanned.run("explain", facts["links"][0]["identity_id"]).stdout
    assert "granite/A1.2/warehouse-backup: linked, operates, confidence 1.00" in linked


def test_explain_of_no_such_instance_is_an_error(scanned: Project) -> None:
    assert scanned.run("explain", "granite/A1.2/no-such").returncode == 2


def test_the_sample_is_written_as_fmt_writes_it(scanned: Project) -> None:
    done = scanned.run("matrix", "fmt", "--check")

    assert done.returncode == 0, done.stdout
