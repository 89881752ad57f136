"""Says in one line who owns an identity now."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from nhiscan.graph.identify import Named

_VERDICT = """
SELECT i.owner_status, coalesce(p.name || ' (' || p.party_id || ')', i.owner_id) AS owner,
    i.owner_confidence, coalesce(b.name || ' (' || b.party_id || ')', i.backup_id) AS backup
FROM identities AS i
LEFT JOIN parties AS p ON p.party_id = i.owner_id
LEFT JOIN parties AS b ON b.party_id = i.backup_id
WHERE i.identity_id = $id
"""


def told(con: "DuckDBPyConnection", named: "Named") -> str:
    """Return the verdict on `named` as the store has it."""
    row = con.execute(_VERDICT, {"id": named.identity_id}).fetchone()
    status, owner, confidence, backup = row or (None,) * 4
    who = f", owner {owner}" if owner else ""
    sure = f", confidence {confidence:.2f}" if confidence is not None else ""
    stands_in = f", backup {backup}" if backup else ""
    return f"{named}: {status or 'not resolved'}{who}{sure}{stands_in}"
