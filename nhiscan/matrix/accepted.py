"""Stages the exceptions: which identity each is about, and whether its acceptor was entitled."""

from typing import TYPE_CHECKING

from nhiscan.config.model import Config
from nhiscan.config.place import seen_from
from nhiscan.graph.staging import run_script, stage_rows
from nhiscan.ownership.matching import Roster
from nhiscan.ownership.roster import everybody

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_COLUMNS = {
    "exception_id": "VARCHAR",
    "tenant_id": "VARCHAR",
    "rule": "VARCHAR",
    "identity_ref": "VARCHAR",
    "instance_id": "VARCHAR",
    "reason": "VARCHAR",
    "requested_ref": "VARCHAR",
    "requested_id": "VARCHAR",
    "accepted_ref": "VARCHAR",
    "accepted_id": "VARCHAR",
    "granted_at": "DATE",
    "expires_at": "DATE",
    "compensating_control": "VARCHAR",
    "file": "VARCHAR",
    "line": "BIGINT",
}


def stage_exceptions(con: "DuckDBPyConnection", config: Config) -> None:
    """Leave `staged_exception`; tenants, parties and the matrix are merged already."""
    groups = {tenant.id: tenant.group for tenant in config.tenants}
    roster = Roster(everybody(config), groups, groups.get(config.msp_id, config.msp_id))
    rows = []
    for one in config.exceptions:
        group = groups.get(one.tenant_id, one.tenant_id)
        named = [
            (ref, roster.match(ref, group).party_id if ref else None)
            for ref in (one.requested_by, one.accepted_by)
        ]
        rows.append((
            one.exception_id, one.tenant_id, one.rule, one.identity, one.instance_id, one.reason,
            *named[0], *named[1], one.granted_at.isoformat(), one.expires_at.isoformat(),
            one.compensating_control, seen_from(config, one.file), one.line,
        ))  # fmt: skip
    stage_rows(con, "said_exception", _COLUMNS, rows)
    run_script(con, "nhiscan.matrix", "accepted.sql")
