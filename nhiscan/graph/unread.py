"""Whose reach may be more than is known: what was not read could let them in elsewhere."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from nhiscan.graph.masks import bits, reached
from nhiscan.graph.staging import run_script, stage_rows
from nhiscan.graph.trust import BOTH_SIDES, Fleet, TrustGraph
from nhiscan.graph.upstream import crossings, upstream

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_COLUMNS = {"identity_id": "VARCHAR", "unread": "VARCHAR[]"}
# Tenants named per identity; the rest is counted.
_SHOWN = 3
_POWERS = "lets in an account, and rights of one there were not read or judged whole"


class _Fog(Struct):
    """The fleet's graph with what may be there: nodes of integers beyond those of the fleet."""

    fleet: Fleet
    number: dict[str, int]
    marks: dict[int, int]

    def node(self, name: str) -> int:
        return self.number.setdefault(name, len(self.fleet.tenants) + len(self.number))

    def edge(self, source: str, target: str) -> None:
        self.fleet.graph.add_edge(self.node(source), self.node(target))


def stage_unread(con: "DuckDBPyConnection", graph: TrustGraph, fleet: Fleet | None) -> None:
    """Leave `staged_reach_unread`: who may reach more tenants than known, and what was not read.

    Costs nothing where everything was read. Needs `known_tenant`; changes the fleet's graph.
    """
    run_script(con, "nhiscan.graph", "unread.sql", both_sides=BOTH_SIDES)
    row = con.execute("SELECT EXISTS (FROM dark_account) OR EXISTS (FROM maybe_door)").fetchone()
    found = list(_rows(con, fleet or graph.fleet())) if row and row[0] else []
    stage_rows(con, "reach_unread", _COLUMNS, found)
    run_script(con, "nhiscan.graph", "unread_whole.sql")


def _rows(con: "DuckDBPyConnection", fleet: Fleet) -> Iterator[tuple[str, list[str]]]:
    tenants = con.execute(
        "SELECT t.tenant_id, t.client_group FROM known_tenant AS t ORDER BY ALL"
    ).fetchall()
    bit = {row[0]: 1 << n for n, row in enumerate(tenants)}
    own: dict[str, int] = defaultdict(int)
    for tenant, group in tenants:
        own[group] |= bit[tenant]
    inside = {tenant: own[group] for tenant, group in tenants}
    tails = crossings(fleet, bit)
    known = reached(upstream(fleet, tails), tails)
    names = {name: node for node, name in enumerate(fleet.ids)}
    fog = _Fog(fleet, dict(names), dict(tails))
    entrants = _spread(con, fog, bit)
    possible = reached(upstream(fleet, fog.marks), fog.marks)
    why = dict(con.execute("SELECT tenant_id, min(why) FROM dark_account GROUP BY ALL").fetchall())
    told = _Told([row[0] for row in tenants], why)
    for name, tenant in entrants.items() | zip(fleet.ids, fleet.tenants, strict=False):
        mask = possible.get(fog.number.get(name, -1), 0) & ~inside.get(tenant, 0)
        more = mask & ~known.get(names.get(name, -1), 0)
        if more:
            yield name, told.of(more)


def _spread(con: "DuckDBPyConnection", fog: _Fog, bit: dict[str, int]) -> dict[str, str]:
    """Add the doors and powers that may be there; return who might use one, with its tenant."""
    number = dict(fog.number)
    for account, provider, tenant in _all(con, "account_id, provider, tenant_id", "dark_account"):
        fog.edge(f"any {provider}", f"in {account}")
        fog.marks[fog.node(f"in {account}")] = bit[tenant]
    placed = con.execute(
        "SELECT n.identity_id, n.account_id FROM graph_node AS n"
        " WHERE n.account_id IN (SELECT d.account_id FROM dark_account AS d)"
    )
    for name, account in placed.fetchall():
        if name in number:
            fog.edge(f"in {account}", name)
    targets = con.execute(
        "SELECT d.account_id, d.target, n.tenant_id FROM maybe_door AS d"
        " JOIN graph_node AS n ON n.identity_id = d.target ORDER BY ALL"
    )
    for account, target, tenant in targets.fetchall():
        fog.edge(f"power in {account}", target)
        node = fog.node(f"power in {account}")
        fog.marks[node] = fog.marks.get(node, 0) | bit.get(tenant, 0)
    for name, account in _all(con, "identity_id, account_id", "maybe_member"):
        fog.edge(name, f"power in {account}")
    for name, provider, place in _all(con, "identity_id, provider, account_id", "dark_entrant"):
        fog.edge(name, f"in {place}" if place else f"any {provider}")
    return dict(
        con.execute(
            "SELECT n.identity_id, n.tenant_id FROM graph_node AS n WHERE n.identity_id IN"
            " (SELECT identity_id FROM dark_entrant UNION SELECT identity_id FROM maybe_member)"
        ).fetchall()
    )


def _all(con: "DuckDBPyConnection", columns: str, table: str) -> Sequence[tuple[Any, ...]]:
    return con.execute(f"SELECT {columns} FROM {table} ORDER BY ALL").fetchall()  # noqa: S608


class _Told:
    """Words for a mask of tenants, made once each: thousands of identities share one."""

    def __init__(self, tenants: list[str], why: dict[str, str]) -> None:
        self._tenants = tenants
        self._why = why
        self._made: dict[int, list[str]] = {}

    def of(self, mask: int) -> list[str]:
        """Say why each tenant may be reached, for the first few of them."""
        if mask not in self._made:
            names = [self._tenants[n] for n in bits(mask)]
            lines = [f"{name}: {self._why.get(name, _POWERS)}" for name in names[:_SHOWN]]
            more = [f"and {len(names) - _SHOWN} more tenants"] if len(names) > _SHOWN else []
            self._made[mask] = lines + more
        return self._made[mask]
