"""All that was read of a directory's Azure, source by source, before anything is judged."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from nhiscan.ledger import Ledger, Reading
from nhiscan_providers.azure.access import Access
from nhiscan_providers.azure.shapes.arm import (
    FederatedOfIdentity,
    Kept,
    Registration,
    RoleAssignment,
    Stored,
    Subscription,
    Workload,
)
from nhiscan_providers.azure.shapes.parsing import low
from nhiscan_providers.azure.sources import authorization, resources
from nhiscan_providers.azure.sources.subscriptions import (
    SUBSCRIPTIONS,
    Subscriptions,
    read_subscriptions,
)
from nhiscan_providers.azure.workload_types import WORKLOADS

# Sources that have nothing to ask where no subscription is visible.
_BELOW = (
    resources.IDENTITIES,
    resources.ASSIGNMENTS,
    resources.DELEGATIONS,
    resources.STORED,
    resources.AUTOMATION,
    resources.FEDERATED,
    authorization.ELIGIBLE,
    authorization.DENIED,
)
_OWN = "microsoft.managedidentity/userassignedidentities"
_AUTOMATION = "microsoft.automation/automationaccounts"


class Azure(Struct, frozen=True):
    """Everything below a directory's subscriptions. Ids are in lower case."""

    subscriptions: tuple[Subscription, ...]
    workloads: Mapping[str, Workload]
    roles: resources.Roles
    eligible: Mapping[str, RoleAssignment]
    denied: Sequence[authorization.Denial]
    delegations: Sequence[Registration]
    stored: Sequence[Stored]
    kept: Mapping[str, Mapping[str, list[Kept]]]
    federated: Mapping[str, list[FederatedOfIdentity]]

    def holders(self) -> frozenset[str]:
        """Name the principals that hold a role in Azure, or could."""
        return frozenset(low(one) for one, _ in self._principals())

    def groups(self) -> frozenset[str]:
        """Name the groups among them."""
        return frozenset(low(one) for one, kind in self._principals() if low(kind) == "group")

    def _principals(self) -> list[tuple[str, str | None]]:
        every = (*self.roles.assignments.values(), *self.eligible.values())
        return [(one.properties.principal_id, one.properties.principal_type) for one in every]


def read_azure(access: Access, ledger: Ledger) -> Azure:
    """Read it all; a client without Azure is asked nothing."""
    reading = ledger.open(SUBSCRIPTIONS)
    if not access.options.resource_manager:
        for source in (SUBSCRIPTIONS, *_BELOW):
            ledger.open(source).note("not asked: the entry says `resource_manager: false`")
        return _nothing(())
    found = read_subscriptions(access, reading)
    if not found.own:
        for source in _BELOW:
            if reading.complete or reading.state == "not_available":
                ledger.open(source).note("there is no subscription")
            else:
                ledger.open(source).mark(reading.state, reading.reason or "")
        return _nothing(())
    azure = _below(access, ledger, found)
    _admit_gaps(ledger, found, reading)
    return azure


def _below(access: Access, ledger: Ledger, found: Subscriptions) -> Azure:
    ids = found.ids
    workloads = resources.read_workloads(access, ledger.open(resources.IDENTITIES), ids)
    reading = ledger.open(resources.ASSIGNMENTS)
    stored = resources.read_stored(access, ledger.open(resources.STORED), ids)
    own = [low(one.id) for one in workloads if low(one.type) == _OWN]
    _admit_unasked(ledger, resources.IDENTITIES, resources.FEDERATED)
    _admit_unasked(ledger, resources.STORED, resources.AUTOMATION)
    return Azure(
        subscriptions=found.own,
        workloads={low(one.id): one for one in workloads},
        roles=_roles(access, reading, ids),
        eligible=authorization.read_eligible(access, ledger.open(authorization.ELIGIBLE), ids),
        denied=authorization.read_denied(access, ledger.open(authorization.DENIED), ids),
        delegations=resources.read_delegations(
            access, ledger.open(resources.DELEGATIONS), found.own
        ),
        stored=stored,
        kept=_kept(access, ledger.open(resources.AUTOMATION), stored),
        federated=resources.read_federated(access, ledger.open(resources.FEDERATED), own, ids),
    )


def _roles(access: Access, reading: Reading, ids: Sequence[str]) -> resources.Roles:
    """Read roles in one question, or subscription by subscription where that shows none.

    The scanner itself holds a role, so a table without any row was not allowed to be read.
    """
    attempt = Reading(reading.source)
    roles = resources.read_roles(access, attempt, ids)
    reading.calls += attempt.calls
    if attempt.complete and roles.assignments:
        reading.pages += attempt.pages
        return roles
    if attempt.state in ("throttled", "unreachable", "partial") and attempt.fault is not None:
        reading.failed(attempt.fault)
        return roles
    authorization.complete_roles(access, reading, ids, roles)
    return roles


def _kept(
    access: Access, reading: Reading, stored: Sequence[Stored]
) -> dict[str, dict[str, list[Kept]]]:
    accounts = [low(one.id) for one in stored if low(one.type) == _AUTOMATION]
    return resources.read_kept(access, reading, accounts)


def _admit_unasked(ledger: Ledger, above: str, below: str) -> None:
    """Say that a source is not whole where not all that it is asked of was listed."""
    listed = ledger.open(above)
    if not listed.complete:
        ledger.open(below).mark(listed.state, listed.reason or "")


def _admit_gaps(ledger: Ledger, found: Subscriptions, reading: Reading) -> None:
    """Say of each source what the scanner may not read; its answers leave that out silently.

    Rights that could not be asked are proven by what they show: who reads role assignments, the
    scanner's own among them, may read what belongs to them. Who does not proves nothing.
    """
    for source, missing in found.unreadable.items():
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        ledger.open(source).mark("partial", f"the scanner's role lacks {missing[0]}{more}")
    if found.unproven and not ledger.open(resources.ASSIGNMENTS).complete:
        for source in (SUBSCRIPTIONS, *_BELOW):
            ledger.open(source).mark("partial", found.unproven)
    elif found.unproven:
        reading.note(found.unproven)
    if not reading.complete and reading.state != "not_available":
        for source in _BELOW:
            ledger.open(source).mark("partial", reading.reason or "")


def _nothing(subscriptions: tuple[Subscription, ...]) -> Azure:
    return Azure(subscriptions, {}, resources.Roles({}, {}), {}, (), (), (), {}, {})


def readable_types() -> frozenset[str]:
    """List the types of resources whose absence means that they are gone."""
    return frozenset(one.lower() for one in (*WORKLOADS, _OWN))
