"""Trust policies: every form of principal, and conditions that protect or only look so."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nhiscan_providers.aws.reading.trust import TrustReading, read_trust
from tests.providers.aws.reading.trusts import GUARD, ORG, OTHER, OWN, only, read, root, statement


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


def test_a_deny_closes_what_a_condition_has_narrowed() -> None:
    role = f"arn:aws:iam::{OTHER}:role/ci"
    allow = statement("*", {"ArnEquals": {"aws:PrincipalArn": role}})
    deny = {"Effect": "Deny", "Principal": {"AWS": role}, "Action": "sts:AssumeRole"}
    assert only(allow, deny).verdict == "broken"


def test_a_deny_of_all_but_some_leaves_everybody_some() -> None:
    deny = {"Effect": "Deny", "NotPrincipal": {"AWS": OWN}, "Action": "sts:AssumeRole"}
    assert only(statement("*"), deny).verdict == "open"


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
