"""The keys of an `azure` entry in nhiscan.yaml, checked as far as one can without a call."""

import re
from pathlib import Path
from urllib.parse import urlsplit

from msgspec import Struct

from nhiscan.errors import ProviderError
from nhiscan.provider import Secret
from nhiscan_providers.azure.clouds import Cloud, Endpoints, cloud

_GUID = re.compile(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}")


class Options(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to reach one Entra directory and the Azure below it, and how much to ask of it.

    `client_id` with `client_secret`, with `certificate` (a PEM or PFX file; `certificate_password`
    opens it) or with `federated_token` (a file holding a workload's own token) signs in as that
    application; without any of these the SDK's default chain does. `subscriptions` limits what is
    read of Azure, `resource_manager: false` leaves Azure out for a client that has none.
    `partner: true` reads the GDAP relationships that this directory holds with its customers.
    `map` assigns further directories, which the same credential may enter, to tenants.
    `audit_days` is how far back creators and consent are looked for: 7 days are kept without a
    licence, 30 with one.
    """

    tenant_id: str
    client_id: str | None = None
    client_secret: Secret | None = None
    certificate: Secret | None = None
    certificate_password: Secret | None = None
    federated_token: Secret | None = None
    subscriptions: tuple[str, ...] = ()
    resource_manager: bool = True
    partner: bool = False
    map: dict[str, str] = {}
    endpoint: str | Endpoints | None = None
    ca: Secret | None = None
    audit_days: int = 30

    def __post_init__(self) -> None:
        for name, value in (
            ("tenant_id", self.tenant_id),
            ("client_id", self.client_id),
            *(("subscriptions", one) for one in self.subscriptions),
            *(("map", one) for one in self.map),
        ):
            if value is not None and not _GUID.fullmatch(value.lower()):
                raise ValueError(f"{name}: {value!r} is not an id like {'-'.join(_SHAPE)}")
        self._check_credential()
        self._check_endpoint()
        if not 1 <= self.audit_days <= 30:
            raise ValueError("audit_days: 1 to 30; Entra keeps no audit log for longer")

    def _check_credential(self) -> None:
        ways = {
            "client_secret": self.client_secret,
            "certificate": self.certificate,
            "federated_token": self.federated_token,
        }
        given = [name for name, value in ways.items() if value is not None]
        if len(given) > 1:
            raise ValueError(f"{given[1]}: one of {', '.join(ways)} is enough")
        if given and self.client_id is None:
            raise ValueError(f"{given[0]}: needs the client_id of the application it belongs to")
        if self.certificate_password is not None and self.certificate is None:
            raise ValueError("certificate_password: there is no certificate that it could open")
        for name, value in (("certificate", self.certificate), ("ca", self.ca)):
            if value is not None and not value.reference.startswith("file:"):
                raise ValueError(f"{name}: `file:PATH` is wanted")
        if self.federated_token is not None and not self.federated_token.reference.startswith(
            "file:"
        ):
            raise ValueError("federated_token: `file:PATH` is wanted, for it is renewed there")

    def _check_endpoint(self) -> None:
        endpoint = self.endpoint
        given = (
            (endpoint,)
            if isinstance(endpoint, str | None)
            else (endpoint.authority, endpoint.graph, endpoint.arm)
        )
        for url in given:
            if url is None:
                continue
            parts = urlsplit(url)
            if parts.scheme != "https" or not parts.hostname:
                raise ValueError("endpoint: a URL with https is wanted; tokens travel to it")

    @property
    def directory(self) -> str:
        """The entry's own directory, in lower case."""
        return self.tenant_id.lower()

    @property
    def cloud(self) -> Cloud:
        """Where to sign in and whom to ask."""
        return cloud(self.endpoint)

    def tenants(self) -> dict[str, str]:
        """Tell which tenant each further directory belongs to."""
        return {directory.lower(): tenant for directory, tenant in self.map.items()}

    def file(self, name: str) -> str | None:
        """Return the path of the file that a key names; ProviderError if there is none."""
        secret: Secret | None = getattr(self, name)
        if secret is None:
            return None
        path = Path(secret.base, secret.reference.partition(":")[2])
        if not path.is_file():
            raise ProviderError(f"azure: {name}: {secret.reference}: no such file", state="denied")
        return str(path)


_SHAPE = ("01234567", "89ab", "cdef", "0123", "456789abcdef")
