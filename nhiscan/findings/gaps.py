"""Chooses findings by tenant, owner, rule, severity and state, and refuses names nobody knows."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from difflib import get_close_matches
from importlib.resources import files
from typing import TYPE_CHECKING

from msgspec import Struct, structs

from nhiscan.errors import UsageError
from nhiscan.sql import library
from nhiscan.sql.run import run
from nhiscan.table import Table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

UNASSIGNED = "unassigned"
STATUSES = ("open", "unknown", "accepted", "resolved")


class Choice(Struct, frozen=True, kw_only=True):
    """Which findings to show; an empty sequence restricts nothing. `severity` is the least.

    `is_new`: opened, or come back, at the newest scan or after it. `since`: from then on.
    `overdue_at`: due by then.
    """

    tenants: Sequence[str] = ()
    owners: Sequence[str] = ()
    rules: Sequence[str] = ()
    severity: str = "info"
    statuses: Sequence[str] = ("open", "unknown")
    is_new: bool = False
    since: datetime | None = None
    overdue_at: datetime | None = None


def gaps(con: "DuckDBPyConnection", choice: Choice, *, notes: tuple[str, ...] = ()) -> Table:
    """List the chosen findings, the worst and most urgent first.

    UsageError names the nearest known tenant, owner or rule where one is not known.
    """
    found = known(con, choice)
    params = {
        "tenants": found.tenants or None,
        "rules": found.rules or None,
        "owners": found.owners or None,
        "statuses": list(choice.statuses),
        "severity": choice.severity,
        "severities": list(library.SEVERITIES),
        "is_new": choice.is_new,
        "since": choice.since,
        "overdue_at": choice.overdue_at,
    }
    sql = files("nhiscan.findings").joinpath("gaps.sql").read_text("utf-8")
    return run(con, sql, params, title="Findings", notes=notes)


def known(con: "DuckDBPyConnection", choice: Choice) -> Choice:
    """Return a choice with every tenant, owner and rule as the store names it.

    UsageError names the nearest one where one is not known.
    """
    parties = _parties(con) if choice.owners else {}
    return structs.replace(
        choice,
        tenants=[_known("tenant", name, _tenants(con)) for name in choice.tenants],
        rules=[_known("rule", name.upper(), _rules(con)) for name in choice.rules],
        owners=[parties[_known("owner", name, parties)] for name in choice.owners],
    )


def reaches(table: Table, severity: str) -> bool:
    """Tell whether a row of `gaps` is at least this severe."""
    least = library.SEVERITIES.index(severity)
    return any(library.SEVERITIES.index(row[0]) >= least for row in table.rows)


def _known(what: str, name: str, names: Iterable[str]) -> str:
    known = sorted(names)
    if name in known:
        return name
    near = get_close_matches(name, known, n=3)
    near = near or [one for one in known if name.lower() in one.lower()][:3]
    listed = f"known: {', '.join(known[:20])}" if known else f"the store knows no {what} yet"
    hint = f"did you mean {' or '.join(near)}?" if near else listed
    raise UsageError(f"no {what} {name!r} is known", hint=hint)


def _tenants(con: "DuckDBPyConnection") -> set[str]:
    found = con.execute("SELECT tenant_id FROM tenants UNION SELECT tenant_id FROM findings")
    return {row[0] for row in found.fetchall()}


def _rules(con: "DuckDBPyConnection") -> set[str]:
    asked = {query.rule for query in library.load().values() if query.rule}
    return asked | {row[0] for row in con.execute("SELECT DISTINCT rule FROM findings").fetchall()}


def _parties(con: "DuckDBPyConnection") -> dict[str, str]:
    """Map every unambiguous name of a party to its id: id, address, alias, name."""
    found: dict[str, set[str]] = {UNASSIGNED: {UNASSIGNED}}
    ids: set[str] = set()
    for party_id, name, email, aliases in con.execute(
        "SELECT party_id, name, email, aliases FROM parties"
    ).fetchall():
        ids.add(party_id)
        for word in (name, email, *(aliases or ())):
            if word:
                found.setdefault(word, set()).add(party_id)
    single = {word: next(iter(who)) for word, who in found.items() if len(who) == 1}
    return single | {party_id: party_id for party_id in ids}
