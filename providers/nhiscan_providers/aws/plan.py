"""Plans an entry: which accounts stand behind it, whose they are, and how to enter each."""

from collections.abc import Iterable
from typing import Any

from nhiscan.errors import ProviderError
from nhiscan.ledger import Ledger
from nhiscan.provider import Context, Plan, Unit
from nhiscan.records import Account, AccountState, AnyRecord
from nhiscan_providers.aws.access import Access
from nhiscan_providers.aws.faults import Fault
from nhiscan_providers.aws.options import Options
from nhiscan_providers.aws.organization import ACCOUNTS, Organization, read_organization
from nhiscan_providers.aws.wire import Wire

# Organizations API reference, Account, State and Status
_STATES: dict[str, AccountState] = {
    "ACTIVE": "active",
    "SUSPENDED": "suspended",
    "PENDING_CLOSURE": "suspended",
    "CLOSED": "closed",
    "PENDING_ACTIVATION": "pending",
}


def plan_entry(wire: Wire, options: Options, context: Context) -> Plan:
    """Find the accounts behind an entry; raises ProviderError only if it cannot be entered."""
    role = options.role
    ledger = Ledger()
    if role and not options.organization:
        return _single(options, context, role.account, role.partition, ledger)
    with Access(wire, options, options.role_arn) as access:
        entered = _enter(access, ledger, role.account if role else None)
        if not options.organization:
            return _single(options, context, entered, access.partition, ledger)
        context.progress(f"{entered}: reading the organization")
        organization = read_organization(access, ledger)
        if organization is None:
            return _alone(options, context, access, ledger)
        return _members(options, context, access, ledger, organization)


def _enter(access: Access, ledger: Ledger, expected: str | None) -> str:
    reading = ledger.open(ACCOUNTS)  # the units have rows of their own for entering them
    try:
        account = access.enter(reading)
    except Fault as fault:
        raise ProviderError(f"aws: {fault.reason}", state=fault.state, hint=fault.hint) from None
    if expected not in (None, account):
        raise ProviderError(f"aws: the credentials lead into another account than {expected}")
    return account


def _single(
    options: Options, context: Context, account: str, partition: str, ledger: Ledger
) -> Plan:
    """Plan the entry's own account, without asking for its organization."""
    ledger.open(ACCOUNTS).note("not asked: the entry is one account")
    wanted = not options.accounts or account in options.accounts
    record = Account(
        native_id=account,
        state="active" if wanted else "unknown",
        reason=None if wanted else "not among `accounts`",
        source=ACCOUNTS,
    )
    unit = _unit(options, context.tenant_id, account, None, partition, {})
    return Plan(
        label=account,
        units=(unit,) if wanted else (),
        records=_records(ledger, [record]),
    )


def _alone(options: Options, context: Context, access: Access, ledger: Ledger) -> Plan:
    """Plan the entry's own account where the organization was refused or there is none."""
    account = access.account
    refused = not ledger.open(ACCOUNTS).complete
    tenant = options.map.get(account, None if options.map else context.tenant_id)
    reason = "no tenant is mapped to it" if tenant is None else None
    record = Account(
        native_id=account,
        tenant_id=tenant,
        state="active" if tenant else "unmapped",
        reason=reason,
        source=ACCOUNTS,
    )
    params: dict[str, Any] = {"scps": None if refused else []}
    units = (
        (_unit(options, tenant, account, None, access.partition, params),)
        if tenant and (not options.accounts or account in options.accounts)
        else ()
    )
    return Plan(label=account, units=units, records=_records(ledger, [record]))


def _members(
    options: Options,
    context: Context,
    access: Access,
    ledger: Ledger,
    organization: Organization,
) -> Plan:
    units: list[Unit] = []
    records: list[Account] = []
    for member in sorted(organization.members.values(), key=lambda one: one.id):
        tenant = _tenant(options, context, organization, member.id)
        state = _STATES.get(member.state, "unknown")
        reason = _reason(options, organization, member.id, member.state, tenant)
        above = organization.ancestors(member.id)
        records.append(
            Account(
                native_id=member.id,
                tenant_id=tenant,
                name=member.name,
                state="unmapped" if tenant is None and state == "active" else state,
                organization=organization.id,
                path="/".join([*reversed(above), member.id]) if above else None,
                reason=reason,
                source=ACCOUNTS,
            )
        )
        if reason is None and tenant is not None:
            params = {
                "organization": organization.id,
                "scps": organization.levels(member.id),
                "entry": member.id == access.account,
            }
            units.append(_unit(options, tenant, member.id, member.name, access.partition, params))
    return Plan(label=organization.id, units=tuple(units), records=_records(ledger, records))


def _unit(
    options: Options,
    tenant: str,
    account: str,
    name: str | None,
    partition: str,
    params: dict[str, Any],
) -> Unit:
    """Say how to enter an account: its own entry by the entry's role, members by theirs."""
    own = options.role and options.role.account == account
    member = options.organization and not params.pop("entry", True) and not own
    role_arn = options.member_role_arn(partition, account) if member else options.role_arn
    return Unit(
        tenant_id=tenant,
        provider="aws",
        account=account,
        name=name,
        params={**params, "role_arn": role_arn},
    )


def _tenant(
    options: Options, context: Context, organization: Organization, account: str
) -> str | None:
    """Find whose an account is: itself in the map, or the nearest unit above it; never guessed."""
    if not options.map:
        return context.tenant_id
    for place in (account, *(organization.ancestors(account) or ())):
        if place in options.map:
            return options.map[place]
    return None


def _reason(
    options: Options, organization: Organization, account: str, state: str, tenant: str | None
) -> str | None:
    """Say why an account is not scanned; null if it is."""
    if state != "ACTIVE":
        return f"not scanned: {state.lower().replace('_', ' ')}"
    if tenant is None:
        placed = organization.ancestors(account) is not None
        return "no tenant is mapped to it" if placed else "its place in the tree is not known"
    if options.accounts and account not in options.accounts:
        return "not scanned: not among `accounts`"
    return None


def _records(ledger: Ledger, accounts: Iterable[Account]) -> tuple[AnyRecord, ...]:
    counted = tuple(ledger.count(accounts))
    return (*counted, *ledger.coverage())
