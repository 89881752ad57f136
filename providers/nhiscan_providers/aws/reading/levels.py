"""Tells reading from writing by the verb of an action, for the actions that no probe stands for."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from msgspec import Struct

from nhiscan_providers.aws.reading.documents import Document, Statement
from nhiscan_providers.aws.reading.patterns import covers, everything, overlap

Level = Literal[0, 1, 2]
NONE: Level = 0
READ: Level = 1
WRITE: Level = 2

# An action that begins with one of these changes nothing; every other verb is taken for a change.
# AWS documents access levels per action (Service Authorization Reference); verbs are its habit.
_READING = (
    "batchcheck", "batchdescribe", "batchget", "batchlist", "check", "count", "describe",
    "detect", "discover", "download", "estimate", "evaluate", "export", "filter", "find",
    "generatecredentialreport", "generateorganizationsaccessreport",
    "generateservicelastaccesseddetails", "get", "head", "is", "list", "lookup", "preview",
    "query", "read", "resolve", "scan", "search", "select", "simulate", "summarize", "validate",
    "verify", "view",
)  # fmt: skip


class Allowance(Struct, frozen=True):
    """One Action pattern of an Allow statement, or `*` but for the patterns of a NotAction."""

    pattern: str
    excluded: tuple[str, ...] = ()


class Allowances(Struct, frozen=True):
    """What a document allows anywhere, and what it denies on every resource unconditionally."""

    allowed: tuple[Allowance, ...]
    denied: tuple[Allowance, ...]


def allowances(document: Document) -> Allowances:
    """Collect a document's action patterns, whatever their resources and conditions."""
    allowed: dict[Allowance, None] = {}
    denied: dict[Allowance, None] = {}
    for statement in document.statements:
        if statement.effect == "Allow":
            allowed.update(dict.fromkeys(_of(statement)))
        elif not statement.conditions and any(map(everything, statement.resources or ())):
            denied.update(dict.fromkeys(_of(statement)))
    # writes first: most searches end with the first of them
    return Allowances(
        tuple(sorted(allowed, key=lambda one: -level(one.pattern))),
        tuple(denied),
    )


@lru_cache(maxsize=65_536)
def level(pattern: str) -> Level:
    """Judge an Action pattern: READ if all it can match begins with a reading verb, else WRITE."""
    action = pattern.lower().partition(":")[2]
    literal = action.split("*")[0].split("?")[0]
    return READ if literal.startswith(_READING) else WRITE


def strongest(documents: Sequence[Allowances], limits: Sequence[Sequence[Allowances]]) -> Level:
    """Judge what documents allow together, each limit (a set of documents) allowing it too.

    An upper bound: resources, conditions and conditional denials are not looked at.
    """
    found = NONE
    for document in documents:
        for allowance in document.allowed:
            if level(allowance.pattern) > found:
                found = max(found, _left(allowance, documents, limits))
            if found == WRITE:
                return WRITE
    return found


def _left(
    allowance: Allowance,
    documents: Sequence[Allowances],
    limits: Sequence[Sequence[Allowances]],
) -> Level:
    left = _undenied(allowance, documents)
    for limit in limits:
        if left == NONE:
            break
        admitted = max(
            (_common(allowance, other) for document in limit for other in document.allowed),
            default=NONE,
        )
        left = min(left, admitted, _undenied(allowance, limit))
    return left


def _undenied(allowance: Allowance, documents: Sequence[Allowances]) -> Level:
    left = level(allowance.pattern)
    for document in documents:
        for denial in document.denied:
            if denial.excluded:  # a Deny of NotAction leaves at most what it excludes
                excluded = (_common(allowance, Allowance(kept)) for kept in denial.excluded)
                left = min(left, max(excluded))
            elif covers(denial.pattern, allowance.pattern):
                return NONE
    return left


def _common(one: Allowance, other: Allowance) -> Level:
    if not overlap(one.pattern, other.pattern):
        return NONE
    if any(covers(kept, other.pattern) for kept in one.excluded) or any(
        covers(kept, one.pattern) for kept in other.excluded
    ):
        return NONE
    return min(level(one.pattern), level(other.pattern))


def _of(statement: Statement) -> tuple[Allowance, ...]:
    if statement.actions is not None:
        return tuple(Allowance(pattern.lower()) for pattern in statement.actions)
    return (Allowance("*", tuple(pattern.lower() for pattern in statement.not_actions or ())),)
