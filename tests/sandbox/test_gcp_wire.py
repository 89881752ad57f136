"""The stand-in Google pages, refuses and fails as Google's own servers do, on both transports."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import grpc
import pytest
import requests
from google.api_core.exceptions import GoogleAPICallError, PermissionDenied, ResourceExhausted
from google.cloud.iam_admin_v1 import IAMClient
from google.cloud.iam_admin_v1.services.iam.transports import IAMGrpcTransport
from google.rpc.error_details_pb2 import RetryInfo

from nhiscan_sandbox.estate.gcp_model import (
    Binding,
    GoogleOrganization,
    Project,
    ServiceAccount,
    ServiceAccountKey,
)
from nhiscan_sandbox.estate.model import Estate
from nhiscan_sandbox.faults import Fault
from nhiscan_sandbox.sandbox import Sandbox
from tests.sandbox.google_estate import ACME, ENTRY, GRANITE, Caller, google_only

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
SCANNER = "serviceAccount:scan@many-core.iam.gserviceaccount.com"
MANY = "projects/many-core"


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox(google_only(), now=NOW) as sandbox:
        yield sandbox
    assert sandbox.crashes == []


@pytest.fixture
def scanner(running: Sandbox) -> Iterator[Caller]:
    """The scanner's own account, without faults before and after."""
    running.reset()
    yield Caller(running)
    running.reset()


@pytest.fixture(scope="module")
def many() -> Iterator[Sandbox]:
    """An organization with more service accounts in one project than a page holds."""
    roles = ("roles/iam.securityReviewer", "roles/cloudasset.viewer")
    bindings = tuple(Binding(role=role, members=(SCANNER,)) for role in roles)
    accounts = tuple(
        ServiceAccount(name=f"sa{n:03d}", keys=(ServiceAccountKey(age=n),)) for n in range(130)
    )
    project = Project(
        id="many-core",
        number="970000000001",
        service_accounts=(ServiceAccount(name="scan"), *accounts),
    )
    estate = Estate(
        google_base=SCANNER,
        google=(
            GoogleOrganization(
                number="970000000000",
                domain="big.example",
                customer="C0big",
                bindings=bindings,
                projects=(project,),
            ),
        ),
    )
    with Sandbox(estate, now=NOW) as sandbox:
        yield sandbox


@pytest.fixture
def iam(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Google's own client on a sandbox's gRPC address, without its retries."""
    sandbox: Sandbox = request.getfixturevalue(request.param)
    with grpc.insecure_channel((sandbox.gcp_endpoint or {})["grpc"]) as channel:
        yield IAMClient(transport=IAMGrpcTransport(channel=channel))
    sandbox.faults.clear()


@pytest.mark.parametrize("iam", ["many"], indirect=True)
def test_grpc_pages_hold_at_most_a_hundred(iam: Any, many: Sandbox) -> None:
    many.log.clear()
    asked = {"name": MANY, "page_size": 1000}
    pages = [len(page.accounts) for page in iam.list_service_accounts(request=asked).pages]
    assert pages == [100, 31]
    assert len(next(iam.list_service_accounts(request={"name": MANY}).pages).accounts) == 20
    assert many.log.per_operation() == {"iam:ListServiceAccounts": 3}


def test_rest_pages_hold_at_most_what_each_method_allows(many: Sandbox) -> None:
    caller = Caller(many)
    first = caller.get("v1/organizations/970000000000/assets", pageSize=5000)
    assert len(first["assets"]) == 275
    assert "nextPageToken" not in first
    default = caller.get("v1/organizations/970000000000/assets")
    assert len(default["assets"]) == 100
    assert default["nextPageToken"]


def test_page_tokens_belong_to_one_call(many: Sandbox) -> None:
    caller = Caller(many)
    path = "v1/organizations/970000000000/assets"
    token = caller.get(path)["nextPageToken"]
    assert caller.get(path, pageToken=token, pageSize=10)["assets"]
    kinds = {"assetTypes": "iam.googleapis.com/ServiceAccount"}
    for params in ({"pageToken": token, **kinds}, {"pageToken": "x"}, {"pageToken": "eA=="}):
        assert caller.refused(path, params=params)[:2] == (400, "INVALID_ARGUMENT")


def test_an_unknown_asset_type_spoils_the_whole_call(scanner: Caller) -> None:
    kinds = ["iam.googleapis.com/ServiceAccount", "iam.googleapis.com/ServiceAcount"]
    refused = scanner.refused(f"v1/{GRANITE}/assets", params={"assetTypes": kinds})
    assert refused[:2] == (400, "INVALID_ARGUMENT")


def test_empty_page_has_a_token_that_goes_on(scanner: Caller) -> None:
    scanner.sandbox.faults.set([Fault(kind="empty_page", operation="ListAssets", nth=(1,))])
    empty = scanner.get(f"v1/{GRANITE}/assets", pageSize=3)
    assert set(empty) == {"nextPageToken"}
    rest = scanner.get(f"v1/{GRANITE}/assets", pageSize=3, pageToken=empty["nextPageToken"])
    assert len(rest["assets"]) == 3


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("SERVICE_DISABLED", "PERMISSION_DENIED"),
        ("SECURITY_POLICY_VIOLATED", "PERMISSION_DENIED"),
        ("USER_PROJECT_DENIED", "PERMISSION_DENIED"),
        ("CONSUMER_INVALID", "PERMISSION_DENIED"),
        ("BILLING_DISABLED", "PERMISSION_DENIED"),
        (None, "PERMISSION_DENIED"),
    ],
)
@pytest.mark.parametrize("iam", ["running"], indirect=True)
def test_four_kinds_of_403_differ_in_their_reason(
    iam: Any, scanner: Caller, reason: str | None, code: str
) -> None:
    scanner.sandbox.faults.set([Fault(kind="denied", code=reason)])
    expected = reason or "IAM_PERMISSION_DENIED"
    assert scanner.refused(f"v1/{GRANITE}/assets") == (403, code, expected)
    with pytest.raises(PermissionDenied) as denied:
        iam.list_service_accounts(name="projects/granite-hub")
    assert denied.value.reason == expected


def test_a_perimeter_names_itself(scanner: Caller) -> None:
    fault = Fault(kind="denied", code="SECURITY_POLICY_VIOLATED")
    scanner.sandbox.faults.set([fault])
    error = scanner.send("GET", f"v1/{GRANITE}/assets").json()["error"]
    assert error["details"][0]["violations"][0]["type"] == "VPC_SERVICE_CONTROLS"
    storage = scanner.send("GET", "storage/v1/projects/granite-hub/hmacKeys").json()["error"]
    assert storage["errors"][0]["reason"] == "vpcServiceControls"


@pytest.mark.parametrize("delay", [None, 1.5])
@pytest.mark.parametrize("iam", ["running"], indirect=True)
def test_quota_is_refused_with_and_without_a_delay(
    iam: Any, scanner: Caller, delay: float | None
) -> None:
    scanner.sandbox.faults.set([Fault(kind="throttle", retry_after=delay)])
    reply = scanner.send("GET", f"v1/{GRANITE}/assets")
    assert reply.status_code == 429
    delays = [d["retryDelay"] for d in reply.json()["error"]["details"] if "retryDelay" in d]
    assert delays == ([] if delay is None else ["1.5s"])
    with pytest.raises(ResourceExhausted) as exhausted:
        iam.list_service_accounts(name="projects/granite-hub")
    told = [d for d in exhausted.value.details if isinstance(d, RetryInfo)]
    assert [one.retry_delay.ToTimedelta().total_seconds() for one in told] == (
        [] if delay is None else [1.5]
    )


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (Fault(kind="error", status=503), 503),
        (Fault(kind="error"), 500),
        (Fault(kind="expired"), 401),
    ],
)
@pytest.mark.parametrize("iam", ["running"], indirect=True)
def test_errors_have_their_own_codes(iam: Any, scanner: Caller, fault: Fault, status: int) -> None:
    scanner.sandbox.faults.set([fault])
    assert scanner.send("GET", f"v1/{GRANITE}/assets").status_code == status
    with pytest.raises(GoogleAPICallError) as error:
        iam.list_service_accounts(name="projects/granite-hub", retry=None)
    assert error.value.code == status


@pytest.mark.parametrize("kind", ["reset", "truncate"])
@pytest.mark.parametrize("iam", ["running"], indirect=True)
def test_connections_break(iam: Any, scanner: Caller, kind: Any) -> None:
    scanner.sandbox.faults.set([Fault(kind=kind)])
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        scanner.get(f"v1/{GRANITE}/assets")
    with pytest.raises(GoogleAPICallError) as error:
        iam.list_service_accounts(name="projects/granite-hub", retry=None)
    assert error.value.code in (500, 503)


def test_an_api_that_is_off_is_off_for_who_pays_there(scanner: Caller) -> None:
    path = (
        "v1/projects/granite-hub/locations/global/activityTypes/"
        "serviceAccountLastAuthentication/activities:query"
    )
    off = {"X-Goog-User-Project": "granite-security"}
    assert scanner.refused(path, headers=off) == (403, "PERMISSION_DENIED", "SERVICE_DISABLED")
    assert len(scanner.get(path)["activities"]) == 1


@pytest.mark.parametrize(
    ("payer", "reason"),
    [("acme-security", "USER_PROJECT_DENIED"), ("nowhere-at-all", "CONSUMER_INVALID")],
)
def test_who_may_not_use_a_project_is_refused(scanner: Caller, payer: str, reason: str) -> None:
    headers = {"X-Goog-User-Project": payer}
    refused = scanner.refused("v3/projects:search", headers=headers)
    assert refused == (403, "PERMISSION_DENIED", reason)


def test_impersonation_needs_a_binding_and_changes_what_is_seen(scanner: Caller) -> None:
    denied = (403, "PERMISSION_DENIED", "IAM_PERMISSION_DENIED")
    assert scanner.refused(f"v1/{ACME}/assets") == denied
    seen = scanner.at_acme().get("v3/organizations:search")["organizations"]
    assert [one["name"] for one in seen] == [ACME]
    other = ENTRY.replace("nhiscan@acme-security", "terraform@acme-assay")
    refused = scanner.refused(f"v1/{other}:generateAccessToken", "POST", json={"scope": ["all"]})
    assert refused == denied


def test_an_unknown_token_is_refused(running: Sandbox) -> None:
    stranger = Caller(running, {"Authorization": "Bearer nobody"})
    assert stranger.refused("v3/projects:search")[:2] == (401, "UNAUTHENTICATED")


def test_federated_callers_are_who_their_token_says(scanner: Caller) -> None:
    pool = "iam.googleapis.com/projects/911000000112/locations/global/workloadIdentityPools/github"
    body = {
        "audience": f"//{pool}/providers/acme",
        "subjectToken": "repo:acme-dental/infra:ref:refs/heads/main",
    }
    token = scanner.send("POST", "v1/token", json=body).json()["access_token"]
    deployer = Caller(scanner.sandbox, {"Authorization": f"Bearer {token}"})
    target = "v1/projects/-/serviceAccounts/pipeline-admin@acme-assay.iam.gserviceaccount.com"
    reply = deployer.send("POST", f"{target}:generateAccessToken", json={"scope": ["all"]})
    assert reply.status_code == 200, reply.text
    (call,) = scanner.sandbox.log.of("GenerateAccessToken")
    assert call.caller == f"principal://{pool}/subject/{body['subjectToken']}"


@pytest.mark.parametrize(
    ("missing", "path", "parameters"),
    [
        ("cloudasset.assets.listResource", f"v1/{GRANITE}/assets", {}),
        ("cloudasset.assets.listIamPolicy", f"v1/{GRANITE}/assets", {"contentType": "IAM_POLICY"}),
        ("cloudasset.assets.searchAllResources", f"v1/{GRANITE}:searchAllResources", {}),
        (
            "cloudasset.assets.searchEnrichmentResourceOwners",
            f"v1/{GRANITE}:searchAllResources",
            {"readMask": "name,enrichments"},
        ),
        ("cloudasset.assets.searchAllIamPolicies", f"v1/{GRANITE}:searchAllIamPolicies", {}),
        ("storage.hmacKeys.list", "storage/v1/projects/granite-hub/hmacKeys", {}),
        ("apikeys.keys.list", "v2/projects/granite-hub/locations/global/keys", {}),
    ],
)
def test_each_call_needs_its_permission(
    scanner: Caller, missing: str, path: str, parameters: dict[str, str]
) -> None:
    scanner.get(path, **parameters)
    role = f"{GRANITE}/roles/nhiscan"
    held = scanner.sandbox.gcp.held(
        "serviceAccount:nhiscan-scanner@northwind-tools.iam.gserviceaccount.com", GRANITE
    )
    scanner.sandbox.gcp.grant(role, held - {missing})
    reply = scanner.send("GET", path, params=parameters)
    assert reply.status_code == 403
    assert missing in reply.json()["error"]["message"]
    tested = scanner.send(
        "POST",
        f"v3/{GRANITE}:testIamPermissions",
        json={"permissions": [missing, "iam.serviceAccounts.list"]},
    )
    assert tested.json()["permissions"] == ["iam.serviceAccounts.list"]


def test_searches_hide_what_may_not_be_seen_and_say_nothing(scanner: Caller) -> None:
    scanner.sandbox.gcp.grant(f"{GRANITE}/roles/nhiscan", [])
    seen = scanner.get("v3/projects:search")["projects"]
    assert [one["projectId"] for one in seen] == ["northwind-tools", "juniper-portal"]


def test_a_custom_role_that_does_not_exist_cannot_be_granted(running: Sandbox) -> None:
    with pytest.raises(KeyError, match="no custom role"):
        running.gcp.grant(f"{GRANITE}/roles/absent", [])


@pytest.mark.parametrize("iam", ["running"], indirect=True)
def test_only_rest_tells_why_a_key_is_disabled(iam: Any, scanner: Caller) -> None:
    name = (
        "projects/acme-assay/serviceAccounts/instrument-upload@acme-assay.iam.gserviceaccount.com"
    )
    acme = scanner.at_acme()
    key = acme.get(f"v1/{name}/keys", keyTypes="USER_MANAGED")["keys"][0]
    assert key["disableReason"].endswith("_EXPOSED")
    assert key["extendedStatus"][0]["value"] == "https://code.example/acme/notebooks"
    token = acme.headers["Authorization"]
    metadata = [("authorization", token), ("x-goog-user-project", "acme-security")]
    keys = iam.list_service_account_keys(name=name, metadata=metadata).keys
    assert keys[0].disabled
    assert not hasattr(keys[0], "disable_reason")


def test_uploaded_keys_of_one_pair_have_one_public_half(scanner: Caller) -> None:
    halves = set()
    for project in ("northwind-tools", "granite-hub"):
        address = f"backup-agent@{project}.iam.gserviceaccount.com"
        account = f"projects/{project}/serviceAccounts/{address}"
        (key,) = scanner.get(f"v1/{account}/keys")["keys"]
        assert "publicKeyData" not in key
        shown = scanner.get(f"v1/{key['name']}", publicKeyType="TYPE_X509_PEM_FILE")
        halves.add(shown["publicKeyData"])
    assert len(halves) == 1


def test_organizations_that_only_answer_per_project_say_so(scanner: Caller) -> None:
    path = f"v1/{GRANITE}/locations/global/activityTypes/serviceAccountLastAuthentication"
    assert scanner.refused(f"{path}/activities:query")[:2] == (400, "INVALID_ARGUMENT")


def test_the_audit_log_keeps_four_hundred_days_and_filters_methods(scanner: Caller) -> None:
    method = "google.iam.admin.v1.CreateServiceAccountKey"
    body = {
        "resourceNames": ["projects/northwind-tools"],
        "filter": f'resource.type="service_account" AND protoPayload.methodName="{method}"',
    }
    entries = scanner.send("POST", "v2/entries:list", json=body).json()["entries"]
    assert [one["protoPayload"]["methodName"] for one in entries] == [method]
    who = entries[0]["protoPayload"]["authenticationInfo"]["principalEmail"]
    assert who == "rina.patel@northwind.example"
    many_names = {"resourceNames": [f"projects/p{n}" for n in range(101)]}
    assert scanner.refused("v2/entries:list", "POST", json=many_names)[0] in (400, 403)


def test_projects_that_are_being_deleted_are_listed_but_answer_nothing(scanner: Caller) -> None:
    acme = scanner.at_acme()
    listed = {p["projectId"]: p["state"] for p in acme.get("v3/projects:search")["projects"]}
    assert listed["acme-assay-old"] == "DELETE_REQUESTED"
    refused = acme.refused("v1/projects/acme-assay-old/serviceAccounts")
    assert refused == (403, "PERMISSION_DENIED", "CONSUMER_INVALID")


def test_canaries_are_planted_where_secrets_could_be() -> None:
    with Sandbox(google_only(), now=NOW, canaries=True) as sandbox:
        caller = Caller(sandbox)
        acme = caller.at_acme()
        text = json.dumps(
            [
                acme.get(f"v1/{ACME}/assets", pageSize=1000),
                acme.get("storage/v1/projects/acme-assay/hmacKeys"),
                acme.headers["Authorization"],
            ]
        )
        planted = ("privateKeyData", "keyString", "secret", "clientSecret")
        assert all(f'"{field}"' in text for field in planted)
        assert sum(value in text for value in sandbox.canaries) == 3


def test_predefined_and_custom_roles_say_what_they_include(scanner: Caller) -> None:
    basic = scanner.get("v1/roles")["roles"]
    assert all("includedPermissions" not in role for role in basic)
    full = scanner.get(f"v1/{GRANITE}/roles", view="FULL")["roles"]
    assert "iam.serviceAccounts.list" in full[0]["includedPermissions"]
