"""Makes the rows of pools and their providers, API keys and agents."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any, Literal

from nhiscan.records import (
    AnyRecord,
    Credential,
    CredentialKind,
    Identity,
    PrincipalKind,
    Privilege,
    Trust,
    TrustVerdict,
    Usage,
)
from nhiscan_providers.gcp.calls import AGENTS, API_KEYS, POOLS
from nhiscan_providers.gcp.facts import Agent, ApiKey, Facts, Pool
from nhiscan_providers.gcp.reading.federation import Provider, read_provider

_SUBJECTS: tuple[tuple[Literal["identity", "credential"], str], ...] = (
    ("identity", ""),
    ("credential", "/string"),
)
_GEMINI = "generativelanguage.googleapis.com"
_KINDS: dict[str, CredentialKind] = {
    "oidc": "oidc_provider",
    "saml": "saml_provider",
    "x509": "certificate",
}


def pool(one: Pool) -> Iterator[AnyRecord]:
    """Describe a pool, its providers, and whom each lets in."""
    if one.managed_by_google:
        return
    yield Identity(
        key=one.name,
        kind="workload",
        native_type="gcp.workload_pool",
        native_id=f"//iam.googleapis.com/{one.name}",
        immutable_id=one.name,
        name=one.title or one.id,
        class_="machine",
        class_rule="workload_pool",
        class_evidence="lets outside workloads in without a key",
        enabled=one.live,
        privilege="none",
        attributes={"providers": len(one.providers), "pool": one.id},
        source=POOLS,
    )
    yield Usage(
        subject="identity", key=one.name, usage="unsupported",
        note="Google does not record when a pool lets somebody in", source=POOLS,
    )  # fmt: skip
    for number, provider in enumerate(sorted(one.providers, key=lambda row: row.name)):
        yield _provider(one, provider)
        yield _door(one, provider, number)


def _provider(one: Pool, provider: Provider) -> Credential:
    facts: dict[str, Any] = {
        "issuer": provider.issuer,
        "aws_account": provider.account,
        "audiences": list(provider.audiences),
        "condition": provider.condition[:1000],
        "mapping": dict(provider.mapping),
        "kind": provider.kind,
    }
    issuer = f"oidc_provider|{provider.issuer}" if provider.issuer else None
    return Credential(
        key=provider.name,
        identity=one.name,
        kind=_KINDS.get(provider.kind, "oidc_provider"),
        public_id=provider.id,
        fingerprint=sha256(issuer.encode("utf-8", "backslashreplace")).hexdigest()
        if issuer
        else None,
        status="active" if one.live and provider.live else "inactive",
        attributes={name: value for name, value in facts.items() if value},
        source=POOLS,
    )


def _door(one: Pool, provider: Provider, number: int) -> Trust:
    entry = read_provider(provider)
    kind: PrincipalKind = "saml" if provider.kind == "saml" else "oidc"
    live = one.live and provider.live
    return Trust(
        identity=one.name,
        principal=provider.issuer or _outside(provider),
        principal_kind=kind,
        guard=entry.guard,
        verdict=entry.verdict if live else "broken",
        reason=entry.reason if live else "the pool or the provider is disabled or deleted",
        statement=number,
        source=POOLS,
    )


def _outside(provider: Provider) -> str:
    return f"aws:{provider.account}" if provider.account else provider.id


def api_key(one: ApiKey, facts: Facts) -> Iterator[AnyRecord]:
    """Describe an API key; its string is never asked for. One that acts as an account is that."""
    if one.deleted is not None:
        return
    native_id = f"//apikeys.googleapis.com/{one.name}"
    yield _api_key(one, native_id)
    yield Credential(
        key=f"{one.name}/string",
        identity=one.name,
        kind="api_key",
        public_id=f"…{one.uid[-4:]}",
        status="active",
        created_at=one.created,
        attributes={"never_expires": True, "restricted_to": list(one.restricted_to)},
        source=API_KEYS,
    )
    note = "Google keeps no record of the use of API keys here"
    for subject, key in _SUBJECTS:
        yield Usage(
            subject=subject,
            key=one.name + key,
            usage="unsupported",
            note=note,
            source=API_KEYS,
        )
    holder = facts.account(one.account or "")
    if holder is not None and holder.project == one.project:
        reason = "an API key is bound to it: whoever has that string acts as it, without end"
        yield _acting(holder.unique_id, native_id, one.project, "open", API_KEYS, reason)


def _api_key(one: ApiKey, native_id: str) -> Identity:
    unrestricted = not one.services
    told: dict[str, Any] = {
        "project": one.project,
        "services": list(one.services),
        "restricted_to": list(one.restricted_to),
        "unrestricted": unrestricted or None,
        "reaches_gemini": (unrestricted or _GEMINI in one.services) or None,
        "acts_as": one.account,
    }
    power: Privilege = "unknown" if one.account or unrestricted else "read"
    return Identity(
        key=one.name,
        kind="api_key",
        native_type="gcp.api_key",
        native_id=native_id,
        immutable_id=one.uid,
        name=one.title or one.uid,
        class_="machine",
        class_rule="api_key",
        class_evidence="a string that calls APIs for whoever holds it",
        enabled=True,
        created_at=one.created,
        privilege=power,
        attributes={name: value for name, value in told.items() if value},
        source=API_KEYS,
    )


def agent(one: Agent, facts: Facts, power: Privilege) -> Iterator[AnyRecord]:
    """Describe an agent of Vertex AI: one with an identity of its own, or running as an account."""
    native_id = (
        f"principal://{one.identity}"
        if one.identity
        else (f"//aiplatform.googleapis.com/{one.name}")
    )
    yield Identity(
        key=native_id,
        kind="ai_agent",
        native_type="gcp.agent",
        native_id=native_id,
        immutable_id=one.name,
        name=one.title or one.name.rpartition("/")[2],
        class_="ai_agent",
        class_rule="agent_identity" if one.identity else "agent_as_account",
        class_evidence="a reasoning engine of Vertex AI",
        enabled=True,
        created_at=one.created,
        privilege=power,
        tags=one.labels,
        attributes={"acts_as": one.account} if one.account else {},
        source=AGENTS,
    )
    yield Usage(
        subject="identity", key=native_id, usage="unsupported",
        note="last use of agents is not read", source=AGENTS,
    )  # fmt: skip
    holder = facts.account(one.account or "")
    if holder is not None and holder.project == one.project:
        reason = "an AI agent runs as it"
        yield _acting(holder.unique_id, native_id, one.project, "guarded", AGENTS, reason)


def _acting(
    key: str, native_id: str, project: str, verdict: TrustVerdict, source: str, reason: str
) -> Trust:
    return Trust(
        identity=key,
        principal=native_id,
        principal_kind="identity",
        principal_account=project,
        principal_native_id=native_id,
        relation="same_account",
        guard="none",
        verdict=verdict,
        reason=reason,
        source=source,
    )
