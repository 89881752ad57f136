"""Which rights let their holder create a way in: as an application, or as a managed identity.

Left out on purpose is what lets one give oneself such a right first (roleAssignments/write,
AppRoleAssignment.ReadWrite.All, RoleManagement.ReadWrite.Directory, Privileged Role Administrator):
that is everything, and is told as the power of an administrator. Consents on behalf of users are
left out too: they add nothing to what the signed-in user may do.
"""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from nhiscan.records import Way
from nhiscan_providers.azure.reading.azure_roles import RoleDefinition, allows
from nhiscan_providers.azure.reading.directory_roles import judge_directory_role
from nhiscan_providers.azure.reading.permissions import GRAPH
from nhiscan_providers.azure.workload_types import WORKLOADS

_AZURE_AD_GRAPH = "00000002-0000-0000-c000-000000000000"
_BOTH: tuple[Way, ...] = ("new_credential", "added_federation")


class Power(Struct, frozen=True):
    """Ways into applications, and into which; `known` is false where that could not be decided."""

    ways: tuple[Way, ...]
    over: Literal["every", "owned", "blueprints"] = "every"
    known: bool = True


_UNCLEAR = Power(("new_credential",), known=False)
# Microsoft Graph, "servicePrincipal: addPassword", names three: Application.ReadWrite.OwnedBy and
# .All, and Directory.ReadWrite.All, which is in dispute. That they also add federations, and what
# those of blueprints do, follows from their names. ReadUpdate is too new to be sure of.
_PERMISSIONS: Mapping[str, Power] = {
    "application.readwrite.all": Power(_BOTH),
    "application.readupdate.all": _UNCLEAR,
    "application.readwrite.ownedby": Power(_BOTH, "owned"),
    "directory.readwrite.all": _UNCLEAR,
    "agentidentityblueprint.addremovecreds.all": Power(_BOTH, "blueprints"),
    "agentidentityblueprint.readwrite.all": Power(_BOTH, "blueprints"),
}
# Application administrators may change the credentials of applications; no exception for powerful
# ones is known here. Of the last two it is not settled: the reference of Graph's service principals
# gives Hybrid Identity Administrators basic properties only, others tell that they may add owners.
_ROLES: Mapping[str, Power] = {
    "62e90394-69f5-4237-9190-012177145e10": Power(_BOTH),  # Global Administrator
    "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3": Power(_BOTH),  # Application Administrator
    "158c047a-c907-4556-b7ef-446551a6b5f7": Power(_BOTH),  # Cloud Application Administrator
    "db506228-d27e-4b7d-95e5-295956d6615f": Power(_BOTH, "blueprints"),  # Agent ID Administrator
    "4ba39ca4-527c-499a-b93d-d9b492c50246": Power(("new_credential",)),  # Partner Tier1 Support
    "8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2": _UNCLEAR,  # Hybrid Identity Administrator
    "e00e864a-17c5-4a4b-9c06-f5b95a8d5bd8": _UNCLEAR,  # Partner Tier2 Support
}
_OWN = "microsoft.managedidentity/userassignedidentities"
_ASSIGN = f"{_OWN}/assign/action"
_FEDERATE = f"{_OWN}/federatedidentitycredentials/write"
# What runs as a managed identity once one is put on it.
_STARTS = (
    *(f"{one.lower()}/write" for one in WORKLOADS),
    "microsoft.resources/deploymentscripts/write",
)


class IdentityPower(Struct, frozen=True):
    """What a role allows on managed identities; null: the role's actions are not known."""

    federates: bool | None
    assigns: bool | None
    starts: bool | None


def of_permission(resource_app_id: str, value: str | None) -> Power | None:
    """Judge an application permission; a null value is one that could not be resolved."""
    if resource_app_id.lower() not in (GRAPH, _AZURE_AD_GRAPH):
        return None
    return _PERMISSIONS.get(value.lower()) if value else _UNCLEAR


def of_directory_role(template_id: str, name: str, *, privileged: bool | None) -> Power | None:
    """Judge a directory role; one of the client's own may hold anything, unless it is harmless.

    Its actions are not read; the mark is Microsoft's own for roles that hold privileged ones.
    """
    known = _ROLES.get(template_id.lower())
    if known is not None:
        return known
    listed = judge_directory_role(template_id, name, privileged=privileged).known
    return None if listed or privileged is False else _UNCLEAR


def of_azure_role(role: RoleDefinition) -> IdentityPower:
    """Judge an Azure role; it takes one that assigns and one that starts to pass an identity."""
    if not role.actions and not role.data_actions:
        return IdentityPower(None, None, None)
    starts = any(allows(role, one) for one in _STARTS)
    return IdentityPower(allows(role, _FEDERATE), allows(role, _ASSIGN), starts)


def identities_in(scope: str) -> str | None:
    """Write the ids of user-assigned identities in a scope as one pattern; null: there can be none.

    A management group is not told from the whole: which subscriptions lie in it was not read.
    """
    steps = scope.strip("/").split("/")
    if steps[0] != "subscriptions":
        return f"/subscriptions/*/providers/{_OWN}/*"
    if len(steps) == 2:
        return f"{scope}/resourcegroups/*/providers/{_OWN}/*"
    if len(steps) == 4 and steps[2] == "resourcegroups":
        return f"{scope}/providers/{_OWN}/*"
    is_identity = len(steps) == 8 and "/".join(steps[5:7]) == _OWN
    return scope if is_identity else None
