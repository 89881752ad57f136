"""One credential that proves several identities, and outside workloads that several let in."""

from typing import Any

import pytest

from nhiscan.graph.trust import TrustGraph
from nhiscan.records import Credential
from nhiscan.store.read import open_reader
from tests.graph.test_become import path, power, user
from tests.graph.test_path_command import nhiscan
from tests.graph.test_reach import edges
from tests.graph.test_relations import role
from tests.ownership.estate import Estate, identity, identity_id


def proof(name: str, fingerprint: str, kind: Any = "certificate", **fields: Any) -> Credential:
    values: dict[str, Any] = {"status": "active", "source": "iam.authorization_details"}
    key = f"{name}/{fingerprint}"
    return Credential(key=key, identity=name, kind=kind, fingerprint=fingerprint, **values | fields)


def reach(estate: Estate) -> set[tuple[str, str, str]]:
    rows = estate.rows(
        "SELECT i.name, r.target_tenant_id, r.via FROM reach r"
        " JOIN identities i USING (identity_id)"
    )
    return {tuple(row.values()) for row in rows}


def test_one_credential_is_an_edge_both_ways_and_reach_of_its_own_kind(estate: Estate) -> None:
    estate.scan(
        {
            "acme": [role("a", "acme"), proof("a", "same"), role("other", "acme")],
            "beta": [role("b", "beta"), proof("b", "same"), proof("b", "alone")],
        }
    )
    assert edges(estate) == {("a", "b"), ("b", "a")}
    assert reach(estate) == {("a", "beta", "credential"), ("b", "acme", "credential")}
    assert estate.one("acme", "a")["reach_tenants"] == 1
    levels = [row["level"] for row in estate.rows("SELECT level FROM shared")]
    assert levels == ["credential"]
    [step] = path(estate, "a", "b")
    assert (step["kind"], step["how"]) == ("shared_credential", "shared_credential")
    assert step["reason"] == "the same certificate proves both: SHA-256 same…"
    assert "proof      shared_credential: the same" in nhiscan(estate, "path", "a", "b").stdout


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "expired"},
        {"status": "inactive"},
        {"kind": "oidc_provider"},
        {"attributes": {"managed": True}},
        {"kind": "federated_trust"},
    ],
)
def test_what_proves_nothing_or_is_no_copy_is_no_edge(
    estate: Estate, changes: dict[str, Any]
) -> None:
    estate.scan(
        {
            "acme": [role("a", "acme"), proof("a", "same", **changes)],
            "beta": [role("b", "beta"), proof("b", "same", **changes)],
        }
    )
    assert edges(estate) == set()


def test_a_workload_that_is_the_trusted_subject_acts_as_who_lets_it_in(estate: Estate) -> None:
    estate.scan(
        {
            "acme": [
                identity("ci", kind="workload"),
                proof("ci", "repo", "federated_trust"),
                role("deploy", "acme"),
                proof("deploy", "repo", "federated_trust"),
            ],
            "beta": [role("b", "beta"), proof("b", "repo", "federated_trust")],
        }
    )
    assert edges(estate) == {("ci", "deploy"), ("ci", "b")}
    assert reach(estate) == {("ci", "beta", "credential")}
    [step] = path(estate, "ci", "b")
    assert (step["kind"], step["how"]) == ("trust", "federated")


def test_two_objects_of_one_thing_share_nothing(estate: Estate) -> None:
    estate.scan(
        {
            "acme": [
                identity("sp", kind="service_principal"),
                identity("app", kind="app", part_of="sp"),
                proof("sp", "same"),
                proof("app", "same"),
            ]
        }
    )
    assert edges(estate) == set()


def test_steps_go_on_from_what_a_credential_proves(estate: Estate) -> None:
    many = {
        tenant: [role(f"r-{tenant}", tenant), proof(f"r-{tenant}", "same")]
        for tenant in ("acme", "beta", "gamma")
    }
    estate.scan(many)
    assert len(edges(estate)) == 6
    assert len(reach(estate)) == 6


def test_a_tenants_graph_tells_the_kinds_of_its_edges(estate: Estate) -> None:
    estate.scan(
        {
            "acme": [
                role("a", "acme"),
                proof("a", "same"),
                proof("a", "repo", "federated_trust",
                      attributes={"issuer": "https://ci.example", "subject": "repo:x"}),
                user("u"),
                power("u", "*", "changed_trust"),
            ],
            "beta": [role("b", "beta"), proof("b", "same")],
        }
    )  # fmt: skip
    a, u, b = identity_id("acme", "a"), identity_id("acme", "u"), identity_id("beta", "b")
    with open_reader(estate.store) as con:
        graph = TrustGraph(con)
        plain, whole = graph.tenant("acme"), graph.tenant("acme", become=True)
    assert plain.edges[b, a]["kinds"] == ["shared_credential"]
    assert plain.nodes[b]["outside"]
    assert (u, a) not in plain.edges
    assert whole.edges[u, a]["kinds"] == ["can_become"]
    assert whole.edges[u, a]["trusts"][0]["how"] == "changed_trust"
    assert whole.nodes["subject:repo"]["name"] == "https://ci.example|repo:x"
    assert whole.edges["subject:repo", a]["trusts"][0]["how"] == "federated"
