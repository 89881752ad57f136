"""Reads times as AWS sends them: ISO 8601 text in XML, seconds since 1970 in JSON."""

from datetime import UTC, datetime

from nhiscan.records import utc


def moment(value: object) -> datetime | None:
    """Read a time; null where there is none, or where it is not a time."""
    if isinstance(value, str):
        return utc(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return datetime.fromtimestamp(value, UTC)
        except (OverflowError, OSError, ValueError):
            return None
    return None
