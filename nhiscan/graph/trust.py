"""The trust graph: identities as nodes, and an edge wherever one can act as another."""

from typing import TYPE_CHECKING

from msgspec import Struct

from nhiscan.graph.staging import run_script
from nhiscan.graph.thin import thin_graph

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
    no step, and an edge out of it is one. Or for those whom one credential proves, of any tenant:
    its own is then the empty text.
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
        run_script(con, "nhiscan.graph", "material.sql")

    def is_empty(self) -> bool:
        """Tell whether no identity can act as another as things stand, without loading networkx."""
        row = self._con.execute(
            "SELECT EXISTS (FROM named_edge) OR EXISTS (FROM holder_edge)"
        ).fetchone()
        return row is not None and not row[0]

    def shares_material(self) -> bool:
        """Tell whether one credential proves several identities, or a workload is trusted."""
        row = self._con.execute("SELECT EXISTS (FROM material_group)").fetchone()
        return row is not None and bool(row[0])

    def fleet(self, *, become: bool = False, material: bool = True) -> Fleet:
        """Return the whole graph with integer nodes: a quarter of a gigabyte per million edges.

        `become` adds the steps for which a way in would have to be created first. Without
        `material` there are no steps by a credential, or outside workload, that several share.
        """
        params = {"become": become, "material": material}
        run_script(self._con, "nhiscan.graph", "fleet.sql", **params)
        names = self._con.execute(
            "SELECT identity_id, tenant_id FROM fleet_node WHERE identity_id IS NOT NULL"
            " ORDER BY node"
        ).fetchall()
        groups = self._con.execute(
            "SELECT tenant_id FROM fleet_node WHERE identity_id IS NULL ORDER BY node"
        ).fetchall()
        shared: dict[str, str] = {}  # one text per tenant, however many nodes
        tenants = [shared.setdefault(row[-1], row[-1]) for row in (*names, *groups)]
        graph = thin_graph()
        graph.add_nodes_from(range(len(tenants)))
        edges = self._con.execute("FROM fleet_edge ORDER BY ALL")
        while batch := edges.fetchmany(100_000):
            graph.add_edges_from(batch)
        return Fleet(graph, [row[0] for row in names], tenants)

    def tenant(self, tenant_id: str, *, become: bool = False) -> "DiGraph[str]":
        """Return one tenant's graph with all its identities, and whoever outside can come in.

        See `nhiscan.graph.tenant` for the attributes of nodes and edges. `become` adds the steps
        that would have to be created first: as many as holders of powers times their targets.
        """
        from nhiscan.graph.tenant import tenant_graph

        return tenant_graph(self._con, tenant_id, become=become)


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
