"""The folder of one scan: what a killed scan leaves is what `--resume` goes on from."""

import shutil
from datetime import datetime
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
        stem = f"{at:%Y%m%dT%H%M%SZ}"
        names = (stem, *(f"{stem}-{number}" for number in range(2, 10_000)))
        used = taken | {folder.name for folder in scans.iterdir()}
        scan_id = next(name for name in names if name not in used)
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


def _write(path: Path, value: Struct) -> None:
    partial = path.with_suffix(".part")
    partial.write_bytes(msgspec.json.encode(value))
    partial.replace(path)
