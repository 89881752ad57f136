"""Times of Microsoft's APIs: read leniently, never wrongly, and never with an error."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nhiscan_providers.azure.reading.moments import moment

_LATER = st.datetimes(min_value=datetime(1700, 1, 1), max_value=datetime(9999, 12, 30))  # noqa: DTZ001 made aware below
_OFFSETS = st.integers(min_value=-14 * 60, max_value=14 * 60)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2026-10-31T06:30:05Z", datetime(2026, 10, 31, 6, 30, 5, tzinfo=UTC)),
        ("2026-10-31T06:30:05.1Z", datetime(2026, 10, 31, 6, 30, 5, 100_000, tzinfo=UTC)),
        ("2026-10-31T06:30:05.1234567Z", datetime(2026, 10, 31, 6, 30, 5, 123_456, tzinfo=UTC)),
        ("2021-03-01T00:00:00-8:00", datetime(2021, 3, 1, 8, tzinfo=UTC)),
        ("2021-03-01T00:00:00+05:30", datetime(2021, 2, 28, 18, 30, tzinfo=UTC)),
        ("2021-03-01T00:00:00", datetime(2021, 3, 1, tzinfo=UTC)),
        (" 2021-03-01 00:00Z ", datetime(2021, 3, 1, tzinfo=UTC)),
        ("2299-12-31T00:00:00Z", datetime(2299, 12, 31, tzinfo=UTC)),
        ("9999-12-31T23:59:59.9999999Z", datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)),
        ("9999-12-31T23:59:59-8:00", datetime.max.replace(tzinfo=UTC)),
    ],
)
def test_the_forms_that_are_sent(text: str, read: datetime) -> None:
    assert moment(text) == read


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "never",
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00",
        "0001-01-01T00:00:00.0000000+14:00",
        "1601-01-01T00:00:00Z",
        "1601-01-01T12:00:00-8:00",
        "2026-02-30T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:00:00+99:99",
        "2026-01-01",
        "2026-01-01T00:00:00Z; and more",
    ],
)
def test_zero_dates_and_what_is_no_time_are_null(text: str | None) -> None:
    assert moment(text) is None


@given(st.text())
def test_no_text_raises(text: str) -> None:
    read = moment(text)
    assert read is None or read.utcoffset() == timedelta(0)


@given(st.from_regex(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{0,9})?)?(Z|[+-]\d{1,2}:?\d\d)?"))
def test_no_text_of_the_right_shape_raises(text: str) -> None:
    read = moment(text)
    assert read is None or read.utcoffset() == timedelta(0)


@given(_LATER, _OFFSETS, st.integers(min_value=0, max_value=7))
def test_a_time_is_read_back_whatever_its_digits_and_offset(
    naive: datetime, minutes: int, digits: int
) -> None:
    zone = timezone(timedelta(minutes=minutes))
    fraction = f"{naive.microsecond:06d}0"[:digits]
    kept = int(fraction[:6].ljust(6, "0"))
    meant = naive.replace(microsecond=kept, tzinfo=UTC)
    there = meant.astimezone(zone)
    hours, rest = divmod(abs(minutes), 60)
    text = there.strftime("%Y-%m-%dT%H:%M:%S") + (f".{fraction}" if fraction else "")
    sign = "-" if minutes < 0 else "+"
    assert moment(f"{text}{sign}{hours}:{rest:02d}") == meant
    assert moment(f"{text}{sign}{hours:02d}:{rest:02d}") == meant


@given(_LATER, _LATER)
def test_the_order_of_times_is_kept(one: datetime, other: datetime) -> None:
    first, second = sorted((one, other))
    earlier, later = moment(first.isoformat() + "Z"), moment(second.isoformat() + "Z")
    assert earlier is not None
    assert later is not None
    assert earlier <= later
    assert (earlier < later) == (first < second)
