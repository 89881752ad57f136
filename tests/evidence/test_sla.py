"""Evidence against its SLA: overdue, late, kept elsewhere, and what is no evidence at all."""

import pytest

from tests.evidence.conftest import Project

# Every case is a few whole processes: seconds each.
pytestmark = pytest.mark.slow

INSTANCE = "acme/CC6.2/offboarding"


def add(
    project: Project, kind: str = "operation_log", *options: str, now: str, by: str = "lee"
) -> None:
    project.write("log.txt", now)
    what = ("--instance", INSTANCE, "--kind", kind, "--custodian", by)
    project.run("evidence", "add", "log.txt", *what, *options, now=now)


def told(project: Project, rule: str) -> list[str]:
    rows = project.ask("SELECT rule, title FROM findings WHERE status = 'open' ORDER BY title")
    return [row["title"] for row in rows if row["rule"] == rule]


def test_evidence_is_overdue_by_its_age_to_the_day(project: Project) -> None:
    add(project, now="2026-10-01T00:00:00Z")
    assert told(project, "EVD-01") == []
    project.run("resolve", now="2026-10-31T23:59:59Z")
    assert told(project, "EVD-01") == []
    project.run("resolve", now="2026-11-01T00:00:00Z")
    assert told(project, "EVD-01") == [f"the evidence of {INSTANCE} is too old"]
    add(project, now="2026-11-02T00:00:00Z")
    assert told(project, "EVD-01") == []


@pytest.mark.parametrize("kind", ["configuration", "policy", "retrieval_drill"])
def test_what_shows_no_operation_is_no_evidence(project: Project, kind: str) -> None:
    if kind == "retrieval_drill":
        project.write("d.json", '{"requested_at": "2026-10-01", "retrieved_at": "2026-10-01"}')
        what = ("--instance", INSTANCE, "--kind", kind, "--custodian", "lee")
        project.run("evidence", "add", "d.json", *what)
    else:
        add(project, kind, now="2026-11-01T06:00:00Z")
    assert told(project, "EVD-01") == [f"nothing proves that {INSTANCE} operated"]


def test_evidence_that_came_late_is_told_until_the_next_came_in_time(project: Project) -> None:
    september = ("--from", "2026-09-01", "--to", "2026-10-01")
    add(project, "operation_log", *september, now="2026-10-08T00:00:00Z")
    assert told(project, "EVD-01") == []
    add(project, "operation_log", *september, now="2026-10-08T00:00:01Z")
    late = f"the evidence of {INSTANCE} was produced late"
    assert told(project, "EVD-01") == [late]
    # what says no period is no later than it is
    add(project, now="2026-10-09T00:00:00Z")
    assert told(project, "EVD-01") == []
    october = ("--from", "2026-10-01", "--to", "2026-11-01")
    add(project, "operation_log", *october, now="2026-11-02T00:00:00Z")
    assert told(project, "EVD-01") == []


def test_an_owner_proves_with_records_that_its_own_side_keeps(project: Project) -> None:
    add(project, "operation_log", now="2026-10-01T00:00:00Z", by="robin")
    elsewhere = f"all evidence of {INSTANCE} is with another organization than its owner"
    assert told(project, "CTL-10") == [elsewhere]
    add(project, "configuration", now="2026-10-02T00:00:00Z")
    configured = f"{INSTANCE} is configured, and nothing shows that it operated"
    assert told(project, "CTL-10") == [configured]
    add(project, now="2026-10-03T00:00:00Z")
    assert told(project, "CTL-10") == []


def test_a_custodian_of_the_matrix_keeps_it_for_the_owner(project: Project) -> None:
    file = project.path / "matrix/clients/acme.yaml"
    text = file.read_text().replace("{who: msp, person: lee,", "{who: client, person: robin,")
    file.write_text(text)
    add(project, now="2026-10-01T00:00:00Z", by="robin")
    assert told(project, "CTL-10") == []


def test_a_population_with_gaps_says_so_and_proves_nothing(project: Project) -> None:
    project.begin()
    said = project.run("evidence", "collect").stderr
    assert "acme population: 0 rows, 1 gaps: not accepted" in said
    assert told(project, "EVD-06") == ["the newest population of acme has gaps"]
    [file] = (project.path / "nhiscan.duckdb.evidence/acme").glob("*population*")
    assert '"not_read_whole":["no account was ever read"]' in file.read_text()
