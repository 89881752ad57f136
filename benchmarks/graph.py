"""Fleet-wide reach: bit masks over an integer graph against a full graph of text nodes.

Run: python benchmarks/graph.py [TRUST_EDGES]      (default 1,000,000; 5,000 identities a tenant)

Both start from the same edges and end with the number of tenants that every identity reaches. The
masks do what `nhiscan.graph.reach` does, from rows to answers. The other way is the obvious one: a
DiGraph with text nodes and attributes that also holds owners and controls (an edge of each per
identity, performance.md section 3), and `nx.descendants` from every identity; that is timed on a
sample and scaled, because whole it would take minutes. Prints CPU seconds, peak memory and ratios.
Exits 1 if masks cost more than a third of building the full graph alone.
"""

import random
import sys
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import networkx as nx

from nhiscan.graph.reach import tenants_reached
from nhiscan.graph.thin import thin_graph
from nhiscan.graph.trust import Fleet

PER_TENANT = 5_000
CROSSING = 0.006  # share of edges between tenants
SAMPLE = 2_000
PARTIES, CONTROLS = 40, 61  # owners of a tenant, criteria of SOC 2
MOST = 1 / 3  # of building the full graph, for the masks

Edges = list[tuple[int, int]]


def estate(edges: int) -> tuple[Edges, list[str]]:
    """Make up a fleet with one edge an identity, some of them across tenants, cycles included."""
    chance = random.Random(7)  # noqa: S311 - a benchmark needs the same fleet every time
    size = max(edges, 2 * PER_TENANT)
    places = [f"tenant-{node // PER_TENANT:04d}" for node in range(size)]
    pairs = set[tuple[int, int]]()
    while len(pairs) < edges:
        source = chance.randrange(size)
        start = source - source % PER_TENANT
        inside = min(start + chance.randrange(PER_TENANT), size - 1)
        target = chance.randrange(size) if chance.random() < CROSSING else inside
        if source != target:
            pairs.add((source, target))
    return sorted(pairs), places


def small_graph(edges: Edges, places: list[str]) -> Fleet:
    """Build the graph that masks are made on: trust alone, without attributes."""
    graph = thin_graph()
    graph.add_nodes_from(range(len(places)))
    graph.add_edges_from(edges)
    return Fleet(graph, [f"nhi_{node:020x}" for node in range(len(places))], places)


def by_masks(fleet: Fleet) -> dict[int, int]:
    """Count tenants reached as the product does."""
    counts: dict[int, int] = {}
    for node, _, _ in tenants_reached(fleet):
        counts[node] = counts.get(node, 0) + 1
    return counts


def full_graph(edges: Edges, places: list[str]) -> "nx.DiGraph[str]":
    """Build the graph as one would first think of it."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    for node, place in enumerate(places):
        name = f"nhi_{node:020x}"
        graph.add_node(name, tenant_id=place, kind="role", name=f"role-{node}")
        graph.add_edge(name, f"party-{place}-{node % PARTIES}", kind="owner", confidence=0.8)
        graph.add_edge(name, f"{place}/CC{node % CONTROLS}", kind="control", grade="can_change")
    for source, target in edges:
        graph.add_edge(
            f"nhi_{source:020x}", f"nhi_{target:020x}", kind="trust", guard="none", verdict="open"
        )
    return graph


def by_descendants(graph: "nx.DiGraph[str]", nodes: list[int]) -> dict[int, int]:
    """Count tenants reached from each node by walking."""
    tenants = nx.get_node_attributes(graph, "tenant_id")
    counts: dict[int, int] = {}
    for node in nodes:
        name = f"nhi_{node:020x}"
        reached = {tenants.get(other) for other in nx.descendants(graph, name)}
        counts[node] = len(reached - {tenants[name], None})
    return counts


def measured(work: Callable[[], Any]) -> tuple[Any, float]:
    """Run `work`; return its result and CPU seconds."""
    before = time.process_time()
    result = work()
    return result, time.process_time() - before


def peak(work: Callable[[], Any]) -> float:
    """Run `work` again and return its peak memory in MB."""
    tracemalloc.start()
    work()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most / 1e6


def main() -> None:
    """Measure both ways and compare their answers on the sample."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    edges, places = estate(size)
    nodes = random.Random(8).sample(range(len(places)), min(SAMPLE, len(places)))  # noqa: S311
    small: list[Fleet] = []
    _, loading = measured(lambda: small.append(small_graph(edges, places)))
    counts, masks = measured(lambda: by_masks(small[0]))
    small.clear()  # what it takes to give back the memory is nobody's cost
    graph, building = measured(lambda: full_graph(edges, places))
    sample, walking = measured(lambda: by_descendants(graph, nodes))
    assert all(sample[node] == counts.get(node, 0) for node in nodes), "the two ways differ"
    whole = building + walking * len(places) / len(nodes)
    share = masks / building
    print(f"{size:,} trust edges, {len(places):,} identities, {len(set(places))} tenants")
    print(f"identities that reach another tenant: {len(counts):,}")
    print(f"small graph:     {loading:8.2f} CPU s to build")
    print(f"  + masks:       {loading + masks:8.2f} CPU s for all")
    print(f"full DiGraph:    {building:8.2f} CPU s to build")
    print(f"  + descendants: {whole:8.2f} CPU s for all (scaled from {len(nodes):,})")
    both = (loading + masks) / building
    print(f"masks, to building the full graph: {share:.2f} ({both:.2f} with their own graph)")
    print(f"masks, to all answers by walking:  1 : {whole / (loading + masks):.0f}")
    if size <= 200_000:
        del graph
        least = peak(lambda: by_masks(small_graph(edges, places)))
        print(f"memory:          {least:8.0f} MB by masks")
        print(f"                 {peak(lambda: full_graph(edges, places)):8.0f} MB by full DiGraph")
    sys.exit(0 if share < MOST else 1)


if __name__ == "__main__":
    main()
