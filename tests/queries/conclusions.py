"""What the resolver and the graph would conclude of the estate, given as tables."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import msgspec

from nhiscan import plugins
from nhiscan.store.revision import Revision
from tests.queries.estate import (
    ACME,
    BETA,
    COMMON_SUBJECT,
    MSP,
    Unit,
    identity_id,
    merge,
    merge_plan,
)


def conclude(revision: Revision, folder: Path, units: Collection[Unit]) -> None:
    """Write what the resolver and the graph would conclude."""
    revision.declare("aws", plugins.provider("aws").sources())
    resolutions = [
        {
            "identity_id": identity_id(unit.tenant, unit.account, name),
            "tenant_id": unit.tenant,
            "reach_tenants": 2 if name == "tool" else 0,
            "owner_confidence": 0.8,
            "owner_unread": [],
            **owner,
        }
        for unit in units
        for name, owner in unit.owners.items()
    ]
    managed, tool = identity_id("acme", ACME, "managed"), identity_id("northwind", MSP, "tool")
    tables: dict[str, list[dict[str, Any]]] = {
        "tenant": [
            {"tenant_id": "northwind", "name": "Northwind MSP", "kind": "msp", "client_group": "n"},
            {"tenant_id": "acme", "name": "Acme Dental", "kind": "client", "client_group": "acme"},
            {"tenant_id": "beta", "name": "Beta Foods", "kind": "client", "client_group": "beta"},
        ],
        "party": [
            _party("dana", "Dana Ruiz"),
            _party("lea", "Lea Moreau", employment="left", since="2026-05-01"),
            _party("noc", "NOC", kind="team"),
            _party("goodvend", "Goodvend", kind="vendor"),
            _party("oldvend", "Oldvend", kind="vendor", employment="left", since="2026-05-01"),
        ],
        "resolution": resolutions,
        "ownership_claim": [
            _claim("console", "noc", "tag owner=noc"),
            _claim("bedrock", "dana", "tag owner=dana"),
            _claim("bedrock", "lea", "tag team=lea"),
        ],
        "trust_relation": [
            relation(revision, "monitoring", "vendor", vendor="Datalens"),
            relation(revision, "backup", "vendor", vendor="Goodvend"),
            relation(revision, "former", "vendor", vendor="Oldvend"),
            relation(revision, "suite", "vendor", vendor="Datalens"),
            relation(revision, "managed", "msp", principal_identity_id=tool),
            relation(revision, "dispatch", "other_client", unit=("beta", BETA)),
        ],
        "reach": [
            {"identity_id": tool, "tenant_id": "northwind", "target_tenant_id": "acme", "hops": 1}
        ],
        "shared": [
            _shared("trust", tool, [managed], "msp"),
            _shared("principal", "app-1", [identity_id("acme", ACME, "mailer")], "unknown"),
            _shared("principal", "app-2", [identity_id("acme", ACME, "suite")], "vendor"),
            _shared(
                "credential",
                COMMON_SUBJECT,
                [identity_id("acme", ACME, "ci"), identity_id("beta", BETA, "ci")],
                None,
            ),
        ],
    }
    for name, rows in tables.items():
        stage(revision, folder, name, rows)


def _party(party_id: str, name: str, **fields: Any) -> dict[str, Any]:
    return {
        "party_id": party_id,
        "name": name,
        "kind": "person",
        "org": "msp",
        "employment": "active",
        **fields,
    }


def _claim(name: str, party: str, evidence: str) -> dict[str, Any]:
    return {
        "claim_key": f"{name}/{party}",
        "identity_id": identity_id("acme", ACME, name),
        "tenant_id": "acme",
        "party_id": party,
        "role": "accountable",
        "signal": "S3",
        "weight": 0.8,
        "evidence": evidence,
    }


def relation(
    revision: Revision,
    role: str,
    relation: str,
    unit: tuple[str, str] = ("acme", ACME),
    **fields: Any,
) -> dict[str, Any]:
    row = revision.con.execute(
        "SELECT trust_id FROM trusts WHERE identity_id = ?", [identity_id(*unit, role)]
    ).fetchone()
    return {
        "trust_id": row[0] if row else f"none of {role}",
        "tenant_id": unit[0],
        "relation": relation,
        **fields,
    }


def _shared(level: str, key: str, identities: list[str], relation: str | None) -> dict[str, Any]:
    return {
        "level": level,
        "key": key,
        "identity_ids": identities,
        "tenant_ids": ["acme", "beta"],
        "sanctioned": False,
        "signed_ids": [],
        "relation": relation,
    }


def stage(revision: Revision, folder: Path, name: str, rows: list[dict[str, Any]]) -> None:
    """Stage rows in a table shaped as the derived one, and merge it."""
    path = folder / f"{name}.jsonl"
    path.write_bytes(b"".join(msgspec.json.encode(row) + b"\n" for row in rows))
    con = revision.con
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE staged_test AS"  # noqa: S608 a table's name, from above
        f" SELECT * EXCLUDE (valid_from, valid_to) FROM {name}_version LIMIT 0"
    )
    if rows:
        con.execute(
            "INSERT INTO staged_test BY NAME"
            " SELECT * FROM read_json(?, format = 'newline_delimited')",
            [str(path)],
        )
    revision.merge_derived(name, "staged_test")


def scan(
    revision: Revision,
    folder: Path,
    units: Collection[Unit],
    *,
    denied: Collection[str] = (),
    plan: bool = True,
    known: Collection[Unit] = (),
) -> None:
    """Do what a scan does before it judges: merge `units` and conclude.

    The acme account is where sources are `denied`. `known` are units that this scan does not read.
    """
    if plan:
        merge_plan(revision, folder, denied)
    for unit in units:
        merge(revision, folder, unit, denied if unit.tenant == "acme" else ())
    conclude(revision, folder, [*units, *known])
