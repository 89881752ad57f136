"""One tenant's graph with attributes: for explanations, exports, and code of one's own."""

from typing import TYPE_CHECKING, Any

from nhiscan.graph.trust import STEPS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from networkx import DiGraph


def tenant_graph(
    con: "DuckDBPyConnection", tenant_id: str, *, become: bool = False
) -> "DiGraph[str]":
    """Make the graph from the tables that TrustGraph leaves.

    Nodes are identity ids with their facts. An identity of another tenant has `outside` true. A
    principal that is no known identity is a node `outside:<principal>` without identity_id, an
    outside workload that trusts name by its fingerprint `subject:<fingerprint>`. Edges carry
    `kinds` (trust, shared_credential, can_become) and `trusts`: how, by which statement, behind
    which guard; or how else the one can act as the other.
    """
    import networkx as nx

    graph: DiGraph[str] = nx.DiGraph()
    params: dict[str, Any] = {"tenant": tenant_id}
    for row in _dicts(con, _NODES, params | {"become": become}):
        graph.add_node(row["identity_id"], **row)
    for sql in (_EDGES, _MATERIAL, *((_BECOME,) if become else ())):
        for row in _dicts(con, sql, params):
            _add(graph, row)
    for sql, prefix in ((_OUTSIDE, "outside"), (_SUBJECTS, "subject")):
        for row in _dicts(con, sql, params):
            node = row["source"] = f"{prefix}:{row.pop('node')}"
            name, kind = row["principal"], row["principal_kind"]
            graph.add_node(node, kind=kind, name=name, tenant_id=None, outside=True)
            _add(graph, row)
    return graph


def _add(graph: "DiGraph[str]", row: dict[str, Any]) -> None:
    source, target, kind = row.pop("source"), row.pop("target"), row["kind"]
    if not graph.has_edge(source, target):
        graph.add_edge(source, target, kinds=[], trusts=[])
    facts = graph.edges[source, target]
    facts["trusts"].append(row)
    if kind not in facts["kinds"]:
        facts["kinds"].append(kind)


def _dicts(con: "DuckDBPyConnection", sql: str, params: dict[str, Any]) -> list[dict[str, Any]]:
    result = con.execute(sql, params)
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


_NODES = f"""{STEPS}
SELECT i.identity_id, i.tenant_id, i.account_id, i.kind, i.native_type, i.native_id, i.name,
    i.class, i.privilege, r.owner_id, r.owner_status, i.tenant_id <> $tenant AS outside
FROM identity_version AS i
LEFT JOIN resolution_version AS r ON r.identity_id = i.identity_id AND r.valid_to IS NULL
WHERE i.valid_to IS NULL AND (
    i.tenant_id = $tenant OR i.identity_id IN (
        SELECT e.source FROM step AS e
        JOIN graph_node AS n ON n.identity_id = e.target AND n.tenant_id = $tenant
        UNION ALL
        SELECT m.identity_id FROM material_member AS m
        JOIN material_edge AS e ON e.holder = m.holder
        JOIN graph_node AS n ON n.identity_id = e.target AND n.tenant_id = $tenant
        UNION ALL
        SELECT m.identity_id FROM become_member AS m
        JOIN become_edge AS e ON e.holder = m.holder
        JOIN graph_node AS n ON n.identity_id = e.target AND n.tenant_id = $tenant
        WHERE $become
    )
)
ORDER BY i.identity_id
"""  # noqa: S608 - constants of this module
_FACTS = """t.trust_id, t.principal, t.principal_kind, t.relation, t.guard, t.verdict, t.reason,
    t.statement, t.source AS read_in, t.region"""
_EDGES = f"""{STEPS}
SELECT e.source, e.target, 'trust' AS kind, e.how, e.proven, {_FACTS}
FROM step AS e
JOIN graph_node AS n ON n.identity_id = e.target AND n.tenant_id = $tenant
JOIN trusts AS t ON t.trust_id = e.trust_id
ORDER BY e.source, e.target, e.trust_id, e.how
"""  # noqa: S608 - constants of this module
_OUTSIDE = f"""
SELECT t.principal AS node, t.identity_id AS target, 'trust' AS kind, 'outside' AS how, {_FACTS}
FROM trusts AS t
WHERE t.tenant_id = $tenant AND t.verdict NOT IN ('broken', 'dangling')
    AND t.principal_identity_id IS NULL AND t.relation NOT IN ('same_account', 'platform')
ORDER BY t.principal, t.identity_id, t.trust_id
"""  # noqa: S608 - as above
_MATERIAL = """
SELECT m.identity_id AS source, e.target, if(g.federated, 'trust', 'shared_credential') AS kind,
    g.how, g.fingerprint
FROM material_group AS g
JOIN material_member AS m ON m.holder = g.holder
JOIN material_edge AS e ON e.holder = g.holder AND e.target <> m.identity_id
JOIN graph_node AS n ON n.identity_id = e.target AND n.tenant_id = $tenant
ORDER BY ALL
"""
_BECOME = """
SELECT m.identity_id AS source, e.target, 'can_become' AS kind, h.way AS how, h.services
FROM become_edge AS e
JOIN become_holder AS h ON h.holder = e.holder
JOIN become_member AS m ON m.holder = e.holder AND m.identity_id <> e.target
JOIN graph_node AS n ON n.identity_id = e.target AND n.tenant_id = $tenant
ORDER BY ALL
"""
# A Kubernetes or CI subject is one node, however the platforms spell it.
_SUBJECTS = """
SELECT c.fingerprint AS node, c.identity_id AS target, 'trust' AS kind, 'federated' AS how,
    coalesce(
        (c.attributes ->> 'issuer') || '|' || (c.attributes ->> 'subject'), min(t.principal),
        c.fingerprint
    ) AS principal, 'oidc' AS principal_kind
FROM credentials AS c
LEFT JOIN trusts AS t ON t.identity_id = c.identity_id AND t.principal_kind = 'oidc'
WHERE c.tenant_id = $tenant AND c.kind = 'federated_trust' AND c.fingerprint IS NOT NULL
    AND c.identity_id IS NOT NULL AND c.status IN ('active', 'unknown')
GROUP BY c.fingerprint, c.identity_id, c.attributes
ORDER BY ALL
"""
