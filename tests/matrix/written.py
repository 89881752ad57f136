"""A project that is only a matrix: two clients, a roster, and files that tests write."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from nhiscan.config.load import load
from nhiscan.config.model import Config

NOW = datetime(2026, 6, 1, 6, 0, tzinfo=UTC)
CONFIG = """
msp: {id: msp-one, name: One}
roster: [people.csv]
matrix: matrix/
tenants:
  - {id: msp-one, kind: msp}
  - {id: acme, name: Acme}
  - {id: beta, name: Beta}
"""
PEOPLE = """party_id,name,email,aliases,kind,org,employment,since,manager
dana,Dana Ruiz,dana@msp.example,,person,msp,active,,
lee,Lee Okafor,lee@msp.example,,person,msp,active,,
old,Olga Old,olga@acme.example,,person,client:acme,left,2026-03-01,
cto,Robin Vale,cto@acme.example,,person,client:acme,active,,
"""


def project(folder: Path, config: str = CONFIG) -> Config:
    """Write a configuration, a roster and an empty matrix, and read them."""
    (folder / "matrix" / "clients").mkdir(parents=True, exist_ok=True)
    (folder / "nhiscan.yaml").write_text(config)
    (folder / "people.csv").write_text(PEOPLE)
    (folder / "matrix" / "slas.yaml").write_text("slas:\n  identity: {max_age: 7d}\n")
    return load(folder / "nhiscan.yaml")


def run(folder: Path, *arguments: str, now: datetime = NOW) -> subprocess.CompletedProcess[str]:
    """Run the command line in `folder` as a user would, at that time; nothing is checked."""
    return subprocess.run(  # noqa: S603 our own command, with the test's arguments
        [str(Path(sys.executable).with_name("nhiscan")), *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "NHISCAN_NOW": now.isoformat()},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def write(folder: Path, text: str, name: str = "acme") -> Path:
    """Write one file of clients/."""
    file = folder / "matrix" / "clients" / f"{name}.yaml"
    file.write_bytes(text.encode())
    return file


# Nothing is wrong with it, once SHA stands for the hash of its text.
RIGHT = """client: acme
period: {from: 2026-01-01, to: 2026-12-31}
instances:
  - id: acme/CC6.2/offboarding
    criteria: [CC6.2]
    also: {csf: [PR.AA-01], owasp_nhi: ["NHI1:2025"]}
    statement: Disable automation credentials within 24h of a trigger.
    service_model: standard
    responsibility: shared_msp_client/dependent
    duties: {provision: msp, review: msp, revoke: msp, approve: client, monitor: msp, retain: msp}
    accountable: dana@msp.example
    backup: lee@msp.example
    approver: cto@acme.example
    custody: [{who: msp, person: lee, from: 2026-01-01, to: 2027-01-01, oversight: cto}]
    frequency: on_event
    sla: identity
    agreement: {doc: MSA-2025-14, clause: "7.3"}
    signoff:
      by: cto@acme.example
      at: 2026-01-05
      covers_sha256: SHA
      expires: 2027-01-05
    operated_by: [{id: "entra:app:7d1c", basis: explicit}]
    cuec: [Client notifies MSP of leavers the same day]
"""
