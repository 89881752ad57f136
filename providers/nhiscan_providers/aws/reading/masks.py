"""Reduces one policy document to bit masks over the probe actions, so that unions are cheap."""

from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from itertools import groupby
from types import MappingProxyType

from msgspec import Struct

from nhiscan.records import ActionClass
from nhiscan_providers.aws.reading.documents import Document, Statement
from nhiscan_providers.aws.reading.patterns import everything, is_wild, matches
from nhiscan_providers.aws.reading.probes import probes

_PROBES = probes()
_BITS = {probe.action: 1 << index for index, probe in enumerate(_PROBES)}
_ASSUME = "sts:AssumeRole"

ADMIN = 1 << len(_PROBES)
ASSUME = ADMIN << 1
ALL = (ASSUME << 1) - 1

_CANDIDATES = {**_BITS, _ASSUME: ASSUME}
_BY_SERVICE = {
    service: dict(group)
    for service, group in groupby(
        sorted(_CANDIDATES.items()), key=lambda item: item[0].partition(":")[0].lower()
    )
}

# With one of these on every resource it takes, an identity can give itself any power of its
# account: by a policy of its own making, or by becoming a principal that has it. The keys are the
# kinds of resource that they take (Service Authorization Reference, AWS IAM).
# SetDefaultPolicyVersion is not among them: it needs a version that somebody else has made.
_TAKING = {
    kind: sum(_BITS[f"iam:{name}"] for name in names.split())
    for kind, names in {
        "user": "AttachUserPolicy PutUserPolicy CreateAccessKey CreateLoginProfile",
        "role": "AttachRolePolicy PutRolePolicy UpdateAssumeRolePolicy",
        "group": "AddUserToGroup",
        "policy": "CreatePolicyVersion",
    }.items()
}
ESCALATION = sum(_TAKING.values())


class Mask(Struct, frozen=True):
    """Which probes a document allows on everything, allows within bounds, denies, may deny.

    `bounded` are Allow statements with a resource, a NotResource or a condition; `hindered` are
    Deny statements with one. A document that is not `complete` may say more than its masks.
    """

    allowed: int = 0
    bounded: int = 0
    denied: int = 0
    hindered: int = 0
    complete: bool = True


def mask(document: Document, account: str | None = None, *, limit: bool = False) -> Mask:
    """Reduce a document of `account`, whose own id in a resource is no bound.

    In a `limit` (boundary, SCP) an Allow of NotAction admits administrators within bounds.
    """
    allowed = bounded = denied = hindered = 0
    complete = document.complete
    for statement in document.statements:
        if statement.resources is None and statement.not_resources is None:
            complete = False  # IAM refuses it in an identity policy: something was lost on the way
            continue
        found = _actions(statement)
        if statement.effect == "Allow":
            wide = found & _unbounded(statement, account)
            allowed |= wide
            bounded |= found & ~wide
            if limit and statement.not_actions is not None:
                bounded |= ADMIN
        else:
            sure = found if _on_everything(statement) else 0
            denied |= sure
            hindered |= found & ~sure
            if statement.not_actions is not None:
                hindered |= ADMIN
    return Mask(allowed, bounded, denied, hindered, complete)


def union(masks: Iterable[Mask]) -> Mask:
    """Join documents that apply together."""
    allowed = bounded = denied = hindered = 0
    complete = True
    for one in masks:
        allowed |= one.allowed
        bounded |= one.bounded
        denied |= one.denied
        hindered |= one.hindered
        complete = complete and one.complete
    return Mask(allowed, bounded, denied, hindered, complete)


@cache
def class_masks() -> Mapping[ActionClass, int]:
    """Give the probes of each class as a mask; `admin` is its own pseudo-probe."""
    found: dict[ActionClass, int] = {"admin": ADMIN}
    for probe in _PROBES:
        found[probe.action_class] = found.get(probe.action_class, 0) | _BITS[probe.action]
    return MappingProxyType(found)


@lru_cache(maxsize=16_384)
def names(bits: int) -> tuple[str, ...]:
    """List the actions of a mask in the probes' order; the admin pseudo-probe is `*`."""
    found = ["*"] if bits & ADMIN else []
    return (*found, *(action for action, bit in _BITS.items() if bits & bit))


def assumes(statement: Statement) -> bool:
    """Tell whether the statement's actions include sts:AssumeRole."""
    return bool(_actions(statement) & ASSUME)


def on_class(statement: Statement, bits: int) -> bool:
    """Tell whether the statement's actions include a probe of the mask."""
    return bool(_actions(statement) & bits)


def _actions(statement: Statement) -> int:
    found = 0
    if statement.actions is not None:
        for pattern in statement.actions:
            found |= _matching(pattern)
        return found
    for pattern in statement.not_actions or ():
        found |= _matching(pattern)
    return ALL & ~ADMIN & ~found


@lru_cache(maxsize=65_536)
def _matching(pattern: str) -> int:
    if everything(pattern.replace(":", "", 1)):
        return ALL
    service = pattern.partition(":")[0].lower()
    candidates = _BY_SERVICE.get(service, {}) if not is_wild(service) else _CANDIDATES
    return sum(bit for action, bit in candidates.items() if matches(pattern, action))


def _on_everything(statement: Statement) -> bool:
    return (
        not statement.conditions
        and statement.resources is not None
        and any(everything(resource) for resource in statement.resources)
    )


def _unbounded(statement: Statement, account: str | None) -> int:
    if statement.conditions or statement.resources is None:
        return 0
    found = 0
    for resource in statement.resources:
        found |= _whole(resource, account)
    return found


@lru_cache(maxsize=16_384)
def _whole(resource: str, account: str | None) -> int:
    """Mask the probes for which the resource is no bound, although it may not be written `*`.

    `arn:aws:iam::*:*` bounds no IAM action, and `arn:aws:iam::*:role/*` none that takes a role.
    """
    if everything(resource):
        return ALL
    parts = resource.lower().split(":", 5)
    if len(parts) < 6 or parts[3].strip("*") or not _anywhere(parts[4], account):
        return 0
    kind, slash, rest = parts[5].partition("/")
    if parts[2] == "iam" and slash and everything(rest):
        return _TAKING.get(kind, 0)
    if not everything(parts[5]):
        return 0
    services = (bit for action, bit in _BITS.items() if matches(parts[2], action.split(":")[0]))
    return sum(services)


def _anywhere(segment: str, account: str | None) -> bool:
    return not segment.strip("*") or segment == account
