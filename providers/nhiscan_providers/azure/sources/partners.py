"""Who manages this directory from outside, and whom it manages as a partner."""

from nhiscan.ledger import Reading
from nhiscan_providers.azure.access import Access, path
from nhiscan_providers.azure.calls import operation
from nhiscan_providers.azure.shapes.graph import AccessAssignment, Partner, Relationship
from nhiscan_providers.azure.shapes.parsing import low
from nhiscan_providers.azure.sources.lists import gather, related

CROSS_TENANT = "graph.cross_tenant"
GDAP = "graph.gdap"


def read_service_providers(access: Access, reading: Reading) -> list[Partner]:
    """List the directories that the cross-tenant policy calls service providers."""
    listed = operation("cross_tenant")
    found = gather(access, reading, listed, path(listed), Partner)
    return [one for one in found if one.is_service_provider and one.tenant_id]


def read_relationships(
    access: Access, reading: Reading
) -> tuple[list[Relationship], dict[str, list[AccessAssignment]]]:
    """List the partner's relationships, and which of its groups hold the roles of each.

    Microsoft-led transitions (names that begin with MLT_) are not the partner's own doing and are
    kept too: they are rights all the same.
    """
    listed = operation("gdap")
    found = gather(access, reading, listed, path(listed, top=300), Relationship)
    base = "/tenantRelationships/delegatedAdminRelationships"
    active = [one.id for one in found if low(one.status) == "active"]
    asks = {one: f"{base}/{one}/accessAssignments" for one in active}
    return found, related(access, reading, listed, asks, AccessAssignment)
