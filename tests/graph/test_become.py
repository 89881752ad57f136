"""Edges of kind can_become: what a power could create, apart from what stands open."""

import json
from typing import Any

import networkx as nx
import pytest

from nhiscan.graph.trust import COARSE, TrustGraph
from nhiscan.records import Grant, Way
from nhiscan.store.read import open_reader
from tests.graph.test_path_command import nhiscan
from tests.graph.test_reach import reach
from tests.graph.test_relations import of_role, role, trust
from tests.ownership.estate import ACCOUNTS, Estate, identity, identity_id

KEY, LAMBDA = "iam:CreateAccessKey", "lambda.amazonaws.com"


def arn(tenant: str, name: str, kind: str = "role") -> str:
    return f"arn:aws:iam::{ACCOUNTS[tenant]}:{kind}/{name}"


def user(name: str, tenant: str = "acme", **fields: Any) -> Any:
    return identity(name, native_id=arn(tenant, name, "user"), **fields)


def power(name: str, pattern: str, way: Way = "new_credential", **fields: Any) -> Grant:
    values: dict[str, Any] = {
        "identity": name,
        "scope": pattern,
        "role": "power",
        "action_class": "iam",
        "verdict": "granted",
        "via": "inline",
        "acts_as": pattern,
        "way": way,
        "source": "iam.authorization_details",
    }
    return Grant(**values | fields)


def become(estate: Estate, coarse: int = COARSE) -> set[tuple[str, str]]:
    """List who could become whom, as the graph has it."""
    with open_reader(estate.store) as con:
        TrustGraph(con, coarse)
        rows = con.execute(
            "SELECT s.name, t.name FROM become_edge AS e"
            " JOIN become_member AS m ON m.holder = e.holder AND m.identity_id <> e.target"
            " JOIN identities AS s ON s.identity_id = m.identity_id"
            " JOIN identities AS t ON t.identity_id = e.target"
        ).fetchall()
    return {(row[0], row[1]) for row in rows}


def view(estate: Estate) -> set[tuple[str, str]]:
    rows = estate.rows(
        "SELECT s.name AS s, t.name AS t FROM can_become AS c"
        " JOIN identities AS s ON s.identity_id = c.identity_id"
        " JOIN identities AS t ON t.identity_id = c.target_id"
    )
    return {(row["s"], row["t"]) for row in rows}


def both(estate: Estate) -> set[tuple[str, str]]:
    found = become(estate)
    assert view(estate) == found
    return found


def test_a_key_may_be_made_for_users_and_no_trust_comes_of_it(estate: Estate) -> None:
    estate.scan(
        {
            "acme": [
                user("boss"),
                power("boss", "*"),
                user("ann"),
                role("r", "acme"),
                user("narrow"),
                power("narrow", arn("acme", "an?", "user"), verdict="scoped"),
                user("one"),
                power("one", arn("acme", "boss", "user")),
                user("unsure"),
                power("unsure", "*", verdict="unknown"),
                user("denied"),
                power("denied", "*", verdict="denied"),
            ],
            "beta": [user("far", "beta")],
        }
    )
    others = {"ann", "narrow", "one", "unsure", "denied"}
    assert both(estate) == {("boss", name) for name in others} | {
        ("narrow", "ann"),
        ("one", "boss"),
    }
    assert reach(estate) == set()
    with open_reader(estate.store) as con:
        graph = TrustGraph(con)
        assert graph.fleet().graph.number_of_edges() == 0
        assert graph.fleet(become=True).graph.number_of_edges() > 0


def test_a_role_is_passed_only_to_a_service_that_it_trusts(estate: Estate) -> None:
    estate.scan(
        {
            "acme": [
                user("dev"),
                power("dev", "*", "passed_role", services=[LAMBDA, "glue.amazonaws.com"]),
                user("any"),
                power("any", arn("acme", "ec2"), "passed_role"),
                role("fn", "acme"),
                trust("fn", LAMBDA, "service"),
                role("ec2", "acme"),
                trust("ec2", "ec2.amazonaws.com", "service"),
                role("never", "acme"),
                trust("never", LAMBDA, "service", verdict="broken"),
                role("named", "acme"),
                trust("named", LAMBDA, "public"),
            ]
        }
    )
    assert both(estate) == {("dev", "fn"), ("any", "ec2")}


@pytest.mark.parametrize(
    ("way", "names"),
    [
        ("new_credential", {"u", "sa"}),
        ("changed_trust", {"r", "sa", "mi"}),
        ("added_federation", {"r", "sa", "mi"}),
    ],
)
def test_a_power_is_good_for_the_kinds_that_have_such_a_way(
    estate: Estate, way: Way, names: set[str]
) -> None:
    estate.scan(
        {
            "acme": [
                user("me"),
                power("me", "*", way),
                user("u"),
                role("r", "acme"),
                identity("sa", kind="service_account"),
                identity("mi", kind="managed_identity"),
                identity("s", kind="secret"),
                identity("guest", kind="service_account", home_account=ACCOUNTS["beta"]),
            ]
        }
    )
    assert both(estate) == {("me", name) for name in names}


def test_a_power_over_another_account_is_about_that_account(estate: Estate) -> None:
    away = power("me", "*", scope_account=ACCOUNTS["beta"])
    estate.scan({"acme": [user("me"), away, user("here")], "beta": [user("far", "beta")]})
    assert both(estate) == {("me", "far")}
    [row] = estate.rows("SELECT tenant_id, target_tenant_id, way, services FROM can_become")
    assert tuple(row.values()) == ("acme", "beta", "new_credential", [])


def test_brackets_in_patterns_are_letters(estate: Estate) -> None:
    estate.scan({"acme": [user("me"), power("me", arn("acme", "[a]nn", "user")), user("ann")]})
    assert both(estate) == set()


def crowd(estate: Estate, size: int) -> None:
    records: list[Any] = []
    for n in range(size):
        records += [user(f"u{n}"), power(f"u{n}", "*"), power(f"u{n}", "*", "changed_trust")]
        records += [role(f"r{n}", "acme")]
    estate.scan({"acme": records})


def test_many_administrators_are_few_edges(estate: Estate) -> None:
    crowd(estate, 100)
    with open_reader(estate.store) as con:
        fleet = TrustGraph(con).fleet(become=True)
        number = {name: node for node, name in enumerate(fleet.ids)}
        assert fleet.graph.number_of_edges() == 4 * 100
        one = number[identity_id("acme", "u0")]
        found = {n for n in nx.descendants(fleet.graph, one) if n < len(fleet.ids)}
    assert len(found) == 199


def test_beyond_a_bound_powers_are_taken_coarsely_and_never_for_less(estate: Estate) -> None:
    records: list[Any] = []
    for n in range(20):
        records += [user(f"u{n}"), power(f"u{n}", arn("acme", f"u{n % 3}*", "user"))]
    estate.scan({"acme": records})
    exact = become(estate)
    assert become(estate, coarse=0) > exact


def path(estate: Estate, *arguments: str) -> Any:
    done = nhiscan(estate, "path", *arguments, "--format", "json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_path_takes_powers_only_on_demand_and_says_so_of_each_hop(estate: Estate) -> None:
    estate.scan(
        {
            "acme": [
                user("ann"),
                power("ann", arn("acme", "bob", "user"), verdict="scoped"),
                user("bob"),
                role("r", "acme"),
                trust("r", arn("acme", "bob", "user"), "user",
                      principal_account=ACCOUNTS["acme"],
                      principal_native_id=arn("acme", "bob", "user")),
            ]
        }
    )  # fmt: skip
    assert path(estate, "ann", "r") == []
    first, second = path(estate, "ann", "r", "--including-can-become")
    assert (first["kind"], first["how"], first["to_name"]) == (
        "can_become",
        "new_credential",
        "bob",
    )
    assert first["grants"] == [f"power: {arn('acme', 'bob', 'user')} (scoped)"]
    assert (second["kind"], second["how"], second["to_name"]) == ("trust", "named", "r")
    told = nhiscan(estate, "path", "ann", "r", "--including-can-become").stdout
    assert "can become user bob" in told
    assert "new_credential: could add a key" in told
    assert "acts as    role r" in told
    assert "--including-can-become" in nhiscan(estate, "path", "ann", "r").stderr


def test_a_step_that_is_not_proven_says_so(estate: Estate) -> None:
    estate.scan(
        {
            "northwind": [role("bot", "northwind", privilege="unknown")],
            "acme": [role("a", "acme"), of_role("a", "northwind", "bot")],
        }
    )
    [step] = path(estate, "bot", "a")
    assert not step["proven"]
    assert "not proven" in nhiscan(estate, "path", "bot", "a").stdout


def test_explain_tells_whom_it_could_become_apart_from_whom_it_may_act_as(estate: Estate) -> None:
    estate.scan(
        {"acme": [user("ann"), power("ann", "*"), user("bob"), role("r", "acme"),
                  of_role("r", "acme", "bob")]}
    )  # fmt: skip
    [told] = json.loads(nhiscan(estate, "explain", "ann", "--format", "json").stdout)
    assert [one["name"] for one in told["can_become"]] == ["bob"]
    assert told["acts_as"] == []
    page = nhiscan(estate, "explain", "ann").stdout
    assert (
        "Whom it could become\n  user arn:aws:iam::111122223333:user/bob (acme), by a new" in page
    )
