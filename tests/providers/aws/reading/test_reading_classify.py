"""The seventeen rules that tell machines from people, and what they say of facts not read."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from nhiscan_providers.aws.reading.classify import (
    KeyFact,
    RoleFacts,
    UserFacts,
    classify_role,
    classify_root,
    classify_user,
)
from nhiscan_providers.aws.reading.trust import read_trust

NOW = datetime(2026, 6, 1, tzinfo=UTC)
OWN, OTHER = "111122223333", "444455556666"
PROVIDERS = f"arn:aws:iam::{OWN}:oidc-provider"
SAML = {"Federated": f"arn:aws:iam::{OWN}:saml-provider/idp"}
GITHUB = {"Federated": f"{PROVIDERS}/token.actions.githubusercontent.com"}
EKS = {"Federated": f"{PROVIDERS}/oidc.eks.eu-west-1.amazonaws.com/id/X"}
POOL = {"Federated": "cognito-identity.amazonaws.com"}
ALICE = f"arn:aws:iam::{OWN}:user/alice"


def ago(days: int) -> datetime:
    return NOW - timedelta(days=days)


def trusting(*principals: object) -> Any:
    statements = [
        {"Effect": "Allow", "Principal": one, "Action": "sts:AssumeRole*"} for one in principals
    ]
    return read_trust({"Statement": statements}, account=OWN)


def role(*principals: object, **facts: Any) -> tuple[str, str]:
    made = {"name": "x", "trust": trusting(*principals), **facts}
    found = classify_role(RoleFacts(**made))
    assert found.evidence.endswith(f"confidence {found.confidence}")
    return found.class_, found.rule.removeprefix("aws-A5-")


def user(**facts: Any) -> tuple[str, str]:
    known: dict[str, Any] = {
        "name": "x",
        "has_password": False,
        "keys": [],
        "service_credentials": 0,
        "ssh_keys": 0,
    }
    found = classify_user(UserFacts(**{**known, **facts}), NOW)
    assert found.evidence.endswith(f"confidence {found.confidence}")
    return found.class_, found.rule.removeprefix("aws-A5-")


def test_root_is_a_person() -> None:
    assert (classify_root().class_, classify_root().rule) == ("human", "aws-A5-01")


@pytest.mark.parametrize(
    ("principals", "facts", "expected"),
    [
        (
            [{"Service": "elasticloadbalancing.amazonaws.com"}],
            {"path": "/aws-service-role/elasticloadbalancing.amazonaws.com/"},
            ("platform", "02"),
        ),
        ([SAML], {"path": "/aws-reserved/sso.amazonaws.com/eu-west-1/"}, ("human", "03")),
        ([], {"path": "/aws-reserved/sso.amazonaws.com/", "trust": None}, ("human", "03")),
        ([SAML], {}, ("human", "04")),
        ([POOL], {}, ("mixed", "05")),
        ([{"Federated": "graph.facebook.com"}], {}, ("mixed", "05")),
        ([GITHUB], {}, ("machine", "06")),
        ([EKS], {}, ("machine", "06")),
        ([{"Federated": f"{PROVIDERS}/idp.acme.example"}], {}, ("machine", "06")),
        ([{"Service": "lambda.amazonaws.com"}], {}, ("machine", "07")),
        ([{"Service": ["lambda.amazonaws.com", "ec2.amazonaws.com"]}], {}, ("machine", "07")),
        ([{"Service": "bedrock.amazonaws.com"}], {}, ("ai_agent", "07")),
        ([{"Service": "bedrock-agentcore.amazonaws.com"}], {}, ("ai_agent", "07")),
        ([{"AWS": OTHER}], {}, ("machine", "08")),
        (["*"], {}, ("machine", "08")),
        ([{"AWS": OTHER}, SAML], {}, ("mixed", "10")),
        ([{"AWS": OWN}], {}, ("ambiguous", "09")),
        ([{"AWS": ALICE}], {}, ("ambiguous", "09")),
        ([{"AWS": ALICE}], {"people": [ALICE]}, ("human", "09")),
        ([{"AWS": [ALICE, f"{ALICE}2"]}], {"people": [ALICE]}, ("ambiguous", "09")),
        ([{"AWS": [ALICE, OWN]}], {"people": [ALICE]}, ("ambiguous", "09")),
        ([SAML, {"Service": "ec2.amazonaws.com"}], {}, ("mixed", "10")),
        ([{"AWS": OWN}, {"Service": "ec2.amazonaws.com"}], {}, ("mixed", "10")),
        ([GITHUB, POOL], {}, ("mixed", "10")),
        # machines of several kinds are machines still: nobody is mixed in
        ([GITHUB, {"Service": "ec2.amazonaws.com"}], {}, ("machine", "06")),
        ([{"Service": "ec2.amazonaws.com"}, {"AWS": OTHER}], {}, ("machine", "07")),
        # what can never come in does not count
        ([SAML, {"AWS": "AROACKCEVSQ6C2EXAMPLE"}], {}, ("human", "04")),
        ([{"AWS": "AROACKCEVSQ6C2EXAMPLE"}], {}, ("ambiguous", "00")),
        ([], {}, ("ambiguous", "00")),
        ([], {"trust": None}, ("ambiguous", "00")),
        ([GITHUB, {"AWS": "no such form"}], {}, ("ambiguous", "00")),
    ],
)
def test_roles(principals: list[object], facts: dict[str, Any], expected: tuple[str, str]) -> None:
    assert role(*principals, **facts) == expected


OLD_KEY, BUSY_KEY = KeyFact(True, ago(200)), KeyFact(True, ago(1))
SIGNS_IN = {"has_password": True, "password_last_used": ago(3)}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"name": "BedrockAPIKey-x1"}, ("machine", "11")),
        ({"name": "BedrockAPIKey-x1", "has_password": None, "keys": None}, ("machine", "11")),
        ({"service_credentials": 1}, ("machine", "11")),
        ({"name": "ses-smtp-user.20240101", "keys": [BUSY_KEY]}, ("machine", "12")),
        ({"groups": ["AWSSESSendingGroupDoNotRename"], "keys": [BUSY_KEY]}, ("machine", "12")),
        ({"only_ses": True, "keys": [BUSY_KEY]}, ("machine", "12")),
        ({"keys": [BUSY_KEY]}, ("machine", "13")),
        ({"keys": [KeyFact(False, None)]}, ("machine", "13")),
        ({"ssh_keys": 1}, ("machine", "13")),
        ({"ssh_keys": 1, "keys": None}, ("machine", "13")),
        (SIGNS_IN, ("human", "14")),
        ({**SIGNS_IN, "keys": [OLD_KEY]}, ("human", "14")),
        ({**SIGNS_IN, "keys": [KeyFact(True, None)]}, ("human", "14")),
        ({**SIGNS_IN, "keys": [OLD_KEY, BUSY_KEY]}, ("mixed", "15")),
        ({**SIGNS_IN, "service_credentials": 1}, ("mixed", "15")),
        ({"has_password": True, "keys": [BUSY_KEY]}, ("machine", "16")),
        (
            {"has_password": True, "password_last_used": ago(400), "keys": [BUSY_KEY]},
            ("machine", "16"),
        ),
        ({}, ("ambiguous", "17")),
        ({"has_password": True}, ("ambiguous", "00")),
        ({"has_password": True, "keys": [OLD_KEY]}, ("ambiguous", "00")),
        (
            {"has_password": True, "password_last_used": ago(200), "keys": [BUSY_KEY]},
            ("ambiguous", "00"),
        ),
        # what was not read is never taken for none
        ({"has_password": None}, ("ambiguous", "00")),
        ({"has_password": None, "keys": [BUSY_KEY]}, ("ambiguous", "00")),
        ({"keys": None}, ("ambiguous", "00")),
        ({"service_credentials": None}, ("ambiguous", "00")),
        ({**SIGNS_IN, "keys": None}, ("ambiguous", "00")),
        ({**SIGNS_IN, "service_credentials": None}, ("ambiguous", "00")),
    ],
)
def test_users(facts: dict[str, Any], expected: tuple[str, str]) -> None:
    assert user(**facts) == expected


def test_hints_move_the_confidence_and_never_the_class() -> None:
    def confidence(**facts: Any) -> str:
        known: dict[str, Any] = {"has_password": False, "service_credentials": 0}
        found = classify_user(UserFacts(keys=[BUSY_KEY], **{**known, **facts}), NOW)
        assert found.class_ == "machine"
        return found.confidence

    assert confidence(name="x") == "high"
    assert confidence(name="alice.jones") == "medium"
    assert confidence(name="x", mfa=True) == "medium"
    assert confidence(name="x", groups=["Developers"]) == "medium"
    assert confidence(name="alice@acme.example", tags={"Type": "service"}) == "high"
    door = {"has_password": True}
    assert confidence(name="x", **door) == "medium"
    assert confidence(name="svc-deploy", **door) == "high"
    assert confidence(name="x", path="/service/", **door) == "high"
    assert confidence(name="alice.jones", **door) == "low"


def test_hints_move_the_confidence_in_a_person() -> None:
    def confidence(**facts: Any) -> str:
        known: dict[str, Any] = {"service_credentials": 0, "keys": [OLD_KEY], **SIGNS_IN}
        found = classify_user(UserFacts(**{**known, **facts}), NOW)
        assert found.class_ == "human"
        return found.confidence

    assert confidence(name="x") == "medium"
    assert confidence(name="x", mfa=True) == "high"
    assert confidence(name="deploy-bot") == "low"


@pytest.mark.parametrize("name", ["svc-x", "x_bot", "BackupUser", "ci", "app-sa", "TERRAFORM"])
def test_words_in_names_are_hints(name: str) -> None:
    found = classify_user(
        UserFacts(name=name, has_password=False, keys=[BUSY_KEY], service_credentials=0), NOW
    )
    assert "hint for a machine" in found.evidence


def test_evidence_does_not_change_with_every_use() -> None:
    def evidence(key: KeyFact, signed_in: datetime) -> str:
        facts = UserFacts(
            name="x",
            has_password=True,
            password_last_used=signed_in,
            keys=[key],
            service_credentials=0,
        )
        return classify_user(facts, NOW).evidence

    assert evidence(KeyFact(True, ago(2)), ago(5)) == evidence(KeyFact(True, ago(1)), ago(4))


def test_evidence_names_who_may_assume_a_role_within_bounds() -> None:
    services = {"Service": [f"s{n}.amazonaws.com" for n in range(40)]}
    found = classify_role(RoleFacts(name="x", trust=trusting(services)))
    assert "s0.amazonaws.com" in found.evidence
    assert "and 35 more" in found.evidence
