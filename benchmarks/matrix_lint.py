"""`nhiscan matrix lint`: CPU seconds for 200 clients with 30 control instances each.

Run: python benchmarks/matrix_lint.py [CLIENTS [INSTANCES]]

Reads the files, loads them into a database in memory, and judges them by every rule that needs only
matrix and roster. Half of the instances have an unsigned text. The aim is 2 s on an idle machine;
exits 1 above 3 s.
"""

import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from nhiscan.config.load import load
from nhiscan.matrix.lint import lint

MOST = 3.0
HEAD = "party_id,name,email,aliases,kind,org,employment,since,manager\n"
STAFF = """dana,Dana,dana@msp.example,,person,msp,active,,
lee,Lee,lee@msp.example,,person,msp,active,,
"""
CONFIG = """msp: {id: msp-one}
roster: people.csv
matrix: matrix/
policy: {backup_max_instances: 9999}
tenants:
"""
INSTANCE = """
  - id: {tenant}/CC6.2/{number}
    criteria: [CC6.2]
    also: {{csf: [PR.AA-01], owasp_nhi: ["NHI1:2025"]}}
    statement: Disable automation credentials within 24h of a trigger.
    service_model: standard
    responsibility: {responsibility}
    duties: {{provision: msp, review: msp, revoke: msp, approve: client, monitor: msp, retain: msp}}
    accountable: dana@msp.example
    backup: lee@msp.example
    approver: cto@{tenant}.example
    custody: [{{who: msp, person: lee, from: 2026-01-01, to: 2027-01-01, oversight: cto-{tenant}}}]
    frequency: on_event
    sla: identity
    agreement: {{doc: MSA-2025-14, clause: "7.3"}}
    operated_by: [{{id: "entra:app:7d1c"}}, {{selector: "tag:soc2-control=CC6.2"}}]
    cuec: [Client notifies MSP of leavers the same day]
"""


def write(folder: Path, clients: int, instances: int) -> Path:
    """Write a project; return its configuration."""
    (folder / "matrix" / "clients").mkdir(parents=True)
    tenants = [f"client-{number:03d}" for number in range(clients)]
    for tenant in tenants:
        text = f"client: {tenant}\nperiod: {{from: 2026-01-01, to: 2026-12-31}}\ninstances:"
        for number in range(instances):
            kind = "shared_msp_client" if number % 2 else "msp"
            text += INSTANCE.format(tenant=tenant, number=number, responsibility=kind)
        (folder / "matrix" / "clients" / f"{tenant}.yaml").write_text(text)
    people = [f"cto-{t},CTO,cto@{t}.example,,person,client:{t},active,,\n" for t in tenants]
    (folder / "people.csv").write_text(HEAD + STAFF + "".join(people))
    (folder / "matrix" / "slas.yaml").write_text("slas:\n  identity: {max_age: 7d}\n")
    config = folder / "nhiscan.yaml"
    listed = "".join(f"  - {{id: {tenant}}}\n" for tenant in ["msp-one, kind: msp", *tenants])
    config.write_text(CONFIG + listed)
    return config


def main() -> int:
    """Measure once, reading included."""
    sizes = [*map(int, sys.argv[1:]), *(200, 30)[len(sys.argv) - 1 :]]
    with TemporaryDirectory() as folder:
        path = write(Path(folder), *sizes)
        before, started = time.process_time(), time.perf_counter()
        found = lint(load(path), datetime(2026, 6, 1, tzinfo=UTC))
        cpu, wall = time.process_time() - before, time.perf_counter() - started
    print(f"{found.instances} instances, {len(found.lines)} lines: {cpu:.2f} s CPU, {wall:.2f} s")
    return int(cpu > MOST)


if __name__ == "__main__":
    sys.exit(main())
