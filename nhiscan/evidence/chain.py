"""The ledger's chain of hashes: one per tenant, each entry over the one before it."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from nhiscan.records import public_id

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# What stands before the first entry of a tenant.
GENESIS = "0" * 64


class Entry(Struct, frozen=True, kw_only=True):
    """One row of the ledger. `body` is the canonical JSON that was recorded, byte for byte."""

    tenant_id: str
    seq: int
    entry_id: str
    kind: str
    body: str
    recorded_at: datetime
    prev_sha256: str
    sha256: str

    def expected_sha256(self) -> str:
        """Hash the entry as it stands here."""
        return entry_sha256(
            self.tenant_id, self.seq, self.kind, self.body, self.recorded_at, self.prev_sha256
        )


def canonical(value: Any) -> str:
    """Encode as canonical JSON: sorted keys, no spaces, UTF-8 as it is."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def entry_sha256(
    tenant_id: str, seq: int, kind: str, body: str, recorded_at: datetime, prev_sha256: str
) -> str:
    """Hash one entry: SHA-256 in hex of the lines below, joined by line feeds, in UTF-8.

    They are the hash of the entry before, tenant, number, kind, time (UTC, microseconds, `Z`) and
    body; so `printf` and `sha256sum` can do it again on any machine.
    """
    moment = f"{recorded_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
    lines = (prev_sha256, tenant_id, str(seq), kind, moment, body)
    return sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()


def entry_id(tenant_id: str, digest: str) -> str:
    """Return the id of the entry with this hash."""
    return public_id("entry", tenant_id, digest)


def append(
    con: "DuckDBPyConnection", tenant_id: str, kind: str, body: Mapping[str, Any], at: datetime
) -> Entry:
    """Add one entry at the end of a tenant's chain, in the caller's revision."""
    row = con.execute(
        "SELECT seq, sha256 FROM ledger_entry WHERE tenant_id = ? ORDER BY seq DESC LIMIT 1",
        [tenant_id],
    ).fetchone()
    last, before = row or (0, GENESIS)
    seq = last + 1
    text = canonical(body)
    digest = entry_sha256(tenant_id, seq, kind, text, at, before)
    entry = Entry(
        tenant_id=tenant_id,
        seq=seq,
        entry_id=entry_id(tenant_id, digest),
        kind=kind,
        body=text,
        recorded_at=at,
        prev_sha256=before,
        sha256=digest,
    )
    con.execute(
        "INSERT INTO ledger_entry VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [tenant_id, seq, entry.entry_id, kind, text, at, before, digest],
    )
    return entry


def entries(con: "DuckDBPyConnection", tenant_id: str | None = None) -> Iterator[Entry]:
    """Yield the entries of one tenant, or of all, in the order of their chains."""
    rows = con.execute(
        # a column that somebody emptied is no reason to fail: it hashes to something else
        "SELECT coalesce(tenant_id, ''), coalesce(seq, -1), coalesce(entry_id, ''),"
        " coalesce(kind, ''), coalesce(body, ''), coalesce(recorded_at, 'epoch'::TIMESTAMPTZ),"
        " coalesce(prev_sha256, ''), coalesce(sha256, '')"
        " FROM ledger_entry WHERE $tenant IS NULL OR tenant_id = $tenant"
        " ORDER BY tenant_id, seq, sha256",
        {"tenant": tenant_id},
    )
    while batch := rows.fetchmany(1000):
        for row in batch:
            yield Entry(**dict(zip(Entry.__struct_fields__, row, strict=True)))
