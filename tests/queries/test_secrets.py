"""Secrets made to last too long, and secrets beside a federation, case by case."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.queries import estate
from tests.queries.conftest import asker
from tests.queries.test_borders import acme, verdicts

Make = Callable[..., Path]


def test_a_term_is_too_long_the_moment_it_exceeds_the_longest(tmp_path: Path, make: Make) -> None:
    unit = acme()
    unit.identity("app", "app")
    secret: Any = {"kind": "client_secret", "age": 30}
    unit.credential("app", "exact", expires_at=estate.ago(30 - 397), **secret)
    unit.credential("app", "over", expires_at=estate.ago(30 - 397.1), **secret)
    unit.credential("app", "year", expires_at=estate.ago(30 - 365), **secret)
    unit.credential("app", "ended", "client_secret", age=900, expires_at=estate.ago(1))
    unit.credential("app", "off", "token", age=1, expires_at=estate.ago(-900), status="inactive")
    unit.credential("app", "undated", "token", age=None, expires_at=estate.ago(-398))
    unit.credential("app", "dateless", "token", age=None, expires_at=estate.ago(-397))
    endless = {"never_expires": True}
    unit.credential("app", "never", expires_at=estate.ago(-9000), attributes=endless, **secret)
    signing = {"usage": "sign, verify"}
    unit.credential("app", "sso", "certificate", expires_at=estate.ago(-900), attributes=signing)
    unit.credential("app", "right", "delegation", age=1, expires_at=estate.ago(-720))
    store = make(tmp_path, [unit])

    rows = asker(store)("long-lived")

    assert verdicts(rows, "public_id") == {"…over": "open", "…undated": "open"}
    shorter = asker(store)("long-lived", longest_term="364")
    assert "…year" in verdicts(shorter, "public_id")


def test_a_secret_beside_a_federation_is_one_that_could_go(tmp_path: Path, make: Make) -> None:
    unit = acme()
    for name in ("both", "only-secret", "only-federation", "ended", "off", "signs"):
        unit.identity(name, "app")
    for name in ("both", "only-federation", "ended", "signs"):
        unit.credential(name, "trust", "federated_trust", age=None, fingerprint=name * 4)
    unit.credential("off", "trust", "federated_trust", age=None, status="inactive")
    unit.credential("both", "b1", "client_secret", age=40)
    unit.credential("both", "b2", "certificate", age=20, attributes={"usage": "verify"})
    unit.credential("both", "dead", "client_secret", expires_at=estate.ago(2))
    unit.credential("only-secret", "s", "client_secret")
    unit.credential("ended", "e", "client_secret", expires_at=estate.ago(1))
    unit.credential("off", "o", "client_secret")
    unit.credential("signs", "c", "certificate", attributes={"usage": "sign, verify"})

    rows = asker(make(tmp_path, [unit]))("secret-beside-federation")

    assert verdicts(rows, "holder") == {"both": "open"}
    assert rows[0]["public_ids"] == ["…b1", "…b2"]
    assert rows[0]["kinds"] == ["certificate", "client_secret"]


def test_a_registration_and_its_principal_are_one(tmp_path: Path, make: Make) -> None:
    unit = acme()
    unit.identity("principal", "app")
    unit.identity("registration", "app", part_of="principal")
    unit.credential("registration", "trust", "federated_trust", age=None)
    unit.credential("principal", "planted", "client_secret")

    rows = asker(make(tmp_path, [unit]))("secret-beside-federation")

    assert verdicts(rows, "holder") == {"principal": "open"}


def test_secrets_are_unknown_where_credentials_were_not_read(tmp_path: Path, make: Make) -> None:
    unit = acme()
    unit.identity("app", "app")
    unit.credential("app", "long", "client_secret", age=1, expires_at=estate.ago(-900))
    unit.credential("app", "trust", "federated_trust", age=None, source=estate.DETAILS)
    ask = asker(make(tmp_path, [unit], {estate.REPORT}))

    for name in ("long-lived", "secret-beside-federation"):
        assert {row["verdict"] for row in ask(name)} == {"unknown"}, name
        assert all(row["unread"] for row in ask(name)), name


def test_nobody_is_told_to_renew_what_was_planted(tmp_path: Path, make: Make) -> None:
    unit = acme()
    unit.identity("own", "app", home_account=estate.ACME)
    unit.identity("vendors", "app", home_account="888877776666")
    for holder in ("own", "vendors"):
        unit.credential(holder, holder, "client_secret", age=1, expires_at=estate.ago(-700))

    rows = asker(make(tmp_path, [unit]))("long-lived")

    assert verdicts(rows, "holder") == {"own": "open"}


def test_a_stored_password_is_no_door_for_people(tmp_path: Path, make: Make) -> None:
    unit = acme()
    unit.identity("stored", "secret", class_="machine", source=estate.DETAILS)
    unit.identity("machine")
    for holder in ("stored", "machine"):
        unit.credential(holder, holder, "password")

    assert verdicts(asker(make(tmp_path, [unit]))("human-use")) == {"machine": "open"}


LIMITS: dict[Any, int] = {
    "access_key": 90,
    "client_secret": 180,
    "service_account_key": 90,
    "hmac_key": 90,
    "certificate": 397,
    "service_specific": 90,
    "ssh_key": 90,
    "secret": 365,
    "token": 90,
    "api_key": 90,
}


def test_each_kind_is_too_old_the_moment_it_exceeds_its_own_limit(
    tmp_path: Path, make: Make
) -> None:
    unit = acme()
    unit.identity("app", "app")
    for kind, days in LIMITS.items():
        unit.credential("app", f"{kind}-exact", kind, age=days)
        unit.credential("app", f"{kind}-over", kind, age=days + 0.01)
        unit.credential("app", f"{kind}-off", kind, age=days + 90, status="inactive")
        # what the platform renews by itself
        unit.credential("app", f"{kind}-its", kind, age=days + 90, attributes={"managed": True})
    for kind in ("password", "federated_trust", "delegation"):
        unit.credential("app", f"{kind}-old", kind, age=4000)  # type: ignore[arg-type]

    rows = asker(make(tmp_path, [unit]))("unrotated")

    assert verdicts(rows, "public_id") == {f"…{kind}-over": "open" for kind in LIMITS}
    assert {row["kind"]: row["max_age_days"] for row in rows} == LIMITS


def test_a_second_key_is_a_gap_the_moment_the_overlap_is_over(tmp_path: Path, make: Make) -> None:
    unit = acme()
    for name, age in (("rotating", 7), ("kept", 7.01)):
        unit.identity(name)
        unit.credential(name, f"{name}-old", age=80)
        unit.credential(name, f"{name}-new", age=age)
    unit.identity("kinds")
    unit.credential("kinds", "key", age=80)
    unit.credential("kinds", "token", "token", age=80)

    rows = asker(make(tmp_path, [unit]))("several-live-keys")

    assert verdicts(rows, "holder") == {"kept": "open"}
