"""What others bring along: applications of two objects, consents, and rights of who is gone."""

from collections.abc import Callable
from pathlib import Path

from nhiscan.store.read import open_reader
from tests.queries import estate
from tests.queries.conftest import asker
from tests.queries.test_answers import Stores, labelled


def test_a_whole_is_used_where_a_credential_of_its_part_is(stores: Stores) -> None:
    with open_reader(stores(frozenset())) as con:
        row = con.execute(
            "SELECT usage, last_used_at FROM governed WHERE name = 'billing'"
        ).fetchone()
        parts = con.execute("SELECT name FROM governed WHERE name = 'registration'").fetchall()

    assert row == ("known", estate.ago(3))
    assert parts == []


def test_a_part_stands_for_itself_where_its_whole_was_not_read(
    tmp_path: Path, make: Callable[..., Path]
) -> None:
    unit = estate.Unit(tenant="acme", account=estate.ACME)
    unit.identity("registration", "app", part_of="never-read", owner="unowned", privilege="write")

    rows = asker(make(tmp_path, [unit]))("ownerless-privileged")

    assert labelled(rows, "name") == {("registration", "open")}


def test_expiring_secrets_of_one_client_and_kind(stores: Stores) -> None:
    ask = asker(stores(frozenset()))

    assert labelled(ask("expiring", tenant="beta"), "public_id") == set()
    assert labelled(ask("expiring", kind="client_secret"), "public_id") == {("…UUUU", "open")}
    assert labelled(ask("expiring", kind="access_key", tenant="acme"), "public_id") == {
        ("…GGGG", "open")
    }


def test_a_consent_is_judged_only_by_a_record_that_looks_back_far_enough(stores: Stores) -> None:
    rows = asker(stores(frozenset()))("unused-consent", shortest_window="401")

    assert labelled(rows, "name") == {("old", "open")}


def test_grants_of_an_account_whose_identities_were_not_read_are_not_called_dangling(
    tmp_path: Path, make: Callable[..., Path]
) -> None:
    unit = estate.Unit(tenant="acme", account=estate.ACME)
    unit.identity("here")
    unit.grant("ghost", "Contributor", "role assignment", principal="an-object-id")

    rows = asker(make(tmp_path, [unit], extra={estate.SECRETS}))("dangling-grants")

    assert ("an-object-id", "unknown") in labelled(rows, "principal")
