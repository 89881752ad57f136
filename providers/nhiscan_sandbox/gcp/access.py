"""Who may do what where: allow policies along the hierarchy, custom roles and predefined ones."""

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from nhiscan_sandbox.estate.gcp_model import Binding, Role
from nhiscan_sandbox.gcp.wire import Refusal, refuse
from nhiscan_sandbox.gcp.world import Account, Place, World

# What every role of the kind may be asked for, by the estate's custom roles and these alone.
_PREDEFINED = Path(__file__).with_name("roles.json")
_EVERYBODY = ("allUsers", "allAuthenticatedUsers")


@cache
def predefined() -> dict[str, dict[str, Any]]:
    """Load the predefined roles: title and permissions by name.

    An excerpt: few roles, and of each only permissions that say what kind of power it is.
    """
    loaded: dict[str, dict[str, Any]] = json.loads(_PREDEFINED.read_text(encoding="utf-8"))
    return loaded


class Access:
    """Decides calls from the estate's bindings.

    A conditional binding gives nothing here: no caller of the sandbox is meant to depend on one.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._redefined: dict[str, frozenset[str]] = {}

    def redefine(self, role: str, permissions: Iterable[str]) -> None:
        """Give a custom role, by its full name, exactly these permissions."""
        if role_row(self._world, role) is None:
            raise KeyError(f"no custom role {role}")
        self._redefined[role] = frozenset(permissions)

    def restore(self) -> None:
        """Let every custom role be as the estate has it."""
        self._redefined.clear()

    def permissions(self, role: str) -> frozenset[str]:
        """Return what a role includes; nothing if it is unknown, disabled or deleted."""
        if role in self._redefined:
            return self._redefined[role]
        if role in predefined():
            return frozenset(predefined()[role]["permissions"])
        row = role_row(self._world, role)
        usable = row is not None and not row.deleted and row.stage != "DISABLED"
        return frozenset(row.permissions) if row is not None and usable else frozenset()

    def held(self, member: str, place: Place, account: Account | None = None) -> set[str]:
        """Return all permissions of a member at a place, or on a service account there."""
        rows: list[Binding] = list(account.row.bindings) if account else []
        for here in place.line():
            rows.extend(here.row.bindings)
        roles = {
            binding.role
            for binding in rows
            if binding.condition is None and {member, *_EVERYBODY} & set(binding.members)
        }
        return {permission for role in roles for permission in self.permissions(role)}

    def allowed(
        self, member: str, permission: str, place: Place, account: Account | None = None
    ) -> bool:
        """Say whether a member has a permission at a place, or on a service account there."""
        return permission in self.held(member, place, account)


def role_row(world: World, role: str) -> Role | None:
    """Find a custom role by its full name, as `organizations/1/roles/scanner`."""
    parent, _, name = role.rpartition("/roles/")
    place = world.place(parent)
    rows = place.roles if place else ()
    return next((row for row in rows if row.name == name), None)


def denial(service: str, permission: str, resource: str, member: str) -> Refusal:
    """Make the refusal in the words of the service."""
    full = f"//{service}.googleapis.com/{resource}"
    if service == "storage":
        who = member.partition(":")[2]
        message = (
            f"{who} does not have {permission} access to the Google Cloud project. Permission "
            f"'{permission}' denied on resource (or it may not exist)."
        )
    elif service == "cloudresourcemanager":
        message = f"The caller does not have permission: {permission} on {resource}."
    else:
        message = f"Permission '{permission}' denied on resource '{full}' (or it may not exist)."
    return refuse(
        "PERMISSION_DENIED",
        message,
        reason="IAM_PERMISSION_DENIED",
        domain=f"{service}.googleapis.com",
        metadata={"permission": permission, "resource": resource},
    )
