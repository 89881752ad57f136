"""Finds the units of a scan: asks each entry's adapter once, and keeps what it saw as a spool."""

from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from nhiscan import clock, spool
from nhiscan.config.model import Config, ProviderEntry, Tenant
from nhiscan.errors import ProviderError
from nhiscan.provider import Context, Plan, Source, Unit
from nhiscan.records import Coverage
from nhiscan.scan.progress import Progress
from nhiscan.scan.task import adapter, fault, header, unread


class Work(Struct, frozen=True, kw_only=True):
    """A unit, and the tenant and index of the entry through which it is reached."""

    unit: Unit
    holder: str
    entry: int


class Planned(Struct, frozen=True, kw_only=True):
    """The units found, the spool files of the plans, and the entries that could not be planned."""

    works: list[Work] = []
    files: list[str] = []
    gaps: list[tuple[str, str, Coverage]] = []
    failed: list[tuple[str, str, str]] = []


def entries(
    config: Config, tenants: tuple[str, ...], providers: tuple[str, ...]
) -> Iterator[tuple[Tenant, ProviderEntry]]:
    """Yield the entries that the filters leave; no filter leaves all."""
    for tenant in config.tenants:
        for entry in tenant.providers:
            if (not tenants or tenant.id in tenants) and (not providers or entry.type in providers):
                yield tenant, entry


def plan_all(
    config: Config,
    scan_id: str,
    folder: Path,
    chosen: list[tuple[Tenant, ProviderEntry]],
    progress: Progress,
) -> Planned:
    """Plan every entry; one that fails is a gap like any other and stops nothing."""
    planned = Planned()
    for number, (tenant, entry) in enumerate(chosen):
        file = f"plan-{number:05d}{spool.SUFFIX}"
        progress.step(tenant.id, f"{entry.type}: finding accounts")
        _plan_one(tenant, entry, scan_id, folder / file, planned, progress)
        planned.files.append(file)
    return planned


def _plan_one(
    tenant: Tenant,
    entry: ProviderEntry,
    scan_id: str,
    path: Path,
    planned: Planned,
    progress: Progress,
) -> None:
    provider = adapter(entry.type)
    sources = tuple(provider.sources())
    now = clock.now()
    context = Context(
        now=now, tenant_id=tenant.id, progress=lambda step: progress.step(tenant.id, step)
    )
    try:
        plan: Plan = provider.plan(entry.options, context)
    except ProviderError as error:
        plan = _failed(tenant, entry, sources, error.state, error.message, planned)
    except Exception as error:  # noqa: BLE001 - one entry's failure must not stop the other tenants
        plan = _failed(tenant, entry, sources, "unreachable", fault(error), planned)
    planned.works.extend(_works(plan, tenant, entry))
    planned.gaps.extend(
        (tenant.id, plan.label, record)
        for record in plan.records
        if isinstance(record, Coverage) and record.state != "complete"
    )
    unit = Unit(tenant_id=tenant.id, provider=entry.type, account=plan.label, entry=entry.index)
    head = header(unit, scan_id, "plan", sources, now)
    spool.write(path, head, plan.records, finished_at=clock.now)


def _works(plan: Plan, tenant: Tenant, entry: ProviderEntry) -> Iterator[Work]:
    """Pair each unit with its entry; a reseller's map may give it to another tenant."""
    for unit in plan.units:
        yield Work(unit=unit, holder=tenant.id, entry=entry.index)


def _failed(
    tenant: Tenant,
    entry: ProviderEntry,
    sources: tuple[Source, ...],
    state: str,
    reason: str,
    planned: Planned,
) -> Plan:
    planned.failed.append((tenant.id, entry.type, reason))
    return Plan(
        label=f"entry {entry.index}", units=(), records=tuple(unread(sources, state, reason))
    )
