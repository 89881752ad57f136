"""Tells all that is known of one finding, and the life of several."""

import json
from collections.abc import Iterable
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from nhiscan.errors import UsageError
from nhiscan.text import shortened

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_FINDING = """
SELECT f.*, p.name AS owner, b.name AS backup, i.name AS identity, i.native_id
FROM findings AS f
LEFT JOIN parties AS p ON p.party_id = f.owner_id
LEFT JOIN parties AS b ON b.party_id = f.backup_id
LEFT JOIN identities AS i ON i.identity_id = f.identity_id
WHERE f.finding_id = $id
"""
_TICKETS = (
    "SELECT * FROM tickets AS t WHERE t.finding_id = $id ORDER BY t.recorded_at, t.ticket_ref"
)
_DECISIONS = "SELECT * FROM decisions AS d WHERE d.finding_id = $id ORDER BY d.decided_at"


def explain_finding(con: "DuckDBPyConnection", finding_id: str) -> dict[str, Any]:
    """Return a finding with its evidence, events, tickets and answers; UsageError if none is."""
    params = {"id": finding_id}
    found = _rows(con, _FINDING, params)
    if not found:
        told = shortened(finding_id, 80)
        raise UsageError(f"no finding {told!r} is known", hint="`nhiscan gaps` lists them")
    [finding] = found
    for name in ("evidence", "frameworks"):
        finding[name] = json.loads(finding[name] or "{}")
    return {
        "finding": finding,
        "events": lives(con, [finding_id]).get(finding_id, []),
        "tickets": _rows(con, _TICKETS, params),
        "decisions": _rows(con, _DECISIONS, params),
    }


def lives(con: "DuckDBPyConnection", ids: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """Return the events of findings, by finding, oldest first."""
    sql = files("nhiscan.findings").joinpath("life.sql").read_text("utf-8")
    found: dict[str, list[dict[str, Any]]] = {}
    for row in _rows(con, sql, {"ids": sorted(ids)}):
        found.setdefault(row.pop("finding_id"), []).append(row)
    return found


def _rows(con: "DuckDBPyConnection", sql: str, params: dict[str, Any]) -> list[dict[str, Any]]:
    result = con.execute(sql, params)
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
