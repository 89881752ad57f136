"""Grades how narrowly a pool, and a binding to it, name the outside workload that is let in."""

from collections.abc import Iterable, Mapping
from typing import Literal

from msgspec import Struct

from nhiscan.records import TrustVerdict, federated_fingerprint
from nhiscan_providers.gcp.reading.conditions import Pin, pins

Proof = Literal["oidc", "aws", "saml", "x509", "unknown"]
Grade = Literal["any", "organization", "repository", "tight"]
_ORDER: Mapping[Grade, int] = {"any": 0, "organization": 1, "repository": 2, "tight": 3}
# Issuers whose tokens every customer of theirs can get: without a condition anyone may come in.
_SHARED = (
    "token.actions.githubusercontent.com", "gitlab.com", "app.terraform.io",
    "agent.buildkite.com", "accounts.google.com", "oidc.circleci.com", "oidc.vercel.com",
    "api.pulumi.com", "oidc.fly.io", "app.harness.io",
)  # fmt: skip
# What a claim of a CI system's token narrows to (its issuer's OpenID Connect reference).
_CLAIMS: Mapping[str, Grade] = {
    "sub": "tight",
    "subject": "tight",
    "repository": "repository",
    "repository_id": "repository",
    "project_path": "repository",
    "project_id": "repository",
    "job_workflow_ref": "repository",
    "workflow_ref": "repository",
    "terraform_workspace_id": "repository",
    "repository_owner": "organization",
    "repository_owner_id": "organization",
    "namespace_path": "organization",
    "namespace_id": "organization",
    "enterprise_id": "organization",
    "terraform_organization_name": "organization",
    "terraform_organization_id": "organization",
    "organization_slug": "organization",
    "tid": "organization",
    "oid": "tight",
    "appid": "tight",
    "arn": "tight",
    "aws_role": "repository",
    "account": "organization",
}


class Provider(Struct, frozen=True, kw_only=True):
    """One provider of a pool, by the fields that are kept; `issuer` is without a slash at its end.

    `kind` says how its workloads prove themselves.
    """

    name: str
    id: str
    kind: Proof
    issuer: str | None = None
    account: str | None = None
    audiences: tuple[str, ...] = ()
    mapping: Mapping[str, str] = {}
    condition: str = ""
    disabled: bool = False
    deleted: bool = False

    @property
    def shared(self) -> bool:
        """Whether others than one customer get tokens of the issuer."""
        host = (self.issuer or "").removeprefix("https://").lower()
        return self.kind == "oidc" and host.partition("/")[0] in _SHARED

    @property
    def live(self) -> bool:
        """Whether it lets anybody in, its pool aside."""
        return not (self.disabled or self.deleted)


class Entry(Struct, frozen=True, kw_only=True):
    """How one member comes in: what of its token is fixed, and how good that is.

    `fingerprint` is the SHA-256 of `oidc|issuer|subject`, null where no subject is named.
    """

    grade: Grade
    verdict: TrustVerdict
    guard: str
    reason: str
    issuer: str | None = None
    subject: str | None = None
    fingerprint: str | None = None


def read_provider(provider: Provider) -> Entry:
    """Grade whom a provider lets into its pool, by its condition alone."""
    who = provider.issuer or (f"AWS account {provider.account}" if provider.account else "it")
    found = pins(provider.condition)
    grade = _loosest(_grade_of(provider, alternative) for alternative in found)
    if provider.kind == "aws" and grade == "any":
        return Entry(
            grade="organization", verdict="weak", guard="aws.accountId",
            issuer=None,
            reason=f"every role of {who} comes into the pool; a condition on the role's ARN would"
            " narrow it",
        )  # fmt: skip
    if grade == "any":
        verdict: TrustVerdict = "open" if provider.shared else "weak"
        whoever = ", whoever its customer is" if provider.shared else ""
        note = (
            "its condition pins nothing that is understood"
            if provider.condition
            else ("it has no attribute condition")
        )
        return Entry(
            grade=grade, verdict=verdict, guard="none", issuer=provider.issuer,
            reason=f"every token of {who} comes into the pool{whoever}: {note}; a condition that"
            " fixes the owner's id would guard it",
        )  # fmt: skip
    guard = ", ".join(sorted({pin.attribute for alternative in found for pin in alternative}))
    return Entry(
        grade=grade, verdict="guarded", guard=guard, issuer=provider.issuer,
        reason=f"its condition fixes {guard} of tokens of {who}",
    )  # fmt: skip


def read_entry(part: str, providers: Iterable[Provider]) -> list[Entry]:
    """Grade a member of a pool (`subject/…`, `attribute.…/…`, `group/…`, `*`), by provider.

    A pool's subjects are not told apart by provider: whatever any of its providers lets in counts.
    """
    return [_entry(part, provider) for provider in providers if provider.live]


def _entry(part: str, provider: Provider) -> Entry:
    door = read_provider(provider)
    name, _, value = part.partition("/")
    claim = _claim(name, provider.mapping)
    if part == "*":
        return Entry(
            grade=door.grade,
            verdict="open" if door.verdict == "open" else "weak",
            guard=door.guard,
            issuer=provider.issuer,
            reason=f"every workload of the pool: {door.reason}",
        )
    if name == "subject":
        return _subject(value, claim, provider)
    return _attribute(name, value, claim, provider, door)


def _subject(value: str, claim: str | None, provider: Provider) -> Entry:
    if claim in (None, "sub", "subject", "arn"):
        return Entry(
            grade="tight",
            verdict="guarded",
            guard="google.subject",
            issuer=provider.issuer,
            subject=value,
            # what else the subject is made of, another cloud does not write the same way
            fingerprint=_fingerprint(provider, value) if claim == "sub" else None,
            reason=f"only the subject {value} of {_who(provider)}",
        )
    return Entry(
        grade="repository",
        verdict="weak",
        guard=f"google.subject = {claim}",
        issuer=provider.issuer,
        subject=value,
        reason=f"google.subject is mapped from {claim}, which several workloads may share",
    )


def _attribute(name: str, value: str, claim: str | None, provider: Provider, door: Entry) -> Entry:
    grade = _CLAIMS.get(claim or "", "any")
    pattern = _pattern(provider, claim, value)
    verdict: TrustVerdict = "guarded" if grade == "tight" else "weak"
    if grade == "any" and door.verdict == "open":
        verdict = "open"
    return Entry(
        grade=grade,
        verdict=verdict,
        guard=f"{name} = {value}",
        issuer=provider.issuer,
        subject=pattern,
        fingerprint=_fingerprint(provider, pattern) if pattern else None,
        reason=f"{_ADMITS[grade]} at {_who(provider)}, by"
        f" {claim or 'an attribute that is not mapped from one claim'}",
    )


_ADMITS: Mapping[Grade, str] = {
    "tight": "one workload",
    "repository": "one repository or project in any branch, pull request or environment",
    "organization": "every repository or project of one owner",
    "any": "whoever has that attribute",
}


def _pattern(provider: Provider, claim: str | None, value: str) -> str | None:
    """Write an attribute as the pattern of subjects it admits, as other clouds write it."""
    github = "githubusercontent.com" in (provider.issuer or "")
    if github and claim == "repository":
        return f"repo:{value}:*"
    if github and claim == "repository_owner":
        return f"repo:{value}/*"
    return value if claim == "sub" else None


def _claim(name: str, mapping: Mapping[str, str]) -> str | None:
    """Name the claim that a mapped attribute is taken from; null if it is not a single one."""
    text = mapping.get("google.subject" if name == "subject" else name, "")
    for prefix in ("assertion.", "attribute.", "google."):
        if text.startswith(prefix):
            claim = text.removeprefix(prefix)
            return claim if claim.replace("_", "").isalnum() else None
    return None


def _grade_of(provider: Provider, alternative: Iterable[Pin]) -> Grade:
    best: Grade = "any"
    for pin in alternative:
        name = pin.attribute
        claim = _claim(f"attribute.{name}", provider.mapping) or name
        grade = _CLAIMS.get(claim, "any")
        if not pin.whole:
            owner = all("/" in value or ":" in value for value in pin.values)
            grade = "organization" if grade in ("repository", "tight") and owner else "any"
        if _ORDER[grade] > _ORDER[best]:
            best = grade
    return best


def _loosest(grades: Iterable[Grade]) -> Grade:
    return min(grades, key=_ORDER.__getitem__, default="any")


def _who(provider: Provider) -> str:
    return provider.issuer or (
        f"AWS account {provider.account}" if provider.account else f"provider {provider.id}"
    )


def _fingerprint(provider: Provider, subject: str) -> str | None:
    if provider.kind != "oidc" or not provider.issuer:
        return None
    return federated_fingerprint(provider.issuer, subject)
