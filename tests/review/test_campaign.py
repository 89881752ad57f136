"""Access reviews: what is recorded, and what a hurry looks like."""

import pytest

from tests.evidence.conftest import Project

HEADER = "campaign_id,tenant_id,identity,reviewer,decision,justification,decided_at,seconds_spent\n"


def campaign(project: Project, rows: list[str], code: int = 0) -> str:
    project.write("campaign.csv", HEADER + "\n".join(rows) + "\n")
    if not project.store.exists():
        project.begin()
    return project.run("review", "record", "campaign.csv", code=code).stderr


def stamped(project: Project) -> list[str]:
    rows = project.ask("SELECT title FROM findings WHERE rule = 'REV-05' AND status = 'open'")
    return [row["title"] for row in rows]


def row(number: int, seconds: str, decision: str = "keep", at: str = "2026-10-01T10:00:00Z") -> str:
    return f"q4,acme,svc-{number},robin,{decision},needed,{at},{seconds}"


def test_a_careful_review_and_one_in_a_hurry(project: Project) -> None:
    said = campaign(project, [row(n, "120") for n in range(5)])
    assert "acme q4: 5 rows, 0 undecided" in said
    assert stamped(project) == []
    campaign(project, [row(n, "3") for n in range(5)])
    assert stamped(project) == ["robin waved identities through in access review q4"]


def test_times_of_decisions_tell_a_hurry_too(project: Project) -> None:
    campaign(project, [row(n, "", at=f"2026-10-01T10:00:{n * 4:02}Z") for n in range(6)])
    assert stamped(project) == ["robin waved identities through in access review q4"]


def test_quick_revocations_and_unknown_times_accuse_nobody(project: Project) -> None:
    campaign(project, [row(n, "3", "revoke") for n in range(5)])
    assert stamped(project) == []
    campaign(project, [row(n, "", at="") for n in range(5)])
    assert stamped(project) == []


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("q4,acne,a,robin,keep,,,", "no tenant 'acne'"),
        ("q4,acme,a,robin,kep,,,", "did you mean 'keep'?"),
        ("q4,acme,,robin,keep,,,", "identity is empty"),
        ("q4,acme,a,robin,keep,,yesterday,", "no ISO 8601 time"),
        ("q4,acme,a,robin,keep,,,-1", "no number of seconds"),
        ("q4,acme,a,robin,keep,,,,x", "more fields"),
    ],
)
def test_a_wrong_line_is_named_and_nothing_recorded(project: Project, line: str, told: str) -> None:
    said = campaign(project, [row(1, "60"), line], code=2)
    assert told in said
    assert "campaign.csv:3" in said
    assert project.ask("SELECT count(*) AS n FROM access_reviews") == [{"n": 0}]
