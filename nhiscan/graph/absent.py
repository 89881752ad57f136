"""What is uncovered today without somebody: a person, a team, a vendor, or the MSP itself."""

from datetime import date
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from nhiscan.errors import UsageError
from nhiscan.graph.staging import run_script
from nhiscan.text import shortened

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_ROWS = """
SELECT a.tenant_id, a.subject, a.instance_id, a.identity_id,
    coalesce(i.name, c.statement) AS title, a.role, CASE
        WHEN a.role = 'lets it in' OR a.role LIKE 'duties%' THEN a.other
        WHEN a.role = 'approver' THEN 'nobody else is named to approve'
        WHEN a.role = 'backup' AND coalesce(a.other, '') = '' THEN 'nobody is accountable'
        WHEN a.other IS NULL OR a.other = '' THEN 'nobody stands in'
        WHEN a.other_id IS NULL THEN a.other || ' is in no roster'
        WHEN a.other_id = $party THEN a.other || ' is the same'
        WHEN p.kind <> 'person' THEN a.other || ' is a ' || p.kind
        WHEN p.employment IN ('active', 'notice') THEN a.other || ' is of ' || p.org || ' too'
        ELSE a.other || ': ' || coalesce(p.employment, 'no longer in the roster')
    END AS why,
    coalesce(g.owner_unread, []) AS unread
FROM absent_row AS a
LEFT JOIN identities AS i ON i.identity_id = a.identity_id
LEFT JOIN instance_today AS c ON c.instance_id = a.instance_id AND c.tenant_id = a.tenant_id
LEFT JOIN governed AS g ON g.identity_id = a.identity_id
LEFT JOIN parties AS p ON p.party_id = a.other_id
ORDER BY a.tenant_id, a.subject, a.instance_id, title, a.identity_id, a.role
"""
_KNOWN = """
SELECT p.party_id, p.name, p.kind, p.org, p.employment, p.email, p.aliases FROM parties AS p
UNION ALL
SELECT t.tenant_id, t.name, 'msp', 'msp', NULL, NULL, NULL FROM tenants AS t
WHERE t.kind = 'msp' AND t.tenant_id NOT IN (SELECT p.party_id FROM parties AS p)
UNION ALL
-- a vendor that no roster has, as a trust names it: listed publicly, or a subservice's tenant
SELECT DISTINCT t.vendor, t.vendor, 'vendor', NULL, NULL, NULL, NULL FROM trusts AS t
WHERE t.vendor IS NOT NULL
    AND t.vendor NOT IN (SELECT p.name FROM parties AS p WHERE p.kind = 'vendor')
    AND t.vendor NOT IN (SELECT p.party_id FROM parties AS p)
"""


class Absent(Struct, frozen=True, kw_only=True):
    """Who is thought away, and what that leaves uncovered: one row per instance or identity."""

    party_id: str
    name: str
    kind: str
    employment: str | None
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    has_matrix: bool


def find_absent(con: "DuckDBPyConnection", text: str, today: date) -> Absent:
    """List what nobody covers without the party that `text` names; UsageError names the nearest.

    A party is named by its id, an address or its name; the MSP also as `msp`.
    """
    party_id, name, kind, org, employment = _find(con, text)
    params = {
        "party": party_id,
        "today": today.isoformat(),
        "orgs": _orgs(party_id, name, kind, org),
        "vendors": [name, party_id] if kind == "vendor" else [],
    }
    run_script(con, "nhiscan.graph", "absent.sql", **params)
    result = con.execute(_ROWS, {"party": party_id})
    columns = tuple(column[0] for column in result.description or ())
    rows = result.fetchall()
    any_instance = con.execute("SELECT EXISTS (FROM control_instances)").fetchone()
    return Absent(
        party_id=party_id,
        name=name,
        kind=kind,
        employment=employment,
        columns=columns,
        rows=rows,
        has_matrix=bool(any_instance and any_instance[0]),
    )


def _orgs(party_id: str, name: str, kind: str, org: str | None) -> list[str]:
    """List how matrices call the organization that a vendor or the MSP is."""
    if kind == "msp":
        return ["msp"]
    named = [f"sub:{party_id}", f"sub:{name}"] if kind == "vendor" else []
    return named + ([org] if named and org and org.startswith("sub:") else [])


def _find(con: "DuckDBPyConnection", text: str) -> tuple[str, str, str, str | None, str | None]:
    known = con.execute(_KNOWN).fetchall()
    wanted = text.strip().lower()
    for match in (_by_id, _by_address, _by_name):
        found = {row[0]: row for row in known if match(row, wanted)}
        if len(found) == 1:
            party_id, name, kind, org, employment, *_ = found.popitem()[1]
            return party_id, name or party_id, kind, org, employment
        if found:
            raise UsageError(
                f"{len(found)} parties are called {shortened(text, 200)!r}: {', '.join(found)}",
                hint="name one by its id",
            )
    words = {word: row[0] for row in known for word in (row[0], row[1], row[5]) if word}
    near = get_close_matches(text, words, n=1)
    listed = "`nhiscan sql 'FROM parties'` lists them"
    raise UsageError(
        f"no party named {shortened(text, 200)!r} in any roster",
        hint=f"did you mean {words[near[0]]}?" if near else listed,
    )


def _by_id(row: tuple[Any, ...], wanted: str) -> bool:
    return wanted == row[0].lower() or (row[2] == "msp" and wanted == "msp")


def _by_address(row: tuple[Any, ...], wanted: str) -> bool:
    return "@" in wanted and wanted in {one.lower() for one in (row[5], *(row[6] or ())) if one}


def _by_name(row: tuple[Any, ...], wanted: str) -> bool:
    return bool(row[1]) and wanted == row[1].lower()
