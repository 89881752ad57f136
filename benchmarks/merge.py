"""Measures the store: merging a spool against row inserts, and what repeated scans cost.

Prints each figure with its bar and exits 1 if one is missed. Every measurement runs in a process of
its own; speeds are rows per CPU second, the best of three runs: other work disturbs those least.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path

from nhiscan import spool
from nhiscan.records import AnyRecord, Coverage, Identity
from nhiscan.store.revision import revise
from nhiscan.store.transaction import transaction

ROWS = 200_000
SAMPLE = 2_000
START = datetime(2026, 1, 1, tzinfo=UTC)
SOURCE = "iam.authorization_details"
MIB = 1 << 20
Figures = dict[str, float]


def records(changed: int) -> Iterator[AnyRecord]:
    """Yield ROWS identities; the first `changed` differ in a tag."""
    for n in range(ROWS):
        yield Identity(
            key=f"AROA{n:016d}",
            kind="role",
            native_type="aws.iam.role",
            native_id=f"arn:aws:iam::111122223333:role/service/worker-{n}",
            immutable_id=f"AROA{n:016d}",
            name=f"worker-{n}",
            class_="machine",
            class_rule="H07",
            class_evidence=f"trusted by ec2.amazonaws.com only; path /service/; {n % 97} policies",
            created_at=START - timedelta(minutes=n),
            privilege="write",
            tags={"owner": f"team-{n % 40}@acme.example", "rev": "2" if n < changed else "1"},
            attributes={"path": "/service/", "max_session": 3600, "boundary": None},
            source=SOURCE,
        )
    yield Coverage(source=SOURCE, state="complete", calls=ROWS // 1000, rows=ROWS)


def write_spool(path: Path, scan: int, changed: int) -> Figures:
    """Write the unit of one scan."""
    started = START + timedelta(days=scan)
    header = spool.Header(
        tool="benchmark",
        scan_id=f"scan-{scan}",
        part="collect",
        tenant_id="acme",
        provider="aws",
        account="111122223333",
        started_at=started,
    )
    spool.write(path, header, records(changed), finished_at=lambda: started)
    return {"bytes": path.stat().st_size}


def merge(store: Path, path: Path, scan: int) -> Figures:
    """Merge one spool into `store` by a revision of its own; the first scan begins a new store."""
    if scan == 0:
        store.unlink(missing_ok=True)
    with revise(store, START + timedelta(days=scan)) as revision:
        begun, cpu = time.perf_counter(), time.process_time()
        counts = revision.merge_unit(path)
        wall, cpu = time.perf_counter() - begun, time.process_time() - cpu
        row = revision.con.execute("SELECT count(*) FROM identity_version").fetchone()
    assert row is not None
    return {
        "wall": wall,
        "cpu": cpu,
        "versions": row[0],
        "news": counts.inserted + counts.changed + counts.closed,
        "bytes": store.stat().st_size,
    }


def insert_rows(store: Path, together: bool) -> Figures:
    """Insert SAMPLE rows into the same table by executemany, in one transaction or in many."""
    with revise(store, START + timedelta(days=9)) as revision:
        con = revision.con
        rows = con.execute(f"FROM identity_version LIMIT {SAMPLE}").fetchall()
        marks = ", ".join("?" * len(rows[0]))
        begun, cpu = time.perf_counter(), time.process_time()
        with transaction(con) if together else nullcontext():
            con.executemany("INSERT INTO identity_version VALUES (" + marks + ")", rows)  # noqa: S608 - only marks
        wall, cpu = time.perf_counter() - begun, time.process_time() - cpu
    return {"wall": wall, "cpu": cpu}


MEASUREMENTS: dict[str, Callable[[Path], Figures]] = {
    "write-0": lambda folder: write_spool(folder / "0.jsonl.gz", 0, 0),
    "write-1": lambda folder: write_spool(folder / "1.jsonl.gz", 1, 0),
    "write-2": lambda folder: write_spool(folder / "2.jsonl.gz", 2, ROWS // 100),
    "first": lambda folder: merge(folder / "store.duckdb", folder / "0.jsonl.gz", 0),
    "again": lambda folder: merge(folder / "store.duckdb", folder / "1.jsonl.gz", 1),
    "changed": lambda folder: merge(folder / "store.duckdb", folder / "2.jsonl.gz", 2),
    "rows": lambda folder: insert_rows(folder / "store.duckdb", together=False),
    "together": lambda folder: insert_rows(folder / "store.duckdb", together=True),
}


def measure(name: str, folder: Path) -> Figures:
    """Run one measurement in a fresh process; `peak` is its peak resident memory in bytes."""
    runs = 3 if name in ("first", "rows", "together") else 1
    return min((_run(name, folder) for _ in range(runs)), key=lambda run: run.get("cpu", 0))


def _run(name: str, folder: Path) -> Figures:
    done = subprocess.run(  # noqa: S603 - this very file
        [sys.executable, __file__, name, str(folder)], check=True, stdout=subprocess.PIPE, text=True
    )
    figures: Figures = json.loads(done.stdout)
    return figures


def report(figures: dict[str, Figures]) -> list[tuple[str, str, bool]]:
    """Turn the figures into lines: what, how much, and whether its bar is met."""
    first, again, changed = (figures[name] for name in ("first", "again", "changed"))
    merged = ROWS / first["cpu"]
    single, together = (SAMPLE / figures[name]["cpu"] for name in ("rows", "together"))
    growth = changed["bytes"] / again["bytes"] - 1
    peak = first["peak"] / MIB
    return [
        ("row inserts", f"{single:,.0f} rows per CPU second", True),
        ("  in one transaction", f"{together:,.0f} rows per CPU second", True),
        ("merge of a spool", f"{merged:,.0f} rows per CPU second, {first['wall']:.1f} s", True),
        ("  against row inserts", f"{merged / single:,.0f} (bar: 100)", merged / single >= 100),
        ("  in one transaction", f"{merged / together:,.0f} (bar: 80)", merged / together >= 80),
        ("peak memory of that merge", f"{peak:,.0f} MiB (bar: 400)", peak <= 400),
        ("store", f"{first['bytes'] / MIB:.1f} MiB for {ROWS:,} identities", True),
        ("same again", f"{again['news']:.0f} rows of history (bar: 0)", again["news"] == 0),
        ("  its merge", f"{again['cpu']:.1f} CPU seconds, {again['wall']:.1f} s", True),
        ("1 % changed", f"{changed['news']:.0f} rows of history", changed["news"] == ROWS // 100),
        ("  file growth", f"{growth:.1%} (bar: under 5 %)", growth < 0.05),
    ]


def main() -> int:
    """Measure everything and print it."""
    with tempfile.TemporaryDirectory() as folder:
        figures = {name: measure(name, Path(folder)) for name in MEASUREMENTS}
    lines = report(figures)
    for what, value, met in lines:
        print(f"{what:26} {value}{'' if met else '   MISSED'}")
    return 0 if all(met for _, _, met in lines) else 1


if __name__ == "__main__":
    if len(sys.argv) == 1:
        sys.exit(main())
    measured = MEASUREMENTS[sys.argv[1]](Path(sys.argv[2]))
    measured["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps(measured))
