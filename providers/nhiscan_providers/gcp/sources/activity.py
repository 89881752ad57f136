"""Reads when service accounts and their keys last authenticated (Policy Analyzer, Preview)."""

from typing import Any, Literal

from nhiscan.ledger import Reading
from nhiscan.records import utc
from nhiscan_providers.gcp.access import Access
from nhiscan_providers.gcp.facts import Activities, Activity
from nhiscan_providers.gcp.lists import Listing, read_pages

Subject = Literal["serviceAccount", "serviceAccountKey"]

# What this record does not see (Policy Intelligence: "View recent usage for service accounts").
BLIND = (
    "domain-wide delegation, API keys bound to it and HMAC keys leave no trace there; failed calls"
    " do"
)


def read_activities(access: Access, reading: Reading, scope: str, subject: Subject) -> Activities:
    """Read all rows of an organization (`organizations/N`) or project (`projects/ID`).

    No filter is given: its forms differ between methods. Absent rows mean only that there was no
    authentication within the period of observation.
    """
    found = Activities(rows={})

    def take(row: dict[str, Any]) -> None:
        period, told = row.get("observationPeriod") or {}, row.get("activity") or {}
        one = Activity(
            at=utc(told.get("lastAuthenticatedTime")),
            since=utc(period.get("startTime")),
            until=utc(period.get("endTime")),
        )
        who = told.get(subject) or {}
        name = str(who.get("fullResourceName") or row.get("fullResourceName", ""))
        ids = {name.rpartition("/")[2]}
        if subject == "serviceAccount":
            ids.add(str(who.get("serviceAccountId", "")))
        for key in ids - {""}:
            before = found.rows.get(key)
            if before is None or (one.at and (before.at is None or one.at > before.at)):
                found.rows[key] = one
        found.since = min(filter(None, (found.since, one.since)), default=None)
        found.until = max(filter(None, (found.until, one.until)), default=None)

    def restart() -> None:
        found.rows.clear()

    parent = f"{scope}/locations/global/activityTypes/{subject}LastAuthentication"
    listing = Listing(api="policyanalyzer", name="QueryActivity", places={"parent": parent})
    read_pages(access, reading, listing, take, restart)
    return found
