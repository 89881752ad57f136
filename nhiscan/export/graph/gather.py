"""Reads nodes and edges from a store, whole or as one client may see them."""

import json
from collections.abc import Sequence
from importlib import resources
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from nhiscan.export.wall import MASK, Wall, opaque_ids
from nhiscan.graph.staging import run_script
from nhiscan.graph.trust import TrustGraph

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# Pairs of holders and doors drawn as edges; beyond, the holders of a grant are one node.
EXPANDED = 10_000
OTHERS = f"outside:{MASK}"

Facts = dict[str, Any]


class Node(Struct, frozen=True):
    """`kinds` begins with the one that counts; `facts` are texts, numbers, booleans and lists."""

    id: str
    kinds: tuple[str, ...]
    facts: Facts


class Edge(Struct, frozen=True):
    """At most one of a kind between two nodes; what differs among its reasons is a list."""

    kind: str
    source: str
    target: str
    facts: Facts


class Graph(Struct, frozen=True):
    """Nodes and edges by id; every end of an edge is a node."""

    nodes: list[Node]
    edges: list[Edge]


def gather(
    con: "DuckDBPyConnection",
    tenant: str | None = None,
    contacts: Sequence[tuple[str, str]] = (),
    expanded: int = EXPANDED,
) -> Graph:
    """Read the graph; with `tenant`, what touches that client, behind its wall.

    Nothing there names another client: its identities are one node, `outside:[another client]`.
    The MSP's own tenant has no wall. `contacts` are as in `nhiscan.export.gaps`.
    """
    TrustGraph(con)
    run_script(con, "nhiscan.export.graph", "gather.sql", tenant=tenant, expanded=expanded)
    rows = con.execute("SELECT id, kinds, facts, tenant_id FROM graph_drawn ORDER BY id").fetchall()
    tenants = {row[0]: row[3] for row in rows}
    nodes = [Node(row[0], tuple(row[1]), _flat(row[2])) for row in rows]
    found = con.execute("SELECT kind, source, target, facts FROM graph_edge ORDER BY ALL")
    edges = [Edge(row[0], row[1], row[2], _flat(row[3])) for row in found.fetchall()]
    client = dict(con.execute(_sql("clients.sql")).fetchall())
    if tenant is not None and tenant in client:
        own = {name for name, one in client.items() if one == client[tenant]}
        others = {id_ for id_, where in tenants.items() if where in client and where not in own}
        wall = _wall(con, nodes, edges, client, contacts)
        return _walled(nodes, edges, others, wall, client[tenant])
    return _whole(nodes, edges)


def _flat(text: str) -> Facts:
    """Drop what is null or empty."""
    return {key: value for key, value in json.loads(text).items() if value not in (None, [], "")}


def _sql(name: str) -> str:
    return resources.files("nhiscan.export").joinpath(name).read_text(encoding="utf-8")


def _wall(
    con: "DuckDBPyConnection",
    nodes: list[Node],
    edges: list[Edge],
    client: dict[str, str],
    contacts: Sequence[tuple[str, str]],
) -> Wall:
    texts = [[node.id, node.facts] for node in nodes]
    texts += [[edge.source, edge.target, edge.facts] for edge in edges]
    owners = con.execute(_sql("owners.sql"), {"ids": sorted(opaque_ids(texts))}).fetchall()
    domains = [
        (client[name], "domain", address.rpartition("@")[2])
        for name, address in contacts
        if name in client and "@" in address
    ]
    return Wall(domains + con.execute(_sql("terms.sql")).fetchall(), dict(owners))


def _walled(
    nodes: list[Node], edges: list[Edge], others: set[str], wall: Wall, client: str
) -> Graph:
    """Make one node of all that is another client's, and take its names out of all texts."""
    place = dict.fromkeys(others, OTHERS)
    kept = [
        Node(_masked(wall, node.id, client), node.kinds, _facts(wall, node.facts, client))
        for node in nodes
        if node.id not in others
    ]
    if others:
        kept.append(Node(OTHERS, ("NHI_Principal",), {"name": MASK}))
    drawn = [
        Edge(
            edge.kind,
            place.get(edge.source) or _masked(wall, edge.source, client),
            place.get(edge.target) or _masked(wall, edge.target, client),
            _facts(wall, edge.facts, client),
        )
        for edge in edges
    ]
    return _whole(kept, drawn)


def _masked(wall: Wall, value: Any, client: str) -> Any:
    return wall.masked(value, client)[0]


def _facts(wall: Wall, facts: Facts, client: str) -> Facts:
    """Mask values only: the names of facts are ours, whatever a client is called."""
    return {key: _masked(wall, value, client) for key, value in facts.items()}


def _whole(nodes: list[Node], edges: list[Edge]) -> Graph:
    """Keep one node per id and one edge per kind and ends; both ends of an edge are nodes."""
    by_id: dict[str, Node] = {}
    for node in nodes:
        by_id.setdefault(node.id, node)
    by_ends: dict[tuple[str, str, str], Edge] = {}
    for edge in edges:
        if edge.source in by_id and edge.target in by_id and edge.source != edge.target:
            by_ends.setdefault((edge.kind, edge.source, edge.target), edge)
    return Graph(sorted(by_id.values(), key=lambda node: node.id), list(by_ends.values()))
