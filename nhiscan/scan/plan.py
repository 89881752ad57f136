"""Finds the units of a scan: asks each entry's adapter once, and keeps what it saw as a spool."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from nhiscan import clock, spool
from nhiscan.config.model import Config, ProviderEntry, Tenant
from nhiscan.errors import ProviderError, SpoolError
from nhiscan.provider import Context, Plan, Unit
from nhiscan.records import Account, Coverage
from nhiscan.scan.pool import left_on_error
from nhiscan.scan.progress import Progress
from nhiscan.scan.task import adapter, fault, header, unread


class Work(Struct, frozen=True, kw_only=True):
    """A unit, the tenant and index of the entry that reaches it, and what the plan read of it."""

    unit: Unit
    holder: str
    entry: int
    planned: tuple[str, ...] = ()


class Failure(Struct, frozen=True, kw_only=True):
    """An entry whose accounts were not all found; `tenants` are those whose it would reach."""

    tenants: tuple[str, ...]
    provider: str
    state: str
    reason: str


class Planned(Struct, frozen=True, kw_only=True):
    """The units found, the spool files of the plans, and the entries that could not be planned."""

    works: list[Work] = []
    files: list[str] = []
    failures: list[Failure] = []
    tenants: list[str] = []


class _Attempt(Struct, frozen=True, kw_only=True):
    """What asking one entry gave."""

    plan: Plan
    at: datetime
    failure: Failure | None = None


def entries(
    config: Config, tenants: tuple[str, ...], providers: tuple[str, ...]
) -> Iterator[tuple[Tenant, ProviderEntry]]:
    """Yield the entries that the filters leave; no filter leaves all.

    An entry is also a tenant's if its map gives that tenant accounts.
    """
    for tenant in config.tenants:
        for entry in tenant.providers:
            wanted = not tenants or not tenants_of(tenant, entry).isdisjoint(tenants)
            if wanted and (not providers or entry.type in providers):
                yield tenant, entry


def tenants_of(tenant: Tenant, entry: ProviderEntry) -> set[str]:
    """Return the tenants whose accounts an entry may reach."""
    return {tenant.id, *getattr(entry.options, "map", {}).values()}


def plan_all(
    config: Config,
    scan_id: str,
    folder: Path,
    chosen: list[tuple[Tenant, ProviderEntry]],
    tenants: tuple[str, ...],
    jobs: int,
    progress: Progress,
) -> Planned:
    """Plan entries side by side; one that fails is a gap like any other and stops nothing.

    Of what an entry reaches for several tenants, only that of `tenants` becomes units, if given.
    """
    planned = Planned()
    held: dict[tuple[str, str], str] = {}
    known = {tenant.id for tenant in config.tenants}
    with left_on_error(ThreadPoolExecutor(jobs)) as pool:
        attempts = list(pool.map(lambda pair: _ask(pair[0], pair[1], known, progress), chosen))
    for number, ((tenant, entry), attempt) in enumerate(zip(chosen, attempts, strict=True)):
        once = msgspec.structs.replace(attempt, plan=_once(attempt.plan, held))
        planned.files.append(f"plan-{number:05d}{spool.SUFFIX}")
        kept = _keep(once, tenant, entry, scan_id, folder / planned.files[-1])
        if kept.failure is not None:
            planned.failures.append(kept.failure)
        read = tuple(sorted({r.source for r in kept.plan.records if isinstance(r, Coverage)}))
        planned.works.extend(
            Work(unit=unit, holder=tenant.id, entry=entry.index, planned=read)
            for unit in kept.plan.units
            if not tenants or unit.tenant_id in tenants
        )
    found = {work.unit.tenant_id for work in planned.works} | {one.id for one, _ in chosen}
    planned.tenants.extend(sorted(found))
    return planned


def unusable(path: Path, error: SpoolError) -> str:
    """Say why what an adapter gave cannot be used, without our own file's name."""
    return f"fault in the adapter: {error.message.removeprefix(f'{path}:')}"


def _ask(tenant: Tenant, entry: ProviderEntry, known: set[str], progress: Progress) -> _Attempt:
    def step(text: str) -> None:
        progress.step(tenant.id, text)

    at = clock.now()
    step(f"{entry.type}: finding accounts")
    provider = adapter(entry.type)
    try:
        context = Context(now=at, tenant_id=tenant.id, progress=step)
        plan: Plan = provider.plan(entry.options, context)
        for unit in plan.units:
            _check_unit(unit, entry, known)
    except ProviderError as error:
        return _failed(tenant, entry, at, error.state, error.message)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - one entry's failure must not stop the other tenants
        return _failed(tenant, entry, at, "unreachable", fault(error))
    return _Attempt(plan=plan, at=at, failure=_unlisted(tenant, entry, plan))


def _unlisted(tenant: Tenant, entry: ProviderEntry, plan: Plan) -> Failure | None:
    """Say so if a source that lists accounts was not read whole: known ones may be missing."""
    listing = {
        source.name
        for source in adapter(entry.type).sources()
        if any(premise.topic == "accounts" for premise in source.premise_of)
    }
    for record in plan.records:
        if not isinstance(record, Coverage) or record.source not in listing:
            continue
        if record.state not in ("complete", "not_available"):
            return Failure(
                tenants=tuple(sorted(tenants_of(tenant, entry))),
                provider=entry.type,
                state=record.state,
                reason=record.reason or f"{record.source} was not read whole",
            )
    return None


def _check_unit(unit: Unit, entry: ProviderEntry, known: set[str]) -> None:
    """Raise ProviderError if a unit is not one that this entry may give."""
    if unit.provider != entry.type or unit.tenant_id not in known:
        problem = f"a unit of provider {unit.provider!r} for tenant {unit.tenant_id!r}"
        raise ProviderError(f"fault in the adapter: {problem}")
    try:
        msgspec.convert(unit.account, spool.Name)
    except msgspec.ValidationError as error:
        raise ProviderError(f"fault in the adapter: the id of an account: {error}") from None


def _failed(
    tenant: Tenant, entry: ProviderEntry, at: datetime, state: str, reason: str
) -> _Attempt:
    sources = adapter(entry.type).sources()
    plan = Plan(
        label=f"entry {entry.index}", units=(), records=tuple(unread(sources, state, reason))
    )
    tenants = tuple(sorted(tenants_of(tenant, entry)))
    failure = Failure(tenants=tenants, provider=entry.type, state=state, reason=reason)
    return _Attempt(plan=plan, at=at, failure=failure)


def _keep(
    attempt: _Attempt,
    tenant: Tenant,
    entry: ProviderEntry,
    scan_id: str,
    path: Path,
    *,
    last: bool = False,
) -> _Attempt:
    """Write a plan's spool and read it back; a plan that cannot be read is one that failed.

    `last`: this is what says so, and nothing can take its place.
    """
    unit = Unit(tenant_id=tenant.id, provider=entry.type, account=attempt.plan.label)
    head = header(unit, scan_id, "plan", adapter(entry.type).sources(), attempt.at)
    spool.write(path, head, attempt.plan.records, finished_at=clock.now)
    try:
        with spool.read(path) as reader:
            for _ in reader:
                pass
    except SpoolError as error:
        if last:
            raise
        again = _failed(tenant, entry, attempt.at, "unreachable", unusable(path, error))
        return _keep(again, tenant, entry, scan_id, path, last=True)
    return attempt


def _once(plan: Plan, held: dict[tuple[str, str], str]) -> Plan:
    """Leave out accounts that an earlier entry reaches; `held` says whose those are.

    An account belongs to exactly one tenant: what a second one also reaches is not read for it, and
    its plan says so.
    """
    units = []
    twice: dict[str, str] = {}
    for unit in plan.units:
        key = (unit.provider, unit.account)
        if key not in held:
            held[key] = unit.tenant_id
            units.append(unit)
        elif held[key] != unit.tenant_id:
            twice[unit.account] = held[key]
    if not twice:
        return msgspec.structs.replace(plan, units=tuple(units))
    reason = "; ".join(
        f"account {account} belongs to tenant {tenant} already: name it once in nhiscan.yaml"
        for account, tenant in twice.items()
    )
    records = tuple(
        msgspec.structs.replace(record, state="partial", reason=reason[:1000])
        if isinstance(record, Coverage)
        else record
        for record in plan.records
        if not (isinstance(record, Account) and record.native_id in twice)
    )
    return Plan(label=plan.label, units=tuple(units), records=records)
