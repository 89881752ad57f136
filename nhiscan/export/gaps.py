"""Gap lists: one folder per owner, in it one CSV and one JSON Lines file per client."""

import io
import json
from collections.abc import Sequence
from datetime import datetime
from importlib import resources
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from nhiscan import __version__, plugins
from nhiscan.errors import UsageError
from nhiscan.export.folder import FORMAT, digest, path_name, publish
from nhiscan.export.tenant import known_tenant
from nhiscan.export.wall import Wall, opaque_ids
from nhiscan.table import Table

if TYPE_CHECKING:
    import duckdb

    from nhiscan.config.model import Config

FORMATS = ("csv", "jsonl", "xlsx")
UNASSIGNED = "unassigned"
# Words of ours that no mask may touch; everything else in a row may hold text from a cloud.
FIXED = frozenset(
    {"finding_fp", "client", "rule", "severity", "provider", "status", "owner_status"}
    | {"identity_id", "credential_id"}
)
# Only JSON Lines has room for structure; the flat formats leave these out.
NESTED = frozenset({"why_owner"})

Row = dict[str, Any]


class Written(Struct, frozen=True):
    """What an export did; `kept` are files of an earlier one that somebody changed since."""

    files: tuple[str, ...]
    owners: int
    rows: int
    kept: tuple[str, ...]


def export(
    con: "duckdb.DuckDBPyConnection",
    target: Path,
    *,
    tenants: Sequence[str],
    formats: Sequence[str],
    now: datetime,
    contacts: Sequence[tuple[str, str]] = (),
) -> Written:
    """Write the open findings below `target`; the same findings give the same bytes.

    No file names a client other than its own, whatever a cloud's text says; files about the MSP's
    own tenant and the manifest may. `tenants` empty means all. `contacts` are addresses that the
    configuration gives for tenants, whose domains name the client as a roster's do.
    """
    chosen = list(tenants) or None
    for tenant in tenants:
        known_tenant(con, tenant)
    rows = _rows(con, chosen)
    clients = dict(con.execute(_sql("clients.sql")).fetchall())
    wall = _wall(con, rows, _domains(clients, contacts))
    files: dict[str, bytes] = {}
    entries = []
    for (owner, client), group in groupby(rows, key=_place):
        part = [_walled(row, clients.get(client), wall) for row in group]
        for form in formats:
            path = _path(owner, client, form)
            if path in files:
                raise UsageError(f"two owners or clients would share the file {path}")
            files[path] = _rendered(form, part)
            entry = {"path": path, "owner": owner, "client": client, "rows": len(part)}
            entries.append({**entry, "sha256": digest(files[path])})
    scope = {"tenants": chosen, "formats": list(formats)}
    kept = publish(target, files, _manifest(con, scope, entries, now))
    owners = {row["owner"] for row in rows}
    return Written(tuple(sorted(files)), len(owners), len(rows), tuple(kept))


def _domains(
    clients: dict[str, str], contacts: Sequence[tuple[str, str]]
) -> list[tuple[str, str, str]]:
    """List the domains of the addresses that the configuration gives for clients."""
    return [
        (clients[tenant], "domain", address.rpartition("@")[2])
        for tenant, address in contacts
        if tenant in clients and "@" in address
    ]


def _sql(name: str) -> str:
    return resources.files("nhiscan.export").joinpath(name).read_text(encoding="utf-8")


def _rows(con: "duckdb.DuckDBPyConnection", tenants: list[str] | None) -> list[Row]:
    result = con.execute(_sql("gaps.sql"), {"tenants": tenants})
    names = [column[0] for column in result.description or ()]
    rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    for row in rows:
        row.update({key: _structure(row[key]) for key in ("criteria", "evidence_refs")})
    return rows


def _structure(text: str | None) -> Any:
    """Read a JSON column; text that is none stays text."""
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text


def _place(row: Row) -> tuple[str | None, str]:
    return row["owner"], row["client"]


def _path(owner: str | None, client: str, form: str) -> str:
    folder = UNASSIGNED if owner is None else path_name(owner)
    suffix: str = plugins.report(form).suffix
    return f"{folder}/{path_name(client)}{suffix}"


def terms(con: "duckdb.DuckDBPyConnection", config: "Config") -> list[tuple[str, str, str]]:
    """List the words that name each client: of the store, and of the configuration's contacts."""
    clients = dict(con.execute(_sql("clients.sql")).fetchall())
    contacts = [(t.id, address) for t in config.tenants for address in t.contacts.values()]
    return _domains(clients, contacts) + con.execute(_sql("terms.sql")).fetchall()


def _wall(
    con: "duckdb.DuckDBPyConnection", rows: Sequence[Row], terms: list[tuple[str, str, str]]
) -> Wall:
    mentioned = sorted(set().union(*(opaque_ids(row) for row in rows)))
    owners = con.execute(_sql("owners.sql"), {"ids": mentioned}).fetchall()
    return Wall(terms + con.execute(_sql("terms.sql")).fetchall(), dict(owners))


def _walled(row: Row, client: str | None, wall: Wall) -> Row:
    """Take out of a row what names another client; how many share it, it may say."""
    if client is None:
        return row
    named: set[str] = set()
    walled: Row = {}
    for key, value in row.items():
        walled[key], found = (value, set()) if key in FIXED else wall.masked(value, client)
        named |= found
    if row["other_clients"] is not None:
        count = walled["other_clients"] = max(row["other_clients"], len(named))
        if count:
            many = "1 other client" if count == 1 else f"{count} other clients"
            walled["title"] = f"{walled['title']} (also in {many})"
    return walled


def _rendered(form: str, rows: Sequence[Row]) -> bytes:
    columns = tuple(key for key in rows[0] if form == "jsonl" or key not in NESTED)
    table = Table(columns=columns, rows=[[row[key] for key in columns] for row in rows])
    stream = io.BytesIO()
    plugins.report(form).write(table, stream)
    return stream.getvalue()


def _manifest(
    con: "duckdb.DuckDBPyConnection",
    scope: dict[str, Any],
    entries: Sequence[dict[str, Any]],
    now: datetime,
) -> dict[str, Any]:
    """Describe an export: what was asked, of which scan, what could not be read, and each file."""
    scan = con.execute("SELECT scan_id FROM scans ORDER BY started_at DESC, scan_id LIMIT 1")
    latest = scan.fetchone()
    gaps = con.execute(_sql("coverage.sql"), {"tenants": scope["tenants"]})
    names = [column[0] for column in gaps.description or ()]
    return {
        "format": FORMAT,
        "version": 1,
        "tool": f"nhiscan {__version__}",
        "generated_at": now.isoformat().replace("+00:00", "Z"),
        "query": {"name": "gaps", "sha256": digest(_sql("gaps.sql").encode()), **scope},
        "scan_id": latest[0] if latest else None,
        "not_read": [dict(zip(names, row, strict=True)) for row in gaps.fetchall()],
        "rows": sum(entry["rows"] for entry in entries) // max(1, len(scope["formats"])),
        "files": sorted(entries, key=lambda entry: str(entry["path"])),
    }
