"""Machines of elsewhere are told of where they are bound, wherever their home is."""

from nhiscan.records import Grant, Identity, Trust
from tests.providers.gcp.conftest import CI, PROJECT, Acme
from tests.providers.gcp.google import CRM


def test_an_account_of_a_project_that_is_no_clients_is_a_guest_where_it_is_bound(
    acme: Acme,
) -> None:
    found = acme.collect(map={"folders/5": "granite"})
    assert "acme-build" not in found.rows
    (guest,) = found.of("acme-prod", Identity, native_id=CI)
    assert guest.home_account == "acme-build"
    assert {g.role for g in found.of("acme-prod", Grant, identity=guest.key)} >= {"roles/editor"}


def test_an_account_of_a_project_that_is_not_asked_for_is_a_guest_too(acme: Acme) -> None:
    found = acme.collect(projects=("acme-prod",))
    assert found.of("acme-prod", Identity, native_id=CI)


def test_an_account_of_a_project_being_deleted_is_a_guest_too(acme: Acme) -> None:
    old = acme.google.account("old", "acme-old", "199")
    acme.google.bind(f"{CRM}projects/acme-prod", PROJECT, "acme-prod",
                     ("roles/editor", f"serviceAccount:{old}"))  # fmt: skip
    (guest,) = acme.collect().of("acme-prod", Identity, native_id=old)
    assert guest.home_account == "acme-old"


def test_a_service_agent_of_another_organization_is_a_guest_of_that_one(acme: Acme) -> None:
    agents = [f"service-org-{n}@gcp-sa-logging.iam.gserviceaccount.com" for n in (1, 9)]
    members = [f"serviceAccount:{agent}" for agent in agents]
    acme.google.bind(f"{CRM}projects/acme-prod", PROJECT, "acme-prod",
                     ("roles/logging.bucketWriter", *members))  # fmt: skip
    found = acme.collect()
    (ours,) = found.of("1", Identity, native_id=agents[0])
    assert ours.home_account is None
    (theirs,) = found.of("acme-prod", Identity, native_id=agents[1])
    assert theirs.home_account == "9"
    (way,) = found.of("acme-prod", Trust, identity=theirs.key)
    assert way.principal_account == "9"


def test_a_service_agent_of_another_organization_that_acts_as_an_account_is_not_the_platforms(
    acme: Acme,
) -> None:
    agent = "serviceAccount:service-org-9@gcp-sa-logging.iam.gserviceaccount.com"
    acme.google.bind(f"{CRM}projects/acme-prod", PROJECT, "acme-prod",
                     ("roles/iam.serviceAccountTokenCreator", agent))  # fmt: skip
    (way,) = acme.collect().of("acme-prod", Trust, identity="100", principal=agent)
    assert way.relation is None
