"""Reads what a ticket system says of findings, every problem at once, and records it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from nhiscan.answers.sheet import Cells, read_rows
from nhiscan.errors import UsageError, first_of
from nhiscan.graph.staging import run_script, stage_rows
from nhiscan.records import utc
from nhiscan.text import shortened

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from nhiscan.store.revision import Revision

# Our column -> how it may be called in a file.
NAMES = {
    "fp": ("fp", "finding_fp", "finding_id"),
    "ticket_ref": ("ticket_ref",),
    "status": ("status",),
    "closed_at": ("closed_at",),
}
_NEEDED = ("fp", "ticket_ref")
# One ticket may be about several findings: ids between blanks, commas or semicolons.
_BETWEEN = re.compile(r"[\s,;|]+")
_ID = re.compile(r"find_[0-9a-f]{20}", re.ASCII)
_MARK = "find_"
_LONGEST = 200
_STAGED = {
    "finding_id": "VARCHAR",
    "ticket_ref": "VARCHAR",
    "status": "VARCHAR",
    "closed_at": "TIMESTAMPTZ",
}
_HINT = "nothing was imported; mend the file and import it again"


class Ticket(Struct, frozen=True, kw_only=True):
    """What a file says of one ticket and one finding."""

    finding_id: str
    ticket_ref: str
    status: str | None
    closed_at: datetime | None


class Changes(Struct, frozen=True, kw_only=True):
    """What an import told anew. `shown` and `to_close` are (ticket, finding, title) of the file's.

    `shown`: closed, and read whole since, which still shows the finding. `unread`: closed, and
    not read since. `to_close`: still open, and a complete read no longer shows the finding.
    """

    new: int
    changed: int
    closed: int
    same: int
    shown: list[tuple[str, str, str]]
    unread: list[tuple[str, str, str]]
    to_close: list[tuple[str, str, str]]


def read_tickets(
    file: Path,
    con: "DuckDBPyConnection",
    columns: Mapping[str, str],
    now: datetime,
    usual: Mapping[str, str] | None = None,
) -> tuple[list[Ticket], int]:
    """Check every row; UsageError tells all that is wrong. `columns` maps our names to theirs.

    `usual` does so too, and its columns may be missing but for the needed ones.
    With a column of another system's for `fp`, rows that name no finding there are its other
    tickets: they are passed over, and counted beside the tickets.
    """
    rows = list(read_rows(file, repeated=True))
    mapped = {**(usual or {}), **columns}
    named, problems = _named(file, rows, mapped, columns)
    whole = len(rows)
    if "fp" in mapped and "fp" in named:
        rows = [(line, cells) for line, cells in rows if _MARK in cells.get(named["fp"], "")]
    read = list[tuple[int, Ticket]]()
    for line, cells in rows:
        wrong, tickets = _tickets(line, cells, named, now)
        problems += [f"{file}:{line}: {problem}" for problem in wrong]
        read += tickets
    problems += _unknown(file, con, read)
    problems += _contradictions(file, read)
    if not whole and not problems:
        problems.append(f"{file}: holds no ticket")
    if problems:
        raise UsageError(first_of(problems), hint=_HINT)
    return list(dict.fromkeys(ticket for _, ticket in read)), whole - len(rows)


def record_tickets(revision: "Revision", tickets: Iterable[Ticket], by: str) -> Changes:
    """Add what is new of tickets as of now; what is known already is left as it is."""
    con = revision.con
    staged = [
        (one.finding_id, one.ticket_ref, one.status, one.closed_at and one.closed_at.isoformat())
        for one in tickets
    ]
    stage_rows(con, "told_ticket", _STAGED, staged)
    run_script(con, "nhiscan.answers", "tickets.sql", at=revision.at, by=by)
    told = con.execute(_statement("told.sql")).fetchone() or (0, 0, 0, 0)
    standing = con.execute(_statement("standing.sql")).fetchall()
    return Changes(
        new=told[0], changed=told[1], closed=told[2], same=told[3],
        **{
            name: [(ref, finding, title) for kind, ref, finding, title in standing if kind == name]
            for name in ("shown", "unread", "to_close")
        },
    )  # fmt: skip


def _named(
    file: Path,
    rows: list[tuple[int, Cells]],
    columns: Mapping[str, str],
    given: Mapping[str, str],
) -> tuple[dict[str, str], list[str]]:
    """Find the file's column for each of ours, and say what is missing or misspelt.

    What is `given` must be there.
    """
    there = list(dict.fromkeys(name for _, cells in rows for name in cells))
    named, problems = dict[str, str](), list[str]()
    if not rows:
        return named, problems
    for ours, known in NAMES.items():
        wanted = (columns[ours],) if ours in columns else known
        found = [name for name in wanted if name in there]
        if len(found) > 1:
            problems.append(f"{file}:1: columns {' and '.join(map(repr, found))} say the same")
        if found:
            named[ours] = found[0]
            continue
        near = get_close_matches(wanted[0], [n for n in there if n not in named.values()], n=1)
        if ours in _NEEDED or ours in given:
            then = f"did you mean {shortened(near[0], 40)!r}?" if near else _which(there)
            problems.append(f"{file}:1: column {' or '.join(map(repr, wanted))} is missing; {then}")
        elif near and not any(near[0] in known for known in NAMES.values()):
            problems.append(
                f"{file}:1: unknown column {shortened(near[0], 40)!r}; did you mean {ours!r}?"
            )
    return named, problems


def _which(there: list[str]) -> str:
    listed = ", ".join(shortened(name, 40) for name in there[:20])
    return f"there are: {listed}; `--columns fp=…,ticket_ref=…` says which is which"


def _tickets(
    line: int, cells: Cells, named: Mapping[str, str], now: datetime
) -> tuple[list[str], list[tuple[int, Ticket]]]:
    """Read one row: what is wrong with it, and a ticket for each finding that it names."""
    if any(ours not in named for ours in _NEEDED):
        return [], []
    said = {ours: cells.get(name, "").strip() for ours, name in named.items()}
    wrong = [f"{named[ours]} is empty" for ours in _NEEDED if not said[ours]]
    for ours in ("ticket_ref", "status"):
        if len(said.get(ours, "")) > _LONGEST:
            wrong.append(f"{named[ours]} is longer than {_LONGEST} characters")
    closed = said.get("closed_at", "")
    moment = utc(closed)
    if closed and moment is None:
        told = shortened(closed, 40)
        wrong.append(f"{named['closed_at']} {told!r} is not a date like 2026-05-31")
    elif moment is not None and moment > now:
        wrong.append(f"{named['closed_at']} {closed} is still to come")
    if wrong:
        return wrong, []
    ids = [word for word in _BETWEEN.split(said["fp"]) if _ID.fullmatch(word)] or [said["fp"]]
    ref, status = said["ticket_ref"], said.get("status") or None
    return [], [
        (line, Ticket(finding_id=one, ticket_ref=ref, status=status, closed_at=moment))
        for one in dict.fromkeys(ids)
    ]


def _unknown(
    file: Path, con: "DuckDBPyConnection", read: list[tuple[int, Ticket]]
) -> Iterator[str]:
    """Name the findings that the store never knew."""
    ids = sorted({ticket.finding_id for _, ticket in read})
    found = con.execute(
        "SELECT finding_id FROM findings WHERE finding_id IN (SELECT unnest($ids::VARCHAR[]))",
        {"ids": ids},
    )
    known = {row[0] for row in found.fetchall()}
    for line, ticket in read:
        if ticket.finding_id not in known:
            told = shortened(ticket.finding_id, 40)
            yield f"{file}:{line}: no finding {told!r} is known"


def _contradictions(file: Path, read: list[tuple[int, Ticket]]) -> Iterator[str]:
    """Name the rows that say something else of a ticket and finding than a row before."""
    seen: dict[tuple[str, str], tuple[int, Ticket]] = {}
    for line, ticket in read:
        first, before = seen.setdefault((ticket.finding_id, ticket.ticket_ref), (line, ticket))
        if before != ticket:
            told = shortened(ticket.ticket_ref, 40)
            yield f"{file}:{line}: says something else of {told} than line {first}"


def _statement(name: str) -> str:
    return files("nhiscan.answers").joinpath(name).read_text("utf-8")
