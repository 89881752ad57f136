"""Reads the OIDC and SAML providers of an account; of SAML metadata only a hash is kept."""

import re
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Any

from msgspec import Struct

from nhiscan.ledger import Reading
from nhiscan_providers.aws.access import Access
from nhiscan_providers.aws.faults import MISSING, Fault
from nhiscan_providers.aws.moments import moment

OIDC = "iam.oidc_providers"
SAML = "iam.saml_providers"

_ENTITY = re.compile(r"""<(?:\w+:)?EntityDescriptor\b[^>]*?\bentityID\s*=\s*(["'])(.*?)\1""", re.S)
_CERTIFICATE = re.compile(r"<(?:\w+:)?X509Certificate\s*>([A-Za-z0-9+/=\s]*)<")


class Installed(Struct, frozen=True, kw_only=True, gc=False):
    """One identity provider as installed in the account."""

    arn: str
    created: datetime | None
    expires: datetime | None = None
    fingerprint: str | None = None
    url: str | None = None
    audiences: tuple[str, ...] = ()


def read_oidc(access: Access, reading: Reading) -> list[Installed]:
    """List the OpenID Connect providers with their audiences."""
    listed = access.call(reading, "iam", "ListOpenIDConnectProviders")
    arns = sorted(one["Arn"] for one in listed.get("OpenIDConnectProviderList", ()))

    def one(arn: str) -> Installed:
        raw = access.call(reading, "iam", "GetOpenIDConnectProvider", OpenIDConnectProviderArn=arn)
        return Installed(
            arn=arn,
            created=moment(raw.get("CreateDate")),
            url=raw.get("Url"),
            audiences=tuple(sorted(raw.get("ClientIDList", ()))),
        )

    return _each(reading, arns, one)


def read_saml(access: Access, reading: Reading) -> list[Installed]:
    """List the SAML providers with a fingerprint of who stands behind them."""
    listed = access.call(reading, "iam", "ListSAMLProviders")
    raws = {raw["Arn"]: raw for raw in listed.get("SAMLProviderList", ())}

    def one(arn: str) -> Installed:
        detail = access.call(reading, "iam", "GetSAMLProvider", SAMLProviderArn=arn)
        return Installed(
            arn=arn,
            created=moment(raws[arn].get("CreateDate") or detail.get("CreateDate")),
            expires=moment(raws[arn].get("ValidUntil") or detail.get("ValidUntil")),
            fingerprint=saml_fingerprint(detail["SAMLMetadataDocument"]),
        )

    return _each(reading, sorted(raws), one)


def saml_fingerprint(metadata: Any) -> str | None:
    """Hash the entity id and certificates: equal wherever the same identity provider is installed.

    Null where the metadata names no entity.
    """
    text = metadata if isinstance(metadata, str) else ""
    entity = _ENTITY.search(text)
    if entity is None:
        return None
    certificates = sorted({"".join(found.split()) for found in _CERTIFICATE.findall(text)})
    return sha256("|".join(["saml", entity.group(2), *certificates]).encode()).hexdigest()


def _each(reading: Reading, arns: list[str], one: Callable[[str], Installed]) -> list[Installed]:
    """Read the details of each; what was listed stays listed even if its details are refused."""
    found: list[Installed] = []
    for arn in arns:
        try:
            found.append(one(arn))
        except Fault as fault:
            if fault.code in MISSING:
                continue  # deleted since it was listed
            reading.mark("partial", f"details of {len(arns) - len(found)} unread: {fault.reason}")
            break
    return found
