"""The one table of calls: what is read, why, with which permission, for which source.

The calls that the adapter can make, its coverage sources and what `nhiscan permissions azure`
prints all derive from it: an operation that is not listed cannot be called.
"""

from functools import cache
from typing import Literal

from msgspec import Struct

from nhiscan.provider import Call, Source, describe
from nhiscan_providers.azure.premises import PREMISES
from nhiscan_providers.azure.titles import TITLES
from nhiscan_providers.azure.workload_types import WORKLOADS

Api = Literal["entra", "graph", "arm"]
Party = Literal["client", "partner", "anybody"]


class Operation(Struct, frozen=True, kw_only=True):
    """One operation: an API's path, and the permission that allows it.

    `permission` is an application permission of Microsoft Graph, or an action of Azure. `party` is
    whose directory must grant it: every client's, only the partner's own, or nobody. `may_lack`:
    a cloud or directory may not offer the path at all, which is no failure.
    """

    source: str
    name: str
    api: Api
    path: str
    title: str
    why: str
    permission: str = ""
    party: Party = "client"
    may_lack: bool = False

    @property
    def needed(self) -> str:
        """The permission with the name of the platform that it belongs to."""
        platform = "Microsoft Graph" if self.api == "graph" else "Azure"
        return f"{self.permission} ({platform})"


def _graph(
    source: str, path: str, permission: str, why: str, *, name: str = "", lack: bool = False
) -> Operation:
    return Operation(
        source=source,
        name=name or source.partition(".")[2],
        api="graph",
        path=path,
        title=f"reading {(name or source.partition('.')[2]).replace('_', ' ')}",
        why=why,
        permission=permission,
        may_lack=lack,
    )


def _arm(
    source: str, path: str, permission: str, why: str, *, name: str = "", lack: bool = False
) -> Operation:
    return Operation(
        source=source,
        name=name or source,
        api="arm",
        path=path,
        title=f"reading {(name or source.partition('.')[2]).replace('_', ' ')}",
        why=why,
        permission=permission,
        may_lack=lack,
    )


_APPS = "Application.Read.All"
_DIRECTORY = "Directory.Read.All"
_ROLES = "RoleManagement.Read.Directory"
_AUDIT = "AuditLog.Read.All"

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        source="entra.token",
        name="token",
        api="entra",
        path="/{tenant}/oauth2/v2.0/token",
        title="signing in",
        why="signs in to the directory as the application that was consented to",
        party="anybody",
    ),
    _graph(
        "graph.organization",
        "/v1.0/organization",
        _DIRECTORY,
        "names the directory, its domains, its contacts and its licences",
    ),
    _graph(
        "graph.applications",
        "/v1.0/applications",
        _APPS,
        "lists app registrations with the dates and ids of their secrets and certificates",
    ),
    _graph(
        "graph.application_owners",
        "/v1.0/applications?$expand=owners",
        _APPS,
        "tells who owns each app registration",
    ),
    _graph(
        "graph.service_principals",
        "/v1.0/servicePrincipals",
        _APPS,
        "lists service principals: the client's own, vendors', Microsoft's and managed identities",
    ),
    _graph(
        "graph.service_principal_owners",
        "/v1.0/servicePrincipals/{id}/owners",
        _APPS,
        "tells who owns each service principal, which is another list than the app's",
    ),
    _graph(
        "graph.service_principal_owners",
        "/v1.0/servicePrincipals",
        _APPS,
        "finds the principals of Microsoft's own that somebody here owns",
        name="service_principal_owners_count",
        lack=True,
    ),
    _graph(
        "graph.federated_credentials",
        "/v1.0/applications?$expand=federatedIdentityCredentials",
        _APPS,
        "lists the outside workloads that may sign in as an application without a secret",
    ),
    _graph(
        "graph.app_roles",
        "/v1.0/servicePrincipals/{id}/appRoleAssignedTo",
        _APPS,
        "tells which application permissions each service principal holds",
    ),
    _graph(
        "graph.delegated_grants",
        "/v1.0/oauth2PermissionGrants",
        _DIRECTORY,
        "tells what applications may do on behalf of users, and who consented for whom",
    ),
    _graph(
        "graph.directory_roles",
        "/v1.0/roleManagement/directory/roleAssignments",
        _ROLES,
        "tells which service principals hold directory roles, and over what",
    ),
    _graph(
        "graph.directory_roles",
        "/v1.0/roleManagement/directory/roleDefinitions",
        _ROLES,
        "names those roles",
        name="directory_role_definitions",
    ),
    _graph(
        "graph.eligible_roles",
        "/v1.0/roleManagement/directory/roleEligibilityScheduleInstances",
        "RoleEligibilitySchedule.Read.Directory",
        "tells which roles could be activated; needs Entra ID P2",
        lack=True,
    ),
    _graph(
        "graph.role_requests",
        "/v1.0/roleManagement/directory/roleAssignmentScheduleRequests",
        _ROLES,
        "tells who asked for a role, and under which ticket; needs Entra ID P2",
        lack=True,
    ),
    _graph(
        "graph.sign_ins",
        "/beta/reports/servicePrincipalSignInActivities",
        _AUDIT,
        "tells when each application last signed in; needs Entra ID P1",
        lack=True,
    ),
    _graph(
        "graph.credential_sign_ins",
        "/beta/reports/appCredentialSignInActivities",
        _AUDIT,
        "tells when each secret and certificate was last used; needs Entra ID P1",
        lack=True,
    ),
    _graph(
        "graph.audit",
        "/v1.0/auditLogs/directoryAudits",
        _AUDIT,
        "finds who created, consented to or gave a secret to an application",
        lack=True,
    ),
    _graph(
        "graph.agents",
        "/v1.0/servicePrincipals/microsoft.graph.agentIdentity",
        "AgentIdentity.Read.All",
        "lists AI agents and the sponsors who answer for them",
        lack=True,
    ),
    _graph(
        "graph.group_members",
        "/v1.0/groups/{id}/transitiveMembers/microsoft.graph.servicePrincipal",
        _DIRECTORY,
        "finds service principals in groups that hold roles",
        lack=True,
    ),
    _graph(
        "graph.people",
        "/v1.0/users/{id}",
        _DIRECTORY,
        "tells whether an owner's account still works, and who their manager is",
        lack=True,
    ),
    _graph(
        "graph.users",
        "/v1.0/users",
        _DIRECTORY,
        "looks for user accounts that machines use: directory synchronization and the like",
        lack=True,
    ),
    _graph(
        "graph.cross_tenant",
        "/v1.0/policies/crossTenantAccessPolicy/partners",
        "Policy.Read.All",
        "names the service providers that this directory lets in",
        lack=True,
    ),
    Operation(
        source="graph.gdap",
        name="gdap",
        api="graph",
        path="/v1.0/tenantRelationships/delegatedAdminRelationships",
        title="reading delegated admin relationships",
        why="lists the rights that customers delegated to this partner, and until when",
        permission="DelegatedAdminRelationship.Read.All",
        party="partner",
    ),
    _arm(
        "arm.subscriptions",
        "/subscriptions",
        "Microsoft.Resources/subscriptions/read",
        "lists the subscriptions of the directory",
    ),
    _arm(
        "arm.subscriptions",
        "/providers/Microsoft.Management/managementGroups",
        "Microsoft.Management/managementGroups/read",
        "tells a directory without subscriptions from a scanner without rights",
        name="management_groups",
        lack=True,
    ),
    _arm(
        "arm.subscriptions",
        "/subscriptions/{id}/providers/Microsoft.Authorization/permissions",
        "Microsoft.Authorization/*/read",
        "tells what the scanner may read; Resource Graph leaves the rest out without a word",
        name="own_permissions",
        lack=True,
    ),
    _arm(
        "arm.identities",
        "/providers/Microsoft.ResourceGraph/resources",
        "Microsoft.ManagedIdentity/*/read",
        "lists managed identities and the resources that use them",
        name="managed_identities",
    ),
    *(
        _arm(
            "arm.identities",
            "/providers/Microsoft.ResourceGraph/resources",
            f"{kind}/read",
            f"tells whether {kind.rpartition('/')[2]} that run as a managed identity still exist",
            name=f"workloads {kind}",
        )
        for kind in WORKLOADS
    ),
    _arm(
        "arm.role_assignments",
        "/providers/Microsoft.ResourceGraph/resources",
        "Microsoft.Authorization/*/read",
        "tells which roles each principal holds in Azure, at every level",
        name="role_assignments",
    ),
    _arm(
        "arm.role_assignments",
        "/{scope}/providers/Microsoft.Authorization/roleAssignments",
        "Microsoft.Authorization/*/read",
        "reads them again, subscription by subscription, where Resource Graph is refused",
        name="role_assignments_of_subscription",
    ),
    _arm(
        "arm.eligible_roles",
        "/{scope}/providers/Microsoft.Authorization/roleEligibilityScheduleInstances",
        "Microsoft.Authorization/*/read",
        "tells which Azure roles could be activated; needs Entra ID P2",
        lack=True,
    ),
    _arm(
        "arm.deny_assignments",
        "/subscriptions/{id}/providers/Microsoft.Authorization/denyAssignments",
        "Microsoft.Authorization/*/read",
        "tells what is forbidden in spite of a role",
        lack=True,
    ),
    _arm(
        "arm.delegations",
        "/providers/Microsoft.ResourceGraph/resources",
        "Microsoft.ManagedServices/*/read",
        "lists what is delegated to other directories through Azure Lighthouse",
    ),
    _arm(
        "arm.delegations",
        "/subscriptions/{id}/providers/Microsoft.ManagedServices/registrationAssignments",
        "Microsoft.ManagedServices/*/read",
        "reads them again where Resource Graph does not show them",
        name="delegations_of_subscription",
        lack=True,
    ),
    _arm(
        "arm.federated_credentials",
        "/providers/Microsoft.ResourceGraph/resources",
        "Microsoft.ManagedIdentity/*/read",
        "lists the outside workloads that may sign in as a managed identity",
        name="federated_credentials_of_azure",
    ),
    _arm(
        "arm.federated_credentials",
        "/{identity}/federatedIdentityCredentials",
        "Microsoft.ManagedIdentity/*/read",
        "asks each managed identity, where Resource Graph shows none",
        name="federated_credentials_of_managed_identities",
        lack=True,
    ),
    _arm(
        "arm.stored",
        "/providers/Microsoft.ResourceGraph/resources",
        "Microsoft.Storage/storageAccounts/read",
        "reads the age of storage account keys and whether they are accepted; never the keys",
        name="storage_accounts",
    ),
    _arm(
        "arm.automation",
        "/{automationAccount}/{certificates,credentials,connections}",
        "Microsoft.Automation/automationAccounts/*/read",
        "lists what Automation accounts keep by name and date; never the values",
        name="automation",
        lack=True,
    ),
)


@cache
def operation(name: str) -> Operation:
    """Find a listed operation; one that is not listed is a fault of this adapter."""
    return next(one for one in OPERATIONS if one.name == name)


def of_source(source: str) -> tuple[Operation, ...]:
    """List the operations of one source in the order of the table."""
    return tuple(one for one in OPERATIONS if one.source == source)


def sources() -> list[Source]:
    """Describe every source with its calls."""
    return describe(TITLES, _calls, PREMISES)


def _calls(source: str) -> tuple[Call, ...]:
    return tuple(
        Call(
            name=f"GET {one.path}",
            permissions=(one.permission,) if one.permission else (),
            why=one.why,
        )
        for one in of_source(source)
    )
