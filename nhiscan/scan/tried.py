"""Tries the permissions of one entry, as a scan would meet them."""

from msgspec import Struct

from nhiscan import clock
from nhiscan.config.model import ProviderEntry, Tenant
from nhiscan.errors import ProviderError
from nhiscan.provider import Check, Context
from nhiscan.records import leaves_incomplete
from nhiscan.scan.task import adapter, fault


class Tried(Struct, frozen=True, kw_only=True):
    """One source of one account as it was found, and the command whose output would mend it.

    `required`: a scan would end incomplete because of it, by the rule that scans go by.
    """

    tenant: str
    account: str
    source: str | None
    region: str | None
    state: str
    missing: str | None = None
    reason: str | None = None
    grant: str | None = None
    fine: bool = False
    required: bool = False


def try_entry(tenant: Tenant, entry: ProviderEntry) -> list[Tried]:
    """Try every source of an entry; whatever goes wrong is a row, for the others must be tried."""
    provider = adapter(entry.type)
    context = Context(now=clock.now(), tenant_id=tenant.id, progress=lambda step: None)
    try:
        checks: list[Check] = list(provider.check(entry.options, context))
    except ProviderError as error:
        return [_failed(tenant, entry, error.state, error.message, error.hint)]
    except (Exception, SystemExit) as error:  # noqa: BLE001 - one entry's failure must not hide the others' results
        return [_failed(tenant, entry, "unreachable", fault(error), None)]
    if not checks:
        return [_failed(tenant, entry, "unreachable", "the adapter tried nothing", None)]
    optional = {source.name for source in provider.sources() if source.optional}
    return [_row(tenant, entry, check, check.source in optional) for check in checks]


def _row(tenant: Tenant, entry: ProviderEntry, check: Check, optional: bool) -> Tried:
    fine = check.state in ("complete", "not_available")
    return Tried(
        tenant=tenant.id,
        account=check.account,
        source=check.source,
        region=check.region,
        state=check.state,
        missing=", ".join(check.missing) or None,
        reason=check.reason,
        grant=None if fine else check.grant or f"nhiscan permissions {entry.type}",
        fine=fine,
        required=leaves_incomplete(check.state, optional=optional),
    )


def _failed(
    tenant: Tenant, entry: ProviderEntry, state: str, reason: str, hint: str | None
) -> Tried:
    return Tried(
        tenant=tenant.id,
        account=f"{entry.type} entry {entry.index}",
        source=None,
        region=None,
        state=state,
        reason=reason,
        grant=hint,
        required=True,
    )
