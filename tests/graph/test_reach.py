"""Edges, reach over tenants, and what several clients share."""

from typing import Any

import pytest

from nhiscan.graph.trust import COARSE, TrustGraph
from nhiscan.records import Credential, Grant
from nhiscan.store.read import open_reader
from tests.graph.test_relations import DATADOG, of_account, of_role, role, trust
from tests.ownership.estate import ACCOUNTS, Estate, identity, identity_id


def may_assume(name: str, pattern: str, verdict: Any = "scoped") -> Grant:
    return Grant(
        identity=name,
        scope=pattern,
        role="assume",
        action_class="iam",
        verdict=verdict,
        via="inline",
        acts_as=pattern,
        source="iam.authorization_details",
    )


def edges(estate: Estate, coarse: int = COARSE) -> set[tuple[str, str]]:
    with open_reader(estate.store) as con:
        fleet = TrustGraph(con, coarse).fleet()
        names = dict(con.execute("SELECT identity_id, name FROM identities").fetchall())
    found = set()
    for source, target in fleet.graph.edges:
        if target >= len(fleet.ids):
            continue  # no step: whoever holds the grant takes the steps that leave this node
        holds = source >= len(fleet.ids)
        sources = fleet.graph.pred[source] if holds else [source]
        found |= {(names[fleet.ids[s]], names[fleet.ids[target]]) for s in sources if s != target}
    return found


def reach(estate: Estate) -> set[tuple[str, str, str, int]]:
    rows = estate.rows(
        "SELECT i.name, r.target_tenant_id, r.via, r.hops FROM reach r JOIN identities i"
        " ON i.identity_id = r.identity_id"
    )
    return {tuple(row.values()) for row in rows}


def shared(estate: Estate) -> dict[tuple[str, str], dict[str, Any]]:
    return {(row["level"], row["key"]): row for row in estate.rows("FROM shared")}


ADMIN = "arn:aws:iam::*:role/Admin"


def test_an_account_lets_in_those_of_it_whose_grants_match(estate: Estate) -> None:
    estate.scan(
        {
            "northwind": [
                role("bot", "northwind"),
                may_assume("bot", ADMIN),
                role("other", "northwind"),
                may_assume("other", "arn:aws:iam::*:role/Reader"),
                role("unsure", "northwind"),
                may_assume("unsure", "*", "unknown"),
                role("denied", "northwind"),
                may_assume("denied", "*", "denied"),
                role("all", "northwind"),
                may_assume("all", "*", "granted"),
            ],
            "acme": [role("Admin", "acme"), of_account("Admin", ACCOUNTS["northwind"])],
        }
    )
    assert edges(estate) == {("bot", "Admin"), ("all", "Admin")}


def test_an_account_narrowed_to_names_lets_in_only_those(estate: Estate) -> None:
    pattern = f"arn:aws:iam::{ACCOUNTS['northwind']}:role/ci-*"
    narrowed = trust("Admin", pattern, "account", principal_account=ACCOUNTS["northwind"])
    estate.scan(
        {
            "northwind": [
                role("ci-1", "northwind"),
                may_assume("ci-1", "*"),
                role("web", "northwind"),
                may_assume("web", "*"),
            ],
            "acme": [role("Admin", "acme"), narrowed],
        }
    )
    assert edges(estate) == {("ci-1", "Admin")}


def test_brackets_and_backslashes_in_patterns_are_letters(estate: Estate) -> None:
    estate.scan(
        {
            "northwind": [
                role("bot", "northwind"),
                may_assume("bot", "arn:aws:iam::*:role/[A]dmin"),
                may_assume("bot", "arn:aws:iam::*:role/Adm\\in"),
            ],
            "acme": [role("Admin", "acme"), of_account("Admin", ACCOUNTS["northwind"])],
        }
    )
    assert edges(estate) == set()


@pytest.mark.parametrize("verdict", ["broken", "dangling"])
def test_what_can_never_match_is_no_edge(estate: Estate, verdict: str) -> None:
    given = of_role("b", "acme", "a", verdict=verdict)
    estate.scan({"acme": [role("a", "acme"), role("b", "acme"), given]})
    assert edges(estate) == set()


def test_reach_follows_steps_through_tenants_and_cycles(estate: Estate) -> None:
    estate.scan(
        {
            "northwind": [
                role("bot", "northwind"),
                role("hub", "northwind"),
                of_role("hub", "northwind", "bot"),
                of_role("bot", "northwind", "hub"),
            ],
            "acme": [role("a", "acme"), of_role("a", "northwind", "hub")],
            "beta": [role("b", "beta"), of_role("b", "acme", "a")],
            "gamma": [role("lonely", "gamma")],
        }
    )
    assert reach(estate) == {
        ("hub", "acme", "trust", 1),
        ("hub", "beta", "trust", 2),
        ("bot", "acme", "trust", 2),
        ("bot", "beta", "trust", 3),
        ("a", "beta", "trust", 1),
    }
    assert estate.one("northwind", "bot")["reach_tenants"] == 2
    assert estate.one("gamma", "lonely")["reach_tenants"] == 0


def test_rights_given_in_another_tenants_account_are_reach(estate: Estate) -> None:
    grant = Grant(
        identity="bot",
        scope="a subscription",
        scope_account=ACCOUNTS["acme"],
        role="Contributor",
        action_class="write",
        verdict="granted",
        via="delegation",
        source="iam.authorization_details",
    )
    estate.scan({"northwind": [role("bot", "northwind"), grant], "acme": []})
    assert reach(estate) == {("bot", "acme", "grant", 1)}


def test_tenants_of_one_group_are_one_client(estate: Estate) -> None:
    estate.scan(
        {
            "acme": [role("a", "acme")],
            "acme-labs": [role("l", "acme-labs"), of_role("l", "acme", "a")],
        }
    )
    assert reach(estate) == {("a", "acme-labs", "trust", 1)}
    assert estate.one("acme", "a")["reach_tenants"] == 0
    assert shared(estate) == {}


def test_the_msp_is_not_a_client(estate: Estate) -> None:
    estate.scan(
        {
            "northwind": [role("bot", "northwind")],
            "acme": [role("a", "acme"), of_role("a", "northwind", "bot")],
        }
    )
    assert reach(estate) == {("bot", "acme", "trust", 1)}
    assert shared(estate) == {}


def test_principals_that_act_in_two_clients_are_shared(estate: Estate) -> None:
    estate.scan(
        {
            "northwind": [
                role("bot", "northwind"),
                role("ann", "northwind", class_="human"),
            ],
            "acme": [
                role("a", "acme"),
                of_role("a", "northwind", "bot"),
                of_role("a", "northwind", "ann", statement=1),
            ],
            "beta": [
                role("b", "beta"),
                of_role("b", "northwind", "bot"),
                of_role("b", "northwind", "ann", statement=1),
            ],
            "gamma": [role("g", "gamma"), of_role("g", "acme", "a")],
        }
    )
    found = {key: row for (level, key), row in shared(estate).items() if level == "principal"}
    bot, a = identity_id("northwind", "bot"), identity_id("acme", "a")
    assert found.keys() == {bot, a}
    assert found[bot]["identity_ids"] == [bot]
    assert found[bot]["tenant_ids"] == ["acme", "beta", "gamma"]
    assert found[bot]["relation"] == "msp"
    assert found[a]["tenant_ids"] == ["acme", "gamma"]
    assert found[a]["relation"] == "other_client"
    assert not found[a]["sanctioned"]


def credential(name: str, fingerprint: str, kind: Any = "federated_trust") -> Credential:
    return Credential(
        key=f"{name}/{fingerprint}/{kind}",
        identity=name,
        kind=kind,
        fingerprint=fingerprint,
        status="active",
        source="iam.authorization_details",
    )


def test_the_same_material_in_two_clients_is_shared(estate: Estate) -> None:
    records = {
        tenant: [
            role("r", tenant),
            credential("r", "in-all"),
            credential("r", "issuer", "oidc_provider"),
            *([credential("r", "one-client")] if tenant.startswith("acme") else []),
            *([credential("r", "with-the-msp")] if tenant in ("acme", "northwind") else []),
        ]
        for tenant in ("acme", "acme-labs", "beta", "northwind")
    }
    estate.scan(records)
    found = shared(estate)
    assert found.keys() == {("credential", "in-all")}
    row = found["credential", "in-all"]
    assert row["tenant_ids"] == ["acme", "acme-labs", "beta", "northwind"]
    assert len(row["identity_ids"]) == 4


def test_outsiders_trusted_by_two_clients_are_shared(estate: Estate) -> None:
    unknown, msp = "999900001111", ACCOUNTS["northwind"]
    records: dict[str, list[Any]] = {
        tenant: [
            role("r", tenant),
            of_account("r", unknown),
            of_account("r", DATADOG, statement=1),
            of_account("r", msp, statement=2),
            of_role("r", "northwind", "bot", statement=3),
            trust("r", "ec2.amazonaws.com", "service", statement=4),
            trust("r", "*", "public", statement=5),
            of_account("r", "888800001111", verdict="broken", statement=6),
        ]
        for tenant in ("acme", "beta")
    }
    records["northwind"] = [role("bot", "northwind")]
    estate.scan(records)
    found = {key: row for key, row in shared(estate).items() if key[0] != "principal"}
    assert {(*key, row["relation"], row["title"]) for key, row in found.items()} == {
        ("trust", f"aws:{unknown}", "unknown", f"account {unknown}, unknown"),
        ("trust", f"aws:{DATADOG}", "vendor", f"account {DATADOG}, listed publicly as Datadog"),
        ("trust", f"aws:{msp}", "msp", f"account {msp} of the MSP"),
        ("partner", f"aws:{msp}", "msp", f"account {msp} of the MSP"),
    }
    assert all(row["tenant_ids"] == ["acme", "beta"] for row in found.values())


def test_a_tenants_graph_has_its_identities_and_who_comes_in(estate: Estate) -> None:
    estate.scan(
        {
            "northwind": [role("bot", "northwind"), identity("far")],
            "acme": [
                role("a", "acme"),
                role("b", "acme"),
                of_role("a", "northwind", "bot", guard="sts:ExternalId", verdict="guarded"),
                of_role("b", "acme", "a"),
                trust("b", "*", "public", statement=1),
                of_account("b", "999900001111", statement=2),
            ],
        }
    )
    with open_reader(estate.store) as con:
        graph = TrustGraph(con).tenant("acme")
    a, b, bot = (identity_id(t, n) for t, n in (("acme", "a"), ("acme", "b"), ("northwind", "bot")))
    outside = {"outside:*", "outside:arn:aws:iam::999900001111:root"}
    assert set(graph.nodes) == {a, b, bot} | outside
    assert graph.nodes[bot]["outside"]
    assert not graph.nodes[a]["outside"]
    assert set(graph.edges) == {(bot, a), (a, b), *((node, b) for node in outside)}
    [way] = graph.edges[bot, a]["trusts"]
    assert (way["guard"], way["verdict"], way["how"]) == ("sts:ExternalId", "guarded", "named")


def crowd(estate: Estate, size: int) -> None:
    """Let all roles of one account hold different grants, each good for each other role."""
    records: list[Any] = [role("out", "acme"), of_account("out", ACCOUNTS["acme"])]
    for n in range(size):
        records += [
            role(f"r{n}", "acme"),
            of_account(f"r{n}", ACCOUNTS["acme"]),
            may_assume(f"r{n}", "*" if n % 2 else f"arn:*:role/{'*' * (n % 3)}r*"),
        ]
    estate.scan({"acme": records, "beta": [role("b", "beta"), of_role("b", "acme", "out")]})


def test_a_hundred_admins_and_a_hundred_doors_are_few_edges(estate: Estate) -> None:
    crowd(estate, 100)
    with open_reader(estate.store) as con:
        fleet = TrustGraph(con).fleet()
    assert fleet.graph.number_of_edges() < 600
    steps = {name: hops for name, _, _, hops in reach(estate)}
    assert steps.pop("out") == 1
    assert steps == {f"r{n}": 2 if n % 2 else 3 for n in range(100)}


def test_beyond_a_bound_an_account_is_taken_coarsely_and_never_for_less(estate: Estate) -> None:
    crowd(estate, 20)
    exact = edges(estate)
    with open_reader(estate.store) as con:
        fleet = TrustGraph(con, coarse=10).fleet()
    assert fleet.graph.number_of_edges() < 50
    assert edges(estate, coarse=10) > exact


def test_an_organization_lets_in_those_of_all_its_accounts_whose_grants_match(
    estate: Estate,
) -> None:
    estate.organizations = {"acme": "o-acme", "acme-labs": "o-acme", "beta": "o-beta"}
    given = trust("open", "o-acme", "organization", principal_organization="o-acme")
    records: dict[str, list[Any]] = {
        tenant: [role(f"bot-{tenant}", tenant), may_assume(f"bot-{tenant}", "*")]
        for tenant in ("acme", "acme-labs", "beta")
    }
    records["gamma"] = [role("open", "gamma"), given]
    estate.scan(records)
    assert edges(estate) == {("bot-acme", "open"), ("bot-acme-labs", "open")}
    [row] = estate.rows("SELECT relation FROM trusts")
    assert row["relation"] == "other_client"
