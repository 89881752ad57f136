"""Permissions of Microsoft's services: those listed, and those judged by their names' form."""

import json
import re
from importlib.resources import files
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nhiscan.records import ActionClass, Privilege
from nhiscan_providers.azure.policy import permissions
from nhiscan_providers.azure.reading.permissions import (
    GRAPH,
    KNOWN_RESOURCES,
    app_role_id,
    judge_app_role,
    judge_scope,
)

EXCHANGE = "00000002-0000-0ff1-ce00-000000000000"
AAD_GRAPH = "00000002-0000-0000-c000-000000000000"
INTUNE = "c161e42e-d4df-4a3d-9b42-e7a3c31f59d4"
PARTNER = "fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd"
DEFENDER = "fc780465-2017-40d4-a0c5-307022471b92"
THREAT_PROTECTION = "8ee8fdad-f234-4243-8f3b-15c294843740"
KEY_VAULT = "cfa8b339-82a2-471a-a3c9-0fc0be7a4093"
TEAMS = "48ac35b8-9aa8-4d74-927d-1f4a14a0b239"
UNHEARD_OF = "0d0d0d0d-1111-4222-8333-444444444444"
TABLE = json.loads(
    files("nhiscan_providers.azure.reading").joinpath("permissions.json").read_text("utf-8")
)


@pytest.mark.parametrize(
    ("resource", "value", "action_class", "privilege"),
    [
        (GRAPH, "RoleManagement.ReadWrite.Directory", "iam", "admin"),
        (GRAPH, "AppRoleAssignment.ReadWrite.All", "iam", "admin"),
        (GRAPH, "Application.ReadWrite.All", "iam", "admin"),
        (GRAPH, "application.readwrite.ownedby", "iam", "write"),
        (GRAPH, "Directory.ReadWrite.All", "iam", "admin"),
        (GRAPH, "UserAuthenticationMethod.ReadWrite.All", "iam", "admin"),
        (GRAPH, "UserAuthMethod-TAP.ReadWrite.All", "iam", "admin"),
        (GRAPH, "AgentIdentityBlueprint.AddRemoveCreds.All", "iam", "admin"),
        (GRAPH, "Mail.ReadWrite", "data", "admin"),
        (GRAPH, "Sites.FullControl.All", "data", "admin"),
        (GRAPH, "DeviceManagementConfiguration.ReadWrite.All", "deploy", "admin"),
        (GRAPH, "DeviceLocalCredential.Read.All", "key", "write"),
        (GRAPH, "BackupRestore-Control.ReadWrite.All", "backup", "admin"),
        (GRAPH, "Directory.Read.All", "read", "read"),
        (EXCHANGE, "full_access_as_app", "data", "admin"),
        (EXCHANGE.upper(), "Exchange.ManageAsApp", "admin", "admin"),
        (AAD_GRAPH, "Directory.ReadWrite.All", "iam", "admin"),
        (INTUNE, "get_data_warehouse", "log", "read"),
        (INTUNE, "scep_challenge_provider", "key", "write"),
        (PARTNER, "user_impersonation", "admin", "write"),
        (DEFENDER, "Machine.LiveResponse", "deploy", "admin"),
        (THREAT_PROTECTION, "Incident.ReadWrite.All", "incident", "write"),
        (KEY_VAULT, "user_impersonation", "key", "write"),
        (TEAMS, "application_access", "write", "write"),
    ],
)
def test_what_is_listed(resource: str, value: str, action_class: str, privilege: str) -> None:
    judged = judge_app_role(resource, value)
    assert (judged.action_class, judged.privilege, judged.known) == (action_class, privilege, True)


@pytest.mark.parametrize(
    ("value", "privilege"),
    [
        ("ApprovalRequest.Read.EntitlementManagement", "read"),
        ("Reminder.Read.Manage", "read"),
        ("Booking.ReadBasic.All", "read"),
        ("Booking.ReadWrite.All", "write"),
        ("Booking.readwrite.owned", "write"),
        ("Booking.Manage.All", "write"),
        ("Booking.Read.Write", "write"),
        ("Booking.Create", "write"),
        ("Booking.Search.All", "read"),
        ("everything", "unknown"),
        ("Booking.Xyz.All", "unknown"),
        (None, "unknown"),
        ("", "unknown"),
    ],
)
def test_what_is_not_listed_is_judged_by_its_form(value: str | None, privilege: str) -> None:
    judged = judge_app_role(UNHEARD_OF, value)
    assert (judged.privilege, judged.known) == (privilege, False)


def test_a_name_means_what_its_own_service_says() -> None:
    assert judge_app_role(GRAPH, "User.ReadWrite.All").privilege == "admin"
    assert judge_app_role("00000003-0000-0ff1-ce00-000000000000", "User.ReadWrite.All") != (
        judge_app_role(GRAPH, "User.ReadWrite.All")
    )
    assert not judge_app_role(UNHEARD_OF, "Application.ReadWrite.All").known


@pytest.mark.parametrize("scope", ["openid", "profile", "EMAIL", "offline_access", "User.Read"])
def test_signing_in_is_no_power(scope: str) -> None:
    assert judge_scope(GRAPH, scope).privilege == "none"


def test_a_delegated_permission_is_judged_like_its_name() -> None:
    assert judge_scope(GRAPH, "Mail.Read") == judge_app_role(GRAPH, "Mail.Read")


@given(st.text(), st.text(min_size=1))
def test_no_name_raises_and_none_is_nothing(resource: str, value: str) -> None:
    judged = judge_app_role(resource, value)
    assert judged.privilege != "none" or value.lower() == "user.read"
    assert judged.why


@pytest.mark.parametrize("name", [*permissions(), *permissions("partner")])
def test_every_permission_that_is_printed_has_its_id_and_reads(name: str) -> None:
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", app_role_id(name) or "")
    judged = judge_app_role(GRAPH, name)
    assert (judged.privilege, judged.known) == ("read", True)


def test_ids_are_those_that_microsoft_publishes() -> None:
    assert app_role_id("AgentIdentity.Read.All") == "b2b8f011-2898-4234-9092-5059f6c1ebfa"
    assert app_role_id("Directory.Read.All") == "7ab1d382-f21e-4acd-a863-ba3e13f7da61"
    assert app_role_id("Made.Up.All") is None
    assert len(set(TABLE["ids"].values())) == len(TABLE["ids"])


def test_the_table_is_whole() -> None:
    assert TABLE["source"]
    assert TABLE["ids_source"]
    assert set(TABLE["permissions"]) == set(KNOWN_RESOURCES)
    assert len(TABLE["permissions"][GRAPH]) >= 150
    for some in TABLE["permissions"].values():
        assert len({name.lower() for name in some}) == len(some)
        for name, (action_class, privilege, why) in some.items():
            assert action_class in get_args(ActionClass), name
            assert privilege in get_args(Privilege), name
            assert 0 < len(why) <= 80, name


def test_the_table_agrees_with_the_names() -> None:
    """What is called ReadWrite is never judged as reading; admin is never called Read alone."""
    for resource, some in TABLE["permissions"].items():
        for name in some:
            judged = judge_app_role(resource, name)
            if "ReadWrite" in name:
                assert judged.privilege in ("write", "admin"), name
            if re.search(r"\.Read(Basic)?(\.|$)", name):
                assert judged.privilege != "admin", name
