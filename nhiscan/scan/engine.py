"""Runs a scan from configuration to published store; it can be interrupted at any point."""

from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor, as_completed
from datetime import datetime
from pathlib import Path

from msgspec import Struct

from nhiscan import clock
from nhiscan.config.model import Config
from nhiscan.errors import UsageError
from nhiscan.provider import Unit
from nhiscan.records import Coverage
from nhiscan.scan import task as tasks
from nhiscan.scan.folder import ScanFolder
from nhiscan.scan.plan import Planned, entries, plan_all
from nhiscan.scan.progress import Progress
from nhiscan.scan.publish import Outcome, publish
from nhiscan.scan.task import Task
from nhiscan.spool import write
from nhiscan.store.lock import store_lock
from nhiscan.store.units import known_scans, known_units


class Request(Struct, frozen=True, kw_only=True):
    """What the user asked for; empty filters mean everything."""

    tenants: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    jobs: int = 8
    resume: bool = False


def scan(
    config: Config,
    store: Path,
    request: Request,
    progress: Progress,
    *,
    executor: Callable[[int], Executor] = ThreadPoolExecutor,
) -> Outcome:
    """Scan, and publish the result. Nobody else writes this store meanwhile.

    `executor` makes anything with `submit` from the number of jobs: threads here, processes, or
    workers elsewhere that see the same folder.
    """
    at = clock.now()
    with store_lock(store, at) as side:
        folder = _folder(config, store, side / "scans", request, at, progress)
        planned = folder.planned()
        if planned is None:
            planned = _plan(config, store, folder, progress)
        collect_units(config, folder, planned, request.jobs, progress, executor)
        progress.phase("every account is read or accounted for")
        outcome = publish(
            store,
            config,
            scan_id=folder.begun.scan_id,
            kind="scan",
            at=folder.begun.started_at,
            spools=folder.spools(planned),
            tenants=sorted({work.unit.tenant_id for work in planned.works}),
            say=progress.phase,
        )
        folder.discard()
        return outcome


def _folder(
    config: Config, store: Path, scans: Path, request: Request, at: datetime, progress: Progress
) -> ScanFolder:
    """Begin a scan, or find the interrupted one to go on with."""
    interrupted = ScanFolder.interrupted(scans)
    if request.resume:
        if interrupted is None:
            raise UsageError("no interrupted scan to resume", hint="run `nhiscan scan`")
        interrupted.check_config(config)
        progress.phase(f"resuming scan {interrupted.begun.scan_id}")
        return interrupted
    while interrupted is not None:
        progress.phase(
            f"scan {interrupted.begun.scan_id} was interrupted and is discarded;"
            " --resume would have continued it"
        )
        interrupted.discard()
        interrupted = ScanFolder.interrupted(scans)
    tenants, providers = request.tenants, request.providers
    return ScanFolder.begin(scans, config, at, tenants, providers, known_scans(store))


def _plan(config: Config, store: Path, folder: ScanFolder, progress: Progress) -> Planned:
    begun = folder.begun
    chosen = list(entries(config, begun.tenants, begun.providers))
    if not chosen:
        raise UsageError(
            "no tenant has a provider to scan", hint="add `providers:` to a tenant in nhiscan.yaml"
        )
    planned = plan_all(config, begun.scan_id, folder.path, chosen, progress)
    _account_for_the_unplanned(store, folder, planned)
    folder.keep(planned)
    return planned


def _account_for_the_unplanned(store: Path, folder: ScanFolder, planned: Planned) -> None:
    """Mark known accounts behind an entry that failed as not read, so nothing there seems fresh."""
    reached = {(w.unit.tenant_id, w.unit.provider, w.unit.account) for w in planned.works}
    for number, (tenant, provider, reason) in enumerate(planned.failed):
        sources = tuple(tasks.adapter(provider).sources())
        for account in known_units(store, tenant, provider):
            if (tenant, provider, account) in reached:
                continue
            unit = Unit(tenant_id=tenant, provider=provider, account=account)
            head = tasks.header(unit, folder.begun.scan_id, "collect", sources, clock.now())
            file = f"unread-{number:05d}-{len(planned.files):06d}.jsonl.gz"
            rows = tasks.unread(sources, "unreachable", reason)
            write(folder.path / file, head, rows, finished_at=clock.now)
            planned.files.append(file)


def collect_units(
    config: Config,
    folder: ScanFolder,
    planned: Planned,
    jobs: int,
    progress: Progress,
    executor: Callable[[int], Executor],
) -> None:
    """Collect every planned unit that has no finished spool yet, `jobs` side by side."""
    missing = folder.missing(planned)
    for _, work in missing:
        progress.expect(work.unit.tenant_id, 1)
    with executor(jobs) as pool:
        running = []
        for number, work in missing:
            holder = config.tenant(work.holder)
            if holder is None:
                raise UsageError(f"tenant {work.holder} is no longer configured")
            one = Task(
                scan_id=folder.begun.scan_id,
                unit=work.unit,
                entry=holder.providers[work.entry].options,
                path=folder.file(number),
            )
            step = (
                _stepper(progress, work.unit.tenant_id) if executor is ThreadPoolExecutor else None
            )
            running.append(pool.submit(tasks.collect, one, step))
        try:
            for future in as_completed(running):
                done = future.result()
                counted = sum(_matters(gap) for gap in done.gaps)
                progress.done(done.unit.tenant_id, done.unit.account, counted)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _matters(gap: Coverage) -> bool:
    return gap.state not in ("complete", "not_available")


def _stepper(progress: Progress, tenant: str) -> Callable[[str], None]:
    return lambda step: progress.step(tenant, step)
