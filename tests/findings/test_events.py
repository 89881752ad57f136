"""The life of a finding as its events tell it, over many days."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from nhiscan.store.read import open_reader
from nhiscan.store.revision import revise
from tests.findings.days import Store, without_key
from tests.queries import estate

OLD_KEY = ("CRD-01", "access key …AAAA of deploy was not rotated in time")
Events = list[tuple[float, str, str | None, str | None]]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def day(number: float) -> datetime:
    return estate.NOW + timedelta(days=number)


def events(store: Store, finding: str) -> Events:
    rows = store.ask("SELECT * FROM finding_events AS e ORDER BY e.occurred_at, e.event")
    return [
        (
            (row["occurred_at"] - estate.NOW) / timedelta(days=1),
            row["event"],
            row["was"],
            row["became"],
        )
        for row in rows
        if row["finding_id"] == finding
    ]


def as_of(store: Store, number: float, what: str, finding: str) -> object:
    con = open_reader(store.path, day(number))
    try:
        result = con.execute("SELECT * FROM findings WHERE finding_id = $id", {"id": finding})
        names = [column[0] for column in result.description or ()]
        row = result.fetchone()
        return row[names.index(what)] if row else None
    finally:
        con.close()


def test_a_whole_life(store: Store) -> None:
    here, gone = estate.acme(), without_key(estate.acme(), "deploy/AAAA")
    store.scan(0, here)
    store.scan(1, gone, denied={estate.REPORT})  # it went, and nobody could see that
    fp = store.findings()[OLD_KEY]["finding_id"]
    assert store.findings()[OLD_KEY]["resolved_at"] is None
    store.scan(2, gone)
    assert store.findings()[OLD_KEY]["resolved_at"] == day(2)
    store.scan(3, gone, denied={estate.REPORT})  # what is resolved stays so
    back = estate.acme()
    back.owners["deploy"] = {"owner_status": "declared", "owner_id": "lee"}
    store.scan(4, back)
    store.scan(5, back)

    now = store.findings()[OLD_KEY]
    assert (now["status"], now["first_seen"], now["opened_at"]) == ("open", day(0), day(4))
    assert now["due_at"] == day(4 + 7)
    assert now["resolved_at"] is None
    due = [f"{day(number):%Y-%m-%dT%H:%M:%SZ}" for number in (7, 11)]
    assert events(store, fp) == [
        (0, "opened", None, "open"),
        (1, "unknown", "open", "unknown"),
        (2, "resolved", "unknown", "resolved"),
        (4, "due_changed", due[0], due[1]),
        (4, "owner_changed", "dana", "lee"),
        (4, "reopened", "resolved", "open"),
    ]
    assert [as_of(store, n, "status", fp) for n in (0.5, 1.5, 2.5, 3.5, 4.5)] == [
        "open", "unknown", "resolved", "resolved", "open",
    ]  # fmt: skip
    assert [as_of(store, n, "owner_id", fp) for n in (0.5, 2.5, 4.5)] == ["dana", "dana", "lee"]


def test_what_is_seen_again_is_not_reopened(store: Store) -> None:
    store.scan(0, estate.acme())
    store.scan(1, estate.acme(), denied={estate.REPORT})
    store.scan(2, estate.acme())
    now = store.findings()[OLD_KEY]
    assert now["opened_at"] == day(0)
    assert [event for _, event, _, _ in events(store, now["finding_id"])] == [
        "opened", "unknown", "seen_again",
    ]  # fmt: skip


def test_severity_and_due_follow_privilege(store: Store) -> None:
    store.scan(0, estate.acme())
    fp = store.findings()[OLD_KEY]["finding_id"]
    weaker = estate.acme()
    weaker.identity("deploy", privilege="read", owner="dana")
    store.scan(1, weaker)
    told = [one for one in events(store, fp) if one[1] in ("severity_changed", "due_changed")]
    assert [(at, event) for at, event, _, _ in told] == [
        (1, "due_changed"),
        (1, "severity_changed"),
    ]
    assert told[1][2:] == ("critical", "medium")
    assert store.findings()[OLD_KEY]["opened_at"] == day(0)


@pytest.mark.parametrize("denied", [frozenset(), frozenset({estate.REPORT})])
def test_two_scans_with_nothing_changed_make_no_event(store: Store, denied: frozenset[str]) -> None:
    units = (estate.acme(), estate.beta(), estate.msp())
    store.scan(0, *units, denied=denied)
    before = store.count("finding_events")
    store.scan(1, *units, denied=denied)
    assert store.count("finding_events") == before


def test_an_acceptance_begins_and_ends(store: Store) -> None:
    store.scan(0, estate.acme())
    fp, identity = (store.findings()[OLD_KEY][name] for name in ("finding_id", "identity_id"))
    _except(store, identity, 1)
    store.scan(2, estate.acme())
    assert store.findings()[OLD_KEY]["status"] == "accepted"
    store.scan(12, estate.acme())
    told = [(at, event, was) for at, event, was, _ in events(store, fp) if "accept" in event]
    assert told == [(2, "accepted", "open"), (12, "acceptance_ended", "accepted")]
    assert store.findings()[OLD_KEY]["opened_at"] == day(0)


def _except(store: Store, identity: str, number: float) -> None:
    """Accept one finding from that day on for nine days."""
    with revise(store.path, day(number)) as revision:
        revision.con.execute(
            "INSERT INTO exception_version BY NAME SELECT 'e1' AS exception_id,"
            " 'acme' AS tenant_id, 'CRD-01' AS rule, $identity AS identity_id,"
            " $identity AS identity_ref, true AS is_entitled, $start::DATE AS granted_at,"
            " $until::DATE AS expires_at, $at::TIMESTAMPTZ AS valid_from",
            {
                "identity": identity,
                "start": f"{day(number):%Y-%m-%d}",
                "until": f"{day(number + 9):%Y-%m-%d}",
                "at": day(number).isoformat(),
            },
        )


def test_ids_hold_when_the_identity_is_renamed_and_on_another_machine(tmp_path: Path) -> None:
    found: list[dict[tuple[str, str], str]] = []
    for folder, change in (("one", _renamed), ("two", lambda unit: unit)):
        (tmp_path / folder).mkdir()
        store = Store(tmp_path / folder)
        store.scan(0, estate.acme())
        store.scan(1, change(estate.acme()))
        found.append({key: row["finding_id"] for key, row in store.findings().items()
                      if row["status"] == "open"})  # fmt: skip
    renamed, same = found
    assert set(renamed) != set(same)
    assert {title for _, title in renamed} & {"idle-2 has no owner"}
    assert set(renamed.values()) == set(same.values())


def _renamed(unit: estate.Unit) -> estate.Unit:
    from msgspec import structs

    from nhiscan.records import Identity

    unit.records = [
        structs.replace(one, name="idle-2")
        if isinstance(one, Identity) and one.name == "idle"
        else one
        for one in unit.records
    ]
    return unit
