"""What all gap lists of a large MSP cost: 500 clients, 200,000 findings, every format.

`python benchmarks/export_gaps.py`; exits 1 when a bar is missed: a minute and 500 MB for the whole
command, as a process of its own (getrusage). The yardstick in the same run is a bare script that
writes the rows of the same query as one CSV.
"""

import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

CLIENTS, IDENTITIES, FINDINGS = 500, 50_000, 200_000
MOST_SECONDS, MOST_MEGABYTES = 60.0, 500.0
AT = "TIMESTAMPTZ '2026-11-01 06:00:00+00'"

BARE = """
import csv, sys
from nhiscan.export.gaps.rows import Asked, parameters
from nhiscan.export.masked import text
from nhiscan.store.read import open_reader
from pathlib import Path
with open_reader(Path(sys.argv[1])) as con, open(sys.argv[2], "w", newline="") as stream:
    result = con.execute(text("gaps.sql"), parameters(Asked()))
    writer = csv.writer(stream)
    while rows := result.fetchmany(5000):
        writer.writerows(rows)
"""


class Cost(msgspec.Struct, frozen=True):
    """What one run of a program took: CPU and wall time in seconds, peak memory in megabytes."""

    cpu: float
    wall: float
    megabytes: float


def make_store(path: Path, clients: int, identities: int, findings: int) -> None:
    """Make a store of this size by SQL."""
    import duckdb

    from nhiscan.store.migrate import migrate

    sql = Path(__file__).with_name("large_store.sql").read_text()
    sizes = {"clients": clients, "identities": identities, "findings": findings}
    for name, value in sizes.items():
        sql = sql.replace(f"${name}", str(value))
    with duckdb.connect(str(path)) as con:
        con.execute("SET TimeZone = 'UTC'")
        migrate(con)
        con.execute(sql.replace("$at", AT))


def measure(command: list[str]) -> Cost:
    """Run a program to its end and read its own resource usage."""
    environment = os.environ | {"NHISCAN_NOW": "2026-11-02T06:00:00Z"}
    began = time.monotonic()
    with subprocess.Popen(  # noqa: S603 our own programs
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        said = process.stderr.read().decode() if process.stderr else ""
    if process.returncode not in (0, 3):
        sys.exit(f"{command[0]} ended with {process.returncode}:\n{said}")
    return Cost(usage.ru_utime + usage.ru_stime, time.monotonic() - began, usage.ru_maxrss / 1024)


def main() -> int:
    """Make the store, write the lists, compare."""
    with TemporaryDirectory(prefix="nhiscan-bench-") as scratch:
        folder = Path(scratch)
        store = folder / "store.duckdb"
        make_store(store, CLIENTS, IDENTITIES, FINDINGS)
        bare = measure([sys.executable, "-c", BARE, str(store), str(folder / "bare.csv")])
        command = [str(Path(sys.executable).with_name("nhiscan")), "export", "gaps"]
        command += ["--db", str(store), "--config", str(folder / "none.yaml")]
        text = [*command, "--format", "csv", "--format", "jsonl", "--to", str(folder / "text")]
        flat = measure(text)
        all_forms = measure([*command, "--to", str(folder / "all")])
        manifest = msgspec.json.decode((folder / "all/manifest.json").read_bytes())
        files = manifest["files"]
        rows = sum(entry["rows"] for entry in files if entry["path"].endswith(".csv"))
    print(f"{CLIENTS} clients, {FINDINGS} findings: {len(files)} files, {rows} rows in each format")
    for name, cost in (("bare CSV", bare), ("csv and jsonl", flat), ("all formats", all_forms)):
        print(f"{name:14} {cost.wall:6.1f} s  {cost.cpu:6.1f} s CPU  {cost.megabytes:5.0f} MB")
    print(f"all formats to bare CSV: {all_forms.cpu / bare.cpu:.1f} times the CPU")
    kept = all_forms.wall <= MOST_SECONDS and all_forms.megabytes <= MOST_MEGABYTES
    kept = kept and rows == manifest["rows"] == FINDINGS
    print(f"bars ({MOST_SECONDS:.0f} s, {MOST_MEGABYTES:.0f} MB): {'kept' if kept else 'MISSED'}")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
