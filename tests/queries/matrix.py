"""A matrix folder under construction, and the store that a reading of it leaves."""

import json
from collections.abc import Collection
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import yaml

from nhiscan import plugins
from nhiscan.config.load import load
from nhiscan.findings.evaluate import evaluate
from nhiscan.scan.resolve import resolve
from nhiscan.sql import library
from nhiscan.sql.run import run
from nhiscan.store.read import open_reader
from nhiscan.store.revision import revise
from tests.queries import estate

NOW = estate.NOW
YEAR = ("2026-01-01", "2026-12-31")
CONFIG = """\
msp: {id: northwind, name: Northwind MSP}
roster: [people.csv]
matrix: matrix/
tenants:
  - {id: northwind, name: Northwind MSP, kind: msp}
  - {id: acme, name: Acme Dental, group: acme}
  - {id: acme-labs, name: Acme Labs, group: acme}
  - {id: beta, name: Beta Foods}
"""
PEOPLE = """\
party_id,name,email,kind,org,employment,since
dana,Dana Ruiz,dana@msp.example,person,msp,active,
lars,Lars Holm,lars@msp.example,person,msp,leave,2026-10-01
mei,Mei Tanaka,mei@msp.example,person,msp,leave,2026-10-01
rina,Rina Patel,rina@msp.example,person,msp,left,2026-05-01
olof,Olof Berg,olof@msp.example,person,msp,notice,2026-10-20
vera,Vera Kos,vera@msp.example,person,msp,unknown,
mute,Mute Mole,,person,msp,active,
noc,NOC,noc@msp.example,team,msp,active,
alerts,Alerts,alerts@msp.example,mailbox,msp,active,
cto,Carla Tio,cto@acme.example,person,client:acme,active,
lab,Lab Lead,lab@acme.example,person,client:acme-labs,active,
gone,Gus One,gone@acme.example,person,client:acme,left,2026-05-01
bob,Bob Foods,bob@beta.example,person,client:beta,active,
siem,Sia Emm,sia@siem.example,person,sub:siem,active,
"""
DUTIES = ("provision", "review", "revoke", "approve", "monitor", "respond", "retain")
SPLIT = {
    duty: "client" if duty == "approve" else "msp" for duty in DUTIES
}  # fmt: skip


def signed(instance: dict[str, Any]) -> str:
    """Return the hash of what a client signs, made here by the words of DESIGN 6.1."""
    text = {key: instance.get(key, {}) for key in ("statement", "responsibility", "duties")}
    encoded = json.dumps(text, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(encoded.encode()).hexdigest()


def custody(who: str, start: str, end: str | None, **fields: Any) -> dict[str, Any]:
    """Return one interval of custody, watched over by the other side unless `fields` say else."""
    other = "dana" if who == "client" else "cto"
    ended = {} if end is None else {"to": end}
    return {"who": who, "from": start, **ended, "oversight": other, **fields}


class Matrix:
    """Instances of one client; each breaks no rule but what its own fields break."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._instances: dict[str, dict[str, Any]] = {}
        self._backups: dict[str, str] = {}
        self.store = folder / "nhiscan.duckdb"
        self.config = folder / "nhiscan.yaml"

    def add(self, name: str, **fields: Any) -> str:
        """Add or replace `acme/NAME`; a field of None is left out. Return its id.

        The sign-off, if not given, is of the text as it is; `backup` is somebody who backs no more
        than ten.
        """
        instance_id = f"acme/{name}"
        backup = self._backups.setdefault(name, f"backup{len(self._backups) // 10}")
        whole = {
            "criteria": ["CC6.2"],
            "statement": f"{name} is done within a day.",
            "responsibility": "shared_msp_client/dependent",
            "duties": SPLIT,
            "accountable": "dana",
            "backup": backup,
            "approver": "cto",
            "custody": [custody("msp", "2026-01-01", "2027-01-01")],
            "operated_by": [{"id": "arn:aws:iam::111122223333:user/robot", "basis": "explicit"}],
            "signoff": {"by": "cto", "at": "2026-01-05"},
            **fields,
        }
        if whole["signoff"] is not None:
            whole["signoff"] = {"covers_sha256": signed(whole), **whole["signoff"]}
            if whole["signoff"]["covers_sha256"] is None:
                del whole["signoff"]["covers_sha256"]
        kept = {key: value for key, value in whole.items() if value is not None}
        self._instances[instance_id] = {"id": instance_id, **kept}
        return instance_id

    def read(
        self,
        at: datetime = NOW,
        period: tuple[str, str] = YEAR,
        units: Collection[estate.Unit] = (),
        denied: Collection[str] = (),
    ) -> None:
        """Write the files, and do what a scan of `units` does, for the rules of controls alone."""
        clients = self._folder / "matrix" / "clients"
        clients.mkdir(parents=True, exist_ok=True)
        whole = {
            "client": "acme",
            "period": {"from": _Day(period[0]), "to": _Day(period[1])},
            "instances": [_dated(one) for one in self._instances.values()],
        }
        (clients / "acme.yaml").write_text(yaml.dump(whole, Dumper=_Dumper, sort_keys=False))
        backups = "".join(
            f"{name},{name.title()},{name}@msp.example,person,msp,active,\n"
            for name in sorted(set(self._backups.values()))
        )
        (self._folder / "people.csv").write_text(PEOPLE + backups)
        self.config.write_text(CONFIG)
        config = load(self.config)
        with revise(self.store, at) as revision:
            revision.declare("aws", plugins.provider("aws").sources())
            for unit in units:
                estate.merge(revision, self._folder, unit, denied)
            resolve(revision, config, at)
            evaluate(revision, config, at, ("CTL",))
            revision.record_scan(
                scan_id=f"scan-{at:%Y%m%d}", kind="scan", finished_at=at, tenants=["acme"], units=0
            )

    def found(self, status: str = "open") -> dict[tuple[str, str], dict[str, Any]]:
        """Return the findings about instances of a status, by rule and name of the instance.

        Without those about evidence: next to none of these tests records any.
        """
        sql = "SELECT * FROM findings WHERE status = $status AND rule NOT LIKE 'EVD-%'"
        rows = self._rows(sql, {"status": status})
        about = [row for row in rows if row["instance_id"] is not None]
        return {(row["rule"], row["instance_id"].removeprefix("acme/")): row for row in about}

    def unlinked(self) -> dict[str, tuple[str, str]]:
        """Return status and severity of the findings about identities that operate no control."""
        rows = self._rows(
            "SELECT i.name, f.status, f.severity FROM findings AS f"
            " JOIN identities AS i USING (identity_id)"
            " WHERE f.rule = 'CTL-07' AND f.status <> 'resolved'",
            {},
        )
        return {row["name"]: (row["status"], row["severity"]) for row in rows}

    def ask(self, name: str, at: datetime = NOW, /, **params: str) -> list[dict[str, Any]]:
        """Run a query of the library as `nhiscan query` does."""
        query = library.get(name)
        values = query.values(params, load(self.config).policy.numbers(), at)
        return self._rows(query.sql, values)

    def _rows(self, sql: str, values: dict[str, Any]) -> list[dict[str, Any]]:
        con = open_reader(self.store)
        try:
            table = run(con, sql, values)
        finally:
            con.close()
        return [dict(zip(table.columns, row, strict=True)) for row in table.rows]

    def facts(self, rule: str, name: str) -> dict[str, Any]:
        """Return the facts of an open or unknown finding."""
        found = {**self.found("unknown"), **self.found()}[rule, name]
        evidence: dict[str, Any] = msgspec.json.decode(found["evidence"])
        facts: dict[str, Any] = evidence["facts"]
        return facts


class _Day(str):
    """A date, to be written without quotes."""


class _Dumper(yaml.SafeDumper):
    """Writes dates as dates, and never an alias: files say what they say where they say it."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


_Dumper.add_representer(
    _Day, lambda dumper, day: dumper.represent_scalar("tag:yaml.org,2002:timestamp", day)
)
_DATES = {"from", "to", "at", "expires", "handoff_ack"}


def _dated(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _Day(v) if k in _DATES and v else _dated(v) for k, v in value.items()}
    return [_dated(one) for one in value] if isinstance(value, list) else value
