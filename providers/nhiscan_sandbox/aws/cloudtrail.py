"""CloudTrail LookupEvents: ninety days, one attribute a request, two requests a second."""

import json
from collections import deque
from datetime import datetime, timedelta
from threading import Lock
from time import monotonic
from typing import Any

from nhiscan_sandbox.aws import pages
from nhiscan_sandbox.aws.identify import Asked
from nhiscan_sandbox.aws.wire import Refusal
from nhiscan_sandbox.canaries import Canaries
from nhiscan_sandbox.estate.model import Account, Event
from nhiscan_sandbox.estate.stable import stable_id

_WINDOW = timedelta(days=90)
_PAGE = 50
_PER_SECOND = 2
_ATTRIBUTES = {"EventName", "Username", "EventId", "EventSource", "AccessKeyId", "ReadOnly"}


def bad_marker() -> Refusal:
    """Make the refusal of a token that expired or was never given out."""
    return Refusal(400, "InvalidNextTokenException", "Invalid NextToken.")


class Trail:
    """Answers LookupEvents from an account's planted events."""

    def __init__(self, now: datetime, canaries: Canaries) -> None:
        self._now = now
        self._canaries = canaries
        self._recent: dict[tuple[str, str], deque[float]] = {}
        self._lock = Lock()

    def lookup(self, asked: Asked, account: Account) -> dict[str, Any]:
        """Answer one page; more than two requests in a second are throttled, as AWS does."""
        self._count(account.id, asked.region)
        wanted = asked.list("LookupAttributes")
        if len(wanted) > 1 or any(a["AttributeKey"] not in _ATTRIBUTES for a in wanted):
            raise Refusal(400, "InvalidLookupAttributesException", "Invalid lookup attributes.")
        start = max(self._moment(asked, "StartTime"), self._now - _WINDOW)
        end = self._moment(asked, "EndTime", self._now)
        rows = [
            event
            for event in sorted(account.events, key=lambda event: event.age)
            if event.region == asked.region
            and start <= self._now - timedelta(days=event.age) <= end
            and all(_matches(event, attribute) for attribute in wanted)
        ]
        name = f"events {account.id} {asked.region} {wanted}"
        size = min(int(asked.params.get("MaxResults") or _PAGE), _PAGE)
        at = pages.offset(asked.marker, name, bad_marker())
        page, following = pages.cut(rows, at, size, name)
        reply: dict[str, Any] = {"Events": [self._event(event, account) for event in page]}
        return reply | ({"NextToken": following} if following else {})

    def _count(self, account: str, region: str) -> None:
        with self._lock:
            recent = self._recent.setdefault((account, region), deque())
            moment = monotonic()
            while recent and moment - recent[0] >= 1:
                recent.popleft()
            if len(recent) >= _PER_SECOND:
                raise Refusal(400, "ThrottlingException", "Rate exceeded")
            recent.append(moment)

    def _moment(self, asked: Asked, name: str, default: datetime | None = None) -> datetime:
        value = asked.params.get(name)
        if value is None:
            return default or self._now - _WINDOW
        return datetime.fromtimestamp(float(value), tz=self._now.tzinfo)

    def _event(self, event: Event, account: Account) -> dict[str, Any]:
        moment = self._now - timedelta(days=event.age)
        event_id = stable_id("", account.id, event.name, str(event.age), event.username, length=32)
        detail = {
            "eventVersion": "1.11",
            "userIdentity": event.identity,
            "eventTime": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "eventSource": event.source,
            "eventName": event.name,
            "awsRegion": event.region,
            "sourceIPAddress": "198.51.100.7",
            "requestParameters": event.request,
            "responseElements": self._canaries.response_elements(event.name),
            "recipientAccountId": account.id,
            "eventID": event_id,
        }
        if event.error:
            detail |= {"errorCode": event.error, "errorMessage": "refused"}
        return {
            "EventId": event_id,
            "EventName": event.name,
            "ReadOnly": "false",
            "EventTime": moment,
            "EventSource": event.source,
            "Username": event.username,
            "CloudTrailEvent": json.dumps(detail),
        }


def _matches(event: Event, attribute: dict[str, str]) -> bool:
    value = attribute["AttributeValue"]
    match attribute["AttributeKey"]:
        case "EventName":
            return event.name == value
        case "Username":
            return event.username == value
        case "EventSource":
            return event.source == value
        case "ReadOnly":
            return value == "false"
    return False
