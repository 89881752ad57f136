"""What is kept of the objects of Resource Manager and the rows of Resource Graph."""

from nhiscan_providers.azure.shapes.parsing import Id, Sent


class Tenant(Sent, frozen=True):
    """Another directory that manages a subscription."""

    tenant_id: str | None = None


class Subscription(Sent, frozen=True):
    """A subscription that the caller sees, its own directory's or a delegated one."""

    subscription_id: Id
    tenant_id: str | None = None
    display_name: str | None = None
    state: str | None = None
    tags: dict[str, str] | None = None
    managed_by_tenants: list[Tenant] | None = None


class Permission(Sent, frozen=True):
    """What the caller may do at a scope."""

    actions: list[str] | None = None
    not_actions: list[str] | None = None


class Workload(Sent, frozen=True):
    """A resource that runs as managed identities, or a user-assigned identity itself."""

    id: Id
    name: str | None = None
    type: str | None = None
    subscription_id: str | None = None
    tags: dict[str, str] | None = None
    identity_type: str | None = None
    principal_id: str | None = None
    client_id: str | None = None
    uami: list[str] | None = None


class RoleAssignmentProperties(Sent, frozen=True):
    """What a role assignment says."""

    role_definition_id: Id
    principal_id: Id
    principal_type: str | None = None
    scope: str | None = None
    condition: str | None = None
    created_on: str | None = None
    created_by: str | None = None
    delegated_managed_identity_resource_id: str | None = None


class RoleAssignment(Sent, frozen=True):
    """A role assignment of Resource Manager, as Resource Graph and the SDK's wire show it."""

    id: Id
    properties: RoleAssignmentProperties


class RolePermission(Sent, frozen=True):
    """One block of a role definition."""

    actions: list[str] | None = None
    not_actions: list[str] | None = None
    data_actions: list[str] | None = None
    not_data_actions: list[str] | None = None


class RoleDefinitionProperties(Sent, frozen=True):
    """What a role definition says."""

    role_name: str | None = None
    type: str | None = None
    permissions: list[RolePermission] | None = None


class AzureRole(Sent, frozen=True):
    """A role definition of Resource Manager."""

    id: Id
    properties: RoleDefinitionProperties | None = None


class Typed(Sent, frozen=True):
    """The type of a row of Resource Graph."""

    type: str | None = None


class Authorization(Sent, frozen=True):
    """One line of a Lighthouse delegation: a principal of the other directory and its role."""

    principal_id: str | None = None
    principal_id_display_name: str | None = None
    role_definition_id: str | None = None
    delegated_role_definition_ids: list[str] | None = None


class RegistrationProperties(Sent, frozen=True):
    """What a Lighthouse registration says; assignments hold the definition's id or all of it."""

    registration_definition_id: str | None = None
    registration_definition_name: str | None = None
    managed_by_tenant_id: str | None = None
    managed_by_tenant_name: str | None = None
    description: str | None = None
    authorizations: list[Authorization] | None = None
    eligible_authorizations: list[Authorization] | None = None
    registration_definition: "Registration | None" = None


class Registration(Sent, frozen=True):
    """A Lighthouse registration: a definition, or its assignment to a scope."""

    id: Id
    type: str | None = None
    properties: RegistrationProperties | None = None


class Stored(Sent, frozen=True):
    """A storage account or Automation account, as Resource Graph shows it."""

    id: Id
    name: str | None = None
    type: str | None = None
    subscription_id: str | None = None
    tags: dict[str, str] | None = None
    shared: bool | None = None
    key1: str | None = None
    key2: str | None = None
    expiry_days: int | None = None
    sas_policy: bool | None = None
    created: str | None = None


class KeptProperties(Sent, frozen=True):
    """What an Automation account says of something it keeps; never its value."""

    thumbprint: str | None = None
    expiry_time: str | None = None
    is_exportable: bool | None = None
    creation_time: str | None = None
    last_modified_time: str | None = None
    user_name: str | None = None


class Kept(Sent, frozen=True):
    """A certificate, credential or connection of an Automation account."""

    id: Id
    name: str | None = None
    properties: KeptProperties | None = None


class FederatedProperties(Sent, frozen=True):
    """A federated credential of a managed identity."""

    issuer: str | None = None
    subject: str | None = None
    audiences: list[str] | None = None


class FederatedOfIdentity(Sent, frozen=True):
    """The same, as Resource Manager wraps it."""

    id: Id
    properties: FederatedProperties
    name: str | None = None
