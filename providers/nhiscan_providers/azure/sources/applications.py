"""App registrations, their owners, and the outside workloads that may sign in as them."""

from collections.abc import Iterable, Mapping, Sequence

from nhiscan.ledger import Reading
from nhiscan_providers.azure.access import Access, path
from nhiscan_providers.azure.calls import Operation, operation
from nhiscan_providers.azure.shapes.graph import Application, Expanded, Federated, Owner
from nhiscan_providers.azure.shapes.parsing import low
from nhiscan_providers.azure.sources.lists import gather, related, together

APPLICATIONS = "graph.applications"
OWNERS = "graph.application_owners"
FEDERATED = "graph.federated_credentials"
# An expanded relation stops at about twenty without saying so (azure.md A3).
CUT = 20
# And makes the pages of a list this small, whatever $top says.
_EXPANDED_PAGE = 100
OWNER_FIELDS = "id,displayName,userPrincipalName,mail,accountEnabled,userType"
# Naming keyCredentials is what makes Graph send `key`, of which only a hash is kept.
_FIELDS = (
    "id,appId,displayName,createdDateTime,signInAudience,publisherDomain,verifiedPublisher,"
    "passwordCredentials,keyCredentials,appRoles,tags,notes,serviceManagementReference,"
    "servicePrincipalLockConfiguration,createdByAppId,disabledByMicrosoftStatus"
)
_FEDERATED_FIELDS = "id,name,issuer,subject,audiences"


def read_applications(access: Access, reading: Reading) -> list[Application]:
    """List the registrations of this directory, at 999 a page."""
    listed = operation("applications")
    return gather(access, reading, listed, path(listed, top=999, select=_FIELDS), Application)


def read_owners(access: Access, reading: Reading, known: Sequence[str]) -> dict[str, list[Owner]]:
    """List the owners of every registration: object id to owners.

    Whom the list does not tell of is asked alone: left out is not ownerless.
    """
    listed = operation("application_owners")
    found = _expanded(access, reading, listed, f"owners($select={OWNER_FIELDS})", known)
    owners = {low(one.id): one.owners for one in found if one.owners is not None}
    if reading.complete:
        alone = owner_paths("applications", [one for one in known if one not in owners])
        owners |= related(access, reading, listed, alone, Owner)
    return completed(access, reading, "applications", owners)


def _expanded(
    access: Access, reading: Reading, listed: Operation, expand: str, known: Sequence[str]
) -> list[Expanded]:
    """Read a relation of every registration: by id where the list has several small pages.

    Unless each of the `known` ones is told by id, the list is read after all.
    """
    if len(known) > _EXPANDED_PAGE:
        query = f"/applications?$select=id&$expand={expand}"
        found = together(access, reading, listed, query, known, Expanded)
        if not reading.complete or found.keys() >= set(known):
            return list(found.values())
    query = path(listed, top=_EXPANDED_PAGE, select="id", expand=expand)
    return gather(access, reading, listed, query, Expanded)


def completed(
    access: Access, reading: Reading, kind: str, owners: dict[str, list[Owner]]
) -> dict[str, list[Owner]]:
    """Ask again, alone, for every list that was cut."""
    cut = [about for about, some in owners.items() if len(some) >= CUT]
    listed = operation(
        "application_owners" if kind == "applications" else "service_principal_owners"
    )
    return owners | related(access, reading, listed, owner_paths(kind, cut), Owner)


def owner_paths(kind: str, ids: Iterable[str]) -> dict[str, str]:
    """Name the path of each object's owners, for a batch."""
    return {one: f"/{kind}/{one}/owners?$select={OWNER_FIELDS}&$top=999" for one in ids}


def read_federated(
    access: Access, reading: Reading, applications: Iterable[Application]
) -> Mapping[str, list[Federated]]:
    """List federated credentials: object id of the application to its own (at most 20 each).

    A cloud that does not expand them is asked application by application, and so is what a list
    leaves out.
    """
    listed = operation("federated_credentials")
    attempt = Reading(reading.source)
    expand = f"federatedIdentityCredentials($select={_FEDERATED_FIELDS})"
    known = [low(one.id) for one in applications]
    found = _expanded(access, attempt, listed, expand, known)
    reading.calls += attempt.calls
    reading.pages += attempt.pages
    fault = attempt.fault
    if fault is None or fault.code not in _NOT_EXPANDED or attempt.pages:
        if not attempt.complete:
            reading.mark(attempt.state, attempt.reason or "")
        told = {low(one.id): one.federated_identity_credentials for one in found}
    else:
        told = {}
    shown = {one: some for one, some in told.items() if some is not None}
    if not reading.complete:
        return shown
    asks = {
        one: f"/applications/{one}/federatedIdentityCredentials"
        for one in known
        if one not in shown
    }
    return shown | related(access, reading, listed, asks, Federated)


# How Graph says that a relation cannot be expanded.
_NOT_EXPANDED = frozenset(
    {
        "Request_UnsupportedQuery",
        "BadRequest",
        "Request_BadRequest",
        "InvalidRequest",
        "NotSupported",
    }
)
