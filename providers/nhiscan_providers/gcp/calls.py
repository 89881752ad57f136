"""The one table of calls: what is called, why, with which permission, for which sources.

The calls that the adapter can make, its coverage sources and the roles that `nhiscan permissions
gcp` prints all derive from it: an operation that is not listed cannot be called. Paths are those of
Google's discovery documents, permissions those of each method's reference page.
"""

from collections.abc import Mapping
from functools import cache
from typing import Literal

from msgspec import Struct

from nhiscan.provider import Call, Source, Title, describe
from nhiscan_providers.gcp.premises import PREMISES

# Who must have the permission: the scanner in the organization or project, the scanner in the
# project that pays for the calls, or whoever impersonates the scanner.
Party = Literal["scope", "quota", "caller"]

ENTRY = "iamcredentials.token"
PROJECTS = "resourcemanager.projects"
INVENTORY = "cloudasset.inventory"
ACCOUNTS = "iam.service_accounts"
KEYS = "iam.keys"
KEY_STATUS = "iam.key_status"
POLICIES = "iam.policies"
ROLES = "iam.roles"
POOLS = "iam.workload_pools"
API_KEYS = "apikeys.keys"
HMAC_KEYS = "storage.hmac_keys"
ACTIVITIES = "policyanalyzer.activities"
CONTACTS = "essentialcontacts.contacts"
CREATORS = "logging.creators"
AGENTS = "aiplatform.agents"

# What one list of the inventory gives at once.
LISTED = (ACCOUNTS, KEYS, ROLES, POOLS, API_KEYS, CONTACTS, AGENTS)
# Admin Activity logs are kept for 400 days (Cloud Logging, "Quotas and limits").
CREATORS_DAYS = 400


class Operation(Struct, frozen=True, kw_only=True):
    """One method. `path` holds `{…}` where a resource name goes; `items` is the member with rows.

    `size` is the parameter for the size of pages and the most that the method gives. `minute` is
    how many calls a minute we allow ourselves. `grpc` methods have no path: their client is used.
    """

    sources: tuple[str, ...]
    api: str
    name: str
    why: str
    permissions: tuple[str, ...] = ()
    verb: Literal["GET", "POST"] = "GET"
    path: str = ""
    items: str | None = None
    size: tuple[str, int] | None = None
    minute: int = 600
    party: Party = "scope"
    grpc: bool = False

    @property
    def asked(self) -> str:
        """Name it for people: API and method."""
        return f"{self.api}:{self.name}"

    @property
    def host(self) -> str:
        """The API's own name at Google."""
        return f"{self.api}.googleapis.com"


_RM = "cloudresourcemanager"
_WIF = "iam.googleapis.com/workloadIdentity"

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        sources=(ENTRY,), api="iamcredentials", name="GenerateAccessToken", verb="POST",
        path="v1/projects/-/serviceAccounts/{account}:generateAccessToken", party="caller",
        permissions=("iam.serviceAccounts.getAccessToken",),
        why="enters each client as the service account that its owner made for nhiscan",
    ),
    Operation(
        sources=(ENTRY,), api="serviceusage", name="BatchGetServices", party="quota",
        path="v1/{project}/services:batchGet", items="services",
        permissions=("serviceusage.services.get", "serviceusage.services.use"),
        why="tells before a scan which APIs are off in the project that pays for the calls",
    ),
    Operation(
        sources=(PROJECTS,), api=_RM, name="GetOrganization", path="v3/{name}",
        permissions=("resourcemanager.organizations.get",), why="names the organization",
    ),
    Operation(
        sources=(PROJECTS,), api=_RM, name="SearchFolders", path="v3/folders:search",
        items="folders", size=("pageSize", 500), permissions=("resourcemanager.folders.get",),
        why="places projects in the tree of folders",
    ),
    Operation(
        sources=(PROJECTS,), api=_RM, name="SearchProjects", path="v3/projects:search",
        items="projects", size=("pageSize", 500),
        permissions=("resourcemanager.projects.get",),
        why="lists the projects with their labels and states",
    ),
    Operation(
        sources=(PROJECTS,), api=_RM, name="TestIamPermissions", verb="POST",
        path="v3/{resource}:testIamPermissions",
        why="tells whether projects may be hidden from the scanner; anybody may ask that",
    ),
    Operation(
        sources=(INVENTORY, *LISTED), api="cloudasset", name="ListAssets",
        path="v1/{parent}/assets", items="assets", size=("pageSize", 1000), minute=100,
        permissions=("cloudasset.assets.listResource",),
        why="reads accounts, keys, pools, API keys, roles and contacts of all projects in bulk",
    ),
    Operation(
        sources=(INVENTORY, ACCOUNTS), api="cloudasset", name="SearchAllResources",
        path="v1/{scope}:searchAllResources", items="results", size=("pageSize", 500), minute=400,
        permissions=("cloudasset.assets.searchAllResources",),
        why="gives what IAM does not: when an account was made, and its tags",
    ),
    Operation(
        sources=(INVENTORY, POLICIES), api="cloudasset", name="SearchAllIamPolicies",
        path="v1/{scope}:searchAllIamPolicies", items="results", size=("pageSize", 500),
        minute=400, permissions=("cloudasset.assets.searchAllIamPolicies",),
        why="reads all allow policies below the organization in bulk",
    ),
    Operation(
        sources=(ACCOUNTS,), api="iam", name="ListServiceAccounts", grpc=True,
        items="accounts", size=("page_size", 100), permissions=("iam.serviceAccounts.list",),
        why="lists service accounts where the inventory is refused",
    ),
    Operation(
        sources=(KEYS, KEY_STATUS), api="iam", name="ListServiceAccountKeys",
        path="v1/{name}/keys", items="keys", permissions=("iam.serviceAccountKeys.list",),
        why="tells why a key is disabled and whether Google found it exposed; REST alone does",
    ),
    Operation(
        sources=(KEY_STATUS,), api="iam", name="GetServiceAccountKey", path="v1/{name}",
        permissions=("iam.serviceAccountKeys.get",),
        why="reads the public half of uploaded keys to find it elsewhere; only a hash is kept",
    ),
    Operation(
        sources=(POLICIES,), api="iam", name="GetIamPolicy", grpc=True,
        permissions=("iam.serviceAccounts.getIamPolicy",),
        why="reads who may act as an account where the inventory is refused",
    ),
    *(
        Operation(
            sources=(POLICIES,), api=_RM, name=f"GetIamPolicy.{kind}", verb="POST",
            path="v3/{resource}:getIamPolicy",
            permissions=(f"resourcemanager.{kind}.getIamPolicy",),
            why=f"reads the policy of {kind} where the inventory is refused",
        )
        for kind in ("organizations", "folders", "projects")
    ),
    Operation(
        sources=(ROLES,), api="iam", name="ListRoles", path="v1/{parent}/roles", items="roles",
        size=("pageSize", 1000), permissions=("iam.roles.list",),
        why="reads what custom roles allow where the inventory is refused",
    ),
    Operation(
        sources=(POOLS,), api="iam", name="ListWorkloadIdentityPools",
        path="v1/{parent}/workloadIdentityPools", items="workloadIdentityPools",
        size=("pageSize", 1000), permissions=(f"{_WIF}Pools.list",),
        why="lists pools of outside workloads where the inventory is refused",
    ),
    Operation(
        sources=(POOLS,), api="iam", name="ListWorkloadIdentityPoolProviders",
        path="v1/{parent}/providers", items="workloadIdentityPoolProviders",
        size=("pageSize", 1000), permissions=(f"{_WIF}PoolProviders.list",),
        why="reads which issuers a pool trusts where the inventory is refused",
    ),
    Operation(
        sources=(API_KEYS,), api="apikeys", name="ListKeys", path="v2/{parent}/keys", items="keys",
        size=("pageSize", 300), permissions=("apikeys.keys.list",),
        why="lists API keys, without their strings, where the inventory is refused or tells less",
    ),
    Operation(
        sources=(HMAC_KEYS,), api="storage", name="ListHmacKeys",
        path="storage/v1/{project}/hmacKeys", items="items", size=("maxResults", 250),
        permissions=("storage.hmacKeys.list",), why="lists HMAC keys, never their secrets",
    ),
    Operation(
        sources=(ACTIVITIES,), api="policyanalyzer", name="QueryActivity",
        path="v1/{parent}/activities:query", items="activities", size=("pageSize", 1000),
        permissions=(
            "policyanalyzer.serviceAccountLastAuthenticationActivities.query",
            "policyanalyzer.serviceAccountKeyLastAuthenticationActivities.query",
        ),
        why="tells when accounts and keys last authenticated",
    ),
    Operation(
        sources=(CONTACTS,), api="essentialcontacts", name="ListContacts",
        path="v1/{parent}/contacts", items="contacts", size=("pageSize", 100),
        permissions=("essentialcontacts.contacts.list",),
        why="reads whom a project names where the inventory is refused",
    ),
    Operation(
        sources=(CREATORS,), api="logging", name="ListLogEntries", verb="POST",
        path="v2/entries:list", items="entries", size=("pageSize", 1000), minute=55,
        permissions=("logging.logEntries.list",),
        why="finds who made accounts and keys in the last 400 days",
    ),
)  # fmt: skip


TITLES: Mapping[str, Title] = {
    ENTRY: Title(title="Entry into the client's cloud", feeds=(), blind="anything about it"),
    PROJECTS: Title(
        title="Organization, folders and projects",
        feeds=("account",),
        blind="which projects exist beside those already known",
    ),
    INVENTORY: Title(
        title="Inventory of all projects at once",
        feeds=(),
        blind="tags and ages of service accounts, and policies of single resources; the rest is"
        " then read one by one",
        optional=True,
    ),
    ACCOUNTS: Title(
        title="Service accounts",
        feeds=("identity",),
        blind="which service accounts exist",
    ),
    KEYS: Title(
        title="Keys of service accounts",
        feeds=("credential",),
        blind="which keys exist, how old they are and whether they ever end",
    ),
    KEY_STATUS: Title(
        title="Exposed and uploaded keys",
        feeds=(),
        blind="whether Google found a key exposed, and whether an uploaded key is used elsewhere",
        optional=True,
    ),
    POLICIES: Title(
        title="Allow policies",
        feeds=("identity", "grant", "trust", "claim"),
        blind="what identities may do and who may act as them",
    ),
    ROLES: Title(title="Custom roles", feeds=(), blind="what the client's own roles allow"),
    POOLS: Title(
        title="Workload identity pools and their providers",
        feeds=("identity", "credential", "trust"),
        blind="which outside workloads are let in, and by which issuer",
    ),
    API_KEYS: Title(
        title="API keys",
        feeds=("identity", "credential", "trust"),
        blind="which API keys exist and what they are restricted to",
    ),
    HMAC_KEYS: Title(
        title="HMAC keys of Cloud Storage",
        feeds=("credential",),
        blind="which service accounts have HMAC keys",
        optional=True,
    ),
    ACTIVITIES: Title(
        title="Last authentications of accounts and keys",
        feeds=("usage",),
        blind="when service accounts and keys were last used",
    ),
    CONTACTS: Title(
        title="Essential contacts",
        feeds=("claim",),
        blind="whom projects, folders and the organization name as their contacts",
    ),
    CREATORS: Title(
        title="Creators of service accounts and keys",
        feeds=("claim",),
        blind="who made an identity in the last 400 days",
        sliding=True,
        window_days=CREATORS_DAYS,
    ),
    AGENTS: Title(
        title="Agents on Vertex AI",
        feeds=("identity",),
        blind="which AI agents run, and as whom",
        optional=True,
    ),
}


@cache
def operation(api: str, name: str) -> Operation:
    """Find a listed operation; one that is not listed is a fault of this adapter."""
    return next(one for one in OPERATIONS if (one.api, one.name) == (api, name))


def of_source(source: str) -> tuple[Operation, ...]:
    """List the operations of one source in the order of the table."""
    return tuple(one for one in OPERATIONS if source in one.sources)


def sources() -> list[Source]:
    """Describe every source with its calls."""
    return describe(TITLES, _calls, PREMISES)


def _calls(source: str) -> tuple[Call, ...]:
    return tuple(
        Call(name=one.asked, permissions=one.permissions, why=one.why) for one in of_source(source)
    )
