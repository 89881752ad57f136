"""Rights that let their holder create a way in, and those that only sound like it."""

import pytest

from nhiscan_providers.azure.reading.azure_roles import RoleDefinition, builtin
from nhiscan_providers.azure.reading.becoming import (
    identities_in,
    of_azure_role,
    of_directory_role,
    of_permission,
)
from nhiscan_providers.azure.reading.permissions import GRAPH

EXCHANGE = "00000002-0000-0ff1-ce00-000000000000"
OWN = "/providers/microsoft.managedidentity/userassignedidentities"


@pytest.mark.parametrize(
    ("value", "over", "ways"),
    [
        ("Application.ReadWrite.All", "every", {"new_credential", "added_federation"}),
        ("application.readwrite.ownedby", "owned", {"new_credential", "added_federation"}),
        (
            "AgentIdentityBlueprint.AddRemoveCreds.All",
            "blueprints",
            {"new_credential", "added_federation"},
        ),
    ],
)
def test_a_permission_to_change_applications(value: str, over: str, ways: set[str]) -> None:
    power = of_permission(GRAPH, value)
    assert power is not None
    assert (power.over, set(power.ways), power.known) == (over, ways, True)


@pytest.mark.parametrize(
    "value",
    [
        "Application.Read.All",
        "AppRoleAssignment.ReadWrite.All",
        "RoleManagement.ReadWrite.Directory",
    ],
)
def test_reading_and_giving_oneself_rights_is_another_matter(value: str) -> None:
    assert of_permission(GRAPH, value) is None


def test_what_could_not_be_resolved_may_be_anything_but_only_in_the_directory() -> None:
    power = of_permission(GRAPH, None)
    assert power is not None
    assert not power.known
    assert of_permission(EXCHANGE, None) is None
    for value in ("Directory.ReadWrite.All", "Application.ReadUpdate.All"):
        disputed = of_permission(GRAPH, value)
        assert disputed is not None
        assert not disputed.known
    hybrid = of_directory_role("8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2", "x", privileged=True)
    assert hybrid is not None
    assert not hybrid.known


@pytest.mark.parametrize(
    ("template", "ways"),
    [
        ("62e90394-69f5-4237-9190-012177145e10", {"new_credential", "added_federation"}),
        ("9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3", {"new_credential", "added_federation"}),
        ("158C047A-C907-4556-B7EF-446551A6B5F7", {"new_credential", "added_federation"}),
        ("4ba39ca4-527c-499a-b93d-d9b492c50246", {"new_credential"}),
    ],
)
def test_directory_roles_that_change_credentials(template: str, ways: set[str]) -> None:
    power = of_directory_role(template, "a role", privileged=True)
    assert power is not None
    assert (set(power.ways), power.over, power.known) == (ways, "every", True)


def test_a_role_of_ones_own_is_unknown_unless_microsoft_says_that_it_is_harmless() -> None:
    own = "00000000-1111-4000-8000-000000000001"
    for mark in (True, None):
        power = of_directory_role(own, "Application keeper", privileged=mark)
        assert power is not None
        assert not power.known
    assert of_directory_role(own, "Application keeper", privileged=False) is None
    privileged_role_administrator = "e8611ab8-c189-46e8-94e1-60213ab1f814"
    assert of_directory_role(privileged_role_administrator, "x", privileged=True) is None


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", (True, True, True)),  # Owner
        ("b24988ac-6180-42a0-ab88-20f7382dd24c", (True, True, True)),  # Contributor
        ("e40ec5ca-96e0-45a2-b4ff-59039f2c2b59", (True, False, False)),  # Identity Contributor
        ("f1a07417-d97a-45cb-824c-7a7467783830", (False, True, False)),  # Identity Operator
        ("9980e02c-c2be-4d73-94e8-173b1dc7cf3c", (False, False, True)),  # Machine Contributor
        ("18d7d88d-d35e-4fb5-a5c3-7773c20a72d9", (False, False, False)),  # Access Administrator
        ("acdd72a7-3385-48ef-bd42-f606fba81ae7", (False, False, False)),  # Reader
    ],
)
def test_azure_roles(role: str, expected: tuple[bool, bool, bool]) -> None:
    found = builtin(role)
    assert found is not None
    power = of_azure_role(found)
    assert (power.federates, power.assigns, power.starts) == expected


def test_a_role_without_actions_is_not_known() -> None:
    power = of_azure_role(RoleDefinition(id="x", name="x", custom=False))
    assert (power.federates, power.assigns, power.starts) == (None, None, None)


@pytest.mark.parametrize(
    ("scope", "pattern"),
    [
        ("/", f"/subscriptions/*{OWN}/*"),
        (
            "/providers/microsoft.management/managementgroups/production",
            f"/subscriptions/*{OWN}/*",
        ),
        ("/subscriptions/s", f"/subscriptions/s/resourcegroups/*{OWN}/*"),
        ("/subscriptions/s/resourcegroups/g", f"/subscriptions/s/resourcegroups/g{OWN}/*"),
        (
            f"/subscriptions/s/resourcegroups/g{OWN}/one",
            f"/subscriptions/s/resourcegroups/g{OWN}/one",
        ),
        ("/subscriptions/s/resourcegroups/g/providers/microsoft.web/sites/one", None),
        (f"/subscriptions/s/resourcegroups/g{OWN}/one/federatedidentitycredentials/f", None),
    ],
)
def test_a_scope_is_a_pattern_of_the_identities_in_it(scope: str, pattern: str | None) -> None:
    assert identities_in(scope) == pattern
