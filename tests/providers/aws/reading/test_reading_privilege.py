"""The one word for what an identity may do, and the reason given for it."""

import json

import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data

from nhiscan_providers.aws.reading.capabilities import (
    CapabilityReader,
    Policy,
)
from nhiscan_providers.aws.reading.documents import Document, parse
from nhiscan_providers.aws.reading.levels import level
from nhiscan_providers.aws.reading.masks import class_masks
from tests.providers.aws.reading.policies import (
    CONDITION,
    FULL,
    allow,
    but,
    deny,
    doc,
    policy,
    read,
)


@pytest.mark.parametrize(
    ("statements", "privilege"),
    [
        ([], "none"),
        ([FULL], "admin"),
        ([allow("*:*")], "admin"),
        ([allow("**")], "admin"),
        ([allow("*", Condition=CONDITION)], "write"),
        ([allow("*", "arn:aws:s3:::acme")], "write"),
        ([allow("iam:*")], "admin"),
        ([allow("iam:AttachRolePolicy")], "admin"),
        ([allow("iam:AttachRolePolicy", "arn:aws:iam::*:*")], "admin"),
        ([allow("iam:AttachRolePolicy", "arn:aws:iam::*:role/app-*")], "write"),
        ([allow("iam:AttachRolePolicy", "arn:aws:iam::*:role/*")], "admin"),
        ([allow("iam:AttachRolePolicy", "arn:aws:iam::*:user/*")], "write"),
        ([allow("iam:AddUserToGroup", "arn:aws:iam::*:group/*")], "admin"),
        ([allow("iam:AttachRolePolicy", "arn:aws:iam::111122223333:*")], "write"),
        ([allow("iam:CreatePolicyVersion")], "admin"),
        ([allow("iam:CreateAccessKey")], "admin"),
        ([allow("iam:CreateAccessKey", "arn:aws:iam::*:user/${aws:username}")], "write"),
        ([allow("iam:SetDefaultPolicyVersion")], "write"),
        ([allow("iam:CreateRole")], "write"),
        (
            [but("iam:*", "organizations:*")],
            "write",
        ),
        ([but("s3:*")], "admin"),
        ([FULL, deny("*")], "none"),
        ([FULL, deny("*", Condition=CONDITION)], "write"),
        ([FULL, deny("iam:*")], "admin"),
        ([FULL, but("s3:Get*", effect="Deny")], "read"),
        ([allow("s3:*")], "write"),
        ([allow("s3:Put*")], "write"),
        ([allow("s3:*"), deny("s3:*")], "none"),
        ([allow(["s3:Get*", "s3:List*", "ec2:Describe*"])], "read"),
        ([allow(["s3:Get*", "s3:PutObject"]), deny("s3:Put*")], "read"),
        ([allow("ec2:D*")], "write"),
        ([allow("sts:AssumeRole")], "write"),
    ],
)
def test_privilege(statements: list[object], privilege: str) -> None:
    found = read(*statements)
    assert found.privilege == found.privilege_as_read == privilege
    assert found.privilege_reason


@pytest.mark.parametrize(
    ("boundary", "privilege"),
    [
        (doc(FULL), "admin"),
        (doc(allow("s3:*")), "write"),
        (doc(allow("s3:Get*")), "read"),
        (doc(allow("iam:*")), "admin"),
        (doc(but("iam:*")), "write"),
        (doc(deny("*")), "none"),
    ],
)
def test_a_boundary_lowers_the_privilege_of_an_administrator(
    boundary: Document, privilege: str
) -> None:
    assert read(FULL, boundary=boundary).privilege == privilege


def test_an_administrator_within_all_but_some_actions_is_bounded() -> None:
    found = read(FULL, boundary=doc(but("s3:*")))
    assert found.verdicts["admin"] == "scoped"
    assert read(FULL, boundary=doc(allow("iam:*"))).verdicts["admin"] == "denied"


@pytest.mark.parametrize(
    ("resource", "privilege"),
    [
        ("arn:aws:iam::111122223333:*", "admin"),
        ("arn:aws:iam::111122223333:role/*", "admin"),
        ("arn:aws:iam::444455556666:role/*", "write"),
    ],
)
def test_all_of_the_own_account_is_no_bound(resource: str, privilege: str) -> None:
    reader = CapabilityReader((), "111122223333")
    assert reader.read([policy(allow("iam:PutRolePolicy", resource))]).privilege == privilege


def test_a_boundary_without_a_common_action_leaves_nothing() -> None:
    assert read(allow("s3:PutObject"), boundary=doc(allow("ec2:*"))).privilege == "none"


def test_a_session_of_s3_express_reads_only_where_a_condition_says_so() -> None:
    fixed = {"StringEquals": {"s3express:SessionMode": "ReadOnly"}}
    assert read(allow("s3express:CreateSession", Condition=fixed)).privilege == "read"
    loose = {"StringEqualsIfExists": {"s3express:SessionMode": "ReadOnly"}}
    assert read(allow("s3express:CreateSession", Condition=loose)).privilege == "write"
    assert read(allow("s3express:CreateSession")).privilege == "write"


def test_the_reason_names_the_action_that_decided() -> None:
    assert "s3:put*" in read(allow(["s3:Get*", "s3:Put*"])).privilege_reason
    assert "all but iam:*" in read(but("iam:*"), deny("iam:*")).privilege_reason
    assert "iam:PutRolePolicy" in read(allow("iam:PutRolePolicy")).privilege_reason


def test_actions_that_only_read() -> None:
    reading = ["s3:Get*", "ec2:DescribeInstances", "logs:FilterLogEvents", "kms:Decrypt"]
    writing = ["s3:*", "*", "s3:Put*", "ec2:D*", "sts:AssumeRole", "x", "lambda:InvokeFunction"]
    assert {level(pattern) for pattern in reading} == {1}
    assert {level(pattern) for pattern in writing} == {2}


@pytest.fixture(scope="module")
def managed() -> dict[str, Document]:
    """AWS's own policies, as its API gives them."""
    found = json.loads(aws_managed_policies_data)
    return {name: parse(raw["Document"]) for name, raw in found.items()}


def test_every_policy_of_aws_is_understood(managed: dict[str, Document]) -> None:
    assert len(managed) > 1_000
    assert [name for name, document in managed.items() if not document.complete] == []


@pytest.mark.parametrize(
    ("name", "privilege", "classes"),
    [
        ("AdministratorAccess", "admin", set(class_masks())),
        ("PowerUserAccess", "write", set(class_masks()) - {"admin"}),
        ("IAMFullAccess", "admin", {"iam", "incident", "read"}),
        ("ReadOnlyAccess", "read", {"data", "read"}),
        ("SecurityAudit", "read", {"read"}),
        ("ViewOnlyAccess", "read", {"read"}),
        ("AmazonS3ReadOnlyAccess", "read", {"data"}),
        ("AmazonS3FullAccess", "write", {"backup", "data"}),
        ("AmazonEC2FullAccess", "write", {"backup", "deploy", "incident", "log", "network"}),
        ("AWSDenyAll", "none", set()),
    ],
)
def test_what_well_known_policies_give(
    managed: dict[str, Document], name: str, privilege: str, classes: set[str]
) -> None:
    found = CapabilityReader(()).read([Policy(name, "attached", managed[name])])
    assert found.privilege == privilege
    assert {one for one, verdict in found.verdicts.items() if verdict == "granted"} == classes


def test_every_reason_says_what_is_not_claimed() -> None:
    for scps in ((), None):
        for statements in ([], [FULL], [allow("s3:*")]):
            assert "not evaluated" in read(*statements, scps=scps).privilege_reason
