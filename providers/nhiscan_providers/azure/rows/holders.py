"""Who holds which role: directory roles and Azure roles, held or eligible, also through groups."""

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from nhiscan.records import GrantVerdict
from nhiscan_providers.azure.directory import Directory
from nhiscan_providers.azure.resources import Azure
from nhiscan_providers.azure.shapes.arm import RoleAssignment, RoleAssignmentProperties
from nhiscan_providers.azure.shapes.graph import DirectoryAssignment, DirectoryRole
from nhiscan_providers.azure.shapes.parsing import low
from nhiscan_providers.azure.sources import authorization, resources, roles
from nhiscan_providers.azure.sources.authorization import Denial

DIRECTORY = "/"
_EVERYBODY = "00000000-0000-0000-0000-000000000000"
_BELOW_SCOPE = "/providers/microsoft.authorization/"
FOREIGN = frozenset({"foreigngroup", "foreignuser", "foreignserviceprincipal"})


class RoleHeld(Struct, frozen=True):
    """A directory role of one holder; `role` is null where its definition was not read."""

    holder: str
    role: DirectoryRole | None
    role_id: str
    scope: str
    via: str
    verdict: GrantVerdict
    source: str

    @property
    def name(self) -> str:
        """The role's name, or its id."""
        return (self.role.display_name if self.role else None) or self.role_id

    @property
    def template(self) -> str:
        """The id that the role has in every directory."""
        return low(self.role.template_id if self.role and self.role.template_id else self.role_id)


def directory_roles(directory: Directory) -> Iterator[RoleHeld]:
    """List the directory roles of service principals and, through groups, of their members."""
    held = directory.held
    for one in held.role_assignments:
        yield from _role_holders(directory, one, "directory role", roles.ROLES)
    for one in held.eligible:
        yield from _role_holders(directory, one, "eligible directory role", roles.ELIGIBLE)


def _role_holders(
    directory: Directory, one: DirectoryAssignment, via: str, source: str
) -> Iterator[RoleHeld]:
    principal = low(one.principal_id)
    scope = one.directory_scope_id or one.app_scope_id or DIRECTORY
    # A right that is eligible must be activated before it can be used.
    whole = scope == DIRECTORY and source == roles.ROLES
    members = directory.held.members.get(principal)
    for holder in (principal,) if members is None else members:
        yield RoleHeld(
            holder=holder,
            role=directory.held.roles.get(low(one.role_definition_id)),
            role_id=low(one.role_definition_id),
            scope=scope,
            via=via if members is None else f"group, {via}",
            verdict="granted" if whole else "scoped",
            source=source if members is None else roles.GROUPS,
        )


def azure_roles(azure: Azure) -> Iterator[tuple[RoleAssignmentProperties, str, str]]:
    """List assignments of Azure roles, each with how it is held and the source that shows it."""
    for one in azure.roles.assignments.values():
        yield _placed(one), "role assignment", resources.ASSIGNMENTS
    for one in azure.eligible.values():
        yield _placed(one), "eligible role assignment", authorization.ELIGIBLE


def narrowed(one: RoleAssignmentProperties, source: str, azure: Azure) -> bool:
    """Tell whether a condition, an activation or a deny assignment stands before an Azure role."""
    principal, scope = low(one.principal_id), low(one.scope) or "/"
    waits = bool(one.condition) or source == authorization.ELIGIBLE
    return waits or any(_binds(denial, principal, scope) for denial in azure.denied)


def _placed(one: RoleAssignment) -> RoleAssignmentProperties:
    """Give an assignment that does not repeat its scope the one that its id begins with."""
    if one.properties.scope:
        return one.properties
    return replace(one.properties, scope=low(one.id).partition(_BELOW_SCOPE)[0] or "/")


def _binds(denial: Denial, principal: str, scope: str) -> bool:
    meant = principal in denial.principals or _EVERYBODY in denial.principals
    below = scope == denial.scope or denial.scope.startswith(scope.rstrip("/") + "/")
    return meant and principal not in denial.excepted and (below or scope.startswith(denial.scope))
