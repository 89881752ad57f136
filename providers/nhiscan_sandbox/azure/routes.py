"""The paths of Microsoft Graph that exist here, and the operation that each stands for."""

import re
from urllib.parse import unquote

from msgspec import Struct

from nhiscan_sandbox.azure.odata import Query

_ID = r"([0-9a-fA-F-]{8,})"
_AGENT = r"microsoft\.graph\.agentIdentity"
_BLUEPRINT = r"microsoft\.graph\.agentIdentityBlueprint"
_ROLES = "roleManagement/directory"
_TABLE = (
    ("organization", "ListOrganization"),
    ("applications", "ListApplications"),
    (f"applications/{_ID}/owners", "ListApplicationOwners"),
    (f"applications/{_ID}/federatedIdentityCredentials", "ListFederatedCredentials"),
    ("servicePrincipals", "ListServicePrincipals"),
    (rf"servicePrincipals/{_ID}", "GetServicePrincipal"),
    (r"servicePrincipals\(appId='([^']+)'\)", "GetServicePrincipal"),
    (f"servicePrincipals/{_ID}/owners", "ListServicePrincipalOwners"),
    (f"servicePrincipals/{_ID}/appRoleAssignedTo", "ListAppRoleAssignedTo"),
    (r"servicePrincipals\(appId='([^']+)'\)/appRoleAssignedTo", "ListAppRoleAssignedTo"),
    (f"servicePrincipals/{_ID}/appRoleAssignments", "ListAppRoleAssignments"),
    ("oauth2PermissionGrants", "ListDelegatedGrants"),
    (f"{_ROLES}/roleAssignments", "ListRoleAssignments"),
    (f"{_ROLES}/roleDefinitions", "ListRoleDefinitions"),
    (f"{_ROLES}/roleEligibilityScheduleInstances", "ListEligibleRoles"),
    (f"{_ROLES}/roleAssignmentScheduleInstances", "ListActiveRoles"),
    (f"{_ROLES}/roleAssignmentScheduleRequests", "ListRoleRequests"),
    ("reports/servicePrincipalSignInActivities", "ListSignInActivities"),
    ("reports/appCredentialSignInActivities", "ListCredentialActivities"),
    ("auditLogs/directoryAudits", "ListDirectoryAudits"),
    (f"servicePrincipals/{_AGENT}", "ListAgents"),
    (f"applications/{_BLUEPRINT}", "ListBlueprints"),
    (f"servicePrincipals/{_BLUEPRINT}Principal", "ListBlueprintPrincipals"),
    (f"servicePrincipals/{_ID}/{_AGENT}/sponsors", "ListAgentSponsors"),
    (f"applications/{_ID}/{_BLUEPRINT}/sponsors", "ListBlueprintSponsors"),
    ("users", "ListUsers"),
    ("users/([^/]+)", "GetUser"),
    ("users/([^/]+)/manager", "GetManager"),
    (f"groups/{_ID}/transitiveMembers/microsoft.graph.servicePrincipal", "ListGroupMembers"),
    ("tenantRelationships/delegatedAdminRelationships", "ListRelationships"),
    (
        f"tenantRelationships/delegatedAdminRelationships/{_ID}/accessAssignments",
        "ListAccessAssignments",
    ),
    ("policies/crossTenantAccessPolicy/partners", "ListCrossTenantPartners"),
    (r"\$batch", "BatchGet"),
)
_ROUTES = tuple((re.compile(pattern), operation) for pattern, operation in _TABLE)
# A list that expands a relation is asked for the relation's sake.
_EXPANDED = {
    ("ListApplications", "owners"): "ListApplicationOwners",
    ("ListApplications", "federatedIdentityCredentials"): "ListFederatedCredentials",
    ("ListServicePrincipals", "owners"): "ListServicePrincipalOwners",
    ("ListAgents", "sponsors"): "ListAgentSponsors",
    ("ListBlueprints", "sponsors"): "ListBlueprintSponsors",
}
_BETA_ONLY = frozenset({"ListSignInActivities", "ListCredentialActivities"})


class Asked(Struct, frozen=True, kw_only=True):
    """A request as it was understood: `operation` names it, `route` the path that it took."""

    operation: str
    route: str
    about: str = ""


def identify(query: Query) -> Asked | None:
    """Find what a path asks for; null if there is no such path in its version."""
    version, _, rest = unquote(query.path).strip("/").partition("/")
    for pattern, route in _ROUTES:
        found = pattern.fullmatch(rest)
        if found is None:
            continue
        if version not in ("v1.0", "beta") or (route in _BETA_ONLY and version != "beta"):
            return None
        expand = query.expand
        operation = _EXPANDED.get((route, expand[0]), route) if expand else route
        about = found.group(1) if found.groups() else ""
        return Asked(operation=operation, route=route, about=about.lower())
    return None
