"""What Azure keeps that opens something: shared keys, and the assets of Automation accounts."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from nhiscan.records import AnyRecord, Credential, CredentialKind, Identity, Usage
from nhiscan_providers.azure.premises import STORAGE
from nhiscan_providers.azure.reading.moments import moment
from nhiscan_providers.azure.resources import Azure
from nhiscan_providers.azure.shapes.arm import Kept, Stored
from nhiscan_providers.azure.shapes.parsing import low
from nhiscan_providers.azure.sources import resources
from nhiscan_providers.azure.sources.resources import subscription_of

_STORAGE = "microsoft.storage/storageaccounts"
_AUTOMATION: Mapping[str, tuple[str, CredentialKind]] = {
    "certificates": ("azure.automation_certificate", "certificate"),
    "credentials": ("azure.automation_credential", "password"),
    "connections": ("azure.automation_connection", "secret"),
}
# No API lists tokens signed with a key, so how many are about nobody can say (azure.md A3).
_SAS = "tokens signed with its keys (SAS) cannot be listed by any API"


def stored(azure: Azure, now: datetime) -> Iterator[AnyRecord]:
    """Yield storage accounts with their two keys, and what Automation accounts keep."""
    for one in azure.stored:
        if low(one.type) == _STORAGE:
            yield from _storage(one)
    for account, kinds in azure.kept.items():
        tags = next((s.tags or {} for s in azure.stored if low(s.id) == account), {})
        for kind, some in kinds.items():
            for asset in some:
                yield from _asset(kind, asset, tags, now)


def _storage(one: Stored) -> Iterator[AnyRecord]:
    key = low(one.id)
    accepted = one.shared is not False  # null means the default, which is that keys are accepted
    yield Identity(
        key=key,
        kind="api_key",
        native_type=STORAGE,
        native_id=key,
        name=one.name or key.rpartition("/")[2],
        class_="machine",
        class_rule="AZ-STORAGE",
        class_evidence="the shared keys of a storage account",
        enabled=accepted,
        created_at=moment(one.created),
        privilege="write" if accepted else "none",
        tags=one.tags or {},
        attributes={
            "subscription": subscription_of(key),
            "shared_keys": "accepted" if accepted else "refused",
            "key_expiry_days": one.expiry_days,
            "sas_policy": bool(one.sas_policy),
            "sas": _SAS,
        },
        source=resources.STORED,
    )
    for name, made in (("key1", one.key1), ("key2", one.key2)):
        yield Credential(
            key=f"{key}/{name}",
            identity=key,
            kind="api_key",
            public_id=name,
            status="active" if accepted else "inactive",
            created_at=moment(made),
            source=resources.STORED,
        )
        yield _untraced("credential", f"{key}/{name}", resources.STORED)
    yield _untraced("identity", key, resources.STORED)


def _asset(kind: str, one: Kept, tags: dict[str, str], now: datetime) -> Iterator[AnyRecord]:
    native_type, credential_kind = _AUTOMATION[kind]
    key = low(one.id)
    told = one.properties
    expires = moment(told.expiry_time) if told else None
    yield Identity(
        key=key,
        kind="secret",
        native_type=native_type,
        native_id=key,
        name=one.name or key.rpartition("/")[2],
        class_="machine",
        class_rule="AZ-AUTOMATION",
        class_evidence=f"one of the {kind} of an Automation account",
        created_at=moment(told.creation_time) if told else None,
        tags=tags,
        attributes={
            "account": key.rpartition("/")[0].rpartition("/")[0],
            "exportable": told.is_exportable if told else None,
            "privilege_reason": "what it opens is not said where it is kept",
        },
        source=resources.AUTOMATION,
    )
    yield Credential(
        key=f"{key}/value",
        identity=key,
        kind=credential_kind,
        status="expired" if expires and expires <= now else "active",
        created_at=moment(told.last_modified_time or told.creation_time) if told else None,
        expires_at=expires,
        attributes={"thumbprint": told.thumbprint} if told and told.thumbprint else {},
        source=resources.AUTOMATION,
    )
    yield _untraced("credential", f"{key}/value", resources.AUTOMATION)
    yield _untraced("identity", key, resources.AUTOMATION)


def _untraced(subject: str, key: str, source: str) -> Usage:
    return Usage(
        subject="identity" if subject == "identity" else "credential",
        key=key,
        usage="unsupported",
        note="Azure does not record the use of what is kept here",
        source=source,
    )
