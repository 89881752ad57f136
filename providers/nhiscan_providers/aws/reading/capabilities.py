"""Reads what an identity may do from its policies, boundary and SCPs, by probe actions.

Static reading: for each probe an Allow must match and no unconditional Deny on `*`; a permissions
boundary and every SCP level must allow it too. Where a resource, a condition or a narrower Deny
plays a part the verdict is `scoped`, and where a document could not be read it is `unknown`.
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from nhiscan.records import ActionClass, GrantVerdict, Privilege
from nhiscan_providers.aws.reading.assuming import Target, Targets, left, targets
from nhiscan_providers.aws.reading.documents import Document, Statement, unread
from nhiscan_providers.aws.reading.levels import WRITE, Allowance, Allowances, allowances, strongest
from nhiscan_providers.aws.reading.masks import (
    ADMIN,
    ALL,
    ASSUME,
    ESCALATION,
    Mask,
    class_masks,
    mask,
    names,
    on_class,
    union,
)

# What a verdict does not claim. It stands in every `privilege_reason`, because `granted` can still
# be refused at run time, and absence means only that no identity policy grants it.
LIMITS = (
    "by static reading of identity policies, boundaries and SCPs: conditions, resources, resource"
    " and session policies, RCPs, VPC endpoint policies and service-side checks not evaluated"
)
_UNREAD = unread("service control policies were not read")


class Policy(Struct, frozen=True):
    """One policy of an identity; `via` is "inline", "attached" or "group:<name>".

    A policy that could not be read is one whose document is `documents.unread(reason)`.
    """

    name: str
    via: str
    document: Document


class Power(Struct, frozen=True):
    """One class of actions, or one way to become another role, that one policy gives.

    `scope` is `*` or the resource patterns of the policy's statements for it. `acts_as` is the
    resource pattern of sts:AssumeRole, else null. `otherwise` is what an unknown verdict would be
    if all that was not read were harmless.
    """

    action_class: ActionClass
    verdict: GrantVerdict
    policy: str
    via: str
    actions: tuple[str, ...]
    scope: str
    acts_as: str | None
    otherwise: GrantVerdict
    reason: str


class Capabilities(Struct, frozen=True):
    """What an identity may do. `privilege_as_read` leaves out of account what was not read."""

    privilege: Privilege
    privilege_as_read: Privilege
    privilege_reason: str
    powers: tuple[Power, ...]
    verdicts: dict[ActionClass, GrantVerdict]


class _Parsed(Struct, frozen=True):
    mask: Mask
    allowances: Allowances
    targets: Targets

    def limit(self) -> Allowances:
        """Give what the document admits as a limit; unread parts may admit everything."""
        if self.mask.complete:
            return self.allowances
        return Allowances((*self.allowances.allowed, Allowance("*", WRITE)), self.allowances.denied)


class _Sight(Struct, frozen=True):
    """All layers taken together: bits surely granted, possible, and possible for all we know."""

    granted: int
    possible: int
    conceivable: int
    complete: bool

    def verdict(self, wide: int, bounded: int, *, unread: bool = False) -> GrantVerdict:
        """Judge bits that one or more policies allow widely, or within bounds."""
        if self.complete:
            return self.otherwise(wide, bounded)
        return "unknown" if (wide | bounded | (ALL * unread)) & self.conceivable else "denied"

    def otherwise(self, wide: int, bounded: int) -> GrantVerdict:
        """Judge the same as if nothing had been left unread."""
        if wide & self.granted:
            return "granted"
        return "scoped" if (wide | bounded) & self.possible else "denied"


class CapabilityReader:
    """Reads the identities of one account, remembering each document and set of documents.

    `scps` are the service control policies by level, root first, then each OU, then the account:
    empty where none apply (no organization, or its management account), null where they could not
    be read. A level without any policy counts as unread, for AWS attaches at least one to each.
    `account` is the account's id: a resource that names all of it bounds nothing.
    """

    def __init__(
        self, scps: Sequence[Sequence[Document]] | None, account: str | None = None
    ) -> None:
        self._account = account
        levels = [[_UNREAD]] if scps is None else [list(level) or [_UNREAD] for level in scps]
        self._scps = tuple(tuple(level) for level in levels)
        self._parsed: dict[tuple[str, bool], _Parsed] = {}
        self._scopes: dict[tuple[str, int], str] = {}
        self._read: dict[tuple[object, ...], Capabilities] = {}

    def read(
        self,
        policies: Sequence[Policy],
        boundary: Document | None = None,
        *,
        service_linked: bool = False,
    ) -> Capabilities:
        """Judge one identity: its own policies and its groups', and its boundary if it has one.

        SCPs do not restrict service-linked roles (Organizations User Guide, SCPs).
        """
        ordered = sorted(policies, key=lambda one: (one.via, one.name, one.document.digest))
        key = (
            tuple((one.name, one.via, one.document.digest) for one in ordered),
            boundary.digest if boundary else None,
            service_linked,
        )
        known = self._read.get(key)
        if known is None:
            layers = () if service_linked else self._scps
            if boundary is not None:
                layers = ((boundary,), *layers)
            known = self._read[key] = self._judge(ordered, layers)
        return known

    def _judge(
        self, policies: Sequence[Policy], layers: Sequence[Sequence[Document]]
    ) -> Capabilities:
        own = [self._parse(policy.document) for policy in policies]
        limits = [[self._parse(document, limit=True) for document in layer] for layer in layers]
        whole = union(one.mask for one in own)
        sight = _sight(whole, [union(one.mask for one in layer) for layer in limits])
        denials = [one.targets for layer in (own, *limits) for one in layer]
        powers = [
            power
            for policy, parsed in zip(policies, own, strict=True)
            for power in (
                *self._class_powers(policy, parsed.mask, sight),
                *_role_powers(policy, left(parsed.targets, denials), sight),
            )
        ]
        privilege, reason = _privilege(own, limits, sight)
        blind = () if sight.complete else ("not everything could be read",)
        certain = sight.complete or (whole.complete and privilege == "none")
        return Capabilities(
            privilege=privilege if certain else "unknown",
            privilege_as_read=privilege,
            privilege_reason="; ".join((reason, *blind, LIMITS)),
            powers=tuple(powers),
            verdicts=_verdicts(whole, sight),
        )

    def _class_powers(self, policy: Policy, own: Mask, sight: _Sight) -> list[Power]:
        powers: list[Power] = []
        for action_class, bits in class_masks().items():
            wide, bounded = own.allowed & bits, own.bounded & bits
            if not wide | bounded and (own.complete or not sight.conceivable & bits):
                continue
            verdict = sight.verdict(wide, bounded, unread=not own.complete)
            otherwise = sight.otherwise(wide, bounded)
            strongest_bits = {
                "granted": wide & sight.granted,
                "scoped": (wide | bounded) & sight.possible,
            }.get(otherwise, wide | bounded)
            scope = "*" if otherwise == "granted" else self._scope(policy.document, bits)
            powers.append(
                Power(
                    action_class=action_class,
                    verdict=verdict,
                    policy=policy.name,
                    via=policy.via,
                    actions=names(strongest_bits),
                    scope=scope,
                    acts_as=None,
                    otherwise=otherwise,
                    reason=_reason(policy, verdict, otherwise),
                )
            )
        return powers

    def _scope(self, document: Document, bits: int) -> str:
        key = (document.digest, bits)
        if key not in self._scopes:
            self._scopes[key] = _written_scope(document.statements, bits)
        return self._scopes[key]

    def _parse(self, document: Document, *, limit: bool = False) -> _Parsed:
        key = (document.digest, limit)
        known = self._parsed.get(key)
        if known is None:
            known = self._parsed[key] = _Parsed(
                mask(document, self._account, limit=limit), allowances(document), targets(document)
            )
        return known


def _sight(whole: Mask, limits: Sequence[Mask]) -> _Sight:
    granted = whole.allowed & ~whole.denied & ~whole.hindered
    possible = (whole.allowed | whole.bounded) & ~whole.denied
    conceivable = (possible if whole.complete else ALL) & ~whole.denied
    for limit in limits:
        # what was not read of a limit may admit everything
        granted &= (limit.allowed if limit.complete else ALL) & ~limit.denied & ~limit.hindered
        admitted = (limit.allowed | limit.bounded if limit.complete else ALL) & ~limit.denied
        possible &= admitted
        conceivable &= admitted
    complete = whole.complete and all(limit.complete for limit in limits)
    return _Sight(granted, possible, conceivable, complete)


def _verdicts(whole: Mask, sight: _Sight) -> dict[ActionClass, GrantVerdict]:
    return {
        action_class: sight.verdict(
            whole.allowed & bits, whole.bounded & bits, unread=not whole.complete
        )
        for action_class, bits in class_masks().items()
    }


def _privilege(
    own: Sequence[_Parsed], limits: Sequence[Sequence[_Parsed]], sight: _Sight
) -> tuple[Privilege, str]:
    """Name the highest level of power, with the rule that decided it.

    admin: every action on every resource, or an IAM action on every resource by which an identity
    gives itself more power (`masks.ESCALATION`). write, read: by the verbs of the allowed actions,
    whatever their resources and conditions.
    """
    if sight.granted & ADMIN:
        return "admin", "every action on every resource is granted"
    if escalating := sight.granted & ESCALATION:
        return "admin", f"it can raise its own power: {', '.join(names(escalating))}"
    found, pattern = strongest(
        [one.allowances for one in own],
        [[one.limit() for one in layer] for layer in limits],
    )
    if found:
        if found == WRITE:
            return "write", f"by its verb an allowed action changes something: {pattern}"
        return "read", f"by their verbs all allowed actions only read, such as {pattern}"
    return "none", "no policy allows an action that nothing else takes away"


def _role_powers(policy: Policy, found: Sequence[Target], sight: _Sight) -> list[Power]:
    powers: list[Power] = []
    for target in found:
        wide, bounded = (0, ASSUME) if target.bounded else (ASSUME, 0)
        verdict, otherwise = sight.verdict(wide, bounded), sight.otherwise(wide, bounded)
        if verdict == "denied":
            continue  # a row would name a role that it cannot become
        powers.append(
            Power(
                action_class="iam",
                verdict=verdict,
                policy=policy.name,
                via=policy.via,
                actions=("sts:AssumeRole",),
                scope=target.resource,
                acts_as=target.acts_as,
                otherwise=otherwise,
                reason=_reason(policy, verdict, otherwise),
            )
        )
    return powers


def _written_scope(statements: Sequence[Statement], bits: int) -> str:
    resources: set[str] = set()
    for statement in statements:
        if statement.effect == "Allow" and on_class(statement, bits):
            resources.update(statement.resources or ())
            resources.update(f"all but {one}" for one in statement.not_resources or ())
    listed = sorted(resources)
    more = f" and {len(listed) - 20} more" if len(listed) > 20 else ""
    return ", ".join(listed[:20]) + more or "unknown"


_WHY: Mapping[GrantVerdict, str] = {
    "granted": "allows it on every resource, and nothing read takes it away",
    "scoped": "allows it where a resource, a condition or a narrower Deny has its say",
    "denied": "allows it, but a Deny, the permissions boundary or an SCP takes it away",
}


def _reason(policy: Policy, verdict: GrantVerdict, otherwise: GrantVerdict) -> str:
    text = f"policy {policy.name} ({policy.via})"
    if verdict != "unknown":
        return f"{text} {_WHY[verdict]}"
    if policy.document.problems:
        return f"{text} could not be read: {policy.document.problems[0].why}"
    return f"{text} {_WHY[otherwise]}, but another policy, the boundary or an SCP was not read"
