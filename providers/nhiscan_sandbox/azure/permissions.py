"""Which application permissions of Microsoft Graph allow which operation: any one of several.

Higher privileged ones that Graph's reference lists as well (Directory.Read.All opens almost
everything) are left out on purpose, so that a scan proves what each permission is for.
"""

from nhiscan_sandbox.azure.wire import Refusal

_APPLICATIONS = ("Application.Read.All",)
_ROLES = ("RoleManagement.Read.Directory",)
_ELIGIBLE = ("RoleEligibilitySchedule.Read.Directory",)
_REPORTS = ("AuditLog.Read.All",)
_AGENTS = ("AgentIdentity.Read.All",)
_BLUEPRINTS = ("AgentIdentityBlueprint.Read.All", "AgentIdentity.Read.All")
PEOPLE = ("User.ReadBasic.All", "User.Read.All", "Directory.Read.All")

# The least privileged ones. A permission that may also write is as good.
_NEEDED: dict[str, tuple[str, ...]] = {
    "ListOrganization": ("Organization.Read.All", "Directory.Read.All"),
    "ListApplications": _APPLICATIONS,
    "ListApplicationOwners": _APPLICATIONS,
    "ListFederatedCredentials": ("Application.Read.All",),
    "ListServicePrincipals": _APPLICATIONS,
    "GetServicePrincipal": _APPLICATIONS,
    "ListServicePrincipalOwners": _APPLICATIONS,
    "ListAppRoleAssignedTo": _APPLICATIONS,
    "ListAppRoleAssignments": _APPLICATIONS,
    "ListDelegatedGrants": ("DelegatedPermissionGrant.Read.All", "Directory.Read.All"),
    "ListRoleAssignments": _ROLES,
    "ListRoleDefinitions": _ROLES,
    "ListEligibleRoles": _ELIGIBLE,
    "ListActiveRoles": ("RoleAssignmentSchedule.Read.Directory", *_ROLES),
    "ListRoleRequests": ("RoleAssignmentSchedule.Read.Directory", *_ROLES),
    "ListSignInActivities": _REPORTS,
    "ListCredentialActivities": _REPORTS,
    "ListDirectoryAudits": ("AuditLog.Read.All",),
    "ListAgents": _AGENTS,
    "ListAgentSponsors": _AGENTS,
    "ListBlueprints": _BLUEPRINTS,
    "ListBlueprintPrincipals": _BLUEPRINTS,
    "ListBlueprintSponsors": _BLUEPRINTS,
    "ListUsers": ("User.ReadBasic.All", "User.Read.All", "Directory.Read.All"),
    "GetUser": ("User.ReadBasic.All", "User.Read.All", "Directory.Read.All"),
    "GetManager": ("User.Read.All", "Directory.Read.All"),
    "ListGroupMembers": ("GroupMember.Read.All", "Group.Read.All", "Directory.Read.All"),
    "ListRelationships": ("DelegatedAdminRelationship.Read.All",),
    "ListAccessAssignments": ("DelegatedAdminRelationship.Read.All",),
    "ListCrossTenantPartners": ("Policy.Read.All",),
    "BatchGet": (),
}


def needed(operation: str) -> str:
    """Name the least permission that an operation needs, for the log; empty if it needs none."""
    ways = _NEEDED.get(operation, ())
    return ways[0] if ways else ""


def holds(roles: frozenset[str], ways: tuple[str, ...]) -> bool:
    """Say whether any of several permissions is held, or the one that may also write."""
    return any(way in roles or way.replace(".Read.", ".ReadWrite.") in roles for way in ways)


def require(roles: frozenset[str], operation: str) -> None:
    """Refuse an operation for which no permission is held."""
    ways = _NEEDED[operation]
    if ways and not holds(roles, ways):
        raise denial()


def denial() -> Refusal:
    """Make Graph's refusal; it does not say what is missing."""
    message = "Insufficient privileges to complete the operation."
    return Refusal(403, "Authorization_RequestDenied", message)
