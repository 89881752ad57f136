"""Between accounts a trust that names a role needs that role's own policy too."""

from typing import Any

from nhiscan.graph.trust import TrustGraph
from nhiscan.records import CoverageState
from nhiscan.store.read import open_reader
from tests.graph.test_reach import edges, may_assume, reach
from tests.graph.test_relations import of_role, role
from tests.ownership.estate import AT, Estate, identity_id


def scan(estate: Estate, *grants: Any, state: CoverageState = "complete", **fields: Any) -> None:
    bot = role("bot", "northwind", **{"privilege": "none"} | fields)
    estate.scan({"acme": [role("a", "acme"), of_role("a", "northwind", "bot")]})
    estate.scan({"northwind": [bot, *grants]}, unread={"iam.authorization_details": state}, at=AT)


def proven(estate: Estate) -> list[bool]:
    with open_reader(estate.store) as con:
        TrustGraph(con)
        return [row[0] for row in con.execute("SELECT proven FROM named_edge").fetchall()]


def test_what_was_read_and_gives_nothing_is_no_edge(estate: Estate) -> None:
    scan(estate, may_assume("bot", "arn:aws:iam::*:role/other"))
    assert edges(estate) == set()
    assert reach(estate) == set()


def test_what_is_denied_is_no_edge(estate: Estate) -> None:
    scan(estate, may_assume("bot", "*", "denied"))
    assert edges(estate) == set()


def test_a_policy_that_allows_it_proves_the_edge(estate: Estate) -> None:
    scan(estate, may_assume("bot", "arn:aws:iam::*:role/a"))
    assert edges(estate) == {("bot", "a")}
    assert proven(estate) == [True]


def test_what_was_not_read_or_judged_is_an_edge_that_is_not_proven(estate: Estate) -> None:
    scan(estate, state="partial")
    assert edges(estate) == {("bot", "a")}
    assert proven(estate) == [False]


def test_what_only_takes_rights_away_leaves_nothing_open(estate: Estate) -> None:
    estate.scan({"acme": [role("a", "acme"), of_role("a", "northwind", "bot")]})
    bot = role("bot", "northwind", privilege="none")
    estate.scan({"northwind": [bot]}, unread={"organizations.policies": "denied"})
    assert edges(estate) == set()
    assert estate.one("northwind", "bot")["reach_unread"] == []


def test_policies_that_could_not_be_judged_prove_nothing(estate: Estate) -> None:
    scan(estate, privilege="unknown")
    assert proven(estate) == [False]
    assert {row[0] for row in reach(estate)} == {"bot"}


def test_a_grant_that_could_not_be_judged_proves_nothing(estate: Estate) -> None:
    scan(estate, may_assume("bot", "*", "unknown"))
    assert proven(estate) == [False]


def test_within_one_account_the_trust_alone_is_enough(estate: Estate) -> None:
    estate.scan(
        {
            "acme": [
                role("a", "acme", privilege="none"),
                role("b", "acme", privilege="none"),
                of_role("b", "acme", "a"),
            ]
        }
    )
    assert edges(estate) == {("a", "b")}
    assert proven(estate) == [True]
    assert estate.one("acme", "a")["identity_id"] == identity_id("acme", "a")
