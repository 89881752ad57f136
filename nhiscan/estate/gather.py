"""Reads the estate as tables: whole for the MSP, or as one client may see it."""

from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from nhiscan import __version__
from nhiscan.config.model import Config, Policy
from nhiscan.errors import UsageError
from nhiscan.export.tenant import known_tenant
from nhiscan.graph.trust import TrustGraph
from nhiscan.pack.client import ClientWall
from nhiscan.sql import library
from nhiscan.sql.coverage import coverage_notes
from nhiscan.table import Table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# Days for which what was resolved is still shown, scans of the trend, rows of one identity.
RESOLVED_DAYS, SCANS, GRANTS, EVENTS = 90, 60, 50, 100

_LIMITS: dict[str, dict[str, int]] = {
    "findings": {"days": RESOLVED_DAYS},
    "trend": {"scans": SCANS},
    "grants": {"most": GRANTS},
    "history": {"most": EVENTS},
}
_TIMED = frozenset({"findings", "history"})
# In this order, each of the query of its name.
TITLES = {
    "clients": "Clients",
    "findings": "Findings",
    "trend": "Over time",
    "parties": "Owners and others",
    "identities": "Identities",
    "credentials": "Credentials",
    "grants": "Grants",
    "trusts": "Trusts",
    "claims": "Claims of ownership",
    "controls": "Controls operated",
    "instances": "Control instances",
    "history": "History",
    "shared": "Shared across clients",
    "steps": "Who can act as whom",
    "coverage": "Not read whole",
    "accounts": "Accounts",
}


class Order(Struct, frozen=True, kw_only=True):
    """What a page is to show; `tenant` null is all of them, `as_of` null is now."""

    tenant: str | None = None
    as_of: datetime | None = None
    now: datetime


def gather(
    con: "DuckDBPyConnection", store: Path, config: Config | None, order: Order
) -> list[Table]:
    """Return the tables of a page, `about` first.

    With a tenant, nothing in them names another client, and tools shared with others stand under
    pseudonyms; the MSP's own tenant has no wall. UsageError if the tenant is not known.
    """
    if order.tenant and config is None:
        raise UsageError("a client's page needs the configuration", hint="name it with --config")
    group = _group(con, order.tenant) if order.tenant else None
    TrustGraph(con)
    tables = [_about(con, config, order, group), _rules()]
    tables += [_table(con, name, order, group) for name in TITLES]
    if order.tenant is None or config is None:
        return tables
    wall = ClientWall(con, config, store, order.tenant, is_handed_out=True)
    return [table if table.name == "rules" else wall.table(table) for table in tables]


def _group(con: "DuckDBPyConnection", tenant: str) -> list[str]:
    """List the tenants of one client: they are one."""
    known_tenant(con, tenant)
    found = con.execute(
        "SELECT t.tenant_id FROM tenants AS t WHERE t.tenant_id = $tenant OR t.client_group = ("
        " SELECT o.client_group FROM tenants AS o WHERE o.tenant_id = $tenant) ORDER BY 1",
        {"tenant": tenant},
    ).fetchall()
    return [row[0] for row in found]


def _table(con: "DuckDBPyConnection", name: str, order: Order, group: list[str] | None) -> Table:
    sql = files("nhiscan.estate").joinpath(f"{name}.sql").read_text("utf-8")
    params: dict[str, Any] = {"tenants": group, **_LIMITS.get(name, {})}
    if name in _TIMED:
        params["now"] = order.as_of or order.now
    found = con.execute(sql, params)
    columns = tuple(column[0] for column in found.description or ())
    return Table(name=name, title=TITLES[name], columns=columns, rows=found.fetchall())


def _about(
    con: "DuckDBPyConnection", config: Config | None, order: Order, group: list[str] | None
) -> Table:
    """Say what a page is about, and what limits it."""
    until = order.as_of or order.now
    row = con.execute(
        "SELECT scan_id, started_at, state FROM scans WHERE started_at <= $until"
        " ORDER BY started_at DESC, scan_id DESC LIMIT 1",
        {"until": until},
    ).fetchone()
    scan_id, scanned_at, state = row or (None, None, None)
    policy = (config.policy if config else Policy()).numbers()
    told = {
        "msp": config.msp_name if config else None,
        "generated_at": order.now,
        "scan_id": scan_id,
        "scan_started_at": scanned_at,
        "scan_state": state,
        "tool_version": __version__,
        "tenant": order.tenant,
        "as_of": order.as_of,
        **{name: policy[name] for name in policy if name.startswith("due_days_")},
        "dormant_days": policy["dormant_days"],
    }
    return Table(
        name="about",
        title="About this page",
        columns=("key", "value"),
        rows=list(told.items()),
        notes=coverage_notes(con, tuple(group or ())),
    )


def _rules() -> Table:
    columns = ("rule", "title", "why", "severity", "remediation", "frameworks")
    rows = [
        [query.rule, query.title, query.why, query.severity, query.remediation, query.frameworks]
        for query in library.load().values()
        if query.rule
    ]
    return Table(name="rules", title="Rules", columns=columns, rows=sorted(rows, key=str))
