"""The two halves of a scan apart: collect to files without a store, merge files from elsewhere."""

import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from nhiscan import clock, spool
from nhiscan.config.model import Config
from nhiscan.errors import SpoolError, UsageError
from nhiscan.records import Account
from nhiscan.scan.engine import collect_units
from nhiscan.scan.folder import ScanFolder
from nhiscan.scan.plan import entries, plan_all
from nhiscan.scan.progress import Progress
from nhiscan.scan.publish import Outcome, publish
from nhiscan.store.lock import store_lock
from nhiscan.store.units import account_tenants, known_scans


def collect_to(
    config: Config, tenant: str, output: Path, jobs: int, progress: Progress
) -> tuple[list[Path], int]:
    """Collect one tenant into `output`; return the files, and how many have gaps."""
    output.mkdir(parents=True, exist_ok=True)
    chosen = list(entries(config, (tenant,), ()))
    if not chosen:
        raise UsageError(f"tenant {tenant} has no provider to collect")
    with tempfile.TemporaryDirectory(dir=output, prefix=".collect-") as work:
        folder = ScanFolder.begin(Path(work), config, clock.now(), (tenant,), (), set())
        planned = plan_all(config, folder.begun.scan_id, folder.path, chosen, progress)
        collect_units(config, folder, planned, jobs, progress, ThreadPoolExecutor)
        files = []
        incomplete = 0
        for source in folder.spools(planned):
            name, gaps = _describe(source)
            target = output / f"{name}{spool.SUFFIX}"
            source.replace(target)
            files.append(target)
            incomplete += gaps
    return files, incomplete


def _describe(path: Path) -> tuple[str, bool]:
    """Name a spool after what it holds, and say whether a source in it is incomplete."""
    with spool.read(path) as reader:
        head = reader.header
        gaps = any(
            getattr(record, "state", "") in ("partial", "denied", "throttled", "unreachable")
            and record.source not in head.optional
            for record in reader
            if not isinstance(record, Account)
        )
    account = "".join(c if c.isalnum() or c in "-_" else "_" for c in head.account)
    plan = "-plan" if head.part == "plan" else ""
    return f"{head.tenant_id}-{head.provider}-{account}{plan}", gaps


def merge_files(config: Config, store: Path, paths: Iterable[Path], progress: Progress) -> Outcome:
    """Check every file, then merge all of them as one scan."""
    at = clock.now()
    files = sorted(file for path in paths for file in _files(path))
    if not files:
        raise UsageError("no spool files there", hint=f"they end in {spool.SUFFIX}")
    tenants = set()
    owners = account_tenants(store)
    for file in files:
        progress.phase(f"checking {file.name}")
        tenants.add(_check(config, file, owners))
    files.sort(key=_plans_first)
    with store_lock(store, at) as side:
        folder = ScanFolder.begin(side / "scans", config, at, (), (), known_scans(store))
        try:
            return publish(
                store,
                config,
                scan_id=folder.begun.scan_id,
                kind="merge",
                at=at,
                spools=files,
                tenants=sorted(tenants),
                say=progress.phase,
            )
        finally:
            folder.discard()


def _files(path: Path) -> list[Path]:
    return sorted(path.glob(f"*{spool.SUFFIX}")) if path.is_dir() else [path]


def _plans_first(file: Path) -> tuple[bool, str]:
    with spool.read(file) as reader:
        return reader.header.part != "plan", file.name


def _check(config: Config, file: Path, owners: dict[str, str]) -> str:
    """Read a whole file before any is merged: it is whole, and speaks of its own tenant only."""
    with spool.read(file) as reader:
        head = reader.header
        if config.tenant(head.tenant_id) is None:
            raise SpoolError(
                f"{file}: speaks of tenant {head.tenant_id!r}, which {config.path} does not know",
                hint="add the tenant to the configuration, or leave the file out",
            )
        mine = f"{head.provider}:{head.account}"
        _not_anothers(file, mine, head.tenant_id, owners)
        for record in reader:
            if not isinstance(record, Account):
                continue
            tenant = record.tenant_id or head.tenant_id
            if config.tenant(tenant) is None:
                raise SpoolError(f"{file}: gives account {record.native_id} to tenant {tenant!r}")
            if record.state != "unmapped":
                _not_anothers(file, f"{head.provider}:{record.native_id}", tenant, owners)
    return head.tenant_id


def _not_anothers(file: Path, account: str, tenant: str, owners: dict[str, str]) -> None:
    owner = owners.get(account)
    if owner not in (None, tenant):
        raise SpoolError(f"{file}: account {account} belongs to tenant {owner}, not {tenant}")
