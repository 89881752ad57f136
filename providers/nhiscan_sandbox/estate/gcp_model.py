"""What an estate file may say of Google Cloud. Ages and times are whole days before `now`."""

from typing import Any, Literal

from msgspec import Struct, field

Category = Literal[
    "ALL", "SUSPENSION", "SECURITY", "TECHNICAL", "BILLING", "LEGAL", "PRODUCT_UPDATES"
]
# The identities that a caller of the sandbox can be: `serviceAccount:…`, `principal://…`.
Member = str


class Data(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all rows share: a key that no field has is an error, so typing mistakes show."""


class Condition(Data, frozen=True):
    """A condition of a binding, in the Common Expression Language."""

    title: str
    expression: str


class Binding(Data, frozen=True):
    """One binding of an allow policy."""

    role: str
    members: tuple[Member, ...]
    condition: Condition | None = None


class ServiceAccountKey(Data, frozen=True):
    """A key of a service account.

    `expires` is days from now, null for never; `used` null means not in the time that the activity
    analyzer looks back. `exposed` is where Google found it; that stays when the key is enabled
    again. Uploaded keys of one `material` are one and the same key pair.
    """

    age: int
    expires: int | None = None
    used: int | None = None
    uploaded: bool = False
    material: str | None = None
    managed_by_google: bool = False
    disabled: Literal["USER_INITIATED", "EXPOSED", "COMPROMISE_DETECTED"] | None = None
    exposed: str | None = None
    created_by: str | None = None


class HmacKey(Data, frozen=True):
    """A storage HMAC key of a service account."""

    age: int
    state: Literal["ACTIVE", "INACTIVE", "DELETED"] = "ACTIVE"
    created_by: str | None = None


class ServiceAccount(Data, frozen=True):
    """A service account; `name` is what stands before the @, or a whole address.

    `tags` are bound to the account itself, by short key. `created_by` shows in the audit log while
    that is kept, with `created_through` as the account that was impersonated.
    """

    name: str
    age: int = 400
    title: str = ""
    description: str = ""
    disabled: bool = False
    used: int | None = None
    tags: dict[str, str] = {}
    keys: tuple[ServiceAccountKey, ...] = ()
    hmac_keys: tuple[HmacKey, ...] = ()
    bindings: tuple[Binding, ...] = ()
    created_by: str | None = None
    created_through: str | None = None


def _subject_alone() -> dict[str, str]:
    return {"google.subject": "assertion.sub"}


class PoolProvider(Data, frozen=True):
    """A provider of a workload identity pool: an OIDC issuer, an AWS account, or SAML."""

    name: str
    issuer: str | None = None
    audiences: tuple[str, ...] = ()
    aws: str | None = None
    saml: bool = False
    mapping: dict[str, str] = field(default_factory=_subject_alone)
    condition: str = ""
    disabled: bool = False
    deleted: bool = False


class Pool(Data, frozen=True):
    """A workload identity pool."""

    name: str
    title: str = ""
    mode: Literal["FEDERATION_ONLY", "TRUST_DOMAIN", "SYSTEM_TRUST_DOMAIN"] = "FEDERATION_ONLY"
    disabled: bool = False
    deleted: bool = False
    providers: tuple[PoolProvider, ...] = ()


class ApiKey(Data, frozen=True):
    """An API key. Without `services`, `referrers` and `addresses` it is unrestricted.

    `deleted` is days since; Google lists such a key for 30 days if asked to.
    """

    title: str
    age: int = 200
    services: tuple[str, ...] = ()
    referrers: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    service_account: str | None = None
    deleted: int | None = None
    created_by: str | None = None


class Contact(Data, frozen=True):
    """An essential contact; one that is not `valid` is a mailbox that nobody answers for."""

    email: str
    categories: tuple[Category, ...] = ("TECHNICAL",)
    valid: bool = True
    age: int = 200


class Agent(Data, frozen=True):
    """An agent on Agent Engine: it has an identity of its own, or runs as a service account.

    `engine` is the number of its reasoning engine, which its identity holds.
    """

    name: str
    engine: str | None = None
    title: str = ""
    location: str = "us-central1"
    service_account: str | None = None
    registered: bool = True
    framework: str = "google-adk"
    age: int = 60
    labels: dict[str, str] = {}


class Role(Data, frozen=True):
    """A custom role; `includes` names one of the estate's `google_permissions` lists besides."""

    name: str
    title: str = ""
    permissions: tuple[str, ...] = ()
    includes: str | None = None
    stage: Literal["ALPHA", "BETA", "GA", "DEPRECATED", "DISABLED"] = "GA"
    deleted: bool = False


class Resource(Data, frozen=True):
    """Any other resource: its asset type, its full name, what its API says of it, its policy."""

    type: str
    name: str
    data: dict[str, Any] = {}
    labels: dict[str, str] = {}
    age: int = 300
    bindings: tuple[Binding, ...] = ()


class Project(Data, frozen=True):
    """A project. `apis_off` are services switched off, `apis_on` some beyond the usual ones."""

    id: str
    number: str
    name: str = ""
    parent: str | None = None
    age: int = 500
    state: Literal["ACTIVE", "DELETE_REQUESTED"] = "ACTIVE"
    labels: dict[str, str] = {}
    tags: dict[str, str] = {}
    apis_on: tuple[str, ...] = ()
    apis_off: tuple[str, ...] = ()
    bindings: tuple[Binding, ...] = ()
    roles: tuple[Role, ...] = ()
    contacts: tuple[Contact, ...] = ()
    service_accounts: tuple[ServiceAccount, ...] = ()
    pools: tuple[Pool, ...] = ()
    api_keys: tuple[ApiKey, ...] = ()
    agents: tuple[Agent, ...] = ()
    resources: tuple[Resource, ...] = ()


class Folder(Data, frozen=True):
    """A folder; `parent` null means the organization."""

    number: str
    name: str
    parent: str | None = None
    age: int = 700
    bindings: tuple[Binding, ...] = ()
    contacts: tuple[Contact, ...] = ()


class GoogleOrganization(Data, frozen=True):
    """An organization. A project's or folder's `parent` is a folder's number, null for the top.

    `asset_details`: Cloud Asset Inventory shows why keys are disabled and whom API keys act as;
    nobody here has checked whether it does. `activity`: the organization, or only each project,
    can be asked for last authentications.
    """

    number: str
    domain: str
    customer: str
    age: int = 900
    asset_details: bool = True
    activity: Literal["organization", "project"] = "organization"
    bindings: tuple[Binding, ...] = ()
    roles: tuple[Role, ...] = ()
    contacts: tuple[Contact, ...] = ()
    folders: tuple[Folder, ...] = ()
    projects: tuple[Project, ...] = ()
