"""Runs a scan from configuration to published store; it can be interrupted at any point."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from nhiscan import clock
from nhiscan.config.model import Config
from nhiscan.errors import NhiscanError, SpoolError, UsageError
from nhiscan.provider import Unit
from nhiscan.scan import task as tasks
from nhiscan.scan.begin import Request, begin
from nhiscan.scan.folder import ScanFolder
from nhiscan.scan.outcome import Outcome
from nhiscan.scan.plan import Failure, Planned, entries, plan_all, unusable
from nhiscan.scan.pool import left_on_error
from nhiscan.scan.progress import Progress
from nhiscan.scan.publish import Job, publish
from nhiscan.scan.task import Task
from nhiscan.spool import SUFFIX
from nhiscan.store.lock import store_lock
from nhiscan.store.units import known_units


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
        folder = begin(config, store, side / "scans", request, at, progress)
        planned = folder.planned()
        if planned is None:
            planned = _plan(config, store, folder, request.jobs, progress)
        collect_units(config, folder, planned, request.jobs, progress, executor)
        tasks.release()
        progress.phase("every account is read or accounted for")
        job = Job(
            scan_id=folder.begun.scan_id,
            kind="scan",
            at=folder.begun.started_at,
            tenants=planned.tenants,
        )
        files, mend = folder.spools(planned), _mender(folder, planned)
        outcome = publish(store, config, job, files, progress.phase, mend)
        folder.discard()
        return outcome


def _plan(
    config: Config, store: Path, folder: ScanFolder, jobs: int, progress: Progress
) -> Planned:
    begun = folder.begun
    chosen = list(entries(config, begun.tenants, begun.providers))
    if not chosen:
        folder.discard()
        raise UsageError(
            "no tenant has a provider to scan", hint="add `providers:` to a tenant in nhiscan.yaml"
        )
    planned = plan_all(config, begun.scan_id, folder.path, chosen, begun.tenants, jobs, progress)
    for failure in planned.failures:
        for unit in _unreached(store, planned, failure, begun.tenants):
            name = f"unread-{len(planned.files):06d}{SUFFIX}"
            one = Task(scan_id=begun.scan_id, unit=unit, entry=None, path=folder.path / name)
            tasks.write_unread(one, failure.state, failure.reason)
            planned.files.append(name)
    folder.keep(planned)
    return planned


def _mender(folder: ScanFolder, planned: Planned) -> Callable[[Path, SpoolError], None]:
    """Return what turns a unit's file that cannot be used into one that says so.

    Records that break the rules show only when they are read; they are their adapter's fault and
    must not cost the other units their scan.
    """
    works = {folder.file(number): work for number, work in enumerate(planned.works)}

    def mend(path: Path, error: SpoolError) -> None:
        work = works.get(path)
        if work is None:
            raise error
        one = Task(
            scan_id=folder.begun.scan_id,
            unit=work.unit,
            entry=None,
            path=path,
            planned=work.planned,
        )
        tasks.write_unread(one, "unreachable", unusable(path, error))

    return mend


def _unreached(
    store: Path, planned: Planned, failure: Failure, chosen: tuple[str, ...]
) -> Iterator[Unit]:
    """Yield known accounts behind an entry that failed: nothing there may seem fresh.

    Of tenants that were not `chosen` nothing was asked; empty means that all were.
    """
    reached = {(w.unit.tenant_id, w.unit.provider, w.unit.account) for w in planned.works}
    for tenant in failure.tenants:
        if chosen and tenant not in chosen:
            continue
        for account in known_units(store, tenant, failure.provider):
            if (tenant, failure.provider, account) not in reached:
                yield Unit(tenant_id=tenant, provider=failure.provider, account=account)


def collect_units(
    config: Config,
    folder: ScanFolder,
    planned: Planned,
    jobs: int,
    progress: Progress,
    executor: Callable[[int], Executor],
) -> None:
    """Collect every planned unit that has no finished spool yet, `jobs` side by side."""
    missing = list(_tasks(config, folder, planned))
    for one in missing:
        progress.expect(one.unit.tenant_id, 1)
    with left_on_error(executor(jobs)) as pool:
        # Only threads of this process can tell their steps; other workers take plain data.
        steps = executor is ThreadPoolExecutor
        running = [
            pool.submit(tasks.collect, one, progress.stepper(one.unit.tenant_id) if steps else None)
            for one in missing
        ]
        try:
            for future in as_completed(running):
                done = future.result()
                progress.done(done.unit.tenant_id, done.unit.account, done.gaps)
        except BrokenProcessPool:
            raise NhiscanError(
                "a worker process died", hint="`nhiscan scan --resume` goes on where it stopped"
            ) from None


def _tasks(config: Config, folder: ScanFolder, planned: Planned) -> Iterator[Task]:
    for number, work in folder.missing(planned):
        holder = config.tenant(work.holder)
        if holder is None:
            raise UsageError(f"tenant {work.holder} is no longer configured")
        yield Task(
            scan_id=folder.begun.scan_id,
            unit=work.unit,
            entry=holder.providers[work.entry].options,
            path=folder.file(number),
            planned=work.planned,
        )
