"""What stops or loses proof with an identity: control instances and clients, not resources."""

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from nhiscan.graph.identify import Named
from nhiscan.graph.paths import unread_for
from nhiscan.graph.staging import run_script, stage_rows
from nhiscan.graph.trust import Fleet, TrustGraph

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_COLUMNS = {"identity_id": "VARCHAR", "how": "VARCHAR", "hops": "BIGINT"}
_ONE_THING = """
SELECT i.identity_id FROM identities AS me
JOIN identities AS i
    ON i.identity_id IN (me.identity_id, me.part_of)
    OR i.part_of = coalesce(me.part_of, me.identity_id)
WHERE me.identity_id = ?
"""
_ROWS = """
SELECT b.how, b.hops, b.tenant_id, b.instance_id, b.criteria, b.statement, b.grade, b.state,
    b.confidence, b.if_revoked, b.if_compromised, b.identity_id AS through_id,
    i.name AS through_name, i.tenant_id AS through_tenant_id, b.unread
FROM blast_row AS b
JOIN identities AS i ON i.identity_id = b.identity_id
ORDER BY list_position(['itself', 'acts_as', 'can_become'], b.how), b.tenant_id,
    b.instance_id NULLS LAST
"""


class Blast(Struct, frozen=True, kw_only=True):
    """`rows` are control instances, and clients where none is linked.

    `how` says how it gets there: itself, acts_as (over steps of trust) or can_become (after
    creating a way in). `unread` says what could hide more, and `has_matrix` whether any control
    instance is known at all.
    """

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    unread: list[str]
    has_matrix: bool

    def dicts(self) -> list[dict[str, Any]]:
        """Return the rows by the names of their columns."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


def find_blast(con: "DuckDBPyConnection", source: Named) -> Blast:
    """Follow an identity, and the other objects of the same thing, to what it operates."""
    found = con.execute(_ONE_THING, [source.identity_id]).fetchall()
    start = [row[0] for row in found]
    graph = TrustGraph(con)
    hops = dict.fromkeys(start, ("itself", 0))
    for how, become in (("acts_as", False), ("can_become", True)):
        for name, steps in _descendants(graph.fleet(become=become), start).items():
            hops.setdefault(name, (how, steps))
    stage_rows(con, "blasted", _COLUMNS, [(name, *way) for name, way in hops.items()])
    run_script(con, "nhiscan.graph", "blast.sql")
    result = con.execute(_ROWS)
    columns = tuple(column[0] for column in result.description or ())
    rows = result.fetchall()
    told = con.execute(
        "SELECT i.reach_unread FROM identities AS i WHERE i.identity_id = ?", [source.identity_id]
    ).fetchone()
    beyond = [f"may reach {line}" for line in (told[0] if told else [])]
    links = sorted({line for row in rows for line in row[-1] or ()})
    any_instance = con.execute("SELECT EXISTS (FROM control_instances)").fetchone()
    return Blast(
        columns=columns,
        rows=rows,
        unread=list(dict.fromkeys([*beyond, *links, *unread_for(con, source)])),
        has_matrix=bool(any_instance and any_instance[0]),
    )


def _descendants(fleet: Fleet, start: list[str]) -> dict[str, int]:
    """Count the steps to every identity that can be acted as; holding a grant is no step."""
    number = {name: node for node, name in enumerate(fleet.ids)}
    distance = {number[name]: 0 for name in start if name in number}
    front = list(distance)
    passed = set[int]()
    steps = 0
    while front:
        steps += 1
        nodes = {after for node in front for after in fleet.graph.adj[node]}
        groups = {node for node in nodes if node >= len(fleet.ids)} - passed
        passed |= groups
        nodes |= {after for node in groups for after in fleet.graph.adj[node]}
        front = []
        for node in nodes:
            if node < len(fleet.ids) and node not in distance:
                distance[node] = steps
                front.append(node)
    return {fleet.ids[node]: steps for node, steps in distance.items()}
