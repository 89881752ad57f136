"""Google in estates: the sample tells its stories, and what is written is what is served."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from nhiscan_sandbox.estate.gcp_model import (
    GoogleOrganization,
    PoolProvider,
    Project,
    Role,
    ServiceAccount,
    ServiceAccountKey,
)
from nhiscan_sandbox.estate.load import load, sample
from nhiscan_sandbox.gcp.world import World, email, key_id, services_on
from tests.sandbox.google_estate import google_only

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
RMM = "serviceAccount:northwind-rmm@northwind-tools.iam.gserviceaccount.com"


def of(domain: str) -> GoogleOrganization:
    return next(one for one in google_only().google if one.domain == domain)


def members(organization: GoogleOrganization) -> set[str]:
    """Return all members of its projects' and their resources' policies."""
    bindings = [
        binding
        for project in organization.projects
        for rows in (
            project.bindings,
            *(row.bindings for row in project.resources),
            *(row.bindings for row in project.service_accounts),
        )
        for binding in rows
    ]
    return {member for binding in bindings for member in binding.members}


def test_clients_reach_into_each_other_and_the_msp_into_both() -> None:
    acme, granite = members(of("acme.example")), members(of("granite.example"))
    assert RMM in acme & granite
    assert "serviceAccount:results-loader@acme-assay.iam.gserviceaccount.com" in granite
    assert "serviceAccount:customs-feed@granite-hub.iam.gserviceaccount.com" in acme
    # A service agent of a project of Acme's, at home and abroad.
    agent = "serviceAccount:service-911000000112@compute-system.iam.gserviceaccount.com"
    assert agent in acme & granite
    assert any(member.startswith("deleted:serviceAccount:") for member in acme)


def test_github_deploys_to_google_and_to_aws_by_the_same_subject() -> None:
    subject = "repo:acme-dental/infra:ref:refs/heads/main"
    assert any(member.endswith(f"/subject/{subject}") for member in members(of("acme.example")))
    assert any(subject in str(role.trust) for a in sample().accounts for role in a.roles)


def test_keys_of_every_kind_are_there() -> None:
    keys = [
        key
        for organization in google_only().google
        for project in organization.projects
        for account in project.service_accounts
        for key in account.keys
    ]
    assert {key.disabled for key in keys} >= {None, "EXPOSED", "USER_INITIATED"}
    assert any(key.exposed and key.disabled is None for key in keys)
    assert any(key.expires is None for key in keys)
    assert len({key.material for key in keys if key.uploaded}) == 1


def test_one_api_of_one_paying_project_is_off() -> None:
    off = [p.id for one in google_only().google for p in one.projects if p.apis_off]
    assert off == ["granite-security"]
    assert google_only().google_projects[0].id == "juniper-portal"


def test_roles_include_a_named_list() -> None:
    role = Role(name="scan", permissions=("a.b.get",), includes="scanner")
    project = Project(id="one", number="1", roles=(role,))
    world = World((), (project,), NOW, {"scanner": ("c.d.list",)})
    place = world.place("projects/one")
    assert place is not None
    assert place is world.place("projects/1")
    assert place.roles[0].permissions == ("a.b.get", "c.d.list")


def test_keys_that_say_the_same_are_still_two() -> None:
    keys = (ServiceAccountKey(age=1), ServiceAccountKey(age=1))
    project = Project(id="one", number="1", service_accounts=(ServiceAccount(name="x", keys=keys),))
    account = World((), (project,), NOW, {}).accounts["x@one.iam.gserviceaccount.com"]
    assert len({key_id(account, key) for key in keys}) == 2


@pytest.mark.parametrize(
    ("name", "project", "expected"),
    [
        ("app", "plain", "app@plain.iam.gserviceaccount.com"),
        ("app", "corp.example:old", "app@old.corp.example.iam.gserviceaccount.com"),
        ("1-compute@developer.gserviceaccount.com", "x", "1-compute@developer.gserviceaccount.com"),
    ],
)
def test_addresses_are_google_s(name: str, project: str, expected: str) -> None:
    assert email(name, project) == expected


def test_services_are_usual_ones_and_what_the_project_says() -> None:
    project = Project(id="x", number="1", apis_on=("run",), apis_off=("storage",))
    assert "run" in services_on(project)
    assert "iam" in services_on(project)
    assert "storage" not in services_on(project)


def test_unknown_key_in_a_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text("google: [{number: '1', domain: d, customer: c, folder: []}]")
    with pytest.raises(ValueError, match=r"wrong\.yaml: .*folder"):
        load([file])
    assert PoolProvider(name="x").mapping == {"google.subject": "assertion.sub"}
