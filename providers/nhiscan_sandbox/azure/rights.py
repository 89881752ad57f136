"""What the holder of a token may do in Azure, from the role assignments of the estate."""

import re
from fnmatch import fnmatchcase

from msgspec import Struct

from nhiscan_sandbox.azure.delegations import NameOf
from nhiscan_sandbox.azure.inventory import Inventory
from nhiscan_sandbox.azure.tenant import Tenant
from nhiscan_sandbox.azure.wire import Refusal
from nhiscan_sandbox.estate.azure_model import Subscription


class Held(Struct, frozen=True):
    """A role as it is held: where, and which actions it has and has not."""

    scope: str
    actions: tuple[str, ...]
    not_actions: tuple[str, ...]

    def allows(self, action: str) -> bool:
        """Say whether the role covers an action."""
        return _any(self.actions, action) and not _any(self.not_actions, action)


class Rights:
    """What one service principal may do, in its own directory and where others delegated to it."""

    def __init__(
        self,
        tenant: Tenant,
        principal: str,
        inventories: dict[str, Inventory],
        instead: tuple[str, ...] | None,
    ) -> None:
        self._inventories = inventories
        self._own = inventories[tenant.id]
        self._names = {principal} | _groups_of(tenant, principal)
        given = [Held(self._own.root, instead, ())] if instead else []
        self.held = self._find() if instead is None else given
        self.held += self._delegated(tenant)
        self.subscriptions = [
            (inventory, one)
            for inventory in inventories.values()
            for one in inventory.subscriptions.values()
            if self.at(f"/subscriptions/{one.id}")
        ]

    def at(self, scope: str) -> list[Held]:
        """Return the roles that count at a scope: there, or on anything above it."""
        wanted = scope.lower()
        above = {one.lower() for one in self._above(wanted)}
        return [
            one
            for one in self.held
            if one.scope.lower() in above
            or wanted == one.scope.lower()
            or wanted.startswith(f"{one.scope.lower()}/")
        ]

    def may(self, action: str, scope: str) -> bool:
        """Say whether an action is allowed at a scope."""
        return any(one.allows(action) for one in self.at(scope))

    def require(self, action: str, scope: str) -> None:
        """Refuse an action that is not allowed at a scope."""
        if not self.may(action, scope):
            raise denial(action, scope)

    def _find(self) -> list[Held]:
        return [
            Held(scope, *self._own.actions(grant.role))
            for scope, grant in self._own.grants()
            if self._own.tenant.named(grant.to) in self._names
        ]

    def _delegated(self, tenant: Tenant) -> list[Held]:
        name_of = NameOf({one.tenant.id: one.tenant for one in self._inventories.values()})
        found = []
        for inventory in self._inventories.values():
            for subscription in inventory.subscriptions.values():
                for line in subscription.lighthouse:
                    if line.to != tenant.id:
                        continue
                    scope = f"/subscriptions/{subscription.id}"
                    scope += f"/resourceGroups/{line.group}" if line.group else ""
                    found += [
                        Held(scope, *inventory.actions(each.role))
                        for each in line.lines
                        if not each.eligible and name_of(line.to, each.to) in self._names
                    ]
        return found

    def _above(self, scope: str) -> list[str]:
        found = re.match(r"/subscriptions/([^/]+)", scope)
        if found and found.group(1) in self._own.subscriptions:
            return self._own.chain(found.group(1))
        return [self._own.root] if scope.startswith("/providers/microsoft.management") else []


def denial(action: str, scope: str) -> Refusal:
    """Make Resource Manager's refusal, which names the action."""
    message = f"The client does not have authorization to perform action '{action}' over scope "
    return Refusal(403, "AuthorizationFailed", f"{message}'{scope}'.")


def _groups_of(tenant: Tenant, principal: str) -> set[str]:
    found: set[str] = set()
    grown = True
    while grown:
        more = {
            group
            for group, members in tenant.members.items()
            if group not in found and ({principal} | found) & set(members)
        }
        found |= more
        grown = bool(more)
    return found


def _any(patterns: tuple[str, ...], action: str) -> bool:
    return any(fnmatchcase(action.lower(), one.lower()) for one in patterns)


def find_subscription(
    inventories: dict[str, Inventory], identity: str
) -> tuple[Inventory, Subscription]:
    """Find a subscription, whosever it is."""
    for inventory in inventories.values():
        found = inventory.subscriptions.get(identity.lower())
        if found is not None:
            return inventory, found
    message = f"The subscription '{identity}' could not be found."
    raise Refusal(404, "SubscriptionNotFound", message)
