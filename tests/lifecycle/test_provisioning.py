"""LIF-06: what was made or changed without approval, and the population to draw from."""

from typing import Any

import pytest

from tests.lifecycle.conftest import Days, account, arn, on
from tests.queries import estate

# Every case is a few whole processes: seconds each.
pytestmark = pytest.mark.slow

MADE = -10


def made(*names: str, created: float = -MADE) -> estate.Unit:
    unit = account()
    for name in names:
        unit.identity(name, created=created)
    return unit


def approval(
    name: str = "robot", day: float = MADE - 1, by: str = "cto", **said: Any
) -> dict[str, Any]:
    return {"identity": name, "approved_by": by, "approved_at": on(day), **said}


def test_without_any_approval_imported_it_is_said_once_for_the_client(days: Days) -> None:
    days.instance("CC6.2")
    days.scan(0, made("robot", "drone", "probe"))
    assert days.found("LIF-06") == {"no approval of a change at acme was ever imported": "unknown"}

    days.record("change_approval", approval("robot"), approval("drone"), approval("probe"))
    assert days.found("LIF-06") == {}


def test_none_late_and_own_approvals_are_found_and_no_other(days: Days) -> None:
    unit = made("good", "none", "late", "self", "asker", "engineer", "stranger", "again")
    unit.identity("old", created=400)
    days.scan(0, unit)
    days.record(
        "change_approval",
        approval(arn("good"), requested_by="dana", executed_by="dana"),
        approval("late", MADE + 1),
        approval("self", by="cto@acme.example", executed_by="Carla Tio"),
        approval("asker", requested_by="CTO"),
        approval("engineer", by="d.ruiz@msp.example"),
        approval("stranger", by="nobody@acme.example"),
        # one that counts is enough
        approval("again", MADE + 1),
        approval("again"),
    )
    assert days.found("LIF-06") == {
        "none was made: no approval of it": "open",
        "late was made: approved only afterwards": "open",
        "self was made: approved by whoever asked for it or did it": "open",
        "asker was made: approved by whoever asked for it or did it": "open",
        "engineer was made: approved by somebody whose approval it does not need": "open",
        "stranger was made: approved by somebody who is in no roster": "unknown",
    }
    since = {"tenant": "acme", "from": f"{on(-30):%Y-%m-%d}"}
    told = days.query("provisioning-population", 0, **since)
    assert {row["name"]: row["approval"] for row in told} == {
        "good": "before",
        "again": "before",
        "none": "none was imported",
        "late": "afterwards",
        "self": "by whoever asked or did it",
        "asker": "by whoever asked or did it",
        "engineer": "by somebody whose approval it does not need",
        "stranger": "by somebody in no roster",
    }
    assert {(r["created_of_tenant"], r["with_approval_of_tenant"]) for r in told} == {(8, 7)}


@pytest.mark.parametrize(
    ("by", "found"),
    [
        ("cto", False),
        # another tenant of the same client
        ("lab", False),
        ("bob", True),
        ("board", True),
        # had left by then
        ("gone", True),
    ],
)
def test_who_may_approve_for_the_client(days: Days, by: str, found: bool) -> None:
    days.scan(0, made("robot"))
    days.record("change_approval", approval(by=by))
    assert bool(days.found("LIF-06")) is found


def test_the_msp_approves_where_the_control_says_so(days: Days) -> None:
    days.instance("CC6.2", "robot", duties="approve: msp")
    days.scan(0, made("robot", "drone"))
    days.record("change_approval", approval("robot", by="dana"), approval("drone", by="dana"))
    assert set(days.found("LIF-06")) == {
        "drone was made: approved by somebody whose approval it does not need"
    }


def test_approvals_of_one_period_say_nothing_of_another(days: Days) -> None:
    days.instance("CC6.2")
    days.scan(0, made("robot"))
    days.record("change_approval", approval("else"), period_start=on(-5), period_end=on(0))
    title = "identities of acme were made outside the time that imported approvals cover"
    assert days.found("LIF-06") == {title: "unknown"}
    days.record("change_approval", approval("else"), period_start=on(-10), period_end=on(-5))
    assert days.found("LIF-06") == {"robot was made: no approval of it": "open"}


def test_a_change_before_its_approval_is_found_however_old_the_identity(days: Days) -> None:
    days.scan(0, made("robot", "drone", created=800))
    days.record(
        "change_approval",
        approval("robot", -3, executed_at=on(-4)),
        approval("drone", -3, executed_at=on(-2)),
    )
    assert days.found("LIF-06") == {"robot was changed: approved only afterwards": "open"}


def test_what_is_gone_stays_in_the_population(days: Days) -> None:
    days.scan(-5, made("robot", "brief", created=20))
    days.scan(0, made("robot", created=20))
    told = days.query("provisioning-population")
    assert {row["name"]: row["gone_at"] for row in told} == {"robot": None, "brief": on(0)}


def test_what_a_denied_read_showed_once_is_not_known(days: Days) -> None:
    days.scan(0, made("robot"))
    days.record("change_approval", approval("else"))
    assert set(days.found("LIF-06").values()) == {"open"}
    days.scan(1, account(), denied=[estate.DETAILS])
    assert days.found("LIF-06") == {"robot was made: no approval of it": "unknown"}
