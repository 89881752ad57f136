"""Federated credentials: how narrowly each kind of issuer names the workload that it lets in."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nhiscan.records import federated_fingerprint
from nhiscan_providers.azure.reading.federation import grade

EXCHANGE = ["api://AzureADTokenExchange"]
DIRECTORY = "0a0a0a0a-1111-4222-8333-444444444444"
OBJECT = "0c0c0c0c-1111-4222-8333-444444444444"
GITHUB = "https://token.actions.githubusercontent.com"
GITLAB = "https://gitlab.com"
TERRAFORM = "https://app.terraform.io"
GOOGLE = "https://accounts.google.com"
AKS = f"https://westeurope.oic.prod-aks.azure.com/{DIRECTORY}/{OBJECT}/"
EKS = "https://oidc.eks.eu-central-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF"
GKE = "https://container.googleapis.com/v1/projects/acme/locations/europe-west1/clusters/one"
AWS = f"https://{OBJECT}.tokens.sts.global.api.aws"


@pytest.mark.parametrize(
    ("issuer", "subject", "verdict", "word"),
    [
        (GITHUB, "repo:acme/site:ref:refs/heads/main", "guarded", "branch or tag"),
        (GITHUB, "repo:acme@1/site@2:ref:refs/tags/v1", "guarded", "branch or tag"),
        (GITHUB, "repo:acme/site:environment:production", "guarded", "environment"),
        (GITHUB, "repo:acme/site:pull_request", "weak", "whoever opened it"),
        (GITHUB, "repo:acme/site", "broken", "alone"),
        (GITHUB, "repo:acme/site:*", "broken", "literally"),
        (GITHUB, "repository_owner:acme", "weak", "any repository"),
        (f"{GITHUB}/acme", "repo:acme/site:pull_request", "weak", "whoever opened it"),
        ("https://git.acme.example/_services/token", "repo:a/b:pull_request", "weak", "whoever"),
        (GITLAB, "project_path:acme/site:ref_type:branch:ref:main", "guarded", "one branch"),
        (GITLAB, "project_path:acme/sub/site:ref_type:tag:ref:v1", "guarded", "one tag"),
        (GITLAB, "project_path:acme/site", "weak", "any branch"),
        (
            "https://git.acme.example",
            "project_path:acme/site:ref_type:branch:ref:main",
            "guarded",
            "GitLab",
        ),
        (
            TERRAFORM,
            "organization:acme:project:Default Project:workspace:site:run_phase:apply",
            "guarded",
            "Terraform",
        ),
        (TERRAFORM, "organization:acme", "broken", "never less"),
        (TERRAFORM, "organization:acme:project:p:workspace:w:run_phase:*", "broken", "literally"),
        (GOOGLE, "101234567890123456789", "guarded", "unique number"),
        (GOOGLE, "robot@acme.iam.gserviceaccount.com", "broken", "never by its address"),
        (AWS, "arn:aws:iam::111122223333:role/deploy", "guarded", "AWS account 111122223333"),
        (f"https://vstoken.dev.azure.com/{OBJECT}", "sc://acme/p/c", "guarded", "Azure DevOps"),
        ("https://idp.acme.example", "robot", "guarded", "one subject of one issuer"),
    ],
)
def test_each_issuer_has_its_own_reason(issuer: str, subject: str, verdict: str, word: str) -> None:
    found = grade(issuer, subject, EXCHANGE)
    assert (found.verdict, word in found.reason) == (verdict, True), found.reason
    assert found.guard == f"subject {subject}"
    assert (found.directory, found.object_id) == (None, None)


@pytest.mark.parametrize("issuer", [AKS, EKS, GKE, "https://kubernetes.default.svc.acme.example"])
def test_clusters_are_guarded_never_broken(issuer: str) -> None:
    account = grade(issuer, "system:serviceaccount:shop:deployer", EXCHANGE)
    assert (account.verdict, account.reason) == (
        "guarded",
        "one service account of one cluster is accepted",
    )
    for subject in ("system:node:one", "system:serviceaccount:shop", "anything"):
        other = grade(issuer, subject, EXCHANGE)
        assert (other.verdict, other.reason) == (
            "guarded",
            "one subject of one cluster is accepted, which is no service account's form",
        )


def test_a_service_account_is_seen_whatever_the_clusters_issuer() -> None:
    found = grade("https://oidc.acme.example", "system:serviceaccount:shop:deployer", EXCHANGE)
    assert found.reason == "one service account of one cluster is accepted"


@pytest.mark.parametrize(
    "issuer",
    [
        f"https://login.microsoftonline.com/{DIRECTORY}/v2.0",
        f"https://login.microsoftonline.us/{DIRECTORY.upper()}/v2.0/",
        f"https://sts.windows.net/{DIRECTORY}/",
        f"https://login.partner.microsoftonline.cn/{DIRECTORY}/v2.0",
    ],
)
def test_an_identity_of_an_entra_directory_is_named(issuer: str) -> None:
    found = grade(issuer, OBJECT.upper(), EXCHANGE)
    assert (found.verdict, found.directory, found.object_id) == ("guarded", DIRECTORY, OBJECT)
    pipeline = grade(issuer, "/eid1/c/pub/t/x/a/y/sc/z", EXCHANGE)
    assert (pipeline.verdict, pipeline.directory, pipeline.object_id) == (
        "guarded",
        DIRECTORY,
        None,
    )


@pytest.mark.parametrize(
    ("issuer", "expression", "verdict"),
    [
        (GITHUB, "claims['sub'] matches 'repo:acme/site:ref:refs/heads/*'", "weak"),
        (GITHUB, "claims['sub'] matches 'repo:acme/*'", "weak"),
        (GITHUB, "claims['sub'] matches 'repo:acme*'", "open"),
        (GITHUB, "claims['sub'] matches 'repo:*/site:ref:refs/heads/main'", "open"),
        (GITHUB, "claims['sub'] matches 'repo:acm?/site:pull_request'", "open"),
        (GITHUB, "claims['sub'] matches '*'", "open"),
        (GITHUB, "claims['sub'] matches 'repo:acme/site:pull_request'", "weak"),
        (GITHUB, "claims['sub'] eq 'repo:acme/site:ref:refs/heads/main'", "guarded"),
        (GITHUB, "claims['sub'] eq 'repo:acme/*'", "broken"),
        (GITHUB, "claims['job_workflow_ref'] eq 'acme/ci/.github/x.yml@refs/heads/main'", "weak"),
        (GITHUB, "claims['job_workflow_ref'] matches 'acme/ci/*'", "weak"),
        (GITHUB, "claims['job_workflow_ref'] matches '*/ci/x.yml@refs/heads/main'", "open"),
        (
            GITHUB,
            "claims['sub'] eq 'repo:acme/a:pull_request' or claims['sub'] matches 'repo:*'",
            "open",
        ),
        (
            GITHUB,
            "claims['sub'] matches 'repo:acme/*' or claims['sub'] matches 'repo:ac*'",
            "open",
        ),
        (GITLAB, "claims['sub'] matches 'project_path:acme/*'", "weak"),
        (GITLAB, "claims['sub'] matches 'project_path:*:ref_type:branch:ref:main'", "open"),
        (
            TERRAFORM,
            "claims['sub'] matches 'organization:acme:project:p:workspace:w:run_phase:*'",
            "weak",
        ),
        (TERRAFORM, "claims['sub'] matches 'organization:*:workspace:w:run_phase:plan'", "open"),
        ("https://idp.acme.example", "claims['sub'] matches 'robot-*'", "weak"),
        (GITHUB, "anything else", "unknown"),
        (GITHUB, "claims['sub'] eq ''", "unknown"),
    ],
)
def test_flexible_expressions(issuer: str, expression: str, verdict: str) -> None:
    found = grade(issuer, None, EXCHANGE, {"value": expression, "languageVersion": 1})
    assert found.verdict == verdict, found.reason
    assert (found.fingerprint is None) == (verdict == "unknown")


@pytest.mark.parametrize(
    ("issuer", "subject"), [(None, "robot"), ("", "robot"), (GITHUB, None), (GITHUB, "")]
)
def test_without_an_issuer_or_a_subject_nobody_gets_in(
    issuer: str | None, subject: str | None
) -> None:
    found = grade(issuer, subject, EXCHANGE)
    assert (found.verdict, found.fingerprint) == ("broken", None)


def test_the_fingerprint_is_that_of_other_platforms() -> None:
    subject = "repo:acme/site:ref:refs/heads/main"
    found = grade(f"{GITHUB}/", subject, EXCHANGE)
    assert found.fingerprint == federated_fingerprint(GITHUB, subject)
    assert found.principal == f"token.actions.githubusercontent.com|{subject}"


def test_a_claim_other_than_the_subject_is_told_apart_from_it() -> None:
    reference = "acme/ci/.github/x.yml@refs/heads/main"
    claim = grade(GITHUB, None, EXCHANGE, {"value": f"claims['job_workflow_ref'] eq '{reference}'"})
    assert claim.guard == f"claim job_workflow_ref={reference}"
    assert claim.fingerprint != grade(GITHUB, reference, EXCHANGE).fingerprint
    subject = "repo:acme/site:environment:production"
    flexible = grade(GITHUB, None, EXCHANGE, {"value": f"claims['sub'] eq '{subject}'"})
    assert flexible.fingerprint == grade(GITHUB, subject, EXCHANGE).fingerprint


def test_tokens_made_for_others_are_told() -> None:
    assert (
        "made for"
        not in grade(GITHUB, "repo:a/b:environment:c", ["API://azureadtokenexchange"]).reason
    )
    reason = grade(GITHUB, "repo:a/b:environment:c", ["https://git.acme.example"]).reason
    assert reason.endswith("; it accepts tokens made for https://git.acme.example")


@given(
    st.none() | st.text(),
    st.none() | st.text(),
    st.lists(st.text()),
    st.none() | st.text() | st.integers() | st.dictionaries(st.text(), st.text()),
)
def test_hostile_values_never_raise_and_are_never_silently_open(
    issuer: str | None, subject: str | None, audiences: list[str], expression: Any
) -> None:
    found = grade(issuer, subject, audiences, expression)
    assert found.reason
    assert found.principal
    if found.fingerprint is None:
        assert found.verdict in ("unknown", "broken")
