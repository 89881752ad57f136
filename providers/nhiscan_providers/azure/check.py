"""Tries every permission and licence with the cheapest call that needs it."""

from collections.abc import Iterator

from nhiscan.errors import ProviderError
from nhiscan.ledger import Fault, Meter, Reading
from nhiscan.provider import Check, Context
from nhiscan.records import GLOBAL
from nhiscan_providers.azure.access import Access
from nhiscan_providers.azure.calls import Operation, of_source
from nhiscan_providers.azure.faults import remedy
from nhiscan_providers.azure.options import Options
from nhiscan_providers.azure.sources import partners
from nhiscan_providers.azure.sources.subscriptions import SUBSCRIPTIONS, read_subscriptions
from nhiscan_providers.azure.titles import DIRECTORIES, ENTRY, TITLES
from nhiscan_providers.azure.wire import Wire

# What cannot exist: "no such thing" shows that asking is allowed.
_NOBODY = "00000000-0000-0000-0000-000000000001"
_CHEAP = {
    "application_owners": "/v1.0/applications?$top=1&$select=id&$expand=owners($select=id)",
    "service_principal_owners": f"/v1.0/servicePrincipals/{_NOBODY}/owners?$select=id",
    "federated_credentials": f"/v1.0/applications/{_NOBODY}/federatedIdentityCredentials",
    "app_roles": f"/v1.0/servicePrincipals/{_NOBODY}/appRoleAssignedTo?$top=1",
    "directory_roles": "/v1.0/roleManagement/directory/roleAssignments?$top=1",
    "people": f"/v1.0/users/{_NOBODY}?$select=id",
    "group_members": (
        f"/v1.0/groups/{_NOBODY}/transitiveMembers/microsoft.graph.servicePrincipal"
        "?$select=id&$count=true"
    ),
    "users": "/v1.0/users?$top=1&$select=id",
    "cross_tenant": "/v1.0/policies/crossTenantAccessPolicy/partners",
    "organization": "/v1.0/organization?$select=id",
}
# Entering is tried before all others; planning asks nothing.
_ELSEWHERE = (ENTRY, DIRECTORIES)
# Answers that only a permitted caller gets about what does not exist.
_ABSENT = frozenset({"Request_ResourceNotFound", "ResourceNotFound", "itemNotFound"})


def check_entry(wire: Wire, options: Options, context: Context) -> Iterator[Check]:
    """Yield one Check per directory and source of an entry."""
    for directory in (options.directory, *options.tenants()):
        context.progress(f"{directory}: trying permissions")
        try:
            with Access(wire, options, directory) as access:
                yield from _directory(access, options)
        except ProviderError as error:
            yield Check(
                account=directory,
                source=ENTRY,
                region=GLOBAL,
                state="denied",
                reason=error.message,
                grant=error.hint,
            )


def _directory(access: Access, options: Options) -> Iterator[Check]:
    try:
        access.sign_in(Meter())
    except Fault as fault:
        yield Check(
            account=access.directory,
            source=ENTRY,
            region=GLOBAL,
            state=fault.state,
            reason=fault.reason,
            grant=remedy(fault),
        )
        return
    yield Check(account=access.directory, source=ENTRY, region=GLOBAL, state="complete")
    for name in TITLES:
        if name in _ELSEWHERE or name.startswith("arm."):
            continue
        if name == partners.GDAP and not options.partner:
            continue
        yield _source(access, name)
    if options.resource_manager:
        yield from _azure(access)


def _source(access: Access, name: str) -> Check:
    """Try each call of a source; what the cloud or licence lacks is said, and is no failure."""
    if name in ("graph.sign_ins", "graph.credential_sign_ins") and not access.cloud.reports:
        reason = "this cloud of Microsoft has no such reports"
        return _check(access, name, Fault("not_available", reason), ())
    failed: list[tuple[Operation, Fault]] = []
    for listed in of_source(name):
        path = _CHEAP.get(listed.name) or f"{listed.path.partition('?')[0]}?$top=1"
        # counting members is an advanced query, which Graph answers only with this header
        headers = {"ConsistencyLevel": "eventual"} if "$count" in path else {}
        try:
            access.get(Meter(), listed, path, **headers)
        except Fault as fault:
            if fault.code not in _ABSENT:
                failed.append((listed, fault))
    if not failed:
        return _check(access, name, None, ())
    missing = tuple(one.permission for one, fault in failed if fault.state == "denied")
    return _check(access, name, failed[0][1], tuple(dict.fromkeys(missing)))


def _check(access: Access, name: str, fault: Fault | None, missing: tuple[str, ...]) -> Check:
    return Check(
        account=access.directory,
        source=name,
        region=GLOBAL,
        state=fault.state if fault else "complete",
        reason=fault.reason if fault else None,
        missing=missing,
        grant="nhiscan permissions azure --form consent" if missing else None,
    )


def _azure(access: Access) -> Iterator[Check]:
    """Compare the scanner's own permissions in every subscription with what each source needs."""
    reading = Reading(SUBSCRIPTIONS)
    found = read_subscriptions(access, reading)
    for name in TITLES:
        if not name.startswith("arm."):
            continue
        missing = found.unreadable.get(name, ())
        fault: Fault | None = None
        if not reading.complete:
            fault = Fault(reading.state, reading.reason or "")
        elif missing:
            fault = Fault("denied", f"the scanner's role lacks {missing[0]}")
        denied = fault is not None and fault.state == "denied"
        needed = missing or (_needed(name) if denied else ())
        yield _role(access, name, fault, tuple(needed))


def _needed(name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.permission for one in of_source(name)))


def _role(access: Access, name: str, fault: Fault | None, missing: tuple[str, ...]) -> Check:
    check = _check(access, name, fault, missing)
    if not missing:
        return check
    from msgspec.structs import replace

    return replace(check, grant="nhiscan permissions azure --form role")
