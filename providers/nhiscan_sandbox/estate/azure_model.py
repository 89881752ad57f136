"""What an estate file may say of Microsoft directories and the Azure below them.

Ages and times are whole days before the estate's `now`; `expires` counts days from now, and null
means in the year 2299, as scripts write it. Whoever is named (`owners`, `to`, `by` …) is a user by
principal name, anything else by name, or anybody by object id: one that nothing has is deleted.
"""

from typing import Literal

from msgspec import Struct


class Data(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all rows share: a key that no field has is an error, so typing mistakes show."""


class Password(Data, frozen=True):
    """A client secret; `used` null means never. `hint` is what Entra shows of its text."""

    name: str
    age: int = 200
    expires: int | None = 165
    used: int | None = None
    hint: str = "q1W"
    key_id: str | None = None


class Certificate(Data, frozen=True):
    """A certificate; equal `material` is the same certificate, wherever it is installed."""

    name: str
    age: int = 200
    expires: int | None = 165
    used: int | None = None
    material: str | None = None
    key_id: str | None = None


class Federated(Data, frozen=True):
    """A federated credential: which outside workload may sign in."""

    name: str
    issuer: str
    subject: str
    audiences: tuple[str, ...] = ("api://AzureADTokenExchange",)


class Principal(Data, frozen=True):
    """A service principal of any type.

    `home` is the directory that holds the registration: null means this one, `microsoft` a
    first-party application. `roles` are application permissions by resource: `graph`, `exchange`,
    `sharepoint`, `arm`, or the name of an own application. `signed_in` null means never.
    """

    name: str
    app_id: str | None = None
    home: str | None = None
    type: Literal["Application", "ManagedIdentity", "Legacy", "SocialIdp"] = "Application"
    age: int = 400
    enabled: bool = True
    owners: tuple[str, ...] = ()
    secrets: tuple[Password, ...] = ()
    certificates: tuple[Certificate, ...] = ()
    saml: Certificate | None = None
    notify: tuple[str, ...] = ()
    roles: dict[str, tuple[str, ...]] = {}
    publisher: str | None = None
    alternative_names: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    notes: str | None = None
    reply_urls: tuple[str, ...] = ()
    audience: str | None = None
    created_by_app: str | None = None
    disabled: str | None = None
    signed_in: int | None = None
    signed_in_delegated: int | None = None


class Application(Data, frozen=True):
    """A registration. `principal` is its own service principal here; null means there is none.

    `offers` are the permissions that it offers to others. `blueprint` makes it one of AI agents.
    """

    name: str
    app_id: str | None = None
    age: int = 400
    audience: str = "AzureADMyOrg"
    owners: tuple[str, ...] = ()
    secrets: tuple[Password, ...] = ()
    certificates: tuple[Certificate, ...] = ()
    federated: tuple[Federated, ...] = ()
    offers: tuple[str, ...] = ()
    publisher: str | None = None
    tags: tuple[str, ...] = ()
    notes: str | None = None
    reference: str | None = None
    locked: bool | None = None
    created_by_app: str | None = None
    blueprint: bool = False
    sponsors: tuple[str, ...] = ()
    principal: Principal | None = Principal(name="")


class Agent(Data, frozen=True):
    """An AI agent's identity; `blueprint` is the name of an application here."""

    name: str
    blueprint: str
    age: int = 30
    enabled: bool = True
    sponsors: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    roles: dict[str, tuple[str, ...]] = {}
    signed_in: int | None = None


class User(Data, frozen=True):
    """A user; the principal name is the mail address unless `mail` says otherwise."""

    upn: str
    name: str
    enabled: bool = True
    guest: bool = False
    manager: str | None = None
    mail: str | None = None
    age: int = 900


class Group(Data, frozen=True):
    """A group; members may be groups."""

    name: str
    members: tuple[str, ...] = ()


class Consent(Data, frozen=True):
    """Delegated permissions of `client` at `resource`, for one user or (null) for everybody."""

    client: str
    scopes: str
    resource: str = "graph"
    user: str | None = None


class DirectoryRole(Data, frozen=True):
    """A directory role given to somebody; `scope` names an application, null means everywhere.

    `role` is a built-in or custom role's name. `until` is days from now; null means for good.
    """

    role: str
    to: str
    scope: str | None = None
    until: int | None = None


class CustomDirectoryRole(Data, frozen=True):
    """A directory role of the client's own."""

    name: str
    actions: tuple[str, ...] = ()
    privileged: bool = False


class RoleRequest(Data, frozen=True):
    """A request for a directory role, with its ticket."""

    role: str
    to: str
    by: str
    age: int
    ticket: str | None = None
    system: str = "PSA"
    reason: str = ""


class AuditEvent(Data, frozen=True):
    """An event of the audit log; `by` a user or service principal, `target` an object."""

    activity: str
    target: str
    by: str
    age: float
    kind: Literal["Application", "ServicePrincipal"] = "ServicePrincipal"
    result: str = "success"


class Relationship(Data, frozen=True):
    """A delegated admin relationship, in the partner's directory. `groups`: group to roles."""

    name: str
    customer: str
    customer_name: str
    roles: tuple[str, ...]
    groups: dict[str, tuple[str, ...]] = {}
    status: str = "active"
    age: int = 200
    duration: int = 730
    auto_extend: bool = True
    indirect_provider: str | None = None


class Partner(Data, frozen=True):
    """Another directory in the cross-tenant access policy."""

    directory: str
    service_provider: bool = True


class AzureGrant(Data, frozen=True):
    """A role in Azure. `scope` is the path below the level it stands on; empty means all of it.

    `type` overrides the type of principal that Azure remembers. `until` is for eligible roles.
    """

    role: str
    to: str
    scope: str = ""
    type: str | None = None
    age: int = 300
    by: str | None = None
    delegated_identity: str | None = None
    condition: str | None = None
    until: int | None = None


class AzureRole(Data, frozen=True):
    """A custom role of Azure."""

    name: str
    actions: tuple[str, ...]
    not_actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()


class Denial(Data, frozen=True):
    """A deny assignment; `to` empty means everybody."""

    name: str
    actions: tuple[str, ...]
    to: tuple[str, ...] = ()
    scope: str = ""
    system: bool = True


class Resource(Data, frozen=True):
    """A resource. `system` gives it an identity of its own; `identities` names user-assigned ones.

    `properties` stand in replies as they are.
    """

    name: str
    type: str
    group: str = "main"
    location: str = "westeurope"
    tags: dict[str, str] = {}
    system: bool = False
    identities: tuple[str, ...] = ()
    age: int = 300
    signed_in: int | None = 0
    roles: dict[str, tuple[str, ...]] = {}
    properties: dict[str, object] = {}


class Identity(Data, frozen=True):
    """A user-assigned managed identity."""

    name: str
    group: str = "main"
    location: str = "westeurope"
    tags: dict[str, str] = {}
    federated: tuple[Federated, ...] = ()
    age: int = 300
    signed_in: int | None = None
    roles: dict[str, tuple[str, ...]] = {}


class Storage(Data, frozen=True):
    """A storage account; `keys` are the ages of its two keys, null where Azure does not know."""

    name: str
    group: str = "main"
    location: str = "westeurope"
    tags: dict[str, str] = {}
    shared_keys: bool | None = True
    keys: tuple[int | None, int | None] = (300, 300)
    expire_days: int | None = None
    sas_policy: bool = False


class AutomationCertificate(Data, frozen=True):
    """A certificate in an Automation account."""

    name: str
    age: int = 900
    expires: int = -60
    exportable: bool = False
    material: str | None = None


class AutomationAccount(Data, frozen=True):
    """An Automation account; `credentials` and `connections` are names to what they say."""

    name: str
    group: str = "main"
    location: str = "westeurope"
    tags: dict[str, str] = {}
    system: bool = False
    certificates: tuple[AutomationCertificate, ...] = ()
    credentials: dict[str, str] = {}
    connections: dict[str, str] = {}


class Delegated(Data, frozen=True):
    """One line of a Lighthouse delegation; `to` is of the managing directory."""

    role: str
    to: str
    name: str = ""
    may_grant: tuple[str, ...] = ()
    eligible: bool = False


class Lighthouse(Data, frozen=True):
    """A delegation of a subscription, or of a resource group in it, to another directory."""

    name: str
    to: str
    to_name: str
    lines: tuple[Delegated, ...]
    group: str | None = None
    age: int = 300


class Subscription(Data, frozen=True):
    """A subscription; `parent` is a management group's name, null means right below the root."""

    id: str
    name: str
    parent: str | None = None
    state: str = "Enabled"
    tags: dict[str, str] = {}
    managed_by: tuple[str, ...] = ()
    roles: tuple[AzureGrant, ...] = ()
    eligible: tuple[AzureGrant, ...] = ()
    custom_roles: tuple[AzureRole, ...] = ()
    denials: tuple[Denial, ...] = ()
    resources: tuple[Resource, ...] = ()
    identities: tuple[Identity, ...] = ()
    storage: tuple[Storage, ...] = ()
    automation: tuple[AutomationAccount, ...] = ()
    lighthouse: tuple[Lighthouse, ...] = ()


class ManagementGroup(Data, frozen=True):
    """A management group; the root has the directory's id as its name."""

    name: str
    title: str = ""
    parent: str | None = None
    roles: tuple[AzureGrant, ...] = ()


class Directory(Data, frozen=True):
    """One Entra directory, and the subscriptions that trust it.

    `agents_known` says whether this cloud offers AI agents at all. `expand_federated`: whether
    Graph expands federated credentials in lists; it is not documented. `first_party` is how many
    of Microsoft's own service principals there are besides the resources that permissions are for.
    `root_roles` stand on the root management group.
    """

    id: str
    name: str
    domains: tuple[str, ...]
    licence: Literal["free", "p1", "p2"] = "p1"
    agents_known: bool = True
    expand_federated: bool = True
    first_party: int = 0
    technical: tuple[str, ...] = ()
    security: tuple[str, ...] = ()
    users: tuple[User, ...] = ()
    groups: tuple[Group, ...] = ()
    applications: tuple[Application, ...] = ()
    principals: tuple[Principal, ...] = ()
    agents: tuple[Agent, ...] = ()
    consents: tuple[Consent, ...] = ()
    roles: tuple[DirectoryRole, ...] = ()
    eligible: tuple[DirectoryRole, ...] = ()
    custom_roles: tuple[CustomDirectoryRole, ...] = ()
    requests: tuple[RoleRequest, ...] = ()
    audit: tuple[AuditEvent, ...] = ()
    gdap: tuple[Relationship, ...] = ()
    partners: tuple[Partner, ...] = ()
    management_groups: tuple[ManagementGroup, ...] = ()
    root_roles: tuple[AzureGrant, ...] = ()
    subscriptions: tuple[Subscription, ...] = ()
