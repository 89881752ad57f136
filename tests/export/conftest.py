"""A store with two clients (one has two tenants), the MSP, and findings that mention each other."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from nhiscan import spool
from nhiscan.records import Account, AnyRecord, Coverage, Identity, public_id
from nhiscan.store.revision import Revision, revise
from nhiscan.store.tables import HISTORY

AT = datetime(2026, 5, 1, 6, tzinfo=UTC)
ACCOUNTS = {"acme": "111122223333", "acme-eu": "111122224444", "beta": "555566667777"}
ACCOUNTS["northwind"] = "999900001111"

Build = Callable[..., Path]


def identity_id(tenant: str, key: str) -> str:
    return public_id("nhi", tenant, "aws", ACCOUNTS[tenant], key)


def finding(tenant: str, key: str, **fields: Any) -> dict[str, Any]:
    defaults = {
        "finding_id": public_id("find", fields.get("rule", "OWN-01"), tenant, key),
        "rule": "OWN-01",
        "severity": "high",
        "tenant_id": tenant,
        "identity_id": identity_id(tenant, key),
        "account_id": f"aws:{ACCOUNTS[tenant]}",
        "title": f"Nobody owns {key}",
        "first_seen": AT,
        "last_seen": AT,
        "due_at": datetime(2026, 6, 1, tzinfo=UTC),
        "status": "open",
        "remediation": "Name an owner.",
        "frameworks": json.dumps({"soc2": ["CC6.2"]}),
        "evidence": json.dumps({"facts": []}),
        "unread": [],
        "opened_at": AT,
    }
    return {**defaults, **fields}


TENANTS = [
    {"tenant_id": "acme", "name": "Acme Dental", "kind": "client", "client_group": "acme"},
    {"tenant_id": "acme-eu", "name": "Acme Dental EU", "kind": "client", "client_group": "acme"},
    {"tenant_id": "beta", "name": "Beta Freight", "kind": "client", "client_group": "beta"},
    {"tenant_id": "northwind", "name": "Northwind", "kind": "msp", "client_group": "northwind"},
]
PARTIES = [
    {"party_id": "dana", "name": "Dana Reed", "email": "dana@northwind.example", "org": "msp"},
    {"party_id": "Ana/../x", "name": "Ana Poe", "email": "ana@northwind.example", "org": "msp"},
    {"party_id": "cto", "name": "Cleo Trent", "email": "cleo@acme.example", "org": "client:acme"},
    {"party_id": "bo", "name": "Bo Frey", "email": "bo@beta-freight.example", "org": "client:beta"},
]
for party in PARTIES:
    party |= {"kind": "person", "employment": "active"}


@pytest.fixture
def build(tmp_path: Path) -> Build:
    def make(findings: Sequence[Mapping[str, Any]], denied: Sequence[str] = ()) -> Path:
        store = tmp_path / "nhiscan.duckdb"
        with revise(store, AT) as revision:
            for tenant in ACCOUNTS:
                path = tmp_path / f"{tenant}{spool.SUFFIX}"
                _spool(path, tenant, denied)
                revision.merge_unit(path)
            _stage(revision, "tenant", TENANTS)
            _stage(revision, "party", PARTIES)
            _stage(revision, "ownership_claim", CLAIMS)
            _stage(revision, "finding", findings)
            revision.record_scan(
                scan_id="s1", kind="scan", finished_at=AT, tenants=list(ACCOUNTS), units=4
            )
        return store

    return make


CLAIMS = [
    {
        "claim_key": f"c{number}",
        "identity_id": identity_id("acme", "backup"),
        "tenant_id": "acme",
        "party_id": "dana",
        "role": "accountable",
        "signal": signal,
        "weight": weight,
        "evidence": evidence,
    }
    for number, (signal, weight, evidence) in enumerate(
        [
            ("S3", 0.8, "tag owner=dana@northwind.example"),
            ("S7", 0.5, "created it, as she did for bo@beta-freight.example"),
            ("S12", 0.3, "contact of the account"),
            ("S14", 0.2, "named like her team"),
        ]
    )
]


def _spool(path: Path, tenant: str, denied: Sequence[str]) -> None:
    header = spool.Header(
        tool="test",
        scan_id="s1",
        part="collect",
        tenant_id=tenant,
        provider="aws",
        account=ACCOUNTS[tenant],
        started_at=AT,
    )
    records: list[AnyRecord] = [
        Account(native_id=ACCOUNTS[tenant], name=f"{tenant}-prod", source="sts.identity"),
        Coverage(source="sts.identity", state="complete"),
        Coverage(
            source="iam.authorization_details",
            state="denied" if tenant in denied else "complete",
            reason="iam:GetAccountAuthorizationDetails refused" if tenant in denied else None,
        ),
    ]
    for name in ("backup", "deploy"):
        records.append(
            Identity(
                key=name,
                kind="user",
                native_type="aws.iam.user",
                native_id=f"arn:aws:iam::{ACCOUNTS[tenant]}:user/{name}",
                name=name,
                class_="machine",
                class_rule="H1",
                class_evidence="no password",
                source="iam.authorization_details",
            )
        )
    spool.write(path, header, records, finished_at=lambda: AT)


def _stage(revision: Revision, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    con = revision.con
    history = ", ".join(HISTORY)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE staged AS SELECT * EXCLUDE ({history})"  # noqa: S608 - names of our own schema
        f" FROM {name}_version LIMIT 0"
    )
    for row in rows:
        columns = ", ".join(row)
        values = ", ".join(f"${column}" for column in row)
        con.execute(f"INSERT INTO staged ({columns}) VALUES ({values})", dict(row))  # noqa: S608 - names of this file
    revision.merge_derived(name, "staged")
