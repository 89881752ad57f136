"""The part of the fleet's graph that leads out of a tenant: a small part of it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from nhiscan.graph.thin import thin_graph
from nhiscan.graph.trust import Fleet

if TYPE_CHECKING:
    from networkx import DiGraph


def crossings(fleet: Fleet, bit: Mapping[str, int]) -> dict[int, int]:
    """Mark the tail of every edge between tenants with the tenants that it leads to.

    A node of no tenant is nobody's: an edge into it leads nowhere yet.
    """
    tenants = fleet.tenants
    tails: dict[int, int] = defaultdict(int)
    for source, successors in fleet.graph.adjacency():
        home = tenants[source]
        for target in successors:
            there = tenants[target]
            if there != home and there:
                tails[source] |= bit[there]
    return tails


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


def upstream(fleet: Fleet, tails: Iterable[int]) -> "DiGraph[int]":
    """Copy the part that reaches a tail: walking a copy is several times faster than a view."""
    nodes = _ancestors(fleet, tails)
    part = thin_graph()
    part.add_nodes_from(nodes)
    part.add_edges_from((n, after) for n in nodes for after in fleet.graph.adj[n] if after in nodes)
    return part
