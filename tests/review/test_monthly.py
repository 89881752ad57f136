"""Monthly reviews: frozen packs, decisions, and what is told when there are none."""

import csv
import json
from pathlib import Path

import pytest

from tests.evidence.conftest import Project

# Every case is a few whole processes: seconds each.
pytestmark = pytest.mark.slow

EXCEPTIONS = """\
# who accepted what
exceptions:
  - id: one
    tenant: acme
    rule: EVD-01
    instance: acme/CC6.2/offboarding
    reason: the log moves to the new system
    accepted_by: cto@acme.example
    granted_at: 2026-10-01
    expires_at: 2026-12-01
"""
LATER = "2026-12-05T06:00:00Z"


@pytest.fixture
def begun(project: Project) -> Project:
    """The control began in October; the store knows the matrix and one exception."""
    file = project.path / "matrix/clients/acme.yaml"
    begins, ends = "from: 2026-10-01", "to: 2027-09-30"
    text = file.read_text().replace("from: 2026-01-01, to: 2026-12-31", f"{begins}, {ends}")
    file.write_text(text)
    project.write("exceptions.yaml", EXCEPTIONS)
    project.begin()
    return project


def prepared(project: Project, name: str = "pack.csv", now: str = LATER) -> Path:
    project.run("review", "prepare", "--tenant", "acme", "--month", "2026-10", "-o", name, now=now)
    return project.path / name


def decided(file: Path, decision: str, *, but: str = "") -> None:
    """Fill in one decision for every item but one."""
    with file.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows:
        row["decision"] = "" if row["item_id"] == but else decision
    with file.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def record(project: Project, file: Path, *options: str, code: int = 0, now: str = LATER) -> str:
    done = project.run(
        "review", "record", file.name, "--tenant", "acme", "--month", "2026-10", "--chair", "dana",
        *options, code=code, now=now,
    )  # fmt: skip
    return done.stderr


def missed(project: Project) -> list[str]:
    """List the titles of REV-01 that are open."""
    rows = project.ask("SELECT title FROM findings WHERE rule = 'REV-01' AND status = 'open'")
    return [row["title"] for row in rows]


def again(project: Project, now: str) -> None:
    project.run("resolve", now=now)


def test_a_review_that_was_not_held_is_told_after_the_tenth(begun: Project) -> None:
    again(begun, "2026-11-10T23:59:00Z")
    assert missed(begun) == []
    again(begun, "2026-11-11T00:00:00Z")
    assert missed(begun) == ["the review of 2026-10 was not held"]


def test_a_review_in_time_with_every_decision_is_none(begun: Project) -> None:
    file = prepared(begun, now="2026-11-05T06:00:00Z")
    decided(file, "accept")
    assert "0 undecided" in record(begun, file, now="2026-11-06T06:00:00Z")
    again(begun, LATER)
    assert missed(begun) == []
    rows = json.loads(begun.run("query", "review-calendar", "--format", "json").stdout)
    states = {row["month"]: row["state"] for row in rows}
    assert (states["2026-10"], states["2026-11"]) == ("held", "not due")


def test_an_item_without_a_decision_is_told(begun: Project) -> None:
    file = prepared(begun, now="2026-11-05T06:00:00Z")
    decided(file, "accept", but="exception:one")
    said = record(begun, file, now="2026-11-06T06:00:00Z")
    assert "note: exception:one has no decision" in said
    again(begun, LATER)
    assert missed(begun) == ["the review of 2026-10 left items without a decision"]


def test_a_late_review_is_told_until_a_later_one_was_in_time(begun: Project) -> None:
    file = prepared(begun)
    decided(file, "accept")
    record(begun, file)
    assert missed(begun) == ["the review of 2026-10 was held late"]


def test_the_same_pack_twice_is_the_same_bytes_and_no_new_version(begun: Project) -> None:
    first, second = prepared(begun).read_bytes(), prepared(begun, "again.csv").read_bytes()
    assert first == second
    rows = begun.ask("SELECT count(*) AS n FROM review_packs")
    assert rows == [{"n": 1}]


@pytest.mark.parametrize("ending", ["csv", "xlsx", "json"])
def test_a_pack_comes_back_from_any_format(begun: Project, ending: str) -> None:
    assert "undecided" in record(begun, prepared(begun, f"pack.{ending}"))


def test_what_is_not_the_frozen_pack_is_refused(begun: Project) -> None:
    file = prepared(begun)
    text = file.read_text()
    file.write_text(text.replace("the log moves", "the log stays"))
    assert "title is not what was frozen" in record(begun, file, code=2)
    file.write_text(text.replace("exception:one", "exception:two"))
    assert "exception:two is no item of the frozen pack" in record(begun, file, code=2)
    file.write_text(text)
    decided(file, "approve")
    assert "decision 'approve' is not known" in record(begun, file, code=2)
    rows = begun.ask("SELECT count(*) AS n FROM reviews")
    assert rows == [{"n": 0}]


def test_a_month_that_was_never_prepared_says_how(begun: Project) -> None:
    file = begun.write("x.csv", "item_id,decision\na,keep\n")
    assert "no pack of 2026-10 was frozen" in record(begun, file, code=2)
