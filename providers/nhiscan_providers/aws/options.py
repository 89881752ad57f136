"""The keys of an `aws` entry in nhiscan.yaml, checked as far as one can without calling AWS."""

import re
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from msgspec import Struct

from nhiscan.errors import ProviderError
from nhiscan.provider import Secret

# IAM User Guide, "IAM identifiers": arn:partition:iam::account:role/path/name
_ROLE = re.compile(r"arn:(aws[a-z-]*):iam::(\d{12}):role/((?:[\x21-\x7e]*/)?)([\w+=,.@-]{1,64})")
_NAME = re.compile(r"[\w+=,.@/-]{1,128}")
_ACCOUNT = re.compile(r"\d{12}")
_UNIT = re.compile(r"\d{12}|ou-[a-z0-9]{4,32}-[a-z0-9]{8,32}|r-[a-z0-9]{4,32}")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d{1,2}")
_SESSION = re.compile(r"[\w+=,.@-]{2,64}")
_REFERENCE = ("env:", "file:")


class RoleName(Struct, frozen=True):
    """The parts of a role's ARN; `path` ends with a slash unless empty."""

    partition: str
    account: str
    path: str
    name: str


class Options(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to reach one account or organization, and how much to ask of it.

    `role_arn` is the entry point; without it the entry point is `profile` or the SDK's default
    chain. `member_role` is the name of the role in each member account (default: the name of
    `role_arn`'s role). `map` assigns accounts and organizational units to tenants; the nearest
    wins. `key_ids` says whose access key ids to ask for, at one call per user: nobody's, those of
    users whose key would have a finding, or everybody's. `creators_pages` bounds the pages of
    CloudTrail events read per account.
    """

    role_arn: str | None = None
    external_id: Secret | str | None = None
    profile: str | None = None
    organization: bool = False
    member_role: str | None = None
    accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    map: dict[str, str] = {}
    endpoint: str | None = None
    ca: Secret | None = None
    session_name: str = "nhiscan"
    key_ids: Literal["never", "findings", "all"] = "findings"
    creators_pages: int = 6
    contacts: bool = True

    def __post_init__(self) -> None:
        self._check_names()
        self._check_lists()
        if self.map and not self.organization:
            raise ValueError("map: works only with `organization: true`")
        if self.creators_pages < 0:
            raise ValueError("creators_pages: a number of pages, zero or more")
        if self.endpoint is not None and urlsplit(self.endpoint).scheme not in ("http", "https"):
            raise ValueError("endpoint: a URL with http or https is wanted")

    def _check_names(self) -> None:
        if self.role_arn is not None and not _ROLE.fullmatch(self.role_arn):
            raise ValueError("role_arn: not the ARN of an IAM role")
        if self.member_role is not None and not _NAME.fullmatch(self.member_role):
            raise ValueError("member_role: the name of a role is wanted, not its ARN")
        if not _SESSION.fullmatch(self.session_name):
            raise ValueError("session_name: 2 to 64 letters, digits or any of +=,.@-_")

    def _check_lists(self) -> None:
        for account in self.accounts:
            if not _ACCOUNT.fullmatch(account):
                raise ValueError(f"accounts: {account!r} is not an account id of 12 digits")
        for key in self.map:
            if not _UNIT.fullmatch(key):
                raise ValueError(f"map: {key!r} is neither an account id nor an ou-… or r-… id")
        for region in self.regions:
            if not _REGION.fullmatch(region):
                raise ValueError(f"regions: {region!r} is not the name of a region")

    @property
    def role(self) -> RoleName | None:
        """The parts of `role_arn`."""
        match = _ROLE.fullmatch(self.role_arn or "")
        return RoleName(*match.groups()) if match else None

    def member_role_arn(self, partition: str, account: str) -> str:
        """Name the role to assume in a member account."""
        role = self.role
        name = self.member_role or (role.path + role.name if role else None)
        if name is None:
            raise ProviderError(
                "the role in member accounts is not known", hint="set member_role to its name"
            )
        return f"arn:{partition}:iam::{account}:role/{name.lstrip('/')}"

    def revealed_external_id(self) -> str | None:
        """Read the ExternalId now, from where it is kept."""
        value = self.external_id
        if isinstance(value, str) and value.startswith(_REFERENCE):
            value = Secret(value)
        return value.reveal() if isinstance(value, Secret) else value

    def ca_file(self) -> str | None:
        """Name the file of certificate authorities to trust instead of the built-in ones."""
        if self.ca is None:
            return None
        scheme, _, rest = self.ca.reference.partition(":")
        path = Path(self.ca.base, rest)
        if scheme != "file" or not path.is_file():
            raise ProviderError(f"ca: {self.ca.reference}: no such file")
        return str(path)
