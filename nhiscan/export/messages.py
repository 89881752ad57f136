"""A summary as the bodies that Slack and Teams take; names are text there, and call nobody."""

import re
from typing import Any

# One message is to be read at a glance: further clients are counted.
MOST_CLIENTS = 10
_MARKS = re.compile(r"([\\`*_{}\[\]()#+\-.!~|>])")
_AT = re.compile(r"@")
# A mention that a client makes out of plain text needs its @ whole; this joins nothing visible.
_BROKEN_AT = "@\N{WORD JOINER}"


def body(made: dict[str, Any], style: str) -> dict[str, Any]:
    """Return what is posted: the summary itself, which has `text`, or a message made of it."""
    if style == "slack":
        return slack(made)
    if style == "teams":
        return teams(made)
    # Who posts this to a webhook that shows `text` gets no mention out of a name either.
    return {**made, "text": _slack_text(made["text"])}


def slack(made: dict[str, Any]) -> dict[str, Any]:
    """Write blocks of plain text: no name is read as markup, link or mention."""
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": _plain("nhiscan")},
        {"type": "section", "text": _plain(made["text"])},
    ]
    for title, lines in _parts(made):
        said = "\n".join([title, *lines])
        blocks.append({"type": "section", "text": _plain(said)})
    return {"text": _slack_text(made["text"]), "blocks": blocks}


def teams(made: dict[str, Any]) -> dict[str, Any]:
    """Write an Adaptive Card in the envelope that Workflows webhooks take."""
    card: list[dict[str, Any]] = [
        {"type": "TextBlock", "text": "nhiscan", "size": "Large", "weight": "Bolder"},
        {"type": "TextBlock", "text": teams_text(made["text"]), "wrap": True},
    ]
    for title, lines in _parts(made):
        card.append(
            {"type": "TextBlock", "text": teams_text(title), "weight": "Bolder", "wrap": True}
        )
        card += [
            {"type": "TextBlock", "text": teams_text(one), "wrap": True, "spacing": "Small"}
            for one in lines
        ]
    content = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": card,
    }
    kind = "application/vnd.microsoft.card.adaptive"
    attachment = {"contentType": kind, "contentUrl": None, "content": content}
    return {"type": "message", "attachments": [attachment]}


def teams_text(said: str) -> str:
    """Take what Markdown, HTML and mentions are made of out of a text, for a TextBlock."""
    escaped = said.replace("&", "&amp;").replace("<", "&lt;")
    return _MARKS.sub(r"\\\1", _AT.sub(_BROKEN_AT, escaped))


def _slack_text(said: str) -> str:
    escaped = said.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _AT.sub(_BROKEN_AT, escaped)


def _plain(said: str) -> dict[str, Any]:
    """Make a text object that Slack formats not at all; it takes 3,000 characters."""
    escaped = _slack_text(said[:2000])
    cut = escaped[:2990]
    return {"type": "plain_text", "emoji": False, "text": cut}


def _parts(made: dict[str, Any]) -> list[tuple[str, list[str]]]:
    parts = list[tuple[str, list[str]]]()
    if made["worst_new"]:
        lines = [
            f"{one['severity']} {one['rule']} {one['client']}: {one['title'][:120]}"
            for one in made["worst_new"]
        ]
        parts.append(("Worst new findings", lines))
    clients = sorted(made["clients"], key=lambda one: (-one["new"], -one["open"], one["client"]))
    if clients:
        lines = [
            f"{one['client']}: {one['open']} open, {one['new']} new, {one['overdue']} overdue"
            for one in clients[:MOST_CLIENTS]
        ]
        if len(clients) > MOST_CLIENTS:
            lines.append(f"and {len(clients) - MOST_CLIENTS} more")
        parts.append(("Clients", lines))
    if made["not_read"]:
        lines = [
            f"{one['client']} {one['account']} {one['source']}: {one['state']}"
            for one in made["not_read"][:MOST_CLIENTS]
        ]
        if len(made["not_read"]) > MOST_CLIENTS:
            lines.append(f"and {len(made['not_read']) - MOST_CLIENTS} more")
        parts.append(("Not read whole: counts are lower bounds", lines))
    return parts
