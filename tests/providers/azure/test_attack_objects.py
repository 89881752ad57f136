"""Objects with odd members: wrong types, other cases, repeats, removals, endless names."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nhiscan.records import Claim, Credential, Grant, Identity
from nhiscan_sandbox.faults import Fault
from nhiscan_sandbox.sandbox import Sandbox
from tests.providers.azure.conftest import ACME, HASTY, NORTHWIND, QUICK, Collected
from tests.providers.azure.hostile import Change, hostile, only

Collect = Callable[..., Collected]

PRINCIPALS = "/v1.0/servicePrincipals?$top=999&$select=id,appId"
APPLICATIONS = "/v1.0/applications?$top=999"
PORTAL = "Benefits Portal"


def each(part: str, made: Callable[[dict[str, Any]], dict[str, Any]]) -> Change:
    """Change every object of a list."""
    return only(part, lambda body: body | {"value": [made(one) for one in body["value"]]})


def told(found: Collected) -> set[str]:
    return {one.key for one in found.of(Identity)}


@pytest.mark.parametrize("key", [5, ["x"], {}, "", "\u00e9\u00e9", "not base64 at all!"])
def test_a_certificate_that_is_none_is_a_gap_or_a_credential_and_never_another_ones(
    sandbox: Sandbox, collect: Collect, tmp_path: Path, key: Any
) -> None:
    def spoil(one: dict[str, Any]) -> dict[str, Any]:
        keys = [had | {"key": key, "customKeyIdentifier": None} for had in one["keyCredentials"]]
        return one | {"keyCredentials": keys}

    with hostile(sandbox, tmp_path, each(PRINCIPALS, spoil)) as service:
        found = collect(patience=HASTY, **service.options)
    if not isinstance(key, str):
        assert found.gaps()["graph.service_principals"] == "partial"
        return
    prints = [one.fingerprint for one in found.of(Credential) if one.kind == "certificate"]
    assert prints
    if key == "":
        assert len(set(prints)) == len(prints)


def test_two_certificates_with_one_identifier_are_two(
    sandbox: Sandbox, collect: Collect, tmp_path: Path
) -> None:
    """Scripts may set customKeyIdentifier as they like; only the bytes make a pair."""

    def add(one: dict[str, Any]) -> dict[str, Any]:
        if one["displayName"] != PORTAL:
            return one
        other = one["keyCredentials"][0] | {"key": "b3RoZXI=", "keyId": ACME}
        return one | {"keyCredentials": [*one["keyCredentials"], other]}

    with hostile(sandbox, tmp_path, each(PRINCIPALS, add)) as service:
        found = collect(**service.options)
    portal = found.named(PORTAL)
    mine = [one for one in found.of(Credential) if one.identity == portal.key]
    assert len({one.fingerprint for one in mine}) == len(mine) == 2


def test_credentials_without_an_id_stay_apart(
    sandbox: Sandbox, collect: Collect, tmp_path: Path
) -> None:
    whole = collect()

    def forget(one: dict[str, Any]) -> dict[str, Any]:
        return one | {
            "passwordCredentials": [had | {"keyId": None} for had in one["passwordCredentials"]]
        }

    with hostile(sandbox, tmp_path, each(APPLICATIONS, forget)) as service:
        found = collect(**service.options)
    keys = [one.key for one in found.of(Credential)]
    assert len(keys) == len(set(keys)) == len(whole.of(Credential))
    assert not [one for one in found.of(Credential) if one.key.endswith("/")]


def test_ids_in_upper_case_in_one_list_meet_those_of_the_others(
    sandbox: Sandbox, collect: Collect, tmp_path: Path
) -> None:
    whole = collect()

    def shout(one: dict[str, Any]) -> dict[str, Any]:
        names = ("id", "appId", "appOwnerOrganizationId")
        return one | {name: one[name].upper() for name in names if one.get(name)}

    with hostile(sandbox, tmp_path, each(PRINCIPALS, shout)) as service:
        found = collect(**service.options)
    assert found.gaps() == {}
    assert told(found) == told(whole)
    for kind in (Grant, Claim, Credential):
        assert len(found.of(kind)) == len(whole.of(kind))


def test_what_is_marked_as_removed_is_not_there(
    sandbox: Sandbox, collect: Collect, tmp_path: Path
) -> None:
    whole = collect()
    portal = whole.named(PORTAL)

    def remove(one: dict[str, Any]) -> dict[str, Any]:
        gone = one["displayName"] == PORTAL
        return {"id": one["id"], "@removed": {"reason": "deleted"}} if gone else one

    with hostile(sandbox, tmp_path, each(PRINCIPALS, remove)) as service:
        found = collect(**service.options)
    assert found.gaps() == {}
    assert told(whole) - told(found) == {portal.key}


def test_names_without_an_end_and_types_without_a_name_are_stored(
    sandbox: Sandbox, collect: Collect, tmp_path: Path
) -> None:
    name = "=cmd|' /C calc'!A0 \u202e\x00\x1b[2J<b>" + "x" * 100_000

    def rename(one: dict[str, Any]) -> dict[str, Any]:
        return one | {"displayName": name, "@odata.type": "#microsoft.graph.novelty"}

    with hostile(sandbox, tmp_path, each(PRINCIPALS, rename)) as service:
        found = collect(**service.options)
    assert found.gaps() == {}
    assert [one for one in found.of(Identity) if one.name == name]


@pytest.mark.parametrize(
    ("part", "member"),
    [("$expand=owners", "owners"), ("$expand=federatedIdentityCredentials", None)],
)
def test_a_relation_that_was_not_expanded_is_asked_for(
    sandbox: Sandbox, collect: Collect, tmp_path: Path, part: str, member: str | None
) -> None:
    """A list that leaves the relation out does not say that there is none."""
    whole = collect()
    name = member or "federatedIdentityCredentials"

    def omit(one: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in one.items() if not key.startswith(name)}

    with hostile(sandbox, tmp_path, each(f"/applications?$top=100&$select=id&{part}", omit)) as on:
        found = collect(**on.options)
    assert [one for one in on.asked if part in one]
    assert len(found.of(Claim)) == len(whole.of(Claim))
    assert len(found.of(Credential)) == len(whole.of(Credential))


@pytest.mark.parametrize("nth", [1, 2, 5])
@pytest.mark.parametrize("service", ["graph", "arm"])
def test_a_token_that_is_refused_once_changes_nothing(
    sandbox: Sandbox, collect: Collect, service: str, nth: int
) -> None:
    whole = collect()
    sandbox.faults.set([Fault(kind="expired", service=service, nth=(nth,))])
    found = collect(patience=QUICK)
    assert found.gaps() == {}
    assert told(found) == told(whole)


def test_a_registration_whose_principal_was_not_read_is_not_powerless(
    sandbox: Sandbox, collect: Collect
) -> None:
    whole = collect()
    powerful = {one.key for one in whole.of(Identity) if one.privilege in ("admin", "write")}
    sandbox.faults.set([Fault(kind="denied", operation="ListServicePrincipals")])
    found = collect(patience=HASTY)
    left = [one for one in found.of(Identity) if one.kind == "app" and one.key in powerful]
    assert left
    assert {one.privilege for one in left} == {"unknown"}


def test_a_relationship_that_does_not_show_its_roles_may_have_some(
    sandbox: Sandbox, collect: Collect, tmp_path: Path
) -> None:
    def hide(one: dict[str, Any]) -> dict[str, Any]:
        return one | {"accessDetails": None, "status": one["status"].upper()}

    change = each("/delegatedAdminRelationships?", hide)
    with hostile(sandbox, tmp_path, change) as service:
        found = collect(NORTHWIND, **service.options)
    terms = [one for one in found.of(Identity) if one.native_type == "azure.gdap"]
    assert {one.privilege for one in terms} == {"unknown"}
    assert [one for one in terms if one.attributes["groups"]]
