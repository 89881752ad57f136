"""Knows how CI systems and clusters write an OIDC subject, and how much of it a pattern fixes.

Only the text before the first wildcard counts: what follows one can be met by any owner.
"""

import re
from typing import Literal

from nhiscan_providers.aws.reading.patterns import is_wild

Grade = Literal["any", "organization", "repository", "tight"]
ORDER: dict[str, int] = {"any": 0, "organization": 1, "repository": 2, "tight": 3}

_GITHUB = "token.actions.githubusercontent.com"
# Issuers whose tokens every customer of theirs can get: without a subject anyone may come in.
_SHARED = frozenset(
    {
        _GITHUB, "gitlab.com", "app.terraform.io", "agent.buildkite.com", "accounts.google.com",
        "oidc.circleci.com", "oidc.vercel.com", "app.harness.io", "api.pulumi.com/oidc",
        "oidc.fly.io",
    }
)  # fmt: skip
_OF_ONE_CUSTOMER = re.compile(
    r"oidc\.eks\.[a-z0-9-]+\.amazonaws\.com(\.cn)?/id/.+"
    r"|api\.bitbucket\.org/2\.0/workspaces/.+"
    r"|oidc\.circleci\.com/org/.+"
    r"|container\.googleapis\.com/v1/projects/.+"
    r"|(sts\.windows\.net|login\.microsoftonline\.com)/.+",
    re.IGNORECASE,
)


def is_shared(issuer: str) -> bool:
    """Tell whether tokens of the issuer are to be had by others than one customer.

    An issuer that is not known is taken for shared: nothing says that it is not.
    """
    return _OF_ONE_CUSTOMER.fullmatch(issuer.removeprefix("https://")) is None


def is_machine(issuer: str) -> bool:
    """Tell whether the issuer is known to name machines: a CI system or a cluster."""
    host = issuer.removeprefix("https://").lower()
    first = host.partition("/")[0]
    return (
        first in _SHARED - {"accounts.google.com"}
        or first in ("api.bitbucket.org", "container.googleapis.com", "oidc.circleci.com")
        or first.startswith("oidc.eks.")
        or host.endswith("/_services/token")
    )


def grade(issuer: str, pattern: str) -> Grade:
    """Grade one subject pattern as `sub` of the issuer's tokens."""
    host = issuer.removeprefix("https://").lower()
    if "${" in pattern:
        return "any"  # a policy variable: whatever the caller brings
    for shape, steps in _SHAPES:
        if shape.match(f"{host} {pattern}"):
            return _first(steps, pattern)
    if not is_wild(pattern):
        return "tight"
    return "repository" if pattern[0] not in "*?" else "any"


def claim_grade(text: str, ceiling: str) -> Grade:
    """Grade a value of a claim that by itself narrows to `ceiling`."""
    if is_wild(text) or "${" in text:
        owner = re.match(r"[^*?/]+/", text)
        return "organization" if ceiling == "repository" and owner else "any"
    return "repository" if ceiling == "repository" else "organization"


def _first(steps: tuple[tuple[re.Pattern[str], Grade], ...], pattern: str) -> Grade:
    return next((grade for step, grade in steps if step.match(pattern)), "any")


def _steps(*steps: tuple[str, Grade]) -> tuple[tuple[re.Pattern[str], Grade], ...]:
    # `<>` is one part of a subject without a wildcard in it
    return tuple((re.compile(text.replace("<>", "[^:/*?]+")), grade) for text, grade in steps)


# GitHub docs, OpenID Connect reference, Example subject claims. Organizations choose which claims
# their subjects are made of, so a subject that names no owner can be made by any owner.
_GITHUB_STEPS = _steps(
    (r"repo:<>/<>:(?!pull_request$)[^*?]+$", "tight"),
    (r"repo:<>/<>:(environment:[^:*?]+|ref:refs/(heads|tags)/[^:*?]+):", "tight"),
    (r"repo:<>/<>(:|$)", "repository"),
    (r"([^*?]+:)?(repository:<>/<>|repository_id:<>|job_workflow_ref:<>/<>/.*)(:|$)", "repository"),
    (r"repo:<>/", "organization"),
    (r"([^*?]+:)?(repository:<>/|job_workflow_ref:<>/)", "organization"),
    (r"([^*?]+:)?(repository_owner|repository_owner_id|enterprise|enterprise_id):<>(:|$)",
     "organization"),
)  # fmt: skip
# GitLab docs, OpenID Connect in AWS: project_path:{group}/{project}:ref_type:{type}:ref:{ref}
_GITLAB_STEPS = _steps(
    (r"project_path:[^:*?]+:[^*?]+$", "tight"),
    (r"project_path:[^:*?]+(:|$)", "repository"),
    (r"project_path:[^:/*?]+/", "organization"),
)
# HCP Terraform docs, Workload identity tokens; a workspace is the unit that one configuration owns,
# so both of its run phases are accepted as one workload.
_TERRAFORM_STEPS = _steps(
    (r"organization:<>:(project:<>:)?workspace:<>(:|$)", "tight"),
    (r"organization:<>:project:<>:", "repository"),
    (r"organization:<>:", "organization"),
)
# Buildkite docs, OpenID Connect, Claims
_BUILDKITE_STEPS = _steps(
    (r"organization:<>:pipeline:<>:[^*?]+$", "tight"),
    (r"organization:<>:pipeline:<>:ref:[^:*?]+:", "tight"),
    (r"organization:<>:pipeline:<>(:|$)", "repository"),
    (r"organization:<>:", "organization"),
)
# CircleCI docs, OpenID Connect token format; the user in the middle is an id of CircleCI's making
_CIRCLECI_STEPS = _steps(
    (r"org/<>/project/<>/[^*?]+$", "tight"),
    (r"org/<>/project/<>/.*/vcs-ref/[^*?]+$", "tight"),
    (r"org/<>/project/<>(/|$)", "repository"),
    (r"org/<>/", "organization"),
)
# Atlassian docs, Integrate Pipelines with resource servers using OIDC:
# {repository}[:{deployment environment}]:{step}, each a UUID in braces
_BITBUCKET_STEPS = _steps(
    (r"[^*?]+$", "tight"),
    (r"\{[^}*?]+\}:\{[^}*?]+\}:", "tight"),
    (r"\{[^}*?]+\}:", "repository"),
)
# Kubernetes docs, Authenticating: system:serviceaccount:{namespace}:{name}
_KUBERNETES_STEPS = _steps(
    (r"system:serviceaccount:<>:[^:*?]+$", "tight"),
    (r"system:serviceaccount:<>:", "repository"),
)
_GOOGLE_STEPS = _steps((r"\d{10,30}$", "tight"))
_OWNER_STEPS = _steps(
    (r"owner:<>:project:<>:environment:[^:*?]+$", "tight"),
    (r"owner:<>:project:<>:", "repository"),
    (r"owner:<>:", "organization"),
)

# By issuer, then by the shape that self-hosted ones share. Matched against `host subject`.
_SHAPES = tuple(
    (re.compile(shape, re.IGNORECASE), steps)
    for shape, steps in (
        (r"token\.actions\.githubusercontent\.com[/ ]", _GITHUB_STEPS),
        (r"[^ ]+/_services/token ", _GITHUB_STEPS),
        (r"gitlab\.com ", _GITLAB_STEPS),
        (r"app\.terraform\.io ", _TERRAFORM_STEPS),
        (r"agent\.buildkite\.com ", _BUILDKITE_STEPS),
        (r"oidc\.circleci\.com[/ ]", _CIRCLECI_STEPS),
        (r"api\.bitbucket\.org/", _BITBUCKET_STEPS),
        (r"oidc\.eks\.", _KUBERNETES_STEPS),
        (r"container\.googleapis\.com/", _KUBERNETES_STEPS),
        (r"accounts\.google\.com ", _GOOGLE_STEPS),
        (r"oidc\.vercel\.com[/ ]", _OWNER_STEPS),
        (r"[^ ]+ project_path:", _GITLAB_STEPS),
        (r"[^ ]+ system:serviceaccount:", _KUBERNETES_STEPS),
        (r"[^ ]+ organization:[^:]+:project:", _TERRAFORM_STEPS),
    )
)
