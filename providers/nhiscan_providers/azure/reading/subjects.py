"""Tells how many workloads of an outside issuer one subject stands for, issuer by issuer."""

import re
from collections.abc import Callable

from nhiscan.records import TrustVerdict

Graded = tuple[TrustVerdict, str]

ENTRA = re.compile(
    r"https://(?:login\.microsoftonline\.(?:com|us)|sts\.windows\.net"
    r"|login\.partner\.microsoftonline\.cn)/([0-9a-f-]{36})(?:/v2\.0)?/?",
    re.IGNORECASE,
)
GUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)

# github.com, an enterprise's own path below it, a data-resident enterprise, an own server.
_GITHUB = re.compile(
    r"https://token\.actions\.(?:githubusercontent\.com(?:/[^/]+)?|[^/]+\.ghe\.com)"
    r"|https://[^/]+/_services/token"
)
_GITLAB = "https://gitlab.com"
_TERRAFORM = re.compile(r"https://app\.(?:eu\.)?terraform\.io")
_GOOGLE = "https://accounts.google.com"
_AZURE_DEVOPS = re.compile(r"https://vstoken\.dev\.azure\.com/[0-9a-f-]{36}", re.IGNORECASE)
# Clusters that a cloud runs (AKS, EKS, GKE), and those that sign with a name of their own.
_CLUSTER = re.compile(
    r"https://(?:[^/]+\.oic\.[^/]*azure\.(?:com|us|cn)/.+"
    r"|oidc\.eks[.-][^/]+\.amazonaws\.com(?:\.cn)?/id/.+"
    r"|container\.googleapis\.com/v1/projects/.+"
    r"|kubernetes\.default\.svc.*)",
    re.IGNORECASE,
)

_SERVICE_ACCOUNT = re.compile(r"system:serviceaccount:[^:]+:[^:]+")
_GITLAB_REF = re.compile(r"project_path:[^:/]+/[^:]+:ref_type:(branch|tag):ref:.+")
_GITLAB_PROJECT = re.compile(r"project_path:[^:/]+/[^:]+")
_TERRAFORM_RUN = re.compile(
    r"organization:[^:]+:project:[^:]+:"
    r"(?:workspace:[^:]+:run_phase:(?:plan|apply)|stack:[^:]+:deployment:[^:]+:operation:[^:]+)"
)
_AWS_ARN = re.compile(r"arn:aws[a-z-]*:(?:iam|sts)::(\d{12}):(?:role|user|assumed-role)/.+")
# What a wildcard must leave alone where customers share one issuer: the customer's own name.
_OWNER_FIRST = re.compile(
    r"(?:repo:|repository_owner:|project_path:|organization:)?([^:/]*)(?:[:/].*)?", re.DOTALL
)


def judge_subject(issuer: str, subject: str) -> Graded:
    """Judge a subject that is compared literally and whole; `issuer` ends without a slash."""
    if "*" in subject:
        return "broken", "the wildcard is compared literally, so no token matches"
    return _judge_of(issuer, subject)(subject)


def judge_pattern(issuer: str, pattern: str) -> Graded:
    """Judge a subject with wildcards, of an issuer that compares them.

    Open if the wildcard reaches the name of the customer: `repo:acme*` lets in whoever takes the
    name acme-two at the same issuer.
    """
    if not pattern.strip("*?"):
        return "open", "any subject of the issuer is accepted"
    owner = _OWNER_FIRST.fullmatch(pattern)
    if _shared(issuer) and owner and set("*?") & set(owner.group(1)):
        return "open", "the wildcard lets in workloads of other customers of the issuer"
    return "weak", "a wildcard lets in every workload whose subject matches it"


def _shared(issuer: str) -> bool:
    return bool(_GITHUB.fullmatch(issuer) or _TERRAFORM.fullmatch(issuer)) or issuer == _GITLAB


def _judge_of(issuer: str, subject: str) -> Callable[[str], Graded]:
    if _GITHUB.fullmatch(issuer):
        return _github
    if issuer == _GITLAB or subject.startswith("project_path:"):
        return _gitlab
    if _TERRAFORM.fullmatch(issuer) or _TERRAFORM_RUN.fullmatch(subject):
        return _terraform
    if issuer == _GOOGLE:
        return _google
    if _AZURE_DEVOPS.fullmatch(issuer):
        return lambda _: ("guarded", "one service connection of Azure DevOps is accepted")
    if _CLUSTER.fullmatch(issuer) or subject.startswith("system:serviceaccount:"):
        return _kubernetes
    if ENTRA.fullmatch(issuer):
        return _entra
    return _aws if subject.startswith("arn:") else _other


def _other(subject: str) -> Graded:
    return "guarded", "one subject of one issuer is accepted"


def _entra(subject: str) -> Graded:
    if GUID.fullmatch(subject):
        return "guarded", "one identity of an Entra directory is accepted, by its object id"
    return "guarded", "one subject that an Entra directory signs is accepted"


def _kubernetes(subject: str) -> Graded:
    if _SERVICE_ACCOUNT.fullmatch(subject):
        return "guarded", "one service account of one cluster is accepted"
    return "guarded", "one subject of one cluster is accepted, which is no service account's form"


def _gitlab(subject: str) -> Graded:
    found = _GITLAB_REF.fullmatch(subject)
    if found:
        return "guarded", f"one {found.group(1)} of one GitLab project is accepted"
    if _GITLAB_PROJECT.fullmatch(subject):  # a project may shorten its tokens' subject to this
        return "weak", "any branch and tag of one GitLab project is accepted"
    return "guarded", "one subject of GitLab is accepted"


def _terraform(subject: str) -> Graded:
    if _TERRAFORM_RUN.fullmatch(subject):
        return "guarded", "one phase of the runs of one Terraform workspace is accepted"
    return "broken", "Terraform sends organization, project, workspace and phase, never less"


def _google(subject: str) -> Graded:
    if "@" in subject:
        return "broken", "Google names an account by its unique number, never by its address"
    if subject.isascii() and subject.isdigit():
        return "guarded", "one Google account is accepted, by its unique number"
    return "guarded", "one subject of Google is accepted"


def _aws(subject: str) -> Graded:
    found = _AWS_ARN.fullmatch(subject)
    if found:
        return "guarded", f"one role or user of AWS account {found.group(1)} is accepted"
    return "guarded", "one subject of AWS is accepted"


def _github(subject: str) -> Graded:
    kind, _, rest = subject.partition(":")
    if kind == "repository_owner" and ":" not in rest:
        return "weak", "any repository of one owner is accepted"
    if kind != "repo":
        return "guarded", "one subject of GitHub is accepted, in a form that its owner set"
    repository, _, what = rest.partition(":")
    if not what or "/" not in repository:
        return "broken", "a repository alone is no subject that GitHub sends"
    if what == "pull_request":
        return "weak", "any pull request of the repository is accepted, whoever opened it"
    if what.startswith(("ref:refs/heads/", "ref:refs/tags/")):
        return "guarded", "one branch or tag of one repository is accepted"
    if what.startswith("environment:"):
        return "guarded", "one environment of one repository is accepted"
    return "guarded", "one subject of one repository is accepted"
