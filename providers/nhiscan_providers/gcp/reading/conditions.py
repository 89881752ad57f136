"""Reads the few forms of CEL that pin an attribute of an outside workload to literal values.

Nothing is evaluated. An alternative (`||`) counts only if every side pins something; what is not
understood pins nothing, so a condition never looks tighter than it is.
"""

import re

from msgspec import Struct

_EQUALS = re.compile(
    r"(?:assertion|attribute|google)\.([a-z_A-Z0-9.]+)\s*==\s*(?:'([^']*)'|\"([^\"]*)\")"
)
_WITHIN = re.compile(r"(?:assertion|attribute|google)\.([a-z_A-Z0-9.]+)\s+in\s+\[([^\]]+)\]")
_STARTS = re.compile(
    r"(?:assertion|attribute|google)\.([a-z_A-Z0-9.]+)\.startsWith\(\s*(?:'([^']*)'|\"([^\"]*)\")"
)
_LITERAL = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_NEGATED = re.compile(r"!\s*\(|!\s*(?:assertion|attribute|google)\.|\?")


class Pin(Struct, frozen=True):
    """One attribute and the values it must have; `whole` false: only their beginning is fixed."""

    attribute: str
    values: tuple[str, ...]
    whole: bool = True


def pins(expression: str) -> list[list[Pin]]:
    """List, for each alternative of a condition, what it pins; empty if nothing can be said."""
    if not expression.strip() or _NEGATED.search(expression):
        return []
    alternatives = [_of(part) for part in expression.split("||")]
    return alternatives if all(alternatives) else []


def _of(part: str) -> list[Pin]:
    found = [Pin(name, (one or two,)) for name, one, two in _EQUALS.findall(part)]
    for name, listed in _WITHIN.findall(part):
        values = tuple(one or two for one, two in _LITERAL.findall(listed))
        if values:
            found.append(Pin(name, values))
    found += [Pin(name, (one or two,), whole=False) for name, one, two in _STARTS.findall(part)]
    return [pin for pin in found if all(pin.values)]
