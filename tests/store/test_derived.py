"""Conclusions have the same history as what was read, and repeat quietly."""

from datetime import datetime

import pytest

from nhiscan.errors import NhiscanError
from nhiscan.store.revision import revise
from tests.store.estate import Store, day, read, role

RESOLUTION = (
    "SELECT identity_id, tenant_id, NULL AS home_tenant_id, NULL AS created_by, {} AS owner_id,"
    " 'declared' AS owner_status, {} AS owner_confidence, NULL AS backup_id,"
    " NULL AS last_known_owner_id, 0 AS reach_tenants, '{{}}' AS explanation,"
    " []::VARCHAR[] AS owner_unread, []::VARCHAR[] AS reach_unread FROM identities"
)


def conclude(store: Store, at: datetime, name: str, sql: str) -> None:
    with revise(store.path, at) as revision:
        revision.con.execute(f"CREATE TEMP TABLE concluded AS {sql}")
        revision.merge_derived(name, "concluded")


def tenants(*names: str | None) -> str:
    rows = ", ".join(
        f"('t{n}', {'NULL' if name is None else repr(name)}, 'client', 'g')"
        for n, name in enumerate(names)
    )
    return f"FROM (VALUES {rows}) t(tenant_id, name, kind, client_group)"


def test_changes_and_absences_are_history(store: Store) -> None:
    conclude(store, day(0), "tenant", tenants("Acme", None, "Gamma"))
    conclude(store, day(1), "tenant", tenants("Acme", "Beta"))
    ask = "SELECT name, valid_from, valid_to FROM tenants_history ORDER BY tenant_id, valid_from"
    assert store.rows(ask) == [
        ("Acme", day(0), None),
        (None, day(0), day(1)),
        ("Beta", day(1), None),
        ("Gamma", day(0), day(1)),
    ]


def test_the_same_again_is_quiet_also_with_nulls(store: Store) -> None:
    reach = "SELECT 'i' AS identity_id, 'a' AS tenant_id, 'b' AS target_tenant_id, NULL AS via, 2 AS hops"  # noqa: E501
    conclude(store, day(0), "tenant", tenants("Acme", None))
    conclude(store, day(0), "reach", reach)
    conclude(store, day(1), "tenant", tenants("Acme", None))
    conclude(store, day(1), "reach", reach)
    assert store.rows("SELECT valid_from, valid_to FROM tenants_history") == [(day(0), None)] * 2
    assert store.rows("SELECT valid_from, valid_to FROM reach_history") == [(day(0), None)]


def test_concluding_twice_in_one_scan_leaves_the_last(store: Store) -> None:
    conclude(store, day(0), "tenant", tenants("Acme"))
    conclude(store, day(0), "tenant", tenants("Acme Dental"))
    assert store.rows("SELECT name, valid_to FROM tenants_history") == [("Acme Dental", None)]


def test_a_confidence_that_decays_is_no_history(store: Store) -> None:
    store.scan(day(0), role("a"), read())
    conclude(store, day(0), "resolution", RESOLUTION.format("'ann'", 0.9))
    conclude(store, day(1), "resolution", RESOLUTION.format("'ann'", 0.8))
    ask = "SELECT owner_id, owner_confidence, valid_from, valid_to FROM identities_history"
    assert store.rows(ask) == [("ann", 0.8, day(0), None)]


def test_two_rows_of_one_key_are_a_fault(store: Store) -> None:
    with pytest.raises(NhiscanError, match="two rows of tenant have the key"):
        conclude(store, day(0), "tenant", f"{tenants('Acme')} UNION ALL {tenants('Beta')}")


def test_history_of_an_identity_is_cut_where_its_owner_changes(store: Store) -> None:
    for number, (enabled, owner) in enumerate([(True, "ann"), (True, "bob"), (False, "bob")]):
        store.scan(day(number), role("a", enabled=enabled), read())
        conclude(store, day(number), "resolution", RESOLUTION.format(repr(owner), 0.9))
    ask = (
        "SELECT enabled, owner_id, valid_from, valid_to FROM identities_history ORDER BY valid_from"
    )
    assert store.rows(ask) == [
        (True, "ann", day(0), day(1)),
        (True, "bob", day(1), day(2)),
        (False, "bob", day(2), None),
    ]
    for moment, owner in ((0.5, "ann"), (1.5, "bob"), (2.5, "bob")):
        assert store.rows("SELECT owner_id FROM identities", day(moment)) == [(owner,)]
