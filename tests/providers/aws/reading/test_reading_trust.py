"""Trust policies: every form of principal, and conditions that protect or only look so."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nhiscan_providers.aws.reading.trust import TrustReading, read_trust

OWN = "111122223333"
OTHER = "444455556666"
GUARD = "7c1b9d52e4f04a6e"
ORG = "o-abcde12345"


def statement(principal: object, condition: object = None, **more: object) -> dict[str, Any]:
    made: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": principal,
        "Action": "sts:AssumeRole",
        **more,
    }
    if condition is not None:
        made["Condition"] = condition
    return {name: value for name, value in made.items() if value is not None}


def read(*statements: object, **options: Any) -> list[TrustReading]:
    return read_trust({"Statement": list(statements)}, account=OWN, **options)


def only(*statements: object, **options: Any) -> TrustReading:
    (reading,) = read(*statements, **options)
    return reading


def root(account: str, partition: str = "aws") -> str:
    return f"arn:{partition}:iam::{account}:root"


@pytest.mark.parametrize(
    ("principal", "kind", "name", "account", "native_id", "relation"),
    [
        ("*", "public", "*", None, None, "public"),
        ({"AWS": "*"}, "public", "*", None, None, "public"),
        ({"AWS": ["*"]}, "public", "*", None, None, "public"),
        ({"AWS": OTHER}, "account", root(OTHER), OTHER, None, None),
        ({"AWS": root(OTHER)}, "account", root(OTHER), OTHER, None, None),
        ({"AWS": root(OWN)}, "account", root(OWN), OWN, None, "same_account"),
        (
            {"AWS": f"arn:aws:iam::{OTHER}:user/ops/alice"},
            "user",
            f"arn:aws:iam::{OTHER}:user/ops/alice",
            OTHER,
            f"arn:aws:iam::{OTHER}:user/ops/alice",
            None,
        ),
        (
            {"AWS": f"arn:aws:iam::{OWN}:role/x"},
            "role",
            f"arn:aws:iam::{OWN}:role/x",
            OWN,
            f"arn:aws:iam::{OWN}:role/x",
            "same_account",
        ),
        (
            {"AWS": f"arn:aws:sts::{OTHER}:assumed-role/x/session"},
            "role",
            f"arn:aws:sts::{OTHER}:assumed-role/x/session",
            OTHER,
            f"arn:aws:iam::{OTHER}:role/x",
            None,
        ),
        (
            {"AWS": f"arn:aws:sts::{OTHER}:federated-user/x"},
            "identity",
            f"arn:aws:sts::{OTHER}:federated-user/x",
            OTHER,
            None,
            None,
        ),
        ({"AWS": "AIDACKCEVSQ6C2EXAMPLE"}, "deleted", "AIDACKCEVSQ6C2EXAMPLE", None, None, None),
        ({"AWS": "AROACKCEVSQ6C2EXAMPLE"}, "deleted", "AROACKCEVSQ6C2EXAMPLE", None, None, None),
        (
            {"AWS": "033677994240"},
            "account",
            root("033677994240"),
            "033677994240",
            None,
            "platform",
        ),
        ({"Service": "ec2.amazonaws.com"}, "service", "ec2.amazonaws.com", None, None, "platform"),
        ({"CanonicalUser": "79a59df9"}, "account", "79a59df9", None, None, None),
        ({"AWS": "alice"}, "unknown", "alice", None, None, None),
        ({"Federated": "ldap.acme.example"}, "unknown", "ldap.acme.example", None, None, None),
        ({"Martian": "x"}, "unknown", "x", None, None, None),
    ],
)
def test_forms_of_principals(
    principal: object,
    kind: str,
    name: str,
    account: str | None,
    native_id: str | None,
    relation: str | None,
) -> None:
    reading = only(statement(principal))
    assert reading.principal_kind == kind
    assert reading.principal == name
    assert reading.principal_account == account
    assert reading.principal_native_id == native_id
    assert reading.relation == relation


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_partitions(partition: str) -> None:
    by_id = only(statement({"AWS": OTHER}), partition=partition)
    by_arn = only(statement({"AWS": root(OTHER, partition)}), partition=partition)
    assert by_id == by_arn
    assert by_id.principal == f"arn:{partition}:iam::{OTHER}:root"


def test_lists_give_one_reading_each_and_spellings_of_one_principal_are_one() -> None:
    principal = {"AWS": [OTHER, root(OTHER), f"arn:aws:iam::{OTHER}:role/x"], "Service": ["a", "b"]}
    names = [reading.principal for reading in read(statement(principal))]
    assert names == [root(OTHER), f"arn:aws:iam::{OTHER}:role/x", "a", "b"]


def test_each_statement_is_read_alone_under_its_own_number() -> None:
    strict = statement({"AWS": OTHER}, {"StringEquals": {"sts:ExternalId": GUARD}})
    loose = statement({"AWS": OTHER})
    readings = read({"Effect": "Deny", "Principal": "*", "Action": "s3:*"}, strict, loose)
    assert [(one.statement, one.verdict) for one in readings] == [(1, "guarded"), (2, "open")]


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


def test_an_account_is_narrowed_to_the_role_that_a_condition_names() -> None:
    role = f"arn:aws:iam::{OTHER}:role/ci"
    reading = only(statement({"AWS": OTHER}, {"ArnEquals": {"aws:PrincipalArn": role}}))
    assert (reading.principal_kind, reading.principal_native_id) == ("role", role)
    foreign = f"arn:aws:iam::{OWN}:role/ci"
    reading = only(statement({"AWS": OTHER}, {"ArnEquals": {"aws:PrincipalArn": foreign}}))
    assert reading.verdict == "broken"


def test_everybody_but_some_is_everybody() -> None:
    made = statement(None, NotPrincipal={"AWS": root(OTHER)})
    reading = only(made)
    assert (reading.principal_kind, reading.relation) == ("public", "public")
    assert reading.verdict == "open"
    assert "NotPrincipal" in reading.reason


def test_deleted_principals_dangle() -> None:
    assert only(statement({"AWS": "AROACKCEVSQ6C2EXAMPLE"})).verdict == "dangling"


def test_a_wildcard_inside_a_principal_never_matches() -> None:
    reading = only(statement({"AWS": f"arn:aws:iam::{OTHER}:role/*"}))
    assert (reading.principal_kind, reading.verdict) == ("unknown", "broken")


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
    ("principal", "action", "verdict"),
    [
        ({"AWS": OTHER}, "sts:TagSession", "broken"),
        ({"AWS": OTHER}, ["sts:TagSession", "sts:AssumeRole"], "open"),
        ({"AWS": OTHER}, "sts:AssumeRoleWithSAML", "broken"),
        ({"AWS": OTHER}, "sts:*", "open"),
        ({"AWS": OTHER}, "*", "open"),
        ({"AWS": OTHER}, "STS:assumerole*", "open"),
        ({"Service": "ec2.amazonaws.com"}, "sts:AssumeRoleWithWebIdentity", "broken"),
        ({"Federated": f"arn:aws:iam::{OWN}:saml-provider/idp"}, "sts:AssumeRole", "broken"),
        (
            {"Federated": f"arn:aws:iam::{OWN}:saml-provider/idp"},
            "sts:AssumeRoleWithSAML",
            "guarded",
        ),
        ("*", "sts:SetSourceIdentity", "broken"),
        ({"AWS": "AROACKCEVSQ6C2EXAMPLE"}, "sts:TagSession", "dangling"),
    ],
)
def test_only_its_own_action_lets_a_principal_in(
    principal: object, action: object, verdict: str
) -> None:
    assert only(statement(principal, Action=action)).verdict == verdict


def test_not_action_lets_in_by_all_it_does_not_name() -> None:
    assert only(statement({"AWS": OTHER}, Action=None, NotAction="s3:*")).verdict == "open"
    assert only(statement({"AWS": OTHER}, Action=None, NotAction="sts:*")).verdict == "broken"


@pytest.mark.parametrize(
    ("denied", "closed"),
    [
        ({"Principal": "*"}, True),
        ({"Principal": {"AWS": "*"}}, True),
        ({"Principal": {"AWS": OTHER}}, True),
        ({"Principal": {"AWS": root(OTHER)}}, True),
        ({"Principal": {"AWS": f"arn:aws:iam::{OTHER}:role/ci"}}, True),
        ({"Principal": {"AWS": f"arn:aws:iam::{OTHER}:role/other"}}, False),
        ({"Principal": {"AWS": OWN}}, False),
        ({"NotPrincipal": {"AWS": OWN}}, True),
        ({"NotPrincipal": {"AWS": f"arn:aws:iam::{OTHER}:role/ci"}}, False),
        ({"Principal": "*", "Action": "s3:*"}, False),
    ],
)
def test_an_unconditional_deny_closes_the_way_in(denied: dict[str, Any], closed: bool) -> None:
    allow = statement({"AWS": f"arn:aws:iam::{OTHER}:role/ci"})
    deny = {"Effect": "Deny", "Action": "sts:AssumeRole", **denied}
    for readings in (read(allow, deny), read(deny, allow)):
        assert [one.verdict for one in readings] == ["broken" if closed else "open"]
    assert ("a Deny wins" in only(allow, deny).reason) is closed


def test_a_conditional_deny_is_named() -> None:
    deny = statement("*", {"Bool": {"aws:MultiFactorAuthPresent": "false"}}, Effect="Deny")
    reading = only(statement({"AWS": OTHER}), deny)
    assert reading.verdict == "open"
    assert "statement 1 denies it under conditions on aws:MultiFactorAuthPresent" in reading.reason


def test_a_deny_of_all_other_external_ids_requires_one() -> None:
    deny = statement("*", {"StringNotEquals": {"sts:ExternalId": GUARD}}, Effect="Deny")
    reading = only(statement({"AWS": OTHER}), deny)
    assert reading.verdict == "guarded"
    assert "statement 1 denies it" in reading.reason
    deny = statement("*", {"StringNotEquals": {"aws:PrincipalOrgID": ORG}}, Effect="Deny")
    assert only(statement("*"), deny).principal == ORG


@pytest.mark.parametrize("document", [None, "", "{", {}, {"Statement": [{"Effect": "Allow"}]}, 3])
def test_what_cannot_be_read_is_unknown_and_never_empty(document: object) -> None:
    (reading,) = read_trust(document, account=OWN)
    assert (reading.principal_kind, reading.verdict) == ("unknown", "unknown")


def test_a_statement_without_principal_is_unknown() -> None:
    assert only(statement(None)).verdict == "unknown"


CONDITIONS: Sequence[object] = (
    None,
    {"StringEquals": {"sts:ExternalId": GUARD}},
    {"StringLike": {"sts:ExternalId": "*"}},
    {"StringEquals": {"aws:PrincipalOrgID": ORG}},
)
PRINCIPALS: Sequence[object] = (
    "*",
    {"AWS": OTHER},
    {"AWS": [OWN, f"arn:aws:iam::{OTHER}:role/ci"]},
    {"Service": "ec2.amazonaws.com"},
    {"AWS": "AROACKCEVSQ6C2EXAMPLE"},
)
STATEMENTS = st.builds(
    lambda principal, condition, effect: statement(principal, condition, Effect=effect),
    st.sampled_from(PRINCIPALS),
    st.sampled_from(CONDITIONS),
    st.sampled_from(["Allow", "Deny"]),
)


def facts(readings: list[TrustReading]) -> set[tuple[str, str, str]]:
    return {(one.principal, one.verdict, one.guard) for one in readings}


@given(st.lists(STATEMENTS, max_size=4))
def test_the_order_of_statements_changes_no_verdict(statements: list[Any]) -> None:
    assert facts(read(*statements)) == facts(read(*reversed(statements)))


@given(st.lists(STATEMENTS, max_size=3), STATEMENTS)
def test_another_allow_takes_no_way_in_away(statements: list[Any], more: dict[str, Any]) -> None:
    before = facts(read(*statements))
    assert before <= facts(read(*statements, {**more, "Effect": "Allow"}))
