"""Each rule of who could become an application, in a directory made for it."""

from typing import Any

from nhiscan.records import Grant, Trust
from nhiscan_providers.azure.directory import Directory, Held, Outside, Owners, Used
from nhiscan_providers.azure.reading.permissions import GRAPH
from nhiscan_providers.azure.resources import Azure
from nhiscan_providers.azure.rows import trusts
from nhiscan_providers.azure.rows.becoming import application_ids, read_becoming
from nhiscan_providers.azure.shapes.arm import RoleAssignment, RoleAssignmentProperties
from nhiscan_providers.azure.shapes.graph import (
    Application,
    Assignment,
    DirectoryAssignment,
    DirectoryRole,
    Federated,
    Owner,
    Person,
    Principal,
)
from nhiscan_providers.azure.sources.people import People
from nhiscan_providers.azure.sources.permissions import Resource
from nhiscan_providers.azure.sources.resources import Roles

EVERY = application_ids("dir")
_USER, _MACHINE = "#microsoft.graph.user", "#microsoft.graph.servicePrincipal"
_PERMISSIONS = {
    "p-owned": "Application.ReadWrite.OwnedBy",
    "p-all": "Application.ReadWrite.All",
    "p-creds": "AgentIdentityBlueprint.AddRemoveCreds.All",
    "p-directory": "Directory.ReadWrite.All",
    "p-read": "Application.Read.All",
}
_BUILT_IN = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"


def directory(
    held: dict[str, list[str]] | None = None,
    owners: dict[str, list[Owner]] | None = None,
    given: tuple[DirectoryAssignment, ...] = (),
    eligible: tuple[DirectoryAssignment, ...] = (),
) -> Directory:
    """Make a directory with two applications and a blueprint; `held` maps principals to ids."""
    names = ("graph", "robot", "web", "member")
    every = {name: Principal(id=name, app_id=f"app-{name}") for name in names}
    every["graph"] = Principal(id="graph", app_id=GRAPH)
    blueprint = "#microsoft.graph.agentIdentityBlueprint"
    return Directory(
        id="dir",
        organization=None,
        applications={
            "a-web": Application(id="a-web", app_id="app-web"),
            "a-agents": Application(id="a-agents", odata_type=blueprint),
        },
        principals=every,
        by_app={},
        kept=dict.fromkeys(names, "graph.service_principals"),
        federated={},
        held=_held(held or {}, given, eligible),
        owners=Owners(owners or {}, {}, {}),
        used=Used({}, {}, []),
        people=People({}, frozenset()),
        machine_users=[Person(id="sync")],
        outside=Outside([], [], {}),
    )


def _held(
    held: dict[str, list[str]],
    given: tuple[DirectoryAssignment, ...],
    eligible: tuple[DirectoryAssignment, ...],
) -> Held:
    assigned = [
        Assignment(principal_id=holder, principal_type="ServicePrincipal", app_role_id=role)
        for holder, some in held.items()
        for role in some
    ]
    return Held(
        resources={"graph": Resource(id="graph", app_id=GRAPH, roles=_PERMISSIONS)},
        assigned={"graph": assigned},
        consents=[],
        roles={"keeper": DirectoryRole(id="keeper", display_name="Keeper", is_privileged=True)},
        role_assignments=list(given),
        eligible=list(eligible),
        requests=[],
        members={"group": ["member"]},
    )


def azure(*assignments: RoleAssignment) -> Azure:
    found = {one.id: one for one in assignments}
    return Azure((), {}, Roles(found, {}), {}, (), (), (), {}, {})


def told(made: Directory, in_azure: Azure | None = None) -> set[tuple[Any, ...]]:
    rows: list[Grant] = [
        grant for some in read_becoming(made, in_azure or azure()).values() for grant in some
    ]
    return {(one.identity, one.way, one.acts_as, one.verdict) for one in rows}


def assignment(principal: str, role: str, scope: str = "/") -> DirectoryAssignment:
    return DirectoryAssignment(
        principal_id=principal, role_definition_id=role, directory_scope_id=scope
    )


def test_a_permission_over_all_is_one_pattern_and_one_over_the_owned_names_them() -> None:
    assert told(directory({"robot": ["p-all"]})) == {
        ("robot", "new_credential", EVERY, "granted"),
        ("robot", "added_federation", EVERY, "granted"),
    }
    owners = {"a-web": [Owner(id="robot", odata_type=_MACHINE)]}
    assert told(directory({"robot": ["p-owned"]})) == set()
    assert told(directory({"robot": ["p-owned"]}, owners)) == {
        ("robot", "new_credential", "dir/a-web", "granted"),
        ("robot", "added_federation", "dir/a-web", "granted"),
    }


def test_credentials_of_blueprints_reach_blueprints() -> None:
    assert {one[2] for one in told(directory({"robot": ["p-creds"]}))} == {"dir/a-agents"}


def test_a_permission_that_is_disputed_or_could_not_be_resolved_is_unknown() -> None:
    unknown = {("robot", "new_credential", EVERY, "unknown")}
    assert told(directory({"robot": ["p-directory"]})) == unknown
    assert told(directory({"robot": ["p-of-tomorrow"]})) == unknown
    assert told(directory({"robot": ["p-read", "00000000-0000-0000-0000-000000000000"]})) == set()


def test_machines_and_accounts_of_machines_own_people_and_strangers_do_not() -> None:
    owners = {
        "a-web": [
            Owner(id="robot", odata_type=_MACHINE),
            Owner(id="sync", odata_type=_USER),
            Owner(id="dana", odata_type=_USER),
            Owner(id="gone", odata_type=_MACHINE),
        ]
    }
    assert told(directory(owners=owners)) == {
        ("robot", "new_credential", "dir/a-web", "granted"),
        ("sync", "new_credential", "dir/a-web", "granted"),
    }


def test_directory_roles_reach_all_or_the_one_that_they_are_on() -> None:
    both = {"new_credential", "added_federation"}
    whole = told(directory(given=(assignment("robot", _BUILT_IN),)))
    assert {one[1:] for one in whole} == {(way, EVERY, "granted") for way in both}
    one = told(directory(given=(assignment("robot", _BUILT_IN, "/a-web"),)))
    assert {row[1:] for row in one} == {(way, "dir/a-web", "scoped") for way in both}
    unit = assignment("robot", _BUILT_IN, "/administrativeUnits/7")
    assert told(directory(given=(unit,))) == set()
    waiting = told(directory(eligible=(assignment("robot", _BUILT_IN),)))
    assert {row[3] for row in waiting} == {"scoped"}
    through = told(directory(given=(assignment("group", _BUILT_IN),)))
    assert {row[0] for row in through} == {"member"}


def test_a_role_of_the_clients_own_is_unknown() -> None:
    found = told(directory(given=(assignment("robot", "keeper"),)))
    assert found == {("robot", "new_credential", EVERY, "unknown")}


def test_foreigners_and_members_of_groups_hold_azure_roles() -> None:
    contributor = "/x/b24988ac-6180-42a0-ab88-20f7382dd24c"

    def held(name: str, kind: str) -> RoleAssignment:
        properties = RoleAssignmentProperties(
            role_definition_id=contributor,
            principal_id=name,
            principal_type=kind,
            scope="/subscriptions/S",
        )
        return RoleAssignment(id=f"/subscriptions/S/{name}", properties=properties)

    assignments = (
        held("group", "Group"),
        held("outside", "ForeignGroup"),
        held("nobody", "ServicePrincipal"),
    )
    found = told(directory(), azure(*assignments))
    pattern = (
        "/subscriptions/s/resourcegroups/*/providers/"
        "microsoft.managedidentity/userassignedidentities/*"
    )
    assert found == {
        (holder, way, pattern, "granted")
        for holder in ("member", "foreign/outside")
        for way in ("added_federation", "passed_role")
    }


def test_a_workload_of_a_directory_is_trusted_by_the_id_that_all_kinds_have() -> None:
    one = "1d3f5a7b-0000-4000-8000-00000000000a"
    home = "91000000-0000-4000-8000-000000000001"
    federated = Federated(
        id="f",
        issuer=f"https://login.microsoftonline.com/{home}/v2.0",
        subject=one,
        audiences=["api://AzureADTokenExchange"],
    )
    [trust] = [row for row in trusts.federated("app", [federated], "x") if isinstance(row, Trust)]
    assert (trust.principal_account, trust.principal_native_id) == (home, one)
