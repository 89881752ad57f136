"""What azure-mgmt-authorization reads, subscription by subscription: eligible roles and denials.

And role assignments, where Resource Graph is refused or shows none: the scanner itself has a role.
"""

from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct

from nhiscan.ledger import Fault, Reading
from nhiscan_providers.azure.access import Access
from nhiscan_providers.azure.calls import operation
from nhiscan_providers.azure.shapes.arm import (
    AzureRole,
    RoleAssignment,
    RoleAssignmentProperties,
    RoleDefinitionProperties,
    RolePermission,
)
from nhiscan_providers.azure.shapes.parsing import low
from nhiscan_providers.azure.sources.lists import LASTING
from nhiscan_providers.azure.sources.resources import Roles

ELIGIBLE = "arm.eligible_roles"
DENIED = "arm.deny_assignments"
_CUSTOM = "type eq 'CustomRole'"


class Denial(Struct, frozen=True):
    """A deny assignment: whom it binds, where, and what it forbids.

    `principals` holds object ids; the id of zeros means everybody. `excepted` are left free.
    """

    id: str
    scope: str
    principals: frozenset[str]
    excepted: frozenset[str]
    actions: tuple[str, ...]


def complete_roles(access: Access, reading: Reading, ids: Sequence[str], roles: Roles) -> None:
    """Add what each subscription says of its own roles, for what Resource Graph did not show."""
    listed = operation("role_assignments_of_subscription")

    def read(one: str) -> None:
        client = access.authorization(one)
        assigned, defined = client.role_assignments, client.role_definitions
        where = f"/subscriptions/{one}"
        rows = access.sdk(reading, listed, assigned.list_for_subscription)
        custom = access.sdk(reading, listed, defined.list, where, filter=_CUSTOM)
        roles.assignments.update({low(row.id): _assignment(row) for row in rows})
        roles.custom.update({low(row.id).rpartition("/")[2]: _definition(row) for row in custom})

    _each(reading, ids, read)


def read_eligible(
    access: Access, reading: Reading, ids: Sequence[str]
) -> dict[str, RoleAssignment]:
    """List the roles that could be activated; the first without a licence answers for all."""
    listed = operation("arm.eligible_roles")
    found: dict[str, RoleAssignment] = {}

    def read(one: str) -> None:
        client = access.authorization(one).role_eligibility_schedule_instances
        rows = access.sdk(reading, listed, client.list_for_scope, f"subscriptions/{one}")
        found.update({low(row.id): _assignment(row) for row in rows if row.id})

    _each(reading, ids, read)
    return found


def read_denied(access: Access, reading: Reading, ids: Sequence[str]) -> list[Denial]:
    """List deny assignments, which stand above every role."""
    listed = operation("arm.deny_assignments")
    found: dict[str, Denial] = {}

    def read(one: str) -> None:
        rows = access.sdk(reading, listed, access.authorization(one).deny_assignments.list)
        found.update({low(row.id): _denial(row) for row in rows if row.id})

    _each(reading, ids, read)
    return list(found.values())


def _each(reading: Reading, ids: Sequence[str], read: Callable[[str], None]) -> None:
    """Read every subscription; what one refuses does not hide the others."""
    failed: list[Fault] = []
    for one in ids:
        try:
            read(one)
        except Fault as fault:
            failed.append(fault)
            if fault.state in LASTING:
                break
        else:
            reading.pages += 1
    if failed:
        reading.failed(failed[0])


def _assignment(row: Any) -> RoleAssignment:
    return RoleAssignment(
        id=row.id,
        properties=RoleAssignmentProperties(
            role_definition_id=row.role_definition_id,
            principal_id=row.principal_id,
            principal_type=row.principal_type,
            scope=row.scope,
            condition=row.condition,
            created_on=_time(getattr(row, "created_on", None)),
            created_by=getattr(row, "created_by", None),
            delegated_managed_identity_resource_id=getattr(
                row, "delegated_managed_identity_resource_id", None
            ),
        ),
    )


def _definition(row: Any) -> AzureRole:
    return AzureRole(
        id=row.id,
        properties=RoleDefinitionProperties(
            role_name=row.role_name,
            type=row.role_type,
            permissions=[
                RolePermission(
                    actions=one.actions,
                    not_actions=one.not_actions,
                    data_actions=one.data_actions,
                    not_data_actions=one.not_data_actions,
                )
                for one in row.permissions or ()
            ],
        ),
    )


def _denial(row: Any) -> Denial:
    actions = [action for one in row.permissions or () for action in one.actions or ()]
    return Denial(
        id=low(row.id),
        scope=low(row.scope),
        principals=frozenset(low(one.id) for one in row.principals or ()),
        excepted=frozenset(low(one.id) for one in row.exclude_principals or ()),
        actions=tuple(actions),
    )


def _time(moment: Any) -> str | None:
    return moment.isoformat() if moment is not None else None
