"""The trust graph: identities as nodes, and an edge wherever one can act as another."""

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from nhiscan.graph.staging import run_script

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from networkx import DiGraph


# Edges that the grants and doors of one account may make before it is taken coarsely (edges.sql).
COARSE = 1_000_000
# Platforms where a trust lets in a principal of another account only if that one's own policies
# allow it (AWS: IAM User Guide, "Cross-account policy evaluation logic").
BOTH_SIDES = ["aws"]


class Fleet(Struct, frozen=True):
    """All identities that some trust touches, as nodes of integers.

    Node n is the identity `ids[n]`, found in `tenants[n]`. Nodes from `len(ids)` on are no
    identities: each stands for those who hold one grant in an account, so that an edge into it is
    no step, and an edge out of it is one.
    """

    graph: "DiGraph[int]"
    ids: list[str]
    tenants: list[str]


class TrustGraph:
    """Reads the edges once, from a store as it holds now; ask for one tenant or for all.

    Owners and controls are columns, not edges: questions about those are one SQL join. Steps of
    trust are ways that stand open; those of kind can_become have to be created first.
    """

    def __init__(self, con: "DuckDBPyConnection", coarse: int = COARSE) -> None:
        self._con = con
        run_script(con, "nhiscan.graph", "edges.sql", coarse=coarse, both_sides=BOTH_SIDES)
        run_script(con, "nhiscan.graph", "become.sql", coarse=coarse)

    def is_empty(self) -> bool:
        """Tell whether no identity can act as another as things stand, without loading networkx."""
        row = self._con.execute(
            "SELECT EXISTS (FROM named_edge) OR EXISTS (FROM holder_edge)"
        ).fetchone()
        return row is not None and not row[0]

    def fleet(self, *, become: bool = False) -> Fleet:
        """Return the whole graph with integer nodes: half a gigabyte per million edges.

        `become` adds the steps for which a way in would have to be created first.
        """
        import networkx as nx

        run_script(self._con, "nhiscan.graph", "fleet.sql", become=become)
        names = self._con.execute(
            "SELECT identity_id, tenant_id FROM fleet_node WHERE identity_id IS NOT NULL"
            " ORDER BY node"
        ).fetchall()
        groups = self._con.execute(
            "SELECT tenant_id FROM fleet_node WHERE identity_id IS NULL ORDER BY node"
        ).fetchall()
        tenants = [row[1] for row in names] + [row[0] for row in groups]
        graph: DiGraph[int] = nx.DiGraph()
        graph.add_nodes_from(range(len(tenants)))
        edges = self._con.execute("FROM fleet_edge ORDER BY ALL")
        while batch := edges.fetchmany(100_000):
            graph.add_edges_from(batch)
        return Fleet(graph, [row[0] for row in names], tenants)

    def tenant(self, tenant_id: str) -> "DiGraph[str]":
        """Return one tenant's graph with all its identities, and whoever outside can come in.

        Nodes are identity ids with their facts. An identity of another tenant has `outside` true.
        A principal that is no known identity is a node `outside:<principal>` without identity_id.
        Edges carry `trusts`: how, by which statement, behind which guard.
        """
        import networkx as nx

        graph: DiGraph[str] = nx.DiGraph()
        for row in _dicts(self._con, _NODES, tenant_id):
            graph.add_node(row["identity_id"], **row)
        for row in _dicts(self._con, _EDGES, tenant_id):
            _add(graph, row)
        for row in _dicts(self._con, _OUTSIDE, tenant_id):
            node = row["source"] = f"outside:{row['principal']}"
            graph.add_node(
                node,
                kind=row["principal_kind"],
                name=row["principal"],
                tenant_id=None,
                outside=True,
            )
            _add(graph, row)
        return graph


def _add(graph: "DiGraph[str]", row: dict[str, Any]) -> None:
    source, target = row.pop("source"), row.pop("target")
    if graph.has_edge(source, target):
        graph.edges[source, target]["trusts"].append(row)
    else:
        graph.add_edge(source, target, trusts=[row])


def _dicts(con: "DuckDBPyConnection", sql: str, tenant_id: str) -> list[dict[str, Any]]:
    result = con.execute(sql, {"tenant": tenant_id})
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


# Every step of trust between two identities, with the trust that allows it.
STEPS = """
WITH step AS (
    SELECT e.source, e.target, e.trust_id, 'named' AS how, e.proven FROM named_edge AS e
    UNION ALL
    SELECT DISTINCT m.identity_id, e.target, e.trust_id, 'member', true
    FROM holder_edge AS e
    JOIN holder_member AS m ON m.holder = e.holder AND m.identity_id <> e.target
)
"""
_NODES = f"""{STEPS}
SELECT i.identity_id, i.tenant_id, i.account_id, i.kind, i.native_type, i.native_id, i.name,
    i.class, i.privilege, r.owner_id, r.owner_status, i.tenant_id <> $tenant AS outside
FROM identity_version AS i
LEFT JOIN resolution_version AS r ON r.identity_id = i.identity_id AND r.valid_to IS NULL
WHERE i.valid_to IS NULL AND (
    i.tenant_id = $tenant OR i.identity_id IN (
        SELECT e.source FROM step AS e
        JOIN graph_node AS n ON n.identity_id = e.target AND n.tenant_id = $tenant
    )
)
ORDER BY i.identity_id
"""  # noqa: S608 - constants of this module
_FACTS = """t.trust_id, t.principal, t.principal_kind, t.relation, t.guard, t.verdict, t.reason,
    t.statement, t.source AS read_in, t.region"""
_EDGES = f"""{STEPS}
SELECT e.source, e.target, e.how, {_FACTS}
FROM step AS e
JOIN graph_node AS n ON n.identity_id = e.target AND n.tenant_id = $tenant
JOIN trusts AS t ON t.trust_id = e.trust_id
ORDER BY e.source, e.target, e.trust_id, e.how
"""  # noqa: S608 - constants of this module
_OUTSIDE = f"""
SELECT t.identity_id AS target, 'outside' AS how, {_FACTS}
FROM trusts AS t
WHERE t.tenant_id = $tenant AND t.verdict NOT IN ('broken', 'dangling')
    AND t.principal_identity_id IS NULL AND t.relation NOT IN ('same_account', 'platform')
ORDER BY t.principal, t.identity_id, t.trust_id
"""  # noqa: S608 - as above
