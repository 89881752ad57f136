"""Organizations, events, regions and the regional lists."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from nhiscan_sandbox.sandbox import Sandbox


def test_accounts_come_after_an_empty_page(cloud: Any) -> None:
    org = cloud.inside("920000000001", "organizations")
    first = org.list_accounts()
    assert first["Accounts"] == []
    assert first["NextToken"]
    rows = [
        row for page in org.get_paginator("list_accounts").paginate() for row in page["Accounts"]
    ]
    assert [row["Id"] for row in rows] == ["920000000001", "920000000002", "920000000003"]
    assert rows[2]["Paths"] == [
        "o-granite001/r-gr01/ou-gr01-produce1/ou-gr01-euprod01/920000000003/"
    ]


def test_suspended_account_says_so_in_state_and_status(cloud: Any) -> None:
    org = cloud.inside("910000000001", "organizations")
    rows = [
        row for page in org.get_paginator("list_accounts").paginate() for row in page["Accounts"]
    ]
    states = {row["Id"]: (row["State"], row["Status"]) for row in rows}
    assert states["910000000003"] == ("SUSPENDED", "SUSPENDED")
    assert states["910000000002"] == ("ACTIVE", "ACTIVE")


def test_tree_policies_and_their_targets(cloud: Any) -> None:
    org = cloud.inside("920000000001", "organizations")
    (root,) = org.list_roots()["Roots"]
    (unit,) = org.list_organizational_units_for_parent(ParentId=root["Id"])["OrganizationalUnits"]
    below = org.list_organizational_units_for_parent(ParentId=unit["Id"])["OrganizationalUnits"]
    assert [found["Name"] for found in below] == ["Europe"]
    accounts = org.list_accounts_for_parent(ParentId=unit["Id"])["Accounts"]
    assert [found["Id"] for found in accounts] == ["920000000002"]
    policies = org.list_policies(Filter="SERVICE_CONTROL_POLICY")["Policies"]
    assert policies[0]["Name"] == "FullAWSAccess"
    content = json.loads(org.describe_policy(PolicyId="p-granite01")["Policy"]["Content"])
    assert content["Statement"][0]["Effect"] == "Deny"
    targets = org.list_targets_for_policy(PolicyId="p-granite01")["Targets"]
    assert [found["Type"] for found in targets] == ["ROOT"]


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        ("920000000003", "AccessDeniedException"),
        ("940000000001", "AWSOrganizationsNotInUseException"),
    ],
)
def test_members_and_lone_accounts_may_not_list(
    cloud: Any, sandbox: Sandbox, account: str, expected: str
) -> None:
    with pytest.raises(ClientError) as error:
        cloud.client("organizations", sandbox.admin(account)).list_accounts()
    assert error.value.response["Error"]["Code"] == expected


def test_events_are_filtered_by_one_attribute(cloud: Any) -> None:
    trail = cloud.inside("910000000002", "cloudtrail")
    wanted = [{"AttributeKey": "EventName", "AttributeValue": "CreateUser"}]
    events = trail.lookup_events(LookupAttributes=wanted)["Events"]
    assert [event["Username"] for event in events] == ["nils.berg", "dana.reyes@acme.example"]
    detail = json.loads(events[1]["CloudTrailEvent"])
    assert detail["requestParameters"] == {"userName": "BedrockAPIKey-ab12"}
    assert json.loads(events[0]["CloudTrailEvent"])["errorCode"] == "AccessDenied"
    assert cloud.inside("910000000002", "cloudtrail", "eu-west-1").lookup_events()["Events"] == []


def test_third_lookup_within_a_second_is_throttled(cloud: Any) -> None:
    trail = cloud.inside("940000000001", "cloudtrail")
    trail.lookup_events()
    trail.lookup_events()
    with pytest.raises(ClientError, match="ThrottlingException"):
        trail.lookup_events()


def test_regions_and_those_that_are_off(cloud: Any) -> None:
    ec2 = cloud.inside("920000000002", "ec2")
    names = {row["RegionName"] for row in ec2.describe_regions()["Regions"]}
    assert len(names) == 18
    assert "eu-south-1" in names
    every = {
        r["RegionName"]: r["OptInStatus"] for r in ec2.describe_regions(AllRegions=True)["Regions"]
    }
    assert every["me-south-1"] == "not-opted-in"
    with pytest.raises(ClientError, match="UnrecognizedClientException"):
        cloud.inside("920000000002", "secretsmanager", "me-south-1").list_secrets()
    assert (
        cloud.inside("920000000002", "secretsmanager", "eu-south-1").list_secrets()["SecretList"]
        == []
    )


def test_secrets_and_parameters_have_their_dates_and_no_values(cloud: Any) -> None:
    secrets = cloud.inside("910000000002", "secretsmanager").list_secrets()["SecretList"]
    rows = {row["Name"]: row for row in secrets}
    assert rows["prod/acme/db"]["RotationEnabled"]
    assert rows["prod/acme/db"]["LastRotatedDate"].astimezone(UTC) == datetime(
        2026, 10, 20, 6, tzinfo=UTC
    )
    assert rows["prod/acme/db"]["LastAccessedDate"].astimezone(UTC) == datetime(
        2026, 11, 1, tzinfo=UTC
    )
    other = cloud.inside("910000000002", "secretsmanager", "eu-west-1").list_secrets()["SecretList"]
    assert "LastAccessedDate" not in other[0]
    secure = [{"Key": "Type", "Option": "Equals", "Values": ["SecureString"]}]
    (parameter,) = cloud.inside("910000000002", "ssm").describe_parameters(ParameterFilters=secure)[
        "Parameters"
    ]
    assert parameter["Name"] == "/acme/api-key"
    assert parameter["LastModifiedUser"].endswith("/priya.nair@acme.example")


def test_regional_lists_are_paged_and_refuse_foreign_tokens(cloud: Any, sandbox: Sandbox) -> None:
    secrets = cloud.inside("910000000002", "secretsmanager")
    first = secrets.list_secrets(MaxResults=1)
    rest = secrets.list_secrets(NextToken=first["NextToken"])
    assert [row["Name"] for row in first["SecretList"] + rest["SecretList"]] == [
        "prod/acme/db",
        "prod/acme/stripe",
    ]
    with pytest.raises(ClientError, match="InvalidNextToken"):
        cloud.inside("910000000002", "ssm").describe_parameters(NextToken=first["NextToken"])


def test_unknown_filter_is_refused_as_aws_does(cloud: Any) -> None:
    odd = [{"Key": "Colour", "Option": "Equals", "Values": ["red"]}]
    with pytest.raises(ClientError, match=r"ValidationException|InvalidFilterKey"):
        cloud.inside("910000000002", "ssm").describe_parameters(ParameterFilters=odd)


def test_contact_may_hold_any_text(cloud: Any, sandbox: Sandbox) -> None:
    account = cloud.inside("920000000002", "account")
    contact = account.get_alternate_contact(AlternateContactType="SECURITY")["AlternateContact"]
    assert "\x1b[31m" in contact["Name"]
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        account.get_alternate_contact(AlternateContactType="BILLING")
    assert sandbox.crashes == []
