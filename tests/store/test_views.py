"""The views are the product: documented, alike in all forms, and honest about what was not read."""

import re

import pytest

from nhiscan.errors import QueryError
from nhiscan.records import Account, Grant
from nhiscan.store import views
from tests.store.estate import DETAILS, REPORT, Store, day, key, read, role


def test_every_view_and_column_has_a_comment(store: Store) -> None:
    store.scan(day(0), read())
    bare = store.rows(
        "SELECT table_name, column_name FROM duckdb_columns() c WHERE comment IS NULL"
        " AND table_name IN (SELECT view_name FROM duckdb_views() WHERE NOT internal)"
        " UNION ALL SELECT view_name, '' FROM duckdb_views() WHERE NOT internal AND comment IS NULL"
    )
    assert bare == []


@pytest.mark.parametrize("name", views.NAMES)
def test_all_forms_of_a_view_have_the_same_columns(store: Store, name: str) -> None:
    view = views.load(name)
    store.scan(day(0), read())
    described = "SELECT column_name FROM (DESCRIBE FROM {})"
    now = store.rows(described.format(name))
    assert [column for (column,) in now] == [*view.columns], "and a comment for each, in order"
    assert store.rows(described.format(name), day(0)) == now
    if view.has_history:
        history = store.rows(described.format(f"{name}_history"))
        assert history == [*now, ("valid_from",), ("valid_to",)]


def test_unread_names_each_source_that_was_not_read_whole(store: Store) -> None:
    store.scan(
        day(0),
        role("a"), key("a"),
        read(),
        read(REPORT, "denied", reason="no permission"),
        read("ssm.parameters", "throttled", region="us-east-1"),
        read("organizations.policies", "not_available"),
    )  # fmt: skip
    store.scan(day(0), role("b"), read(), account="444455556666")
    unread = [
        "iam.credential_report (global): denied, no permission",
        "ssm.parameters (us-east-1): throttled",
    ]
    assert store.rows("SELECT name, unread FROM identities ORDER BY 1") == [
        ("a", unread),
        ("b", []),
    ]
    assert store.rows("SELECT unread FROM credentials") == [(unread,)]


def test_an_account_that_could_not_be_entered_says_so(store: Store) -> None:
    store.scan(day(0), role("a"), read(), read(REPORT))
    lost = [read(s, "denied", reason="AssumeRole refused") for s in (DETAILS, REPORT)]
    store.scan(day(1), *lost)
    assert store.rows("SELECT name, len(unread), last_seen FROM identities") == [("a", 2, day(0))]
    assert store.rows("SELECT len(unread) FROM identities", day(0.5)) == [(0,)]
    store.scan(day(2), role("a"), read(), read(REPORT))
    assert store.rows("SELECT unread FROM identities") == [([],)]


def test_versions_of_the_past_do_not_claim_todays_coverage(store: Store) -> None:
    store.scan(day(0), role("a"), read())
    store.scan(day(1), role("a", enabled=True), read(), read(REPORT, "denied"))
    assert store.rows("SELECT unread FROM identities_history ORDER BY valid_from") == [
        (None,),
        (["iam.credential_report (global): denied"],),
    ]


def test_a_grant_tells_which_client_its_scope_lies_in(store: Store) -> None:
    def grant(scope_account: str | None) -> Grant:
        return Grant(
            identity="a", scope="*", scope_account=scope_account, role="p", via="inline",
            action_class="read", verdict="granted", source=DETAILS,
        )  # fmt: skip

    store.scan(
        day(0),
        Account(native_id="2", tenant_id="beta", source="organizations.accounts"),
        part="plan", account="o-abc", tenant_id="northwind",
    )  # fmt: skip
    store.scan(day(0), role("a"), grant(None), grant("2"), grant("3"), read())
    assert store.rows("SELECT scope_tenant_id FROM grants ORDER BY 1 NULLS LAST") == [
        ("acme",),
        ("beta",),
        (None,),
    ]


def test_the_time_before_the_first_scan_is_not_an_empty_estate(store: Store) -> None:
    store.scan(day(0), role("a"), read())
    with pytest.raises(QueryError, match=re.escape("its first scan is of 2026-11-01 06:00:00Z")):
        store.names(day(-1))


def test_hostile_names_come_back_as_they_were(store: Store) -> None:
    names = [
        "\x1b[31mred",
        "a\x00b",
        "=cmd|' /C calc'!A0",
        "<script>",
        "a\nb",
        "x" * 10_000,
        "\u202e",
    ]
    store.scan(day(0), *(role(f"k{n}", name=name) for n, name in enumerate(names)), read())
    assert store.names() == sorted(names, key=lambda name: name.encode())
