"""A client's account that tests scan day by day, with records that people import between scans."""

import json
from collections.abc import Collection
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from nhiscan import plugins
from nhiscan.config.load import load
from nhiscan.evidence.add import Piece
from nhiscan.evidence.add import add as adding
from nhiscan.findings.evaluate import evaluate
from nhiscan.scan.rejudge import rejudge
from nhiscan.scan.resolve import resolve
from nhiscan.sql import library
from nhiscan.sql.run import run
from nhiscan.store.read import open_reader
from nhiscan.store.revision import revise
from tests.queries import estate

CONFIG = """\
msp: {id: northwind, name: Northwind MSP}
roster: [people.csv]
matrix: matrix/
owner_tags: [owner]
tenants:
  - {id: northwind, name: Northwind MSP, kind: msp}
  - {id: acme, name: Acme Dental, group: acme}
  - {id: acme-labs, name: Acme Labs, group: acme}
  - {id: beta, name: Beta Foods}
"""
PEOPLE = """\
party_id,name,email,aliases,kind,org,employment,since
dana,Dana Ruiz,dana@msp.example,d.ruiz@msp.example,person,msp,active,
rina,Rina Patel,rina@msp.example,,person,msp,left,2026-10-05
cto,Carla Tio,cto@acme.example,,person,client:acme,active,
lab,Lab Lead,lab@acme.example,,person,client:acme-labs,active,
board,Board,board@acme.example,,mailbox,client:acme,active,
gone,Gus One,gone@acme.example,,person,client:acme,left,2026-05-01
bob,Bob Foods,bob@beta.example,,person,client:beta,active,
"""
FAMILIES = ("LIF-06", "LIF-07", "LIF-08", "MON", "IR")


class Days:
    """A store that is scanned and told things day by day; day 0 is `estate.NOW`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = folder / "nhiscan.duckdb"
        (folder / "nhiscan.yaml").write_text(CONFIG)
        (folder / "people.csv").write_text(PEOPLE)
        (folder / "matrix/clients").mkdir(parents=True)

    def instance(self, criteria: str, *operators: str, domain: str = "", duties: str = "") -> str:
        """Put one control instance of acme into the matrix, operated by these identities."""
        operated = "".join(
            f"\n      - {{id: '{arn(name)}', basis: explicit}}" for name in operators
        )
        (self.folder / "matrix/clients/acme.yaml").write_text(
            "client: acme\nperiod: {from: 2026-01-01, to: 2026-12-31}\ninstances:\n"
            f"  - id: acme/{criteria}/one\n    criteria: [{criteria}]\n    statement: It is done.\n"
            f"    responsibility: msp\n    duties: {{{duties}}}\n    accountable: dana\n"
            + (f"    sla: {domain}\n" if domain else "")
            + (f"    operated_by:{operated}\n" if operators else "")
        )
        return f"acme/{criteria}/one"

    def scan(self, day: float, unit: estate.Unit, denied: Collection[str] = ()) -> None:
        """Do what a scan of one account does, and judge by the rules that are tested here."""
        config = load(self.folder / "nhiscan.yaml")
        at = on(day)
        with revise(self.store, at) as revision:
            revision.declare("aws", plugins.provider("aws").sources())
            estate.merge(revision, self.folder, unit, denied)
            resolve(revision, config, at)
            revision.settle()
            evaluate(revision, config, at, FAMILIES)
            revision.record_scan(
                scan_id=f"scan-{at:%Y%m%d}", kind="scan", finished_at=at, tenants=["acme"], units=1
            )

    def record(
        self, kind: str, *records: dict[str, Any], day: float = 0, tenant: str = "acme", **said: Any
    ) -> None:
        """Import records of one kind, and judge again."""
        config = load(self.folder / "nhiscan.yaml")
        source = self.folder / "records.json"
        source.write_text(json.dumps(records, default=str))
        piece = Piece(
            tenant_id=tenant,
            kind=kind,
            custodian_id="dana",
            custodian_org="msp",
            collector="dana",
            collected_at=on(day),
            **said,
        )
        with revise(self.store, on(day)) as revision:
            adding(revision.con, self.store, piece, source, on(day))
            rejudge(revision, config)

    def judge(self, day: float) -> None:
        """Let time pass, and judge again."""
        with revise(self.store, on(day)) as revision:
            rejudge(revision, load(self.folder / "nhiscan.yaml"))

    def found(self, rule: str) -> dict[str, str]:
        """Return the findings of a rule that are open or unknown: title and status."""
        rows = self.ask(
            "SELECT title, status FROM findings WHERE rule = $rule"
            " AND status IN ('open', 'unknown') ORDER BY title",
            {"rule": rule},
        )
        return {row["title"]: row["status"] for row in rows}

    def ask(self, sql: str, params: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """Run a statement and give its rows as dicts."""
        with open_reader(self.store) as con:
            table = run(con, sql, params or {})
        return [dict(zip(table.columns, row, strict=True)) for row in table.rows]

    def query(self, name: str, day: float = 0, **params: str) -> list[dict[str, Any]]:
        """Run a query of the library on a day."""
        query = library.get(name)
        policy = msgspec.structs.asdict(load(self.folder / "nhiscan.yaml").policy)
        return self.ask(query.sql, query.values(params, policy, on(day)))


@pytest.fixture
def days(tmp_path: Path) -> Days:
    """The store, before anything was read."""
    return Days(tmp_path)


def on(day: float) -> datetime:
    """Return the time of a day; negative ones lie before `estate.NOW`."""
    return estate.NOW + timedelta(days=day)


def arn(name: str) -> str:
    """Return the native id of one of acme's users."""
    return f"arn:aws:iam::{estate.ACME}:user/{name}"


def account() -> estate.Unit:
    """Begin acme's account, without any identity."""
    return estate.Unit(tenant="acme", account=estate.ACME)
