"""Periods as people write them."""

from datetime import UTC, datetime

import pytest

from nhiscan.errors import UsageError
from nhiscan.pack.period import parse_period


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026", "2026-01-01", "2027-01-01"),
        ("2026-Q1", "2026-01-01", "2026-04-01"),
        ("2026-q4", "2026-10-01", "2027-01-01"),
        ("2026-02", "2026-02-01", "2026-03-01"),
        ("2026-12", "2026-12-01", "2027-01-01"),
        ("2028-02-01..2028-02-29", "2028-02-01", "2028-03-01"),
        ("2026-07-01..2026-07-01", "2026-07-01", "2026-07-02"),
    ],
)
def test_both_ends(text: str, start: str, end: str) -> None:
    found = parse_period(text)
    assert (found.start, found.end) == (moment(start), moment(end))


@pytest.mark.parametrize(
    "text",
    ["", "2026-13", "2026-00", "2026-Q5", "2026-Q0", "26", "0000", "9999", "2026-1", "2026-10 ",
     "2026-02-30..2026-03-01", "2026-03-02..2026-03-01", "2026-03-01", "2026-03-01...2026-03-02",
     "9999-12-31..9999-12-31", "٢٠٢٦-10", "last month"],
)  # fmt: skip
def test_what_is_no_period_is_refused_with_a_hint(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_period(text, "--period")
    assert "2026-Q3" in str(refused.value.hint)
