"""Checks what a command says of evidence against the roster, the matrix and the store."""

import re
from collections.abc import Iterable
from datetime import datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from nhiscan.clock import parse
from nhiscan.config.model import Config, Party
from nhiscan.errors import UsageError
from nhiscan.evidence.add import Piece
from nhiscan.evidence.kinds import MEANT
from nhiscan.matrix.model import Matrix
from nhiscan.matrix.read import joined, read_matrix
from nhiscan.ownership.matching import Roster
from nhiscan.ownership.roster import everybody
from nhiscan.sql.run import run
from nhiscan.table import Table
from nhiscan.text import shortened

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_KIND_LIMIT = 60
_SHA256 = re.compile(r"[0-9a-fA-F]{64}", re.ASCII)


def piece(
    con: "DuckDBPyConnection",
    config: Config,
    at: datetime,
    *,
    has_file: bool,
    instance: str | None,
    tenant: str | None,
    kind: str,
    custodian: str,
    start: str | None,
    end: str | None,
    collected_at: str | None,
    collector: str | None,
    attribution_ratio: float | None,
    reference: str | None,
    sha256: str | None,
    note: str | None,
) -> Piece:
    """Build a piece of evidence; UsageError names the option and the nearest known value."""
    if instance is None and tenant is None:
        raise UsageError("give --instance or --tenant", hint="an instance is named by its id")
    if attribution_ratio is not None and not 0 <= attribution_ratio <= 1:
        raise UsageError("--attribution-ratio: a number from 0 to 1")  # not a number is neither
    _check_source(reference, sha256, has_file=has_file)
    matrix = read_matrix(config)
    config = joined(config, matrix)
    tenant_id = _about(config, matrix, instance, tenant)
    keeper = party(config, custodian, tenant_id, "--custodian")
    begins, ends = _period(start, end)
    return Piece(
        tenant_id=tenant_id, instance_id=instance, kind=_kind(kind),
        custodian_id=keeper.party_id, custodian_org=keeper.org,
        collector=collector or keeper.party_id, collected_at=_collected(collected_at, at),
        period_start=begins, period_end=ends, attribution_ratio=attribution_ratio,
        uri=reference, sha256=sha256.lower() if sha256 else None, note=note,
    )  # fmt: skip


def _check_source(reference: str | None, sha256: str | None, *, has_file: bool) -> None:
    if has_file == (reference is not None):
        raise UsageError("give either FILE or --reference URI")
    if reference is not None and not reference.strip():
        raise UsageError("--reference is empty")
    if sha256 is not None and not _SHA256.fullmatch(sha256):
        raise UsageError(f"--sha256 {shortened(sha256, 80)!r}: it is 64 hexadecimal digits")


def _about(config: Config, matrix: Matrix, instance: str | None, tenant: str | None) -> str:
    if tenant is not None and config.tenant(tenant) is None:
        near = nearest(tenant, [known.id for known in config.tenants])
        raise UsageError(f"no tenant {shortened(tenant, 80)!r}", hint=near)
    if instance is None:
        return tenant or ""
    of_matrix = tenant_of_instance(matrix, instance)
    if tenant not in (None, of_matrix):
        raise UsageError(f"{instance} is an instance of {of_matrix}, not of {tenant}")
    return of_matrix


def _collected(text: str | None, at: datetime) -> datetime:
    moment = parse(text, "--collected-at") if text else at
    if moment > at:
        # else it would be in time for years
        raise UsageError(f"--collected-at {text} is still to come")
    return moment


def _kind(text: str) -> str:
    if not text.replace("_", "").isalnum() or not text.isascii() or len(text) > _KIND_LIMIT:
        raise UsageError(f"--kind {shortened(text, 40)!r}: letters, digits and _ are allowed")
    kind = text.lower()
    near = get_close_matches(kind, MEANT, n=1, cutoff=0.85)
    if near and kind not in MEANT:
        raise UsageError(
            f"--kind {kind!r} is nearly {near[0]!r}", hint=f"did you mean {near[0]!r}?"
        )
    return kind


def _period(start: str | None, end: str | None) -> tuple[datetime | None, datetime | None]:
    begins = parse(start, "--from") if start else None
    ends = parse(end, "--to") if end else None
    if begins is not None and ends is not None and ends <= begins:
        raise UsageError(
            f"--to {end} is not after --from {start}", hint="--to is the first day after"
        )
    return begins, ends


def party(config: Config, reference: str, tenant_id: str, option: str) -> Party:
    """Find a party by address, id or name, as a tenant's files would; else UsageError."""
    groups = {tenant.id: tenant.group for tenant in config.tenants}
    parties = everybody(config)
    msp = groups.get(config.msp_id, config.msp_id)
    match = Roster(parties, groups, msp).match(reference, groups.get(tenant_id, tenant_id))
    found = next((p for p in parties if p.party_id == match.party_id), None)
    if found is None:
        near = nearest(reference, [p.party_id for p in parties] + [p.email or "" for p in parties])
        raise UsageError(f"{option} {shortened(reference, 80)!r}: {match.why}", hint=near)
    return found


def tenant_of_instance(matrix: Matrix, instance_id: str) -> str:
    """Return the client of a control instance; UsageError names the nearest id."""
    known = {p.instance.id: client.client for client in matrix.clients for p in client.instances}
    if instance_id not in known:
        none = "the matrix holds none: see `matrix:` in nhiscan.yaml"
        near = nearest(instance_id, known) if known else none
        raise UsageError(f"no control instance {shortened(instance_id, 120)!r}", hint=near)
    return known[instance_id]


def known_tenant(con: "DuckDBPyConnection", tenant_id: str) -> str:
    """Return the id of a tenant; UsageError names the nearest."""
    known = [row[0] for row in con.execute("SELECT tenant_id FROM tenants").fetchall()]
    if tenant_id not in known:
        raise UsageError(f"no tenant {shortened(tenant_id, 80)!r}", hint=nearest(tenant_id, known))
    return tenant_id


def nearest(text: str, known: Iterable[str]) -> str | None:
    """Ask whether the nearest known word is meant; None if none is near."""
    near = get_close_matches(text, [k for k in known if k and k != text], n=1)
    return f"did you mean {near[0]!r}?" if near else None


_LIST = """
SELECT recorded_at, tenant_id, instance_id, kind, period_start, period_end, collected_at,
    custodian_id, row_count, name, uri, incomplete, evidence_id, sha256, path
FROM evidence
WHERE ($tenant IS NULL OR tenant_id = $tenant)
    AND ($instance IS NULL OR instance_id = $instance)
    AND ($kind IS NULL OR kind = $kind)
ORDER BY recorded_at DESC, tenant_id, seq DESC
"""


def listed(
    con: "DuckDBPyConnection", tenant: str | None, instance: str | None, kind: str | None
) -> Table:
    """List evidence, the newest first. UsageError names the nearest tenant."""
    if tenant is not None:
        known_tenant(con, tenant)
    params: dict[str, Any] = {"tenant": tenant, "instance": instance, "kind": kind}
    return run(con, _LIST, params, title="Evidence")
