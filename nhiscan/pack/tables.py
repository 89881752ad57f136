"""Asks the sections of a pack, about one tenant and period, without looking at any clock."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from msgspec import Struct, structs

from nhiscan.errors import NhiscanError
from nhiscan.pack.period import Period
from nhiscan.pack.sections import SECTIONS, Kind, Section
from nhiscan.sql import library
from nhiscan.sql.run import run
from nhiscan.table import Table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


_LAST = """
SELECT greatest((SELECT max(started_at) FROM scans), (SELECT max(recorded_at) FROM ledger))
"""


class Answer(Struct, frozen=True, kw_only=True):
    """One section answered: `params` are those that the SQL used, as texts."""

    section: Section
    table: Table
    sql: str
    params: dict[str, Any]

    @property
    def sql_sha256(self) -> str:
        """Hash the executed SQL."""
        return sha256(self.sql.encode()).hexdigest()


def ask(
    con: "DuckDBPyConnection",
    kind: Kind,
    tenant: str,
    period: Period,
    policy: Mapping[str, int | float],
) -> list[Answer]:
    """Answer every section of a pack; rows about other tenants are left out, whoever gives them.

    What queries take for now is the end of the period, or the last moment that the store knows of:
    the same store and period give the same answers on any day.
    """
    now = min(period.end, last_moment(con))
    answers = []
    for section in SECTIONS:
        if kind not in section.packs:
            continue
        query = library.get(section.query)
        names = {param.name for param in query.params}
        given = {
            "tenant": tenant,
            "from": period.start.isoformat(),
            "to": period.end.isoformat(),
        }
        values = query.values({k: v for k, v in given.items() if k in names}, policy, now)
        table = run(con, query.sql, values, title=section.title)
        answers.append(
            Answer(
                section=section,
                table=structs.replace(table, rows=_own(section, table, tenant)),
                sql=query.sql,
                params={k: plain(v) for k, v in values.items() if f"${k}" in query.sql},
            )
        )
    return answers


def _own(section: Section, table: Table, tenant: str) -> list[list[Any]]:
    if "tenant_id" not in table.columns:
        raise NhiscanError(f"query {section.query} does not say whose its rows are")
    at = table.columns.index("tenant_id")
    return [list(row) for row in table.rows if row[at] == tenant]


def last_moment(con: "DuckDBPyConnection") -> datetime:
    """Return the newest moment that the store knows of."""
    row = con.execute(_LAST).fetchone()
    found: datetime | None = row[0] if row else None
    return found or datetime(1970, 1, 1, tzinfo=UTC)


def plain(value: Any) -> Any:
    """Make a value one that JSON has; times are UTC with `Z`."""
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return value.isoformat() if isinstance(value, date) else value
