"""Reads the gap list that somebody answered in, every problem at once."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from nhiscan.answers.frozen import Finding, altered, known
from nhiscan.answers.origin import UNASSIGNED, owner_of
from nhiscan.answers.sheet import Cells, read_rows
from nhiscan.answers.words import decision
from nhiscan.config.model import Party
from nhiscan.errors import UsageError, first_of
from nhiscan.ownership.who import Directory
from nhiscan.records import utc
from nhiscan.text import shortened

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

NEEDED = ("finding_fp", "decision")
_LONGEST = 4000
_HINT = "nothing was imported; mend the file and import it again"


class Decision(Struct, frozen=True, kw_only=True):
    """One answer about one finding; `decided_by` is a party's id where a roster knows one.

    `asked` is whom the list said to own it: owners may have changed since it was sent.
    """

    line: int
    finding: Finding
    asked: str | None
    decision: str
    decided_by: str
    reassign_to: str | None
    defer_until: date | None
    comment: str | None


class Answered(Struct, frozen=True, kw_only=True):
    """A checked list. `owner_id` is whose list it is, None if nobody's or if that is not said.

    `empty` counts rows without decision; `notes` are told, and hinder nothing.
    """

    owner_id: str | None
    decisions: list[Decision]
    empty: int
    notes: list[str]


def read_decisions(
    file: Path, con: "DuckDBPyConnection", directory: Directory, by: str | None, now: datetime
) -> Answered:
    """Check every row against the store and the rosters; UsageError tells all that is wrong."""
    rows = list(read_rows(file, NEEDED))
    _header(file, rows)
    problems = list[str]()
    owner = owner_of(file, [cells for _, cells in rows])
    answered_by = by or (None if owner == UNASSIGNED else owner)
    if answered_by is None:
        problems.append(f"{file}: who answered is not said; add --by WHO")
    findings = known(con, {_fp(cells) for _, cells in rows})
    notes = list[str]()
    read = list[Decision]()
    for line, cells in rows:
        finding = findings.get(_fp(cells))
        wrong = list(_wrong(cells, finding, owner))
        if finding is not None and not wrong:
            asked = _asked(cells, finding, owner)
            wrong, one = _decision(line, cells, finding, asked, directory, answered_by or "", now)
            if one is not None and finding.resolved_at is not None:
                ended = f"{finding.resolved_at:%Y-%m-%d}"
                notes.append(f"{file}:{line}: {finding.finding_id} is resolved since {ended}:"
                             f" {one.decision!r} is not recorded")  # fmt: skip
            elif one is not None:
                read.append(one)
        problems += [f"{file}:{line}: {problem}" for problem in wrong]
    problems += _twice(file, rows)
    if problems:
        raise UsageError(first_of(problems), hint=_HINT)
    return Answered(
        owner_id=None if owner == UNASSIGNED else owner,
        decisions=read,
        empty=sum(not cells.get("decision", "").strip() for _, cells in rows),
        notes=notes,
    )


def _fp(cells: Cells) -> str:
    return cells.get("finding_fp", "").strip()


def _header(file: Path, rows: list[tuple[int, Cells]]) -> None:
    if not rows:
        raise UsageError(f"{file}: holds no finding", hint="answer in the file as it was sent")
    there = {name for _, cells in rows for name in cells}
    missing = [name for name in NEEDED if name not in there]
    if missing:
        listed = ", ".join(shortened(name, 40) for name in sorted(there)[:20])
        raise UsageError(
            f"{file}:1: column {' and '.join(map(repr, missing))} is missing (there are: {listed})",
            hint="answer in the file that `nhiscan export gaps` wrote: .csv or .xlsx",
        )


def _wrong(cells: Cells, finding: Finding | None, owner: str | None) -> Iterator[str]:
    """Say what of a row is not as it was sent."""
    fp = _fp(cells)
    if not fp:
        yield "finding_fp is empty"
    elif finding is None:
        yield f"no finding {shortened(fp, 40)!r} is known"
    else:
        for column, was in altered(cells, finding):
            told = shortened(cells[column].strip(), 60)
            yield f"{fp}: {column} {told!r} is not what was sent ({shortened(was, 60)!r})"
        whose = None if owner == UNASSIGNED else owner
        if owner is not None and whose not in finding.owners:
            now = finding.owner_id or "nobody"
            yield f"{fp}: is {now}'s, and this is the list of {owner}"


def _decision(
    line: int,
    cells: Cells,
    finding: Finding,
    asked: str | None,
    directory: Directory,
    by: str,
    now: datetime,
) -> tuple[list[str], Decision | None]:
    """Read the answer of a row: what is wrong with it, and what it is; None is not decided."""
    said = {name: cells.get(name, "").strip() for name in ("reassign_to", "defer_until", "comment")}
    try:
        chosen = decision(cells.get("decision", ""), finding.finding_id)
    except ValueError as error:
        return [str(error)], None
    wrong = list[str]()
    if chosen != "reassign" and said["reassign_to"]:
        wrong.append(f"reassign_to is filled, and the decision is {chosen or 'empty'}")
    if chosen not in ("defer", "accept") and said["defer_until"]:
        wrong.append(f"defer_until is filled, and the decision is {chosen or 'empty'}")
    if len(said["comment"]) > _LONGEST:
        wrong.append(f"comment is longer than {_LONGEST} characters")
    whom = None
    if chosen == "reassign" and said["reassign_to"]:
        try:
            whom = _successor(directory.find(said["reassign_to"], finding.tenant_id), asked)
        except UsageError as error:
            then = f"; {error.hint}" if error.hint else ""
            wrong.append(f"reassign_to: {' '.join(error.message.split())}{then}")
    until = utc(said["defer_until"])
    if said["defer_until"] and until is None:
        told = shortened(said["defer_until"], 40)
        wrong.append(f"defer_until {told!r} is not a date like 2027-01-31")
    elif until is not None and until <= now:
        wrong.append(f"defer_until {said['defer_until']} is past")
    if wrong or chosen is None:
        return wrong, None
    return [], Decision(
        line=line, finding=finding, asked=asked, decision=chosen,
        decided_by=_who(directory, by, finding), reassign_to=whom,
        defer_until=until.date() if until else None, comment=said["comment"] or None,
    )  # fmt: skip


def _successor(party: Party, asked: str | None) -> str:
    """Return who is to have it; UsageError if they cannot."""
    if party.kind not in ("person", "team"):
        raise UsageError(f"{party.party_id} is a {party.kind}, and cannot answer for anything")
    if party.employment == "left":
        raise UsageError(f"{party.party_id} has left, and cannot answer for anything")
    if party.party_id == asked:
        raise UsageError(f"{party.party_id} is who was asked")
    return party.party_id


def _asked(cells: Cells, finding: Finding, owner: str | None) -> str | None:
    """Say whom the list named as owner: in the row, else as a whole, else who it is now."""
    named = cells.get("owner", "").strip() if "owner" in cells else owner
    if named is None:
        return finding.owner_id
    return named if named in finding.owners else None


def _who(directory: Directory, by: str, finding: Finding) -> str:
    """Name whoever answered as the roster does, or as written."""
    try:
        return directory.find(by, finding.tenant_id).party_id
    except UsageError:
        return by


def _twice(file: Path, rows: list[tuple[int, Cells]]) -> Iterator[str]:
    counted = Counter(_fp(cells) for _, cells in rows)
    first: dict[str, int] = {}
    for line, cells in rows:
        fp = _fp(cells)
        if counted[fp] > 1 and fp and first.setdefault(fp, line) != line:
            yield f"{file}:{line}: {shortened(fp, 40)} stands in line {first[fp]} already"
