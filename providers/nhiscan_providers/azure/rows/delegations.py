"""Rights that other directories hold here, or this one elsewhere: Lighthouse, GDAP, partners."""

from collections.abc import Iterable, Iterator, Mapping

from msgspec.structs import replace

from nhiscan.records import AnyRecord, Credential, Grant, GrantVerdict, Identity, Trust, Usage
from nhiscan_providers.azure.directory import Directory
from nhiscan_providers.azure.premises import FOREIGN, GDAP, LIGHTHOUSE, PROVIDER
from nhiscan_providers.azure.reading.azure_roles import judge_role
from nhiscan_providers.azure.reading.becoming import of_directory_role
from nhiscan_providers.azure.reading.directory_roles import judge_directory_role
from nhiscan_providers.azure.reading.moments import moment
from nhiscan_providers.azure.resources import Azure
from nhiscan_providers.azure.rows.becoming import (
    Given,
    IdentityRole,
    over_applications,
    over_identities,
    widest,
)
from nhiscan_providers.azure.rows.grants import Foreigner, Holding, define, strongest
from nhiscan_providers.azure.shapes.arm import (
    Authorization,
    AzureRole,
    Registration,
    RegistrationProperties,
)
from nhiscan_providers.azure.shapes.graph import Partner, Relationship
from nhiscan_providers.azure.shapes.parsing import low
from nhiscan_providers.azure.sources import partners, resources
from nhiscan_providers.azure.sources.resources import subscription_of

_MANAGEMENT = "/providers/microsoft.managedservices/registrationassignments"
_RULE = "AZ-DELEGATION"
_LIVE = frozenset({"active", "approved", "expiring"})


def lighthouse(directory: str, azure: Azure) -> Iterator[AnyRecord]:
    """Make an identity of each registration: a right of another directory's principals."""
    definitions = {
        low(one.id): one.properties
        for one in azure.delegations
        if one.properties and one.properties.managed_by_tenant_id
    }
    for one in azure.delegations:
        if _MANAGEMENT not in low(one.id) or one.properties is None:
            continue
        inside = one.properties.registration_definition
        told = inside.properties if inside else None
        wanted = low(one.properties.registration_definition_id)
        told = told or definitions.get(wanted) or RegistrationProperties()
        yield from _registration(directory, one, told, azure.roles.custom)


def _registration(
    directory: str,
    one: Registration,
    told: RegistrationProperties,
    custom: Mapping[str, AzureRole],
) -> Iterator[AnyRecord]:
    key = low(one.id)
    scope = key.partition(_MANAGEMENT)[0]
    partner = low(told.managed_by_tenant_id)
    lines = [(line, False) for line in told.authorizations or ()]
    lines += [(line, True) for line in told.eligible_authorizations or ()]
    holdings = [
        holding
        for line, eligible in lines
        for holding in _line(key, scope, line, custom, eligible=eligible)
    ]
    yield _right_here(one, told, holdings, len({low(line.principal_id) for line, _ in lines}))
    yield _untraced(key, resources.DELEGATIONS)
    yield from _unique(holdings)
    held = [_identity_role(key, scope, line, custom, eligible=eligible) for line, eligible in lines]
    yield from widest(over_identities(directory, held))
    yield _partner_trust(key, partner, "a registration in Azure Lighthouse", resources.DELEGATIONS)


def _right_here(
    one: Registration, told: RegistrationProperties, holdings: list[Holding], count: int
) -> Identity:
    """Make the identity of a registration; `count` principals of the partner hold its roles."""
    key = low(one.id)
    scope = key.partition(_MANAGEMENT)[0]
    partner = low(told.managed_by_tenant_id)
    every = (*(told.authorizations or ()), *(told.eligible_authorizations or ()))
    privilege, why = strongest(holdings) if holdings else ("unknown", "its roles were not shown")
    return Identity(
        key=key,
        kind="delegation",
        native_type=LIGHTHOUSE,
        native_id=key,
        name=told.registration_definition_name or f"delegation of {scope}",
        home_account=partner or None,
        class_="machine",
        class_rule=_RULE,
        class_evidence="an Azure Lighthouse registration",
        enabled=True,
        privilege=privilege,
        attributes={
            "scope": scope,
            "partner": partner or None,
            "partner_name": (told.managed_by_tenant_name or "")[:200] or None,
            "principals": count,
            "may_delegate_on": any(line.delegated_role_definition_ids for line in every),
            "privilege_reason": why,
        },
        source=resources.DELEGATIONS,
    )


def _line(
    key: str,
    scope: str,
    line: Authorization,
    custom: Mapping[str, AzureRole],
    *,
    eligible: bool,
) -> Iterator[Holding]:
    definition = define(line.role_definition_id, custom)
    for judged in judge_role(definition):
        grant = Grant(
            identity=key,
            scope=scope,
            scope_account=subscription_of(scope) or None,
            role=definition.name,
            action_class=judged.action_class,
            verdict="scoped" if eligible else "granted",
            via="eligible delegation" if eligible else "delegation",
            source=resources.DELEGATIONS,
        )
        yield Holding(grant, judged.privilege, judged.why)


def _identity_role(
    key: str,
    scope: str,
    line: Authorization,
    custom: Mapping[str, AzureRole],
    *,
    eligible: bool,
) -> IdentityRole:
    definition = define(line.role_definition_id, custom)
    via = "eligible delegation" if eligible else "delegation"
    verdict: GrantVerdict = "scoped" if eligible else "granted"
    given = Given(key, scope, definition.name, via, verdict, resources.DELEGATIONS)
    return IdentityRole(definition, scope, given)


def _unique(holdings: Iterable[Holding]) -> Iterator[Grant]:
    """Several principals of the partner may hold one role; the right is the same."""
    seen: set[tuple[str, str, str, str]] = set()
    for one in holdings:
        grant = one.grant
        key = (grant.scope, grant.role, grant.action_class, grant.via)
        if key not in seen:
            seen.add(key)
            yield grant


def _partner_trust(key: str, partner: str, what: str, source: str) -> Trust:
    return Trust(
        identity=key,
        principal=partner or "a directory that is not named",
        principal_kind="organization",
        principal_account=partner or None,
        principal_organization=partner or None,
        guard=what,
        verdict="guarded",
        reason=f"{what} lets principals of the other directory in; its administrators choose them",
        source=source,
    )


def _untraced(key: str, source: str) -> Usage:
    return Usage(
        subject="identity",
        key=key,
        usage="unsupported",
        note="what the other organization does with it is in its own records",
        source=source,
    )


def service_provider(one: Partner) -> Iterator[AnyRecord]:
    """Make an identity of a service provider that the cross-tenant policy lets in.

    Which roles it holds stands in its own directory, and cannot be seen from here.
    """
    partner = low(one.tenant_id)
    key = f"partner/{partner}"
    yield Identity(
        key=key,
        kind="delegation",
        native_type=PROVIDER,
        native_id=key,
        name=f"service provider {partner}",
        home_account=partner,
        class_="machine",
        class_rule=_RULE,
        class_evidence="the cross-tenant policy calls it a service provider",
        enabled=True,
        attributes={
            "partner": partner,
            "privilege_reason": "its roles stand in the provider's own directory",
        },
        source=partners.CROSS_TENANT,
    )
    yield _untraced(key, partners.CROSS_TENANT)
    yield _partner_trust(key, partner, "a partner relationship", partners.CROSS_TENANT)


def relationship(directory: Directory, one: Relationship) -> Iterator[AnyRecord]:
    """Make an identity of a delegated admin relationship: this directory's right in a customer's.

    It ends on a date, so it is a credential that expires.
    """
    key = f"gdap/{low(one.id)}"
    customer = low(one.customer.tenant_id if one.customer else None)
    holdings = list(_roles(directory, one, key, customer))
    live = low(one.status) in _LIVE
    yield _right(directory, one, key, holdings, live=live)
    yield _untraced(key, partners.GDAP)
    if live:
        yield from _unique(holdings)
        yield from widest(_over_customer(directory, one, key, customer))
    yield Credential(
        key=f"{key}/term",
        identity=key,
        kind="delegation",
        status="active" if live else "inactive",
        created_at=moment(one.activated_date_time),
        expires_at=moment(one.end_date_time),
        attributes={"customer": customer or None},
        source=partners.GDAP,
    )


def _right(
    directory: Directory, one: Relationship, key: str, holdings: list[Holding], *, live: bool
) -> Identity:
    privilege, why = strongest(holdings) if holdings else ("unknown", "its roles were not shown")
    groups = {
        low(some.access_container.access_container_id)
        for some in directory.outside.access.get(one.id, ())
        if some.access_container
    }
    return Identity(
        key=key,
        kind="delegation",
        native_type=GDAP,
        native_id=f"{directory.id}/{low(one.id)}",
        immutable_id=low(one.id),
        name=one.display_name or low(one.id),
        class_="machine",
        class_rule=_RULE,
        class_evidence="a delegated admin relationship",
        enabled=live,
        created_at=moment(one.activated_date_time or one.created_date_time),
        privilege=privilege,
        attributes={
            "customer": low(one.customer.tenant_id if one.customer else None) or None,
            "status": one.status,
            "extends_itself": (one.auto_extend_duration or "PT0S") not in ("PT0S", "P0D"),
            "reseller": low(one.indirect_provider_tenant_id) or None,
            "groups": sorted(groups - {""}),
            "privilege_reason": why,
        },
        source=partners.GDAP,
    )


def _roles(directory: Directory, one: Relationship, key: str, customer: str) -> Iterator[Holding]:
    details = one.access_details
    for role in details.unified_roles or () if details else ():
        template = low(role.role_definition_id)
        known = directory.held.roles.get(template)
        name = (known.display_name if known else None) or template
        privileged = known.is_privileged if known else None
        judged = judge_directory_role(template, name, privileged=privileged)
        grant = Grant(
            identity=key,
            scope=f"the directory {customer}",
            scope_account=customer or None,
            role=name,
            action_class=judged.action_class,
            verdict="granted",
            via="delegation",
            source=partners.GDAP,
        )
        yield Holding(grant, judged.privilege, judged.why)


def _over_customer(
    directory: Directory, one: Relationship, key: str, customer: str
) -> Iterator[Grant]:
    """Tell which roles of a relationship make a way in to the customer's applications."""
    details = one.access_details
    for role in details.unified_roles or () if details and customer else ():
        template = low(role.role_definition_id)
        known = directory.held.roles.get(template)
        name = (known.display_name if known else None) or template
        power = of_directory_role(template, name, privileged=known.is_privileged if known else None)
        where = f"the directory {customer}"
        given = Given(key, where, name, "delegation", "granted", partners.GDAP, customer)
        yield from over_applications(customer, power, given)


def foreigner(one: Foreigner) -> Iterator[AnyRecord]:
    """Make an identity of a principal of another directory that holds roles here.

    Groups of a cloud solution provider's administrators show as such, often an ex-provider's.
    """
    privilege, why = strongest(one.holdings)
    key = f"foreign/{one.id}"
    yield Identity(
        key=key,
        kind="delegation",
        native_type=FOREIGN,
        native_id=key,
        immutable_id=one.id,
        name=f"{one.kind or 'principal'} {one.id} of another directory",
        class_="machine",
        class_rule=_RULE,
        class_evidence="a role assignment of a principal that another directory holds",
        enabled=True,
        privilege=privilege,
        attributes={
            "principal_type": one.kind or None,
            "home_resource": one.home_resource,
            "privilege_reason": why,
        },
        source=resources.ASSIGNMENTS,
    )
    yield _untraced(key, resources.ASSIGNMENTS)
    for grant in _unique(one.holdings):
        yield _as(grant, key)
    yield _partner_trust(key, "", "a role assignment", resources.ASSIGNMENTS)


def _as(grant: Grant, key: str) -> Grant:
    return replace(grant, identity=key, source=resources.ASSIGNMENTS)
