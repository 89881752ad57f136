"""Directory roles: held, eligible and asked for; and the machines in groups that hold roles."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from nhiscan.ledger import Reading
from nhiscan_providers.azure.access import Access, path
from nhiscan_providers.azure.calls import operation
from nhiscan_providers.azure.shapes.graph import (
    DirectoryAssignment,
    DirectoryRole,
    Expanded,
    Request,
)
from nhiscan_providers.azure.shapes.parsing import low
from nhiscan_providers.azure.sources.lists import gather, related

ROLES = "graph.directory_roles"
ELIGIBLE = "graph.eligible_roles"
REQUESTS = "graph.role_requests"
GROUPS = "graph.group_members"
# Requests older than this are no evidence of who answers today.
_REQUEST_DAYS = 365


def read_assignments(access: Access, reading: Reading) -> list[DirectoryAssignment]:
    """List durable assignments; the members of a directoryRole would mix in activations."""
    listed = operation("directory_roles")
    query = path(listed, expand="principal")
    return gather(access, reading, listed, query, DirectoryAssignment)


def read_definitions(access: Access, reading: Reading) -> dict[str, DirectoryRole]:
    """List roles by their id and, where it is another, by their template's."""
    listed = operation("directory_role_definitions")
    query = path(listed, select="id,displayName,templateId,isBuiltIn,isPrivileged")
    found = gather(access, reading, listed, query, DirectoryRole)
    by_template = {low(one.template_id): one for one in found if one.template_id}
    return by_template | {low(one.id): one for one in found}


def read_eligible(access: Access, reading: Reading) -> list[DirectoryAssignment]:
    """List the roles that could be activated."""
    listed = operation("eligible_roles")
    query = path(listed, expand="principal")
    return gather(access, reading, listed, query, DirectoryAssignment)


def read_requests(access: Access, reading: Reading, now: datetime) -> list[Request]:
    """List the requests for roles of the last year."""
    listed = operation("role_requests")
    since = f"{now - timedelta(days=_REQUEST_DAYS):%Y-%m-%dT%H:%M:%SZ}"
    query = path(listed, filter=f"createdDateTime ge {since}")
    return gather(access, reading, listed, query, Request)


def read_machines_of_groups(
    access: Access, reading: Reading, groups: Iterable[str]
) -> dict[str, list[str]]:
    """List the service principals in each group, however deep: group id to object ids."""
    listed = operation("group_members")
    kind = "microsoft.graph.servicePrincipal"
    asks = {
        one: f"/groups/{one}/transitiveMembers/{kind}?$select=id&$count=true&$top=999"
        for one in groups
    }
    found = related(access, reading, listed, asks, Expanded, ConsistencyLevel="eventual")
    return {group: [low(one.id) for one in some] for group, some in found.items()}
