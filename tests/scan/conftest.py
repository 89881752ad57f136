"""A project whose clouds are tapes, with the tape adapter installed as a third party's would be."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

NOW = "2026-11-01T06:00:00+00:00"
NHISCAN = str(Path(sys.executable).with_name("nhiscan"))
CONFIG = """\
msp: {id: northwind, name: Northwind MSP}
tenants:
  - {id: northwind, kind: msp}
"""
TENANT = "  - {{id: {0}, name: {0}, providers: [{{type: tape, tape: {1}}}]}}\n"


class Estate:
    """A folder with nhiscan.yaml, a tape per tenant, and the command line to use them."""

    def __init__(self, path: Path, site: Path) -> None:
        self.path, self._site = path, site
        self.store = path / "nhiscan.duckdb"
        self._running: list[subprocess.Popen[str]] = []

    def write(self, tapes: dict[str, dict[str, Any]], extra: str = "") -> None:
        """Write a tape for each tenant, and a configuration that names them all."""
        config = CONFIG
        for tenant, tape in tapes.items():
            file = self.path / f"{tenant}.json"
            file.write_text(json.dumps(tape), "utf-8")
            config += TENANT.format(tenant, file)
        (self.path / "nhiscan.yaml").write_text(config + extra, "utf-8")

    def start(
        self, *arguments: str, now: str = NOW, stderr: int = subprocess.PIPE
    ) -> subprocess.Popen[str]:
        """Start the command line; it is ended with the test."""
        process = subprocess.Popen(  # noqa: S603 - our own command
            [NHISCAN, *arguments],
            cwd=self.path,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": os.pathsep.join([str(self._site), os.environ.get("PYTHONPATH", "")]),
                "NHISCAN_NOW": now,
                "TERM": "xterm",
                "COLUMNS": "150",
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            encoding="utf-8",
        )
        self._running.append(process)
        return process

    def run(self, *arguments: str, now: str = NOW) -> subprocess.CompletedProcess[str]:
        """Run the command line to its end."""
        process = self.start(*arguments, now=now)
        out, err = process.communicate(timeout=60)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def played(self, tenant: str) -> list[str]:
        """List the accounts that the tape of a tenant was played for, in that order."""
        log = self.path / f"{tenant}.json.log"
        return log.read_text().splitlines() if log.exists() else []

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask the store."""
        from nhiscan.store.read import open_reader

        with open_reader(self.store) as con:
            return con.execute(sql).fetchall()

    def stop(self) -> None:
        """Kill what still runs."""
        for process in self._running:
            process.kill()
            process.communicate()


def wait_for(path: Path, process: subprocess.Popen[str]) -> None:
    """Wait until a file is there."""
    for _ in range(600):
        if path.exists():
            return
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    raise AssertionError(f"{path} never came")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder for sys.path with the tape adapter installed, entry point and all."""
    site = tmp_path / "site"
    info = site / "tape_player-1.2.dist-info"
    info.mkdir(parents=True)
    shutil.copy(Path(__file__).with_name("tape.py"), site / "tape_player.py")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: tape-player\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text("[nhiscan.providers]\ntape = tape_player:Tape\n")
    return site


@pytest.fixture
def estate(tmp_path: Path, site: Path) -> Iterator[Estate]:
    """An empty project; `write` fills it."""
    path = tmp_path / "project"
    path.mkdir()
    estate = Estate(path, site)
    yield estate
    estate.stop()
