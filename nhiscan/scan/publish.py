"""From spool files to a published store: merge, resolve, judge, and count what changed."""

from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from nhiscan import clock, plugins
from nhiscan.config.model import Config
from nhiscan.findings.evaluate import evaluate
from nhiscan.ownership.resolve import resolve
from nhiscan.scan.task import adapter
from nhiscan.store.revision import revise

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class Gap(Struct, frozen=True, kw_only=True):
    """One source that was not read whole, as the summary and the exit code see it."""

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
    """What a scan or merge did. `incomplete` counts units with an incomplete required source."""

    scan_id: str
    units: int
    new: int
    changed: int
    gone: int
    incomplete: int
    identities: dict[str, int]
    findings: dict[str, int]
    opened: int
    resolved: int
    gaps: tuple[Gap, ...]
    accounts: tuple[Accounts, ...]
    skipped: tuple[str, ...] = ()


def publish(
    store: Path,
    config: Config,
    *,
    scan_id: str,
    kind: str,
    at: datetime,
    spools: Iterable[Path],
    tenants: list[str],
    say: Callable[[str], None],
) -> Outcome:
    """Merge `spools` into one new revision of the store; the caller holds its lock."""
    merged = []
    skipped = []
    with revise(store, at, locked=True) as revision:
        for name in plugins.names(plugins.PROVIDERS):
            revision.declare(name, adapter(name).sources())
        files = list(spools)
        say(f"merging {len(files)} spool files")
        for path in files:
            counts = revision.merge_unit(path)
            merged.append(counts)
            if counts.skipped:
                skipped.append(f"{path.name}: {counts.skipped}")
        revision.settle()
        say("resolving owners, trust and reach")
        resolve(revision, config, revision.at)
        revision.settle()
        say("judging")
        counted = evaluate(revision, config, revision.at)
        incomplete = revision.record_scan(
            scan_id=scan_id,
            kind=kind,
            finished_at=clock.now(),
            tenants=tenants,
            units=len(files),
        )
        return Outcome(
            scan_id=scan_id,
            units=len(files),
            new=sum(c.inserted for c in merged),
            changed=sum(c.changed for c in merged),
            gone=sum(c.closed for c in merged),
            incomplete=incomplete,
            identities=_counts(revision.con, "SELECT class, count(*) FROM identities GROUP BY 1"),
            findings=_counts(
                revision.con,
                "SELECT severity, count(*) FROM findings WHERE status IN ('open', 'unknown')"
                " GROUP BY 1",
            ),
            opened=counted.opened,
            resolved=counted.resolved,
            gaps=_gaps(revision.con, scan_id),
            accounts=_accounts(revision.con, scan_id, tenants),
            skipped=tuple(skipped),
        )


def _counts(
    con: "DuckDBPyConnection", sql: str, values: dict[str, str] | None = None
) -> dict[str, int]:
    return dict(con.execute(sql + " ORDER BY 2 DESC, 1", values).fetchall())


def _accounts(con: "DuckDBPyConnection", scan_id: str, tenants: list[str]) -> tuple[Accounts, ...]:
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
        {"tenants": tenants},
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
