"""Every reply of the stand-in Google has the shape that Google's discovery documents give it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from nhiscan_sandbox.gcp.methods import METHODS, route
from nhiscan_sandbox.sandbox import Sandbox
from tests.sandbox.discovery import faults
from tests.sandbox.google_estate import ACME, ENTRY, Caller, google_only

PROJECT = "projects/acme-assay"
WIF = f"{PROJECT}/locations/global/workloadIdentityPools"
SA = f"{PROJECT}/serviceAccounts/instrument-upload@acme-assay.iam.gserviceaccount.com"
TYPES = f"{ACME}/locations/global/activityTypes"
_PA, _EC = "GoogleCloudPolicyanalyzerV1", "GoogleCloudEssentialcontactsV1"
_AI = "GoogleCloudAiplatformV1"
# Document, schema, path, members that must not be empty.
READS = [
    ("iam.v1", "ListServiceAccountsResponse", f"v1/{PROJECT}/serviceAccounts", "accounts"),
    ("iam.v1", "ServiceAccount", f"v1/{SA}", "email"),
    ("iam.v1", "ListServiceAccountKeysResponse", f"v1/{SA}/keys", "keys"),
    ("iam.v1", "ListRolesResponse", "v1/roles?view=FULL", "roles"),
    ("iam.v1", "ListRolesResponse", f"v1/{ACME}/roles?view=FULL", "roles"),
    ("iam.v1", "Role", "v1/roles/editor", "includedPermissions"),
    ("iam.v1", "Role", f"v1/{ACME}/roles/dataLoader", "includedPermissions"),
    ("iam.v1", "ListWorkloadIdentityPoolsResponse", f"v1/{WIF}", "workloadIdentityPools"),
    (
        "iam.v1",
        "ListWorkloadIdentityPoolProvidersResponse",
        f"v1/{WIF}/github/providers",
        "workloadIdentityPoolProviders",
    ),
    (
        "cloudresourcemanager.v3",
        "SearchOrganizationsResponse",
        "v3/organizations:search",
        "organizations",
    ),
    ("cloudresourcemanager.v3", "SearchFoldersResponse", "v3/folders:search", "folders"),
    ("cloudresourcemanager.v3", "SearchProjectsResponse", "v3/projects:search", "projects"),
    ("cloudresourcemanager.v3", "ListProjectsResponse", f"v3/projects?parent={ACME}", "projects"),
    ("cloudresourcemanager.v3", "ListFoldersResponse", f"v3/folders?parent={ACME}", "folders"),
    ("cloudresourcemanager.v3", "Organization", f"v3/{ACME}", "directoryCustomerId"),
    ("cloudresourcemanager.v3", "Folder", "v3/folders/911000000201", "parent"),
    ("cloudresourcemanager.v3", "Project", f"v3/{PROJECT}", "labels"),
    ("cloudasset.v1", "ListAssetsResponse", f"v1/{ACME}/assets?pageSize=1000", "assets"),
    (
        "cloudasset.v1",
        "ListAssetsResponse",
        f"v1/{ACME}/assets?contentType=IAM_POLICY",
        "assets",
    ),
    (
        "cloudasset.v1",
        "SearchAllResourcesResponse",
        f"v1/{ACME}:searchAllResources?readMask=*&pageSize=500",
        "results",
    ),
    ("cloudasset.v1", "SearchAllIamPoliciesResponse", f"v1/{ACME}:searchAllIamPolicies", "results"),
    ("apikeys.v2", "V2ListKeysResponse", f"v2/{PROJECT}/locations/global/keys", "keys"),
    (
        "policyanalyzer.v1",
        f"{_PA}QueryActivityResponse",
        f"v1/{TYPES}/serviceAccountLastAuthentication/activities:query",
        "activities",
    ),
    (
        "policyanalyzer.v1",
        f"{_PA}QueryActivityResponse",
        f"v1/{TYPES}/serviceAccountKeyLastAuthentication/activities:query",
        "activities",
    ),
    ("essentialcontacts.v1", f"{_EC}ListContactsResponse", f"v1/{ACME}/contacts", "contacts"),
    (
        "essentialcontacts.v1",
        f"{_EC}ComputeContactsResponse",
        f"v1/{PROJECT}/contacts:compute?notificationCategories=TECHNICAL",
        "contacts",
    ),
    ("storage.v1", "HmacKeysMetadata", f"storage/v1/{PROJECT}/hmacKeys", "items"),
    ("serviceusage.v1", "ListServicesResponse", f"v1/{PROJECT}/services", "services"),
    (
        "serviceusage.v1",
        "BatchGetServicesResponse",
        f"v1/{PROJECT}/services:batchGet?names={PROJECT}/services/iam.googleapis.com",
        "services",
    ),
    (
        "serviceusage.v1",
        "GoogleApiServiceusageV1Service",
        f"v1/{PROJECT}/services/storage.googleapis.com",
        "state",
    ),
    (
        "agentregistry.v1",
        "ListAgentsResponse",
        f"v1/{PROJECT}/locations/us-central1/agents",
        "agents",
    ),
    (
        "agentregistry.v1",
        "ListLocationsResponse",
        f"agentregistry.googleapis.com/v1/{PROJECT}/locations",
        "locations",
    ),
    (
        "aiplatform.v1",
        f"{_AI}ListReasoningEnginesResponse",
        f"v1/{PROJECT}/locations/us-central1/reasoningEngines",
        "reasoningEngines",
    ),
    (
        "aiplatform.v1",
        "GoogleCloudLocationListLocationsResponse",
        f"us-central1-aiplatform.googleapis.com/v1/{PROJECT}/locations",
        "locations",
    ),
]
POSTS: list[tuple[str, str, str, Any, str]] = [
    ("iam.v1", "Policy", f"v1/{ENTRY}:getIamPolicy", {}, "bindings"),
    (
        "iam.v1",
        "TestIamPermissionsResponse",
        f"v1/{ENTRY}:testIamPermissions",
        {"permissions": ["iam.serviceAccounts.get", "iam.serviceAccounts.delete"]},
        "permissions",
    ),
    ("iamcredentials.v1", "GenerateAccessTokenResponse", "", {"scope": ["all"]}, "accessToken"),
    (
        "sts.v1",
        "GoogleIdentityStsV1ExchangeTokenResponse",
        "v1/token",
        {"audience": f"//iam.googleapis.com/{WIF}/github/providers/acme", "subjectToken": "x"},
        "access_token",
    ),
    *(
        ("cloudresourcemanager.v3", "Policy", f"v3/{place}:getIamPolicy", {}, "etag")
        for place in (ACME, "folders/911000000201", PROJECT)
    ),
    *(
        (
            "cloudresourcemanager.v3",
            "TestIamPermissionsResponse",
            f"v3/{place}:testIamPermissions",
            {"permissions": ["iam.serviceAccounts.list"]},
            "permissions",
        )
        for place in (ACME, "folders/911000000201", PROJECT)
    ),
    (
        "logging.v2",
        "ListLogEntriesResponse",
        "v2/entries:list",
        {"resourceNames": [PROJECT]},
        "entries",
    ),
]
# What the inventory shows of a resource is what the resource's own API says.
DATA = {
    "ServiceAccount": ("iam.v1", "ServiceAccount"),
    "ServiceAccountKey": ("iam.v1", "ServiceAccountKey"),
    "WorkloadIdentityPool": ("iam.v1", "WorkloadIdentityPool"),
    "WorkloadIdentityPoolProvider": ("iam.v1", "WorkloadIdentityPoolProvider"),
    "Role": ("iam.v1", "Role"),
    "Key": ("apikeys.v2", "V2Key"),
    "Contact": ("essentialcontacts.v1", f"{_EC}Contact"),
    "Service": ("serviceusage.v1", "GoogleApiServiceusageV1Service"),
    "Project": ("cloudresourcemanager.v1", "Project"),
    "Folder": ("cloudresourcemanager.v3", "Folder"),
    "Organization": ("cloudresourcemanager.v3", "Organization"),
    "ReasoningEngine": ("aiplatform.v1", f"{_AI}ReasoningEngine"),
}


@pytest.fixture(scope="module")
def acme() -> Iterator[Caller]:
    """A caller who may read everything at Acme Labs."""
    with Sandbox(google_only(), now=datetime(2026, 6, 1, 12, tzinfo=UTC)) as running:
        more = {"agentregistry.agents.list", "agentregistry.locations.list"}
        more |= {"aiplatform.locations.list"}
        held = running.gcp.held(
            "serviceAccount:nhiscan@acme-security.iam.gserviceaccount.com", ACME
        )
        running.gcp.grant(f"{ACME}/roles/nhiscan", held | more)
        yield Caller(running).at_acme()
        assert running.crashes == []


@pytest.mark.parametrize(("document", "schema", "path", "member"), READS)
def test_reads_have_google_s_shape(
    acme: Caller, document: str, schema: str, path: str, member: str
) -> None:
    reply = acme.get(path)
    assert reply[member]
    assert faults(document, schema, reply) == []


@pytest.mark.parametrize(("document", "schema", "path", "body", "member"), POSTS)
def test_posts_have_google_s_shape(
    acme: Caller, document: str, schema: str, path: str, body: Any, member: str
) -> None:
    caller = acme if path else Caller(acme.sandbox)
    reply = caller.send("POST", path or f"v1/{ENTRY}:generateAccessToken", json=body)
    assert reply.status_code == 200, reply.text
    assert reply.json()[member]
    assert faults(document, schema, reply.json()) == []


def test_assets_show_what_their_own_apis_say(acme: Caller) -> None:
    assets = acme.get(f"v1/{ACME}/assets", pageSize=1000)["assets"]
    kinds = {asset["assetType"].rpartition("/")[2] for asset in assets}
    assert set(DATA) <= kinds
    for asset in assets:
        kind = asset["assetType"].rpartition("/")[2]
        if kind in DATA:
            assert faults(*DATA[kind], asset["resource"]["data"]) == [], asset["name"]


def test_a_wrong_reply_would_be_noticed() -> None:
    key = {
        "name": "x",
        "keyType": "USER",
        "validAfterTime": "2026-01-01T00:00:00Z",
        "disabld": True,
    }
    assert len(faults("iam.v1", "ServiceAccountKey", key)) == 2


def test_every_method_that_is_served_is_held_against_its_document() -> None:
    calls = [("GET", path) for _, _, path, _ in READS]
    calls += [("POST", path or f"v1/{ENTRY}:generateAccessToken") for _, _, path, _, _ in POSTS]
    routes = [route(verb, f"/{path}") for verb, path in calls]
    asked = {(one.method.service, one.method.operation) for one in routes if one}
    served = {(method.service, method.operation) for method in METHODS}
    # One key, whose name is made up, and a sign-in that is no API of the documents.
    assert served - asked == {("iam", "GetServiceAccountKey"), ("oauth2", "ExchangeToken")}
