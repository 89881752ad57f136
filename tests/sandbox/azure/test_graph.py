"""Graph's lists, pages and peculiarities, as its reference and its users describe them."""

import base64
from typing import Any

import pytest

from nhiscan_sandbox.azure.credentials import der
from nhiscan_sandbox.canaries import MARK
from nhiscan_sandbox.faults import Fault
from tests.sandbox.azure.conftest import CORNER, PLAIN, SCANNER, Office

GRAPH_APP = "00000003-0000-0000-c000-000000000000"


def named(rows: list[Any], name: str) -> Any:
    return next(row for row in rows if row["displayName"] == name)


def test_lists_come_in_pages_whose_links_keep_the_query(office: Office) -> None:
    whole = office.rows("v1.0/servicePrincipals?$top=999&$select=id")
    office.sandbox.azure.quirks.page_cap = 4
    first = office.get("v1.0/servicePrincipals?$top=999&$select=id").json()
    assert len(first["value"]) == 4
    assert "$select=id" in first["@odata.nextLink"]
    paged = office.rows("v1.0/servicePrincipals?$top=999&$select=id")
    assert [row["id"] for row in paged] == [row["id"] for row in whole]
    assert all(set(row) <= {"id", "@odata.type", "secretText", "accessToken"} for row in paged)


def test_a_bad_page_token_has_expired(office: Office) -> None:
    answer = office.get("v1.0/applications?$skiptoken=bm9uc2Vuc2U")
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "Directory_ExpiredPageToken"


def test_bytes_of_certificates_come_only_when_asked_for_by_name(office: Office) -> None:
    plain = named(office.rows("v1.0/applications"), "robot")["keyCredentials"]
    chosen = office.rows("v1.0/applications?$select=displayName,keyCredentials")
    asked = named(chosen, "robot")["keyCredentials"]
    assert [key["key"] for key in plain] == [None]
    assert [base64.b64decode(key["key"]) for key in asked] == [der("shared")]
    twin = named(office.rows("v1.0/applications?$select=displayName,keyCredentials", PLAIN), "lone")
    assert twin["keyCredentials"][0]["customKeyIdentifier"] == asked[0]["customKeyIdentifier"]
    assert twin["keyCredentials"][0]["keyId"] != asked[0]["keyId"]


def test_secrets_are_planted_where_a_careless_reader_would_keep_them(office: Office) -> None:
    text = office.get("v1.0/applications?$select=passwordCredentials,keyCredentials").text()
    planted = office.sandbox.canaries
    for canary in (f"{MARK}-hint", base64.b64encode(f"{MARK}-key-bytes-0".encode()).decode()):
        assert canary in text
        assert canary in planted
    assert any(value in f"{MARK}-secret-text" for value in planted)


def test_expanded_lists_stop_at_twenty_without_a_word(office: Office) -> None:
    path = "v1.0/applications?$select=id,displayName&$expand=owners($select=id,userPrincipalName)"
    crowd = named(office.rows(path), "crowd")
    assert len(crowd["owners"]) == 20
    assert set(crowd["owners"][0]) == {"@odata.type", "id", "userPrincipalName"}
    assert len(office.rows(f"v1.0/applications/{crowd['id']}/owners")) == 25
    robot = named(office.rows(path), "robot")
    kinds = {owner["@odata.type"] for owner in robot["owners"]}
    assert kinds == {"#microsoft.graph.user", "#microsoft.graph.servicePrincipal"}


def test_pages_hold_999_rows_but_100_with_an_expansion(office: Office) -> None:
    plain = office.get("v1.0/servicePrincipals?$top=999").json()
    assert len(plain["value"]) > 105
    assert "@odata.nextLink" not in plain
    for query in ("", "?$top=999&$expand=owners"):
        cut = office.get(f"v1.0/servicePrincipals{query}").json()
        assert (len(cut["value"]), "@odata.nextLink" in cut) == (100, True)


def test_people_are_bare_ids_without_the_right_to_read_them(office: Office) -> None:
    office.sandbox.azure.consent(CORNER, SCANNER, "Application.Read.All")
    robot = named(office.rows("v1.0/applications?$select=id,displayName&$expand=owners"), "robot")
    assert [set(one) for one in robot["owners"] if one["@odata.type"].endswith("user")] == [
        {"@odata.type", "id"},
        {"@odata.type", "id"},
    ]


def test_advanced_filters_need_their_header(office: Office) -> None:
    path = "v1.0/applications?$filter=owners/$count eq 0&$count=true&$select=displayName"
    path = path.replace(" ", "%20")
    assert office.get(path).json()["error"]["code"] == "Request_UnsupportedQuery"
    answer = office.get(path, ConsistencyLevel="eventual").json()
    assert answer["@odata.count"] == 2
    assert {row["displayName"] for row in answer["value"]} == {"nobody", "brain"}


def test_members_cast_to_principals_are_found_in_inner_groups(office: Office) -> None:
    (first,) = office.rows("v1.0/roleManagement/directory/roleAssignments?$expand=principal")[1:]
    group = first["principal"]["id"]
    path = f"v1.0/groups/{group}/transitiveMembers/microsoft.graph.servicePrincipal?$count=true"
    assert office.get(path).status_code == 400
    (member,) = office.rows(path, ConsistencyLevel="eventual")
    assert member["displayName"] == "robot"


def test_managed_identities_are_missing_from_small_pages_of_app_roles(office: Office) -> None:
    path = f"v1.0/servicePrincipals(appId='{GRAPH_APP}')/appRoleAssignedTo"
    small = {row["principalDisplayName"] for row in office.rows(path)}
    whole = {row["principalDisplayName"] for row in office.rows(f"{path}?$top=999")}
    assert whole - small == {"vm1"}
    offered = office.get(f"v1.0/servicePrincipals(appId='{GRAPH_APP}')?$select=id,appRoles").json()
    ids = {role["id"]: role["value"] for role in offered["appRoles"]}
    held = {ids[row["appRoleId"]] for row in office.rows(f"{path}?$top=999")}
    assert {"Mail.Send", "Mail.Read", "Application.Read.All"} <= held


def test_one_saml_certificate_is_two_keys_and_a_password(office: Office) -> None:
    sso = named(office.rows("v1.0/servicePrincipals"), "sso")
    assert [key["usage"] for key in sso["keyCredentials"]] == ["Sign", "Verify"]
    credentials = sso["keyCredentials"] + sso["passwordCredentials"]
    assert len({one["customKeyIdentifier"] for one in credentials}) == 1


def test_agents_are_typed_in_every_list(office: Office) -> None:
    (helper,) = office.rows("v1.0/servicePrincipals/microsoft.graph.agentIdentity?$expand=sponsors")
    assert helper["sponsors"][0]["userPrincipalName"] == "bo@corner.example"
    typed = named(office.rows("v1.0/servicePrincipals"), "helper")
    assert typed["@odata.type"] == "#microsoft.graph.agentIdentity"
    answer = office.get("v1.0/servicePrincipals/microsoft.graph.agentIdentity", PLAIN)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        (
            "beta/reports/servicePrincipalSignInActivities",
            403,
            "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
        ),
        (
            "v1.0/roleManagement/directory/roleEligibilityScheduleInstances",
            400,
            "AadPremiumLicenseRequired",
        ),
    ],
)
def test_a_missing_licence_has_its_own_error(
    office: Office, path: str, status: int, code: str
) -> None:
    assert office.get(path).status_code == 200
    answer = office.get(path, PLAIN)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_federated_credentials_may_not_be_expandable(office: Office) -> None:
    path = "v1.0/applications?$select=id&$expand=federatedIdentityCredentials"
    found = [one for row in office.rows(path) for one in row["federatedIdentityCredentials"]]
    assert [one["subject"] for one in found] == ["repo:a/b"]
    refused = office.get(path, PLAIN)
    assert refused.json()["error"]["code"] == "Request_UnsupportedQuery"
    (lone,) = office.rows("v1.0/applications", PLAIN)
    assert office.rows(f"v1.0/applications/{lone['id']}/federatedIdentityCredentials", PLAIN) == []


def test_the_audit_log_is_filtered_and_short_without_a_licence(office: Office) -> None:
    path = "v1.0/auditLogs/directoryAudits?$filter=activityDisplayName eq 'Add application'"
    (event,) = office.rows(path.replace(" ", "%20"))
    assert event["initiatedBy"]["user"]["userPrincipalName"] == "ada@corner.example"
    assert len(office.rows("v1.0/auditLogs/directoryAudits")) == 2


def test_reports_write_times_as_no_parser_expects(office: Office) -> None:
    (robot,) = office.rows("beta/reports/servicePrincipalSignInActivities")[:1]
    assert robot["lastSignInActivity"]["lastSignInDateTime"].endswith("-8:00")
    used = office.rows("beta/reports/appCredentialSignInActivities")
    assert len(used) == 1
    assert used[0]["credentialOrigin"] == "application"


def test_batches_answer_each_request_by_itself(office: Office) -> None:
    fault = Fault(kind="throttle", operation="ListUsers", nth=(1,), retry_after=2)
    office.sandbox.faults.set([fault])
    path = "/users/ada@corner.example?$select=id&$expand=manager($select=displayName)"
    answers = office.batch("/organization", "/users", "/users/nobody@corner.example", path).json()
    order = [one["id"] for one in answers["responses"]]
    assert (sorted(order), order != sorted(order)) == (["0", "1", "2", "3"], True)
    by_id = {one["id"]: one for one in answers["responses"]}
    assert {number: one["status"] for number, one in by_id.items()} == {
        "0": 200,
        "1": 429,
        "2": 404,
        "3": 200,
    }
    assert by_id["1"]["headers"]["Retry-After"] == "2"
    assert by_id["3"]["body"]["manager"]["displayName"] == "Bo"
    calls = [call for call in office.sandbox.log if call.service == "graph"]
    assert [call.inner for call in calls] == [False, True, True, True, True]


def test_a_batch_holds_twenty_requests(office: Office) -> None:
    assert office.batch(*["/organization"] * 20).status_code == 200
    assert office.batch(*["/organization"] * 21).status_code == 400


def test_requests_are_charged_in_resource_units(office: Office) -> None:
    def units(path: str) -> str:
        return str(office.get(path).headers["x-ms-resource-unit"])

    assert units("v1.0/applications") == "2"
    assert units("v1.0/applications?$select=id") == "1"
    assert units("v1.0/applications?$select=id&$expand=owners") == "2"
    assert units("v1.0/organization") == "1"
    assert [call.units for call in office.sandbox.log.of("ListApplications")] == [2, 1]
    office.sandbox.azure.quirks.units = 3
    assert office.get("v1.0/applications").status_code == 200
    assert office.get("v1.0/applications").status_code == 429


def test_reports_have_a_small_bucket(office: Office) -> None:
    office.sandbox.azure.quirks.reports_bucket = True
    path = "v1.0/auditLogs/directoryAudits"
    assert [office.get(path).status_code for _ in range(6)] == [200] * 5 + [429]
    assert office.get("v1.0/organization").status_code == 200


def test_partners_and_relationships(office: Office) -> None:
    (one,) = office.rows("v1.0/tenantRelationships/delegatedAdminRelationships?$top=300")
    assert (one["customer"]["tenantId"], one["autoExtendDuration"]) == (PLAIN, "PT0S")
    path = f"v1.0/tenantRelationships/delegatedAdminRelationships/{one['id']}/accessAssignments"
    (held,) = office.rows(path)
    assert held["accessDetails"]["unifiedRoles"] == one["accessDetails"]["unifiedRoles"]
    (partner,) = office.rows("v1.0/policies/crossTenantAccessPolicy/partners")
    assert partner["isServiceProvider"] is True


def test_nothing_can_be_written(office: Office) -> None:
    from azure.core.rest import HttpRequest

    url = f"{office.sandbox.azure_url}/v1.0/applications"
    assert office.send(HttpRequest("POST", url, json={})).status_code == 400
    assert [call.operation for call in office.sandbox.log.writes()] == ["PostListApplications"]
