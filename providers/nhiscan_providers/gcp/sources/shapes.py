"""Reads single resources of Google's APIs, in the form of their discovery documents.

Only the fields named here are ever looked at: key material and key strings that a reply might hold
are not among them.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from msgspec import Struct, convert, structs

from nhiscan.records import utc
from nhiscan_providers.gcp.facts import (
    Agent,
    ApiKey,
    Binding,
    Contact,
    HmacKey,
    Key,
    Pool,
    Scope,
    ServiceAccount,
)
from nhiscan_providers.gcp.lists import listed
from nhiscan_providers.gcp.reading.federation import Proof, Provider

Row = Mapping[str, Any]
T = TypeVar("T", bound=Struct)

# IAM API reference, ServiceAccountKey: a key without an end is written with this year.
_FOREVER = 9999
_DISABLE = "SERVICE_ACCOUNT_KEY_DISABLE_REASON_"
_EXPOSED = "KEY_EXPOSED"
_PROOFS: tuple[Proof, ...] = ("oidc", "aws", "saml", "x509")


def described(one: T) -> T:
    """Return a fact if each field is of the type that it promises; raises ValueError if not.

    A reply may hold anything where text is due, and what is no text fails far from where it came.
    """
    convert(structs.asdict(one), type(one))
    return one


def service_account(row: Row, project: str | None = None) -> ServiceAccount:
    """Read `iam.v1` ServiceAccount."""
    return described(
        ServiceAccount(
            email=row["email"],
            unique_id=row["uniqueId"],
            project=row.get("projectId") or project or row["name"].split("/")[1],
            title=row.get("displayName", ""),
            description=row.get("description", ""),
            disabled=row.get("disabled") or False,
        )
    )


def key(row: Row) -> Key | None:
    """Read `iam.v1` ServiceAccountKey; null for a key that Google manages and rotates itself."""
    if row.get("keyType") == "SYSTEM_MANAGED":
        return None
    parts = row["name"].split("/")
    ends = utc(row.get("validBeforeTime"))
    reason = str(row.get("disableReason", "")).removeprefix(_DISABLE)
    exposed = [
        str(one.get("value", "")) or "somewhere"
        for one in listed(row.get("extendedStatus"))
        if str(one.get("key", "")).endswith(_EXPOSED)
    ]
    return described(
        Key(
            id=parts[-1],
            account=parts[-3],
            uploaded=row.get("keyOrigin") == "USER_PROVIDED",
            algorithm=row.get("keyAlgorithm"),
            created=utc(row.get("validAfterTime")),
            expires=None if ends is None or ends.year >= _FOREVER else ends,
            endless=None if ends is None else ends.year >= _FOREVER,
            disabled=row.get("disabled") or False,
            disable_reason=reason or None,
            exposed=exposed[0] if exposed else None,
            told=bool(reason or exposed),
        )
    )


def pool(row: Row, project: str) -> Pool:
    """Read `iam.v1` WorkloadIdentityPool."""
    return described(
        Pool(
            name=row["name"],
            id=row["name"].rpartition("/")[2],
            project=project,
            title=row.get("displayName", ""),
            managed_by_google=row.get("mode") == "SYSTEM_TRUST_DOMAIN",
            disabled=row.get("disabled") or False,
            deleted=row.get("state") == "DELETED",
        )
    )


def provider(row: Row) -> Provider:
    """Read `iam.v1` WorkloadIdentityPoolProvider."""
    oidc, aws = row.get("oidc") or {}, row.get("aws") or {}
    return described(
        Provider(
            name=row["name"],
            id=row["name"].rpartition("/")[2],
            kind=next((kind for kind in _PROOFS if row.get(kind) is not None), "unknown"),
            issuer=str(oidc["issuerUri"]).rstrip("/") if oidc.get("issuerUri") else None,
            account=aws.get("accountId"),
            audiences=tuple(listed(oidc.get("allowedAudiences"))),
            mapping=dict(row.get("attributeMapping") or {}),
            condition=row.get("attributeCondition", ""),
            disabled=row.get("disabled") or False,
            deleted=row.get("state") == "DELETED",
        )
    )


def api_key(row: Row, project: str) -> ApiKey:
    """Read `apikeys.v2` V2Key."""
    limits = row.get("restrictions") or {}
    return described(
        ApiKey(
            name=row["name"],
            uid=row.get("uid") or row["name"].rpartition("/")[2],
            project=project,
            title=row.get("displayName", ""),
            created=utc(row.get("createTime")),
            deleted=utc(row.get("deleteTime")),
            services=tuple(one["service"] for one in listed(limits.get("apiTargets"))),
            restricted_to=tuple(
                name
                for name, member in (
                    ("browsers", "browserKeyRestrictions"),
                    ("addresses", "serverKeyRestrictions"),
                    ("Android apps", "androidKeyRestrictions"),
                    ("iOS apps", "iosKeyRestrictions"),
                )
                if limits.get(member)
            ),
            account=row.get("serviceAccountEmail"),
        )
    )


def hmac_key(row: Row) -> HmacKey:
    """Read `storage.v1` HmacKeyMetadata."""
    return described(
        HmacKey(
            access_id=row["accessId"],
            account=row["serviceAccountEmail"],
            state=row.get("state", ""),
            created=utc(row.get("timeCreated")),
        )
    )


def contact(row: Row) -> Contact:
    """Read `essentialcontacts.v1` Contact."""
    return described(
        Contact(
            place="/".join(row["name"].split("/")[:2]),
            email=row["email"],
            categories=tuple(listed(row.get("notificationCategorySubscriptions"))),
            valid=row.get("validationState") != "INVALID",
        )
    )


def agent(row: Row, project: str) -> Agent:
    """Read `aiplatform.v1` ReasoningEngine."""
    spec = row.get("spec") or {}
    own = spec.get("identityType") == "AGENT_IDENTITY"
    return described(
        Agent(
            name=row["name"],
            project=project,
            title=row.get("displayName", ""),
            identity=spec.get("effectiveIdentity") if own else None,
            account=None if own else spec.get("serviceAccount") or spec.get("effectiveIdentity"),
            created=utc(row.get("createTime")),
            labels=dict(row.get("labels") or {}),
        )
    )


def role(row: Row) -> tuple[str, frozenset[str] | None]:
    """Read `iam.v1` Role: its name, and its permissions or null if it gives none any more."""
    name = convert(row["name"], str)
    if row.get("deleted") or row.get("stage") == "DISABLED":
        return name, None
    return name, frozenset(convert(listed(row.get("includedPermissions")), list[str]))


def bindings(rows: Any, scope: Scope) -> list[Binding]:
    """Read the bindings of an `iam.v1` Policy."""
    return [
        described(
            Binding(
                scope=scope,
                role=row["role"],
                members=tuple(listed(row.get("members"))),
                condition=(row.get("condition") or {}).get("expression"),
                condition_title=(row.get("condition") or {}).get("title", ""),
            )
        )
        for row in listed(rows)
    ]


def moment(text: Any) -> datetime | None:
    """Read a time; null if it is none."""
    return utc(text) if isinstance(text, str) else None
