"""The header of a query file is its help page, and every mistake in it is named."""

from datetime import UTC, datetime

import pytest

from nhiscan.errors import QueryError, UsageError
from nhiscan.sql import library

NOW = datetime(2026, 11, 1, tzinfo=UTC)
WHY = "-- why: A key that is never changed\n--   outlives the people who know it.\n"
WHOLE = """\
-- title: Old keys
-- why: A key that is never changed
--   outlives the people who know it.
-- rule: CRD-01
-- severity: high
-- frameworks: soc2: CC6.1, CC6.2; owasp_nhi: NHI7:2025~
-- param: tenant text null Only this client.
-- param: limit integer 10 How many rows.
-- param: share number 0.5 A share.
-- param: since time 2026-01-01 From when on.
-- unknown: iam.credential_report
-- remediation: Rotate it.
-- A query may go on with comments? No: this line is refused.
SELECT $limit, $dormant_days
"""
TEXT = WHOLE.replace("-- A query may go on with comments? No: this line is refused.\n", "")


def test_a_whole_header() -> None:
    query = library.parse("old-keys", "credentials", TEXT)
    assert query.why == "A key that is never changed outlives the people who know it."
    assert (query.rule, query.severity) == ("CRD-01", "high")
    assert query.frameworks == {"soc2": ["CC6.1", "CC6.2"], "owasp_nhi": ["NHI7:2025~"]}
    assert query.sql == "SELECT $limit, $dormant_days"
    assert query.values({}, {"dormant_days": 90}, NOW) == {
        "now": NOW,
        "dormant_days": 90,
        "tenant": None,
        "limit": 10,
        "share": 0.5,
        "since": datetime(2026, 1, 1, tzinfo=UTC),
    }


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("-- severity:", "-- severty:", "severty"),
        ("-- title: Old keys\n", "", "no title"),
        (WHY, "-- why:\n", "no why"),
        ("severity: high", "severity: dreadful", "dreadful"),
        ("tenant text null Only", "tenant string null Only", "param"),
        ("tenant text null Only this client.", "tenant text null", "param"),
    ],
)  # fmt: skip
def test_mistakes_in_a_header_are_named(old: str, new: str, problem: str) -> None:
    assert old in TEXT
    with pytest.raises(UsageError, match=problem):
        library.parse("old-keys", "credentials", TEXT.replace(old, new))
    with pytest.raises(UsageError, match="A query may go on"):
        library.parse("old-keys", "credentials", WHOLE)


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("limit", "many", "limit=many: integer expected"),
        ("share", "half", "share=half: number expected"),
        ("since", "yesterday", "since=yesterday: not an ISO 8601"),
        ("dormant_days", "soon", "dormant_days=soon"),
        ("limt", "3", "no parameter 'limt'"),
    ],
)
def test_wrong_values_are_named(name: str, value: str, problem: str) -> None:
    query = library.parse("old-keys", "credentials", TEXT)
    with pytest.raises(QueryError, match=problem):
        query.values({name: value}, {"dormant_days": 90}, NOW)


def test_thresholds_of_the_policy_can_be_set_for_one_question() -> None:
    query = library.parse("old-keys", "credentials", TEXT)
    values = query.values({"dormant_days": "45"}, {"dormant_days": 90}, NOW)
    assert values["dormant_days"] == 45


def test_an_unknown_query_gets_the_nearest() -> None:
    with pytest.raises(UsageError) as caught:
        library.get("unownd")
    assert "did you mean unowned" in (caught.value.hint or "")
