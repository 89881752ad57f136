"""Lighthouse: what subscriptions delegate to other directories."""

from nhiscan_sandbox.azure.catalogue import AZURE_ROLES
from nhiscan_sandbox.azure.guids import guid
from nhiscan_sandbox.azure.principals import group_path
from nhiscan_sandbox.azure.tenant import Tenant
from nhiscan_sandbox.azure.wire import Json
from nhiscan_sandbox.estate.azure_model import Lighthouse, Subscription


def registrations(one: Subscription, name_of: "NameOf", *, expand: bool) -> list[Json]:
    """Write Lighthouse assignments, with their definitions if asked to."""
    rows = []
    for line in one.lighthouse:
        definition = registration_definition(one, line, name_of)
        scope = group_path(one, line.group) if line.group else f"/subscriptions/{one.id}"
        identity = guid("registration", scope, line.name)
        properties: Json = {
            "registrationDefinitionId": definition["id"],
            "provisioningState": "Succeeded",
        }
        if expand:
            properties["registrationDefinition"] = definition
        kind = "Microsoft.ManagedServices/registrationAssignments"
        rows.append(
            {
                "id": f"{scope}/providers/{kind}/{identity}",
                "type": kind,
                "name": identity,
                "properties": properties,
            }
        )
    return rows


class NameOf:
    """Finds whom a line of a delegation names, in the managing directory."""

    def __init__(self, tenants: dict[str, Tenant]) -> None:
        self._tenants = tenants

    def __call__(self, directory: str, name: str) -> str:
        """Return the object id; an id stands for itself, as nobody can look into a stranger."""
        managing = self._tenants.get(directory)
        return managing.named(name) if managing else name.lower()


def registration_definition(one: Subscription, line: Lighthouse, name_of: NameOf) -> Json:
    """Write what a Lighthouse delegation grants, and to whom."""
    permanent: list[Json] = []
    eligible: list[Json] = []
    for each in line.lines:
        row: Json = {
            "principalId": name_of(line.to, each.to),
            "principalIdDisplayName": each.name or each.to,
            "roleDefinitionId": AZURE_ROLES[each.role][0],
        }
        if each.may_grant:
            row["delegatedRoleDefinitionIds"] = [AZURE_ROLES[r][0] for r in each.may_grant]
        (eligible if each.eligible else permanent).append(row)
    kind = "Microsoft.ManagedServices/registrationDefinitions"
    identity = guid("registration definition", one.id, line.name)
    return {
        "id": f"/subscriptions/{one.id}/providers/{kind}/{identity}",
        "type": kind,
        "name": identity,
        "properties": {
            "registrationDefinitionName": line.name,
            "description": line.name,
            "managedByTenantId": line.to,
            "managedByTenantName": line.to_name,
            "authorizations": permanent,
            "eligibleAuthorizations": eligible,
            "provisioningState": "Succeeded",
        },
    }
