"""Files of decisions that say no one thing are refused, and a review is no older than its pack."""

import csv
import json
from io import StringIO

import pytest

from tests.evidence.conftest import Project

# Every case is a few whole processes: seconds each.
pytestmark = pytest.mark.slow

MONTH = ("--tenant", "acme", "--month", "2026-11")
RECORD = ("review", "record")
CHAIR = ("--chair", "dana")
HEADER = "campaign_id,tenant_id,identity,reviewer,decision,justification,decided_at,seconds_spent\n"
ROW = "q4,acme,x,dana,keep,,2026-10-05,30\n"


def frozen(project: Project) -> list[list[str]]:
    """Freeze the pack of November and return its rows, the header first."""
    project.begin()
    return list(csv.reader(StringIO(project.run("review", "prepare", *MONTH).stdout)))


def decided(rows: list[list[str]], word: str) -> str:
    place = rows[0].index("decision")
    out = StringIO()
    csv.writer(out).writerows(
        [rows[0], *([*row[:place], word, *row[place + 1 :]] for row in rows[1:])]
    )
    return out.getvalue()


def test_a_review_is_held_after_its_pack_was_frozen_and_not_tomorrow(project: Project) -> None:
    project.write("keep.csv", decided(frozen(project), "keep"))
    for when, told in (("2026-10-31", "before the pack"), ("2026-11-02", "still to come")):
        done = project.run(*RECORD, "keep.csv", *MONTH, *CHAIR, "--held-at", when, code=2)
        assert told in done.stderr
    assert project.ask("SELECT * FROM reviews") == []
    later = "2026-11-03T00:00:00Z"
    project.run(*RECORD, "keep.csv", *MONTH, *CHAIR, "--held-at", "2026-11-02", now=later)
    assert project.ask("SELECT month FROM reviews") == [{"month": "2026-11"}]


def test_a_month_with_nothing_to_decide_can_be_reviewed(project: Project) -> None:
    project.begin()
    month = ("--tenant", "acme", "--month", "2026-09")
    project.run("review", "prepare", *month, "-o", "none.csv")
    project.write("empty.csv", "")
    project.run(*RECORD, "empty.csv", *month, *CHAIR, code=2)
    project.run(*RECORD, "none.csv", *month, *CHAIR)
    assert project.ask("SELECT items, decided FROM reviews") == [{"items": 0, "decided": 0}]


def test_two_columns_of_one_name_are_refused(project: Project) -> None:
    rows = frozen(project)
    text = decided(
        [[*row, "decision" if n == 0 else "keep"] for n, row in enumerate(rows)], "revoke"
    )
    project.write("twice.csv", text)
    done = project.run(*RECORD, "twice.csv", *MONTH, *CHAIR, code=2)
    assert "two columns are called 'decision'" in done.stderr


@pytest.mark.parametrize("month", ["2026-1", "9999-12", "\uff12\uff10\uff12\uff16-10"])
def test_a_month_has_one_spelling(project: Project, month: str) -> None:
    project.begin()
    done = project.run("review", "prepare", "--tenant", "acme", "--month", month, code=2)
    assert "write it like 2026-10" in done.stderr


@pytest.mark.parametrize(
    ("text", "options", "told"),
    [
        (HEADER + ROW.replace("2026-10-05", "2027-10-05"), (), "is still to come"),
        (HEADER + ROW + ROW.replace("keep", "revoke"), (), "decided on it in line 2 already"),
        (HEADER + ROW.replace("acme", "acne"), (), "did you mean 'acme'?"),
        (HEADER + ROW.replace("acme", "granite"), ("--tenant", "acme"), "not about acme"),
    ],
)
def test_an_access_review_says_one_thing_of_what_has_been(
    project: Project, text: str, options: tuple[str, ...], told: str
) -> None:
    project.begin()
    project.write("c.csv", text)
    assert told in project.run(*RECORD, "c.csv", *options, code=2).stderr
    assert project.ask("SELECT * FROM access_reviews") == []


def test_json_that_is_nested_without_end_is_no_fault_of_ours(project: Project) -> None:
    frozen(project)
    project.write("deep.json", "[" * 100_000)
    assert "nested" in project.run(*RECORD, "deep.json", *MONTH, *CHAIR, code=2).stderr


def test_a_reason_may_hold_any_character_and_a_new_decision_ends_what_ran_out(
    project: Project,
) -> None:
    project.begin()
    reason = '\U0001f600 "q" # :\n\u202e'
    what = ("--tenant", "acme", "--rule", "EVD-01", "--instance", "acme/CC6.2/offboarding")
    who = ("exception", "add", *what, "--accepted-by", "robin", "--reason", reason)
    project.run(*who, "--until", "2026-11-02", "--id", "one")
    again = project.run(*who, "--until", "2026-11-02", "--id", "one", code=2)
    assert "exceptions.yaml:2: 'one' stands there already" in again.stderr
    told = json.loads(project.run("exception", "list", "--format", "json").stdout)
    assert [row["reason"] for row in told] == [reason]
    late = "2026-11-02T00:00:00Z"
    project.run("resolve", now=late)
    ask = "SELECT status FROM findings WHERE rule = 'REV-02'"
    assert project.ask(ask) == [{"status": "open"}]
    project.run(*who, "--until", "2027-01-01", now=late)
    assert project.ask(ask) == [{"status": "resolved"}]


def test_what_is_no_item_is_quoted_only_in_part(project: Project) -> None:
    frozen(project)
    project.write("long.csv", f"item_id,decision\n{'x' * 60}canary{'x' * 60},keep\n")
    told = project.run(*RECORD, "long.csv", *MONTH, *CHAIR, code=2).stderr
    assert "is no item of the frozen pack" in told
    assert "canary" not in told
