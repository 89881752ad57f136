"""Subscriptions of the directory, and whether the scanner may read all that it must."""

import re
from collections.abc import Iterable

from msgspec import Struct

from nhiscan.ledger import Fault, Reading
from nhiscan_providers.azure.access import Access, Page
from nhiscan_providers.azure.calls import OPERATIONS, operation
from nhiscan_providers.azure.shapes.arm import Permission, Subscription
from nhiscan_providers.azure.shapes.parsing import UnreadableError, low, read
from nhiscan_providers.azure.sources.lists import gather

SUBSCRIPTIONS = "arm.subscriptions"
_NOTHING = (
    "no subscription and no management group is visible: the scanner's application has no role in"
    " Azure; a client without Azure gets `resource_manager: false`"
)


class Subscriptions(Struct, frozen=True):
    """`own` are to be read; `delegated` counts those of other directories, through Lighthouse.

    `unreadable` lists the actions that the scanner lacks somewhere, by source. Resource Graph
    leaves out what the caller may not read without a word, so nothing absent there is proven.
    `unproven` says why the scanner's own rights could not be asked; null if they could.
    """

    own: tuple[Subscription, ...]
    delegated: int
    unreadable: dict[str, tuple[str, ...]]
    unproven: str | None = None

    @property
    def ids(self) -> list[str]:
        """The ids of the directory's own subscriptions."""
        return [low(one.subscription_id) for one in self.own]


def read_subscriptions(access: Access, reading: Reading) -> Subscriptions:
    """List the directory's subscriptions; none at all must not be taken for no rights."""
    listed = operation("arm.subscriptions")
    path = f"{listed.path}?api-version=2022-12-01"
    found = gather(access, reading, listed, path, Subscription)
    found = list({low(one.subscription_id): one for one in found}.values())
    own = [one for one in found if low(one.tenant_id) in ("", access.directory)]
    wanted = {low(one) for one in access.options.subscriptions}
    if wanted:
        missing = wanted - {low(one.subscription_id) for one in own}
        own = [one for one in own if low(one.subscription_id) in wanted]
        if missing and reading.complete:
            reading.mark("partial", f"not visible to the scanner: {', '.join(sorted(missing))}")
    if not own and reading.complete:
        _prove_emptiness(access, reading)
    delegated = sum(1 for one in found if low(one.tenant_id) not in ("", access.directory))
    if delegated:
        reading.note(f"{delegated} more are delegated by other directories, which have own entries")
    return Subscriptions(tuple(own), delegated, *_unreadable(access, reading, own))


def _prove_emptiness(access: Access, reading: Reading) -> None:
    """Tell no subscriptions from no rights: who may read a management group sees at least one."""
    listed = operation("management_groups")
    try:
        body = access.get(reading, listed, f"{listed.path}?api-version=2020-05-01")
        groups = read(body, Page).value
    except Fault as fault:
        if fault.state != "not_available":
            state = fault.state
            reading.mark(state, _NOTHING if state == "denied" else fault.reason)
        return
    except UnreadableError:
        reading.mark("unreachable", f"{listed.title}: a reply is no list")
        return
    if not groups:
        reading.mark("denied", _NOTHING)


def _unreadable(
    access: Access, reading: Reading, own: Iterable[Subscription]
) -> tuple[dict[str, tuple[str, ...]], str | None]:
    """Compare what the scanner may do in each subscription with what it needs."""
    listed = operation("own_permissions")
    unproven: str | None = None
    missing: dict[str, set[str]] = {}
    for one in own:
        place = f"/subscriptions/{low(one.subscription_id)}"
        path = f"{place}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01"
        attempt = Reading(reading.source)
        granted = gather(access, attempt, listed, path, Permission)
        reading.calls += attempt.calls
        if not attempt.complete:
            unproven = unproven or f"what the scanner may read is not known: {attempt.reason}"
            continue
        for source, action in _NEEDED:
            if not any(allows(block, action) for block in granted):
                missing.setdefault(source, set()).add(f"{action} in {place}")
    return {source: tuple(sorted(some)) for source, some in missing.items()}, unproven


_NEEDED = tuple(
    (one.source, one.permission)
    for one in OPERATIONS
    if one.api == "arm" and one.name != "management_groups"
)


def allows(block: Permission, action: str) -> bool:
    """Tell whether a block of a role grants an action, which may itself hold a wildcard."""
    return any(_covers(given, action) for given in block.actions or ()) and not any(
        _covers(given, action) or _covers(action, given) for given in block.not_actions or ()
    )


def _covers(pattern: str, action: str) -> bool:
    """Tell whether every action that `action` stands for matches the pattern."""
    return bool(re.fullmatch(re.escape(pattern.lower()).replace(r"\*", ".*"), action.lower()))
