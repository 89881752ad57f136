"""IR-01 and IR-02: credentials from before a containment, and incidents that nobody followed up."""

from typing import Any

import pytest

from tests.lifecycle.conftest import Days, account, on
from tests.queries import estate

# Every case is a few whole processes: seconds each.
pytestmark = pytest.mark.slow

STILL = "credentials of robot from before incident i-1 was contained still work"
NOBODY = "nobody can tell whether the credentials of robot were renewed after incident i-1"


def robot(*ages: float, **fields: Any) -> estate.Unit:
    unit = account()
    unit.identity("robot")
    unit.identity("other")
    unit.credential("other", "o", age=100)
    for number, age in enumerate(ages, 1):
        unit.credential("robot", f"k{number}", age=age, **fields)
    return unit


def incident(days: Days, **said: Any) -> None:
    whole = {
        "incident_id": "i-1",
        "detected_at": on(-5.1),
        "contained_at": on(-5),
        "identities": ["robot"],
        **said,
    }
    days.record("incident", {key: value for key, value in whole.items() if value is not None})


@pytest.mark.parametrize(
    ("unit", "found"),
    [
        (robot(4), {}),
        (robot(100), {STILL: "open"}),
        # the leaked one was renewed, its sibling was not
        (robot(4, 100), {STILL: "open"}),
        (robot(100, status="inactive"), {}),
        (robot(100, kind="federated_trust"), {}),
    ],
    ids=["renewed", "old", "sibling", "inactive", "federated"],
)
def test_credentials_from_before_the_containment(
    days: Days, unit: estate.Unit, found: dict[str, str]
) -> None:
    days.scan(0, unit)
    incident(days)
    assert days.found("IR-01") == found


def test_what_was_not_read_since_is_not_known(days: Days) -> None:
    days.scan(-6, robot(100))
    incident(days)
    assert days.found("IR-01") == {NOBODY: "unknown"}
    days.scan(1, robot(100), denied=[estate.REPORT])
    assert days.found("IR-01") == {NOBODY: "unknown"}
    days.scan(2, robot(4))
    assert days.found("IR-01") == {}


def test_a_name_that_nobody_has_is_not_known_and_what_is_gone_is_done(days: Days) -> None:
    days.scan(-10, robot(100))
    days.scan(-1, account())
    incident(days, identities=["robot", "nothing"])
    title = "incident i-1 names nothing, and not one identity alone is so called"
    assert days.found("IR-01") == {title: "unknown"}


def test_before_containment_nothing_is_due(days: Days) -> None:
    days.scan(0, robot(100))
    incident(days, contained_at=None)
    assert days.found("IR-01") == {}


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"closed_at": on(-1), "review_ref": "PIR-7"}, None),
        ({"closed_at": on(-1)}, "was closed without a review"),
        ({"detected_at": on(-40), "contained_at": on(-31)}, "was contained and never closed"),
        ({"detected_at": on(-40), "contained_at": on(-29)}, None),
        ({"detected_at": on(-31), "contained_at": None}, "was never contained"),
    ],
)
def test_follow_up(days: Days, said: dict[str, Any], found: str | None) -> None:
    days.scan(0, robot(4))
    incident(days, **said)
    assert days.found("IR-02") == ({f"incident i-1 {found}": "open"} if found else {})


def test_an_incident_recorded_again_replaces_what_was_said(days: Days) -> None:
    days.scan(0, robot(4))
    incident(days, closed_at=on(-1))
    with_review = {"closed_at": on(-1), "review_ref": "PIR-7", "detected_at": on(-5.2)}
    days.record("incident", {"incident_id": "i-1", **with_review}, day=0.1)
    assert days.found("IR-02") == {}


def test_the_timeline_holds_records_and_scans(days: Days) -> None:
    days.scan(-10, robot(100))
    days.scan(-3, robot(4))
    incident(days, closed_at=on(-1))
    told = {"incident_id": "i-1", "escalated_at": on(-5.05), "escalated_to": "cto"}
    days.record("escalation", told)
    line = days.query("incident-timeline", tenant="acme", incident="i-1")
    assert [row["what"] for row in line] == [
        "detected", "escalated", "contained", "credential made", "credential gone", "closed",
    ]  # fmt: skip
    assert days.query("incident-timeline", incident="i-2") == []
