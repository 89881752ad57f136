"""Reads the times that Microsoft's APIs send, some of which are no ISO 8601."""

import re
from datetime import UTC, datetime, timedelta, timezone

# Graph sends 0 to 7 digits of a second's fraction; its reports send offsets like `-8:00`.
_TIME = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?"
    r"(?:\s*(Z|[+-]\d{1,2}:?\d{2}))?",
    re.IGNORECASE,
)
_NOTHING = datetime(1601, 1, 2, tzinfo=UTC)  # .NET and Windows say "no time" by their first one


def moment(text: str | None) -> datetime | None:
    """Return the time in UTC; null for null, for what is no time, and for a platform's zero."""
    found = _TIME.fullmatch((text or "").strip())
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, offset = found.groups()
    try:
        read = datetime(
            int(year),
            int(month),
            int(day),
            int(hour),
            int(minute),
            int(second or 0),
            int((fraction or "0").ljust(6, "0")[:6]),
            tzinfo=_zone(offset),
        ).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return read if read > _NOTHING else None


def _zone(offset: str | None) -> timezone:
    if not offset or offset in "Zz":
        return UTC
    hours, minutes = offset[1:].replace(":", "").zfill(4)[:2], offset[-2:]
    length = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-length if offset[0] == "-" else length)
