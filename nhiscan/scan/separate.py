"""The two halves of a scan apart: collect to files without a store, merge files from elsewhere."""

import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

from nhiscan import clock, spool
from nhiscan.config.model import Config
from nhiscan.errors import UsageError
from nhiscan.records import Coverage, leaves_incomplete
from nhiscan.scan.engine import collect_units
from nhiscan.scan.folder import ScanFolder, new_id
from nhiscan.scan.outcome import Outcome
from nhiscan.scan.plan import entries, plan_all
from nhiscan.scan.progress import Progress
from nhiscan.scan.publish import Job, publish
from nhiscan.scan.vouch import Vouching
from nhiscan.store.lock import store_lock
from nhiscan.store.units import account_tenants, known_scans, refuse_a_clock_behind

_LONGEST_NAME = 60


def collect_to(
    config: Config, tenant: str, output: Path, jobs: int, progress: Progress
) -> tuple[list[Path], int]:
    """Collect one tenant's own entries into `output`; return the files, and how many have gaps.

    What an entry of another tenant reaches for this one is left out: its plan names others.
    """
    chosen = [pair for pair in entries(config, (tenant,), ()) if pair[0].id == tenant]
    if not chosen:
        raise UsageError(f"tenant {tenant} has no provider to collect")
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{output}: {error.strerror}") from error
    # Threads that Ctrl-C leaves behind may still be writing while this is removed.
    with tempfile.TemporaryDirectory(
        dir=output, prefix=".collect-", ignore_cleanup_errors=True
    ) as work:
        folder = ScanFolder.begin(Path(work), config, clock.now(), (tenant,), (), set())
        planned = plan_all(config, folder.begun.scan_id, folder.path, chosen, (), jobs, progress)
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
    """Name a spool after what it holds, and say whether a required source in it is incomplete."""
    with spool.read(path) as reader:
        head = reader.header
        gaps = any(
            leaves_incomplete(record.state, optional=record.source in head.optional)
            for record in reader
            if isinstance(record, Coverage)
        )
    plan = "-plan" if head.part == "plan" else ""
    return f"{head.tenant_id}-{head.provider}-{_file_name(head.account)}{plan}", gaps


def _file_name(account: str) -> str:
    """Write an account's id as part of a file name; where that changes it, add what tells it apart.

    Some file systems know no capital letters, so those count as a change too.
    """
    name = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "_" for c in account)
    if name == account == account.lower() and len(account) <= _LONGEST_NAME:
        return account
    digest = sha256(account.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{name[:_LONGEST_NAME]}-{digest}"


def merge_files(config: Config, store: Path, paths: Iterable[Path], progress: Progress) -> Outcome:
    """Check every file, then merge all of them as one scan."""
    at = clock.now()
    files = sorted(file for path in paths for file in _files(path))
    if not files:
        raise UsageError("no spool files there", hint=f"they end in {spool.SUFFIX}")
    with store_lock(store, at) as side:
        refuse_a_clock_behind(store, at)
        vouching = Vouching(config, account_tenants(store))
        plans: list[Path] = []
        units: list[Path] = []
        tenants: set[str] = set()
        for file in files:
            progress.phase(f"checking {file.name}")
            head = vouching.check(file)
            tenants.add(head.tenant_id)
            (plans if head.part == "plan" else units).append(file)
        scans = {path.name for path in (side / "scans").iterdir()}
        scan_id = new_id(at, known_scans(store) | scans)
        job = Job(scan_id=scan_id, kind="merge", at=at, tenants=sorted(tenants))
        return publish(store, config, job, [*plans, *units], progress.phase)


def _files(path: Path) -> list[Path]:
    return sorted(path.glob(f"*{spool.SUFFIX}")) if path.is_dir() else [path]
