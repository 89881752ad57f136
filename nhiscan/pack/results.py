"""Tests and their results, criterion by criterion: what was asked, and what it found."""

from typing import TYPE_CHECKING, Any

from nhiscan.sql import library
from nhiscan.table import Table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_FINDINGS = """
SELECT rule, status, count(*) AS n
FROM findings
WHERE tenant_id = $tenant
GROUP BY rule, status
"""
_LIST = """
SELECT f.finding_id, f.rule, f.severity, f.status, f.tenant_id, f.title,
    coalesce(f.identity_id, f.instance_id, f.account_id) AS subject, f.owner_id, f.backup_id,
    f.first_seen, f.last_seen, f.due_at,
    CASE WHEN f.status = 'open' THEN greatest(0, date_diff('day', f.due_at, $now)) END
        AS days_overdue,
    f.evidence ->> 'exception' AS exception_id, f.remediation, f.unread
FROM findings AS f
WHERE f.tenant_id = $tenant AND f.first_seen < $end
    AND (f.status <> 'resolved' OR f.last_seen >= $start)
ORDER BY list_position(['critical', 'high', 'medium', 'low', 'info'], f.severity), f.rule,
    f.finding_id
"""


def results(con: "DuckDBPyConnection", tenant: str, *, has_gaps: bool) -> Table:
    """Return one row per criterion of SOC 2 and rule.

    A rule that found nothing passed only if nothing of it is unknown; where something was not read
    whole (`has_gaps`), it passed in what was read, and the result says so.
    """
    counted: dict[str, dict[str, int]] = {}
    for rule, status, number in con.execute(_FINDINGS, {"tenant": tenant}).fetchall():
        counted.setdefault(rule, {})[status] = number
    rows: list[list[Any]] = []
    for query in library.load().values():
        if query.rule is None:
            continue
        found = counted.get(query.rule, {})
        for criterion in query.frameworks.get("soc2", ()):
            rows.append([
                criterion.rstrip("~"), query.rule, query.title, _verdict(found, has_gaps=has_gaps),
                found.get("open", 0), found.get("accepted", 0), found.get("unknown", 0),
                found.get("resolved", 0), "contributing" if criterion.endswith("~") else "primary",
            ])  # fmt: skip
    columns = ("criterion", "rule", "test", "result", "open", "accepted", "unknown", "resolved",
               "strength")  # fmt: skip
    return Table(columns=columns, rows=sorted(rows), title="Tests and results per criterion")


def _verdict(found: dict[str, int], *, has_gaps: bool) -> str:
    if found.get("open"):
        return "exceptions"
    if found.get("unknown"):
        return "not conclusive"
    if found.get("accepted"):
        return "exceptions accepted"
    return "no exception in what was read" if has_gaps else "no exception"


def findings(con: "DuckDBPyConnection", tenant: str, params: dict[str, Any]) -> Table:
    """List the findings of a period with their age: `params` are start, end and now."""
    result = con.execute(_LIST, {"tenant": tenant, **params})
    columns = tuple(column[0] for column in result.description or ())
    return Table(columns=columns, rows=result.fetchall(), title="Findings and their remediation")
