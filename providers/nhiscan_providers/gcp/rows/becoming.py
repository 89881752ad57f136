"""Powers that would create a way in as a service account: keys, policies, workloads, federations.

Each is a grant over a pattern of addresses. An address of a project's own accounts ends in the
project's domain; its default accounts have addresses of other forms, which are told one by one.
"""

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from nhiscan.records import Grant, GrantVerdict, Way
from nhiscan_providers.gcp.bindings import Held, Index
from nhiscan_providers.gcp.calls import POLICIES
from nhiscan_providers.gcp.facts import Facts, Pool, Scope
from nhiscan_providers.gcp.rows.grants import via_of

_OWN_DOMAIN = ".iam.gserviceaccount.com"
_ABOVE = ("project", "folder", "organization")


class Target(Struct, frozen=True):
    """Identities of one project: a pattern of their native ids."""

    project: str
    pattern: str


def becoming(
    identity: str, account: str, held: Sequence[Held], facts: Facts, index: Index, member: str
) -> Iterator[Grant]:
    """List whom an identity could become; `account` is the unit's own, `member` its own binding.

    A right that every account of a place has is told as such by the account that trusts them, which
    asks for a grant of each besides.
    """
    seen: set[tuple[str, ...]] = set()
    for one in held:
        for target, way, scope, verdict in (
            *_over_accounts(one, held, facts, by_set=member not in one.binding.members),
            *_over_pools(one, facts, index),
        ):
            if member == f"serviceAccount:{target.pattern}":
                continue
            grant = Grant(
                identity=identity,
                scope=scope,
                scope_account=None if target.project == account else target.project,
                role=one.binding.role,
                action_class="iam",
                verdict=verdict,
                via=via_of(one.binding),
                acts_as=target.pattern,
                way=way,
                source=POLICIES,
            )
            key = (target.project, scope, grant.role, grant.via, target.pattern, way)
            if key not in seen:
                seen.add(key)
                yield grant


_Power = tuple[Target, Way, str, GrantVerdict]


def _over_accounts(
    one: Held, every: Iterable[Held], facts: Facts, *, by_set: bool
) -> Iterator[_Power]:
    scope = one.binding.scope
    name = scope.name.removeprefix("//")
    ways = [way for way in one.role.ways if way != "assume" or by_set]
    # A custom role that was not read may hold any of these; Google's own are told by their names.
    unread = not one.role.known and not one.role.name.startswith("roles/")
    for target in targets(scope, facts) if ways or unread else ():
        if unread:
            yield target, "new_credential", name, "unknown"
        for way in ways:
            verdict = _verdict(one)
            if way == "passed_role":
                starts = _starts(every, target.project, facts)
                if starts is False:
                    continue
                verdict = verdict if starts else "unknown"
            yield target, way, name, verdict


def _over_pools(one: Held, facts: Facts, index: Index) -> Iterator[_Power]:
    """Tell whom a new provider of a pool could be: whatever trusts the pool's workloads."""
    if not one.role.federates or one.binding.scope.level not in _ABOVE:
        return
    for project in _projects(one.binding.scope.place, facts):
        for pool in facts.pools.values():
            if pool.project == project and not pool.deleted and not pool.managed_by_google:
                for target in _trusting(pool, facts, index):
                    yield target, "added_federation", pool.name, _verdict(one)


def _trusting(pool: Pool, facts: Facts, index: Index) -> Iterator[Target]:
    bound = index.of_pool.get((pool.project, pool.id), ())
    for one in bound:
        if "assume" in one.role.ways:
            yield from targets(one.binding.scope, facts)
    if any(one.binding.scope.level != "account" for one in bound):
        yield Target(pool.project, f"principal*://iam.googleapis.com/{pool.name}/*")


def targets(scope: Scope, facts: Facts) -> Iterator[Target]:
    """List the service accounts that a policy is for: its own, or all below it."""
    if scope.level == "account":
        account = facts.account(scope.id)
        if account is not None:
            yield Target(account.project, account.email)
    elif scope.level in _ABOVE:
        for project in _projects(scope.place, facts):
            for pattern in _patterns(project, facts):
                yield Target(project, pattern)


def _patterns(project: str, facts: Facts) -> list[str]:
    found: dict[str, None] = {}
    for account in facts.of_project(project):
        _, _, domain = account.email.rpartition("@")
        own = domain.endswith(_OWN_DOMAIN)
        found[f"*@{domain}" if own else account.email] = None
    return list(found)


def _projects(place: str, facts: Facts) -> list[str]:
    kind, _, name = place.partition("/")
    if kind == "projects":
        return [name]
    return sorted(project for project, above in facts.above.items() if place in above)


def _starts(held: Iterable[Held], project: str, facts: Facts) -> bool | None:
    """Tell whether a holder may start a workload in a project; null if it may, for all we know.

    Whether a workload of another project may run as the account is a matter of a policy that is not
    read, and so is a role that only its name tells of.
    """
    line = set(facts.line(f"projects/{project}"))
    near = {
        one.role.starts
        for one in held
        if one.binding.scope.place in line and one.binding.scope.level in _ABOVE
    }
    if True in near:
        return True
    return False if all(one.role.starts is False for one in held) else None


def _verdict(one: Held) -> GrantVerdict:
    return "scoped" if one.binding.condition else "granted"
