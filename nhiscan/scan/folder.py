"""The folder of one scan: what a killed scan leaves is what `--resume` goes on from."""

import os
import shutil
from collections.abc import Iterable
from datetime import datetime
from itertools import count
from pathlib import Path

import msgspec
from msgspec import Struct

from nhiscan import spool
from nhiscan.config.load import entries_digest
from nhiscan.config.model import Config
from nhiscan.errors import UsageError
from nhiscan.records import Moment
from nhiscan.scan.plan import Planned, Work

_PLAN = "plan.json"
_BEGUN = "scan.json"


class Begun(Struct, frozen=True, kw_only=True):
    """What a scan set out to do, written before anything is asked of a cloud."""

    scan_id: str
    started_at: Moment
    tenants: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    entries_digest: str


class ScanFolder:
    """`<store>.d/scans/<scan_id>`: scan.json, plan.json once planned, and finished spool files."""

    def __init__(self, path: Path, begun: Begun) -> None:
        self.path, self.begun = path, begun

    @classmethod
    def begin(
        cls,
        scans: Path,
        config: Config,
        at: datetime,
        tenants: tuple[str, ...],
        providers: tuple[str, ...],
        taken: set[str],
    ) -> "ScanFolder":
        """Start a folder under a new id; `taken` are the ids that the store holds already."""
        scan_id = new_id(at, taken | {folder.name for folder in scans.iterdir()})
        begun = Begun(
            scan_id=scan_id,
            started_at=at,
            tenants=tenants,
            providers=providers,
            entries_digest=entries_digest(config),
        )
        folder = cls(scans / scan_id, begun)
        folder.path.mkdir(mode=0o700)
        _write(folder.path / _BEGUN, begun)
        return folder

    @classmethod
    def tidy(cls, scans: Path, published: set[str]) -> list[str]:
        """Remove folders of scans that are published, or that did not get as far as to be noted.

        Return the published ones: they were killed between publishing and removing their folder.
        """
        ended = [path for path in scans.iterdir() if path.name in published]
        for path in (*ended, *(p for p in scans.iterdir() if not (p / _BEGUN).exists())):
            shutil.rmtree(path, ignore_errors=True)
        return sorted(path.name for path in ended)

    @classmethod
    def interrupted(cls, scans: Path) -> "ScanFolder | None":
        """Find the newest scan that did not end; nothing half-written is ever taken for one."""
        for path in sorted(scans.iterdir(), reverse=True):
            begun = path / _BEGUN
            if begun.exists():
                return cls(path, msgspec.json.decode(begun.read_bytes(), type=Begun))
        return None

    def check_config(self, config: Config) -> None:
        """Refuse to go on with other entries than the scan began with."""
        if entries_digest(config) != self.begun.entries_digest:
            raise UsageError(
                f"{config.path}: its tenants or providers changed since scan"
                f" {self.begun.scan_id} was interrupted",
                hint="run `nhiscan scan` without --resume to start anew",
            )

    def planned(self) -> Planned | None:
        """Return the finished plan, or None."""
        path = self.path / _PLAN
        return msgspec.json.decode(path.read_bytes(), type=Planned) if path.exists() else None

    def keep(self, planned: Planned) -> None:
        """Write the finished plan."""
        _write(self.path / _PLAN, planned)

    def file(self, number: int) -> Path:
        """Name the spool file of the plan's unit `number`."""
        return self.path / f"unit-{number:06d}{spool.SUFFIX}"

    def missing(self, planned: Planned) -> list[tuple[int, Work]]:
        """List the units that have no finished spool yet."""
        return [(n, w) for n, w in enumerate(planned.works) if not self.file(n).exists()]

    def spools(self, planned: Planned) -> list[Path]:
        """List all spool files in the order of merging: plans first."""
        units = [self.file(number) for number in range(len(planned.works))]
        return [self.path / file for file in planned.files] + units

    def discard(self) -> None:
        """Remove the folder: what it held is published, or is started anew."""
        shutil.rmtree(self.path)


def new_id(at: datetime, taken: Iterable[str]) -> str:
    """Make the id of a scan from its start: ids sort as scans follow, also under one clock."""
    stem = f"{at:%Y%m%dT%H%M%SZ}"
    used = set(taken)
    if stem not in used:
        return stem
    return next(name for n in count(2) if (name := f"{stem}-{n:04d}") not in used)


def _write(path: Path, value: Struct) -> None:
    """Write whole or not at all, also if the power fails: what is named must be readable."""
    partial = path.with_suffix(".part")
    with partial.open("wb") as file:
        file.write(msgspec.json.encode(value))
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
