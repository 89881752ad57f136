"""What the queries must leave out, and where they must say unknown, case by case."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.queries import estate
from tests.queries.conftest import Rows, asker

Make = Callable[..., Path]


def acme() -> estate.Unit:
    return estate.Unit(tenant="acme", account=estate.ACME)


def verdicts(rows: Rows, label: str = "name") -> dict[str, str]:
    return {row[label]: row["verdict"] for row in rows if row["identity_id"] is not None}


def test_a_workload_that_could_not_be_read_is_neither_gone_nor_there(
    tmp_path: Path, make: Make
) -> None:
    unit = acme()
    why = "resources were not read whole: denied"
    unit.identity("hidden", "role", attributes={"workload": "unknown", "workload_reason": why})
    unit.identity("gone", "role", attributes={"workload": "gone"})
    unit.identity("silent", "role")

    rows = asker(make(tmp_path, [unit]))("orphaned-workloads")

    assert verdicts(rows) == {"hidden": "unknown", "gone": "open"}
    assert {row["name"]: row["unread"] for row in rows}["hidden"] == [f"its workload: {why}"]


def test_unattached_is_unknown_where_federations_were_not_read(tmp_path: Path, make: Make) -> None:
    unit = acme()
    unit.identity("spare", attributes={"workload": "unattached"})
    unit.identity("gone", attributes={"workload": "gone"})

    (tmp_path / "whole").mkdir()
    whole = asker(make(tmp_path / "whole", [unit]))("orphaned-workloads")
    # users' credentials stand in the credential report
    rows = asker(make(tmp_path, [unit], extra={estate.REPORT}))("orphaned-workloads")

    assert verdicts(whole) == {"spare": "open", "gone": "open"}
    assert verdicts(rows) == {"spare": "unknown", "gone": "open"}


def test_ownerless_power_shows_the_strongest_grants_first(tmp_path: Path, make: Make) -> None:
    unit = acme()
    unit.identity("sync", owner="unowned", privilege="admin")
    unit.grant("sync", "Reader", "role assignment", scope="/subscriptions/1")
    unit.grant("sync", "Owner", "role assignment", scope="/subscriptions/1", action_class="admin")
    unit.grant("sync", "Mail.Send", "app role", scope="Graph", action_class="data")
    unit.grant("sync", "Global Administrator", "app role", action_class="admin", verdict="denied")
    store = make(tmp_path, [unit])

    row = asker(store)("ownerless-privileged")[0]
    fewer = asker(store)("ownerless-privileged", shown="1")[0]

    assert row["strongest_grants"] == [
        "Owner on /subscriptions/1 (role assignment)",
        "Mail.Send on Graph (app role)",
        "Reader on /subscriptions/1 (role assignment)",
    ]
    assert row["grants"] == 3
    assert fewer["strongest_grants"] == row["strongest_grants"][:1]


def test_ownerless_power_is_unknown_where_a_grant_could_not_be_decided(
    tmp_path: Path, make: Make
) -> None:
    unit = acme()
    unit.identity("custom", owner="orphaned", privilege="unknown")
    unit.grant("custom", "a role that was not read", "role assignment", verdict="unknown")
    unit.identity("plain", owner="unowned", privilege="unknown")
    unit.grant("plain", "Reader", "role assignment")
    unit.identity("guessed", owner="suggested", privilege="admin")
    unit.identity("team", owner="team_only", privilege="admin")

    rows = asker(make(tmp_path, [unit]))("ownerless-privileged")

    assert verdicts(rows) == {"custom": "unknown"}


def test_two_shared_keys_of_a_storage_account_are_by_design(tmp_path: Path, make: Make) -> None:
    unit = acme()
    unit.identity("store", "api_key", used=None, usage="unsupported")
    unit.identity("bot")
    for holder in ("store", "bot"):
        unit.credential(holder, "key1", "api_key", age=60)
        unit.credential(holder, "key2", "api_key", age=60)
    store = make(tmp_path, [unit])

    assert verdicts(asker(store)("several-live-keys"), "holder") == {"bot": "open"}
    # their age is a question all the same
    older = asker(store)("unrotated", api_key_max_age="50")
    assert {row["holder"] for row in older} == {"store", "bot"}


def test_the_term_of_a_delegation_expires_and_is_no_key(tmp_path: Path, make: Make) -> None:
    unit = acme()
    unit.identity("partner", "delegation")
    old: Any = {"age": 900, "used": 300}
    unit.credential("partner", "soon", "delegation", expires_at=estate.ago(-5), **old)
    unit.credential("partner", "over", "delegation", expires_at=estate.ago(5), **old)
    unit.credential("partner", "idle", "delegation", age=900, used=None, usage="never")
    ask = asker(make(tmp_path, [unit]))

    assert verdicts(ask("expiring"), "public_id") == {"…soon": "open"}
    for name in ("expired", "unrotated", "unused-keys", "never-used-keys", "several-live-keys"):
        assert ask(name) == [], name


def test_what_the_platform_rotates_is_nobodys_to_rotate(tmp_path: Path, make: Make) -> None:
    unit = acme()
    unit.identity("app")
    for name, managed in (("own", False), ("its", True)):
        facts: Any = {"kind": "client_secret", "age": 900, "attributes": {"managed": managed}}
        unit.credential("app", f"{name}1", used=300, expires_at=estate.ago(-5), **facts)
        unit.credential("app", f"{name}2", used=None, usage="never", **facts)
    ask = asker(make(tmp_path, [unit]))

    for name in ("expiring", "unrotated", "unused-keys", "never-used-keys"):
        shown = {row["public_id"] for row in ask(name)}
        assert shown <= {"…own1", "…own2"}, name
        assert shown, name
    assert set(ask("several-live-keys")[0]["public_ids"]) == {"…own1", "…own2"}


def test_planted_are_only_live_credentials_on_what_is_at_home_elsewhere(
    tmp_path: Path, make: Make
) -> None:
    unit = acme()
    unit.identity("own", "app", home_account=estate.ACME)
    unit.identity("vendors", "app", home_account="888877776666")
    unit.identity("untold", "app")
    for holder in ("own", "vendors", "untold"):
        unit.credential(holder, f"{holder}-key", "client_secret")
    unit.credential("vendors", "ended", "client_secret", expires_at=estate.ago(1))
    unit.credential("vendors", "off", "client_secret", status="inactive")
    unit.credential("vendors", "trust", "federated_trust", fingerprint="ef" * 32)
    unit.credential("vendors", "rotated", "certificate", attributes={"managed": True})

    rows = asker(make(tmp_path, [unit]))("foreign-credentials")

    assert verdicts(rows, "public_id") == {"…vendors-key": "open"}


def test_access_without_a_permission_is_no_consent(tmp_path: Path, make: Make) -> None:
    unit = acme()
    unit.identity("visitor", "app", used=200)
    unit.grant("visitor", "default access", "app role")
    unit.identity("reader", "app", used=200)
    unit.grant("reader", "default access", "app role")
    unit.grant("reader", "Mail.Read", "delegated, single users")
    unit.identity("recent", "app", used=20)
    unit.grant("recent", "Mail.Read", "app role")
    unit.identity("unread", "app", used=None, usage="unknown")
    unit.grant("unread", "Mail.Read", "app role")

    rows = asker(make(tmp_path, [unit]))("unused-consent")

    assert verdicts(rows) == {"reader": "open"}
    assert rows[0]["permissions"] == ["Mail.Read"]


def test_ex_partners_are_told_with_what_they_may_do(tmp_path: Path, make: Make) -> None:
    unit = acme()
    unit.identity("former", "delegation", privilege="write")
    unit.trust("former", "oldvend", "organization", verdict="guarded")
    unit.grant("former", "Contributor", "delegation", action_class="write")
    unit.grant("former", "Owner", "delegation", verdict="denied")
    unit.identity("backup", "delegation")
    unit.trust("backup", "goodvend", "organization", verdict="guarded")
    unit.identity("foreigner", "delegation")
    unit.trust("foreigner", "a directory that is not named", "unknown", verdict="unknown")
    # nobody knows these either, and they are no partners: vendor-without-record
    unit.identity("app", "app")
    unit.trust("app", "app-1", "application", verdict="guarded")
    unit.identity("role", "role")
    unit.trust("role", "333300000003", "account")

    rows = asker(make(tmp_path, [unit]))("ex-partner-delegations")

    assert verdicts(rows) == {"former": "open", "foreigner": "open"}
    former = next(row for row in rows if row["name"] == "former")
    assert (former["privilege"], former["roles"], former["partners"]) == (
        "write",
        ["Contributor"],
        ["Oldvend"],
    )
    assert former["title"] == "former lets in a partner that has left"


def test_the_application_of_a_vendor_that_left_is_told_too(tmp_path: Path, make: Make) -> None:
    unit = acme()
    unit.identity("former", "app")
    unit.trust("former", "app-1", "application", verdict="guarded")

    rows = asker(make(tmp_path, [unit]))("ex-partner-delegations")

    assert verdicts(rows) == {"former": "open"}


def test_one_finding_per_principal_that_is_gone(tmp_path: Path, make: Make) -> None:
    unit = acme()
    unit.identity("here", class_="human")
    unit.grant("here", "Reader", "role assignment")
    for role in ("Reader", "Owner"):
        unit.grant("ghost-1", role, "role assignment", principal="object-1")
    unit.grant("ghost-2", "Reader", "role assignment", principal="object-2")
    unit.grant("ghost-3", "Owner", "deny assignment", principal="object-3", verdict="denied")

    rows = asker(make(tmp_path, [unit]))("dangling-grants")

    assert [(row["principal"], row["verdict"], row["roles"]) for row in rows] == [
        ("object-1", "unknown", ["Owner", "Reader"]),
        ("object-2", "unknown", ["Reader"]),
    ]
    assert rows[0]["unread"] == ["seen by one scan only: the next one tells whether it is so"]
    assert len({row["subject"] for row in rows}) == 2


def test_only_what_still_works_is_exposed_and_only_what_could_end_never_expires(
    tmp_path: Path, make: Make
) -> None:
    unit = acme()
    unit.identity("app")
    found = {"exposed": "https://paste.example/1"}
    unit.credential("app", "live", "service_account_key", status="active", attributes=found)
    unit.credential("app", "off", "service_account_key", status="inactive", attributes=found)
    unit.credential("app", "kept", "service_account_key", status="active")
    endless = {"never_expires": True}
    unit.credential("app", "endless", "client_secret", status="active", attributes=endless)
    unit.credential("app", "hmac", "hmac_key", status="active", attributes=endless)
    store = make(tmp_path, [unit])

    exposed = [row for row in asker(store)("exposed") if row["identity_id"] is not None]
    never = [row for row in asker(store)("never-expiring") if row["identity_id"] is not None]

    assert [row["found_at"] for row in exposed] == ["https://paste.example/1"]
    assert [row["kind"] for row in never] == ["client_secret"]
    (tmp_path / "denied").mkdir()
    denied = asker(make(tmp_path / "denied", [unit], {estate.REPORT}))
    assert {row["verdict"] for row in denied("exposed")} == {"unknown"}
    assert {row["verdict"] for row in denied("never-expiring")} == {"unknown"}
