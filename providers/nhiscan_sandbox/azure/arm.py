"""Azure Resource Manager: subscriptions, and what they say of access and identities."""

import re
from collections.abc import Callable, Sequence
from urllib.parse import unquote

from msgspec import Struct

from nhiscan_sandbox.azure.credentials import federated
from nhiscan_sandbox.azure.delegations import NameOf, registration_definition, registrations
from nhiscan_sandbox.azure.graph import not_licensed
from nhiscan_sandbox.azure.inventory import Inventory, automation_rows, resources
from nhiscan_sandbox.azure.odata import Query, offset
from nhiscan_sandbox.azure.quirks import Quirks
from nhiscan_sandbox.azure.resource_graph import ResourceGraph, bad_token
from nhiscan_sandbox.azure.rights import Rights, denial, find_subscription
from nhiscan_sandbox.azure.wire import Json, Refusal
from nhiscan_sandbox.estate.azure_model import Subscription

_PAGE = 200
_AUTH = "Microsoft.Authorization"
# Each list below a scope: its operation's name here, and the action that it needs.
_LISTS = {
    f"{_AUTH}/roleassignments": ("ListAzureRoleAssignments", f"{_AUTH}/roleAssignments/read"),
    f"{_AUTH}/roledefinitions": ("ListAzureRoleDefinitions", f"{_AUTH}/roleDefinitions/read"),
    f"{_AUTH}/denyassignments": ("ListDenyAssignments", f"{_AUTH}/denyAssignments/read"),
    f"{_AUTH}/permissions": ("ListPermissions", ""),
    f"{_AUTH}/roleeligibilityscheduleinstances": (
        "ListEligibleAzureRoles",
        f"{_AUTH}/roleEligibilityScheduleInstances/read",
    ),
    f"{_AUTH}/roleassignmentscheduleinstances": (
        "ListActiveAzureRoles",
        f"{_AUTH}/roleAssignmentScheduleInstances/read",
    ),
    "microsoft.managedservices/registrationassignments": (
        "ListRegistrationAssignments",
        "Microsoft.ManagedServices/registrationAssignments/read",
    ),
    "microsoft.managedservices/registrationdefinitions": (
        "ListRegistrationDefinitions",
        "Microsoft.ManagedServices/registrationDefinitions/read",
    ),
    "microsoft.managedidentity/userassignedidentities": (
        "ListUserAssignedIdentities",
        "Microsoft.ManagedIdentity/userAssignedIdentities/read",
    ),
}
_BY_LIST = {name.lower(): found for name, found in _LISTS.items()}
_BELOW = re.compile(r"(?P<scope>.*?)/providers/(?P<list>[^/]+/[^/]+)$", re.IGNORECASE)
_AUTOMATION = re.compile(
    r"(?P<scope>/subscriptions/[^/]+/resourcegroups/[^/]+/providers"
    r"/microsoft\.automation/automationaccounts/[^/]+)/(?P<kind>certificates|credentials|connections)$",
    re.IGNORECASE,
)
_FEDERATED = re.compile(
    r"(?P<scope>/subscriptions/[^/]+/resourcegroups/[^/]+/providers/microsoft\.managedidentity"
    r"/userassignedidentities/[^/]+)/federatedidentitycredentials$",
    re.IGNORECASE,
)


class Place(Struct, frozen=True, kw_only=True):
    """A request as it was understood: what is listed, where, and the action that it needs."""

    operation: str
    scope: str = ""
    action: str = ""
    kind: str = ""


def identify(path: str) -> Place | None:
    """Find what a path asks for; null if there is no such path here."""
    path = unquote(path).rstrip("/")
    lower = path.lower()
    if lower == "/subscriptions":
        return Place(operation="ListSubscriptions")
    if lower == "/providers/microsoft.resourcegraph/resources":
        return Place(operation="SearchResources")
    if lower == "/providers/microsoft.management/managementgroups":
        action = "Microsoft.Management/managementGroups/read"
        return Place(operation="ListManagementGroups", action=action)
    if found := _FEDERATED.match(path):
        action = (
            "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/read"
        )
        return Place(operation="ListIdentityFederatedCredentials", action=action, **_scope(found))
    if found := _AUTOMATION.match(path):
        kind = found["kind"].lower()
        return Place(
            operation=f"ListAutomation{kind.capitalize()}",
            action=f"Microsoft.Automation/automationAccounts/{kind}/read",
            kind=kind,
            **_scope(found),
        )
    found = _BELOW.match(path)
    listed = _BY_LIST.get(found["list"].lower()) if found else None
    if found is None or listed is None:
        return None
    return Place(operation=listed[0], action=listed[1], **_scope(found))


def _scope(found: re.Match[str]) -> dict[str, str]:
    return {"scope": found["scope"]}


class Arm:
    """Answers one request at a time."""

    def __init__(self, inventories: dict[str, Inventory], quirks: Quirks) -> None:
        self._inventories = inventories
        self._quirks = quirks
        self._graph = ResourceGraph(inventories)
        self._name_of = NameOf({one.tenant.id: one.tenant for one in inventories.values()})

    def answer(
        self, place: Place, query: Query, body: bytes, rights: Rights, base: str, directory: str
    ) -> Json:
        """Return the body of a reply; Refusal if the caller may not read there."""
        if "api-version" not in query.values:
            message = "The api-version query parameter (?api-version=) is required."
            raise Refusal(400, "MissingApiVersionParameter", message)
        if place.operation == "SearchResources":
            return self._graph.answer(body, rights, self._quirks.page_cap)
        if place.operation == "ListSubscriptions":
            rows = [inventory.subscription(one) for inventory, one in rights.subscriptions]
        elif place.operation == "ListManagementGroups":
            rows = self._management_groups(rights, directory)
        else:
            rows = self._below(place, query, rights)
        return self._page(rows, query, base)

    def _management_groups(self, rights: Rights, directory: str) -> list[Json]:
        inventory = self._inventories[directory]
        action = "Microsoft.Management/managementGroups/read"
        rows = inventory.management_groups()
        found = [row for row in rows if rights.may(action, row["id"])]
        if not found:
            raise denial(action, inventory.root)
        return found

    def _below(self, place: Place, query: Query, rights: Rights) -> list[Json]:
        parts = place.scope.strip("/").split("/")
        if parts[0].lower() != "subscriptions" or len(parts) < 2:
            message = f"The scope '{place.scope}' is not supported."
            raise Refusal(404, "InvalidResourceType", message)
        inventory, one = find_subscription(self._inventories, parts[1])
        if place.action:
            rights.require(place.action, place.scope)
        elif not rights.at(place.scope):
            raise denial(f"{_AUTH}/permissions/read", place.scope)
        return list(self._table(place, query, rights, inventory, one)[place.operation]())

    def _table(
        self, place: Place, query: Query, rights: Rights, inventory: Inventory, one: Subscription
    ) -> dict[str, Callable[[], Sequence[Json]]]:
        expand = query.values.get("$expandRegistrationDefinition", "").lower() == "true"
        automation = {
            f"ListAutomation{kind.capitalize()}": lambda: _kept(inventory, one, place)
            for kind in ("certificates", "credentials", "connections")
        }
        return automation | {
            "ListAzureRoleAssignments": lambda: _assignments(place, query, inventory, one),
            "ListAzureRoleDefinitions": lambda: _definitions(query, inventory),
            "ListDenyAssignments": lambda: inventory.denials(one),
            "ListPermissions": lambda: _permissions(rights, place.scope),
            "ListEligibleAzureRoles": lambda: _eligible(inventory, one),
            "ListActiveAzureRoles": lambda: _active(place, query, inventory, one),
            "ListRegistrationAssignments": lambda: registrations(one, self._name_of, expand=expand),
            "ListRegistrationDefinitions": lambda: [
                registration_definition(one, line, self._name_of) for line in one.lighthouse
            ],
            "ListUserAssignedIdentities": lambda: [
                row
                for row in resources(inventory.tenant, one)
                if row["type"] == "microsoft.managedidentity/userassignedidentities"
            ],
            "ListIdentityFederatedCredentials": lambda: _federated(one, place),
        }

    def _page(self, rows: Sequence[Json], query: Query, base: str) -> Json:
        start = offset(query.token)
        if start is None:
            raise bad_token()
        end = start + min(_PAGE, self._quirks.page_cap or _PAGE)
        body: Json = {"value": list(rows[start:end])}
        if end < len(rows):
            body["nextLink"] = query.link(base, end, "$skipToken")
        return body


def _assignments(place: Place, query: Query, inventory: Inventory, one: Subscription) -> list[Json]:
    """List role assignments at, above and below a scope; `atScope()` drops those below."""
    above = {path.lower() for path in inventory.chain(one.id)}
    scope = place.scope.lower()
    at_scope = "atscope()" in query.values.get("$filter", "").lower()
    found = []
    for row in inventory.role_assignments():
        stands = row["properties"]["scope"].lower()
        below = stands.startswith(f"{scope}/") and not at_scope
        if stands in above or stands == scope or scope.startswith(f"{stands}/") or below:
            found.append(row)
    return found


def _definitions(query: Query, inventory: Inventory) -> list[Json]:
    rows = inventory.role_definitions()
    if "customrole" in query.values.get("$filter", "").lower():
        return [row for row in rows if row["properties"]["type"] == "CustomRole"]
    return rows


def _eligible(inventory: Inventory, one: Subscription) -> list[Json]:
    if inventory.tenant.directory.licence != "p2":
        raise not_licensed("ListEligibleRoles")
    return inventory.eligible(one)


def _active(place: Place, query: Query, inventory: Inventory, one: Subscription) -> list[Json]:
    if inventory.tenant.directory.licence != "p2":
        raise not_licensed("ListEligibleRoles")
    return _assignments(place, query, inventory, one)


def _permissions(rights: Rights, scope: str) -> list[Json]:
    return [
        {
            "actions": list(held.actions),
            "notActions": list(held.not_actions),
            "dataActions": [],
            "notDataActions": [],
        }
        for held in rights.at(scope)
    ]


def _kept(inventory: Inventory, one: Subscription, place: Place) -> list[Json]:
    name = place.scope.rpartition("/")[2].lower()
    for account in one.automation:
        if account.name.lower() == name:
            return automation_rows(inventory.tenant, place.scope, account, place.kind)
    raise _missing(place.scope)


def _federated(one: Subscription, place: Place) -> list[Json]:
    name = place.scope.rpartition("/")[2].lower()
    for identity in one.identities:
        if identity.name.lower() == name:
            return [
                {
                    "id": f"{place.scope}/federatedIdentityCredentials/{each['name']}",
                    "name": each["name"],
                    "type": "Microsoft.ManagedIdentity/userAssignedIdentities"
                    "/federatedIdentityCredentials",
                    "properties": {key: each[key] for key in ("issuer", "subject", "audiences")},
                }
                for each in federated(place.scope, identity.federated)
            ]
    raise _missing(place.scope)


def _missing(scope: str) -> Refusal:
    return Refusal(404, "ResourceNotFound", f"The Resource '{scope}' was not found.")
