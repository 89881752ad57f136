"""A finding opens, lasts, is resolved or unknown, and opens again, as scans see more or less."""

from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from tests.findings.days import Store, without_key
from tests.queries import estate
from tests.queries.estate import ago

OLD_KEY = ("CRD-01", "access key …AAAA of deploy was not rotated in time")
DORMANT = ("LIF-01", "old is dormant")
UNOWNED = ("OWN-01", "idle has no owner")
LOST = ("OWN-08", "lost belongs to no client")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def test_a_first_scan_opens_what_fails(store: Store) -> None:
    counts = store.scan(0, estate.acme(), estate.beta(), estate.msp())
    found = store.findings()

    assert counts.opened == counts.open == store.count("findings")
    assert counts.unknown == counts.resolved == 0
    assert {OLD_KEY, DORMANT, UNOWNED, LOST} <= set(found)
    key = found[OLD_KEY]
    assert key["status"] == "open"
    assert key["first_seen"] == key["last_seen"] == estate.NOW
    assert key["owner_id"] == "dana"
    assert key["account_id"] == f"aws:{estate.ACME}"
    assert key["credential_id"]
    assert "CC6.1" in msgspec.json.decode(key["frameworks"])["soc2"]
    evidence = msgspec.json.decode(key["evidence"])
    assert evidence["facts"]["created_at"].startswith("2025-09-27")
    assert evidence["rests_on"] == [f"{estate.REPORT} (global)"]
    assert evidence["would_change"]


def test_severity_adds_privilege_and_reach_to_the_rule(store: Store) -> None:
    store.scan(0, estate.acme(), estate.beta(), estate.msp())
    found = store.findings()

    # CRD-01 is medium: +2 for an administrator, +0 for one whose privilege is not known
    assert found[OLD_KEY]["severity"] == "critical"
    assert found["CRD-01", "secret …value of db was not rotated in time"]["severity"] == "medium"
    # LIF-01 is low: +1 for write
    assert found[DORMANT]["severity"] == "medium"
    assert found[OLD_KEY]["due_at"] == estate.NOW + timedelta(days=7)
    assert found[DORMANT]["due_at"] == estate.NOW + timedelta(days=60)


def test_reach_raises_severity_and_agents_have_a_framework_of_their_own(store: Store) -> None:
    unit = estate.msp()
    unit.identity("agent", "role", class_="ai_agent", owner="unowned")
    unit.owners["tool"] = {"owner_status": "unowned"}
    store.scan(0, unit)
    found = store.findings()

    # OWN-01 is medium; the tool reaches two other tenants
    assert found["OWN-01", "tool has no owner"]["severity"] == "critical"
    agent = found["OWN-01", "agent has no owner"]
    assert agent["severity"] == "medium"
    assert msgspec.json.decode(agent["frameworks"])["ai_rmf"] == ["GOVERN 2.1"]
    assert "ai_rmf" not in found["OWN-01", "tool has no owner"]["frameworks"]


def test_the_same_estate_again_changes_nothing_but_last_seen(store: Store) -> None:
    units = (estate.acme(), estate.beta(), estate.msp())
    store.scan(0, *units)
    before = store.findings()
    counts = store.scan(1, *units)
    after = store.findings()

    assert counts.opened == counts.resolved == counts.became_unknown == 0
    day = {"last_seen": estate.NOW + timedelta(days=1)}
    assert after == {key: row | day for key, row in before.items()}
    assert store.count("findings_history") == store.count("findings")


def test_what_a_whole_read_no_longer_shows_is_resolved_and_may_come_back(store: Store) -> None:
    store.scan(0, estate.acme())
    rotated = without_key(estate.acme(), "deploy/AAAA")
    assert store.scan(1, rotated).resolved == 2  # the old key, and two live keys
    gone = store.findings()[OLD_KEY]
    assert gone["status"] == "resolved"
    assert gone["last_seen"] == estate.NOW

    assert store.scan(1.5, estate.acme()).opened == 2
    back = store.findings()[OLD_KEY]
    assert back["status"] == "open"
    assert back["finding_id"] == gone["finding_id"]
    assert back["first_seen"] == estate.NOW


@pytest.mark.parametrize("state", ["still there", "gone"])
def test_a_denied_read_makes_unknown_and_never_resolves(store: Store, state: str) -> None:
    store.scan(0, estate.acme())
    unit = estate.acme()
    if state == "gone":
        unit = without_key(unit, "deploy/AAAA")
    counts = store.scan(1, unit, denied={estate.REPORT})
    found = store.findings()

    assert counts.resolved == 0
    assert found[OLD_KEY]["status"] == "unknown"
    assert found[OLD_KEY]["unread"] == ["iam.credential_report (global): denied, AccessDenied"]
    assert found[OLD_KEY]["last_seen"] == estate.NOW
    assert found[UNOWNED]["status"] == "open"  # that rests on other reads
    assert found["CRD-01", "secret …value of db was not rotated in time"]["status"] == "open"

    counts = store.scan(2, unit)
    assert store.findings()[OLD_KEY]["status"] == ("open" if state == "still there" else "resolved")


def test_who_may_be_a_person_is_no_certain_gap(store: Store) -> None:
    store.scan(0, estate.acme())
    unit = estate.acme()
    unit.identity("someone", class_="ambiguous", owner="unowned", privilege="admin")
    store.scan(1, unit, denied=frozenset({estate.REPORT}))
    found = store.findings()

    strong = "someone is an administrator that no control is known to need"
    for key in (("OWN-01", "someone has no owner"), ("PRV-02", strong)):
        assert found[key]["status"] == "unknown"
        assert found[key]["unread"] == ["iam.credential_report (global): denied, AccessDenied"]
    assert found[UNOWNED]["status"] == "open"


def test_a_denied_list_of_identities_leaves_all_of_its_findings_unknown(store: Store) -> None:
    store.scan(0, estate.acme())
    everything = set(estate.SOURCES)
    counts = store.scan(1, estate.acme(), denied=everything)

    assert counts.resolved == 0
    assert {row["status"] for key, row in store.findings().items() if key != LOST} == {"unknown"}


def test_what_was_never_read_is_no_finding(store: Store) -> None:
    counts = store.scan(0, estate.acme(), denied=set(estate.SOURCES))

    assert counts.open == 1  # the account of no client, which the plan found
    assert set(store.findings()) == {LOST}


def test_a_scan_of_one_client_leaves_the_other_as_it_was(store: Store) -> None:
    acme, beta = estate.acme(), estate.beta()
    beta.identity("stray", owner="unowned")
    store.scan(0, acme, beta)
    fixed = without_key(estate.acme(), "deploy/AAAA")
    far = 200
    store.scan(far, beta, known=[fixed], plan=False)
    found = store.findings()

    # acme's keys are 200 days older now, but nobody looked; that time passes needs no look
    assert found[OLD_KEY]["last_seen"] == estate.NOW
    seen = {rule for (rule, _), row in found.items() if row["first_seen"] > estate.NOW}
    assert seen <= {"REV-03"}
    stray = store.ask("SELECT last_seen FROM findings WHERE title = 'stray has no owner'")
    assert stray == [{"last_seen": estate.NOW + timedelta(days=far)}]


def test_an_account_that_is_mapped_is_resolved_by_the_plan_alone(store: Store) -> None:
    store.scan(0, estate.acme())
    store.scan(1, estate.acme(), plan=False)
    assert store.findings()[LOST]["status"] == "open"
    store.scan(2, estate.acme(), denied={"organizations.accounts"})
    assert store.findings()[LOST]["status"] == "unknown"


def test_a_partial_estate_has_findings_of_its_own(tmp_path: Path) -> None:
    store = Store(tmp_path, access_key_max_age=1000, unowned_grace_hours=1)
    store.scan(0, estate.acme())
    found = store.findings()

    assert OLD_KEY not in found
    assert ("OWN-01", "fresh has no owner") in found


def test_ids_do_not_depend_on_the_store_or_the_day(tmp_path: Path) -> None:
    ids = []
    for day in (0, 5):
        folder = tmp_path / str(day)
        folder.mkdir()
        store = Store(folder)
        store.scan(day, estate.acme())
        ids.append({key: row["finding_id"] for key, row in store.findings().items()})

    assert ids[0].items() <= ids[1].items()


def test_an_account_level_finding_has_no_other_clients_name(store: Store) -> None:
    store.scan(0, estate.acme(), estate.beta(), estate.msp())

    for row in store.ask("SELECT * FROM findings WHERE tenant_id = 'acme'"):
        text = repr(row).lower()
        assert "beta" not in text
        assert estate.BETA not in text


def test_times_are_moments(store: Store) -> None:
    store.scan(0, estate.acme())

    for row in store.findings().values():
        assert isinstance(row["first_seen"], datetime)
        assert row["first_seen"].tzinfo is not None
        assert row["due_at"] > ago(0)
