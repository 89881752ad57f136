"""Who could become whom in the sample's directories: the adapter's rows, joined in a store."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from nhiscan.records import Grant, Identity, Trust
from nhiscan.store.read import open_reader
from nhiscan_providers.azure.reading.azure_roles import RoleDefinition, builtin
from nhiscan_providers.azure.rows.becoming import Given, IdentityRole, over_identities
from tests.conftest import Project
from tests.providers.azure.conftest import ACME, NORTHWIND, Collected

Collect = Callable[..., Collected]
GROUP = "/subscriptions/s/resourcegroups/g"
_NAMES = {
    "Operator": "f1a07417-d97a-45cb-824c-7a7467783830",
    "Machines": "9980e02c-c2be-4d73-94e8-173b1dc7cf3c",
    "Contributor": "b24988ac-6180-42a0-ab88-20f7382dd24c",
}
_TARGETS = """
SELECT DISTINCT t.name, c.way, c.verdict, t.kind
FROM can_become AS c
JOIN identities AS h ON h.identity_id = c.identity_id
JOIN identities AS t ON t.identity_id = c.target_id
WHERE h.account_id = ? AND h.name = ? AND c.role LIKE ?
"""


def targets(
    project: Project, account: str, holder: str, role: str = "%"
) -> set[tuple[str, str, str, str]]:
    """List whom one identity could become: name, way, verdict and kind."""
    with open_reader(project.store) as con:
        rows = con.execute(_TARGETS, [f"azure:{account}", holder, role]).fetchall()
    return set(rows)


def role(name: str, scope: str = GROUP, **given: str) -> IdentityRole:
    found = builtin(_NAMES[name]) if name in _NAMES else None
    definition = found or RoleDefinition(id=name, name=name, custom=True)
    defaults = Given("holder", scope, name, "role assignment", "granted", "arm.role_assignments")
    return IdentityRole(definition, scope, replace(defaults, **given))


def powers(*held: IdentityRole) -> set[tuple[str, str, str]]:
    return {(one.way, one.acts_as or "", one.verdict) for one in over_identities("directory", held)}


def test_an_application_permission_reaches_every_application_and_nothing_else(
    scanned: Project,
) -> None:
    found = targets(scanned, ACME, "Deployment Robot", "Application.ReadWrite.All")
    assert ("Payroll Connector", "new_credential", "granted", "app") in found
    assert ("Payroll Connector", "new_credential", "granted", "service_principal") in found
    assert ("Payroll Connector", "added_federation", "granted", "app") in found
    kinds = {kind for *_, kind in found}
    assert kinds <= {"app", "service_principal", "ai_agent"}
    with open_reader(scanned.store) as con:
        [[every]] = con.execute(
            "SELECT count(*) FROM identities WHERE account_id = ? AND kind = 'app'",
            [f"azure:{ACME}"],
        ).fetchall()
    assert len({name for name, *_, kind in found if kind == "app"}) == every


def test_a_role_on_one_application_reaches_that_one(scanned: Project, collect: Collect) -> None:
    found = collect()
    robot = found.named("Deployment Robot")
    held = [
        one.acts_as
        for one in found.of(Grant)
        if one.identity == robot.key and one.role == "Cloud Application Administrator"
        if one.acts_as
    ]
    whole = [one.native_id for one in found.of(Identity) if one.name == "Terraform Runner"]
    assert set(held) <= set(whole)
    assert len(set(held)) == 1
    rmm = targets(scanned, ACME, "Northwind RMM")
    assert ("Terraform Runner", "new_credential", "granted", "app") in rmm


def test_azure_roles_reach_the_identities_in_their_scope(scanned: Project) -> None:
    group = targets(scanned, ACME, "Payroll Connector")
    identities = {row for row in group if row[3] == "managed_identity"}
    assert {(name, way) for name, way, *_ in identities} == {
        ("acme-deploy", "added_federation"),
        ("acme-deploy", "passed_role"),
    }
    whole = targets(scanned, ACME, "Terraform Runner")
    names = {name for name, *_, kind in whole if kind == "managed_identity"}
    assert names == {"acme-deploy", "acme-forgotten"}  # those of a workload's own are no one's else


def test_the_partners_delegation_reaches_into_the_clients_identities(scanned: Project) -> None:
    found = targets(scanned, ACME, "Northwind managed services")
    assert ("acme-forgotten", "added_federation", "granted", "managed_identity") in found


def test_an_owner_that_is_a_machine_could_become_what_it_owns(collect: Collect) -> None:
    found = collect()
    robot = found.named("Deployment Robot")
    owned = [one for one in found.of(Grant) if one.via == "ownership"]
    assert {one.identity for one in owned} == {robot.key}
    targets = {one.native_id: one.name for one in found.of(Identity)}
    assert {targets[one.acts_as or ""] for one in owned} == {"Terraform Runner"}
    assert {(one.way, one.verdict) for one in owned} == {("new_credential", "granted")}
    # apart from trust: as things stand, an owner does not act as what it owns
    assert not [one for one in found.of(Trust) if one.guard == "ownership"]


def test_a_partners_relationship_reaches_the_applications_of_its_customer(
    scanned: Project,
) -> None:
    found = targets(scanned, NORTHWIND, "Granite administration")
    assert ("Fleet Telemetry", "new_credential", "granted", "app") in found
    assert not targets(scanned, NORTHWIND, "Acme Dental operations")  # helps users, reads


def test_what_a_customer_delegated_reaches_into_the_customers_directory(collect: Collect) -> None:
    found = collect(NORTHWIND)
    gdap = {
        (one.scope_account, one.acts_as, one.verdict)
        for one in found.of(Grant)
        if one.acts_as and one.role == "Global Administrator" and one.via == "delegation"
    }
    assert len(gdap) == 1
    [(account, pattern, verdict)] = gdap
    assert account is not None
    assert (pattern or "").startswith(f"{account}/????????-")
    assert verdict == "granted"


def test_powers_are_few_and_told_where_they_were_read(collect: Collect) -> None:
    found = collect()
    powers = [one for one in found.of(Grant) if one.acts_as]
    keys = [
        (one.identity, one.scope_account, one.scope, one.role, one.via, one.acts_as, one.way)
        for one in powers
    ]
    assert len(keys) == len(set(keys))
    assert {one.source for one in powers} <= set(found.coverage)
    assert {one.identity for one in powers} <= {one.key for one in found.of(Identity)}
    assert len(powers) < len(found.of(Identity))


def test_an_identity_is_passed_by_who_may_assign_it_and_start_a_workload() -> None:
    pattern = f"{GROUP}/providers/microsoft.managedidentity/userassignedidentities/*"
    assert powers(role("Operator")) == set()
    both = powers(role("Operator"), role("Machines", "/subscriptions/other"))
    assert both == {("passed_role", pattern, "granted")}
    assert powers(role("Operator", verdict="scoped"), role("Machines")) == {
        ("passed_role", pattern, "scoped")
    }
    assert powers(role("Operator"), role("Mystery", GROUP)) == {
        ("passed_role", pattern, "unknown"),
        ("added_federation", pattern, "unknown"),
    }


@pytest.mark.parametrize(("group", "verdict"), [("directory", "granted"), ("production", "scoped")])
def test_which_subscriptions_a_management_group_holds_was_not_read(
    group: str, verdict: str
) -> None:
    scope = f"/providers/microsoft.management/managementgroups/{group}"
    assert {one[2] for one in powers(role("Contributor", scope))} == {verdict}
