"""Adds a piece of evidence: its file is kept and hashed, an entry in the ledger says what it is."""

import json
import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct, structs

from nhiscan.errors import UsageError
from nhiscan.evidence.chain import Entry, append, canonical, entries
from nhiscan.evidence.keep import keep
from nhiscan.evidence.kinds import RECORDS, USAGE
from nhiscan.evidence.parse import not_read_whole, read_records
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
    nothing is recorded. What was recorded before in just these words is not recorded twice.
    """
    body = {k: _plain(v) for k, v in structs.asdict(piece).items() if v is not None}
    events = records = None
    if source is not None and piece.kind == USAGE:
        events = read_usage(source)
        body["row_count"] = len(events)
    elif source is not None and piece.kind in RECORDS:
        records = read_records(source, RECORDS[piece.kind])
        body |= {"records": records, "row_count": len(records)}
    elif source is not None and piece.kind == "population":
        body |= {"incomplete": gaps} if (gaps := not_read_whole(source)) else {}
    if source is not None:
        kept = keep(store, piece.tenant_id, source.name, source)
        if piece.sha256 not in (None, kept.sha256):
            raise UsageError(f"{source}: its SHA-256 is {kept.sha256}, not what --sha256 says")
        name = os.fsencode(source).decode("utf-8", "backslashreplace").rpartition("/")[2]
        body |= {"path": kept.path, "sha256": kept.sha256, "size": kept.size, "name": name}
    what = (piece.instance_id or "", piece.kind, body.get("sha256") or piece.uri or "")
    evidence_id = public_id("evd", piece.tenant_id, *what, piece.collected_at.isoformat())
    before = _called(con, piece.tenant_id, evidence_id)
    if before and before[0].body != canonical(body | {"evidence_id": evidence_id}):
        # the same file with something else said of it is another piece
        evidence_id = public_id("evd", piece.tenant_id, canonical(body))
        before = _called(con, piece.tenant_id, evidence_id)
    if before:
        return Added(entry=before[0], evidence_id=evidence_id, rows=body.get("row_count"))
    body["evidence_id"] = evidence_id
    if events is not None:
        load_usage(con, evidence_id, piece.tenant_id, events)
    entry = append(con, piece.tenant_id, "evidence", body, at)
    return Added(entry=entry, evidence_id=evidence_id, rows=body.get("row_count"))


def _called(con: "DuckDBPyConnection", tenant_id: str, evidence_id: str) -> list[Entry]:
    found = (e for e in entries(con, tenant_id) if e.kind == "evidence" and evidence_id in e.body)
    return [e for e in found if json.loads(e.body).get("evidence_id") == evidence_id]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
