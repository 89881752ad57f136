"""What a scan or merge did, as its summary and its exit code see it."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from nhiscan.store.merge import MergeCounts

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class Gap(Struct, frozen=True, kw_only=True):
    """One source that was not read whole."""

    tenant_id: str
    account_id: str
    source: str
    region: str
    state: str
    reason: str | None
    optional: bool


class Accounts(Struct, frozen=True, kw_only=True):
    """How many accounts of one tenant were read, and how many are known and were not, by reason."""

    tenant_id: str
    read: int
    not_scanned: dict[str, int]


class Outcome(Struct, frozen=True, kw_only=True):
    """What was done. `incomplete` counts units with an incomplete required source.

    `new`, `changed` and `gone` count rows of this scan; `identities` (by class) and `findings` (by
    severity, neither resolved nor accepted) count what the store holds after it; `new_findings` are
    those of them that this scan opened, or that came back.
    """

    scan_id: str
    units: int
    new: int
    changed: int
    gone: int
    incomplete: int
    opened: int
    resolved: int
    identities: dict[str, int]
    findings: dict[str, int]
    new_findings: dict[str, int] = {}
    gaps: tuple[Gap, ...]
    accounts: tuple[Accounts, ...]
    skipped: tuple[str, ...]


def read_outcome(
    con: "DuckDBPyConnection",
    scan_id: str,
    tenants: Sequence[str],
    merged: Mapping[str, MergeCounts],
    *,
    incomplete: int,
    opened: int,
    resolved: int,
) -> Outcome:
    """Put together what merging counted (`merged`, by file) and what the store now says."""
    counts = merged.values()
    return Outcome(
        scan_id=scan_id,
        units=len(merged),
        new=sum(c.inserted for c in counts),
        changed=sum(c.changed for c in counts),
        gone=sum(c.closed for c in counts),
        incomplete=incomplete,
        opened=opened,
        resolved=resolved,
        identities=_counts(con, "SELECT class, count(*) FROM identities GROUP BY 1"),
        findings=_counts(
            con,
            "SELECT severity, count(*) FROM findings WHERE status IN ('open', 'unknown')"
            " GROUP BY 1",
        ),
        new_findings=_counts(
            con,
            "SELECT severity, count(*) FROM findings WHERE status IN ('open', 'unknown')"
            " AND opened_at >= (SELECT started_at FROM scans WHERE scan_id = $scan) GROUP BY 1",
            {"scan": scan_id},
        ),
        gaps=_gaps(con, scan_id),
        accounts=_accounts(con, scan_id, tenants),
        skipped=tuple(f"{name}: {c.skipped}" for name, c in merged.items() if c.skipped),
    )


def _counts(
    con: "DuckDBPyConnection", sql: str, values: dict[str, str] | None = None
) -> dict[str, int]:
    return dict(con.execute(sql + " ORDER BY 2 DESC, 1", values).fetchall())


def _accounts(
    con: "DuckDBPyConnection", scan_id: str, tenants: Sequence[str]
) -> tuple[Accounts, ...]:
    read = _counts(
        con,
        "SELECT tenant_id, count(DISTINCT account_id) FROM unit_read"
        " WHERE scan_id = $scan AND part = 'collect' GROUP BY 1",
        {"scan": scan_id},
    )
    left = con.execute(
        "SELECT tenant_id, reason, count(*) FROM accounts"
        " WHERE reason IS NOT NULL AND list_contains($tenants, tenant_id)"
        " GROUP BY ALL ORDER BY ALL",
        {"tenants": list(tenants)},
    ).fetchall()
    return tuple(
        Accounts(
            tenant_id=tenant,
            read=read.get(tenant, 0),
            not_scanned={reason: number for of, reason, number in left if of == tenant},
        )
        for tenant in sorted({*tenants, *read})
    )


def _gaps(con: "DuckDBPyConnection", scan_id: str) -> tuple[Gap, ...]:
    rows = con.execute(
        "SELECT tenant_id, account_id, source, region, state, reason, optional FROM coverage"
        " WHERE scan_id = ? AND state NOT IN ('complete', 'not_available')"
        " ORDER BY tenant_id, account_id, source, region",
        [scan_id],
    ).fetchall()
    names = ("tenant_id", "account_id", "source", "region", "state", "reason", "optional")
    return tuple(Gap(**dict(zip(names, row, strict=True))) for row in rows)
