"""Evaluates IAM policies as far as the sandbox enforces them: actions, and trust conditions."""

import json
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Literal

Decision = Literal["allowed", "not_allowed", "explicit_deny"]


def decide(documents: Iterable[str], action: str) -> Decision:
    """Say what identity policies (JSON text) decide about an action.

    By action only: an Allow counts whatever its Resource or Condition, a Deny only when it holds
    for every resource without a condition. That is enough for read-only calls, whose documented
    permissions are granted on `*`.
    """
    allowed = False
    for document in documents:
        for statement in statements(document):
            if not _covers(statement, action):
                continue
            if statement.get("Effect") == "Allow":
                allowed = True
            elif "*" in _list(statement.get("Resource")) and not statement.get("Condition"):
                return "explicit_deny"
    return "allowed" if allowed else "not_allowed"


def trusts(document: str, principals: frozenset[str], keys: Mapping[str, str]) -> bool:
    """Say whether a trust policy lets a caller assume its role.

    `principals` are all names the caller goes by; `keys` the condition keys of the request. Only
    AWS principals: federated and service callers do not come through the sandbox.
    """
    allowed = False
    for statement in statements(document):
        if not _covers(statement, "sts:AssumeRole") or not _names(statement, principals):
            continue
        if not _conditions_hold(statement.get("Condition", {}), keys):
            continue
        if statement.get("Effect") == "Deny":
            return False
        allowed = True
    return allowed


@lru_cache(maxsize=4096)
def statements(document: str) -> tuple[dict[str, Any], ...]:
    """Return the statements of a policy document, which may hold one or a list."""
    found = json.loads(document).get("Statement", [])
    return tuple(found) if isinstance(found, list) else (found,)


@lru_cache(maxsize=16384)
def like(pattern: str, text: str) -> bool:
    """Match `*` and `?` as IAM does, in the case given."""
    regex = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(regex, text, re.DOTALL) is not None


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _covers(statement: Mapping[str, Any], action: str) -> bool:
    lowered = action.lower()
    if "NotAction" in statement:
        return not any(like(p.lower(), lowered) for p in _list(statement["NotAction"]))
    return any(like(p.lower(), lowered) for p in _list(statement.get("Action")))


def _names(statement: Mapping[str, Any], principals: frozenset[str]) -> bool:
    if "NotPrincipal" in statement:
        named = _list(statement["NotPrincipal"].get("AWS"))
        return principals.isdisjoint(named)
    principal = statement.get("Principal", {})
    named = ["*"] if principal == "*" else _list(principal.get("AWS"))
    return not principals.isdisjoint(named)


def _conditions_hold(conditions: Mapping[str, Any], keys: Mapping[str, str]) -> bool:
    return all(
        _holds(operator, _list(wanted), keys.get(key.lower()))
        for operator, tests in conditions.items()
        for key, wanted in tests.items()
    )


def _holds(operator: str, wanted: list[Any], actual: str | None) -> bool:
    """Judge one condition; keys are single-valued. An operator that is not known never holds."""
    if operator == "Null":
        return any((actual is None) == (str(w).lower() == "true") for w in wanted)
    quantifier, _, plain = operator.rpartition(":")
    if actual is None and (plain.endswith("IfExists") or quantifier == "ForAllValues"):
        return True
    plain = plain.removesuffix("IfExists")
    if actual is None:
        return plain in ("StringNotEquals", "StringNotLike", "ArnNotEquals", "ArnNotLike")
    match plain:
        case "StringEquals":
            return actual in wanted
        case "StringNotEquals":
            return actual not in wanted
        case "StringLike" | "ArnLike" | "ArnEquals":
            return any(like(str(w), actual) for w in wanted)
        case "StringNotLike" | "ArnNotLike" | "ArnNotEquals":
            return not any(like(str(w), actual) for w in wanted)
    return False
