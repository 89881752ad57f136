"""Microsoft Graph: its lists, pages and peculiarities."""

from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct

from nhiscan_sandbox.azure import permissions, relations
from nhiscan_sandbox.azure.cloud import Cloud
from nhiscan_sandbox.azure.odata import Query, filtered, offset, select
from nhiscan_sandbox.azure.quirks import Quirks
from nhiscan_sandbox.azure.routes import Asked
from nhiscan_sandbox.azure.tenant import (
    AGENT,
    APPLICATION,
    BLUEPRINT,
    BLUEPRINT_PRINCIPAL,
    PRINCIPAL,
    USER,
    Tenant,
)
from nhiscan_sandbox.azure.wire import Json, Refusal

_PAGE, _MOST, _EXPANDED_MOST, _CUT = 100, 999, 100, 20
# What users and other directory objects show unless asked for more.
_USUAL = ("id", "displayName", "userPrincipalName", "mail")
_LICENSED = {
    "ListSignInActivities": ("p1", "p2"),
    "ListCredentialActivities": ("p1", "p2"),
    "ListEligibleRoles": ("p2",),
    "ListActiveRoles": ("p2",),
    "ListRoleRequests": ("p2",),
}
_AGENTS = frozenset({"ListAgents", "ListBlueprints", "ListBlueprintPrincipals"})
_SMALL_PAGES = _AGENTS | {"ListRoleAssignments"}
# A list does not repeat the type that all of its objects have.
_LISTED = {
    "ListApplications": APPLICATION,
    "ListServicePrincipals": PRINCIPAL,
    "ListUsers": USER,
    "ListAgents": AGENT,
}


class Asker(Struct, frozen=True, kw_only=True):
    """Who asks: in which directory, with which permissions, from which base URL."""

    tenant: Tenant
    app_id: str
    roles: frozenset[str]
    base: str


class Graph:
    """Answers one request at a time; `$batch` is taken apart elsewhere."""

    def __init__(self, cloud: Cloud, quirks: Quirks) -> None:
        self._cloud = cloud
        self._quirks = quirks
        self._single: dict[str, Callable[[Asked, Query, Asker], Json]] = {
            "GetServicePrincipal": _principal,
            "GetUser": _user,
            "GetManager": _manager,
        }

    def answer(self, asked: Asked, query: Query, asker: Asker) -> Json:
        """Return the body of a reply; Refusal if the asker may not, or the directory cannot."""
        permissions.require(asker.roles, asked.operation)
        licensed = _LICENSED.get(asked.operation)
        if licensed and asker.tenant.directory.licence not in licensed:
            raise not_licensed(asked.operation)
        single = self._single.get(asked.route)
        if single is not None:
            return single(asked, query, asker)
        if asked.route in _AGENTS and not asker.tenant.directory.agents_known:
            raise Refusal(400, "BadRequest", "Resource not found for the segment 'agentIdentity'.")
        if asked.route == "ListGroupMembers" and not query.advanced:
            raise Refusal(400, "Request_UnsupportedQuery", "An OData cast needs $count=true.")
        rows = filtered(
            _counted(asker.tenant, _rows(asked, query, asker)),
            query.values.get("$filter"),
            advanced=query.advanced,
        )
        return self._page(asked, query, asker, rows)

    def _page(self, asked: Asked, query: Query, asker: Asker, rows: list[Json]) -> Json:
        start = offset(query.token)
        if start is None:
            raise expired_page()
        end = start + self._size(asked, query)
        fields = query.select
        shown = [_shown(asked, query, asker, row, fields) for row in rows[start:end]]
        context = f"{asker.base}/v1.0/$metadata#{query.path.rpartition('/')[2]}"
        body: Json = {"@odata.context": context}
        if query.values.get("$count") == "true" and query.advanced:
            body["@odata.count"] = len(rows)
        body["value"] = shown
        if end < len(rows):
            body["@odata.nextLink"] = query.link(asker.base, end, "$skiptoken")
        return body

    def _size(self, asked: Asked, query: Query) -> int:
        size = min(query.top or _PAGE, _MOST)
        if query.expand:
            size = min(size, _EXPANDED_MOST)
        if asked.route in _SMALL_PAGES:
            size = _PAGE if asked.route == "ListRoleAssignments" else min(size, _EXPANDED_MOST)
        return min(size, self._quirks.page_cap or size)


def _rows(asked: Asked, query: Query, asker: Asker) -> Sequence[Json]:
    tenant, about = asker.tenant, asked.about
    if query.expand and query.expand[0] == "federatedIdentityCredentials":
        _require_expandable(tenant)
    plain: dict[str, Callable[[], Sequence[Json]]] = {
        "ListOrganization": lambda: [tenant.organization],
        "ListApplications": lambda: tenant.of_type(APPLICATION, BLUEPRINT),
        "ListServicePrincipals": lambda: tenant.of_type(PRINCIPAL, AGENT, BLUEPRINT_PRINCIPAL),
        "ListAgents": lambda: tenant.of_type(AGENT),
        "ListBlueprints": lambda: tenant.of_type(BLUEPRINT),
        "ListBlueprintPrincipals": lambda: tenant.of_type(BLUEPRINT_PRINCIPAL),
        "ListUsers": lambda: tenant.of_type(USER),
        "ListDelegatedGrants": lambda: tenant.once(relations.consents),
        "ListRoleAssignments": lambda: tenant.once(relations.role_assignments),
        "ListRoleDefinitions": lambda: tenant.once(relations.role_definitions),
        "ListEligibleRoles": lambda: tenant.once(relations.eligible_roles),
        "ListActiveRoles": lambda: tenant.once(relations.role_assignments),
        "ListRoleRequests": lambda: tenant.once(relations.role_requests),
        "ListSignInActivities": lambda: tenant.once(relations.sign_ins),
        "ListCredentialActivities": lambda: tenant.once(relations.credential_sign_ins),
        "ListDirectoryAudits": lambda: tenant.once(relations.audits),
        "ListRelationships": lambda: tenant.once(relations.relationships),
        "ListCrossTenantPartners": lambda: tenant.once(relations.cross_tenant),
        "ListApplicationOwners": lambda: _others(asker, tenant.owners, about),
        "ListServicePrincipalOwners": lambda: _others(asker, tenant.owners, about),
        "ListAgentSponsors": lambda: _others(asker, tenant.sponsors, about),
        "ListBlueprintSponsors": lambda: _others(asker, tenant.sponsors, about),
        "ListFederatedCredentials": lambda: _of(tenant, tenant.federated, about),
        "ListGroupMembers": lambda: _group(tenant, about),
        "ListAccessAssignments": lambda: _found(relations.access_assignments(tenant, about)),
        "ListAppRoleAssignedTo": lambda: _assigned_to(tenant, query, about),
        "ListAppRoleAssignments": lambda: [
            one
            for one in tenant.once(relations.app_role_assignments)
            if one["principalId"] == about
        ],
    }
    return plain[asked.route]()


def _counted(tenant: Tenant, rows: Sequence[Json]) -> list[Json]:
    """Show filters how many owners an object has."""
    return [
        row | {"owners": tenant.owners[row["id"]]} if row.get("id") in tenant.owners else row
        for row in rows
    ]


def _shown(
    asked: Asked, query: Query, asker: Asker, row: Json, fields: tuple[str, ...] | None
) -> Json:
    """Show a row of a list: chosen properties, no bytes unless asked for, and one relation."""
    shown = {name: one for name, one in row.items() if name != "owners"}
    if shown.get("@odata.type") == _LISTED.get(asked.route, "none"):
        del shown["@odata.type"]
    if asked.route == "ListUsers" and fields is None:
        fields = _USUAL
    if "keyCredentials" in shown and (fields is None or "keyCredentials" not in fields):
        shown["keyCredentials"] = [one | {"key": None} for one in shown["keyCredentials"]]
    shown = select(shown, fields)
    if query.expand is None:
        return shown
    relation, chosen = query.expand
    identity = row.get("id", "")
    match relation:
        case "owners" | "sponsors":
            related = getattr(asker.tenant, relation)
            shown[relation] = [
                select(one, chosen) for one in _others(asker, related, identity)[:_CUT]
            ]
        case "federatedIdentityCredentials":
            listed = asker.tenant.federated.get(identity, [])[:_CUT]
            shown[relation] = [select(one, chosen) for one in listed]
        case "principal":
            shown[relation] = _other(asker, row["principalId"])
        case _:
            raise Refusal(400, "BadRequest", f"Could not find a property named '{relation}'.")
    return shown


def _others(asker: Asker, relation: dict[str, list[str]], about: str) -> list[Json]:
    """Show owners, sponsors or members; an id that is nobody's any more is simply absent."""
    ids = _of(asker.tenant, relation, about)
    return [_other(asker, one) for one in ids if one in asker.tenant.objects]


def _other(asker: Asker, identity: str) -> Json:
    """Show somebody: all of them to who may read people, else no more than that they are there."""
    found = asker.tenant.objects.get(identity, {"id": identity})
    if found.get("@odata.type") == USER and not permissions.holds(asker.roles, permissions.PEOPLE):
        return {"@odata.type": USER, "id": identity}
    hidden = ("passwordCredentials", "keyCredentials", "appRoles", "oauth2PermissionScopes")
    return {name: one for name, one in found.items() if name not in hidden}


def _of(tenant: Tenant, relation: dict[str, Any], about: str) -> Any:
    if about not in tenant.objects:
        raise not_found(about)
    return relation.get(about, [])


def _found(rows: list[Json] | None) -> list[Json]:
    if rows is None:
        raise Refusal(404, "ResourceNotFound", "The relationship was not found.")
    return rows


def _group(tenant: Tenant, about: str) -> list[Json]:
    if about not in tenant.objects:
        raise not_found(about)
    return relations.group_principals(tenant, about)


def _assigned_to(tenant: Tenant, query: Query, about: str) -> list[Json]:
    """List who holds a resource's permissions.

    Rows of managed identities are missing from pages smaller than 999 (microsoft-graph-docs
    issue 12243).
    """
    resource = _principal_object(tenant, about)
    rows = [
        one
        for one in tenant.once(relations.app_role_assignments)
        if one["resourceId"] == resource["id"]
    ]
    if query.top == _MOST:
        return rows
    kinds = {identity: one.type for identity, one in tenant.sources}
    return [one for one in rows if kinds.get(one["principalId"]) != "ManagedIdentity"]


def _principal_object(tenant: Tenant, about: str) -> Json:
    found = tenant.objects.get(about) or tenant.principal_of(about)
    if found is None:
        raise not_found(about)
    return found


def _principal(asked: Asked, query: Query, asker: Asker) -> Json:
    return _shown(
        Asked(operation=asked.operation, route="ListServicePrincipals"),
        query,
        asker,
        _principal_object(asker.tenant, asked.about),
        query.select,
    )


def _user(asked: Asked, query: Query, asker: Asker) -> Json:
    tenant = asker.tenant
    found = tenant.objects.get(asked.about)
    if found is None:
        found = next((u for u in tenant.of_type(USER) if _called(u, asked.about)), None)
    if found is None or found["@odata.type"] != USER:
        raise not_found(asked.about)
    shown = select(found, query.select or _USUAL)
    shown.pop("@odata.type", None)
    if query.expand and query.expand[0] == "manager" and found["id"] in tenant.managers:
        manager = tenant.objects[tenant.managers[found["id"]]]
        shown["manager"] = select(manager, query.expand[1])
    return shown


def _called(user: Json, name: str) -> bool:
    return str(user["userPrincipalName"]).lower() == name


def _manager(asked: Asked, query: Query, asker: Asker) -> Json:
    manager = asker.tenant.managers.get(asked.about)
    if manager is None:
        raise not_found("manager")
    return select(asker.tenant.objects[manager], query.select or _USUAL)


def _require_expandable(tenant: Tenant) -> None:
    if not tenant.directory.expand_federated:
        message = "Property 'federatedIdentityCredentials' cannot be expanded here."
        raise Refusal(400, "Request_UnsupportedQuery", message)


def not_found(what: str) -> Refusal:
    """Make Graph's 404."""
    message = f"Resource '{what}' does not exist or one of its queried reference-property objects"
    return Refusal(404, "Request_ResourceNotFound", f"{message} are not present.")


def not_licensed(operation: str) -> Refusal:
    """Make the refusal of a directory whose licence does not include an operation."""
    if operation in ("ListEligibleRoles", "ListActiveRoles", "ListRoleRequests"):
        message = "The tenant needs to have Microsoft Entra ID P2 or Governance license."
        return Refusal(400, "AadPremiumLicenseRequired", message)
    message = "Neither tenant is B2C or tenant doesn't have premium license"
    return Refusal(403, "Authentication_RequestFromNonPremiumTenantOrB2CTenant", message)


def expired_page() -> Refusal:
    """Make the refusal of a page token that is too old, or never was one."""
    message = "The specified page token value has expired and can no longer be included."
    return Refusal(400, "Directory_ExpiredPageToken", message)
