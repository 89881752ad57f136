"""OIDC, SAML and app users: how narrowly a trust names whose tokens it accepts."""

from hashlib import sha256
from typing import Any

import pytest

from nhiscan_providers.aws.reading.subjects import grade, is_machine, is_shared
from nhiscan_providers.aws.reading.trust import TrustReading, read_trust

OWN = "111122223333"
GITHUB = "token.actions.githubusercontent.com"
GITLAB = "gitlab.com"
TERRAFORM = "app.terraform.io"
BUILDKITE = "agent.buildkite.com"
CIRCLECI = "oidc.circleci.com/org/9c1d"
BITBUCKET = "api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc"
EKS = "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLED539D"
UUID = "{6f1b2c3d-0000-4000-8000-000000000001}"


def oidc(host: str, condition: object = None) -> TrustReading:
    made: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:aws:iam::{OWN}:oidc-provider/{host}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
    }
    if condition is not None:
        made["Condition"] = condition
    (reading,) = read_trust({"Statement": made}, account=OWN)
    return reading


def pinned(host: str, subject: object, operator: str = "StringLike") -> TrustReading:
    return oidc(
        host,
        {"StringEquals": {f"{host}:aud": "sts.amazonaws.com"}, operator: {f"{host}:sub": subject}}
        if operator != "StringEquals"
        else {operator: {f"{host}:aud": "sts.amazonaws.com", f"{host}:sub": subject}},
    )


@pytest.mark.parametrize(
    ("host", "subject", "expected"),
    [
        (GITHUB, "*", "any"),
        (GITHUB, "repo:*", "any"),
        (GITHUB, "repo:acme*", "any"),
        (GITHUB, "repo:*/deploy:ref:refs/heads/main", "any"),
        (GITHUB, "repo:acm?/deploy:ref:refs/heads/main", "any"),
        (GITHUB, "*:ref:refs/heads/main", "any"),
        (GITHUB, "environment:prod", "any"),
        (GITHUB, "ref:refs/heads/main", "any"),
        (GITHUB, "actor:octocat", "any"),
        (GITHUB, "${aws:username}", "any"),
        (GITHUB, "repo:acme/*", "organization"),
        (GITHUB, "repo:acme/app-*", "organization"),
        (GITHUB, "repo:acme/*:ref:refs/heads/main", "organization"),
        (GITHUB, "repo:acme/deploy*", "organization"),
        (GITHUB, "repository_owner:acme", "organization"),
        (GITHUB, "repository_owner_id:4411:*", "organization"),
        (GITHUB, "repo:acme/deploy:*", "repository"),
        (GITHUB, "repo:acme/deploy:ref:refs/heads/*", "repository"),
        (GITHUB, "repo:acme/deploy:ref:refs/heads/release-*", "repository"),
        (GITHUB, "repo:acme/deploy:environment:*", "repository"),
        (GITHUB, "repo:acme/deploy:pull_request", "repository"),
        (GITHUB, "job_workflow_ref:acme/ci/.github/workflows/x.yml@refs/heads/main", "repository"),
        (GITHUB, "repo:acme/deploy:ref:refs/heads/main", "tight"),
        (GITHUB, "repo:acme/deploy:ref:refs/tags/v1", "tight"),
        (GITHUB, "repo:acme/deploy:environment:prod", "tight"),
        (GITHUB, "repo:acme/deploy:environment:prod:ref:*", "tight"),
        (GITHUB, "repo:acme@12/deploy@34:ref:refs/heads/main", "tight"),
        (f"{GITHUB}/acme-enterprise", "repo:acme/deploy:*", "repository"),
        ("github.acme.example/_services/token", "repo:acme/deploy:*", "repository"),
        (GITLAB, "*", "any"),
        (GITLAB, "project_path:acme*", "any"),
        (GITLAB, "project_path:*/deploy:ref_type:branch:ref:main", "any"),
        (GITLAB, "project_path:acme/*", "organization"),
        (GITLAB, "project_path:acme/infra/*:ref_type:branch:ref:main", "organization"),
        (GITLAB, "project_path:acme/deploy:*", "repository"),
        (GITLAB, "project_path:acme/deploy:ref_type:branch:ref:*", "repository"),
        (GITLAB, "project_path:acme/infra/deploy:ref_type:branch:ref:main", "tight"),
        ("gitlab.acme.example", "project_path:acme/deploy:*", "repository"),
        (TERRAFORM, "organization:*", "any"),
        (TERRAFORM, "organization:acme*", "any"),
        (TERRAFORM, "organization:*:project:p:workspace:w:run_phase:apply", "any"),
        (TERRAFORM, "organization:acme:*", "organization"),
        (TERRAFORM, "organization:acme:project:*:workspace:w:run_phase:*", "organization"),
        (TERRAFORM, "organization:acme:project:p:*", "repository"),
        (TERRAFORM, "organization:acme:project:p:workspace:*:run_phase:apply", "repository"),
        (TERRAFORM, "organization:acme:project:p:workspace:w:run_phase:*", "tight"),
        (TERRAFORM, "organization:acme:project:p:workspace:w:run_phase:apply", "tight"),
        (BUILDKITE, "organization:*", "any"),
        (BUILDKITE, "organization:acme:*", "organization"),
        (BUILDKITE, "organization:acme:pipeline:deploy:*", "repository"),
        (BUILDKITE, "organization:acme:pipeline:deploy:ref:refs/heads/main:*", "tight"),
        (CIRCLECI, "*", "any"),
        (CIRCLECI, "org/9c1d/*", "organization"),
        (CIRCLECI, "org/9c1d/project/77/user/*", "repository"),
        (CIRCLECI, "org/9c1d/project/77/user/*/vcs-ref/refs/heads/main", "tight"),
        (CIRCLECI, "org/9c1d/project/77/user/88", "tight"),
        (BITBUCKET, "*", "any"),
        (BITBUCKET, f"{UUID}:*", "repository"),
        (BITBUCKET, f"{UUID}:{UUID}:*", "tight"),
        (EKS, "*", "any"),
        (EKS, "system:serviceaccount:*", "any"),
        (EKS, "system:serviceaccount:*:deployer", "any"),
        (EKS, "system:serviceaccount:prod:*", "repository"),
        (EKS, "system:serviceaccount:prod:deployer", "tight"),
        (EKS, "system:serviceaccount:prod:${aws:PrincipalTag/sa}", "any"),
        ("idp.acme.example", "system:serviceaccount:prod:*", "repository"),
        ("idp.acme.example", "deployer", "tight"),
        ("idp.acme.example", "deploy*", "repository"),
        ("idp.acme.example", "*", "any"),
    ],
)
def test_subjects_are_graded_by_what_they_fix(host: str, subject: str, expected: str) -> None:
    assert grade(f"https://{host}", subject) == expected


@pytest.mark.parametrize(
    ("host", "subject", "verdict"),
    [
        (GITHUB, "repo:*", "open"),
        (GITHUB, "repo:acme/*", "weak"),
        (GITHUB, "repo:acme/deploy:*", "weak"),
        (GITHUB, "repo:acme/deploy:environment:prod", "guarded"),
        (EKS, "*", "weak"),
        (EKS, "system:serviceaccount:prod:deployer", "guarded"),
        (CIRCLECI, "*", "weak"),
        ("idp.acme.example", "*", "open"),
    ],
)
def test_verdicts_follow_the_grade_and_who_else_gets_tokens(
    host: str, subject: str, verdict: str
) -> None:
    reading = pinned(host, subject)
    assert (reading.principal_kind, reading.verdict) == ("oidc", verdict)
    assert reading.issuer == f"https://{host}"
    assert reading.audience == ("sts.amazonaws.com",)
    assert "would" in reading.reason


@pytest.mark.parametrize(
    ("condition", "verdict"),
    [
        (None, "open"),
        ({"StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"}}, "open"),
        ({"StringLikeIfExists": {f"{GITHUB}:sub": "repo:acme/x:environment:p"}}, "open"),
        ({"ForAllValues:StringLike": {f"{GITHUB}:sub": "repo:acme/x:environment:p"}}, "open"),
        ({"StringNotLike": {f"{GITHUB}:sub": "repo:globex/*"}}, "open"),
        ({"Null": {f"{GITHUB}:sub": "false"}}, "open"),
        ({"StringEquals": {f"{GITHUB}:sub": "repo:acme/x:*"}}, "broken"),
        ({"StringEquals": {f"{GITHUB}:sub": ["repo:acme/x:*", "repo:acme/y:*"]}}, "broken"),
        (
            {"StringEquals": {f"{GITHUB}:sub": ["repo:acme/x:*", "repo:acme/x:environment:p"]}},
            "guarded",
        ),
        ({"ForAnyValue:StringLike": {f"{GITHUB}:sub": "repo:acme/x:environment:p"}}, "guarded"),
        ({"StringLike": {f"{GITHUB}:sub": ["repo:acme/x:environment:p", "repo:*"]}}, "open"),
        ({"StringLike": {f"{GITHUB}:sub": ["repo:acme/x:environment:p", "repo:acme/*"]}}, "weak"),
        (
            {
                "StringLike": {f"{GITHUB}:sub": "repo:*"},
                "StringEquals": {f"{GITHUB}:sub": "repo:acme/x:environment:p"},
            },
            "guarded",
        ),
        (
            {
                "StringLike": {f"{GITHUB}:sub": "repo:acme/*"},
                "StringEquals": {f"{GITHUB}:sub": "repo:acme/x:*"},
            },
            "broken",
        ),
        ({"StringEquals": {f"{GITHUB}:repository_owner": "acme"}}, "weak"),
        ({"StringEquals": {f"{GITHUB}:repository": "acme/x"}}, "weak"),
        ({"StringEquals": {f"{GITHUB}:ref": "refs/heads/main"}}, "open"),
        # another provider's key says nothing about this one's tokens
        ({"StringEquals": {"gitlab.com:sub": "project_path:acme/x:ref_type:branch:ref:m"}}, "open"),
    ],
)
def test_conditions_on_the_subject(condition: object, verdict: str) -> None:
    assert oidc(GITHUB, condition).verdict == verdict


def test_a_missing_audience_is_said() -> None:
    subject = "repo:acme/x:environment:p"
    assert "aud is not fixed" in oidc(GITHUB, {"StringEquals": {f"{GITHUB}:sub": subject}}).reason
    assert "aud is not fixed" not in pinned(GITHUB, subject).reason


def test_one_outside_workload_has_one_name_and_fingerprint_everywhere() -> None:
    subject = "repo:northwind/deploy:environment:prod"
    here = pinned(GITHUB, subject)
    elsewhere = {
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:aws:iam::444455556666:oidc-provider/{GITHUB}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringLike": {f"{GITHUB}:sub": [subject]}},
    }
    (there,) = read_trust({"Statement": elsewhere}, account="444455556666")
    assert here.principal == there.principal == f"https://{GITHUB} {subject}"
    assert here.principal_account is None
    assert here.relation is None
    expected = sha256(f"oidc|https://{GITHUB}|{subject}".encode()).hexdigest()
    assert [one.fingerprint for one in (*here.subjects, *there.subjects)] == [expected] * 2


def test_an_issuer_has_one_spelling() -> None:
    assert oidc("idp.acme.example/").issuer == "https://idp.acme.example"


def test_a_claim_is_no_subject_and_has_no_fingerprint() -> None:
    reading = oidc(GITHUB, {"StringEquals": {f"{GITHUB}:repository": "acme/x"}})
    assert [(one.grade, one.fingerprint) for one in reading.subjects] == [("repository", None)]


def test_a_pattern_for_everybody_has_no_fingerprint() -> None:
    reading = pinned(GITHUB, ["repo:*", "repo:acme/*"])
    assert [(one.pattern, one.fingerprint is None) for one in reading.subjects] == [
        ("repo:*", True),
        ("repo:acme/*", False),
    ]
    assert pinned(GITHUB, "*").principal == f"https://{GITHUB} *"


@pytest.mark.parametrize(
    ("issuer", "shared", "machine"),
    [
        (GITHUB, True, True),
        (GITLAB, True, True),
        (TERRAFORM, True, True),
        (BUILDKITE, True, True),
        (CIRCLECI, False, True),
        (BITBUCKET, False, True),
        (EKS, False, True),
        ("idp.acme.example", True, False),
    ],
)
def test_known_issuers(issuer: str, shared: bool, machine: bool) -> None:
    assert is_shared(f"https://{issuer}") is shared
    assert is_machine(f"https://{issuer}") is machine


def app(principal: str, condition: object = None) -> TrustReading:
    made: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Federated": principal},
        "Action": "sts:AssumeRoleWithWebIdentity",
        **({} if condition is None else {"Condition": condition}),
    }
    (reading,) = read_trust({"Statement": made}, account=OWN)
    return reading


POOL = {"cognito-identity.amazonaws.com:aud": "us-east-1:5bc9"}
SIGNED_IN = {"cognito-identity.amazonaws.com:amr": "authenticated"}


@pytest.mark.parametrize(
    ("principal", "condition", "verdict"),
    [
        ("cognito-identity.amazonaws.com", None, "open"),
        ("cognito-identity.amazonaws.com", {"StringEquals": POOL}, "weak"),
        (
            "cognito-identity.amazonaws.com",
            {"StringEquals": POOL, "ForAnyValue:StringLike": SIGNED_IN},
            "guarded",
        ),
        (
            "cognito-identity.amazonaws.com",
            {
                "StringEquals": POOL,
                "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "unauthenticated"},
            },
            "weak",
        ),
        ("www.amazon.com", {"StringEquals": {"www.amazon.com:app_id": "amzn1.x"}}, "guarded"),
        ("graph.facebook.com", None, "open"),
        ("accounts.google.com", {"StringEquals": {"accounts.google.com:aud": "x"}}, "guarded"),
    ],
)
def test_end_users_of_an_app(principal: str, condition: object, verdict: str) -> None:
    reading = app(principal, condition)
    assert (reading.principal_kind, reading.verdict) == ("end_users", verdict)


def test_a_user_pool_signs_for_end_users() -> None:
    pool = f"arn:aws:iam::{OWN}:oidc-provider/cognito-idp.eu-west-1.amazonaws.com/eu-west-1_x"
    assert app(pool).principal_kind == "end_users"


def test_a_user_pool_without_its_app_is_weak_and_with_it_guarded() -> None:
    host = "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_x"
    pool = f"arn:aws:iam::{OWN}:oidc-provider/{host}"
    assert app(pool).verdict == "weak"
    assert app(pool, {"StringEquals": {f"{host}:aud": "7abc"}}).verdict == "guarded"
    assert app(pool, {"StringLike": {f"{host}:aud": "7a*"}}).verdict == "weak"


def test_one_google_account_is_a_workload() -> None:
    sub = {"StringEquals": {"accounts.google.com:sub": "104857600123456789012"}}
    reading = app("accounts.google.com", sub)
    assert (reading.principal_kind, reading.verdict) == ("oidc", "guarded")


def test_saml_is_guarded_by_the_assertion() -> None:
    made = {
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:aws:iam::{OWN}:saml-provider/idp"},
        "Action": ["sts:AssumeRoleWithSAML", "sts:TagSession"],
        "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
    }
    (reading,) = read_trust({"Statement": made}, account=OWN)
    assert (reading.principal_kind, reading.verdict) == ("saml", "guarded")
    assert reading.guard == "SAML:aud"
    assert reading.principal == f"arn:aws:iam::{OWN}:saml-provider/idp"
