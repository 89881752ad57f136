"""The people behind owners, and the user accounts that machines use."""

from collections.abc import Sequence

from msgspec import Struct

from nhiscan.ledger import Reading
from nhiscan_providers.azure.access import Access, path
from nhiscan_providers.azure.calls import operation
from nhiscan_providers.azure.shapes.graph import Organization, Person
from nhiscan_providers.azure.shapes.parsing import low
from nhiscan_providers.azure.sources.lists import gather, related, together

ORGANIZATION = "graph.organization"
PEOPLE = "graph.people"
USERS = "graph.users"
# Owners whose accounts are looked up, at three hundred a call; at twenty, if that is refused.
MOST = 2000
_FIELDS = "id,displayName,userPrincipalName,mail,accountEnabled,userType"
# Names that Entra Connect and cloud sync give their accounts (azure.md A2).
_SYNC = ("Sync_", "ADToAADSyncServiceAccount")


class People(Struct, frozen=True):
    """Accounts by object id, and the ids of those that do not exist any more."""

    accounts: dict[str, Person]
    deleted: frozenset[str]


def read_organization(access: Access, reading: Reading) -> Organization | None:
    """Read the directory's own record."""
    listed = operation("organization")
    fields = (
        "id,displayName,verifiedDomains,assignedPlans,technicalNotificationMails,"
        "securityComplianceNotificationMails"
    )
    found = gather(access, reading, listed, path(listed, select=fields), Organization)
    if not found:
        reading.mark("partial", "the directory does not show itself")
    return found[0] if found else None


def read_people(access: Access, reading: Reading, ids: Sequence[str]) -> People:
    """Look up owners by id: whether their accounts work, and who their managers are."""
    deleted: set[str] = set()
    if len(ids) > MOST:
        reading.mark("partial", f"{len(ids)} people own something; {MOST} were looked up")
    listed, wanted = operation("people"), ids[:MOST]
    query = f"$select={_FIELDS}&$expand=manager($select=id,displayName,userPrincipalName,mail)"
    accounts = together(access, reading, listed, f"/users?{query}", wanted, Person)
    if reading.complete:
        # A list that does not show somebody is no proof that they are gone; their own path is.
        asks = {one: f"/users/{one}?{query}" for one in wanted if one not in accounts}
        found = related(access, reading, listed, asks, Person, deleted.add, single=True)
        accounts |= {about: some[0] for about, some in found.items() if some}
    return People(accounts, frozenset(deleted))


def read_machine_users(access: Access, reading: Reading) -> list[Person]:
    """List the user accounts whose names say that a synchronization uses them."""
    listed = operation("users")
    which = " or ".join(f"startswith(userPrincipalName,'{name}')" for name in _SYNC)
    query = path(listed, top=100, select=f"{_FIELDS},createdDateTime", filter=which)
    found = gather(access, reading, listed, query, Person)
    return [one for one in found if low(one.user_principal_name).startswith(tuple(map(low, _SYNC)))]
