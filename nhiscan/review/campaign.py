"""Records an access review: who decided what about which identity, and how long it took."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from nhiscan.answers.sheet import read_rows
from nhiscan.answers.words import decision
from nhiscan.config.model import Config
from nhiscan.errors import UsageError, first_of
from nhiscan.evidence.chain import append
from nhiscan.evidence.choose import nearest
from nhiscan.evidence.parse import moment
from nhiscan.ownership.matching import Roster
from nhiscan.ownership.roster import everybody

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

COLUMNS = (
    "campaign_id", "tenant_id", "identity", "reviewer", "decision", "justification", "decided_at",
    "seconds_spent",
)  # fmt: skip
_NEEDED = COLUMNS[:5]


class Campaign(Struct, frozen=True, kw_only=True):
    """What was recorded of one campaign of one tenant."""

    tenant_id: str
    campaign_id: str
    rows: int
    undecided: int


def is_campaign(path: Path) -> bool:
    """Say whether a file is an access review by its columns, and no decided monthly pack."""
    for _, cells in read_rows(path):
        return "campaign_id" in cells
    return False


def record_campaign(
    con: "DuckDBPyConnection",
    config: Config,
    path: Path,
    at: datetime,
    tenant_id: str | None = None,
) -> list[Campaign]:
    """Record every campaign of a file, in the caller's revision: one entry per tenant.

    UsageError names every line that is wrong, and those of others where one tenant is named; then
    nothing is recorded.
    """
    reader = _Reader(config, path, at, tenant_id)
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for line, cells in read_rows(path):
        row = reader.row(line, cells)
        if row is not None:
            found.setdefault((cells["tenant_id"].strip(), cells["campaign_id"].strip()), []).append(
                row
            )
    reader.stop(empty=not found)
    recorded = []
    for (tenant, campaign), rows in sorted(found.items()):
        append(con, tenant, "access_review", {"campaign_id": campaign, "rows": rows}, at)
        undecided = sum(row.get("decision") is None for row in rows)
        recorded.append(
            Campaign(tenant_id=tenant, campaign_id=campaign, rows=len(rows), undecided=undecided)
        )
    return recorded


class _Reader:
    """Checks rows, and collects what is wrong with them."""

    def __init__(self, config: Config, path: Path, at: datetime, tenant_id: str | None) -> None:
        self._path = path
        self._at = at
        self._only = tenant_id
        self._seen: dict[tuple[str, ...], int] = {}
        self._groups = {tenant.id: tenant.group for tenant in config.tenants}
        msp = self._groups.get(config.msp_id, config.msp_id)
        self._roster = Roster(everybody(config), self._groups, msp)
        self._problems: list[str] = []

    def row(self, line: int, cells: dict[str, str]) -> dict[str, Any] | None:
        """Return one row as it is recorded; None if something is wrong with it."""
        before = len(self._problems)
        where = f"{self._path}:{line}"
        for column in _NEEDED:
            if column not in cells or (column != "decision" and not cells[column].strip()):
                self._problems.append(f"{where}: {column} is empty or missing")
        if len(self._problems) > before:
            return None
        tenant = cells["tenant_id"].strip()
        if tenant not in self._groups:
            near = nearest(tenant, self._groups)
            said = f"{where}: no tenant {tenant[:40]!r}"
            self._problems.append(f"{said}; {near}" if near else said)
        elif self._only not in (None, tenant):
            self._problems.append(f"{where}: is about {tenant}, not about {self._only}")
        row: dict[str, Any] = {"line": line, "identity": cells["identity"].strip()}
        reviewer = row["reviewer"] = cells["reviewer"].strip()
        who = (tenant, cells["campaign_id"].strip(), row["identity"], reviewer)
        if (first := self._seen.setdefault(who, line)) != line:
            self._problems.append(f"{where}: {reviewer[:40]} decided on it in line {first} already")
        match = self._roster.match(reviewer, self._groups.get(tenant, tenant))
        row["reviewer_id"] = match.party_id
        row["justification"] = cells.get("justification", "").strip() or None
        try:
            row["decision"] = decision(cells["decision"], where)
            row["decided_at"] = _time(cells.get("decided_at", ""), where, self._at)
            row["seconds_spent"] = _seconds(cells.get("seconds_spent", ""), where)
        except ValueError as error:
            self._problems.append(str(error))
        kept = {name: value for name, value in row.items() if value is not None}
        return kept if len(self._problems) == before else None

    def stop(self, *, empty: bool) -> None:
        """Raise what was collected, if anything."""
        if self._problems:
            raise UsageError(first_of(self._problems), hint=f"columns: {', '.join(COLUMNS)}")
        if empty:
            raise UsageError(f"{self._path}: holds no row", hint=f"columns: {', '.join(COLUMNS)}")


def _time(text: str, where: str, at: datetime) -> str | None:
    if not text.strip():
        return None
    try:
        decided = moment(text)
    except (ValueError, OverflowError):
        raise ValueError(f"{where}: decided_at {text[:40]!r} is no ISO 8601 time") from None
    if decided > at:
        raise ValueError(f"{where}: decided_at {text[:40]!r} is still to come")
    return decided.isoformat()


def _seconds(text: str, where: str) -> float | None:
    if not text.strip():
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < 1e9:
        raise ValueError(f"{where}: seconds_spent {text[:40]!r} is no number of seconds")
    return seconds
