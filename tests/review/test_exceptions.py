"""Exceptions: who may accept what, until when, and what becomes of the finding."""

import json
from typing import Any

import pytest

from tests.evidence.conftest import Project

# Every case is a few whole processes: seconds each.
pytestmark = pytest.mark.slow

INSTANCE = "acme/CC6.2/offboarding"
ADD = ("exception", "add", "--tenant", "acme", "--instance", INSTANCE, "--reason", 'a: "b" # c')


@pytest.fixture
def broken(project: Project) -> Project:
    """The instance has no backup owner: CTL-02 is open."""
    file = project.path / "matrix/clients/acme.yaml"
    file.write_text(file.read_text().replace("    backup: lee\n", ""))
    project.begin()
    return project


def findings(project: Project, rule: str) -> list[dict[str, Any]]:
    rows = project.ask("SELECT rule, status, title FROM findings")
    return [row for row in rows if row["rule"] == rule]


def test_an_accepted_finding_is_accepted_until_its_day(broken: Project) -> None:
    assert [f["status"] for f in findings(broken, "CTL-02")] == ["open"]
    who = ("--accepted-by", "cto@acme.example")
    broken.run(*ADD, "--rule", "ctl-02", *who, "--until", "2026-12-01")
    assert [f["status"] for f in findings(broken, "CTL-02")] == ["accepted"]
    assert findings(broken, "REV-02") == []
    broken.run("resolve", now="2026-11-30T23:00:00Z")
    assert [f["status"] for f in findings(broken, "CTL-02")] == ["accepted"]
    broken.run("resolve", now="2026-12-01T00:00:00Z")
    assert [f["status"] for f in findings(broken, "CTL-02")] == ["open"]
    assert [f["status"] for f in findings(broken, "REV-02")] == ["open"]


def test_who_may_not_accept_is_refused_by_the_command(broken: Project) -> None:
    for who in ("dana", "uma"):
        said = ("--accepted-by", who, "--until", "2026-12-01")
        done = broken.run(*ADD, "--rule", "CTL-02", *said, code=2)
        assert "not theirs to accept" in done.stderr or "nobody in the roster" in done.stderr
    assert not (broken.path / "exceptions.yaml").exists()


def test_who_may_not_accept_accepts_nothing_by_the_file(broken: Project) -> None:
    broken.write(
        "exceptions.yaml",
        "exceptions:\n"
        f"  - {{id: e1, tenant: acme, rule: CTL-02, instance: {INSTANCE}, reason: x,"
        " accepted_by: dana, granted_at: 2026-10-01, expires_at: 2027-01-01}\n",
    )
    broken.run("resolve")
    assert [f["status"] for f in findings(broken, "CTL-02")] == ["open"]
    [told] = findings(broken, "REV-04")
    assert "was accepted by dana of msp" in told["title"]


def test_rows_are_added_beside_what_stands_there(broken: Project) -> None:
    broken.write("exceptions.yaml", "# mine\nexceptions: []\n")
    for until in ("2026-12-01", "2026-12-02"):
        broken.run(*ADD, "--rule", "CTL-02", "--accepted-by", "robin", "--until", until)
    text = (broken.path / "exceptions.yaml").read_text()
    assert text.startswith("# mine\nexceptions:\n")
    rows = json.loads(broken.run("exception", "list", "--format", "json").stdout)
    assert [(r["exception_id"], r["reason"], r["state"]) for r in rows] == [
        ("exc-20261101-1", 'a: "b" # c', "in force"),
        ("exc-20261101-2", 'a: "b" # c', "in force"),
    ]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("rule: CTL-02, tenant: acne", 'no tenant "acne"; did you mean "acme"?'),
        ("rule: whatever, tenant: acme", "is no code of a rule"),
        ("rule: CTL-02, tenant: acme, acepted_by: x", 'did you mean "accepted_by"?'),
    ],
)
def test_a_file_that_is_wrong_is_told_with_its_line(
    broken: Project, change: str, told: str
) -> None:
    row = "id: e, reason: x, accepted_by: robin, granted_at: 2026-01-01, expires_at: 2026-02-01"
    broken.write("exceptions.yaml", f"exceptions:\n  - {{{row}, {change}}}\n")
    done = broken.run("resolve", code=2)
    assert told in done.stderr
    assert "exceptions.yaml:2:" in done.stderr
