"""Whole units: in bulk, project by project, and what is said where something is refused."""

from typing import Any

import msgspec
import pytest

from nhiscan.records import Account, Coverage, Credential, Grant, Identity, Trust
from nhiscan_providers.gcp import policy
from tests.providers.gcp.conftest import CI, GUEST, WEB, Acme, Collected
from tests.providers.gcp.google import Refused

_OPTIONAL = {"iam.key_status"}
_CAI = "cloudasset"


def _facts(found: Collected) -> set[Any]:
    """Reduce rows to what every way of reading must show alike."""
    rows: set[Any] = set()
    for account, listed in found.rows.items():
        for row in listed:
            if isinstance(row, Identity):
                rows.add((account, "identity", row.key, row.class_rule, row.enabled))
            if isinstance(row, Credential):
                rows.add((account, "credential", row.key, row.status, row.fingerprint))
    return rows


def test_an_organization_is_read_in_bulk(acme: Acme) -> None:
    found = acme.collect()
    states = {row.state for key, row in found.coverage.items() if key[1] not in _OPTIONAL}
    assert states <= {"complete", "not_available"}
    assert acme.google.counted("assets", "searchAllIamPolicies", "searchAllResources") == 3
    assert acme.google.counted("activities:query", "entries:list") == 3
    assert acme.google.counted("hmacKeys") == 1  # where a bucket stands
    assert acme.google.counted() <= 10
    calls = sum(row.calls for row in found.coverage.values())
    assert calls == acme.google.counted()


def test_what_an_organization_holds(acme: Acme) -> None:
    found = acme.collect()
    (web,) = found.of("acme-prod", Identity, native_id=WEB)
    assert (web.key, web.immutable_id, web.tags) == ("100", "100", {"owner": "web-team"})
    assert web.created_at is not None
    (deploys,) = found.of("acme-prod", Grant, identity="100")
    assert (deploys.action_class, deploys.scope_account) == ("deploy", "acme-build")
    keys = {c.public_id: c for c in found.of("acme-prod", Credential, kind="service_account_key")}
    assert keys["…2222"].status == "inactive"
    (uploaded,) = found.of("acme-build", Credential, kind="service_account_key")
    assert uploaded.fingerprint
    assert len(uploaded.fingerprint) == 64
    assert [row.key for row in found.of("1", Identity)] == [GUEST]


def test_no_secret_gets_as_far_as_a_record(acme: Acme) -> None:
    found = acme.collect(key_details="all", hmac_keys="all")
    assert "CANARY" not in msgspec.json.encode(found.rows).decode()


@pytest.mark.parametrize("empty", [False, True])
def test_passing_faults_change_nothing(acme: Acme, empty: bool) -> None:
    expected = acme.collect()
    plan = acme.plan()
    acme.google.empty_pages = empty
    acme.google.faults = [
        Refused(429, "RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED"),
        Refused(503, "UNAVAILABLE"),
        "none",
        Refused(429, "RESOURCE_EXHAUSTED"),
        "none",
        Refused(500, "INTERNAL"),
    ]
    found = acme.collect(plan)
    assert found.rows == expected.rows
    assert {k: (r.state, r.rows) for k, r in found.coverage.items()} == {
        k: (r.state, r.rows) for k, r in expected.coverage.items()
    }


def test_reading_twice_gives_the_same(acme: Acme) -> None:
    plan = acme.plan()
    assert acme.collect(plan).rows == acme.collect(plan).rows


def test_an_inventory_that_is_off_is_told_and_done_without(acme: Acme) -> None:
    expected = acme.collect(key_details="all")
    acme.google.off = {_CAI}
    found = acme.collect(key_details="all")
    inventory = found.coverage["acme-prod", "cloudasset.inventory"]
    assert inventory.state == "denied"
    assert "gcloud services enable cloudasset.googleapis.com --project acme-sec" in str(
        inventory.reason
    )
    for source in ("iam.service_accounts", "iam.keys", "iam.workload_pools", "apikeys.keys"):
        assert found.coverage["acme-prod", source].state == "complete", source
    assert found.coverage["acme-prod", "iam.policies"].state == "partial"
    assert _facts(found) - {one for one in _facts(found) if one[0] == "1"} >= {
        one for one in _facts(expected) if one[1] == "credential" and "federated" not in one[2]
    }
    assert acme.google.counted("listServiceAccounts", "getIamPolicyOfAccount") == 5


def test_an_organization_that_is_refused_is_read_project_by_project(acme: Acme) -> None:
    expected = acme.collect()
    acme.google.refused = [(_CAI, "organizations/"), ("policyanalyzer", "organizations/")]
    found = acme.collect()
    assert acme.google.counted("listServiceAccounts") == 0
    for project in ("acme-prod", "acme-build"):
        assert found.coverage[project, "iam.service_accounts"].state == "complete"
        assert found.coverage[project, "policyanalyzer.activities"].state == "complete"
        assert found.coverage[project, "cloudasset.inventory"].state == "complete"
        # what stands above the projects is known to be missing
        assert found.coverage[project, "iam.policies"].state == "partial"
    assert found.coverage["1", "cloudasset.inventory"].state == "denied"
    keys = [c for c in found.of("acme-prod", Credential) if "keys" in c.key]
    assert [c.key for c in keys] == [
        c.key for c in expected.of("acme-prod", Credential) if "keys" in c.key
    ]


def test_a_project_alone_costs_two_calls_and_one_for_each_account_with_keys(acme: Acme) -> None:
    found = acme.collect(organization=None, projects=("acme-prod", "acme-build"))
    usage = acme.google.counted("activities:query", "entries:list", "hmacKeys", "getKey")
    with_keys = 2
    assert acme.google.counted() - usage <= 2 * 2 + with_keys
    assert found.coverage["acme-prod", "iam.policies"].state == "complete"
    assert set(found.rows) == {"acme-prod", "acme-build"}


def test_last_use_is_asked_of_projects_where_the_organization_cannot_be_asked(acme: Acme) -> None:
    acme.google.activity_of_organization = False
    found = acme.collect()
    assert found.coverage["acme-prod", "policyanalyzer.activities"].state == "complete"
    assert acme.google.counted("activities:query") == 1 + 2 * 2


@pytest.mark.parametrize(
    ("api", "source"),
    [
        ("policyanalyzer", "policyanalyzer.activities"),
        ("logging", "logging.creators"),
        ("storage", "storage.hmac_keys"),
    ],
)
def test_an_api_that_is_off_is_not_an_empty_one(acme: Acme, api: str, source: str) -> None:
    acme.google.off = {api}
    row = acme.collect().coverage["acme-prod", source]
    assert row.state == "denied"
    assert f"gcloud services enable {api}.googleapis.com" in str(row.reason)
    assert "SERVICE_DISABLED" in str(row.reason)


def test_a_type_that_the_inventory_does_not_know_costs_that_type_alone(acme: Acme) -> None:
    acme.google.unknown_types = {"aiplatform.googleapis.com/ReasoningEngine"}
    found = acme.collect()
    assert found.coverage["acme-prod", "aiplatform.agents"].state == "partial"
    assert found.coverage["acme-prod", "iam.service_accounts"].state == "complete"
    assert found.of("acme-prod", Identity, native_id=WEB)


def test_policies_that_are_refused_leave_privilege_unknown(acme: Acme) -> None:
    acme.google.permissions = set(policy.permissions("scope", "quota")) - {
        "cloudasset.assets.searchAllIamPolicies"
    }
    acme.google.refused = [("cloudresourcemanager", "projects/"), ("iam", "projects/")]
    found = acme.collect(key_details="never")
    assert found.coverage["acme-prod", "iam.policies"].state == "denied"
    assert found.of("acme-prod", Identity, native_id=WEB)[0].privilege == "unknown"
    assert not found.of("acme-prod", Trust, identity="100")


def test_the_printed_role_is_enough(acme: Acme) -> None:
    expected = acme.collect()
    acme.google.permissions = set(policy.permissions("scope", "quota"))
    found = acme.collect()
    assert found.rows == expected.rows
    assert all(row.state != "denied" for row in found.coverage.values())


def test_projects_may_be_hidden_and_that_is_said(acme: Acme) -> None:
    acme.google.permissions = {"resourcemanager.organizations.get"}
    (row,) = [r for r in acme.plan().records if isinstance(r, Coverage)]
    assert row.state == "partial"
    assert "resourcemanager.projects.get" in str(row.reason)


def test_a_resellers_projects_go_to_their_clients(acme: Acme) -> None:
    plan = acme.plan(map={"folders/5": "granite", "acme-build": "juniper"})
    assert {unit.account: unit.tenant_id for unit in plan.units} == {
        "1": "acme", "acme-prod": "granite", "acme-build": "juniper",
    }  # fmt: skip
    plan = acme.plan(map={"folders/5": "granite"})
    states = {r.native_id: (r.tenant_id, r.state) for r in plan.records if isinstance(r, Account)}
    assert states["acme-build"] == (None, "unmapped")
    assert states["acme-prod"] == ("granite", "active")
    assert states["acme-old"] == (None, "closed")


def test_an_entry_may_name_projects_and_one_that_is_not_shown_is_not_forgotten(acme: Acme) -> None:
    plan = acme.plan(projects=("acme-prod", "acme-lost"))
    assert [unit.account for unit in plan.units] == ["1", "acme-prod", "acme-lost"]
    states = {r.native_id: r.state for r in plan.records if isinstance(r, Account)}
    assert (states["acme-lost"], states["acme-build"]) == ("unknown", "active")


def test_a_service_account_bound_by_a_policy_is_found_at_its_home(acme: Acme) -> None:
    found = acme.collect()
    (way,) = found.of("acme-prod", Trust, identity="100", principal=f"serviceAccount:{CI}")
    assert (way.principal_account, way.principal_native_id) == ("acme-build", CI)


def test_api_keys_that_act_as_accounts_are_asked_for_where_the_inventory_is_silent(
    acme: Acme,
) -> None:
    found = acme.collect()
    assert [c.target for c in acme.google.log if (c.api, c.method) == ("apikeys", "keys")] == [
        "projects/acme-prod/locations/global"
    ]
    assert found.of("acme-prod", Identity, native_type="gcp.api_key")
    key = next(a for a in acme.google.assets if a["assetType"] == "apikeys.googleapis.com/Key")
    key["resource"]["data"]["serviceAccountEmail"] = WEB
    found = acme.collect()
    assert acme.google.counted("keys") == 1  # of the account with a disabled key
    assert found.of("acme-prod", Trust, verdict="open")[0].identity == "100"
