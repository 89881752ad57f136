"""Roles are read from the table, by their names, or from their permissions."""

import pytest

from nhiscan_providers.gcp.policy import permissions
from nhiscan_providers.gcp.reading.roles import BECOMING, highest, read_role, table


@pytest.mark.parametrize(
    ("name", "privilege", "becomes"),
    [
        ("roles/owner", "admin", True),
        ("roles/editor", "write", True),
        ("roles/viewer", "read", False),
        ("roles/iam.serviceAccountTokenCreator", "write", True),
        ("roles/iam.serviceAccountUser", "write", True),
        ("roles/iam.workloadIdentityUser", "write", True),
        ("roles/iam.serviceAccountKeyAdmin", "write", True),
        ("roles/iam.securityAdmin", "admin", True),
        ("roles/resourcemanager.projectIamAdmin", "admin", True),
        ("roles/storage.objectViewer", "read", False),
        ("roles/newservice.viewer", "read", False),
        ("roles/newservice.admin", "write", False),
        ("roles/newservice.mystery", "unknown", False),
    ],
)
def test_predefined(name: str, privilege: str, becomes: bool) -> None:
    role = read_role(name, {})
    assert (role.privilege, bool(role.becomes)) == (privilege, becomes)
    assert role.known is (privilege != "unknown")


def test_a_custom_role_is_read_from_its_permissions() -> None:
    name = "projects/p/roles/r"
    one = read_role(name, {name: frozenset({"iam.serviceAccounts.getAccessToken"})})
    assert one.becomes == "makes access tokens"
    assert (one.classes, one.privilege) == (("iam",), "write")
    escalates = read_role(name, {name: frozenset({"resourcemanager.projects.setIamPolicy"})})
    assert escalates.privilege == "admin"
    reads = read_role(name, {name: frozenset({"storage.buckets.list", "compute.instances.get"})})
    assert (reads.classes, reads.privilege) == (("read",), "read")
    scanner = read_role(name, {name: frozenset(permissions("scope", "quota"))})
    assert (scanner.classes, scanner.privilege) == (("read",), "read")
    secret = read_role(name, {name: frozenset({"secretmanager.versions.access"})})
    assert (secret.classes, secret.privilege) == (("key",), "write")


def test_a_custom_role_that_was_not_read_is_unknown_and_a_disabled_one_gives_nothing() -> None:
    assert read_role("projects/p/roles/r", {}).privilege == "unknown"
    assert not read_role("projects/p/roles/r", {}).known
    assert read_role("projects/p/roles/r", {"projects/p/roles/r": None}).privilege == "none"


@pytest.mark.parametrize("permission", sorted(BECOMING))
def test_each_way_of_becoming_an_account_counts(permission: str) -> None:
    role = read_role("projects/p/roles/r", {"projects/p/roles/r": frozenset({permission})})
    assert role.becomes
    assert role.purposeful


def test_the_heaviest_privilege_counts_and_unknown_is_more_than_none() -> None:
    assert highest([]) == "none"
    assert highest(["none", "unknown"]) == "unknown"
    assert highest(["unknown", "read"]) == "read"
    assert highest(["write", "admin", "read"]) == "admin"


def test_the_table_is_whole() -> None:
    assert len(table()) > 100
    assert all(role.classes for role in table().values())
