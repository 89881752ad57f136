"""Which permissions service principals hold: application permissions and delegated ones."""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from nhiscan.ledger import Reading
from nhiscan_providers.azure.access import Access, path
from nhiscan_providers.azure.calls import operation
from nhiscan_providers.azure.shapes.graph import Assignment, Consent, Offered
from nhiscan_providers.azure.shapes.parsing import low
from nhiscan_providers.azure.sources.lists import gather, related

APP_ROLES = "graph.app_roles"
DELEGATED = "graph.delegated_grants"


class Resource(Struct, frozen=True):
    """A service principal that offers permissions: ids of permissions to their values."""

    id: str
    app_id: str
    roles: Mapping[str, str]


def read_offered(access: Access, reading: Reading, ids: Iterable[str]) -> dict[str, Resource]:
    """Read which permissions each resource offers; the list of principals leaves them out.

    They make nine tenths of a principal's bytes, and only a few resources matter.
    """
    listed = operation("app_roles")
    fields = "id,appId,appRoles,oauth2PermissionScopes"
    asks = {one: f"/servicePrincipals/{one}?$select={fields}" for one in ids}
    found = related(access, reading, listed, asks, Offered, single=True)
    return {
        about: Resource(
            id=about,
            app_id=low(some[0].app_id),
            roles={low(role.id): role.value or "" for role in some[0].app_roles or ()},
        )
        for about, some in found.items()
        if some
    }


def read_assigned(
    access: Access, reading: Reading, ids: Iterable[str]
) -> dict[str, list[Assignment]]:
    """List who holds the permissions of each resource, from the resource's side.

    The other side would cost one call per client, and an expanded list stops at twenty. With pages
    smaller than 999, rows of managed identities were missing (microsoft-graph-docs #12243).
    """
    listed = operation("app_roles")
    asks = {one: f"/servicePrincipals/{one}/appRoleAssignedTo?$top=999" for one in ids}
    return related(access, reading, listed, asks, Assignment)


def read_consents(access: Access, reading: Reading) -> list[Consent]:
    """List all delegated permissions of the directory."""
    listed = operation("delegated_grants")
    return gather(access, reading, listed, path(listed, top=999), Consent)
