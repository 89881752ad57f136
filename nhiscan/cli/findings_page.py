"""Findings as `explain` tells them: what is wrong, the facts it rests on, what would change it."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

# Findings of one identity on a terminal, and entries of one list; `--format json` holds all.
_SHOWN = 40
_LISTED = 3
# What the page tells of the identity anyway.
_TOLD = frozenset({"name", "native_id", "class", "owner_id", "privilege", "identity_kind"})
_STEPS = ("privilege", "reach", "control")


def section(findings: list[dict[str, Any]]) -> Iterator[str]:
    """List findings under their heading, worst first, each with the lines that explain it."""
    yield ""
    yield "Findings"
    if not findings:
        yield "  none"
    for one in findings[:_SHOWN]:
        yield from (f"  {line}" for line in lines(one))
    if len(findings) > _SHOWN:
        yield f"  and {len(findings) - _SHOWN} more: --format json"


def lines(one: dict[str, Any]) -> Iterator[str]:
    """Tell one finding; `evidence` holds its facts, what they rest on, what would change them."""
    evidence = one["evidence"] or {}
    due = f", due {_said(one['due_at'])}" if one["due_at"] else ""
    yield f"{one['rule']} {one['severity']} {one['status']}: {one['title']}{due}"
    facts = "; ".join(_facts(evidence.get("facts") or {}))
    if facts:
        yield f"  facts        {facts}"
    yield from _lists("  rests on     ", evidence.get("rests_on"))
    if evidence.get("would_change"):
        yield f"  would change {evidence['would_change']}"
    if one["remediation"]:
        yield f"  to do        {one['remediation']}"
    steps = evidence.get("severity") or {}
    added = [f"{name} +{steps[name]}" for name in _STEPS if steps.get(name)]
    if added:
        yield f"  severity     raised by {', '.join(added)}"
    yield from (f"  not whole    {text}" for text in one["unread"] or ())


def _facts(facts: dict[str, Any]) -> Iterator[str]:
    for name, value in facts.items():
        if name in _TOLD or value is None or value == []:
            continue
        yield f"{name.replace('_', ' ')} {_value(value)}"


def _value(value: Any) -> str:
    if isinstance(value, list):
        more = f" and {len(value) - _LISTED} more" if len(value) > _LISTED else ""
        return ", ".join(map(_value, value[:_LISTED])) + more
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(value)
    return text if len(text) <= 200 else text[:199] + "…"


def _lists(label: str, values: Iterable[str] | None) -> Iterator[str]:
    found = list(values or ())
    if found:
        yield label + _value(found)


def _said(value: Any) -> str:
    return f"{value:%Y-%m-%d}" if isinstance(value, datetime) else str(value)
