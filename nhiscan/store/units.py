"""What a store already knows of scans and units, for planning the next one."""

from datetime import datetime
from pathlib import Path

from nhiscan.store.read import open_reader
from nhiscan.store.revision import moment_of_writing


def known_scans(store: Path) -> set[str]:
    """Return the ids of all scans the store holds; none if there is no store yet."""
    return {str(row[0]) for row in _rows(store, "SELECT scan_id FROM scan", [])}


def refuse_a_clock_behind(store: Path, at: datetime) -> None:
    """Raise StoreError now, rather than after hours of reading what could not be merged."""
    if store.exists():
        with open_reader(store, older=True) as con:
            moment_of_writing(con, at)


def known_units(store: Path, tenant_id: str, provider: str) -> list[str]:
    """Return the native ids of the accounts that were ever read for a tenant by a provider."""
    sql = (
        "SELECT DISTINCT account_id FROM unit_read"
        " WHERE tenant_id = ? AND provider = ? AND part = 'collect' ORDER BY 1"
    )
    rows = _rows(store, sql, [tenant_id, provider])
    return [str(row[0]).removeprefix(f"{provider}:") for row in rows]


def account_tenants(store: Path) -> dict[str, str]:
    """Return which tenant each known account belongs to, by account id."""
    sql = "SELECT account_id, tenant_id FROM accounts WHERE state <> 'unmapped'"
    return {str(account): str(tenant) for account, tenant in _rows(store, sql, [])}


def _rows(store: Path, sql: str, values: list[str]) -> list[tuple[object, ...]]:
    if not store.exists():
        return []
    with open_reader(store, older=True) as con:
        return con.execute(sql, values).fetchall()
