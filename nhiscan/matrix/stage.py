"""Loads the matrix into temporary tables, with the parties of the roster that it names."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from msgspec.structs import astuple

from nhiscan.config.model import Config
from nhiscan.config.place import seen_from
from nhiscan.graph.staging import stage_rows
from nhiscan.matrix.crosswalk import crossings
from nhiscan.matrix.model import ClientFile, Custody, Matrix, Placed
from nhiscan.matrix.signed import text_sha256
from nhiscan.ownership.matching import Roster
from nhiscan.ownership.roster import everybody

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_OF_INSTANCE = {"instance_id": "VARCHAR", "tenant_id": "VARCHAR"}
_CONTROL = {
    "control_id": "VARCHAR",
    "framework": "VARCHAR",
    "title": "VARCHAR",
    "domain": "VARCHAR",
}
_SLA = {
    "domain": "VARCHAR",
    "max_age": "INTERVAL",
    "produce_within": "INTERVAL",
    "retrieve_within": "INTERVAL",
    "retain_for": "INTERVAL",
    "file": "VARCHAR",
    "line": "BIGINT",
}
_CROSSWALK = {
    "rule": "VARCHAR",
    "framework": "VARCHAR",
    "control_id": "VARCHAR",
    "strength": "VARCHAR",
    "kind": "VARCHAR",
}
_INSTANCE = _OF_INSTANCE | {
    "criteria": "VARCHAR[]",
    "also": "JSON",
    "statement": "VARCHAR",
    "service_model": "VARCHAR",
    "responsibility": "VARCHAR",
    "accountable_refs": "VARCHAR[]",
    "accountable_id": "VARCHAR",
    "backup_ref": "VARCHAR",
    "backup_id": "VARCHAR",
    "approver_ref": "VARCHAR",
    "approver_id": "VARCHAR",
    "frequency": "VARCHAR",
    "domain": "VARCHAR",
    "operated_by_human": "BOOLEAN",
    "agreement_doc": "VARCHAR",
    "agreement_clause": "VARCHAR",
    "agreement_sha256": "VARCHAR",
    "text_sha256": "VARCHAR",
    "period_start": "DATE",
    "period_end": "DATE",
    "cuec": "VARCHAR[]",
    "csoc": "VARCHAR[]",
    "notes": "VARCHAR",
    "file": "VARCHAR",
    "line": "BIGINT",
    "lines": "JSON",
}
_DUTY = _OF_INSTANCE | {"duty": "VARCHAR", "orgs": "VARCHAR[]", "line": "BIGINT"}
_CUSTODY = _OF_INSTANCE | {
    "position": "BIGINT",
    "custodian_org": "VARCHAR",
    "custodian_ref": "VARCHAR",
    "custodian_id": "VARCHAR",
    "period_start": "DATE",
    "period_end": "DATE",
    "oversight_ref": "VARCHAR",
    "oversight_id": "VARCHAR",
    "handoff_ack": "DATE",
    "line": "BIGINT",
}
_SIGNOFF = _OF_INSTANCE | {
    "signer_ref": "VARCHAR",
    "signer_id": "VARCHAR",
    "signed_at": "DATE",
    "expires_at": "DATE",
    "covers_sha256": "VARCHAR",
    "artefact": "VARCHAR",
    "line": "BIGINT",
}
_OPERATOR = _OF_INSTANCE | {
    "position": "BIGINT",
    "native_id": "VARCHAR",
    "selector": "VARCHAR",
    "basis": "VARCHAR",
    "line": "BIGINT",
}

# The derived tables that the matrix fills, in the order in which they are merged.
TABLES = (
    *("control", "crosswalk", "evidence_sla"),
    *("control_instance", "duty", "custody", "signoff", "operator"),
)


def stage_matrix(con: "DuckDBPyConnection", config: Config, matrix: Matrix) -> None:
    """Leave `staged_<name>` for each of TABLES; `config` is `joined` with the matrix."""
    people = _People(config)
    files = {client.file: seen_from(config, client.file) for client in matrix.clients}
    placed = [(client, one) for client in matrix.clients for one in client.instances]
    controls = [
        (c.id, catalog.framework, c.title, c.domain)
        for catalog in matrix.catalogs
        for c in catalog.criteria
    ]
    slas = [
        (s.domain, *map(_length, (s.max_age, s.produce_within, s.retrieve_within, s.retain_for)),
         seen_from(config, s.file), s.line)
        for s in matrix.slas
    ]  # fmt: skip
    stage_rows(con, "staged_control", _CONTROL, controls)
    stage_rows(con, "staged_evidence_sla", _SLA, slas)
    stage_rows(con, "staged_crosswalk", _CROSSWALK, [astuple(one) for one in crossings()])
    rows: dict[str, tuple[dict[str, str], Any]] = {
        "control_instance": (_INSTANCE, lambda c, p: [_instance(people, files[c.file], c, p)]),
        "duty": (_DUTY, lambda c, p: _duties(c, p)),
        "custody": (_CUSTODY, lambda c, p: _custody(people, c, p)),
        "signoff": (_SIGNOFF, lambda c, p: _signoff(people, c, p)),
        "operator": (_OPERATOR, lambda c, p: _operators(c, p)),
    }
    for name, (columns, rows_of) in rows.items():
        listed = [row for client, one in placed for row in rows_of(client, one)]
        stage_rows(con, f"staged_{name}", columns, listed)


class _People:
    """Finds the party that a reference in one client's file names."""

    def __init__(self, config: Config) -> None:
        groups = {tenant.id: tenant.group for tenant in config.tenants}
        msp = groups.get(config.msp_id, config.msp_id)
        self._groups = groups
        self._roster = Roster(everybody(config), groups, msp)

    def named(self, reference: str | None, client: ClientFile) -> str | None:
        if reference is None:
            return None
        group = self._groups.get(client.client, client.client)
        return self._roster.match(reference, group).party_id


def _instance(people: _People, file: str, client: ClientFile, placed: Placed) -> tuple[Any, ...]:
    one = placed.instance
    refs = [one.accountable] if isinstance(one.accountable, str) else one.accountable or []
    agreement = one.agreement
    return (
        one.id, client.client, one.criteria, one.also, one.statement,
        one.service_model, one.responsibility,
        refs, people.named(refs[0], client) if len(refs) == 1 else None,
        one.backup, people.named(one.backup, client),
        one.approver, people.named(one.approver, client),
        one.frequency, one.sla, one.operated_by_human,
        agreement.doc if agreement else None,
        agreement.clause if agreement else None,
        agreement.sha256 if agreement else None,
        text_sha256(one), client.period.from_.isoformat(), client.period.end.isoformat(),
        one.cuec, one.csoc, one.notes, file, placed.line, placed.lines,
    )  # fmt: skip


def _duties(client: ClientFile, placed: Placed) -> Iterator[tuple[Any, ...]]:
    one = placed.instance
    for duty, said in one.duties.items():
        orgs = [said] if isinstance(said, str) else said or []
        line = placed.lines.get(f"duties.{duty}", placed.line)
        yield one.id, client.client, duty, orgs, line


def _custody(people: _People, client: ClientFile, placed: Placed) -> Iterator[tuple[Any, ...]]:
    one = placed.instance
    for position, kept in enumerate(one.custody):
        yield (
            one.id, client.client, position, _org(kept, client), kept.person,
            people.named(kept.person, client), kept.from_.isoformat(), _day(kept.to),
            kept.oversight, people.named(kept.oversight, client), _day(kept.handoff_ack),
            placed.lines.get(f"custody[{position}]", placed.line),
        )  # fmt: skip


def _org(kept: Custody, client: ClientFile) -> str:
    """Name the organization as rosters do: in a client's file `client` is that client."""
    return f"client:{client.client}" if kept.who == "client" else kept.who


def _signoff(people: _People, client: ClientFile, placed: Placed) -> Iterator[tuple[Any, ...]]:
    one, signed = placed.instance, placed.instance.signoff
    if signed is not None:
        # some tools print hashes in capitals
        covers = signed.covers_sha256.lower() if signed.covers_sha256 else None
        yield (
            one.id, client.client, signed.by, people.named(signed.by, client),
            signed.at.isoformat(), _day(signed.expires), covers, signed.artefact,
            placed.lines["signoff"],
        )  # fmt: skip


def _operators(client: ClientFile, placed: Placed) -> Iterator[tuple[Any, ...]]:
    one = placed.instance
    for position, operator in enumerate(one.operated_by):
        line = placed.lines.get(f"operated_by[{position}]", placed.line)
        yield (
            one.id, client.client, position, operator.id, operator.selector, operator.basis, line
        )  # fmt: skip


def _day(day: Any) -> str | None:
    return None if day is None else day.isoformat()


def _length(length: Any) -> str | None:
    return None if length is None else f"{int(length.total_seconds() // 3600)} hours"
