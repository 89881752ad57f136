"""What principals hold: permissions, directory roles and Azure roles, as grants by principal."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from nhiscan.records import Grant, GrantVerdict, Privilege, utc
from nhiscan_providers.azure.directory import Directory
from nhiscan_providers.azure.reading import azure_roles as role_table
from nhiscan_providers.azure.reading.azure_roles import RoleDefinition
from nhiscan_providers.azure.reading.directory_roles import judge_directory_role
from nhiscan_providers.azure.reading.permissions import Judgement, judge_app_role, judge_scope
from nhiscan_providers.azure.resources import Azure
from nhiscan_providers.azure.rows.holders import (
    DIRECTORY,
    FOREIGN,
    azure_roles,
    directory_roles,
    narrowed,
)
from nhiscan_providers.azure.shapes.arm import AzureRole, RoleAssignmentProperties
from nhiscan_providers.azure.shapes.graph import Assignment
from nhiscan_providers.azure.shapes.parsing import low
from nhiscan_providers.azure.sources import permissions, roles
from nhiscan_providers.azure.sources.resources import subscription_of

# An assignment to an application that offers no roles has this id: access, and no permission.
DEFAULT_ACCESS = "00000000-0000-0000-0000-000000000000"
_ORDER: tuple[Privilege, ...] = ("none", "read", "write", "admin")
_PEOPLE = frozenset({"user", "group"})


class Holding(Struct, frozen=True):
    """One grant and how much power it is."""

    grant: Grant
    privilege: Privilege
    why: str


Holdings = Mapping[str, list[Holding]]


class Foreigner(Struct, frozen=True):
    """A principal of another directory that holds Azure roles here, with what it holds."""

    id: str
    kind: str
    home_resource: str | None
    holdings: list[Holding]


class Granted(Struct, frozen=True):
    """Grants of principals of the directory, of foreigners, and of principals that are gone."""

    holdings: Holdings
    foreigners: Mapping[str, Foreigner]
    dangling: list[Grant]


def read_grants(directory: Directory, azure: Azure) -> Granted:
    """Collect the grants of all principals, each with the source that shows it."""
    found: defaultdict[str, list[Holding]] = defaultdict(list)
    for some in (
        _app_roles(directory),
        _delegated(directory),
        _directory_roles(directory),
    ):
        for principal, holding in some:
            if principal in directory.principals:
                found[principal].append(holding)
    foreigners: dict[str, Foreigner] = {}
    dangling: list[Grant] = []
    for properties, via, source in azure_roles(azure):
        holdings = list(_azure_role(properties, via, source, azure))
        principal = low(properties.principal_id)
        kind = low(properties.principal_type)
        home = properties.delegated_managed_identity_resource_id
        if principal in directory.principals:
            found[principal] += holdings
        elif kind == "group":
            for member in directory.held.members.get(principal, ()):
                found[member] += [_through_group(one, member) for one in holdings]
        elif kind in FOREIGN or home:
            known = foreigners.setdefault(principal, Foreigner(principal, kind, home, []))
            known.holdings.extend(holdings)
        elif kind not in _PEOPLE:
            dangling += [_of_nobody(one, principal, properties.created_on) for one in holdings]
    return Granted(found, foreigners, dangling)


def strongest(holdings: list[Holding]) -> tuple[Privilege, str | None]:
    """Return the greatest power among grants, and why; unknown if one unknown may be greater."""
    known = [
        one for one in holdings if one.privilege != "unknown" and one.grant.verdict != "denied"
    ]
    best = max(known, key=_strength, default=None)
    unclear = [one for one in holdings if one.privilege == "unknown"]
    unknown = min(unclear, key=lambda one: one.grant.role, default=None)
    if unknown is not None and (best is None or best.privilege != "admin"):
        return "unknown", f"{unknown.grant.role}: {unknown.why}"
    if best is None:
        return "none", None
    return best.privilege, f"{best.grant.role}: {best.why}"


def _strength(one: Holding) -> tuple[int, bool, str, str]:
    """Order grants by power, and equal ones by name: lists come in another order every time."""
    granted = one.grant.verdict == "granted"
    return _ORDER.index(one.privilege), granted, one.grant.role, one.why


def widest(holdings: Iterable[Holding]) -> list[Grant]:
    """Keep one grant of each right: what is held twice holds where either of them does."""
    found: dict[tuple[str | None, ...], Grant] = {}
    for one in holdings:
        grant = one.grant
        where = (grant.scope_account, grant.scope, grant.role, grant.action_class, grant.via)
        known = found.get(where)
        if known is None or (known.verdict != "granted" and grant.verdict == "granted"):
            found[where] = grant
    return list(found.values())


def _app_roles(directory: Directory) -> Iterator[tuple[str, Holding]]:
    for resource_id, some in directory.held.assigned.items():
        resource = directory.held.resources.get(resource_id)
        principal = directory.principals.get(resource_id)
        name = (principal.display_name if principal else None) or resource_id
        app_id = low(principal.app_id) if principal else ""
        for one in some:
            if low(one.principal_type) not in ("serviceprincipal", ""):
                continue
            yield low(one.principal_id), _app_role(one, name, app_id, resource)


def _app_role(
    one: Assignment, name: str, app_id: str, resource: permissions.Resource | None
) -> Holding:
    role = low(one.app_role_id)
    if role == DEFAULT_ACCESS:
        judged = Judgement("read", "none", True, "access without a permission")
        return _holding(low(one.principal_id), name, "default access", judged, "app role")
    value = resource.roles.get(role) if resource else None
    judged = judge_app_role(app_id, value or None)
    return _holding(low(one.principal_id), name, value or role, judged, "app role")


def _holding(
    principal: str,
    scope: str,
    role: str,
    judged: Judgement,
    via: str,
    verdict: GrantVerdict = "granted",
    source: str = permissions.APP_ROLES,
    account: str | None = None,
) -> Holding:
    grant = Grant(
        identity=principal,
        scope=scope,
        scope_account=account,
        role=role,
        action_class=judged.action_class,
        verdict="unknown" if judged.privilege == "unknown" and not judged.known else verdict,
        via=via,
        source=source,
    )
    return Holding(grant, judged.privilege, judged.why)


def _delegated(directory: Directory) -> Iterator[tuple[str, Holding]]:
    """Merge consents of single users: who they are is no matter of the identity."""
    scopes: defaultdict[tuple[str, str, str], set[str]] = defaultdict(set)
    for one in directory.held.consents:
        all_users = low(one.consent_type) == "allprincipals"
        via = "delegated, all users" if all_users else "delegated, single users"
        scopes[low(one.client_id), low(one.resource_id), via] |= set((one.scope or "").split())
    for (client, resource_id, via), values in scopes.items():
        resource = directory.principals.get(resource_id)
        name = (resource.display_name if resource else None) or resource_id
        app_id = low(resource.app_id) if resource else ""
        for value in sorted(values):
            judged = _on_behalf(judge_scope(app_id, value))
            yield (
                client,
                _holding(client, name, value, judged, via, "scoped", permissions.DELEGATED),
            )


def _on_behalf(judged: Judgement) -> Judgement:
    """Lower what is used on behalf of a user: it never exceeds what that user may do."""
    if judged.privilege != "admin":
        return judged
    why = f"{judged.why}; within what the signed-in user may do"
    return Judgement(judged.action_class, "write", judged.known, why)


def _directory_roles(directory: Directory) -> Iterator[tuple[str, Holding]]:
    for one in directory_roles(directory):
        privileged = one.role.is_privileged if one.role else None
        name = (one.role.display_name if one.role else None) or ""
        judged = judge_directory_role(one.template, name, privileged=privileged)
        where = "the directory" if one.scope == DIRECTORY else one.scope
        held = _holding(one.holder, where, one.name, judged, one.via, one.verdict, one.source)
        yield one.holder, held


def _azure_role(
    one: RoleAssignmentProperties, via: str, source: str, azure: Azure
) -> Iterator[Holding]:
    definition = define(one.role_definition_id, azure.roles.custom)
    scope = low(one.scope) or "/"
    principal = low(one.principal_id)
    verdict: GrantVerdict = "scoped" if narrowed(one, source, azure) else "granted"
    for judged in role_table.judge_role(definition):
        yield _holding(
            principal,
            scope,
            definition.name,
            judged,
            via,
            verdict,
            source,
            subscription_of(scope) or None,
        )


def define(role_definition_id: str | None, custom: Mapping[str, AzureRole]) -> RoleDefinition:
    """Find what a role may do: the directory's own roles, else the built-in ones."""
    guid = low(role_definition_id).rpartition("/")[2]
    own = custom.get(guid)
    if own is None or own.properties is None:
        return role_table.builtin(guid) or RoleDefinition(id=guid, name=guid, custom=False)
    blocks = own.properties.permissions or []
    return RoleDefinition(
        id=guid,
        name=own.properties.role_name or guid,
        custom=True,
        actions=tuple(a for one in blocks for a in one.actions or ()),
        not_actions=tuple(a for one in blocks for a in one.not_actions or ()),
        data_actions=tuple(a for one in blocks for a in one.data_actions or ()),
        not_data_actions=tuple(a for one in blocks for a in one.not_data_actions or ()),
    )


def _through_group(one: Holding, member: str) -> Holding:
    via = f"group, {one.grant.via}"
    return replace(one, grant=replace(one.grant, identity=member, via=via, source=roles.GROUPS))


def _of_nobody(one: Holding, principal: str, made: str | None) -> Grant:
    return replace(one.grant, principal=principal, created_at=utc(made))
