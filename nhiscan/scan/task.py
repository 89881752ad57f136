"""Collects one unit into one spool file, on any executor: it takes and gives plain data."""

import gc
import traceback
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

from msgspec import Struct

from nhiscan import __version__, clock, plugins, spool
from nhiscan.errors import ProviderError
from nhiscan.provider import Context, Source, Unit
from nhiscan.records import AnyRecord, Coverage, CoverageState
from nhiscan.text import printable

_FORGOTTEN = "the adapter did not say how it read this, which is a fault of the adapter"


class Task(Struct, frozen=True, kw_only=True):
    """One unit to collect. `entry` holds references to secrets, never secrets.

    `planned` names the sources that planning has read already.
    """

    scan_id: str
    unit: Unit
    entry: Any
    path: Path
    planned: tuple[str, ...] = ()


class Collected(Struct, frozen=True, kw_only=True):
    """What became of one unit; `gaps` are the coverage rows that are not complete."""

    unit: Unit
    path: Path
    records: int
    gaps: tuple[Coverage, ...]


@cache
def adapter(name: str) -> Any:
    """Load a provider once per process, so that its units share one SDK session."""
    return plugins.provider(name)


def release() -> None:
    """Let go of the adapters and their SDK sessions once everything is collected."""
    adapter.cache_clear()
    gc.collect()


def collect(task: Task, progress: Callable[[str], None] | None = None) -> Collected:
    """Collect a unit and write its spool; what goes wrong ends as coverage, never as absence."""
    unit = task.unit
    provider = adapter(unit.provider)
    sources = tuple(provider.sources())
    now = clock.now()
    context = Context(now=now, tenant_id=unit.tenant_id, progress=progress or _silent)
    mine = [source for source in sources if source.name not in task.planned]
    try:
        records = provider.collect(task.entry, unit, context)
        return _write(task, sources, now, _accounted(records, mine))
    except ProviderError as error:
        state, reason = error.state, error.message
    except (Exception, SystemExit) as error:  # noqa: BLE001 - one unit's failure, even a fault of ours, must not stop the others
        state, reason = "unreachable", fault(error)
    return write_unread(task, state, reason)


def write_unread(task: Task, state: str, reason: str) -> Collected:
    """Write a unit's spool that says of every source that it was not read, and why."""
    sources = tuple(adapter(task.unit.provider).sources())
    mine = [source for source in sources if source.name not in task.planned]
    return _write(task, sources, clock.now(), unread(mine, state, reason))


def unread(sources: Iterable[Source], state: str, reason: str) -> Iterator[Coverage]:
    """Yield a coverage row per source, all of one state: nothing of the account was read."""
    for source in sources:
        yield Coverage(source=source.name, state=_state(state), reason=printable(reason, 500))


def fault(error: BaseException) -> str:
    """Describe an unforeseen error by its class and place; its text may hold what was sent."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"fault in the adapter: {type(error).__name__}{where}"


def header(
    unit: Unit,
    scan_id: str,
    part: Literal["plan", "collect"],
    sources: Iterable[Source],
    at: datetime,
) -> spool.Header:
    """Make the header of a unit's (or plan's) spool."""
    sources = tuple(sources)
    return spool.Header(
        tool=f"nhiscan {__version__}",
        scan_id=scan_id,
        part=part,
        tenant_id=unit.tenant_id,
        provider=unit.provider,
        account=unit.account,
        name=unit.name,
        started_at=at,
        sliding=[source.name for source in sources if source.sliding],
        optional=[source.name for source in sources if source.optional],
    )


def _accounted(records: Iterable[AnyRecord], sources: Iterable[Source]) -> Iterator[AnyRecord]:
    """Yield the records, then a gap for each source that should have given some and is not told of.

    A source that an adapter forgets would otherwise look like one that was read and empty.
    """
    told = set()
    for record in records:
        if isinstance(record, Coverage):
            told.add(record.source)
        yield record
    for source in sources:
        if source.feeds and source.name not in told:
            yield Coverage(source=source.name, state="partial", reason=_FORGOTTEN)


def _write(
    task: Task, sources: tuple[Source, ...], at: datetime, records: Iterable[AnyRecord]
) -> Collected:
    gaps: list[Coverage] = []

    def note(record: AnyRecord) -> None:
        if isinstance(record, Coverage) and record.state != "complete":
            gaps.append(record)

    head = header(task.unit, task.scan_id, "collect", sources, at)
    end = spool.write(task.path, head, records, finished_at=clock.now, on_record=note)
    return Collected(unit=task.unit, path=task.path, records=end.records, gaps=tuple(gaps))


def _state(state: str) -> CoverageState:
    """Take an adapter's word for why nothing was read, but never that something was."""
    known: dict[str, CoverageState] = {s: s for s in get_args(CoverageState) if s != "complete"}
    return known.get(state, "unreachable")


def _silent(step: str) -> None:
    """Say nothing: workers elsewhere have nobody to tell."""
