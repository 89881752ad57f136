"""How a store of an older schema becomes one of this schema, and keeps what it holds."""

from pathlib import Path

import duckdb

from nhiscan.store.connect import connect
from nhiscan.store.migrate import migrations
from nhiscan.store.read import open_reader
from nhiscan.store.revision import revise
from nhiscan.store.units import known_scans, refuse_a_clock_behind
from tests.store.estate import Store, day, read, role

# What a store of schema 1 knew of an identity, a grant and a claim.
OLD = """
INSERT INTO identity_version BY NAME SELECT 'nhi_old' AS identity_id, 'acme' AS tenant_id,
    'aws' AS provider, 'aws:111122223333' AS account_id, 'old' AS "key", 'role' AS kind,
    'old' AS name, 'machine' AS class, '{}' AS tags, '{}' AS attributes,
    'acme/aws/1' AS unit, TIMESTAMPTZ '2026-10-01 06:00:00Z' AS valid_from;
INSERT INTO grant_version BY NAME SELECT 'grant_old' AS grant_id, 'nhi_old' AS identity_id,
    'acme' AS tenant_id, 'aws' AS provider, 'reader' AS role,
    TIMESTAMPTZ '2026-10-01 06:00:00Z' AS valid_from;
INSERT INTO claim_version BY NAME SELECT 'claim_old' AS claim_id, 'nhi_old' AS subject_id,
    'dana@acme.example' AS reference, TIMESTAMPTZ '2026-10-01 06:00:00Z' AS valid_from;
"""


def of_schema(path: Path, newest: int) -> None:
    """Make a store as an older nhiscan left it."""
    with duckdb.connect(str(path), config={"storage_compatibility_version": "v1.5.0"}) as con:
        con.execute("SET TimeZone = 'UTC'")
        con.execute("CREATE TABLE schema_migration (number INTEGER, applied_at TIMESTAMPTZ)")
        for number, sql in migrations():
            if number <= newest:
                con.execute(sql)
                con.execute("INSERT INTO schema_migration VALUES (?, now())", [number])
        con.execute(OLD)


def test_a_store_of_the_first_schema_keeps_its_data_and_learns_the_new_columns(
    store: Store,
) -> None:
    of_schema(store.path, 1)
    store.scan(day(0), role("app", part_of="principal"), role("principal"), read())
    assert store.rows(
        "SELECT i.name, w.name FROM identities i LEFT JOIN identities w"
        " ON w.identity_id = i.part_of ORDER BY 1"
    ) == [("app", "principal"), ("old", None), ("principal", None)]
    assert store.rows("SELECT role, principal FROM grants") == [("reader", None)]
    assert store.rows("SELECT reference, departed FROM claim_version") == [
        ("dana@acme.example", None)
    ]
    numbers = store.rows("SELECT number FROM schema_migration ORDER BY 1")
    assert numbers == [(number,) for number, _ in migrations()]


def test_a_store_of_an_older_version_can_be_planned_for(tmp_path: Path) -> None:
    """What a scan asks before it merges: only the merge brings the store up to date."""
    store = tmp_path / "nhiscan.duckdb"
    with connect(store) as con:
        con.execute("CREATE TABLE schema_migration (number INTEGER, applied_at TIMESTAMPTZ)")
        for number, sql in migrations()[:1]:
            con.execute(sql)
            con.execute("INSERT INTO schema_migration VALUES (?, now())", [number])
    assert known_scans(store) == set()
    refuse_a_clock_behind(store, day(1))
    with revise(store, day(1)):
        pass
    with open_reader(store) as con:
        assert con.execute("SELECT count(*) FROM identities").fetchone() == (0,)
