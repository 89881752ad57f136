"""One table that holds everything a format could get wrong."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from nhiscan.table import Table

LONG = "arn:aws:iam::111122223333:role/" + "x" * 9_969
ROWS = [
    ("nhi_0123456789abcdef0123", "high", True, 7, 2.5, "plain"),
    ("=cmd|' /C calc'!A0", "low", False, -5, -0.25, "+SUM(A1)"),
    ("-2+3", "medium", None, None, None, "@import"),
    ("\tTab first", None, True, 2**53 + 1, 1e300, "\rCR first"),
    ("esc \x1b[31mred\x1b]0;title\x07", "critical", True, 0, 0.0, "c1 \x9b31m del \x7f nul \x00"),
    ("line one\nline two\r\nthree", "info", True, 1, 1.0, 'quote " comma , semi ;'),
    ("\u202eevil\u202c rtl \u05d0\u05d1\u05d2", "high", True, 1, 1.0, "zero\u200bwidth \u2028 sep"),
    ("[bold red]markup[/] :smile: [link=https://evil.example]x", "high", True, 1, 1.0, "a|b\\|c"),
    (
        "<script>alert(1)</script>&amp;",
        "high",
        True,
        1,
        1.0,
        "`code` *b* _i_ [t](https://x.example)",
    ),
    (LONG, "high", True, 1, 1.0, "日本語 émoji 😀 ﬁ"),
    ("-5", "high", True, 1, 1.0, "-1.5e3"),
    ("#N/A", "high", True, 1, 1.0, "_x001B_ literal"),
]
TIMES = (
    datetime(2026, 5, 1, 6, 0, tzinfo=UTC),
    datetime(2026, 5, 1, 6, 0, 0, 123456, tzinfo=timezone(timedelta(hours=2))),
    None,
)
NESTED: tuple[tuple[Any, Any], ...] = (
    (["a", None, "=b"], {"k": ["v", {"deep": [1, None]}], "t": TIMES[0]}),
    ([], {}),
    (None, None),
)


@pytest.fixture(scope="session")
def hard() -> Table:
    rows = [
        (*row, TIMES[number % 3], date(2026, 5, 1), *NESTED[number % 3])
        for number, row in enumerate(ROWS)
    ]
    columns = ("name", "severity", "flag", "count", "ratio", "note", "at", "day", "list", "facts")
    return Table(columns=columns, rows=rows, title="Hard \x1b[0m rows", notes=("Roles: denied",))
