"""IAM as the sandbox serves it: paging, reports, credentials, stable ids."""

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from nhiscan_sandbox.faults import Fault
from nhiscan_sandbox.sandbox import Sandbox

PROD = "910000000002"
LISTS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")


def details(iam: Any, **extra: Any) -> tuple[dict[str, list[Any]], int]:
    """Read all pages, and count them."""
    paginator = iam.get_paginator("get_account_authorization_details")
    pages = list(paginator.paginate(**extra))
    return {name: [row for page in pages for row in page[name]] for name in LISTS}, len(pages)


def test_one_marker_pages_over_all_four_lists(cloud: Any) -> None:
    iam = cloud.inside(PROD, "iam")
    whole, pages = details(iam)
    cut, many = details(iam, PaginationConfig={"PageSize": 7})
    assert pages == 1
    assert many > 5
    assert cut == whole
    assert all(whole.values())


def test_aws_policies_come_only_when_attached(cloud: Any) -> None:
    whole, _ = details(cloud.inside(PROD, "iam"), Filter=["AWSManagedPolicy"])
    names = {policy["PolicyName"] for policy in whole["Policies"]}
    assert "AdministratorAccess" in names
    assert "builder-limit" not in names
    assert all(policy["AttachmentCount"] > 0 for policy in whole["Policies"])
    assert whole["UserDetailList"] == []


def test_boundary_trust_tags_and_last_use_are_shown(cloud: Any) -> None:
    whole, _ = details(cloud.inside(PROD, "iam"))
    roles = {role["RoleName"]: role for role in whole["RoleDetailList"]}
    assert roles["builder"]["PermissionsBoundary"]["PermissionsBoundaryArn"].endswith(
        "builder-limit"
    )
    assert roles["old-migration"]["RoleLastUsed"] == {}
    assert roles["quarterly-close"]["RoleLastUsed"]["LastUsedDate"].astimezone(UTC) == datetime(
        2026, 4, 15, 6, tzinfo=UTC
    )
    statement = roles["gha-deploy"]["AssumeRolePolicyDocument"]["Statement"][0]
    assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert roles["app-server"]["InstanceProfileList"][0]["InstanceProfileName"] == "app-server"


def test_a_call_leaves_no_trace_in_last_use(cloud: Any) -> None:
    iam = cloud.inside(PROD, "iam")
    assert details(iam) == details(iam)


def test_marker_of_another_list_is_refused(cloud: Any) -> None:
    iam = cloud.inside(PROD, "iam")
    first = iam.get_account_authorization_details(Filter=["Role"], MaxItems=3)
    with pytest.raises(ClientError, match="InvalidInput"):
        iam.get_account_authorization_details(Filter=["User"], Marker=first["Marker"])


def test_marker_expires_on_demand(cloud: Any, sandbox: Sandbox) -> None:
    sandbox.faults.set([Fault(kind="bad_marker", operation="GetAccountAuthorizationDetails")])
    iam = cloud.inside(PROD, "iam")
    first = iam.get_account_authorization_details(MaxItems=3)
    with pytest.raises(ClientError, match="InvalidInput"):
        iam.get_account_authorization_details(MaxItems=3, Marker=first["Marker"])


def test_report_goes_through_its_states(cloud: Any) -> None:
    iam = cloud.inside("950000000002", "iam")
    with pytest.raises(ClientError, match="ReportNotPresent"):
        iam.get_credential_report()
    assert iam.generate_credential_report()["State"] == "STARTED"
    with pytest.raises(ClientError, match="ReportInProgress"):
        iam.get_credential_report()
    assert iam.generate_credential_report()["State"] == "INPROGRESS"
    assert iam.generate_credential_report()["State"] == "COMPLETE"
    assert iam.get_credential_report()["GeneratedTime"].astimezone(UTC) == datetime(
        2026, 11, 1, 6, tzinfo=UTC
    )


def test_report_rows(cloud: Any) -> None:
    iam = cloud.inside(PROD, "iam")
    iam.generate_credential_report()
    text = iam.get_credential_report()["Content"].decode()
    rows = {row["user"]: row for row in csv.DictReader(io.StringIO(text))}
    assert next(iter(rows)) == "<root_account>"
    assert rows["<root_account>"]["password_enabled"] == "not_supported"  # noqa: S105 no password
    bot = rows["deploy-bot"]
    assert bot["access_key_1_active"] == "true"
    assert bot["access_key_1_last_used_region"] == "us-east-1"
    assert bot["access_key_1_last_used_service"] == "cloudformation"
    assert rows["backup"]["access_key_1_last_used_region"] == "N/A"
    assert rows["kiosk-agent"]["access_key_1_last_used_date"] == "N/A"
    assert rows["edge-sync"]["access_key_2_active"] == "true"
    assert rows["partner-soap"]["cert_2_active"] == "false"
    assert rows["svc-monitor"]["password_last_used"] == "no_information"  # noqa: S105 no password
    assert rows["dana.reyes"]["mfa_active"] == "true"


def test_root_key_shows_in_report_and_summary(cloud: Any) -> None:
    iam = cloud.inside("910000000001", "iam")
    assert iam.get_account_summary()["SummaryMap"]["AccountAccessKeysPresent"] == 1
    iam.generate_credential_report()
    text = iam.get_credential_report()["Content"].decode()
    assert next(csv.DictReader(io.StringIO(text)))["access_key_1_active"] == "true"


def test_service_specific_credentials_of_all_users(cloud: Any) -> None:
    iam = cloud.inside(PROD, "iam")
    first = iam.list_service_specific_credentials(AllUsers=True, MaxItems=1)
    assert first["IsTruncated"]
    rest = iam.list_service_specific_credentials(AllUsers=True, Marker=first["Marker"])
    found = first["ServiceSpecificCredentials"] + rest["ServiceSpecificCredentials"]
    assert {row["ServiceName"] for row in found} == {
        "codecommit.amazonaws.com",
        "bedrock.amazonaws.com",
    }
    assert not any("ServicePassword" in row for row in found)


def test_ids_are_the_same_after_a_reset(cloud: Any, sandbox: Sandbox) -> None:
    before, _ = details(cloud.inside(PROD, "iam"))
    sandbox.reset()
    assert details(cloud.inside(PROD, "iam"))[0] == before


def test_saml_provider_has_expired(cloud: Any) -> None:
    (provider,) = cloud.inside(PROD, "iam").list_saml_providers()["SAMLProviderList"]
    assert provider["ValidUntil"] < datetime(2026, 11, 1, tzinfo=UTC)
