"""Secrets, certificates and federated credentials, with when each was last used."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from hashlib import sha256

from nhiscan.ledger import Reading
from nhiscan.records import AnyRecord, Credential, CredentialStatus, Usage
from nhiscan_providers.azure.directory import Directory
from nhiscan_providers.azure.reading.moments import moment
from nhiscan_providers.azure.shapes.graph import Key, Password
from nhiscan_providers.azure.shapes.parsing import low
from nhiscan_providers.azure.sources.activity import CREDENTIALS, WINDOW_DAYS

# An end this far off was set by a script to mean never.
_NEVER = 2199


class Credentials:
    """Makes the rows of one directory's credentials as of `now`."""

    def __init__(self, directory: Directory, reading: Reading, now: datetime) -> None:
        self._used = directory.used.credentials
        self._reading = reading
        self._now = now

    def of(
        self,
        identity: str,
        passwords: Iterable[Password] | None,
        keys: Iterable[Key] | None,
        source: str,
        *,
        managed: bool = False,
    ) -> Iterator[AnyRecord]:
        """Yield the credentials on one object.

        A certificate for SAML signing shows as two keys and a password with one identifier; it is
        one certificate. `managed`: the platform rotates them by itself.
        """
        keys = list(keys or ())
        paired = {low(key.custom_key_identifier) for key in keys if key.custom_key_identifier}
        for some in _grouped(keys):
            yield from self._certificate(identity, some, source, managed=managed)
        for one in passwords or ():
            if one.custom_key_identifier and low(one.custom_key_identifier) in paired:
                continue
            yield from self._secret(identity, one, source)

    def _secret(self, identity: str, one: Password, source: str) -> Iterator[AnyRecord]:
        print_ = _of_key_id(low(one.key_id))
        yield self._credential(identity, "client_secret", one, source, print_, {})
        yield self._usage(identity, one)

    def _certificate(
        self, identity: str, some: list[Key], source: str, *, managed: bool
    ) -> Iterator[AnyRecord]:
        one = next((key for key in some if key.key is not None), some[0])
        uses = sorted({low(key.usage) for key in some if key.usage})
        attributes: dict[str, object] = {"usage": ", ".join(uses)} if uses else {}
        if one.custom_key_identifier:
            attributes["thumbprint"] = one.custom_key_identifier
        if managed:
            attributes["managed"] = True
        print_ = (one.key.hex if one.key is not None else "") or _of_key_id(low(one.key_id))
        yield self._credential(identity, "certificate", one, source, print_, attributes)
        if not managed:
            yield self._usage(identity, one)

    def _credential(
        self,
        identity: str,
        kind: str,
        one: Password | Key,
        source: str,
        fingerprint: str | None,
        attributes: dict[str, object],
    ) -> Credential:
        key_id = low(one.key_id)
        expires = moment(one.end_date_time)
        if expires is not None and expires.year >= _NEVER:
            attributes |= {"never_expires": True}
        return Credential(
            key=f"{identity}/{_handle(one)}",
            identity=identity,
            kind="client_secret" if kind == "client_secret" else "certificate",
            public_id=f"…{key_id[-4:]}" if key_id else None,
            fingerprint=fingerprint,
            status=self._status(expires),
            created_at=moment(one.start_date_time),
            expires_at=expires,
            attributes=attributes,
            source=source,
        )

    def _status(self, expires: datetime | None) -> CredentialStatus:
        return "expired" if expires is not None and expires <= self._now else "active"

    def _usage(self, identity: str, one: Password | Key) -> Usage:
        found = self._used.get(low(one.key_id)) if one.key_id else None
        activity = found.sign_in_activity if found else None
        used = moment(activity.last_sign_in_date_time) if activity else None
        started = moment(one.start_date_time)
        fresh = started is not None and started >= self._now - timedelta(days=WINDOW_DAYS)
        whole = self._reading.complete
        return Usage(
            subject="credential",
            key=f"{identity}/{_handle(one)}",
            usage="known" if used else "never" if whole and fresh else "unknown",
            last_used_at=used,
            window_days=WINDOW_DAYS if whole else None,
            note=None if used else _unseen(self._reading, "use", fresh=fresh),
            source=CREDENTIALS,
        )


def _unseen(reading: Reading, what: str, *, fresh: bool) -> str:
    """Say what it means that a report shows nothing."""
    if not reading.complete:
        return f"the report of {what} was not read: {reading.state}"
    seen = f"no {what} in the {WINDOW_DAYS} days that the report shows"
    return f"{seen}, which is all its life" if fresh else seen


def unseen(reading: Reading, *, fresh: bool) -> str:
    """Say what it means that no sign-in of an application is reported."""
    return _unseen(reading, "sign-in", fresh=fresh)


def _grouped(keys: Iterable[Key]) -> list[list[Key]]:
    """Put keys together that are one certificate: with one identifier, and no two sets of bytes.

    The identifier is whatever somebody set it to, so it alone makes no pair of two certificates.
    """
    groups: dict[tuple[str, str], list[Key]] = {}
    for one in keys:
        print_ = one.key.hex if one.key else ""
        alone = low(one.key_id) if not one.custom_key_identifier else ""
        groups.setdefault((one.custom_key_identifier or f"{alone}/", print_), []).append(one)
    for identifier, print_ in [which for which in groups if not which[1]]:
        of_bytes = sorted(which for which in groups if which[0] == identifier and which[1])
        if of_bytes:  # one of a pair comes without its bytes
            groups[of_bytes[0]] += groups.pop((identifier, print_))
    return [sorted(some, key=lambda one: low(one.key_id)) for some in groups.values()]


def _handle(one: Password | Key) -> str:
    """Name a credential among those of its object: by its id, or else by what is known of it."""
    known = f"{one.display_name}|{one.start_date_time}|{one.end_date_time}"
    return low(one.key_id) or f"unnamed-{sha256(known.encode()).hexdigest()[:16]}"


def _of_key_id(key_id: str) -> str | None:
    """Hash a key's id: scripts that copy it to several directories copy the secret with it."""
    return sha256(f"azure-key|{key_id}".encode()).hexdigest() if key_id else None
