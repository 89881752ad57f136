"""Writes the gap lists: one folder per owner, in it per client a list in every form."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from nhiscan import __version__
from nhiscan.config.model import GapLists, Policy
from nhiscan.errors import NhiscanError, UsageError
from nhiscan.export.folder import FORMAT, Folder, digest, path_name, writing
from nhiscan.export.gaps import forms, letter
from nhiscan.export.gaps.mail import mail
from nhiscan.export.gaps.people import Copied, People, Person
from nhiscan.export.gaps.rows import Asked, Row, checked, count, parameters, rows, terms
from nhiscan.export.masked import text
from nhiscan.export.wall import Wall, opaque_ids

if TYPE_CHECKING:
    import duckdb

    from nhiscan.config.model import Config

FORMATS = ("csv", "jsonl", "xlsx", "md", "eml")
UNASSIGNED = "unassigned"


class Written(Struct, frozen=True):
    """What an export did; `kept` are files of an earlier one that somebody changed since.

    `folders` counts owners (or whatever makes a folder), `unowned` the findings of nobody.
    """

    files: tuple[str, ...]
    owners: int
    rows: int
    kept: tuple[str, ...]
    unowned: int


class _Made(Struct, kw_only=True):
    """What is known of an export while its files are being written."""

    files: list[dict[str, Any]] = []
    people: dict[str, dict[str, Any]] = {}
    owners: set[str | None] = set()
    rows: int = 0
    unowned: int = 0


def export(
    con: "duckdb.DuckDBPyConnection",
    target: Path,
    asked: Asked,
    *,
    formats: Sequence[str] = FORMATS,
    now: datetime,
    config: "Config | None" = None,
    say: Callable[[str], None] = lambda _: None,
) -> Written:
    """Write the findings below `target`; the same findings give the same bytes.

    No file names a client other than its own, whatever a cloud's text says; files about the MSP's
    own tenant and the manifest may. `say` is told how far it is, now and then.
    """
    if "eml" in formats and asked.by != "owner":
        raise UsageError(f"mails are for owners, and not by {asked.by}", hint="leave `eml` out")
    asked = checked(con, asked)
    writer = _Lists(con, asked, formats, now, config)
    made = _Made(files=[], people={}, owners=set())
    with writing(target) as folder:
        for part in _groups(rows(con, config, asked)):
            writer.write(folder, part, made)
            say(f"{made.rows} findings, {len(made.files)} files written")
        total = count(con, asked)
        if made.rows != total:
            raise NhiscanError(f"{made.rows} findings were written, but the query counts {total}")
        kept = folder.finish(_manifest(con, writer, made))
    paths = tuple(sorted(str(entry["path"]) for entry in made.files))
    return Written(paths, len(made.owners), made.rows, tuple(kept), made.unowned)


def _groups(found: Iterator[Row]) -> Iterator[list[Row]]:
    """Split rows, which come so ordered, by folder and client."""
    for _, part in groupby(found, key=lambda row: (row["folder"], row["client"])):
        yield list(part)


class _Lists:
    """Writes one list after another, each in all its forms."""

    def __init__(
        self,
        con: "duckdb.DuckDBPyConnection",
        asked: Asked,
        formats: Sequence[str],
        now: datetime,
        config: "Config | None",
    ) -> None:
        self.asked, self.formats, self.now = asked, tuple(formats), now
        self.gaps = _not_read(con, asked)
        self._unread = _unread(con, self.gaps, Wall(terms(con, config)))
        self.scan_id, self.scanned_at = _newest(con)
        self._people = People(con, config)
        self._addresses = config.gap_lists if config else GapLists()
        policy = (config.policy if config else Policy()).numbers()
        self._slas = [(name, days) for name, days in policy.items() if name.startswith("due_days_")]

    def write(self, folder: Folder, part: Sequence[Row], made: _Made) -> None:
        """Write one list, and note what was made of it."""
        place, client = part[0]["folder"], part[0]["client"]
        stem = f"{UNASSIGNED if place is None else path_name(place)}/{path_name(client)}"
        for form, content in self._forms(part, place, client, path_name(client), made):
            path = f"{stem}.{form}"
            entry = {"path": path, self.asked.by: place, "client": client, "rows": len(part)}
            made.files.append({**entry, "sha256": folder.write(path, content)})
        made.owners.add(place)
        made.rows += len(part)
        made.unowned += sum(row["owner"] is None for row in part)

    def _forms(
        self, part: Sequence[Row], place: str | None, client: str, name: str, made: _Made
    ) -> Iterator[tuple[str, bytes]]:
        unread = self._unread.get(client, [])
        owner = self._people.owner(place, client) if self.asked.by == "owner" else None
        book = None
        if {"xlsx", "eml"} & set(self.formats):
            book = forms.workbook(part, self._told(self._place(part[0]), client, len(part)), unread)
        words = letter.compose(
            part, client=client, owner=owner, place=self._place(part[0]), by=self.asked.by,
            unread=unread, now=self.now,
        )  # fmt: skip
        if "csv" in self.formats:
            yield "csv", forms.csv(part)
        if "jsonl" in self.formats:
            yield "jsonl", forms.lines(part)
        if "xlsx" in self.formats and book is not None:
            yield "xlsx", book
        if "md" in self.formats:
            yield "md", letter.markdown(words)
        if "eml" in self.formats and book is not None:
            copied = self._people.copied(part, owner, client, self.now)
            self._note(made, place, owner, copied, client)
            yield "eml", mail(
                words, owner=owner, copied=copied, workbook=book, name=f"{name}.xlsx",
                addresses=self._addresses if place is None else _own(self._addresses),
                at=self.scanned_at or self.now,
            )  # fmt: skip

    def _place(self, row: Row) -> str | None:
        """Say whose list a row is in, as its client may read it; the folder's name is for us."""
        name: str | None = row[
            {"organization": "remediation_org"}.get(self.asked.by, self.asked.by)
        ]
        return name

    def _told(self, place: str | None, client: str, count: int) -> list[tuple[str, Any]]:
        """Tell what a list was made with, as an auditor asks (governance 4.3)."""
        asked = parameters(self.asked)
        return [
            ("tool", f"nhiscan {__version__}"),
            ("scan", self.scan_id),
            ("scanned at", self.scanned_at),
            (self.asked.by, place or UNASSIGNED),
            ("client", client),
            ("rows", count),
            ("query", "gaps"),
            ("query_sha256", digest(text("gaps.sql").encode())),
            ("statuses", asked["statuses"]),
            ("severities", asked["severities"]),
            ("rules", asked["rules"] or "all"),
            ("only new", asked["is_new"]),
            *self._slas,
            ("sources not read whole", len(self._unread.get(client, []))),
        ]

    def _note(
        self,
        made: _Made,
        place: str | None,
        owner: Person | None,
        copied: list[Copied],
        client: str,
    ) -> None:
        entry = made.people.setdefault(
            place or UNASSIGNED,
            {"owner": place, "email": owner.email if owner else None, "copied": []},
        )
        entry["copied"] += [
            {"client": client, "email": one.email, "why": one.why} for one in copied
        ]


def _own(addresses: GapLists) -> GapLists:
    """Return the addresses for a list that has an owner: nobody else's stand-in gets it."""
    return GapLists(sender=addresses.sender, reply_to=addresses.reply_to)


def _newest(con: "duckdb.DuckDBPyConnection") -> tuple[str | None, datetime | None]:
    row = con.execute(
        "SELECT scan_id, started_at FROM scans ORDER BY started_at DESC, scan_id LIMIT 1"
    ).fetchone()
    return (row[0], row[1]) if row else (None, None)


def _not_read(con: "duckdb.DuckDBPyConnection", asked: Asked) -> list[dict[str, Any]]:
    found = con.execute(text("coverage.sql"), {"tenants": list(asked.tenants) or None})
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _unread(
    con: "duckdb.DuckDBPyConnection", gaps: Sequence[dict[str, Any]], wall: Wall
) -> dict[str, list[str]]:
    """Say what of each client was not read, a line each kind; no line names another client."""
    clients = dict(con.execute(text("clients.sql")).fetchall())
    mentioned = sorted(set().union(*(opaque_ids(gap["reason"]) for gap in gaps)))
    owners = con.execute(text("owners.sql"), {"ids": mentioned}).fetchall()
    knowing = wall.knowing(dict(owners))
    found: dict[str, set[str]] = {}
    for gap in gaps:
        why = f": {gap['reason']}" if gap["reason"] else ""
        line = f"{gap['account_id']} {gap['source']}: {gap['state']}{why}"
        client = clients.get(gap["client"])
        told = line if client is None else knowing.masked(line, client)[0]
        found.setdefault(gap["client"], set()).add(told)
    return {client: sorted(lines) for client, lines in found.items()}


def _manifest(con: "duckdb.DuckDBPyConnection", writer: _Lists, made: _Made) -> dict[str, Any]:
    """Describe an export: what was asked, of which scan, what could not be read, and each file."""
    scope = parameters(writer.asked)
    return {
        "format": FORMAT,
        "version": 2,
        "tool": f"nhiscan {__version__}",
        "generated_at": writer.now.isoformat().replace("+00:00", "Z"),
        "query": {
            "name": "gaps",
            "sha256": digest(text("gaps.sql").encode()),
            "formats": list(writer.formats),
            **scope,
        },
        "scan_id": writer.scan_id,
        "not_read": writer.gaps,
        "rows": made.rows,
        "unowned": made.unowned,
        "owners": [made.people[name] for name in sorted(made.people)],
        "files": sorted(made.files, key=lambda entry: str(entry["path"])),
    }
