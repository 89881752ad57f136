"""Secrets, certificates and federated credentials as Graph lists them."""

import base64
from hashlib import sha1, sha256

from nhiscan_sandbox.azure.guids import guid
from nhiscan_sandbox.azure.moments import Calendar
from nhiscan_sandbox.azure.wire import Json
from nhiscan_sandbox.canaries import Canaries
from nhiscan_sandbox.estate.azure_model import Certificate, Federated, Password

# The three bytes of a DER sequence's head keep what follows on a boundary of base64, so that the
# planted text has one spelling there.
_DER_HEAD = b"\x30\x81"


def key_id(holder: str, credential: Password | Certificate) -> str:
    """Return the id of a credential of an object."""
    return (credential.key_id or guid("key", holder, credential.name)).lower()


def der(material: str) -> bytes:
    """Return bytes that stand for a certificate; the same for the same material."""
    body = Canaries.KEY_BYTES.encode() + sha256(material.encode()).digest()
    return _DER_HEAD + bytes([len(body)]) + body


class Credentials:
    """Writes the credentials of one directory's objects."""

    def __init__(self, calendar: Calendar, canaries: Canaries) -> None:
        self._calendar = calendar
        self._canaries = canaries

    def passwords(self, holder: str, secrets: tuple[Password, ...]) -> list[Json]:
        """Write `passwordCredentials`; the text of a secret is shown once, when it is made."""
        return [
            {
                "customKeyIdentifier": None,
                "displayName": one.name,
                "startDateTime": self._calendar.ago(one.age, one.name),
                "endDateTime": self._calendar.ahead(one.expires),
                "hint": self._canaries.hint or one.hint,
                "keyId": key_id(holder, one),
                "secretText": self._canaries.secret_text,
            }
            for one in secrets
        ]

    def keys(self, holder: str, certificates: tuple[Certificate, ...]) -> list[Json]:
        """Write `keyCredentials`, with the bytes that only a `$select` lets through."""
        return [self._key(holder, one, "Verify", key_id(holder, one)) for one in certificates]

    def saml(self, holder: str, certificate: Certificate) -> tuple[list[Json], list[Json]]:
        """Write one token-signing certificate: two keys and a password with one identifier."""
        first = key_id(holder, certificate)
        keys = [
            self._key(holder, certificate, "Sign", first, type_="X509CertAndPassword"),
            self._key(holder, certificate, "Verify", guid("verify", first)),
        ]
        password = {
            "customKeyIdentifier": keys[0]["customKeyIdentifier"],
            "displayName": certificate.name,
            "startDateTime": keys[0]["startDateTime"],
            "endDateTime": keys[0]["endDateTime"],
            "hint": None,
            "keyId": first,
            "secretText": None,
        }
        return keys, [password]

    def _key(
        self,
        holder: str,
        one: Certificate,
        usage: str,
        identity: str,
        type_: str = "AsymmetricX509Cert",
    ) -> Json:
        data = der(one.material or f"{holder}/{one.name}")
        thumbprint = sha1(data, usedforsecurity=False).digest()
        return {
            "customKeyIdentifier": base64.b64encode(thumbprint).decode(),
            "displayName": one.name if one.name.startswith("CN=") else f"CN={one.name}",
            "startDateTime": self._calendar.ago(one.age, one.name),
            "endDateTime": self._calendar.ahead(one.expires),
            "key": base64.b64encode(data).decode(),
            "keyId": identity,
            "type": type_,
            "usage": usage,
        }


def thumbprint(certificate: Certificate, holder: str) -> str:
    """Return the SHA-1 thumbprint in hex, as `preferredTokenSigningKeyThumbprint` has it."""
    data = der(certificate.material or f"{holder}/{certificate.name}")
    return sha1(data, usedforsecurity=False).hexdigest().upper()


def federated(holder: str, credentials: tuple[Federated, ...]) -> list[Json]:
    """Write `federatedIdentityCredentials`."""
    return [
        {
            "id": guid("federated", holder, one.name),
            "name": one.name,
            "issuer": one.issuer,
            "subject": one.subject,
            "description": None,
            "audiences": list(one.audiences),
        }
        for one in credentials
    ]
