"""Each path of Graph is refused without a permission for it, and opened by any one of several."""

import pytest

from tests.sandbox.azure.conftest import CORNER, SCANNER, Office

GRAPH_SP = "v1.0/servicePrincipals(appId='00000003-0000-0000-c000-000000000000')"
ROLES = "v1.0/roleManagement/directory"
PATHS = {
    "v1.0/organization": ("Organization.Read.All", "Directory.Read.All"),
    "v1.0/applications": ("Application.Read.All", "Application.ReadWrite.All"),
    "v1.0/applications?$expand=owners": ("Application.Read.All",),
    "v1.0/servicePrincipals": ("Application.Read.All",),
    f"{GRAPH_SP}/appRoleAssignedTo": ("Application.Read.All",),
    "v1.0/oauth2PermissionGrants": ("Directory.Read.All", "DelegatedPermissionGrant.Read.All"),
    f"{ROLES}/roleAssignments": ("RoleManagement.Read.Directory",),
    f"{ROLES}/roleDefinitions": ("RoleManagement.Read.Directory",),
    f"{ROLES}/roleEligibilityScheduleInstances": ("RoleEligibilitySchedule.Read.Directory",),
    f"{ROLES}/roleAssignmentScheduleRequests": ("RoleManagement.Read.Directory",),
    "beta/reports/servicePrincipalSignInActivities": ("AuditLog.Read.All",),
    "beta/reports/appCredentialSignInActivities": ("AuditLog.Read.All",),
    "v1.0/auditLogs/directoryAudits": ("AuditLog.Read.All",),
    "v1.0/servicePrincipals/microsoft.graph.agentIdentity": ("AgentIdentity.Read.All",),
    "v1.0/users": ("User.ReadBasic.All", "Directory.Read.All"),
    "v1.0/users/ada@corner.example": ("User.Read.All",),
    "v1.0/policies/crossTenantAccessPolicy/partners": ("Policy.Read.All",),
    "v1.0/tenantRelationships/delegatedAdminRelationships": (
        "DelegatedAdminRelationship.Read.All",
    ),
}


@pytest.mark.parametrize("path", PATHS)
def test_a_path_opens_with_its_permissions_only(office: Office, path: str) -> None:
    microsoft = office.sandbox.azure
    microsoft.consent(CORNER, SCANNER, "Mail.Read")
    refused = office.get(path)
    assert (refused.status_code, refused.json()["error"]["code"]) == (
        403,
        "Authorization_RequestDenied",
    )
    for permission in PATHS[path]:
        microsoft.consent(CORNER, SCANNER, permission)
        assert office.get(path).status_code == 200, permission


def test_the_log_says_what_was_needed(office: Office) -> None:
    office.get("v1.0/applications")
    office.get("v1.0/auditLogs/directoryAudits")
    assert office.sandbox.log.permissions() == {"Application.Read.All", "AuditLog.Read.All"}
