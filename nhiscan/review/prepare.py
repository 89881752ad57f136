"""Freezes what a month's review has before it, and hashes it."""

import re
from datetime import UTC, datetime
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from nhiscan.errors import UsageError
from nhiscan.evidence.chain import append, canonical
from nhiscan.table import Table
from nhiscan.text import shortened

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# The columns of a pack as a file; the last two are for whoever decides.
COLUMNS = (
    "item_id", "kind", "rule", "severity", "title", "owner", "subject", "first_seen", "due_at",
    "needs_decision", "decision", "comment",
)  # fmt: skip
_FROZEN = COLUMNS[:-2]
_MONTH = re.compile(r"[1-8]\d{3}-(0[1-9]|1[0-2])", re.ASCII)


class Pack(Struct, frozen=True, kw_only=True):
    """A frozen pack. `items` maps the frozen columns to plain values; `version` counts from 1."""

    tenant_id: str
    month: str
    version: int
    inputs_sha256: str
    items: list[dict[str, Any]]
    frozen_at: datetime | None = None
    is_new: bool = False

    def table(self) -> Table:
        """Return the pack as a table to decide on."""
        rows = [(*(item[name] for name in _FROZEN), None, None) for item in self.items]
        return Table(
            columns=COLUMNS,
            rows=rows,
            title=f"Review {self.tenant_id} {self.month}",
            notes=(f"inputs_sha256 {self.inputs_sha256}, version {self.version}",),
        )


def month_bounds(month: str) -> tuple[datetime, datetime]:
    """Return the first moment of a month `YYYY-MM`, and of the next. UsageError if it is none."""
    # strptime would read 2026-1 and other scripts' digits, under which nobody looks for a review
    if not _MONTH.fullmatch(month):
        raise UsageError(f"--month {shortened(month, 40)!r}: write it like 2026-10")
    start = datetime(int(month[:4]), int(month[5:]), 1, tzinfo=UTC)
    end = start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)
    return start, end


def prepare(con: "DuckDBPyConnection", tenant_id: str, month: str, at: datetime) -> Pack:
    """Freeze the pack of a month as things stand, in the caller's revision.

    If nothing differs from the newest pack of that month, that one is returned and nothing is
    written; else the new one is a further version, and both are kept. UsageError if the month has
    not begun.
    """
    start, end = month_bounds(month)
    if start > at:
        raise UsageError(f"--month {month} has not begun yet")
    items = _items(con, tenant_id, (start, end, at))
    digest = sha256(canonical(items).encode("utf-8", "surrogatepass")).hexdigest()
    last = newest(con, tenant_id, month)
    if last is not None and last.inputs_sha256 == digest:
        return last
    version = last.version + 1 if last else 1
    body = {"month": month, "version": version, "inputs_sha256": digest, "items": items}
    append(con, tenant_id, "review_prepared", body, at)
    return Pack(
        tenant_id=tenant_id,
        month=month,
        version=version,
        inputs_sha256=digest,
        items=items,
        is_new=True,
    )


def pending(
    con: "DuckDBPyConnection", tenant_id: str, bounds: tuple[datetime, datetime, datetime]
) -> Table:
    """Return what a review would have before it, without freezing it; `bounds` end with now."""
    found = _items(con, tenant_id, bounds)
    rows = [[item[name] for name in _FROZEN] for item in found]
    return Table(columns=_FROZEN, rows=rows, title="What the review decides on, and what changed")


def _items(
    con: "DuckDBPyConnection", tenant_id: str, bounds: tuple[datetime, datetime, datetime]
) -> list[dict[str, Any]]:
    text = files("nhiscan.review").joinpath("pack.sql").read_text("utf-8")
    start, end, now = bounds
    params = {"tenant": tenant_id, "start": start, "end": end, "now": now}
    result = con.execute(text, params)
    rows = result.fetchall()
    return [dict(zip(_FROZEN, map(_plain, row), strict=True)) for row in rows]


def _plain(value: Any) -> Any:
    return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if isinstance(value, datetime) else value


def packs(con: "DuckDBPyConnection", tenant_id: str, month: str) -> list[Pack]:
    """Read the packs of a month that were frozen, the newest first."""
    import json

    rows = con.execute(
        "SELECT body, recorded_at FROM ledger_entry"
        " WHERE tenant_id = ? AND kind = 'review_prepared' AND body ->> 'month' = ?"
        " ORDER BY seq DESC",
        [tenant_id, month],
    ).fetchall()
    return [Pack(tenant_id=tenant_id, frozen_at=at, **json.loads(body)) for body, at in rows]


def newest(con: "DuckDBPyConnection", tenant_id: str, month: str) -> Pack | None:
    """Return the newest pack of a month, or None."""
    return next(iter(packs(con, tenant_id, month)), None)
