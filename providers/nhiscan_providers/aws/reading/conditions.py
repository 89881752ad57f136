"""Tells conditions that must be met from those that only look so."""

from collections.abc import Iterable, Sequence
from typing import Literal

from msgspec import Struct

from nhiscan_providers.aws.reading.documents import Condition
from nhiscan_providers.aws.reading.patterns import is_wild

# IAM User Guide, JSON policy elements: Condition operators. The ARN operators are alike: both
# take wildcards. A value with a wildcard under an equality operator stands for itself.
_EQUAL = frozenset({"stringequals", "stringequalsignorecase", "numericequals", "bool"})
_LIKE = frozenset({"stringlike", "arnlike", "arnequals"})
_OPPOSITES = {
    "stringnotequals": "stringequals",
    "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike",
    "arnnotequals": "arnequals",
    "arnnotlike": "arnlike",
}


class Value(Struct, frozen=True):
    """One acceptable value; `wild` if its `*` and `?` stand for other text."""

    text: str
    wild: bool

    @property
    def variable(self) -> bool:
        """Whether the value depends on the caller (a policy variable)."""
        return "${" in self.text


class Required(Struct, frozen=True):
    """The key must be there and match one of the values."""

    key: str
    values: tuple[Value, ...]


class Hollow(Struct, frozen=True):
    """A condition on the key that an outsider passes, and why."""

    key: str
    why: str


def required(conditions: Iterable[Condition], key: str) -> tuple[Required, ...]:
    """List what the conditions demand of a key; each must be met (AND)."""
    return tuple(test for test in tests(conditions, key) if isinstance(test, Required))


def hollow(conditions: Iterable[Condition], key: str) -> tuple[Hollow, ...]:
    """List the conditions on a key that protect nothing."""
    return tuple(test for test in tests(conditions, key) if isinstance(test, Hollow))


def tests(conditions: Iterable[Condition], key: str) -> tuple[Required | Hollow, ...]:
    """Judge each condition on a key. Keys are compared regardless of case, as IAM does."""
    return tuple(_judged(one) for one in conditions if one.key.lower() == key.lower())


def opposite(conditions: Sequence[Condition]) -> Condition | None:
    """Turn the sole condition of a Deny into what it thereby requires, or null.

    A negated operator also denies where the key is absent (IAM User Guide, Condition operators), so
    `Deny … StringNotEquals: {sts:ExternalId: x}` requires x.
    """
    if len(conditions) != 1 or conditions[0].quantifier:
        return None
    only = conditions[0]
    operator = _OPPOSITES.get(only.operator)
    return None if operator is None else Condition(operator, "", False, only.key, only.values)


def keys(conditions: Iterable[Condition]) -> tuple[str, ...]:
    """List the keys that conditions speak of, in order, each once."""
    return tuple(dict.fromkeys(one.key for one in conditions))


def _judged(one: Condition) -> Required | Hollow:
    why = _flaw(one)
    if why:
        return Hollow(one.key, why)
    wild = one.operator in _LIKE
    return Required(one.key, tuple(Value(text, wild and is_wild(text)) for text in one.values))


_Flaw = Literal[
    "IfExists passes when the key is absent",
    "ForAllValues passes when the key is absent",
    "Null only asks whether the key is there",
    "a negated operator only excludes values",
    "its operator fixes no value",
]


def _flaw(one: Condition) -> _Flaw | None:
    if one.operator == "null":
        return "Null only asks whether the key is there"
    if one.operator in _OPPOSITES:
        return "a negated operator only excludes values"
    if one.operator not in _EQUAL and one.operator not in _LIKE:
        return "its operator fixes no value"
    if one.if_exists:
        return "IfExists passes when the key is absent"
    if one.quantifier == "forallvalues":
        return "ForAllValues passes when the key is absent"
    return None
