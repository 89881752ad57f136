"""How one identity can act as another: the shortest way, each step with its evidence."""

from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from msgspec import Struct

from nhiscan.graph.identify import Named
from nhiscan.graph.trust import TrustGraph

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class Step(Struct, frozen=True, kw_only=True):
    """One hop, by the loosest statement that allows it.

    `how` is named (the principal is this identity), member (its whole account or organization is
    trusted and a grant lets it), or public. `grants` are the policies that allow the step; empty
    if none was read, which matters only between accounts.
    """

    hop: int
    source: Named
    target: Named
    how: str
    principal: str
    relation: str
    statement: int
    guard: str
    verdict: str
    reason: str
    grants: list[str]
    read_in: str
    read_at: datetime | None
    unread: list[str]


class Way(Struct, frozen=True, kw_only=True):
    """`steps` is empty if there is none; `unread` says what could hide one."""

    steps: list[Step]
    unread: list[str]


def find_way(con: "DuckDBPyConnection", source: Named, target: Named) -> Way:
    """Find the shortest way from one identity to another, over any tenants.

    Where nothing else leads there, a door open to the public does: anybody can take it.
    """
    import networkx as nx

    fleet = TrustGraph(con).fleet()
    number = {name: node for node, name in enumerate(fleet.ids)}
    start, end = number.get(source.identity_id), number.get(target.identity_id)
    route = None
    if start is not None and end is not None and nx.has_path(fleet.graph, start, end):
        route = [fleet.ids[node] for node in nx.shortest_path(fleet.graph, start, end)]
    if route is None:
        route = _public_way(con, source.identity_id, target.identity_id)
    steps = [_step(con, hop, *pair) for hop, pair in enumerate(pairwise(route or []), 1)]
    return Way(steps=steps, unread=_unread(con, source, target))


def _public_way(con: "DuckDBPyConnection", source: str, target: str) -> list[str] | None:
    """Find a way that begins with a door open to everybody."""
    import networkx as nx

    doors = [
        row[0]
        for row in con.execute(
            "SELECT DISTINCT target FROM graph_way WHERE relation = 'public' ORDER BY 1"
        ).fetchall()
    ]
    pairs = con.execute("SELECT DISTINCT source, target FROM trust_edge ORDER BY ALL").fetchall()
    graph: nx.DiGraph[str] = nx.DiGraph(pairs)
    graph.add_edges_from((source, door) for door in doors if door != source)
    if source not in graph or target not in graph or not nx.has_path(graph, source, target):
        return None
    return list(nx.shortest_path(graph, source, target))


_STEP = """
SELECT coalesce(e.how, 'public') AS how, t.principal, t.relation, t.statement, t.guard, t.verdict,
    t.reason, t.source || ' (' || t.region || ')' AS read_in, s.read_at,
    coalesce(s.unread, [t.source || ' (' || t.region || '): not asked at the last scan']) AS unread
FROM trusts AS t
LEFT JOIN trust_edge AS e
    ON e.trust_id = t.trust_id AND e.source = $source AND e.target = $target
LEFT JOIN read_spots AS s
    ON s.tenant_id = t.tenant_id AND s.account_id = t.account_id AND s.source = t.source
    AND s.region = t.region
WHERE t.identity_id = $target AND t.verdict NOT IN ('broken', 'dangling')
    AND (e.source IS NOT NULL OR t.relation = 'public')
ORDER BY e.source IS NULL, list_position(['open', 'weak', 'unknown', 'guarded'], t.verdict),
    t.statement, t.trust_id
LIMIT 1
"""
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


def _step(con: "DuckDBPyConnection", hop: int, source: str, target: str) -> Step:
    params = {"source": source, "target": target}
    row = con.execute(_STEP, params).fetchone()
    if row is None:
        raise LookupError(f"edge {source} to {target} has no trust")  # the graph is made of trusts
    grants = [found[0] for found in con.execute(_GRANTS, params).fetchall()]
    how, principal, relation, statement, guard, verdict, reason, read_in, read_at, unread = row
    return Step(
        hop=hop,
        source=_named(con, source),
        target=_named(con, target),
        how=how,
        principal=principal,
        relation=relation,
        statement=statement,
        guard=guard,
        verdict=verdict,
        reason=reason,
        grants=grants,
        read_in=read_in,
        read_at=read_at,
        unread=unread,
    )


def _named(con: "DuckDBPyConnection", identity_id: str) -> Named:
    [row] = con.execute(_NODE, [identity_id]).fetchall()
    return Named(*row)


_UNREAD = """
SELECT DISTINCT b.tenant_id || ' ' || b.account_id || ' ' || unnest(b.unread) AS line,
    b.account_id IN ($source, $target) AS near
FROM blind_spots AS b
WHERE b.topic IN ('trusts', 'privilege', 'accounts')
ORDER BY near DESC, line
"""
_UNJUDGED = """
SELECT (
    SELECT count(*) FROM trusts AS t WHERE t.identity_id = $target AND t.verdict = 'unknown'
), (
    SELECT count(*) FROM grants AS g
    WHERE g.identity_id = $source AND g.acts_as IS NOT NULL AND g.verdict = 'unknown'
)
"""


def _unread(con: "DuckDBPyConnection", source: Named, target: Named) -> list[str]:
    """Say what was not read or judged, the accounts of the two ends first."""
    accounts = {"source": source.account_id, "target": target.account_id}
    found = [row[0] for row in con.execute(_UNREAD, accounts).fetchall()]
    ids = {"source": source.identity_id, "target": target.identity_id}
    [(trusts, grants)] = con.execute(_UNJUDGED, ids).fetchall()
    if grants:
        found.insert(0, f"{grants} grants of {source.name} could not be judged")
    if trusts:
        found.insert(0, f"{trusts} trust statements of {target.name} could not be judged")
    return found
