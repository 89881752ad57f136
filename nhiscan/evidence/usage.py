"""Events of use of shared identities: who used what, for which client, under which ticket."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from nhiscan.errors import UsageError, first_of
from nhiscan.evidence.parse import moment, rows
from nhiscan.graph.staging import stage_rows

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# The field of an event -> the names that logs give it; the first is ours.
_NAMES = {
    "identity": ("identity", "identity_id", "native_id", "principal"),
    "time": ("time", "ts", "timestamp", "occurred_at"),
    "target": ("target_tenant", "target_tenant_id", "target", "tenant"),
    "action": ("action", "event", "operation"),
    "correlation": ("correlation", "correlation_id", "ticket", "job"),
    "actor": ("actor", "actor_hint"),
    "log_source": ("log_source_tenant", "log_source_tenant_id", "log_source"),
}
_COLUMNS = {
    "line": "BIGINT",
    "identity": "VARCHAR",
    "time": "TIMESTAMPTZ",
    "target": "VARCHAR",
    "action": "VARCHAR",
    "correlation": "VARCHAR",
    "actor": "VARCHAR",
    "log_source": "VARCHAR",
}
_LONGEST = 2000


class Unmatched(Struct, frozen=True, kw_only=True):
    """How many events name an identity, or a tenant, that nobody knows, or that several have."""

    identities: int = 0
    tenants: int = 0


def read_usage(path: Path) -> list[tuple[Any, ...]]:
    """Read events (JSON lines, JSON or CSV), in the order of the file.

    An event has an identity and a time, and where the log tells them a target tenant, an action, a
    correlation (a ticket or job), an actor and the tenant whose log it is. UsageError names each
    line that is wrong.
    """
    found, problems = [], []
    for line, raw in rows(path):
        try:
            found.append(_event(line, raw))
        except ValueError as error:
            problems.append(f"{path}:{line}: {error}")
    if problems:
        raise UsageError(first_of(problems), hint=f"an event has: {', '.join(_NAMES)}")
    if not found:
        raise UsageError(f"{path}: holds no event")
    return found


def _event(line: int, raw: Any) -> tuple[Any, ...]:
    if not isinstance(raw, Mapping):
        raise ValueError("an event is an object of JSON")
    values = {field: _first(raw, names) for field, names in _NAMES.items()}
    for needed in ("identity", "time"):
        if values[needed] is None:
            raise ValueError(f'"{needed}" is missing')
    try:
        when = moment(values["time"] or "")
    except (ValueError, OverflowError):
        raise ValueError(f'"time": {str(values["time"])[:40]!r} is no ISO 8601 time') from None
    values["time"] = when.isoformat()
    return (line, *values.values())


def _first(raw: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    for name in names:
        value = raw.get(name)
        if value is not None and str(value).strip():
            return str(value).strip()[:_LONGEST]
    return None


def load_usage(
    con: "DuckDBPyConnection", evidence_id: str, tenant_id: str, events: list[tuple[Any, ...]]
) -> None:
    """Add the events of one piece of evidence to `usage_event`.

    What they name is looked up whenever owners are resolved: a later scan may know it.
    """
    stage_rows(con, "staged_usage", _COLUMNS, events)
    con.execute(
        "INSERT INTO usage_event SELECT $evidence, $tenant, line, identity, time, target, action,"
        " correlation, actor, log_source FROM staged_usage",
        {"evidence": evidence_id, "tenant": tenant_id},
    )
    con.execute("DROP TABLE staged_usage")


def unmatched(con: "DuckDBPyConnection", evidence_id: str) -> Unmatched:
    """Count what the events of a piece of evidence name and a store does not know."""
    row = con.execute(
        "SELECT count(*) FILTER (identity_id IS NULL),"
        " count(*) FILTER (target_ref IS NOT NULL AND target_tenant_id IS NULL)"
        " FROM usage_events WHERE evidence_id = ?",
        [evidence_id],
    ).fetchone()
    return Unmatched(identities=row[0], tenants=row[1]) if row else Unmatched()
