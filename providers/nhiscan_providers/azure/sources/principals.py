"""Service principals and their owners, and AI agents with their sponsors."""

from collections.abc import Iterable, Sequence, Set

from nhiscan.ledger import Reading
from nhiscan_providers.azure.access import Access, path
from nhiscan_providers.azure.calls import operation
from nhiscan_providers.azure.shapes.graph import Expanded, Owner, Principal
from nhiscan_providers.azure.shapes.parsing import low
from nhiscan_providers.azure.sources.applications import OWNER_FIELDS, completed, owner_paths
from nhiscan_providers.azure.sources.lists import gather, related, together

PRINCIPALS = "graph.service_principals"
OWNERS = "graph.service_principal_owners"
AGENTS = "graph.agents"
_FIELDS = (
    "id,appId,appDisplayName,displayName,appOwnerOrganizationId,servicePrincipalType,"
    "accountEnabled,alternativeNames,createdDateTime,passwordCredentials,keyCredentials,"
    "preferredSingleSignOnMode,preferredTokenSigningKeyThumbprint,notificationEmailAddresses,"
    "replyUrls,signInAudience,tags,notes,verifiedPublisher,appRoleAssignmentRequired,"
    "createdByAppId,disabledByMicrosoftStatus"
)


def read_principals(access: Access, reading: Reading) -> list[Principal]:
    """List every service principal, Microsoft's own included: a secret on one is a finding."""
    listed = operation("service_principals")
    found = gather(access, reading, listed, path(listed, top=999, select=_FIELDS), Principal)
    if not found:  # whoever asks is one of them
        reading.mark("partial", "not even the scanner's own service principal was shown")
    return found


def read_owners(access: Access, reading: Reading, wanted: Sequence[str]) -> dict[str, list[Owner]]:
    """List the owners of `wanted` service principals: object id to owners.

    Asked by id, for over all principals it would be a call for every hundred of Microsoft's own.
    """
    listed = operation("service_principal_owners")
    query = f"/servicePrincipals?$select=id&$expand=owners($select={OWNER_FIELDS})"
    found = together(access, reading, listed, query, wanted, Expanded)
    owners = {about: one.owners for about, one in found.items() if one.owners is not None}
    if reading.complete:
        alone = owner_paths("servicePrincipals", [one for one in wanted if one not in owners])
        owners |= related(access, reading, listed, alone, Owner)
    return completed(access, reading, "servicePrincipals", owners)


def read_owned(access: Access, reading: Reading, everybody: Set[str]) -> frozenset[str]:
    """Name the service principals that have an owner at all, in one question.

    It is an advanced query, documented for applications. Where it is refused, or answers with
    everybody, nothing is learnt: Microsoft's own are then kept for other reasons only.
    """
    listed = operation("service_principal_owners_count")
    attempt = Reading(reading.source)
    query = path(listed, top=999, select="id", filter="owners/$count ne 0", count="true")
    found = gather(access, attempt, listed, query, Expanded, ConsistencyLevel="eventual")
    reading.calls += attempt.calls
    if attempt.state in ("throttled", "unreachable", "partial") and attempt.fault is not None:
        reading.failed(attempt.fault)
    owned = frozenset(low(one.id) for one in found)
    return frozenset() if owned >= everybody else owned


def read_sponsors(access: Access, reading: Reading) -> dict[str, list[Owner]]:
    """List the sponsors of AI agents: object id of the agent to sponsors.

    Where a list without sponsors comes back, each agent is asked; a directory or cloud without the
    feature answers that it does not know agents, which is no failure.
    """
    listed = operation("agents")
    expand = f"sponsors($select={OWNER_FIELDS})"
    found = gather(
        access, reading, listed, path(listed, top=100, select="id", expand=expand), Expanded
    )
    sponsors = {low(one.id): one.sponsors for one in found}
    silent = [one for one, some in sponsors.items() if some is None or len(some) >= CUT_SPONSORS]
    asked = related(access, reading, listed, _sponsor_paths(silent), Owner)
    return {one: some or [] for one, some in sponsors.items()} | asked


CUT_SPONSORS = 20


def _sponsor_paths(agents: Iterable[str]) -> dict[str, str]:
    kind = "microsoft.graph.agentIdentity"
    return {
        one: f"/servicePrincipals/{one}/{kind}/sponsors?$select={OWNER_FIELDS}" for one in agents
    }


def read_blueprint_sponsors(
    access: Access, reading: Reading, blueprints: Iterable[str]
) -> dict[str, list[Owner]]:
    """List the sponsors of agents' blueprints, which answer for agents that have none."""
    kind = "microsoft.graph.agentIdentityBlueprint"
    asks = {
        one: f"/applications/{one}/{kind}/sponsors?$select={OWNER_FIELDS}" for one in blueprints
    }
    return related(access, reading, operation("agents"), asks, Owner)
