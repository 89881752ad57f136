"""Makes the rows of users' credentials and says when they were last used."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Literal

from msgspec import Struct

from nhiscan.records import (
    AnyRecord,
    Credential,
    CredentialKind,
    CredentialStatus,
    Usability,
    Usage,
)
from nhiscan_providers.aws.sources.credential_report import SOURCE, Key, Report, Row
from nhiscan_providers.aws.sources.user_credentials import SERVICE_SPECIFIC, SSH_KEYS, Listed

# AWS began to record the use of passwords and of access keys on these days
# (IAM User Guide, "Get credential reports", password_last_used and access_key_1_last_used_date).
_PASSWORDS_SINCE = datetime(2014, 10, 20, tzinfo=UTC)
_KEYS_SINCE = datetime(2015, 4, 22, tzinfo=UTC)

_Use = tuple[datetime | None, str | None, str | None]


class KeyIds(Struct, frozen=True):
    """The ids of one user's access keys, matched to the report's slots where that is certain."""

    by_slot: dict[int, Listed]


def from_report(
    identity: str, row: Row, report: Report, ids: KeyIds | None
) -> Iterator[Credential | Usage]:
    """List a user's password, access keys and certificates, with their last use."""
    if row.password:
        yield _credential(identity, "password", "password", True, row.password_changed)
        yield _usage(
            f"{identity}/password", row.password_used, row.created, _PASSWORDS_SINCE, report
        )
    for key in row.keys:
        name = f"access_key_{key.slot}"
        listed = ids.by_slot.get(key.slot) if ids else None
        yield _credential(identity, "access_key", name, key.active, key.changed, listed)
        yield _usage(
            f"{identity}/{name}",
            key.used,
            key.changed,
            _KEYS_SINCE,
            report,
            key.service,
            key.region,
        )
    for one in row.certificates:
        name = f"certificate_{one.slot}"
        yield _credential(identity, "certificate", name, one.active, one.changed)
        yield Usage(
            subject="credential",
            key=f"{identity}/{name}",
            usage="unsupported",
            read_at=report.generated,
            note="AWS does not record the use of signing certificates",
            source=SOURCE,
        )


def listed(
    identity: str, found: Iterable[Listed], kind: Literal["service_specific", "ssh_key"]
) -> Iterator[AnyRecord]:
    """List a user's service-specific credentials or SSH keys."""
    source = SERVICE_SPECIFIC if kind == "service_specific" else SSH_KEYS
    for one in found:
        key = f"{identity}/{kind}/{one.digest[:24]}"
        yield Credential(
            key=key,
            identity=identity,
            kind=kind,
            public_id=f"…{one.tail}",
            fingerprint=one.digest,
            status=one.status,
            created_at=one.created,
            expires_at=one.expires,
            attributes={"service": one.service} if one.service else {},
            source=source,
        )
        yield Usage(
            subject="credential",
            key=key,
            usage="unsupported",
            note="AWS does not record the use of such credentials",
            source=source,
        )


def match_ids(keys: Iterable[Key], ids: Iterable[Listed]) -> KeyIds:
    """Match listed ids to the report's slots by time of creation; leave out what is ambiguous."""
    left = list(ids)
    by_slot: dict[int, Listed] = {}
    for key in keys:
        at_once = [one for one in left if one.created is not None and one.created == key.changed]
        same_state = [one for one in left if (one.status == "active") == key.active]
        # the report's date moves when a key is switched off; then its state may still tell
        certain = at_once if len(at_once) == 1 else same_state if not at_once else []
        if len(certain) == 1:
            by_slot[key.slot] = certain[0]
    seen = [one.digest for one in by_slot.values()]
    return KeyIds({slot: one for slot, one in by_slot.items() if seen.count(one.digest) == 1})


def user_usage(identity: str, row: Row | None, report: Report | None, others: int | None) -> Usage:
    """Say when a user was last seen: by password or key, as the report tells.

    `others` counts credentials whose use AWS does not record; null: not known.
    """
    if report is None or row is None:
        note = "the credential report was not read" if report is None else None
        note = note or "created after the credential report was made, or not in it"
        return Usage(subject="identity", key=identity, usage="unknown", note=note, source=SOURCE)
    uses: list[_Use] = [(row.password_used, None, None)]
    uses += [(key.used, key.service, key.region) for key in row.keys]
    last, service, region = max(
        (one for one in uses if one[0] is not None),
        key=lambda one: one[0] or _KEYS_SINCE,
        default=(None, None, None),
    )
    usage, note = _user_state(row, last, others)
    return Usage(
        subject="identity",
        key=identity,
        usage=usage,
        last_used_at=last,
        service=service,
        used_region=region,
        read_at=report.generated,
        note=note,
        source=SOURCE,
    )


def _user_state(
    row: Row, last: datetime | None, others: int | None
) -> tuple[Usability, str | None]:
    if last is not None:
        return "known", None
    if others is None:
        return "unknown", "not all kinds of its credentials could be listed"
    if others:
        return "unknown", "it has credentials whose use AWS does not record"
    if row.created is None or row.created < _KEYS_SINCE:
        return "unknown", "older than AWS's record of use"
    return "never", "no sign-in and no use of a key since it was created"


def _credential(
    identity: str,
    kind: CredentialKind,
    name: str,
    active: bool,
    created: datetime | None,
    id_: Listed | None = None,
) -> Credential:
    status: CredentialStatus = "active" if active else "inactive"
    return Credential(
        key=f"{identity}/{name}",
        identity=identity,
        kind=kind,
        public_id=f"…{id_.tail}" if id_ else None,
        fingerprint=id_.digest if id_ else None,
        status=status,
        created_at=created,
        source=SOURCE,
    )


def _usage(
    key: str,
    used: datetime | None,
    created: datetime | None,
    since: datetime,
    report: Report,
    service: str | None = None,
    region: str | None = None,
) -> Usage:
    usage: Usability = "known"
    note = None
    if used is None:
        covered = created is not None and created >= since
        usage = "never" if covered else "unknown"
        note = None if covered else "older than AWS's record of use"
    return Usage(
        subject="credential",
        key=key,
        usage=usage,
        last_used_at=used,
        service=service,
        used_region=region,
        read_at=report.generated,
        note=note,
        source=SOURCE,
    )
