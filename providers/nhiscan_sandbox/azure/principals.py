"""Every service principal of a directory, wherever the estate mentions it."""

from collections.abc import Iterator

from msgspec.structs import replace

from nhiscan_sandbox.azure.catalogue import MICROSOFT, RESOURCES
from nhiscan_sandbox.azure.guids import guid
from nhiscan_sandbox.estate.azure_model import Directory, Principal, Subscription


def application_id(directory: Directory, name: str, given: str | None) -> str:
    """Return the appId of a registration: the given one, or one made from its name."""
    return (given or guid("application", directory.id, name)).lower()


def group_path(subscription: Subscription, group: str) -> str:
    """Return the ARM id of a resource group."""
    return f"/subscriptions/{subscription.id}/resourceGroups/{group}"


def identity_path(subscription: Subscription, group: str, name: str) -> str:
    """Return the ARM id of a user-assigned identity."""
    kind = "Microsoft.ManagedIdentity/userAssignedIdentities"
    return f"{group_path(subscription, group)}/providers/{kind}/{name}"


def all_principals(directory: Directory) -> Iterator[Principal]:
    """Yield the service principals of a directory but for its agents, with their appIds filled in.

    Microsoft's resources are in every directory, whether the estate mentions them or not.
    """
    mentioned = {one.app_id for one in directory.principals}
    for app_id, title in RESOURCES.values():
        if app_id not in mentioned:
            yield Principal(name=title, app_id=app_id, home="microsoft", age=1500)
    for number in range(directory.first_party):
        name = f"Microsoft first-party service {number + 1:03}"
        yield Principal(name=name, app_id=guid("first party", name), home="microsoft", age=1500)
    for app in directory.applications:
        if app.principal is not None:
            app_id = application_id(directory, app.name, app.app_id)
            yield replace(app.principal, name=app.principal.name or app.name, app_id=app_id)
    for one in directory.principals:
        yield replace(one, app_id=application_id(directory, f"sp {one.name}", one.app_id))
    for subscription in directory.subscriptions:
        yield from _managed(directory, subscription)


def _managed(directory: Directory, subscription: Subscription) -> Iterator[Principal]:
    for one in subscription.identities:
        path = identity_path(subscription, one.group, one.name)
        yield _identity(directory, one.name, path, "True", one.age, one.signed_in, dict(one.roles))
    for resource in subscription.resources:
        if resource.system:
            path = f"{group_path(subscription, resource.group)}/providers/"
            path += f"{resource.type}/{resource.name}"
            yield _identity(
                directory,
                resource.name,
                path,
                "False",
                resource.age,
                resource.signed_in,
                dict(resource.roles),
            )
    for account in subscription.automation:
        if account.system:
            path = f"{group_path(subscription, account.group)}/providers/"
            path += f"Microsoft.Automation/automationAccounts/{account.name}"
            yield _identity(directory, account.name, path, "False", 300, 0, {})


def _identity(
    directory: Directory,
    name: str,
    path: str,
    explicit: str,
    age: int,
    signed_in: int | None,
    roles: dict[str, tuple[str, ...]],
) -> Principal:
    return Principal(
        name=name,
        app_id=guid("application", directory.id, path),
        type="ManagedIdentity",
        age=age,
        alternative_names=(f"isExplicit={explicit}", path),
        signed_in=signed_in,
        roles=roles,
    )


def object_id(directory: Directory, principal: Principal) -> str:
    """Return the object id of a service principal."""
    return guid("principal", directory.id, principal.app_id or principal.name)


def owner_organization(directory: Directory, principal: Principal) -> str | None:
    """Return the directory that the registration is in; managed identities have none to show."""
    if principal.type == "Legacy":
        return None
    home = principal.home or directory.id
    return MICROSOFT if home == "microsoft" else home
