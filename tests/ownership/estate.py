"""A small estate: an MSP and three clients (two tenants are one of them), scanned as one likes."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from nhiscan import plugins, spool
from nhiscan.config.model import Config, Party, RosterFile, Tenant, Vendor
from nhiscan.findings.evaluate import evaluate
from nhiscan.ownership.attest import Answer, record
from nhiscan.records import Account, AnyRecord, Coverage, CoverageState, Identity, public_id
from nhiscan.scan.resolve import resolve
from nhiscan.store.read import open_reader
from nhiscan.store.revision import revise

AT = datetime(2026, 5, 1, 6, tzinfo=UTC)
ACCOUNTS = {
    "northwind": "900000000001",
    "acme": "111122223333",
    "acme-labs": "111122224444",
    "beta": "555566667777",
    "gamma": "777788889999",
}
GROUPS = {"acme-labs": "acme"}
SOURCES = ("iam.authorization_details", "cloudtrail.creators", "account.contacts")


def party(party_id: str, **fields: Any) -> Party:
    defaults = {
        "name": party_id.replace(".", " ").title(),
        "email": f"{party_id}@acme.example",
        "employment": "active",
        "org": "client:acme",
    }
    return Party(party_id=party_id, file="people.csv", line=1, **{**defaults, **fields})


def identity(name: str, **fields: Any) -> Identity:
    defaults: dict[str, Any] = {
        "kind": "user",
        "native_type": "aws.iam.user",
        "native_id": f"arn:aws:iam::0:user/{name}",
        "class_": "machine",
        "class_rule": "test",
        "class_evidence": "made by a test",
        "created_at": datetime(2025, 1, 1, tzinfo=UTC),
        "source": "iam.authorization_details",
    }
    return Identity(key=name, name=name, **{**defaults, **fields})


def identity_id(tenant: str, name: str) -> str:
    return public_id("nhi", tenant, "aws", ACCOUNTS[tenant], name)


class Estate:
    """Scans of made-up accounts into one store, resolved with a made-up configuration."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = folder / "nhiscan.duckdb"
        self.parties: list[Party] = []
        self.vendors: tuple[Vendor, ...] = ()
        self.rosters: tuple[RosterFile, ...] = ()
        self.organizations: dict[str, str] = {}
        self.paths: dict[str, str] = {}
        self.account_tags: dict[str, str] = {}
        self._number = 0

    @property
    def config(self) -> Config:
        return Config(
            path=self.folder / "nhiscan.yaml",
            msp_id="northwind",
            msp_name="Northwind",
            store=self.store,
            tenants=tuple(
                Tenant(
                    id=name,
                    name=name.title(),
                    kind="msp" if name == "northwind" else "client",
                    group=GROUPS.get(name, name),
                )
                for name in ACCOUNTS
            ),
            parties=tuple(self.parties),
            vendors=self.vendors,
            rosters=self.rosters,
        )

    def scan(
        self,
        records: Mapping[str, Iterable[AnyRecord]],
        *,
        at: datetime = AT,
        unread: Mapping[str, CoverageState] | None = None,
        missing: Iterable[str] = (),
    ) -> None:
        """Merge one unit per tenant and resolve; `unread` maps sources to their states."""
        states: dict[str, CoverageState] = dict.fromkeys(set(SOURCES) - set(missing), "complete")
        states |= unread or {}
        with revise(self.store, at) as revision:
            revision.declare("aws", plugins.provider("aws").sources())
            for tenant, found in records.items():
                self._number += 1
                path = self.folder / f"unit-{self._number}.jsonl.gz"
                reads = [Coverage(source=s, state=v) for s, v in states.items()]
                header = self._header(tenant, at)
                spool.write(path, header, [*found, *reads], finished_at=lambda: at)
                revision.merge_unit(path)
                self._plan(revision, tenant, at)
            resolve(revision, self.config, at)
            revision.record_scan(
                scan_id=f"{at:%Y%m%d}", kind="scan", finished_at=at, tenants=[], units=1
            )

    def answer(
        self, identity_id: str, party_id: str, at: datetime, *, is_owner: bool = True
    ) -> None:
        """Record an attestation for half a year, and conclude."""
        said = Answer(
            identity_id=identity_id,
            tenant_id="acme",
            party_id=party_id,
            is_owner=True,
            attested_by="lee",
            expires_at=at + timedelta(days=180),
        )
        with revise(self.store, at) as revision:
            record(revision, said)
            resolve(revision, self.config, at)

    def judge(self, at: datetime, *, operating: Iterable[str] = ()) -> dict[str, set[str]]:
        """Judge the rules of ownership; return the names of identities with a finding, by rule.

        `operating` are identities of acme that are given a link to a control which they operate.
        """
        with revise(self.store, at) as revision:
            for name in operating:
                revision.con.execute(
                    "INSERT INTO control_link_version BY NAME SELECT 'acme/x' AS instance_id,"
                    " ? AS identity_id, 'acme' AS tenant_id, 'operates' AS grade,"
                    " 'linked' AS state, ?::TIMESTAMPTZ AS valid_from",
                    [identity_id("acme", name), at],
                )
            evaluate(revision, self.config, at, ("OWN",))
        found: dict[str, set[str]] = {}
        for row in self.rows(
            "SELECT f.rule, i.name FROM findings f JOIN identities i USING (identity_id)"
            " WHERE f.status = 'open'"
        ):
            found.setdefault(row["rule"], set()).add(row["name"])
        return found

    def _header(self, tenant: str, at: datetime, part: Any = "collect") -> spool.Header:
        return spool.Header(
            tool="test",
            scan_id=f"{at:%Y%m%d}",
            part=part,
            tenant_id=tenant,
            provider="aws",
            account=ACCOUNTS[tenant],
            started_at=at,
            sliding=["cloudtrail.creators"],
        )

    def _plan(self, revision: Any, tenant: str, at: datetime) -> None:
        account = Account(
            native_id=ACCOUNTS[tenant],
            state="active",
            organization=self.organizations.get(tenant),
            path=self.paths.get(tenant),
            tags=self.account_tags,
            source="sts.identity",
        )
        self._number += 1
        path = self.folder / f"plan-{self._number}.jsonl.gz"
        records: list[AnyRecord] = [account, Coverage(source="sts.identity", state="complete")]
        spool.write(path, self._header(tenant, at, "plan"), records, finished_at=lambda: at)
        revision.merge_unit(path)

    def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        with open_reader(self.store) as con:
            result = con.execute(sql, list(values))
            names = [column[0] for column in result.description or ()]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def one(self, tenant: str, name: str) -> dict[str, Any]:
        [row] = self.rows(
            "SELECT * FROM identities WHERE identity_id = ?", identity_id(tenant, name)
        )
        return row
