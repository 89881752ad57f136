"""Makes trusts of who may act as a service account, by bindings on it and on all above it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from nhiscan.records import Credential, PrincipalKind, Relation, Trust, TrustVerdict
from nhiscan_providers.gcp.bindings import Held, Index
from nhiscan_providers.gcp.calls import POLICIES
from nhiscan_providers.gcp.facts import Facts, Pool, ServiceAccount
from nhiscan_providers.gcp.reading.federation import Entry, read_entry
from nhiscan_providers.gcp.reading.members import Member, MemberKind
from nhiscan_providers.gcp.rows.grants import account_of

_KINDS: Mapping[MemberKind, PrincipalKind] = {
    "service_account": "identity",
    "default_account": "identity",
    "service_agent": "service",
    "kubernetes": "identity",
    "agent": "identity",
    "federated": "oidc",
    "all_accounts": "account",
    "deleted": "deleted",
    "user": "user",
    "group": "group",
    "domain": "group",
    "workforce": "group",
    "public": "public",
    "convenience": "group",
    "unknown": "unknown",
}
_WEAKEST: Mapping[TrustVerdict, int] = {
    "open": 0, "weak": 1, "unknown": 2, "guarded": 3, "broken": 4, "dangling": 5,
}  # fmt: skip
_SHOWN = 4


class Here(NamedTuple):
    """The unit whose rows are made: its account, its organization and that one's domain."""

    account: str
    organization: str | None
    domain: str | None


class _Judged(NamedTuple):
    guard: str
    verdict: TrustVerdict
    reason: str
    entries: Sequence[Entry] = ()


def account_trusts(
    account: ServiceAccount, inherited: Sequence[Held], facts: Facts, index: Index, here: Here
) -> Iterator[Trust | Credential]:
    """List who may act as an account, one row for each member, and the workloads that prove it.

    People who own or edit a project may act as all accounts in it; only roles made for acting as
    accounts are listed for them. What machines would first have to create (a key, another policy, a
    workload) stands among their own grants, and here only where they have no row of their own.
    """
    found: dict[str, list[Held]] = {}
    for held in (*index.direct(account), *inherited):
        for text in held.binding.members:
            found.setdefault(text, []).append(held)
    for text, held_by in sorted(found.items()):
        member = index.member(text)
        if member.address == account.email and member.kind != "deleted":
            continue
        if member.is_machine:
            held_by = [
                h for h in held_by if "assume" in h.role.ways or not index.has_row(member, h)
            ]
        else:
            held_by = [h for h in held_by if h.role.purposeful or member.kind == "public"]
        if not held_by:
            continue
        judged = _judge(member, held_by, facts)
        guest = index.is_guest(member)
        yield _trust(account.unique_id, member, held_by, judged, facts, here, guest)
        yield from _workloads(account.unique_id, judged.entries, POLICIES)


def _is_trusted(member: Member, held: Held, index: Index) -> bool:
    if member.is_machine:
        return "assume" in held.role.ways or not index.has_row(member, held)
    return held.role.purposeful or member.kind == "public"


def federated_trust(key: str, member: Member, facts: Facts) -> Iterator[Trust | Credential]:
    """Say who may be a federated principal that holds roles of its own, and what proves it."""
    judged = _federated(member, "holds roles itself, without a service account", facts)
    yield Trust(
        identity=key,
        principal=member.text,
        principal_kind="oidc",
        principal_account=facts.project(member.project) or member.project,
        relation="same_account" if facts.project(member.project) else None,
        guard=judged.guard,
        verdict=judged.verdict,
        reason=judged.reason,
        source=POLICIES,
    )
    yield from _workloads(key, judged.entries, POLICIES)


def guest_trust(key: str, member: Member, facts: Facts) -> Trust:
    """Say who a guest is: the principal of elsewhere that bindings here name, and nobody else."""
    verdict: TrustVerdict = "guarded"
    reason = (
        "bindings here name this one principal, which Google authenticates; whoever controls it"
        " where it lives has all that it holds here"
    )
    if member.kind == "federated":
        verdict = "unknown"
        reason = f"its pool lies in project {member.project}, whose issuers were not read"
    return Trust(
        identity=key,
        principal=member.text if member.kind == "federated" else member.address,
        principal_kind=_KINDS[member.kind] if member.kind != "service_agent" else "identity",
        principal_account=facts.project(member.project) or member.project or member.organization,
        principal_native_id=member.address,
        guard="none",
        verdict=verdict,
        reason=reason,
        source=POLICIES,
    )


def _trust(
    key: str,
    member: Member,
    held: Sequence[Held],
    judged: _Judged,
    facts: Facts,
    here: Here,
    guest: bool,
) -> Trust:
    where, native_id = _principal(member, held, facts, here, guest)
    relation = _relation(member, facts, here)
    kind = _KINDS[member.kind]
    if member.kind == "service_agent" and relation is None:
        kind = "identity"  # of a project that is none of this client's, as far as is known here
    if member.rule.endswith("organizations") or member.rule.endswith("folders"):
        kind = "organization"
    return Trust(
        identity=key,
        principal=member.organization or member.text if kind == "organization" else member.text,
        principal_kind=kind,
        principal_account=where,
        principal_organization=member.organization if kind == "organization" else None,
        principal_native_id=native_id,
        relation=relation,
        guard=judged.guard,
        verdict=judged.verdict,
        reason=judged.reason,
        source=POLICIES,
    )


def _principal(
    member: Member, held: Sequence[Held], facts: Facts, here: Here, guest: bool
) -> tuple[str | None, str | None]:
    """Find the account and native id of the principal's identity.

    A guest of a project or of what lies above has a row of its own there, and acts through that.
    """
    if not member.is_machine:
        return (facts.project(member.project) or member.project, None)
    if guest and not any(one.binding.scope.level == "account" for one in held):
        place = held[0].binding.scope.place
        return account_of(place, here.organization), member.address
    where = facts.project(member.project) or member.project
    return where or member.organization, member.address


def _relation(member: Member, facts: Facts, here: Here) -> Relation | None:
    if member.kind == "public":
        return "public"
    if member.kind == "service_agent" and _is_ours(member, facts, here):
        return "platform"
    if member.kind in ("user", "group", "domain") and here.domain:
        domain = member.address.rpartition("@")[2].lower()
        return "same_account" if domain == here.domain.lower() else None
    if member.kind == "convenience":  # it names a project, which need not be one of ours
        return "same_account" if facts.project(member.project) else None
    return None


def _is_ours(member: Member, facts: Facts, here: Here) -> bool:
    """Tell whether a service agent serves this client, or nobody whom its name tells."""
    if member.organization and here.organization:
        return member.organization == here.organization
    return facts.project(member.project) is not None or member.project is None


def _judge(member: Member, held: Sequence[Held], facts: Facts) -> _Judged:
    how = _how(held)
    bound = [one.binding for one in held]
    conditions = sorted({b.condition_title or "a condition" for b in bound if b.condition})
    if member.kind == "deleted":
        return _Judged("none", "dangling", f"the principal was deleted; it was bound as {how}")
    if member.kind == "federated":
        return _federated(member, how, facts)
    if all(one.condition for one in bound):
        named = ", ".join(conditions)
        return _Judged(
            f"condition: {named}", "unknown",
            f"{how}, only while {named}; conditions are shown and not evaluated",
        )  # fmt: skip
    if member.kind == "public":
        return _Judged("none", "open", f"anybody: {how}")
    if member.kind == "unknown":
        return _Judged("none", "unknown", f"this form of principal is not known: {how}")
    return _Judged("none", "guarded", f"{_WHO[member.kind]}: {how}")


_WHO: Mapping[MemberKind, str] = {
    "service_account": "one service account, which Google authenticates",
    "default_account": "a default service account, which any workload of its project may run as",
    "service_agent": "a service agent of Google's",
    "kubernetes": "one Kubernetes service account of any cluster of the project with that name",
    "agent": "one AI agent",
    "all_accounts": "every service account there",
    "user": "one person",
    "group": "whoever is in the group",
    "domain": "every person of the domain",
    "workforce": "people who sign in through a workforce pool",
    "convenience": "whoever has that basic role on the project",
}


def _federated(member: Member, how: str, facts: Facts) -> _Judged:
    pool = _pool(member, facts)
    if pool is None:
        return _Judged(
            member.part or "", "unknown",
            f"its pool, {member.pool} of project {member.project}, was not read: {how}",
        )  # fmt: skip
    if not pool.live:
        return _Judged(member.part or "", "broken", f"its pool {pool.id} is disabled or deleted")
    entries = read_entry(member.part or "", pool.providers)
    if not entries:
        return _Judged(member.part or "", "broken", f"its pool {pool.id} has no provider in use")
    worst = min(entries, key=lambda one: _WEAKEST[one.verdict])
    return _Judged(worst.guard, worst.verdict, f"{worst.reason}; {how}", entries)


def _workloads(key: str, entries: Iterable[Entry], source: str) -> Iterator[Credential]:
    for one in entries:
        if one.fingerprint is None:
            continue
        yield Credential(
            key=f"{key}/federated/{one.fingerprint[:24]}",
            identity=key,
            kind="federated_trust",
            fingerprint=one.fingerprint,
            status="active",
            attributes={"issuer": one.issuer, "subject": one.subject, "grade": one.grade},
            source=source,
        )


def _pool(member: Member, facts: Facts) -> Pool | None:
    name = f"/locations/global/workloadIdentityPools/{member.pool}"
    project = facts.project(member.project)
    return facts.pools.get(f"projects/{member.project}{name}") or facts.pools.get(
        f"projects/{project}{name}"
    )


def _how(held: Sequence[Held]) -> str:
    parts = sorted({f"{one.role.becomes} by {one.binding.role} on {_where(one)}" for one in held})
    more = f" and {len(parts) - _SHOWN} more" if len(parts) > _SHOWN else ""
    return "; ".join(parts[:_SHOWN]) + more


def _where(held: Held) -> str:
    scope = held.binding.scope
    return "the account itself" if scope.level == "account" else f"{scope.level} {scope.id}"
