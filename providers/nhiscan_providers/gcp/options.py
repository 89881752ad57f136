"""The keys of a `gcp` entry in nhiscan.yaml, checked as far as one can without calling Google."""

import re
from ipaddress import ip_address
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from msgspec import Struct

from nhiscan.errors import ProviderError
from nhiscan.provider import Secret

_NUMBER = re.compile(r"\d{1,20}")
# Resource Manager: "Creating and managing projects"; old ids may be scoped by a domain.
_PROJECT = re.compile(r"(?:[a-z0-9.-]{1,63}:)?[a-z][a-z0-9-]{4,28}[a-z0-9]")
_PLACE = re.compile(r"(?:folders|organizations)/\d{1,20}")
_ACCOUNT = re.compile(r"[a-z0-9][a-z0-9.-]*@[a-z0-9.-]+\.gserviceaccount\.com")
_ADDRESS = re.compile(r"\[?[A-Za-z0-9.:-]+\]?:\d{1,5}")


class Endpoint(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where to call instead of Google: `grpc` is HOST:PORT, `rest` one base URL for all APIs."""

    grpc: str
    rest: str

    @property
    def loopback(self) -> bool:
        """Whether both are on this machine, where plain text and no credentials are allowed."""
        return _is_loopback(self.grpc.rpartition(":")[0]) and _is_loopback(
            urlsplit(self.rest).hostname or ""
        )


class Options(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to reach one organization or some projects, and how much to ask of them.

    `impersonate` is the service account to act as, from the SDK's default credentials. `projects`
    are the projects to read, or to narrow an organization to. `map` assigns projects, folders
    (`folders/…`) and organizations (`organizations/…`) to tenants; the nearest wins. `key_details`
    says for whose keys to ask why they are disabled and whether Google found them exposed, where
    the inventory does not tell: nobody's, those of accounts with a disabled key, or everybody's;
    uploaded keys and API keys are looked into within the same limits.
    `hmac_keys` says where to look for them: nowhere, in projects with buckets, or everywhere.
    `creators_pages` bounds the pages of audit log entries read per organization or project.
    """

    organization: str | None = None
    projects: tuple[str, ...] = ()
    impersonate: str | None = None
    quota_project: str | None = None
    map: dict[str, str] = {}
    endpoint: Endpoint | None = None
    ca: Secret | None = None
    credentials: Literal["default", "anonymous"] = "default"
    key_details: Literal["never", "findings", "all"] = "findings"
    hmac_keys: Literal["never", "buckets", "all"] = "buckets"
    creators_pages: int = 6

    def __post_init__(self) -> None:
        self._check_places()
        if self.impersonate is not None and not _ACCOUNT.fullmatch(self.impersonate):
            raise ValueError("impersonate: not the address of a service account")
        if self.quota_project is not None and not _PROJECT.fullmatch(self.quota_project):
            raise ValueError("quota_project: not the id of a project")
        if self.creators_pages < 0:
            raise ValueError("creators_pages: a number of pages, zero or more")
        self._check_endpoint()

    def _check_places(self) -> None:
        if self.organization is None and not self.projects:
            raise ValueError("organization, or projects, is wanted")
        if self.organization is not None and not _NUMBER.fullmatch(self.organization):
            raise ValueError('organization: a number is wanted, like "123456789012"')
        if self.map and self.organization is None:
            raise ValueError("map: works only with `organization`")
        for project in self.projects:
            if not _PROJECT.fullmatch(project):
                raise ValueError(f"projects: {project!r} is not the id of a project")
        for key in self.map:
            if not (_PLACE.fullmatch(key) or _PROJECT.fullmatch(key)):
                raise ValueError(
                    f"map: {key!r} is neither the id of a project nor folders/… or organizations/…"
                )

    def _check_endpoint(self) -> None:
        endpoint = self.endpoint
        if endpoint is not None:
            scheme = urlsplit(endpoint.rest).scheme
            if scheme not in ("http", "https"):
                raise ValueError("endpoint.rest: a URL with http or https is wanted")
            if not _ADDRESS.fullmatch(endpoint.grpc):
                raise ValueError("endpoint.grpc: HOST:PORT is wanted")
            if scheme == "http" and not endpoint.loopback:
                raise ValueError("endpoint: plain text only to this machine; use https")
        if self.credentials == "anonymous" and not (endpoint and endpoint.loopback):
            raise ValueError("credentials: anonymous is for an endpoint on this machine only")

    @property
    def scope(self) -> str | None:
        """The organization as a resource name."""
        return f"organizations/{self.organization}" if self.organization else None

    def ca_file(self) -> str | None:
        """Name the file of certificate authorities to trust instead of the built-in ones."""
        if self.ca is None:
            return None
        scheme, _, rest = self.ca.reference.partition(":")
        path = Path(self.ca.base, rest)
        if scheme != "file" or not path.is_file():
            raise ProviderError(f"ca: {self.ca.reference}: no such file")
        return str(path)


def _is_loopback(host: str) -> bool:
    host = host.strip("[]")
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
