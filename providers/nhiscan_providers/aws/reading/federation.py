"""Grades how narrowly a trust names the outside workload whose tokens it accepts (OIDC `sub`)."""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from nhiscan.records import TrustVerdict, federated_fingerprint
from nhiscan_providers.aws.reading import subjects
from nhiscan_providers.aws.reading.conditions import Value, hollow, required
from nhiscan_providers.aws.reading.documents import Condition
from nhiscan_providers.aws.reading.patterns import is_wild
from nhiscan_providers.aws.reading.subjects import Grade


class Subject(Struct, frozen=True):
    """One accepted subject, as written. `fingerprint` is the SHA-256 of `oidc|issuer|subject`.

    A pattern has a fingerprint too: the same pattern in two accounts lets in the same workloads.
    It is null where the pattern admits everybody and so names nobody.
    """

    pattern: str
    grade: Grade
    fingerprint: str | None


class Federation(Struct, frozen=True):
    """What the conditions of one statement demand of a token.

    `workload` is false where the tokens are those of an app's end users.
    """

    grade: Grade | Literal["broken"]
    verdict: TrustVerdict
    subjects: tuple[Subject, ...]
    audience: tuple[str, ...]
    guard: str
    reason: str
    workload: bool = True


_GOOGLE = "https://accounts.google.com"
# The app that end users must have signed in to, by the claim that names it (IAM User Guide,
# Available keys for AWS web identity federation).
_APPS = ("aud", "oaud", "app_id")

# claims other than sub that GitHub's tokens carry and STS can test, with what they narrow to
_CLAIMS: tuple[tuple[str, Grade], ...] = (
    ("repository", "repository"),
    ("repository_id", "repository"),
    ("job_workflow_ref", "repository"),
    ("repository_owner", "organization"),
    ("repository_owner_id", "organization"),
    ("enterprise_id", "organization"),
)

_REASONS: dict[Grade, str] = {
    "any": "no condition names the workload, so every token of {issuer} is accepted{shared};"
    " a StringEquals on {key} with one literal subject would guard it",
    "organization": "every repository or project of one owner at {issuer} is accepted;"
    " a StringEquals on {key} with one literal subject would guard it",
    "repository": "one repository, project or namespace at {issuer} is accepted in any branch,"
    " pull request or environment; one literal subject in {key} would guard it",
    "tight": "only the workloads named literally in {key} at {issuer} are accepted;"
    " a wildcard there would weaken it",
}


def read_federation(
    issuer: str, conditions: Sequence[Condition], *, end_users: bool = False
) -> Federation:
    """Grade a statement's conditions for an OIDC provider, or one that signs for `end_users`.

    Conditions are joined by AND, so the tightest counts; values by OR, so the loosest counts.
    """
    found = _read(issuer, conditions)
    if not end_users or (issuer == _GOOGLE and found.grade in ("tight", "broken")):
        return found  # a pinned Google account may well be a service account of Google Cloud
    return _users(issuer, found, conditions)


def _read(issuer: str, conditions: Sequence[Condition]) -> Federation:
    host = issuer.removeprefix("https://")
    audience = tuple(
        value.text for test in required(conditions, f"{host}:aud") for value in test.values
    )
    best: tuple[Grade, tuple[Subject, ...], str] = ("any", (), "none")
    for key, ceiling in ((f"{host}:sub", "tight"), *((f"{host}:{k}", g) for k, g in _CLAIMS)):
        for test in required(conditions, key):
            alive = [value for value in test.values if value.wild or not is_wild(value.text)]
            if not alive:
                return _broken(issuer, audience, key)
            found = _accepted(issuer, alive, ceiling, is_subject=key == f"{host}:sub")
            if subjects.ORDER[found[0]] > subjects.ORDER[best[0]] or not best[1]:
                best = (*found, key)
    return _judged(issuer, best, audience, conditions)


def _users(issuer: str, found: Federation, conditions: Sequence[Condition]) -> Federation:
    host = issuer.removeprefix("https://")
    apps = [
        f"{host}:{claim}"
        for claim in _APPS
        for test in required(conditions, f"{host}:{claim}")
        if all(not value.wild and not value.variable for value in test.values)
    ]
    verdict: TrustVerdict = "guarded"
    reason = f"only users of the app that {', '.join(apps)} names come in"
    if not apps:
        verdict = "weak" if "cognito-idp" in host else "open"
        reason = f"no condition names the app, so users of any app at {issuer} come in"
    elif "cognito-identity" in host and not _signed_in(host, conditions):
        verdict = "weak"
        reason += f", signed in or not; a condition on {host}:amr would keep guests out"
    return Federation(
        found.grade,
        verdict,
        found.subjects,
        found.audience,
        ", ".join(apps) or "none",
        reason,
        workload=False,
    )


def _signed_in(host: str, conditions: Sequence[Condition]) -> bool:
    return any(
        all(value.text != "unauthenticated" and value.text.strip("*") for value in test.values)
        for test in required(conditions, f"{host}:amr")
    )


def _accepted(
    issuer: str, values: Sequence[Value], ceiling: str, *, is_subject: bool
) -> tuple[Grade, tuple[Subject, ...]]:
    found: list[Subject] = []
    for value in values:
        grade: Grade = subjects.claim_grade(value.text, ceiling)
        if is_subject:
            grade = subjects.grade(issuer, value.text)
        mark = None if grade == "any" else federated_fingerprint(issuer, value.text)
        found.append(Subject(value.text, grade, mark if is_subject else None))
    loosest = min(found, key=lambda one: subjects.ORDER[one.grade]).grade
    return loosest, tuple(sorted(found, key=lambda one: one.pattern))


def _judged(
    issuer: str,
    best: tuple[Grade, tuple[Subject, ...], str],
    audience: tuple[str, ...],
    conditions: Sequence[Condition],
) -> Federation:
    grade, found, key = best
    host = issuer.removeprefix("https://")
    shared = subjects.is_shared(issuer)
    verdict: TrustVerdict = "guarded" if grade == "tight" else "weak"
    if grade == "any" and shared:
        verdict = "open"
    reason = _REASONS[grade].format(
        issuer=issuer,
        key=f"{host}:sub" if key == "none" else key,
        shared=", whoever its customer is" if shared else "",
    )
    flaws = "; ".join(f"{one.key}: {one.why}" for one in hollow(conditions, f"{host}:sub"))
    if not audience:
        flaws += f"{'; ' if flaws else ''}{host}:aud is not fixed"
    return Federation(
        grade, verdict, found, audience, key, f"{reason} ({flaws})" if flaws else reason
    )


def _broken(issuer: str, audience: tuple[str, ...], key: str) -> Federation:
    reason = (
        f"StringEquals on {key} takes a wildcard literally, so no token of {issuer} matches;"
        " StringLike, or better a literal subject, would let the workload in"
    )
    return Federation("broken", "broken", (), audience, key, reason)
