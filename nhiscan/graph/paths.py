"""How one identity can act as another: the shortest way, each step with its evidence."""

from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from msgspec import Struct

from nhiscan.graph.identify import Named
from nhiscan.graph.trust import STEPS, Fleet, TrustGraph

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


# The node of a source that no trust touches, so that doors open to the public have a beginning.
_ELSEWHERE = -1


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
    end = number.get(target.identity_id)
    route: list[str] = []
    if end is not None:
        start = number.get(source.identity_id, _ELSEWHERE)
        if start not in fleet.graph or not nx.has_path(fleet.graph, start, end):
            doors = con.execute("SELECT DISTINCT target FROM graph_way WHERE relation = 'public'")
            open_nodes = {number[row[0]] for row in doors.fetchall()} - {start}
            fleet.graph.add_edges_from((start, node) for node in sorted(open_nodes))
        route = _shortest(fleet, start, end, source.identity_id)
    steps = [_step(con, hop, *pair) for hop, pair in enumerate(pairwise(route), 1)]
    return Way(steps=steps, unread=_unread(con, source, target))


def _shortest(fleet: Fleet, start: int, end: int, source: str) -> list[str]:
    """List the identities of the way with the fewest steps; empty if there is none."""
    import networkx as nx

    def steps(_: int, node: int, __: object) -> int:
        return 1 if node < len(fleet.ids) else 0

    if start not in fleet.graph or not nx.has_path(fleet.graph, start, end):
        return []
    nodes = nx.shortest_path(fleet.graph, start, end, weight=steps)
    return [source, *(fleet.ids[node] for node in nodes[1:] if node < len(fleet.ids))]


_STEP = f"""{STEPS}
SELECT coalesce(e.how, 'public') AS how, t.principal, t.relation, t.statement, t.guard, t.verdict,
    t.reason, t.source || ' (' || t.region || ')' AS read_in, s.read_at,
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
