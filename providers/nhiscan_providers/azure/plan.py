"""Plans an entry: its own directory, and those that the same credential may enter."""

from nhiscan.ledger import Ledger
from nhiscan.provider import Context, Plan, Unit
from nhiscan_providers.azure.options import Options
from nhiscan_providers.azure.titles import DIRECTORIES


def plan_entry(options: Options, context: Context) -> Plan:
    """Make a unit of every directory that the entry names; nobody is asked yet."""
    ledger = Ledger()
    ledger.open(DIRECTORIES).note("not asked: the entry names its directories")
    owners = {options.directory: context.tenant_id} | options.tenants()
    units = tuple(
        Unit(tenant_id=tenant, provider="azure", account=directory)
        for directory, tenant in owners.items()
    )
    return Plan(label=options.directory, units=units, records=tuple(ledger.coverage()))
