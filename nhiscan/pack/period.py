"""Reads a period as people write it: a year, quarter, month, or two days."""

import re
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from nhiscan.errors import UsageError

_QUARTER = re.compile(r"(\d{4})-[Qq]([1-4])", re.ASCII)
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)
_YEAR = re.compile(r"\d{4}", re.ASCII)
_DAYS = re.compile(r"(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})", re.ASCII)


class Period(Struct, frozen=True, kw_only=True):
    """Half-open: [start, end), in UTC."""

    name: str
    start: datetime
    end: datetime


def parse_period(text: str, option: str = "--period") -> Period:
    """Read 2026, 2026-Q3, 2026-09 or 2026-07-01..2026-09-30 (both days within). UsageError else."""
    if match := _QUARTER.fullmatch(text):
        year, quarter = int(match[1]), int(match[2])
        return _months(f"{year}-Q{quarter}", year, 3 * quarter - 2, 3)
    if match := _MONTH.fullmatch(text):
        return _months(text, int(match[1]), int(match[2]), 1)
    if _YEAR.fullmatch(text):
        return _months(text, int(text), 1, 12)
    if match := _DAYS.fullmatch(text):
        try:
            first, last = (
                datetime.fromisoformat(day).replace(tzinfo=UTC) for day in match.groups()
            )
            end = last + timedelta(days=1)
        except (ValueError, OverflowError):
            raise _wrong(text, option) from None
        if first < end:
            return Period(name=text, start=first, end=end)
    raise _wrong(text, option)


def _months(name: str, year: int, month: int, count: int) -> Period:
    if not 1 <= year < 9999:
        raise _wrong(name, "the period")
    start = datetime(year, month, 1, tzinfo=UTC)
    last = year * 12 + month - 1 + count
    return Period(name=name, start=start, end=datetime(last // 12, last % 12 + 1, 1, tzinfo=UTC))


def _wrong(text: str, option: str) -> UsageError:
    return UsageError(
        f"{option} {text!r} is no period",
        hint="write it like 2026, 2026-Q3, 2026-09 or 2026-07-01..2026-09-30",
    )
