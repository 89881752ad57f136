"""How one identity can act as another: the shortest way, each step with its evidence."""

from itertools import pairwise
from typing import TYPE_CHECKING

from msgspec import Struct

from nhiscan.graph.identify import Named
from nhiscan.graph.steps import Step, read_step
from nhiscan.graph.trust import Fleet, TrustGraph

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


# The node of a source that no trust touches, so that doors open to the public have a beginning.
_ELSEWHERE = -1


class Way(Struct, frozen=True, kw_only=True):
    """`steps` is empty if there is none; `unread` says what could hide one."""

    steps: list[Step]
    unread: list[str]


def find_way(
    con: "DuckDBPyConnection", source: Named, target: Named, *, become: bool = False
) -> Way:
    """Find the shortest way from one identity to another, over any tenants.

    `become` also takes steps that would have to be created first (a new key, a changed trust …).
    Where nothing else leads there, a door open to the public does: anybody can take it.
    """
    import networkx as nx

    fleet = TrustGraph(con).fleet(become=become)
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
    steps = [read_step(con, hop, *pair) for hop, pair in enumerate(pairwise(route), 1)]
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


def unread_for(con: "DuckDBPyConnection", source: Named) -> list[str]:
    """Say what was not read or judged and could hide a way out, the own account first."""
    near = {"source": source.account_id, "target": source.account_id}
    found = [row[0] for row in con.execute(_UNREAD, near).fetchall()]
    ids = {"source": source.identity_id, "target": source.identity_id}
    [(_, grants)] = con.execute(_UNJUDGED, ids).fetchall()
    if grants:
        found.insert(0, f"{grants} grants of {source.name} could not be judged")
    return found


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
