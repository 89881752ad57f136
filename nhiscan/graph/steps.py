"""One step by which an identity can act as another, with the evidence that it rests on."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from nhiscan.graph.identify import Named
from nhiscan.graph.trust import STEPS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class Step(Struct, frozen=True, kw_only=True):
    """One hop, by the loosest statement that allows it.

    `kind` is trust (it stands open), shared_credential (one credential proves both) or can_become
    (it would have to be created first). `how` is named (the principal is this identity), member
    (its whole account or organization is trusted and a grant lets it), federated (it is the outside
    workload that is trusted), public, or the way that would be created. `grants` are the policies
    that allow the step; empty if none was read, which matters only between accounts. Not `proven`:
    the other side of the step was not read, or could not be judged.
    """

    hop: int
    source: Named
    target: Named
    kind: str
    how: str
    principal: str | None
    relation: str | None
    statement: int | None
    guard: str
    verdict: str
    reason: str
    proven: bool
    grants: list[str]
    read_in: str
    read_at: datetime | None
    unread: list[str]


_STEP = f"""{STEPS}
SELECT 'trust' AS kind, coalesce(e.how, 'public') AS how, t.principal, t.relation, t.statement,
    t.guard, t.verdict, t.reason, coalesce(e.proven, t.verdict <> 'unknown') AS proven,
    t.source || ' (' || t.region || ')' AS read_in, s.read_at,
    coalesce(s.unread, [t.source || ' (' || t.region || '): not asked at the last scan']) AS unread
FROM trusts AS t
LEFT JOIN (
    SELECT x.* FROM step AS x WHERE x.source = $source AND x.target = $target
) AS e ON e.trust_id = t.trust_id
LEFT JOIN read_spots AS s
    ON s.tenant_id = t.tenant_id AND s.account_id = t.account_id AND s.source = t.source
    AND s.region = t.region
WHERE t.identity_id = $target AND t.verdict NOT IN ('broken', 'dangling')
    AND (e.source IS NOT NULL OR t.relation = 'public')
ORDER BY e.source IS NULL, list_position(['open', 'weak', 'unknown', 'guarded'], t.verdict),
    t.statement, t.trust_id
LIMIT 1
"""  # noqa: S608 - constants of these modules
_GRANTS = """
SELECT g.role || ': ' || g.acts_as || ' (' || g.verdict || ')'
FROM grant_version AS g
JOIN graph_power AS p ON p.identity_id = g.identity_id AND p.acts_as = g.acts_as
JOIN graph_node AS n ON n.identity_id = $target AND n.native_id GLOB p.pattern
WHERE g.valid_to IS NULL AND g.identity_id = $source AND g.verdict IN ('granted', 'scoped')
ORDER BY ALL
"""
_NODE = """
SELECT i.identity_id, i.tenant_id, i.account_id, i.kind, i.name, i.native_id
FROM identity_version AS i
WHERE i.identity_id = ? AND i.valid_to IS NULL
"""


_BECOME = """
WITH power AS (
    SELECT g.way, list_sort(coalesce(g.services, [])) AS services, g.verdict, g.tenant_id,
        g.account_id, g.source, g.region, g.role || ': ' || g.acts_as || ' (' || g.verdict || ')'
            AS told,
        replace(replace(g.acts_as, '\\', '\\\\'), '[', '[[]') AS pattern
    FROM grant_version AS g
    WHERE g.identity_id = $source AND g.valid_to IS NULL AND g.acts_as IS NOT NULL
        AND g.verdict IN ('granted', 'scoped')
)
SELECT 'can_become' AS kind, p.way AS how, p.services, p.verdict, [p.told] AS grants,
    p.source || ' (' || p.region || ')' AS read_in, s.read_at,
    coalesce(s.unread, [p.source || ' (' || p.region || '): not asked at the last scan']) AS unread
FROM become_edge AS e
JOIN become_holder AS h ON h.holder = e.holder
JOIN become_member AS m ON m.holder = e.holder AND m.identity_id = $source
JOIN power AS p
    ON p.way = h.way AND p.services = h.services AND (h.coarse OR p.pattern = h.pattern)
LEFT JOIN read_spots AS s
    ON s.tenant_id = p.tenant_id AND s.account_id = p.account_id AND s.source = p.source
    AND s.region = p.region
WHERE e.target = $target
ORDER BY p.verdict <> 'granted', p.way, p.told
LIMIT 1
"""
_MATERIAL = """
SELECT if(g.federated, 'trust', 'shared_credential') AS kind, g.how,
    replace(c.kind, '_', ' ') AS what, left(g.fingerprint, 16) AS fingerprint, g.federated,
    c.source || ' (' || c.region || ')' AS read_in, s.read_at,
    coalesce(s.unread, [c.source || ' (' || c.region || '): not asked at the last scan']) AS unread
FROM material_group AS g
JOIN material_member AS m ON m.holder = g.holder AND m.identity_id = $source
JOIN material_edge AS e ON e.holder = g.holder AND e.target = $target
JOIN credential_version AS c
    ON c.identity_id = $target AND c.fingerprint = g.fingerprint AND c.valid_to IS NULL
LEFT JOIN read_spots AS s
    ON s.tenant_id = c.tenant_id AND s.account_id = c.account_id AND s.source = c.source
    AND s.region = c.region
ORDER BY g.federated, g.fingerprint, c.credential_id
LIMIT 1
"""
# What somebody with the power would do, as one reads it after "could".
WAYS = {
    "new_credential": "add a key, a password or a secret to it and sign in with that",
    "changed_trust": "rewrite who is let in to it",
    "passed_role": "start a workload that runs as it",
    "added_federation": "let an outside workload of its own choice in to it",
}


_NO_TRUST: dict[str, Any] = {"principal": None, "relation": None, "statement": None}


def read_step(con: "DuckDBPyConnection", hop: int, source: str, target: str) -> Step:
    """Read the evidence of one step; one that stands open goes before one to be created."""
    params = {"source": source, "target": target}
    ends: dict[str, Any] = {
        "hop": hop,
        "source": _named(con, source),
        "target": _named(con, target),
    }
    facts = _first(con, _STEP, params)
    if facts:
        grants = [found[0] for found in con.execute(_GRANTS, params).fetchall()]
        return Step(**ends, **facts, grants=grants)
    facts = _first(con, _MATERIAL, params)
    if facts:
        return _material(ends, facts)
    facts = _first(con, _BECOME, params)
    if not facts:
        raise LookupError(f"edge {source} to {target} has no reason")  # the graph is made of them
    services = facts.pop("services")
    where = f", in {' or '.join(services)}" if services else ""
    reason = f"could {WAYS[facts['how']]}{where}"
    return Step(**ends, **facts, **_NO_TRUST, guard="none", reason=reason, proven=True)


def _material(ends: dict[str, Any], facts: dict[str, Any]) -> Step:
    what, fingerprint = facts.pop("what"), facts.pop("fingerprint")
    if facts.pop("federated"):
        reason = f"it is itself the outside workload that is let in there: SHA-256 {fingerprint}…"
    else:
        reason = f"the same {what} proves both: SHA-256 {fingerprint}…"
    told: dict[str, Any] = {"guard": what, "verdict": "open", "reason": reason, "grants": []}
    return Step(**ends, **facts, **_NO_TRUST, **told, proven=True)


def _first(con: "DuckDBPyConnection", sql: str, params: dict[str, Any]) -> dict[str, Any]:
    result = con.execute(sql, params)
    names = [column[0] for column in result.description or ()]
    row = result.fetchone()
    return dict(zip(names, row, strict=True)) if row else {}


def _named(con: "DuckDBPyConnection", identity_id: str) -> Named:
    [row] = con.execute(_NODE, [identity_id]).fetchall()
    return Named(*row)
