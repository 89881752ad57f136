"""Reads who made service accounts and keys, from the Admin Activity audit logs."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from nhiscan.ledger import Reading
from nhiscan.records import utc
from nhiscan_providers.gcp.access import Access
from nhiscan_providers.gcp.calls import CREATORS_DAYS
from nhiscan_providers.gcp.facts import Creation
from nhiscan_providers.gcp.lists import Listing, listed, read_pages
from nhiscan_providers.gcp.sources.shapes import described

# entries.list takes at most 100 resource names a call (Cloud Logging API reference).
_NAMES = 100
_METHODS = (
    "google.iam.admin.v1.CreateServiceAccount",
    "google.iam.admin.v1.CreateServiceAccountKey",
    "google.iam.admin.v1.UploadServiceAccountKey",
    "google.api.apikeys.v2.ApiKeys.CreateKey",
    "storage.hmacKeys.create",
)


def read_creators(
    access: Access, reading: Reading, projects: Sequence[str], pages: int, now: datetime
) -> list[Creation]:
    """Read the events of up to `pages` pages, newest first; an organization's own name has none.

    The reading is marked partial where more pages are left.
    """
    found: list[Creation] = []
    left = pages
    more = f"the first {pages} pages of events were read; creators_pages allows no more"
    for start in range(0, len(projects), _NAMES):
        names = projects[start : start + _NAMES]
        if left <= 0:
            reading.mark("partial", more)
            return found
        before, begun = reading.pages, len(found)
        done = _batch(access, reading, names, left, now, found, begun)
        left -= reading.pages - before
        if not done:
            reading.mark("partial", more)
    return found


def _batch(
    access: Access,
    reading: Reading,
    names: Sequence[str],
    most: int,
    now: datetime,
    found: list[Creation],
    begun: int,
) -> bool:
    def take(row: dict[str, Any]) -> None:
        one = _creation(row)
        if one is not None:
            found.append(one)

    def restart() -> None:
        del found[begun:]

    since = (now - timedelta(days=CREATORS_DAYS)).strftime("%Y-%m-%dT%H:%M:%SZ")
    methods = " OR ".join(f'"{one}"' for one in _METHODS)
    listing = Listing(
        api="logging",
        name="ListLogEntries",
        most=most,
        params={
            "resourceNames": [f"projects/{name}" for name in names],
            "filter": f'log_id("cloudaudit.googleapis.com/activity") AND timestamp>="{since}" AND'
            f" protoPayload.methodName=({methods})",
            "orderBy": "timestamp desc",
        },
    )
    return read_pages(access, reading, listing, take, restart)


def _creation(row: dict[str, Any]) -> Creation | None:
    told = row.get("protoPayload") or {}
    who = told.get("authenticationInfo") or {}
    by = who.get("principalEmail") or who.get("principalSubject")
    labels = (row.get("resource") or {}).get("labels") or {}
    reply = told.get("response") or {}
    if not by:
        return None
    name = str(reply.get("name") or told.get("resourceName") or "")
    by_way = listed(who.get("serviceAccountDelegationInfo"))
    through = [(one.get("firstPartyPrincipal") or {}).get("principalEmail") for one in by_way]
    event = str(told.get("methodName", "")).rpartition(".")[2]
    one = Creation(
        event=event,
        at=utc(row.get("timestamp")),
        by=str(by),
        through=next((str(one) for one in through if one), None),
        email=reply.get("email") or labels.get("email_id") or _email(name),
        unique_id=reply.get("uniqueId") or reply.get("unique_id") or labels.get("unique_id"),
        key=name.rpartition("/keys/")[2] if "/serviceAccounts/" in name else None,
        api_key=name if "/locations/global/keys/" in name else None,
        project=labels.get("project_id"),
    )
    return described(one)


def _email(name: str) -> str | None:
    text = name.partition("/serviceAccounts/")[2].partition("/")[0]
    return text if "@" in text else None
