"""Finds which roles a policy lets its identity become: the resources of sts:AssumeRole."""

from collections.abc import Iterable

from msgspec import Struct

from nhiscan_providers.aws.reading.documents import Document
from nhiscan_providers.aws.reading.masks import assumes
from nhiscan_providers.aws.reading.patterns import any_value, covers_exactly, everything


class Target(Struct, frozen=True):
    """A resource pattern of sts:AssumeRole; `bounded` unless it is `*` and has no condition.

    A NotResource is the pattern `*`, bounded. A policy variable stands for what nobody knows here.
    """

    resource: str
    bounded: bool

    @property
    def acts_as(self) -> str:
        """The pattern of the roles that match, whatever the variables hold."""
        return any_value(self.resource)


class Targets(Struct, frozen=True):
    """What one document allows, and the patterns that it denies without any condition."""

    allowed: tuple[Target, ...] = ()
    denied: tuple[str, ...] = ()


def left(one: Targets, others: Iterable[Targets]) -> tuple[Target, ...]:
    """List what a document allows and none of the others surely denies."""
    denied = [pattern for other in others for pattern in other.denied]
    return tuple(
        target
        for target in one.allowed
        if not any(covers_exactly(pattern, target.resource) for pattern in denied)
    )


def targets(document: Document) -> Targets:
    """Collect what the document's statements say of sts:AssumeRole."""
    found: dict[str, bool] = {}
    denied: list[str] = []
    for statement in document.statements:
        if not assumes(statement):
            continue
        resources = statement.resources or (("*",) if statement.not_resources else ())
        conditioned = bool(statement.conditions or statement.not_resources)
        if statement.effect == "Deny":
            denied += () if conditioned else resources
            continue
        for resource in resources:
            bounded = conditioned or not everything(resource)
            found[resource] = found.get(resource, True) and bounded
    allowed = tuple(Target(resource, bounded) for resource, bounded in sorted(found.items()))
    return Targets(allowed, tuple(denied))
