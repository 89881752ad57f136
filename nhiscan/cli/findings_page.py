"""Findings as `explain` tells them: what is wrong, what it rests on, and how it has fared."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

# Findings of one identity on a terminal, and entries of one list; `--format json` holds all.
_SHOWN = 40
_LISTED = 3
_LIVED = 4
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


def page(facts: dict[str, Any]) -> Iterator[str]:
    """Tell all of one finding: whose it is, its facts, its events, tickets and answers."""
    one = facts["finding"]
    yield one["finding_id"]
    yield from (f"  {line}" for line in lines(one))
    yield f"  where        {', '.join(one[k] for k in ('tenant_id', 'account_id') if one[k])}"
    about = [one["identity"], one["native_id"], one["identity_id"], one["instance_id"]]
    yield f"  about        {', '.join(text for text in about if text) or 'the account as such'}"
    yield f"  owner        {one['owner'] or one['owner_id'] or 'nobody'}"
    yield f"  backup       {one['backup'] or one['backup_id'] or 'nobody'}"
    for name, label in (("first_seen", "first seen"), ("opened_at", "opened"),
                        ("last_seen", "last seen"), ("resolved_at", "resolved")):  # fmt: skip
        if one[name]:
            yield f"  {label:<12} {one[name]:%Y-%m-%d %H:%MZ}"
    codes = (f"{name} {', '.join(ids)}" for name, ids in sorted(one["frameworks"].items()))
    yield f"  controls     {'; '.join(codes) or 'none'}"
    yield ""
    yield "Life"
    yield from (f"  {event(each)}" for each in facts["events"])
    yield ""
    yield "Tickets"
    yield from (f"  {_ticket(each)}" for each in facts["tickets"])
    if not facts["tickets"]:
        yield "  none imported"
    yield ""
    yield "Answers"
    yield from (f"  {_answer(each)}" for each in facts["decisions"])
    if not facts["decisions"]:
        yield "  none imported"


def event(one: dict[str, Any]) -> str:
    """Write one event of a life in one line."""
    told = one["event"].replace("_", " ")
    by = f" by {one['told_by']}" if one["told_by"] else ""
    change = ""
    if one["event"].endswith("_changed"):
        change = f": {_short(one['was'])} to {_short(one['became'])}"
    elif one["event"] in ("ticket", "decision"):
        change = f" {one['became']}"
    return f"{one['occurred_at']:%Y-%m-%d %H:%MZ}  {told}{change}{by}"


def _short(value: str | None) -> str:
    return "nobody" if value is None else value.removesuffix("T00:00:00Z")


def _ticket(one: dict[str, Any]) -> str:
    closed = f", closed {_said(one['closed_at'])}" if one["closed_at"] else ""
    state = one["status"] or ("closed" if one["is_closed"] else "state not said")
    return f"{one['ticket_ref']}: {state}{closed}; as of {_said(one['recorded_at'])}"


def _answer(one: dict[str, Any]) -> str:
    whom = f" to {one['reassign_to']}" if one["reassign_to"] else ""
    until = f" until {one['defer_until']}" if one["defer_until"] else ""
    comment = f": {one['comment']}" if one["comment"] else ""
    return (
        f"{_said(one['decided_at'])} {one['decision']}{whom}{until} by {one['decided_by']}{comment}"
    )


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
    yield from _life(one.get("life") or [])


def _life(events: list[dict[str, Any]]) -> Iterator[str]:
    """Tell briefly how a finding has fared: the last things that happened, in one line."""
    told = "; ".join(event(one).replace("  ", " ") for one in events[-_LIVED:])
    if told:
        more = f"{len(events) - _LIVED} earlier; " if len(events) > _LIVED else ""
        yield f"  life         {more}{told}"


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
