"""What the objects of a directory may do, asked for and did, as Graph lists it."""

from nhiscan_sandbox.azure.catalogue import (
    DIRECTORY_ROLES,
    RESOURCES,
    permission_id,
)
from nhiscan_sandbox.azure.credentials import key_id
from nhiscan_sandbox.azure.guids import guid
from nhiscan_sandbox.azure.tenant import PRINCIPAL, USER, Tenant
from nhiscan_sandbox.azure.wire import Json
from nhiscan_sandbox.estate.azure_model import (
    Application,
    AuditEvent,
    Certificate,
    DirectoryRole,
    Password,
    Principal,
)


def app_role_assignments(tenant: Tenant) -> list[Json]:
    """Write every application permission that somebody holds."""
    rows = []
    for holder, one in tenant.sources:
        for short, values in one.roles.items():
            resource = tenant.objects[tenant.resource(short)]
            app_id = RESOURCES[short][0] if short in RESOURCES else resource["appId"]
            rows += [
                {
                    "id": guid("assignment", holder, resource["id"], value),
                    "appRoleId": permission_id(app_id, value),
                    "createdDateTime": tenant.calendar.ago(one.age, value),
                    "principalDisplayName": one.name,
                    "principalId": holder,
                    "principalType": "ServicePrincipal",
                    "resourceDisplayName": resource["displayName"],
                    "resourceId": resource["id"],
                }
                for value in values
            ]
    return rows


def consents(tenant: Tenant) -> list[Json]:
    """Write `oauth2PermissionGrants`; a scope string may begin with a space, as real ones do."""
    return [
        {
            "id": guid("consent", tenant.id, one.client, one.resource, one.user or ""),
            "clientId": tenant.named(one.client),
            "consentType": "Principal" if one.user else "AllPrincipals",
            "principalId": tenant.named(one.user) if one.user else None,
            "resourceId": tenant.resource(one.resource),
            "scope": f" {one.scopes}",
        }
        for one in tenant.directory.consents
    ]


def role_definitions(tenant: Tenant) -> list[Json]:
    """Write the directory's roles, built-in and its own."""
    builtin = [
        {
            "id": template,
            "displayName": name,
            "templateId": template,
            "isBuiltIn": True,
            "isEnabled": True,
            "isPrivileged": privileged,
            "rolePermissions": [],
        }
        for name, (template, privileged) in DIRECTORY_ROLES.items()
    ]
    own = [
        {
            "id": _definition(tenant, one.name),
            "displayName": one.name,
            "templateId": _definition(tenant, one.name),
            "isBuiltIn": False,
            "isEnabled": True,
            "isPrivileged": one.privileged,
            "rolePermissions": [{"allowedResourceActions": list(one.actions)}],
        }
        for one in tenant.directory.custom_roles
    ]
    return builtin + own


def role_assignments(tenant: Tenant) -> list[Json]:
    """Write durable assignments of directory roles."""
    return [_assignment(tenant, one, "durable") for one in tenant.directory.roles]


def eligible_roles(tenant: Tenant) -> list[Json]:
    """Write the roles that could be activated."""
    return [
        _assignment(tenant, one, "eligible")
        | {
            "startDateTime": tenant.calendar.ago(100),
            "endDateTime": None if one.until is None else tenant.calendar.ahead(one.until),
            "memberType": "Direct",
        }
        for one in tenant.directory.eligible
    ]


def role_requests(tenant: Tenant) -> list[Json]:
    """Write requests for directory roles, with their tickets."""
    return [
        {
            "id": guid("request", tenant.id, one.role, one.to, str(one.age)),
            "status": "Provisioned",
            "createdDateTime": tenant.calendar.ago(one.age, one.role),
            "completedDateTime": tenant.calendar.ago(one.age),
            "action": "adminAssign",
            "principalId": tenant.named(one.to),
            "roleDefinitionId": _definition(tenant, one.role),
            "directoryScopeId": "/",
            "justification": one.reason,
            "createdBy": {"user": {"displayName": None, "id": tenant.named(one.by)}},
            "ticketInfo": {"ticketNumber": one.ticket, "ticketSystem": one.system},
        }
        for one in tenant.directory.requests
    ]


def sign_ins(tenant: Tenant) -> list[Json]:
    """Write the last sign-ins of every application that ever signed in, by appId."""
    rows = []
    for _, one in tenant.sources:
        if one.signed_in is None and one.signed_in_delegated is None:
            continue
        days = [d for d in (one.signed_in, one.signed_in_delegated) if d is not None]
        reported = tenant.calendar.reported
        rows.append(
            {
                "id": guid("sign-in", tenant.id, str(one.app_id)),
                "appId": one.app_id,
                "lastSignInActivity": {"lastSignInDateTime": reported(min(days))},
                "applicationAuthenticationClientSignInActivity": {
                    "lastSignInDateTime": reported(one.signed_in)
                },
                "applicationAuthenticationResourceSignInActivity": {"lastSignInDateTime": None},
                "delegatedClientSignInActivity": {
                    "lastSignInDateTime": reported(one.signed_in_delegated)
                },
                "delegatedResourceSignInActivity": {"lastSignInDateTime": None},
            }
        )
    return rows


def credential_sign_ins(tenant: Tenant) -> list[Json]:
    """Write the last use of every secret and certificate that was ever used."""
    rows: list[Json] = []
    for holder, one in tenant.sources:
        for credential in _credentials(one):
            rows += _used(tenant, holder, str(one.app_id), "servicePrincipal", credential)
    for app in tenant.directory.applications:
        holder = tenant.application(app.name)
        for credential in _credentials(app):
            app_id = tenant.objects[holder]["appId"]
            rows += _used(tenant, holder, app_id, "application", credential)
    return rows


def _credentials(one: Principal | Application) -> list[Password | Certificate]:
    return [*one.secrets, *one.certificates]


def _used(
    tenant: Tenant, holder: str, app_id: str, origin: str, one: Password | Certificate
) -> list[Json]:
    if one.used is None:
        return []
    principal = tenant.principal_of(app_id)
    return [
        {
            "id": guid("credential sign-in", key_id(holder, one)),
            "keyId": key_id(holder, one),
            "keyType": "clientSecret" if isinstance(one, Password) else "certificate",
            "keyUsage": "sign" if isinstance(one, Password) else "verify",
            "appId": app_id,
            "appObjectId": holder if origin == "application" else None,
            "servicePrincipalObjectId": principal["id"] if principal else None,
            "resourceId": RESOURCES["graph"][0],
            "credentialOrigin": origin,
            "expirationDateTime": tenant.calendar.ahead(one.expires),
            "signInActivity": {"lastSignInDateTime": tenant.calendar.reported(one.used)},
        }
    ]


def audits(tenant: Tenant) -> list[Json]:
    """Write the audit log, newest first; without a licence only 7 days of it are kept."""
    kept = 7 if tenant.directory.licence == "free" else 30
    events = sorted(tenant.directory.audit, key=lambda one: one.age)
    return [_event(tenant, one) for one in events if one.age <= kept]


def _event(tenant: Tenant, one: AuditEvent) -> Json:
    target = (tenant.application if one.kind == "Application" else tenant.named)(one.target)
    by = tenant.objects.get(tenant.named(one.by), {})
    user = by.get("@odata.type") == USER
    initiator = (
        {
            "user": {
                "id": by["id"],
                "displayName": by["displayName"],
                "userPrincipalName": by["userPrincipalName"],
                "ipAddress": "192.0.2.10",
            },
            "app": None,
        }
        if user
        else {
            "user": None,
            "app": {
                "appId": None,
                "displayName": by.get("displayName"),
                "servicePrincipalId": tenant.named(one.by),
                "servicePrincipalName": None,
            },
        }
    )
    return {
        "id": f"Directory_{guid('audit', one.activity, target, str(one.age))}",
        "category": "ApplicationManagement",
        "result": one.result,
        "activityDisplayName": one.activity,
        "activityDateTime": tenant.calendar.ago(one.age, one.activity),
        "loggedByService": "Core Directory",
        "initiatedBy": initiator,
        "targetResources": [
            {"id": target, "type": one.kind, "displayName": one.target, "modifiedProperties": []}
        ],
    }


def relationships(tenant: Tenant) -> list[Json]:
    """Write the delegated admin relationships that this directory holds as a partner."""
    rows = []
    for one in tenant.directory.gdap:
        reseller = one.indirect_provider is not None
        row: Json = {
            "@odata.type": "#microsoft.graph."
            + ("resellerDelegatedAdminRelationship" if reseller else "delegatedAdminRelationship"),
            "id": guid("gdap", tenant.id, one.name),
            "displayName": one.name,
            "duration": f"P{one.duration}D",
            "customer": {"tenantId": one.customer, "displayName": one.customer_name},
            "accessDetails": {
                "unifiedRoles": [{"roleDefinitionId": _definition(tenant, r)} for r in one.roles]
            },
            "status": one.status,
            "autoExtendDuration": "P180D" if one.auto_extend else "PT0S",
            "createdDateTime": tenant.calendar.ago(one.age, one.name),
            "activatedDateTime": tenant.calendar.ago(one.age, one.name),
            "endDateTime": tenant.calendar.ahead(one.duration - one.age),
        }
        rows.append(row | ({"indirectProviderTenantId": one.indirect_provider} if reseller else {}))
    return rows


def access_assignments(tenant: Tenant, relationship: str) -> list[Json] | None:
    """Write which groups of the partner hold a relationship's roles; null if there is none."""
    for one in tenant.directory.gdap:
        if guid("gdap", tenant.id, one.name) == relationship:
            return [
                {
                    "id": guid("access", relationship, group),
                    "status": "active",
                    "createdDateTime": tenant.calendar.ago(one.age),
                    "accessContainer": {
                        "accessContainerId": tenant.named(group),
                        "accessContainerType": "securityGroup",
                    },
                    "accessDetails": {
                        "unifiedRoles": [
                            {"roleDefinitionId": _definition(tenant, r)} for r in roles
                        ]
                    },
                }
                for group, roles in one.groups.items()
            ]
    return None


def cross_tenant(tenant: Tenant) -> list[Json]:
    """Write the other directories of the cross-tenant access policy."""
    return [
        {
            "tenantId": one.directory,
            "isServiceProvider": one.service_provider or None,
            "isInMultiTenantOrganization": False,
            "inboundTrust": None,
        }
        for one in tenant.directory.partners
    ]


def group_principals(tenant: Tenant, group: str) -> list[Json]:
    """Return the service principals in a group, however deep."""
    seen: set[str] = set()
    open_groups = [group]
    while open_groups:
        for member in tenant.members.get(open_groups.pop(), ()):
            if member not in seen:
                seen.add(member)
                open_groups.append(member)
    return [tenant.objects[one] for one in sorted(seen) if _is_principal(tenant, one)]


def _is_principal(tenant: Tenant, identity: str) -> bool:
    kind = str(tenant.objects.get(identity, {}).get("@odata.type"))
    return kind == PRINCIPAL or kind.startswith("#microsoft.graph.agentIdentity")


def _assignment(tenant: Tenant, one: DirectoryRole, kind: str) -> Json:
    scope = f"/{tenant.application(one.scope)}" if one.scope else "/"
    return {
        "id": guid(kind, tenant.id, one.role, one.to, scope),
        "principalId": tenant.named(one.to),
        "roleDefinitionId": _definition(tenant, one.role),
        "directoryScopeId": scope,
        "appScopeId": None,
    }


def _definition(tenant: Tenant, name: str) -> str:
    known = DIRECTORY_ROLES.get(name)
    return known[0] if known else guid("directory role", tenant.id, name)


# All rows that are made from names; making them shows a name that nobody has.
ALL = (
    app_role_assignments,
    consents,
    role_assignments,
    eligible_roles,
    role_requests,
    audits,
)
