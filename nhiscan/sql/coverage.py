"""Says beside a result what was not read, so that an absence is not taken for proof."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_SHOWN = 3


def coverage_notes(con: "DuckDBPyConnection", tenants: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Name the worst sources that the last read of their account left incomplete.

    With `tenants`, only theirs: who asks about one client may be showing it to that client.
    """
    rows = con.execute(
        "SELECT tenant_id, account_id, source, region, state, reason FROM latest_coverage"
        " WHERE state NOT IN ('complete', 'not_available')"
        " AND (len($1) = 0 OR list_contains($1, tenant_id))"
        " ORDER BY optional, tenant_id, account_id, source, region",
        [list(tenants)],
    ).fetchall()
    if not rows:
        return ()
    lines = [_line(*row) for row in rows[:_SHOWN]]
    found = "1 source was" if len(rows) == 1 else f"{len(rows)} sources were"
    first = f", the first {_SHOWN} are" if len(rows) > _SHOWN else ""
    return (
        f"{found} not read whole; `nhiscan status` lists them{first}:",
        *(f"  {line}" for line in lines),
    )


def _line(
    tenant: str, account: str, source: str, region: str, state: str, reason: str | None
) -> str:
    where = "" if region == "global" else f" ({region})"
    return f"{tenant} {account} {source}{where}: {state}" + (f", {reason}" if reason else "")
