"""Which tenants each identity can come to act in, over any number of steps."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from nhiscan.graph.masks import bits, reached
from nhiscan.graph.staging import run_script, stage_rows
from nhiscan.graph.trust import Fleet, TrustGraph
from nhiscan.graph.unread import stage_unread
from nhiscan.graph.upstream import crossings, upstream

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

    Also `staged_reach_unread`: whose reach may be more than is known, because of what was not read.
    `via` is trust (steps of acting as another), credential (only by way of a credential or an
    outside workload that several share) or grant (rights given in the other tenant itself).
    Tenants of the identity's own client are reached too, and do not count as shared.
    """
    graph = TrustGraph(con)
    fleet = None if graph.is_empty() else graph.fleet(material=False)
    rows = _rows(fleet, "trust") if fleet else []
    if graph.shares_material():
        fleet = graph.fleet()
        by_trust = {row[:3] for row in rows}
        rows += [row for row in _rows(fleet, "credential") if row[:3] not in by_trust]
    stage_rows(con, "trust_reach", _COLUMNS, rows)
    stage_unread(con, graph, fleet)
    run_script(con, "nhiscan.graph", "shared.sql")


def _rows(fleet: Fleet, via: str) -> list[tuple[str, str, str, str, int]]:
    return [
        (fleet.ids[node], fleet.tenants[node], tenant, via, hops)
        for node, tenant, hops in tenants_reached(fleet)
    ]


def tenants_reached(fleet: Fleet) -> Iterable[tuple[int, str, int]]:
    """Yield (node, other tenant, fewest steps) for all that reach beyond their own tenant.

    Only what reaches the tail of an edge between tenants is looked at: a small part of a fleet.
    """
    names = sorted(set(fleet.tenants))
    tails = crossings(fleet, {tenant: 1 << n for n, tenant in enumerate(names)})
    masks = reached(upstream(fleet, tails), tails)
    wanted = 0
    for mask in masks.values():
        wanted |= mask
    for bit in bits(wanted):
        # Its hops by breadth: nothing passes through the tenant itself before it is reached.
        entries = [node for node, mask in tails.items() if mask >> bit & 1]
        for node, hops in _distances(fleet, entries, names[bit]).items():
            if node < len(fleet.ids) and masks[node] >> bit & 1:
                yield node, names[bit], hops


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
