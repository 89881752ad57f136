"""Every method that is served: its REST path, the permission it needs and where it is looked for.

From Google's discovery documents (paths) and each method's reference page (permissions). The names
are those of the gRPC services, which both transports share in the call log and in faults.
"""

import re
from functools import cache
from urllib.parse import parse_qs, unquote, urlsplit

from msgspec import Struct

# Parameters that may be given several times.
_REPEATED = {"assetTypes", "keyTypes", "notificationCategories", "names"}


class Method(Struct, frozen=True):
    """One method. `permission` null: no permission, or one that depends on the request."""

    service: str
    operation: str
    verb: str
    path: str
    permission: str | None = None


METHODS = tuple(
    Method(service, operation, line.partition(" ")[0], line.partition(" ")[2], permission)
    for service, operation, line, permission in (
        # IAM
        ("iam", "ListServiceAccounts", "GET v1/{projects/*}/serviceAccounts",
         "iam.serviceAccounts.list"),
        ("iam", "GetServiceAccount", "GET v1/{projects/*/serviceAccounts/*}",
         "iam.serviceAccounts.get"),
        ("iam", "ListServiceAccountKeys", "GET v1/{projects/*/serviceAccounts/*}/keys",
         "iam.serviceAccountKeys.list"),
        ("iam", "GetServiceAccountKey", "GET v1/{projects/*/serviceAccounts/*/keys/*}",
         "iam.serviceAccountKeys.get"),
        ("iam", "GetIamPolicy", "POST v1/{projects/*/serviceAccounts/*}:getIamPolicy",
         "iam.serviceAccounts.getIamPolicy"),
        ("iam", "TestIamPermissions", "POST v1/{projects/*/serviceAccounts/*}:testIamPermissions",
         None),
        ("iam", "ListRoles", "GET v1/roles", None),
        ("iam", "ListRoles", "GET v1/{organizations/*}/roles", "iam.roles.list"),
        ("iam", "ListRoles", "GET v1/{projects/*}/roles", "iam.roles.list"),
        ("iam", "GetRole", "GET v1/{roles/*}", None),
        ("iam", "GetRole", "GET v1/{organizations/*/roles/*}", "iam.roles.get"),
        ("iam", "GetRole", "GET v1/{projects/*/roles/*}", "iam.roles.get"),
        ("iam", "ListWorkloadIdentityPools",
         "GET v1/{projects/*/locations/*}/workloadIdentityPools",
         "iam.googleapis.com/workloadIdentityPools.list"),
        ("iam", "ListWorkloadIdentityPoolProviders",
         "GET v1/{projects/*/locations/*/workloadIdentityPools/*}/providers",
         "iam.googleapis.com/workloadIdentityPoolProviders.list"),
        # Ways to become somebody
        ("iamcredentials", "GenerateAccessToken",
         "POST v1/{projects/*/serviceAccounts/*}:generateAccessToken",
         "iam.serviceAccounts.getAccessToken"),
        ("sts", "ExchangeToken", "POST v1/token", None),
        ("oauth2", "ExchangeToken", "POST token", None),
        # Resource Manager
        ("cloudresourcemanager", "SearchOrganizations", "GET v3/organizations:search", None),
        ("cloudresourcemanager", "GetOrganization", "GET v3/{organizations/*}",
         "resourcemanager.organizations.get"),
        ("cloudresourcemanager", "SearchFolders", "GET v3/folders:search", None),
        ("cloudresourcemanager", "ListFolders", "GET v3/folders", "resourcemanager.folders.list"),
        ("cloudresourcemanager", "GetFolder", "GET v3/{folders/*}", "resourcemanager.folders.get"),
        ("cloudresourcemanager", "SearchProjects", "GET v3/projects:search", None),
        ("cloudresourcemanager", "ListProjects", "GET v3/projects",
         "resourcemanager.projects.list"),
        ("cloudresourcemanager", "GetProject", "GET v3/{projects/*}",
         "resourcemanager.projects.get"),
        ("cloudresourcemanager", "GetIamPolicy", "POST v3/{organizations/*}:getIamPolicy",
         "resourcemanager.organizations.getIamPolicy"),
        ("cloudresourcemanager", "GetIamPolicy", "POST v3/{folders/*}:getIamPolicy",
         "resourcemanager.folders.getIamPolicy"),
        ("cloudresourcemanager", "GetIamPolicy", "POST v3/{projects/*}:getIamPolicy",
         "resourcemanager.projects.getIamPolicy"),
        ("cloudresourcemanager", "TestIamPermissions",
         "POST v3/{organizations/*}:testIamPermissions", None),
        ("cloudresourcemanager", "TestIamPermissions", "POST v3/{folders/*}:testIamPermissions",
         None),
        ("cloudresourcemanager", "TestIamPermissions", "POST v3/{projects/*}:testIamPermissions",
         None),
        # Cloud Asset Inventory
        ("cloudasset", "ListAssets", "GET v1/{*/*}/assets", "cloudasset.assets.listResource"),
        ("cloudasset", "SearchAllResources", "GET v1/{*/*}:searchAllResources",
         "cloudasset.assets.searchAllResources"),
        ("cloudasset", "SearchAllIamPolicies", "GET v1/{*/*}:searchAllIamPolicies",
         "cloudasset.assets.searchAllIamPolicies"),
        # The rest, one or two methods each
        ("apikeys", "ListKeys", "GET v2/{projects/*/locations/global}/keys", "apikeys.keys.list"),
        ("policyanalyzer", "QueryActivity",
         "GET v1/{*/*/locations/*/activityTypes/*}/activities:query", None),
        ("essentialcontacts", "ListContacts", "GET v1/{*/*}/contacts",
         "essentialcontacts.contacts.list"),
        ("essentialcontacts", "ComputeContacts", "GET v1/{*/*}/contacts:compute",
         "essentialcontacts.contacts.list"),
        ("storage", "ListHmacKeys", "GET storage/v1/{projects/*}/hmacKeys",
         "storage.hmacKeys.list"),
        ("logging", "ListLogEntries", "POST v2/entries:list", None),
        ("serviceusage", "ListServices", "GET v1/{*/*}/services", "serviceusage.services.list"),
        ("serviceusage", "BatchGetServices", "GET v1/{*/*}/services:batchGet",
         "serviceusage.services.get"),
        ("serviceusage", "GetService", "GET v1/{*/*/services/*}", "serviceusage.services.get"),
        ("agentregistry", "ListAgents", "GET v1/{projects/*/locations/*}/agents",
         "agentregistry.agents.list"),
        ("aiplatform", "ListReasoningEngines", "GET v1/{projects/*/locations/*}/reasoningEngines",
         "aiplatform.reasoningEngines.list"),
        ("aiplatform", "ListLocations", "GET v1/{projects/*}/locations",
         "aiplatform.locations.list"),
        ("agentregistry", "ListLocations", "GET v1/{projects/*}/locations",
         "agentregistry.locations.list"),
    )
)  # fmt: skip


class Route(Struct, frozen=True):
    """A request that was understood: its method, the resource name in its path, its query."""

    method: Method
    target: str
    query: dict[str, object]


def route(verb: str, target: str) -> Route | None:
    """Find the method of a REST request; null if none is served there.

    A path may begin with the host that Google serves the API on (`/iam.googleapis.com/v1/…`), as
    where several APIs have one and the same path.
    """
    split = urlsplit(target)
    host, _, path = unquote(split.path).strip("/").partition("/")
    named = host.endswith(".googleapis.com")
    service = host.removesuffix(".googleapis.com").rpartition("-")[2] if named else None
    path = path if named else f"{host}/{path}".rstrip("/")
    for method, pattern in _patterns():
        found = pattern.fullmatch(path)
        if found and method.verb == verb and service in (None, method.service):
            return Route(method, found.groupdict().get("name", ""), _query(split.query))
    return None


def iam_method(operation: str, target: str) -> Method | None:
    """Find the method of the IAM service that a gRPC request about `target` calls."""
    for method in METHODS:
        if (method.service, method.operation) != ("iam", operation):
            continue
        inner = method.path.partition("{")[2].partition("}")[0]
        if _regex(inner).fullmatch(target):
            return method
    return None


@cache
def _patterns() -> tuple[tuple[Method, re.Pattern[str]], ...]:
    return tuple((method, _regex(method.path)) for method in METHODS)


def _regex(path: str) -> re.Pattern[str]:
    # A star is one segment; a project id may hold a colon, the verb behind it comes last.
    text = re.escape(path).replace(r"\{", "(?P<name>").replace(r"\}", ")")
    return re.compile(text.replace(r"\*", "[^/]+"))


def _query(text: str) -> dict[str, object]:
    return {
        name: values if name in _REPEATED else values[-1]
        for name, values in parse_qs(text, keep_blank_values=True).items()
    }
