"""Adds a piece of evidence: its file is kept and hashed, an entry in the ledger says what it is."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct, structs

from nhiscan.evidence.chain import Entry, append
from nhiscan.evidence.keep import keep
from nhiscan.evidence.kinds import RECORDS, USAGE
from nhiscan.evidence.parse import read_records
from nhiscan.evidence.usage import load_usage, read_usage
from nhiscan.records import public_id

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class Piece(Struct, frozen=True, kw_only=True):
    """What is said of a piece of evidence when it is added.

    `instance_id` is null for evidence about the tenant as a whole. The period is half-open and may
    be open at both ends. `attribution_ratio` (0 to 1) is the part of the operations of a shared
    identity that can be told apart by client, where somebody else counted. `uri` names evidence
    that is kept elsewhere; then `source` is null.
    """

    tenant_id: str
    instance_id: str | None = None
    kind: str
    custodian_id: str
    custodian_org: str
    collector: str
    collected_at: datetime
    period_start: datetime | None = None
    period_end: datetime | None = None
    attribution_ratio: float | None = None
    uri: str | None = None
    sha256: str | None = None
    note: str | None = None


class Added(Struct, frozen=True, kw_only=True):
    """What was recorded, and how many records or events it holds."""

    entry: Entry
    evidence_id: str
    rows: int | None


def add(
    con: "DuckDBPyConnection", store: Path, piece: Piece, source: Path | None, at: datetime
) -> Added:
    """Keep `source` and append to the ledger, in the caller's revision of `store`.

    Kinds that hold records are read first: UsageError names each line that is wrong, and then
    nothing is recorded.
    """
    body = {k: _plain(v) for k, v in structs.asdict(piece).items() if v is not None}
    events = records = None
    if source is not None and piece.kind == USAGE:
        events = read_usage(source)
        body["row_count"] = len(events)
    elif source is not None and piece.kind in RECORDS:
        records = read_records(source, RECORDS[piece.kind])
        body |= {"records": records, "row_count": len(records)}
    if source is not None:
        kept = keep(store, piece.tenant_id, source.name, source)
        body |= {"path": kept.path, "sha256": kept.sha256, "size": kept.size, "name": source.name}
    what = (piece.instance_id or "", piece.kind, body.get("sha256") or piece.uri or "")
    evidence_id = public_id("evd", piece.tenant_id, *what, piece.collected_at.isoformat())
    body["evidence_id"] = evidence_id
    if events is not None:
        load_usage(con, evidence_id, piece.tenant_id, events)
    entry = append(con, piece.tenant_id, "evidence", body, at)
    return Added(entry=entry, evidence_id=evidence_id, rows=body.get("row_count"))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
