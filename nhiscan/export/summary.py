"""One message about the newest scan: counts, what is new, and what could not be read."""

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nhiscan.errors import UsageError
from nhiscan.export.masked import Reader, text
from nhiscan.export.messages import body
from nhiscan.sql.library import SEVERITIES
from nhiscan.text import printable

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from nhiscan.config.model import Config

VERSION = "1"
WORST = 10
_OURS = frozenset(
    {"finding_id", "client", "rule", "severity", "status", "due_at", "is_new", "is_back"}
    | {"is_resolved"}
)
_LONGEST_TITLE = 300
Row = dict[str, Any]


def summarize(
    con: "DuckDBPyConnection", tenant: str | None, now: datetime, config: "Config | None" = None
) -> dict[str, Any]:
    """Return the summary; with `tenant` it names no other client."""
    contacts = [
        (each.id, address)
        for each in (config.tenants if config else ())
        for address in each.contacts.values()
    ]
    reader = Reader(con, tenant, contacts)
    rows = list(reader.rows("summary.sql", json_in=(), ours=_OURS))
    gaps = _gaps(con, tenant)
    scan = _scan(con, whole=tenant is None)
    made = {
        "schema_version": VERSION,
        "generated_at": _time(now),
        "tenant": tenant,
        "scan": scan,
        **_counts(rows, now),
        "worst_new": [_worst(row) for row in _some(rows, "is_new")[:WORST]],
        "not_read": gaps,
        "counts_are_lower_bounds": scan is None
        or bool(gaps)
        or any(row["status"] == "unknown" for row in rows),
    }
    return {"text": line(made), **made}


def line(made: dict[str, Any]) -> str:
    """Say it in one line, of numbers and our own words only."""
    if made["scan"] is None:
        return "nhiscan: nothing was scanned yet, so nothing is known"
    by = made["open_by_severity"]
    worst = ", ".join(f"{by[name]} {name}" for name in reversed(SEVERITIES) if by[name])
    least = "at least " if made["counts_are_lower_bounds"] else ""
    unread = len(made["not_read"])
    unknown = made["by_status"]["unknown"]
    parts = [
        f"{least}{made['open']} open findings{f' ({worst})' if worst else ''}",
        f"{least}{made['new']} new, {made['reopened']} of them came back",
        f"{made['resolved']} resolved",
        f"{made['overdue']} overdue",
    ]
    if unknown:
        parts.append(f"{unknown} of the open are unknown, their sources were not read")
    if unread:
        parts.append(f"{unread} sources not read whole: what they hide is not counted")
    whose = f" for {made['tenant']}" if made["tenant"] else ""
    return f"nhiscan{whose}: {'; '.join(parts)}."


def render(made: dict[str, Any], style: str) -> str:
    """Write the summary as JSON for programs, or as a message for `slack` or `teams`."""
    import json

    return json.dumps(body(made, style), indent=2, ensure_ascii=True) + "\n"


def write(target: Path, content: str) -> None:
    """Put a summary in place whole, readable by its owner only."""
    partial = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        if target.exists() and not target.is_file():
            target.write_text(content, "utf-8")
            return
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        with os.fdopen(os.open(partial, flags, 0o600), "w", encoding="utf-8") as stream:
            stream.write(content)
        partial.replace(target)
    except OSError as error:
        raise UsageError(f"{target}: {error.strerror}") from error
    finally:
        partial.unlink(missing_ok=True)


def _counts(rows: Sequence[Row], now: datetime) -> dict[str, Any]:
    """Count; `open` holds what is open or unknown, as a list of gaps does."""
    standing = [row for row in rows if row["status"] in ("open", "unknown")]
    late = [row for row in standing if row["due_at"] is not None and row["due_at"] < now]
    statuses = Counter(row["status"] for row in rows)
    return {
        "open": len(standing),
        "open_by_severity": _by_severity(standing),
        "by_status": {name: statuses[name] for name in ("open", "unknown", "accepted")},
        "new": len(_some(rows, "is_new")),
        "new_by_severity": _by_severity(_some(rows, "is_new")),
        "reopened": sum(row["is_new"] for row in _some(rows, "is_back")),
        "resolved": len(_some(rows, "is_resolved")),
        "overdue": len(late),
        "clients": [{"client": name, **counts} for name, counts in _grouped(rows, "client", now)],
        "owners": [
            {"owner": name or None, **counts} for name, counts in _grouped(standing, "owner", now)
        ],
    }


def _grouped(rows: Sequence[Row], key: str, now: datetime) -> Iterable[tuple[str, dict[str, Any]]]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row[key] or "", []).append(row)
    for name in sorted(groups):
        standing = [row for row in groups[name] if row["status"] in ("open", "unknown")]
        late = sum(row["due_at"] is not None and row["due_at"] < now for row in standing)
        new = len(_some(standing, "is_new"))
        yield (
            name,
            {
                "open": len(standing),
                "new": new,
                "overdue": late,
                "open_by_severity": _by_severity(standing),
            },
        )


def _by_severity(rows: Sequence[Row]) -> dict[str, int]:
    counted = Counter(row["severity"] for row in rows)
    return {name: counted[name] for name in SEVERITIES}


def _some(rows: Sequence[Row], what: str) -> list[Row]:
    return [row for row in rows if row[what]]


def _worst(row: Row) -> dict[str, Any]:
    return {
        "finding_id": row["finding_id"],
        "client": row["client"],
        "rule": row["rule"],
        "severity": row["severity"],
        "title": printable(row["title"], _LONGEST_TITLE),
        "owner": row["owner"],
        "due_at": _time(row["due_at"]),
    }


def _gaps(con: "DuckDBPyConnection", tenant: str | None) -> list[dict[str, Any]]:
    """List what was not read whole; reasons stay out: they may name what others own."""
    found = con.execute(text("coverage.sql"), {"tenants": [tenant] if tenant else None})
    keys = ("client", "account", "region", "source", "state")
    gaps = [dict(zip(keys, row[:5], strict=True)) for row in found.fetchall()]
    # A client that no scan ever read has no row that says so.
    never = con.execute(
        "SELECT tenant_id FROM tenants WHERE kind <> 'subservice'"
        " AND ($tenant::VARCHAR IS NULL OR tenant_id = $tenant)"
        " AND tenant_id NOT IN (SELECT tenant_id FROM latest_coverage) ORDER BY 1",
        {"tenant": tenant},
    )
    return gaps + [
        dict(zip(keys, (row[0], "all", "all", "everything", "never_read"), strict=True))
        for row in never.fetchall()
    ]


def _scan(con: "DuckDBPyConnection", *, whole: bool) -> dict[str, Any] | None:
    """Tell the newest scan; how it went as a whole is the MSP's matter, not one client's."""
    row = con.execute(
        "SELECT scan_id, state, started_at, finished_at FROM scans"
        " ORDER BY started_at DESC, scan_id LIMIT 1"
    ).fetchone()
    if row is None:
        return None
    return {
        "id": row[0],
        "state": row[1] if whole else None,
        "started_at": _time(row[2]),
        "finished_at": _time(row[3]),
    }


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None
