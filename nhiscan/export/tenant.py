"""Checks a tenant that somebody names for an export."""

from difflib import get_close_matches
from typing import TYPE_CHECKING

from nhiscan.errors import UsageError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def known_tenant(con: "DuckDBPyConnection", tenant: str) -> None:
    """Raise UsageError, with the nearest name, unless the store has this tenant."""
    known = [row[0] for row in con.execute("SELECT tenant_id FROM tenants ORDER BY 1").fetchall()]
    if tenant not in known:
        near = get_close_matches(tenant, known, n=1)
        raise UsageError(
            f"no tenant {tenant!r} in the store",
            hint=f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}",
        )
