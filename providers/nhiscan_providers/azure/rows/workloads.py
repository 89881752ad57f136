"""Whether the resource that runs as a managed identity still exists, and its tags."""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from nhiscan.ledger import Reading
from nhiscan_providers.azure.resources import Azure, readable_types
from nhiscan_providers.azure.shapes.graph import Principal
from nhiscan_providers.azure.shapes.parsing import low
from nhiscan_providers.azure.sources.resources import subscription_of

State = Literal["present", "gone", "unattached", "unknown"]


class Workload(Struct, frozen=True):
    """What runs as a managed identity: `reason` says what the state rests on."""

    state: State
    reason: str
    arm_id: str | None
    tags: dict[str, str]
    tags_unread: str | None = None


class Workloads:
    """Finds workloads by the resource ids that managed identities carry."""

    def __init__(self, azure: Azure, reading: Reading) -> None:
        self._azure = azure
        self._reading = reading
        self._own = {low(one.subscription_id) for one in azure.subscriptions}
        self._by_principal = {
            low(one.principal_id): one for one in azure.workloads.values() if one.principal_id
        }
        self._users: Mapping[str, int] = _users(azure)
        self._types = readable_types() | {low(one.type) for one in azure.workloads.values()}

    def of(self, one: Principal) -> Workload:
        """Judge one managed identity (Graph: alternativeNames holds its kind and resource id)."""
        names = one.alternative_names or []
        arm_id = low(next((name for name in names if name.startswith("/")), ""))
        assigned = any(low(name) == "isexplicit=true" for name in names)
        found = self._azure.workloads.get(arm_id) or self._by_principal.get(low(one.id))
        if found is not None:
            state, reason = self._present(low(found.id), assigned=assigned)
            return Workload(state, reason, low(found.id), found.tags or {})
        why = self._unprovable(arm_id)
        if why is not None:
            return Workload("unknown", why, arm_id or None, {}, why)
        return Workload("gone", "its resource does not exist any more", arm_id, {})

    def _present(self, arm_id: str, *, assigned: bool) -> tuple[State, str]:
        if not assigned:
            return "present", "its resource exists"
        if self._users.get(arm_id):
            return "present", f"{self._users[arm_id]} resources use it"
        if self._azure.federated.get(arm_id):
            return "present", "an outside workload is federated with it"
        if not self._reading.complete:
            return "unknown", "not all resources that could use it were read"
        return "unattached", "no resource uses it"

    def _unprovable(self, arm_id: str) -> str | None:
        """Say why an absent resource is not proven to be gone; null if it is."""
        if not arm_id:
            return "it does not say which resource it belongs to"
        if not self._reading.complete:
            return f"resources were not read whole: {self._reading.state}"
        if subscription_of(arm_id) not in self._own:
            return "its subscription was not read"
        kind = _type(arm_id)
        return None if kind in self._types else f"resources of type {kind[:80]} are not read"


def _users(azure: Azure) -> dict[str, int]:
    """Count the resources that use each user-assigned identity."""
    found: dict[str, int] = {}
    for one in azure.workloads.values():
        for identity in one.uami or ():
            found[low(identity)] = found.get(low(identity), 0) + 1
    return found


def _type(arm_id: str) -> str:
    """Read a resource's type off its id: provider and every second segment after it."""
    parts = arm_id.partition("/providers/")[2].split("/")
    return "/".join([parts[0], *parts[1::2]])
