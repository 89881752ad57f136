"""Finds who created identities and keys: CloudTrail's event history of the last 90 days."""

from collections import deque
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from nhiscan.ledger import Reading
from nhiscan_providers.aws.access import Access
from nhiscan_providers.aws.faults import Fault
from nhiscan_providers.aws.moments import moment

SOURCE = "cloudtrail.creators"

EVENTS = ("CreateUser", "CreateRole", "CreateAccessKey", "CreateServiceSpecificCredential")


class _Issuer(Struct):
    arn: str | None = None


class _SessionContext(Struct, rename="camel"):
    session_issuer: _Issuer | None = None


class _Who(Struct, rename="camel"):
    type: str | None = None
    arn: str | None = None
    user_name: str | None = None
    invoked_by: str | None = None
    session_context: _SessionContext | None = None


class _Asked(Struct, rename="camel"):
    user_name: str | None = None
    role_name: str | None = None


class _Made(Struct, rename="camel"):
    user_id: str | None = None
    role_id: str | None = None


class _Answer(Struct, rename="camel"):
    user: _Made | None = None
    role: _Made | None = None
    access_key: _Asked | None = None
    service_specific_credential: _Asked | None = None


class _Event(Struct, rename="camel"):
    """The fields that are kept of a CloudTrail event; all others are never decoded."""

    event_name: str | None = None
    event_time: str | None = None
    error_code: str | None = None
    user_identity: _Who | None = None
    request_parameters: _Asked | None = None
    response_elements: _Answer | None = None


class Creation(Struct, frozen=True, kw_only=True, gc=False):
    """One creation that succeeded. `created_id` is null where the event names only the name."""

    event: str
    at: datetime | None
    user: str | None
    role: str | None
    created_id: str | None
    creator: str
    creator_type: str
    invoked_by: str | None


def read_creators(access: Access, reading: Reading, pages: int) -> list[Creation]:
    """Read at most `pages` pages of events, the newest first, all event names in turn."""
    found: list[Creation] = []
    unreadable = 0
    waiting: deque[tuple[str, str | None]] = deque((name, None) for name in EVENTS)
    while waiting and reading.pages < pages:
        name, token = waiting.popleft()
        try:
            page = _page(access, reading, name, token)
        except Fault as fault:
            reading.failed(fault)
            return found
        reading.pages += 1
        for raw in page["Events"]:
            try:
                event = msgspec.json.decode(raw["CloudTrailEvent"], type=_Event)
                found += _creation(event, raw.get("EventName") or name, raw.get("EventTime"))
            except (msgspec.DecodeError, UnicodeEncodeError, KeyError):
                unreadable += 1
        if page.get("NextToken"):
            waiting.append((name, page["NextToken"]))
    if unreadable:
        reading.mark("partial", f"{unreadable} events have no shape that CloudTrail documents")
    if waiting:
        unread = ", ".join(sorted({name for name, _ in waiting}))
        reading.mark("partial", f"budget of {pages} pages reached; older events unread: {unread}")
    return found


def _page(access: Access, reading: Reading, name: str, token: str | None) -> dict[str, Any]:
    params: dict[str, Any] = {
        "LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": name}],
        "MaxResults": 50,
    }
    if token:
        params["NextToken"] = token
    return access.call(reading, "cloudtrail", "LookupEvents", **params)


def _creation(event: _Event, listed_name: str, listed_at: Any) -> Iterator[Creation]:
    """Read one event; what its own text leaves out, the list beside it may tell."""
    who = event.user_identity
    name = event.event_name or listed_name
    if event.error_code or name not in EVENTS or who is None:
        return
    issuer = who.session_context.session_issuer if who.session_context else None
    creator = who.arn or (issuer.arn if issuer else None) or who.user_name or who.invoked_by
    if creator is None:
        return
    asked, answer = event.request_parameters or _Asked(), event.response_elements or _Answer()
    made = answer.user or answer.role or _Made()
    # who makes a key for themselves need not say for whom
    owner = answer.access_key or answer.service_specific_credential or _Asked()
    yield Creation(
        event=name,
        at=moment(event.event_time) or moment(listed_at),
        user=asked.user_name or owner.user_name,
        role=asked.role_name,
        created_id=made.user_id or made.role_id,
        creator=creator,
        creator_type=who.type or "unknown",
        invoked_by=who.invoked_by,
    )
