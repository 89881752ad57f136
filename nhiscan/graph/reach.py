"""Which tenants each identity can come to act in, over any number of steps."""

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from nhiscan.graph.masks import bits, reached
from nhiscan.graph.staging import run_script, stage_rows
from nhiscan.graph.trust import Fleet, TrustGraph

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

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
    fleet = TrustGraph(con).fleet()
    rows = [
        (fleet.ids[node], fleet.tenants[node], tenant, "trust", hops)
        for node, tenant, hops in tenants_reached(fleet)
    ]
    stage_rows(con, "trust_reach", _COLUMNS, rows)
    run_script(con, "nhiscan.graph", "shared.sql")


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
    upstream = _ancestors(fleet, tails)
    masks = reached(graph.subgraph(upstream), tails)
    wanted = 0
    for mask in masks.values():
        wanted |= mask
    for bit in bits(wanted):
        # Its hops by breadth: nothing passes through the tenant itself before it is reached.
        entries = [node for node, mask in tails.items() if mask >> bit & 1]
        for node, hops in _distances(fleet, entries, names[bit]).items():
            if masks[node] >> bit & 1:
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


def _distances(fleet: Fleet, entries: list[int], tenant: str) -> dict[int, int]:
    """Count the steps from each node to the nearest identity of `tenant`, breadth first."""
    distance = dict.fromkeys((n for n in entries if fleet.tenants[n] != tenant), 1)
    front = list(distance)
    while front:
        following = []
        for node in front:
            for before in fleet.graph.pred[node]:
                if before not in distance and fleet.tenants[before] != tenant:
                    distance[before] = distance[node] + 1
                    following.append(before)
        front = following
    return distance
