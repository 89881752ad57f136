"""What a reader sees whose program runs no scripts: counts, the heat map, the worst findings."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from nhiscan.table import Table
from nhiscan_reports.html import section, shown

_WORST = 50
LEVELS = ("critical", "high", "medium", "low", "info")
_COLUMNS = ("severity", "status", "rule", "tenant_id", "title", "owner_id", "due_at")


def summary(tables: dict[str, Table]) -> Iterator[str]:
    """Yield the parts of the summary; numbers of a client that was not read whole say so."""
    about, findings = tables.get("about"), tables.get("findings")
    for note in about.notes if about else ():
        yield f'<p class="note">{shown(note)}</p>\n'
    if findings:
        active = [row for row in _dicts(findings) if row["status"] in ("open", "unknown")]
        yield from section(0, _heat(active, tables.get("clients")))
        yield from section(1, _worst(active))
    if coverage := tables.get("coverage"):
        yield from section(2, coverage)


def _dicts(table: Table) -> Iterable[dict[str, Any]]:
    return (dict(zip(table.columns, row, strict=True)) for row in table.rows)


def _heat(active: list[dict[str, Any]], clients: Table | None) -> Table:
    """Count what is open by client and severity."""
    counted = Counter((row["tenant_id"], row["severity"]) for row in active)
    unread = {row["tenant_id"]: _is_unread(row) for row in _dicts(clients)} if clients else {}
    names = sorted({tenant for tenant, _ in counted} | set(unread))
    rows = [
        [
            name,
            *(counted[name, level] for level in LEVELS),
            "at least: not all was read" if unread.get(name) else "all was read",
        ]
        for name in names
    ]
    columns = ("client", *LEVELS, "how sure")
    return Table(columns=columns, rows=rows, title="Open findings by client")


def _is_unread(client: dict[str, Any]) -> bool:
    """Tell a client that was not read whole; one never read at all has no row that says so."""
    never = client.get("accounts") == 0 and client.get("kind") != "subservice"
    return bool(client["unread_sources"]) or never


def _worst(active: list[dict[str, Any]]) -> Table:
    ordered = sorted(active, key=lambda row: LEVELS.index(row["severity"]))
    rows = [[row[name] for name in _COLUMNS] for row in ordered[:_WORST]]
    more = len(active) - len(rows)
    notes = (f"{more} more are not shown here",) if more > 0 else ()
    return Table(columns=_COLUMNS, rows=rows, title="The worst of them", notes=notes)
