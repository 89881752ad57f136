"""Faults befall Microsoft's services as data says, and tokens that travel too far are noticed."""

from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import (
    IncompleteReadError,
    ServiceRequestError,
    ServiceResponseError,
)
from azure.core.rest import HttpRequest

from nhiscan_sandbox.faults import Fault
from tests.sandbox.azure.conftest import CORNER, ONE, PLAIN, Office


@pytest.mark.parametrize(
    ("fault", "status", "code", "wait"),
    [
        (Fault(kind="throttle"), 429, "TooManyRequests", None),
        (Fault(kind="throttle", retry_after=7), 429, "TooManyRequests", "7"),
        (Fault(kind="error", status=503), 503, "UnknownError", None),
        (Fault(kind="error", status=500, code="Oops"), 500, "Oops", None),
        (Fault(kind="denied"), 403, "Authorization_RequestDenied", None),
        (Fault(kind="expired"), 401, "InvalidAuthenticationToken", None),
        (
            Fault(kind="not_licensed"),
            403,
            "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
            None,
        ),
    ],
)
def test_graph_refuses(
    office: Office, fault: Fault, status: int, code: str, wait: str | None
) -> None:
    office.sandbox.faults.set([fault_of(fault, service="graph")])
    answer = office.get("v1.0/applications")
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert answer.headers.get("Retry-After") == wait


def fault_of(fault: Fault, **more: Any) -> Fault:
    from msgspec.structs import replace

    return replace(fault, **more)


def test_a_fault_names_its_directory_and_operation(office: Office) -> None:
    office.sandbox.faults.set(
        [Fault(kind="denied", account=CORNER, operation="ListApplicationOwners")]
    )
    expanded = "v1.0/applications?$expand=owners"
    assert office.get(expanded).status_code == 403
    assert office.get("v1.0/applications").status_code == 200
    assert office.get(expanded, PLAIN).status_code == 200


def test_page_tokens_expire_in_the_middle(office: Office) -> None:
    office.sandbox.azure.quirks.page_cap = 2
    office.sandbox.faults.set([Fault(kind="bad_marker", nth=(2,))])
    link = office.get("v1.0/applications").json()["@odata.nextLink"]
    link = office.get(link).json()["@odata.nextLink"]
    assert office.get(link).json()["error"]["code"] == "Directory_ExpiredPageToken"


def test_resource_graph_says_in_its_own_header_when_to_come_again(office: Office) -> None:
    office.sandbox.faults.set([Fault(kind="throttle", operation="SearchResources", nth=(1,))])
    answer = office.ask("resources", subscriptions=[ONE])
    assert answer.status_code == 429
    assert answer.headers["x-ms-user-quota-resets-after"] == "00:00:01"
    assert "Retry-After" not in answer.headers
    assert office.ask("resources", subscriptions=[ONE]).status_code == 200


def test_resource_manager_names_the_action_that_it_refuses(office: Office) -> None:
    office.sandbox.faults.set([Fault(kind="denied", service="arm")])
    path = f"/subscriptions/{ONE}/providers/Microsoft.Authorization/denyAssignments"
    assert "denyAssignments/read" in office.arm(path).json()["error"]["message"]


@pytest.mark.parametrize("kind", ["reset", "truncate"])
def test_connections_fail(office: Office, kind: Any) -> None:
    assert office.get("v1.0/organization").status_code == 200
    office.sandbox.faults.set([Fault(kind=kind, operation="ListApplications")])
    with pytest.raises((IncompleteReadError, ServiceRequestError, ServiceResponseError)):
        office.get("v1.0/applications")
    office.sandbox.faults.clear()
    assert office.get("v1.0/applications").status_code == 200


@pytest.mark.parametrize("api", ["graph", "arm"])
def test_links_to_another_host_tell_whether_a_token_came_along(office: Office, api: str) -> None:
    office.sandbox.faults.set([Fault(kind="foreign_link", service=api)])
    if api == "graph":
        link = office.get("v1.0/organization").json()["@odata.nextLink"]
    else:
        link = office.arm("/subscriptions").json()["nextLink"]
    assert link.startswith("https://localhost:")
    office.send(HttpRequest("GET", link), api)
    (seen,) = [call for call in office.sandbox.log if call.service == "elsewhere"]
    assert seen.authorized


def test_nobody_gets_in_without_a_token_for_the_right_audience(office: Office) -> None:
    url = f"{office.sandbox.azure_url}/v1.0/organization"
    answer = office.send(HttpRequest("GET", url), "arm")
    assert (answer.status_code, answer.json()["error"]["code"]) == (
        401,
        "InvalidAuthenticationToken",
    )


def test_the_project_has_entries_for_directories_only_if_there_are_any(
    office: Office, tmp_path: Path
) -> None:
    from nhiscan_sandbox.project.write import write

    access = office.sandbox.microsoft_access()
    assert access is not None
    with_them = write(tmp_path, "http://127.0.0.1:1", {}, office.sandbox.now, access).read_text()
    assert with_them.count("- type: azure") == 4
    assert (tmp_path / "ca.pem").read_bytes() == access.ca_file.read_bytes()
    without = write(tmp_path, "http://127.0.0.1:1", {}, office.sandbox.now).read_text()
    assert "azure" not in without
    assert without.count("- type: aws") == with_them.count("- type: aws") == 6
