"""Reads a role's trust policy: who may become the role, and what protects each way in."""

from collections.abc import Collection, Iterable, Iterator, Sequence

from msgspec import Struct, structs

from nhiscan.records import PrincipalKind, Relation, TrustVerdict
from nhiscan_providers.aws.reading.callers import Caller, callers
from nhiscan_providers.aws.reading.conditions import keys, opposite, required
from nhiscan_providers.aws.reading.documents import Condition, Document, Statement, parse
from nhiscan_providers.aws.reading.federation import Subject, read_federation
from nhiscan_providers.aws.reading.guards import Guard, external_id_guard, source_guard
from nhiscan_providers.aws.reading.known_accounts import aws_owned
from nhiscan_providers.aws.reading.patterns import matches
from nhiscan_providers.aws.reading.principals import Principal, principals, within

_ASSUME = "sts:AssumeRole"
_WEB, _SAML = "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"


class TrustReading(Struct, frozen=True, kw_only=True):
    """One principal in one Allow statement; the fields are those of `nhiscan.records.Trust`.

    For OIDC providers `principal` is the issuer and the accepted subjects, so that it is equal in
    every account that trusts the same workloads; `subjects` grades and fingerprints each.
    `principal_account` is null for every federation: the provider's account is the role's own.
    """

    statement: int
    principal: str
    principal_kind: PrincipalKind
    principal_account: str | None = None
    principal_organization: str | None = None
    principal_native_id: str | None = None
    relation: Relation | None = None
    guard: str
    guard_fingerprint: str | None = None
    verdict: TrustVerdict
    reason: str
    issuer: str | None = None
    subjects: tuple[Subject, ...] = ()
    audience: tuple[str, ...] = ()


class _Role(Struct, frozen=True):
    account: str
    partition: str
    organization: str | None
    words: frozenset[str]
    denials: tuple[Statement, ...]


def read_trust(
    document: object,
    *,
    account: str,
    partition: str = "aws",
    organization: str | None = None,
    words: Collection[str] = (),
) -> list[TrustReading]:
    """Read a trust policy, in any form that `documents.parse` takes, or an already parsed one.

    One reading per Allow statement and principal, in the order of the policy; what cannot be read
    is a reading of kind and verdict `unknown`. `account` is the role's own, `organization` its
    organization's id if known. `words` are names by which outsiders could guess an ExternalId.
    """
    policy = document if isinstance(document, Document) else parse(document)
    role = _Role(
        account=account,
        partition=partition,
        organization=organization,
        words=frozenset(words),
        denials=tuple(one for one in policy.statements if one.effect == "Deny"),
    )
    found: dict[tuple[int, str, str], TrustReading] = {}
    for statement in policy.statements:
        if statement.effect == "Allow":
            for reading in _statement(statement, role):
                key = (reading.statement, reading.principal_kind, reading.principal)
                found.setdefault(key, reading)
    readings = list(found.values())
    if policy.complete:
        return readings
    # a Deny may be among what was not read, but a way in that was read is not thereby unknown
    return [*readings, *(_unread(one.why, one.statement or 0) for one in policy.problems)]


def _statement(statement: Statement, role: _Role) -> Iterator[TrustReading]:
    if statement.not_principals is not None:
        everyone = Principal("public", "*")
        why = "NotPrincipal with Allow lets in everybody but those it names"
        for reading in _principal(everyone, statement, role):
            yield structs.replace(reading, reason=f"{why}; {reading.reason}")
        return
    if statement.principals is None:
        yield _unread("the statement has no Principal", statement.index)
        return
    for principal in principals(statement.principals, role.partition):
        yield from _principal(principal, statement, role)


def _principal(principal: Principal, statement: Statement, role: _Role) -> Iterator[TrustReading]:
    denial, remarks, implied = _denied(principal, role.denials)
    conditions = (*statement.conditions, *implied)
    for reading in _judged(principal, conditions, statement.index, role):
        blocked = (
            denial
            or _denied(_narrowed(reading), role.denials)[0]
            or _wrong_action(reading.principal_kind, statement)
        )
        if blocked and reading.verdict not in ("unknown", "dangling"):
            yield structs.replace(reading, verdict="broken", reason=blocked)
        elif remarks:
            yield structs.replace(reading, reason=f"{reading.reason}; {'; '.join(remarks)}")
        else:
            yield reading


def _judged(
    principal: Principal, conditions: Sequence[Condition], index: int, role: _Role
) -> Iterator[TrustReading]:
    match principal.kind:
        case "oidc" | "end_users":
            yield _federated(principal, conditions, index)
        case "saml":
            yield _saml(principal, conditions, index)
        case "service":
            guard = source_guard(conditions)
            yield _reading(Caller(principal), guard, index, "platform")
        case "deleted":
            why = "the principal was deleted and AWS shows its id; making it anew does not revive"
            guard = Guard("dangling", "none", f"{why} the trust, editing the policy would")
            yield _reading(Caller(principal), guard, index, None)
        case "unknown":
            trouble = principal.trouble or "the principal has no form that IAM documents"
            verdict: TrustVerdict = "broken" if principal.trouble else "unknown"
            yield _reading(Caller(principal), Guard(verdict, "none", trouble), index, None)
        case _:
            for caller in callers(principal, conditions, role.partition):
                yield _aws(caller, conditions, index, role)


def _aws(caller: Caller, conditions: Sequence[Condition], index: int, role: _Role) -> TrustReading:
    guard = external_id_guard(conditions, role.account, role.words)
    if caller.principal.trouble:
        guard = Guard("broken", guard.name, f"{caller.principal.trouble}, so nobody comes in")
    relation = _relation(caller, role)
    if relation == "public":
        guard = _public(caller, guard)
    elif relation == "same_account":
        guard = _own(caller, guard)
    elif caller.organization is not None:
        own = caller.organization == role.organization
        which = "the own organization" if own else f"organization {caller.organization}"
        guard = structs.replace(guard, reason=f"only members of {which} may ask; {guard.reason}")
    return _reading(caller, guard, index, relation)


def _relation(caller: Caller, role: _Role) -> Relation | None:
    if caller.principal.kind == "public":
        return "public"
    if caller.principal.account == role.account:
        return "same_account"
    return "platform" if caller.principal.account in aws_owned() else None


def _public(caller: Caller, guard: Guard) -> Guard:
    who = "every AWS account of the world is let in"
    flaws = f" ({'; '.join(caller.flaws)})" if caller.flaws else ""
    would = "naming a principal, or a StringEquals on aws:PrincipalOrgID, would close it"
    if guard.verdict == "broken":
        return guard
    if guard.verdict == "guarded":
        reason = f"{who} that knows the sts:ExternalId, which is no secret; {would}"
        return structs.replace(guard, verdict="weak", reason=f"{reason}{flaws}")
    if guard.name != "none":
        beside = f"{who} that meets its conditions on {guard.name}, which name nobody{flaws}"
        return structs.replace(guard, verdict="weak", reason=f"{beside}; {would}")
    return structs.replace(guard, verdict="open", reason=f"{who}{flaws}; {would}")


def _own(caller: Caller, guard: Guard) -> Guard:
    if guard.verdict != "open":
        return guard  # what the statement asks for is no less true within the account
    who = (
        "every principal of the own account whose policies allow it"
        if caller.principal.kind == "account"
        else "a principal of the own account"
    )
    reason = f"{who} is let in by name; nothing else is asked, and within one account need not be"
    return structs.replace(guard, reason=reason)


def _saml(principal: Principal, conditions: Sequence[Condition], index: int) -> TrustReading:
    fixed = [key for key in keys(conditions) if required(conditions, key)]
    reason = (
        "the identity provider must sign an assertion that names this role; whoever controls the"
        " provider decides who comes in"
    )
    guard = Guard("guarded", ", ".join(fixed) or "SAML assertion", reason)
    return _reading(Caller(principal), guard, index, None)


def _federated(principal: Principal, conditions: Sequence[Condition], index: int) -> TrustReading:
    issuer = principal.issuer or ""
    found = read_federation(issuer, conditions, end_users=principal.kind == "end_users")
    names = ", ".join(subject.pattern for subject in found.subjects) or "*"
    return TrustReading(
        statement=index,
        principal=f"{issuer} {names}",
        principal_kind="oidc" if found.workload else "end_users",
        guard=found.guard,
        verdict=found.verdict,
        reason=found.reason,
        issuer=issuer,
        subjects=found.subjects,
        audience=found.audience,
    )


def _reading(caller: Caller, guard: Guard, index: int, relation: Relation | None) -> TrustReading:
    principal = caller.principal
    return TrustReading(
        statement=index,
        principal=principal.name,
        principal_kind=principal.kind,
        principal_account=principal.account,
        principal_organization=caller.organization,
        principal_native_id=principal.native_id,
        relation=relation,
        guard=guard.name,
        guard_fingerprint=guard.fingerprint,
        verdict=guard.verdict,
        reason=guard.reason,
    )


def _unread(problem: str, index: int) -> TrustReading:
    return TrustReading(
        statement=index,
        principal="(unread)",
        principal_kind="unknown",
        guard="none",
        verdict="unknown",
        reason=f"{problem}, so whom it lets in is not known",
    )


def _denied(
    principal: Principal, denials: Iterable[Statement]
) -> tuple[str | None, list[str], list[Condition]]:
    """Find what Deny statements do to a principal: forbid it, hinder it, or demand something."""
    remarks: list[str] = []
    implied: list[Condition] = []
    for statement in denials:
        if not _allows(statement, _action(principal.kind)) or not _hits(statement, principal):
            continue
        if not statement.conditions:
            why = f"statement {statement.index} denies it without any condition, and a Deny wins"
            return f"{why}; without that Deny it would be a way in", [], []
        named = ", ".join(keys(statement.conditions))
        remarks.append(f"statement {statement.index} denies it under conditions on {named}")
        demand = opposite(statement.conditions)
        if demand is not None:
            implied.append(demand)
    return None, remarks, implied


def _narrowed(reading: TrustReading) -> Principal:
    """Name whom a reading is about: a condition may have left less than the statement names."""
    return Principal(
        reading.principal_kind,
        reading.principal,
        reading.principal_account,
        reading.principal_native_id,
    )


def _hits(statement: Statement, principal: Principal) -> bool:
    names = [name for name in (principal.name, principal.native_id) if name]
    if statement.principals is not None:
        return within(statement.principals, principal.account, names)
    if statement.not_principals is not None:
        return principal.kind != "public" and not within(
            statement.not_principals, principal.account, names
        )
    return False


def _action(kind: PrincipalKind) -> str:
    if kind == "saml":
        return _SAML
    return _WEB if kind in ("oidc", "end_users") else _ASSUME


def _allows(statement: Statement, action: str) -> bool:
    if statement.actions is not None:
        return any(matches(pattern, action) for pattern in statement.actions)
    return not any(matches(pattern, action) for pattern in statement.not_actions or ())


def _wrong_action(kind: PrincipalKind, statement: Statement) -> str | None:
    needed = (_ASSUME, _WEB, _SAML) if kind == "public" else (_action(kind),)
    if any(_allows(statement, action) for action in needed):
        return None
    listed = ", ".join(statement.actions or ())
    allowed = f"only {listed}" if listed else "not that"
    return f"the statement allows {allowed}, and such a principal comes in by {needed[0]} alone"
