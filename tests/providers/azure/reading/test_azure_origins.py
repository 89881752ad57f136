"""Whose an application is, and what stands behind an identity."""

import pytest

from nhiscan_providers.azure.reading.origins import (
    MICROSOFT,
    Origin,
    classify_application,
    classify_principal,
    classify_user,
    origin,
)

ACME = "0a0a0a0a-1111-4222-8333-444444444444"
VENDOR = "0b0b0b0b-1111-4222-8333-444444444444"


@pytest.mark.parametrize(
    ("owner", "whose"),
    [
        (ACME, "own"),
        (ACME.upper(), "own"),
        (VENDOR, "foreign"),
        ("f8cdef31-a31e-4b4a-93e4-5f571e91255a", "first_party"),
        ("72F988BF-86F1-41AF-91AB-2D7CD011DB47", "first_party"),
        (None, "unknown"),
        ("", "unknown"),
    ],
)
def test_the_directory_that_owns_an_application_tells_whose_it_is(
    owner: str | None, whose: str
) -> None:
    assert origin(owner, ACME) == whose


def test_in_a_directory_of_microsoft_its_own_applications_are_its_own() -> None:
    for directory in MICROSOFT:
        assert origin(directory, directory.upper()) == "own"


@pytest.mark.parametrize(
    ("kind", "whose", "agent", "credentials", "expected"),
    [
        ("application", "own", False, True, ("machine", "AZ-SP-OWN")),
        ("application", "foreign", False, False, ("machine", "AZ-SP-FOREIGN")),
        ("application", "unknown", False, False, ("machine", "AZ-SP")),
        ("application", "first_party", False, False, ("platform", "AZ-SP-FIRST-PARTY")),
        ("application", "first_party", False, True, ("machine", "AZ-SP-FIRST-PARTY-KEY")),
        ("managedidentity", "first_party", False, True, ("machine", "AZ-MI")),
        ("managedidentity", "unknown", False, False, ("machine", "AZ-MI")),
        ("legacy", "unknown", False, False, ("machine", "AZ-SP-LEGACY")),
        ("serviceidentity", "own", True, False, ("ai_agent", "AZ-AGENT")),
        ("socialidp", "unknown", False, False, ("machine", "AZ-SP")),
    ],
)
def test_service_principals(
    kind: str, whose: Origin, agent: bool, credentials: bool, expected: tuple[str, str]
) -> None:
    found = classify_principal(kind=kind, origin=whose, agent=agent, credentials=credentials)
    assert found[:2] == expected
    assert 0 < len(found[2]) <= 80


def test_applications_and_blueprints() -> None:
    assert classify_application(blueprint=False)[:2] == ("machine", "AZ-APP")
    assert classify_application(blueprint=True)[:2] == ("ai_agent", "AZ-AGENT-BLUEPRINT")


def test_a_users_hostile_name_is_cut_in_the_evidence() -> None:
    name = "Sync_DC01_0123456789ab@acme.example"
    assert classify_user(name) == (
        "machine",
        "AZ-USER-SYNC",
        "its name is that of a directory synchronization: Sync_DC01_0123456789ab",
    )
    evidence = classify_user("Sync_" + "A" * 10_000)[2]
    assert evidence.count("A") <= 40
