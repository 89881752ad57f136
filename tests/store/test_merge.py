"""What a merge may close, change and keep; above all, what it may not."""

from datetime import timedelta

import pytest

from nhiscan.errors import SpoolError
from nhiscan.records import Account, AnyRecord, Claim, Grant, Trust, public_id
from tests.store.estate import DETAILS, REPORT, Store, day, key, read, role, used


def counts(store: Store, number: int, *records: AnyRecord, **changes: object) -> tuple[int, ...]:
    c = store.scan(day(number), *records, **changes)
    return c.inserted, c.changed, c.closed, c.unchanged


def test_ids_are_those_of_the_contract(store: Store) -> None:
    store.scan(day(0), role("backup"), key("backup"), read(), read(REPORT))
    scope = ("acme", "aws", "111122223333")
    assert store.rows("SELECT identity_id FROM identities") == [
        (public_id("nhi", *scope, "backup"),)
    ]
    assert store.rows("SELECT credential_id, identity_id FROM credentials") == [
        (public_id("cred", *scope, "backup/1"), public_id("nhi", *scope, "backup"))
    ]


def test_new_changed_gone_unchanged(store: Store) -> None:
    assert counts(store, 0, role("a"), role("b"), role("c"), read()) == (3, 0, 0, 0)
    assert counts(store, 1, role("a"), role("b", privilege="admin"), role("d"), read()) == (
        1,
        1,
        1,
        1,
    )
    assert store.names() == ["a", "b", "d"]
    assert store.names(day(0)) == ["a", "b", "c"]


def test_the_same_scan_again_makes_no_history(store: Store) -> None:
    records: list[AnyRecord] = [
        Account(native_id="111122223333", name="Acme", source="organizations.accounts"),
        role("a", tags={"z": "1", "a": "2"}, attributes={"b": [2, 1], "a": None}),
        key("a", expires_at=day(100)),
        used("a", "known", day(-1)),
        Grant(
            identity="a", scope="*", role="p", action_class="iam", verdict="granted", via="inline",
            actions=["iam:PassRole"], source=DETAILS,
        ),
        Trust(
            identity="a", principal="*", principal_kind="public", guard="none", verdict="open",
            reason="anyone", source=DETAILS,
        ),
        Claim(
            subject="identity", key="a", reference="ann@acme.example", signal="S7",
            role="accountable", evidence="created it", source=DETAILS,
        ),
        read(), read(REPORT), read("organizations.accounts"),
    ]  # fmt: skip
    assert counts(store, 0, *records) == (6, 0, 0, 0)
    history = "SELECT valid_from, valid_to FROM {}_history"
    before = [store.rows(history.format(v)) for v in ("accounts", "identities", "trusts")]
    assert counts(store, 1, *records) == (0, 0, 0, 6)
    assert [store.rows(history.format(v)) for v in ("accounts", "identities", "trusts")] == before


@pytest.mark.parametrize(
    "state", ["partial", "denied", "throttled", "unreachable", "not_licensed", "not_available"]
)
def test_what_was_not_read_whole_is_not_closed(store: Store, state: str) -> None:
    store.scan(day(0), role("a"), role("b"), read())
    assert counts(store, 1, role("a", enabled=False), role("c"), read(state=state)) == (1, 1, 0, 0)
    assert store.names() == ["a", "b", "c"], "seen rows count, unseen ones stay"


def test_a_unit_without_any_coverage_closes_nothing(store: Store) -> None:
    store.scan(day(0), role("a"), read())
    assert counts(store, 1) == (0, 0, 0, 0)
    assert store.names() == ["a"]


def test_only_the_source_and_region_that_were_read_close(store: Store) -> None:
    secrets = "secretsmanager.secrets"
    store.scan(
        day(0),
        role("role"),
        role("west", source=secrets, region="us-west-2"),
        role("east", source=secrets, region="us-east-1"),
        read(), read(secrets, region="us-west-2"), read(secrets, region="us-east-1"),
    )  # fmt: skip
    store.scan(
        day(1),
        read(state="denied"), read(secrets, region="us-west-2"),
        read(secrets, "throttled", region="us-east-1"),
    )  # fmt: skip
    assert store.names() == ["east", "role"]


def test_a_sliding_source_never_closes(store: Store) -> None:
    claim = Claim(
        subject="identity", key="a", reference="arn:aws:iam::111122223333:user/ann", signal="S7",
        role="accountable", evidence="CreateRole", source="cloudtrail.creators",
    )  # fmt: skip
    store.scan(day(0), role("a"), claim, read(), read("cloudtrail.creators"))
    after = store.scan(
        day(1), role("a"), read(), read("cloudtrail.creators"), sliding=["cloudtrail.creators"]
    )
    assert after.closed == 0
    after = store.scan(day(2), role("a"), read(), read("cloudtrail.creators"))
    assert after.closed == 1, "the same unit does close it when the source does not slide"


def test_two_accounts_and_two_clients_never_share_a_row(store: Store) -> None:
    store.scan(day(0), role("backup"), read())
    store.scan(day(0), role("backup"), read(), account="444455556666")
    store.scan(day(0), role("backup"), read(), tenant_id="beta")
    assert len(store.rows("SELECT DISTINCT identity_id FROM identities")) == 3
    store.scan(day(1), read(), tenant_id="beta")
    assert store.rows("SELECT tenant_id, account_id FROM identities ORDER BY 2") == [
        ("acme", "aws:111122223333"),
        ("acme", "aws:444455556666"),
    ]


def test_of_two_records_with_one_key_the_last_counts(store: Store) -> None:
    many = [role(f"r{n}") for n in range(3000)]
    first = store.scan(day(0), role("a", enabled=True), *many, role("a", enabled=False), read())
    assert (first.inserted, first.repeated) == (3001, 1)
    assert store.rows("SELECT enabled FROM identities WHERE name = 'a'") == [(False,)]


def test_an_older_spool_is_skipped_with_a_reason(store: Store) -> None:
    old = store.spool(day(0), [role("a"), read()])
    store.scan(day(1), role("a"), role("b"), read())
    late = store.merge(day(2), old)
    assert late.skipped is not None
    assert "2026-11-01 06:00:00Z" in late.skipped
    assert "newer read, of 2026-11-02 06:00:00Z (scan 20261102T060000Z)" in late.skipped
    assert store.names() == ["a", "b"]
    assert len(store.rows("SELECT * FROM coverage")) == 1


def test_a_spool_merged_twice_counts_once(store: Store) -> None:
    path = store.spool(day(0), [role("a"), read()])
    store.merge(day(0), path)
    again = store.merge(day(1), path)
    assert (again.inserted, again.changed, again.closed) == (0, 0, 0)
    assert store.rows("SELECT count(*) FROM coverage") == [(1,)]


def test_a_damaged_spool_changes_nothing(store: Store) -> None:
    store.scan(day(0), role("a"), read())
    path = store.spool(day(1), [role("b"), read()])
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(SpoolError):
        store.merge(day(1), path)
    assert store.names() == ["a"]
    assert list((store.folder / "nhiscan.duckdb.d" / "work").iterdir()) == []


def test_a_row_that_comes_back_keeps_when_it_was_first_seen(store: Store) -> None:
    store.scan(day(0), role("a"), read())
    store.scan(day(1), read())
    store.scan(day(2), role("a", enabled=True), read())
    assert store.rows("SELECT first_seen, last_seen FROM identities") == [(day(0), day(2))]
    assert store.rows("SELECT valid_from, valid_to FROM identities_history ORDER BY 1") == [
        (day(0), day(1)),
        (day(2), None),
    ]


def test_last_seen_is_the_last_read_that_could_tell(store: Store) -> None:
    store.scan(day(0), role("a"), role("b"), read())
    store.scan(day(1), role("a"), role("b"), read())
    store.scan(day(2), role("a"), role("c"), read(state="partial"))
    assert store.rows("SELECT name, last_seen FROM identities ORDER BY 1") == [
        ("a", day(1)),
        ("b", day(1)),
        ("c", day(2)),
    ]
    store.scan(day(3), role("a"), read())
    seen = "SELECT last_seen FROM identities_history WHERE name = 'b'"
    assert store.rows(seen) == [(day(1),)], "the scan before the one that missed it"


def test_the_same_moment_twice_leaves_no_empty_versions(store: Store) -> None:
    store.scan(day(0), role("a"), role("b"), read())
    store.scan(day(0), role("a", enabled=True), read())
    assert store.rows("SELECT name, enabled, valid_to FROM identities_history") == [
        ("a", True, None)
    ]


class TestUsage:
    def test_a_change_of_last_use_alone_is_no_history(self, store: Store) -> None:
        store.scan(day(0), role("a"), used("a", "known", day(-5)), read())
        assert counts(store, 1, role("a"), used("a", "known", day(0.5)), read()) == (0, 0, 0, 1)
        assert store.rows("SELECT usage, last_used_at FROM identities") == [("known", day(0.5))]

    def test_a_source_that_cannot_tell_keeps_the_last_use(self, store: Store) -> None:
        store.scan(day(0), role("a"), used("a", "known", day(-5)), read())
        store.scan(day(1), role("a"), used("a", "unknown"), read())
        assert store.rows("SELECT last_used_at FROM identities") == [(day(-5),)]

    def test_last_use_never_goes_back(self, store: Store) -> None:
        store.scan(day(0), role("a"), used("a", "known", day(-5)), read())
        store.scan(day(1), role("a"), used("a", "known", day(-9)), read())
        assert store.rows("SELECT last_used_at FROM identities") == [(day(-5),)]

    @pytest.mark.parametrize("state", ["partial", "denied", "throttled", "unreachable"])
    def test_never_is_not_said_of_what_was_not_read(self, store: Store, state: str) -> None:
        store.scan(day(0), role("a"), used("a", "never"), read())
        assert store.rows("SELECT usage FROM identities") == [("never",)]
        store.scan(day(1), read(state=state))
        assert store.rows("SELECT usage FROM identities") == [("unknown",)]
        store.scan(day(2), role("a"), used("a", "never"), read())
        assert store.rows("SELECT usage FROM identities") == [("never",)]

    def test_of_two_reports_the_less_sure_one_counts(self, store: Store) -> None:
        sure, unsure = used("a", "never"), used("a", "unknown")
        store.scan(day(0), role("a"), unsure, sure, read())
        assert store.rows("SELECT usage FROM identities") == [("unknown",)]
        known = used("a", "known", day(-3))
        store.scan(day(1), role("a"), known, unsure, sure, read())
        assert store.rows("SELECT usage, last_used_at FROM identities") == [("known", day(-3))]

    def test_no_report_at_all_is_unknown(self, store: Store) -> None:
        store.scan(day(0), role("a"), read())
        assert store.rows("SELECT usage, last_used_at FROM identities") == [("unknown", None)]

    def test_the_past_shows_no_future_use(self, store: Store) -> None:
        store.scan(day(0), role("a"), used("a", "known", day(-5)), read())
        store.scan(day(2), role("a"), used("a", "known", day(1)), read())
        sql = "SELECT usage, last_used_at FROM identities"
        assert store.rows(sql, day(0.5)) == [("unknown", None)]
        assert store.rows(sql, day(1.5)) == [("known", day(1))]
        store.scan(day(3), read())
        store.scan(day(4), role("a"), used("a", "known", day(3.5)), read())
        sql = "SELECT usage, last_used_at FROM identities_history ORDER BY valid_from"
        assert store.rows(sql) == [("unknown", None), ("known", day(3.5))]


class TestAccounts:
    def test_a_plan_says_whose_an_account_is(self, store: Store) -> None:
        store.scan(
            day(0),
            Account(native_id="1", tenant_id="beta", source="organizations.accounts"),
            Account(native_id="2", state="unmapped", source="organizations.accounts"),
            read("organizations.accounts"),
            part="plan", tenant_id="northwind", account="o-abc",
        )  # fmt: skip
        assert store.rows("SELECT account_id, tenant_id, state FROM accounts ORDER BY 1") == [
            ("aws:1", "beta", "unknown"),
            ("aws:2", "northwind", "unmapped"),
        ]

    def test_a_collected_unit_speaks_of_its_own_tenant_only(self, store: Store) -> None:
        other = Account(native_id="1", tenant_id="beta", source="organizations.accounts")
        with pytest.raises(SpoolError, match="account of tenant 'beta'"):
            store.scan(day(0), other, read("organizations.accounts"))

    def test_two_entries_that_see_one_account_do_not_take_turns(self, store: Store) -> None:
        bare = Account(native_id="1", source="sts.identity", state="active")
        full = Account(native_id="1", name="Acme", organization="o-abc", path="/x", source="org")
        for number in range(3):
            at = day(number)
            store.scan(at, bare, read("sts.identity"), part="plan", account="1")
            store.scan(at + timedelta(hours=1), full, read("org"), part="plan", account="o-abc")
        assert store.rows("SELECT account_id, state, name FROM accounts") == [
            ("aws:1", "active", None)
        ]
        assert store.rows("SELECT count(*) FROM accounts_history") == [(2,)]
