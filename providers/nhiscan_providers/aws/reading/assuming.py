"""Finds which roles a policy lets its identity become: the resources of sts:AssumeRole."""

from msgspec import Struct

from nhiscan_providers.aws.reading.documents import Document
from nhiscan_providers.aws.reading.masks import assumes
from nhiscan_providers.aws.reading.patterns import covers, everything


class Target(Struct, frozen=True):
    """A resource pattern of sts:AssumeRole; `bounded` unless it is `*` and has no condition.

    A NotResource is the pattern `*`, bounded.
    """

    resource: str
    bounded: bool


def targets(document: Document) -> tuple[Target, ...]:
    """List the patterns that the document allows and does not itself deny without condition."""
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
    return tuple(
        Target(resource, bounded)
        for resource, bounded in sorted(found.items())
        if not any(covers(other, resource) for other in denied)
    )
