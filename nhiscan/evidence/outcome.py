"""Writes into the ledger what a verification of it found, so that it can be asked for later."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from nhiscan.evidence.chain import append
from nhiscan.evidence.verify import Verdict
from nhiscan.store.heads import evidence_folder

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_TOLD = 100


def record(con: "DuckDBPyConnection", store: Path, verdict: Verdict, at: datetime) -> None:
    """Append one entry to the chain of every tenant that was verified.

    A broken chain goes on: what broke it is told by this and by every later verification.
    """
    root = f"{evidence_folder(store)}/"
    for one in verdict.tenants:
        broken = [b for b in verdict.broken if b.tenant_id == one.tenant_id]
        told = [
            {"seq": b.seq, "entry_id": b.entry_id, "what": b.what.replace(root, "")}
            for b in broken[:_TOLD]
        ]
        body = {"entries": one.entries, "files": one.files, "head": one.head}
        append(con, one.tenant_id, "verification", body | {"broken": len(broken), "told": told}, at)
