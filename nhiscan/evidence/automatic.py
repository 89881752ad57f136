"""Evidence that a scan makes by itself: populations, access reviews, post-checks of revocations."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from nhiscan.config.model import Config
from nhiscan.evidence.chain import append, canonical
from nhiscan.evidence.keep import keep
from nhiscan.records import public_id
from nhiscan.sql import library

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from nhiscan.store.revision import Revision


class Made(Struct, frozen=True, kw_only=True):
    """One piece of evidence that was made; `incomplete` says what was not read whole for it."""

    tenant_id: str
    kind: str
    rows: int
    incomplete: list[str]


# Kind of evidence -> query of the library. What has no row is not recorded, but for populations:
# an empty one says something.
_QUERIES = {
    "population": "population",
    "access_review": "review-coverage",
    "revocation_check": "revocation-check",
}

# Views that the queries of every tenant read: computed once, for the tenants concerned.
_HELD = (
    "read_spots",
    "latest_coverage",
    "identities",
    "governed",
    "identities_history",
    "credentials_history",
)


def collect(
    revision: "Revision", store: Path, config: Config, tenants: Iterable[str], collector: str
) -> list[Made]:
    """Record evidence of every tenant among `tenants` that has a control instance.

    The files of two scans with the same content are one file. What was not read whole stands in
    the file's first line and in the entry: a population with gaps is recorded, and proves nothing.
    """
    con = revision.con
    owing = {row[0] for row in con.execute("SELECT tenant_id FROM control_instances").fetchall()}
    chosen = sorted(set(tenants) & owing)
    made = []
    with _held(con, chosen):
        for tenant in chosen:
            gaps = incomplete(con, tenant)
            for kind in _QUERIES:
                body = _made(revision, store, config, tenant, kind, gaps)
                if body is not None:
                    append(con, tenant, "evidence", body | {"collector": collector}, revision.at)
                    made.append(
                        Made(tenant_id=tenant, kind=kind, rows=body["row_count"], incomplete=gaps)
                    )
    return made


@contextmanager
def _held(con: "DuckDBPyConnection", tenants: list[str]) -> Iterator[None]:
    """Let tables of these tenants stand before the views: each tenant would compute them anew."""
    for name in _HELD:
        con.execute(
            f"CREATE TEMP TABLE {name} AS"  # noqa: S608 our own names
            f" SELECT * FROM {name} WHERE list_contains($tenants, tenant_id)",
            {"tenants": tenants},
        )
    try:
        yield
    finally:
        for name in _HELD:
            con.execute(f"DROP TABLE temp.{name}")


def _made(
    revision: "Revision", store: Path, config: Config, tenant: str, kind: str, gaps: list[str]
) -> dict[str, Any] | None:
    """Ask one query, keep its rows as a file, and return what the ledger says of it."""
    query = library.get(_QUERIES[kind])
    given = {"tenant": tenant} | (
        {"since": revision.at.isoformat()} if kind == "revocation_check" else {}
    )
    values = query.values(given, config.policy.numbers(), revision.at)
    rows = _ask(revision.con, query.sql, values)
    if kind == "access_review":
        rows = rows if any(row["decision"] is not None for row in rows) else []
    if not rows and kind != "population":
        return None
    head = {"kind": kind, "tenant_id": tenant, "rows": len(rows), "not_read_whole": gaps}
    text = "".join(f"{canonical(line)}\n" for line in (head, *rows))
    kept = keep(store, tenant, f"{kind}.jsonl", text.encode("utf-8", "surrogatepass"))
    at = revision.at.isoformat()
    is_counted = kind == "population"
    totals = {"control_totals": _totals(revision.con, tenant, len(rows))} if is_counted else {}
    return totals | {
        "evidence_id": public_id("evd", tenant, "", kind, kept.sha256, at),
        "tenant_id": tenant,
        "kind": kind,
        "custodian_org": "msp",
        "collected_at": at,
        "name": f"{kind}.jsonl",
        "path": kept.path,
        "sha256": kept.sha256,
        "size": kept.size,
        "row_count": len(rows),
        "query": query.name,
        "query_sha256": sha256(query.sql.encode()).hexdigest(),
        "sql": query.sql,
        "params": {name: _plain(values[name]) for name in _used(query.sql, values)},
        "incomplete": gaps,
    }


def _totals(con: "DuckDBPyConnection", tenant: str, in_file: int) -> dict[str, Any]:
    """Tie a population's rows to the store, and the store to what each source gave, and how."""
    stored = con.execute(
        "SELECT count(*) FROM identity_version WHERE tenant_id = ? AND valid_to IS NULL", [tenant]
    ).fetchone()
    text = files("nhiscan.evidence").joinpath("totals.sql").read_text("utf-8")
    sources = _ask(con, text, {"tenant": tenant})
    counted = sum(source["identities"] for source in sources)
    return {
        "in_file": in_file,
        "in_store": stored[0] if stored else 0,
        "by_sources": counted,
        "sources": sources,
    }


def incomplete(con: "DuckDBPyConnection", tenant_id: str) -> list[str]:
    """List what of a tenant was not read whole by the last reads, and accounts never read."""
    text = files("nhiscan.evidence").joinpath("incomplete.sql").read_text("utf-8")
    rows = con.execute(text, {"tenant": tenant_id}).fetchall()
    read = con.execute(
        "SELECT count(*) FROM latest_coverage WHERE tenant_id = ?", [tenant_id]
    ).fetchone()
    return [row[0] for row in rows] or ([] if read and read[0] else ["no account was ever read"])


def _ask(con: "DuckDBPyConnection", sql: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    result = con.execute(sql, {name: values[name] for name in _used(sql, values)})
    columns = [column[0] for column in result.description or ()]
    return [dict(zip(columns, map(_plain, row), strict=True)) for row in result.fetchall()]


def _used(sql: str, values: Mapping[str, Any]) -> list[str]:
    import duckdb

    named = duckdb.extract_statements(sql)[0].named_parameters
    return sorted(name for name in values if name in named)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return value
    return json.loads(json.dumps(value, default=str))
