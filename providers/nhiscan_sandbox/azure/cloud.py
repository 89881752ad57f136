"""All directories of one estate, and what their administrators consented to."""

from datetime import datetime

from nhiscan_sandbox.azure import relations
from nhiscan_sandbox.azure.inventory import Inventory
from nhiscan_sandbox.azure.moments import Calendar
from nhiscan_sandbox.azure.rights import Rights
from nhiscan_sandbox.azure.tenant import Tenant
from nhiscan_sandbox.canaries import MARK, Canaries
from nhiscan_sandbox.estate.azure_model import Directory


class Cloud:
    """Directories by id. What was consented to can be changed while it is served."""

    def __init__(
        self, directories: tuple[Directory, ...], now: datetime, canaries: Canaries
    ) -> None:
        self.calendar = Calendar(now)
        self.canaries = canaries
        self.tenants = {one.id: Tenant(one, self.calendar, canaries) for one in directories}
        self.inventories = {one.id: Inventory(one) for one in self.tenants.values()}
        self._require_names()
        self._instead: dict[tuple[str, str], frozenset[str]] = {}
        self._actions: dict[tuple[str, str], tuple[str, ...]] = {}
        self._rights: dict[tuple[str, str], Rights] = {}

    def _require_names(self) -> None:
        """Let a name that nobody has be an error now, rather than in the middle of a scan."""
        for inventory in self.inventories.values():
            for make in relations.ALL:
                inventory.tenant.once(make)
            inventory.role_assignments()
            for one in inventory.subscriptions.values():
                inventory.eligible(one)
                inventory.denials(one)

    def consented(self, directory: str, app_id: str) -> frozenset[str]:
        """Return the permissions of Graph that an application holds in a directory."""
        instead = self._instead.get((directory, app_id.lower()))
        if instead is not None:
            return instead
        tenant = self.tenants[directory]
        held = tenant.principal_of(app_id)
        return frozenset(
            value
            for identity, one in tenant.sources
            if held is not None and identity == held["id"]
            for value in one.roles.get("graph", ())
        )

    def consent(self, directory: str, app_id: str, roles: frozenset[str] | None) -> None:
        """Make `roles` all that an application holds; null puts the estate's own back."""
        if roles is None:
            self._instead.pop((directory, app_id.lower()), None)
        else:
            self._instead[directory, app_id.lower()] = roles

    def allow(self, directory: str, app_id: str, actions: tuple[str, ...] | None) -> None:
        """Make `actions` all that an application may do in Azure; null puts the estate's back."""
        key = (directory, app_id.lower())
        self._rights.pop(key, None)
        if actions is None:
            self._actions.pop(key, None)
        else:
            self._actions[key] = actions

    def rights(self, directory: str, app_id: str, principal: str) -> Rights:
        """Return what an application may do in Azure."""
        key = (directory, app_id.lower())
        found = self._rights.get(key)
        if found is None:
            tenant, instead = self.tenants[directory], self._actions.get(key)
            found = Rights(tenant, principal, self.inventories, instead)
            self._rights[key] = found
        return found

    def reset(self) -> None:
        """Put everything back as the estate has it."""
        self._instead.clear()
        self._actions.clear()
        self._rights.clear()

    def secret(self, app_id: str) -> str:
        """Return the client secret that the sandbox accepts for an application."""
        return f"{MARK}-secret-client-{app_id.lower()}"

    def expired_secret(self, app_id: str) -> str:
        """Return a client secret of an application that was good once."""
        return f"{MARK}-secret-expired-{app_id.lower()}"
