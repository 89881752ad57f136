"""Powers that would create a way in, as grants by holder: over applications and managed identities.

A row says who, how and over which ids; those are patterns, so that an administrator of thousands of
applications is one row. Ids of applications and service principals are a directory and an object
(`application_ids`); those of managed identities are their resources, so that a scope is a pattern.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from nhiscan.records import Grant, GrantVerdict, Way
from nhiscan_providers.azure.directory import Directory, is_blueprint
from nhiscan_providers.azure.reading import becoming
from nhiscan_providers.azure.reading.azure_roles import RoleDefinition
from nhiscan_providers.azure.reading.becoming import IdentityPower, Power
from nhiscan_providers.azure.resources import Azure
from nhiscan_providers.azure.rows.grants import DEFAULT_ACCESS, define
from nhiscan_providers.azure.rows.holders import (
    DIRECTORY,
    FOREIGN,
    azure_roles,
    directory_roles,
    narrowed,
)
from nhiscan_providers.azure.shapes.arm import RoleAssignmentProperties
from nhiscan_providers.azure.shapes.parsing import low
from nhiscan_providers.azure.sources import applications, permissions, principals, roles

Becoming = Mapping[str, list[Grant]]

_OBJECT = "-".join("?" * length for length in (8, 4, 4, 4, 12))


class Given(Struct, frozen=True):
    """Where a power comes from, as its grants tell it."""

    holder: str
    scope: str
    role: str
    via: str
    verdict: GrantVerdict
    source: str
    account: str | None = None

    def grants(self, ways: Iterable[Way], acts_as: str, *, known: bool = True) -> Iterator[Grant]:
        """Make a grant of each way."""
        for way in ways:
            yield Grant(
                identity=self.holder,
                scope=self.scope,
                scope_account=self.account,
                role=self.role,
                action_class="iam",
                verdict=self.verdict if known else "unknown",
                via=self.via,
                acts_as=acts_as,
                way=way,
                source=self.source,
            )


class IdentityRole(Struct, frozen=True):
    """An Azure role of one holder; `given` tells the rest."""

    definition: RoleDefinition
    scope: str
    given: Given


def application_ids(directory: str) -> str:
    """Write the ids of all applications and service principals of a directory as one pattern."""
    return f"{directory}/{_OBJECT}"


def read_becoming(directory: Directory, azure: Azure) -> Becoming:
    """Collect the powers of all principals; foreigners are named as their identities are."""
    found: defaultdict[str, list[Grant]] = defaultdict(list)
    of_azure: defaultdict[str, list[IdentityRole]] = defaultdict(list)
    for one in _azure_roles(directory, azure):
        of_azure[one.given.holder].append(one)
    for grant in (
        *_app_roles(directory),
        *_directory_roles(directory),
        *_owners(directory),
        *(grant for some in of_azure.values() for grant in over_identities(directory.id, some)),
    ):
        found[grant.identity].append(grant)
    return {holder: widest(some) for holder, some in found.items()}


def widest(some: Iterable[Grant]) -> list[Grant]:
    """Keep one grant of each power: what is held twice holds where either of them does."""
    found: dict[tuple[str, ...], Grant] = {}
    for one in some:
        key = (one.scope, one.role, one.via, one.acts_as or "", one.way)
        known = found.get(key)
        if known is None or (known.verdict != "granted" and one.verdict == "granted"):
            found[key] = one
    return list(found.values())


def over_applications(directory: str, power: Power | None, given: Given) -> Iterator[Grant]:
    """Make grants of a power over every application of a directory, which may be another's."""
    if power is not None and power.over == "every":
        yield from given.grants(power.ways, application_ids(directory), known=power.known)


def over_identities(directory: str, held: Iterable[IdentityRole]) -> Iterator[Grant]:
    """Make grants of one holder's Azure roles over user-assigned managed identities.

    To put an identity on a workload takes the right to assign it and the right to change some
    workload, from whichever roles. Azure asks the identity for no trust in a service: none is told.
    """
    judged = [(one, becoming.of_azure_role(one.definition)) for one in held]
    starts = _any([power.starts for _, power in judged])
    for one, power in judged:
        pattern = becoming.identities_in(one.scope)
        if pattern is not None:
            yield from _over_scope(directory, one, power, pattern, starts)


def _over_scope(
    directory: str, one: IdentityRole, power: IdentityPower, pattern: str, starts: bool | None
) -> Iterator[Grant]:
    given = one.given
    if power.federates is None:
        yield from given.grants(("added_federation",), pattern, known=False)
    if _partial(one.scope, directory) and given.verdict == "granted":
        given = Given(given.holder, given.scope, given.role, given.via, "scoped", given.source)
    if power.federates:
        yield from given.grants(("added_federation",), pattern)
    if power.assigns and starts is not False:
        yield from given.grants(("passed_role",), pattern, known=bool(starts))


def _partial(scope: str, directory: str) -> bool:
    """Tell whether a management group is but a part of the directory: which, was not read."""
    whole = scope == "/" or scope.rpartition("/")[2] == directory
    return not whole and not scope.startswith("/subscriptions/")


def _any(some: Iterable[bool | None]) -> bool | None:
    told = set(some)
    return True if True in told else None if None in told else False


def _app_roles(directory: Directory) -> Iterator[Grant]:
    for resource_id, some in directory.held.assigned.items():
        resource = directory.held.resources.get(resource_id)
        principal = directory.principals.get(resource_id)
        name = (principal.display_name if principal else None) or resource_id
        app_id = low(principal.app_id) if principal else ""
        for one in some:
            role = low(one.app_role_id)
            if role == DEFAULT_ACCESS:
                continue
            value = resource.roles.get(role) if resource else None
            power = becoming.of_permission(app_id, value or None)
            if power is None or low(one.principal_type) not in ("serviceprincipal", ""):
                continue
            source = permissions.APP_ROLES
            holder = low(one.principal_id)
            given = Given(holder, name, value or role, "app role", "granted", source)
            yield from _over(directory, power, given)


def _directory_roles(directory: Directory) -> Iterator[Grant]:
    for one in directory_roles(directory):
        privileged = one.role.is_privileged if one.role else None
        power = becoming.of_directory_role(one.template, one.name, privileged=privileged)
        if power is None:
            continue
        if one.scope == DIRECTORY:
            given = Given(one.holder, "the directory", one.name, one.via, one.verdict, one.source)
            yield from _over(directory, power, given)
            continue
        # Of scopes that are no application, administrative units, none holds applications.
        target = low(one.scope).strip("/")
        if target in directory.applications or target in directory.principals:
            given = Given(one.holder, one.scope, one.name, one.via, one.verdict, one.source)
            yield from given.grants(power.ways, f"{directory.id}/{target}", known=power.known)


def _over(directory: Directory, power: Power, given: Given) -> Iterator[Grant]:
    yield from over_applications(directory.id, power, given)
    targets: Iterable[str] = ()
    if power.over == "owned":
        targets = _owned(directory, given.holder)
    elif power.over == "blueprints":
        targets = [key for key, one in directory.applications.items() if is_blueprint(one)]
    for target in targets:
        yield from given.grants(power.ways, f"{directory.id}/{target}", known=power.known)


def _owned(directory: Directory, owner: str) -> list[str]:
    lists = (directory.owners.applications, directory.owners.principals)
    return sorted(
        target
        for some in lists
        for target, owners in some.items()
        if any(low(one.id) == owner for one in owners)
    )


def _owners(directory: Directory) -> Iterator[Grant]:
    """Let machines and accounts of machines become what they own: an owner may add a secret."""
    machines = directory.kept.keys() | {low(one.id) for one in directory.machine_users}
    for source, lists in (
        (applications.OWNERS, directory.owners.applications),
        (principals.OWNERS, directory.owners.principals),
    ):
        for target, some in lists.items():
            native_id = f"{directory.id}/{target}"
            for owner in some:
                if low(owner.id) in machines:
                    holder = low(owner.id)
                    given = Given(holder, native_id, "owner", "ownership", "granted", source)
                    yield from given.grants(("new_credential",), native_id)


def _azure_roles(directory: Directory, azure: Azure) -> Iterator[IdentityRole]:
    for properties, via, source in azure_roles(azure):
        definition = define(properties.role_definition_id, azure.roles.custom)
        scope = low(properties.scope) or "/"
        verdict: GrantVerdict = "scoped" if narrowed(properties, source, azure) else "granted"
        for holder, through in _holders(directory, properties):
            how = f"{through}{via}"
            shown = roles.GROUPS if through else source
            given = Given(holder, scope, definition.name, how, verdict, shown)
            yield IdentityRole(definition, scope, given)


def _holders(directory: Directory, one: RoleAssignmentProperties) -> Iterator[tuple[str, str]]:
    """Name the identities that an assignment is for, and `group, ` if through one."""
    principal, kind = low(one.principal_id), low(one.principal_type)
    if principal in directory.principals:
        yield principal, ""
    elif kind == "group":
        for member in directory.held.members.get(principal, ()):
            yield member, "group, "
    elif kind in FOREIGN or one.delegated_managed_identity_resource_id:
        yield f"foreign/{principal}", ""
