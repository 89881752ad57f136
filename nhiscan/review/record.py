"""Records what a monthly review decided on the frozen pack, and what it left open."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from nhiscan.answers.sheet import read_rows
from nhiscan.answers.words import decision
from nhiscan.errors import UsageError, first_of
from nhiscan.evidence.chain import append
from nhiscan.review.prepare import Pack, packs
from nhiscan.text import shortened

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# What people may not change in a pack; empty cells, and times as spreadsheets write them, pass.
_COMPARED = ("kind", "rule", "severity", "title", "owner", "subject")


class Recorded(Struct, frozen=True, kw_only=True):
    """What a review decided; `undecided` are the items that needed a decision and have none."""

    pack: Pack
    decided: int
    undecided: list[str]
    is_newest: bool


def record(
    con: "DuckDBPyConnection",
    path: Path,
    tenant_id: str,
    month: str,
    *,
    chair_id: str,
    held_at: datetime,
    at: datetime,
) -> Recorded:
    """Record the decisions of `path`, in the caller's revision.

    UsageError, and nothing recorded, if a decision is none, or if the file is not a pack that was
    frozen for that month: an item that is in none of its versions, or one that was altered.
    """
    frozen = packs(con, tenant_id, month)
    if not frozen:
        raise UsageError(
            f"no pack of {month} was frozen for {tenant_id}",
            hint=f"nhiscan review prepare --tenant {tenant_id} --month {month} -o FILE",
        )
    rows, problems = _rows(path, may_be_empty=not frozen[0].items)
    pack = _matching(frozen, rows)
    _held_when(pack, held_at, at)
    problems += _foreign(path, pack, rows)
    if problems:
        raise UsageError(first_of(problems), hint="decide in the file that `review prepare` wrote")
    decided = _decided(pack, rows)
    held = {"chair_id": chair_id, "held_at": held_at.isoformat()}
    append(con, tenant_id, "review_recorded", held | decided, at)
    return Recorded(
        pack=pack,
        decided=len(decided["decisions"]),
        undecided=decided["undecided"],
        is_newest=pack is frozen[0],
    )


_Row = tuple[int, str, str | None, str, dict[str, str]]


def _decided(pack: Pack, rows: list[_Row]) -> dict[str, Any]:
    """Say which pack was decided on, how, and what was left open, as the ledger keeps it."""
    made = {item: (chosen, comment) for _, item, chosen, comment, _ in rows if chosen is not None}
    needed = [item["item_id"] for item in pack.items if item["needs_decision"]]
    return {
        "month": pack.month,
        "version": pack.version,
        "inputs_sha256": pack.inputs_sha256,
        "decisions": [
            {"item_id": item, "decision": chosen} | ({"comment": comment} if comment else {})
            for item, (chosen, comment) in sorted(made.items())
        ],
        "undecided": [item for item in needed if item not in made],
        "items": len(needed),
    }


def _held_when(pack: Pack, held_at: datetime, at: datetime) -> None:
    """Refuse a review that is still to come, or of a pack that was not there yet."""
    if held_at > at:
        raise UsageError(f"--held-at {held_at:%Y-%m-%dT%H:%M:%SZ} is still to come")
    if pack.frozen_at is not None and held_at < pack.frozen_at:
        raise UsageError(
            f"--held-at {held_at:%Y-%m-%dT%H:%M:%SZ} is before the pack was frozen,"
            f" {pack.frozen_at:%Y-%m-%dT%H:%M:%SZ}"
        )


def _rows(path: Path, *, may_be_empty: bool) -> tuple[list[_Row], list[str]]:
    """Return (line, item, decision, comment, cells) of a file, and what is wrong with it."""
    rows: list[_Row] = []
    problems: list[str] = []
    seen: dict[str, int] = {}
    for line, cells in read_rows(path):
        item = cells.get("item_id", "").strip()
        if not item:
            problems.append(f"{path}:{line}: item_id is empty or missing")
            continue
        if item in seen:
            told = shortened(item, 40)
            problems.append(f"{path}:{line}: {told} stands in line {seen[item]} already")
        seen[item] = line
        try:
            chosen = decision(cells.get("decision", ""), f"{path}:{line}")
        except ValueError as error:
            problems.append(str(error))
            continue
        rows.append((line, item, chosen, cells.get("comment", "").strip(), cells))
    # a month in which nothing was to decide is reviewed by the header alone
    if not seen and not problems and not (may_be_empty and path.stat().st_size):
        problems.append(f"{path}: holds no item")
    return rows, problems


def _matching(frozen: list[Pack], rows: list[_Row]) -> Pack:
    """Return the newest pack that knows all items of the file, else the newest."""
    items = {item for _, item, _, _, _ in rows}
    for pack in frozen:
        if items <= {item["item_id"] for item in pack.items} and not list(_altered(pack, rows)):
            return pack
    return frozen[0]


def _foreign(path: Path, pack: Pack, rows: list[_Row]) -> list[str]:
    known = {item["item_id"] for item in pack.items}
    strange = [
        f"{path}:{line}: {shortened(item, 40)} is no item of the frozen pack"
        for line, item, _, _, _ in rows
        if item not in known
    ]
    altered = [
        f"{path}:{line}: {item}: {column} is not what was frozen"
        for line, item, column in _altered(pack, rows)
    ]
    return strange + altered


def _altered(pack: Pack, rows: list[_Row]) -> list[tuple[int, str, str]]:
    known: dict[str, dict[str, Any]] = {item["item_id"]: item for item in pack.items}
    return [
        (line, item, column)
        for line, item, _, _, cells in rows
        for column in _COMPARED
        if item in known and column in cells and _same(cells[column]) != _same(known[item][column])
    ]


def _same(value: Any) -> str:
    """Bring a cell to what survives a spreadsheet: no surrounding blanks, one kind of line end."""
    text = "" if value is None else str(value)
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()
