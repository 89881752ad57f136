"""Makes the rows of service accounts: identity, keys and last use."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from nhiscan.records import Credential, CredentialStatus, Identity, Privilege, Usage
from nhiscan_providers.gcp.calls import ACCOUNTS, ACTIVITIES, HMAC_KEYS, KEYS
from nhiscan_providers.gcp.facts import Activities, HmacKey, Key, ServiceAccount
from nhiscan_providers.gcp.reading.members import Member, read_member
from nhiscan_providers.gcp.sources.activity import BLIND

ACCOUNT_TYPE = "gcp.service_account"
_EVIDENCE: Mapping[str, str] = {
    "default_compute": "the default account of Compute Engine",
    "default_appengine": "the default account of App Engine",
    "legacy_cloudbuild": "the account that Cloud Build used to build as",
    "service_account": "a service account that the project's users made",
}


def identity(account: ServiceAccount, power: Privilege, *, gone: bool) -> Identity:
    """Describe a listed service account; `gone`: its project is being deleted.

    Its key is its number, which no later account of the same address has.
    """
    member = read_member(f"serviceAccount:{account.email}")
    facts: dict[str, Any] = {
        "project": account.project,
        "title": account.title,
        "description": account.description[:256],
        "default": member.kind == "default_account" or None,
        "delegation": "unknown: no API lists domain-wide delegation",
    }
    return Identity(
        key=account.unique_id,
        kind="service_account",
        native_type=ACCOUNT_TYPE,
        native_id=account.email,
        immutable_id=account.unique_id,
        name=account.email,
        class_="machine",
        class_rule=member.rule if member.kind != "service_agent" else "service_account",
        class_evidence=_EVIDENCE.get(member.rule, "listed among the project's service accounts"),
        enabled=not (account.disabled or gone),
        created_at=account.created,
        privilege=power,
        tags=account.tags,
        attributes={name: value for name, value in facts.items() if value},
        source=ACCOUNTS,
    )


def bound(member: Member, power: Privilege, home: str | None, source: str) -> Identity:
    """Describe a machine that only bindings show; `home` is the account it lives in, if elsewhere.

    Its key is what bindings call it: its number is not to be had here.
    """
    if member.kind == "service_agent":
        return Identity(
            key=member.address, kind="service_account", native_type="gcp.service_agent",
            native_id=member.address, name=member.address, home_account=home, class_="platform",
            class_rule=member.rule, class_evidence="runs inside a service of Google's",
            privilege=power, source=source,
        )  # fmt: skip
    if member.kind == "agent":
        return Identity(
            key=member.address, kind="ai_agent", native_type="gcp.agent",
            native_id=member.address, name=_last(member.address), home_account=home,
            class_="ai_agent", class_rule=member.rule,
            class_evidence="the identity of an agent on Vertex AI", privilege=power, source=source,
        )  # fmt: skip
    if member.kind in ("federated", "kubernetes"):
        what = (
            "a Kubernetes service account"
            if member.kind == "kubernetes"
            else ("workloads of a pool, bound without a service account")
        )
        name = member.address if member.kind == "kubernetes" else f"{member.pool}/{member.part}"
        return Identity(
            key=member.address, kind="workload", native_type="gcp.federated_principal",
            native_id=member.address, name=name, home_account=home, class_="machine",
            class_rule=member.rule, class_evidence=what, privilege=power, source=source,
        )  # fmt: skip
    said = "bound here and living elsewhere" if home else "bound here and not in its project's list"
    return Identity(
        key=member.address, kind="service_account", native_type=ACCOUNT_TYPE,
        native_id=member.address, name=member.address, home_account=home, class_="machine",
        class_rule=member.rule, class_evidence=said, privilege=power,
        attributes={"listed": False}, source=source,
    )  # fmt: skip


def keys(
    account: ServiceAccount, found: Sequence[Key], used: Activities, now: datetime, *, asked: bool
) -> Iterator[Credential | Usage]:
    """List an account's user-managed keys with their last use; `asked`: last use was read."""
    for one in sorted(found, key=lambda key: key.id):
        name = f"{account.unique_id}/keys/{one.id}"
        facts: dict[str, Any] = {
            "origin": "uploaded" if one.uploaded else "made by Google",
            "algorithm": one.algorithm,
            "never_expires": one.endless,
            "disable_reason": one.disable_reason,
            "exposed": one.exposed,
            "account_disabled": account.disabled or None,
        }
        yield Credential(
            key=name,
            identity=account.unique_id,
            kind="service_account_key",
            public_id=f"…{one.id[-4:]}",
            fingerprint=one.fingerprint,
            status=_status(account, one, now),
            created_at=one.created,
            expires_at=one.expires,
            attributes={key: value for key, value in facts.items() if value is not None},
            source=KEYS,
        )
        yield usage("credential", name, one.id, one.created, used, asked=asked)


def hmac_keys(account: ServiceAccount, found: Sequence[HmacKey]) -> Iterator[Credential | Usage]:
    """List an account's HMAC keys."""
    for one in sorted(found, key=lambda key: key.access_id):
        if one.state == "DELETED":
            continue
        mark = sha256(f"gcp hmac|{one.access_id}".encode()).hexdigest()
        name = f"{account.unique_id}/hmac/{mark[:24]}"
        live = one.state == "ACTIVE" and not account.disabled
        yield Credential(
            key=name,
            identity=account.unique_id,
            kind="hmac_key",
            public_id=f"…{one.access_id[-4:]}",
            fingerprint=mark,
            status="active" if live else "inactive",
            created_at=one.created,
            attributes={"never_expires": True},
            source=HMAC_KEYS,
        )
        yield Usage(
            subject="credential",
            key=name,
            usage="unsupported",
            note="Google does not record when HMAC keys are used",
            source=HMAC_KEYS,
        )


def usage(
    subject: str, key: str, id_: str, created: datetime | None, used: Activities, *, asked: bool
) -> Usage:
    """Say when an account or key last authenticated, with the period that was looked at.

    "Never" is not said: the record is blind to some ways of use, whatever its period.
    """
    row = used.rows.get(id_)
    since, until = (row.since, row.until) if row else (used.since, used.until)
    known = row is not None and row.at is not None
    days = (until - since).days if since and until else None
    if known:
        note = "to the day, in US Pacific time"
    elif not asked:
        note = "last authentications were not read, or not all of them"
    elif since and until:
        note = f"not seen from {since:%Y-%m-%d} to {until:%Y-%m-%d}; {BLIND}"
    else:
        note = f"not seen; Google names no period; {BLIND}"
    return Usage(
        subject="identity" if subject == "identity" else "credential",
        key=key,
        usage="known" if known else "unknown",
        last_used_at=row.at if row else None,
        window_days=days if asked or known else None,
        read_at=until,
        note=note,
        source=ACTIVITIES,
    )


def _status(account: ServiceAccount, key: Key, now: datetime) -> CredentialStatus:
    if key.expires is not None and key.expires <= now:
        return "expired"
    return "inactive" if key.disabled or account.disabled else "active"


def _last(address: str) -> str:
    return address.rpartition("/")[2]
