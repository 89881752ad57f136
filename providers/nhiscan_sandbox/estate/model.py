"""What an estate file may say. Ages and times are whole days before the estate's `now`."""

from typing import Any, Literal

from msgspec import Struct

from nhiscan_sandbox.estate.azure_model import Directory
from nhiscan_sandbox.estate.gcp_model import GoogleOrganization, Project

Statement = dict[str, Any]
# Inline policies by name: statements, or the name of a list in the estate's `statements`.
Inline = dict[str, list[Statement] | str]


class Data(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all rows share: a key that no field has is an error, so typing mistakes show."""


class Key(Data, frozen=True):
    """An access key; `used` null means never."""

    age: int
    used: int | None = None
    service: str = "s3"
    region: str = "us-east-1"
    status: Literal["Active", "Inactive"] = "Active"


class Password(Data, frozen=True):
    """A console password; `used` null means that nobody signed in with it."""

    age: int
    used: int | None = None
    mfa: bool = False


class ServiceCredential(Data, frozen=True):
    """A service-specific credential; `expires` in days from now, negative for the past."""

    service: str
    age: int
    expires: int | None = None
    status: Literal["Active", "Inactive", "Expired"] = "Active"


class Dated(Data, frozen=True):
    """A signing certificate or an SSH key."""

    age: int
    status: Literal["Active", "Inactive"] = "Active"


class User(Data, frozen=True):
    """An IAM user. `policies` are names of AWS managed policies or of the account's own."""

    name: str
    age: int = 400
    path: str = "/"
    tags: dict[str, str] = {}
    keys: tuple[Key, ...] = ()
    password: Password | None = None
    service_credentials: tuple[ServiceCredential, ...] = ()
    certificates: tuple[Dated, ...] = ()
    ssh_keys: tuple[Dated, ...] = ()
    groups: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    inline: Inline = {}
    boundary: str | None = None


class Role(Data, frozen=True):
    """An IAM role; `used` null means not in the window that AWS keeps."""

    name: str
    trust: list[Statement]
    age: int = 400
    used: int | None = None
    used_region: str = "us-east-1"
    path: str = "/"
    description: str = ""
    tags: dict[str, str] = {}
    policies: tuple[str, ...] = ()
    inline: Inline = {}
    boundary: str | None = None
    instance_profile: bool = False
    linked_service: str | None = None


class Group(Data, frozen=True):
    """An IAM group."""

    name: str
    policies: tuple[str, ...] = ()
    inline: Inline = {}


class OidcProvider(Data, frozen=True):
    """An OIDC provider, by host and path without the scheme."""

    url: str
    clients: tuple[str, ...] = ("sts.amazonaws.com",)
    age: int = 300


class SamlProvider(Data, frozen=True):
    """A SAML provider; `valid` is days from now until its metadata expires, negative if it has."""

    name: str
    valid: int
    entity: str
    age: int = 300


class Secret(Data, frozen=True):
    """A Secrets Manager secret; it holds no value. `rotation` is its schedule in days."""

    name: str
    region: str = "us-east-1"
    age: int = 300
    changed: int | None = None
    rotated: int | None = None
    accessed: int | None = None
    rotation: int | None = None
    description: str = ""
    tags: dict[str, str] = {}


class Parameter(Data, frozen=True):
    """A Systems Manager parameter; `modified_by` is an ARN."""

    name: str
    region: str = "us-east-1"
    type: Literal["String", "SecureString", "StringList"] = "SecureString"
    age: int = 200
    description: str = ""
    modified_by: str | None = None


class Event(Data, frozen=True):
    """A management event; `identity` and `request` stand in its CloudTrailEvent as they are."""

    name: str
    age: float
    username: str
    identity: dict[str, Any]
    request: dict[str, Any]
    source: str = "iam.amazonaws.com"
    region: str = "us-east-1"
    error: str | None = None


class Contact(Data, frozen=True):
    """An alternate contact of an account."""

    name: str
    email: str
    title: str = "Contact"
    phone: str = "+1-555-0100"


class Root(Data, frozen=True):
    """The root user."""

    age: int = 1500
    used: int | None = None
    mfa: bool = True
    key: Key | None = None


class Account(Data, frozen=True):
    """One AWS account. `opted_in` are opt-in regions switched on; all default ones always are."""

    id: str
    name: str
    email: str
    state: Literal["PENDING_ACTIVATION", "ACTIVE", "SUSPENDED", "PENDING_CLOSURE", "CLOSED"] = (
        "ACTIVE"
    )
    parent: str | None = None
    age: int = 1500
    tags: dict[str, str] = {}
    opted_in: tuple[str, ...] = ()
    report_polls: int = 0
    root: Root = Root()
    contacts: dict[Literal["SECURITY", "OPERATIONS", "BILLING"], Contact] = {}
    policies: dict[str, list[Statement]] = {}
    groups: tuple[Group, ...] = ()
    users: tuple[User, ...] = ()
    roles: tuple[Role, ...] = ()
    oidc: tuple[OidcProvider, ...] = ()
    saml: tuple[SamlProvider, ...] = ()
    secrets: tuple[Secret, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    events: tuple[Event, ...] = ()


class Unit(Data, frozen=True):
    """An organizational unit; `parent` null means the root."""

    id: str
    name: str
    parent: str | None = None


class ControlPolicy(Data, frozen=True):
    """A service control policy and the ids of what it is attached to."""

    id: str
    name: str
    statements: list[Statement]
    targets: tuple[str, ...] = ()


class Organization(Data, frozen=True):
    """An organization: its management account, tree and control policies."""

    id: str
    payer: str
    root: str
    units: tuple[Unit, ...] = ()
    policies: tuple[ControlPolicy, ...] = ()
    delegated: dict[str, tuple[str, ...]] = {}


class Estate(Data, frozen=True):
    """Accounts, directories and organizations of three clouds, and whom scans start as.

    `base_role` is the ARN of a role in the estate; the sandbox hands out one session of it, as a
    machine of the MSP would have. `google_base` is the member that calls of Google Cloud come from;
    `google_projects` are projects outside any organization.
    """

    base_role: str | None = None
    statements: dict[str, list[Statement]] = {}
    accounts: tuple[Account, ...] = ()
    organizations: tuple[Organization, ...] = ()
    directories: tuple[Directory, ...] = ()
    google_base: str | None = None
    google_permissions: dict[str, tuple[str, ...]] = {}
    google: tuple[GoogleOrganization, ...] = ()
    google_projects: tuple[Project, ...] = ()
