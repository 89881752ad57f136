"""On made-up estates the graph, its masks and networkx agree with the rules written plainly."""

import random
from fnmatch import fnmatchcase
from typing import Any

import networkx as nx
import pytest

from nhiscan.graph.masks import bits, reached
from nhiscan.graph.trust import TrustGraph
from nhiscan.records import Way
from nhiscan.store.read import open_reader
from tests.graph.test_become import power, user
from tests.graph.test_reach import may_assume
from tests.graph.test_relations import of_account, of_role, role
from tests.ownership.estate import ACCOUNTS, Estate, identity_id

TENANTS = ("northwind", "acme", "beta")
ROLES, USERS = 5, 3
PATTERNS = ("*", "arn:aws:iam::*:role/r1", "arn:aws:iam::*:role/r?", "arn:aws:iam::*:user/u*")
Node = tuple[str, str]


def arn(node: Node) -> str:
    kind = "role" if node[1].startswith("r") else "user"
    return f"arn:aws:iam::{ACCOUNTS[node[0]]}:{kind}/{node[1]}"


class Made:
    """Records, and the edges that they mean."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - the same estates every time
        self.roles = [(tenant, f"r{n}") for tenant in TENANTS for n in range(ROLES)]
        self.users = [(tenant, f"u{n}") for tenant in TENANTS for n in range(USERS)]
        self.nodes = self.roles + self.users
        self.records: dict[str, list[Any]] = {tenant: [] for tenant in TENANTS}
        self.assume: dict[Node, set[str]] = {node: set() for node in self.nodes}
        self.trust = set[tuple[Node, Node]]()
        self.become = set[tuple[Node, Node]]()
        for tenant, name in self.roles:
            self.records[tenant].append(role(name, tenant, privilege="none"))
        for tenant, name in self.users:
            self.records[tenant].append(user(name, tenant, privilege="none"))
        for node in self.nodes:
            self._grants(node)
        for target in self.roles:
            self._doors(target)

    def _grants(self, node: Node) -> None:
        if self.chance.random() < 0.6:
            pattern = self.chance.choice(PATTERNS)
            self.records[node[0]].append(may_assume(node[1], pattern))
            self.assume[node].add(pattern)
        if self.chance.random() < 0.3:
            pattern = self.chance.choice(PATTERNS)
            way: Way = self.chance.choice(("new_credential", "changed_trust"))
            self.records[node[0]].append(power(node[1], pattern, way))
            targets = self.users if way == "new_credential" else self.roles
            self._could(node, pattern, targets)

    def _could(self, node: Node, pattern: str, targets: list[Node]) -> None:
        self.become |= {
            (node, other)
            for other in targets
            if other[0] == node[0] and other != node and fnmatchcase(arn(other), pattern)
        }

    def _doors(self, target: Node) -> None:
        tenant, name = target
        for statement in range(self.chance.randrange(3)):
            if self.chance.random() < 0.4:
                account = self.chance.choice(TENANTS)
                given = of_account(name, ACCOUNTS[account], statement=statement)
                sources = [node for node in self.nodes if node[0] == account]
                asked = sources
            else:
                other = self.chance.choice(self.roles)
                given = of_role(name, *other, statement=statement)
                sources, asked = [other], [other] if other[0] != tenant else []
            self.records[tenant].append(given)
            self.trust |= {
                (node, target)
                for node in sources
                if node != target and (node not in asked or self._allowed(node, target))
            }

    def _allowed(self, node: Node, target: Node) -> bool:
        return any(fnmatchcase(arn(target), pattern) for pattern in self.assume[node])


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("become", [False, True])
def test_masks_are_what_networkx_reaches(estate: Estate, seed: int, become: bool) -> None:
    made = Made(seed)
    estate.scan(made.records)
    plain: nx.DiGraph[str] = nx.DiGraph()
    plain.add_nodes_from(identity_id(*node) for node in made.nodes)
    steps = made.trust | (made.become if become else set())
    plain.add_edges_from((identity_id(*source), identity_id(*target)) for source, target in steps)
    with open_reader(estate.store) as con:
        fleet = TrustGraph(con).fleet(become=become)
    masks = reached(fleet.graph, {node: 1 << node for node in range(len(fleet.ids))})
    found = {
        fleet.ids[node]: {fleet.ids[bit] for bit in bits(mask)} - {fleet.ids[node]}
        for node, mask in masks.items()
        if node < len(fleet.ids)
    }
    for name in plain:
        assert found.get(name, set()) == set(nx.descendants(plain, name))
    if not become:
        _tells_the_same_of_tenants(estate, plain)


def _tells_the_same_of_tenants(estate: Estate, plain: "nx.DiGraph[str]") -> None:
    home = {identity_id(tenant, name): tenant for tenant, name in Made(0).nodes}
    expected = {
        (name, home[other])
        for name in plain
        for other in nx.descendants(plain, name)
        if home[other] != home[name]
    }
    rows = estate.rows("SELECT identity_id, target_tenant_id FROM reach")
    assert {tuple(row.values()) for row in rows} == expected
