"""Who could become whom in the sample estate, from its policies to the edges of the graph."""

from typing import Any

import pytest

from nhiscan.graph.trust import TrustGraph
from nhiscan.store.read import open_reader
from tests.conftest import Project

ACME, JUNIPER = "910000000002", "940000000001"

_GRANTS = """
SELECT i.name, g.way, g.verdict, g.acts_as, g.services, g.actions, g.role
FROM grants AS g JOIN identities AS i ON i.identity_id = g.identity_id
WHERE g.way <> 'assume' AND g.account_id = 'aws:' || ?
"""
_EDGES = """
SELECT s.name, h.way, t.name
FROM become_edge AS e
JOIN become_holder AS h ON h.holder = e.holder
JOIN become_member AS m ON m.holder = e.holder
JOIN identities AS s ON s.identity_id = m.identity_id
JOIN identities AS t ON t.identity_id = e.target AND t.identity_id <> s.identity_id
WHERE s.account_id = 'aws:' || ?
"""


def asked(project: Project, sql: str, account: str, *, graph: bool = False) -> list[Any]:
    with open_reader(project.store) as con:
        if graph:
            TrustGraph(con)
        return con.execute(sql, [account]).fetchall()


@pytest.fixture(scope="module")
def acme(scanned: Project) -> set[tuple[str, str, str]]:
    return set(asked(scanned, _EDGES, ACME, graph=True))


def test_a_user_that_may_make_keys_of_another_could_become_it_and_nobody_else(
    scanned: Project,
) -> None:
    rows = [row for row in asked(scanned, _GRANTS, JUNIPER) if row[0] == "fridge-monitor"]
    gateway = f"arn:aws:iam::{JUNIPER}:user/hl7-gateway"
    assert rows == [
        (
            "fridge-monitor", "new_credential", "scoped", gateway, [],
            ["iam:CreateAccessKey"], "turn",
        )
    ]  # fmt: skip
    edges = asked(scanned, _EDGES, JUNIPER, graph=True)
    assert [edge for edge in edges if edge[0] == "fridge-monitor"] == [
        ("fridge-monitor", "new_credential", "hl7-gateway")
    ]


def test_a_role_is_passed_only_to_a_service_that_it_trusts(
    scanned: Project, acme: set[tuple[str, str, str]]
) -> None:
    [row] = [row for row in asked(scanned, _GRANTS, ACME) if row[0] == "gha-deploy"]
    assert row[1:3] == ("passed_role", "granted")
    assert row[4] == ["lambda.amazonaws.com", "cloudformation.amazonaws.com"]
    passed = {target for source, _, target in acme if source == "gha-deploy"}
    assert {"invoice-fn", "iam-helper"} <= passed
    # EC2, Step Functions and Glue are not where it may start anything
    assert not {"app-server", "quarterly-close", "seasonal-export", "NorthwindAdmin"} & passed


def test_boundaries_and_scps_take_the_powers_away(
    scanned: Project, acme: set[tuple[str, str, str]]
) -> None:
    names = {row[0] for row in asked(scanned, _GRANTS, ACME)}
    assert not {"builder", "iam-helper", "backup"} & names
    # new keys and passwords are denied to all, changed passwords are not
    keys = [row[5] for row in asked(scanned, _GRANTS, ACME) if row[1] == "new_credential"]
    assert keys
    assert all(actions == ["iam:UpdateLoginProfile"] for actions in keys)
    assert ("deploy-bot", "new_credential", "svc-monitor") in acme
    assert ("deploy-bot", "changed_trust", "app-server") in acme
    assert ("deploy-bot", "passed_role", "app-server") in acme
    assert ("deploy-bot", "passed_role", "ops-shell") not in acme


def test_roles_that_aws_made_for_itself_are_changed_by_nobody_and_may_change_others(
    scanned: Project, acme: set[tuple[str, str, str]]
) -> None:
    own = {"AWSServiceRoleForAmazonGuardDuty", "AWSReservedSSO_Administrator_0a1b2c3d4e5f6071"}
    assert own & {source for source, _, _ in acme} == {
        "AWSReservedSSO_Administrator_0a1b2c3d4e5f6071"
    }
    assert not own & {target for _, _, target in acme}
    view = """SELECT s.name, c.way, t.name FROM can_become AS c
        JOIN identities AS s ON s.identity_id = c.identity_id
        JOIN identities AS t ON t.identity_id = c.target_id
        WHERE s.account_id = 'aws:' || ?"""
    assert set(asked(scanned, view, ACME)) == acme


def test_no_edge_leaves_its_account(scanned: Project) -> None:
    with open_reader(scanned.store) as con:
        TrustGraph(con)
        [(foreign,)] = con.execute("""
            SELECT count(*) FROM become_edge AS e
            JOIN become_member AS m ON m.holder = e.holder
            JOIN identities AS s ON s.identity_id = m.identity_id AND s.provider = 'aws'
            JOIN identities AS t ON t.identity_id = e.target AND t.account_id <> s.account_id
        """).fetchall()
    assert foreign == 0
