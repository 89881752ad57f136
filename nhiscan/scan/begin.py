"""Decides which scan is run: a new one, or the interrupted one that is to go on."""

from datetime import datetime
from pathlib import Path

from msgspec import Struct

from nhiscan.config.model import Config
from nhiscan.errors import StoreError, UsageError
from nhiscan.scan.folder import ScanFolder
from nhiscan.scan.progress import Progress
from nhiscan.store.units import known_scans, refuse_a_clock_behind


class Request(Struct, frozen=True, kw_only=True):
    """What the user asked for; empty filters mean everything."""

    tenants: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    jobs: int = 8
    resume: bool = False


def begin(
    config: Config, store: Path, scans: Path, request: Request, at: datetime, progress: Progress
) -> ScanFolder:
    """Begin a scan in a folder below `scans`, or take up the interrupted one; its lock is held."""
    published = known_scans(store)
    ended = ScanFolder.tidy(scans, published)
    if request.resume:
        return _resumed(config, store, scans, request, ended, progress)
    refuse_a_clock_behind(store, at)
    while (interrupted := ScanFolder.interrupted(scans)) is not None:
        progress.phase(
            f"scan {interrupted.begun.scan_id} was interrupted and is discarded;"
            " --resume would have continued it"
        )
        interrupted.discard()
    return ScanFolder.begin(scans, config, at, request.tenants, request.providers, published)


def _resumed(
    config: Config,
    store: Path,
    scans: Path,
    request: Request,
    ended: list[str],
    progress: Progress,
) -> ScanFolder:
    interrupted = ScanFolder.interrupted(scans)
    if interrupted is None:
        said = f"; scan {ended[-1]} was published before it was interrupted" if ended else ""
        raise UsageError(f"no interrupted scan to resume{said}", hint="run `nhiscan scan`")
    begun = interrupted.begun
    for option, asked, kept in (
        ("--tenant", request.tenants, begun.tenants),
        ("--provider", request.providers, begun.providers),
    ):
        if asked and set(asked) != set(kept):
            raise UsageError(
                f"scan {begun.scan_id} began with {option} {', '.join(kept) or 'not given'}",
                hint=f"leave {option} out: --resume goes on with what the scan began with",
            )
    interrupted.check_config(config)
    try:
        refuse_a_clock_behind(store, begun.started_at)
    except StoreError:
        raise UsageError(
            f"the store holds a newer scan than the interrupted {begun.scan_id}",
            hint="run `nhiscan scan` without --resume to start anew",
        ) from None
    progress.phase(f"resuming scan {begun.scan_id}")
    return interrupted
