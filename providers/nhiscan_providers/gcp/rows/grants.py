"""Makes grants of what members hold, and says how much that is."""

from collections.abc import Iterable, Iterator
from hashlib import sha256

from nhiscan.records import Grant, GrantVerdict, Privilege
from nhiscan_providers.gcp.bindings import Held
from nhiscan_providers.gcp.calls import POLICIES
from nhiscan_providers.gcp.facts import Binding
from nhiscan_providers.gcp.reading.roles import highest


def grants(
    identity: str,
    account: str,
    organization: str | None,
    held: Iterable[Held],
    principal: str | None = None,
) -> Iterator[Grant]:
    """List what an identity holds: one row for each place, role and class of actions.

    `account` is the unit's own. What lies in a folder lies in the organization's account. A
    conditional binding is scoped: it never counts as granted without its condition.
    """
    for one in held:
        binding, role = one.binding, one.role
        verdict: GrantVerdict = "granted" if role.known else "unknown"
        if binding.condition:
            verdict = "scoped"
        where = account_of(binding.scope.place, organization)
        for action_class in role.classes or ("read",):
            yield Grant(
                identity=identity,
                scope=binding.scope.name.removeprefix("//"),
                scope_account=None if where == account else where,
                role=binding.role,
                action_class=action_class,
                verdict=verdict,
                via=via_of(binding),
                actions=list(role.actions),
                principal=principal,
                source=POLICIES,
            )


def privilege(held: Iterable[Held], *, whole: bool) -> Privilege:
    """Weigh all that an identity holds; unknown where less than an administrator's was seen.

    `whole`: all policies were read. Power over one resource is power to write, not administration.
    """
    found: list[Privilege] = []
    for one in held:
        weight = one.role.privilege
        near = one.binding.scope.level in ("resource", "account")
        found.append("write" if near and weight == "admin" else weight)
    total = highest(found)
    return total if whole or total == "admin" else "unknown"


def account_of(place: str, organization: str | None) -> str | None:
    """Name the account that a place belongs to: a project's own, else the organization's."""
    kind, _, name = place.partition("/")
    return name if kind in ("projects", "organizations") else organization


def via_of(binding: Binding) -> str:
    """Say how a binding gives its role, with its condition."""
    if not binding.condition:
        return "allow policy"
    mark = sha256(binding.condition.encode("utf-8", "backslashreplace")).hexdigest()[:8]
    return f"allow policy, if {binding.condition_title or 'a condition holds'} ({mark})"
