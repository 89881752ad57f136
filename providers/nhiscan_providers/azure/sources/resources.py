"""What Resource Graph knows: workloads, roles, delegations and what keeps secrets."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from msgspec import Raw, Struct

from nhiscan.ledger import Fault, Reading
from nhiscan_providers.azure.access import Access
from nhiscan_providers.azure.calls import operation
from nhiscan_providers.azure.shapes.arm import (
    AzureRole,
    FederatedOfIdentity,
    Kept,
    Registration,
    RoleAssignment,
    Stored,
    Subscription,
    Typed,
    Workload,
)
from nhiscan_providers.azure.shapes.parsing import low, take
from nhiscan_providers.azure.sources.lists import gather_each

T = TypeVar("T")

IDENTITIES = "arm.identities"
ASSIGNMENTS = "arm.role_assignments"
DELEGATIONS = "arm.delegations"
STORED = "arm.stored"
AUTOMATION = "arm.automation"
FEDERATED = "arm.federated_credentials"
# Resource Graph takes at most so many subscriptions in one query.
_SUBSCRIPTIONS = 1000

_WORKLOADS = """resources
| where isnotempty(identity) or type =~ 'microsoft.managedidentity/userassignedidentities'
| project id, name, type, subscriptionId, tags, identityType=tostring(identity.type),
  principalId=tostring(coalesce(identity.principalId, properties.principalId)),
  clientId=tostring(properties.clientId), uami=bag_keys(identity.userAssignedIdentities)"""
_AUTHORIZATION = """authorizationresources
| where type in~ ('microsoft.authorization/roleassignments',
    'microsoft.authorization/roledefinitions')
| where type =~ 'microsoft.authorization/roleassignments'
  or tostring(properties.type) =~ 'CustomRole'
| project id, type, properties"""
_DELEGATED = "managedservicesresources | project id, type, properties"
_FEDERATED = """resources
| where type =~ 'microsoft.managedidentity/userassignedidentities/federatedidentitycredentials'
| project id, name, properties"""
_BELOW_IDENTITY = "/federatedidentitycredentials/"
# User-assigned identities that are asked for their federated credentials one by one.
_ASKED = 20
_STORING = """resources
| where type in~ ('microsoft.storage/storageaccounts','microsoft.automation/automationaccounts')
| project id, name, type, subscriptionId, tags, shared=properties.allowSharedKeyAccess,
  key1=tostring(properties.keyCreationTime.key1), key2=tostring(properties.keyCreationTime.key2),
  expiryDays=toint(properties.keyPolicy.keyExpirationPeriodInDays),
  sasPolicy=isnotempty(properties.sasPolicy), created=tostring(properties.creationTime)"""


class Roles(Struct, frozen=True):
    """Role assignments at, above and below the subscriptions, and the definitions of custom roles.

    An assignment of a management group is seen from every subscription below; it is here once.
    """

    assignments: dict[str, RoleAssignment]
    custom: dict[str, AzureRole]


def read_workloads(access: Access, reading: Reading, ids: Sequence[str]) -> list[Workload]:
    """List user-assigned identities and the resources that run as a managed identity."""
    return _rows(access, reading, "managed_identities", _WORKLOADS, ids, Workload)


def read_roles(access: Access, reading: Reading, ids: Sequence[str]) -> Roles:
    """List role assignments and custom roles of all subscriptions in one question."""
    roles = Roles({}, {})
    try:
        for raw in _query(access, reading, "role_assignments", _AUTHORIZATION, ids):
            _sort(reading, raw, roles)
    except Fault as fault:
        reading.failed(fault)
    return roles


def _sort(reading: Reading, raw: Raw, roles: Roles) -> None:
    """Put a row where it belongs."""
    kind = low(next((one.type for one in take(reading, [raw], Typed)), ""))
    if kind.endswith("roledefinitions"):
        found = take(reading, [raw], AzureRole)
        roles.custom.update({low(one.id).rpartition("/")[2]: one for one in found})
    else:
        rows = take(reading, [raw], RoleAssignment)
        roles.assignments.update({low(one.id): one for one in rows})


def read_delegations(
    access: Access, reading: Reading, own: Sequence[Subscription]
) -> list[Registration]:
    """List Lighthouse registrations; where the table is not served or silent, by subscription.

    A subscription that says it is managed from another directory must show a registration.
    """
    ids = [low(one.subscription_id) for one in own]
    attempt = Reading(reading.source)
    found = _rows(access, attempt, "arm.delegations", _DELEGATED, ids, Registration)
    reading.calls += attempt.calls
    reading.pages += attempt.pages
    if attempt.state in ("throttled", "unreachable") and attempt.fault is not None:
        reading.failed(attempt.fault)
        return found
    silent = ids if not attempt.complete else _silent(own, found)
    listed = operation("delegations_of_subscription")
    paths = {
        one: f"/subscriptions/{one}/providers/Microsoft.ManagedServices/registrationAssignments"
        "?$expandRegistrationDefinition=true&api-version=2022-10-01"
        for one in silent
    }
    for some in gather_each(access, reading, listed, paths, Registration).values():
        found += some
    return list({low(one.id): one for one in found}.values())


def _silent(own: Sequence[Subscription], found: Sequence[Registration]) -> list[str]:
    shown = {subscription_of(one.id) for one in found}
    managed = (low(one.subscription_id) for one in own if one.managed_by_tenants)
    return [one for one in managed if one not in shown]


def subscription_of(resource: str | None) -> str:
    """Return the subscription in a resource's id or scope; empty if it lies in none."""
    parts = low(resource).split("/")
    return parts[2] if len(parts) > 2 and parts[1] == "subscriptions" else ""


def read_stored(access: Access, reading: Reading, ids: Sequence[str]) -> list[Stored]:
    """List storage accounts with the ages of their keys, and Automation accounts."""
    return _rows(access, reading, "storage_accounts", _STORING, ids, Stored)


def read_kept(
    access: Access, reading: Reading, accounts: Sequence[str]
) -> dict[str, dict[str, list[Kept]]]:
    """List what Automation accounts keep: certificates, credentials and connections of each."""
    kinds = ("certificates", "credentials", "connections")
    paths = {
        f"{one}/{kind}": f"{one}/{kind}?api-version=2023-11-01"
        for one in accounts
        for kind in kinds
    }
    found = gather_each(access, reading, operation("automation"), paths, Kept)
    return {one: {kind: found.get(f"{one}/{kind}", []) for kind in kinds} for one in accounts}


def read_federated(
    access: Access, reading: Reading, identities: Sequence[str], ids: Sequence[str]
) -> dict[str, list[FederatedOfIdentity]]:
    """List the federated credentials of user-assigned identities, by the identity's id.

    One question to Resource Graph; whether it indexes them is not documented, so where it shows
    none each identity is asked, up to so many.
    """
    if not identities:
        return {}
    found: dict[str, list[FederatedOfIdentity]] = {}
    for row in _rows(
        access, reading, "federated_credentials_of_azure", _FEDERATED, ids, FederatedOfIdentity
    ):
        found.setdefault(low(row.id).rpartition(_BELOW_IDENTITY)[0], []).append(row)
    if found or not reading.complete:
        return found
    if len(identities) > _ASKED:
        few = f"{len(identities)} managed identities; {_ASKED} were asked, one call each"
        reading.mark("partial", few)
    listed = operation("federated_credentials_of_managed_identities")
    paths = {
        low(one): f"{one}/federatedIdentityCredentials?api-version=2023-01-31"
        for one in identities[:_ASKED]
    }
    return found | gather_each(access, reading, listed, paths, FederatedOfIdentity)


def _rows(
    access: Access, reading: Reading, name: str, kql: str, ids: Sequence[str], kind: type[T]
) -> list[T]:
    raw: list[Raw] = []
    try:
        raw.extend(_query(access, reading, name, kql, ids))
    except Fault as fault:
        reading.failed(fault)
    rows = take(reading, raw, kind)
    return list({low(getattr(row, "id", None)): row for row in rows}.values())


def _query(
    access: Access, reading: Reading, name: str, kql: str, ids: Sequence[str]
) -> Iterator[Raw]:
    listed = operation(name)
    for start in range(0, len(ids), _SUBSCRIPTIONS):
        scope = {"subscriptions": list(ids[start : start + _SUBSCRIPTIONS])}
        yield from access.query(reading, listed, kql, scope)
