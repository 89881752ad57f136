"""What is the same in every directory: Microsoft's applications, permissions and roles."""

from nhiscan_sandbox.azure.guids import guid

MICROSOFT = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"
GRAPH_APP = "00000003-0000-0000-c000-000000000000"
# Short names of the resources that permissions are for: application id and display name.
RESOURCES = {
    "graph": (GRAPH_APP, "Microsoft Graph"),
    "exchange": ("00000002-0000-0ff1-ce00-000000000000", "Office 365 Exchange Online"),
    "sharepoint": ("00000003-0000-0ff1-ce00-000000000000", "Office 365 SharePoint Online"),
    "aad": ("00000002-0000-0000-c000-000000000000", "Windows Azure Active Directory"),
    "arm": ("797f4846-ba00-4fd7-ba43-dac1f8f63013", "Windows Azure Service Management API"),
}
# Application permissions that each resource offers besides those that the estate hands out.
OFFERED = {
    "graph": (
        "AgentIdentity.Read.All",
        "AgentIdentityBlueprint.Read.All",
        "Application.Read.All",
        "Application.ReadWrite.All",
        "AppRoleAssignment.ReadWrite.All",
        "AuditLog.Read.All",
        "DelegatedAdminRelationship.Read.All",
        "Directory.Read.All",
        "Directory.ReadWrite.All",
        "Mail.Read",
        "Mail.ReadWrite",
        "Mail.Send",
        "Policy.Read.All",
        "RoleEligibilitySchedule.Read.Directory",
        "RoleManagement.Read.Directory",
        "RoleManagement.ReadWrite.Directory",
        "Sites.FullControl.All",
        "User.Read.All",
        "User.ReadBasic.All",
    ),
    "exchange": ("Exchange.ManageAsApp", "full_access_as_app"),
    "sharepoint": ("Sites.FullControl.All",),
    "aad": ("Directory.Read.All",),
    "arm": (),
}
SCOPES = ("openid", "profile", "offline_access", "User.Read", "Mail.Read", "Files.ReadWrite.All")

# Microsoft Entra, "Microsoft Entra built-in roles": template ids, and which are privileged.
DIRECTORY_ROLES = {
    "Application Administrator": ("9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3", True),
    "Cloud Application Administrator": ("158c047a-c907-4556-b7ef-446551a6b5f7", True),
    "Directory Readers": ("88d8e3e3-8f55-4a1e-953a-9b9898b8876b", False),
    "Directory Synchronization Accounts": ("d29b2b05-8046-44ba-8758-1e26182fcf32", False),
    "Directory Writers": ("9360feb5-f418-4baa-8175-e2a00bac4301", True),
    "Exchange Administrator": ("29232cdf-9323-42fd-ade2-1d097af3e4de", False),
    "Global Administrator": ("62e90394-69f5-4237-9190-012177145e10", True),
    "Global Reader": ("f2ef992c-3afb-46b9-b7cf-a126ee74c451", True),
    "Helpdesk Administrator": ("729827e3-9c14-49f7-bb1b-9608f156bbb8", True),
    "Intune Administrator": ("3a2c62db-5318-420d-8d74-23affee5d9d5", True),
    "Privileged Role Administrator": ("e8611ab8-c189-46e8-94e1-60213ab1f814", True),
    "Reports Reader": ("4a5d8f65-41da-4de4-8968-e035b65339cf", False),
    "Security Administrator": ("194ae4cb-b126-40b2-bd5b-6091b380977d", True),
    "Security Reader": ("5d6b6bb7-de71-4623-b4af-96380a352509", True),
    "Service Support Administrator": ("f023fd81-a637-4b56-95fd-791ac0226033", False),
    "User Administrator": ("fe930be7-5e62-47db-91af-98c3a49a38b1", True),
}
_GRANTING = (
    "Microsoft.Authorization/*/Delete",
    "Microsoft.Authorization/*/Write",
    "Microsoft.Authorization/elevateAccess/Action",
)
_COMMON = (
    "Microsoft.Authorization/*/read",
    "Microsoft.Resources/subscriptions/resourceGroups/read",
)
# Azure RBAC, "Azure built-in roles": id, actions, not actions, data actions.
AZURE_ROLES: dict[str, tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "Owner": ("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", ("*",), (), ()),
    "Contributor": ("b24988ac-6180-42a0-ab88-20f7382dd24c", ("*",), _GRANTING, ()),
    "Reader": ("acdd72a7-3385-48ef-bd42-f606fba81ae7", ("*/read",), (), ()),
    "User Access Administrator": (
        "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
        ("*/read", "Microsoft.Authorization/*", "Microsoft.Support/*"),
        (),
        (),
    ),
    "Virtual Machine Contributor": (
        "9980e02c-c2be-4d73-94e8-173b1dc7cf3c",
        (*_COMMON, "Microsoft.Compute/virtualMachines/*"),
        (),
        (),
    ),
    "Website Contributor": (
        "de139f84-1756-47ae-9be6-808fbbe84772",
        (*_COMMON, "Microsoft.Web/sites/*"),
        (),
        (),
    ),
    "Backup Contributor": (
        "5e467623-bb1f-42f4-a55d-6e525e11384b",
        (*_COMMON, "Microsoft.RecoveryServices/*"),
        (),
        (),
    ),
    "Monitoring Reader": ("43d0d8ad-25c7-4714-9337-8ba259a9fe05", ("*/read",), (), ()),
    "Storage Blob Data Contributor": (
        "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
        ("Microsoft.Storage/storageAccounts/blobServices/containers/read",),
        (),
        ("Microsoft.Storage/storageAccounts/blobServices/containers/blobs/*",),
    ),
    "Key Vault Secrets User": (
        "4633458b-17de-408a-b874-0445c86b69e6",
        (),
        (),
        ("Microsoft.KeyVault/vaults/secrets/getSecret/action",),
    ),
    "AcrPull": (
        "7f951dda-4ed3-4680-a7ca-43fe172d538d",
        ("Microsoft.ContainerRegistry/registries/pull/read",),
        (),
        (),
    ),
    "Managed Services Registration assignment Delete Role": (
        "91c1777a-f3dc-4fae-b103-61d183457e46",
        ("Microsoft.ManagedServices/registrationAssignments/delete", "*/read"),
        (),
        (),
    ),
}


def permission_id(app_id: str, value: str) -> str:
    """Return the id of a permission; it is the same in every directory."""
    return guid("permission", app_id, value)
