"""Whom an identity could become by making itself a way in: each way, and each layer's say."""

import pytest

from nhiscan_providers.aws.reading.becoming import OpeningReader
from nhiscan_providers.aws.reading.capabilities import Policy
from nhiscan_providers.aws.reading.documents import Document, unread
from nhiscan_providers.aws.reading.pieces import Home
from tests.providers.aws.reading.openings import (
    ACCOUNT,
    EC2,
    IAM,
    LAMBDA,
    ROLES,
    USERS,
    openings,
    told,
)
from tests.providers.aws.reading.policies import (
    CONDITION,
    FULL,
    allow,
    but,
    deny,
    doc,
    policy,
)

ALL_KEYS = ("new_credential", USERS, "granted")
ALL_TRUST = ("changed_trust", ROLES, "granted")


def test_an_administrator_could_become_everybody_by_every_way_in_three_rows() -> None:
    found = openings(FULL)
    assert told(found) == {
        ("new_credential", USERS, "granted"),
        ("changed_trust", ROLES, "granted"),
        ("passed_role", ROLES, "granted"),
    }
    passed = next(one for one in found if one.way == "passed_role")
    assert {LAMBDA, EC2, "ecs-tasks.amazonaws.com", "ssm.amazonaws.com"} <= set(passed.services)


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([allow("iam:CreateAccessKey")], {("new_credential", USERS, "granted")}),
        ([allow("iam:UpdateLoginProfile")], {("new_credential", USERS, "granted")}),
        ([allow("IAM:createaccesskey", "*")], {("new_credential", USERS, "granted")}),
        (
            [allow("iam:Create*", f"arn:aws:iam::{ACCOUNT}:user/app-*")],
            {("new_credential", f"{IAM}:user/app-*", "scoped")},
        ),
        (
            [allow("iam:CreateAccessKey", "arn:aws:iam::*:user/bob")],
            {("new_credential", f"{IAM}:user/bob", "scoped")},
        ),
        (
            [allow("iam:UpdateAssumeRolePolicy", "arn:aws:iam::*:role/x", Condition=CONDITION)],
            {("changed_trust", f"{IAM}:role/x", "scoped")},
        ),
        (
            [allow("iam:CreateAccessKey", Condition=CONDITION)],
            {("new_credential", USERS, "scoped")},
        ),
        # not its account, not its kind of resource, only itself, nothing of the kind
        ([allow("iam:CreateAccessKey", "arn:aws:iam::444455556666:user/*")], set()),
        ([allow("iam:CreateAccessKey", "arn:aws-cn:iam::*:user/*")], set()),
        ([allow("iam:CreateAccessKey", f"{IAM}:role/*")], set()),
        ([allow("iam:*", f"{IAM}:user/${{aws:username}}")], set()),
        ([allow("iam:AttachUserPolicy")], set()),
        ([allow("iam:PutRolePolicy")], set()),
        ([allow(["iam:UploadSSHPublicKey", "iam:CreateServiceSpecificCredential"])], set()),
        # a tag of the caller may be anything
        (
            [allow("iam:CreateAccessKey", f"{IAM}:user/${{aws:PrincipalTag/team}}-*")],
            {("new_credential", f"{IAM}:user/*-*", "scoped")},
        ),
        ([but("s3:*", "iam:*Login*", "iam:PassRole", "iam:*SAML*")], {ALL_KEYS, ALL_TRUST}),
        (
            [
                {
                    "Effect": "Allow",
                    "Action": "iam:CreateLoginProfile",
                    "NotResource": f"{IAM}:user/x",
                }
            ],
            {("new_credential", USERS, "scoped")},
        ),
    ],
)
def test_what_policies_allow(statements: list[object], expected: set[tuple[str, ...]]) -> None:
    assert told(openings(*statements)) == expected


KEYS = allow("iam:CreateAccessKey")
SOME_KEYS = ("new_credential", USERS, "scoped")


@pytest.mark.parametrize(
    ("denial", "expected"),
    [
        (deny("iam:*"), set()),
        (deny("iam:CreateAccessKey", f"{IAM}:user/*"), set()),
        (deny("iam:CreateAccessKey", f"{IAM}:user/boss"), {SOME_KEYS}),
        (deny("iam:CreateAccessKey", f"{IAM}:role/*"), {ALL_KEYS}),
        (deny("iam:CreateLoginProfile"), {ALL_KEYS}),
        (deny("*", Condition=CONDITION), {SOME_KEYS}),
        (deny("iam:*", f"{IAM}:user/${{aws:username}}"), {SOME_KEYS}),
        (but("s3:*", effect="Deny"), set()),
        (
            {"Effect": "Deny", "Action": "*", "NotResource": f"{IAM}:user/app-*"},
            {("new_credential", f"{IAM}:user/app-*", "scoped")},
        ),
        ({"Effect": "Deny", "Action": "*", "NotResource": "arn:aws:s3:::x"}, set()),
    ],
)
def test_what_a_deny_takes_away_in_any_layer(
    denial: dict[str, object], expected: set[tuple[str, ...]]
) -> None:
    assert told(openings(KEYS, denial)) == expected
    assert told(openings(KEYS, boundary=doc(FULL, denial))) == expected
    assert told(openings(KEYS, scps=[[doc(FULL)], [doc(FULL), doc(denial)]])) == expected


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (doc(FULL), {ALL_KEYS}),
        (doc(allow("iam:*")), {ALL_KEYS}),
        (doc(allow("s3:*")), set()),
        (doc(), set()),
        (doc(allow("iam:*", Condition=CONDITION)), {SOME_KEYS}),
        (
            doc(allow("iam:*", f"{IAM}:user/app-*")),
            {("new_credential", f"{IAM}:user/app-*", "scoped")},
        ),
        (unread("denied"), {("new_credential", USERS, "unknown")}),
    ],
)
def test_a_boundary_and_every_scp_must_admit_it(
    limit: Document, expected: set[tuple[str, ...]]
) -> None:
    assert told(openings(KEYS, boundary=limit)) == expected
    assert told(openings(KEYS, scps=[[doc(FULL)], [limit]])) == expected
    assert told(openings(KEYS, scps=[[limit]], service_linked=True)) == {ALL_KEYS}


def test_what_was_not_read_is_unknown_and_never_nothing() -> None:
    reader = OpeningReader((), Home("aws", ACCOUNT))
    lost = reader.read([Policy("gone", "attached", unread("not listed"))])
    assert told(lost) == {
        ("new_credential", USERS, "unknown"),
        ("changed_trust", ROLES, "unknown"),
        ("passed_role", ROLES, "unknown"),
    }
    assert all([one.name for one in opening.policies] == ["gone"] for opening in lost)
    assert told(openings(KEYS, scps=None)) == {("new_credential", USERS, "unknown")}
    assert openings(allow("s3:*"), scps=None) == ()


def test_policies_are_joined_and_named_and_a_wider_pattern_stands_for_narrower_ones() -> None:
    own = policy(*(allow("iam:CreateAccessKey", f"{IAM}:user/u{n}") for n in range(1000)))
    wide = policy(allow("iam:CreateLoginProfile", f"{IAM}:user/*"), name="q", via="group:ops")
    reader = OpeningReader((), Home("aws", ACCOUNT))
    (found,) = reader.read([own, wide])
    assert (found.acts_as, found.verdict) == (USERS, "granted")
    assert found.actions == ("iam:CreateAccessKey", "iam:CreateLoginProfile")
    assert [(one.name, one.via) for one in found.policies] == [("q", "group:ops"), ("p", "inline")]
    same = policy(*(allow("iam:CreateAccessKey", f"{IAM}:user/u") for _ in range(1000)))
    assert len(reader.read([same])) == 1
