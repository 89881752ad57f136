"""What Resource Manager holds of one directory: the rows behind its lists and Resource Graph."""

from msgspec import Struct

from nhiscan_sandbox.azure.catalogue import AZURE_ROLES
from nhiscan_sandbox.azure.credentials import der
from nhiscan_sandbox.azure.guids import guid
from nhiscan_sandbox.azure.principals import group_path, identity_path
from nhiscan_sandbox.azure.tenant import GROUP, USER, Tenant
from nhiscan_sandbox.azure.wire import Json
from nhiscan_sandbox.estate.azure_model import (
    AutomationAccount,
    AzureGrant,
    AzureRole,
    Storage,
    Subscription,
)

_AUTHORIZATION = "/providers/Microsoft.Authorization"
_GROUPS = "/providers/Microsoft.Management/managementGroups"


class Row(Struct, frozen=True):
    """A row of Resource Graph: its table, the scope whose readers see it, and what it shows."""

    table: str
    scope: str
    body: Json


class Inventory:
    """The management groups, subscriptions and everything in them of one directory."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        directory = tenant.directory
        self.root = f"{_GROUPS}/{directory.id}"
        self.subscriptions = {one.id: one for one in directory.subscriptions}
        self._roles = {
            role.name: (subscription, role)
            for subscription in directory.subscriptions
            for role in subscription.custom_roles
        }

    def chain(self, subscription: str) -> list[str]:
        """Return the management groups above a subscription, nearest first."""
        parents = {one.name: one.parent for one in self.tenant.directory.management_groups}
        chain, name = [], self.subscriptions[subscription].parent
        while name:
            chain.append(f"{_GROUPS}/{name}")
            name = parents[name]
        return [*chain, self.root]

    def management_groups(self) -> list[Json]:
        """Write the management groups, the root among them."""
        directory = self.tenant.directory
        named = [(directory.id, "Tenant Root Group")]
        named += [(one.name, one.title or one.name) for one in directory.management_groups]
        return [
            {
                "id": f"{_GROUPS}/{name}",
                "type": "Microsoft.Management/managementGroups",
                "name": name,
                "properties": {"tenantId": directory.id, "displayName": title},
            }
            for name, title in named
        ]

    def subscription(self, one: Subscription) -> Json:
        """Write a subscription, with the directories that manage it."""
        managing = [*one.managed_by, *(line.to for line in one.lighthouse if line.group is None)]
        return {
            "id": f"/subscriptions/{one.id}",
            "subscriptionId": one.id,
            "tenantId": self.tenant.id,
            "displayName": one.name,
            "state": one.state,
            "tags": dict(one.tags),
            "managedByTenants": [{"tenantId": managing} for managing in dict.fromkeys(managing)],
            "authorizationSource": "RoleBased",
        }

    def grants(self) -> list[tuple[str, AzureGrant]]:
        """Return all role assignments with the scope that each stands on."""
        directory = self.tenant.directory
        found = [(self.root, grant) for grant in directory.root_roles]
        for group in directory.management_groups:
            found += [(f"{_GROUPS}/{group.name}", grant) for grant in group.roles]
        for one in directory.subscriptions:
            found += [(_scope(one, grant), grant) for grant in one.roles]
        return found

    def role_assignments(self) -> list[Json]:
        """Write all role assignments."""
        return [self._assignment(scope, grant) for scope, grant in self.grants()]

    def eligible(self, subscription: Subscription) -> list[Json]:
        """Write the Azure roles that could be activated in a subscription."""
        rows = []
        for grant in subscription.eligible:
            row = self._assignment(_scope(subscription, grant), grant)
            more = {
                "status": "Provisioned",
                "memberType": "Direct",
                "startDateTime": self.tenant.calendar.ago(grant.age),
                "endDateTime": (
                    None if grant.until is None else self.tenant.calendar.ahead(grant.until)
                ),
            }
            identity = row["id"].replace("/roleAssignments/", "/roleEligibilityScheduleInstances/")
            kind = "Microsoft.Authorization/roleEligibilityScheduleInstances"
            properties = row["properties"] | more
            rows.append(row | {"id": identity, "type": kind, "properties": properties})
        return rows

    def denials(self, subscription: Subscription) -> list[Json]:
        """Write deny assignments."""
        everyone = {"id": "00000000-0000-0000-0000-000000000000", "type": "SystemDefined"}
        rows = []
        for one in subscription.denials:
            scope = f"/subscriptions/{subscription.id}{one.scope}"
            identity = guid("denial", scope, one.name)
            whom = [{"id": self.tenant.named(to), "type": "ServicePrincipal"} for to in one.to]
            properties = {
                "denyAssignmentName": one.name,
                "permissions": [{"actions": list(one.actions), "notActions": []}],
                "scope": scope,
                "doNotApplyToChildScopes": False,
                "principals": whom or [everyone],
                "excludePrincipals": [],
                "isSystemProtected": one.system,
            }
            rows.append(
                {
                    "id": f"{scope}{_AUTHORIZATION}/denyAssignments/{identity}",
                    "type": "Microsoft.Authorization/denyAssignments",
                    "name": identity,
                    "properties": properties,
                }
            )
        return rows

    def role_definitions(self) -> list[Json]:
        """Write Azure roles: built-in ones, and the directory's own."""
        rows = []
        for name, (identity, actions, not_actions, data) in AZURE_ROLES.items():
            role = AzureRole(name=name, actions=actions, not_actions=not_actions, data_actions=data)
            rows.append(_definition("", identity, role, "BuiltInRole", ["/"]))
        for subscription, role in self._roles.values():
            scope = f"/subscriptions/{subscription.id}"
            rows.append(_definition(scope, self._own(role.name), role, "CustomRole", [scope]))
        return rows

    def actions(self, role: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the actions of a role, and those taken out of them."""
        if role in AZURE_ROLES:
            return AZURE_ROLES[role][1:3]
        return self._roles[role][1].actions, self._roles[role][1].not_actions

    def role_id(self, role: str) -> str:
        """Return the id of a role by its name."""
        return AZURE_ROLES[role][0] if role in AZURE_ROLES else self._own(role)

    def _own(self, role: str) -> str:
        if role not in self._roles:
            raise ValueError(f"{self.tenant.directory.name}: there is no Azure role {role!r}")
        return guid("azure role", self.tenant.id, role)

    def _assignment(self, scope: str, grant: AzureGrant) -> Json:
        principal = self.tenant.named(grant.to)
        identity = guid("role assignment", scope, grant.role, principal)
        below = scope if scope.startswith("/subscriptions/") else ""
        subscription = "/".join(below.split("/")[:3])
        definition = f"{subscription}{_AUTHORIZATION}/roleDefinitions/{self.role_id(grant.role)}"
        by = self.tenant.named(grant.by) if grant.by else ""
        made = self.tenant.calendar.ago(grant.age, identity)
        return {
            "id": f"{scope}{_AUTHORIZATION}/roleAssignments/{identity}",
            "type": "Microsoft.Authorization/roleAssignments",
            "name": identity,
            "properties": {
                "roleDefinitionId": definition,
                "principalId": principal,
                "principalType": grant.type or self._type(principal),
                "scope": scope,
                "condition": grant.condition,
                "conditionVersion": "2.0" if grant.condition else None,
                "createdOn": made,
                "updatedOn": made,
                "createdBy": by,
                "updatedBy": by,
                "delegatedManagedIdentityResourceId": grant.delegated_identity,
                "description": None,
            },
        }

    def _type(self, principal: str) -> str:
        kind = self.tenant.objects.get(principal, {}).get("@odata.type")
        return {USER: "User", GROUP: "Group"}.get(str(kind), "ServicePrincipal")


def _scope(subscription: Subscription, grant: AzureGrant) -> str:
    below = grant.scope
    if below and not below.startswith("/"):
        below = f"/resourceGroups/{below}"
    return f"/subscriptions/{subscription.id}{below}"


def _definition(
    scope: str, identity: str, role: AzureRole, kind: str, assignable: list[str]
) -> Json:
    return {
        "id": f"{scope}{_AUTHORIZATION}/roleDefinitions/{identity}",
        "type": "Microsoft.Authorization/roleDefinitions",
        "name": identity,
        "properties": {
            "roleName": role.name,
            "type": kind,
            "description": "",
            "assignableScopes": assignable,
            "permissions": [
                {
                    "actions": list(role.actions),
                    "notActions": list(role.not_actions),
                    "dataActions": list(role.data_actions),
                    "notDataActions": [],
                }
            ],
        },
    }


def resources(tenant: Tenant, one: Subscription) -> list[Json]:
    """Write the resources of a subscription, as Resource Graph's table has them."""
    found = [_uami(tenant, one, identity.name) for identity in one.identities]
    for resource in one.resources:
        body = _resource(one, resource.type, resource.name, resource.group, resource.tags)
        identity = _identity_block(
            tenant, one, resource.name if resource.system else None, resource.identities
        )
        properties = dict(resource.properties)
        found.append(body | {"identity": identity, "properties": properties})
    found += [_storage(tenant, one, account) for account in one.storage]
    found += [_automation(tenant, one, account) for account in one.automation]
    return [row | {"tenantId": tenant.id, "location": row["location"]} for row in found]


def _resource(one: Subscription, kind: str, name: str, group: str, tags: dict[str, str]) -> Json:
    return {
        "id": f"{group_path(one, group)}/providers/{kind}/{name}",
        "name": name,
        "type": kind.lower(),
        "subscriptionId": one.id,
        "resourceGroup": group.lower(),
        "location": "westeurope",
        "tags": dict(tags) or None,
        "identity": None,
    }


def uami_ids(tenant: Tenant, path: str) -> tuple[str, str]:
    """Return the object id and the appId of the identity of an ARM path."""
    app_id = guid("application", tenant.id, path)
    return guid("principal", tenant.id, app_id), app_id


def _uami(tenant: Tenant, one: Subscription, name: str) -> Json:
    identity = next(each for each in one.identities if each.name == name)
    path = identity_path(one, identity.group, name)
    principal, app_id = uami_ids(tenant, path)
    kind = "Microsoft.ManagedIdentity/userAssignedIdentities"
    return _resource(one, kind, name, identity.group, identity.tags) | {
        "properties": {"tenantId": tenant.id, "principalId": principal, "clientId": app_id}
    }


def _identity_block(
    tenant: Tenant, one: Subscription, system: str | None, named: tuple[str, ...]
) -> Json | None:
    if system is None and not named:
        return None
    kinds = (["SystemAssigned"] if system else []) + (["UserAssigned"] if named else [])
    block: Json = {"type": ", ".join(kinds)}
    if system is not None:
        block |= {"principalId": tenant.named(system), "tenantId": tenant.id}
    if named:
        rows = [_uami(tenant, one, name) for name in named]
        block["userAssignedIdentities"] = {
            row["id"]: {key: row["properties"][key] for key in ("principalId", "clientId")}
            for row in rows
        }
    return block


def _storage(tenant: Tenant, one: Subscription, account: Storage) -> Json:
    kind = "Microsoft.Storage/storageAccounts"
    made = [None if age is None else tenant.calendar.ago(age, account.name) for age in account.keys]
    properties: Json = {
        "keyCreationTime": {"key1": made[0], "key2": made[1]},
        "creationTime": tenant.calendar.ago(max(age or 300 for age in account.keys)),
        "provisioningState": "Succeeded",
    }
    if account.shared_keys is not None:
        properties["allowSharedKeyAccess"] = account.shared_keys
    if account.expire_days is not None:
        properties["keyPolicy"] = {"keyExpirationPeriodInDays": account.expire_days}
    if account.sas_policy:
        properties["sasPolicy"] = {"sasExpirationPeriod": "1.00:00:00", "expirationAction": "Log"}
    body = _resource(one, kind, account.name, account.group, account.tags)
    return body | {"properties": properties}


def _automation(tenant: Tenant, one: Subscription, account: AutomationAccount) -> Json:
    kind = "Microsoft.Automation/automationAccounts"
    system = account.name if account.system else None
    return _resource(one, kind, account.name, account.group, account.tags) | {
        "identity": _identity_block(tenant, one, system, ()),
        "properties": {"disableLocalAuth": False},
    }


def automation_rows(tenant: Tenant, path: str, account: AutomationAccount, kind: str) -> list[Json]:
    """Write what an Automation account keeps: names and dates, never values."""
    calendar, salted = tenant.calendar, tenant.canaries.secret_text
    rows: dict[str, Json] = {}
    if kind == "certificates":
        for one in account.certificates:
            digest = guid("thumbprint", one.material or f"{path}/{one.name}")
            rows[one.name] = {
                "thumbprint": digest.replace("-", "").upper(),
                "expiryTime": calendar.ahead(one.expires),
                "isExportable": one.exportable,
                "creationTime": calendar.ago(one.age, one.name),
                "lastModifiedTime": calendar.ago(one.age, one.name),
            } | ({"base64Value": der(one.name).hex()} if salted else {})
    elif kind == "credentials":
        for name, user in account.credentials.items():
            rows[name] = {
                "userName": user,
                "creationTime": calendar.ago(700, name),
                "lastModifiedTime": calendar.ago(700, name),
            } | ({"password": salted} if salted else {})
    else:
        for name, type_name in account.connections.items():
            rows[name] = {
                "connectionType": {"name": type_name},
                "creationTime": calendar.ago(900, name),
                "lastModifiedTime": calendar.ago(900, name),
            } | ({"fieldDefinitionValues": {"Password": salted}} if salted else {})
    return [
        {"id": f"{path}/{kind}/{name}", "name": name, "properties": body}
        for name, body in rows.items()
    ]
