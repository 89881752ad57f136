"""The frozen records that providers yield and spool files hold: one class per kind of row.

A record never names its tenant or account: the unit it was collected for does, once, in the spool
header. `key` is the provider's stable name of a thing within its account (the platform's immutable
id where it has one). The store derives the public ids from (tenant, provider, account, key), so no
spool file can speak of another tenant's rows.

`source` and `region` say where a record was read. A row is closed only when a later scan read that
same (account, source, region) completely and did not find it.
"""

from datetime import UTC, datetime
from hashlib import blake2b, sha256
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

Moment = Annotated[datetime, Meta(tz=True)]

Kind = Literal[
    "user",
    "role",
    "app",
    "service_principal",
    "managed_identity",
    "service_account",
    "workload",
    "installation",
    "bot",
    "ai_agent",
    "api_key",
    "token",
    "secret",
    "root",
    # a right that an account gives another organization: Lighthouse, GDAP, domain-wide delegation
    "delegation",
]
Class = Literal["machine", "human", "mixed", "ambiguous", "platform", "ai_agent"]
Usability = Literal["known", "never", "unknown", "unsupported"]
Privilege = Literal["admin", "write", "read", "none", "unknown"]
ActionClass = Literal[
    "read",
    "write",
    "admin",
    "iam",
    "log",
    "key",
    "backup",
    "deploy",
    "network",
    "incident",
    "data",
]
GrantVerdict = Literal["granted", "scoped", "denied", "unknown"]
# How a power over another principal is used. assume: as things stand, the platform lets one act as
# the other. The rest create a way in first: a new key or secret on it, a changed trust, a role
# passed to a workload that one starts, an added federation.
Way = Literal["assume", "new_credential", "changed_trust", "passed_role", "added_federation"]
CredentialKind = Literal[
    "access_key",
    "password",
    "certificate",
    "ssh_key",
    "service_specific",
    "federated_trust",
    "oidc_provider",
    "saml_provider",
    "secret",
    "client_secret",
    "service_account_key",
    "hmac_key",
    "api_key",
    "token",
    # the term of a right that one organization gave another, which ends on a date
    "delegation",
]
CredentialStatus = Literal["active", "inactive", "expired", "unknown"]
PrincipalKind = Literal[
    "account",
    "role",
    "user",
    "identity",
    "service",
    # a registration that acts through its presence here, wherever its home is
    "application",
    "oidc",
    "saml",
    "organization",
    "public",
    "deleted",
    "end_users",
    "group",
    "unknown",
]
# What protects a trust statement, judged from its conditions alone.
#   guarded: an outsider also needs something that only this relation has
#   weak: looks protected and is not, or is protected by something guessable or too wide
#   open: nothing but the principal's name protects it
#   dangling: the principal was deleted; broken: it can never match; unknown: it could not be read
TrustVerdict = Literal["guarded", "weak", "open", "dangling", "broken", "unknown"]
Relation = Literal[
    "same_account",
    "same_client",
    "other_client",
    "msp",
    "vendor",
    "platform",
    "public",
    "unknown",
]
CoverageState = Literal[
    "complete",
    "partial",
    "denied",
    "throttled",
    "unreachable",
    "not_licensed",
    "not_available",
    "not_implemented",
]
AccountState = Literal["active", "suspended", "closed", "pending", "unmapped", "unknown"]

GLOBAL = "global"


class Record(Struct, frozen=True, kw_only=True, gc=False, tag_field="record", omit_defaults=True):
    """What all records share; abstract."""


class Account(Record, frozen=True, kw_only=True, tag="account"):
    """An account of the platform, whether or not it is scanned.

    `tenant_id` is set by a plan that maps accounts to clients; null on a mapped organization means
    that no client claims the account, which is itself a finding. Null elsewhere: the unit's tenant.
    """

    native_id: str
    tenant_id: str | None = None
    name: str | None = None
    environment: str | None = None
    state: AccountState = "unknown"
    organization: str | None = None
    path: str | None = None
    tags: dict[str, str] = {}
    reason: str | None = None
    source: str
    region: str = GLOBAL


class Identity(Record, frozen=True, kw_only=True, tag="identity", rename={"class_": "class"}):
    """A non-human principal, or a person's account that stands beside them, as last read.

    `class_rule` is the code of the rule that decided `class_` and `class_evidence` the facts it
    used. `attributes` holds provider facts from an allow-list, never whole replies. `part_of` is
    the key of the identity of the same account that this is another object of: a registration
    beside the principal that acts for it. The whole answers for its parts.
    """

    key: str
    kind: Kind
    native_type: str
    native_id: str
    immutable_id: str | None = None
    name: str
    home_account: str | None = None
    part_of: str | None = None
    class_: Class
    class_rule: str
    class_evidence: str
    enabled: bool | None = None
    created_at: Moment | None = None
    privilege: Privilege = "unknown"
    tags: dict[str, str] = {}
    attributes: dict[str, Any] = {}
    source: str
    region: str = GLOBAL


class Credential(Record, frozen=True, kw_only=True, tag="credential"):
    """What proves an identity; `identity` is null where it belongs to the account as a whole.

    `public_id` keeps at most the last four characters of an id. `fingerprint` is a SHA-256 in hex
    over public material only, equal wherever the same material is installed.
    """

    key: str
    identity: str | None = None
    kind: CredentialKind
    public_id: str | None = None
    fingerprint: str | None = None
    status: CredentialStatus = "unknown"
    created_at: Moment | None = None
    expires_at: Moment | None = None
    attributes: dict[str, Any] = {}
    source: str
    region: str = GLOBAL


class Usage(Record, frozen=True, kw_only=True, tag="usage"):
    """When something was last used, as far as its source can tell. Volatile: kept out of history.

    `usage` "never" is said only where the source's window covers the whole life of the subject.
    `read_at` is the time that the source speaks of, which may be older than the scan.
    """

    subject: Literal["identity", "credential"]
    key: str
    usage: Usability
    last_used_at: Moment | None = None
    service: str | None = None
    used_region: str | None = None
    window_days: int | None = None
    read_at: Moment | None = None
    note: str | None = None
    source: str
    region: str = GLOBAL


class Grant(Record, frozen=True, kw_only=True, tag="grant"):
    """One class of actions that an identity may take, and where.

    `scope` is the resource pattern or scope as the platform writes it; `scope_account` the native
    id of the account it lies in, null for the identity's own. `acts_as` is a pattern of native ids
    whose identities this grant lets it become (AWS: resources of sts:AssumeRole), and `way` how:
    any but `assume` would first create a way in. With `passed_role`, `services` are the principals
    of services in which it may start a workload; the role must trust one of them. `principal` is
    the platform's id of a grantee that is no identity (any more); `identity` is then its key alone,
    and `created_at` when the grant was made, if the platform says so.
    """

    identity: str
    scope: str
    scope_account: str | None = None
    role: str
    action_class: ActionClass
    verdict: GrantVerdict
    via: str
    actions: list[str] = []
    acts_as: str | None = None
    way: Way = "assume"
    services: list[str] = []
    principal: str | None = None
    created_at: Moment | None = None
    source: str
    region: str = GLOBAL


class Trust(Record, frozen=True, kw_only=True, tag="trust"):
    """One principal in one statement that may act as `identity`.

    The provider judges what stands in the statement (`guard`, `verdict`, `reason`). How the
    principal relates to the client is judged by the core, which knows all accounts; a provider
    sets `relation` only where no estate is needed: same_account, platform, public.
    `principal_account` and `principal_organization` are native ids. `principal_native_id` is set
    when the principal is one identity. `guard_fingerprint` is a SHA-256 of the guarding value
    (an ExternalId), never the value.
    """

    identity: str
    principal: str
    principal_kind: PrincipalKind
    principal_account: str | None = None
    principal_organization: str | None = None
    principal_native_id: str | None = None
    relation: Relation | None = None
    guard: str
    guard_fingerprint: str | None = None
    verdict: TrustVerdict
    reason: str
    statement: int = 0
    source: str
    region: str = GLOBAL


class Claim(Record, frozen=True, kw_only=True, tag="claim"):
    """One piece of evidence that a party owns something. Tags are not claims: the core reads them.

    `reference` is the party as the platform writes it (an address, a principal, a name).
    `by_machine` true: the reference is itself an automation, which is no owner. `departed` true:
    the platform itself says that the account behind the reference is disabled or deleted.
    """

    subject: Literal["identity", "account"]
    key: str
    reference: str
    signal: str
    role: Literal["accountable", "operator", "backup"]
    observed_at: Moment | None = None
    by_machine: bool | None = None
    departed: bool | None = None
    evidence: str
    source: str
    region: str = GLOBAL


class Coverage(Record, frozen=True, kw_only=True, tag="coverage"):
    """How one source of one account was read: exactly one per (region, source) of a unit."""

    source: str
    region: str = GLOBAL
    state: CoverageState
    reason: str | None = None
    calls: int = 0
    rows: int = 0


def leaves_incomplete(state: CoverageState, *, optional: bool) -> bool:
    """Tell whether a source in this state makes a scan incomplete, which is exit code 3.

    What a platform or licence does not offer never does. An optional source does if it failed,
    not if it was refused or read in part: whoever grants it that way meant it.
    """
    failed = state in ("throttled", "unreachable")
    return failed or (not optional and state in ("partial", "denied"))


AnyRecord = Account | Identity | Credential | Usage | Grant | Trust | Claim | Coverage


def public_id(prefix: str, *parts: str) -> str:
    """Derive a stable id: `prefix` and 80 bits of BLAKE2b over the length-prefixed parts."""
    digest = blake2b(digest_size=10)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(4, "big") + data)
    return f"{prefix}_{digest.hexdigest()}"


def federated_fingerprint(issuer: str, subject: str) -> str:
    """Hash an outside workload as a trust names it; equal wherever it is accepted, on any platform.

    A pattern has a fingerprint too: the same pattern in two accounts lets in the same workloads.
    """
    return sha256(f"oidc|{issuer}|{subject}".encode("utf-8", "backslashreplace")).hexdigest()


def account_id(provider: str, native_id: str) -> str:
    """Name an account the way users type it: `aws:111122223333`."""
    return f"{provider}:{native_id}"


def utc(text: str | None) -> datetime | None:
    """Read a platform's ISO 8601 time as UTC; null stays null, and so does what is not a time."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):  # no time, or one beyond the last that can be told
        return None
