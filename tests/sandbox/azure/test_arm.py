"""Resource Manager and Resource Graph, through Microsoft's own client where there is one."""

from collections.abc import Iterator
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError
from azure.mgmt.authorization import AuthorizationManagementClient

from tests.sandbox.azure.conftest import CORNER, ONE, PLAIN, SCANNER, Office

DELEGATED = "d0000000-0000-4000-8000-000000000101"
ABOVE = {"authorizationScopeFilter": "AtScopeAboveAndBelow"}
ASSIGNMENTS = (
    "authorizationresources | where type =~ 'microsoft.authorization/roleassignments'"
    " | project id, scope=tostring(properties.scope)"
)


@pytest.fixture
def client(office: Office) -> Iterator[AuthorizationManagementClient]:
    with (
        office.credential() as credential,
        AuthorizationManagementClient(
            credential,
            ONE,
            base_url=str(office.sandbox.azure_url),
            credential_scopes=["https://management.azure.com/.default"],
            connection_verify=str(office.sandbox.ca_file),
        ) as made,
    ):
        yield made


def test_role_assignments_stand_at_above_and_below_a_subscription(
    office: Office, client: Any
) -> None:
    office.sandbox.azure.quirks.page_cap = 2
    scopes = [row.scope for row in client.role_assignments.list_for_subscription()]
    here = f"/subscriptions/{ONE}"
    groups = "/providers/Microsoft.Management/managementGroups"
    assert sorted(scopes) == sorted(
        [f"{groups}/{CORNER}", f"{groups}/prod", here, here, f"{here}/resourceGroups/main"]
    )
    at_scope = client.role_assignments.list_for_subscription(filter="atScope()")
    assert f"{here}/resourceGroups/main" not in {row.scope for row in at_scope}
    kinds = {row.principal_type for row in client.role_assignments.list_for_subscription()}
    assert kinds == {"ServicePrincipal", "Group", "Unknown"}


def test_roles_denials_and_eligible_roles(client: Any) -> None:
    scope = f"/subscriptions/{ONE}"
    (custom,) = client.role_definitions.list(scope, filter="type eq 'CustomRole'")
    assert custom.role_name == "Watcher"
    assert len(list(client.role_definitions.list(scope))) > 5
    (denial,) = client.deny_assignments.list()
    assert denial.permissions[0].actions == ["*/delete"]
    eligible = client.role_eligibility_schedule_instances
    (row,) = eligible.list_for_scope(f"subscriptions/{ONE}")
    assert row.end_date_time > row.start_date_time


def test_rights_come_from_roles_in_azure(office: Office, client: Any) -> None:
    office.sandbox.azure.allow(CORNER, SCANNER, "Microsoft.Compute/*/read")
    with pytest.raises(HttpResponseError) as refused:
        list(client.deny_assignments.list())
    assert refused.value.status_code == 403
    assert "(AuthorizationFailed)" in str(refused.value)
    assert "Microsoft.Authorization/denyAssignments/read" in str(refused.value.message)
    (granted,) = office.arm(
        f"/subscriptions/{ONE}/providers/Microsoft.Authorization/permissions"
    ).json()["value"]
    assert granted["actions"] == ["Microsoft.Compute/*/read"]


def test_without_any_role_there_are_no_subscriptions(office: Office) -> None:
    office.sandbox.azure.allow(CORNER, SCANNER)
    # what another directory delegated stays visible
    rows = office.arm("/subscriptions").json()["value"]
    assert [row["subscriptionId"] for row in rows] == [DELEGATED]
    assert office.arm("/providers/Microsoft.Management/managementGroups").status_code == 403
    assert office.ask("resources", subscriptions=[ONE]).json()["error"]["code"] == (
        "AuthorizationFailed"
    )


def test_delegated_subscriptions_are_seen_from_the_managing_directory(office: Office) -> None:
    rows = {row["subscriptionId"]: row for row in office.arm("/subscriptions").json()["value"]}
    assert rows[DELEGATED]["tenantId"] == PLAIN
    assert rows[DELEGATED]["managedByTenants"] == [{"tenantId": CORNER}]
    path = f"/subscriptions/{DELEGATED}/providers/Microsoft.ManagedServices"
    (plain,) = office.arm(f"{path}/registrationAssignments").json()["value"]
    assert "registrationDefinition" not in plain["properties"]
    expanded = office.arm(f"{path}/registrationAssignments?$expandRegistrationDefinition=true")
    definition = expanded.json()["value"][0]["properties"]["registrationDefinition"]["properties"]
    assert definition["managedByTenantId"] == CORNER
    assert [len(definition[name]) for name in ("authorizations", "eligibleAuthorizations")] == [
        1,
        1,
    ]


def test_resource_graph_shows_what_the_caller_may_read_and_no_more(office: Office) -> None:
    query = (
        "resources | where isnotempty(identity)"
        " | project id, name, uami=bag_keys(identity.userAssignedIdentities)"
    )
    (row,) = office.ask(query, subscriptions=[ONE]).json()["data"]
    assert (row["name"], len(row["uami"])) == ("vm1", 1)
    office.sandbox.azure.allow(CORNER, SCANNER, "Microsoft.Storage/*/read")
    names = office.ask("resources | project id, name", subscriptions=[ONE]).json()["data"]
    assert [one["name"] for one in names] == ["store"]


def test_resource_graph_hides_what_stands_above_unless_asked(office: Office) -> None:
    usual = office.ask(ASSIGNMENTS, managementGroups=[CORNER]).json()["data"]
    whole = office.ask(ASSIGNMENTS, managementGroups=[CORNER], options=ABOVE).json()["data"]
    assert all(row["scope"].startswith("/subscriptions/") for row in usual)
    assert {row["scope"].rpartition("/")[2] for row in whole} >= {"prod", CORNER}


def test_resource_graph_pages_by_token_if_there_is_an_id(office: Office) -> None:
    found, token = [], None
    while True:
        options = {"$top": 2} | ({"$skipToken": token} if token else {})
        body = office.ask("resources | project id", subscriptions=[ONE], options=options).json()
        found += body["data"]
        assert body["resultTruncated"] == "false"
        token = body.get("$skipToken")
        if token is None:
            break
    assert len(found) == body["totalRecords"] > 4
    cut = office.ask("resources | project name", subscriptions=[ONE], options={"$top": 2}).json()
    assert (cut["resultTruncated"], "$skipToken" in cut) == ("true", False)


def test_queries_that_are_not_understood_are_refused(office: Office) -> None:
    for query in ("resources | summarize count()", "resources | where (", "resources | where f(x)"):
        assert office.ask(query, subscriptions=[ONE]).status_code == 400


def test_automation_and_federated_credentials_show_no_values(office: Office) -> None:
    account = f"/subscriptions/{ONE}/resourceGroups/main/providers/Microsoft.Automation"
    for kind in ("certificates", "credentials", "connections"):
        (kept,) = office.arm(f"{account}/automationAccounts/auto/{kind}").json()["value"]
        assert kept["name"] in ("RunAs", "sql")
    identity = f"/subscriptions/{ONE}/resourceGroups/main/providers/Microsoft.ManagedIdentity"
    path = f"{identity}/userAssignedIdentities/uami/federatedIdentityCredentials"
    (federated,) = office.arm(path).json()["value"]
    assert federated["properties"]["subject"] == "sa"


def test_every_request_needs_a_version_and_a_known_path(office: Office) -> None:
    from azure.core.rest import HttpRequest

    bare = HttpRequest("GET", f"{office.sandbox.azure_url}/subscriptions")
    assert office.send(bare, "arm").json()["error"]["code"] == "MissingApiVersionParameter"
    classic = f"/subscriptions/{ONE}/providers/Microsoft.Authorization/classicAdministrators"
    assert office.arm(classic).status_code == 404
    assert (
        office.arm(
            "/subscriptions/e0000000-0000-4000-8000-000000000001/providers/"
            "Microsoft.Authorization/permissions"
        ).status_code
        == 404
    )
