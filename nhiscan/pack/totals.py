"""Control totals: whether what was read, what is stored and what a pack lists are the same."""

from collections import Counter
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from nhiscan.pack.period import Period
from nhiscan.table import Table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_NOTE = (
    "Clouds state no total of identities to compare with: records_read counts what their replies"
    " gave, and sources_whole how many of the lists were read to their end."
)


def totals(con: "DuckDBPyConnection", tenant: str, period: Period, population: Table) -> Table:
    """Compare account by account; `verdict` is unknown where the period's last read was not whole.

    An account that was not read in the period has no numbers of a read: null, not zero.
    """
    params = {"tenant": tenant, "start": period.start, "end": period.end}
    result = con.execute(_sql("totals.sql"), params)
    columns = [column[0] for column in result.description or ()]
    there = population.columns.index("present_at_end")
    account = population.columns.index("account_id")
    listed = Counter(row[account] for row in population.rows if row[there])
    rows = [_row(dict(zip(columns, row, strict=True)), listed) for row in result.fetchall()]
    return Table(
        columns=("verdict", *columns, "identities_listed"),
        rows=rows,
        title="Control totals: read, stored and listed",
        notes=(_NOTE,),
    )


def _row(told: dict[str, Any], listed: Counter[str]) -> list[Any]:
    number = listed[told["account_id"]]
    verdict = "agree"
    if number != told["identities_stored"]:
        verdict = "DIFFER"
    elif told["read_at"] is None or told["sources"] != told["sources_whole"]:
        verdict = "unknown"
    return [verdict, *told.values(), number]


def unread(con: "DuckDBPyConnection", tenant: str, period: Period) -> list[str]:
    """List what was not read whole within a period."""
    params = {"tenant": tenant, "start": period.start, "end": period.end}
    return [row[0] for row in con.execute(_sql("unread.sql"), params).fetchall()]


def _sql(name: str) -> str:
    return files("nhiscan.pack").joinpath(name).read_text("utf-8")
