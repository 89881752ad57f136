"""A small project whose ledger the tests write: one MSP, two clients, a matrix, no cloud."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

NOW = "2026-11-01T06:00:00Z"

CONFIG = """\
msp: {id: northwind, name: Northwind MSP}
roster: [people.csv]
matrix: matrix
exceptions: exceptions.yaml
tenants:
  - {id: northwind, kind: msp}
  - {id: acme, name: Acme Dental}
  - {id: granite, name: Granite Works}
"""
PEOPLE = """\
party_id,name,email,aliases,kind,org,employment,since,manager
dana,Dana Ruiz,dana.ruiz@northwind.example,,person,msp,active,2024-02-01,lee
lee,Lee Okafor,lee.okafor@northwind.example,,person,msp,active,2021-06-15,
robin,Robin Vale,cto@acme.example,,person,client:acme,active,2020-01-01,
uma,Uma Lind,uma@granite.example,,person,client:granite,active,2020-01-01,
"""
ACME = """\
client: acme
period: {from: 2026-01-01, to: 2026-12-31}
instances:
  - id: acme/CC6.2/offboarding
    criteria: [CC6.2]
    statement: Disable automation credentials within 24h of a trigger.
    responsibility: msp
    duties: {provision: msp, review: msp, revoke: msp, approve: client, monitor: msp, retain: msp}
    accountable: dana
    backup: lee
    approver: robin
    custody:
      - {who: msp, person: lee, from: 2026-01-01, to: 2027-01-01, oversight: cto@acme.example}
    frequency: on_event
    sla: identity
    operated_by_human: true
    notes: by the service desk
"""
SLAS = """\
slas:
  identity: {max_age: 31d, produce_within: 7d, retrieve_within: 1d, retain_for: 7y}
"""


class Project(Struct, frozen=True):
    """A folder with a configuration; `run` is the command line in it."""

    path: Path

    @property
    def store(self) -> Path:
        """Where the store is."""
        return self.path / "nhiscan.duckdb"

    def write(self, name: str, text: str) -> Path:
        """Write a file of the project."""
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def run(
        self, *arguments: str, now: str = NOW, code: int | None = 0
    ) -> subprocess.CompletedProcess[str]:
        """Run nhiscan as a user would; `code` is the exit code that is expected."""
        done = subprocess.run(  # noqa: S603 our own command, with the test's arguments
            [str(Path(sys.executable).with_name("nhiscan")), *arguments],
            cwd=self.path,
            env={"PATH": os.environ["PATH"], "NHISCAN_NOW": now},
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        assert code is None or done.returncode == code, done.stdout + done.stderr
        return done

    def ask(self, sql: str) -> list[dict[str, Any]]:
        """Ask the store, as a user would."""
        rows: list[dict[str, Any]] = json.loads(self.run("sql", sql, "--format", "json").stdout)
        return rows

    def begin(self) -> None:
        """Make the store: a first piece of evidence does."""
        self.write("log.txt", "x")
        what = ("--tenant", "acme", "--kind", "log", "--custodian", "lee")
        self.run("evidence", "add", "log.txt", *what)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """The project, before anything was recorded."""
    made = Project(tmp_path)
    made.write("nhiscan.yaml", CONFIG)
    made.write("people.csv", PEOPLE)
    made.write("matrix/clients/acme.yaml", ACME)
    made.write("matrix/slas.yaml", SLAS)
    return made
