"""Conditions of a trust policy: those that protect, and those that only look so."""

from hashlib import sha256

import pytest

from nhiscan_providers.aws.reading.guards import weak_external_id
from tests.providers.aws.reading.trusts import GUARD, ORG, OTHER, OWN, only, read, root, statement


@pytest.mark.parametrize(
    ("condition", "verdict", "fingerprinted"),
    [
        (None, "open", False),
        ({"StringEquals": {"sts:ExternalId": GUARD}}, "guarded", True),
        ({"StringEquals": {"STS:externalid": [GUARD]}}, "guarded", True),
        ({"StringEqualsIgnoreCase": {"sts:ExternalId": GUARD}}, "guarded", True),
        ({"StringLike": {"sts:ExternalId": GUARD}}, "guarded", True),
        ({"ForAnyValue:StringEquals": {"sts:ExternalId": GUARD}}, "guarded", True),
        ({"StringLike": {"sts:ExternalId": f"{GUARD}*"}}, "guarded", True),
        ({"StringLike": {"sts:ExternalId": "*"}}, "weak", True),
        ({"StringLike": {"sts:ExternalId": "??*"}}, "weak", True),
        ({"StringLike": {"sts:ExternalId": "ab*"}}, "weak", True),
        ({"StringLike": {"sts:ExternalId": "qzxwvk7*"}}, "weak", True),
        ({"StringLike": {"sts:ExternalId": "qzxwvk72*"}}, "guarded", True),
        ({"StringLike": {"sts:ExternalId": [GUARD, "*"]}}, "weak", True),
        ({"StringEquals": {"sts:ExternalId": "${aws:PrincipalAccount}"}}, "weak", True),
        ({"StringEqualsIfExists": {"sts:ExternalId": GUARD}}, "weak", False),
        ({"ForAllValues:StringEquals": {"sts:ExternalId": GUARD}}, "weak", False),
        ({"Null": {"sts:ExternalId": "false"}}, "weak", False),
        ({"Null": {"sts:ExternalId": False}}, "weak", False),
        ({"StringNotEquals": {"sts:ExternalId": GUARD}}, "weak", False),
        ({"StringNotLike": {"sts:ExternalId": "x*"}}, "weak", False),
        ({"StringEquals": {"sts:ExternalId": "*"}}, "broken", True),
        ({"StringEquals": {"sts:ExternalId": []}}, "broken", True),
        ({"StringEquals": {"sts:ExternalId": OWN}}, "weak", True),
        ({"StringEquals": {"sts:ExternalId": OTHER}}, "weak", True),
        ({"StringEquals": {"sts:ExternalId": "Acme Dental"}}, "weak", True),
        ({"StringEquals": {"sts:ExternalId": "acme-dental-external-id-2024"}}, "weak", True),
        ({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, "open", False),
        ({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, "open", False),
        # several conditions are joined by AND: one that holds is enough
        (
            {
                "StringLike": {"sts:ExternalId": "*"},
                "StringEquals": {"sts:ExternalId": GUARD},
            },
            "guarded",
            True,
        ),
        (
            {
                "StringEqualsIfExists": {"sts:ExternalId": GUARD},
                "Null": {"sts:ExternalId": "false"},
            },
            "weak",
            False,
        ),
    ],
)
def test_external_ids(condition: object, verdict: str, fingerprinted: bool) -> None:
    reading = only(statement({"AWS": OTHER}, condition), words=("Acme Dental",))
    assert reading.verdict == verdict
    assert (reading.guard_fingerprint is not None) is fingerprinted
    assert GUARD not in repr(reading)
    assert reading.reason.count("would") >= 1 or "without it" in reading.reason


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        ({"Null": {"sts:ExternalId": "false"}}, "Null only asks whether the key is there"),
        ({"StringEqualsIfExists": {"sts:ExternalId": GUARD}}, "IfExists passes"),
        ({"ForAllValues:StringEquals": {"sts:ExternalId": GUARD}}, "ForAllValues passes"),
        ({"StringNotEquals": {"sts:ExternalId": GUARD}}, "only excludes"),
        ({"StringLike": {"sts:ExternalId": "*"}}, "accepts any value"),
        ({"StringEquals": {"sts:ExternalId": OWN}}, "account number"),
        ({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, "aws:SourceIp do not replace one"),
    ],
)
def test_the_reason_names_the_flaw_and_the_remedy(condition: object, why: str) -> None:
    reason = only(statement({"AWS": OTHER}, condition)).reason
    assert why in reason
    assert "would guard it" in reason


def test_an_external_id_is_known_by_its_hash_alone() -> None:
    reading = only(statement({"AWS": OTHER}, {"StringEquals": {"sts:ExternalId": GUARD}}))
    assert reading.guard == "sts:ExternalId"
    assert reading.guard_fingerprint == sha256(GUARD.encode()).hexdigest()
    hollow = {"StringLike": {"sts:ExternalId": "*"}, "StringEquals": {"sts:ExternalId": GUARD}}
    assert only(statement({"AWS": OTHER}, hollow)).guard_fingerprint == reading.guard_fingerprint
    many = {"StringEquals": {"sts:ExternalId": ["b" * 12, "a" * 12]}}
    turned = {"StringEquals": {"sts:ExternalId": ["a" * 12, "b" * 12]}}
    one, other = only(statement({"AWS": OTHER}, many)), only(statement({"AWS": OTHER}, turned))
    assert one.guard_fingerprint == other.guard_fingerprint


@pytest.mark.parametrize(
    ("condition", "kind", "name", "organization", "verdict"),
    [
        ({"StringEquals": {"aws:PrincipalOrgID": ORG}}, "organization", ORG, ORG, "open"),
        ({"StringLike": {"aws:PrincipalOrgID": "o-*"}}, "public", "*", None, "weak"),
        ({"StringEqualsIfExists": {"aws:PrincipalOrgID": ORG}}, "public", "*", None, "weak"),
        ({"StringNotEquals": {"aws:PrincipalOrgID": ORG}}, "public", "*", None, "weak"),
        (
            {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": f"{ORG}/r-ab12/ou-ab12-x/*"}},
            "organization",
            ORG,
            ORG,
            "open",
        ),
        (
            {"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": f"{ORG}/*"}},
            "public",
            "*",
            None,
            "weak",
        ),
        ({"StringEquals": {"aws:PrincipalAccount": OTHER}}, "account", root(OTHER), None, "open"),
        (
            {"ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{OTHER}:role/ci"}},
            "role",
            f"arn:aws:iam::{OTHER}:role/ci",
            None,
            "open",
        ),
        (
            {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{OTHER}:role/ci-*"}},
            "account",
            f"arn:aws:iam::{OTHER}:role/ci-*",
            None,
            "open",
        ),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/ci"}}, "public", "*", None, "weak"),
        (
            {
                "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/ci"},
                "StringEquals": {"aws:PrincipalOrgID": ORG},
            },
            "organization",
            ORG,
            ORG,
            "open",
        ),
        (
            {
                "StringEquals": {"aws:PrincipalOrgID": ORG, "sts:ExternalId": GUARD},
            },
            "organization",
            ORG,
            ORG,
            "guarded",
        ),
        ({"StringEquals": {"sts:ExternalId": GUARD}}, "public", "*", None, "weak"),
        ({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, "public", "*", None, "weak"),
        ({"StringEquals": {"aws:PrincipalTag/team": "ops"}}, "public", "*", None, "weak"),
        (None, "public", "*", None, "open"),
    ],
)
def test_what_narrows_everybody(
    condition: object, kind: str, name: str, organization: str | None, verdict: str
) -> None:
    reading = only(statement("*", condition))
    assert (reading.principal_kind, reading.principal) == (kind, name)
    assert reading.principal_organization == organization
    assert reading.verdict == verdict
    assert (reading.relation == "public") is (kind == "public")


def test_several_organizations_are_several_ways_in() -> None:
    both = {"StringEquals": {"aws:PrincipalOrgID": [ORG, "o-zzzzz99999"]}}
    readings = read(statement("*", both), organization=ORG)
    assert [one.principal for one in readings] == [ORG, "o-zzzzz99999"]
    assert "the own organization" in readings[0].reason
    assert "o-zzzzz99999" in readings[1].reason


def test_an_account_is_narrowed_to_its_members_of_an_organization() -> None:
    condition = {"StringEquals": {"aws:PrincipalOrgID": ORG}}
    reading = only(statement({"AWS": OTHER}, condition))
    assert (reading.principal, reading.principal_organization) == (root(OTHER), ORG)
    assert f"only members of organization {ORG}" in reading.reason
    assert reading.guard == "aws:PrincipalOrgID"


def test_an_account_is_narrowed_to_the_role_that_a_condition_names() -> None:
    role = f"arn:aws:iam::{OTHER}:role/ci"
    reading = only(statement({"AWS": OTHER}, {"ArnEquals": {"aws:PrincipalArn": role}}))
    assert (reading.principal_kind, reading.principal_native_id) == ("role", role)
    foreign = f"arn:aws:iam::{OWN}:role/ci"
    reading = only(statement({"AWS": OTHER}, {"ArnEquals": {"aws:PrincipalArn": foreign}}))
    assert reading.verdict == "broken"


@pytest.mark.parametrize(
    ("condition", "verdict"),
    [
        (None, "open"),
        ({"StringEquals": {"aws:SourceAccount": OWN}}, "guarded"),
        ({"StringLike": {"aws:SourceAccount": "*"}}, "weak"),
        ({"StringEqualsIfExists": {"aws:SourceAccount": OWN}}, "weak"),
        ({"ArnLike": {"aws:SourceArn": f"arn:aws:sns:us-east-1:{OWN}:*"}}, "guarded"),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:sns:us-east-1:*:topic"}}, "weak"),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::acme-logs"}}, "guarded"),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}}, "weak"),
        ({"StringEquals": {"aws:SourceOrgID": ORG}}, "guarded"),
        ({"ForAnyValue:StringLike": {"aws:SourceOrgPaths": f"{ORG}/*"}}, "guarded"),
    ],
)
def test_services_bound_to_their_source(condition: object, verdict: str) -> None:
    assert only(statement({"Service": "sns.amazonaws.com"}, condition)).verdict == verdict


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (OWN, "account number"),
        ("Acme Dental", "others know"),
        ("acme_dental", "others know"),
        ("ACME-DENTAL-2024", "little more"),
        ("aws-acme-dental-external-id", "little more"),
        ("external-id", "common words"),
        ("test1234", "common words"),
        ("q7z", "shorter"),
        (GUARD, None),
        ("acme-dental-9f2c7b1e", None),
        ("550e8400-e29b-41d4-a716-446655440000", None),
    ],
)
def test_guessable_external_ids(value: str, why: str | None) -> None:
    found = weak_external_id(value, ["Acme Dental", ""])
    assert (found is None) is (why is None)
    assert why is None or why in (found or "")
    assert value.lower() not in (found or "")
