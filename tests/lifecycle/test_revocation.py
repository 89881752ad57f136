"""LIF-07: what was to be revoked against what the scans saw of it, and how long it took."""

from typing import Any

import pytest

from tests.lifecycle.conftest import Days, account, on
from tests.queries import estate

# Every case is a few whole processes: seconds each.
pytestmark = pytest.mark.slow

# Rina left on 2026-10-05, a Monday, 27 days before day 0.
LEFT = -27


def owned(*keys: str, owner: str = "rina@msp.example", **fields: Any) -> estate.Unit:
    unit = account()
    unit.identity("robot", tags={"owner": owner}, **fields)
    for key in keys:
        unit.credential("robot", key, age=100)
    return unit


def test_a_leavers_key_that_still_works_is_found_after_the_working_days_allowed(days: Days) -> None:
    days.scan(LEFT - 10, owned("k1"))
    # five working days after that Monday is the next
    days.scan(-20.3, owned("k1"))
    assert days.found("LIF-07") == {}
    days.scan(-19, owned("k1"))
    assert days.found("LIF-07") == {"access key …k1 of robot still works: rina left": "open"}

    [row] = days.query("revocation-latency")
    assert (row["state"], row["last_live_scan"]) == ("works", "scan-20261013")


def test_an_administrators_key_has_one_working_day(days: Days) -> None:
    days.scan(-25, owned("k1", privilege="admin"))
    assert set(days.found("LIF-07").values()) == {"open"}


def test_a_renewed_key_and_a_new_owner_pass_beside_one_that_was_only_reassigned(days: Days) -> None:
    days.scan(LEFT - 10, owned("k1"))
    renewed = account()
    renewed.identity("robot", tags={"owner": "dana@msp.example"})
    renewed.credential("robot", "k2", age=25)
    days.scan(-26, renewed)
    days.scan(0, renewed)
    assert days.found("LIF-07") == {}

    days.scan(1, owned("k1", owner="dana@msp.example"))
    assert list(days.found("LIF-07")) == ["access key …k1 of robot still works: rina left"]


def test_a_key_that_is_renewed_in_its_place_has_ended(days: Days) -> None:
    days.scan(-30, owned("k1"))
    renewed = account()
    renewed.identity("robot", tags={"owner": "dana@msp.example"})
    renewed.credential("robot", "k1", age=25)
    days.scan(-24, renewed)
    days.scan(0, renewed)
    assert days.found("LIF-07") == {}
    [row] = days.query("revocation-latency")
    assert (row["ended_as"], row["ended_scan"]) == ("gone", "scan-20261008")


def test_no_complete_read_since_is_not_known(days: Days) -> None:
    days.scan(LEFT - 10, owned("k1"))
    days.judge(0)
    unknown = {"access key …k1 of robot may still work: rina left": "unknown"}
    assert days.found("LIF-07") == unknown
    days.scan(1, owned("k1"), denied=[estate.REPORT])
    assert days.found("LIF-07") == unknown


def test_latency_is_told_between_two_scans_and_late_ones_for_a_while(days: Days) -> None:
    days.scan(-30, owned("k1"))
    days.scan(-10, owned("k1"))
    days.scan(-3, owned())
    assert days.found("LIF-07") == {"access key …k1 of robot was revoked late: rina left": "open"}
    [row] = days.query("revocation-latency", tenant="acme")
    assert (row["ended_as"], row["last_live_scan"], row["ended_scan"]) == (
        "gone", "scan-20261022", "scan-20261029",
    )  # fmt: skip
    assert (row["at_least_days"], row["at_most_days"]) == (17.25, 24.25)
    days.judge(178)
    assert days.found("LIF-07") == {}


@pytest.mark.parametrize("enabled", [True, False])
def test_a_ticket_that_says_done_is_checked_by_the_next_scan(days: Days, enabled: bool) -> None:
    unit = account()
    unit.identity("robot")
    unit.identity("other")
    days.scan(-20, unit)
    says = {"identity": "robot", "triggered_at": on(-19), "disabled_at": on(-18), "ticket": "T-1"}
    days.record("revocation", says, day=-18)
    after = account()
    after.identity("robot", enabled=enabled)
    after.identity("other")
    days.scan(-1, after)

    found = {"robot still works: decommission": "open"} if enabled else {}
    assert days.found("LIF-07") == found


def test_what_is_gone_by_the_time_its_ticket_comes_is_found_by_name(days: Days) -> None:
    unit = account()
    unit.identity("robot")
    days.scan(-20, unit)
    days.scan(-2, account())
    said = {"identity": "robot", "triggered_at": on(-21), "deleted_at": on(-4)}
    days.record("revocation", said, day=0)
    assert days.found("LIF-07") == {"robot was revoked late: decommission": "open"}


def test_a_record_that_names_nothing_known_proves_nothing(days: Days) -> None:
    days.scan(-1, owned())
    days.record("revocation", {"identity": "ghost", "triggered_at": on(-1)})
    title = "a revocation was recorded of ghost, and not one identity alone is or was so called"
    assert days.found("LIF-07") == {title: "unknown"}


def test_a_ticket_may_name_a_person_too(days: Days) -> None:
    unit = account()
    unit.identity("olga", class_="human")
    days.scan(-1, unit)
    days.record("revocation", {"identity": "olga", "triggered_at": on(-20)})
    assert days.found("LIF-07") == {"olga still works: decommission": "open"}
