"""Writes tickets as a profile wants them: a folder per client, and a manifest beside."""

import io
import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct

from nhiscan import __version__, plugins
from nhiscan.export.folder import FORMAT, Folder, path_name, writing
from nhiscan.export.folder import digest as file_digest
from nhiscan.export.gaps.rows import Asked, Row, checked, parameters, rows, terms
from nhiscan.export.masked import text
from nhiscan.export.tickets import cells
from nhiscan.export.tickets.profile import Profile, digest
from nhiscan.export.wall import MASK, Wall
from nhiscan.table import Table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from nhiscan.config.model import Config

Group = Literal["finding", "owner"]


class Written(Struct, frozen=True, kw_only=True):
    """What an export did. `ticketed` findings have an open ticket and were left out.

    `kept` are files of an earlier export that somebody changed since.
    """

    files: tuple[str, ...]
    tickets: int
    findings: int
    ticketed: int
    kept: tuple[str, ...]


def export(
    con: "DuckDBPyConnection",
    target: Path,
    profile: Profile,
    asked: Asked,
    *,
    group: Group,
    is_all: bool,
    now: datetime,
    config: "Config | None" = None,
) -> Written:
    """Write tickets below `target`, one folder a client; no file names another client.

    Findings with an open ticket are left out unless `is_all`, or unless the system updates a ticket
    by its number: then they carry it.
    """
    asked = checked(con, asked)
    opened = _Open(con, config)
    entries = list[dict[str, Any]]()
    findings = 0
    with writing(target) as folder:
        for client, part in groupby(rows(con, config, asked), key=lambda row: row["client"]):
            found = list(part)
            wanted = [row for row in found if opened.is_wanted(row, profile, is_all=is_all)]
            findings += len(wanted)
            tickets = list(_tickets(found, wanted, group))
            entries += _write(folder, client, profile, tickets)
        told = _manifest(con, profile, asked, group, now)
        listed = sorted(entries, key=lambda entry: str(entry["path"]))
        many = sum(entry["tickets"] for entry in entries)
        kept = folder.finish(
            {**told, "rows": many, "findings": findings, "left_out_with_open_ticket": opened.left,
             "files": listed}
        )  # fmt: skip
    return Written(
        files=tuple(entry["path"] for entry in listed), tickets=many, findings=findings,
        ticketed=opened.left, kept=tuple(kept),
    )  # fmt: skip


class _Open:
    """Knows which findings have an open ticket, and counts those that are left out for it."""

    def __init__(self, con: "DuckDBPyConnection", config: "Config | None") -> None:
        self._refs = dict(
            con.execute(
                "SELECT finding_id, arg_max(ticket_ref, (recorded_at, ticket_ref)) FROM tickets"
                " WHERE NOT is_closed GROUP BY finding_id"
            ).fetchall()
        )
        self._clients = dict(con.execute(text("clients.sql")).fetchall())
        self._wall = Wall(terms(con, config) if self._refs else [])
        self.left = 0

    def is_wanted(self, row: Row, profile: Profile, *, is_all: bool) -> bool:
        """Say whether a finding becomes a ticket, and give it its open ticket's number."""
        ref = self._refs.get(row["finding_fp"])
        client = self._clients.get(row["client"])
        shown = ref if client is None or ref is None else self._wall.masked(ref, client)[0]
        row["ticket_ref"] = shown
        if ref is None or is_all:
            return True
        # A number that had to be masked would open a second ticket.
        if profile.updates and MASK not in str(shown):
            return True
        self.left += 1
        return False


def _tickets(part: Sequence[Row], wanted: Sequence[Row], group: Group) -> Iterator[dict[str, Any]]:
    """Make the tickets of a client's `wanted` findings, of all of them in `part`."""
    if group == "finding":
        yield from map(cells.of_finding, wanted)
        return
    opened: dict[str | None, set[str]] = {}
    for row in part:
        opened.setdefault(row["owner"], set()).update({row["ticket_ref"]} - {None})
    by_owner = sorted(wanted, key=lambda row: (row["owner"] or "", row["ticket_ref"] or ""))
    for (owner, ref), found in groupby(by_owner, key=lambda row: (row["owner"], row["ticket_ref"])):
        # What came after an owner's open ticket is one of its own: it must not overwrite that.
        yield cells.of_owner(list(found), apart=[ref] if ref else sorted(opened[owner]))


def _write(
    folder: Folder, client: str, profile: Profile, tickets: list[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """Write a client's files; yield what the manifest tells of each."""
    size = 1 if profile.format == "json" else profile.chunk or max(len(tickets), 1)
    for number, start in enumerate(range(0, len(tickets), size), start=1):
        part = tickets[start : start + size]
        if profile.format == "json":
            name, content = f"{part[0]['key']}.json", _body(part[0], profile)
        else:
            name, content = f"{path_name(profile.name)}-{number:03}.csv", _sheet(part, profile)
        path = f"{path_name(client)}/{name}"
        yield {
            "path": path,
            "client": client,
            "tickets": len(part),
            "findings": {one["key"]: one["finding_fp"].split() for one in part},
            "sha256": folder.write(path, content),
        }


def _sheet(part: Sequence[dict[str, Any]], profile: Profile) -> bytes:
    """Write a CSV that no spreadsheet runs; a repeated column is as wide as the longest needs."""
    repeated = {
        column.to: [cells.words(column, one, profile) for one in part]
        for column in profile.columns
        if column.repeat is not None
    }
    width = {name: max(map(len, words), default=0) for name, words in repeated.items()}
    header = list[str]()
    for column in profile.columns:
        header += [column.to] * width.get(column.to, 1)
    lines = list[list[str]]()
    for index, one in enumerate(part):
        line = list[str]()
        for column in profile.columns:
            if column.repeat is None:
                line.append(cells.value(column, one, profile))
            else:
                words = repeated[column.to][index]
                line += words + [""] * (width[column.to] - len(words))
        lines.append(line)
    stream = io.BytesIO(b"\xef\xbb\xbf" if profile.bom else b"")
    stream.seek(0, io.SEEK_END)
    plugins.report("csv").write(Table(columns=tuple(header), rows=lines), stream)
    return stream.getvalue()


def _body(one: dict[str, Any], profile: Profile) -> bytes:
    """Write one JSON body; `a/b` is b inside a, and what is empty is left out."""
    body: dict[str, Any] = {}
    for column in profile.columns:
        said: Any = (
            cells.words(column, one, profile)
            if column.repeat is not None
            else cells.value(column, one, profile)
        )
        if said in ("", []):
            continue
        *above, last = column.to.split("/")
        place = body
        for name in above:
            place = place.setdefault(name, {})
        place[last] = said
    return json.dumps(body, indent=2, ensure_ascii=True).encode() + b"\n"


def _manifest(
    con: "DuckDBPyConnection", profile: Profile, asked: Asked, group: Group, now: datetime
) -> dict[str, Any]:
    scan = con.execute(
        "SELECT scan_id FROM scans ORDER BY started_at DESC, scan_id LIMIT 1"
    ).fetchone()
    found = con.execute(text("coverage.sql"), {"tenants": list(asked.tenants) or None})
    names = [column[0] for column in found.description or ()]
    return {
        "format": FORMAT,
        "version": 2,
        "tool": f"nhiscan {__version__}",
        "generated_at": now.isoformat().replace("+00:00", "Z"),
        "profile": {"name": profile.name, "sha256": digest(profile), "notes": profile.notes},
        "group": group,
        "query": {
            "name": "gaps",
            "sha256": file_digest(text("gaps.sql").encode()),
            **parameters(asked),
        },
        "scan_id": scan[0] if scan else None,
        "not_read": [dict(zip(names, row, strict=True)) for row in found.fetchall()],
    }
