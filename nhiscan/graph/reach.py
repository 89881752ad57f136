"""Which tenants each identity can come to act in, over any number of steps."""

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from nhiscan.graph.masks import bits, reached
from nhiscan.graph.staging import run_script, stage_rows
from nhiscan.graph.trust import Fleet, TrustGraph

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from networkx import DiGraph

_COLUMNS = {
    "identity_id": "VARCHAR",
    "tenant_id": "VARCHAR",
    "target_tenant_id": "VARCHAR",
    "via": "VARCHAR",
    "hops": "BIGINT",
}


def stage_reach(con: "DuckDBPyConnection") -> None:
    """Leave `staged_reach` and `staged_shared`; needs the relations merged and `known_tenant`.

    `via` is trust (steps of acting as another) or grant (rights given in the other tenant itself).
    Tenants of the identity's own client are reached too, and do not count as shared.
    """
    graph = TrustGraph(con)
    stage_rows(con, "trust_reach", _COLUMNS, [] if graph.is_empty() else _rows(graph.fleet()))
    run_script(con, "nhiscan.graph", "shared.sql")


def _rows(fleet: Fleet) -> list[tuple[str, str, str, str, int]]:
    return [
        (fleet.ids[node], fleet.tenants[node], tenant, "trust", hops)
        for node, tenant, hops in tenants_reached(fleet)
    ]


def tenants_reached(fleet: Fleet) -> Iterable[tuple[int, str, int]]:
    """Yield (node, other tenant, fewest steps) for all that reach beyond their own tenant.

    Only what reaches the tail of an edge between tenants is looked at: a small part of a fleet.
    """
    graph, tenants = fleet.graph, fleet.tenants
    number = {tenant: n for n, tenant in enumerate(sorted(set(tenants)))}
    names = sorted(number)
    tails: dict[int, int] = defaultdict(int)
    for source, target in graph.edges:
        if tenants[source] != tenants[target]:
            tails[source] |= 1 << number[tenants[target]]
    masks = reached(_upstream(fleet, tails), tails)
    wanted = 0
    for mask in masks.values():
        wanted |= mask
    for bit in bits(wanted):
        # Its hops by breadth: nothing passes through the tenant itself before it is reached.
        entries = [node for node, mask in tails.items() if mask >> bit & 1]
        for node, hops in _distances(fleet, entries, names[bit]).items():
            if node < len(fleet.ids) and masks[node] >> bit & 1:
                yield node, names[bit], hops


def _ancestors(fleet: Fleet, tails: Iterable[int]) -> set[int]:
    found = set(tails)
    front = list(found)
    while front:
        node = front.pop()
        for before in fleet.graph.pred[node]:
            if before not in found:
                found.add(before)
                front.append(before)
    return found


def _upstream(fleet: Fleet, tails: Iterable[int]) -> "DiGraph[int]":
    """Copy the part that reaches a tail: walking a copy is several times faster than a view."""
    import networkx as nx

    nodes = _ancestors(fleet, tails)
    part: DiGraph[int] = nx.DiGraph()
    part.add_nodes_from(nodes)
    part.add_edges_from((n, after) for n in nodes for after in fleet.graph.adj[n] if after in nodes)
    return part


def _distances(fleet: Fleet, entries: list[int], tenant: str) -> dict[int, int]:
    """Count the steps from each node to the nearest identity of `tenant`, breadth first."""
    distance: dict[int, int] = {}
    front: list[int] = []
    steps = 1
    found: Iterable[int] = entries
    while found:
        front = []
        for node in found:
            _reach(fleet, node, steps, tenant, distance, front)
        found = [before for node in front for before in fleet.graph.pred[node]]
        steps += 1
    return distance


def _reach(
    fleet: Fleet, node: int, steps: int, tenant: str, distance: dict[int, int], front: list[int]
) -> None:
    """Note a node's distance once; holding a grant is no step, so its holders are as far away."""
    if node in distance or fleet.tenants[node] == tenant:
        return
    distance[node] = steps
    if node < len(fleet.ids):
        front.append(node)
        return
    for holder in fleet.graph.pred[node]:
        _reach(fleet, holder, steps, tenant, distance, front)
