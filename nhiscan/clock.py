"""The one place that asks what time it is."""

import os
from datetime import UTC, datetime

from nhiscan.errors import UsageError


def now() -> datetime:
    """Return the current time in UTC, or the time that `NHISCAN_NOW` (ISO 8601) fixes."""
    fixed = os.environ.get("NHISCAN_NOW")
    if not fixed:
        return datetime.now(UTC)
    return parse(fixed, "NHISCAN_NOW")


def parse(text: str, what: str) -> datetime:
    """Read an ISO 8601 date or time as UTC; `what` names it in the error."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):  # the year 1 or 9999 may be another one in UTC
        raise UsageError(
            f"{what}: {text!r} is not an ISO 8601 date or time",
            hint="write it like 2026-05-01 or 2026-05-01T06:00:00Z",
        ) from None
