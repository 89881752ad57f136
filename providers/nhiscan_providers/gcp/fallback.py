"""Reads one project (or organization) from each service by itself, where the inventory is refused.

Every source is tried for itself: what one refuses, another may tell.
"""

from collections.abc import Callable

from msgspec import Struct

from nhiscan.ledger import Ledger, Reading
from nhiscan_providers.gcp.access import Access
from nhiscan_providers.gcp.calls import (
    ACCOUNTS,
    AGENTS,
    API_KEYS,
    CONTACTS,
    KEYS,
    POLICIES,
    POOLS,
    ROLES,
)
from nhiscan_providers.gcp.facts import Facts
from nhiscan_providers.gcp.faults import Fault, Kind
from nhiscan_providers.gcp.sources import direct

_BELOW = "policies of single resources, such as buckets and secrets, were not read"
_NO_AGENTS = "agents are read from the inventory alone"
# The same for every account: one such answer is enough.
_ALIKE: frozenset[Kind] = frozenset({"off", "quota_project", "credentials", "daily"})
_NONE = "an organization has none of its own"


class Place(Struct, frozen=True):
    """Where to read: the resource's name, the unit's account, and a project's number if known."""

    name: str
    account: str
    number: str | None

    @property
    def is_project(self) -> bool:
        """Whether it is a project and no organization."""
        return self.name.startswith("projects/")


def list_one_by_one(access: Access, ledger: Ledger, place: Place, facts: Facts) -> None:
    """List accounts, their keys, pools, API keys, roles and contacts; faults become readings."""
    project = place.account
    _try(ledger, ROLES, lambda r: direct.read_roles(access, r, place.name, facts))
    _try(ledger, CONTACTS, lambda r: direct.read_contacts(access, r, place.name, facts))
    if not place.is_project:
        for source in (ACCOUNTS, KEYS, POOLS, API_KEYS, AGENTS):
            anew(ledger, source).note(_NONE)
        return
    _try(ledger, ACCOUNTS, lambda r: direct.read_accounts(access, r, project, facts))
    _keys(access, ledger, place, facts)
    _try(ledger, POOLS, lambda r: direct.read_pools(access, r, project, facts))
    _try(ledger, API_KEYS, lambda r: direct.read_api_keys(access, r, project, facts))
    anew(ledger, AGENTS).mark("partial", _NO_AGENTS)


def policies_one_by_one(access: Access, ledger: Ledger, place: Place, facts: Facts) -> None:
    """Read the policy of a place and of each service account in it; faults become readings.

    Each is tried for itself: one that is refused must not lose who may act as the others.
    """
    _try(ledger, POLICIES, lambda r: direct.read_place_policy(access, r, place.name, facts))
    if not place.is_project:
        return
    reading = ledger.open(POLICIES)
    for account in facts.of_project(place.account):
        try:
            direct.read_account_policy(access, reading, place.account, account.email, facts)
        except Fault as fault:
            if fault.kind == "missing":  # deleted since it was listed
                continue
            reading.failed(fault)
            if fault.kind in _ALIKE:
                break
    if reading.pages and not reading.complete:
        reading.state = "partial"  # of several policies some were read
    reading.mark("partial", _BELOW)


def _keys(access: Access, ledger: Ledger, place: Place, facts: Facts) -> None:
    """List the keys account by account: one refusal must not lose the keys of the others."""
    accounts = ledger.open(ACCOUNTS)
    reading = anew(ledger, KEYS)
    missed = 0
    for account in facts.of_project(place.account):
        try:
            direct.read_keys(access, reading, account.email, place.account, facts)
        except Fault as fault:
            if fault.kind == "missing":
                continue
            missed += 1
            reading.failed(fault)
            if fault.kind in _ALIKE:
                break
    if missed and reading.pages:
        reading.state = "partial"  # of several accounts some were read
        reading.reason = f"the keys of {missed} accounts were not read: {reading.reason}"
    if not accounts.complete:
        reading.mark("partial", "the accounts were not all read, and keys belong to accounts")


def _try(ledger: Ledger, source: str, read: Callable[[Reading], None]) -> None:
    reading = anew(ledger, source)
    try:
        read(reading)
    except Fault as fault:
        reading.failed(fault)


def anew(ledger: Ledger, source: str) -> Reading:
    """Begin to read a source in another way: its calls stay counted, its fault is forgotten."""
    reading = ledger.open(source)
    reading.state, reading.reason, reading.fault, reading.pages = "complete", None, None, 0
    return reading
