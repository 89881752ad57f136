"""Judges made-up claims by the resolver's own code, without a store: for thousands of cases."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
from msgspec import Struct

from nhiscan.config.model import Config, Naming, Party, Policy, Tenant
from nhiscan.graph.staging import run_script, stage_rows
from nhiscan.ownership.claims import CONTROL_CLAIM, stage_claims
from nhiscan.ownership.roster import stage_parties
from nhiscan.ownership.signals import TOLERANCE, thresholds
from nhiscan.store.migrate import migrate

AT = datetime(2026, 5, 1, tzinfo=UTC)
HALF_YEAR = 180


def person(party_id: str, employment: Any = "active", **fields: Any) -> Party:
    """Make a party of the MSP, which every client may name."""
    return Party(
        party_id=party_id,
        name=fields.pop("name", party_id.title()),
        employment=employment,
        file="people.csv",
        line=1,
        **fields,
    )


class Fact(Struct, frozen=True):
    """Something that is said of an identity, `age` days ago.

    `what` is a signal of a cloud or register, `attest`, `deny`, or `control`; `until` is how many
    days after it was said an answer holds.
    """

    what: str
    party: str
    age: int = 0
    role: str | None = None
    until: int = HALF_YEAR
    origin: str | None = None
    departed: bool | None = None
    by_machine: bool | None = None
    confidence: float = 1.0
    explicit: bool = False


class Verdict(Struct, frozen=True):
    """What was concluded of one identity; `scores` are those of parties who are here."""

    status: str
    owner: str | None
    score: float | None
    backup: str | None
    basis: str | None
    last_known: str | None
    scores: dict[str, float]
    outcomes: list[str]


REGISTER = ("S2", "S9", "S10", "S11", "S16", "S17", "S19", "S20")
_CLOUD_ROLES = {"S3": "accountable", "S4": "accountable", "S5": "accountable", "S6": "backup",
                "S12": "accountable"}  # fmt: skip


class Pipeline:
    """One in-memory store whose identities are judged again and again."""

    def __init__(self) -> None:
        self.con = duckdb.connect()
        self.con.execute("SET TimeZone = 'UTC'")
        migrate(self.con)
        self.con.execute(
            "CREATE TEMP TABLE known_tenant AS"
            " SELECT 't' AS tenant_id, 'client' AS kind, 't' AS client_group"
        )

    def judge(
        self,
        sets: Mapping[str, Iterable[Fact]],
        parties: Iterable[Party],
        *,
        policy: Policy | None = None,
        naming: tuple[Naming, ...] = (),
    ) -> dict[str, Verdict]:
        """Judge one identity per set of facts, each by itself, as of AT."""
        policy = policy or Policy()
        config = Config(
            path=Path("nhiscan.yaml"), msp_id="msp", msp_name="MSP", store=Path("x"),
            tenants=(Tenant(id="t", name="T", group="t"),), parties=tuple(parties),
            policy=policy, naming=naming,
        )  # fmt: skip
        self._fill({name: list(facts) for name, facts in sets.items()})
        stage_parties(self.con, config, AT)
        stage_claims(self.con, config, AT)
        numbers: dict[str, Any] = thresholds(policy) | {"tolerance": TOLERANCE}
        run_script(self.con, "nhiscan.ownership", "verdicts.sql", at=AT, **numbers)
        return self._read()

    def _fill(self, sets: Mapping[str, list[Fact]]) -> None:
        for table in ("identity_version", "claim_version", "attestation", "imported_claim"):
            self.con.execute(f"DELETE FROM {table}")  # noqa: S608 a table's name, from above
        rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in _TABLES}
        for name, facts in sets.items():
            rows["identity_version"].append((name, "t", "aws:1", name, "machine", {}))
            for place, fact in enumerate(facts):
                _place(rows, name, place, fact)
        for table, columns in _TABLES.items():
            if table == "control_claim":
                stage_rows(self.con, table, columns, rows[table])
                continue
            stage_rows(self.con, "filled", columns, rows[table])
            self.con.execute(f"INSERT INTO {table} BY NAME FROM filled")

    def _read(self) -> dict[str, Verdict]:
        def listed(sql: str) -> list[tuple[Any, ...]]:
            return self.con.execute(sql).fetchall()

        scores = listed(
            "SELECT identity_id, party_id, score FROM party_score WHERE employment <> 'left'"
        )
        outcomes = listed("SELECT identity_id, outcome FROM judged_claim ORDER BY outcome")
        verdicts = listed(
            "SELECT v.identity_id, v.owner_status, v.owner_id, round(v.score, 9), b.backup_id,"
            " b.basis, v.last_known_owner_id FROM verdict v JOIN stand_in b USING (identity_id)"
        )
        names = ("status", "owner", "score", "backup", "basis", "last_known")
        return {
            identity: Verdict(
                **dict(zip(names, row, strict=True)),
                scores={party: score for i, party, score in scores if i == identity},
                outcomes=[outcome for i, outcome in outcomes if i == identity],
            )
            for identity, *row in verdicts
        }


_TEXT = "VARCHAR"
_TABLES: dict[str, dict[str, str]] = {
    "identity_version": {
        "identity_id": _TEXT, "tenant_id": _TEXT, "account_id": _TEXT, "name": _TEXT,
        "class": _TEXT, "tags": "JSON",
    },
    "claim_version": {
        "claim_id": _TEXT, "subject": _TEXT, "subject_id": _TEXT, "tenant_id": _TEXT,
        "reference": _TEXT, "signal": _TEXT, "role": _TEXT, "observed_at": "TIMESTAMPTZ",
        "by_machine": "BOOLEAN", "departed": "BOOLEAN", "evidence": _TEXT,
    },
    "attestation": {
        "attestation_id": _TEXT, "identity_id": _TEXT, "tenant_id": _TEXT, "party_id": _TEXT,
        "is_owner": "BOOLEAN", "attested_by": _TEXT, "attested_at": "TIMESTAMPTZ",
        "expires_at": "TIMESTAMPTZ", "recorded_at": "TIMESTAMPTZ",
    },
    "imported_claim": {
        "claim_id": _TEXT, "identity_id": _TEXT, "tenant_id": _TEXT, "party_id": _TEXT,
        "reference": _TEXT, "signal": _TEXT, "role": _TEXT, "observed_at": "TIMESTAMPTZ",
        "evidence": _TEXT, "origin": _TEXT, "imported_at": "TIMESTAMPTZ",
    },
    "control_claim": CONTROL_CLAIM,
}  # fmt: skip


def _place(rows: dict[str, list[tuple[Any, ...]]], name: str, place: int, fact: Fact) -> None:
    """Put a fact where the resolver would find it."""
    seen = (AT - timedelta(days=fact.age)).isoformat()
    key = f"{name}-{place}"
    if fact.what in ("attest", "deny"):
        until = (AT - timedelta(days=fact.age - fact.until)).isoformat()
        said = (fact.what == "attest", "somebody", seen, until, seen)
        rows["attestation"].append((key, name, "t", fact.party, *said))
    elif fact.what == "control":
        rows["control_claim"].append((name, "t", fact.party, fact.confidence, key, fact.explicit))
    elif fact.what in REGISTER:
        role = fact.role or ("accountable" if fact.what in ("S2", "S10", "S17") else "operator")
        rows["imported_claim"].append(
            (
                key,
                name,
                "t",
                fact.party,
                fact.party,
                fact.what,
                role,
                seen,
                "r.csv",
                fact.origin,
                seen,
            )
        )
    else:
        role = fact.role or _CLOUD_ROLES.get(fact.what, "operator")
        whose = (key, "identity", name, "t", fact.party)
        odd = (fact.by_machine, fact.departed, f"evidence {place}")
        rows["claim_version"].append((*whose, fact.what, role, seen, *odd))
