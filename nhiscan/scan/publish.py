"""From spool files to a published store: merge, resolve, judge, and count what changed."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Literal

from msgspec import Struct

from nhiscan import clock, plugins
from nhiscan.config.model import Config
from nhiscan.errors import SpoolError
from nhiscan.evidence.automatic import collect
from nhiscan.findings.evaluate import evaluate
from nhiscan.scan.outcome import Outcome, read_outcome
from nhiscan.scan.resolve import resolve
from nhiscan.scan.task import adapter
from nhiscan.store.merge import MergeCounts
from nhiscan.store.revision import Revision, revise


class Job(Struct, frozen=True, kw_only=True):
    """What is being published: the scan's row, before it is known how it ended."""

    scan_id: str
    kind: Literal["scan", "merge"]
    at: datetime
    tenants: list[str]


def publish(
    store: Path,
    config: Config,
    job: Job,
    spools: Iterable[Path],
    say: Callable[[str], None],
    mend: Callable[[Path, SpoolError], None] | None = None,
) -> Outcome:
    """Merge `spools` into one new revision of the store; the caller holds its lock.

    `mend` rewrites a file that cannot be used so that it says so; without it that ends the merge.
    """
    files = list(spools)
    with revise(store, job.at, locked=True) as revision:
        _declare(revision)
        say(f"merging {len(files)} spool files")
        merged = {str(path): _merge(revision, path, job.scan_id, mend) for path in files}
        revision.settle()
        say("resolving owners, trust and reach")
        resolve(revision, config, revision.at)
        revision.settle()
        collect(revision, store, config, job.tenants, f"nhiscan {job.kind} {job.scan_id}")
        say("judging")
        counted = evaluate(revision, config, revision.at)
        incomplete = revision.record_scan(
            scan_id=job.scan_id,
            kind=job.kind,
            finished_at=clock.now(),
            tenants=job.tenants,
            units=len(files),
        )
        return read_outcome(
            revision.con,
            job.scan_id,
            job.tenants,
            merged,
            incomplete=incomplete,
            opened=counted.opened,
            resolved=counted.resolved,
        )


def _declare(revision: Revision) -> None:
    """Note what conclusions rest on; for an adapter that cannot be loaded, the last note holds."""
    for name in plugins.names(plugins.PROVIDERS):
        with suppress(ImportError, AttributeError):
            revision.declare(name, adapter(name).sources())


def _merge(
    revision: Revision,
    path: Path,
    scan_id: str,
    mend: Callable[[Path, SpoolError], None] | None,
) -> MergeCounts:
    try:
        return revision.merge_unit(path, scan_id)
    except SpoolError as error:
        if mend is None:
            raise
        mend(path, error)
        return revision.merge_unit(path, scan_id)
