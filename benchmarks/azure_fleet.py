"""What an MSP's fleet costs: 200 Microsoft directories of 500 service principals in one scan.

`python benchmarks/azure_fleet.py`; exits 1 when a bar is missed. A sandbox process serves the
directories, and another one scans them with the engine and eight threads, as `nhiscan scan` does.
Peak memory is read while it reads: after 20, 100 and 200 tenants, for it may not grow with their
number. What follows, merging and judging all of them together, is printed phase by phase, and next
to it what a scan of only the first 20 takes: the store's part grows with the rows that it holds.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from nhiscan.config.load import load
from nhiscan.records import Coverage
from nhiscan.scan.begin import Request
from nhiscan.scan.engine import scan
from nhiscan.scan.progress import Progress
from nhiscan_sandbox.estate.generated import Size, directory
from nhiscan_sandbox.project.write import SCANNER

NOW = "2026-11-01T06:00:00Z"
SIZE = Size(applications=50, foreign=10, first_party=435, subscriptions=2)
TENANTS, MARKS = 200, (20, 100, 200)
MOST_GROWTH, MOST_CALLS = 0.10, 60

TENANT = """\
  - id: client-{number:03}
    kind: {kind}
    providers:
      - type: azure
        tenant_id: {directory}
        client_id: {client}
        client_secret: file:secrets/nhiscan-app
        endpoint: {url}
        ca: file:ca.pem
"""


class Stage(msgspec.Struct, frozen=True):
    """How far the scan is: seconds and CPU seconds since it began, peak memory in megabytes."""

    name: str
    wall: float
    cpu: float
    megabytes: float
    tenants: int = 0


class Watch(Progress):
    """Notes what the process took whenever so many tenants are read, and at every phase."""

    def __init__(self) -> None:
        super().__init__()
        self.stages: list[Stage] = []
        self._begun = time.monotonic()
        self._read = 0

    def done(self, tenant: str, account: str, gaps: Iterable[Coverage]) -> None:
        """Count a tenant."""
        super().done(tenant, account, gaps)
        self._read += 1
        if self._read in MARKS:
            self.note(f"after {self._read} tenants", self._read)

    def phase(self, text: str) -> None:
        """Note a phase, which begins."""
        super().phase(text)
        self.note(f"before {text}")

    def note(self, name: str, tenants: int = 0) -> None:
        """Note what the process took so far."""
        usage = resource.getrusage(resource.RUSAGE_SELF)
        wall, cpu = time.monotonic() - self._begun, usage.ru_utime + usage.ru_stime
        self.stages.append(Stage(name, wall, cpu, usage.ru_maxrss / 1024, tenants))


def watched(folder: Path, tenants: int) -> int:
    """Scan the first tenants as `nhiscan scan` does, and print the stages as JSON."""
    config, watch = load(folder / "nhiscan.yaml"), Watch()
    chosen = tuple(tenant.id for tenant in config.tenants[:tenants])
    outcome = scan(config, folder / f"{tenants}.duckdb", Request(tenants=chosen), watch)
    watch.note("at the end")
    told = {"incomplete": outcome.incomplete, "stages": watch.stages}
    sys.stdout.buffer.write(msgspec.json.encode(told))
    return 0


@contextmanager
def serving(folder: Path, tenants: int) -> Iterator[None]:
    """Serve the directories from another process while the block lasts; write their project."""
    estate, ready = folder / "estate.json", folder / "ready.json"
    # One at a time: a child's peak includes what its parent held when it began.
    ids = []
    with estate.open("wb") as stream:
        stream.write(b'{"directories": [')
        for number in range(tenants):
            one = directory(number, SIZE, SCANNER)
            ids.append(one.id)
            stream.write((b"," if number else b"") + msgspec.json.encode(one))
        stream.write(b"]}")
    command = [sys.executable, "-m", "nhiscan_sandbox", "--estate", str(estate), "--now", NOW]
    command += ["--ready", str(ready), "--log", str(folder / "calls.jsonl")]
    command += ["--project", str(folder)]  # for its secret and its certificate authority
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:  # noqa: S603 our own module
        try:
            while not ready.exists():
                if process.poll() is not None:
                    sys.exit("the sandbox did not start")
                time.sleep(0.05)
            url = json.loads(ready.read_bytes())["azure"]
            (folder / "nhiscan.yaml").write_text(_config(url, ids))
            yield
        finally:
            process.communicate()


def _config(url: str, ids: list[str]) -> str:
    tenants = "".join(
        TENANT.format(
            number=number,
            kind="client" if number else "msp",
            directory=one,
            client=SCANNER,
            url=url,
        )
        for number, one in enumerate(ids)
    )
    return f"msp: {{id: client-000}}\nstore: store.duckdb\ntenants:\n{tenants}"


def run(folder: Path, tenants: int) -> dict[str, Any]:
    """Scan the first tenants in a process of its own; return what it printed."""
    (folder / "calls.jsonl").write_bytes(b"")
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "NHISCAN_NOW": NOW}
    errors = folder / "errors"
    with errors.open("wb") as stream:
        done = subprocess.run(  # noqa: S603 this very file
            [sys.executable, __file__, "--watched", str(folder), "--tenants", str(tenants)],
            env=environment | {"NO_PROXY": "127.0.0.1"},
            stdout=subprocess.PIPE,
            stderr=stream,
            check=False,
        )
    if done.returncode:
        sys.exit(f"the scan ended with {done.returncode}:\n{errors.read_text()[-2000:]}")
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def calls_of(log: Path) -> Counter[str]:
    """Count the calls of each directory, a `$batch` as one, without those for tokens."""
    counted: Counter[str] = Counter()
    with log.open("rb") as stream:
        for call in map(msgspec.json.decode, stream):
            if call["service"] != "entra" and not call["inner"]:
                counted[call["account"]] += 1
    return counted


def report(few: dict[str, Any], told: dict[str, Any], calls: Counter[str], tenants: int) -> int:
    """Print the stages and the calls; return the exit code."""
    stages, end = (msgspec.convert(one["stages"], list[Stage]) for one in (told, few))
    print(f"fleet: {tenants} directories of {SIZE.principals} service principals")
    for one in stages:
        print(f"  {one.name:50} {one.wall:6.1f} s {one.cpu:6.1f} s CPU {one.megabytes:5.0f} MB")
    print(
        f"  a scan of {MARKS[0]} alone: {end[-1].wall:.1f} s, {end[-1].cpu:.1f} s CPU, "
        f"{end[-1].megabytes:.0f} MB"
    )
    peaks = {one.tenants: one.megabytes for one in stages if one.tenants}
    growth = max(peaks.values()) / min(peaks.values()) - 1
    most, bar = max(calls.values()), MOST_CALLS * max(1.0, SIZE.principals / 1000)
    print(f"calls: {calls.total():,}, at most {most} of one directory (bar {bar:.0f})")
    print(f"tenants with gaps: {told['incomplete']} (bar 0)")
    print(f"growth of peak memory with the number of tenants read: {growth:.1%} (bar 10 %)")
    kept = growth <= MOST_GROWTH and most <= bar and told["incomplete"] == 0
    kept = kept and len(calls) == tenants
    print(f"bars: {'kept' if kept else 'MISSED'}")
    return 0 if kept else 1


def main() -> int:
    """Serve the fleet, scan it once, and print what that took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tenants", type=int, default=TENANTS)
    parser.add_argument("--watched", type=Path, metavar="FOLDER", help="scan what is served there")
    options = parser.parse_args()
    if options.tenants < MARKS[0]:
        parser.error(f"--tenants: at least {MARKS[0]}, for there is the first mark")
    if options.watched:
        return watched(options.watched, options.tenants)
    with TemporaryDirectory(prefix="nhiscan-bench-") as scratch:
        folder = Path(scratch)
        with serving(folder, options.tenants):
            few, told = run(folder, MARKS[0]), run(folder, options.tenants)
        return report(few, told, calls_of(folder / "calls.jsonl"), options.tenants)


if __name__ == "__main__":
    sys.exit(main())
